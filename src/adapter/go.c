/* SPDX-License-Identifier: MIT
 *
 * Go test binaries (`go test -c`).  With -test.v the lines are
 *
 *   === RUN   TestSub                                since 1.20 with a ^V before, if it is asked for
 *   === RUN   TestSub/bad
 *       x_test.go:6: sub why
 *   no newline--- FAIL: TestSub (0.00s)
 *       --- FAIL: TestSub/bad (0.00s)                behind its parent's
 *   === PAUSE TestPar, === CONT  TestPar             t.Parallel(): goes on behind the others
 *   === NAME  TestPar                                whose lines follow, since 1.20
 *   PASS                                             or FAIL, the end
 *
 * A test that is paused begins once more when it goes on.  Tests may print such lines, too: the last
 * end before another test begins is believed.
 */
#include "adapter/go.h"

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_cases.h"
#include "base/alloc.h"
#include "base/parse.h"
#include "base/utf8.h"
#include "format/elf.h"
#include "sys/proc.h"

enum { MAX_BATCH = 512, NAME_MAX_BYTES = 200, MESSAGE_MAX_BYTES = 600, EARLY_MAX_BYTES = 4096 };

/* The word is put together here, or gangway itself would hold it. */
static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */
	struct buf flag = BUF_INIT;

	if (!f || elf_file_kind(f) == ELF_KIND_OTHER || !elf_file_has_section(f, ".go.buildinfo"))
		return false;
	buf_addf(&flag, "test.%s", "testlogfile");
	bool is_go = elf_file_has_bytes(f, flag.s, flag.len);

	buf_release(&flag);
	return is_go;
}

/* The last one counts; -test.run is none of these: the list of tests does not heed it. */
static const struct arg_row arg_rows[] = {
	{ "-test.v", false, ARG_OURS },     { "-test.parallel", true, ARG_OURS },
	{ "-test.short", false, ARG_KEPT }, { "-test.timeout", true, ARG_KEPT },
	{ NULL, false, ARG_KEPT },
};

static const struct own_args own_args = { .rows = arg_rows };

/* --- listing --------------------------------------------------------------------------------- */

/* Go's identifiers: letters of any script, so nothing in one means anything in a pattern. */
static bool is_test_name(const char *s, size_t len)
{
	static const char *const begins[] = { "Test", "Example", "Fuzz" };
	bool is_test = false;

	for (size_t i = 0; i < ARRAY_SIZE(begins) && !is_test; i++)
		is_test = len >= strlen(begins[i]) && memcmp(s, begins[i], strlen(begins[i])) == 0;
	for (size_t i = 0, n = 0; i < len && is_test; i += n) {
		int32_t c = utf8_next(s + i, len - i, &n);

		is_test = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			  (c >= 'a' && c <= 'z') || c == '_';
	}
	return is_test && len <= NAME_MAX_BYTES;
}

static bool list_line(const struct line *line, struct arena *mem, struct test *t)
{
	if (!line->is_first || !is_test_name(line->s, line->text_len))
		return false;
	t->suite = "";
	t->name = arena_memdup(mem, line->s, line->text_len);
	t->selector = t->name;
	return true;
}

int go_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		 struct tests *ret, struct err *reterr)
{
	(void)reterr; /* no tests at all is a list */
	ask_read_lines(s, len, t, target_index, ret, list_line);
	return 0;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	static const char *const args[] = { "-test.list=.", NULL };
	const struct question q = { .own = &own_args, .args = args, .may_be_empty = true };

	return ask_list(t, target_index, ctx, &q, go_list_read, ret, reterr);
}

/* --- running --------------------------------------------------------------------------------- */

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	struct buf names = BUF_INIT;

	(void)reterr;
	args_begin(ret, &own_args, b->target, 4);
	for (size_t i = 0; i < b->ntests; i++)
		buf_addf(&names, "%s%s", i > 0 ? "|" : "", b->tests[i]->selector);
	command_arg(ret, "-test.v=true");
	command_arg(ret, "-test.parallel=1");
	command_arg(ret, "-test.run=^(%s)$", names.s);
	ret->is_merged = true; /* a panic speaks on stderr, behind the test's line */
	buf_release(&names);
	return 0;
}

/* --- reading --------------------------------------------------------------------------------- */

struct told {
	struct buf message, file;
	unsigned line;
};

