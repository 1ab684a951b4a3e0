/* SPDX-License-Identifier: MIT
 *
 * The doorways between the rooms: tests.tsv, selected.tsv, plan.tsv and run.tsv.  Each is written
 * whole or not at all; the grammar and a sample stand in the .c file of each.
 *
 * Readers fill a zeroed struct, which is untouched on failure; its strings live in its own arena.
 * Anything that does not read (an unknown record, a missing field, an index out of range, an id
 * that is not the test's) is ERR_SYNTAX with path and line; a missing file is ERR_MISSING.  The
 * _mem forms read bytes; their `path` is for messages.
 */
#ifndef GW_FORMAT_FILES_H
#define GW_FORMAT_FILES_H

struct err;
struct plan;
struct run;
struct tests;

/* A file's bytes at hand. */
struct memory {
	const char *path;
	const void *s;
	size_t len;
};

/* tests.tsv: targets and tests, in collection order.  Reading gives the same indices.  Not in it:
 * left_out, which a later room decides (selected.tsv). */
int tests_write(const char *path, const struct tests *t, struct err *reterr);
int tests_read(const char *path, struct tests *ret, struct err *reterr);
int tests_read_mem(const struct memory *in, struct tests *ret, struct err *reterr);

/* selected.tsv: one line a test: "+" or "-", id, reason.  Written for people and for Make. */
int selected_write(const char *path, const struct tests *t, struct err *reterr);

/* plan.tsv: units, and the index and id of their tests.  Reading checks the ids against `t`. */
int plan_write(const char *path, const struct plan *p, const struct tests *t, struct err *reterr);
int plan_read(const char *path, const struct tests *t, struct plan *ret, struct err *reterr);
int plan_read_mem(const struct memory *in, const struct tests *t, struct plan *ret,
		  struct err *reterr);

/* run.tsv */
int run_write(const char *path, const struct run *r, struct err *reterr);
int run_read(const char *path, struct run *ret, struct err *reterr);
int run_read_mem(const struct memory *m, struct run *ret, struct err *reterr);

/* A stable hash of what a unit is: its tests, their targets, how they are run.  Same unit, same
 * hash, on every machine with the same paths. */
struct unit;
uint64_t unit_hash(const struct unit *u, const struct tests *t);

#endif
