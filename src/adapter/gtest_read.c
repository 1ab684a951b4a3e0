/* SPDX-License-Identifier: MIT
 *
 * GoogleTest's lines, each written out when its printf is done:
 *
 *   [==========] Running 3 tests from 2 test suites.
 *   [----------] Global test environment set-up.
 *   [----------] 2 tests from S                       or "..., where TypeParam = int"
 *   [ RUN      ] S.N
 *   what the test prints; a mark may follow it on the same line
 *   [       OK ] S.N (0 ms)                           or "[  FAILED  ] S.N, where GetParam() = 1"
 *   [----------] 2 tests from S (0 ms total)          then a blank line
 *   [----------] Global test environment tear-down
 *   [==========] 3 tests from 2 test suites ran. (0 ms total)
 *
 * Tests print such lines too.  Believed is only what can come next: while a test runs, its own end;
 * else the beginning of a test of this batch that has not run.  The end of a test is said when the
 * line after it is there, and that of the batch's last test when the process is gone: what fails in
 * between (TearDownTestSuite, a global TearDown, a leak found at exit) is that test's.
 */
#include "adapter/gtest_reader.h"
#include "base/alloc.h"
#include "sys/proc.h"

/* A name and its parameter, as far as we look for the end. */
enum { LINE_MAX_BYTES = 65536 };

/* --- saying ------------------------------------------------------------------------------- */

void reader_say(struct reader *r, size_t i, const struct verdict *v, const char *detail)
{
	const struct result result = {
		.outcome = v->outcome,
		.time_us = v->time_us,
		.message = v->message.s,
		.detail = detail,
		.file = v->file.len > 0 ? v->file.s : NULL,
		.line = v->line,
		.exit_code = -1,
		.term_signal = v->term_signal,
	};

	r->states[i] = TEST_SAID;
	r->nbad += outcome_is_bad(v->outcome);
	r->sink->end(r->sink->ctx, i, &result);
}

void reader_charge(struct reader *r, const char *why, const struct buf *text)
{
	struct verdict *v = &r->verdict;
	struct buf message = BUF_INIT;

	if (outcome_is_bad(v->outcome))
		return;
	v->outcome = OUTCOME_ERROR;
	finding_tell(text, &message, &v->file, &v->line);
	buf_clear(&v->message);
	buf_addf(&v->message, "%s%s%s", why, message.len > 0 ? ": " : "", message.s);
	buf_release(&message);
}

void reader_judge(struct reader *r, bool is_suite_over)
{
	if (r->finding.failure.len > 0) {
		reader_charge(r,
			      r->is_torn_down
				      ? "the global test environment's TearDown failed"
				      : "failed after the test, in TearDownTestSuite or a listener",
			      &r->finding.failure);
		finding_clear(&r->finding);
	}
	if (is_suite_over && r->suite_failure.len > 0) {
		reader_charge(r, "SetUpTestSuite failed", &r->suite_failure);
		buf_clear(&r->suite_failure);
	}
}

static void release(struct reader *r)
{
	size_t i = r->current;

	r->current = SIZE_MAX;
	r->is_held = false;
	reader_say(r, i, &r->verdict, "");
}

static void keep(struct buf *b, const char *s, size_t len)
{
	size_t room = b->len < EARLY_MAX_BYTES ? EARLY_MAX_BYTES - b->len : 0;

	buf_add(b, s, len < room ? len : room);
}

void reader_output(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream == 0 && len > 0 && r->drops_newline) {
		r->drops_newline = false;
		if (*s == '\n') {
			s++;
			len--;
		}
	}
	if (len == 0)
		return;
	if (stream == 0 && r->is_over) {
		keep(&r->after, s, len);
		return;
	}
	if (stream == 0)
		finding_feed(&r->finding, s, len);
	if (r->current != SIZE_MAX)
		r->sink->output(r->sink->ctx, r->current, stream, s, len);
	else
		keep(&r->early[stream], s, len);
}

void reader_flush_early(struct reader *r, size_t i)
{
	for (int k = 0; k < 2; k++) {
		if (r->early[k].len > 0)
			r->sink->output(r->sink->ctx, i, k, r->early[k].s, r->early[k].len);
		buf_clear(&r->early[k]);
	}
}

/* GoogleTest's first line is there.  Before it came main()'s words, and the filter once more, which
 * is ours and may be long. */
static void end_preamble(struct reader *r)
{
	static const char note[] = "Note: Google Test filter = ";
	struct buf *b = &r->early[0];
	char *hit = memmem(b->s, b->len, note, sizeof note - 1);

	if (hit)
		buf_truncate(b, (size_t)(hit - b->s));
	if (b->len > 0)
		r->sink->output(r->sink->ctx, SIZE_MAX, 0, b->s, b->len);
	buf_clear(b);
	r->has_header = true;
	r->begin_us = r->now_us;
	finding_clear(&r->finding);
}

