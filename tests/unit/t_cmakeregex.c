/* SPDX-License-Identifier: MIT */
#include "format/cmakeregex.h"

#include "base/buf.h"
#include "base/err.h"
#include "unit/unit.h"

/* The whole text at once, then byte by byte. */
static bool matches(const char *pattern, const char *text)
{
	struct cmake_regex *r = NULL;
	struct err e = { 0 };

	ck_assert_msg(cmake_regex_new(pattern, &r, &e) == 0, "'%s': %s", pattern, e.msg);
	cmake_regex_feed(r, text, strlen(text));
	bool whole = cmake_regex_end(r);

	for (const char *s = text; *s; s++)
		cmake_regex_feed(r, s, 1);
	ck_assert_msg(cmake_regex_end(r) == whole, "'%s' depends on how the text is cut", pattern);
	cmake_regex_free(r);
	return whole;
}

/* Each was tried with ctest 3.25.1: PASS_REGULAR_EXPRESSION on a test that prints the text. */
static const struct {
	const char *pattern, *text;
	bool is_match;
} tried[] = {
	{ "hello", "hello\n", true },
	{ "hel+o", "hello\n", true },
	{ "ell", "hello\n", true },
	{ "a\nb\nc", "a\nb\nc\n", true },
	{ "^a\r\n$", "a\r\n", true },
	{ "^a\n$", "a\r\n", false },
	{ "^b", "a\nb\n", false },
	{ "a$", "a\nb\n", false },
	{ "^$", "", true },
	{ "^\n$", "", false },
	{ "a$b", "a$b\n", false },
	{ "h..\n$", "h\xc3\xa9\n", true },
	{ "^a{2}\n", "a{2}\n", true },
	{ "31mx", "\x1b[31mx\n", true },
	{ "q||z", "x\n", true },
	{ "(a*)?", "aaa\n", true },
	{ "^a[]]b", "a]b\n", true },
	{ "^a[x-]b", "a-b\n", true },
	{ "^a[-x]b", "a-b\n", true },
	{ "^a[x^]b", "a^b\n", true },
	{ "^a[\\]b", "a\\b\n", true },
	{ "^a[[:digit:]x]b", "adb\n", false },
	{ "^a[[:digit:]]b", "ad]b\n", true },
	{ "^a[^a-z]b", "aXb\n", true },
	{ "a.b", "a\nb\n", true },
	{ "a[^x]b", "a\nb\n", true },
	{ "a\\nb", "anb\n", true },
	{ "a\\wb", "awb\n", true },
	{ "a^b", "a^b\n", false },
	{ "(^x|y)b", "xb\n", true },
	{ "()x", "x\n", true },
	{ "", "x\n", true },
	{ "x]", "x]\n", true },
	{ "|", "x\n", true },
	{ "x[a-]", "x\n", false },
};

START_TEST(an_expression_matches_where_ctest_has_it_match)
{
	ck_assert_msg(matches(tried[_i].pattern, tried[_i].text) == tried[_i].is_match,
		      "'%s' on '%s'", tried[_i].pattern, tried[_i].text);
}
END_TEST

static const struct {
	const char *pattern, *text;
	bool is_match;
} more[] = {
	{ "(ab|cd)+e", "xxabcdabe", true },
	{ "(ab|cd)+e", "xxabcdab", false },
	{ "^(ab|cd)+$", "abcdcd", true },
	{ "^(ab|cd)+$", "abcdc", false },
	{ "a(b|c(d|e)?)*f", "abcdcebcf", true },
	{ "colou?r", "color", true },
	{ "\\.\\*\\[", "x.*[", true },
	{ "[0-9]+ of [0-9]+", "12 of 400", true },
	{ "[a-c-e]", "d", true }, /* from c on: CMake's way with a second '-' */
	{ "[^]a]", "]a", false },
	{ "[--/]", ".", true },
	{ "$", "abc", true },
	{ "^", "abc", true },
	{ "$^", "", true },
	{ "$^", "a", false },
	{ "a$|b", "xxb.", true },
	{ "a$|b", "xxa.", false },
	{ "\xc3\xa9+", "caf\xc3\xa9\xa9", true },
	{ "aab", "aaab", true },
	{ "(a|ab)(c|bcd)d", "abcdd", true },
};

START_TEST(it_matches_as_such_expressions_do)
{
	ck_assert_msg(matches(more[_i].pattern, more[_i].text) == more[_i].is_match, "'%s' on '%s'",
		      more[_i].pattern, more[_i].text);
}
END_TEST

