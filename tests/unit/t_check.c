/* SPDX-License-Identifier: MIT
 *
 * adapter/check on real programs of libcheck: what is listed, and what a lane says of it.
 */
#include "unit/check_programs.h"

/* --- recognising ------------------------------------------------------------------------ */

static bool is_recognised(const char *path)
{
	struct elf_file *f = NULL;

	ck_assert_int_eq(elf_file_open(path, &f, &e), 0);
	const struct candidate c = { .path = path, .elf = f };
	bool ret = adapter_check.probe(&c);

	elf_file_close(f);
	return ret;
}

START_TEST(programs_of_libcheck_are_recognised_stripped_or_not)
{
	build("runners");
	shell("strip -o @.stripped @", fs_join(&mem, dir, "runners"), "");
	ck_assert(is_recognised(fs_join(&mem, dir, "runners")));
	ck_assert(is_recognised(fs_join(&mem, dir, "runners.stripped")));
	ck_assert(!is_recognised("/bin/sh"));
	ck_assert(!is_recognised("/proc/self/status"));
}
END_TEST

/* --- what is listed --------------------------------------------------------------------- */

START_TEST(tests_are_listed_with_file_line_marks_loops_and_equal_names)
{
	build("kinds");
	list("kinds");
	expect_ids("kinds::Core h\xc3\xa9 & <x>::ends::passes\n"
		   "kinds::Core h\xc3\xa9 & <x>::ends::fails\n"
		   "kinds::Core h\xc3\xa9 & <x>::ends::crashes\n"
		   "kinds::Core h\xc3\xa9 & <x>::ends::exits_with_3\n"
		   "kinds::Core h\xc3\xa9 & <x>::ends::exits_with_0\n"
		   "kinds::Core h\xc3\xa9 & <x>::time::out::hangs\n"
		   "kinds::Core h\xc3\xa9 & <x>::loop::loops[2]\n"
		   "kinds::Core h\xc3\xa9 & <x>::loop::loops[3]\n"
		   "kinds::Core h\xc3\xa9 & <x>::loop::loops[4]\n"
		   "kinds::Core h\xc3\xa9 & <x>::expected::crashes\n"
		   "kinds::Core h\xc3\xa9 & <x>::expected::exits_with_3\n"
		   "kinds::Core h\xc3\xa9 & <x>::expected::passes\n"
		   "kinds::Twice::same::passes\n"
		   "kinds::Twice::same::fails\n"
		   "kinds::Twice::same::passes#2\n"
		   "kinds::Twice::same::passes#3\n");
	const struct test *t = find("kinds::Core h\xc3\xa9 & <x>::ends::fails");

	ck_assert_str_eq(t->file, "tests/fixtures/check/kinds.c");
	ck_assert_uint_eq(t->line, 14);
	ck_assert_uint_eq(t->nmarks, 2);
	ck_assert(test_has_mark(t, "slow") && test_has_mark(t, "unit"));
	ck_assert_str_eq(t->group, "disk");
	ck_assert_str_eq(t->suite, "Core h\xc3\xa9 & <x>::ends");
	t = find("kinds::Core h\xc3\xa9 & <x>::time::out::hangs");
	ck_assert_uint_eq(t->nprops, 2);
	ck_assert_str_eq(property(t, "check_timeout"), "0.250");
	ck_assert_str_eq(property(t, "check_alone"),
			 "no: gangway-check-preload.so is not installed");
	t = find("kinds::Core h\xc3\xa9 & <x>::expected::crashes");
	ck_assert_str_eq(property(t, "check_signal"), "SIGSEGV");
}
END_TEST

START_TEST(several_srunners_are_listed_in_turn_and_what_they_leave_out_is_left_out)
{
	build("runners");
	list("runners");
	expect_ids("runners::A::x::one\n"
		   "runners::A::y::two\n"
		   "runners::B::y::two\n"
		   "runners::C::x::one\n");
}
END_TEST

START_TEST(what_the_environment_narrows_is_narrowed)
{
	static const char *const vars[] = { "CK_RUN_SUITE=A", "CK_EXCLUDE_TAGS=none second" };

	build("runners");
	ck_assert_int_eq(list_env("runners", vars, ARRAY_SIZE(vars)), 0);
	expect_ids("runners::A::x::one\n");
}
END_TEST

