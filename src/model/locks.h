/* SPDX-License-Identifier: MIT
 *
 * Which locks the units of a plan need while they run: the same numbers in every lane.
 */
#ifndef GW_MODEL_LOCKS_H
#define GW_MODEL_LOCKS_H

struct plan;
struct tests;

struct locks {
	unsigned *counts; /* of each lock: how many units may have it at once */
	size_t nlocks;
	size_t *starts;    /* unit u needs numbers[starts[u]] up to numbers[starts[u + 1]], each */
	uint32_t *numbers; /* once */
};

/* Locks that as many units may have as want them are left out.  Exclusive units need none. */
struct locks locks_of_plan(const struct plan *p, const struct tests *t);
void locks_release(struct locks *l);

#endif
