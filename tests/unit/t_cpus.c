/* SPDX-License-Identifier: MIT */
#include "sys/cpus.h"

#include "base/err.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static char *dir;

static void setup(void)
{
	e = (struct err){ 0 };
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

static const char *put(const char *name, const char *text)
{
	const char *path = fs_join(&mem, dir, name);
	char *folder = arena_strdup(&mem, path);

	*strrchr(folder, '/') = '\0';
	ck_assert_int_eq(fs_mkdirs(folder, &e), 0);
	ck_assert_int_eq(outfile_write(path, text, strlen(text), &e), 0);
	return path;
}

/* name of the file below the cgroup tree, what it holds, the CPUs that makes */
static const struct {
	const char *self, *file, *text, *file2, *text2;
	unsigned want;
} rows[] = {
	{ "0::/a/b\n", "a/b/cpu.max", "150000 100000\n", NULL, NULL, 2 },
	{ "0::/a/b\n", "a/b/cpu.max", "max 100000\n", NULL, NULL, 0 },
	{ "0::/a/b\n", "a/b/cpu.max", "max 100000\n", "a/cpu.max", "300000 100000\n", 3 },
	{ "0::/a/b\n", "a/b/cpu.max", "400000 100000\n", "a/cpu.max", "100000 100000\n", 1 },
	{ "0::/a/b\n", "a/b/cpu.max", "nonsense\n", NULL, NULL, 0 },
	{ "0::/\n", "other", "", NULL, NULL, 0 },
	{ "4:cpu,cpuacct:/x\n", "cpu/x/cpu.cfs_quota_us", "250000\n", "cpu/x/cpu.cfs_period_us",
	  "100000\n", 3 },
	{ "4:cpu,cpuacct:/x\n", "cpu/x/cpu.cfs_quota_us", "-1\n", "cpu/x/cpu.cfs_period_us",
	  "100000\n", 0 },
	{ "", "other", "", NULL, NULL, 0 },
};

START_TEST(the_quota_is_read_from_either_cgroup_version)
{
	const char *self = put("self", rows[_i].self);
	const char *tree = fs_join(&mem, dir, "tree");

	put(fs_join(&mem, "tree", rows[_i].file), rows[_i].text);
	if (rows[_i].file2)
		put(fs_join(&mem, "tree", rows[_i].file2), rows[_i].text2);
	ck_assert_uint_eq(cpus_quota(self, tree), rows[_i].want);
}
END_TEST

START_TEST(files_that_are_not_there_are_no_limit)
{
	ck_assert_uint_eq(cpus_quota("/no/such/file", "/no/such/folder"), 0);
}
END_TEST

START_TEST(the_least_counts_and_says_why)
{
	const char *reason = NULL;

	ck_assert_uint_eq(cpus_auto(&(struct cpus){ .affinity = 8, .quota = 3 }, &reason), 3);
	ck_assert_ptr_nonnull(strstr(reason, "quota"));
	ck_assert_uint_eq(cpus_auto(&(struct cpus){ .affinity = 2, .quota = 3 }, &reason), 2);
	ck_assert_ptr_nonnull(strstr(reason, "affinity"));
	ck_assert_uint_eq(cpus_auto(&(struct cpus){ .affinity = 4 }, &reason), 4);
	ck_assert_uint_eq(cpus_auto(&(struct cpus){ 0 }, &reason), 1);
}
END_TEST

START_TEST(this_machine_has_a_cpu)
{
	const struct cpus c = cpus_read();

	ck_assert_uint_ge(c.affinity, 1);
	ck_assert_uint_ge(c.logical, c.affinity);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cpus");
	TCase *tc = tcase_create("cpus");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, the_quota_is_read_from_either_cgroup_version, 0, ARRAY_SIZE(rows));
	tcase_add_test(tc, files_that_are_not_there_are_no_limit);
	tcase_add_test(tc, the_least_counts_and_says_why);
	tcase_add_test(tc, this_machine_has_a_cpu);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
