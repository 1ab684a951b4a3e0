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
	bool joins_locks; /* tests with the same lock share a unit: nobody keeps locks at run time */
	bool joins_after;     /* so do tests that wait for each other: units do not */
	bool joins_resources; /* and tests that need resources of one type */
	bool is_uncut; /* DIST_LOAD: all tests of a target in one unit, unless something joins them */
	bool is_failed_first; /* also where all run in order (DIST_NO) */
	/* From earlier runs; each may be NULL: nobody knows. */
	uint64_t (*expected)(void *ctx, const char *id);  /* time of a test, or TIME_UNKNOWN */
	bool (*failed)(void *ctx, const char *id);        /* did it fail when it last ran? */
	uint64_t (*start)(void *ctx, const char *target); /* what one more process of the target
							     costs, or TIME_UNKNOWN */
	void *expected_ctx;
};

int schedule_run(const struct schedule_options *o, const struct tests *t, struct plan *ret,
		 struct err *reterr);

#endif
