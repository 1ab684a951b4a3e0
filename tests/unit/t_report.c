/* SPDX-License-Identifier: MIT
 *
 * Journals are written as a lane would, and the report of them is compared with
 * tests/fixtures/report/NAME.txt (UPDATE_GOLDEN=1 writes those anew; look at the diff).
 */
#include "stage/report.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/journal.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "unit/unit.h"

enum { MAX_LANES = 64 };

static struct arena mem;
static struct err e;
static struct tests tests;
static struct plan plan;
static struct run run;
static struct report_options options;
static const char *top;
static const char *dirs[MAX_LANES];
static struct journal *journals[MAX_LANES];
static char *shown; /* what open_memstream() has */
static size_t shown_len;

static void setup(void)
{
	e = (struct err){ 0 };
	run = (struct run){ 0 };
	top = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(top);
	tests.rootdir = "/home/me/project";
	run.rootdir = "/home/me/project";
	options = (struct report_options){
		.columns = 80,
		.tb = TB_SHORT,
		.durations = UINT32_MAX,
		.show = "fE",
		.engine = "ninja 1.11.1",
	};
	options.out = open_memstream(&shown, &shown_len);
}

static void teardown(void)
{
	for (size_t i = 0; i < MAX_LANES; i++)
		journal_abandon(journals[i]);
	fs_remove_tree(top, NULL);
	fclose(options.out);
	free(shown);
	tests_release(&tests);
	plan_release(&plan);
	arena_release(&mem);
}

static void set_lanes(unsigned n)
{
	run.nlanes = plan.nlanes = n;
	for (unsigned i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof name, "gw%u", i);
		dirs[i] = fs_join(&mem, top, name);
		ck_assert_int_eq(fs_mkdirs(dirs[i], &e), 0);
		journals[i] = journal_create(dirs[i], i, &e);
		ck_assert_ptr_nonnull(journals[i]);
	}
}

static uint32_t add_test(const char *id, const char *file, unsigned line)
{
	const struct target target = { .name = "tests/prog", .adapter = "exitcode" };
	struct test t = test_blank(tests.ntargets ? 0 : tests_add_target(&tests, &target));

	t.id = arena_strdup(&tests.mem, id);
	t.file = file;
	t.line = line;
	return tests_add(&tests, &t);
}

/* A unit of all tests from the first to the last. */
static void add_unit(uint32_t first, uint32_t last, uint32_t home)
{
	struct unit u = { .name = "u", .home = home, .ntests = last - first + 1, .reason = "" };

	u.tests = arena_alloc(&plan.mem, u.ntests, sizeof *u.tests);
	for (size_t i = 0; i < u.ntests; i++)
		u.tests[i] = first + (uint32_t)i;
	GROW(plan.units, plan.nunits, plan.cap_units);
	plan.units[plan.nunits++] = u;
}

static struct result make(uint32_t test, enum outcome o, const char *message)
{
	return (struct result){
		.test = test,
		.attempt = 1,
		.outcome = o,
		.start_us = 1000 * test,
		.time_us = 10000 * (test + 1),
		.message = message,
		.detail = "",
		.exit_code = -1,
		.peak_bytes = TIME_UNKNOWN,
	};
}

static void begin(unsigned lane, uint32_t test)
{
	ck_assert_int_eq(journal_begin(journals[lane], test, 1, 1000 * test, &e), 0);
}

static void end(unsigned lane, struct result r)
{
	begin(lane, r.test);
	ck_assert_int_eq(journal_end(journals[lane], &r, &e), 0);
}

static struct span print(unsigned lane, const char *text)
{
	struct span s = { 0 };

	ck_assert_int_eq(journal_output(journals[lane], text, strlen(text), &s, &e), 0);
	return s;
}

static void close_lane(unsigned lane)
{
	ck_assert_int_eq(journal_close(journals[lane], &e), 0);
	journals[lane] = NULL;
}

