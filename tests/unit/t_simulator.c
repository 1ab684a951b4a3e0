/* SPDX-License-Identifier: MIT
 *
 * Whole runs on a clock that is only a number: random suites go through schedule_run(), lanes take
 * units by the rules of execute_pick.h, and after every step everything that must hold is looked
 * at: no test twice or never, no lock in two hands, no slot too many, resources there, `after` in
 * order, groups whole, exclusive tests alone; also where lanes die and others adopt what they had.
 * `t_simulator large` does so with 1,000,000 tests on up to 1,000 lanes and prints how far each run
 * was from the least time possible.
 */
#include "stage/execute_pick.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"
#include "model/resources.h"
#include "model/test.h"
#include "stage/schedule.h"
#include "unit/unit.h"

enum lane_state { LOOKS, HAS_DOOR, WAITS_ALONE, WAITS_SHARED, RUNS, BUSY, GONE };

struct sim;

struct sim_lane {
	struct sim *sim;
	struct pick pick;
	enum lane_state state;
	size_t unit;       /* from the claim to the end */
	uint64_t began_us; /* RUNS */
	uint64_t end_us;   /* RUNS */
	bool dies;         /* at end_us, in the middle of its unit */
};

struct sim {
	const struct tests *t;
	const struct plan *p;
	struct sim_lane *lanes;
	uint32_t nlanes;
	unsigned char *units; /* 0 free, 1 taken, 2 done, 3 left by a dead lane */
	uint32_t *holder;     /* of each place: lane + 1; 0: nobody */
	size_t nplaces;
	uint32_t *ndone;   /* of each test: ends */
	uint64_t *ends_us; /* of each test */
	uint32_t door;     /* lane + 1 */
	size_t nrunning, nalone;
	unsigned slots_used, nslots;
	struct map lock_numbers;
	unsigned *lock_users, *lock_limits;
	struct map ids;
	uint32_t *heap; /* lanes that run, by end_us */
	size_t nheap;
	uint64_t now_us;
	unsigned deaths_left;
	uint32_t seed;
};

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)(*seed >> 4) * below) >> 28);
}

/* --- the seam --- */

static bool is_free(void *ctx, size_t unit)
{
	const struct sim_lane *l = ctx;

	return l->sim->units[unit] == 0;
}

static bool is_done(void *ctx, size_t unit)
{
	const struct sim_lane *l = ctx;

	return l->sim->units[unit] == 2;
}

static bool claim(void *ctx, size_t unit)
{
	struct sim_lane *l = ctx;

	ck_assert(l->sim->units[unit] == 0);
	l->sim->units[unit] = 1;
	l->unit = unit;
	return true;
}

static uint32_t number_of(const struct sim_lane *l)
{
	return (uint32_t)(l - l->sim->lanes);
}

/* Of resources alone: what one test of a unit has the next may have too. */
static bool is_of_resource(const struct sim_lane *l, size_t place)
{
	return place >= l->pick.firsts[l->pick.locks.nlocks] + l->pick.nslots;
}

static bool take(void *ctx, size_t place, size_t n)
{
	struct sim_lane *l = ctx;
	uint32_t me = number_of(l) + 1;

	ck_assert_uint_le(place + n, l->sim->nplaces);
	/* who looks for places has the door */
	ck_assert(l->sim->door == me);
	for (size_t i = place; i < place + n; i++) {
		ck_assert_msg(l->sim->holder[i] != me || is_of_resource(l, i),
			      "a place is taken twice");
		if (l->sim->holder[i] && l->sim->holder[i] != me)
			return false;
	}
	for (size_t i = place; i < place + n; i++)
		l->sim->holder[i] = me;
	return true;
}

static void give(void *ctx, size_t place, size_t n)
{
	struct sim_lane *l = ctx;

	for (size_t i = place; i < place + n; i++) {
		ck_assert(l->sim->holder[i] == number_of(l) + 1 || is_of_resource(l, i));
		l->sim->holder[i] = 0;
	}
}

static bool is_others(const struct sim_lane *l, size_t place)
{
	return l->sim->holder[place] && l->sim->holder[place] != number_of(l) + 1;
}

static size_t find(void *ctx, size_t place, size_t n, size_t *ret_n)
{
	struct sim_lane *l = ctx;
	size_t end = place + n, i = 0;

	while (place < end && is_others(l, place))
		place++;
	for (i = place; i < end && !is_others(l, i); i++)
		;
	*ret_n = i - place;
	return place;
}

