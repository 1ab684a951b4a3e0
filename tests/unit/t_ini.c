/* SPDX-License-Identifier: MIT
 *
 * format/ini.
 */
#include "unit/unit.h"

#include "base/err.h"
#include "format/ini.h"

static struct ini ini;
static struct err e;

static int parse(const char *text)
{
	return ini_parse("x.ini", text, strlen(text), &ini, &e);
}

START_TEST(sections_keys_and_continuations_are_read)
{
	ck_assert_msg(parse("\xef\xbb\xbf# top\r\n[a]\r\nk = v w \r\n\n  ; not this\n\tmore = 1\n"
			    "empty =\n[test \"p[1]\"q::*\"]\n k2\n") != 0,
		      "an indented line without a key");
	ck_assert_uint_eq(e.line, 9);
	ini_release(&ini);
	ck_assert_int_eq(
		parse("\xef\xbb\xbf# top\r\n[a]\r\nk = v w \r\n\n  ; not this\n\tmore = 1\n"
		      "empty =\n  one\n[test \"p[1]\"q::*\"]\ncaf\xc3\xa9=\\n;#\xff"),
		0);
	ck_assert_uint_eq(ini.nsections, 2);
	ck_assert_str_eq(ini.sections[0].name, "a");
	ck_assert_ptr_null(ini.sections[0].argument);
	ck_assert_uint_eq(ini.sections[0].nentries, 2);
	ck_assert_str_eq(ini.sections[0].entries[0].value, "v w\nmore = 1");
	ck_assert_uint_eq(ini.sections[0].entries[0].line, 3);
	ck_assert_str_eq(ini.sections[0].entries[1].value, "one");
	ck_assert_str_eq(ini.sections[1].argument, "p[1]\"q::*");
	ck_assert_str_eq(ini.sections[1].entries[0].key, "caf\xc3\xa9");
	ck_assert_str_eq(ini.sections[1].entries[0].value, "\\n;#\xff");
	ini_release(&ini);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
	const char *message;
} bad[] = {
	{ "a = 1\n", 1, "no [section] before 'a = 1'" },
	{ "[a\n", 1, "no ']' at the end of '[a'" },
	{ "[]\n", 1, "a section needs a name in '[]'" },
	{ "[ \"x\" ]\n", 1, "a section needs a name in '[ \"x\" ]'" },
	{ "[a \"x]\n", 1, "a quote is not closed in '[a \"x]'" },
	{ "[a \"x\" y]\n", 1, "a quote is not closed in '[a \"x\" y]'" },
	{ "[a] x\n", 1, "no ']' at the end of '[a] x'" },
	{ "[a]\n\nk\n", 3, "no '=' in 'k'" },
	{ "[a]\n=v\n", 2, "no key before '=' in '=v'" },
	{ "[a]\n  x\n", 2, "no key above the indented line 'x'" },
	{ "[a]\nk=1\nk=2\n", 3, "there is already a key 'k'" },
	{ "[a]\nk=1\n[a]\n", 3, "there is already a section '[a]'" },
};

START_TEST(a_bad_line_is_named)
{
	ck_assert_int_eq(parse(bad[_i].text), -1);
	ck_assert_str_eq(e.path, "x.ini");
	ck_assert_uint_eq(e.line, bad[_i].line);
	ck_assert_str_eq(e.msg, bad[_i].message);
	ini_release(&ini);
}
END_TEST

START_TEST(a_nul_byte_and_a_huge_file_are_refused)
{
	ck_assert_int_eq(ini_parse("x.ini", "[a]\nk=\0\n", 8, &ini, &e), -1);
	ck_assert_uint_eq(e.line, 2);
	ini_release(&ini);
	ck_assert_int_eq(ini_parse("x.ini", "", (size_t)INI_MAX_BYTES + 1, &ini, &e), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	ini_release(&ini);
}
END_TEST

START_TEST(the_same_key_may_stand_in_two_sections)
{
	ck_assert_int_eq(parse("[a]\nk=1\n[b]\nk=2\n[a \"x\"]\nk=3\n[a \"\"]\n"), 0);
	ck_assert_uint_eq(ini.nsections, 4);
	ini_release(&ini);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ini");
	TCase *tc = tcase_create("ini");

	tcase_add_test(tc, sections_keys_and_continuations_are_read);
	tcase_add_loop_test(tc, a_bad_line_is_named, 0, ARRAY_SIZE(bad));
	tcase_add_test(tc, a_nul_byte_and_a_huge_file_are_refused);
	tcase_add_test(tc, the_same_key_may_stand_in_two_sections);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