/* --- marks -------------------------------------------------------------------------------- */

static bool is_name(const struct reader *r, size_t i, const char *s, size_t len)
{
	const char *selector = r->batch->tests[i]->selector;

	return strncmp(selector, s, len) == 0 && selector[len] == '\0';
}

/* The test of this name that waits, or SIZE_MAX. */
static size_t find_waiting(struct reader *r, const char *s, size_t len)
{
	const struct batch *b = r->batch;
	size_t i = r->next;

	if (memchr(s, '\0', len))
		return SIZE_MAX;
	if (i < b->ntests && r->states[i] == TEST_WAITING && is_name(r, i, s, len))
		return i;
	if (r->names.nkeys == 0) {
		for (i = 0; i < b->ntests; i++)
			map_put(&r->names, b->tests[i]->selector, strlen(b->tests[i]->selector), i);
	}
	if (!map_get(&r->names, s, len, &i) || r->states[i] != TEST_WAITING)
		return SIZE_MAX;
	return i;
}

static void begin(struct reader *r, size_t i)
{
	if (r->current != SIZE_MAX) {
		reader_judge(r, false);
		release(r);
	}
	if (r->is_in_set_up && r->finding.failure.len > 0) {
		buf_clear(&r->suite_failure);
		buf_add(&r->suite_failure, r->finding.failure.s, r->finding.failure.len);
	}
	if (r->is_in_set_up && r->finding.skip.len > 0)
		buf_add(&r->suite_skip, r->finding.skip.s, r->finding.skip.len);
	r->is_in_set_up = false;
	r->drops_newline = false;
	r->states[i] = TEST_BEGUN;
	r->current = i;
	r->next = i + 1;
	r->nbegun++;
	if (r->nends == 0)
		r->begin_us = r->now_us;
	finding_clear(&r->finding);
	r->sink->begin(r->sink->ctx, i);
	reader_flush_early(r, i);
}

/* The current test's end line; once more if it is held: a test may have printed the first. */
static void hold(struct reader *r, enum mark mark, const char *rest, const char *end)
{
	struct verdict *v = &r->verdict;
	uint64_t ms = 0;
	bool has_ms = reader_read_ms(rest, end, &ms);

	buf_clear(&v->message);
	buf_clear(&v->file);
	v->line = 0;
	v->term_signal = 0;
	v->time_us = reader_take_time(r, has_ms, ms);
	v->outcome = mark == MARK_OK       ? OUTCOME_PASS
		     : mark == MARK_FAILED ? OUTCOME_FAIL
					   : OUTCOME_SKIP;
	if (mark == MARK_FAILED)
		finding_tell(&r->finding.failure, &v->message, &v->file, &v->line);
	if (mark == MARK_FAILED && v->message.len == 0)
		buf_addstr(&v->message, "failed");
	if (mark == MARK_SKIPPED)
		finding_tell(&r->finding.skip, &v->message, &v->file, &v->line);
	/* skipped by GoogleTest itself, because of what came before the test */
	if (mark == MARK_SKIPPED && v->message.len == 0 && r->suite_failure.len > 0)
		reader_charge(r, "SetUpTestSuite failed", &r->suite_failure);
	else if (mark == MARK_SKIPPED && v->message.len == 0 && r->environment_failure.len > 0)
		reader_charge(r, "the global test environment's SetUp failed",
			      &r->environment_failure);
	else if (mark == MARK_SKIPPED && v->message.len == 0 && r->suite_skip.len > 0)
		finding_tell(&r->suite_skip, &v->message, &v->file, &v->line);
	r->is_held = true;
	finding_clear(&r->finding);
}

static bool ends_with(const char *s, const char *end, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(end - s) >= len && memcmp(end - len, what, len) == 0;
}

bool text_begins(const char *s, const char *end, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(end - s) >= len && memcmp(s, what, len) == 0;
}

