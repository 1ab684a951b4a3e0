/* SPDX-License-Identifier: MIT
 *
 * Listing; what bats says when it runs is in tests/scenario/s_bats.sh.
 */
#include "adapter/bats.h"

#include "unit/unit.h"

static struct tests t;
static const struct target target = { .name = "a.bats", .adapter = "bats", .program = "/p/a.bats" };

static void tear_down(void)
{
	tests_release(&t);
}

static void read_text(const char *s)
{
	bats_read_file(s, strlen(s), &target, 0, &t);
}

static const struct {
	const char *line, *name, *selector; /* name NULL: no test */
} lines[] = {
	{ "@test \"a b\" {", "a b", "a b" },
	{ "  @test 'x' { true; }", "x", "x" },
	{ "@test plain {", "plain", "plain" },
	{ "@test \"q \\\"x\\\" \\$y\" { z }", "q \"x\" $y", "q \\\"x\\\" \\$y" },
	{ "@test \"of $X\" {", "of $X", "of $X" },
	{ "@test \"a { b\" {\r", "a { b", "a { b" },
	{ "f() { # @test", "f", "f" },
	{ "function f { #@test", "f", "f" },
	{ "#@test \"x\" {", NULL, NULL },
	{ "@testing \"x\" {", NULL, NULL },
	{ "@test \"x\"", NULL, NULL },
	{ "echo '@test \"x\" {'", NULL, NULL },
};

START_TEST(tests_are_the_lines_that_bats_takes)
{
	read_text(lines[_i].line);
	ck_assert_uint_eq(t.ntests, lines[_i].name != NULL);
	if (!lines[_i].name)
		return;
	ck_assert_str_eq(t.tests[0].name, lines[_i].name);
	ck_assert_str_eq(t.tests[0].selector, lines[_i].selector);
}
END_TEST

START_TEST(tags_are_marks_and_lines_are_counted)
{
	read_text("# bats file_tags=f\n# bats test_tags= x , xdist_group:db\n@test \"a\" {\n}\n"
		  "@test \"b\" {\n");
	ck_assert_uint_eq(t.ntests, 2);
	ck_assert_uint_eq(t.tests[0].nmarks, 2);
	ck_assert_str_eq(t.tests[0].marks[1], "x");
	ck_assert_str_eq(t.tests[0].group, "db");
	ck_assert_uint_eq(t.tests[1].nmarks, 1);
	ck_assert_uint_eq(t.tests[1].line, 5);
}
END_TEST

START_TEST(a_file_with_setup_file_stays_together)
{
	read_text("@test \"a\" {\n}\n@test \"b\" {\n}\n");
	ck_assert(!adapter_bats.must_join(&t.tests[0], &t.tests[1]));
	tests_release(&t);
	read_text("@test \"a\" {\n}\n@test \"b\" {\n}\nfunction teardown_file {\n");
	ck_assert(adapter_bats.must_join(&t.tests[0], &t.tests[1]));
}
END_TEST

START_TEST(a_filter_means_just_its_tests)
{
	struct command c = { 0 };
	const struct test *both[2];

	read_text("@test \"a.b [c] (d|e)* +?^{}\" {\n}\n@test \"z\\\\y\" {\n");
	both[0] = &t.tests[0];
	both[1] = &t.tests[1];
	const struct batch batch = { .target = &target, .tests = both, .ntests = 2 };

	ck_assert_int_eq(adapter_bats.command(&batch, &c, NULL), 0);
	ck_assert_str_eq(c.argv[5], "^(a\\.b \\[c\\] \\(d\\|e\\)\\* \\+\\?\\^\\{\\}|z\\\\\\\\y)$");
	command_release(&c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bats");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, NULL, tear_down);
	tcase_add_loop_test(c, tests_are_the_lines_that_bats_takes, 0, ARRAY_SIZE(lines));
	tcase_add_test(c, tags_are_marks_and_lines_are_counted);
	tcase_add_test(c, a_file_with_setup_file_stays_together);
	tcase_add_test(c, a_filter_means_just_its_tests);
	suite_add_tcase(s, c);
	return unit_main(s);
}
