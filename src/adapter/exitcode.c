/* SPDX-License-Identifier: MIT
 *
 * A program that says all by its exit status: 0 passed, 77 skipped, 99 error, else failed.  Where
 * its first line of output is TAP's, the points count as well.  A CTest entry has a rule instead,
 * and is judged as ctest judges it and in no other way.
 */
#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/err.h"
#include "format/cmakeregex.h"
#include "format/tap.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { EXIT_SKIPPED = 77, EXIT_HARD_ERROR = 99, FIRST_LINE_MAX_BYTES = 256 };

struct regex {
	const char *pattern;
	struct cmake_regex *compiled; /* NULL: CMake refuses it; it then matches nothing */
};

/* The expressions of one property, and what is wrong with the first that CMake would not take. */
struct regex_list {
	struct regex *items;
	size_t n;
	struct err why;
};

/* ctest searches the output by lines: NUL ends one too, CRs at its end are gone, and a last line
 * without newline gets one. */
struct line_ends {
	size_t ncr;      /* CRs that may turn out to be at the end of a line */
	bool is_in_line; /* something came since the last end */
};

struct reader {
	const struct case_sink *sink;
	const struct verdict_rule *rule; /* NULL: a bare program */
	struct regex_list pass, fail, skip;
	struct regex_list after; /* empty once one of them matched */
	struct line_ends ends;
	struct buf first; /* line of stdout, until it is seen */
	bool has_first;
	struct tap *tap; /* NULL: the first line was not TAP */
};

/* --- CTest's expressions -------------------------------------------------------------------- */

static void list_compile(struct regex_list *l, const char **patterns, size_t n)
{
	l->n = n;
	l->items = xcalloc(n + 1, sizeof *l->items);
	for (size_t i = 0; i < n; i++) {
		l->items[i].pattern = patterns[i];
		cmake_regex_new(patterns[i], &l->items[i].compiled, l->why.code ? NULL : &l->why);
	}
}

static void list_release(struct regex_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		cmake_regex_free(l->items[i].compiled);
	free(l->items);
}

static void list_feed(struct regex_list *l, const char *s, size_t len)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].compiled)
			cmake_regex_feed(l->items[i].compiled, s, len);
	}
}

/* The first expression that matched, or NULL. */
static const char *list_end(struct regex_list *l)
{
	const char *found = NULL;

	for (size_t i = 0; i < l->n; i++) {
		if (l->items[i].compiled && cmake_regex_end(l->items[i].compiled) && !found)
			found = l->items[i].pattern;
	}
	return found;
}

static void feed_all(struct reader *r, const char *s, size_t len)
{
	list_feed(&r->pass, s, len);
	list_feed(&r->fail, s, len);
	list_feed(&r->skip, s, len);
	list_feed(&r->after, s, len);
}

/* CTest looks at the whole output after each line of it, until something matched. */
static void look_for_after(struct reader *r)
{
	bool has_matched = false;

	for (size_t i = 0; i < r->after.n && !has_matched; i++)
		has_matched =
			r->after.items[i].compiled && cmake_regex_peek(r->after.items[i].compiled);
	if (!has_matched)
		return;
	list_release(&r->after);
	r->after = (struct regex_list){ 0 };
	if (r->sink->limit)
		r->sink->limit(r->sink->ctx, 0, r->rule->after_us);
}

static void feed_crs(struct reader *r)
{
	for (; r->ends.ncr > 0; r->ends.ncr--)
		feed_all(r, "\r", 1);
}

static void feed_lines(struct reader *r, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = 0;

		if (s[i] == '\n' || s[i] == '\0') {
			r->ends = (struct line_ends){ 0 };
			feed_all(r, "\n", 1);
			look_for_after(r);
			i++;
			continue;
		}
		r->ends.is_in_line = true;
		if (s[i] == '\r') {
			r->ends.ncr++;
			i++;
			continue;
		}
		feed_crs(r);
		while (i + n < len && s[i + n] != '\n' && s[i + n] != '\r' && s[i + n] != '\0')
			n++;
		feed_all(r, s + i, n);
		i += n;
	}
}

static bool has_regex(const struct verdict_rule *rule)
{
	return rule &&
	       rule->npass_regex + rule->nfail_regex + rule->nskip_regex + rule->nafter_regex > 0;
}

/* --- CTest's verdict ------------------------------------------------------------------------ */

/* Why the run is no success, before WILL_FAIL; false if it is one. */
static bool find_fault(struct reader *r, int exit_code, struct buf *why)
{
	const char *fail = list_end(&r->fail);
	const char *pass = list_end(&r->pass);

	if (fail)
		buf_addf(why, "the output matches FAIL_REGULAR_EXPRESSION '%s'", fail);
	else if (r->pass.n > 0 && !pass && r->pass.why.code)
		buf_addf(why, "PASS_REGULAR_EXPRESSION: %s", r->pass.why.msg);
	else if (r->pass.n > 0 && !pass)
		buf_addf(why, "the output does not match PASS_REGULAR_EXPRESSION '%s'%s",
			 r->pass.items[0].pattern, r->pass.n > 1 ? " or any of the others" : "");
	else if (r->pass.n == 0 && exit_code != 0)
		buf_addf(why, "exit status %d", exit_code);
	return why->len > 0;
}

