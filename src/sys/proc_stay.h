/* SPDX-License-Identifier: MIT
 *
 * A child that has told what was wanted of it (proc_hooks.is_enough) and stays until it hears how
 * things went: it waits for a byte at a pipe, whose end means that we are dead.  Other runs leave it
 * alone.
 */
#ifndef GW_SYS_PROC_STAY_H
#define GW_SYS_PROC_STAY_H

#include <sys/types.h>

struct buf;
struct proc_end;

/* Begins zeroed: nobody stays. */
struct proc_stay {
	pid_t pid;  /* 0: nobody */
	int output; /* read end of its stdout */
	int feed;   /* write end of the pipe at which it waits; -1: it was told */
};

/* Let it go on; `byte` is what it hears.  Once; later calls do nothing. */
void proc_stay_tell(struct proc_stay *s, char byte);

/*
 * It was told: wait until it has ended, and kill what is left of its house: itself too after `timeout_us`, or when
 * proc_manners.stop says SIGKILL.  The last `limit_bytes` that it printed go to *output.  false: there
 * was nobody, or how it ended is not known.
 */
bool proc_stay_end(struct proc_stay *s, uint64_t timeout_us, size_t limit_bytes, struct buf *output,
		   struct proc_end *ret);

#endif
