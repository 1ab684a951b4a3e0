/* SPDX-License-Identifier: MIT */
#include "format/pytestguest.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/tsv.h"

enum { MAX_LINENO = 100 * 1000 * 1000 };

/* --- the list ------------------------------------------------------------------------------- */

/* A test is said when all of its records are read. */
struct listing {
	const struct pytestguest_hooks *hooks;
	struct tsv_reader r;
	struct arena mem; /* of the test at hand */
	struct pytestguest_test test;
	const char **marks;
	size_t nmarks, cap_marks;
	bool has_test;
	bool is_over;
	struct err *reterr;
};

static void say_test(struct listing *l)
{
	if (l->has_test) {
		l->test.marks = (const char *const *)l->marks;
		l->test.nmarks = l->nmarks;
		l->hooks->test(l->hooks->ctx, &l->test);
	}
	l->has_test = false;
	l->nmarks = 0;
	arena_release(&l->mem);
}

static int on_test(struct listing *l)
{
	char **f = l->r.fields;
	uint64_t line = 0;

	if (tsv_uint(&l->r, 2, MAX_LINENO, &line, l->reterr) < 0)
		return -1;
	l->has_test = true;
	l->test = (struct pytestguest_test){
		.id = arena_strdup(&l->mem, f[1]),
		.line = (unsigned)line,
		.suite = arena_strdup(&l->mem, f[3]),
		.name = arena_strdup(&l->mem, f[4]),
		.group = arena_strdup(&l->mem, f[5]),
	};
	return 0;
}

static int on_mark(struct listing *l)
{
	if (!l->has_test)
		return tsv_fail(&l->r, l->reterr, "a mark without a test");
	GROW(l->marks, l->nmarks, l->cap_marks);
	l->marks[l->nmarks++] = arena_strdup(&l->mem, l->r.fields[1]);
	return 0;
}

static int on_deselected(struct listing *l)
{
	if (!l->has_test)
		return tsv_fail(&l->r, l->reterr, "a test that is not there is deselected");
	l->test.is_deselected = true;
	return 0;
}

static int on_root(struct listing *l)
{
	l->hooks->root(l->hooks->ctx, l->r.fields[1]);
	return 0;
}

static int on_basetemp(struct listing *l)
{
	l->hooks->basetemp(l->hooks->ctx, l->r.fields[1]);
	return 0;
}

static int on_controller(struct listing *l)
{
	l->hooks->controller(l->hooks->ctx, l->r.fields[1]);
	return 0;
}

static int on_addopt(struct listing *l)
{
	l->hooks->addopt(l->hooks->ctx, l->r.fields[1]);
	return 0;
}

static int on_skip(struct listing *l)
{
	l->hooks->skip(l->hooks->ctx, l->r.fields[1], l->r.fields[2]);
	return 0;
}

static int on_error(struct listing *l)
{
	l->hooks->error(l->hooks->ctx, l->r.fields[1], l->r.fields[2]);
	return 0;
}

static int on_goes_on(struct listing *l)
{
	l->hooks->goes_on(l->hooks->ctx);
	return 0;
}

static int on_list_end(struct listing *l)
{
	l->is_over = true;
	return 0;
}

static const struct {
	const char *word;
	size_t nfields;
	bool is_of_test; /* it belongs to the test before */
	int (*read)(struct listing *l);
} list_records[] = {
	{ "test", 6, false, on_test },
	{ "mark", 2, true, on_mark },
	{ "deselected", 1, true, on_deselected },
	{ "root", 2, false, on_root },
	{ "basetemp", 2, false, on_basetemp },
	{ "controller", 2, false, on_controller },
	{ "addopt", 2, false, on_addopt },
	{ "skip", 3, false, on_skip },
	{ "error", 3, false, on_error },
	{ "goes-on", 1, false, on_goes_on },
	{ "end", 1, false, on_list_end },
};

static int read_record(struct listing *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(list_records); i++) {
		if (strcmp(l->r.fields[0], list_records[i].word) != 0)
			continue;
		if (tsv_expect(&l->r, list_records[i].nfields, l->reterr) < 0)
			return -1;
		if (!list_records[i].is_of_test)
			say_test(l);
		return list_records[i].read(l);
	}
	return tsv_fail(&l->r, l->reterr, "unknown record '%.40s'", l->r.fields[0]);
}

int pytestguest_list(const char *s, size_t len, const struct pytestguest_hooks *hooks,
		     struct err *reterr)
{
	struct listing l = { .hooks = hooks, .reterr = reterr };
	int status = 1;

