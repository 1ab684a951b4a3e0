/* SPDX-License-Identifier: MIT
 *
 * Who gets which of the resources that tests share: for units before they begin, behind the door of
 * execute_pick.h; for their tests, what the environment says.
 */
#ifndef GW_STAGE_EXECUTE_GRANT_H
#define GW_STAGE_EXECUTE_GRANT_H

#include "base/arena.h"

struct grants;
struct pick;
struct plan;
struct test;
struct tests;

/* Every slot of every resource is a place, from `first_place` on.  NULL where no unit needs any. */
struct grants *grants_new(const struct plan *p, const struct tests *t, size_t first_place);
/* NULL is fine. */
void grants_free(struct grants *g);

/* Does a test of this unit need any? */
bool grants_needs(const struct grants *g, size_t unit);
/* A new look: what is free is counted anew.  NULL is fine. */
void grants_look(struct grants *g);
/*
 * Take what the unit's tests need: they run one after the other, so what one has the next may have
 * too.  False if it is not there now; what was taken by then is the caller's to give back.
 */
bool grants_take(struct grants *g, struct pick *p, size_t unit,
		 bool (*take)(struct pick *p, size_t place, size_t n));

/* CTEST_RESOURCE_GROUP_COUNT and so on for this test: as granted, or where nothing was (g may be
 * NULL) as nobody else has any.  NULL where the run knows no resources. */
const char *const *grants_vars(const struct grants *g, const struct tests *t,
			       const struct test *test, struct arena *mem);

#endif
