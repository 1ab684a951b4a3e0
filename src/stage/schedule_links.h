/* SPDX-License-Identifier: MIT
 *
 * Which tests must share a unit, and which of them comes first.
 */
#ifndef GW_STAGE_SCHEDULE_LINKS_H
#define GW_STAGE_SCHEDULE_LINKS_H

struct err;
struct links;
struct tests;

/* Every test that is not left out alone, but for those that wait for each other (`after`). */
struct links *links_new(const struct tests *t);
/* NULL is fine. */
void links_free(struct links *l);

/* These two belong together, and with them all that either belongs to. */
void links_join(struct links *l, uint32_t a, uint32_t b);
/* The same number for all that belong together. */
uint32_t links_root(struct links *l, uint32_t test);
/* Does the test wait for another one that runs? */
bool links_waits(const struct links *l, uint32_t test);

/*
 * Bring tests[0..n), in collection order and with all that they wait for among them, into an order
 * in which each comes after what it waits for, and else as it was.  Once for each test.  A circle
 * is ERR_SYNTAX naming its tests.
 */
int links_order(struct links *l, uint32_t *tests, size_t n, struct err *reterr);

#endif
