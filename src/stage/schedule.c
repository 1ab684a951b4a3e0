/* SPDX-License-Identifier: MIT
 *
 * Every step is linear in the tests or n log n: tests are first joined to what they must stay
 * together with (a group, `after`; a lock, where nobody keeps locks at run time), which makes units
 * of their own; what is left is cut into chunks, target by target and lock by lock.
 */
#include "stage/schedule.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/test.h"
#include "model/waits.h"
#include "stage/schedule_work.h"

enum {
	/* Chunks of one target for each lane: enough to even out what we expect wrongly. */
	CHUNKS_PER_LANE = 4,
	/* Chunks for each lane over all targets, one for each target beside: a process start for
	 * every other test would cost more than a lane that waits. */
	ALL_CHUNKS_PER_LANE = 16,
	/* Tests of unknown time that share a process although a lane may be idle. */
	UNKNOWN_TESTS = 4,
	/* A process start takes some milliseconds, or what was measured: a lane that waits for
	 * the last chunk of another loses half of it, a cut costs a start. */
	CHUNK_MIN_US = 20 * 1000,
	CHUNK_MIN_STARTS = 2,
	/* Where times are known, a chunk is this part in a hundred of what a lane would get of
	 * the rest, so that chunks get smaller, by few starts; but no less than this part of a
	 * lane's whole work. */
	CHUNK_PERCENT = 75,
	SMALLEST_PER_LANE = 32
};

/* Append a unit of these tests, in this order; the list is copied. */
static struct draft *add_draft(struct work *w, const uint32_t *tests, size_t n)
{
	struct draft d = { .unit = { .ntests = n, .home = NO_INDEX, .slots = 1 },
			   .first = UINT32_MAX };
	bool is_known = true;

	d.unit.tests = arena_alloc(&w->plan.mem, n, sizeof *d.unit.tests);
	memcpy(d.unit.tests, tests, n * sizeof *tests);
	for (size_t i = 0; i < n; i++) {
		const struct test *test = &w->t->tests[tests[i]];

		d.weight += w->costs.weights[tests[i]];
		d.has_failed = d.has_failed || w->costs.is_failed[tests[i]];
		is_known = is_known && w->costs.is_known[tests[i]];
		d.priority = i == 0 || test->priority > d.priority ? test->priority : d.priority;
		d.first = tests[i] < d.first ? tests[i] : d.first;
		d.unit.slots = test->slots > d.unit.slots ? test->slots : d.unit.slots;
		d.unit.is_exclusive = d.unit.is_exclusive || test->is_exclusive;
	}
	d.comes_first = d.has_failed;
	d.unit.cost_us = is_known ? d.weight : TIME_UNKNOWN;
	GROW(w->drafts, w->ndrafts, w->cap_drafts);
	w->drafts[w->ndrafts] = d;
	return &w->drafts[w->ndrafts++];
}

static void set_reason(struct work *w, struct draft *d, const struct buf *text)
{
	d->unit.reason = arena_memdup(&w->plan.mem, text->s, text->len);
}

/* A unit of what belongs together. */
static int add_linked(struct work *w, uint32_t *tests, size_t n, struct err *reterr)
{
	struct buf text = BUF_INIT;

	work_explain(w, tests, n, &text);
	int status = links_order(w->links, tests, n, reterr);

	if (status == 0) {
		struct draft *d = add_draft(w, tests, n);

		if (d->unit.is_exclusive)
			buf_addf(&text, "%sruns alone", text.len ? ", " : "");
		set_reason(w, d, &text);
	}
	buf_release(&text);
	return status;
}

/* --- chunks --- */

/* How much the next chunk of this target may weigh, of which so much is left. */
static uint64_t known_chunk_weight(const struct work *w, uint32_t target, uint64_t left)
{
	uint64_t nlanes = w->o->nlanes;
	uint64_t share = left / nlanes / 100 * CHUNK_PERCENT;
	uint64_t least = w->costs.total / (SMALLEST_PER_LANE * nlanes);
	uint64_t starts = CHUNK_MIN_STARTS * w->costs.starts[target];

	least = least > CHUNK_MIN_US ? least : CHUNK_MIN_US;
	least = least > starts ? least : starts;
	return share > least ? share : least;
}

