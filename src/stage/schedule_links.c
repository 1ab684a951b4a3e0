/* SPDX-License-Identifier: MIT */
#include "stage/schedule_links.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/quote.h"
#include "model/test.h"

enum { CIRCLE_SHOWN = 6 };

struct links {
	const struct tests *tests;
	uint32_t *parent; /* union-find with halved paths */
	struct map ids;   /* empty where no test waits */
	/* Who waits for test i: followers[first[i]] .. followers[first[i + 1] - 1]. */
	size_t *first;
	uint32_t *followers;
	uint32_t *waits; /* for how many that run */
	/* Of what is put in order: for how many that have no place yet; NO_INDEX: not of it. */
	uint32_t *open;
};

void links_join(struct links *l, uint32_t a, uint32_t b)
{
	a = links_root(l, a);
	b = links_root(l, b);
	/* the earlier test is the root, so the depth is bounded by the halving alone */
	if (a < b)
		l->parent[b] = a;
	else
		l->parent[a] = b;
}

uint32_t links_root(struct links *l, uint32_t test)
{
	while (l->parent[test] != test) {
		l->parent[test] = l->parent[l->parent[test]];
		test = l->parent[test];
	}
	return test;
}

bool links_waits(const struct links *l, uint32_t test)
{
	return l->waits && l->waits[test] > 0;
}

/* The k-th test that test i waits for, unless it does not run. */
static bool find_before(const struct links *l, size_t i, size_t k, uint32_t *ret)
{
	const char *id = l->tests->tests[i].after[k];
	size_t found = 0;

	if (!map_get(&l->ids, id, strlen(id), &found))
		return false;
	*ret = (uint32_t)found;
	return true;
}

void links_each(const struct links *l, void (*call)(void *ctx, uint32_t before, uint32_t after),
		void *ctx)
{
	const struct tests *t = l->tests;

	for (size_t i = 0; i < t->ntests; i++) {
		uint32_t before = 0;

		for (size_t k = 0; !t->tests[i].left_out && k < t->tests[i].nafter; k++) {
			if (find_before(l, i, k, &before))
				call(ctx, before, (uint32_t)i);
		}
	}
}

static void count_pair(void *ctx, uint32_t before, uint32_t i)
{
	struct links *l = ctx;

	l->first[before + 1]++;
	l->waits[i]++;
}

static void join_pair(void *ctx, uint32_t before, uint32_t i)
{
	links_join(ctx, before, i);
}

static void put_pair(void *ctx, uint32_t before, uint32_t i)
{
	struct links *l = ctx;

	l->followers[l->first[before]++] = i;
}

static void read_after(struct links *l)
{
	const struct tests *t = l->tests;
	size_t n = t->ntests;

	for (size_t i = 0; i < n; i++) {
		if (!t->tests[i].left_out)
			map_put(&l->ids, t->tests[i].id, strlen(t->tests[i].id), i);
	}
	l->first = xcalloc(n + 2, sizeof *l->first);
	l->waits = xcalloc(n, sizeof *l->waits);
	l->open = xcalloc(n, sizeof *l->open);
	memset(l->open, 0xff, n * sizeof *l->open); /* NO_INDEX */
	links_each(l, count_pair, l);
	for (size_t i = 0; i < n; i++)
		l->first[i + 1] += l->first[i];
	l->followers = xcalloc(l->first[n] + 1, sizeof *l->followers);
	links_each(l, put_pair, l);
	/* putting moved every beginning to its end, which is the next one's beginning */
	memmove(l->first + 1, l->first, n * sizeof *l->first);
	l->first[0] = 0;
}

struct links *links_new(const struct tests *t, bool joins_after)
{
	struct links *l = xcalloc(1, sizeof *l);
	bool has_after = false;

	l->tests = t;
	l->parent = xcalloc(t->ntests + 1, sizeof *l->parent);
	for (size_t i = 0; i < t->ntests; i++) {
		l->parent[i] = (uint32_t)i;
		has_after = has_after || (!t->tests[i].left_out && t->tests[i].nafter > 0);
	}
	if (has_after)
		read_after(l);
	if (has_after && joins_after)
		links_each(l, join_pair, l);
	return l;
}

void links_free(struct links *l)
{
	if (!l)
		return;
	map_release(&l->ids);
	free(l->parent);
	free(l->first);
	free(l->followers);
	free(l->waits);
	free(l->open);
	free(l);
}

/* --- order: of those that wait for nothing (more), the one collected first, from a heap --- */

