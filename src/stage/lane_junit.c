/* SPDX-License-Identifier: MIT
 *
 * Two passes over the journal: the first counts, since a <testsuite> begins with its totals, the
 * second writes.  Tests of one target that ended one after the other share a <testsuite>; the
 * merger brings together what is apart.
 */
#include "stage/lane_junit.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/journal.h"
#include "format/junit.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

enum { FLUSH_BYTES = 1024 * 1024 };

/* An attempt that was not the last. */
struct
try {
	struct span where;
	uint32_t before; /* the one before it: index, or NO_INDEX */
};

/* The attempts before the one that counts, with all their strings. */
struct attempts {
	struct writing *w;
	struct junit_rerun *reruns;
	size_t n;
};

struct writing {
	const struct lane_junit_options *o;
	const struct run *run;
	const struct tests *tests;
	struct journal_reader reader;
	struct arena mem;
	const char *suite; /* of the open element; NULL: none is open */
	struct junit_totals total;
	struct junit_totals *suites; /* of each element, in order */
	size_t nsuites, cap_suites;
	size_t at;         /* the open element */
	struct try *tries; /* attempts that were not the last, as they came */
	size_t ntries, cap_tries;
	uint32_t *last_try; /* of each test: index into tries, NO_INDEX: none; NULL: no tries */
	FILE *out;          /* NULL: counting */
	struct buf text, stdout_text, stderr_text;
};

/* "tests/net" and "Retry" to "tests.net.Retry"; the suite alone, where ids do not begin with the target's
 * name. */
static const char *class_name(struct arena *mem, const char *path, const struct test *t)
{
	struct buf b = BUF_INIT;
	bool has_path = !*t->suite || strncmp(t->id, path, strlen(path)) == 0;

	for (const char *s = path; *s && has_path; s++)
		buf_addch(&b, *s == '/' ? '.' : *s);
	if (*t->suite)
		buf_addf(&b, "%s%s", has_path ? "." : "", t->suite);
	const char *name = arena_memdup(mem, b.s, b.len);

	buf_release(&b);
	return name;
}

/* Which of several runs of the same test. */
static void add_run(struct writing *w, const struct test *t, struct junit_case *c)
{
	if (w->o->is_each || t->repeated) {
		struct buf b = BUF_INIT;

		buf_addf(&b, "%s%s", c->name, test_repetition(t));
		if (w->o->is_each)
			buf_addf(&b, " [gw%u]", w->reader.lane);
		c->name = arena_memdup(&w->mem, b.s, b.len);
		buf_release(&b);
	}
}

/* The "#2" behind the id of a second test that is called the same. */
static const char *number_of(const char *id)
{
	const char *hash = strrchr(id, '#');

	return hash && hash[1] && !hash[1 + strspn(hash + 1, "0123456789")] ? hash : "";
}

static const char *case_name(struct arena *mem, const struct test *t)
{
	const char *number = number_of(test_own_id(t));
	struct buf b = BUF_INIT;

	if (!*number || strcmp(number_of(t->name), number) == 0)
		return t->name;
	buf_addf(&b, "%s%s", t->name, number);
	const char *name = arena_memdup(mem, b.s, b.len);

	buf_release(&b);
	return name;
}

/* "tests/net_test" is net_test of the suite tests, Meson's "proj:unit / net" net of proj:unit. */
static void name_case(struct writing *w, const struct test *t, struct junit_case *c)
{
	const char *target = w->tests->targets[t->target].name;
	const char *id = test_own_id(t);
	const char *between = strstr(id, " / ");
	const char *slash = between ? between + 1 : strrchr(id, '/');
	bool is_whole = !*t->suite && (!*t->selector || strcmp(id, target) == 0);

	if (!is_whole) {
		c->suite = target;
		c->name = *t->name ? case_name(&w->mem, t) : id;
	} else if (slash && slash > id) {
		c->suite = arena_memdup(&w->mem, id, (size_t)((between ? between : slash) - id));
		c->name = between ? slash + 2 : slash + 1;
	} else {
		c->suite = fs_basename(w->run->rootdir);
		c->name = id;
	}
	c->classname = class_name(&w->mem, c->suite, t);
	add_run(w, t, c);
}

static void flush_text(struct writing *w, size_t limit_bytes)
{
	if (w->text.len >= limit_bytes) {
		fwrite(w->text.s, 1, w->text.len, w->out); /* errors stick to the stream */
		buf_clear(&w->text);
	}
}

/* Count it, or write it. */
static void put_case(struct writing *w, const struct junit_case *c)
{
	if (!w->suite || strcmp(w->suite, c->suite) != 0) {
		if (w->suite && w->out)
			junit_put_suite_end(&w->text);
		w->at = w->suite ? w->at + 1 : 0;
		w->suite = arena_strdup(&w->mem, c->suite);
		if (w->out) {
			junit_put_suite_begin(&w->text, w->suite, &w->suites[w->at], NULL, 0);
		} else {
			GROW(w->suites, w->nsuites, w->cap_suites);
			w->suites[w->nsuites++] = (struct junit_totals){ 0 };
		}
	}
	if (w->out) {
		junit_put_case(&w->text, c, JUNIT_FILES);
		flush_text(w, FLUSH_BYTES);
	} else {
		junit_count(&w->suites[w->at], c);
		junit_count(&w->total, c);
	}
}

