/* SPDX-License-Identifier: MIT
 *
 * What lanes before us did, from their journals: for units that a dead lane left, and for runs
 * that are taken up again.
 */
#ifndef GW_STAGE_EXECUTE_PAST_H
#define GW_STAGE_EXECUTE_PAST_H

struct err;
struct map;
struct run;
struct tests;

enum past_state { PAST_NOTHING, PAST_BEGUN, PAST_ENDED };

struct past {
	unsigned char *states;    /* of each test, enum past_state; NULL: nothing was read */
	uint64_t *start_us;       /* of those begun and not ended */
	uint32_t *lanes;          /* where */
	unsigned short *attempts; /* that ended, of those that are tried again */
	unsigned short *begun;    /* the last attempt that began */
};

struct past_options {
	/* The lanes' folders, those of round 1 first, then of round 2, …; some need not exist. */
	const char *const *lanedirs;
	size_t nlanedirs;
	uint32_t only_lane;  /* --dist=each: whose tests these are; NO_INDEX: everybody's */
	const char *but_dir; /* one that is left out; NULL */
	uint32_t base;       /* what began in a round before this was not run */
	struct map *failed;  /* gets the ids of tests that failed; NULL */
};

/* Read anew; what was in *p goes. */
int past_read(struct past *p, const struct past_options *o, const struct run *run,
	      const struct tests *t, struct err *reterr);
void past_release(struct past *p);

#endif
