/* SPDX-License-Identifier: MIT */
#include "stage/repeat.h"

#include <limits.h>

#include "base/err.h"
#include "model/test.h"
#include "unit/unit.h"

static struct tests t;
static struct err e;
static size_t added;

static void add(const char *id, uint32_t target)
{
	struct test test = test_blank(target);

	test.id = id;
	tests_add(&t, &test);
}

/* 0 prog::a, 1 prog::b (left out), 2 prog::c, 3 skipped, 4 broken; prog is target 0, the rest 1 */
static void set_up(void)
{
	e = (struct err){ 0 };
	tests_add_target(&t, &(struct target){ .name = "prog" });
	tests_add_target(&t, &(struct target){ .name = "other" });
	add("prog::a", 0);
	add("prog::b", 0);
	add("prog::c", 0);
	add("skipped", 1);
	add("broken", 1);
	t.tests[1].left_out = "-k";
	t.tests[3].skip_reason = "not here";
	t.tests[4].error = "not built";
}

static void tear_down(void)
{
	tests_release(&t);
}

START_TEST(once_changes_nothing)
{
	ck_assert_int_eq(repeat_run((unsigned)_i, &t, &added, &e), 0);
	ck_assert_uint_eq(added, 0);
	ck_assert_uint_eq(t.ntests, 5);
	ck_assert_str_eq(t.tests[0].id, "prog::a");
	ck_assert_ptr_null(t.tests[0].repeated);
}
END_TEST

START_TEST(each_selected_test_that_starts_is_there_so_often)
{
	ck_assert_int_eq(repeat_run(3, &t, &added, &e), 0);
	ck_assert_uint_eq(added, 4);
	ck_assert_uint_eq(t.ntests, 9);
	ck_assert_str_eq(t.tests[0].id, "prog::a [1/3]");
	ck_assert_str_eq(t.tests[1].id, "prog::b");
	ck_assert_str_eq(t.tests[2].id, "prog::c [1/3]");
	ck_assert_str_eq(t.tests[3].id, "skipped");
	ck_assert_str_eq(t.tests[4].id, "broken");
	ck_assert_str_eq(t.tests[5].id, "prog::a [2/3]");
	ck_assert_str_eq(t.tests[8].id, "prog::c [3/3]");
	ck_assert_str_eq(test_own_id(&t.tests[8]), "prog::c");
	ck_assert_str_eq(test_repetition(&t.tests[8]), " [3/3]");
	ck_assert_str_eq(test_own_id(&t.tests[3]), "skipped");
	ck_assert_str_eq(test_repetition(&t.tests[3]), "");
}
END_TEST

START_TEST(each_repetition_has_targets_of_its_own)
{
	ck_assert_int_eq(repeat_run(3, &t, &added, &e), 0);
	ck_assert_uint_eq(t.ntargets, 4); /* none of what is not repeated */
	ck_assert_uint_eq(t.tests[0].target, 0);
	ck_assert_uint_eq(t.tests[5].target, 2);
	ck_assert_uint_eq(t.tests[6].target, 2);
	ck_assert_uint_eq(t.tests[8].target, 3);
	ck_assert_str_eq(t.targets[3].name, "prog");
}
END_TEST

START_TEST(helpers_stay_one_and_who_waits_waits_for_all)
{
	static const char *up[] = { "skipped" };
	static const char *down[] = { "broken" };
	static const char *all[] = { "skipped", "prog::a" };

	t.tests[3].skip_reason = NULL;
	t.tests[4].error = NULL;
	t.tests[0].passed = t.tests[0].after = up;
	t.tests[0].npassed = t.tests[0].nafter = 1;
	t.tests[0].cleanups = down;
	t.tests[0].ncleanups = 1;
	t.tests[4].after = all;
	t.tests[4].nafter = 2;
	ck_assert_int_eq(repeat_run(2, &t, &added, &e), 0);
	ck_assert_uint_eq(added, 2);
	ck_assert_str_eq(t.tests[3].id, "skipped");
	ck_assert_str_eq(t.tests[4].id, "broken");
	ck_assert_uint_eq(t.tests[4].nafter, 3);
	ck_assert_str_eq(t.tests[4].after[0], "skipped");
	ck_assert_str_eq(t.tests[4].after[1], "prog::a [1/2]");
	ck_assert_str_eq(t.tests[4].after[2], "prog::a [2/2]");
	ck_assert_str_eq(t.tests[5].id, "prog::a [2/2]");
	ck_assert_str_eq(t.tests[5].after[0], "skipped");
}
END_TEST

START_TEST(what_cannot_be_planned_is_refused)
{
	ck_assert_int_eq(repeat_run(_i == 0 ? REPEAT_MAX + 1 : UINT_MAX, &t, &added, &e), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "--repeat"));
	ck_assert_uint_eq(t.ntests, 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("repeat");
	TCase *tc = tcase_create("repeat");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, once_changes_nothing, 0, 2);
	tcase_add_test(tc, each_selected_test_that_starts_is_there_so_often);
	tcase_add_test(tc, each_repetition_has_targets_of_its_own);
	tcase_add_test(tc, helpers_stay_one_and_who_waits_waits_for_all);
	tcase_add_loop_test(tc, what_cannot_be_planned_is_refused, 0, 2);
	return unit_main(s);
}
