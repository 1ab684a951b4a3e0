/* SPDX-License-Identifier: MIT
 *
 * Real folders, real programs; one test builds a small project with CMake, since only the real
 * gtest_discover_tests() writes what it writes.
 */
#include "stage/collect.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/test.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "unit/unit.h"

static struct arena mem;
static struct tests t;
static struct err e;
static const char *dir;     /* the project */
static const char *scratch; /* for listings */

static void set_up(void)
{
	dir = fs_make_temp_dir(&mem, NULL);
	scratch = fs_make_temp_dir(&mem, NULL);
}

static void tear_down(void)
{
	chmod(fs_join(&mem, dir, "locked"), 0700);
	fs_remove_tree(dir, NULL);
	fs_remove_tree(scratch, NULL);
	tests_release(&t);
	arena_release(&mem);
	e = (struct err){ 0 };
}

static const char *at(const char *name)
{
	return fs_join(&mem, dir, name);
}

static void put(const char *name, const char *text, mode_t mode)
{
	const char *path = at(name);
	char *parent = arena_memdup(&mem, path, (size_t)(strrchr(path, '/') - path));

	ck_assert_int_eq(fs_mkdirs(parent, NULL), 0);
	ck_assert_int_eq(outfile_write(path, text, strlen(text), NULL), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static void put_script(const char *name)
{
	put(name, "#!/bin/sh\nexit 0\n", 0755);
}

static int collect(const char *const *paths, size_t n)
{
	const struct collect_options o = { .rootdir = dir,
					   .paths = paths,
					   .npaths = n,
					   .list_timeout_us = 20 * 1000000,
					   .scratch = scratch };

	return collect_run(&o, &t, &e);
}

static int collect_one(const char *path)
{
	return collect(&path, 1);
}

/* All ids, a line each. */
static const char *ids(void)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < t.ntests; i++)
		buf_addf(&b, "%s\n", t.tests[i].id);
	const char *text = arena_memdup(&mem, b.s, b.len);

	buf_release(&b);
	return text;
}

static const struct test *find(const char *id)
{
	for (size_t i = 0; i < t.ntests; i++) {
		if (strcmp(t.tests[i].id, id) == 0)
			return &t.tests[i];
	}
	ck_abort_msg("no test '%s' in:\n%s", id, ids());
	return NULL;
}

