/* SPDX-License-Identifier: MIT
 *
 * adapter/check on programs with gangway's guest in them: in a replaced libcheck, wrapped, preloaded.
 */
#include "unit/check_programs.h"

#include <limits.h>

/* The guest libraries, beside this program in the build tree. */
static const char *guests(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	return fs_absolute(&mem, self, "../../guest");
}

/* DIR/NAME: in each of the three ways, with whatever flags beside. */
static void build_as(const char *name, const char *source, const char *way)
{
	struct buf script = BUF_INIT;

	buf_addf(&script, "g=%s f='-g -O1 -w'; ", guests());
	if (strcmp(way, "replaced") == 0)
		buf_addstr(&script, "PKG_CONFIG_PATH=$g/check/pkgconfig; export PKG_CONFIG_PATH; ");
	if (strcmp(way, "wrapped") == 0)
		buf_addstr(&script, "f=\"$f -L$g -Wl,--wrap=srunner_run,--wrap=srunner_run_all,"
				    "--wrap=srunner_run_tagged\"; l=-lgangway-check; ");
	buf_addf(&script,
		 "cc $f -o %s/%s tests/fixtures/check/%s.c $l $(pkg-config --cflags --libs check)",
		 dir, name, source);
	shell(script.s, "", "");
	buf_release(&script);
	if (strcmp(way, "preloaded") == 0)
		setenv("GANGWAY_LIBDIR", guests(), 1);
}

static void build_with_guest(const char *source)
{
	build_as(source, source, "replaced");
}

/* Everything that a listing says, but for the program's name and how its tests are run alone. */
static char *told(const char *name)
{
	struct buf b = BUF_INIT;

	tests.ntests = 0;
	list(name);
	for (size_t i = 0; i < tests.ntests; i++) {
		const struct test *t = &tests.tests[i];

		buf_addf(&b, "%s %s:%u %s %s", t->id + strlen(name), t->file, t->line, t->suite,
			 t->group ? t->group : "-");
		for (size_t k = 0; k < t->nmarks; k++)
			buf_addf(&b, " %s", t->marks[k]);
		for (size_t k = 0; k < t->nprops; k++) {
			if (strcmp(t->props[k].key, "check_alone") != 0)
				buf_addf(&b, " %s=%s", t->props[k].key, t->props[k].value);
		}
		buf_addch(&b, '\n');
	}
	char *ret = arena_strdup(&mem, b.s);

	buf_release(&b);
	return ret;
}

static const char *const sources[] = { "kinds", "runners", "hardxml", "unchecked", "counted" };

/* --- listing ---------------------------------------------------------------------------- */

START_TEST(every_way_lists_what_is_seen_by_looking_on)
{
	static const struct {
		const char *way, *alone;
	} ways[] = {
		{ "replaced", "yes: linked with gangway's guest" },
		{ "wrapped", "yes: linked with gangway's guest" },
		{ "preloaded", "yes: preloaded" },
	};
	build(sources[_i]);
	const char *expected = told(sources[_i]);

	ck_assert_uint_gt(tests.ntests, 2);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		build_as("other", sources[_i], ways[i].way);
		ck_assert_str_eq(told("other"), expected);
		ck_assert_str_eq(property(&tests.tests[0], "check_alone"), ways[i].alone);
	}
}
END_TEST

START_TEST(nothing_runs_while_a_guest_lists)
{
	build_with_guest("counted");
	shell("GANGWAY_CHECK='list 7' @/counted 7>@/list 2>&1 | (! grep .) && grep -c '^ran$' "
	      "@/list | "
	      "grep -qx 2",
	      dir, "");
}
END_TEST

START_TEST(without_being_asked_the_program_is_as_it_was)
{
	build_with_guest("counted");
	shell("@/counted 2>@/out >/dev/null; grep -c '^ran loop' @/out | grep -qx 14 && "
	      "grep -c '^ran set_up' @/out | grep -qx 3",
	      dir, "");
}
END_TEST

