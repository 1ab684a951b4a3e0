/* SPDX-License-Identifier: MIT */
#include "stage/execute_past.h"

#include "base/err.h"
#include "base/map.h"
#include "format/journal.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/fs.h"
#include "unit/unit.h"

enum { NTESTS = 4, NDIRS = 4 };

static struct arena mem;
static struct err e;
static struct tests tests;
static struct run run;
static struct past past;
static struct map failed;
static char *dir;
static const char *lanedirs[NDIRS]; /* two lanes, two rounds */

static void setup(void)
{
	static const char *const ids[NTESTS] = { "t::a", "t::b", "t::c", "t::d" };
	static const char *const names[NDIRS] = { "gw0", "gw1", "gw0.2", "gw1.2" };

	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	for (size_t i = 0; i < NTESTS; i++) {
		struct test t = test_blank(0);

		t.id = ids[i];
		tests_add(&tests, &t);
	}
	for (size_t i = 0; i < NDIRS; i++) {
		lanedirs[i] = fs_join(&mem, dir, names[i]);
		ck_assert_int_eq(fs_mkdirs(lanedirs[i], &e), 0);
	}
	run = (struct run){ .nlanes = 2 };
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	past_release(&past);
	map_release(&failed);
	tests_release(&tests);
	arena_release(&mem);
}

/* The lane begins `begun`, having ended `ended` (NO_INDEX: none) so. */
static void write_journal(size_t at, uint32_t ended, enum outcome outcome, uint32_t begun)
{
	struct journal *j = journal_create(lanedirs[at], (uint32_t)at % 2, &e);
	const struct result r = {
		.test = ended, .attempt = 1, .outcome = outcome, .exit_code = -1
	};

	ck_assert_ptr_nonnull(j);
	if (ended != NO_INDEX) {
		ck_assert_int_eq(journal_begin(j, ended, 1, 5, &e), 0);
		ck_assert_int_eq(journal_end(j, &r, &e), 0);
	}
	if (begun != NO_INDEX)
		ck_assert_int_eq(journal_begin(j, begun, 1, 77, &e), 0);
	journal_abandon(j);
}

static void read_past(struct past_options o)
{
	o.lanedirs = lanedirs;
	o.nlanedirs = NDIRS;
	o.failed = &failed;
	ck_assert_msg(past_read(&past, &o, &run, &tests, &e) == 0, "%s", e.msg);
}

START_TEST(what_ended_and_what_was_begun_is_known)
{
	size_t index = 0;

	write_journal(0, 0, OUTCOME_PASS, 1);
	write_journal(1, 2, OUTCOME_FAIL, NO_INDEX);
	read_past((struct past_options){ .only_lane = NO_INDEX });
	ck_assert_int_eq(past.states[0], PAST_ENDED);
	ck_assert_int_eq(past.states[1], PAST_BEGUN);
	ck_assert_uint_eq(past.lanes[1], 0);
	ck_assert_uint_eq(past.start_us[1], 77);
	ck_assert_int_eq(past.states[2], PAST_ENDED);
	ck_assert_int_eq(past.states[3], PAST_NOTHING);
	ck_assert(map_get(&failed, "t::c", 4, &index));
	ck_assert(!map_get(&failed, "t::a", 4, &index));
}
END_TEST

START_TEST(an_end_in_any_folder_counts)
{
	write_journal(0, NO_INDEX, OUTCOME_PASS, 1);
	write_journal(2, 1, OUTCOME_PASS, NO_INDEX);
	read_past((struct past_options){ .only_lane = NO_INDEX });
	ck_assert_int_eq(past.states[1], PAST_ENDED);
	write_journal(0, 1, OUTCOME_PASS, NO_INDEX);
	write_journal(2, NO_INDEX, OUTCOME_PASS, 1);
	read_past((struct past_options){ .only_lane = NO_INDEX });
	ck_assert_int_eq(past.states[1], PAST_ENDED);
}
END_TEST

START_TEST(an_attempt_that_is_to_be_followed_by_another_is_no_end)
{
	struct journal *j = journal_create(lanedirs[1], 1, &e);
	const struct result r = {
		.test = 1, .attempt = 1, .outcome = OUTCOME_FAIL, .exit_code = -1, .is_rerun = true
	};
	size_t index = 0;

	ck_assert_int_eq(journal_begin(j, 1, 1, 5, &e), 0);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	journal_abandon(j);
	read_past((struct past_options){ .only_lane = NO_INDEX });
	ck_assert_int_eq(past.states[1], PAST_NOTHING);
	ck_assert_uint_eq(past.attempts[1], 1);
	ck_assert(!map_get(&failed, "t::b", 4, &index));
	/* the second attempt began in a folder that is read earlier */
	j = journal_create(lanedirs[0], 0, &e);
	ck_assert_int_eq(journal_begin(j, 1, 2, 9, &e), 0);
	journal_abandon(j);
	read_past((struct past_options){ .only_lane = NO_INDEX });
	ck_assert_int_eq(past.states[1], PAST_BEGUN);
	ck_assert_uint_eq(past.start_us[1], 9);
	ck_assert_uint_eq(past.lanes[1], 0);
}
END_TEST

/* Nobody knows whether it was the test that killed gangway. */
START_TEST(what_was_in_flight_before_the_base_was_not_run)
{
	write_journal(0, 0, OUTCOME_PASS, 1);
	write_journal(3, NO_INDEX, OUTCOME_PASS, 2);
	read_past((struct past_options){ .only_lane = NO_INDEX, .base = 2 });
	ck_assert_int_eq(past.states[0], PAST_ENDED);
	ck_assert_int_eq(past.states[1], PAST_NOTHING);
	ck_assert_int_eq(past.states[2], PAST_BEGUN);
	ck_assert_uint_eq(past.lanes[2], 1);
}
END_TEST

START_TEST(one_lane_or_one_folder_can_be_left_out)
{
	write_journal(0, 0, OUTCOME_PASS, NO_INDEX);
	write_journal(1, 1, OUTCOME_PASS, NO_INDEX);
	write_journal(3, 2, OUTCOME_PASS, NO_INDEX);
	read_past((struct past_options){ .only_lane = 1, .but_dir = lanedirs[3] });
	ck_assert_int_eq(past.states[0], PAST_NOTHING);
	ck_assert_int_eq(past.states[1], PAST_ENDED);
	ck_assert_int_eq(past.states[2], PAST_NOTHING);
}
END_TEST

START_TEST(a_journal_of_other_tests_is_an_error)
{
	const struct past_options o = { .lanedirs = lanedirs,
					.nlanedirs = 1,
					.only_lane = NO_INDEX };

	write_journal(0, NO_INDEX, OUTCOME_PASS, NTESTS);
	ck_assert_int_eq(past_read(&past, &o, &run, &tests, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("past");
	TCase *tc = tcase_create("past");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_ended_and_what_was_begun_is_known);
	tcase_add_test(tc, an_end_in_any_folder_counts);
	tcase_add_test(tc, an_attempt_that_is_to_be_followed_by_another_is_no_end);
	tcase_add_test(tc, what_was_in_flight_before_the_base_was_not_run);
	tcase_add_test(tc, one_lane_or_one_folder_can_be_left_out);
	tcase_add_test(tc, a_journal_of_other_tests_is_an_error);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
