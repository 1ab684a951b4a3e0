/* SPDX-License-Identifier: MIT */
#include "format/journal.h"

#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "unit/unit.h"

static char dir[64];
static struct err e;

static void make_dir(void)
{
	snprintf(dir, sizeof dir, "/tmp/t_journal.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/journal.tsv", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/output", dir);
	unlink(path);
	rmdir(dir);
}

/* Events as one line of text each. */
static int note(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	static const char letters[] = "ubedz";
	struct buf *out = ctx;
	const struct result *r = &ev->result;

	(void)reterr;
	buf_addf(out, "%c", letters[ev->kind]);
	if (ev->kind == JOURNAL_UNIT || ev->kind == JOURNAL_UNIT_DONE)
		buf_addf(out, "%u", ev->unit);
	if (ev->kind == JOURNAL_BEGIN)
		buf_addf(out, "%u.%u@%llu", r->test, r->attempt, (unsigned long long)r->start_us);
	if (ev->kind == JOURNAL_END)
		buf_addf(out, "%u.%u=%s", r->test, r->attempt, outcome_word(r->outcome));
	for (size_t i = 0; i < r->nsubs; i++)
		buf_addf(out, "(%s)", r->subs[i].name);
	buf_addch(out, ' ');
	return 0;
}

START_TEST(a_lane_reads_as_it_was_written)
{
	struct journal *j = journal_create(dir, 3, &e);
	struct subresult subs[] = {
		{ .name = "1", .outcome = OUTCOME_PASS, .time_us = 1 },
		{ .name = "2\n", .outcome = OUTCOME_FAIL, .message = "m", .file = "f" },
	};
	struct result pass = { .test = 5, .attempt = 1, .outcome = OUTCOME_PASS };
	struct result fail = {
		.test = 6, .attempt = 2, .outcome = OUTCOME_FAIL, .subs = subs, .nsubs = 2
	};
	struct journal_reader r;
	struct buf got = BUF_INIT;

	ck_assert_ptr_nonnull(j);
	ck_assert_int_eq(journal_unit(j, 1, &e), 0);
	ck_assert_int_eq(journal_begin(j, 5, 1, 100, &e), 0);
	ck_assert_int_eq(journal_end(j, &pass, &e), 0);
	journal_reader_init(&r, dir, 3);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	ck_assert_str_eq(got.s, "u1 b5.1@100 e5.1=passed ");
	ck_assert_int_eq(journal_end(j, &fail, &e), 0);
	ck_assert_int_eq(journal_unit_done(j, 1, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	ck_assert(!r.is_closed);
	ck_assert_int_eq(journal_close(j, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	ck_assert(r.is_closed);
	ck_assert_str_eq(got.s, "u1 b5.1@100 e5.1=passed e6.2=failed(1)(2\n) d1 z ");
	buf_release(&got);
	journal_reader_release(&r);
}
END_TEST

static int copy_end(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	const struct result *want = ctx;
	const struct result *r = &ev->result;

	(void)reterr;
	if (ev->kind != JOURNAL_END)
		return 0;
	ck_assert_uint_eq(r->test, want->test);
	ck_assert_uint_eq(r->lane, want->lane);
	ck_assert_uint_eq(r->attempt, want->attempt);
	ck_assert_int_eq(r->outcome, want->outcome);
	ck_assert(r->start_us == want->start_us && r->time_us == want->time_us);
	ck_assert_str_eq(r->message, want->message ? want->message : "");
	ck_assert_str_eq(r->detail, want->detail ? want->detail : "");
	ck_assert_pstr_eq(r->file, want->file);
	ck_assert_uint_eq(r->line, want->line);
	ck_assert_int_eq(r->exit_code, want->exit_code);
	ck_assert_int_eq(r->term_signal, want->term_signal);
	ck_assert(r->peak_bytes == want->peak_bytes);
	ck_assert(r->out.offset_bytes == want->out.offset_bytes);
	ck_assert(r->out.size_bytes == want->out.size_bytes);
	ck_assert(r->err.offset_bytes == want->err.offset_bytes);
	ck_assert(r->err.size_bytes == want->err.size_bytes);
	ck_assert(r->is_leaky == want->is_leaky);
	ck_assert(r->is_rerun == want->is_rerun);
	ck_assert(r->has_usage == want->has_usage);
	if (want->has_usage) {
		ck_assert_uint_eq(r->user_us, want->user_us);
		ck_assert_uint_eq(r->system_us, want->system_us);
	}
	ck_assert_pstr_eq(r->core, want->core);
	ck_assert(r->phases.are_known == want->phases.are_known);
	for (size_t i = 0; want->phases.are_known && i < PHASE_MAX; i++)
		ck_assert(r->phases.time_us[i] == want->phases.time_us[i]);
	ck_assert_uint_eq(r->nsubs, want->nsubs);
	for (size_t i = 0; i < r->nsubs; i++) {
		ck_assert_str_eq(r->subs[i].name, want->subs[i].name);
		ck_assert_int_eq(r->subs[i].outcome, want->subs[i].outcome);
		ck_assert_str_eq(r->subs[i].message, want->subs[i].message);
		ck_assert_pstr_eq(r->subs[i].file, want->subs[i].file);
		ck_assert_uint_eq(r->subs[i].line, want->subs[i].line);
		ck_assert(r->subs[i].time_us == want->subs[i].time_us);
	}
	return 0;
}

START_TEST(every_field_of_a_result_survives)
{
	static const struct subresult subs[] = {
		{ "a\tb", OUTCOME_XPASS, "\\x\n", "f.c\x7f", UINT_MAX, TIME_UNKNOWN },
		{ "", OUTCOME_SKIP, "", NULL, 0, 0 },
	};
	static const struct result results[] = {
		{ .test = UINT32_MAX,
		  .lane = 9,
		  .attempt = 7,
		  .outcome = OUTCOME_CRASH,
		  .start_us = 1,
		  .time_us = TIME_UNKNOWN,
		  .message = "\x1b[31m\xff\\",
		  .detail = "two\nlines\r\n\t",
		  .file = "a b/c\n.c",
		  .line = UINT_MAX,
		  .exit_code = -1,
		  .term_signal = 11,
		  .peak_bytes = TIME_UNKNOWN,
		  .out = { 1, 2 },
		  .err = { INT64_MAX, INT64_MAX },
		  .is_leaky = true,
		  .is_rerun = true,
		  .has_usage = true,
		  .user_us = 12000,
		  .system_us = 0,
		  .core = "/var/crash/core.12",
		  .subs = subs,
		  .nsubs = 2,
		  .phases = { true, { 0, TIME_UNKNOWN, 7 } } },
		{ .lane = 9, .attempt = 1, .phases = { true, { 1, 2, 3 } } },
		{ .lane = 9, .attempt = 1, .exit_code = 255, .peak_bytes = 4096 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
		struct result want = results[i];
		struct journal *j = journal_create(dir, 9, &e);
		struct journal_reader r;

		ck_assert_int_eq(journal_end(j, &want, &e), 0);
		ck_assert_int_eq(journal_close(j, &e), 0);
		journal_reader_init(&r, dir, 9);
		ck_assert_int_eq(journal_poll(&r, copy_end, &want, &e), 0);
		ck_assert(r.is_closed);
		journal_reader_release(&r);
	}
}
END_TEST

START_TEST(output_is_there_when_the_end_line_is)
{
	struct journal *j = journal_create(dir, 0, &e);
	struct journal_reader r;
	struct result res = { .attempt = 1 };
	struct buf got = BUF_INIT;
	char *big = xcalloc(200000, 1);

	memset(big, 'x', 200000);
	ck_assert_int_eq(journal_output(j, "hello\0", 6, &res.out, &e), 0);
	ck_assert_int_eq(journal_output(j, big, 200000, &res.err, &e), 0);
	ck_assert_int_eq(journal_output(j, "tail", 4, &res.err, &e), 0);
	ck_assert_int_eq(journal_end(j, &res, &e), 0);
	journal_reader_init(&r, dir, 0);
	ck_assert_int_eq(journal_read_output(&r, res.out, &got, &e), 0);
	ck_assert_uint_eq(got.len, 6);
	ck_assert_int_eq(memcmp(got.s, "hello\0", 6), 0);
	ck_assert_int_eq(journal_read_output(&r, res.err, &got, &e), 0);
	ck_assert_str_eq(got.s + 6, "tail");
	ck_assert_uint_eq(res.err.offset_bytes, 200006);
	journal_abandon(j);
	journal_reader_release(&r);
	buf_release(&got);
	free(big);
}
END_TEST

START_TEST(a_span_past_the_end_of_the_output_is_an_error)
{
	static const struct span spans[] = {
		{ 0, 1 }, { 5, 1 }, { INT64_MAX, INT64_MAX }, { 1, UINT64_MAX }
	};
	struct journal *j = journal_create(dir, 0, &e);
	struct journal_reader r;
	struct buf got = BUF_INIT;

	journal_reader_init(&r, dir, 0);
	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		ck_assert_int_eq(journal_read_output(&r, spans[i], &got, &e), -1);
		ck_assert_int_eq(e.code, ERR_SYNTAX);
		ck_assert_uint_eq(got.len, 0);
	}
	journal_abandon(j);
	journal_reader_release(&r);
}
END_TEST

START_TEST(held_lines_go_out_at_once)
{
	struct journal *j = journal_create(dir, 0, &e);
	struct journal_reader r;
	struct buf got = BUF_INIT;

	journal_reader_init(&r, dir, 0);
	journal_hold(j);
	ck_assert_int_eq(journal_begin(j, 1, 1, 0, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	ck_assert_str_eq(got.s, "");
	ck_assert_int_eq(journal_sync(j, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	ck_assert_str_eq(got.s, "b1.1@0 ");
	ck_assert_int_eq(journal_begin(j, 2, 1, 0, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	ck_assert_str_eq(got.s, "b1.1@0 b2.1@0 ");
	journal_abandon(j);
	journal_reader_release(&r);
	buf_release(&got);
}
END_TEST

START_TEST(a_journal_that_is_not_there_yet_is_no_error)
{
	struct journal_reader r;
	struct buf got = BUF_INIT;

	journal_reader_init(&r, dir, 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	struct journal *j = journal_create(dir, 0, &e);

	ck_assert_int_eq(journal_close(j, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	ck_assert_str_eq(got.s, "z ");
	journal_reader_release(&r);
	buf_release(&got);
}
END_TEST

START_TEST(a_torn_line_waits_for_its_rest)
{
	static const char text[] = "journal\t1\nl\t0\nu\t4\nb\t1\t1\t7\ns\tpassed\tx\t-\t\t0\t\n"
				   "e\t1\t1\tfailed\t7\t9\tm\td\t\t0\t1\t0\t-\t0\t0\t0\t0\t0\nz\n";
	struct buf got = BUF_INIT;

	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct journal_reader r;

		buf_clear(&got);
		journal_reader_init(&r, dir, 0);
		ck_assert_int_eq(journal_feed(&r, text, cut, note, &got, &e), 0);
		ck_assert_int_eq(
			journal_feed(&r, text + cut, sizeof text - 1 - cut, note, &got, &e), 0);
		ck_assert_str_eq(got.s, "u4 b1.1@7 e1.1=failed(x) z ");
		journal_reader_release(&r);
	}
	buf_release(&got);
}
END_TEST

#define HEAD "journal\t1\nl\t0\n"
static const struct {
	const char *text;
	unsigned line;
	const char *msg;
} bad[] = {
	{ "plan\t2\n", 1, "not a journal" },
	{ "journal\t2\n", 1, "not a journal" },
	{ "journal\t1\nu\t1\n", 2, "name the lane" },
	{ "journal\t1\nl\t1\n", 2, "lane 1 where that of 0" },
	{ HEAD "\n", 3, "unknown kind" },
	{ HEAD "q\t1\n", 3, "unknown kind" },
	{ HEAD "u\n", 3, "1 fields where 2" },
	{ HEAD "u\t4294967296\n", 3, "field 2" },
	{ HEAD "u\t-\n", 3, "field 2" },
	{ HEAD "b\t1\t1\n", 3, "fields" },
	{ HEAD "b\t1\t1\tx\n", 3, "field 4" },
	{ HEAD "e\t1\t1\tpassed\n", 3, "fields" },
	{ HEAD "e\t1\t1\tgood\t7\t9\tm\td\t\t0\t1\t0\t-\t0\t0\t0\t0\t0\n", 3, "no outcome" },
	{ HEAD "e\t1\t1\tpassed\t7\t9\tm\td\t\t0\t1\t0\t-\t-\t0\t0\t0\t0\n", 3, "field 14" },
	{ HEAD "e\t1\t1\tpassed\t7\t9\tm\td\t\t0\t1\t0\t-\t0\t0\t0\t0\t2\n", 3, "field 18" },
	{ HEAD "s\tgood\tx\t-\t\t0\t\n", 3, "no outcome" },
	{ HEAD "s\tpassed\tx\t-\t\t0\t\nu\t1\n", 4, "must follow" },
	{ HEAD "u\t1\nu\t\\x\n", 4, "escape" },
	{ HEAD "z\nz\n", 4, "after the end" },
};

START_TEST(a_damaged_line_is_refused_with_its_place)
{
	struct journal_reader r;
	struct buf got = BUF_INIT;
	char path[128];

	snprintf(path, sizeof path, "%s/journal.tsv", dir);
	journal_reader_init(&r, dir, 0);
	ck_assert_int_eq(journal_feed(&r, bad[_i].text, strlen(bad[_i].text), note, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, path);
	ck_assert_uint_eq(e.line, bad[_i].line);
	ck_assert_msg(strstr(e.msg, bad[_i].msg), "'%s' lacks '%s'", e.msg, bad[_i].msg);
	journal_reader_release(&r);
	buf_release(&got);
}
END_TEST

START_TEST(a_journal_that_became_shorter_is_an_error)
{
	struct journal *j = journal_create(dir, 0, &e);
	struct journal_reader r;
	struct buf got = BUF_INIT;

	ck_assert_int_eq(journal_begin(j, 1, 1, 0, &e), 0);
	journal_abandon(j);
	journal_reader_init(&r, dir, 0);
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), 0);
	journal_abandon(journal_create(dir, 0, &e));
	ck_assert_int_eq(journal_poll(&r, note, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	journal_reader_release(&r);
	buf_release(&got);
}
END_TEST

/* Endless records of one shape: test n has message and output of the same n times 'x'. */
static void write_until_killed(void)
{
	struct journal *j = journal_create(dir, 0, &e);
	char text[512];

	memset(text, 'x', sizeof text);
	for (uint32_t n = 0;; n++) {
		struct result r = { .test = n, .attempt = 1, .outcome = OUTCOME_FAIL };
		char message[512] = "";

		memcpy(message, text, n % 500);
		r.message = message;
		if (journal_begin(j, n, 1, n, &e) < 0 ||
		    journal_output(j, text, n % 500, &r.out, &e) < 0 || journal_end(j, &r, &e) < 0)
			_exit(1);
	}
}

struct seen {
	const struct journal_reader *reader;
	uint32_t nends;
};

static int check_whole(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct seen *seen = ctx;
	struct buf out = BUF_INIT;

	if (ev->kind == JOURNAL_BEGIN)
		ck_assert_uint_eq(ev->result.test, seen->nends);
	if (ev->kind != JOURNAL_END)
		return 0;
	ck_assert_uint_eq(ev->result.test, seen->nends);
	ck_assert_uint_eq(strlen(ev->result.message), seen->nends % 500);
	ck_assert_int_eq(journal_read_output(seen->reader, ev->result.out, &out, reterr), 0);
	ck_assert_uint_eq(out.len, seen->nends % 500);
	seen->nends++;
	buf_release(&out);
	return 0;
}

START_TEST(what_a_killed_lane_left_reads_whole)
{
	struct journal_reader r;
	struct seen seen = { .reader = &r };
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		write_until_killed();
	journal_reader_init(&r, dir, 0);
	while (seen.nends < 2000 + 37 * (uint32_t)_i)
		ck_assert_int_eq(journal_poll(&r, check_whole, &seen, &e), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(journal_poll(&r, check_whole, &seen, &e), 0);
	ck_assert(!r.is_closed);
	journal_reader_release(&r);
}
END_TEST

static int refuse(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	(void)ctx;
	(void)ev;
	return err_set(reterr, ERR_INTERNAL, NULL, 0, "no");
}

START_TEST(a_listener_that_says_no_ends_the_poll)
{
	struct journal *j = journal_create(dir, 0, &e);
	struct journal_reader r;

	ck_assert_int_eq(journal_close(j, &e), 0);
	journal_reader_init(&r, dir, 0);
	ck_assert_int_eq(journal_poll(&r, refuse, NULL, &e), -1);
	ck_assert_str_eq(e.msg, "no");
	journal_reader_release(&r);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_named)
{
	ck_assert_ptr_null(journal_create("/nonexistent/gw0", 0, &e));
	ck_assert_int_eq(e.code, ERR_SYSTEM);
	ck_assert_str_eq(e.path, "/nonexistent/gw0/output");
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	char path[128];

	snprintf(path, sizeof path, "%s/journal.tsv", dir);
	ck_assert_int_eq(symlink("/dev/full", path), 0);
	ck_assert_ptr_null(journal_create(dir, 0, &e));
	ck_assert_int_eq(e.code, ERR_SYSTEM);
	ck_assert_str_eq(e.path, path);
}
END_TEST

/* Where the end of a test is, and where of the one after it. */
static int note_where(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct span *where = ctx;

	(void)reterr;
	if (ev->kind == JOURNAL_END)
		where[ev->result.test] = ev->where;
	return 0;
}

START_TEST(what_was_read_can_be_read_again)
{
	struct subresult subs[] = {
		{ .name = "1", .outcome = OUTCOME_PASS },
		{ .name = "2", .outcome = OUTCOME_FAIL },
	};
	struct result one = { .attempt = 1, .outcome = OUTCOME_FAIL, .subs = subs, .nsubs = 2 };
	struct result two = { .test = 1, .attempt = 1 };
	struct journal *j = journal_create(dir, 3, &e);
	struct span where[2] = { { 0 } };
	struct journal_reader r;
	struct buf got = BUF_INIT;

	journal_reader_init(&r, dir, 3);
	ck_assert_int_eq(journal_begin(j, 0, 1, 0, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note_where, where, &e), 0);
	journal_reader_pause(&r);
	ck_assert_int_eq(journal_end(j, &one, &e), 0);
	ck_assert_int_eq(journal_end(j, &two, &e), 0);
	ck_assert_int_eq(journal_close(j, &e), 0);
	ck_assert_int_eq(journal_poll(&r, note_where, where, &e), 0);
	ck_assert_int_eq(journal_read_again(&r, where[1], note, &got, &e), 0);
	ck_assert_int_eq(journal_read_again(&r, where[0], note, &got, &e), 0);
	ck_assert_str_eq(got.s, "e1.1=passed e0.1=failed(1)(2) ");
	where[1].size_bytes++; /* z's first byte: no line */
	ck_assert_int_eq(journal_read_again(&r, where[1], note, &got, &e), 0);
	where[1].size_bytes++; /* past the end of the file */
	where[1].size_bytes++;
	ck_assert_int_eq(journal_read_again(&r, where[1], note, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	buf_release(&got);
	journal_reader_release(&r);
}
END_TEST

static int keep_usage(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	(void)reterr;
	*(bool *)ctx = ev->kind == JOURNAL_END && !ev->result.has_usage && !ev->result.core &&
		       ev->result.is_leaky;
	return 0;
}

START_TEST(a_line_of_before_there_was_usage_reads)
{
	static const char text[] = "journal\t1\nl\t0\n"
				   "e\t1\t1\tfailed\t1\t2\tm\td\tf\t3\t4\t0\t-\t0\t0\t0\t0\t1\n";
	struct journal_reader r;
	bool is_seen = false;

	journal_reader_init(&r, dir, 0);
	ck_assert_msg(journal_feed(&r, text, sizeof text - 1, keep_usage, &is_seen, &e) == 0, "%s",
		      e.msg);
	ck_assert(is_seen);
	journal_reader_release(&r);
}
END_TEST

START_TEST(a_journal_of_any_lane_says_whose_it_is)
{
	struct journal *j = journal_create(dir, 5, &e);
	struct journal_reader r;
	struct span where[1];

	ck_assert_int_eq(journal_close(j, &e), 0);
	journal_reader_init(&r, dir, NO_INDEX);
	ck_assert_int_eq(journal_poll(&r, note_where, where, &e), 0);
	ck_assert_uint_eq(r.lane, 5);
	journal_reader_release(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("journal");
	TCase *t = tcase_create("journal");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, make_dir, remove_dir);
	tcase_add_test(t, a_lane_reads_as_it_was_written);
	tcase_add_test(t, every_field_of_a_result_survives);
	tcase_add_test(t, output_is_there_when_the_end_line_is);
	tcase_add_test(t, a_span_past_the_end_of_the_output_is_an_error);
	tcase_add_test(t, held_lines_go_out_at_once);
	tcase_add_test(t, a_journal_that_is_not_there_yet_is_no_error);
	tcase_add_test(t, a_torn_line_waits_for_its_rest);
	tcase_add_loop_test(t, a_damaged_line_is_refused_with_its_place, 0, ARRAY_SIZE(bad));
	tcase_add_test(t, a_journal_that_became_shorter_is_an_error);
	tcase_add_loop_test(t, what_a_killed_lane_left_reads_whole, 0, 5);
	tcase_add_test(t, a_listener_that_says_no_ends_the_poll);
	tcase_add_test(t, a_folder_that_is_not_there_is_named);
	tcase_add_test(t, a_full_disk_is_told);
	tcase_add_test(t, what_was_read_can_be_read_again);
	tcase_add_test(t, a_journal_of_any_lane_says_whose_it_is);
	tcase_add_test(t, a_line_of_before_there_was_usage_reads);
	return unit_main(s);
}