static struct report *start(void)
{
	struct report *r = report_begin(&options, &run, &tests, &plan, dirs, run.nlanes, &e);

	ck_assert_ptr_nonnull(r);
	return r;
}

static struct report_totals finish(struct report *r)
{
	struct report_totals totals = { 0 };

	if (report_end(r, &totals, &e) < 0)
		ck_abort_msg("report_end: %s", e.msg);
	report_free(r);
	fflush(options.out);
	return totals;
}

static struct report_totals report(void)
{
	return finish(start());
}

/* What was shown must be what the file has. */
static void check_golden(const char *name)
{
	struct buf path = BUF_INIT;
	struct buf want = BUF_INIT;

	fflush(options.out);
	buf_addf(&path, "tests/fixtures/report/%s.txt", name);
	if (getenv("UPDATE_GOLDEN")) {
		FILE *f = fopen(path.s, "w");

		ck_assert_ptr_nonnull(f);
		fwrite(shown, 1, shown_len, f);
		ck_assert_int_eq(fclose(f), 0);
	}
	if (fs_read(path.s, 1 << 20, &want, &e) < 0)
		ck_abort_msg("%s: %s", path.s, e.msg);
	if (want.len != shown_len || memcmp(want.s, shown, shown_len) != 0)
		ck_abort_msg("not as in %s:\n%s", path.s, shown);
	buf_release(&path);
	buf_release(&want);
}

/* Two lanes, one of everything. */
static void mixed_run(void)
{
	set_lanes(2);
	add_test("tests/db_test.c::insert::accepts_text", "/home/me/project/tests/db_test.c", 20);
	add_test("tests/db_test.c::insert::rejects_null", "tests/db_test.c", 35);
	add_test("tests/net_test.c::connect", "tests/net_test.c", 7);
	add_test("tests/net_test.c::needs_network", NULL, 0);
	add_test("tests/net_test.c::needs_ipv6", NULL, 0);
	add_test("tests/tap_test", NULL, 0);
	add_test("tests/old_bug", NULL, 0);
	add_test("tests/fixed_bug", NULL, 0);
	add_test("tests/not_built", NULL, 0);
	add_test("tests/slow", NULL, 0);
	add_unit(0, 9, NO_INDEX);

	struct result r = make(0, OUTCOME_PASS, "");

	r.out = print(0, "inserted\n");
	end(0, r);
	r = make(1, OUTCOME_FAIL, "expected -1, got 0");
	r.file = "tests/db_test.c";
	r.line = 41;
	r.detail = "expected: -1\n  actual: 0\n";
	r.out = print(1, "opening db\n");
	r.err = print(1, "warning: no journal");
	end(1, r);
	end(0, make(2, OUTCOME_CRASH, "killed by SIGSEGV"));
	end(0, make(3, OUTCOME_SKIP, "no network"));
	end(0, make(4, OUTCOME_SKIP, "no network"));
	static const struct subresult subs[] = {
		{ "1 - opens", OUTCOME_PASS, "", NULL, 0, TIME_UNKNOWN },
		{ "2 - is closed", OUTCOME_FAIL, "not closed", "t/basic.t", 12, TIME_UNKNOWN },
		{ "3 - is gone", OUTCOME_PASS, "", NULL, 0, TIME_UNKNOWN },
	};
	r = make(5, OUTCOME_FAIL, "1 of 3 points failed");
	r.subs = subs;
	r.nsubs = 3;
	end(1, r);
	end(1, make(6, OUTCOME_XFAIL, "bug 17"));
	end(1, make(7, OUTCOME_XPASS, "bug 4"));
	end(0, make(8, OUTCOME_ERROR, "the program is not built"));
	r = make(9, OUTCOME_PASS, "");
	r.time_us = 75300000;
	r.is_leaky = true;
	end(0, r);
	close_lane(0);
	close_lane(1);
}

