/* SPDX-License-Identifier: MIT
 *
 * Key files; running them is in tests/scenario/s_installed.sh.
 */
#include "adapter/installed.h"

#include "base/err.h"
#include "unit/unit.h"

static struct arena mem;
static struct installed_keys keys;
static struct err e;

static void tear_down(void)
{
	arena_release(&mem);
	keys = (struct installed_keys){ 0 };
	e = (struct err){ 0 };
}

static int read_text(const char *s)
{
	return installed_read(s, strlen(s), "f.test", &mem, &keys, &e);
}

START_TEST(keys_of_the_group_test_are_read)
{
	ck_assert_int_eq(read_text("# c\n\n[Other]\nExec=no\n[Test]\n Type = session \r\n"
				   "Exec=a\\sb \\\\n \\x\nExec[de]=c\nTestEnvironment=A=1;\n"
				   "[More]\nExec=no\n"),
			 0);
	ck_assert_str_eq(keys.type, "session");
	ck_assert_str_eq(keys.exec, "a b \\n \\x");
	ck_assert_str_eq(keys.environment, "A=1;");
	ck_assert_ptr_null(keys.output);
}
END_TEST

START_TEST(another_line_is_refused_with_its_number)
{
	ck_assert_int_eq(read_text("[Test]\nType=session\nwhat\n"), -1);
	ck_assert_uint_eq(e.line, 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("installed");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, NULL, tear_down);
	tcase_add_test(c, keys_of_the_group_test_are_read);
	tcase_add_test(c, another_line_is_refused_with_its_number);
	suite_add_tcase(s, c);
	return unit_main(s);
}
