/* SPDX-License-Identifier: MIT
 *
 * How many lanes this machine carries.
 */
#ifndef GW_SYS_CPUS_H
#define GW_SYS_CPUS_H

struct cpus {
	unsigned affinity; /* CPUs we may run on (sched_getaffinity) */
	unsigned logical;  /* CPUs online */
	unsigned quota;    /* cgroup v2 cpu.max or v1 cfs quota, rounded up; 0: no limit */
};

/* The cgroup limit as the two trees of files tell it; for tests, which bring their own. */
unsigned cpus_quota(const char *proc_self_cgroup, const char *sysfs);

struct cgroup_files {
	const char *self;  /* /proc/self/cgroup */
	const char *sysfs; /* /sys/fs/cgroup */
};

/* Bytes that may still be had: the least of MemAvailable and of what the cgroup's limits leave;
 * UINT64_MAX where nobody knows.  For tests, which bring their own files. */
uint64_t cpus_memory(const char *meminfo, const struct cgroup_files *files);
uint64_t cpus_memory_here(void);

/* Never fails: what cannot be read counts as no limit. */
struct cpus cpus_read(void);

/* The least of affinity and quota, at least 1; *reason says which ("CPUs by affinity"), static.
 */
unsigned cpus_auto(const struct cpus *c, const char **reason);

#endif
