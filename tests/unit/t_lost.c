/* SPDX-License-Identifier: MIT */
#include "stage/lost.h"

#include "base/buf.h"
#include "base/err.h"
#include "format/journal.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/fs.h"
#include "unit/unit.h"

enum { NTESTS = 4 };

static struct arena mem;
static struct err e;
static struct tests tests;
static struct plan plan;
static struct run run;
static char *dir;
static const char *lanedirs[2];
static const uint32_t lanes[2] = { 0, 1 };
static uint32_t indices[NTESTS] = { 0, 1, 2, 3 };
static struct unit units[2];

static void setup(void)
{
	static const char *const ids[NTESTS] = { "t::a", "t::b", "t::c", "t::d" };

	e = (struct err){ 0 };
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	for (size_t i = 0; i < NTESTS; i++) {
		struct test t = test_blank(0);

		t.id = ids[i];
		tests_add(&tests, &t);
	}
	for (size_t i = 0; i < 2; i++) {
		lanedirs[i] = fs_join(&mem, dir, i == 0 ? "gw0" : "gw1");
		ck_assert_int_eq(fs_mkdirs(lanedirs[i], &e), 0);
		units[i] = (struct unit){ .tests = indices + 2 * i, .ntests = 2, .home = NO_INDEX };
	}
	plan = (struct plan){ .units = units, .nunits = 2, .nlanes = 2 };
	run = (struct run){ .nlanes = 2 };
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	tests_release(&tests);
	arena_release(&mem);
}

static void end_test(struct journal *j, uint32_t test)
{
	const struct result r = { .test = test,
				  .attempt = 1,
				  .outcome = OUTCOME_PASS,
				  .message = "",
				  .detail = "",
				  .exit_code = -1 };

	ck_assert_int_eq(journal_begin(j, test, 1, 10, &e), 0);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
}

static size_t lost(enum stop_reason stopped)
{
	const struct lost_options o = {
		.lanedirs = lanedirs, .lanes = lanes, .nlanedirs = 2, .stopped = stopped
	};
	size_t n = 99;

	ck_assert_msg(lost_run(&o, &run, &tests, &plan, &n, &e) == 0, "%s", e.msg);
	return n;
}

struct told {
	size_t n;
	uint32_t tests[NTESTS];
	char messages[NTESTS][80];
	enum outcome outcome;
	bool is_rerun;
};

static int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct told *told = ctx;

	(void)reterr;
	if (ev->kind != JOURNAL_END)
		return 0;
	ck_assert_uint_lt(told->n, NTESTS);
	told->tests[told->n] = ev->result.test;
	told->outcome = ev->result.outcome;
	told->is_rerun = ev->result.is_rerun;
	snprintf(told->messages[told->n++], sizeof told->messages[0], "%s", ev->result.message);
	return 0;
}

static struct told told_by(size_t lane)
{
	struct told told = { 0 };
	struct journal_reader reader;

	journal_reader_init(&reader, lost_dir(&mem, lanedirs[lane]), (uint32_t)lane);
	ck_assert_int_eq(journal_poll(&reader, on_event, &told, &e), 0);
	journal_reader_release(&reader);
	return told;
}

START_TEST(a_whole_run_loses_nothing)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct journal *j = journal_create(lanedirs[i], i, &e);

		end_test(j, 2 * i);
		end_test(j, 2 * i + 1);
		ck_assert_int_eq(journal_close(j, &e), 0);
	}
	ck_assert_uint_eq(lost(STOP_NO), 0);
	ck_assert(!fs_exists(lost_dir(&mem, lanedirs[0])));
}
END_TEST

/* gw1 was killed in its first test; the other one of its unit nobody began. */
static void kill_second_lane(void)
{
	struct journal *j = journal_create(lanedirs[0], 0, &e);

	end_test(j, 0);
	end_test(j, 1);
	ck_assert_int_eq(journal_close(j, &e), 0);
	j = journal_create(lanedirs[1], 1, &e);
	ck_assert_int_eq(journal_begin(j, 2, 1, 10, &e), 0);
	journal_abandon(j);
}

START_TEST(the_test_in_flight_and_those_behind_it_are_told)
{
	kill_second_lane();
	ck_assert_uint_eq(lost(STOP_NO), 2);
	const struct told told = told_by(1);

	ck_assert_uint_eq(told.n, 2);
	ck_assert_uint_eq(told.tests[0], 2);
	ck_assert_str_eq(told.messages[0], "worker 'gw1' crashed while running 't::c'");
	ck_assert_uint_eq(told.tests[1], 3);
	ck_assert_str_eq(told.messages[1], "worker 'gw1' ended before it could run this test");
	ck_assert_int_eq(told.outcome, OUTCOME_LOST);
	ck_assert_uint_eq(told_by(0).n, 0);
}
END_TEST

START_TEST(a_stopped_run_lost_only_what_was_in_flight)
{
	kill_second_lane();
	ck_assert_uint_eq(lost(STOP_MAXFAIL), 1);
	ck_assert_uint_eq(told_by(1).tests[0], 2);
}
END_TEST

START_TEST(a_run_out_of_time_lost_only_what_was_in_flight)
{
	kill_second_lane();
	ck_assert_uint_eq(lost(STOP_TIME), 1);
}
END_TEST

