/* SPDX-License-Identifier: MIT
 *
 * A lane's journal as a JUnit file: what the lane itself writes when it is done, and what is
 * written for it when it died.
 */
#ifndef GW_STAGE_LANE_JUNIT_H
#define GW_STAGE_LANE_JUNIT_H

struct err;
struct run;
struct tests;

struct lane_junit_options {
	const char *dir; /* has journal.tsv and output; junit.xml is written here */
	uint32_t lane;   /* NO_INDEX: the journal says it */
	bool is_each; /* --dist=each: every name ends in " [gwK]", since every lane has them all */
};

/*
 * <testsuite> is the target, classname the target and suite with dots, name the case; a program
 * that is one test stands in the suite of its folder.  Points of a TAP program are cases of
 * their own; the program itself is one only where it failed for a reason no point shows.
 */
int lane_junit_write(const struct lane_junit_options *o, const struct run *run,
		     const struct tests *t, struct err *reterr);

#endif
