/* SPDX-License-Identifier: MIT
 *
 * Locks that are kept while units run: the tests of a target that need the same ones (and wait for
 * the same others, see schedule_after.c) make a unit, and all units that need a lock begin early,
 * for they run one behind the other.
 */
#include <limits.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "model/locks.h"
#include "model/test.h"
#include "stage/schedule_work.h"

/* Nothing runs beside an exclusive test, so it needs no lock. */
static size_t lock_count(const struct test *test)
{
	return test->left_out || test->is_exclusive ? 0 : test->nlocks;
}

static void count_holders(const struct work *w, struct map *counts)
{
	for (size_t i = 0; i < w->t->ntests; i++) {
		const struct test *test = &w->t->tests[i];

		for (size_t k = 0; k < lock_count(test); k++) {
			const char *lock = test->locks[k];
			size_t n = 0;

			map_get(counts, lock, strlen(lock), &n);
			map_set(counts, lock, strlen(lock), n + 1);
		}
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The locks that not all who want them can have at once.  False if there are none. */
static bool add_locks(struct work *w, uint32_t i, const struct map *counts, struct buf *key)
{
	const struct test *test = &w->t->tests[i];
	size_t n = lock_count(test);
	const char **names = xcalloc(n + 1, sizeof *names);
	bool has_lock = false;

	if (n > 0)
		memcpy(names, test->locks, n * sizeof *names);
	if (n > 1)
		qsort(names, n, sizeof *names, compare_names);
	for (size_t k = 0; k < n; k++) {
		size_t nholders = 0;
		unsigned limit = tests_limit(w->t, names[k]);

		map_get(counts, names[k], strlen(names[k]), &nholders);
		if (nholders <= limit || (k > 0 && strcmp(names[k], names[k - 1]) == 0))
			continue;
		buf_addf(key, "\n%s", names[k]);
		if (!has_lock)
			w->locks[i] = names[k];
		has_lock = true;
		w->bins[i].is_whole = w->bins[i].is_whole || limit == 1;
	}
	free(names);
	return has_lock;
}

/* What the test waits for, and what its being not run depends on. */
static bool add_after(const struct work *w, uint32_t i, struct buf *key)
{
	const struct test *test = &w->t->tests[i];

	for (size_t k = 0; !w->o->joins_after && k < test->nafter; k++)
		buf_addf(key, "\r%s", test->after[k]);
	return !w->o->joins_after && test->nafter > 0;
}

/* What is granted for a unit is what all of its tests need. */
static bool add_resources(const struct work *w, uint32_t i, struct buf *key)
{
	const struct test *test = &w->t->tests[i];

	if (w->t->nresources == 0 || w->o->joins_resources)
		return false;
	for (size_t k = 0; k < test->nresource_groups; k++)
		buf_addf(key, "\v%s", test->resource_groups[k]);
	return test->nresource_groups > 0;
}

/* What tells the bin of a test beside its target.  False if nothing does. */
static bool make_key(struct work *w, uint32_t i, const struct map *counts, struct buf *key)
{
	buf_clear(key);
	buf_addf(key, "%u", w->t->tests[i].target);
	bool is_bound = add_locks(w, i, counts, key);

	is_bound = add_after(w, i, key) || is_bound;
	return add_resources(w, i, key) || is_bound;
}

void work_find_bins(struct work *w)
{
	struct map counts = { 0 }, numbers = { 0 };
	struct arena mem = { 0 };
	struct buf key = BUF_INIT;

	w->bins = xcalloc(w->t->ntests + 1, sizeof *w->bins);
	count_holders(w, &counts);
	for (uint32_t i = 0; i < w->t->ntests; i++) {
		size_t number = w->nbins;

		w->bins[i].number = NO_INDEX;
		if (w->t->tests[i].left_out || !make_key(w, i, &counts, &key))
			continue;
		if (map_get(&numbers, key.s, key.len, &number)) {
			w->bins[i].number = (uint32_t)number;
			continue;
		}
		map_put(&numbers, arena_memdup(&mem, key.s, key.len), key.len, number);
		w->bins[i].number = (uint32_t)w->nbins++;
	}
	map_release(&counts);
	map_release(&numbers);
	buf_release(&key);
	arena_release(&mem);
}

uint64_t work_add_saturated(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

struct plan work_plan_of_drafts(const struct work *w)
{
	struct plan p = { .dist = w->o->dist,
			  .units = xcalloc(w->ndrafts + 1, sizeof *p.units),
			  .nunits = w->ndrafts };

	for (size_t i = 0; i < w->ndrafts; i++)
		p.units[i] = w->drafts[i].unit;
	return p;
}

static struct locks find_draft_locks(const struct work *w)
{
	const struct plan p = work_plan_of_drafts(w);
	struct locks l = locks_of_plan(&p, w->t);

	free(p.units);
	return l;
}

/* No more units of one lock run at once than may have it. */
static void bound_units(struct work *w, const struct locks *l)
{
	size_t *nfirst = xcalloc(l->nlocks + 1, sizeof *nfirst);

	for (size_t u = 0; u < w->ndrafts; u++) {
		uint32_t lock =
			l->starts[u] < l->starts[u + 1] ? l->numbers[l->starts[u]] : NO_INDEX;

		if (w->drafts[u].unit.is_exclusive)
			continue;
		if (lock == NO_INDEX || nfirst[lock]++ < l->counts[lock])
			w->nparallel++;
		else
			w->has_waiting = true;
	}
	free(nfirst);
}

void work_rank(struct work *w)
{
	struct locks l = { 0 };

	for (size_t u = 0; u < w->ndrafts; u++)
		w->drafts[u].rank = w->drafts[u].weight;
	if (!w->bins) {
		for (size_t u = 0; u < w->ndrafts; u++)
			w->nparallel += !w->drafts[u].unit.is_exclusive;
		return;
	}
	l = find_draft_locks(w);
	uint64_t *sums = xcalloc(l.nlocks + 1, sizeof *sums);

	for (size_t u = 0; u < w->ndrafts; u++) {
		for (size_t i = l.starts[u]; i < l.starts[u + 1]; i++)
			sums[l.numbers[i]] =
				work_add_saturated(sums[l.numbers[i]], w->drafts[u].weight);
	}
	for (size_t u = 0; u < w->ndrafts; u++) {
		for (size_t i = l.starts[u]; i < l.starts[u + 1]; i++) {
			uint64_t share = sums[l.numbers[i]] / l.counts[l.numbers[i]];

			if (share > w->drafts[u].rank)
				w->drafts[u].rank = share;
		}
	}
	bound_units(w, &l);
	free(sums);
	locks_release(&l);
}