static const struct {
	const char *pattern, *why;
} refused[] = {
	{ "(hello", "unmatched parentheses" },
	{ "x)", "unmatched parentheses" },
	{ "[hello", "unmatched []" },
	{ "x[]", "unmatched []" },
	{ "[", "unmatched []" },
	{ "[^", "unmatched []" },
	{ "a**", "nested *?+" },
	{ "a+?", "nested *?+" },
	{ "(a*)*b?", "*+ operand could be empty" },
	{ "(a*)+", "*+ operand could be empty" },
	{ "^*x", "*+ operand could be empty" },
	{ "x$*", "*+ operand could be empty" },
	{ "(a|)*", "*+ operand could be empty" },
	{ "[z-a]", "invalid range in []" },
	{ "ab\\", "trailing backslash" },
	{ "*x", "?+* follows nothing" },
	{ "(*x)", "?+* follows nothing" },
	{ "a|+", "?+* follows nothing" },
	{ "((((((((((x))))))))))", "too many parentheses" },
};

START_TEST(what_cmake_refuses_is_refused_with_the_reason)
{
	struct cmake_regex *r = NULL;
	struct err e = { 0 };

	ck_assert_int_eq(cmake_regex_new(refused[_i].pattern, &r, &e), -1);
	ck_assert_ptr_null(r);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_msg(strstr(e.msg, refused[_i].why), "'%s': %s", refused[_i].pattern, e.msg);
}
END_TEST

START_TEST(nine_groups_are_not_too_many)
{
	ck_assert(matches("(((((((((x)))))))))", "x"));
	ck_assert(matches("(a)(b)(c)(d)(e)(f)(g)(h)(i)", "abcdefghi"));
}
END_TEST

START_TEST(an_endless_expression_is_refused)
{
	struct cmake_regex *r = NULL;
	struct buf b = BUF_INIT;
	struct err e = { 0 };

	for (int i = 0; i <= CMAKE_REGEX_MAX_BYTES; i++)
		buf_addch(&b, 'a');
	ck_assert_int_eq(cmake_regex_new(b.s, &r, &e), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	buf_release(&b);
}
END_TEST

START_TEST(a_new_text_begins_after_each_end)
{
	struct cmake_regex *r = NULL;

	ck_assert_int_eq(cmake_regex_new("^ab$", &r, NULL), 0);
	for (int i = 0; i < 3; i++) {
		cmake_regex_feed(r, "a", 1);
		cmake_regex_feed(r, "b", 1);
		ck_assert(cmake_regex_end(r));
		cmake_regex_feed(r, "xab", 3);
		ck_assert(!cmake_regex_end(r));
	}
	cmake_regex_free(r);
}
END_TEST

/* A backtracking matcher takes exponential time for this one: 64 MB would take for ever,
 * and Check's time limit would stop it. */
START_TEST(time_grows_with_the_text_and_no_faster)
{
	static char text[1 << 20];
	struct cmake_regex *r = NULL;

	memset(text, 'a', sizeof text);
	ck_assert_int_eq(cmake_regex_new("(a+a+)+b", &r, NULL), 0);
	for (int i = 0; i < 64; i++)
		cmake_regex_feed(r, text, sizeof text);
	ck_assert(!cmake_regex_end(r));
	cmake_regex_free(r);
}
END_TEST

/* The place 14 bytes before the end: 2^14 states if all were kept. */
START_TEST(an_expression_with_more_states_than_are_kept_still_matches)
{
	struct cmake_regex *r = NULL;
	struct buf text = BUF_INIT;
	uint32_t random = 1;

	ck_assert_int_eq(cmake_regex_new("b..............$", &r, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		random = random * 1103515245 + 12345;
		buf_addch(&text, random >> 16 & 1 ? 'b' : 'a');
	}
	for (size_t len = text.len - 200; len < text.len; len++) {
		cmake_regex_feed(r, text.s, len);
		ck_assert(cmake_regex_end(r) == (text.s[len - 15] == 'b'));
	}
	buf_release(&text);
	cmake_regex_free(r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cmakeregex");
	TCase *t = tcase_create("cmakeregex");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, an_expression_matches_where_ctest_has_it_match, 0,
			    ARRAY_SIZE(tried));
	tcase_add_loop_test(t, it_matches_as_such_expressions_do, 0, ARRAY_SIZE(more));
	tcase_add_loop_test(t, what_cmake_refuses_is_refused_with_the_reason, 0,
			    ARRAY_SIZE(refused));
	tcase_add_test(t, nine_groups_are_not_too_many);
	tcase_add_test(t, an_endless_expression_is_refused);
	tcase_add_test(t, a_new_text_begins_after_each_end);
	tcase_add_test(t, time_grows_with_the_text_and_no_faster);
	tcase_add_test(t, an_expression_with_more_states_than_are_kept_still_matches);
	return unit_main(s);
}
