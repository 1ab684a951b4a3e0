/* SPDX-License-Identifier: MIT
 *
 * What a lane must know of the run beside the plan; the file run.tsv in the run's folder.
 */
#ifndef GW_MODEL_RUN_H
#define GW_MODEL_RUN_H

#include "base/arena.h"

/* When a program stays at its tests and forks for each batch. */
enum forkserver_use { FORKSERVER_AUTO, FORKSERVER_YES, FORKSERVER_NO };

struct run {
	struct arena mem;
	uint64_t began_us;   /* on this machine's monotonic clock; journals count from here */
	const char *started; /* the same for people: 2026-11-23T08:00:00 (UTC) */
	const char *id;      /* same for every lane: GANGWAY_RUN_ID, PYTEST_XDIST_TESTRUNUID */
	const char *rootdir; /* absolute */
	unsigned nlanes;
	uint64_t timeout_us; /* for tests without their own; TIME_UNKNOWN: none */
	uint64_t grace_us;   /* between SIGTERM and SIGKILL */
	unsigned maxfail;    /* stop after so many failures; 0: never */
	unsigned reruns;     /* a test that failed is tried again so often, unless it says itself */
	uint64_t rerun_delay_us;   /* before each attempt but the first */
	const char *rerun_pattern; /* POSIX extended: only failures it matches; NULL or "": all */
	bool is_flaky_failed;      /* what passed only when tried again has failed */
	bool is_by_unit;           /* the lanes shape: a folder a unit in place of one a lane */
	bool wants_junit;          /* write JUnit files as workers end, not only when asked later */
	bool is_junit_files;       /* the merged file has file= and line= */
	bool is_isolated;          /* a process per test */
	const char *wrapper;     /* words, as of a shell, in front of every command that runs tests;
				      NULL or "": none */
	unsigned forkserver;     /* enum forkserver_use */
	bool is_optimistic;      /* batches are tried without what keeps tests apart */
	bool is_live;            /* -s: tests write to our own stdout and stderr */
	bool is_dumped;          /* stacks of a test whose time is over, before it is stopped */
	bool wants_cov;          /* what runs is counted, in the COV folder of each lane */
	bool is_cov_in_place;    /* gcc's counters stay in the build tree */
	bool wants_cov_contexts; /* which tests ran a line: a process per test */
	uint64_t output_limit_bytes; /* kept of each stream of each test; the middle of more is left
					out */
};

void run_release(struct run *r);

/* A number that another run hardly has. */
uint64_t run_identity(const struct run *r);

#endif
