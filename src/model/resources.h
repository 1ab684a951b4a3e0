/* SPDX-License-Identifier: MIT
 *
 * Resources that tests share by slots (CTest's RESOURCE_GROUPS and its resource specification):
 * what a test needs, and who could give it.  Each requirement is met by one resource of its type; a
 * resource meets as many as it has slots for.
 */
#ifndef GW_MODEL_RESOURCES_H
#define GW_MODEL_RESOURCES_H

#include "base/arena.h"

struct buf;
struct test;
struct tests;

struct requirement {
	unsigned group; /* of the test's groups, from 0 */
	const char *type;
	uint64_t slots;
};

struct needs {
	struct requirement *items;
	size_t n;
};

/* What the test's groups say; false if one of them is not like "gpus:2,cards:1". */
bool needs_of_test(const struct test *t, struct arena *mem, struct needs *ret);
/* Do both need the same? */
bool needs_are_same(const struct test *a, const struct test *b);

/*
 * Who gives: to[i] becomes the resource of requirement i, where free_slots[r] are left of resource
 * r.  False if it does not fit.  Looks for a long time, not for ever: what is as intricate as a
 * puzzle may count as what does not fit.
 */
bool needs_assign(const struct needs *needs, const struct tests *t, const uint64_t *free_slots,
		  uint32_t *to);

/* The same where nobody else has any. */
bool needs_assign_all(const struct needs *needs, const struct tests *t, uint32_t *to);

/* What CTest tells the test: CTEST_RESOURCE_GROUP_COUNT=2, …; the list ends in NULL. */
const char *const *needs_vars(const struct test *test, const struct needs *needs,
			      const struct tests *t, const uint32_t *to, struct arena *mem);

#endif
