/* SPDX-License-Identifier: MIT
 *
 * --optimistic: a batch is run first without what its framework does to keep tests apart.  Only if
 * every test passes, and the process ends well, does that count.  So is a single test in a process that
 * was forked for it: there is nobody to keep it apart from.
 */
#ifndef GW_STAGE_EXECUTE_TRIAL_H
#define GW_STAGE_EXECUTE_TRIAL_H

#include "stage/execute_batch.h"
#include "stage/execute_capture.h"

struct adapter;
struct batch;

/* What a test that passed did. */
struct tried {
	size_t index; /* among those that were given */
	uint64_t begin_us, time_us;
	struct capture streams[2];
};

struct trial {
	const struct adapter *adapter;
	const struct target *target;
	const struct test **tests; /* that were tried, */
	struct tried *tried;       /* and of each of them, */
	size_t n;                  /* so many */
};

/* Run those of the tests that may be tried, if there are any two, or
 * one in a process that a warm program forks.  *ret: what is in *t then counts.
 * Nothing is written down. */
int trial_run(struct lane *lane, struct trial *t, const struct test *const *tests, size_t n,
	      bool *ret, struct err *reterr);
void trial_release(struct trial *t);

#endif
