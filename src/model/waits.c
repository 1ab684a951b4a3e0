/* SPDX-License-Identifier: MIT */
#include "model/waits.h"

#include "base/alloc.h"
#include "base/map.h"
#include "model/plan.h"
#include "model/test.h"

struct finder {
	const struct plan *plan;
	const struct tests *tests;
	struct map units;   /* of each test's id */
	uint32_t *asked_by; /* of each unit: the last one that was found to wait for it, + 1 */
	struct waits found;
	size_t nnumbers, cap_numbers;
};

static bool has_after(const struct plan *p, const struct tests *t)
{
	for (size_t u = 0; p->dist != DIST_EACH && u < p->nunits; u++) {
		for (size_t i = 0; i < p->units[u].ntests; i++) {
			if (t->tests[p->units[u].tests[i]].nafter > 0)
				return true;
		}
	}
	return false;
}

static void add_test(struct finder *f, size_t unit, const struct test *t)
{
	for (size_t k = 0; k < t->nafter; k++) {
		size_t before = unit;

		if (!map_get(&f->units, t->after[k], strlen(t->after[k]), &before) ||
		    before == unit || f->asked_by[before] == unit + 1)
			continue;
		f->asked_by[before] = (uint32_t)unit + 1;
		GROW(f->found.numbers, f->nnumbers, f->cap_numbers);
		f->found.numbers[f->nnumbers++] = (uint32_t)before;
	}
}

struct waits waits_of_plan(const struct plan *p, const struct tests *t)
{
	struct finder f = { .plan = p, .tests = t };
	const char *const *last = NULL;

	if (!has_after(p, t))
		return f.found;
	f.found.starts = xcalloc(p->nunits + 1, sizeof *f.found.starts);
	f.asked_by = xcalloc(p->nunits + 1, sizeof *f.asked_by);
	for (size_t u = 0; u < p->nunits; u++) {
		for (size_t i = 0; i < p->units[u].ntests; i++) {
			const char *id = t->tests[p->units[u].tests[i]].id;

			map_put(&f.units, id, strlen(id), u);
		}
	}
	for (size_t u = 0; u < p->nunits; u++, last = NULL) {
		for (size_t i = 0; i < p->units[u].ntests; i++) {
			const struct test *test = &t->tests[p->units[u].tests[i]];

			/* the cases of one entry share their list */
			if (test->after != last)
				add_test(&f, u, test);
			last = test->after;
		}
		f.found.starts[u + 1] = f.nnumbers;
	}
	map_release(&f.units);
	free(f.asked_by);
	return f.found;
}

void waits_release(struct waits *w)
{
	free(w->starts);
	free(w->numbers);
	*w = (struct waits){ 0 };
}
