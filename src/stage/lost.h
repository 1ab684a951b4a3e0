/* SPDX-License-Identifier: MIT
 *
 * What did nobody see the end of?  A lane that was killed leaves a journal without its last line:
 * the test that ran in it is charged to it, and tests that no lane began are lost.  Both become
 * results in a journal of their own, LANEDIR/lost, so that every later reader counts them like
 * any other.  A lane's own journal is never changed.
 */
#ifndef GW_STAGE_LOST_H
#define GW_STAGE_LOST_H

#include "base/arena.h"
#include "sys/claims.h"

struct err;
struct plan;
struct run;
struct tests;

struct lost_options {
	const char *const *lanedirs; /* of each lane, or in the lanes shape of each unit */
	const uint32_t *lanes;       /* the lane each is of; NO_INDEX: its journal says it */
	size_t nlanedirs;
	/* Ended early on purpose?  After --maxfail what was not begun was not to be run; after an
	 * interrupt neither is what was in flight lost: it was told to end. */
	enum stop_reason stopped;
};

/* The folder beside a lane's journal where what it lost goes. */
const char *lost_dir(struct arena *mem, const char *lanedir);

/* *ret_n: how many tests had no end.  Without any, no folder is made. */
int lost_run(const struct lost_options *o, const struct run *run, const struct tests *t,
	     const struct plan *p, size_t *ret_n, struct err *reterr);

#endif
