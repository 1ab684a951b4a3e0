/* SPDX-License-Identifier: MIT
 *
 * What each test is expected to take.
 */
#ifndef GW_STAGE_SCHEDULE_COST_H
#define GW_STAGE_SCHEDULE_COST_H

struct schedule_options;
struct tests;

struct costs {
	/* Of each test: its expected time, its target's mean, or (not is_known) the mean of all, or
	 * 1 where no time at all is known; so weights compare.  Tests that never start weigh 0. */
	uint64_t *weights;
	bool *is_known;
	bool *is_failed; /* when it last ran */
	/* Of each target: */
	uint64_t *starts;         /* of one more process; 0 where nobody knows */
	uint64_t *target_weights; /* saturating sum over its tests that run */
	uint32_t *target_counts;  /* its tests that run */
	bool *is_target_known;
	uint64_t total;
};

struct costs costs_read(const struct schedule_options *o, const struct tests *t);
void costs_release(struct costs *c);

#endif