static void heap_push(uint32_t *heap, size_t *n, uint32_t value)
{
	size_t i = (*n)++;

	for (; i > 0 && heap[(i - 1) / 2] > value; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = value;
}

static uint32_t heap_pop(uint32_t *heap, size_t *n)
{
	uint32_t least = heap[0];
	uint32_t value = heap[--*n];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < *n && heap[child + 1] < heap[child])
			child++;
		if (child >= *n || heap[child] >= value)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = value;
	return least;
}

static bool is_open(const struct links *l, uint32_t test)
{
	return l->open[test] != NO_INDEX && l->open[test] > 0;
}

/* One that this test still waits for. */
static uint32_t still_before(const struct links *l, uint32_t test)
{
	uint32_t before = test;

	for (size_t k = 0; k < l->tests->tests[test].nafter; k++) {
		if (find_before(l, test, k, &before) && is_open(l, before))
			return before;
	}
	return before;
}

/* `test` was never ready, nor was one it waits for, and so on: sooner or later one comes again. */
static int fail_circle(const struct links *l, uint32_t test, struct err *reterr)
{
	bool *seen = xcalloc(l->tests->ntests, sizeof *seen);
	struct buf text = BUF_INIT;
	size_t nshown = 0;

	for (; !seen[test]; test = still_before(l, test))
		seen[test] = true;
	uint32_t begin = test;

	do {
		const char *id = l->tests->tests[test].id;
		size_t len = strlen(id);

		buf_addstr(&text, nshown == 0 ? "'" : " after '");
		quote_display(&text, id, len < 200 ? len : 200);
		buf_addch(&text, '\'');
		test = still_before(l, test);
	} while (test != begin && ++nshown < CIRCLE_SHOWN);
	buf_addstr(&text, test == begin ? " after itself" : " after others");
	err_set(reterr, ERR_SYNTAX, NULL, 0, "tests wait for each other in a circle: %s", text.s);
	buf_release(&text);
	free(seen);
	return -1;
}

/* Which of these wait for others of these?  False if none does. */
static bool open_tests(struct links *l, const uint32_t *tests, size_t n)
{
	bool is_needed = false;

	for (size_t i = 0; i < n; i++)
		is_needed = is_needed || links_waits(l, tests[i]);
	for (size_t i = 0; is_needed && i < n; i++)
		l->open[tests[i]] = 0;
	for (size_t i = 0; is_needed && i < n; i++) {
		for (size_t k = l->first[tests[i]]; k < l->first[tests[i] + 1]; k++)
			l->open[l->followers[k]] += l->open[l->followers[k]] != NO_INDEX;
	}
	return is_needed;
}

static void close_tests(struct links *l, const uint32_t *tests, size_t n)
{
	for (size_t i = 0; i < n; i++)
		l->open[tests[i]] = NO_INDEX;
}

bool links_has_inner(struct links *l, const uint32_t *tests, size_t n)
{
	bool has_inner = false;

	if (!open_tests(l, tests, n))
		return false;
	for (size_t i = 0; i < n; i++)
		has_inner = has_inner || l->open[tests[i]] > 0;
	close_tests(l, tests, n);
	return has_inner;
}

int links_order(struct links *l, uint32_t *tests, size_t n, struct err *reterr)
{
	if (!open_tests(l, tests, n))
		return 0;
	uint32_t *heap = xcalloc(n, sizeof *heap);
	uint32_t *sorted = xcalloc(n, sizeof *sorted);
	size_t nheap = 0;
	size_t nsorted = 0;
	int status = 0;

	for (size_t i = 0; i < n; i++) {
		if (l->open[tests[i]] == 0)
			heap_push(heap, &nheap, tests[i]);
	}
	while (nheap > 0) {
		uint32_t test = heap_pop(heap, &nheap);

		sorted[nsorted++] = test;
		for (size_t k = l->first[test]; k < l->first[test + 1]; k++) {
			uint32_t *open = &l->open[l->followers[k]];

			if (*open != NO_INDEX && --*open == 0)
				heap_push(heap, &nheap, l->followers[k]);
		}
	}
	for (size_t i = 0; i < n && nsorted < n && status == 0; i++) {
		if (is_open(l, tests[i]))
			status = fail_circle(l, tests[i], reterr);
	}
	close_tests(l, tests, n);
	if (status == 0)
		memcpy(tests, sorted, n * sizeof *tests);
	free(heap);
	free(sorted);
	return status;
}
