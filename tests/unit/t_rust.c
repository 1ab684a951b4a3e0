/* SPDX-License-Identifier: MIT
 *
 * The outputs are those of rustc 1.95's libtest, shortened.
 */
#include "adapter/rust.h"

#include "base/err.h"
#include "unit/transcript.h"

static const struct test tests[] = { { .selector = "a" }, { .selector = "m::b" } };
static const struct test *const list[] = { &tests[0], &tests[1] };
static const struct batch batch = { .tests = list, .ntests = 2 };
static const struct proc_end well, failed = { .exit_code = 101 },
				   aborted = { .exit_code = -1, .term_signal = 6 };

#define RESULT(p, f, i)                                                                            \
	"\ntest result: FAILED. " #p " passed; " #f " failed; " #i                                 \
	" ignored; 0 measured; 2 filtered out; finished in 0.20s\n\n"

static const struct {
	const char *text;
	const struct proc_end *end;
	const char *want;
} outputs[] = {
	{ "\nrunning 2 tests\ntest a ... in a\nok\ntest m::b ... ignored, no, net\n" RESULT(1, 0,
											    1),
	  &well, "begin 0\nprint 0: in a\\x0A\nend 0 passed\nbegin 1\nend 1 skipped no, net\n" },
	{ "test a - should panic ... ok\ntest m::b ... ignored\n" RESULT(1, 0, 1), &well,
	  "begin 0\nend 0 passed\nbegin 1\nend 1 skipped ignored\n" },
	{ "test a ... \nthread 'a' (21577) panicked at rs/t.rs:2:37:\nassertion failed: one\n  "
	  "left: "
	  "1\nFAILED\ntest m::b ... ok\n" RESULT(1, 1, 0),
	  &failed,
	  "begin 0\nprint 0: \\x0Athread 'a' (21577) panicked at rs/t.rs:2:37:\\x0Aassertion "
	  "failed: one\\x0A  left: 1\\x0A\nend 0 failed rs/t.rs:2 assertion failed: one\nbegin 1\n"
	  "end 1 passed\n" },
	/* before 1.73 */
	{ "test a ... thread 'a' panicked at 'why not', t.rs:4:5\nFAILED\n" RESULT(0, 1, 0),
	  &failed,
	  "begin 0\nprint 0: thread 'a' panicked at 'why not', t.rs:4:5\\x0A\nend 0 failed t.rs:4 "
	  "why "
	  "not\n" },
	/* no newline before the verdict */
	{ "test a ... does this look\ntest m::b ... xFAILED\n\nfailures:\n    m::b\n" RESULT(0, 2,
											     0),
	  &failed,
	  "begin 0\nprint 0: does this look\\x0A\nend 0 passed\nbegin 1\nprint 1: xFAILED\\x0A    "
	  "m::b\\x0A\nend 1 failed failed\n" },
	/* lies */
	{ "test a ... ok\nFAILED\ntest result: FAILED. 0 passed; 9 failed; 0 ignored;\nok\ntest "
	  "m::b "
	  "... ok\n" RESULT(2, 0, 0),
	  &well, "begin 0\nend 0 passed\nbegin 1\nend 1 passed\n" },
	{ "test a ... test m::b ... FAILED\nok\ntest m::b ... ok\n" RESULT(2, 0, 0), &well,
	  "begin 0\nprint 0: test m::b ... FAILED\\x0A\nend 0 passed\nbegin 1\nend 1 passed\n" },
	{ "test a ... ok\ntest m::b ... ok\n" RESULT(1, 1, 0), &failed,
	  "begin 0\nend 0 passed\nbegin 1\nend 1 error the program counts 1 passed and 1 failed, "
	  "its "
	  "output shows 2 and 0\n" },
	{ "test a ... ok\ntest m::b ... ok\n", &well,
	  "begin 0\nend 0 passed\nbegin 1\nend 1 error the program ended without a test result\n" },
	{ "test a ... ok\ntest m::b ... last\n", &aborted,
	  "begin 0\nend 0 passed\nbegin 1\nprint 1: last\\x0A\n" },
	{ "test other ... ok\ntest a", &well, "nobody: test other ... ok\\x0Atest a\n" },
};

START_TEST(the_output_is_read_wherever_it_is_cut)
{
	assert_transcript(&adapter_rust, &batch, 0, outputs[_i].text, strlen(outputs[_i].text),
			  outputs[_i].end, outputs[_i].want);
}
END_TEST

START_TEST(a_list_has_modules_as_suites)
{
	static const char text[] = "main() talks\nm::inner::b: test\na: test\nbench: benchmark\n";
	const char *argv[] = { "program", NULL };
	const struct target target = { .name = "t", .argv = argv, .nargv = 1 };
	struct tests t = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(rust_list_read(text, strlen(text), &target, 0, &t, &e), 0);
	ck_assert_uint_eq(t.ntests, 2);
	ck_assert_str_eq(t.tests[0].suite, "m::inner");
	ck_assert_str_eq(t.tests[0].selector, "m::inner::b");
	ck_assert_str_eq(t.tests[1].id, "t::a");
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rust");
	TCase *c = tcase_create("rust");

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, the_output_is_read_wherever_it_is_cut, 0, ARRAY_SIZE(outputs));
	tcase_add_test(c, a_list_has_modules_as_suites);
	return unit_main(s);
}