static bool is_explained_by_points(const struct result *r)
{
	for (size_t i = 0; i < r->nsubs; i++) {
		if (outcome_is_bad(r->subs[i].outcome))
			return true;
	}
	return r->nsubs > 0 && !outcome_is_bad(r->outcome);
}

/* The points, the output of the whole program with the first bad one, else with the first. */
static void put_points(struct writing *w, const struct test *t, const struct result *r,
		       const struct junit_case *whole, bool has_output)
{
	size_t with_output = 0;

	for (size_t i = r->nsubs; i-- > 0;) {
		if (outcome_is_bad(r->subs[i].outcome))
			with_output = i;
	}
	for (size_t i = 0; i < r->nsubs; i++) {
		const struct subresult *s = &r->subs[i];
		struct junit_case c = {
			.suite = w->tests->targets[t->target].name,
			.name = s->name,
			.file = s->file,
			.line = s->line,
			.time_us = s->time_us,
			.outcome = s->outcome,
			.message = s->message,
			.type = "",
			.text = { s->message, strlen(s->message) },
			.props = whole->props,
			.nprops = whole->nprops,
		};

		c.classname = class_name(&w->mem, c.suite, t);
		if (t->repeated)
			add_run(w, t, &c);
		if (has_output && i == with_output) {
			c.reruns = whole->reruns;
			c.nreruns = whole->nreruns;
			c.out = whole->out;
			c.err = whole->err;
		}
		put_case(w, &c);
	}
}

static int read_outputs(struct writing *w, const struct result *r, struct junit_case *c,
			struct err *reterr)
{
	buf_clear(&w->stdout_text);
	buf_clear(&w->stderr_text);
	if (journal_read_output(&w->reader, r->out, &w->stdout_text, reterr) < 0 ||
	    journal_read_output(&w->reader, r->err, &w->stderr_text, reterr) < 0)
		return -1;
	c->out = (struct text){ w->stdout_text.s, w->stdout_text.len };
	c->err = (struct text){ w->stderr_text.s, w->stderr_text.len };
	return 0;
}

static const char *failure_type(const struct result *r)
{
	switch (r->outcome) {
	case OUTCOME_TIMEOUT:
		return "timeout";
	case OUTCOME_CRASH:
		return "crash";
	case OUTCOME_FAIL:
		return "failure";
	case OUTCOME_ERROR:
	case OUTCOME_LOST:
		return outcome_word(r->outcome);
	case OUTCOME_PASS:
	case OUTCOME_SKIP:
	case OUTCOME_XFAIL:
	case OUTCOME_XPASS:
	case OUTCOME_NOTRUN:
	case OUTCOME_MAX:
		break;
	}
	return "";
}

static void note_try(struct writing *w, const struct journal_event *ev)
{
	uint32_t *last = NULL;

	if (!w->last_try) {
		w->last_try = xcalloc(w->tests->ntests + 1, sizeof *w->last_try);
		memset(w->last_try, 0xff, w->tests->ntests * sizeof *w->last_try); /* NO_INDEX */
	}
	last = &w->last_try[ev->result.test];
	GROW(w->tries, w->ntries, w->cap_tries);
	w->tries[w->ntries] = (struct try){ .where = ev->where, .before = *last };
	*last = (uint32_t)w->ntries++;
}

static int read_text(struct writing *w, struct span s, struct text *ret, struct err *reterr)
{
	struct buf b = BUF_INIT;
	int status = journal_read_output(&w->reader, s, &b, reterr);

	if (status == 0)
		*ret = (struct text){ arena_memdup(&w->mem, b.s, b.len), b.len };
	buf_release(&b);
	return status;
}

static int on_try(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct attempts *a = ctx;
	const struct result *r = &ev->result;
	struct arena *mem = &a->w->mem;
	const char *text = *r->detail ? r->detail : r->message;
	struct junit_rerun *to = &a->reruns[a->n];

	if (ev->kind != JOURNAL_END)
		return 0;
	*to = (struct junit_rerun){
		.message = arena_strdup(mem, r->message),
		.type = failure_type(r),
		.text = { arena_strdup(mem, text), strlen(text) },
	};
	return read_text(a->w, r->out, &to->out, reterr) < 0 ||
			       read_text(a->w, r->err, &to->err, reterr) < 0
		       ? -1
		       : 0;
}