/* As cmCTestRunTest::EndTest() has it, for a program that exited. */
static void judge_rule(struct reader *r, int exit_code, struct result *ret, struct buf *why)
{
	if (r->ends.is_in_line) {
		feed_crs(r);
		feed_all(r, "\n", 1);
	}
	const char *skip = list_end(&r->skip);
	bool is_fault = find_fault(r, exit_code, why);

	if (skip || (r->rule->skip_code >= 0 && r->rule->skip_code == exit_code)) {
		buf_clear(why);
		ret->outcome = OUTCOME_SKIP;
		if (skip)
			buf_addf(why, "the output matches SKIP_REGULAR_EXPRESSION '%s'", skip);
		else
			buf_addf(why, "exit status %d (SKIP_RETURN_CODE)", exit_code);
	} else if (is_fault != r->rule->will_fail) {
		ret->outcome = OUTCOME_FAIL;
		if (!is_fault)
			buf_addf(why,
				 "passed with exit status %d although WILL_FAIL says that it fails",
				 exit_code);
	} else {
		ret->outcome = OUTCOME_PASS;
		buf_clear(why);
	}
}

static void judge_bare(struct reader *r, const struct proc_end *end, struct result *ret,
		       struct buf *why)
{
	if (r->tap) {
		const struct tap_exit how = {
			.exit_code = end->exit_code,
			.signal = end->term_signal ? proc_signal_name(end->term_signal) : NULL,
			.may_lack_plan = true,
		};

		tap_end(r->tap, &how, ret);
		return;
	}
	ret->outcome = end->exit_code == 0                 ? OUTCOME_PASS
		       : end->exit_code == EXIT_SKIPPED    ? OUTCOME_SKIP
		       : end->exit_code == EXIT_HARD_ERROR ? OUTCOME_ERROR
							   : OUTCOME_FAIL;
	if (end->exit_code != 0)
		buf_addf(why, "exit status %d", end->exit_code);
}

/* --- the row -------------------------------------------------------------------------------- */

static bool probe(const struct candidate *c)
{
	(void)c;
	return true;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	struct test test = test_blank(target_index);

	(void)ctx;
	(void)reterr;
	test.id = arena_strdup(&ret->mem, t->name);
	/* the name of a CTest entry is no path */
	test.name = arena_strdup(&ret->mem, t->rule ? t->name : fs_basename(t->name));
	tests_add(ret, &test);
	return 0;
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	/* an expression may span what goes to stdout and what goes to stderr */
	ret->is_merged = has_regex(b->target->rule);
	return adapter_whole_command(b, ret, reterr);
}

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	static const struct buf empty = BUF_INIT;
	struct reader *r = xcalloc(1, sizeof *r);
	const struct verdict_rule *rule = b->target->rule;

	r->sink = sink;
	r->rule = rule;
	r->first = empty;
	if (rule) {
		list_compile(&r->pass, rule->pass_regex, rule->npass_regex);
		list_compile(&r->fail, rule->fail_regex, rule->nfail_regex);
		list_compile(&r->skip, rule->skip_regex, rule->nskip_regex);
		list_compile(&r->after, rule->after_regex, rule->nafter_regex);
	}
	return r;
}

/* Bytes of a bare program's stdout: is it TAP? */
static void look_for_tap(struct reader *r, const char *s, size_t len)
{
	if (r->has_first) {
		if (r->tap)
			tap_read(r->tap, s, len);
		return;
	}
	const char *nl = memchr(s, '\n', len);

	buf_add(&r->first, s, len);
	if (!nl && r->first.len < FIRST_LINE_MAX_BYTES)
		return;
	r->has_first = true;
	nl = memchr(r->first.s, '\n', r->first.len);
	if (nl && tap_looks_like(r->first.s, (size_t)(nl - r->first.s))) {
		r->tap = tap_new();
		tap_read(r->tap, r->first.s, r->first.len);
	}
	buf_release(&r->first);
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	r->sink->output(r->sink->ctx, 0, stream, s, len);
	if (has_regex(r->rule))
		feed_lines(r, s, len);
	else if (!r->rule && stream == 0)
		look_for_tap(r, s, len);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	struct result result = { .time_us = TIME_UNKNOWN,
				 .exit_code = end->exit_code,
				 .term_signal = end->term_signal,
				 .is_leaky = end->is_leaky };
	struct buf why = BUF_INIT;
	bool has_exited = end->exit_code >= 0;

	if (!r->rule && !r->has_first && r->first.len > 0)
		look_for_tap(r, "\n", 1);
	/* time-outs, crashes and starts that failed are execute's to judge, and as with ctest no
	 * rule makes them good; only TAP has something to add to a crash: its points */
	if (!end->is_timeout && !end->is_stopped &&
	    (has_exited || (r->tap && end->term_signal != 0))) {
		if (r->rule)
			judge_rule(r, end->exit_code, &result, &why);
		else
			judge_bare(r, end, &result, &why);
		if (why.len > 0 || !result.message)
			result.message = why.s;
		r->sink->end(r->sink->ctx, 0, &result);
	}
	buf_release(&why);
	buf_release(&r->first);
	list_release(&r->pass);
	list_release(&r->fail);
	list_release(&r->skip);
	list_release(&r->after);
	tap_free(r->tap);
	free(r);
	return true;
}

const struct adapter adapter_exitcode = {
	.name = "exitcode",
	.probe = probe,
	.list = list,
	.max_batch = 1,
	.command = command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