/* What is known of a test of the batch. */
struct state {
	bool was_paused;
	enum outcome outcome;
	struct told told;
	struct buf early; /* printed before it may be paused */
	struct subresult *subs;
	size_t nsubs, cap;
};

struct reader {
	struct cases cases;
	struct lines lines;
	struct arena mem;
	struct state *states;
	size_t now;   /* whose lines these are, or SIZE_MAX */
	size_t sub;   /* of it, or SIZE_MAX */
	size_t ended; /* whose end line was read and not said, or SIZE_MAX */
};

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	cases_init(&r->cases, b, sink);
	r->lines = (struct lines)LINES_INIT;
	r->states = xcalloc(b->ntests + 1, sizeof *r->states);
	r->now = r->sub = r->ended = SIZE_MAX;
	for (size_t i = 0; i < b->ntests; i++)
		r->states[i] = (struct state){ .told = { .message = BUF_INIT, .file = BUF_INIT },
					       .early = BUF_INIT };
	return r;
}

/* The first part of it that failed explains a failure that says nothing itself. */
static void explain(struct state *s, struct result *ret)
{
	ret->message = s->told.message.s;
	if (s->told.file.len > 0) {
		ret->file = s->told.file.s;
		ret->line = s->told.line;
	}
	for (size_t k = 0; k < s->nsubs && !ret->message[0]; k++) {
		if (s->subs[k].outcome != OUTCOME_FAIL || !s->subs[k].message[0])
			continue;
		buf_addf(&s->told.message, "%s: %s", s->subs[k].name, s->subs[k].message);
		ret->message = s->told.message.s;
		ret->file = s->subs[k].file;
		ret->line = s->subs[k].line;
	}
	if (!ret->message[0])
		ret->message = s->outcome == OUTCOME_FAIL ? "failed" : "skipped";
}

/* Nothing more can come of the test whose end was read. */
static void close_test(struct reader *r)
{
	size_t i = r->ended;
	struct state *s = i == SIZE_MAX ? NULL : &r->states[i];

	r->ended = SIZE_MAX;
	if (!s)
		return;
	struct result result = cases_blank(s->outcome);

	if (s->outcome != OUTCOME_PASS)
		explain(s, &result);
	result.subs = s->subs;
	result.nsubs = s->nsubs;
	cases_end(&r->cases, i, &result);
	if (r->now == i)
		r->now = SIZE_MAX;
}

static size_t sub_of(const struct state *s, const char *name, size_t len)
{
	for (size_t k = s->nsubs; k > 0; k--) {
		if (strlen(s->subs[k - 1].name) == len &&
		    memcmp(s->subs[k - 1].name, name, len) == 0)
			return k - 1;
	}
	return SIZE_MAX;
}

static void add_sub(struct reader *r, struct state *s, const char *name, size_t len)
{
	GROW(s->subs, s->nsubs, s->cap);
	s->subs[s->nsubs] = (struct subresult){ .name = arena_memdup(&r->mem, name, len),
						.outcome = OUTCOME_ERROR,
						.message = "",
						.time_us = TIME_UNKNOWN };
	r->sub = s->nsubs++;
}

/* "TestSub/bad" belongs to TestSub: its place in the batch if it has not ended, or SIZE_MAX. */
static size_t find(struct reader *r, const char *name, size_t len)
{
	const char *slash = memchr(name, '/', len);

	return cases_find(&r->cases, name, slash ? (size_t)(slash - name) : len);
}

static bool has_begun(const struct reader *r, size_t i)
{
	return i != SIZE_MAX && (!cases_is_waiting(&r->cases, i) || r->states[i].was_paused);
}

/* A test or subtest begins.  False: it cannot be true. */
static bool take_run(struct reader *r, const char *name, size_t len)
{
	size_t i = find(r, name, len);
	bool is_sub = memchr(name, '/', len) != NULL;

	if (i == SIZE_MAX || memchr(name, '\0', len))
		return false;
	if (is_sub) {
		if (!has_begun(r, i) || i == r->ended)
			return false;
		r->now = i;
		add_sub(r, &r->states[i], name, len);
		return true;
	}
	if (has_begun(r, i) || (r->now != SIZE_MAX && r->now != r->ended))
		return false;
	close_test(r);
	cases_begin(&r->cases, i);
	r->now = i;
	r->sub = SIZE_MAX;
	return true;
}

