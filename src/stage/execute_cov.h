/* SPDX-License-Identifier: MIT
 *
 * Where the counters of a lane's tests go, and what became of them when a test was killed.
 *
 *   LANE/cov/gcda/…         gcc's and clang's --coverage: the files' own paths below it
 *   LANE/cov/llvm/…         clang's source-based profiles
 *   LANE/cov/python/data.N  coverage.py's, one a process
 *   LANE/cov/torn/…         counter files that a kill broke
 *   LANE/cov/notes.tsv      see format/covnote.h
 *   LANE/cov/gcov.err       what libgcov had to say, which is not the test's own output
 *
 * A lane has folders of its own, so that no two processes write a file at the same time, the build
 * tree is not touched, and what one killed process breaks costs no other lane anything.
 */
#ifndef GW_STAGE_EXECUTE_COV_H
#define GW_STAGE_EXECUTE_COV_H

#include "base/arena.h"

struct err;
struct proc_end;
struct run;

struct lane_cov {
	const char *dir;    /* LANE/cov, made anew; NULL: nothing is counted */
	const char *gcda;   /* NULL: counters stay in the build tree */
	const char *dumped; /* a program with our hook that was told to end makes this file */
	const char *notes;
	unsigned nprocesses;
	unsigned ntorn;
};

int lane_cov_open(struct lane_cov *c, struct arena *mem, const struct run *run, const char *lanedir,
		  struct err *reterr);

/* NAME=VALUE of every process of the lane; NULL at the end. */
const char *const *lane_cov_vars(const struct lane_cov *c, struct arena *mem);
/* One more, of the process that is to start. */
const char *lane_cov_process_var(struct lane_cov *c, struct arena *mem);

/*
 * The process is gone that ran these tests: if it was killed, look after the lane's files, note
 * what is lost.
 */
int lane_cov_after(struct lane_cov *c, const struct proc_end *end, const uint32_t *tests, size_t n,
		   struct err *reterr);

#endif