	if (tsv_open_mem(&l.r, "pytest's list of tests", s, len, "pytest-list", 1, reterr) < 0)
		return -1;
	while (status > 0 && !l.is_over) {
		status = tsv_next(&l.r, reterr);
		if (status > 0 && read_record(&l) < 0)
			status = -1;
	}
	if (status == 0)
		status = tsv_fail(&l.r, reterr, "the end is missing");
	tsv_close(&l.r);
	arena_release(&l.mem);
	free(l.marks);
	return status < 0 ? -1 : 0;
}

/* --- the stream ----------------------------------------------------------------------------- */

static bool read_outcome(const char *word, enum outcome *ret)
{
	return outcome_of_word(word, ret) &&
	       (*ret == OUTCOME_PASS || *ret == OUTCOME_FAIL || *ret == OUTCOME_SKIP ||
		*ret == OUTCOME_XFAIL || *ret == OUTCOME_XPASS || *ret == OUTCOME_ERROR);
}

static bool read_output(char *const *f, struct pytestguest_event *e)
{
	e->stream = strcmp(f[2], "1") == 0;
	e->text = f[3];
	e->len = strlen(f[3]);
	return e->stream == 1 || strcmp(f[2], "0") == 0;
}

static bool read_subtest(char *const *f, struct pytestguest_event *e)
{
	e->name = f[3];
	e->message = f[4];
	return read_outcome(f[2], &e->outcome);
}

static bool read_phases(char *const *f, struct pytestguest_event *e)
{
	e->phases.are_known = true;
	for (size_t i = 0; i < PHASE_MAX; i++) {
		e->phases.time_us[i] = TIME_UNKNOWN;
		if (strcmp(f[2 + i], "-") != 0 &&
		    !parse_uint(f[2 + i], UINT64_MAX / 2, &e->phases.time_us[i]))
			return false;
	}
	return true;
}

static bool read_end(char *const *f, struct pytestguest_event *e)
{
	uint64_t line = 0;

	e->file = *f[4] ? f[4] : NULL;
	e->message = f[6];
	e->detail = f[7];
	if (!read_outcome(f[2], &e->outcome) || !parse_uint(f[3], UINT64_MAX / 2, &e->time_us) ||
	    !parse_uint(f[5], MAX_LINENO, &line))
		return false;
	e->line = (unsigned)line;
	return true;
}

static bool read_nothing(char *const *f, struct pytestguest_event *e)
{
	(void)f;
	(void)e;
	return true;
}

static const struct {
	char letter;
	enum pytestguest_kind kind;
	size_t nfields;
	bool (*read)(char *const *f, struct pytestguest_event *e);
} stream_records[] = {
	{ 'B', PYTESTGUEST_BEGIN, 2, read_nothing },   { 'O', PYTESTGUEST_OUTPUT, 4, read_output },
	{ 'S', PYTESTGUEST_SUBTEST, 5, read_subtest }, { 'E', PYTESTGUEST_END, 8, read_end },
	{ 'W', PYTESTGUEST_WANT, 1, read_nothing },    { 'P', PYTESTGUEST_PHASES, 5, read_phases },
};

static bool read_line(char *line, size_t len, size_t limit, struct pytestguest_event *ret)
{
	struct tsv_reader r = { .path = "pytest" };
	uint64_t test = 0;

	if (tsv_split(&r, line, len, NULL) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(stream_records); i++) {
		if (r.fields[0][0] != stream_records[i].letter || r.fields[0][1] ||
		    r.nfields != stream_records[i].nfields)
			continue;
		*ret = (struct pytestguest_event){
			.kind = stream_records[i].kind, .name = "", .message = "", .detail = ""
		};
		if (r.nfields > 1 && (limit == 0 || !parse_uint(r.fields[1], limit - 1, &test)))
			return false;
		ret->test = test;
		return stream_records[i].read(r.fields, ret);
	}
	return false;
}

void pytestguest_feed(struct pytestguest_stream *p, const char *s, size_t len,
		      void (*event)(void *ctx, const struct pytestguest_event *e), void *ctx,
		      const size_t *limit)
{
	struct pytestguest_event e = { 0 };
	char *at = NULL, *nl = NULL;

	if (p->is_lost)
		return;
	buf_add(&p->rest, s, len);
	/* what was there before has no newline */
	for (at = p->rest.s, nl = at + p->rest.len - len;
	     (nl = memchr(nl, '\n', (size_t)(p->rest.s + p->rest.len - nl))); at = ++nl) {
		if (read_line(at, (size_t)(nl - at), *limit, &e))
			event(ctx, &e);
	}
	size_t left = (size_t)(p->rest.s + p->rest.len - at);

	memmove(p->rest.s, at, left);
	buf_truncate(&p->rest, left);
	if (left > PYTESTGUEST_MAX_LINE_BYTES) {
		p->is_lost = true;
		buf_release(&p->rest);
	}
}
