/* SPDX-License-Identifier: MIT
 *
 * Which unit a lane runs next: the rules alone, behind a seam, so that they can be tried without
 * processes and without a clock.
 *
 * Units are taken in the plan's order.  One that waits for another unit is passed over, and so is
 * one whose lock or resources others have; behind such a one also what is exclusive, which would
 * have to wait for it.  One whose lock is free and for which there are not enough slots is taken and
 * waited with, while nobody may look behind it: so a wide unit is not overtaken again and again by
 * narrow ones.  Who holds anything runs and waits for nothing but slots, and that one at a time, so
 * there is no circle of waiting.
 */
#ifndef GW_STAGE_EXECUTE_PICK_H
#define GW_STAGE_EXECUTE_PICK_H

#include "model/locks.h"
#include "model/waits.h"

struct grants;
struct plan;
struct tests;

struct pick_ops {
	bool (*is_free)(void *ctx, size_t unit);
	bool (*is_done)(void *ctx, size_t unit);
	bool (*claim)(void *ctx, size_t unit); /* false: somebody was faster */
	/* Places in a row; false: another has one of them. */
	bool (*take)(void *ctx, size_t place, size_t n);
	void (*give)(void *ctx, size_t place, size_t n);
	/* The first of these that no other has, and how many such follow with it; place + n: none. */
	size_t (*find)(void *ctx, size_t place, size_t n, size_t *ret_n);
};

struct places {
	size_t first, n;
};

struct pick {
	const struct plan *plan;
	const struct pick_ops *ops;
	void *ctx;
	uint32_t lane;
	struct locks locks;
	struct waits waits;
	size_t *waits_at; /* of each unit: in waits.numbers, the first that may not be done yet */
	size_t *firsts;  /* of each lock: its first place; behind the last lock's, of the slots; the
			    resources' come last */
	unsigned nslots; /* 0: there are always enough */
	bool has_homes;
	size_t cursor; /* every unit before it is taken */
	size_t own;    /* the same for those that have this lane as their home */
	size_t next;   /* behind the unit that was taken last */

	bool *is_busy;   /* of each lock: somebody had it in this look */
	bool has_passed; /* over a unit whose lock another has */
	bool has_waited; /* over one that waits for another unit */
	struct places *held;
	size_t nheld, cap_held;
	struct grants *grants; /* NULL: no unit needs resources */
	bool *has_slot;
	unsigned nmissing; /* slots */
};

/* `plan` and `ops` must outlive it. */
void pick_init(struct pick *p, const struct plan *plan, const struct tests *t, uint32_t lane,
	       const struct pick_ops *ops, void *ctx);
void pick_release(struct pick *p);

/* Are there places to take at all?  Then each look is to be made by one lane at a time (the door).
 */
bool pick_has_places(const struct pick *p);
/* Does the unit wait for nothing and need no more than this other one, which has no lock? */
bool pick_may_join(struct pick *p, size_t unit, size_t other);

/* What was granted to the unit at hand, for the environment of its tests; NULL: nothing. */
const struct grants *pick_grants(const struct pick *p);

enum pick_state {
	PICK_READY, /* the unit is ours, with all that it needs */
	PICK_SLOTS, /* ours, but slots are missing: go on with pick_slots() and keep the door */
	PICK_BUSY, /* all that is left waits for locks or units: leave the door, look again later */
	PICK_NONE  /* nothing is free */
};
enum pick_state pick_next(struct pick *p, size_t *ret);
/* The same for a unit that is ours already. */
enum pick_state pick_claimed(struct pick *p, size_t unit);
enum pick_state pick_slots(struct pick *p);
/* The unit is over, or will not be run: everything is given back, which needs no door. */
void pick_done(struct pick *p);

#endif
