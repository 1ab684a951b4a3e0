/* SPDX-License-Identifier: MIT */
#include "format/ctestfile.h"

#include "adapter/check.h"
#include "adapter/gtest.h"
#include "base/buf.h"
#include "base/quote.h"
#include "format/cmakefile.h"
#include "unit/unit.h"

static struct arena mem;
static struct buf text;

static void begin(void)
{
	mem = (struct arena){ 0 };
	text = (struct buf)BUF_INIT;
}

static void end(void)
{
	buf_release(&text);
	arena_release(&mem);
}

/* --- quoting ---------------------------------------------------------------------------------- */

static const struct {
	const char *word, *want;
} words[] = {
	{ "a/b-c.d", "a/b-c.d" },
	{ "", "[=[]=]" },
	{ "a b;\"$x\\", "[=[a b;\"$x\\]=]" },
	{ "@x@", "[=[@x@]=]" },
	{ "x]=]y", "[==[x]=]y]==]" },
	{ "x]", "[=[x]]=]" },
	{ "x]=", "[==[x]=]==]" },
	{ "]==]]=]", "[===[]==]]=]]===]" },
	{ "\nx\n", "[=[\n\nx\n]=]" },
};

START_TEST(a_quoted_word_reads_as_the_word)
{
	struct cmake_command c = { 0 };

	buf_addstr(&text, "f(");
	quote_cmake(&text, words[_i].word);
	ck_assert_str_eq(text.s + 2, words[_i].want);
	buf_addch(&text, ')');
	struct cmake_reader r = { text.s, text.s + text.len };

	ck_assert(cmake_next(&r, &mem, &c));
	ck_assert_uint_eq(c.nargs, 1);
	ck_assert_str_eq(c.args[0], words[_i].word);
}
END_TEST

/* --- lists ------------------------------------------------------------------------------------ */

START_TEST(what_no_list_can_hold_is_refused)
{
	ck_assert(ctestfile_list_add(&text, "a"));
	ck_assert(ctestfile_list_add(&text, "b;c"));
	ck_assert(!ctestfile_list_add(&text, "[d"));
	ck_assert(!ctestfile_list_add(&text, "d\\"));
	ck_assert(!ctestfile_list_add(&text, "d\\;e"));
	ck_assert(ctestfile_list_add(&text, "\\n"));
	ck_assert_str_eq(text.s, "a;b\\;c;\\n");
}
END_TEST

START_TEST(a_test_is_written_as_ctest_reads_it)
{
	const char *const argv[] = { "/b/my test", "--x=y" };

	ctestfile_add_test(&text, "a b", argv, 2);
	ctestfile_begin_properties(&text, "a b");
	ctestfile_add_property(&text, "LABELS", "x;y");
	ctestfile_end(&text);
	ctestfile_begin_list(&text, "t_TESTS");
	ctestfile_add_item(&text, "a b");
	ctestfile_add_item(&text, "c[");
	ctestfile_end(&text);
	ck_assert_str_eq(text.s, "add_test([=[a b]=] [=[/b/my test]=] --x=y)\n"
				 "set_tests_properties([=[a b]=] PROPERTIES LABELS [=[x;y]=])\n"
				 "set(t_TESTS [=[a b]=])\n");
}
END_TEST

/* --- entries ---------------------------------------------------------------------------------- */

static const struct {
	const char *suite, *name, *type, *value;
	struct entry_style style;
	const char *want;
} cases[] = {
	{ "S", "N", NULL, NULL, { 0 }, "S.N" },
	{ "DISABLED_S", "N", NULL, NULL, { 0 }, "S.N" },
	{ "S", "DISABLED_N", NULL, NULL, { 0 }, "S.N" },
	{ "I/S", "N/0", NULL, "\"a/b\"", { 0 }, "I/S.N/\"a/b\"" },
	{ "I/S", "N/0", NULL, "\"a/b\"", { .has_plain_values = true }, "I/S.N/0" },
	{ "I/S", "N/three", NULL, "3", { 0 }, "I/S.N/three" },
	{ "I/S", "N/0", NULL, "a\nb", { 0 }, "I/S.N/a\\nb" },
	{ "S/0", "N", "int", NULL, { 0 }, "S.N<int>" },
	{ "I/S/1", "N", "char", NULL, { 0 }, "I.N<char>" },
	{ "S/12", "N", "int", NULL, { .has_plain_types = true }, "S.N<12>" },
};

START_TEST(a_case_is_called_as_gtest_discover_tests_calls_it)
{
	const struct property props[] = { { "type_param", cases[_i].type },
					  { "value_param", cases[_i].value } };
	struct test t = test_blank(0);
	struct entry e = { 0 };

	t.suite = cases[_i].suite;
	t.name = cases[_i].name;
	t.selector = "selector";
	t.props = cases[_i].type ? props : props + 1;
	t.nprops = cases[_i].type || cases[_i].value;
	ck_assert_int_eq(gtest_entry(&t, NULL, &cases[_i].style, &mem, &e, NULL), 0);
	ck_assert_str_eq(e.name, cases[_i].want);
	ck_assert_str_eq(e.plain_name, "selector");
	ck_assert_str_eq(e.args[0], "--gtest_filter=selector");
}
END_TEST

START_TEST(a_long_value_is_cut_as_googletest_cuts_it)
{
	char value[300];
	struct property prop = { "value_param", value };
	struct test t = test_blank(0);
	struct entry e = { 0 };

	memset(value, 'v', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	t.suite = "I/S";
	t.name = "N/0";
	t.selector = "I/S.N/0";
	t.props = &prop;
	t.nprops = 1;
	ck_assert_int_eq(gtest_entry(&t, NULL, &(struct entry_style){ 0 }, &mem, &e, NULL), 0);
	ck_assert_uint_eq(strlen(e.name), strlen("I/S.N/") + 250 + 3);
	ck_assert_str_eq(e.name + strlen(e.name) - 4, "v...");
}
END_TEST

START_TEST(a_tcase_is_selected_by_its_environment)
{
	const struct check_selector s = { .suite = "Core", .tcase = "b;x", .name = "ok" };
	struct test t = test_blank(0);
	struct entry e = { 0 };

	check_selector_format(&s, &text);
	t.id = "p::Core::b;x::ok";
	t.suite = "Core::b;x";
	t.selector = text.s;
	ck_assert_int_eq(check_entry(&t, NULL, NULL, &mem, &e, NULL), 0);
	ck_assert_str_eq(e.name, "Core::b;x");
	ck_assert_str_eq(e.env[0], "CK_RUN_SUITE=Core");
	ck_assert_str_eq(e.env[1], "CK_RUN_CASE=b;x");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ctestfile");
	TCase *t = tcase_create("ctestfile");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, a_quoted_word_reads_as_the_word, 0, ARRAY_SIZE(words));
	tcase_add_test(t, what_no_list_can_hold_is_refused);
	tcase_add_test(t, a_test_is_written_as_ctest_reads_it);
	tcase_add_loop_test(t, a_case_is_called_as_gtest_discover_tests_calls_it, 0,
			    ARRAY_SIZE(cases));
	tcase_add_test(t, a_long_value_is_cut_as_googletest_cuts_it);
	tcase_add_test(t, a_tcase_is_selected_by_its_environment);
	return unit_main(s);
}
