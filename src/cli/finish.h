/* SPDX-License-Identifier: MIT
 *
 * After the lanes: what a lane could not write itself, the merged file, the last words.
 */
#ifndef GW_CLI_FINISH_H
#define GW_CLI_FINISH_H

#include "model/outcome.h"
#include "sys/claims.h"

struct err;
struct loaded_run;
struct plan;
struct run;
struct tests;

/* The run, whether just made or read back from its folder. */
struct run_view {
	const char *dir; /* absolute */
	const struct run *run;
	const struct tests *tests;
	const struct plan *plan;
	const char *const *lanedirs; /* as loaded_run has them */
	const uint32_t *lanes;
	size_t nlanedirs;
};

struct run_view run_view_of(const struct loaded_run *r);

/* Write one lane's (or unit's) junit.xml from its journal.  lane: NO_INDEX: its journal says it. */
int finish_lane(const struct run_view *v, const char *dir, uint32_t lane, struct err *reterr);

/* Give every test without an end one (stage/lost.h).  stopped: why the run ended early, if it did.
 */
int finish_lost(const struct run_view *v, enum stop_reason stopped, struct err *reterr);

/* The run's claims, made if need be. */
struct claims *finish_claims(const struct run_view *v, struct err *reterr);
/* Lanes whose gangway was killed end by themselves, within their grace: wait for them. */
int finish_await_lanes(const struct run_view *v, const struct claims *c, struct err *reterr);

/*
 * Why the run ended early, if it did.  One whose gangway was killed was interrupted, once its lanes
 * are gone; one whose gangway still works is not over: *is_working, may be NULL.
 */
enum stop_reason finish_stop_reason(const struct run_view *v, bool *is_working);

/*
 * Merge every lane's junit.xml into DIR/junit.xml, and copy it to `copy` (may be NULL).  A lane
 * without one died: it is written from its journal first.
 */
int finish_merge(const struct run_view *v, const char *copy, struct err *reterr);

#endif
