/* SPDX-License-Identifier: MIT
 *
 * What the report shows while tests run, and of runs that did not go to their end.
 */
#include "unit/report_lanes.h"

/* Rows -------------------------------------------------------------------------------------- */

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

START_TEST(what_was_written_down_as_lost_counts_once)
{
	many_tests(2, 2);
	dirs[2] = fs_join(&mem, dirs[1], "lost");
	dirs[3] = fs_join(&mem, dirs[0], "lost"); /* nothing was lost there: no such folder */
	ck_assert_int_eq(fs_mkdirs(dirs[2], &e), 0);
	journals[2] = journal_create(dirs[2], 1, &e);
	begin(1, 1);
	journal_abandon(journals[1]);
	journals[1] = NULL;
	end(0, make(0, OUTCOME_PASS, ""));
	close_lane(0);
	ck_assert_int_eq(journal_end(journals[2],
				     &(struct result){ .test = 1,
						       .lane = 1,
						       .attempt = 1,
						       .outcome = OUTCOME_LOST,
						       .message = "worker 'gw1' crashed",
						       .detail = "" },
				     &e),
			 0);
	close_lane(2);
	struct report *r = report_begin(&options, &run, &tests, &plan, dirs, 4, &e);

	ck_assert_ptr_nonnull(r);
	struct report_totals t = finish(r);

	ck_assert_uint_eq(t.passed, 1);
	ck_assert_uint_eq(t.errors, 1);
	ck_assert_ptr_nonnull(strstr(shown, "\n[gw1] worker 'gw1' crashed\n"));
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
		{ "outoftime", STOP_TIME, 1 },
	};

	many_tests(5, 1);
	end(0, make(0, OUTCOME_PASS, ""));
	end(0, make(1, OUTCOME_TIMEOUT, "timed out after 1.000 s"));
	begin(0, 2);
	if (rows[_i].why != STOP_INTERRUPT)
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

START_TEST(a_run_that_is_out_of_time_fails_without_a_failure)
{
	many_tests(2, 1);
	end(0, make(0, OUTCOME_PASS, ""));
	close_lane(0);
	struct report *r = start();

	report_stopped(r, STOP_TIME);
	struct report_totals t = finish(r);

	ck_assert_uint_eq(t.failed + t.errors, 0);
	ck_assert(t.is_out_of_time);
	ck_assert_int_eq(report_exit_code(&t), 1);
	ck_assert_ptr_nonnull(strstr(shown, "1 test was not run\nNOTRUN "));
}
END_TEST

START_TEST(what_runs_for_long_is_told_at_doubling_times)
{
	many_tests(2, 1);
	options.slow_us = 10 * 1000 * 1000;
	run.began_us = proc_now_us() - 25 * 1000 * 1000;
	begin(0, 0);
	struct report *r = start();

	ck_assert_int_eq(report_poll(r, &e), 0);
	ck_assert_int_eq(report_poll(r, &e), 0);
	finish(r);
	ck_assert_ptr_nonnull(strstr(shown, " is running for 20 s on gw0\n"));
	ck_assert_ptr_null(strstr(shown, " is running for 10 s"));
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

int main(void)
{
	Suite *s = suite_create("report of a run");
	TCase *tc = tcase_create("report of a run");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, rows_fill_the_columns, 0, 4);
	tcase_add_test(tc, what_is_new_is_shown_once);
	tcase_add_test(tc, many_workers_are_a_number);
	tcase_add_test(tc, without_an_engine_the_header_counts);
	tcase_add_test(tc, what_a_dead_worker_had_is_an_error);
	tcase_add_test(tc, a_test_that_another_worker_ended_is_not_lost);
	tcase_add_test(tc, what_was_written_down_as_lost_counts_once);
	tcase_add_loop_test(tc, a_stopped_run_says_so_and_loses_nothing, 0, 3);
	tcase_add_test(tc, a_run_that_is_out_of_time_fails_without_a_failure);
	tcase_add_test(tc, what_runs_for_long_is_told_at_doubling_times);
	tcase_add_test(tc, nothing_at_all_is_exit_code_five);
	tcase_add_test(tc, the_last_attempt_counts);
	tcase_add_test(tc, under_each_every_lane_has_a_result);
	tcase_add_test(tc, a_folder_a_unit_names_its_lane_itself);
	tcase_add_test(tc, a_terminal_shows_what_takes_long);
	tcase_add_test(tc, long_names_are_cut_where_the_line_ends);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