/* The same where no time is known: n tests are to be cut. */
static uint64_t unknown_chunk_weight(const struct work *w, uint32_t target, size_t n)
{
	uint64_t weight = w->costs.target_weights[target];
	uint64_t nlanes = w->o->nlanes;
	uint64_t share = w->costs.total / (ALL_CHUNKS_PER_LANE * nlanes);
	uint64_t count = weight / (share ? share : 1) + 1;
	uint64_t least = (n + UNKNOWN_TESTS - 1) / UNKNOWN_TESTS;

	if (count > CHUNKS_PER_LANE * nlanes)
		count = CHUNKS_PER_LANE * nlanes;
	least = least < nlanes ? least : nlanes;
	if (count < least)
		count = least;
	return weight / count + (weight % count != 0);
}

static uint64_t sum_weights(const struct work *w, const uint32_t *tests, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += w->costs.weights[tests[i]];
	return sum;
}

static void add_chunk(struct work *w, const uint32_t *tests, size_t n)
{
	uint32_t all = w->costs.target_counts[w->t->tests[tests[0]].target];
	struct draft *d = add_draft(w, tests, n);
	struct buf text = BUF_INIT;

	if (n < all)
		buf_addf(&text, "%zu of %u tests of ", n, all);
	else if (n > 1)
		buf_addf(&text, "all %zu tests of ", n);
	buf_addstr(&text, work_target_name(w, tests[0]));
	if (w->locks[tests[0]])
		buf_addf(&text, ", lock '%s'", w->locks[tests[0]]);
	set_reason(w, d, &text);
	buf_release(&text);
}

/* Tests of one target, in order: a chunk ends before it gets too heavy, or the slots change. */
static void cut_chunks(struct work *w, const uint32_t *tests, size_t n)
{
	uint32_t target = w->t->tests[tests[0]].target;
	bool is_known = w->costs.is_target_known[target];
	bool is_whole = w->o->is_uncut || (w->bins && w->bins[tests[0]].is_whole);
	uint64_t left = sum_weights(w, tests, n);
	uint64_t limit =
		is_known ? known_chunk_weight(w, target, left) : unknown_chunk_weight(w, target, n);
	uint64_t weight = 0;
	size_t begin = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t more = w->costs.weights[tests[i]];

		bool is_heavy = !is_whole && more > 0 && weight + more > limit;
		bool may_end = i > begin && !work_is_inseparable(w, tests[i - 1], tests[i]);

		if (may_end &&
		    (is_heavy || (!w->o->is_uncut && w->t->tests[tests[i]].slots !=
							     w->t->tests[tests[i - 1]].slots))) {
			add_chunk(w, tests + begin, i - begin);
			begin = i;
			left -= weight;
			weight = 0;
			if (is_known)
				limit = known_chunk_weight(w, target, left);
		}
		weight += more;
	}
	add_chunk(w, tests + begin, n - begin);
}

/* Lists of tests side by side: those with bin b stand from starts[b] to starts[b + 1]. */
struct bins {
	size_t *starts;
	uint32_t *tests;
};

/* bin_of[i] is test i's bin, or NO_INDEX. */
static struct bins sort_into_bins(const uint32_t *bin_of, size_t ntests, size_t nbins)
{
	struct bins b = { .starts = xcalloc(nbins + 2, sizeof *b.starts),
			  .tests = xcalloc(ntests + 1, sizeof *b.tests) };

