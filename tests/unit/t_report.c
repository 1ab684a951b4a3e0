/* SPDX-License-Identifier: MIT
 *
 * What the report says of each kind of end, under which option.
 */
#include "unit/report_lanes.h"

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

START_TEST(attempts_are_marked_and_the_last_one_counts)
{
	set_lanes(1);
	add_test("tests/net::flaky", NULL, 0);
	add_test("tests/net::broken", NULL, 0);
	add_test("tests/net::good", NULL, 0);
	add_unit(0, 2, NO_INDEX);
	for (unsigned attempt = 1; attempt <= 3; attempt++) {
		struct result r = make(1, OUTCOME_FAIL, "refused");

		r.attempt = attempt;
		r.is_rerun = attempt < 3;
		end(0, r);
		r = make(0, attempt < 2 ? OUTCOME_CRASH : OUTCOME_PASS,
			 attempt < 2 ? "killed" : "");
		r.attempt = attempt;
		r.is_rerun = attempt < 2;
		if (attempt < 3)
			end(0, r);
	}
	end(0, make(2, OUTCOME_PASS, ""));
	close_lane(0);
	options.show = _i == 0 ? "fE" : "RfE";
	options.verbosity = _i;
	const struct report_totals totals = report();

	ck_assert_uint_eq(totals.passed, 2);
	ck_assert_uint_eq(totals.failed, 1);
	ck_assert_int_eq(report_exit_code(&totals), 1);
	check_golden(_i == 0 ? "reruns" : "reruns_v");
}
END_TEST

START_TEST(what_was_flaky_is_told_to_the_history)
{
	struct history_seen seen[4];
	struct result r = make(0, OUTCOME_FAIL, "refused");

	set_lanes(1);
	add_test("tests/net::flaky", NULL, 0);
	add_unit(0, 0, NO_INDEX);
	r.is_rerun = true;
	end(0, r);
	r = make(0, OUTCOME_PASS, "");
	r.attempt = 2;
	end(0, r);
	close_lane(0);
	struct report *told = start();

	ck_assert_int_eq(report_poll(told, &e), 0);
	ck_assert_uint_le(report_nresults(told), ARRAY_SIZE(seen));
	ck_assert_uint_eq(report_seen(told, seen), 1);
	ck_assert_int_eq(seen[0].outcome, OUTCOME_PASS);
	ck_assert(seen[0].is_flaky);
	finish(told);
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

int main(void)
{
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_of_everything);
	tcase_add_loop_test(tc, options_change_what_is_said, 0, 9);
	tcase_add_loop_test(tc, attempts_are_marked_and_the_last_one_counts, 0, 2);
	tcase_add_test(tc, what_was_flaky_is_told_to_the_history);
	tcase_add_test(tc, a_verdict_is_the_last_words_alone);
	tcase_add_test(tc, a_terminal_keeps_the_summary_to_a_line_a_test);
	tcase_add_loop_test(tc, foreign_bytes_move_no_cursor, 0, 3);
	tcase_add_test(tc, much_output_is_read_from_its_end);
	tcase_add_test(tc, lost_output_does_not_hide_the_verdict);
	tcase_add_test(tc, a_journal_of_another_run_is_refused);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
