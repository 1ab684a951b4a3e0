/* SPDX-License-Identifier: MIT
 *
 * base/parse and base/quote: text in, text out.
 */
#include "unit/unit.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/parse.h"
#include "base/quote.h"

static const struct {
	const char *text;
	bool is_ok;
	uint64_t us;
} seconds_rows[] = {
	{ "12", true, 12000000 },
	{ "0.001", true, 1000 },
	{ "1,234.5", true, 1234500000 },
	{ "1,234,567", true, 1234567000000 },
	{ "0,5", true, 500000 }, /* written where numbers have a decimal comma */
	{ "0,500", true, 500000 },
	{ "12,34", true, 12340000 },
	{ "1,234,5", true, 1234500000 },
	{ "1,,5", false, 0 },
	{ "1.2,5", false, 0 },
	{ "1.5e-05", true, 15 },
	{ "1e3", true, 1000000000 },
	{ "-1.000000", true, TIME_UNKNOWN },
	{ "-0.0", true, 0 },
	{ ".5", true, 500000 },
	{ "0.0000019", true, 1 },
	{ "0.123456789012345678901234567890", true, 123456 },
	{ "", false, 0 },
	{ "x", false, 0 },
	{ "1.2.3", false, 0 },
	{ "1e", false, 0 },
	{ "1s", false, 0 },
	{ "99999999999999999999999", false, 0 },
};

START_TEST(seconds_are_read_without_floats)
{
	uint64_t us = 42;

	ck_assert_int_eq(parse_seconds(seconds_rows[_i].text, &us), seconds_rows[_i].is_ok);
	ck_assert_uint_eq(us, seconds_rows[_i].is_ok ? seconds_rows[_i].us : 42);
}
END_TEST

static const struct {
	const char *text;
	bool is_ok;
	uint64_t us;
} duration_rows[] = {
	{ "30", true, 30000000 },  { "1.5s", true, 1500000 },   { "500ms", true, 500000 },
	{ "2m", true, 120000000 }, { "1h", true, 3600000000u }, { "0.5", true, 500000 },
	{ "7us", true, 7 },        { "1d", false, 0 },          { "", false, 0 },
	{ "-1", false, 0 },        { "1,5", false, 0 },         { "s", false, 0 },
};

START_TEST(durations_have_units)
{
	uint64_t us = 42;

	ck_assert_int_eq(parse_duration(duration_rows[_i].text, &us), duration_rows[_i].is_ok);
	ck_assert_uint_eq(us, duration_rows[_i].is_ok ? duration_rows[_i].us : 42);
}
END_TEST

static const struct {
	const char *pattern, *text;
	bool is_match;
} glob_rows[] = {
	{ "*", "", true },          { "a*c", "abbbc", true },
	{ "a*c", "abbbcd", false }, { "*_test", "net_test", true },
	{ "?", "ab", false },       { "[a-c]x", "bx", true },
	{ "[!a-c]x", "bx", false }, { "[", "[", true },
	{ "a[", "a[", true },       { "*a*b*c*", "xxaxxbxxcxx", true },
	{ "[]]", "]", true },       { "", "", true },
	{ "", "a", false },         { "**", "abc", true },
};

START_TEST(globs_match_as_people_expect)
{
	ck_assert_int_eq(parse_glob(glob_rows[_i].pattern, glob_rows[_i].text),
			 glob_rows[_i].is_match);
}
END_TEST

START_TEST(words_are_split_like_a_shell_does)
{
	struct arena mem = { 0 };
	const char **words = NULL;
	size_t n = 0;

	ck_assert(parse_words("  -n auto -m 'unit and not slow' a\\ b \"c\\\"d\" '' ", &mem, &words,
			      &n));
	ck_assert_uint_eq(n, 7);
	ck_assert_str_eq(words[3], "unit and not slow");
	ck_assert_str_eq(words[4], "a b");
	ck_assert_str_eq(words[5], "c\"d");
	ck_assert_str_eq(words[6], "");
	ck_assert_ptr_null(words[7]);
	ck_assert(!parse_words("a 'b", &mem, &words, &n));
	arena_release(&mem);
}
END_TEST

static const struct {
	void (*quote)(struct buf *, const char *, size_t);
	const char *text, *quoted;
} quote_rows[] = {
	{ quote_tsv, "a\tb\\c\n\x7f\xc3\xa9", "a\\x09b\\x5Cc\\x0A\\x7F\xc3\xa9" },
	{ quote_display, "\033[31mr\xff\xc2\x80", "\\x1B[31mr\\xFF\\xC2\\x80" },
	{ quote_xml_text, "<a & \"b\">\r\n\x01\xff",
	  "&lt;a &amp; \"b\"&gt;&#13;\n\\x01\xef\xbf\xbd" },
	{ quote_xml_attr, "'\"\t\n", "&apos;&quot;&#9;&#10;" },
	{ quote_ninja_value, " $x y", "$ $$x y" },
	{ quote_make_recipe, "$x #", "$$x #" },
};

START_TEST(each_dialect_has_its_quotes)
{
	struct buf b = BUF_INIT;

	quote_rows[_i].quote(&b, quote_rows[_i].text, strlen(quote_rows[_i].text));
	ck_assert_str_eq(b.s, quote_rows[_i].quoted);
	buf_release(&b);
}
END_TEST

START_TEST(a_tsv_field_holds_every_byte)
{
	struct buf b = BUF_INIT;
	char all[255];

	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	quote_tsv(&b, all, sizeof all);
	ck_assert_ptr_null(strpbrk(b.s, "\t\n\r"));
	ck_assert_int_eq(quote_tsv_undo(b.s), 255);
	ck_assert_mem_eq(b.s, all, sizeof all);
	char bad[] = "a\\xZ1";

	ck_assert_int_eq(quote_tsv_undo(bad), -1);
	buf_release(&b);
}
END_TEST

START_TEST(a_shell_word_is_one_word)
{
	struct buf b = BUF_INIT;

	quote_shell(&b, "it's $HOME");
	ck_assert_str_eq(b.s, "'it'\\''s $HOME'");
	buf_clear(&b);
	quote_shell(&b, "plain/path.c");
	ck_assert_str_eq(b.s, "plain/path.c");
	buf_clear(&b);
	quote_shell(&b, "");
	ck_assert_str_eq(b.s, "''");
	buf_release(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("parse");
	TCase *tc = tcase_create("parse");

	tcase_add_loop_test(tc, seconds_are_read_without_floats, 0, ARRAY_SIZE(seconds_rows));
	tcase_add_loop_test(tc, durations_have_units, 0, ARRAY_SIZE(duration_rows));
	tcase_add_loop_test(tc, globs_match_as_people_expect, 0, ARRAY_SIZE(glob_rows));
	tcase_add_test(tc, words_are_split_like_a_shell_does);
	suite_add_tcase(s, tc);
	tc = tcase_create("quote");
	tcase_add_loop_test(tc, each_dialect_has_its_quotes, 0, ARRAY_SIZE(quote_rows));
	tcase_add_test(tc, a_tsv_field_holds_every_byte);
	tcase_add_test(tc, a_shell_word_is_one_word);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