	for (size_t i = 0; i < ntests; i++) {
		if (bin_of[i] != NO_INDEX)
			b.starts[bin_of[i] + 2]++;
	}
	for (size_t k = 2; k < nbins + 2; k++)
		b.starts[k] += b.starts[k - 1];
	/* from here starts[k + 1] is where bin k goes on, and in the end where it ended */
	for (uint32_t i = 0; i < ntests; i++) {
		if (bin_of[i] != NO_INDEX)
			b.tests[b.starts[bin_of[i] + 1]++] = i;
	}
	return b;
}

static void bins_release(struct bins *b)
{
	free(b->starts);
	free(b->tests);
}

static int add_all_linked(struct work *w, struct bins *b, struct err *reterr)
{
	for (size_t k = 0; k < w->t->ntests; k++) {
		size_t n = b->starts[k + 1] - b->starts[k];
		uint32_t *tests = b->tests + b->starts[k];

		if ((n > 1 || (n == 1 && work_stands_apart(w, tests[0]))) &&
		    add_linked(w, tests, n, reterr) < 0)
			return -1;
	}
	return 0;
}

static void add_all_chunks(struct work *w, uint32_t *bin_of, const struct bins *linked)
{
	for (uint32_t i = 0; i < w->t->ntests; i++) {
		uint32_t root = bin_of[i];

		if (root == NO_INDEX)
			continue;
		bool is_linked = linked->starts[root + 1] - linked->starts[root] > 1 ||
				 work_stands_apart(w, i);

		bin_of[i] = is_linked ? NO_INDEX : w->t->tests[i].target;
		if (!is_linked && w->bins && w->bins[i].number != NO_INDEX)
			bin_of[i] = (uint32_t)w->t->ntargets + w->bins[i].number;
	}
	size_t nbins = w->t->ntargets + w->nbins;
	struct bins b = sort_into_bins(bin_of, w->t->ntests, nbins);

	for (size_t k = 0; k < nbins; k++) {
		if (b.starts[k + 1] > b.starts[k])
			cut_chunks(w, b.tests + b.starts[k], b.starts[k + 1] - b.starts[k]);
	}
	bins_release(&b);
}

static int draft_load(struct work *w, struct err *reterr)
{
	uint32_t *bin_of = xcalloc(w->t->ntests + 1, sizeof *bin_of);

	work_join_keys(w);
	if (w->o->joins_locks)
		work_join_locks(w);
	else
		work_find_bins(w);
	if (w->o->joins_resources && w->t->nresources > 0)
		work_join_resources(w);
	work_join_inseparable(w);
	if (!w->o->joins_after)
		work_join_circles(w);
	for (uint32_t i = 0; i < w->t->ntests; i++)
		bin_of[i] = w->t->tests[i].left_out ? NO_INDEX : links_root(w->links, i);
	struct bins b = sort_into_bins(bin_of, w->t->ntests, w->t->ntests);
	int status = add_all_linked(w, &b, reterr);

	if (status == 0)
		add_all_chunks(w, bin_of, &b);
	bins_release(&b);
	free(bin_of);
	return status;
}

/* --- no, each --- */

/* A unit of the tests with chosen[i] == which, in order; NULL if there are none (or on failure). */
static struct draft *add_chosen(struct work *w, const uint32_t *chosen, uint32_t which, int *status,
				struct err *reterr)
{
	uint32_t *tests = xcalloc(w->t->ntests + 1, sizeof *tests);
	struct draft *d = NULL;
	size_t n = 0;

	for (uint32_t i = 0; i < w->t->ntests; i++) {
		if (!w->t->tests[i].left_out && chosen[i] == which)
			tests[n++] = i;
	}
	*status = n > 0 ? links_order(w->links, tests, n, reterr) : 0;
	if (n > 0 && *status == 0)
		d = add_draft(w, tests, n);
	free(tests);
	return d;
}

/* The order else stays. */
static void put_failed_first(const struct work *w, uint32_t *tests, size_t n)
{
	uint32_t *sorted = xcalloc(n + 1, sizeof *sorted);
	size_t nsorted = 0;

	for (int first = 1; first >= 0; first--) {
		for (size_t i = 0; i < n; i++) {
			if (w->costs.is_failed[tests[i]] == (first == 1))
				sorted[nsorted++] = tests[i];
		}
	}
	if (n > 0)
		memcpy(tests, sorted, n * sizeof *tests);
	free(sorted);
}