static const struct pick_ops ops = { is_free, is_done, claim, take, give, find };

/* --- a suite --- */

struct suite_spec {
	size_t ntests, ntargets;
	unsigned nlocks, lock_every, wide_every, alone_every, after_every, group_every;
	unsigned max_slots, resource_every;
	bool has_limits;
	bool is_pareto;
	bool has_fixture; /* the first test sets up for all the others, the last cleans up */
};

static const char *name_of(struct tests *t, char kind, unsigned long n)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%c%lu", kind, n);

	return arena_memdup(&t->mem, text, (size_t)len);
}

static const char **one(struct tests *t, const char *word)
{
	const char **list = arena_alloc(&t->mem, 1, sizeof *list);

	list[0] = word;
	return list;
}

static uint64_t random_time(uint32_t *seed, bool is_pareto)
{
	uint64_t us = 1000 + draw(seed, 20000);

	for (unsigned i = 0; is_pareto && i < 8 && draw(seed, 3) == 0; i++)
		us *= 2;
	return us;
}

static bool falls(uint32_t *seed, unsigned every)
{
	return every > 0 && draw(seed, every) == 0;
}

static void wait_for_fixture(struct tests *t, struct test *test, size_t ntests)
{
	bool is_last = t->ntests + 1 == ntests;

	test->nafter = is_last ? t->ntests : 1;
	test->after = arena_alloc(&t->mem, test->nafter, sizeof *test->after);
	for (size_t i = 0; i < test->nafter; i++)
		test->after[i] = t->tests[i].id;
}

/* Four of one kind and one of another; a test needs one or two things. */
static void add_resources(struct tests *t)
{
	static const struct resource all[] = { { "gpus", "0", 4 },
					       { "gpus", "1", 4 },
					       { "gpus", "2", 2 },
					       { "gpus", "3", 1 },
					       { "cards", "x", 3 } };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		tests_add_resource(t, &all[i]);
}

static void need_resources(struct tests *t, struct test *test, uint32_t *seed)
{
	static const char *const groups[] = { "gpus:1",  "gpus:4,cards:1", "gpus:2,gpus:2",
					      "cards:2", "gpus:4",         "gpus:3" };
	const char **list = arena_alloc(&t->mem, 2, sizeof *list);

	list[0] = groups[draw(seed, ARRAY_SIZE(groups))];
	list[1] = groups[draw(seed, 3)];
	test->resource_groups = list;
	/* all that are possible with all resources are */
	test->nresource_groups = strcmp(list[0], "gpus:4,cards:1") == 0 ? 1 : 1 + draw(seed, 2);
}

static void make_suite(struct tests *t, const struct suite_spec *s, uint32_t seed)
{
	for (unsigned i = 0; i < s->ntargets; i++) {
		const struct target target = { .name = name_of(t, 'p', i),
					       .adapter = i % 3 ? "exitcode" : "gtest",
					       .program = "" };

		tests_add_target(t, &target);
	}
	for (unsigned i = 0; s->has_limits && i < s->nlocks; i += 2)
		tests_set_limit(t, name_of(t, 'l', i), 1 + draw(&seed, 4));
	if (s->resource_every > 0)
		add_resources(t);
	for (unsigned i = 0; i < s->ntests; i++) {
		struct test test = test_blank((uint32_t)(i * s->ntargets / s->ntests));

		test.id = name_of(t, 't', i);
		test.cost_us = random_time(&seed, s->is_pareto);
		test.slots = falls(&seed, s->wide_every) ? 1 + draw(&seed, s->max_slots) : 1;
		test.is_exclusive = falls(&seed, s->alone_every);
		if (falls(&seed, s->group_every))
			test.group = name_of(t, 'g', draw(&seed, 20));
		if (falls(&seed, s->lock_every)) {
			const char **locks = arena_alloc(&t->mem, 2, sizeof *locks);

			locks[0] = name_of(t, 'l', draw(&seed, s->nlocks));
			locks[1] = name_of(t, 'l', draw(&seed, s->nlocks));
			test.locks = locks;
			test.nlocks = 1 + draw(&seed, 2);
		}
		if (falls(&seed, s->resource_every))
			need_resources(t, &test, &seed);
		if (i > 0 && falls(&seed, s->after_every)) {
			test.after = one(t, name_of(t, 't', i - 1 - draw(&seed, i < 5 ? i : 5)));
			test.nafter = 1;
		}
		if (s->has_fixture && i > 0)
			wait_for_fixture(t, &test, s->ntests);
		tests_add(t, &test);
	}
}

