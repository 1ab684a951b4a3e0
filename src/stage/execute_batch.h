/* SPDX-License-Identifier: MIT
 *
 * One process that runs a batch of tests of one target, and what became of each of them.
 */
#ifndef GW_STAGE_EXECUTE_BATCH_H
#define GW_STAGE_EXECUTE_BATCH_H

#include "base/map.h"
#include "stage/execute.h"
#include "stage/execute_cov.h"
#include "stage/execute_env.h"
#include "stage/execute_past.h"
#include "stage/execute_rerun.h"
#include "stage/execute_warm.h"

struct adapter;
struct claims;
struct journal;
struct proc_end;
struct result;
struct target;

/* What stays the same while a lane works. */
struct lane {
	const struct execute_options *options;
	const struct run *run;
	const struct tests *tests;
	struct journal *journal;
	struct claims *claims; /* NULL in the lanes shape */
	struct lane_env env;
	struct lane_cov cov;
	const struct grants *grants; /* of the unit at hand; NULL: none */
	const char *scratch;         /* folder for report files, this lane's alone */
	uint64_t began_us;           /* when the run began, on proc_now_us()'s clock */
	unsigned nfailures;          /* of this lane */
	uint32_t answered;           /* the last time we told what runs (claims_asked()) */
	/* Further tests for a process of the unit at hand that can take some: how many, until the next call
	 * in *ret; 0 also where it fails.  NULL: there are none. */
	size_t (*more)(void *ctx, const uint32_t **ret, struct err *reterr);
	void *more_ctx;
	bool is_holding;   /* the journal's lines wait for the end of the bytes at hand */
	struct map failed; /* ids of this lane's tests that failed */
	struct past past;  /* what others did of the units at hand */
	struct rerun rerun;
	struct warm warm;
	struct arena mem;
};

/*
 * Run tests[0..n), all of one target, until each has a result in the journal or the run is
 * stopped.  Takes as many processes as it needs: a crash ends one test, the rest goes on.
 */
int batch_run(struct lane *lane, const uint32_t *tests, size_t n, struct err *reterr);

/* --- execute_lane.c --- */

/* The lane's scratch folder, and one for its tests' TMPDIR: anew. */
int lane_make_folders(struct lane *lane, char **ret_tmp, struct err *reterr);

/* A result that no process gave: skipped, not built, stopped. */
int lane_record(struct lane *lane, const struct result *r, struct err *reterr);
/* Is the test over before any process starts (*ret)?  Then its result is recorded. */
int lane_record_decided(struct lane *lane, uint32_t index, bool *ret, struct err *reterr);

/* Has somebody asked for the end, or --maxfail been reached? */
bool lane_is_stopped(const struct lane *lane);
/* By --maxfail or --session-timeout, here or in another lane? */
bool lane_is_over_early(const struct lane *lane);
/* When the whole run is to be over; TIME_UNKNOWN: never. */
uint64_t lane_session_end(const struct lane *lane);
/* Job slots of the build we are a part of: have so many, in all; nobody waits with any in hand. */
void lane_have_slots(const struct lane *lane, unsigned nslots);
/* Who listens in this process may look at the journal. */
void lane_tell(const struct lane *lane);
/* The lines that one piece of output gives go out in one write: a process may end a thousand quick
 * tests in it. */
void lane_hold(struct lane *lane);
void lane_sync(struct lane *lane, struct err *failure);

#endif
