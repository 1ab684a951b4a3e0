/* SPDX-License-Identifier: MIT */
#include "stage/select.h"

#include "base/err.h"
#include "model/test.h"
#include "unit/unit.h"

static struct tests t;
static struct selection got;
static struct err e;

static void add(const char *id, const char *const *marks, size_t nmarks)
{
	struct test test = test_blank(0);

	test.id = id;
	test_set_marks(&t, &test, marks, nmarks);
	tests_add(&t, &test);
}

static void begin(void)
{
	static const char *const slow[] = { "slow", "net" };
	static const char *const group[] = { "slower", "xdist_group=db" };
	static const struct target target = { .name = "bin/net_test", .adapter = "gtest" };

	t = (struct tests){ 0 };
	e = (struct err){ 0 };
	got = (struct selection){ 0 };
	tests_add_target(&t, &target);
	add("bin/net_test::Retry::gives_up", slow, 2);
	add("bin/net_test::Retry::gives_up_late", group, 2);
	add("bin/net_test::Open::once", NULL, 0);
	add("bin/net_test2::Retry::gives_up", NULL, 0);
	add("plain", slow, 1);
}

static void finish(void)
{
	tests_release(&t);
}

/* Which tests are left, a letter each: "ab-d-". */
static const char *left(void)
{
	static char text[8];

	for (size_t i = 0; i < t.ntests; i++)
		text[i] = t.tests[i].left_out ? '-' : (char)('a' + i);
	return text;
}

static const struct {
	const char *keyword, *mark;
	const char *want;
} expressions[] = {
	{ NULL, NULL, "abcde" },
	{ "", "", "abcde" },
	{ "  ", NULL, "abcde" },
	{ "RETRY", NULL, "ab-d-" },
	{ "gives_up and not late", NULL, "a--d-" },
	{ "slow", NULL, "ab--e" }, /* part of a mark */
	{ "Xdist_Gr", NULL, "-b---" },
	{ "net_test::Open", NULL, "--c--" },
	{ NULL, "slow", "a---e" }, /* a whole mark */
	{ NULL, "SLOW", "-----" },
	{ NULL, "xdist_group", "-b---" },
	{ NULL, "slow and not net", "----e" },
	{ NULL, "slow or slower", "ab--e" },
	{ NULL, " ", "-----" }, /* as in pytest, nothing is false */
	{ "gives", "not slow", "-b-d-" },
};

START_TEST(expressions_choose_by_name_and_mark)
{
	const struct select_options o = { .keyword = expressions[_i].keyword,
					  .markexpr = expressions[_i].mark };

	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), expressions[_i].want);
	ck_assert_uint_eq(got.nitems, 5);
	ck_assert_uint_eq(got.ndeselected + got.nselected, 5);
	ck_assert_uint_eq(got.nselected == 5, strcmp(left(), "abcde") == 0);
}
END_TEST

START_TEST(a_framework_that_selects_is_not_overruled)
{
	const struct select_options o = { .keyword = "nothing", .markexpr = "nothing" };

	t.targets[0].adapter = "pytest";
	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), "abcde");
}
END_TEST

START_TEST(an_id_stands_for_all_its_parameters)
{
	static const char *const ids[] = { "a.py::t" };
	const struct select_options o = { .ids = ids, .nids = 1 };

	add("a.py::t[1]", NULL, 0);
	add("a.py::t2[1]", NULL, 0);
	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), "-----f-");
}
END_TEST

START_TEST(every_test_left_out_says_why)
{
	static const char *const deselect[] = { "plain" };
	static const char *const ids[] = { "bin/net_test", "plain" };
	const struct select_options o = { .keyword = "not Open",
					  .markexpr = "net",
					  .deselect = deselect,
					  .ndeselect = 1,
					  .ids = ids,
					  .nids = 2 };

	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_ptr_null(t.tests[0].left_out);
	ck_assert_str_eq(t.tests[1].left_out, "deselected by -m 'net'");
	ck_assert_str_eq(t.tests[2].left_out, "deselected by -k 'not Open'");
	ck_assert_str_eq(t.tests[3].left_out, "not among the ids asked for");
	ck_assert_str_eq(t.tests[4].left_out, "deselected by --deselect 'plain'");
	ck_assert_uint_eq(got.ndeselected, 4);
}
END_TEST

static const struct {
	const char *ids[3];
	const char *want;
} chosen[] = {
	{ { "plain" }, "----e" },
	{ { "bin/net_test" }, "abc--" },
	{ { "bin/net_test::Retry" }, "ab---" },
	{ { "bin/net_test::Retry::gives_up" }, "a----" },
	{ { "plain", "plain", "bin/net_test2" }, "---de" },
	{ { "bin/net_test", "bin/net_test::Open" }, "abc--" },
};

START_TEST(an_id_means_itself_and_what_is_below_it)
{
	struct select_options o = { .ids = chosen[_i].ids };

	while (o.nids < 3 && chosen[_i].ids[o.nids])
		o.nids++;
	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), chosen[_i].want);
}
END_TEST

START_TEST(what_sets_up_and_cleans_up_for_a_test_runs_with_it)
{
	static const char *second[] = { "bin/net_test::Retry::gives_up_late" };
	static const char *last[] = { "plain", "not there" };
	static const char *const ids[] = { "bin/net_test::Open" };
	static const char *const deselect[] = { "plain" };
	const struct select_options o = {
		.ids = ids, .nids = 1, .deselect = deselect, .ndeselect = 1
	};

	t.tests[2].passed = second;
	t.tests[2].npassed = 1;
	t.tests[1].cleanups = last; /* of the set-up's own fixture */
	t.tests[1].ncleanups = 2;
	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), "-bc-e");
	ck_assert_uint_eq(got.nselected, 3);
}
END_TEST