/* --- what must hold --- */

/* The locks of a unit, each once, by our own count and not by that of the code under test. */
static size_t unit_locks(struct sim *s, size_t unit, size_t *ret, size_t max)
{
	const struct unit *u = &s->p->units[unit];
	size_t n = 0;

	for (size_t i = 0; i < u->ntests; i++) {
		const struct test *test = &s->t->tests[u->tests[i]];

		for (size_t k = 0; k < test->nlocks; k++) {
			size_t number = 0, at = 0;

			ck_assert(map_get(&s->lock_numbers, test->locks[k], strlen(test->locks[k]),
					  &number));
			while (at < n && ret[at] != number)
				at++;
			if (at == n && n < max)
				ret[n++] = number;
		}
	}
	return n;
}

enum { MAX_LOCKS = 512 };

static unsigned used_slots(const struct sim *s, const struct unit *u)
{
	return u->slots < s->nslots ? u->slots : s->nslots;
}

/* What the lane has of the resources is what its test needs, or more. */
static void check_resources(const struct sim *s, const struct sim_lane *l)
{
	const struct unit *u = &s->p->units[l->unit];
	struct arena mem = { 0 };
	uint64_t held = 0;

	for (size_t i = 0; s->p->nlanes > 1 && s->t->nresources > 0 && i < s->nplaces; i++)
		held += s->holder[i] == number_of(l) + 1 && is_of_resource(l, i);
	for (size_t i = 0; s->p->nlanes > 1 && !u->is_exclusive && i < u->ntests; i++) {
		struct needs needs = { 0 };
		uint64_t sum = 0;

		ck_assert(needs_of_test(&s->t->tests[u->tests[i]], &mem, &needs));
		for (size_t k = 0; k < needs.n; k++)
			sum += needs.items[k].slots;
		ck_assert_uint_ge(held, sum);
	}
	arena_release(&mem);
}

static void begin_unit(struct sim *s, const struct sim_lane *l)
{
	const struct unit *u = &s->p->units[l->unit];
	size_t locks[MAX_LOCKS];
	size_t n = unit_locks(s, l->unit, locks, MAX_LOCKS);

	if (u->is_exclusive) {
		ck_assert_msg(s->nrunning == 0, "an exclusive unit has company");
		s->nalone++;
	}
	ck_assert_msg(u->is_exclusive || s->nalone == 0, "a unit beside an exclusive one");
	check_resources(s, l);
	s->nrunning++;
	s->slots_used += used_slots(s, u);
	ck_assert_msg(s->slots_used <= s->nslots, "%u of %u slots", s->slots_used, s->nslots);
	for (size_t i = 0; i < n; i++) {
		s->lock_users[locks[i]]++;
		ck_assert_msg(s->lock_users[locks[i]] <= s->lock_limits[locks[i]],
			      "a lock is in %u hands", s->lock_users[locks[i]]);
	}
}

static void end_unit(struct sim *s, const struct sim_lane *l)
{
	const struct unit *u = &s->p->units[l->unit];
	size_t locks[MAX_LOCKS];
	size_t n = unit_locks(s, l->unit, locks, MAX_LOCKS);

	s->nalone -= u->is_exclusive;
	s->nrunning--;
	s->slots_used -= used_slots(s, u);
	for (size_t i = 0; i < n; i++)
		s->lock_users[locks[i]]--;
}

/* Up to `until_us`; the one in flight counts as ended then: it is charged with the death. */
static void end_tests(struct sim *s, const struct sim_lane *l, uint64_t until_us)
{
	const struct unit *u = &s->p->units[l->unit];
	uint64_t at_us = l->began_us;

	for (size_t i = 0; i < u->ntests && at_us < until_us; i++) {
		const struct test *test = &s->t->tests[u->tests[i]];

		if (s->ndone[u->tests[i]] > 0)
			continue; /* by the lane that died in this unit */
		for (size_t k = 0; k < test->nafter; k++) {
			size_t before = 0;

			ck_assert(
				map_get(&s->ids, test->after[k], strlen(test->after[k]), &before));
			ck_assert_msg(s->ndone[before] == 1 && s->ends_us[before] <= at_us,
				      "%s begins before %s ends", test->id, test->after[k]);
		}
		at_us += test->cost_us;
		s->ndone[u->tests[i]]++;
		s->ends_us[u->tests[i]] = at_us < until_us ? at_us : until_us;
	}
}