START_TEST(what_the_environment_narrows_is_narrowed_by_the_guest)
{
	static const char *const vars[] = { "CK_RUN_SUITE=A", "CK_EXCLUDE_TAGS=none second" };

	build_as("runners", "runners", "preloaded");
	ck_assert_int_eq(list_env("runners", vars, ARRAY_SIZE(vars)), 0);
	expect_ids("runners::A::x::one\n");
}
END_TEST

START_TEST(a_shared_libcheck_is_preloaded_too)
{
	shell("cd @ && cc -shared -o libcheck.so.0 -Wl,-soname,libcheck.so.0 "
	      "-Wl,--whole-archive $(pkg-config --variable=libdir check)/libcheck_pic.a "
	      "-Wl,--no-whole-archive -lsubunit -lm -lrt && "
	      "cc -g -w -o shared %/tests/fixtures/check/runners.c ./libcheck.so.0 "
	      "-Wl,-rpath,@",
	      dir, fs_cwd(&mem));
	setenv("GANGWAY_LIBDIR", guests(), 1);
	list("shared");
	ck_assert_uint_eq(tests.ntests, 4);
	ck_assert_str_eq(property(&tests.tests[0], "check_alone"), "yes: preloaded");
	run_all();
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two failed runners.c:12 two says no\n"
				 "two failed runners.c:12 two says no\n"
				 "one passed\n");
}
END_TEST

/* The guest that is linked in needs no symbols and no loader. */
START_TEST(a_linked_guest_works_in_a_static_and_stripped_program)
{
	shell("cc -w -static -s -Wl,--gc-sections -o @/static tests/fixtures/check/runners.c "
	      "-L%/check -lcheck -lsubunit -lm -lrt",
	      dir, guests());
	list("static");
	ck_assert_uint_eq(tests.ntests, 4);
	run_all();
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two failed runners.c:12 two says no\n"
				 "two failed runners.c:12 two says no\n"
				 "one passed\n");
}
END_TEST

START_TEST(where_nothing_can_be_preloaded_that_is_said)
{
	static const struct {
		const char *flags, *alone;
		size_t ntests;
	} rows[] = {
		{ "-static", "no: it is linked statically", 4 },
		{ "-fsanitize=address", "no: it is built with a sanitizer", 4 },
		{ "-s", "", 1 },
	};
	struct buf script = BUF_INIT;

	buf_addf(&script,
		 "cc -w %s -o @/program tests/fixtures/check/runners.c -lcheck -lsubunit -lm -lrt",
		 rows[_i].flags);
	shell(script.s, dir, "");
	buf_release(&script);
	setenv("GANGWAY_LIBDIR", guests(), 1);
	list("program");
	ck_assert_uint_eq(tests.ntests, rows[_i].ntests);
	ck_assert_str_eq(property(&tests.tests[0], "check_alone"), rows[_i].alone);
}
END_TEST

START_TEST(a_set_user_id_program_is_not_preloaded)
{
	build_as("runners", "runners", "preloaded");
	shell("chmod u+s @/runners", dir, "");
	list("runners");
	ck_assert_str_eq(property(&tests.tests[0], "check_alone"), "no: it is set-user-ID");
}
END_TEST

START_TEST(a_guest_of_an_unknown_libcheck_refuses)
{
	shell("echo 'int check_major_version = 0, check_minor_version = 16, check_micro_version;' "
	      ">@/v.c && cc -c -o @/v.o @/v.c && "
	      "cc -w -o @/new tests/fixtures/check/runners.c @/v.o -Wl,-z,muldefs -L%/check "
	      "$(pkg-config --libs check)",
	      dir, guests());
	list("new");
	ck_assert_str_eq(property(&tests.tests[0], "check_alone"),
			 "no: this libcheck is none of 0.13 to 0.15");
	shell("GANGWAY_CHECK='list 1' @/new | tail -n 1 | "
	      "grep -q '^refused\tthis libcheck is none of 0.13 to 0.15$'",
	      dir, "");
}
END_TEST

/* --- running ---------------------------------------------------------------------------- */