START_TEST(one_of_everything)
{
	options.configfile = "/home/me/project/gangway.ini";
	options.ndeselected = 188;
	mixed_run();
	struct report_totals t = report();

	ck_assert_uint_eq(t.passed, 2);
	ck_assert_uint_eq(t.failed, 3);
	ck_assert_uint_eq(t.skipped, 2);
	ck_assert_uint_eq(t.xfailed, 1);
	ck_assert_uint_eq(t.xpassed, 1);
	ck_assert_uint_eq(t.errors, 1);
	ck_assert_uint_eq(t.subtests_passed, 2);
	ck_assert(!t.is_interrupted);
	ck_assert_int_eq(report_exit_code(&t), 1);
	check_golden("mixed");
}
END_TEST

START_TEST(options_change_what_is_said)
{
	static const struct {
		const char *name;
		int verbosity;
		enum report_tb tb;
		unsigned durations;
		const char *show;
		bool use_color;
	} rows[] = {
		{ "mixed_color", 0, TB_SHORT, UINT32_MAX, "fE", true },
		{ "mixed_v", 1, TB_SHORT, UINT32_MAX, "fE", false },
		{ "mixed_v_color", 1, TB_NO, UINT32_MAX, "A", true },
		{ "mixed_vv", 2, TB_SHORT, 3, "fE", false },
		{ "mixed_q", -1, TB_SHORT, UINT32_MAX, "fE", false },
		{ "mixed_q_color", -1, TB_NO, UINT32_MAX, "", true },
		{ "mixed_qq", -2, TB_LINE, UINT32_MAX, "fE", false },
		{ "mixed_all", 0, TB_NO, 0, "A", false },
		{ "mixed_passed", 0, TB_LINE, 2, "fpP", false },
	};

	options.verbosity = rows[_i].verbosity;
	options.tb = rows[_i].tb;
	options.durations = rows[_i].durations;
	options.show = rows[_i].show;
	options.use_color = rows[_i].use_color;
	mixed_run();
	report();
	check_golden(rows[_i].name);
}
END_TEST

START_TEST(a_verdict_is_the_last_words_alone)
{
	options.is_verdict = true;
	options.durations = 3;
	mixed_run();
	report();
	check_golden("mixed_verdict");
}
END_TEST

START_TEST(a_terminal_keeps_the_summary_to_a_line_a_test)
{
	options.is_terminal = true;
	options.columns = 50;
	options.tb = TB_NO;
	mixed_run();
	report();
	check_golden("mixed_narrow");
}
END_TEST

/* Rows -------------------------------------------------------------------------------------- */

static void many_tests(unsigned n, unsigned nlanes)
{
	set_lanes(nlanes);
	for (unsigned i = 0; i < n; i++) {
		char id[32];

		snprintf(id, sizeof id, "tests/many::t%u", i);
		add_test(id, NULL, 0);
	}
	add_unit(0, n - 1, NO_INDEX);
}

START_TEST(rows_fill_the_columns)
{
	static const struct {
		const char *name;
		unsigned columns, ntests;
	} rows[] = {
		{ "rows_80", 80, 200 },
		{ "rows_full", 80, 148 },
		{ "rows_120", 120, 200 },
		{ "rows_few_columns", 3, 30 },
	};

	options.columns = rows[_i].columns;
	many_tests(rows[_i].ntests, 2);
	for (unsigned i = 0; i < rows[_i].ntests; i++)
		end(i % 2, make(i, OUTCOME_PASS, ""));
	close_lane(0);
	close_lane(1);
	struct report_totals t = report();

	ck_assert_int_eq(report_exit_code(&t), 0);
	check_golden(rows[_i].name);
}
END_TEST

START_TEST(what_is_new_is_shown_once)
{
	many_tests(80, 1);
	struct report *r = start();

	for (unsigned i = 0; i < 80; i++) {
		size_t before = shown_len;

		begin(0, i);
		ck_assert_int_eq(report_poll(r, &e), 0);
		fflush(options.out);
		ck_assert_uint_eq(shown_len, before);
		end(0, make(i, OUTCOME_PASS, ""));
		ck_assert_int_eq(report_poll(r, &e), 0);
		ck_assert_int_eq(report_poll(r, &e), 0);
		fflush(options.out);
		ck_assert_uint_eq(shown_len, before + (i == 73 ? 8 : 1));
	}
	close_lane(0);
	finish(r);
	check_golden("step_by_step");
}
END_TEST

