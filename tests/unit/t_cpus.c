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

/* cgroup, files of it, MemAvailable in KB, the bytes that makes */
static const struct {
	const char *self, *limit_file, *limit, *used_file, *used, *stat_file, *stat, *meminfo;
	uint64_t want;
} memories[] = {
	{ "0::/a\n", "a/memory.max", "9000\n", "a/memory.current", "4000\n", "a/memory.stat",
	  "anon 1\ninactive_file 1000\n", "MemTotal: 5 kB\nMemAvailable:    100 kB\n", 6000 },
	{ "0::/a\n", "a/memory.max", "9000000\n", "a/memory.current", "0\n", "a/memory.stat",
	  "anon 1\n", "MemTotal: 5 kB\nMemAvailable:    100 kB\n", 102400 },
	{ "0::/a/b\n", "a/memory.max", "9000\n", "a/memory.current", "8000\n", "other", "",
	  "MemAvailable: 100 kB\n", 1000 },
	{ "0::/a\n", "a/memory.max", "max\n", "a/memory.current", "8000\n", "other", "",
	  "MemAvailable: 100 kB\n", 102400 },
	{ "0::/a\n", "a/memory.max", "10\n", "a/memory.current", "8000\n", "other", "",
	  "MemAvailable: 100 kB\n", 0 },
	{ "7:memory:/x\n", "memory/x/memory.limit_in_bytes", "5000\n",
	  "memory/x/memory.usage_in_bytes", "3000\n", "memory/x/memory.stat",
	  "inactive_file 7\ntotal_inactive_file 500\n", "MemAvailable: 100 kB\n", 2500 },
	{ "", "other", "", "other2", "", "other3", "", "nonsense\n", UINT64_MAX },
};

START_TEST(the_memory_that_is_left_is_the_least_of_machine_and_cgroup)
{
	const char *tree = fs_join(&mem, dir, "tree");
	const struct cgroup_files files = { put("self", memories[_i].self), tree };
	const char *meminfo = put("meminfo", memories[_i].meminfo);

	put(fs_join(&mem, "tree", memories[_i].limit_file), memories[_i].limit);
	put(fs_join(&mem, "tree", memories[_i].used_file), memories[_i].used);
	put(fs_join(&mem, "tree", memories[_i].stat_file), memories[_i].stat);
	ck_assert(cpus_memory(meminfo, &files) == memories[_i].want);
}
END_TEST

START_TEST(this_machine_has_memory)
{
	ck_assert_uint_gt(cpus_memory_here(), 0);
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
	tcase_add_loop_test(tc, the_memory_that_is_left_is_the_least_of_machine_and_cgroup, 0,
			    ARRAY_SIZE(memories));
	tcase_add_test(tc, this_machine_has_memory);
	tcase_add_test(tc, this_machine_has_a_cpu);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
