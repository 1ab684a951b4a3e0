/* SPDX-License-Identifier: MIT
 *
 * cgroup v2: /sys/fs/cgroup/PATH/cpu.max holds "QUOTA PERIOD" in microseconds or "max PERIOD";
 * PATH is the "0::" line of /proc/self/cgroup, and every folder above may limit too.
 * cgroup v1: cpu.cfs_quota_us (-1: none) and cpu.cfs_period_us below the "cpu" hierarchy.
 */
#include "sys/cpus.h"

#include <inttypes.h>
#include <sched.h>
#include <unistd.h>

#include "base/buf.h"

static unsigned count_affinity(void)
{
	for (size_t n = 1024; n <= 1024 * 1024; n *= 4) {
		cpu_set_t *set = CPU_ALLOC(n);
		size_t size = CPU_ALLOC_SIZE(n);

		if (!set)
			break;
		int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;

		CPU_FREE(set);
		if (count > 0)
			return (unsigned)count;
	}
	return 0;
}

/* Rounded up; 0: no limit. */
static unsigned quota_cpus(int64_t quota_us, int64_t period_us)
{
	if (quota_us <= 0 || period_us <= 0)
		return 0;
	return (unsigned)((quota_us + period_us - 1) / period_us);
}

static unsigned least(unsigned a, unsigned b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* A small file of the kernel's, at most so many bytes of it. */
static bool read_file(const char *path, size_t limit_bytes, struct buf *ret)
{
	FILE *f = fopen(path, "re");

	buf_clear(ret);
	if (!f)
		return false;
	buf_reserve(ret, limit_bytes);
	ret->len = fread(ret->s, 1, limit_bytes, f);
	ret->s[ret->len] = '\0';
	bool is_good = !ferror(f);

	fclose(f); /* only read from */
	return is_good;
}

static bool read_text(const char *dir, const char *name, struct buf *ret)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", dir, name);
	bool is_good = read_file(path.s, 4096, ret);

	buf_release(&path);
	return is_good;
}

static unsigned quota_of_folder(const char *dir)
{
	struct buf text = BUF_INIT;
	int64_t quota = 0;
	int64_t period = 0;
	unsigned n = 0;

	if (read_text(dir, "cpu.max", &text)) {
		if (sscanf(text.s, "%" SCNd64 " %" SCNd64, &quota, &period) == 2)
			n = quota_cpus(quota, period);
	} else if (read_text(dir, "cpu.cfs_quota_us", &text) &&
		   sscanf(text.s, "%" SCNd64, &quota) == 1 &&
		   read_text(dir, "cpu.cfs_period_us", &text) &&
		   sscanf(text.s, "%" SCNd64, &period) == 1) {
		n = quota_cpus(quota, period);
	}
	buf_release(&text);
	return n;
}

/* The folder and every one above it, up to the root of the hierarchy. */
static unsigned quota_of_path(const char *root, const char *path)
{
	struct buf dir = BUF_INIT;
	size_t root_len = strlen(root);
	unsigned n = 0;

	buf_addstr(&dir, root);
	buf_addstr(&dir, path);
	for (;;) {
		while (dir.len > root_len && dir.s[dir.len - 1] == '/')
			buf_truncate(&dir, dir.len - 1);
		n = least(n, quota_of_folder(dir.s));
		if (dir.len <= root_len)
			break;
		while (dir.len > root_len && dir.s[dir.len - 1] != '/')
			buf_truncate(&dir, dir.len - 1);
	}
	buf_release(&dir);
	return n;
}

unsigned cpus_quota(const char *proc_self_cgroup, const char *sysfs)
{
	struct buf text = BUF_INIT;
	struct buf root = BUF_INIT;
	unsigned n = 0;

	if (!read_file(proc_self_cgroup, 65536, &text)) {
		buf_release(&text);
		return 0;
	}
	for (char *line = text.s; *line;) {
		char *end = line + strcspn(line, "\n");
		char *next = end + (*end == '\n');
		char *names = strchr(line, ':');
		char *path = names && names < end ? strchr(names + 1, ':') : NULL;

		*end = '\0';
		if (path) {
			*path++ = '\0';
			names++;
			bool is_v2 = !*names;
			bool is_cpu =
				strcmp(names, "cpu") == 0 || strcmp(names, "cpu,cpuacct") == 0;

			buf_clear(&root);
			buf_addf(&root, "%s%s%s", sysfs, is_v2 ? "" : "/", is_v2 ? "" : "cpu");
			if (is_v2 || is_cpu)
				n = least(n, quota_of_path(root.s, path));
		}
		line = next;
	}
	buf_release(&text);
	buf_release(&root);
	return n;
}

struct cpus cpus_read(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	return (struct cpus){
		.affinity = count_affinity(),
		.logical = online > 0 ? (unsigned)online : 1,
		.quota = cpus_quota("/proc/self/cgroup", "/sys/fs/cgroup"),
	};
}

unsigned cpus_auto(const struct cpus *c, const char **reason)
{
	unsigned n = c->affinity ? c->affinity : c->logical;

	*reason = "CPUs by affinity";
	if (c->quota > 0 && c->quota < n) {
		n = c->quota;
		*reason = "CPUs by cgroup quota";
	}
	return n > 0 ? n : 1;
}
