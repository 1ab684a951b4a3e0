/* SPDX-License-Identifier: MIT */
#include "stage/execute_cov.h"

#include "base/err.h"
#include "format/covctx.h"
#include "format/covlane.h"
#include "model/run.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "unit/gcdafile.h"
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

/* --- which tests ran a line ---------------------------------------------------------------------- */

static const struct run with_contexts = { .wants_cov = true,
					  .nlanes = 1,
					  .wants_cov_contexts = true };

/* A process of a test that counts so often. */
static void process_of(uint32_t test, uint64_t count)
{
	const struct proc_end good = { 0 };
	const struct gcdafile_function f = { 1, { count, 0, 0 } };
	const char *const *vars = lane_cov_process_vars(&lane, "/b/t", &mem);
	const char *folder = fs_join(&mem, strchr(vars[0], '=') + 1, "b");
	struct buf file = BUF_INIT;

	gcdafile(&file, &f, 1);
	ck_assert_int_eq(fs_mkdirs(folder, &e), 0);
	ck_assert_int_eq(outfile_write(fs_join(&mem, folder, "t.gcda"), file.s, file.len, &e), 0);
	ck_assert_int_eq(lane_cov_after(&lane, &good, &test, 1, &e), 0);
	buf_release(&file);
}

static size_t nentries, ntests;

static void on_place(void *ctx, const struct covctx_place *place)
{
	const struct buf *file = ctx;
	struct covctx_section s = { 0 };
	struct covctx_entry entry;

	ck_assert_uint_eq(place->path_len, strlen("/b/t.gcda"));
	ck_assert_int_eq(covctx_section_open(&s, "log", file->s + place->offset, place->size, &e),
			 0);
	for (; covctx_section_next(&s, &entry, &e) > 0; nentries++)
		ntests += entry.ntests;
	covctx_section_release(&s);
}

/* Of all logs that count. */
static void read_logs(void)
{
	size_t n = 0;
	const char **paths = covlane_contexts(&mem, dir, &n);

	nentries = ntests = 0;
	for (size_t i = 0; i < n; i++) {
		struct buf file = BUF_INIT;

		ck_assert_int_eq(fs_read(paths[i], 1 << 20, &file, &e), 0);
		ck_assert_int_eq(covctx_places(paths[i], file.s, file.len, on_place, &file, &e), 0);
		buf_release(&file);
	}
}

START_TEST(what_each_test_counted_is_logged_by_epochs)
{
	enum { TESTS = LANE_COV_FRESH_MAX + 10 };

	lane_cov_close(&lane, NULL);
	ck_assert_int_eq(lane_cov_open(&lane, &with_contexts, dir, &e), 0);
	for (uint32_t i = 0; i < TESTS; i++)
		process_of(i, 1 + i % 2);
	read_logs();
	ck_assert_uint_eq(ntests, LANE_COV_FRESH_MAX);
	ck_assert_uint_eq(nentries, 2); /* one time, two times */
	ck_assert_int_eq(lane_cov_close(&lane, &e), 0);
	read_logs();
	ck_assert_uint_eq(ntests, TESTS);
	ck_assert_uint_eq(nentries, 4);
}
END_TEST

START_TEST(of_a_process_that_was_not_added_up_the_test_is_known)
{
	size_t n = 0;
	uint32_t test = 0;

	lane_cov_close(&lane, NULL);
	ck_assert_int_eq(lane_cov_open(&lane, &with_contexts, dir, &e), 0);
	process_of(42, 1);
	/* as a killed lane leaves it */
	const char **prefixes = covlane_prefixes(&mem, dir, &n);

	ck_assert_uint_eq(n, 1);
	ck_assert(covlane_test(prefixes[0], &test));
	ck_assert_uint_eq(test, 42);
	ck_assert_int_eq(lane_cov_add_up(&lane, &e), 0);
	prefixes = covlane_prefixes(&mem, dir, &n);
	for (size_t i = 0; i < n; i++)
		ck_assert(!covlane_test(prefixes[i], &test)); /* a sum */
	/* the next process in this folder is another test's */
	const char *const *vars = lane_cov_process_vars(&lane, "/b/t", &mem);

	ck_assert(!covlane_test(strchr(vars[0], '=') + 1, &test));
	ck_assert_int_eq(lane_cov_close(&lane, &e), 0);
}
END_TEST

START_TEST(a_log_counts_with_its_sum_only)
{
	size_t n = 0;

	lane_cov_close(&lane, NULL);
	const char *cov = fs_join(&mem, dir, "cov");

	ck_assert_int_eq(fs_mkdirs(fs_join(&mem, cov, "sum.10"), &e), 0);
	static const char *const names[] = { "contexts.10", "contexts.9", "contexts.11" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_int_eq(outfile_write(fs_join(&mem, cov, names[i]), "x", 1, &e), 0);
	const char **paths = covlane_contexts(&mem, dir, &n);

	ck_assert_uint_eq(n, 2); /* the lane was killed before it wrote sum.11 */
	ck_assert_str_eq(paths[0], fs_join(&mem, cov, "contexts.9"));
	ck_assert_str_eq(paths[1], fs_join(&mem, cov, "contexts.10"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("execute_cov");
	TCase *tc = tcase_create("execute_cov");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_process_counts_alone);
	tcase_add_test(tc, a_process_that_was_stopped_before_any_verdict_does_not_count);
	tcase_add_test(tc, what_each_test_counted_is_logged_by_epochs);
	tcase_add_test(tc, of_a_process_that_was_not_added_up_the_test_is_known);
	tcase_add_test(tc, a_log_counts_with_its_sum_only);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
