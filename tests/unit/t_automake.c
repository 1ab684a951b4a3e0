/* SPDX-License-Identifier: MIT
 *
 * What make prints; real trees are in tests/scenario/s_automake.sh.
 */
#include "adapter/automake.h"

#include "unit/unit.h"

static struct arena mem;
static struct automake_lists lists;

static void tear_down(void)
{
	arena_release(&mem);
	lists = (struct automake_lists){ 0 };
}

static void read_text(const char *s)
{
	automake_read(s, strlen(s), &mem, &lists);
}

START_TEST(answers_are_lists_of_words)
{
	read_text("gangway-tests a.sh  sub/b\ngangway-logs a.log sub/b.log\n"
		  "gangway-subdirs . sub\ngangway-srcdir ..\ngangway-needs   \n");
	ck_assert_uint_eq(lists.tests.n, 2);
	ck_assert_str_eq(lists.tests.items[1], "sub/b");
	ck_assert_str_eq(lists.logs.items[1], "sub/b.log");
	ck_assert_uint_eq(lists.subdirs.n, 2);
	ck_assert_str_eq(lists.srcdir, "..");
	ck_assert_uint_eq(lists.needs.n, 0);
}
END_TEST

START_TEST(what_a_log_needs_is_read_from_its_rule)
{
	read_text("gangway-tests a b\ngangway-logs a.log b.log\n# database\n"
		  "b.log: b | a.log\n\techo a.log: none\na.logs: x\nc.log: y\n");
	ck_assert_uint_eq(lists.depends[0].n, 0);
	ck_assert_uint_eq(lists.depends[1].n, 3);
	ck_assert_str_eq(lists.depends[1].items[0], "b");
	ck_assert_str_eq(lists.depends[1].items[2], "a.log");
}
END_TEST

START_TEST(a_makefile_without_tests_has_none)
{
	read_text("");
	ck_assert_uint_eq(lists.tests.n, 0);
	ck_assert_str_eq(lists.srcdir, ".");
	read_text("gangway-tests\ngangway-logs \n");
	ck_assert_uint_eq(lists.logs.n, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("automake");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, NULL, tear_down);
	tcase_add_test(c, answers_are_lists_of_words);
	tcase_add_test(c, what_a_log_needs_is_read_from_its_rule);
	tcase_add_test(c, a_makefile_without_tests_has_none);
	suite_add_tcase(s, c);
	return unit_main(s);
}