START_TEST(many_workers_are_a_number)
{
	many_tests(12, 12);
	for (unsigned i = 0; i < 12; i++) {
		end(i, make(i, OUTCOME_PASS, ""));
		close_lane(i);
	}
	report();
	check_golden("many_workers");
}
END_TEST

START_TEST(without_an_engine_the_header_counts)
{
	options.engine = NULL;
	options.ndeselected = 2;
	many_tests(1, 1);
	tests_add_error(&tests, "tests/broken", "cannot list");
	end(0, make(0, OUTCOME_PASS, ""));
	close_lane(0);
	report();
	check_golden("no_engine");
}
END_TEST

/* Ends that are none ------------------------------------------------------------------------ */

START_TEST(what_a_dead_worker_had_is_an_error)
{
	many_tests(5, 2);
	plan.units[0].ntests = 3;
	add_unit(3, 3, NO_INDEX);
	add_unit(4, 4, NO_INDEX);
	ck_assert_int_eq(journal_unit(journals[0], 0, &e), 0);
	end(0, make(0, OUTCOME_PASS, ""));
	begin(0, 1);
	journal_abandon(journals[0]); /* gw0 dies: 1 was running, 2 was to come */
	journals[0] = NULL;
	begin(1, 3); /* no end, and the lane goes on */
	close_lane(1);
	struct report_totals t = report();

	ck_assert_uint_eq(t.errors, 4);
	ck_assert_uint_eq(t.passed, 1);
	ck_assert_int_eq(report_exit_code(&t), 1);
	check_golden("lost");
}
END_TEST

START_TEST(a_test_that_another_worker_ended_is_not_lost)
{
	many_tests(1, 2);
	begin(0, 0);
	journal_abandon(journals[0]);
	journals[0] = NULL;
	end(1, make(0, OUTCOME_PASS, ""));
	close_lane(1);
	struct report_totals t = report();

	ck_assert_uint_eq(t.errors, 0);
	ck_assert_uint_eq(t.passed, 1);
}
END_TEST

START_TEST(a_stopped_run_says_so_and_loses_nothing)
{
	static const struct {
		const char *name;
		enum stop_reason why;
		int exit_code;
	} rows[] = {
		{ "maxfail", STOP_MAXFAIL, 1 },
		{ "interrupted", STOP_INTERRUPT, 2 },
	};

	many_tests(5, 1);
	end(0, make(0, OUTCOME_PASS, ""));
	end(0, make(1, OUTCOME_TIMEOUT, "timed out after 1.000 s"));
	begin(0, 2);
	if (rows[_i].why == STOP_MAXFAIL)
		close_lane(0);
	struct report *r = start();

	report_stopped(r, rows[_i].why);
	struct report_totals t = finish(r);

	ck_assert_uint_eq(t.errors, 0);
	ck_assert_uint_eq(t.failed, 1);
	ck_assert(t.is_interrupted == (rows[_i].why == STOP_INTERRUPT));
	ck_assert_int_eq(report_exit_code(&t), rows[_i].exit_code);
	check_golden(rows[_i].name);
}
END_TEST

START_TEST(nothing_at_all_is_exit_code_five)
{
	many_tests(1, 1);
	plan.nunits = 0;
	close_lane(0);
	struct report_totals t = report();

	ck_assert_int_eq(report_exit_code(&t), 5);
	check_golden("nothing");
}
END_TEST

START_TEST(the_last_attempt_counts)
{
	many_tests(1, 1);
	end(0, make(0, OUTCOME_FAIL, "flaky"));
	struct result r = make(0, OUTCOME_PASS, "");

	r.attempt = 2;
	end(0, r);
	close_lane(0);
	struct report_totals t = report();

	ck_assert_uint_eq(t.failed, 0);
	ck_assert_uint_eq(t.passed, 1);
}
END_TEST

