/* SPDX-License-Identifier: MIT
 *
 * Verdicts as `meson test` gives them, by the protocol of the test.  The rule's will_fail is
 * should_fail, which turns round what passed or failed and nothing else.  Where Meson shuts its eyes
 * (a plan of which nothing came is "skipped", a Rust program that died behind its last line is "ok")
 * the test is an error here.
 */
#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "format/tap.h"
#include "sys/proc.h"

enum { EXIT_SKIPPED = 77, EXIT_HARD_ERROR = 99, RUST_LINE_MAX_BYTES = 65536 };

struct reader {
	const struct case_sink *sink;
	bool should_fail;
	struct tap *tap; /* protocol tap */
	bool is_rust;
	struct buf line; /* of a Rust program, as far as it came */
	struct arena mem;
	struct subresult *subs;
	size_t nsubs, cap_subs;
};

/* --- Rust ----------------------------------------------------------------------------------- */

static enum outcome rust_outcome(const char *word)
{
	return strcmp(word, "ok") == 0            ? OUTCOME_PASS
	       : strncmp(word, "ignored", 7) == 0 ? OUTCOME_SKIP
	       : strcmp(word, "FAILED") == 0      ? OUTCOME_FAIL
						  : OUTCOME_ERROR;
}

/* "test inner::name - should panic ... ok"; "ignored, why" */
static void rust_line(struct reader *r, char *line)
{
	static const char begin[] = "test ", between[] = " ... ";
	char *end = line + strlen(line);
	char *word = NULL;

	while (end > line && (end[-1] == '\r' || end[-1] == ' '))
		*--end = '\0';
	if (strncmp(line, begin, strlen(begin)) != 0 || strncmp(line, "test result", 11) == 0)
		return;
	for (char *s = strstr(line, between); s; s = strstr(s + 1, between))
		word = s;
	if (!word)
		return;
	*word = '\0';
	word += strlen(between);
	const char *why = strncmp(word, "ignored, ", 9) == 0 ? word + 9 : "";

	GROW(r->subs, r->nsubs, r->cap_subs);
	r->subs[r->nsubs++] = (struct subresult){
		.name = arena_strdup(&r->mem, line + strlen(begin)),
		.outcome = rust_outcome(word),
		.message = arena_strdup(&r->mem, why),
		.time_us = TIME_UNKNOWN,
	};
}

static void rust_read(struct reader *r, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n') {
			rust_line(r, r->line.s);
			buf_clear(&r->line);
		} else if (r->line.len < RUST_LINE_MAX_BYTES) {
			buf_addch(&r->line, s[i]);
		}
	}
}

static size_t count(const struct result *r, enum outcome o)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nsubs; i++)
		n += r->subs[i].outcome == o;
	return n;
}

static void add_status(const struct proc_end *end, struct buf *why)
{
	if (end->exit_code == 0)
		return;
	if (why->len > 0)
		buf_addstr(why, "; ");
	proc_end_describe(end, why);
}

static enum outcome judge_rust(struct reader *r, const struct proc_end *end, struct result *ret,
			       struct buf *why)
{
	if (r->line.len > 0)
		rust_line(r, r->line.s);
	ret->subs = r->subs;
	ret->nsubs = r->nsubs;
	size_t nfailed = count(ret, OUTCOME_FAIL);
	size_t nstrange = count(ret, OUTCOME_ERROR);

	if (nstrange > 0)
		buf_addf(why, "%zu of %zu tests ended in a way that is not known", nstrange,
			 r->nsubs);
	else if (nfailed > 0)
		buf_addf(why, "%zu of %zu tests failed", nfailed, r->nsubs);
	if (end->term_signal || (end->exit_code != 0 && why->len == 0)) {
		add_status(end, why);
		return end->term_signal ? OUTCOME_CRASH : OUTCOME_ERROR;
	}
	if (why->len > 0)
		return nstrange > 0 ? OUTCOME_ERROR : OUTCOME_FAIL;
	if (count(ret, OUTCOME_SKIP) < r->nsubs)
		return OUTCOME_PASS;
	buf_addstr(why, r->nsubs > 0 ? "all tests ignored" : "no tests");
	return OUTCOME_SKIP;
}

/* --- the other protocols -------------------------------------------------------------------- */

static enum outcome judge_tap(struct reader *r, const struct proc_end *end, struct result *ret,
			      struct buf *why)
{
	const struct tap_exit how = { .may_lack_plan = true, .may_be_empty = true };

