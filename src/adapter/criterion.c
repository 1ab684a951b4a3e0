/* SPDX-License-Identifier: MIT
 *
 * Criterion: a process for each test, started by the program itself, and a log on stderr:
 *
 *   [====] Running 4 tests from basic:
 *   [RUN ] basic::fails
 *   what the test prints
 *   [----] cr.c:7: Assertion Failed
 *   [----]   one & <two>
 *   [FAIL] basic::fails: (0.00s)         or "CRASH!", "Timed out. (0.22s)"; [PASS]; [SKIP] and why
 *   [SKIP] basic::other: Test is disabled             what was not asked for, and so not begun
 *   [====] Synthesis: Tested: 5 | Passing: 4 | Failing: 1 | Crashing: 0
 *
 * A parametrised test begins and ends as often as it has parameters, always by the same name.  Tests
 * may print such lines, too: believed is the last end before the next beginning, and the counts of
 * the synthesis must be ours.
 */
#include "adapter/criterion.h"

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_cases.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/elf.h"
#include "sys/proc.h"

/* Each has a process of its own, so more to one of ours saves little. */
enum { MAX_BATCH = 256, MESSAGE_MAX_BYTES = 600 };

static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	return f && elf_file_kind(f) == ELF_KIND_PROGRAM && elf_file_has_section(f, "cr_tst") &&
	       (elf_file_needs(f, "libcriterion.so") ||
		elf_file_has_symbol(f, "criterion_initialize", ELF_SYMBOL_ANY));
}

/* --filter is none of these: the list of tests does not heed it. */
static const struct arg_row arg_rows[] = {
	{ "-j1", false, ARG_OURS },
	{ "--jobs", true, ARG_OURS },
	{ "--timeout", true, ARG_KEPT },
	{ "--full-stats", false, ARG_KEPT },
	{ "--ignore-warnings", false, ARG_KEPT },
	{ NULL, false, ARG_KEPT },
};

static const struct own_args own_args = { .rows = arg_rows };

/* --- listing --------------------------------------------------------------------------------- */

struct listing {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	struct map seen;
	const char *suite; /* NULL: none yet */
};

static bool is_name(const char *s, size_t len)
{
	size_t n = 0;

	/* identifiers of C and C++, so none of them means anything in a pattern */
	while (n < len && ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') ||
			   (s[n] >= '0' && s[n] <= '9') || s[n] == '_' || (s[n] & 0x80)))
		n++;
	return n > 0 && n == len;
}

/* "|-- name" in ASCII or UTF-8: the name, or NULL. */
static const char *after_branch(const char *s)
{
	static const char *const branches[] = { "|-- ", "`-- ", "\u251c\u2500\u2500 ",
						"\u2514\u2500\u2500 " };

	for (size_t i = 0; i < ARRAY_SIZE(branches); i++) {
		if (strncmp(s, branches[i], strlen(branches[i])) == 0)
			return s + strlen(branches[i]);
	}
	return NULL;
}

static void list_test(struct listing *l, const char *name)
{
	struct arena *mem = &l->tests->mem;
	struct test t = test_blank(l->target_index);
	const char *end = strstr(name, " (skipped)");
	size_t len = end ? (size_t)(end - name) : strlen(name);
	struct buf selector = BUF_INIT;

	if (!is_name(name, len))
		return;
	t.suite = l->suite;
	t.name = arena_memdup(mem, name, len);
	buf_addf(&selector, "%s/%s", t.suite, t.name);
	t.selector = arena_memdup(mem, selector.s, selector.len);
	buf_release(&selector);
	if (end)
		t.skip_reason = "Test is disabled"; /* Criterion's own words */
	ask_add_test(l->tests, l->target, &t, &l->seen);
}

static void list_line(void *ctx, const struct line *line)
{
	struct listing *l = ctx;
	char *text = xmemdup(line->s, line->text_len);
	const char *name = after_branch(text), *colon = strstr(text, ": ");
	uint64_t n = 0;

	if (name && l->suite) {
		list_test(l, name);
	} else if (colon && is_name(text, (size_t)(colon - text)) && strstr(colon, " test")) {
		char *digits = text + (colon - text) + 2;

		digits[strspn(digits, "0123456789")] = '\0';
		if (parse_uint(digits, UINT64_MAX, &n))
			l->suite = arena_memdup(&l->tests->mem, text, (size_t)(colon - text));
	}
	free(text);
}