/* --dist=each, folders of units -------------------------------------------------------------- */

START_TEST(under_each_every_lane_has_a_result)
{
	many_tests(2, 2);
	plan.dist = DIST_EACH;
	plan.units[0].home = 0;
	add_unit(0, 1, 1);
	end(0, make(0, OUTCOME_PASS, ""));
	end(0, make(1, OUTCOME_FAIL, "no"));
	end(1, make(0, OUTCOME_FAIL, "no"));
	close_lane(0);
	close_lane(1);
	options.verbosity = 1;
	struct report_totals t = report();

	ck_assert_uint_eq(t.passed, 1);
	ck_assert_uint_eq(t.failed, 2);
	ck_assert_uint_eq(t.errors, 1);
	check_golden("each");
}
END_TEST

START_TEST(a_folder_a_unit_names_its_lane_itself)
{
	many_tests(2, 2);
	run.is_by_unit = true;
	journal_abandon(journals[0]);
	journals[0] = journal_create(dirs[0], 7, &e);
	struct result r = make(0, OUTCOME_FAIL, "no");

	r.start_us = 5000000000;
	end(0, r);
	r.test = 1;
	r.start_us += 20000;
	end(1, r);
	close_lane(0);
	close_lane(1);
	report();
	check_golden("by_unit");
}
END_TEST

/* Foreign bytes ------------------------------------------------------------------------------ */

static void add_ugly(void)
{
	struct buf text = BUF_INIT;

	set_lanes(1);
	add_test("tests/\x1b[2Jugly::\xc3\xa4\n\xff", NULL, 0);
	add_unit(0, 0, NO_INDEX);
	struct result r = make(0, OUTCOME_FAIL, "two\nlines \x1b[31mred\x07");

	for (int i = 1; i <= 100; i++)
		buf_addf(&text, "line %d\n", i);
	r.err = print(0, text.s);
	r.out = print(0, "\xc3\xa9\ttab\r\n\x1b[1;31mred\x1b[0m \x1b[2J bell\x07 50%\r100% \xff "
			 "\x1b[32mlast");
	r.detail = text.s;
	end(0, r);
	close_lane(0);
	buf_release(&text);
}

START_TEST(foreign_bytes_move_no_cursor)
{
	static const struct {
		const char *name;
		enum report_tb tb;
		bool use_color;
	} rows[] = {
		{ "ugly", TB_SHORT, false },
		{ "ugly_color", TB_SHORT, true },
		{ "ugly_long", TB_LONG, false },
	};

	options.tb = rows[_i].tb;
	options.use_color = rows[_i].use_color;
	add_ugly();
	report();
	check_golden(rows[_i].name);
}
END_TEST

START_TEST(much_output_is_read_from_its_end)
{
	struct buf text = BUF_INIT;

	many_tests(1, 1);
	for (int i = 0; i < 100000; i++)
		buf_addstr(&text, "\xc3\xa4"); /* one line, no newline in reach */
	struct result r = make(0, OUTCOME_FAIL, "no");

	r.out = print(0, text.s);
	end(0, r);
	close_lane(0);
	report();
	ck_assert_ptr_nonnull(
		strstr(shown, "[the end of 200000 bytes; --tb=long shows all]\n\xc3"));
	ck_assert_ptr_null(strstr(shown, "\\x"));
	ck_assert_uint_lt(shown_len, 70000);
	buf_release(&text);
}
END_TEST

START_TEST(lost_output_does_not_hide_the_verdict)
{
	many_tests(1, 1);
	struct result r = make(0, OUTCOME_FAIL, "no");

	r.out = print(0, "hello\n");
	end(0, r);
	close_lane(0);
	ck_assert_int_eq(unlink(fs_join(&mem, dirs[0], "output")), 0);
	struct report_totals t = report();

	ck_assert_uint_eq(t.failed, 1);
	ck_assert_ptr_nonnull(strstr(shown, "output: cannot open"));
}
END_TEST

