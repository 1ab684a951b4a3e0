/* SPDX-License-Identifier: MIT
 *
 * What are these processes doing?  gdb, attached to each of them for a moment, says where every
 * thread stands.
 */
#ifndef GW_SYS_PROC_STACKS_H
#define GW_SYS_PROC_STACKS_H

struct buf;

struct proc_stacks_options {
	const char *gdb;        /* looked for in PATH where it has no '/' */
	uint64_t time_us;       /* for all processes together */
	uint64_t size_bytes;    /* of the text of all of them */
	int (*stop)(void *ctx); /* not 0: somebody does not want to wait any longer; NULL */
	void *stop_ctx;
};

/*
 * Append the stacks of all our descendants, `first` before the others, a title for each.  Where gdb
 * fails, its own words are there.  What is beyond a limit is left out, visibly.  No descendant is
 * waited for: whatever ended stays to be waited for by who started it.
 */
void proc_stacks(int first, const struct proc_stacks_options *o, struct buf *out);

#endif