START_TEST(a_shared_libcheck_is_looked_at_too)
{
	build("runners");
	shell("cd @ && cc -shared -o libcheck.so.0 -Wl,-soname,libcheck.so.0 "
	      "-Wl,--whole-archive $(pkg-config --variable=libdir check)/libcheck_pic.a "
	      "-Wl,--no-whole-archive -lsubunit -lm -lrt && "
	      "cc -g -w -o shared %/tests/fixtures/check/runners.c ./libcheck.so.0 "
	      "-Wl,-rpath,@",
	      dir, fs_cwd(&mem));
	ck_assert(is_recognised(fs_join(&mem, dir, "shared")));
	list("shared");
	expect_ids("shared::A::x::one\n"
		   "shared::A::y::two\n"
		   "shared::B::y::two\n"
		   "shared::C::x::one\n");
	run_all();
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two failed runners.c:12 two says no\n"
				 "two failed runners.c:12 two says no\n"
				 "one passed\n");
}
END_TEST

START_TEST(a_program_at_a_fixed_address_is_listed)
{
	shell("cc -no-pie -w -o @/fixed % $(pkg-config --cflags --libs check)", dir,
	      "tests/fixtures/check/runners.c");
	list("fixed");
	ck_assert_uint_eq(tests.ntests, 4);
}
END_TEST

START_TEST(a_program_that_dies_while_it_lists_is_an_error)
{
	static const char *const vars[] = { "ENDING=abort early" };

	build("ending");
	ck_assert_int_eq(list_env("ending", vars, 1), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "ending' failed to list its tests: killed by SIGABRT"));
	ck_assert_uint_eq(tests.ntests, 0);
}
END_TEST

START_TEST(a_program_that_comes_to_no_srunner_is_one_test)
{
	static const char *const vars[] = { "ENDING=early" };

	build("ending");
	ck_assert_int_eq(list_env("ending", vars, 1), 0);
	expect_ids("ending\n");
	run_all();
	ck_assert_str_eq(seen.s, "ending error the program exited with status 5 without a report "
				 "of Check's\n");
}
END_TEST

/* --- what is said of the tests ---------------------------------------------------------- */

START_TEST(every_end_of_a_test_has_its_verdict)
{
	build("kinds");
	list("kinds");
	run_all();
	ck_assert_str_eq(seen.s, "passes passed\n"
				 "fails failed kinds.c:19 two\n"
				 "crashes crashed kinds.c:23 killed by SIGSEGV\n"
				 "exits_with_3 error kinds.c:35 Early exit with return value 3\n"
				 "exits_with_0 passed\n"
				 "hangs timeout kinds.c:29 Test timeout expired\n"
				 "loops[2] passed\n"
				 "loops[3] failed kinds.c:49 Assertion '_i != 3' failed: _i == 3, "
				 "3 == 3\n"
				 "loops[4] passed\n"
				 "crashes passed\n"
				 "exits_with_3 passed\n"
				 "passes failed kinds.c:8 Early exit with return value 0\n"
				 "passes passed\n"
				 "fails failed kinds.c:19 two\n"
				 "passes#2 passed\n"
				 "passes#3 passed\n");
}
END_TEST

/* Only some of a TCase, and in another order than the program's. */
START_TEST(what_was_not_asked_for_is_not_reported)
{
	const uint32_t some[] = { 15, 13, 7 };

	build("kinds");
	list("kinds");
	run_some(some, ARRAY_SIZE(some), TIME_UNKNOWN, false);
	ck_assert_str_eq(seen.s, "fails failed kinds.c:19 two\n"
				 "passes#3 passed\n"
				 "loops[3] failed kinds.c:49 Assertion '_i != 3' failed: _i == 3, "
				 "3 == 3\n");
}
END_TEST

/* Whoever is quicker, the program or we: what a test that failed has printed is with it. */
START_TEST(output_of_a_test_that_fails_is_kept_with_it)
{
	const uint32_t some[] = { 12, 13, 14 };

	build("kinds");
	list("kinds");
	for (int i = 0; i < 30; i++) {
		buf_clear(&seen);
		run_some(some, ARRAY_SIZE(some), TIME_UNKNOWN, true);
		const char *at = strstr(seen.s, "fails failed kinds.c:19 two\n");

		ck_assert_msg(at != NULL, "%s", seen.s);
		const char *end = strstr(at, "passes#2");

		ck_assert_msg(end != NULL, "%s", seen.s);
		ck_assert_msg(memmem(at, (size_t)(end - at), "printed by fails\n", 17), "%s",
			      seen.s);
		ck_assert_msg(memmem(at, (size_t)(end - at), "warned by fails\n", 16), "%s",
			      seen.s);
	}
}
END_TEST