/* "=== PAUSE", "=== CONT ", "=== NAME ": whose turn it is. */
static bool take_turn(struct reader *r, const char *name, size_t len, bool is_pause)
{
	size_t i = find(r, name, len);

	bool is_sub = memchr(name, '/', len) != NULL;

	if (!has_begun(r, i))
		return false;
	if (i != r->ended)
		close_test(r);
	if (is_pause && !is_sub && i != r->cases.current)
		return false;
	r->now = i;
	r->sub = is_sub ? sub_of(&r->states[i], name, len) : SIZE_MAX;
	if (is_pause && !is_sub) {
		r->states[i].was_paused = true;
		cases_pause(&r->cases);
		r->now = SIZE_MAX;
	} else if (cases_is_waiting(&r->cases, i)) {
		const struct buf *early = &r->states[i].early;

		if (r->cases.current != SIZE_MAX)
			cases_pause(&r->cases);
		cases_begin(&r->cases, i);
		cases_output(&r->cases, 0, early->s, early->len);
	}
	return true;
}

/* "PASS: TestSub/bad (0.00s)" */
static bool take_end(struct reader *r, const char *s, const char *end)
{
	static const struct {
		const char *word;
		enum outcome outcome;
	} words[] = { { "PASS: ", OUTCOME_PASS },
		      { "FAIL: ", OUTCOME_FAIL },
		      { "SKIP: ", OUTCOME_SKIP } };
	const char *name = s + 6, *blank;
	size_t k = 0, i;

	if ((size_t)(end - s) <= 6 || end[-1] != ')' || end[-2] != 's')
		return false;
	while (k < ARRAY_SIZE(words) && memcmp(s, words[k].word, 6) != 0)
		k++;
	blank = memrchr(name, '(', (size_t)(end - name));
	if (k == ARRAY_SIZE(words) || !blank || blank == name || blank[-1] != ' ')
		return false;
	size_t len = (size_t)(blank - 1 - name);

	i = find(r, name, len);
	/* only of the test that runs, which a liar can but be itself */
	if (i == SIZE_MAX || i != r->cases.current)
		return false;
	struct state *state = &r->states[i];
	char *seconds = xmemdup(blank + 1, (size_t)(end - 2 - (blank + 1)));
	uint64_t time_us = TIME_UNKNOWN;

	(void)parse_seconds(seconds, &time_us);
	free(seconds);
	if (memchr(name, '/', len)) {
		size_t sub = sub_of(state, name, len);

		if (sub == SIZE_MAX)
			return false;
		state->subs[sub].outcome = words[k].outcome;
		state->subs[sub].time_us = time_us;
		if (words[k].outcome == OUTCOME_PASS)
			state->subs[sub].message = "";
		return true;
	}
	if (r->ended != i)
		close_test(r);
	state->outcome = words[k].outcome;
	r->ended = r->now = i;
	r->sub = SIZE_MAX;
	return true;
}

/* "    x_test.go:6: why", or "panic: why": the last one tells. */
static void take_log(struct reader *r, const char *s, size_t len)
{
	static const char mark[] = ".go:";
	struct state *state = &r->states[r->now];
	const char *hit = memmem(s, len, mark, sizeof mark - 1), *end = s + len, *digits, *text;
	uint64_t line = 0;

	if (len > 7 && memcmp(s, "panic: ", 7) == 0 && state->told.message.len == 0) {
		buf_add(&state->told.message, s,
			strnlen(s, len < MESSAGE_MAX_BYTES ? len : MESSAGE_MAX_BYTES));
		return;
	}
	if (!hit || len < 5 || memcmp(s, "    ", 4) != 0)
		return;
	while (s < hit && *s == ' ')
		s++;
	for (text = digits = hit + sizeof mark - 1; text < end && *text >= '0' && *text <= '9';
	     text++)
		line = line < UINT32_MAX / 10 ? line * 10 + (uint64_t)(*text - '0') : line;
	if (text == digits || end - text < 2 || text[0] != ':' || text[1] != ' ' ||
	    memchr(s, ' ', (size_t)(hit - s)) || memchr(s, '\0', (size_t)(hit - s)))
		return;
	text += 2;
	size_t ntext = strnlen(text, (size_t)(end - text) < MESSAGE_MAX_BYTES ? (size_t)(end - text)
									      : MESSAGE_MAX_BYTES);

	if (r->sub != SIZE_MAX) {
		state->subs[r->sub].message = arena_memdup(&r->mem, text, ntext);
		state->subs[r->sub].file = arena_memdup(&r->mem, s, (size_t)(hit + 3 - s));
		state->subs[r->sub].line = (unsigned)line;
		return;
	}
	buf_clear(&state->told.message);
	buf_clear(&state->told.file);
	buf_add(&state->told.message, text, ntext);
	buf_add(&state->told.file, s, (size_t)(hit + 3 - s));
	state->told.line = (unsigned)line;
}