/* --- the clock --- */

static bool comes_first(const struct sim *s, uint32_t a, uint32_t b)
{
	const struct sim_lane *x = &s->lanes[a], *y = &s->lanes[b];

	return x->end_us < y->end_us || (x->end_us == y->end_us && a < b);
}

static void heap_swap(struct sim *s, size_t a, size_t b)
{
	uint32_t lane = s->heap[a];

	s->heap[a] = s->heap[b];
	s->heap[b] = lane;
}

static void heap_put(struct sim *s, uint32_t lane)
{
	size_t i = s->nheap++;

	s->heap[i] = lane;
	for (; i > 0 && comes_first(s, s->heap[i], s->heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap_swap(s, i, (i - 1) / 2);
}

static uint32_t heap_take(struct sim *s)
{
	uint32_t first = s->heap[0];

	s->heap[0] = s->heap[--s->nheap];
	for (size_t i = 0, least = 0;; i = least) {
		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < s->nheap; k++) {
			if (comes_first(s, s->heap[k], s->heap[least]))
				least = k;
		}
		if (least == i)
			return first;
		heap_swap(s, i, least);
	}
}

/* --- lanes --- */

static void start(struct sim *s, struct sim_lane *l)
{
	const struct unit *u = &s->p->units[l->unit];
	uint64_t time_us = 0;

	begin_unit(s, l);
	l->state = RUNS;
	l->began_us = s->now_us;
	for (size_t i = 0; i < u->ntests; i++)
		time_us += s->ndone[u->tests[i]] ? 0 : s->t->tests[u->tests[i]].cost_us;
	l->dies = s->deaths_left > 0 && time_us > 1 && draw(&s->seed, 20) == 0;
	if (l->dies) {
		s->deaths_left--;
		time_us = 1 + draw(&s->seed, (uint32_t)time_us - 1);
	}
	l->end_us = s->now_us + time_us;
	heap_put(s, number_of(l));
}

/* claims_enter(): exclusive ones wait for all, and all that come later wait for them. */
static void try_start(struct sim *s, struct sim_lane *l)
{
	bool is_alone = s->p->units[l->unit].is_exclusive;

	if (is_alone && s->nrunning > 0)
		l->state = WAITS_ALONE;
	else if (s->nalone > 0)
		l->state = WAITS_SHARED;
	else
		start(s, l);
}

static void go_on(struct sim *s, struct sim_lane *l, enum pick_state state)
{
	s->door = state == PICK_SLOTS ? number_of(l) + 1 : 0;
	l->state = state == PICK_SLOTS ? HAS_DOOR : state == PICK_NONE ? GONE : BUSY;
	if (state == PICK_READY)
		try_start(s, l);
}

/* A lane that finds nothing that it may take adopts. */
static enum pick_state adopt(struct sim *s, struct sim_lane *l, enum pick_state otherwise)
{
	for (size_t i = 0; i < s->p->nunits; i++) {
		if (s->units[i] == 3) {
			s->units[i] = 1;
			l->unit = i;
			enum pick_state state = pick_claimed(&l->pick, i);

			if (state == PICK_BUSY)
				s->units[i] = 3; /* it is tried again */
			return state;
		}
	}
	return otherwise;
}

static void look(struct sim *s, struct sim_lane *l)
{
	s->door = number_of(l) + 1;
	enum pick_state state = pick_next(&l->pick, &l->unit);

	if (state == PICK_NONE || state == PICK_BUSY)
		state = adopt(s, l, state);
	go_on(s, l, state);
}

/* Everybody who may do something does it, in the order of their numbers. */
static void settle(struct sim *s)
{
	bool has_busy_looked = false;

	if (s->door) {
		struct sim_lane *l = &s->lanes[s->door - 1];

		go_on(s, l, pick_slots(&l->pick));
	}
	for (uint32_t i = 0; i < s->nlanes; i++) {
		struct sim_lane *l = &s->lanes[i];

		if (l->state == WAITS_ALONE || l->state == WAITS_SHARED)
			try_start(s, l);
	}
	for (int turn = 0; turn < 2; turn++) {
		for (uint32_t i = 0; i < s->nlanes && !s->door; i++) {
			struct sim_lane *l = &s->lanes[i];
			bool may_look = turn == 0 ? l->state == LOOKS
						  : l->state == BUSY && !has_busy_looked;

			if (may_look)
				look(s, l);
			/* all lanes see the same: where one finds nothing, none does */
			has_busy_looked = has_busy_looked || (may_look && l->state == BUSY &&
							      s->p->dist != DIST_WORKSTEAL);
		}
	}
}

static void end_lane(struct sim *s, struct sim_lane *l)
{
	end_tests(s, l, l->end_us);
	end_unit(s, l);
	pick_done(&l->pick);
	s->units[l->unit] = l->dies ? 3 : 2;
	l->state = LOOKS; /* a dead one is started again */
	for (uint32_t i = 0; l->dies && i < s->nlanes; i++) {
		if (s->lanes[i].state == GONE)
			s->lanes[i].state = LOOKS;
	}
}

static void sim_init(struct sim *s, const struct tests *t, const struct plan *p, uint32_t seed)
{
	*s = (struct sim){ .t = t, .p = p, .nlanes = p->nlanes, .seed = seed };
	s->nslots = p->nslots > p->nlanes ? p->nslots : p->nlanes;
	s->lanes = xcalloc(s->nlanes, sizeof *s->lanes);
	s->heap = xcalloc(s->nlanes, sizeof *s->heap);
	s->units = xcalloc(p->nunits + 1, 1);
	s->nplaces = s->nslots + 4096;
	s->holder = xcalloc(s->nplaces, sizeof *s->holder);
	s->ndone = xcalloc(t->ntests + 1, sizeof *s->ndone);
	s->ends_us = xcalloc(t->ntests + 1, sizeof *s->ends_us);
	s->lock_users = xcalloc(MAX_LOCKS, sizeof *s->lock_users);
	s->lock_limits = xcalloc(MAX_LOCKS, sizeof *s->lock_limits);
	for (size_t i = 0; i < t->ntests; i++) {
		const struct test *test = &t->tests[i];

		map_put(&s->ids, test->id, strlen(test->id), i);
		for (size_t k = 0; k < test->nlocks; k++) {
			size_t number = s->lock_numbers.nkeys;

			ck_assert_uint_lt(number, MAX_LOCKS);
			if (map_put(&s->lock_numbers, test->locks[k], strlen(test->locks[k]),
				    number))
				s->lock_limits[number] = tests_limit(t, test->locks[k]);
		}
	}
	for (uint32_t i = 0; i < s->nlanes; i++) {
		s->lanes[i].sim = s;
		pick_init(&s->lanes[i].pick, p, t, i, &ops, &s->lanes[i]);
	}
}

static void sim_release(struct sim *s)
{
	for (uint32_t i = 0; i < s->nlanes; i++)
		pick_release(&s->lanes[i].pick);
	free(s->lanes);
	free(s->heap);
	free(s->units);
	free(s->holder);
	free(s->ndone);
	free(s->ends_us);
	free(s->lock_users);
	free(s->lock_limits);
	map_release(&s->lock_numbers);
	map_release(&s->ids);
}

/* The time it took. */
static uint64_t simulate(const struct tests *t, const struct plan *p, uint32_t seed,
			 unsigned ndeaths)
{
	struct sim s;

	sim_init(&s, t, p, seed);
	s.deaths_left = ndeaths;
	for (settle(&s); s.nheap > 0; settle(&s)) {
		struct sim_lane *l = &s.lanes[heap_take(&s)];

		s.now_us = l->end_us;
		end_lane(&s, l);
	}
	for (size_t i = 0; i < t->ntests; i++)
		ck_assert_msg(s.ndone[i] == 1, "%s ran %u times", t->tests[i].id, s.ndone[i]);
	for (uint32_t i = 0; i < s.nlanes; i++)
		ck_assert_msg(s.lanes[i].state == GONE, "a lane waits for ever");
	for (size_t i = 0; i < s.nplaces; i++)
		ck_assert(s.holder[i] == 0);
	uint64_t time_us = s.now_us;

	sim_release(&s);
	return time_us;
}

/* No order of these units is quicker: the work over the slots, the longest one, what a lock lets
 * through; and exclusive ones come on top. */
static uint64_t least_time(const struct tests *t, const struct plan *p)
{
	struct locks l = locks_of_plan(p, t);
	uint64_t *sums = xcalloc(l.nlocks + 1, sizeof *sums);
	uint64_t work = 0, longest = 0, alone = 0;
	unsigned nslots = p->nslots > p->nlanes ? p->nslots : p->nlanes;

	for (size_t u = 0; u < p->nunits; u++) {
		const struct unit *unit = &p->units[u];
		uint64_t time_us = 0;

		for (size_t i = 0; i < unit->ntests; i++)
			time_us += t->tests[unit->tests[i]].cost_us;
		if (unit->is_exclusive) {
			alone += time_us;
			continue;
		}
		work += time_us * (unit->slots < nslots ? unit->slots : nslots);
		longest = time_us > longest ? time_us : longest;
		for (size_t i = l.starts[u]; i < l.starts[u + 1]; i++)
			sums[l.numbers[i]] += time_us;
	}
	for (size_t i = 0; i < l.nlocks; i++)
		longest = sums[i] / l.counts[i] > longest ? sums[i] / l.counts[i] : longest;
	free(sums);
	locks_release(&l);
	return alone + (work / nslots > longest ? work / nslots : longest);
}

static uint64_t what_it_says(void *ctx, const char *id)
{
	const struct tests *t = ctx;

	return t->tests[strtoul(id + 1, NULL, 10)].cost_us;
}

/* With --dist=loadgroup all of a group are in one unit. */
static void check_groups(const struct tests *t, const struct plan *p)
{
	struct map units = { 0 };

	for (size_t u = 0; u < p->nunits; u++) {
		for (size_t i = 0; i < p->units[u].ntests; i++) {
			const char *group = t->tests[p->units[u].tests[i]].group;
			size_t first = u;

			if (!group || map_put(&units, group, strlen(group), u))
				continue;
			map_get(&units, group, strlen(group), &first);
			ck_assert_msg(first == u, "group %s is torn", group);
		}
	}
	map_release(&units);
}

/* One run; makespan over the least time, in percent. */
static unsigned try_suite(const struct suite_spec *spec, enum dist dist, unsigned nlanes,
			  uint32_t seed, unsigned ndeaths)
{
	struct tests t = { 0 };
	struct plan p = { 0 };
	struct err e = { 0 };

	make_suite(&t, spec, seed);
	const struct schedule_options o = {
		.dist = dist, .nlanes = nlanes, .expected = what_it_says, .expected_ctx = &t
	};

	ck_assert_msg(schedule_run(&o, &t, &p, &e) == 0, "%s", e.msg);
	if (dist == DIST_LOADGROUP)
		check_groups(&t, &p);
	uint64_t time_us = simulate(&t, &p, seed, ndeaths);
	uint64_t least_us = least_time(&t, &p);

	plan_release(&p);
	tests_release(&t);
	return (unsigned)(time_us * 100 / (least_us ? least_us : 1));
}

/* --- the tests --- */

static const enum dist dists[] = { DIST_LOAD, DIST_LOADGROUP, DIST_WORKSTEAL };

static struct suite_spec random_spec(uint32_t *seed)
{
	return (struct suite_spec){
		.ntests = 1 + draw(seed, 300),
		.ntargets = 1 + draw(seed, 40),
		.nlocks = 1 + draw(seed, 6),
		.lock_every = draw(seed, 8),
		.wide_every = draw(seed, 8),
		.alone_every = draw(seed, 2) * 30,
		.after_every = draw(seed, 2) * 10,
		.group_every = draw(seed, 2) * 10,
		.max_slots = 1 + draw(seed, 12),
		.has_limits = draw(seed, 2),
		.is_pareto = draw(seed, 2),
		.has_fixture = draw(seed, 4) == 0,
		.resource_every = draw(seed, 3) * 3,
	};
}

START_TEST(random_runs_break_no_rule)
{
	uint32_t seed = 1 + (uint32_t)_i * 7919;

	for (unsigned round = 0; round < 60; round++) {
		const struct suite_spec spec = random_spec(&seed);
		unsigned nlanes = 1 + draw(&seed, 16);

		try_suite(&spec, dists[round % ARRAY_SIZE(dists)], nlanes, seed, 0);
	}
}
END_TEST

START_TEST(random_runs_in_which_lanes_die_break_no_rule)
{
	uint32_t seed = 3 + (uint32_t)_i * 7919;

	for (unsigned round = 0; round < 60; round++) {
		const struct suite_spec spec = random_spec(&seed);
		unsigned nlanes = 1 + draw(&seed, 16);

		try_suite(&spec, dists[round % ARRAY_SIZE(dists)], nlanes, seed, 5);
	}
}
END_TEST

START_TEST(runs_with_little_to_wait_for_are_near_the_least_time)
{
	static const struct suite_spec spec = {
		.ntests = 3000, .ntargets = 100, .nlocks = 5, .lock_every = 20, .max_slots = 1
	};
	uint32_t seed = 5 + (uint32_t)_i;

	ck_assert_uint_le(try_suite(&spec, DIST_LOAD, 8, seed, 0), 105);
}
END_TEST

/* Wide ones come when enough slots are free, not when everything narrow is over. */
START_TEST(wide_units_are_not_starved)
{
	static const struct suite_spec spec = {
		.ntests = 3000, .ntargets = 300, .wide_every = 10, .max_slots = 8
	};
	uint32_t seed = 6 + (uint32_t)_i;

	ck_assert_uint_le(try_suite(&spec, DIST_LOAD, 8, seed, 0), 140);
}
END_TEST

/* --- the large form --- */

static const struct {
	const char *name;
	struct suite_spec spec;
} large[] = {
	{ "plain", { .ntests = 1000000, .ntargets = 5000 } },
	{ "pareto", { .ntests = 1000000, .ntargets = 5000, .is_pareto = true } },
	{ "locks",
	  { .ntests = 1000000,
	    .ntargets = 5000,
	    .nlocks = 200,
	    .lock_every = 500,
	    .has_limits = true } },
	{ "slots", { .ntests = 1000000, .ntargets = 5000, .wide_every = 1000, .max_slots = 8 } },
	{ "all",
	  { .ntests = 1000000,
	    .ntargets = 5000,
	    .nlocks = 200,
	    .lock_every = 1000,
	    .wide_every = 1000,
	    .alone_every = 200000,
	    .group_every = 100000,
	    .max_slots = 8,
	    .has_limits = true,
	    .is_pareto = true } },
};

START_TEST(large_runs_break_no_rule)
{
	static const unsigned lanes[] = { 2, 16, 64, 1000 };

	printf("1,000,000 tests: time over the least possible\n%-8s", "suite");
	for (size_t k = 0; k < ARRAY_SIZE(lanes); k++)
		printf(" %5u lanes", lanes[k]);
	printf("\n");
	for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
		printf("%-8s", large[i].name);
		for (size_t k = 0; k < ARRAY_SIZE(lanes); k++) {
			unsigned percent =
				try_suite(&large[i].spec, DIST_LOADGROUP, lanes[k], 1, 0);

			printf(" %7u.%02u x", percent / 100, percent % 100);
			fflush(stdout);
		}
		printf("\n");
	}
}
END_TEST

/* What a set-up holds up goes on on all lanes once it is over. */
START_TEST(who_waits_for_a_fixture_runs_side_by_side)
{
	static const struct suite_spec spec = {
		.ntests = 2000, .ntargets = 200, .max_slots = 1, .has_fixture = true
	};

	ck_assert_uint_le(try_suite(&spec, DIST_LOAD, 8, 7 + (uint32_t)_i, 0), 110);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("simulator");
	TCase *tc = tcase_create("simulator");

	suite_add_tcase(s, tc);
	if (argc == 2 && strcmp(argv[1], "large") == 0) {
		tcase_set_timeout(tc, 3600);
		tcase_add_test(tc, large_runs_break_no_rule);
		return unit_main(s);
	}
	tcase_add_loop_test(tc, random_runs_break_no_rule, 0, 4);
	tcase_add_loop_test(tc, random_runs_in_which_lanes_die_break_no_rule, 0, 4);
	tcase_add_loop_test(tc, runs_with_little_to_wait_for_are_near_the_least_time, 0, 3);
	tcase_add_loop_test(tc, wide_units_are_not_starved, 0, 3);
	tcase_add_loop_test(tc, who_waits_for_a_fixture_runs_side_by_side, 0, 3);
	return unit_main(s);
}