START_TEST(reports_of_several_srunners_are_all_read)
{
	build("runners");
	list("runners");
	run_all();
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two failed runners.c:12 two says no\n"
				 "two failed runners.c:12 two says no\n"
				 "one passed\n");
}
END_TEST

START_TEST(a_stripped_program_is_one_test_with_points)
{
	build("runners");
	shell("strip @", fs_join(&mem, dir, "runners"), "");
	list("runners");
	expect_ids("runners\n");
	run_all();
	ck_assert_str_eq(seen.s, "runners failed 2 of 4 tests failed\n"
				 "  A::x::one passed\n"
				 "  A::y::two failed two says no\n"
				 "  B::y::two failed two says no\n"
				 "  C::x::one passed\n");
}
END_TEST

START_TEST(a_program_with_its_own_xml_file_is_read_by_its_log)
{
	build("hardxml");
	list("hardxml");
	expect_ids("hardxml::Hard::a:b::good\n"
		   "hardxml::Hard::a:b::bad[0]\n"
		   "hardxml::Hard::a:b::bad[1]\n");
	run_all();
	ck_assert_str_eq(seen.s, "good passed\n"
				 "bad[0] failed hardxml.c:13 first\n"
				 "bad[1] failed hardxml.c:13 first\n");
}
END_TEST

START_TEST(a_stripped_program_with_its_own_xml_file_is_read_by_its_log)
{
	build("hardxml");
	shell("strip @", fs_join(&mem, dir, "hardxml"), "");
	list("hardxml");
	run_all();
	ck_assert_str_eq(seen.s, "hardxml failed 2 of 3 tests failed\n"
				 "  Hard::a:b::good passed\n"
				 "  Hard::a:b::bad failed first\n"
				 "  Hard::a:b::bad[1] failed first\n");
}
END_TEST

START_TEST(an_unchecked_fixture_that_fails_is_an_error_of_its_tests)
{
	build("unchecked");
	list("unchecked");
	run_all();
	ck_assert_str_eq(seen.s,
			 "never_runs error unchecked.c:6 S:database:unchecked_setup: no database "
			 "here\n"
			 "never_runs[0] error unchecked.c:6 S:database:unchecked_setup: no "
			 "database here\n"
			 "never_runs[1] error unchecked.c:6 S:database:unchecked_setup: no "
			 "database here\n"
			 "runs passed\n");
}
END_TEST

static void run_ending(const char *const *vars, size_t nvars, uint64_t timeout_us)
{
	const uint32_t all[] = { 0, 1, 2 };

	build("ending");
	ck_assert_int_eq(list_env("ending", vars, nvars), 0);
	ck_assert_uint_eq(tests.ntests, 3);
	run_some(all, 3, timeout_us, false);
}

START_TEST(a_bad_end_of_the_program_is_not_lost)
{
	static const char *const vars[] = { "ENDING=exit 9" };

	run_ending(vars, 1, TIME_UNKNOWN);
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two passed\n"
				 "three error the program exited with status 9 although every test "
				 "passed\n");
}
END_TEST

START_TEST(a_crash_without_fork_is_charged_and_names_what_it_kept_from_running)
{
	static const char *const vars[] = { "CK_FORK=no", "TWO=crash" };

	run_ending(vars, 2, TIME_UNKNOWN);
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two crashed killed by SIGSEGV in the middle of the test\n"
				 "three error not run: 'two' ended the program\n");
}
END_TEST

START_TEST(an_exit_without_fork_is_an_error_of_its_test)
{
	static const char *const vars[] = { "CK_FORK=no", "TWO=exit" };

	run_ending(vars, 2, TIME_UNKNOWN);
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two error the program exited with status 0 in the middle of the "
				 "test\n"
				 "three error not run: 'two' ended the program\n");
}
END_TEST

START_TEST(a_test_that_kills_its_parent_is_charged)
{
	static const char *const vars[] = { "TWO=kill" };

	run_ending(vars, 1, TIME_UNKNOWN);
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two crashed killed by SIGKILL in the middle of the test\n"
				 "three error not run: 'two' ended the program\n");
}
END_TEST

