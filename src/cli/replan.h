/* SPDX-License-Identifier: MIT
 *
 * Tests come and go while a graph stays.  A unit that has all tests of one program has the program
 * listed again before it runs, and runs what is there now; the verdict then writes the graph's file
 * anew, so that it has the names of what is new.
 */
#ifndef GW_CLI_REPLAN_H
#define GW_CLI_REPLAN_H

#include "cli/option.h"

struct err;
struct loaded_run;
struct session;

/* The plan is about to replace that of an earlier graph in dir, where units that did not change are
 * not run again: those have the same folder as before, and every test the index that its id had,
 * which journals know it by.  Nothing happens where no earlier graph can be read. */
void replan_follow(struct session *s, const char *dir);

/* Keep in the run's folder how its graph was made.  words: those of `gangway graph`. */
int replan_keep(const struct session *s, const struct option_args *words, struct err *reterr);

/*
 * Load the run for a worker of this unit ("u3"), its tests brought up to date on the disk if they
 * changed.  Who loads meanwhile waits for the other.
 */
int replan_load(const char *dir, const char *unit, struct loaded_run *ret, struct err *reterr);

/* Did units change since the graph's file was written?  Then write it. */
int replan_graph(const char *dir, struct err *reterr);

#endif