static void print(struct reader *r, const char *s, size_t len)
{
	struct state *state = r->now == SIZE_MAX ? NULL : &r->states[r->now];

	if (state && !state->was_paused && state->early.len + len < EARLY_MAX_BYTES)
		buf_add(&state->early, s, len);
	cases_output(&r->cases, 0, s, len);
}

static bool is_mark(const char *s, const char *end, const char *what)
{
	return (size_t)(end - s) > strlen(what) && memcmp(s, what, strlen(what)) == 0;
}

static void take_line(void *ctx, const struct line *line)
{
	static const char dashes[] = "--- ";
	struct reader *r = ctx;
	const char *s = line->s, *end = line->s + line->text_len, *hit;

	if (line->is_first && s < end && *s == '\x16')
		s++;
	if (line->is_first && is_mark(s, end, "=== RUN   ") &&
	    take_run(r, s + 10, (size_t)(end - s - 10)))
		return;
	if (line->is_first &&
	    (is_mark(s, end, "=== CONT  ") || is_mark(s, end, "=== NAME  ") ||
	     is_mark(s, end, "=== PAUSE ")) &&
	    take_turn(r, s + 10, (size_t)(end - s - 10), s[4] == 'P'))
		return;
	for (hit = s; (hit = memmem(hit, (size_t)(end - hit), dashes, sizeof dashes - 1)); hit++) {
		if (!take_end(r, hit + sizeof dashes - 1, end))
			continue;
		/* what was printed before it without a newline */
		while (hit > s && hit[-1] == '\x16')
			hit--;
		if (s[strspn(s, " ")] != '-')
			print(r, s, (size_t)(hit - s));
		return;
	}
	if (line->is_first && r->ended != SIZE_MAX && (end - s) == 4 &&
	    (memcmp(s, "PASS", 4) == 0 || memcmp(s, "FAIL", 4) == 0))
		return;
	if (line->is_first && r->now != SIZE_MAX)
		take_log(r, s, (size_t)(end - s));
	print(r, line->s, line->len);
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream == 0)
		lines_feed(&r->lines, s, len, take_line, r);
	else
		cases_output(&r->cases, stream, s, len);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	lines_finish(&r->lines, take_line, r);
	close_test(r);
	cases_finish(&r->cases, end);
	for (size_t i = 0; i < r->cases.batch->ntests; i++) {
		buf_release(&r->states[i].told.message);
		buf_release(&r->states[i].told.file);
		buf_release(&r->states[i].early);
		free(r->states[i].subs);
	}
	free(r->states);
	cases_release(&r->cases);
	lines_release(&r->lines);
	arena_release(&r->mem);
	free(r);
	return true;
}

/* --- for others -------------------------------------------------------------------------------- */

/* A skip shows only under -test.v; that of a subtest has more behind the name. */
static int entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		 struct arena *mem, struct entry *ret, struct err *reterr)
{
	struct buf skip = BUF_INIT;

	(void)all, (void)style, (void)reterr;
	buf_addf(&skip, "--- SKIP: %s \\(", t->selector);
	*ret = (struct entry){ .name = t->selector,
			       .plain_name = t->selector,
			       .skip_regex = arena_memdup(mem, skip.s, skip.len) };
	entry_arg(ret, mem, "-test.v=true");
	entry_arg(ret, mem, "-test.run=^%s$", t->selector);
	buf_release(&skip);
	return 0;
}

const struct adapter adapter_go = {
	.name = "go",
	.probe = probe,
	.list = list,
	.runs_to_list = true,
	.own_args = &own_args,
	.max_batch = MAX_BATCH,
	.entry = entry,
	.command = command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