START_TEST(a_hang_without_fork_is_charged_with_the_time_limit_of_the_run)
{
	static const char *const vars[] = { "CK_FORK=no", "TWO=hang" };

	run_ending(vars, 2, 400000);
	ck_assert_msg(strstr(seen.s, "one passed\ntwo timeout timed out: the program was killed") ==
			      seen.s,
		      "%s", seen.s);
	ck_assert_ptr_nonnull(strstr(seen.s, "\nthree error not run: 'two' ended the program\n"));
}
END_TEST

START_TEST(a_program_that_dies_behind_its_tests_is_a_crash_of_the_last)
{
	static const char *const vars[] = { "ENDING=abort" };
	const uint32_t all[] = { 0, 1, 2 };

	build("ending");
	list("ending");
	tests.targets[0].env = (const char **)(uintptr_t)vars;
	tests.targets[0].nenv = 1;
	run_some(all, 3, TIME_UNKNOWN, false);
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two passed\n"
				 "three crashed killed by SIGABRT although every test passed\n");
}
END_TEST

/* Perhaps it only dies because nothing ran; perhaps there were more tests to come. */
START_TEST(a_program_that_dies_behind_an_srunner_when_listed_is_one_test)
{
	static const char *const vars[] = { "ENDING=abort" };

	build("ending");
	ck_assert_int_eq(list_env("ending", vars, 1), 0);
	expect_ids("ending\n");
	run_all();
	ck_assert_str_eq(seen.s, "ending crashed killed by SIGABRT although every test passed\n"
				 "  Ends::all::one passed\n"
				 "  Ends::all::two passed\n"
				 "  Ends::all::three passed\n");
}
END_TEST

START_TEST(tests_of_two_tcases_do_not_share_a_process)
{
	build("kinds");
	list("kinds");
	ck_assert(adapter_check.may_join(&tests.tests[0], &tests.tests[4]));
	ck_assert(!adapter_check.may_join(&tests.tests[4], &tests.tests[5]));
	ck_assert(adapter_check.may_join(&tests.tests[12], &tests.tests[15]));
	ck_assert(adapter_check.must_join(&tests.tests[0], &tests.tests[4]));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check");
	TCase *t = tcase_create("list");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, programs_of_libcheck_are_recognised_stripped_or_not);
	tcase_add_test(t, tests_are_listed_with_file_line_marks_loops_and_equal_names);
	tcase_add_test(t, several_srunners_are_listed_in_turn_and_what_they_leave_out_is_left_out);
	tcase_add_test(t, what_the_environment_narrows_is_narrowed);
	tcase_add_test(t, a_shared_libcheck_is_looked_at_too);
	tcase_add_test(t, a_program_at_a_fixed_address_is_listed);
	tcase_add_test(t, a_program_that_dies_while_it_lists_is_an_error);
	tcase_add_test(t, a_program_that_comes_to_no_srunner_is_one_test);
	suite_add_tcase(s, t);
	t = tcase_create("run");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_end_of_a_test_has_its_verdict);
	tcase_add_test(t, what_was_not_asked_for_is_not_reported);
	tcase_add_test(t, output_of_a_test_that_fails_is_kept_with_it);
	tcase_add_test(t, reports_of_several_srunners_are_all_read);
	tcase_add_test(t, a_stripped_program_is_one_test_with_points);
	tcase_add_test(t, a_program_with_its_own_xml_file_is_read_by_its_log);
	tcase_add_test(t, a_stripped_program_with_its_own_xml_file_is_read_by_its_log);
	tcase_add_test(t, an_unchecked_fixture_that_fails_is_an_error_of_its_tests);
	tcase_add_test(t, a_bad_end_of_the_program_is_not_lost);
	tcase_add_test(t, a_crash_without_fork_is_charged_and_names_what_it_kept_from_running);
	tcase_add_test(t, an_exit_without_fork_is_an_error_of_its_test);
	tcase_add_test(t, a_test_that_kills_its_parent_is_charged);
	tcase_add_test(t, a_hang_without_fork_is_charged_with_the_time_limit_of_the_run);
	tcase_add_test(t, a_program_that_dies_behind_its_tests_is_a_crash_of_the_last);
	tcase_add_test(t, a_program_that_dies_behind_an_srunner_when_listed_is_one_test);
	tcase_add_test(t, tests_of_two_tcases_do_not_share_a_process);
	suite_add_tcase(s, t);
	return unit_main(s);
}
