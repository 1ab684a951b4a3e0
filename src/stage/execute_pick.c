/* SPDX-License-Identifier: MIT */
#include "stage/execute_pick.h"

#include "base/alloc.h"
#include "model/plan.h"
#include "model/test.h"
#include "stage/execute_grant.h"

static unsigned plan_slots(const struct plan *p)
{
	return p->nslots > p->nlanes ? p->nslots : p->nlanes;
}

/* Lanes cannot run out of slots if no unit takes more than one. */
static bool has_wide(const struct plan *p)
{
	for (size_t i = 0; p->nlanes > 1 && i < p->nunits; i++) {
		if (p->units[i].slots > 1 && !p->units[i].is_exclusive)
			return true;
	}
	return false;
}

void pick_init(struct pick *p, const struct plan *plan, const struct tests *t, uint32_t lane,
	       const struct pick_ops *ops, void *ctx)
{
	size_t place = 0;

	*p = (struct pick){ .plan = plan, .ops = ops, .ctx = ctx, .lane = lane };
	p->locks = locks_of_plan(plan, t);
	p->waits = waits_of_plan(plan, t);
	p->waits_at = xcalloc(plan->nunits + 1, sizeof *p->waits_at);
	if (p->waits.numbers)
		memcpy(p->waits_at, p->waits.starts, plan->nunits * sizeof *p->waits_at);
	p->nslots = has_wide(plan) ? plan_slots(plan) : 0;
	p->firsts = xcalloc(p->locks.nlocks + 1, sizeof *p->firsts);
	for (size_t i = 0; i < p->locks.nlocks; i++) {
		p->firsts[i] = place;
		place += p->locks.counts[i];
	}
	p->firsts[p->locks.nlocks] = place;
	p->is_busy = xcalloc(p->locks.nlocks + 1, sizeof *p->is_busy);
	p->has_slot = xcalloc(p->nslots + 1, sizeof *p->has_slot);
	if (plan->nlanes > 1)
		p->grants = grants_new(plan, t, place + p->nslots);
	for (size_t i = 0; i < plan->nunits; i++)
		p->has_homes = p->has_homes || plan->units[i].home != NO_INDEX;
}

void pick_release(struct pick *p)
{
	locks_release(&p->locks);
	waits_release(&p->waits);
	free(p->waits_at);
	free(p->firsts);
	free(p->is_busy);
	free(p->held);
	free(p->has_slot);
	grants_free(p->grants);
	*p = (struct pick){ 0 };
}

bool pick_has_places(const struct pick *p)
{
	return p->plan->nlanes > 1 && (p->nslots > 0 || p->locks.nlocks > 0 || p->grants);
}

static size_t count_locks(const struct pick *p, size_t unit)
{
	return p->locks.starts[unit + 1] - p->locks.starts[unit];
}

static unsigned slots_of(const struct pick *p, size_t unit)
{
	const struct unit *u = &p->plan->units[unit];
	unsigned n = u->slots < p->nslots ? u->slots : p->nslots;

	return u->is_exclusive ? 0 : n;
}

/* What is done stays done. */
static bool is_waiting(struct pick *p, size_t unit)
{
	const struct waits *w = &p->waits;
	size_t *at = &p->waits_at[unit];

	while (w->numbers && *at < w->starts[unit + 1] && p->ops->is_done(p->ctx, w->numbers[*at]))
		++*at;
	return w->numbers && *at < w->starts[unit + 1];
}

/* An exclusive one has them all. */
static bool needs_grant(const struct pick *p, size_t unit)
{
	return p->grants && !p->plan->units[unit].is_exclusive && grants_needs(p->grants, unit);
}

bool pick_may_join(struct pick *p, size_t unit, size_t other)
{
	return !is_waiting(p, unit) && !needs_grant(p, unit) && !needs_grant(p, other) &&
	       count_locks(p, unit) == 0 && count_locks(p, other) == 0 &&
	       slots_of(p, unit) <= slots_of(p, other);
}

static bool take(struct pick *p, size_t place, size_t n)
{
	if (!p->ops->take(p->ctx, place, n))
		return false;
	GROW(p->held, p->nheld, p->cap_held);
	p->held[p->nheld++] = (struct places){ place, n };
	return true;
}

void pick_done(struct pick *p)
{
	while (p->nheld > 0) {
		const struct places *places = &p->held[--p->nheld];

		p->ops->give(p->ctx, places->first, places->n);
	}
	if (p->nslots > 0)
		memset(p->has_slot, 0, p->nslots * sizeof *p->has_slot);
	p->nmissing = 0;
}

