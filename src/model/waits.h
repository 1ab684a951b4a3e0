/* SPDX-License-Identifier: MIT
 *
 * Which units of a plan wait for which: the same numbers in every lane.
 */
#ifndef GW_MODEL_WAITS_H
#define GW_MODEL_WAITS_H

struct plan;
struct tests;

struct waits {
	size_t *starts;    /* unit u begins when numbers[starts[u]] up to numbers[starts[u + 1]] */
	uint32_t *numbers; /* have ended, each once; NULL: nobody waits */
};

/* From `after` of the tests.  With --dist=each, and in a unit, tests stand in their order anyway. */
struct waits waits_of_plan(const struct plan *p, const struct tests *t);
void waits_release(struct waits *w);

#endif
