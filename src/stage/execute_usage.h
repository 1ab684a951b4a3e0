/* SPDX-License-Identifier: MIT
 *
 * What the kernel knows of a test's process: how it ended, what it took, where its core is; and
 * what gdb says of one that hangs.
 */
#ifndef GW_STAGE_EXECUTE_USAGE_H
#define GW_STAGE_EXECUTE_USAGE_H

struct capture;
struct lane;
struct proc_end;
struct result;
struct target;

/* The end of the process stands for this test (it ran in it alone, or was the one that died). */
void usage_add(struct lane *lane, const struct target *target, const struct proc_end *end,
	       bool is_alone, struct result *r);

/* The stacks of the process and of all below it, kept as if the test had printed them. */
void usage_stacks(const struct lane *lane, int pid, struct capture *to);

#endif
