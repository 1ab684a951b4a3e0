/* SPDX-License-Identifier: MIT
 *
 * cgroup v2: /sys/fs/cgroup/PATH/cpu.max holds "QUOTA PERIOD" in microseconds or "max PERIOD";
 * PATH is the "0::" line of /proc/self/cgroup, and every folder above may limit too.
 * cgroup v1: cpu.cfs_quota_us (-1: none) and cpu.cfs_period_us below the "cpu" hierarchy.
 * Memory in the same way: memory.max, memory.current; v1 memory.limit_in_bytes and
 * memory.usage_in_bytes.  What files in the cache take of it is given back when needed:
 * inactive_file of memory.stat.
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

/* What the folders of a cgroup allow; each one only lowers it. */
struct allowed {
	unsigned cpus;
	uint64_t memory_bytes;
};

static void read_quota(const char *dir, struct allowed *ret)
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
	ret->cpus = least(ret->cpus, n);
	buf_release(&text);
}

static bool read_number(const char *dir, const char *name, uint64_t *ret)
{
	struct buf text = BUF_INIT;
	bool is_good = read_text(dir, name, &text) && sscanf(text.s, "%" SCNu64, ret) == 1;

	buf_release(&text);
	return is_good;
}

/* "KEY NUMBER" on a line of its own; 0 where there is none. */
static uint64_t number_of_line(const char *text, const char *key)
{
	size_t len = strlen(key);
	uint64_t n = 0;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && sscanf(line + len, "%" SCNu64, &n) == 1)
			return n;
	}
	return 0;
}

static void read_memory(const char *dir, struct allowed *ret)
{
	struct buf stat = BUF_INIT;
	uint64_t limit = 0;
	uint64_t used = 0;
	bool is_v2 =
		read_number(dir, "memory.max", &limit) && read_number(dir, "memory.current", &used);
	bool is_v1 = !is_v2 && read_number(dir, "memory.limit_in_bytes", &limit) &&
		     read_number(dir, "memory.usage_in_bytes", &used);

	if (!is_v1 && !is_v2)
		return;
	read_text(dir, "memory.stat", &stat);
	uint64_t cache = number_of_line(stat.s, is_v2 ? "inactive_file " : "total_inactive_file ");

	buf_release(&stat);
	used = used > cache ? used - cache : 0;
	uint64_t left = limit > used ? limit - used : 0;

	if (left < ret->memory_bytes)
		ret->memory_bytes = left;
}

typedef void read_folder(const char *dir, struct allowed *ret);

/* The folder and every one above it, up to the root of the hierarchy. */
static void read_path(const char *root, const char *path, read_folder *read, struct allowed *ret)
{
	struct buf dir = BUF_INIT;
	size_t root_len = strlen(root);

	buf_addstr(&dir, root);
	buf_addstr(&dir, path);
	for (;;) {
		while (dir.len > root_len && dir.s[dir.len - 1] == '/')
			buf_truncate(&dir, dir.len - 1);
		read(dir.s, ret);
		if (dir.len <= root_len)
			break;
		while (dir.len > root_len && dir.s[dir.len - 1] != '/')
			buf_truncate(&dir, dir.len - 1);
	}
	buf_release(&dir);
}

/* Is the name in the list "cpu,cpuacct"? */
static bool has_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (;;) {
		size_t n = strcspn(list, ",");

		if (n == len && strncmp(list, name, len) == 0)
			return true;
		if (!list[n])
			return false;
		list += n + 1;
	}
}

static struct allowed read_cgroup(const struct cgroup_files *files, const char *controller,
				  read_folder *read)
{
	struct buf text = BUF_INIT;
	struct buf root = BUF_INIT;
	struct allowed allowed = { 0, UINT64_MAX };

	if (!read_file(files->self, 65536, &text)) {
		buf_release(&text);
		return allowed;
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

			buf_clear(&root);
			buf_addf(&root, "%s%s%s", files->sysfs, is_v2 ? "" : "/",
				 is_v2 ? "" : controller);
			if (is_v2 || has_name(names, controller))
				read_path(root.s, path, read, &allowed);
		}
		line = next;
	}
	buf_release(&text);
	buf_release(&root);
	return allowed;
}

unsigned cpus_quota(const char *proc_self_cgroup, const char *sysfs)
{
	const struct cgroup_files files = { proc_self_cgroup, sysfs };

	return read_cgroup(&files, "cpu", read_quota).cpus;
}

uint64_t cpus_memory(const char *meminfo, const struct cgroup_files *files)
{
	struct buf text = BUF_INIT;
	uint64_t left = read_cgroup(files, "memory", read_memory).memory_bytes;
	uint64_t free_kb =
		read_file(meminfo, 65536, &text) ? number_of_line(text.s, "MemAvailable:") : 0;

	buf_release(&text);
	return free_kb > 0 && free_kb * 1024 < left ? free_kb * 1024 : left;
}

uint64_t cpus_memory_here(void)
{
	const struct cgroup_files files = { "/proc/self/cgroup", "/sys/fs/cgroup" };

	return cpus_memory("/proc/meminfo", &files);
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