START_TEST(a_folder_is_walked_in_order_for_what_looks_like_a_test)
{
	static const char *const yes[] = { "z_test",         "test_a.sh",     "sub/b-test",
					   "sub/x.t",        "sub/all_tests", "sub/test",
					   "FooTest",        "check_it",      "t_unit",
					   "s/s/s/deep_test" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		put_script(yes[i]);
	put_script("helper");
	put_script(".git/test_hook");
	put_script("CMakeFiles/test_x");
	put_script("node_modules/test_x");
	put("test_data", "1 2 3\n", 0755);
	put("test_notes", "#!/bin/sh\n", 0644);
	put("libfoo_test.so", "\177ELF", 0755);
	ck_assert_int_eq(symlink("sub", at("linked")), 0);
	ck_assert_int_eq(symlink(".", at("sub/loop")), 0);
	ck_assert_int_eq(collect_one(dir), 0);
	ck_assert_str_eq(ids(), "FooTest\ncheck_it\nt_unit\ntest_a.sh\nz_test\ns/s/s/deep_test\n"
				"sub/all_tests\nsub/b-test\nsub/test\nsub/x.t\n");
	ck_assert_uint_eq(t.nerrors, 0);
	ck_assert_str_eq(t.targets[find("sub/x.t")->target].adapter, "tap");
	const struct target *plain = &t.targets[find("z_test")->target];

	ck_assert_str_eq(plain->adapter, "exitcode");
	ck_assert_str_eq(plain->program, at("z_test"));
	ck_assert_str_eq(plain->argv[0], at("z_test"));
	ck_assert_str_eq(plain->workdir, dir);
	ck_assert_ptr_null(plain->rule);
}
END_TEST

START_TEST(patterns_of_the_project_take_the_place_of_the_usual_ones)
{
	static const char *const patterns[] = { "spec.*" };
	const char *paths[] = { dir };
	const struct collect_options o = { .rootdir = dir,
					   .paths = paths,
					   .npaths = 1,
					   .patterns = patterns,
					   .npatterns = 1,
					   .list_timeout_us = TIME_UNKNOWN,
					   .scratch = scratch };

	put_script("test_a");
	put_script("spec.a");
	ck_assert_int_eq(collect_run(&o, &t, &e), 0);
	ck_assert_str_eq(ids(), "spec.a\n");
}
END_TEST

START_TEST(what_is_named_itself_is_taken_whatever_its_name)
{
	const char *paths[] = { at("tool"), at("sub/../tool"), dir, at("a_test") };

	put_script("tool");
	put_script("a_test");
	ck_assert_int_eq(fs_mkdirs(at("sub"), NULL), 0);
	ck_assert_int_eq(collect(paths, ARRAY_SIZE(paths)), 0);
	ck_assert_str_eq(ids(), "tool\na_test\n"); /* once each */
	ck_assert_uint_eq(t.nerrors, 0);
}
END_TEST

START_TEST(a_path_relative_to_the_current_folder_has_an_id_relative_to_the_rootdir)
{
	put_script("sub/a_test");
	ck_assert_int_eq(chdir(at("sub")), 0);
	ck_assert_int_eq(collect_one("a_test"), 0);
	ck_assert_str_eq(ids(), "sub/a_test\n");
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(a_path_that_is_not_there_ends_it)
{
	const char *paths[] = { dir, at("gone") };

	ck_assert_int_eq(collect(paths, 2), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(e.path, at("gone"));
}
END_TEST

static const struct {
	const char *name, *text;
	mode_t mode;
	const char *message;
} odd[] = {
	{ "notes.txt", "hello\n", 0644, "not a program" },
	{ "lib.o", "\177ELF", 0644, "not a program" },
};

START_TEST(a_named_file_that_is_no_program_is_one_error_and_the_rest_goes_on)
{
	const char *paths[] = { at(odd[_i].name), at("a_test") };

	put(odd[_i].name, odd[_i].text, odd[_i].mode);
	put_script("a_test");
	ck_assert_int_eq(collect(paths, 2), 0);
	ck_assert_uint_eq(t.nerrors, 1);
	ck_assert_str_eq(t.errors[0].where, odd[_i].name);
	ck_assert_msg(strstr(t.errors[0].message, odd[_i].message), "%s", t.errors[0].message);
	ck_assert_str_eq(ids(), "a_test\n");
}
END_TEST

START_TEST(a_library_is_no_program)
{
	ck_assert_int_eq(collect_one("/bin/true"), 0); /* this is one */
	ck_assert_uint_eq(t.ntests + t.nerrors, 1);
	tests_release(&t);
	put("l.c", "int f(void); int f(void) { return 1; }\n", 0644);
	const char *argv[] = { "cc", "-shared", "-fPIC", "-o", at("l_test.so"), at("l.c"), NULL };
	const struct proc_spec spec = { .argv = argv };
	struct proc_end end;

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 65536, NULL, NULL, &end, &e), 0);
	ck_assert_int_eq(collect_one(at("l_test.so")), 0);
	ck_assert_uint_eq(t.ntests, 0);
	ck_assert_uint_eq(t.nerrors, 1);
	ck_assert_ptr_nonnull(strstr(t.errors[0].message, "library"));
}
END_TEST

START_TEST(a_folder_that_cannot_be_read_is_one_error_and_the_rest_goes_on)
{
	if (geteuid() == 0)
		return; /* root reads everything */
	put_script("locked/test_a");
	put_script("test_b");
	ck_assert_int_eq(chmod(at("locked"), 0), 0);
	ck_assert_int_eq(collect_one(dir), 0);
	ck_assert_str_eq(ids(), "test_b\n");
	ck_assert_uint_eq(t.nerrors, 1);
	ck_assert_str_eq(t.errors[0].where, "locked");
}
END_TEST

START_TEST(a_build_folder_in_a_folder_is_found_and_not_walked)
{
	put_script("build/test_a");
	put("build/CTestTestfile.cmake", "add_test(only /bin/true)\n", 0644);
	put_script("test_b");
	const char *paths[] = { dir, at("build/CTestTestfile.cmake"), at("build") };

	ck_assert_int_eq(collect(paths, 3), 0);
	ck_assert_str_eq(ids(), "test_b\nonly\n");
}
END_TEST

START_TEST(ids_are_unique_and_who_waits_knows)
{
	put("b1/CTestTestfile.cmake", "add_test(a /bin/true)\nadd_test(b /bin/true)\n", 0644);
	put("b2/CTestTestfile.cmake",
	    "add_test(a /bin/true)\nadd_test(b /bin/true)\n"
	    "set_tests_properties(b PROPERTIES DEPENDS a)\n",
	    0644);
	ck_assert_int_eq(collect_one(dir), 0);
	ck_assert_str_eq(ids(), "a\nb\na#2\nb#2\n");
	ck_assert_uint_eq(t.tests[3].nafter, 1);
	ck_assert_str_eq(t.tests[3].after[0], "a#2");
}
END_TEST

START_TEST(a_broken_build_folder_is_one_error_and_the_rest_goes_on)
{
	put("b1/CTestTestfile.cmake", "add_test(a\n", 0644);
	put_script("test_b");
	ck_assert_int_eq(collect_one(dir), 0);
	ck_assert_str_eq(ids(), "test_b\n");
	ck_assert_uint_eq(t.nerrors, 1);
	ck_assert_str_eq(t.errors[0].where, "b1");
}
END_TEST

/* --- a real project ------------------------------------------------------------------------------
 */

static void run_tool(const char *const *argv)
{
	const struct proc_spec spec = { .argv = argv, .workdir = dir };
	struct buf out = BUF_INIT;
	struct proc_end end;

	ck_assert_msg(proc_capture(&spec, TIME_UNKNOWN, 1 << 20, &out, NULL, &end, &e) == 0, "%s",
		      e.msg);
	ck_assert_msg(end.exit_code == 0, "%s", out.s);
	buf_release(&out);
}

static void build_project(void)
{
	const char *configure[] = { "cmake", "-S", ".", "-B", "build", "-G", "Ninja", NULL };
	const char *build[] = { "cmake", "--build", "build", NULL };

	put("g.cc",
	    "#include <gtest/gtest.h>\n"
	    "TEST(A, b) {}\n"
	    "TEST(A, DISABLED_c) {}\n"
	    "class P : public testing::TestWithParam<const char *> {};\n"
	    "TEST_P(P, Each) {}\n"
	    "INSTANTIATE_TEST_SUITE_P(Inst, P, testing::Values(\"a b\", \"c\"));\n",
	    0644);
	put("CMakeLists.txt",
	    "cmake_minimum_required(VERSION 3.19)\n"
	    "project(x CXX)\n"
	    "enable_testing()\n"
	    "find_package(GTest REQUIRED)\n"
	    "include(GoogleTest)\n"
	    "set(CMAKE_CXX_FLAGS \"-O0\")\n"
	    "add_executable(g g.cc)\n"
	    "target_link_libraries(g GTest::gtest_main)\n"
	    "gtest_discover_tests(g EXTRA_ARGS --foo PROPERTIES LABELS gl TIMEOUT 5)\n"
	    "add_executable(later EXCLUDE_FROM_ALL g.cc)\n"
	    "gtest_discover_tests(later)\n"
	    "add_test(NAME whole COMMAND g --bar)\n"
	    "set_tests_properties(whole PROPERTIES LABELS \"u;xdist_group=G\" COST 8 TIMEOUT 9\n"
	    "  ENVIRONMENT \"K=V\" RESOURCE_LOCK port DEPENDS A.b)\n"
	    "add_test(NAME inst COMMAND g --gtest_filter=Inst/*)\n"
	    "add_test(NAME one COMMAND g --gtest_filter=A.b)\n"
	    "add_test(NAME ruled COMMAND g)\n"
	    "set_tests_properties(ruled PROPERTIES PASS_REGULAR_EXPRESSION PASSED DEPENDS whole)\n"
	    "add_test(NAME sharded COMMAND g)\n"
	    "set_tests_properties(sharded PROPERTIES ENVIRONMENT \"GTEST_TOTAL_SHARDS=2\")\n"
	    "add_test(NAME off COMMAND g)\n"
	    "set_tests_properties(off PROPERTIES DISABLED TRUE)\n",
	    0644);
	run_tool(configure);
	run_tool(build);
}

static void check_regrouped(void)
{
	const struct test *b = find("A.b"), *c = find("A.c"), *p = find("Inst/P.Each/\"a b\"");
	const struct target *target = &t.targets[b->target];

	ck_assert_uint_eq(b->target, c->target);
	ck_assert_uint_eq(b->target, p->target);
	ck_assert_str_eq(target->name, "build/g");
	ck_assert_str_eq(target->adapter, "gtest");
	ck_assert_ptr_null(target->rule);
	ck_assert_str_eq(target->argv[target->nargv - 1], "--foo");
	for (size_t i = 0; i < target->nargv; i++)
		ck_assert_ptr_null(strstr(target->argv[i], "gtest_filter"));
	ck_assert_str_eq(b->selector, "A.b");
	ck_assert_str_eq(c->selector, "A.DISABLED_c");
	ck_assert_ptr_nonnull(c->skip_reason);
	ck_assert_ptr_null(b->skip_reason);
	ck_assert_str_eq(p->selector, "Inst/P.Each/0");
	ck_assert_str_eq(p->suite, "Inst/P");
	ck_assert_str_eq(p->name, "Each/0");
	ck_assert_str_eq(b->file, at("g.cc"));
	ck_assert_uint_eq(b->line, 2);
	ck_assert_uint_eq(p->line, 5);
	ck_assert(test_has_mark(b, "gl"));
	ck_assert_uint_eq(b->timeout_us, 5000000);
}

static void check_split(void)
{
	const struct test *b = find("whole::A::b");
	const struct target *target = &t.targets[b->target];

	ck_assert_str_eq(target->name, "whole");
	ck_assert_str_eq(target->adapter, "gtest");
	ck_assert_ptr_null(target->rule);
	ck_assert_str_eq(target->argv[1], "--bar");
	ck_assert_str_eq(target->env[0], "K=V");
	ck_assert_str_eq(target->workdir, at("build"));
	ck_assert_str_eq(b->group, "G");
	ck_assert(test_has_mark(b, "u"));
	ck_assert_uint_eq(b->timeout_us, 9000000);
	ck_assert_uint_eq(b->cost_us, 2000000); /* of four */
	ck_assert_str_eq(b->locks[0], "port");
	ck_assert_uint_eq(b->nafter, 1);
	ck_assert_str_eq(b->after[0], "A.b");
	ck_assert_str_eq(b->file, at("g.cc"));
	find("inst::Inst/P::Each/0");
	find("inst::Inst/P::Each/1");
	ck_assert_str_eq(find("one")->selector, "A.b");
}

static void check_whole(void)
{
	const struct test *ruled = find("ruled"), *off = find("off");

	ck_assert_str_eq(t.targets[ruled->target].adapter, "exitcode");
	ck_assert_uint_eq(t.targets[ruled->target].rule->npass_regex, 1);
	ck_assert_uint_eq(ruled->nafter, 4); /* all cases of the other */
	ck_assert_str_eq(t.targets[find("sharded")->target].adapter, "exitcode");
	ck_assert_ptr_nonnull(off->skip_reason);
	ck_assert_str_eq(ruled->file, at("CMakeLists.txt"));
	ck_assert_uint_eq(ruled->line, 17);
	ck_assert_ptr_nonnull(strstr(find("later_NOT_BUILT")->error, "not built"));
}

START_TEST(a_cmake_project_is_split_and_brought_together_again)
{
	build_project();
	ck_assert_msg(collect_one(at("build")) == 0, "%s", e.msg);
	for (size_t i = 0; i < t.nerrors; i++)
		ck_abort_msg("%s: %s", t.errors[i].where, t.errors[i].message);
	check_regrouped();
	check_split();
	check_whole();
	ck_assert_uint_eq(t.ntests, 4 + 1 + 4 + 2 + 1 + 1 + 1 + 1);
	tests_release(&t);
	/* the program alone has the same cases under its path */
	ck_assert_int_eq(collect_one(at("build/g")), 0);
	ck_assert_str_eq(ids(), "build/g::A::b\nbuild/g::A::DISABLED_c\nbuild/g::Inst/P::Each/0\n"
				"build/g::Inst/P::Each/1\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("collect");
	TCase *c = tcase_create("collect");

	suite_add_tcase(s, c);
	tcase_set_timeout(c, 180);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_folder_is_walked_in_order_for_what_looks_like_a_test);
	tcase_add_test(c, patterns_of_the_project_take_the_place_of_the_usual_ones);
	tcase_add_test(c, what_is_named_itself_is_taken_whatever_its_name);
	tcase_add_test(c, a_path_relative_to_the_current_folder_has_an_id_relative_to_the_rootdir);
	tcase_add_test(c, a_path_that_is_not_there_ends_it);
	tcase_add_loop_test(c, a_named_file_that_is_no_program_is_one_error_and_the_rest_goes_on, 0,
			    ARRAY_SIZE(odd));
	tcase_add_test(c, a_library_is_no_program);
	tcase_add_test(c, a_folder_that_cannot_be_read_is_one_error_and_the_rest_goes_on);
	tcase_add_test(c, a_build_folder_in_a_folder_is_found_and_not_walked);
	tcase_add_test(c, ids_are_unique_and_who_waits_knows);
	tcase_add_test(c, a_broken_build_folder_is_one_error_and_the_rest_goes_on);
	tcase_add_test(c, a_cmake_project_is_split_and_brought_together_again);
	return unit_main(s);
}
