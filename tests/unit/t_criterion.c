/* SPDX-License-Identifier: MIT */
#include "adapter/criterion.h"

#include "base/err.h"
#include "unit/transcript.h"

static const struct test tests[] = { { .selector = "s/a", .name = "a" },
				     { .selector = "s/b", .name = "b" } };
static const struct test *const list[] = { &tests[0], &tests[1] };
static const struct batch batch = { .tests = list, .ntests = 2 };
static const struct proc_end well, exit_1 = { .exit_code = 1 },
				   killed = { .exit_code = -1, .term_signal = 9 };

#define SYNTHESIS(n) "[====] Synthesis: Tested: 2 | Passing: 1 | Failing: " #n " | Crashing: 0 \n"

static const struct {
	const char *text;
	const struct proc_end *end;
	const char *want;
} logs[] = {
	{ "[----] Criterion v2.4.1\n[====] Running 3 tests from s:\n[RUN ] s::a\nout[PASS] s::a: "
	  "(0.00s)\n[RUN ] s::b\n[----] c.c:7: Assertion Failed\n[----]   \n[----]   one & two\n"
	  "[FAIL] s::b: (0.00s)\n[SKIP] s::c: Test is disabled\n" SYNTHESIS(1),
	  &exit_1,
	  "begin 0\nprint 0: out\nend 0 passed\nbegin 1\nprint 1: [----] c.c:7: Assertion "
	  "Failed\\x0A[----]   \\x0A[----]   one & two\\x0A\nend 1 failed c.c:7 one & two\n" },
	/* parameters */
	{ "[RUN ] s::a\n[PASS] s::a: (0.00s)\n[RUN ] s::a\n[FAIL] s::a: CRASH!\n[RUN ] s::a\n"
	  "[SKIP] s::a: why\n[RUN ] s::b\n[SKIP] s::b: no net\n" SYNTHESIS(1),
	  &exit_1,
	  "begin 0\nend 0 crashed killed by a signal\nsub a[0] passed \nsub a[1] crashed killed by "
	  "a signal\nsub a[2] skipped why\nbegin 1\nend 1 skipped no net\n" },
	/* lies: the last end counts, and only what is over lets another begin */
	{ "[RUN ] s::a\n[PASS] s::a: (0.00s)\n[FAIL] s::a: Timed out. (1.00s)\n" SYNTHESIS(1),
	  &exit_1, "begin 0\nend 0 timeout timed out, by Criterion's clock\n" },
	{ "[RUN ] s::a\n[RUN ] s::b\n[FAIL] s::b: (0.00s)\n[PASS] s::a: (0.00s)\n" SYNTHESIS(0),
	  &well, "begin 0\nprint 0: [RUN ] s::b\\x0A[FAIL] s::b: (0.00s)\\x0A\nend 0 passed\n" },
	/* counts that are not ours, and none at all */
	{ "[RUN ] s::a\n[PASS] s::a: (0.00s)\n[RUN ] s::b\n[PASS] s::b: (0.00s)\n" SYNTHESIS(1),
	  &well,
	  "begin 0\nend 0 passed\nbegin 1\nend 1 error Criterion counts 1 failures, its output "
	  "shows 0\n" },
	{ "[RUN ] s::a\n[PASS] s::a: (0.00s)\n[RUN ] s::b\n[PASS] s::b: (0.00s)\n", &well,
	  "begin 0\nend 0 passed\nbegin 1\nend 1 error the program ended without Criterion's "
	  "synthesis\n" },
	{ "[RUN ] s::a\n[PASS] s::a: (0.00s)\n[RUN ] s::b\nlast", &killed,
	  "begin 0\nend 0 passed\nbegin 1\nprint 1: last\n" },
	{ "[PASS] s::a: \n[FAIL] s::b: \n[SKIP] s::b: Test is disabled\n", &killed,
	  "nobody: [PASS] s::a: \\x0A[FAIL] s::b: \\x0A\n" },
};

START_TEST(the_log_is_read_wherever_it_is_cut)
{
	assert_transcript(&adapter_criterion, &batch, 0, logs[_i].text, strlen(logs[_i].text),
			  logs[_i].end, logs[_i].want);
}
END_TEST

static const char *argv[] = { "program", NULL };
static const struct target target = { .name = "t", .argv = argv, .nargv = 1 };

static const char *const trees[] = {
	"main() talks\nodd: 2 tests\n|-- dis (skipped)\n`-- sk\npar: 1 test\n`-- each\n",
	"odd: 2 tests\n├── dis (skipped)\n└── sk\npar: 1 test\n└── each\n",
};

START_TEST(a_tree_is_read_in_both_encodings)
{
	struct tests t = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(criterion_list_read(trees[_i], strlen(trees[_i]), &target, 0, &t, &e), 0);
	ck_assert_uint_eq(t.ntests, 3);
	ck_assert_str_eq(t.tests[0].id, "t::odd::dis");
	ck_assert_str_eq(t.tests[0].selector, "odd/dis");
	ck_assert_str_eq(t.tests[0].skip_reason, "Test is disabled");
	ck_assert_str_eq(t.tests[1].id, "t::odd::sk");
	ck_assert_ptr_null(t.tests[1].skip_reason);
	ck_assert_str_eq(t.tests[2].id, "t::par::each");
	tests_release(&t);
}
END_TEST

START_TEST(what_names_no_test_is_refused)
{
	static const char text[] = "|-- nobody's\nodd: no tests\nodd: 2 apples\n`-- x y\n";
	struct tests t = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(criterion_list_read(text, strlen(text), &target, 0, &t, &e), -1);
	ck_assert(strstr(e.msg, "names none"));
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("criterion");
	TCase *c = tcase_create("criterion");

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, the_log_is_read_wherever_it_is_cut, 0, ARRAY_SIZE(logs));
	tcase_add_loop_test(c, a_tree_is_read_in_both_encodings, 0, ARRAY_SIZE(trees));
	tcase_add_test(c, what_names_no_test_is_refused);
	return unit_main(s);
}