/* The attempts of this test before the last, first one first. */
static int read_tries(struct writing *w, uint32_t test, struct junit_case *c, struct err *reterr)
{
	struct attempts a = { .w = w };
	size_t n = 0;

	if (!w->last_try)
		return 0;
	for (uint32_t i = w->last_try[test]; i != NO_INDEX; i = w->tries[i].before)
		n++;
	a.reruns = arena_alloc(&w->mem, n + 1, sizeof *a.reruns);
	a.n = n;
	for (uint32_t i = w->last_try[test]; i != NO_INDEX; i = w->tries[i].before) {
		a.n--;
		if (journal_read_again(&w->reader, w->tries[i].where, on_try, &a, reterr) < 0)
			return -1;
	}
	c->reruns = a.reruns;
	c->nreruns = n;
	return 0;
}

/* Of one case, with room for the numbers among them. */
struct properties {
	struct junit_property items[8];
	char texts[8][24];
	size_t n;
};

static char *add_property(struct properties *p, const char *name)
{
	p->items[p->n] = (struct junit_property){ name, p->texts[p->n] };
	return p->texts[p->n++];
}

static void add_seconds(struct properties *p, const char *name, uint64_t us)
{
	unsigned long long ms = (us + 500) / 1000;

	snprintf(add_property(p, name), sizeof p->texts[0], "%llu.%03llu", ms / 1000, ms % 1000);
}

static void list_properties(struct properties *p, uint32_t lane, const struct test *t,
			    const struct result *r)
{
	const size_t size = sizeof p->texts[0];

	snprintf(add_property(p, "worker"), size, "gw%u", (unsigned)lane);
	if (t->group)
		p->items[p->n++] = (struct junit_property){ "xdist_group", t->group };
	if (r->exit_code >= 0)
		snprintf(add_property(p, "exit_code"), size, "%d", r->exit_code);
	if (r->term_signal > 0)
		snprintf(add_property(p, "signal"), size, "%s", proc_signal_name(r->term_signal));
	if (r->core)
		p->items[p->n++] = (struct junit_property){ "core", r->core };
	if (r->has_usage) {
		add_seconds(p, "user_time", r->user_us);
		add_seconds(p, "system_time", r->system_us);
	}
	if (r->peak_bytes != TIME_UNKNOWN)
		snprintf(add_property(p, "peak_memory_bytes"), size, "%llu",
			 (unsigned long long)r->peak_bytes);
}

static int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct writing *w = ctx;
	const struct result *r = &ev->result;

	if (ev->kind != JOURNAL_END)
		return 0;
	if (r->test >= w->tests->ntests)
		return err_set(reterr, ERR_SYNTAX, w->o->dir, 0, "test %u is not in tests.tsv",
			       r->test);
	if (r->is_rerun) {
		if (!w->out)
			note_try(w, ev);
		return 0;
	}
	const struct test *t = &w->tests->tests[r->test];
	struct properties p = { 0 };
	struct junit_case c = {
		.file = r->file ? r->file : t->file,
		.line = r->file ? r->line : t->line,
		.time_us = r->time_us,
		.outcome = r->outcome,
		.message = r->message,
		.type = failure_type(r),
		.props = p.items,
	};

	list_properties(&p, w->reader.lane, t, r);
	c.nprops = p.n;
	c.text = *r->detail ? (struct text){ r->detail, strlen(r->detail) }
			    : (struct text){ r->message, strlen(r->message) };
	name_case(w, t, &c);
	if (w->out &&
	    (read_outputs(w, r, &c, reterr) < 0 || read_tries(w, r->test, &c, reterr) < 0))
		return -1;
	bool is_explained = is_explained_by_points(r);

	put_points(w, t, r, &c, is_explained);
	if (!is_explained)
		put_case(w, &c);
	return 0;
}

static int pass(struct writing *w, struct err *reterr)
{
	journal_reader_init(&w->reader, w->o->dir, w->o->lane);
	int ret = journal_poll(&w->reader, on_event, w, reterr);

	journal_reader_release(&w->reader);
	arena_release(&w->mem);
	return ret;
}

int lane_junit_write(const struct lane_junit_options *o, const struct run *run,
		     const struct tests *t, struct err *reterr)
{
	struct writing w = { .o = o,
			     .run = run,
			     .tests = t,
			     .text = BUF_INIT,
			     .stdout_text = BUF_INIT,
			     .stderr_text = BUF_INIT };
	struct arena mem = { 0 };
	struct outfile *out = NULL;
	int ret = -1;

	if (pass(&w, reterr) < 0)
		goto done;
	out = outfile_open(fs_join(&mem, o->dir, "junit.xml"), reterr);
	if (!out)
		goto done;
	w.out = outfile_stream(out);
	w.suite = NULL;
	junit_put_head(&w.text, "gangway", &w.total);
	if (pass(&w, reterr) < 0)
		goto done;
	if (w.suite)
		junit_put_suite_end(&w.text);
	junit_put_tail(&w.text);
	flush_text(&w, 0);
	ret = outfile_commit(out, reterr);
	out = NULL;
done:
	outfile_abandon(out);
	free(w.suites);
	free(w.tries);
	free(w.last_try);
	buf_release(&w.text);
	buf_release(&w.stdout_text);
	buf_release(&w.stderr_text);
	arena_release(&mem);
	return ret;
}
