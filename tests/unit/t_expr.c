/* SPDX-License-Identifier: MIT */
#include "format/expr.h"

#include "base/err.h"
#include "unit/unit.h"

static struct arena mem;
static struct expr *x;
static struct err e;

static void begin(void)
{
	x = NULL;
	e = (struct err){ 0 };
}

static void finish(void)
{
	arena_release(&mem);
}

/* A word is true if it stands, between blanks, in the text. */
static bool stands_in(void *ctx, const char *word)
{
	const char *text = ctx;
	size_t n = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		if ((at == text || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	}
	return false;
}

/* What pytest 7.2 says of the same. */
static const struct {
	const char *text;
	const char *words;
	bool want;
} good[] = {
	{ "", "a", false },
	{ " \t ", "a", false },
	{ "a", "a b", true },
	{ "a", "b", false },
	{ "not a", "b", true },
	{ "not not a", "a", true },
	{ "a and b", "a", false },
	{ "a and b", "a b", true },
	{ "a or b", "b", true },
	{ "a or b and c", "a", true },
	{ "(a or b) and c", "a", false },
	{ "not a or b", "a b", true },
	{ "not (a or b)", "b", false },
	{ "not a and not b or c", "c a", true },
	{ "a or b or c or d", "d", true },
	{ "a and b and c and d", "a b c", false },
	{ "((((a))))", "a", true },
	{ "(a)and(b)", "a b", true },
	{ "nota", "nota", true },
	{ "OR", "OR", true },
	{ "or_ and andy", "or_ andy", true },
	{ "a.b::c+d-e[0]\\f/g", "a.b::c+d-e[0]\\f/g", true },
	{ "\xc3\xbcml", "\xc3\xbcml", true },
	{ "\ta\tor\tb\t", "b", true },
};

START_TEST(an_expression_means_what_it_means_in_pytest)
{
	ck_assert_int_eq(expr_parse("-k", good[_i].text, &mem, &x, &e), 0);
	ck_assert_int_eq(expr_eval(x, stands_in, (void *)good[_i].words), good[_i].want);
}
END_TEST

static const struct {
	const char *text;
	const char *msg;
} bad[] = {
	{ "a b", "at column 3: expected end of input; got identifier\n  a b\n    ^" },
	{ "(a", "at column 3: expected right parenthesis; got end of input\n  (a\n    ^" },
	{ "a)", "at column 2: expected end of input; got right parenthesis\n  a)\n   ^" },
	{ "and a", "at column 1: expected not OR left parenthesis OR identifier; got and\n  and "
		   "a\n  ^" },
	{ "a or", "at column 5: expected not OR left parenthesis OR identifier; got end of input\n "
		  " a or\n      ^" },
	{ "a and or b", "at column 7: expected not OR left parenthesis OR identifier; got or" },
	{ "()", "at column 2: expected not OR left parenthesis OR identifier; got right paren" },
	{ "a = 1", "at column 3: unexpected character \"=\"\n  a = 1\n    ^" },
	{ "\xc3\xbc ;", "at column 3: unexpected character \";\"\n  \xc3\xbc ;\n    ^" },
	{ "\x1b *", "at column 1: unexpected character \"\\x1B\"\n  \\x1B *\n  ^" },
	{ "a\x1b", "at column 2: unexpected character \"\\x1B\"\n  a\\x1B\n   ^" },
	{ "a \xff", "at column 3: unexpected character \"\\xFF\"\n  a \\xFF\n    ^" },
	{ "not", "at column 4: expected not OR left" },
};

START_TEST(a_mistake_is_shown_where_it_is)
{
	ck_assert_int_eq(expr_parse("-k", bad[_i].text, &mem, &x, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_null(x);
	ck_assert_ptr_nonnull(strstr(e.msg, "wrong expression passed to '-k': "));
	ck_assert_msg(strstr(e.msg, bad[_i].msg) != NULL, "%s", e.msg);
}
END_TEST

START_TEST(of_a_long_expression_the_part_around_the_mistake_is_shown)
{
	char text[2048];
	char *to = text;

	while (to < text + 1500)
		to = stpcpy(to, "abc or ");
	to = stpcpy(to, "; or ");
	for (int i = 0; i < 30; i++)
		to = stpcpy(to, "abc or ");
	ck_assert_int_eq(expr_parse("-m", text, &mem, &x, &e), -1);
	const char *second = strchr(e.msg, '\n') + 1;
	const char *third = strchr(second, '\n') + 1;

	ck_assert(strlen(e.msg) < 500);
	ck_assert(strncmp(second, "  ...", 5) == 0);
	/* the caret stands below the byte in question */
	ck_assert_int_eq(second[strlen(third) - 1], ';');
	ck_assert_int_eq(third[strlen(third) - 1], '^');
}
END_TEST

/* n times `before`, then "a", then n times `after` */
static void nest(char *to, unsigned n, const char *before, const char *after)
{
	for (unsigned i = 0; i < n; i++)
		to = stpcpy(to, before);
	to = stpcpy(to, "a");
	for (unsigned i = 0; i < n; i++)
		to = stpcpy(to, after);
}

static const struct {
	const char *before, *after;
} nests[] = { { "(", ")" }, { "not ", "" }, { "(b or c and (", "))" }, { "b or c and (", ")" } };

START_TEST(depth_has_a_limit_that_is_an_error)
{
	static char text[EXPR_MAX_DEPTH * 32];
	unsigned per_step = _i == 2 ? 2 : 1;

	nest(text, EXPR_MAX_DEPTH / per_step, nests[_i].before, nests[_i].after);
	ck_assert_int_eq(expr_parse("-k", text, &mem, &x, &e), 0);
	expr_eval(x, stands_in, (void *)"a");
	nest(text, EXPR_MAX_DEPTH / per_step + 1, nests[_i].before, nests[_i].after);
	ck_assert_int_eq(expr_parse("-k", text, &mem, &x, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "nested too deeply"));
}
END_TEST

START_TEST(a_chain_may_be_as_long_as_it_likes)
{
	enum { WORDS = 20000 };
	char *text = malloc(WORDS * 8);
	char *to = text;

	for (int i = 0; i < WORDS; i++)
		to = stpcpy(to, i % 3 ? "x and " : "y or ");
	stpcpy(to, "a");
	ck_assert_int_eq(expr_parse("-k", text, &mem, &x, &e), 0);
	ck_assert(!expr_eval(x, stands_in, (void *)"none"));
	ck_assert(expr_eval(x, stands_in, (void *)"y"));
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("expr");
	TCase *tc = tcase_create("expr");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_loop_test(tc, an_expression_means_what_it_means_in_pytest, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tc, a_mistake_is_shown_where_it_is, 0, ARRAY_SIZE(bad));
	tcase_add_test(tc, of_a_long_expression_the_part_around_the_mistake_is_shown);
	tcase_add_loop_test(tc, depth_has_a_limit_that_is_an_error, 0, ARRAY_SIZE(nests));
	tcase_add_test(tc, a_chain_may_be_as_long_as_it_likes);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
