/* SPDX-License-Identifier: MIT
 *
 * What the parts of schedule share: the work at hand, and what must stay together in it.
 */
#ifndef GW_STAGE_SCHEDULE_WORK_H
#define GW_STAGE_SCHEDULE_WORK_H

#include "stage/schedule.h"
#include "stage/schedule_cost.h"
#include "stage/schedule_links.h"

struct buf;

struct draft {
	struct unit unit;
	uint64_t weight;
	uint64_t rank;    /* its weight, or that of all who wait for one of its locks; and of
			    those who wait for it */
	bool has_failed;  /* a test of it, when it last ran */
	int priority;     /* the highest of its tests' */
	bool comes_first; /* so did a test of it, or of one that waits for it */
	uint32_t first;   /* test collected first */
};

/* Tests of a target that need the same locks and wait for the same tests. */
struct bin {
	uint32_t number; /* NO_INDEX: none needed */
	bool is_whole;   /* no two may run at once: one unit */
};

struct work {
	const struct schedule_options *o;
	const struct tests *t;
	struct links *links;
	struct costs costs;
	uint32_t *keys;     /* of each test: the first one with the same scope, file or group;
			       NO_INDEX: none */
	const char **locks; /* of each test: a lock that another one has too; NULL: none */
	struct bin *bins;   /* of each test; NULL: locks and `after` join tests */
	size_t nbins;
	size_t nparallel; /* so many units can run at once */
	bool has_waiting; /* units of locks are more than that */
	struct plan plan;
	struct draft *drafts;
	size_t ndrafts, cap_drafts;
};

/* By --dist: tests of the same scope, file or group; and for all: those with the same lock. */
void work_join_keys(struct work *w);
void work_join_locks(struct work *w);
/* What needs resources of one type. */
void work_join_resources(struct work *w);
/* In place of that, and of joining what waits for each other: the bins. */
void work_find_bins(struct work *w);
/* Then: what no process can run without its neighbours goes where one of them must go. */
void work_join_inseparable(struct work *w);
/* And then: what would wait for each other in a circle. */
void work_join_circles(struct work *w);
/* The drafts are complete: their ranks, and nparallel. */
void work_rank(struct work *w);
/* Those of units that others wait for grow. */
void work_rank_after(struct work *w);
/* The drafts as if they were the plan; its units are the caller's to free. */
struct plan work_plan_of_drafts(const struct work *w);
uint64_t work_add_saturated(uint64_t a, uint64_t b);

/* Would a process that runs one of these two run both?  A Check TCase is such. */
bool work_is_inseparable(const struct work *w, uint32_t a, uint32_t b);
/* Has the test a reason to be in no chunk, beside those that it belongs together with? */
bool work_stands_apart(const struct work *w, uint32_t i);
const char *work_target_name(const struct work *w, uint32_t test);

/* Why these tests, in collection order, belong together. */
void work_explain(const struct work *w, const uint32_t *tests, size_t n, struct buf *text);

#endif
