/* SPDX-License-Identifier: MIT
 *
 * With whom, when, how long: what schedule decided.  A unit is the thing that is scheduled: tests
 * that run in order on one worker.  Indices point into the struct tests the plan was made from.
 */
#ifndef GW_MODEL_PLAN_H
#define GW_MODEL_PLAN_H

#include "base/arena.h"

#define DIST_MAP(X)                                                                                \
	X(LOAD, "load")                                                                            \
	X(LOADSCOPE, "loadscope")                                                                  \
	X(LOADFILE, "loadfile")                                                                    \
	X(LOADGROUP, "loadgroup")                                                                  \
	X(WORKSTEAL, "worksteal")                                                                  \
	X(EACH, "each")                                                                            \
	X(NO, "no")

enum dist {
#define X(id, word) DIST_##id,
	DIST_MAP(X)
#undef X
};

const char *dist_word(enum dist d);
bool dist_of_word(const char *word, enum dist *ret);

struct unit {
	const char *name; /* "u1", "u2", … in plan order */
	uint32_t *tests;  /* indices, in the order they run */
	size_t ntests;
	uint32_t home; /* lane that runs it (each) or takes it first (worksteal); NO_INDEX: any */
	uint64_t cost_us;  /* expected */
	unsigned slots;    /* most slots of its tests */
	bool is_exclusive; /* runs while no other unit does */
	/* Of its results, below units/, where the unit was made anew since the graph was written;
	 * NULL: its hash (format/files.h). */
	const char *folder;
	const char *reason; /* why these tests are together: "group 'database'", "3 tests of
			       net_test" */
};

struct plan {
	struct arena mem;
	enum dist dist;
	unsigned nlanes; /* >= 1 */
	unsigned nslots; /* CPUs that units share while they run; less than nlanes: as many as it */
	const char *lanes_reason; /* where that number comes from: "2 CPUs by affinity" */
	struct unit *units;       /* in the order in which they are to start */
	size_t nunits, cap_units;
};

void plan_release(struct plan *p);

#endif