int criterion_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
			struct tests *ret, struct err *reterr)
{
	struct listing l = { .target = t, .target_index = target_index, .tests = ret };
	size_t nbefore = ret->ntests;

	lines_read(s, len, list_line, &l);
	map_release(&l.seen);
	if (ret->ntests == nbefore)
		return err_set(reterr, ERR_SYNTAX, NULL, 0,
			       "the list of tests of '%s' cannot be read: it names none",
			       t->argv[0]);
	return 0;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	static const char *const args[] = { "--list", NULL };
	const struct question q = { .own = &own_args, .args = args };

	return ask_list(t, target_index, ctx, &q, criterion_list_read, ret, reterr);
}

/* --- running --------------------------------------------------------------------------------- */

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	struct buf pattern = BUF_INIT;

	(void)reterr;
	args_begin(ret, &own_args, b->target, 8);
	for (size_t i = 0; i < b->ntests; i++)
		buf_addf(&pattern, "%s%s", i > 0 ? "|" : "", b->tests[i]->selector);
	command_arg(ret, "-j1");
	command_arg(ret, "--verbose");
	command_arg(ret, "--color=never");
	command_arg(ret, "--filter");
	if (b->ntests > 1)
		command_arg(ret, "@(%s)", pattern.s);
	else
		command_arg(ret, "%s", pattern.s);
	if (ask_getenv(b->target, NULL, "CRITERION_TEST_PATTERN"))
		command_env(ret, "CRITERION_TEST_PATTERN", ret->argv[ret->nargv - 1]);
	ret->is_merged = true; /* the log belongs between what the tests print */
	buf_release(&pattern);
	return 0;
}

/* --- reading --------------------------------------------------------------------------------- */

struct reader {
	struct cases cases;
	struct lines lines;
	struct arena mem; /* of the parameters */
	/* of the test that runs */
	struct subresult *params;
	size_t nparams, cap_params;
	bool is_running; /* the last parameter has no end yet */
	struct buf message, file;
	unsigned line;
	size_t nfailed; /* ends that were a failure, of all tests */
	bool has_synthesis;
	struct buf riddle; /* what the synthesis contradicts */
};

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	cases_init(&r->cases, b, sink);
	r->lines = (struct lines)LINES_INIT;
	r->message = r->file = r->riddle = (struct buf)BUF_INIT;
	return r;
}

static bool is_failure(enum outcome o)
{
	return outcome_is_bad(o);
}

/* The worst of its parameters is the test's. */
static void close_test(struct reader *r)
{
	struct result result = cases_blank(OUTCOME_SKIP);
	const struct subresult *worst = NULL;
	size_t i = r->cases.current;

	if (i == SIZE_MAX || r->cases.is_held || r->nparams == 0 || r->is_running)
		return;
	for (size_t k = 0; k < r->nparams; k++) {
		const struct subresult *p = &r->params[k];

		r->nfailed += is_failure(p->outcome);
		if (!worst || (is_failure(p->outcome) && !is_failure(worst->outcome)) ||
		    (p->outcome == OUTCOME_PASS && worst->outcome == OUTCOME_SKIP))
			worst = p;
	}
	result.outcome = worst->outcome;
	result.message = worst->message;
	result.file = worst->file;
	result.line = worst->line;
	result.subs = r->params;
	result.nsubs = r->nparams > 1 ? r->nparams : 0;
	cases_end(&r->cases, i, &result);
	r->nparams = 0;
}

static void clear_finding(struct reader *r)
{
	buf_clear(&r->message);
	buf_clear(&r->file);
	r->line = 0;
}

