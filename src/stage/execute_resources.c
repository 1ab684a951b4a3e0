/* SPDX-License-Identifier: MIT
 *
 * Places are looked for behind the gate's door.  Only a unit that lacks nothing but slots keeps the
 * door while it waits; who lacks a lock leaves and comes back.
 */
#include "stage/execute_resources.h"

#include <unistd.h>

#include "base/err.h"
#include "model/plan.h"
#include "stage/execute_batch.h"
#include "sys/claims.h"
#include "sys/fs.h"
#include "sys/gate.h"

enum { FIRST_NAP_US = 250, LONGEST_NAP_US = 5000 };

static bool is_free(void *ctx, size_t unit)
{
	const struct resources *r = ctx;

	return claims_state(r->lane->claims, unit, NULL) == CLAIM_FREE;
}

static bool is_done(void *ctx, size_t unit)
{
	const struct resources *r = ctx;

	return claims_state(r->lane->claims, unit, NULL) == CLAIM_DONE;
}

static bool claim(void *ctx, size_t unit)
{
	const struct resources *r = ctx;

	return claims_take(r->lane->claims, unit, r->lane->options->lane);
}

static bool take_places(void *ctx, size_t place, size_t n)
{
	const struct resources *r = ctx;

	return gate_take(r->gate, place, n);
}

static void give_places(void *ctx, size_t place, size_t n)
{
	const struct resources *r = ctx;

	gate_give(r->gate, place, n);
}

static size_t find_places(void *ctx, size_t place, size_t n, size_t *ret_n)
{
	const struct resources *r = ctx;

	return gate_find(r->gate, place, n, ret_n);
}

static const struct pick_ops ops = {
	is_free, is_done, claim, take_places, give_places, find_places
};

int resources_open(struct resources *r, struct lane *lane, const struct plan *p, struct err *reterr)
{
	*r = (struct resources){ .lane = lane, .nap_us = FIRST_NAP_US };
	pick_init(&r->pick, p, lane->tests, lane->options->lane, &ops, r);
	if (!pick_has_places(&r->pick))
		return 0;
	r->gate = gate_open(fs_join(&lane->mem, lane->options->rundir, "places"), reterr);
	if (r->gate)
		return 0;
	pick_release(&r->pick);
	return -1;
}

void resources_close(struct resources *r)
{
	gate_close(r->gate);
	pick_release(&r->pick);
}

/* Of waiting there is little in a run, but it may be long. */
static void nap(unsigned *time_us)
{
	usleep(*time_us);
	*time_us = *time_us * 2 < LONGEST_NAP_US ? *time_us * 2 : LONGEST_NAP_US;
}

/* *ret is false if the run is stopped. */
static int enter(const struct resources *r, bool *ret, struct err *reterr)
{
	struct err e = { 0 };

	for (*ret = false; !lane_is_stopped(r->lane);) {
		if (!r->gate || gate_enter(r->gate, &e) == 0) {
			*ret = true;
			return 0;
		}
		if (e.code == ERR_INTERRUPTED)
			continue; /* perhaps the signal asks for no stop */
		if (reterr)
			*reterr = e;
		return -1;
	}
	return 0;
}

static void leave(const struct resources *r)
{
	if (r->gate)
		gate_leave(r->gate);
}

/* We have the door, and keep it until we have the slots. */
static enum pick_state wait_for_slots(struct resources *r, enum pick_state state)
{
	unsigned time_us = FIRST_NAP_US;

	while (state == PICK_SLOTS && !lane_is_stopped(r->lane)) {
		nap(&time_us);
		state = pick_slots(&r->pick);
	}
	if (state == PICK_SLOTS)
		pick_done(&r->pick);
	return state;
}

/* One look: at this unit, or for any (NO_INDEX). */
static int look(struct resources *r, size_t *unit, enum pick_state *ret, struct err *reterr)
{
	bool is_in = false;

	*ret = PICK_BUSY;
	if (enter(r, &is_in, reterr) < 0)
		return -1;
	if (!is_in)
		return 0;
	*ret = *unit == NO_INDEX ? pick_next(&r->pick, unit) : pick_claimed(&r->pick, *unit);
	*ret = wait_for_slots(r, *ret);
	leave(r);
	return 0;
}

int resources_next(struct resources *r, size_t *ret, bool *is_more, struct err *reterr)
{
	enum pick_state state = PICK_BUSY;

	*ret = NO_INDEX;
	if (look(r, ret, &state, reterr) < 0)
		return -1;
	*is_more = state == PICK_BUSY;
	if (state == PICK_READY)
		r->nap_us = FIRST_NAP_US;
	else
		*ret = NO_INDEX;
	return 0;
}

void resources_nap(struct resources *r)
{
	nap(&r->nap_us);
}

int resources_take(struct resources *r, size_t unit, bool *ret, struct err *reterr)
{
	enum pick_state state = PICK_BUSY;
	unsigned time_us = FIRST_NAP_US;

	for (;;) {
		if (look(r, &unit, &state, reterr) < 0)
			return -1;
		*ret = state == PICK_READY;
		if (*ret || lane_is_stopped(r->lane))
			return 0;
		nap(&time_us);
	}
}

void resources_give(struct resources *r)
{
	pick_done(&r->pick);
}
