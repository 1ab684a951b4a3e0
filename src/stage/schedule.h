/* SPDX-License-Identifier: MIT
 *
 * With whom, when, how long?  From selected tests to units, ordered longest first.
 */
#ifndef GW_STAGE_SCHEDULE_H
#define GW_STAGE_SCHEDULE_H

#include "model/plan.h"

struct err;
struct tests;

struct schedule_options {
	enum dist dist;
	unsigned nlanes; /* >= 1; lowered to the number of units */
	const char *lanes_reason;
	/* Expected time of a test from earlier runs, or TIME_UNKNOWN; NULL: nobody knows. */
	uint64_t (*expected)(void *ctx, const char *id);
	void *expected_ctx;
};

int schedule_run(const struct schedule_options *o, const struct tests *t, struct plan *ret,
		 struct err *reterr);

#endif
