/* SPDX-License-Identifier: MIT
 *
 * Where the counters of a lane's tests go, and what became of them when a test was killed.
 *
 * Every process has a folder of its own, so that no two processes write a file at the same time, the
 * build tree is not touched, and what a kill breaks is the killed process's alone.  From time to time
 * the lane adds the files up (format/covlane.h).
 */
#ifndef GW_STAGE_EXECUTE_COV_H
#define GW_STAGE_EXECUTE_COV_H

#include "base/arena.h"
#include "base/map.h"

struct covctx_log;
struct err;
struct gcda_sum;
struct proc_end;
struct run;

struct lane_sum {
	const char *path; /* in the build */
	struct gcda_sum *sum;
	bool is_changed; /* since the last sum.N */
};

/* Processes of an epoch. */
enum { LANE_COV_FRESH_MAX = 256 };

struct lane_cov {
	struct arena mem;
	const char *lanedir;
	const char *dir;    /* LANE/cov; NULL: nothing is counted */
	const char *fresh;  /* NULL: gcc's counters stay in the build tree */
	const char *dumped; /* a program with our hook that was told to end makes this file */
	const char *notes;
	unsigned epoch;
	unsigned nfresh;                    /* processes of this epoch */
	bool wants_contexts;                /* what each test counted is kept beside the sums */
	uint32_t tests[LANE_COV_FRESH_MAX]; /* which one each of these ran; NO_INDEX: nobody asks */
	struct covctx_log *log; /* of this epoch, while it is added up; NULL: nothing in it yet */
	unsigned nprocesses;    /* of the lane */
	unsigned nodd, ntorn;   /* files set aside */
	uint64_t limit_bytes;   /* of fresh counters */
	uint64_t most_bytes;    /* that a process wrote, of those that were looked at */
	struct lane_sum *sums;
	size_t nsums, cap_sums;
	struct map paths; /* index into sums */
};

/* Begin anew in LANE/cov; release it with lane_cov_close(), also after a failure. */
int lane_cov_open(struct lane_cov *c, const struct run *run, const char *lanedir,
		  struct err *reterr);
/* Add up what is there, tidy, release. */
int lane_cov_close(struct lane_cov *c, struct err *reterr);

/* NAME=VALUE for every process of the lane, NULL at the end; none where nothing is counted. */
const char *const *lane_cov_vars(const struct lane_cov *c, struct arena *mem);
/* The same for the process that is to start, which runs tests of this program. */
const char *const *lane_cov_process_vars(struct lane_cov *c, const char *program,
					 struct arena *mem);

/* The process that had them is gone; it ran these tests to their verdicts: if it was killed, note what
 * is lost.  What a process counted that was stopped before any verdict does not count. */
int lane_cov_after(struct lane_cov *c, const struct proc_end *end, const uint32_t *tests, size_t n,
		   struct err *reterr);

/* --- execute_cov_sum.c --- */

/* Files below the folder that are not whole go aside, and are noted. */
int lane_cov_look_after(struct lane_cov *c, const char *folder, struct err *reterr);
/* Add up the processes of this epoch; begin the next one. */
int lane_cov_add_up(struct lane_cov *c, struct err *reterr);

#endif