/* "3 tests from ": behind it, or NULL. */
static const char *skip_count(const char *s, const char *end, uint64_t *ret_n)
{
	const char *digits = s;
	uint64_t n = 0;

	for (; s < end && *s >= '0' && *s <= '9' && s - digits < 12; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	if (s == digits || !text_begins(s, end, " test"))
		return NULL;
	s += strlen(" test");
	if (s < end && *s == 's')
		s++;
	if (!text_begins(s, end, " from "))
		return NULL;
	*ret_n = n;
	return s + strlen(" from ");
}

static void suite_begins(struct reader *r, const char *s, const char *end)
{
	static const char where[] = ", where TypeParam = ";
	const char *comma = memmem(s, (size_t)(end - s), where, sizeof where - 1);

	if (r->nbegun == 0 && r->suite.len == 0 && r->finding.failure.len > 0)
		buf_add(&r->environment_failure, r->finding.failure.s, r->finding.failure.len);
	buf_clear(&r->suite);
	buf_add(&r->suite, s, (size_t)((comma ? comma : end) - s));
	buf_clear(&r->suite_failure);
	buf_clear(&r->suite_skip);
	r->is_in_set_up = true;
	finding_clear(&r->finding);
}

/* Between tests.  False: not GoogleTest's line. */
static bool suite_line(struct reader *r, const char *s, const char *end)
{
	uint64_t n = 0;
	const char *name = skip_count(s, end, &n);
	bool is_end = name && ends_with(name, end, " ms total)");
	bool is_set_up = text_begins(s, end, "Global test environment set-up");

	bool is_tear_down = text_begins(s, end, "Global test environment tear-down");

	if (!name && !is_set_up && !is_tear_down)
		return false;
	if (r->current != SIZE_MAX) {
		reader_judge(r, true);
		/* the last one waits for the end of the process */
		if (r->nbegun < r->batch->ntests)
			release(r);
	}
	r->has_environment = r->has_environment || is_set_up;
	r->is_torn_down = r->is_torn_down || is_tear_down;
	r->drops_newline = is_end;
	if (name && !is_end)
		suite_begins(r, name, end);
	return true;
}

static bool total_line(struct reader *r, const char *s, const char *end)
{
	uint64_t n = 0;

	if (text_begins(s, end, "Running ") && skip_count(s + 8, end, &n)) {
		end_preamble(r);
		r->nasked = n;
		return true;
	}
	if (!skip_count(s, end, &n) || !memmem(s, (size_t)(end - s), " ran.", 5))
		return false;
	if (r->is_held)
		reader_judge(r, true);
	r->is_over = true;
	return true;
}

/* --- scanning ----------------------------------------------------------------------------- */

enum taken { TAKEN_NOT, TAKEN_LINE, TAKEN_LATER };

/* A mark stands at s: does its whole line belong to GoogleTest?  *ret_end is behind it then. */
static enum taken take_run(struct reader *r, const char *s, const char *end, const char **ret_end)
{
	size_t len = (size_t)(end - s) < r->name_max + 1 ? (size_t)(end - s) : r->name_max + 1;

	if (!r->has_header || (r->current != SIZE_MAX && !r->is_held))
		return TAKEN_NOT;
	const char *nl = memchr(s, '\n', len);

	if (!nl)
		return len > r->name_max ? TAKEN_NOT : TAKEN_LATER;
	size_t i = find_waiting(r, s, (size_t)(nl - s));

	if (i == SIZE_MAX)
		return TAKEN_NOT;
	*ret_end = nl + 1;
	return TAKEN_LINE;
}

static enum taken take_end(struct reader *r, const char *s, const char *end, const char **ret_end)
{
	if (r->current == SIZE_MAX)
		return TAKEN_NOT;
	const char *name = r->batch->tests[r->current]->selector;
	size_t len = strlen(name), here = (size_t)(end - s);

	if (memcmp(s, name, here < len ? here : len) != 0)
		return TAKEN_NOT;
	if (here <= len)
		return TAKEN_LATER;
	if (s[len] != '\n' && s[len] != ' ' && s[len] != ',')
		return TAKEN_NOT;
	const char *nl = memchr(s + len, '\n', here - len);

	if (!nl && here - len < LINE_MAX_BYTES)
		return TAKEN_LATER;
	uint64_t ms = 0;

	if (!nl || (s[len] == ' ' && !reader_read_ms(s + len, nl, &ms)) ||
	    (s[len] == ',' && !text_begins(s + len, nl, ", where ")))
		return TAKEN_NOT;
	*ret_end = nl + 1;
	return TAKEN_LINE;
}

static enum taken take_other(struct reader *r, const char *s, const char *end, const char **ret_end)
{
	size_t here = (size_t)(end - s);
	const char *nl = memchr(s, '\n', here < LINE_MAX_BYTES ? here : LINE_MAX_BYTES);

	if (r->current != SIZE_MAX && !r->is_held)
		return TAKEN_NOT;
	if (!nl)
		return here < LINE_MAX_BYTES ? TAKEN_LATER : TAKEN_NOT;
	*ret_end = nl + 1;
	return TAKEN_LINE;
}

/* Act on a whole line.  False: it was not GoogleTest's after all, and is output. */
static bool act(struct reader *r, enum mark mark, const char *s, const char *line_end)
{
	const char *nl = line_end - 1;

	switch (mark) {
	case MARK_RUN:
		begin(r, find_waiting(r, s, (size_t)(nl - s)));
		return true;
	case MARK_OK:
	case MARK_FAILED:
	case MARK_SKIPPED:
		hold(r, mark, s + strlen(r->batch->tests[r->current]->selector), nl);
		return true;
	case MARK_SUITE:
		return suite_line(r, s, nl);
	case MARK_TOTAL:
		return total_line(r, s, nl);
	case MARK_NONE:
		break;
	}
	return false;
}

static enum taken take(struct reader *r, enum mark mark, const char *s, const char *end,
		       const char **ret_end)
{
	if (mark == MARK_NONE)
		return TAKEN_NOT;
	if (mark == MARK_RUN)
		return take_run(r, s, end, ret_end);
	if (mark == MARK_SUITE || mark == MARK_TOTAL)
		return take_other(r, s, end, ret_end);
	return take_end(r, s, end, ret_end);
}

/*
 * Say everything that is sure; the bytes from the result on may become a mark.  Output between two
 * marks goes on in one piece.
 */
static const char *scan(struct reader *r, const char *s, const char *end)
{
	const char *shown = s, *at = s;

	while (!r->is_over && (at = memchr(at, '[', (size_t)(end - at)))) {
		const char *line_end = NULL;
		enum taken taken = TAKEN_NOT;

		if (end - at < MARK_BYTES) {
			taken = reader_may_mark(at, (size_t)(end - at)) ? TAKEN_LATER : TAKEN_NOT;
		} else {
			enum mark mark = reader_mark(at);

			taken = take(r, mark, at + MARK_BYTES, end, &line_end);
			if (taken == TAKEN_LINE) {
				reader_output(r, 0, shown, (size_t)(at - shown));
				shown = at;
			}
			if (taken == TAKEN_LINE && act(r, mark, at + MARK_BYTES, line_end)) {
				shown = at = line_end;
				continue;
			}
		}
		if (taken == TAKEN_LATER) {
			reader_output(r, 0, shown, (size_t)(at - shown));
			return at;
		}
		at++;
	}
	reader_output(r, 0, shown, (size_t)(end - shown));
	return end;
}

void gtest_read(struct reader *r, int stream, const char *s, size_t len)
{
	r->now_us = proc_now_us();
	if (stream != 0) {
		if (stream == 1)
			reader_output(r, 1, s, len);
		return;
	}
	if (r->pending.len == 0) {
		r->nends = reader_count_ends(r, s, len);
		const char *rest = scan(r, s, s + len);

		buf_add(&r->pending, rest, (size_t)(s + len - rest));
		return;
	}
	buf_add(&r->pending, s, len);
	r->nends = reader_count_ends(r, r->pending.s, r->pending.len);
	const char *rest = scan(r, r->pending.s, r->pending.s + r->pending.len);
	size_t nrest = (size_t)(r->pending.s + r->pending.len - rest);

	memmove(r->pending.s, rest, nrest);
	buf_truncate(&r->pending, nrest);
}

/* --- beginning and end -------------------------------------------------------------------- */

struct reader *gtest_reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	*r = (struct reader){
		.batch = b,
		.sink = sink,
		.states = xcalloc(b->ntests, 1),
		.current = SIZE_MAX,
		.verdict = { .message = BUF_INIT, .file = BUF_INIT },
		.finding = FINDING_INIT,
		.pending = BUF_INIT,
		.early = { BUF_INIT, BUF_INIT },
		.after = BUF_INIT,
		.suite = BUF_INIT,
		.environment_failure = BUF_INIT,
		.suite_failure = BUF_INIT,
		.suite_skip = BUF_INIT,
		.begin_us = proc_now_us(),
	};
	for (size_t i = 0; i < b->ntests; i++) {
		size_t len = strlen(b->tests[i]->selector);

		if (len > r->name_max)
			r->name_max = len;
	}
	return r;
}

void reader_free(struct reader *r)
{
	free(r->states);
	map_release(&r->names);
	finding_release(&r->finding);
	buf_release(&r->verdict.message);
	buf_release(&r->verdict.file);
	buf_release(&r->pending);
	buf_release(&r->early[0]);
	buf_release(&r->early[1]);
	buf_release(&r->after);
	buf_release(&r->suite);
	buf_release(&r->environment_failure);
	buf_release(&r->suite_failure);
	buf_release(&r->suite_skip);
	free(r);
}
