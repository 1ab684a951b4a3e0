/* SPDX-License-Identifier: MIT
 *
 * The doorways between the rooms: tests.tsv, selected.tsv, plan.tsv and run.tsv.  Each is written
 * whole or not at all; the grammar and a sample stand in the .c file of each.
 */
#ifndef GW_FORMAT_FILES_H
#define GW_FORMAT_FILES_H

struct err;
struct plan;
struct run;
struct tests;

/* tests.tsv: targets and tests, in collection order.  Reading gives the same indices. */
int tests_write(const char *path, const struct tests *t, struct err *reterr);
int tests_read(const char *path, struct tests *ret, struct err *reterr);

/* selected.tsv: one line a test: "+" or "-", id, reason.  Written for people and for Make. */
int selected_write(const char *path, const struct tests *t, struct err *reterr);

/* plan.tsv: units, and the index and id of their tests.  Reading checks the ids against `t`. */
int plan_write(const char *path, const struct plan *p, const struct tests *t, struct err *reterr);
int plan_read(const char *path, const struct tests *t, struct plan *ret, struct err *reterr);

/* run.tsv */
int run_write(const char *path, const struct run *r, struct err *reterr);
int run_read(const char *path, struct run *ret, struct err *reterr);

/* A stable hash of what a unit is: its tests, their targets, how they are run.  Same unit, same
 * hash, on every machine with the same paths. */
struct unit;
uint64_t unit_hash(const struct unit *u, const struct tests *t);
/* The same of all its units. */
uint64_t plan_hash(const struct plan *p, const struct tests *t);

#endif
