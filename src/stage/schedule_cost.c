/* SPDX-License-Identifier: MIT */
#include "stage/schedule_cost.h"

#include "base/alloc.h"
#include "model/test.h"
#include "stage/schedule.h"

/* 30 days: more is a slip of somebody's pen, and sums of so many must not overflow. */
#define COST_MAX_US (UINT64_C(30) * 24 * 3600 * 1000000)

/* More is no start: something else held the lane up. */
#define START_MAX_US (UINT64_C(10) * 1000000)

struct mean {
	uint64_t sum;
	uint64_t n;
};

static void mean_add(struct mean *m, uint64_t value)
{
	m->sum += value;
	m->n++;
}

/* At least 1, so that tests are never free. */
static uint64_t mean_of(const struct mean *m)
{
	return m->sum / m->n > 0 ? m->sum / m->n : 1;
}

/* Skipped or not built: nothing starts. */
static bool is_decided(const struct test *t)
{
	return t->skip_reason || t->error;
}

static uint64_t expected_us(const struct schedule_options *o, const struct test *t)
{
	uint64_t us = o->expected ? o->expected(o->expected_ctx, test_own_id(t)) : TIME_UNKNOWN;

	if (us == TIME_UNKNOWN)
		us = t->cost_us;
	return us == TIME_UNKNOWN || us < COST_MAX_US ? us : COST_MAX_US;
}

static uint64_t start_us(const struct schedule_options *o, const struct target *t)
{
	uint64_t us = o->start ? o->start(o->expected_ctx, t->name) : TIME_UNKNOWN;

	if (us == TIME_UNKNOWN)
		return 0;
	return us < START_MAX_US ? us : START_MAX_US;
}

struct costs costs_read(const struct schedule_options *o, const struct tests *t)
{
	struct costs c = {
		.weights = xcalloc(t->ntests + 1, sizeof *c.weights),
		.is_known = xcalloc(t->ntests + 1, sizeof *c.is_known),
		.is_failed = xcalloc(t->ntests + 1, sizeof *c.is_failed),
		.starts = xcalloc(t->ntargets + 1, sizeof *c.starts),
		.target_weights = xcalloc(t->ntargets + 1, sizeof *c.target_weights),
		.target_counts = xcalloc(t->ntargets + 1, sizeof *c.target_counts),
		.is_target_known = xcalloc(t->ntargets + 1, sizeof *c.is_target_known),
	};
	struct mean *means = xcalloc(t->ntargets + 1, sizeof *means);
	struct mean all = { 0 };

	for (size_t i = 0; i < t->ntests; i++) {
		const struct test *test = &t->tests[i];

		if (test->left_out)
			continue;
		c.target_counts[test->target]++;
		c.weights[i] = is_decided(test) ? 0 : expected_us(o, test);
		c.is_known[i] = c.weights[i] != TIME_UNKNOWN;
		c.is_failed[i] = !is_decided(test) && o->failed &&
				 o->failed(o->expected_ctx, test_own_id(test));
		if (c.is_known[i] && !is_decided(test)) {
			mean_add(&means[test->target], c.weights[i]);
			mean_add(&all, c.weights[i]);
		}
	}
	for (size_t i = 0; i < t->ntests; i++) {
		const struct test *test = &t->tests[i];
		const struct mean *m = &means[test->target];

		if (test->left_out)
			continue;
		if (!c.is_known[i]) {
			c.is_known[i] = m->n > 0;
			c.weights[i] = m->n > 0 ? mean_of(m) : all.n > 0 ? mean_of(&all) : 1;
		}
		c.target_weights[test->target] += c.weights[i];
		c.total += c.weights[i];
	}
	for (size_t i = 0; i < t->ntargets; i++)
		c.is_target_known[i] = means[i].n > 0;
	for (size_t i = 0; i < t->ntargets; i++)
		c.starts[i] = start_us(o, &t->targets[i]);
	free(means);
	return c;
}

void costs_release(struct costs *c)
{
	free(c->weights);
	free(c->is_known);
	free(c->is_failed);
	free(c->starts);
	free(c->target_weights);
	free(c->target_counts);
	free(c->is_target_known);
	*c = (struct costs){ 0 };
}
