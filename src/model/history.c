/* SPDX-License-Identifier: MIT */
#include "model/history.h"

#include "base/alloc.h"

void history_release(struct history *h)
{
	free(h->tests);
	free(h->targets);
	map_release(&h->ids);
	map_release(&h->names);
	arena_release(&h->mem);
	*h = (struct history){ 0 };
}

struct history_test history_blank(const char *id)
{
	return (struct history_test){
		.id = id,
		.mean_us = TIME_UNKNOWN,
		.peak_bytes = TIME_UNKNOWN,
	};
}

void history_add_test(struct history *h, const struct history_test *t)
{
	size_t len = strlen(t->id);
	size_t i = 0;

	if (map_get(&h->ids, t->id, len, &i)) {
		const char *id = h->tests[i].id;

		h->tests[i] = *t;
		h->tests[i].id = id;
		return;
	}
	GROW(h->tests, h->ntests, h->cap_tests);
	h->tests[h->ntests] = *t;
	h->tests[h->ntests].id = arena_memdup(&h->mem, t->id, len);
	map_put(&h->ids, h->tests[h->ntests].id, len, h->ntests);
	h->ntests++;
}

void history_add_target(struct history *h, const char *name, uint64_t start_us)
{
	size_t len = strlen(name);
	size_t i = 0;

	if (map_get(&h->names, name, len, &i)) {
		h->targets[i].start_us = start_us;
		return;
	}
	GROW(h->targets, h->ntargets, h->cap_targets);
	h->targets[h->ntargets] = (struct history_target){
		.name = arena_memdup(&h->mem, name, len),
		.start_us = start_us,
	};
	map_put(&h->names, h->targets[h->ntargets].name, len, h->ntargets);
	h->ntargets++;
}

const struct history_test *history_find(const struct history *h, const char *id)
{
	size_t i = 0;

	return map_get(&h->ids, id, strlen(id), &i) ? &h->tests[i] : NULL;
}

uint64_t history_start_us(const struct history *h, const char *target)
{
	size_t i = 0;

	return map_get(&h->names, target, strlen(target), &i) ? h->targets[i].start_us
							      : TIME_UNKNOWN;
}

/* --- one more run ------------------------------------------------------------------------- */

bool history_has_failed(const struct history_test *t)
{
	size_t n = strlen(t->outcomes);

	for (int o = 0; n > 0 && o < OUTCOME_MAX; o++) {
		if (outcome_is_bad((enum outcome)o) &&
		    outcome_letter((enum outcome)o) == t->outcomes[n - 1])
			return true;
	}
	return false;
}

uint64_t history_mean(uint64_t mean, uint64_t value)
{
	if (mean == TIME_UNKNOWN || value == TIME_UNKNOWN)
		return value == TIME_UNKNOWN ? mean : value;
	return value > mean ? mean + (value - mean) / 4 : mean - (mean - value) / 4;
}

/* Was the time that passed the test's own, from its beginning to its end or its limit? */
static bool tells_time(enum outcome o)
{
	switch (o) {
	case OUTCOME_PASS:
	case OUTCOME_FAIL:
	case OUTCOME_XFAIL:
	case OUTCOME_XPASS:
	case OUTCOME_TIMEOUT:
	case OUTCOME_CRASH:
		return true;
	case OUTCOME_SKIP:
	case OUTCOME_ERROR:
	case OUTCOME_LOST:
	case OUTCOME_NOTRUN:
	case OUTCOME_MAX:
		break;
	}
	return false;
}

void history_observe(struct history_test *t, const struct history_seen *seen, uint64_t now_s)
{
	size_t n = strlen(t->outcomes);

	if (seen->outcome == OUTCOME_NOTRUN)
		return;
	if (n == HISTORY_OUTCOMES) {
		n--;
		memmove(t->outcomes, t->outcomes + 1, n);
	}
	t->outcomes[n] = outcome_letter(seen->outcome);
	t->outcomes[n + 1] = '\0';
	if (tells_time(seen->outcome))
		t->mean_us = history_mean(t->mean_us, seen->time_us);
	t->peak_bytes = history_mean(t->peak_bytes, seen->peak_bytes);
	t->nruns++;
	t->nflakes += seen->is_flaky;
	t->seen_s = now_s;
}

/* --- order ---------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const struct history_test *x = a;
	const struct history_test *y = b;

	return strcmp(x->id, y->id);
}

static int by_time(const void *a, const void *b)
{
	const struct history_test *x = a;
	const struct history_test *y = b;
	/* unknown ones last */
	uint64_t time_x = x->mean_us == TIME_UNKNOWN ? 0 : x->mean_us + 1;
	uint64_t time_y = y->mean_us == TIME_UNKNOWN ? 0 : y->mean_us + 1;

	if (time_x != time_y)
		return time_x > time_y ? -1 : 1;
	return by_id(a, b);
}

static void sort(struct history *h, int (*compare)(const void *, const void *))
{
	if (h->ntests > 1)
		qsort(h->tests, h->ntests, sizeof *h->tests, compare);
	for (size_t i = 0; i < h->ntests; i++)
		map_set(&h->ids, h->tests[i].id, strlen(h->tests[i].id), i);
}

void history_sort_by_time(struct history *h)
{
	sort(h, by_time);
}

void history_sort_by_id(struct history *h)
{
	sort(h, by_id);
}
