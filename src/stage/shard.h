/* SPDX-License-Identifier: MIT
 *
 * Which machine?  Whole units, so that what belongs together stays together; the same on every
 * machine that has the same plan.
 */
#ifndef GW_STAGE_SHARD_H
#define GW_STAGE_SHARD_H

struct plan;
struct tests;

struct shard {
	unsigned index; /* 1-based */
	unsigned count; /* 0: not sharded */
};

/*
 * Leave out what sets up and cleans up for tests that run: it is in no shard by itself, but in each
 * that has such a test (select_add_company()).  Before the plan is made.  How many tests that are.
 */
size_t shard_set_aside(struct tests *t);

/*
 * The plan's units, in their order, each to the shard that has the least to do so far; of equals
 * to the one with fewer units, then to the first.  Leave out (test.left_out) what other shards
 * have.  How many tests that are.
 */
size_t shard_run(const struct shard *s, const struct plan *p, struct tests *t);

#endif
