/* SPDX-License-Identifier: MIT
 *
 * Which tests must share a unit, and which of them comes first.
 */
#ifndef GW_STAGE_SCHEDULE_LINKS_H
#define GW_STAGE_SCHEDULE_LINKS_H

struct err;
struct links;
struct tests;

/* Every test that is not left out alone, but if joins_after for those that wait for each other. */
struct links *links_new(const struct tests *t, bool joins_after);
/* NULL is fine. */
void links_free(struct links *l);

/* These two belong together, and with them all that either belongs to. */
void links_join(struct links *l, uint32_t a, uint32_t b);
/* The same number for all that belong together. */
uint32_t links_root(struct links *l, uint32_t test);
/* Does one of these tests wait for another of them? */
bool links_has_inner(struct links *l, const uint32_t *tests, size_t n);
/* Does the test wait for another one that runs? */
bool links_waits(const struct links *l, uint32_t test);
/* Call for each pair of a test that runs and one that does and waits for it. */
void links_each(const struct links *l, void (*call)(void *ctx, uint32_t before, uint32_t after),
		void *ctx);

/*
 * Bring tests[0..n), in collection order, into one in which each comes after those of them that it
 * waits for, and else as it was.  A circle is ERR_SYNTAX naming its tests.
 */
int links_order(struct links *l, uint32_t *tests, size_t n, struct err *reterr);

#endif
