/* SPDX-License-Identifier: MIT
 *
 * Which failures are tried again, and how often each test was tried so far.
 */
#ifndef GW_STAGE_EXECUTE_RERUN_H
#define GW_STAGE_EXECUTE_RERUN_H

#include <regex.h>

struct arena;
struct buf;
struct err;
struct past;
struct result;
struct run;
struct tests;

/* Of one lane. */
struct rerun {
	const struct run *run;
	const struct tests *tests;
	unsigned short *attempts; /* of each test: those that ended; NULL: nothing is tried again */
	uint32_t *again; /* tests that failed and wait for their next attempt, in the order in which
			    they failed */
	size_t nagain, cap_again;
	regex_t pattern; /* if has_pattern */
	bool has_pattern;
};

/* The expressions of --only-rerun as one, "" where there are none.  ERR_USAGE names the one that is
 * none. */
int rerun_join_patterns(const char *const *patterns, size_t n, struct arena *mem, const char **ret,
			struct err *reterr);

int rerun_open(struct rerun *r, const struct run *run, const struct tests *t, struct err *reterr);
void rerun_release(struct rerun *r);
/* Attempts that ended in other lanes count. */
void rerun_take_past(struct rerun *r, const struct past *past);

/* The number of the test's next attempt, or of the one that runs. */
unsigned rerun_attempt(const struct rerun *r, uint32_t test);
/*
 * An attempt is over: set result->attempt, and is_rerun where it failed and another one is to come
 * (never if is_stopped).  What passed at last fails under --flaky-result=fail; its message is in
 * *text then.
 */
void rerun_judge(struct rerun *r, struct result *result, bool is_stopped, struct buf *text);

#endif