/* "basic::fails" as "basic/fails": the test that waits or runs, or SIZE_MAX. */
static size_t find(struct reader *r, const char *name, size_t len)
{
	const char *colons = memmem(name, len, "::", 2);
	struct buf selector = BUF_INIT;
	size_t i = SIZE_MAX;

	if (!colons)
		return i;
	buf_add(&selector, name, (size_t)(colons - name));
	buf_addch(&selector, '/');
	buf_add(&selector, colons + 2, len - (size_t)(colons + 2 - name));
	i = cases_find(&r->cases, selector.s, selector.len);
	buf_release(&selector);
	return i;
}

/* False: not Criterion's line. */
static bool take_run(struct reader *r, const char *name, size_t len)
{
	size_t i = find(r, name, len);
	struct buf param = BUF_INIT;

	if (i == SIZE_MAX || r->is_running)
		return false;
	if (i != r->cases.current) {
		close_test(r);
		if (!cases_is_waiting(&r->cases, i))
			return false;
		cases_begin(&r->cases, i);
	}
	clear_finding(r);
	GROW(r->params, r->nparams, r->cap_params);
	buf_addf(&param, "%s[%zu]", r->cases.batch->tests[i]->name, r->nparams);
	r->params[r->nparams++] =
		(struct subresult){ .name = arena_memdup(&r->mem, param.s, param.len),
				    .outcome = OUTCOME_ERROR,
				    .message = "",
				    .time_us = TIME_UNKNOWN };
	r->is_running = true;
	buf_release(&param);
	return true;
}

/* "CRASH!", "Timed out. (0.22s)", "(0.00s)", or why it is skipped. */
static void take_verdict(struct reader *r, char letter, const char *text, size_t len)
{
	struct subresult *p = &r->params[r->nparams - 1];
	bool is_timeout = len >= 9 && memcmp(text, "Timed out", 9) == 0;
	bool is_crash = len >= 6 && memcmp(text, "CRASH!", 6) == 0;

	r->is_running = false;
	p->outcome = letter == 'P'   ? OUTCOME_PASS
		     : letter == 'S' ? OUTCOME_SKIP
		     : is_timeout    ? OUTCOME_TIMEOUT
		     : is_crash      ? OUTCOME_CRASH
				     : OUTCOME_FAIL;
	p->message = letter == 'S' ? arena_memdup(&r->mem, text, len) : "";
	p->file = NULL;
	p->line = 0;
	if (letter == 'F') {
		p->message = is_timeout ? "timed out, by Criterion's clock"
			     : is_crash ? "killed by a signal"
			     : r->message.len > 0
				     ? arena_memdup(&r->mem, r->message.s, r->message.len)
				     : "failed, by its exit status";
		if (r->file.len > 0)
			p->file = arena_memdup(&r->mem, r->file.s, r->file.len);
		p->line = r->line;
	}
}

/* An end of the test that runs, perhaps behind what it printed; how much of the line that is, or
 * SIZE_MAX. */
static size_t take_end(struct reader *r, const struct line *line)
{
	static const char *const marks[] = { "[PASS] ", "[FAIL] ", "[SKIP] " };
	const char *selector, *slash;
	struct buf name = BUF_INIT;
	size_t at = SIZE_MAX;

	if (r->cases.current == SIZE_MAX || r->nparams == 0)
		return at;
	selector = r->cases.batch->tests[r->cases.current]->selector;
	slash = strchr(selector, '/');
	for (size_t i = 0; i < ARRAY_SIZE(marks) && slash && at == SIZE_MAX; i++) {
		buf_clear(&name);
		buf_addf(&name, "%s%.*s::%s: ", marks[i], (int)(slash - selector), selector,
			 slash + 1);
		const char *hit = memmem(line->s, line->text_len, name.s, name.len);

		if (!hit)
			continue;
		at = (size_t)(hit - line->s);
		take_verdict(r, marks[i][1], hit + name.len, line->text_len - at - name.len);
	}
	buf_release(&name);
	return at;
}

