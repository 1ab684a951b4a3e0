/* SPDX-License-Identifier: MIT */
#include "stage/execute_rerun.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/result.h"
#include "model/run.h"
#include "model/test.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static struct tests t;
static struct run run;
static struct rerun r;
static struct buf text = BUF_INIT;

static void set_up(void)
{
	struct test test = test_blank(0);

	e = (struct err){ 0 };
	run = (struct run){ .reruns = 1 };
	test.id = "a";
	tests_add(&t, &test);
	test.id = "b";
	tests_add(&t, &test);
}

static void tear_down(void)
{
	rerun_release(&r);
	tests_release(&t);
	buf_release(&text);
	arena_release(&mem);
}

static struct result judge(uint32_t test, enum outcome outcome, const char *message)
{
	struct result result = {
		.test = test, .outcome = outcome, .message = message, .detail = ""
	};

	rerun_judge(&r, &result, false, &text);
	return result;
}

START_TEST(a_failure_is_tried_again_so_often)
{
	run.reruns = 2;
	t.tests[1].retries = 0;
	ck_assert_int_eq(rerun_open(&r, &run, &t, &e), 0);
	for (unsigned attempt = 1; attempt <= 3; attempt++) {
		ck_assert_uint_eq(rerun_attempt(&r, 0), attempt);
		const struct result got = judge(0, OUTCOME_CRASH, "");

		ck_assert_uint_eq(got.attempt, attempt);
		ck_assert_int_eq(got.is_rerun, attempt < 3);
	}
	ck_assert_uint_eq(r.nagain, 2);
	ck_assert(!judge(1, OUTCOME_FAIL, "").is_rerun);
}
END_TEST

START_TEST(only_one_test_may_have_retries)
{
	run.reruns = 0;
	t.tests[1].retries = 1;
	ck_assert_int_eq(rerun_open(&r, &run, &t, &e), 0);
	ck_assert(!judge(0, OUTCOME_FAIL, "").is_rerun);
	ck_assert(judge(1, OUTCOME_FAIL, "").is_rerun);
}
END_TEST

START_TEST(what_did_not_fail_is_not_tried_again)
{
	ck_assert_int_eq(rerun_open(&r, &run, &t, &e), 0);
	for (int o = 0; o < OUTCOME_MAX; o++) {
		if (!outcome_is_bad((enum outcome)o))
			ck_assert(!judge(0, (enum outcome)o, "").is_rerun);
	}
}
END_TEST

START_TEST(a_stopped_run_tries_nothing_again)
{
	struct result result = { .outcome = OUTCOME_FAIL, .message = "", .detail = "" };

	ck_assert_int_eq(rerun_open(&r, &run, &t, &e), 0);
	rerun_judge(&r, &result, true, &text);
	ck_assert(!result.is_rerun);
}
END_TEST

START_TEST(only_what_any_pattern_matches_is_tried_again)
{
	static const char *const patterns[] = { "^timed out|refused", "(E|W)[0-9]+$" };
	static const struct {
		const char *message, *detail;
		bool is_rerun;
	} rows[] = {
		{ "timed out after 3 s", "", true },
		{ "it timed out", "", false },
		{ "", "connection refused", true },
		{ "code E42", "", true },
		{ "code E", "", false },
	};
	struct result result = { .outcome = OUTCOME_FAIL,
				 .message = rows[_i].message,
				 .detail = rows[_i].detail };

	ck_assert_int_eq(rerun_join_patterns(patterns, 2, &mem, &run.rerun_pattern, &e), 0);
	ck_assert_int_eq(rerun_open(&r, &run, &t, &e), 0);
	rerun_judge(&r, &result, false, &text);
	ck_assert_int_eq(result.is_rerun, rows[_i].is_rerun);
}
END_TEST

START_TEST(a_pattern_that_is_none_is_named)
{
	static const char *const patterns[] = { "a", "b(" };
	const char *joined = NULL;

	ck_assert_int_eq(rerun_join_patterns(patterns, 2, &mem, &joined, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "'b('"));
}
END_TEST

START_TEST(what_is_flaky_may_fail)
{
	run.is_flaky_failed = _i == 1;
	ck_assert_int_eq(rerun_open(&r, &run, &t, &e), 0);
	ck_assert_int_eq(judge(1, OUTCOME_PASS, "").outcome, OUTCOME_PASS);
	ck_assert(judge(0, OUTCOME_FAIL, "").is_rerun);
	const struct result got = judge(0, OUTCOME_PASS, "");

	ck_assert_int_eq(got.outcome, _i == 1 ? OUTCOME_FAIL : OUTCOME_PASS);
	ck_assert_str_eq(got.message, _i == 1 ? "flaky: failed 1 time before it passed" : "");
	ck_assert(!got.is_rerun);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rerun");
	TCase *tc = tcase_create("rerun");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_failure_is_tried_again_so_often);
	tcase_add_test(tc, only_one_test_may_have_retries);
	tcase_add_test(tc, what_did_not_fail_is_not_tried_again);
	tcase_add_test(tc, a_stopped_run_tries_nothing_again);
	tcase_add_loop_test(tc, only_what_any_pattern_matches_is_tried_again, 0, 5);
	tcase_add_test(tc, a_pattern_that_is_none_is_named);
	tcase_add_loop_test(tc, what_is_flaky_may_fail, 0, 2);
	return unit_main(s);
}