/* gw0 ends its unit but for the second attempt of its first test. */
static void fail_first_attempt(bool begins_second)
{
	struct journal *j = journal_create(lanedirs[0], 0, &e);
	struct result r = { .attempt = 1,
			    .outcome = OUTCOME_CRASH,
			    .message = "killed by SIGSEGV",
			    .detail = "",
			    .exit_code = -1,
			    .is_rerun = true };

	ck_assert_int_eq(journal_begin(j, 0, 1, 10, &e), 0);
	ck_assert_int_eq(journal_output(j, "ouch", 4, &r.out, &e), 0);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	end_test(j, 1);
	if (begins_second)
		ck_assert_int_eq(journal_begin(j, 0, 2, 20, &e), 0);
	journal_abandon(j);
	j = journal_create(lanedirs[1], 1, &e);
	end_test(j, 2);
	end_test(j, 3);
	ck_assert_int_eq(journal_close(j, &e), 0);
}

START_TEST(of_a_test_that_was_to_be_tried_again_the_last_attempt_counts)
{
	static const enum stop_reason reasons[] = { STOP_NO, STOP_MAXFAIL, STOP_INTERRUPT };
	struct journal_reader reader;
	struct buf output = BUF_INIT;

	fail_first_attempt(_i % 2 == 1);
	ck_assert_uint_eq(lost(reasons[_i / 2]), 1);
	const struct told told = told_by(0);

	ck_assert_uint_eq(told.n, 1);
	ck_assert_uint_eq(told.tests[0], 0);
	if (_i == 1) { /* nobody stopped the run: the second attempt is lost */
		ck_assert_int_eq(told.outcome, OUTCOME_LOST);
		return;
	}
	ck_assert_int_eq(told.outcome, OUTCOME_CRASH);
	ck_assert_str_eq(told.messages[0], "killed by SIGSEGV");
	ck_assert(!told.is_rerun);
	journal_reader_init(&reader, lost_dir(&mem, lanedirs[0]), 0);
	ck_assert_int_eq(journal_read_output(&reader, (struct span){ 0, 4 }, &output, &e), 0);
	ck_assert_str_eq(output.s, "ouch");
	journal_reader_release(&reader);
	buf_release(&output);
}
END_TEST

START_TEST(an_interrupted_run_lost_nothing)
{
	kill_second_lane();
	ck_assert_uint_eq(lost(STOP_INTERRUPT), 0);
}
END_TEST

START_TEST(lanes_that_never_began_lose_everything)
{
	ck_assert_uint_eq(lost(STOP_NO), NTESTS);
	ck_assert_uint_eq(told_by(0).n, NTESTS);
}
END_TEST

START_TEST(where_every_lane_runs_all_each_answers_for_itself)
{
	struct journal *j = journal_create(lanedirs[0], 0, &e);

	plan.dist = DIST_EACH;
	for (uint32_t i = 0; i < 2; i++)
		units[i] = (struct unit){ .tests = indices, .ntests = NTESTS, .home = i };
	for (uint32_t i = 0; i < NTESTS; i++)
		end_test(j, i);
	ck_assert_int_eq(journal_close(j, &e), 0);
	ck_assert_uint_eq(lost(STOP_NO), NTESTS);
	ck_assert_uint_eq(told_by(0).n, 0);
	ck_assert_uint_eq(told_by(1).n, NTESTS);
}
END_TEST

/* The second folder is gw0's next life. */
START_TEST(what_a_later_life_of_a_lane_ended_is_not_lost)
{
	static const uint32_t one_lane[2] = { 0, 0 };
	const struct lost_options o = { .lanedirs = lanedirs, .lanes = one_lane, .nlanedirs = 2 };
	struct journal *j = journal_create(lanedirs[0], 0, &e);
	size_t n = 99;

	plan.dist = DIST_EACH;
	plan.nunits = plan.nlanes = run.nlanes = 1;
	units[0] = (struct unit){ .tests = indices, .ntests = NTESTS, .home = 0 };
	end_test(j, 0);
	ck_assert_int_eq(journal_begin(j, 1, 1, 10, &e), 0);
	journal_abandon(j);
	j = journal_create(lanedirs[1], 0, &e);
	end_test(j, 1);
	end_test(j, 2);
	journal_abandon(j);
	ck_assert_int_eq(lost_run(&o, &run, &tests, &plan, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(told_by(0).tests[0], 3);
}
END_TEST

START_TEST(a_unit_that_came_to_its_end_lost_nothing)
{
	struct journal *j = journal_create(lanedirs[0], 0, &e);

	run.is_by_unit = true;
	end_test(j, 0); /* --maxfail: test 1 was not to be run */
	ck_assert_int_eq(journal_close(j, &e), 0);
	ck_assert_uint_eq(lost(STOP_NO), 2);
	ck_assert_uint_eq(told_by(0).n, 0);
	ck_assert_uint_eq(told_by(1).n, 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lost");
	TCase *tc = tcase_create("lost");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_whole_run_loses_nothing);
	tcase_add_test(tc, the_test_in_flight_and_those_behind_it_are_told);
	tcase_add_test(tc, a_stopped_run_lost_only_what_was_in_flight);
	tcase_add_test(tc, a_run_out_of_time_lost_only_what_was_in_flight);
	tcase_add_loop_test(tc, of_a_test_that_was_to_be_tried_again_the_last_attempt_counts, 0, 6);
	tcase_add_test(tc, an_interrupted_run_lost_nothing);
	tcase_add_test(tc, lanes_that_never_began_lose_everything);
	tcase_add_test(tc, where_every_lane_runs_all_each_answers_for_itself);
	tcase_add_test(tc, what_a_later_life_of_a_lane_ended_is_not_lost);
	tcase_add_test(tc, a_unit_that_came_to_its_end_lost_nothing);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
