/* SPDX-License-Identifier: MIT */
#include "stage/shard.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "model/plan.h"
#include "model/test.h"

struct load {
	uint64_t weight;
	size_t nunits;
};

/* Where nobody knows, a test counts as one: then tests are all that can be balanced. */
static uint64_t weight_of(const struct unit *u, uint64_t mean_us)
{
	return u->cost_us != TIME_UNKNOWN ? u->cost_us : u->ntests * mean_us;
}

/* Of a test, over the units whose time is known; 1 if none is. */
static uint64_t mean_test_us(const struct plan *p)
{
	uint64_t sum = 0;
	uint64_t n = 0;

	for (size_t i = 0; i < p->nunits; i++) {
		if (p->units[i].cost_us == TIME_UNKNOWN)
			continue;
		sum += p->units[i].cost_us;
		n += p->units[i].ntests;
	}
	return n > 0 && sum > n ? sum / n : 1;
}

static size_t lightest(const struct load *loads, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++) {
		if (loads[i].weight < loads[best].weight ||
		    (loads[i].weight == loads[best].weight && loads[i].nunits < loads[best].nunits))
			best = i;
	}
	return best;
}

static void add_helpers(struct map *helpers, const char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		map_put(helpers, ids[i], strlen(ids[i]), 0);
}

size_t shard_set_aside(struct tests *t)
{
	struct map helpers = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < t->ntests; i++) {
		const struct test *test = &t->tests[i];

		if (test->left_out)
			continue;
		add_helpers(&helpers, test->passed, test->npassed);
		add_helpers(&helpers, test->cleanups, test->ncleanups);
	}
	for (size_t i = 0; helpers.nkeys > 0 && i < t->ntests; i++) {
		struct test *test = &t->tests[i];
		size_t value = 0;

		if (test->left_out || !map_get(&helpers, test->id, strlen(test->id), &value))
			continue;
		test->left_out = "in the shards of the tests that need it";
		n++;
	}
	map_release(&helpers);
	return n;
}

static const char *make_reason(struct tests *t, size_t shard, unsigned count)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "in shard %zu of %u", shard + 1, count);
	const char *reason = arena_memdup(&t->mem, text.s, text.len);

	buf_release(&text);
	return reason;
}

size_t shard_run(const struct shard *s, const struct plan *p, struct tests *t)
{
	struct load *loads = xcalloc(s->count, sizeof *loads);
	const char **reasons = xcalloc(s->count, sizeof *reasons);
	uint64_t mean_us = mean_test_us(p);
	size_t nleft_out = 0;

	for (size_t i = 0; i < p->nunits; i++) {
		const struct unit *u = &p->units[i];
		size_t to = lightest(loads, s->count);

		loads[to].weight += weight_of(u, mean_us);
		loads[to].nunits++;
		if (to + 1 == s->index)
			continue;
		if (!reasons[to])
			reasons[to] = make_reason(t, to, s->count);
		for (size_t k = 0; k < u->ntests; k++)
			t->tests[u->tests[k]].left_out = reasons[to];
		nleft_out += u->ntests;
	}
	free(reasons);
	free(loads);
	return nleft_out;
}