START_TEST(a_journal_of_another_run_is_refused)
{
	struct report_totals t;

	many_tests(2, 1);
	end(0, make(2, OUTCOME_PASS, ""));
	struct report *r = start();

	ck_assert_int_eq(report_end(r, &t, &e), -1);
	ck_assert_str_eq(e.msg, "test 2 is not in tests.tsv");
	ck_assert_uint_gt(e.line, 0);
	report_free(r);
}
END_TEST

/* The last line ------------------------------------------------------------------------------ */

START_TEST(a_terminal_shows_what_takes_long)
{
	options.is_terminal = true;
	many_tests(4, 2);
	run.began_us = proc_now_us() - 62500000; /* half a second from the next */
	struct report *r = start();

	end(0, make(0, OUTCOME_PASS, ""));
	begin(0, 1);
	ck_assert_int_eq(journal_begin(journals[1], 2, 1, 60000000, &e), 0);
	ck_assert_int_eq(report_poll(r, &e), 0);
	end(0, make(1, OUTCOME_FAIL, "no"));
	ck_assert_int_eq(report_poll(r, &e), 0);
	end(1, make(2, OUTCOME_PASS, ""));
	ck_assert_int_eq(report_poll(r, &e), 0);
	end(1, make(3, OUTCOME_PASS, ""));
	close_lane(0);
	close_lane(1);
	finish(r);
	check_golden("live");
}
END_TEST

START_TEST(long_names_are_cut_where_the_line_ends)
{
	options.is_terminal = true;
	options.columns = 40;
	many_tests(3, 2);
	tests.tests[0].id = "tests/a_very_long_name_of_a_program::and_of_a_test";
	run.began_us = proc_now_us() - 5500000;
	struct report *r = start();

	end(0, make(1, OUTCOME_PASS, ""));
	begin(0, 0);
	begin(1, 2);
	ck_assert_int_eq(report_poll(r, &e), 0);
	report_free(r); /* and the line is gone where the run breaks off */
	check_golden("live_cut");
}
END_TEST

static void add_loops(TCase *tc)
{
	tcase_add_loop_test(tc, options_change_what_is_said, 0, 9);
	tcase_add_loop_test(tc, rows_fill_the_columns, 0, 4);
	tcase_add_loop_test(tc, a_stopped_run_says_so_and_loses_nothing, 0, 2);
	tcase_add_loop_test(tc, foreign_bytes_move_no_cursor, 0, 3);
}

int main(void)
{
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_add_checked_fixture(tc, setup, teardown);
	add_loops(tc);
	tcase_add_test(tc, one_of_everything);
	tcase_add_test(tc, a_verdict_is_the_last_words_alone);
	tcase_add_test(tc, a_terminal_keeps_the_summary_to_a_line_a_test);
	tcase_add_test(tc, what_is_new_is_shown_once);
	tcase_add_test(tc, many_workers_are_a_number);
	tcase_add_test(tc, without_an_engine_the_header_counts);
	tcase_add_test(tc, what_a_dead_worker_had_is_an_error);
	tcase_add_test(tc, a_test_that_another_worker_ended_is_not_lost);
	tcase_add_test(tc, nothing_at_all_is_exit_code_five);
	tcase_add_test(tc, the_last_attempt_counts);
	tcase_add_test(tc, under_each_every_lane_has_a_result);
	tcase_add_test(tc, a_folder_a_unit_names_its_lane_itself);
	tcase_add_test(tc, much_output_is_read_from_its_end);
	tcase_add_test(tc, lost_output_does_not_hide_the_verdict);
	tcase_add_test(tc, a_journal_of_another_run_is_refused);
	tcase_add_test(tc, a_terminal_shows_what_takes_long);
	tcase_add_test(tc, long_names_are_cut_where_the_line_ends);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
