/* SPDX-License-Identifier: MIT */
#include "stage/execute_limit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/run.h"
#include "model/test.h"
#include "unit/unit.h"

enum { S = 1000 * 1000 };

static uint64_t of(uint64_t run_us, uint64_t own_us, const char *check_timeout, bool is_timeless)
{
	const struct run run = { .timeout_us = run_us };
	const struct property prop = { "check_timeout", check_timeout };
	struct test t = test_blank(0);

	t.timeout_us = own_us;
	t.props = &prop;
	t.nprops = check_timeout != NULL;
	return limit_us(&run, &t, is_timeless);
}

START_TEST(a_limit_of_its_own_is_before_the_runs)
{
	ck_assert_uint_eq(of(5 * S, 2 * S, NULL, false), 2 * S);
	ck_assert_uint_eq(of(5 * S, 2 * S, NULL, true), 2 * S);
	ck_assert_uint_eq(of(5 * S, TIME_UNKNOWN, NULL, false), 5 * S);
	ck_assert(of(TIME_UNKNOWN, TIME_UNKNOWN, NULL, false) == TIME_UNKNOWN);
	ck_assert(of(TIME_UNKNOWN, TIME_UNKNOWN, "3", true) == TIME_UNKNOWN);
}
END_TEST

START_TEST(behind_a_framework_with_limits_ours_is_a_long_stop)
{
	unsetenv("CK_TIMEOUT_MULTIPLIER");
	ck_assert_uint_eq(of(1 * S, TIME_UNKNOWN, NULL, true), 64 * S);
	ck_assert_uint_eq(of(10 * S, TIME_UNKNOWN, NULL, true), 70 * S);
	ck_assert_uint_eq(of(1 * S, TIME_UNKNOWN, "300.000", true), 360ULL * S);
	ck_assert_uint_eq(of(1 * S, TIME_UNKNOWN, "nonsense", true), 64 * S);
	setenv("CK_TIMEOUT_MULTIPLIER", "10", 1);
	ck_assert_uint_eq(of(1 * S, TIME_UNKNOWN, "2.5", true), 85 * S);
}
END_TEST

START_TEST(where_the_program_wants_no_limit_ours_is_the_only_one)
{
	ck_assert_uint_eq(of(7 * S, TIME_UNKNOWN, "0", true), 7 * S);
	ck_assert_uint_eq(of(7 * S, TIME_UNKNOWN, "0.000", true), 7 * S);
}
END_TEST

START_TEST(the_message_says_whose_limit_it_was)
{
	struct buf b = BUF_INIT;

	limit_say(1500 * 1000, false, &b);
	ck_assert_str_eq(b.s, "timed out after 1.500 s");
	buf_clear(&b);
	limit_say(1500 * 1000, true, &b);
	ck_assert_str_eq(b.s, "stopped, for the time of the whole run was over");
	buf_release(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("limits");
	TCase *tc = tcase_create("limits");

	tcase_add_test(tc, a_limit_of_its_own_is_before_the_runs);
	tcase_add_test(tc, behind_a_framework_with_limits_ours_is_a_long_stop);
	tcase_add_test(tc, where_the_program_wants_no_limit_ours_is_the_only_one);
	tcase_add_test(tc, the_message_says_whose_limit_it_was);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
