/* SPDX-License-Identifier: MIT
 *
 * adapter/check on real programs of libcheck: what is listed, and what a lane says of it.
 */
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/err.h"
#include "format/elf.h"
#include "format/journal.h"
#include "model/plan.h"
#include "model/run.h"
#include "stage/execute.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "unit.h"

static struct arena mem;
static char *dir;
static struct tests tests;
static struct buf seen;
static struct err e;

/* --- building --------------------------------------------------------------------------- */

static void shell(const char *format, const char *a, const char *b)
{
	struct buf script = BUF_INIT, out = BUF_INIT;
	struct proc_end end = { 0 };

	for (const char *c = format; *c; c++) {
		if (*c == '@')
			buf_addstr(&script, a);
		else if (*c == '%')
			buf_addstr(&script, b);
		else
			buf_addch(&script, *c);
	}
	const char *const argv[] = { "/bin/sh", "-c", script.s, NULL };
	const struct proc_spec spec = { .argv = argv, .is_merged = true };

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 1 << 20, &out, NULL, &end, &e), 0);
	ck_assert_msg(end.exit_code == 0, "%s: %s", script.s, out.s);
	buf_release(&script);
	buf_release(&out);
}

/* The program is DIR/NAME. */
static void build(const char *name)
{
	struct buf source = BUF_INIT;

	buf_addf(&source, "tests/fixtures/check/%s.c", name);
	shell("cc -g -O1 -w -o @ % $(pkg-config --cflags --libs check)", fs_join(&mem, dir, name),
	      source.s);
	buf_release(&source);
}

static void setup(void)
{
	/* what the runner of this very test was told is not for the programs it runs */
	static const char *const told[] = {
		"CK_RUN_SUITE",         "CK_RUN_CASE",          "CK_FORK",
		"CK_VERBOSITY",         "CK_XML_LOG_FILE_NAME", "CK_LOG_FILE_NAME",
		"CK_TAP_LOG_FILE_NAME", "CK_INCLUDE_TAGS",      "CK_EXCLUDE_TAGS",
		"CK_DEFAULT_TIMEOUT"
	};

	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		unsetenv(told[i]);
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_msg(dir != NULL, "%s", e.msg);
	tests.rootdir = dir;
	seen = (struct buf)BUF_INIT;
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	buf_release(&seen);
	tests_release(&tests);
	arena_release(&mem);
}

/* --- listing ---------------------------------------------------------------------------- */

static int list_env(const char *name, const char *const *vars, size_t nvars)
{
	const char *path = fs_join(&mem, dir, name);
	const char **argv = arena_alloc(&mem, 2, sizeof *argv);
	const struct list_context ctx = { .timeout_us = 20000000,
					  .scratch = dir,
					  .environ = (const char *const *)environ };

	argv[0] = path;
	struct target t = { .name = name,
			    .adapter = "check",
			    .program = path,
			    .argv = argv,
			    .nargv = 1,
			    .env = (const char **)(uintptr_t)vars,
			    .nenv = nvars,
			    .workdir = dir };

	return adapter_check.list(&t, tests_add_target(&tests, &t), &ctx, &tests, &e);
}

static void list(const char *name)
{
	int status = list_env(name, NULL, 0);

	ck_assert_msg(status == 0, "%s", e.msg);
}

static const struct test *find(const char *id)
{
	for (size_t i = 0; i < tests.ntests; i++) {
		if (strcmp(tests.tests[i].id, id) == 0)
			return &tests.tests[i];
	}
	ck_abort_msg("no test '%s'", id);
	return NULL;
}

static void expect_ids(const char *expected)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < tests.ntests; i++)
		buf_addf(&b, "%s\n", tests.tests[i].id);
	ck_assert_str_eq(b.s, expected);
	buf_release(&b);
}

/* --- running ---------------------------------------------------------------------------- */

struct telling {
	struct journal_reader reader;
	bool shows_output;
};

static void tell_output(struct telling *t, const char *label, struct span span)
{
	if (!t->shows_output || span.size_bytes == 0)
		return;
	buf_addstr(&seen, label);
	ck_assert_int_eq(journal_read_output(&t->reader, span, &seen, &e), 0);
}

/* Add "name outcome message" to seen; print what it printed on lines below. */
static int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	const struct result *r = &ev->result;
	struct telling *t = ctx;

	(void)reterr;
	if (ev->kind != JOURNAL_END)
		return 0;
	buf_addf(&seen, "%s %s", tests.tests[r->test].name, outcome_word(r->outcome));
	if (r->line)
		buf_addf(&seen, " %s:%u", fs_basename(r->file), r->line);
	if (*r->message)
		buf_addf(&seen, " %s", r->message);
	buf_addch(&seen, '\n');
	for (size_t i = 0; i < r->nsubs; i++)
		buf_addf(&seen, "  %s %s%s%s\n", r->subs[i].name, outcome_word(r->subs[i].outcome),
			 *r->subs[i].message ? " " : "", r->subs[i].message);
	tell_output(t, "out: ", r->out);
	tell_output(t, "err: ", r->err);
	return 0;
}

static void run_some(const uint32_t *indices, size_t n, uint64_t timeout_us, bool shows_output)
{
	struct unit unit = { .name = "u1", .tests = (uint32_t *)(uintptr_t)indices, .ntests = n };
	struct plan plan = { .nlanes = 1, .units = &unit, .nunits = 1 };
	struct run run = { .id = "r",
			   .rootdir = dir,
			   .nlanes = 1,
			   .began_us = proc_now_us(),
			   .timeout_us = timeout_us,
			   .grace_us = 100000,
			   .output_limit_bytes = 65536 };
	const struct execute_options o = { .rundir = dir,
					   .lanedir = fs_join(&mem, dir, "gw0"),
					   .unit = 0 };
	struct telling telling = { .shows_output = shows_output };

	fs_mkdirs(o.lanedir, NULL);
	int status = execute_lane(&o, &run, &tests, &plan, &e);

	ck_assert_msg(status == 0, "%s", e.msg);
	journal_reader_init(&telling.reader, o.lanedir, 0);
	status = journal_poll(&telling.reader, on_event, &telling, &e);
	ck_assert_msg(status == 0, "%s", e.msg);
	journal_reader_release(&telling.reader);
}

static void run_all(void)
{
	uint32_t *indices = arena_alloc(&mem, tests.ntests, sizeof *indices);

	for (size_t i = 0; i < tests.ntests; i++)
		indices[i] = (uint32_t)i;
	run_some(indices, tests.ntests, TIME_UNKNOWN, false);
}

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
	ck_assert_uint_eq(t->nprops, 1);
	ck_assert_str_eq(t->props[0].key, "check_timeout");
	ck_assert_str_eq(t->props[0].value, "0.250");
	t = find("kinds::Core h\xc3\xa9 & <x>::expected::crashes");
	ck_assert_str_eq(t->props[0].value, "SIGSEGV");
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