static int draft_no(struct work *w, struct err *reterr)
{
	uint32_t *chosen = xcalloc(w->t->ntests + 1, sizeof *chosen);
	int status = 0;
	bool waits = false;

	/* what waits for others stays behind them: then the order is left alone */
	for (uint32_t i = 0; i < w->t->ntests; i++)
		waits = waits || links_waits(w->links, i);
	struct draft *d = add_chosen(w, chosen, 0, &status, reterr);

	if (d && w->o->is_failed_first && !waits)
		put_failed_first(w, d->unit.tests, d->unit.ntests);

	free(chosen);
	if (d)
		d->unit.reason = "every test, in order";
	return status;
}

/* Every lane has every test, so a test with a lock would run beside itself: it runs alone. */
static uint32_t *choose_alone(struct work *w)
{
	uint32_t *chosen = xcalloc(w->t->ntests + 1, sizeof *chosen);

	for (uint32_t i = 0; i < w->t->ntests; i++) {
		const struct test *test = &w->t->tests[i];

		if (!test->left_out && (test->is_exclusive || test->nlocks > 0))
			chosen[links_root(w->links, i)] = 1;
	}
	/* the root of each comes first */
	for (uint32_t i = 0; i < w->t->ntests; i++)
		chosen[i] = chosen[links_root(w->links, i)];
	return chosen;
}

static int draft_each(struct work *w, struct err *reterr)
{
	work_join_keys(w); /* none has any */
	work_join_inseparable(w);
	uint32_t *chosen = choose_alone(w);
	unsigned nlanes = w->o->nlanes;
	int status = 0;

	for (uint32_t which = 0; which < 2 && status == 0; which++) {
		const struct draft *d = add_chosen(w, chosen, which, &status, reterr);
		struct draft copy = { 0 };

		if (!d)
			continue;
		copy = *d;
		copy.unit.is_exclusive = which == 1 && nlanes > 1;
		copy.unit.reason = which == 0 ? "every test, on every worker"
					      : "tests that run alone, on every worker";
		w->ndrafts--;
		for (uint32_t lane = 0; lane < nlanes; lane++) {
			copy.unit.home = lane;
			GROW(w->drafts, w->ndrafts, w->cap_drafts);
			w->drafts[w->ndrafts++] = copy;
		}
	}
	free(chosen);
	return status;
}

/* --- the plan --- */

static int compare_collected(const void *a, const void *b)
{
	const struct draft *x = a;
	const struct draft *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->unit.home < y->unit.home ? -1 : x->unit.home > y->unit.home;
}

static int compare_start(const void *a, const void *b)
{
	const struct draft *x = a;
	const struct draft *y = b;

	if (x->unit.is_exclusive != y->unit.is_exclusive)
		return x->unit.is_exclusive ? 1 : -1;
	if (x->comes_first != y->comes_first)
		return x->comes_first ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return compare_collected(a, b);
}

static void sort_drafts(struct work *w, int (*compare)(const void *, const void *))
{
	if (w->ndrafts > 1) /* qsort() takes no NULL, not even for nothing */
		qsort(w->drafts, w->ndrafts, sizeof *w->drafts, compare);
}

/* Neighbours get the same home: every lane a stretch of about the same weight. */
static void set_homes(struct work *w)
{
	uint64_t total = 0;
	uint64_t before = 0;

	sort_drafts(w, compare_collected);
	for (size_t i = 0; i < w->ndrafts; i++)
		total += w->drafts[i].unit.is_exclusive ? 0 : w->drafts[i].weight;
	uint64_t stretch = total / w->plan.nlanes + 1;

	for (size_t i = 0; i < w->ndrafts; i++) {
		struct draft *d = &w->drafts[i];

		if (d->unit.is_exclusive)
			continue;
		d->unit.home = (uint32_t)((before + d->weight / 2) / stretch);
		before += d->weight;
	}
}

