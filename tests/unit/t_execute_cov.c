/* SPDX-License-Identifier: MIT */
#include "stage/execute_cov.h"

#include "base/err.h"
#include "format/covlane.h"
#include "model/run.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static const char *dir;
static struct lane_cov lane;
static const struct run run = { .wants_cov = true, .nlanes = 1 };

static void setup(void)
{
	e = (struct err){ 0 };
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	ck_assert_int_eq(lane_cov_open(&lane, &run, dir, &e), 0);
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

/* A process begins, counts, and has ended like this, with n tests at their verdicts. */
static void process(const struct proc_end *end, size_t n)
{
	static const uint32_t tests[] = { 5 };
	const char *const *vars = lane_cov_process_vars(&lane, "/b/t", &mem);
	const char *prefix = strchr(vars[0], '=') + 1;
	const char *folder = fs_join(&mem, prefix, "b");

	ck_assert_ptr_nonnull(strstr(vars[0], "GCOV_PREFIX="));
	ck_assert_int_eq(fs_mkdirs(folder, &e), 0);
	ck_assert_int_eq(outfile_write(fs_join(&mem, folder, "t.gcda"), "x", 1, &e), 0);
	ck_assert_int_eq(lane_cov_after(&lane, end, tests, n, &e), 0);
}

static size_t count_processes(void)
{
	size_t n = 0;

	covlane_prefixes(&mem, dir, &n);
	return n;
}

START_TEST(each_process_counts_alone)
{
	const struct proc_end good = { 0 };

	process(&good, 1);
	process(&good, 1);
	ck_assert_uint_eq(count_processes(), 2);
	lane_cov_close(&lane, NULL);
}
END_TEST

START_TEST(a_process_that_was_stopped_before_any_verdict_does_not_count)
{
	const struct proc_end stopped = { .is_stopped = true };

	process(&stopped, 0);
	ck_assert_uint_eq(count_processes(), 0);
	lane_cov_close(&lane, NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("execute_cov");
	TCase *tc = tcase_create("execute_cov");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_process_counts_alone);
	tcase_add_test(tc, a_process_that_was_stopped_before_any_verdict_does_not_count);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