START_TEST(just_the_tests_that_were_asked_for_run)
{
	static const char *const ways[] = { "replaced", "wrapped", "preloaded" };
	/* the second loop[-1] of A, loop[0] of Both, the third simple of A::plain, B's tab */
	const uint32_t some[] = { 11, 8, 15, 25 };
	struct buf ran = BUF_INIT;

	build_as("counted", "counted", ways[_i]);
	list("counted");
	setenv("RAN", fs_join(&mem, dir, "ran"), 1);
	run_some(some, ARRAY_SIZE(some), TIME_UNKNOWN, false);
	ck_assert_ptr_nonnull(strstr(seen.s, "loop[0] passed"));
	ck_assert_ptr_nonnull(strstr(seen.s, "loop[-1]#2 passed"));
	ck_assert_ptr_nonnull(strstr(seen.s, "simple#3 passed"));
	ck_assert_ptr_nonnull(strstr(seen.s, "tab_and_more passed"));
	ck_assert_str_eq(tests.tests[15].id, "counted::A::plain::simple#3");
	ck_assert_int_eq(fs_read(fs_join(&mem, dir, "ran"), 1000, &ran, &e), 0);
	ck_assert_str_eq(ran.s,
			 "loop 0,set_up 0,before_each 0,loop -1,tear_down 0,simple 0,tab 0,");
	buf_release(&ran);
}
END_TEST

START_TEST(every_end_of_a_test_has_the_verdict_of_the_whole_program)
{
	build("kinds");
	list("kinds");
	run_all();
	char *expected = arena_strdup(&mem, seen.s);

	for (int i = 0; i < 2; i++) {
		buf_clear(&seen);
		tests.ntests = 0;
		build_as("kinds", "kinds", i ? "preloaded" : "replaced");
		list("kinds");
		run_all();
		ck_assert_str_eq(seen.s, expected);
	}
}
END_TEST

START_TEST(a_crash_without_fork_keeps_nobody_from_running)
{
	static const char *const vars[] = { "CK_FORK=no", "TWO=crash" };
	const uint32_t all[] = { 0, 1, 2 };

	build_with_guest("ending");
	ck_assert_int_eq(list_env("ending", vars, ARRAY_SIZE(vars)), 0);
	run_some(all, 3, TIME_UNKNOWN, false);
	ck_assert_str_eq(seen.s, "one passed\n"
				 "two crashed killed by SIGSEGV in the middle of the test\n"
				 "three passed\n");
}
END_TEST

START_TEST(without_fork_output_does_not_wait_for_the_end)
{
	static const char *const vars[] = { "CK_FORK=no" };
	const uint32_t some[] = { 0, 8, 14 };

	build_with_guest("kinds");
	ck_assert_int_eq(list_env("kinds", vars, 1), 0);
	run_some(some, ARRAY_SIZE(some), TIME_UNKNOWN, true);
	/* it came, if not with which of them: the next look may be behind all three */
	const char *first = strstr(seen.s, "printed by passes\n");

	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_nonnull(strstr(first + 1, "printed by passes\n"));
}
END_TEST

START_TEST(a_broken_fixture_is_charged_to_its_own_tcase)
{
	build_with_guest("unchecked");
	list("unchecked");
	run_all();
	ck_assert_str_eq(seen.s,
			 "runs passed\n"
			 "never_runs error unchecked.c:6 S:database:unchecked_setup: no database "
			 "here\n"
			 "never_runs[0] error unchecked.c:6 S:database:unchecked_setup: no "
			 "database here\n"
			 "never_runs[1] error unchecked.c:6 S:database:unchecked_setup: no "
			 "database here\n");
}
END_TEST

START_TEST(a_program_with_its_own_xml_file_and_a_guest_is_read_by_its_log)
{
	build_with_guest("hardxml");
	list("hardxml");
	run_all();
	ck_assert_str_eq(seen.s, "good passed\n"
				 "bad[0] failed hardxml.c:13 first\n"
				 "bad[1] failed hardxml.c:13 first\n");
}
END_TEST