static bool take_lock(struct pick *p, uint32_t lock)
{
	for (unsigned i = 0; !p->is_busy[lock] && i < p->locks.counts[lock]; i++) {
		if (take(p, p->firsts[lock] + i, 1))
			return true;
	}
	p->is_busy[lock] = true;
	return false;
}

/* All or none. */
static bool take_locks(struct pick *p, size_t unit)
{
	if (p->plan->nlanes == 1)
		return true;
	for (size_t i = p->locks.starts[unit]; i < p->locks.starts[unit + 1]; i++) {
		if (!take_lock(p, p->locks.numbers[i])) {
			pick_done(p);
			return false;
		}
	}
	return true;
}

enum pick_state pick_slots(struct pick *p)
{
	/* from our own place on: the others begin at theirs */
	for (unsigned i = 0; p->nmissing > 0 && i < p->nslots; i++) {
		unsigned slot = (p->lane + i) % p->nslots;

		if (p->has_slot[slot] || !take(p, p->firsts[p->locks.nlocks] + slot, 1))
			continue;
		p->has_slot[slot] = true;
		p->nmissing--;
	}
	return p->nmissing > 0 ? PICK_SLOTS : PICK_READY;
}

static void begin_look(struct pick *p)
{
	if (p->locks.nlocks > 0)
		memset(p->is_busy, 0, p->locks.nlocks * sizeof *p->is_busy);
	p->has_passed = false;
	p->has_waited = false;
	grants_look(p->grants);
}

/* Locks and resources: all or none. */
static bool take_shared(struct pick *p, size_t unit)
{
	if (!take_locks(p, unit))
		return false;
	if (!needs_grant(p, unit) || grants_take(p->grants, p, unit, take))
		return true;
	pick_done(p);
	return false;
}

const struct grants *pick_grants(const struct pick *p)
{
	return p->grants;
}

enum pick_state pick_claimed(struct pick *p, size_t unit)
{
	begin_look(p);
	if (!take_shared(p, unit))
		return PICK_BUSY;
	p->nmissing = slots_of(p, unit);
	return pick_slots(p);
}

/* Is the unit free, may it run now, and are we the one who takes it? */
static bool try_unit(struct pick *p, size_t unit)
{
	if (!p->ops->is_free(p->ctx, unit))
		return false;
	if (is_waiting(p, unit)) {
		p->has_waited = true;
		return false;
	}
	if ((p->plan->units[unit].is_exclusive && p->has_passed) || !take_shared(p, unit)) {
		p->has_passed = true;
		return false;
	}
	if (!p->ops->claim(p->ctx, unit)) {
		pick_done(p);
		return false;
	}
	p->nmissing = slots_of(p, unit);
	p->next = unit + 1;
	return true;
}

/* Our own from the front.  The first cursor moves on only over what is taken. */
static bool look_at_home(struct pick *p, size_t *ret)
{
	const struct plan *plan = p->plan;

	for (size_t i = p->own; i < plan->nunits; i++) {
		bool is_ours = plan->units[i].home == p->lane;

		if (is_ours && try_unit(p, i)) {
			*ret = i;
			return true;
		}
		if (i == p->own && (!is_ours || !p->ops->is_free(p->ctx, i)))
			p->own++;
	}
	return false;
}

static bool look_forward(struct pick *p, size_t *ret)
{
	for (size_t i = p->cursor; i < p->plan->nunits; i++) {
		if (try_unit(p, i)) {
			*ret = i;
			return true;
		}
		if (i == p->cursor && !p->ops->is_free(p->ctx, i))
			p->cursor++;
	}
	return false;
}

/* Others' from the back; with --dist=each there is nothing to take from others. */
static bool look_at_others(struct pick *p, size_t *ret)
{
	for (size_t i = p->plan->nunits; p->plan->dist != DIST_EACH && i-- > 0;) {
		if (try_unit(p, i)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

enum pick_state pick_next(struct pick *p, size_t *ret)
{
	begin_look(p);
	bool has_unit = p->has_homes ? look_at_home(p, ret) || look_at_others(p, ret)
				     : look_forward(p, ret);

	if (!has_unit)
		return p->has_passed || p->has_waited ? PICK_BUSY : PICK_NONE;
	return pick_slots(p);
}
