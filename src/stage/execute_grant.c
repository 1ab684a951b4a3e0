/* SPDX-License-Identifier: MIT */
#include "stage/execute_grant.h"

#include "base/alloc.h"
#include "model/plan.h"
#include "model/resources.h"
#include "model/test.h"
#include "stage/execute_pick.h"

/* For all tests of the unit at hand that need the same. */
struct grant {
	const struct test *test; /* the first of them */
	uint32_t *to;            /* of each requirement: the resource that gives */
};

struct grants {
	const struct plan *plan;
	const struct tests *tests;
	bool *is_needed;      /* by each unit */
	size_t *firsts;       /* of each resource: its first place */
	uint64_t *free_slots; /* of each resource, in this look */
	uint64_t *wanted;     /* of each resource, by the test at hand */
	bool has_counted;
	struct arena mem; /* of the unit at hand */
	struct grant *items;
	size_t n, cap;
};

static bool needs_any(const struct plan *p, const struct tests *t, size_t unit)
{
	for (size_t i = 0; i < p->units[unit].ntests; i++) {
		if (t->tests[p->units[unit].tests[i]].nresource_groups > 0)
			return true;
	}
	return false;
}

struct grants *grants_new(const struct plan *p, const struct tests *t, size_t first_place)
{
	bool *is_needed = xcalloc(p->nunits + 1, sizeof *is_needed);
	bool is_any = false;

	for (size_t u = 0; t->nresources > 0 && u < p->nunits; u++) {
		is_needed[u] = needs_any(p, t, u);
		is_any = is_any || is_needed[u];
	}
	if (!is_any) {
		free(is_needed);
		return NULL;
	}
	struct grants *g = xcalloc(1, sizeof *g);

	*g = (struct grants){ .plan = p, .tests = t, .is_needed = is_needed };
	g->firsts = xcalloc(t->nresources, sizeof *g->firsts);
	g->free_slots = xcalloc(t->nresources, sizeof *g->free_slots);
	g->wanted = xcalloc(t->nresources, sizeof *g->wanted);
	for (size_t i = 0; i < t->nresources; i++) {
		g->firsts[i] = first_place;
		first_place += t->resources[i].slots;
	}
	return g;
}

void grants_free(struct grants *g)
{
	if (!g)
		return;
	arena_release(&g->mem);
	free(g->is_needed);
	free(g->firsts);
	free(g->free_slots);
	free(g->wanted);
	free(g->items);
	free(g);
}

bool grants_needs(const struct grants *g, size_t unit)
{
	return g->is_needed[unit];
}

void grants_look(struct grants *g)
{
	if (g)
		g->has_counted = false;
}

/* Nobody else takes any while we look; more may be given back meanwhile, for the next look. */
static void count_free(struct grants *g, const struct pick *p)
{
	for (size_t i = 0; i < g->tests->nresources && !g->has_counted; i++) {
		size_t at = g->firsts[i], end = at + g->tests->resources[i].slots, n = 0;

		for (g->free_slots[i] = 0; at < end; at += n) {
			at = p->ops->find(p->ctx, at, end - at, &n);
			g->free_slots[i] += n;
		}
	}
	g->has_counted = true;
}

static bool take_slots(const struct grants *g, struct pick *p, size_t resource,
		       bool (*take)(struct pick *p, size_t place, size_t n))
{
	size_t at = g->firsts[resource];
	size_t end = at + g->tests->resources[resource].slots;
	size_t left = g->wanted[resource], n = 0;

	for (; left > 0 && at < end; at += n) {
		at = p->ops->find(p->ctx, at, end - at, &n);
		n = n < left ? n : left;
		if (n > 0 && !take(p, at, n))
			return false;
		left -= n;
	}
	return left == 0;
}

static const struct grant *find_grant(const struct grants *g, const struct test *test)
{
	for (size_t i = 0; g && i < g->n; i++) {
		if (needs_are_same(g->items[i].test, test))
			return &g->items[i];
	}
	return NULL;
}

static bool take_for_test(struct grants *g, struct pick *p, const struct test *test,
			  bool (*take)(struct pick *p, size_t place, size_t n))
{
	struct needs needs = { 0 };

	if (!needs_of_test(test, &g->mem, &needs))
		return false;
	uint32_t *to = arena_alloc(&g->mem, needs.n + 1, sizeof *to);

	if (!needs_assign(&needs, g->tests, g->free_slots, to))
		return false;
	memset(g->wanted, 0, g->tests->nresources * sizeof *g->wanted);
	for (size_t i = 0; i < needs.n; i++)
		g->wanted[to[i]] += needs.items[i].slots;
	for (size_t i = 0; i < g->tests->nresources; i++) {
		if (!take_slots(g, p, i, take))
			return false;
	}
	GROW(g->items, g->n, g->cap);
	g->items[g->n++] = (struct grant){ test, to };
	return true;
}

bool grants_take(struct grants *g, struct pick *p, size_t unit,
		 bool (*take)(struct pick *p, size_t place, size_t n))
{
	const struct unit *u = &g->plan->units[unit];

	count_free(g, p);
	arena_release(&g->mem);
	g->n = 0;
	for (size_t i = 0; i < u->ntests; i++) {
		const struct test *test = &g->tests->tests[u->tests[i]];

		/* what never starts needs nothing */
		if (test->nresource_groups == 0 || test->error || test->skip_reason ||
		    find_grant(g, test))
			continue;
		if (!take_for_test(g, p, test, take)) {
			g->n = 0;
			return false;
		}
	}
	return true;
}

const char *const *grants_vars(const struct grants *g, const struct tests *t,
			       const struct test *test, struct arena *mem)
{
	const struct grant *found = find_grant(g, test);
	struct needs needs = { 0 };

	if (t->nresources == 0 || !needs_of_test(test, mem, &needs))
		return NULL;
	uint32_t *to = found ? found->to : arena_alloc(mem, needs.n + 1, sizeof *to);

	if (!found && !needs_assign_all(&needs, t, to))
		return NULL; /* it was refused before it came here */
	return needs_vars(test, &needs, t, to, mem);
}
