/* SPDX-License-Identifier: MIT
 *
 * A folder that automake's configure made: its Makefile has a rule for each test's log, with the
 * environment, compiler and driver that the project asked for.  make is asked for the names, and runs
 * each test by that rule, so its .log and .trs are what `make check` would have written.
 *
 * Parts: automake.c asks make and makes tests, automake_run.c reads what a driver says.
 */
#ifndef GW_ADAPTER_AUTOMAKE_H
#define GW_ADAPTER_AUTOMAKE_H

#include "base/arena.h"
#include "model/outcome.h"

struct err;
struct list_context;
struct tests;

/* Is there a Makefile that automake generated? */
bool automake_is_folder(const char *folder);

/*
 * Append the tests of the folder and of its SUBDIRS, named as paths relative to ret->rootdir.  -1 where
 * make is not there (ERR_MISSING) or fails.
 */
int automake_list(const char *folder, const struct list_context *ctx, struct tests *ret,
		  struct err *reterr);

/* --- parts -------------------------------------------------------------------------------- */

struct automake_words {
	const char **items;
	size_t n;
};

/* One Makefile's answer; everything lives in the arena it was read into. */
struct automake_lists {
	struct automake_words tests, logs; /* side by side */
	struct automake_words subdirs, needs;
	const char *srcdir;
	struct automake_words *depends; /* of each log: what its rule names */
};

/* Read what `make -np` prints behind the list of automake.c. */
void automake_read(const char *s, size_t len, struct arena *mem, struct automake_lists *ret);

/* What a .trs says: ":global-test-result: WORD", as automake's awk reads it; else the last ":test-result:".
 * false: neither. */
bool automake_read_verdict(const char *trs, enum outcome *ret);

#endif