	tap_end(r->tap, &how, ret);
	buf_addstr(why, ret->message);
	add_status(end, why);
	if (end->term_signal)
		return OUTCOME_CRASH;
	if (end->exit_code != 0 || ret->outcome == OUTCOME_ERROR)
		return OUTCOME_ERROR;
	/* what is wrong with the plan is an error, a point that went wrong a failure */
	if (ret->outcome == OUTCOME_FAIL)
		return count(ret, OUTCOME_FAIL) > 0 ? OUTCOME_FAIL : OUTCOME_ERROR;
	if (count(ret, OUTCOME_XPASS) > 0) {
		buf_addf(why, "%zu of %zu points passed although marked TODO",
			 count(ret, OUTCOME_XPASS), ret->nsubs);
		return OUTCOME_FAIL;
	}
	return ret->outcome;
}

static enum outcome judge_exit(const struct proc_end *end, struct buf *why)
{
	add_status(end, why);
	return end->term_signal                    ? OUTCOME_CRASH
	       : end->exit_code == 0               ? OUTCOME_PASS
	       : end->exit_code == EXIT_SKIPPED    ? OUTCOME_SKIP
	       : end->exit_code == EXIT_HARD_ERROR ? OUTCOME_ERROR
						   : OUTCOME_FAIL;
}

static void turn_round(struct result *ret, struct buf *why)
{
	if (ret->outcome == OUTCOME_PASS) {
		ret->outcome = OUTCOME_FAIL;
		buf_addstr(why, "passed although should_fail says that it fails");
	} else if (ret->outcome == OUTCOME_FAIL || ret->outcome == OUTCOME_CRASH) {
		ret->outcome = OUTCOME_XFAIL;
		buf_addstr(why, " (should_fail)");
	}
}

/* --- the rows ------------------------------------------------------------------------------- */

/* A build folder says what its tests speak, a file does not. */
static bool probe(const struct candidate *c)
{
	(void)c;
	return false;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	struct test test = test_blank(target_index);

	(void)ctx;
	(void)reterr;
	test.id = test.name = arena_strdup(&ret->mem, t->name);
	tests_add(ret, &test);
	return 0;
}

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	static const struct buf empty = BUF_INIT;
	struct reader *r = xcalloc(1, sizeof *r);

	r->sink = sink;
	r->should_fail = b->target->rule && b->target->rule->will_fail;
	r->line = empty;
	return r;
}

static struct reader *reader_new_tap(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = reader_new(b, sink);

	r->tap = tap_new();
	return r;
}

static struct reader *reader_new_rust(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = reader_new(b, sink);

	r->is_rust = true;
	return r;
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	r->sink->output(r->sink->ctx, 0, stream, s, len);
	if (stream == 0 && r->tap)
		tap_read(r->tap, s, len);
	else if (stream == 0 && r->is_rust)
		rust_read(r, s, len);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	struct result result = { .time_us = TIME_UNKNOWN,
				 .detail = "",
				 .exit_code = end->exit_code,
				 .term_signal = end->term_signal,
				 .is_leaky = end->is_leaky };
	struct buf why = BUF_INIT;
	bool has_ended = end->exit_code >= 0 || end->term_signal != 0;

	/* time-outs and starts that failed are execute's to judge */
	if (has_ended && !end->is_timeout && !end->is_stopped) {
		result.outcome = r->tap       ? judge_tap(r, end, &result, &why)
				 : r->is_rust ? judge_rust(r, end, &result, &why)
					      : judge_exit(end, &why);
		if (r->should_fail)
			turn_round(&result, &why);
		result.message = why.s;
		r->sink->end(r->sink->ctx, 0, &result);
	}
	buf_release(&why);
	buf_release(&r->line);
	tap_free(r->tap);
	free(r->subs);
	arena_release(&r->mem);
	free(r);
	return true;
}

#define MESON_ROW(row_name, new)                                                                   \
	{                                                                                          \
		.name = row_name, .probe = probe, .list = list, .max_batch = 1,                    \
		.command = adapter_whole_command, .reader_new = new, .read = read_bytes,           \
		.finish = finish                                                                   \
	}

const struct adapter adapter_meson = MESON_ROW("meson", reader_new);
const struct adapter adapter_meson_tap = MESON_ROW("meson-tap", reader_new_tap);
const struct adapter adapter_meson_rust = MESON_ROW("meson-rust", reader_new_rust);