/* "Synthesis: Tested: 5 | Passing: 4 | Failing: 1 | Crashing: 0" */
static void take_synthesis(struct reader *r, const char *text, size_t len)
{
	static const char mark[] = "Failing: ";
	const char *hit = memmem(text, len, mark, sizeof mark - 1);
	uint64_t n = 0;

	close_test(r);
	r->has_synthesis = true;
	for (const char *s = hit ? hit + sizeof mark - 1 : text + len;
	     s < text + len && *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	buf_clear(&r->riddle);
	if (n != r->nfailed)
		buf_addf(&r->riddle, "Criterion counts %llu failures, its output shows %zu",
			 (unsigned long long)n, r->nfailed);
}

/* "[----] cr.c:7: Assertion Failed", "[----]   the message" */
static void take_note(struct reader *r, const char *text, size_t len)
{
	static const char *const marks[] = { ": Assertion Failed", ": Unexpected signal" };
	const char *colon = NULL;
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(marks) && !colon; i++)
		colon = memmem(text, len, marks[i], strlen(marks[i]));
	if (colon && r->file.len == 0) {
		const char *digits = colon;

		while (digits > text && digits[-1] >= '0' && digits[-1] <= '9')
			digits--;
		for (const char *s = digits; s < colon; s++)
			n = n < UINT32_MAX / 10 ? n * 10 + (uint64_t)(*s - '0') : n;
		if (digits > text + 1 && digits < colon && digits[-1] == ':')
			buf_add(&r->file, text, strnlen(text, (size_t)(digits - 1 - text)));
		r->line = (unsigned)n;
	} else if (!colon && r->file.len > 0 && r->message.len == 0) {
		while (len > 0 && *text == ' ') {
			text++;
			len--;
		}
		buf_add(&r->message, text,
			strnlen(text, len < MESSAGE_MAX_BYTES ? len : MESSAGE_MAX_BYTES));
	}
}

static void take_line(void *ctx, const struct line *line)
{
	struct reader *r = ctx;
	const char *end = line->s + line->text_len, *text;
	size_t printed = line->len;

	if ((text = line_after(line, "[RUN ] "))) {
		if (take_run(r, text, (size_t)(end - text)))
			return;
	} else if ((text = line_after(line, "[====] Synthesis: ")) && !r->is_running) {
		take_synthesis(r, text, (size_t)(end - text));
		return;
	} else if (line_after(line, "[====] ") && !r->is_running) {
		close_test(r);
		return;
	} else if ((text = line_after(line, "[----] ")) && r->is_running) {
		take_note(r, text, (size_t)(end - text));
	} else if (line_after(line, "[----] Criterion v") && !r->is_running) {
		return;
	} else {
		size_t at = take_end(r, line);

		/* another test's, that was not asked for */
		if (at == SIZE_MAX && !r->is_running && line_after(line, "[SKIP] "))
			return;
		printed = at < printed ? at : printed;
	}
	cases_output(&r->cases, 0, line->s, printed);
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
	if (end->exit_code == 0 && !r->has_synthesis && r->riddle.len == 0)
		buf_addstr(&r->riddle, "the program ended without Criterion's synthesis");
	close_test(r);
	if (!end->is_timeout && !end->is_stopped)
		cases_doubt(&r->cases, r->riddle.s);
	cases_finish(&r->cases, end);
	cases_release(&r->cases);
	lines_release(&r->lines);
	arena_release(&r->mem);
	free(r->params);
	buf_release(&r->message);
	buf_release(&r->file);
	buf_release(&r->riddle);
	free(r);
	return true;
}

/* --- for others -------------------------------------------------------------------------------- */

/* What was not asked for is called skipped, too; that nothing was tested only the synthesis says. */
static int entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		 struct arena *mem, struct entry *ret, struct err *reterr)
{
	struct buf name = BUF_INIT;

	(void)all, (void)style, (void)reterr;
	buf_addf(&name, "%s::%s", t->suite, t->name);
	*ret = (struct entry){ .name = arena_memdup(mem, name.s, name.len),
			       .skip_regex = "Synthesis: Tested: 0 [|]",
			       .is_disabled = t->skip_reason != NULL };
	ret->plain_name = ret->name;
	entry_arg(ret, mem, "--color=never"); /* the synthesis has colours between its words */
	entry_arg(ret, mem, "--filter");
	entry_arg(ret, mem, "%s", t->selector);
	buf_release(&name);
	return 0;
}

const struct adapter adapter_criterion = {
	.name = "criterion",
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
