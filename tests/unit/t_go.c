/* SPDX-License-Identifier: MIT
 *
 * The outputs are those of Go 1.19, shortened.
 */
#include "adapter/go.h"

#include "base/err.h"
#include "unit/transcript.h"

static const struct test tests[] = { { .selector = "TestA" }, { .selector = "TestAb" } };
static const struct test *const list[] = { &tests[0], &tests[1] };
static const struct batch batch = { .tests = list, .ntests = 2 };
static const struct proc_end well, exit_1 = { .exit_code = 1 }, exit_2 = { .exit_code = 2 };

static const struct {
	const char *text;
	const struct proc_end *end;
	const char *want;
} outputs[] = {
	{ "=== RUN   TestA\n    x_test.go:4: note\n    x_test.go:5: why 3\nno newline--- FAIL: "
	  "TestA "
	  "(0.00s)\n=== RUN   TestAb\n    y_test.go:5: no net\n--- SKIP: TestAb (0.00s)\nFAIL\n",
	  &exit_1,
	  "begin 0\nprint 0:     x_test.go:4: note\\x0A    x_test.go:5: why 3\\x0Ano newline\nend "
	  "0 "
	  "failed x_test.go:5 why 3\nbegin 1\nprint 1:     y_test.go:5: no net\\x0A\nend 1 skipped "
	  "y_test.go:5 no net\n" },
	{ "\x16=== RUN   TestA\n=== RUN   TestA/a_b/c\n=== RUN   TestA/bad\n    x_test.go:6: sub "
	  "why\n"
	  "\x16--- FAIL: TestA (0.00s)\n    --- PASS: TestA/a_b/c (0.00s)\n    --- FAIL: TestA/bad "
	  "(0.00s)\nFAIL\n",
	  &exit_1,
	  "begin 0\nprint 0:     x_test.go:6: sub why\\x0A\nend 0 failed x_test.go:6 TestA/bad: "
	  "sub "
	  "why\nsub TestA/a_b/c passed \nsub TestA/bad failed sub why\n" },
	/* parallel */
	{ "=== RUN   TestA\n=== PAUSE TestA\n=== RUN   TestAb\n--- PASS: TestAb (0.00s)\n=== CONT  "
	  "TestA\n    x_test.go:8: p\n--- FAIL: TestA (0.02s)\nFAIL\n",
	  &exit_1,
	  "begin 0\npause\nbegin 1\nend 1 passed\nbegin 0\nprint 0:     x_test.go:8: p\\x0A\nend 0 "
	  "failed x_test.go:8 p\n" },
	/* a panic stands behind its test's line */
	{ "=== RUN   TestAb\n--- FAIL: TestAb (0.00s)\npanic: boom [recovered]\n", &exit_2,
	  "begin 1\nprint 1: panic: boom [recovered]\\x0A\nend 1 failed panic: boom "
	  "[recovered]\n" },
	/* lies */
	{ "=== RUN   TestA\n--- FAIL: TestA (0.00s)\n--- FAIL: TestAb (0.00s)\n=== RUN   "
	  "TestC\n--- "
	  "PASS: TestA (0.00s)\n=== RUN   TestAb\n--- PASS: TestAb (0.00s)\nPASS\n",
	  &well,
	  "begin 0\nprint 0: --- FAIL: TestAb (0.00s)\\x0A=== RUN   TestC\\x0A\nend 0 "
	  "passed\nbegin "
	  "1\nend 1 passed\n" },
	{ "=== RUN   TestA\n=== RUN   TestAb\n--- PASS: TestA (0.00s)\n", &exit_2,
	  "begin 0\nprint 0: === RUN   TestAb\\x0A\nend 0 passed\n" },
	{ "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestAb\n--- PASS: TestAb "
	  "(0.00s)\nPASS\n",
	  &exit_1,
	  "begin 0\nend 0 passed\nbegin 1\nend 1 error exit status 1 although every test "
	  "passed\n" },
	{ "=== RUN   TestA\nlast", &exit_2, "begin 0\nprint 0: last\n" },
	{ "--- PASS: TestA (0.00s)\n=== CONT  TestA\n=== RUN   TestA/x\n", &well,
	  "nobody: --- PASS: TestA (0.00s)\\x0A=== CONT  TestA\\x0A=== RUN   TestA/x\\x0A\n" },
};

START_TEST(the_output_is_read_wherever_it_is_cut)
{
	assert_transcript(&adapter_go, &batch, 0, outputs[_i].text, strlen(outputs[_i].text),
			  outputs[_i].end, outputs[_i].want);
}
END_TEST

START_TEST(a_list_has_tests_examples_and_fuzz_tests)
{
	static const char text[] =
		"set up\nTestA\nTest\xc3\x84\nBenchmarkB\nExampleX_y\nFuzzF\nTest this\nok\n";
	static const char *const want[] = { "t::TestA", "t::Test\xc3\x84", "t::ExampleX_y",
					    "t::FuzzF" };
	const char *argv[] = { "program", NULL };
	const struct target target = { .name = "t", .argv = argv, .nargv = 1 };
	struct tests t = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(go_list_read(text, strlen(text), &target, 0, &t, &e), 0);
	ck_assert_uint_eq(t.ntests, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert_str_eq(t.tests[i].id, want[i]);
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("go");
	TCase *c = tcase_create("go");

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, the_output_is_read_wherever_it_is_cut, 0, ARRAY_SIZE(outputs));
	tcase_add_test(c, a_list_has_tests_examples_and_fuzz_tests);
	return unit_main(s);
}