/* No more lanes than can have work at once. */
static void set_lanes(struct work *w)
{
	struct plan *p = &w->plan;
	size_t n = w->nparallel;

	p->nlanes = w->o->nlanes;
	p->nslots = w->o->nlanes;
	p->lanes_reason = arena_strdup(&p->mem, w->o->lanes_reason ? w->o->lanes_reason : "");
	if (w->ndrafts > 0 && w->o->dist == DIST_EACH)
		return;
	n = n ? n : 1;
	if (n < p->nlanes) {
		p->nlanes = (unsigned)n;
		p->lanes_reason =
			w->has_waiting ? "no more units can run at once" : "one for each unit";
	}
}

static const char *failed_reason(struct plan *p, const char *reason)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s, failed last time", reason);
	const char *kept = arena_memdup(&p->mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

/* "u1", or "u1 and 4 more". */
static void explain_waits(struct plan *p, const struct tests *t)
{
	struct waits waits = waits_of_plan(p, t);
	struct buf text = BUF_INIT;

	for (size_t u = 0; waits.numbers && u < p->nunits; u++) {
		size_t n = waits.starts[u + 1] - waits.starts[u];

		if (n == 0)
			continue;
		buf_clear(&text);
		buf_addf(&text, "%s, after %s", p->units[u].reason,
			 p->units[waits.numbers[waits.starts[u]]].name);
		if (n > 1)
			buf_addf(&text, " and %zu more", n - 1);
		p->units[u].reason = arena_memdup(&p->mem, text.s, text.len);
	}
	buf_release(&text);
	waits_release(&waits);
}

static void set_units(struct work *w)
{
	struct plan *p = &w->plan;

	sort_drafts(w, compare_start);
	p->units = xcalloc(w->ndrafts + 1, sizeof *p->units);
	p->cap_units = w->ndrafts + 1;
	for (size_t i = 0; i < w->ndrafts; i++) {
		char name[32];
		int len = snprintf(name, sizeof name, "u%zu", i + 1);

		p->units[i] = w->drafts[i].unit;
		p->units[i].name = arena_memdup(&p->mem, name, (size_t)len);
		if (w->drafts[i].has_failed && w->o->dist != DIST_NO)
			p->units[i].reason = failed_reason(p, p->units[i].reason);
	}
	p->nunits = w->ndrafts;
	explain_waits(p, w->t);
}

static int draft(struct work *w, struct err *reterr)
{
	switch (w->o->dist) {
	case DIST_NO:
		return draft_no(w, reterr);
	case DIST_EACH:
		return draft_each(w, reterr);
	case DIST_LOAD:
	case DIST_LOADSCOPE:
	case DIST_LOADFILE:
	case DIST_LOADGROUP:
	case DIST_WORKSTEAL:
		break;
	}
	return draft_load(w, reterr);
}

int schedule_run(const struct schedule_options *o, const struct tests *t, struct plan *ret,
		 struct err *reterr)
{
	struct work w = {
		.o = o,
		.t = t,
		.links = links_new(t, o->joins_after || o->dist == DIST_EACH),
		.costs = costs_read(o, t),
		.keys = xcalloc(t->ntests + 1, sizeof *w.keys),
		.locks = xcalloc(t->ntests + 1, sizeof *w.locks),
		.plan = { .dist = o->dist },
	};
	int status = draft(&w, reterr);

	if (status == 0) {
		work_rank(&w);
		work_rank_after(&w);
		set_lanes(&w);
		if (o->dist == DIST_WORKSTEAL)
			set_homes(&w);
		set_units(&w);
		*ret = w.plan;
	} else {
		plan_release(&w.plan);
	}
	links_free(w.links);
	costs_release(&w.costs);
	free(w.keys);
	free(w.locks);
	free(w.bins);
	free(w.drafts);
	return status;
}
