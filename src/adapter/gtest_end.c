/* SPDX-License-Identifier: MIT
 *
 * The process is gone.  What ended with a mark keeps its verdict; the last test answers for what
 * went wrong behind it; where GoogleTest ended in peace but printed nothing that we can read, its
 * report file has the verdicts.
 */
#include "adapter/gtest_reader.h"
#include "sys/fs.h"
#include "sys/proc.h"

static bool is_exit(const struct proc_end *end)
{
	return !end->term_signal && !end->is_timeout && !end->is_stopped && end->exit_code >= 0;
}

/* What came behind the total without GoogleTest's own lines: a sanitizer's report, say. */
static void add_foreign_lines(const struct buf *after, struct buf *out)
{
	static const char *const own[] = { "[  PASSED  ] ", "[  FAILED  ] ", "[  SKIPPED ] ",
					   "[==========] ", "  YOU HAVE " };
	const char *s = after->s, *end = after->s + after->len;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *next = nl ? nl + 1 : end;
		bool is_own = next - s <= 1;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			is_own = is_own || text_begins(s, next, own[i]);
		if (!is_own && !memmem(s, (size_t)(next - s), " FAILED TEST", 12))
			buf_add(out, s, (size_t)(next - s));
		s = next;
	}
}

/* "[  FAILED  ] S: SetUpTestSuite or TearDownTestSuite" behind the total: *ret is "S", or "". */
static void find_failed_suite(const struct buf *after, struct buf *ret)
{
	static const char text[] = ": SetUpTestSuite or TearDownTestSuite\n";
	const char *hit = memmem(after->s, after->len, text, sizeof text - 1);
	const char *nl = hit ? memrchr(after->s, '\n', (size_t)(hit - after->s)) : NULL;
	const char *s = nl ? nl + 1 : after->s;

	if (hit && text_begins(s, hit, "[  FAILED  ] "))
		buf_add(ret, s + MARK_BYTES, (size_t)(hit - s) - MARK_BYTES);
}

/* The last test's end was read, then the process ended: was all well in between? */
static void settle_held(struct reader *r, const struct proc_end *end, struct buf *detail)
{
	struct verdict *v = &r->verdict;
	struct buf how = BUF_INIT, suite = BUF_INIT;
	bool was_good = !outcome_is_bad(v->outcome);

	reader_judge(r, true);
	proc_end_describe(end, &how);
	if (outcome_is_bad(v->outcome) || end->is_stopped) {
		; /* the run is red, or was ended by us */
	} else if (end->term_signal) {
		reader_charge(r, how.s, &(struct buf)BUF_INIT);
		v->outcome = OUTCOME_CRASH;
		v->term_signal = end->term_signal;
		buf_addstr(&v->message, " after the test had ended");
	} else if (!r->is_over) {
		reader_charge(r, how.s, &(struct buf)BUF_INIT);
		buf_addstr(&v->message, " after the test, before the end of the run");
	} else if (r->environment_failure.len > 0) {
		reader_charge(r, "the global test environment's SetUp failed",
			      &r->environment_failure);
	} else if (end->exit_code != 0 && r->nbad == 0) {
		find_failed_suite(&r->after, &suite);
		reader_charge(r, how.s, &(struct buf)BUF_INIT);
		if (suite.len > 0)
			buf_addf(&v->message, ": SetUpTestSuite or TearDownTestSuite of %s failed",
				 suite.s);
		else
			buf_addstr(&v->message, " although every test passed");
	}
	if (was_good && outcome_is_bad(v->outcome))
		add_foreign_lines(&r->after, detail);
	buf_release(&how);
	buf_release(&suite);
}

/* The same verdict for those of the batch (of one suite, or all) that wait; what was printed before
 * the first of them is all there is to show. */
static void settle_waiting(struct reader *r, const struct verdict *v, const char *suite)
{
	for (size_t i = 0; i < r->batch->ntests; i++) {
		if (r->states[i] == TEST_WAITING &&
		    (!suite || !strcmp(r->batch->tests[i]->suite, suite)))
			reader_say(r, i, v, r->early[0].s);
	}
}

/* The process ended in SetUpTestSuite: none of the suite's tests can run. */
static void settle_set_up(struct reader *r, const struct proc_end *end)
{
	struct verdict v = { .outcome = OUTCOME_ERROR,
			     .term_signal = end->term_signal,
			     .time_us = TIME_UNKNOWN,
			     .message = BUF_INIT,
			     .file = BUF_INIT };

	if (end->is_timeout) {
		v.outcome = OUTCOME_TIMEOUT;
		buf_addstr(&v.message, "timed out");
	} else {
		if (end->term_signal)
			v.outcome = OUTCOME_CRASH;
		proc_end_describe(end, &v.message);
	}
	buf_addstr(&v.message, " in SetUpTestSuite");
	settle_waiting(r, &v, r->suite.s);
	buf_release(&v.message);
}

/* No test ran, and GoogleTest is content: the environment's SetUp said GTEST_SKIP(), and printed
 * the reason. */