START_TEST(tests_of_all_tcases_share_a_process_and_none_must)
{
	build_with_guest("kinds");
	list("kinds");
	ck_assert(adapter_check.may_join(&tests.tests[4], &tests.tests[15]));
	ck_assert(!adapter_check.must_join(&tests.tests[4], &tests.tests[4]));
}
END_TEST

START_TEST(what_a_test_starts_hears_nothing_of_the_guest)
{
	build_as("starting", "starting", _i ? "preloaded" : "replaced");
	list("starting");
	ck_assert_uint_eq(tests.ntests, 1);
	run_all();
	ck_assert_str_eq(seen.s, "starts passed\n");
}
END_TEST

/* --- optimistic ------------------------------------------------------------------------- */

static size_t count(const char *text)
{
	size_t n = 0;

	for (const char *at = seen.s; (at = strstr(at, text)); at++)
		n++;
	return n;
}

START_TEST(an_optimistic_batch_that_passes_needs_no_fork)
{
	const uint32_t all[] = { 0, 1, 2, 3, 4, 5 };

	run_options.is_optimistic = true;
	build_with_guest("remembers");
	list("remembers");
	run_some(all, ARRAY_SIZE(all), TIME_UNKNOWN, true);
	ck_assert_uint_eq(count("number 4 of"), 1);
	ck_assert_uint_eq(count("passed\n"), 6);
	ck_assert_uint_eq(count("number 1 of"), 1);
}
END_TEST

static const char *const troubles[] = { "fail", "crash", "exit", "hang" };

START_TEST(an_optimistic_batch_in_trouble_is_run_with_forks)
{
	const uint32_t all[] = { 0, 1, 2, 3, 4, 5 };
	const char *said[2];

	setenv("TROUBLE", troubles[_i], 1);
	setenv("CK_DEFAULT_TIMEOUT", "1", 1);
	build_with_guest("remembers");
	list("remembers");
	for (int i = 0; i < 2; i++) {
		run_options.is_optimistic = i == 1;
		buf_clear(&seen);
		run_some(all, ARRAY_SIZE(all), TIME_UNKNOWN, false);
		said[i] = arena_strdup(&mem, seen.s);
	}
	ck_assert_str_eq(said[1], said[0]);
	ck_assert_uint_eq(count("passed\n"), 5);
	unsetenv("TROUBLE");
}
END_TEST

START_TEST(an_optimistic_run_of_everything_has_the_usual_verdicts)
{
	const char *said[2];

	build_with_guest("kinds");
	list("kinds");
	for (int i = 0; i < 2; i++) {
		run_options.is_optimistic = i == 1;
		buf_clear(&seen);
		run_all();
		said[i] = arena_strdup(&mem, seen.s);
	}
	ck_assert_str_eq(said[1], said[0]);
}
END_TEST

/* --- forkserver ------------------------------------------------------------------------- */

/* How often main() of remembers.c began while the tests ran. */
static size_t starts_of_a_run(void)
{
	const uint32_t all[] = { 0, 1, 2, 3, 4, 5 };
	const char *path = fs_join(&mem, dir, "starts");
	struct buf text = BUF_INIT;

	buf_clear(&seen);
	shell("rm -f @", path, "");
	setenv("STARTS", path, 1);
	run_some(all, ARRAY_SIZE(all), TIME_UNKNOWN, false);
	ck_assert_int_eq(fs_read(path, 1000, &text, &e), 0);
	size_t n = text.len;

	buf_release(&text);
	return n;
}

START_TEST(a_warm_program_is_started_once)
{
	run_options.is_isolated = true;
	run_options.forkserver = FORKSERVER_NO;
	build_as("remembers", "remembers", _i ? "preloaded" : "replaced");
	list("remembers");
	ck_assert_uint_eq(starts_of_a_run(), 6);
	char *cold = arena_strdup(&mem, seen.s);

	run_options.forkserver = FORKSERVER_YES;
	ck_assert_uint_eq(starts_of_a_run(), 1);
	ck_assert_str_eq(seen.s, cold);
	ck_assert_uint_eq(count("passed\n"), 6);
}
END_TEST

