/* SPDX-License-Identifier: MIT
 *
 * A run's folder: its files by name, its lanes, and how it is read again by the commands that the
 * graph calls.
 */
#ifndef GW_CLI_RUNDIR_H
#define GW_CLI_RUNDIR_H

#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"

struct err;

struct rundir_files {
	const char *tests, *selected, *plan, *run, *junit;
};

struct rundir_files rundir_files(struct arena *mem, const char *rundir);

/* A run's name: time and process, so that it is new and sorts by age. */
const char *run_new_id(struct arena *mem);
/* The time now, 2026-11-23T08:00:00, UTC. */
const char *run_time_text(struct arena *mem);

/*
 * Make STATEDIR/runs/ID, point STATEDIR/latest to it, and remove the oldest runs beyond the ten
 * newest, but for those that still work.  It is held (fs_hold_dir) until we end.  NULL on failure.
 */
const char *rundir_new(struct arena *mem, const char *statedir, const char *id, struct err *reterr);

/* STATEDIR/cache, made if need be, empty if is_cleared; NULL where that cannot be. */
const char *rundir_cache(struct arena *mem, const char *statedir, bool is_cleared);

/* A run read back from its files. */
struct loaded_run {
	struct arena mem;
	const char *dir; /* absolute */
	struct tests tests;
	struct plan plan;
	struct run run;
	/* A folder a lane (of round 1, then of round 2, …), or in the lanes shape a folder a unit;
	 * behind them as many, in the same order, for what each lost (stage/lost.h). */
	const char **lanedirs;
	uint32_t *lanes;  /* the lane each of them is of; NO_INDEX: its journal says it */
	size_t nlanedirs; /* without those for what was lost */
};

int rundir_load(const char *dir, struct loaded_run *ret, struct err *reterr);
void loaded_run_release(struct loaded_run *r);

/* A lane's folder in a round (sys/claims.h): gwK in the first, gwK.2 in the second, … */
const char *rundir_lane(struct arena *mem, const char *rundir, uint32_t lane, uint32_t round);
/* The last round of which there are folders; at least 1. */
uint32_t rundir_rounds(const char *rundir);

/* The folders of the lanes (or units) of a run, as loaded_run has them, for as many rounds as there
 * are. */
const char **rundir_lanedirs(struct arena *mem, const char *rundir, const struct run *run,
			     const struct plan *p, const struct tests *t, uint32_t **ret_lanes,
			     size_t *ret_n);
/* Do so again in a loaded run, for at least so many rounds. */
void rundir_look_again(struct loaded_run *r, uint32_t nrounds);

/* The folder of one unit in the lanes shape. */
const char *rundir_unit(struct arena *mem, const char *rundir, const struct unit *u,
			const struct tests *t);

#endif