static void settle_skipped(struct reader *r)
{
	struct verdict v = { .outcome = OUTCOME_SKIP, .message = BUF_INIT, .file = BUF_INIT };
	struct buf why = BUF_INIT;

	finding_tell(&r->finding.skip, &why, &v.file, &v.line);
	/* "why, why": GoogleTest prints it as a result, and once more below */
	size_t half = why.len > 2 ? (why.len - 2) / 2 : 0;

	if (half > 0 && memcmp(why.s, why.s + half + 2, half) == 0)
		buf_truncate(&why, half);
	buf_addf(&v.message, "skipped by the global test environment%s%s", why.len > 0 ? ": " : "",
		 why.s);
	settle_waiting(r, &v, NULL);
	buf_release(&why);
	buf_release(&v.message);
	buf_release(&v.file);
}

/* The test's place in the report, or SIZE_MAX.  Both are in the same order, so the search goes on
 * where the one before ended. */
static size_t find_reported(const struct gtest_reported *list, size_t n, const struct test *test,
			    size_t *from)
{
	for (size_t tried = 0; tried < n; tried++) {
		size_t k = (*from + tried) % n;

		if (strcmp(list[k].name, test->name) != 0 ||
		    strcmp(list[k].suite, test->suite) != 0)
			continue;
		*from = k + 1;
		return k;
	}
	return SIZE_MAX;
}

/* A failure's text in the report is "FILE:LINE\n..."; made what the output would have had. */
static void say_reported(struct reader *r, size_t i, const struct gtest_reported *t,
			 const char *trouble)
{
	struct verdict v = {
		.outcome = t->outcome, .time_us = t->time_us, .message = BUF_INIT, .file = BUF_INIT
	};
	size_t first = strcspn(t->text, "\n");
	struct buf text = BUF_INIT;

	buf_add(&text, t->text, first);
	buf_addf(&text, ": Failure%s", t->text + first);
	if (t->outcome == OUTCOME_FAIL)
		finding_tell(&text, &v.message, &v.file, &v.line);
	if (t->outcome == OUTCOME_FAIL && v.message.len == 0)
		buf_addstr(&v.message, "failed");
	if (trouble && !outcome_is_bad(v.outcome)) {
		v.outcome = OUTCOME_ERROR;
		buf_addstr(&v.message, trouble);
	}
	reader_say(r, i, &v, t->text);
	buf_release(&text);
	buf_release(&v.message);
	buf_release(&v.file);
}

/* What the report knows of those that the output did not end, the running one first.  The last one
 * answers for a bad exit status that no test explains. */
static void settle_by_report(struct reader *r, const struct proc_end *end)
{
	struct arena mem = { 0 };
	struct gtest_reported *list = NULL;
	size_t n = 0, nbad = r->nbad, last = SIZE_MAX, ntests = r->batch->ntests;
	const char *path = fs_join(&mem, r->batch->scratch, GTEST_REPORT);
	struct buf how = BUF_INIT;

	if (gtest_report_read(path, &mem, &list, &n, NULL) < 0)
		goto out;
	size_t *of = arena_alloc(&mem, ntests, sizeof *of);

	for (size_t i = 0, k = 0; i < ntests; i++) {
		of[i] = find_reported(list, n, r->batch->tests[i], &k);
		if (of[i] == SIZE_MAX || r->states[i] == TEST_SAID)
			continue;
		nbad += list[of[i]].outcome == OUTCOME_FAIL;
		last = i;
	}
	proc_end_describe(end, &how);
	buf_addstr(&how, " although every test passed");
	bool has_riddle = nbad == 0 && end->exit_code != 0;
	size_t first = r->current != SIZE_MAX ? r->current : 0;

	for (size_t k = 0; k < ntests; k++) {
		size_t i = (first + k) % ntests;

		if (of[i] != SIZE_MAX && r->states[i] != TEST_SAID)
			say_reported(r, i, &list[of[i]], has_riddle && i == last ? how.s : NULL);
	}
out:
	buf_release(&how);
	arena_release(&mem);
}

/* All that can be known without a report.  False: GoogleTest ended in peace, and where we read
 * nothing of it. */
static bool settle(struct reader *r, const struct proc_end *end)
{
	struct arena mem = { 0 };
	bool is_running = fs_exists(fs_join(&mem, r->batch->scratch, GTEST_PREMATURE));
	struct buf detail = BUF_INIT;

	arena_release(&mem);
	/* where 0 or 1 is all it said, and the file that marks a sudden end is not there */
	if (is_exit(end) && end->exit_code <= 1 && !is_running && (!r->is_over || !r->has_header))
		return false;
	if (r->current != SIZE_MAX && r->is_held && !end->is_timeout) {
		settle_held(r, end, &detail);
		size_t i = r->current;

		r->current = SIZE_MAX;
		reader_say(r, i, &r->verdict, detail.s);
	} else if (r->current == SIZE_MAX && r->is_in_set_up && !r->is_over && !end->is_stopped) {
		settle_set_up(r, end);
	} else if (r->is_over && r->nbegun == 0 && end->exit_code == 0 && r->has_environment &&
		   r->nasked >= r->batch->ntests) {
		settle_skipped(r);
	}
	buf_release(&detail);
	return true;
}

bool gtest_finish(struct reader *r, const struct proc_end *end)
{
	r->now_us = proc_now_us();
	reader_output(r, 0, r->pending.s, r->pending.len);
	buf_clear(&r->pending);
	bool is_trusted = settle(r, end);

	if (r->batch->wants_report && is_exit(end)) {
		settle_by_report(r, end);
		is_trusted = true; /* there is no better way to ask */
	}
	reader_flush_early(r, SIZE_MAX);
	reader_free(r);
	return is_trusted;
}
