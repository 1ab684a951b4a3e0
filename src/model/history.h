/* SPDX-License-Identifier: MIT
 *
 * What earlier runs told of each test and target: how long, how it ended, how much memory.
 */
#ifndef GW_MODEL_HISTORY_H
#define GW_MODEL_HISTORY_H

#include "base/arena.h"
#include "base/map.h"
#include "model/outcome.h"

enum { HISTORY_OUTCOMES = 8 };

struct history_test {
	const char *id;
	uint64_t mean_us; /* newer runs weigh more; TIME_UNKNOWN: never measured */
	uint64_t nruns;
	uint64_t nflakes;    /* runs in which it passed only when tried again */
	uint64_t peak_bytes; /* TIME_UNKNOWN: never measured */
	uint64_t seen_s;     /* last run, in seconds since 1970 */
	/* Letters of the last outcomes (model/outcome.h), the newest last. */
	char outcomes[HISTORY_OUTCOMES + 1];
};

struct history_target {
	const char *name;
	uint64_t start_us; /* what one more process of it costs; TIME_UNKNOWN */
};

/* A zeroed history knows nothing. */
struct history {
	struct arena mem;
	struct history_test *tests;
	size_t ntests, cap_tests;
	struct map ids; /* index into tests */
	struct history_target *targets;
	size_t ntargets, cap_targets;
	struct map names; /* index into targets */
};

void history_release(struct history *h);

/* A test that nobody has seen. */
struct history_test history_blank(const char *id);
/* Copies the text; of what is there already it takes the place. */
void history_add_test(struct history *h, const struct history_test *t);
void history_add_target(struct history *h, const char *name, uint64_t start_us);

/* NULL where it is unknown. */
const struct history_test *history_find(const struct history *h, const char *id);
/* TIME_UNKNOWN where it is unknown. */
uint64_t history_start_us(const struct history *h, const char *target);

/* Did it fail when it last ran? */
bool history_has_failed(const struct history_test *t);

/* One run of one test. */
struct history_seen {
	const char *id;
	enum outcome outcome;
	uint64_t time_us;    /* TIME_UNKNOWN */
	uint64_t peak_bytes; /* TIME_UNKNOWN */
	bool is_flaky;       /* failed first, then passed */
};

/* Take it into account.  A test that was not run changes nothing. */
void history_observe(struct history_test *t, const struct history_seen *seen, uint64_t now_s);
/* An old mean and a new value: a quarter of the way to it. */
uint64_t history_mean(uint64_t mean, uint64_t value);

/* Slowest first, then by id; sorted by id.  Finding goes on to work. */
void history_sort_by_time(struct history *h);
void history_sort_by_id(struct history *h);

#endif
