/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/err.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static struct tests tests;
static char *dir;
static unsigned ncalls;
static bool fails;

/* Two tests, every field said. */
static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	static const char *const marks[] = { "a", "b" };
	static const struct property props[] = { { "key", "value" } };

	(void)ctx;
	ncalls++;
	if (fails)
		return err_set(reterr, ERR_SYSTEM, t->program, 0, "no list today");
	for (int i = 0; i < 2; i++) {
		struct test test = test_blank(target_index);

		test.id = test_make_id(&ret->mem, t->name, "S", i == 0 ? "x" : "y");
		test.suite = "S";
		test.name = i == 0 ? "x" : "y";
		test.selector = i == 0 ? "S.x" : "S.y";
		test.file = "f.cc";
		test.line = 3;
		test.group = "g";
		test_set_marks(ret, &test, marks, 2);
		test.props = props;
		test.nprops = 1;
		test.timeout_us = 5;
		test.skip_reason = i == 0 ? "off" : NULL;
		tests_add(ret, &test);
	}
	return 0;
}

static const struct adapter row = { .name = "fake", .list = list, .runs_to_list = true };

static struct target target;
static struct list_context ctx;
static const char *arguments[] = { "program", "-a", NULL };
static const char *environment[] = { "A=1", "SHLVL=1", NULL };

static void setup(void)
{
	e = (struct err){ 0 };
	ncalls = 0;
	fails = false;
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	const char *cache = fs_join(&mem, dir, "cache");
	const char *program = fs_join(&mem, dir, "program");

	ck_assert_int_eq(fs_mkdirs(cache, &e), 0);
	ck_assert_int_eq(outfile_write(program, "1", 1, &e), 0);
	arguments[1] = "-a";
	environment[0] = "A=1";
	environment[1] = "SHLVL=1";
	target = (struct target){ .name = "t/program",
				  .adapter = "fake",
				  .program = program,
				  .argv = arguments,
				  .nargv = 2,
				  .workdir = dir };
	ctx = (struct list_context){ .environ = environment, .cache = cache };
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	tests_release(&tests);
	arena_release(&mem);
}

/* How often the program was asked, in all. */
static unsigned calls_after_list(void)
{
	tests_release(&tests);
	tests_add_target(&tests, &target);
	tests_add_target(&tests, &target);
	ck_assert_msg(adapter_list(&row, &target, 1, &ctx, &tests, &e) == 0, "%s", e.msg);
	return ncalls;
}

START_TEST(the_second_time_nothing_is_run_and_all_is_the_same)
{
	ck_assert_uint_eq(calls_after_list(), 1);
	ck_assert_uint_eq(calls_after_list(), 1);
	ck_assert_uint_eq(tests.ntests, 2);
	const struct test *t = &tests.tests[0];

	ck_assert_uint_eq(t->target, 1);
	ck_assert_str_eq(t->id, "t/program::S::x");
	ck_assert_str_eq(t->suite, "S");
	ck_assert_str_eq(t->selector, "S.x");
	ck_assert_str_eq(t->file, "f.cc");
	ck_assert_uint_eq(t->line, 3);
	ck_assert_str_eq(t->group, "g");
	ck_assert_uint_eq(t->nmarks, 2);
	ck_assert_str_eq(t->marks[1], "b");
	ck_assert_uint_eq(t->nprops, 1);
	ck_assert_str_eq(t->props[0].value, "value");
	ck_assert_uint_eq(t->timeout_us, 5);
	ck_assert_str_eq(t->skip_reason, "off");
	ck_assert_ptr_null(tests.tests[1].skip_reason);
	ck_assert_str_eq(tests.tests[1].id, "t/program::S::y");
}
END_TEST

START_TEST(a_new_program_is_asked_again)
{
	const struct timespec other[2] = { { 1000, 0 }, { 1000, 0 } };

	ck_assert_uint_eq(calls_after_list(), 1);
	ck_assert_int_eq(outfile_write(target.program, "2", 1, &e), 0);
	ck_assert_uint_eq(calls_after_list(), 2);
	ck_assert_uint_eq(calls_after_list(), 2);
	ck_assert_int_eq(utimensat(AT_FDCWD, target.program, other, 0), 0);
	ck_assert_uint_eq(calls_after_list(), 3);
}
END_TEST

START_TEST(other_arguments_folder_or_environment_are_another_listing)
{
	ck_assert_uint_eq(calls_after_list(), 1);
	arguments[1] = "-b";
	ck_assert_uint_eq(calls_after_list(), 2);
	arguments[1] = "-a";
	target.workdir = "/";
	ck_assert_uint_eq(calls_after_list(), 3);
	target.workdir = dir;
	environment[0] = "A=2";
	ck_assert_uint_eq(calls_after_list(), 4);
	environment[1] = "SHLVL=2";
	ck_assert_uint_eq(calls_after_list(), 4);
	target.env = arguments;
	target.nenv = 1;
	ck_assert_uint_eq(calls_after_list(), 5);
	target.env = NULL;
	target.nenv = 0;
	target.name = "other";
	ck_assert_uint_eq(calls_after_list(), 6);
	ck_assert_str_eq(tests.tests[0].id, "other::S::x");
}
END_TEST

START_TEST(a_damaged_memory_is_none)
{
	const char **names = NULL;
	size_t n = 0;

	ck_assert_uint_eq(calls_after_list(), 1);
	ck_assert_int_eq(fs_list(ctx.cache, &mem, &names, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(truncate(fs_join(&mem, ctx.cache, names[0]), 40), 0);
	ck_assert_uint_eq(calls_after_list(), 2);
	ck_assert_uint_eq(tests.ntests, 2);
	ck_assert_uint_eq(calls_after_list(), 2);
	ctx.cache = "/no/such/folder";
	ck_assert_uint_eq(calls_after_list(), 3);
	ctx.cache = NULL;
	ck_assert_uint_eq(calls_after_list(), 4);
}
END_TEST

START_TEST(a_failure_is_not_remembered)
{
	fails = true;
	ck_assert_int_eq(adapter_list(&row, &target, 0, &ctx, &tests, &e), -1);
	ck_assert_uint_eq(tests.ntests, 0);
	fails = false;
	ck_assert_uint_eq(calls_after_list(), 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("adapter_cache");
	TCase *tc = tcase_create("adapter_cache");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_second_time_nothing_is_run_and_all_is_the_same);
	tcase_add_test(tc, a_new_program_is_asked_again);
	tcase_add_test(tc, other_arguments_folder_or_environment_are_another_listing);
	tcase_add_test(tc, a_damaged_memory_is_none);
	tcase_add_test(tc, a_failure_is_not_remembered);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