static const struct {
	const char *id;
	const char *msg;
} missing[] = {
	{ "bin/net_test::Retry::give_up", "no path and no test 'bin/net_test::Retry::give_up'; did "
					  "you mean 'bin/net_test::Retry::gives_up'?" },
	{ "bin/net_tset", "no path and no test 'bin/net_tset'; did you mean 'bin/net_test'?" },
	{ "bin/net_test::Ret",
	  "no path and no test 'bin/net_test::Ret'; did you mean 'bin/net_test::Retry'?" },
	{ "plai", "no path and no test 'plai'; did you mean 'plain'?" },
	{ "something else\n", "no path and no test 'something else\\x0A'" },
};

START_TEST(an_id_that_is_not_there_is_an_error_with_the_nearest)
{
	const char *const ids[] = { "plain", missing[_i].id };
	const struct select_options o = { .ids = ids, .nids = 2 };

	ck_assert_int_eq(select_run(&o, &t, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(e.msg, missing[_i].msg);
}
END_TEST

START_TEST(what_could_not_be_collected_is_no_slip_of_the_pen)
{
	static const char *const ids[] = { "bin/broken::Suite::a" };
	const struct select_options o = { .ids = ids, .nids = 1 };

	tests_add_error(&t, "bin/broken", "killed by SIGSEGV while listing");
	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), "-----");
}
END_TEST

static const struct {
	const char *prefixes[4];
	const char *want;
} deselected[] = {
	{ { "bin/net_test" }, "----e" },
	{ { "bin/net_test::" }, "---de" },
	{ { "plain", "bin/net_test::Retry::gives_up" }, "--cd-" },
	{ { "bin/net_test::Open::once", "bin", "bin/net_test::Open" }, "----e" },
	{ { "nothing", "", "p" }, "-----" },
	{ { "nothing", "zzz", "aaa" }, "abcde" },
};

START_TEST(deselect_takes_beginnings_of_ids)
{
	struct select_options o = { .deselect = deselected[_i].prefixes };

	while (deselected[_i].prefixes[o.ndeselect])
		o.ndeselect++;
	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), deselected[_i].want);
}
END_TEST

START_TEST(a_bad_expression_is_shown_with_a_caret)
{
	const struct select_options o = { .markexpr = "slow and" };

	ck_assert_int_eq(select_run(&o, &t, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_str_eq(e.msg, "wrong expression passed to '-m': at column 9: expected not OR "
				"left parenthesis OR identifier; got end of input\n"
				"  slow and\n"
				"          ^");
}
END_TEST

/* Tests times words would be 10^9 comparisons of strings: Check's time limit would stop that. */
START_TEST(a_hundred_thousand_tests_and_ten_thousand_words_are_no_work)
{
	enum { TESTS = 100000, IDS = 10000 };
	static char names[TESTS][32];
	static const char *ids[IDS];
	struct select_options o = {
		.ids = ids, .nids = IDS, .deselect = ids, .ndeselect = IDS / 2
	};

	for (int i = 0; i < TESTS; i++) {
		snprintf(names[i], sizeof names[i], "bin/many::S%d::case%d", i % 100, i);
		add(names[i], NULL, 0);
		if (i < IDS)
			ids[i] = names[i];
	}
	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_uint_gt(got.nselected, 0);
	ck_assert_uint_le(got.nselected, IDS / 2);
}
END_TEST

static bool is_among(void *ctx, const char *id)
{
	return strstr(ctx, id) != NULL;
}

/* ids that failed last time, -k, what is left */
static const struct {
	const char *failed, *keyword, *want;
} lasts[] = {
	{ "", NULL, "abcde" },
	{ "plain", NULL, "----e" },
	{ "bin/net_test::Open::once plain", NULL, "--c-e" },
	{ "bin/net_test::Open::once plain", "open", "--c--" },
	{ "plain", "open", "--c--" },
	{ "gone", NULL, "abcde" },
};

START_TEST(lf_leaves_what_failed_or_everything)
{
	const struct select_options o = {
		.keyword = lasts[_i].keyword,
		.failed = is_among,
		.failed_ctx = (void *)lasts[_i].failed,
	};

	ck_assert_int_eq(select_run(&o, &t, &got, &e), 0);
	ck_assert_str_eq(left(), lasts[_i].want);
	if (_i == 1)
		ck_assert_str_eq(t.tests[0].left_out, "did not fail last time (--lf)");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("select");
	TCase *tc = tcase_create("select");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_loop_test(tc, expressions_choose_by_name_and_mark, 0, ARRAY_SIZE(expressions));
	tcase_add_test(tc, a_framework_that_selects_is_not_overruled);
	tcase_add_test(tc, an_id_stands_for_all_its_parameters);
	tcase_add_test(tc, every_test_left_out_says_why);
	tcase_add_test(tc, what_sets_up_and_cleans_up_for_a_test_runs_with_it);
	tcase_add_loop_test(tc, an_id_means_itself_and_what_is_below_it, 0, ARRAY_SIZE(chosen));
	tcase_add_loop_test(tc, an_id_that_is_not_there_is_an_error_with_the_nearest, 0,
			    ARRAY_SIZE(missing));
	tcase_add_test(tc, what_could_not_be_collected_is_no_slip_of_the_pen);
	tcase_add_loop_test(tc, deselect_takes_beginnings_of_ids, 0, ARRAY_SIZE(deselected));
	tcase_add_loop_test(tc, lf_leaves_what_failed_or_everything, 0, ARRAY_SIZE(lasts));
	tcase_add_test(tc, a_bad_expression_is_shown_with_a_caret);
	tcase_add_test(tc, a_hundred_thousand_tests_and_ten_thousand_words_are_no_work);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
