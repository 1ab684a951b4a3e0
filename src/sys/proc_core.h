/* SPDX-License-Identifier: MIT
 *
 * Where the kernel wrote the core of a process that died.
 */
#ifndef GW_SYS_PROC_CORE_H
#define GW_SYS_PROC_CORE_H

struct arena;
struct buf;

struct proc_core {
	int pid;
	int term_signal;
	const char *program; /* its path or name */
	const char *workdir; /* where it was started; NULL: our own */
};

/*
 * Append the name that /proc/sys/kernel/core_pattern says (has_pid: core_uses_pid).  False, and
 * *out untouched, where a program gets the core, or the name holds what only the kernel knows.
 */
bool proc_core_expand(const char *pattern, bool has_pid, const struct proc_core *c,
		      struct buf *out);

/* The core's file, in mem; NULL if nobody can say, or it is not there. */
const char *proc_core_path(struct arena *mem, const struct proc_core *c);

#endif