START_TEST(a_test_in_trouble_does_not_take_the_server_along)
{
	setenv("TROUBLE", troubles[_i], 1);
	setenv("CK_DEFAULT_TIMEOUT", "1", 1);
	run_options.is_isolated = true;
	run_options.forkserver = FORKSERVER_NO;
	build_with_guest("remembers");
	list("remembers");
	starts_of_a_run();
	char *cold = arena_strdup(&mem, seen.s);

	run_options.forkserver = FORKSERVER_YES;
	ck_assert_uint_eq(starts_of_a_run(), 1);
	ck_assert_str_eq(seen.s, cold);
	ck_assert_uint_eq(count("passed\n"), 5);
}
END_TEST

START_TEST(a_warm_program_has_the_usual_verdicts)
{
	const char *said[3];

	build_with_guest(sources[_i]);
	list(sources[_i]);
	for (int i = 0; i < 3; i++) {
		run_options.forkserver = i ? FORKSERVER_YES : FORKSERVER_NO;
		run_options.is_isolated = i == 2;
		buf_clear(&seen);
		run_all();
		said[i] = arena_strdup(&mem, seen.s);
	}
	ck_assert_str_eq(said[1], said[0]);
	/* a broken fixture is told behind the others of its batch: by itself it has none */
	if (strcmp(sources[_i], "unchecked") != 0)
		ck_assert_str_eq(said[2], said[0]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check_guest");
	TCase *t = tcase_create("list");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, every_way_lists_what_is_seen_by_looking_on, 0, ARRAY_SIZE(sources));
	tcase_add_test(t, nothing_runs_while_a_guest_lists);
	tcase_add_test(t, without_being_asked_the_program_is_as_it_was);
	tcase_add_test(t, what_the_environment_narrows_is_narrowed_by_the_guest);
	tcase_add_test(t, a_shared_libcheck_is_preloaded_too);
	tcase_add_test(t, a_linked_guest_works_in_a_static_and_stripped_program);
	tcase_add_loop_test(t, where_nothing_can_be_preloaded_that_is_said, 0, 3);
	tcase_add_test(t, a_set_user_id_program_is_not_preloaded);
	tcase_add_test(t, a_guest_of_an_unknown_libcheck_refuses);
	suite_add_tcase(s, t);
	t = tcase_create("run");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, just_the_tests_that_were_asked_for_run, 0, 3);
	tcase_add_test(t, every_end_of_a_test_has_the_verdict_of_the_whole_program);
	tcase_add_test(t, a_crash_without_fork_keeps_nobody_from_running);
	tcase_add_test(t, without_fork_output_does_not_wait_for_the_end);
	tcase_add_test(t, a_broken_fixture_is_charged_to_its_own_tcase);
	tcase_add_test(t, a_program_with_its_own_xml_file_and_a_guest_is_read_by_its_log);
	tcase_add_test(t, tests_of_all_tcases_share_a_process_and_none_must);
	tcase_add_loop_test(t, what_a_test_starts_hears_nothing_of_the_guest, 0, 2);
	suite_add_tcase(s, t);
	t = tcase_create("optimistic");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, an_optimistic_batch_that_passes_needs_no_fork);
	tcase_add_loop_test(t, an_optimistic_batch_in_trouble_is_run_with_forks, 0,
			    ARRAY_SIZE(troubles));
	tcase_add_test(t, an_optimistic_run_of_everything_has_the_usual_verdicts);
	suite_add_tcase(s, t);
	t = tcase_create("forkserver");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_warm_program_is_started_once, 0, 2);
	tcase_add_loop_test(t, a_test_in_trouble_does_not_take_the_server_along, 0,
			    ARRAY_SIZE(troubles));
	tcase_add_loop_test(t, a_warm_program_has_the_usual_verdicts, 0, ARRAY_SIZE(sources));
	suite_add_tcase(s, t);
	return unit_main(s);
}
