/* SPDX-License-Identifier: MIT
 *
 * A lane takes one unit after the other: its own first where the plan says so, then whatever is
 * free, in the plan's order, which is longest expected first, and at last what lanes that died had
 * taken.  Of such a unit only the rest is run; the test in flight is charged to the dead lane.
 */
#include "stage/execute.h"

#include <errno.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/err.h"
#include "format/files.h"
#include "format/journal.h"
#include "model/plan.h"
#include "model/resources.h"
#include "model/run.h"
#include "stage/execute_batch.h"
#include "stage/execute_resources.h"
#include "sys/claims.h"
#include "sys/fs.h"
#include "sys/proc.h"

/* Units that run as one: so many, and not expected to take longer. */
enum { MAX_PACK = 64, LONG_PACK_US = 60000 };

struct pack;

struct queue {
	struct claims *claims;
	const struct plan *plan;
	uint32_t lane;
	struct resources resources;
	bool has_exclusive;
	bool *is_told;    /* of each unit that failed elsewhere: lane->failed has its tests */
	uint64_t pace_us; /* what a test of pace_target took last; TIME_UNKNOWN: none ran yet */
	uint32_t pace_target;
	struct lane *worker; /* who runs, and what, for take_further() */
	struct pack *pack;
};

static bool may_take(const struct queue *q, size_t i)
{
	return claims_state(q->claims, i, NULL) == CLAIM_FREE && claims_take(q->claims, i, q->lane);
}

/* Nothing is free: a unit that a lane took and cannot end, or NO_INDEX. */
static size_t queue_adopt(struct queue *q)
{
	for (size_t i = 0; i < q->plan->nunits && q->plan->dist != DIST_EACH; i++) {
		if (claims_adopt(q->claims, i, q->lane))
			return i;
	}
	return NO_INDEX;
}

static int read_past(struct lane *lane, const struct plan *p, struct err *reterr)
{
	const struct execute_options *o = lane->options;
	const struct past_options options = {
		.lanedirs = o->lanedirs,
		.nlanedirs = o->nlanedirs,
		.only_lane = p->dist == DIST_EACH ? o->lane : NO_INDEX,
		.but_dir = o->lanedir,
		.base = claims_base(lane->claims),
		.failed = &lane->failed,
	};

	if (past_read(&lane->past, &options, lane->run, lane->tests, reterr) < 0)
		return -1;
	rerun_take_past(&lane->rerun, &lane->past);
	return 0;
}

/* Whether a set-up passed is known before the process starts, and which resources it has: all of a
 * batch await the same. */
static bool awaits_other(const struct test *a, const struct test *b)
{
	bool is_other = a->npassed != b->npassed || !needs_are_same(a, b);

	for (size_t i = 0; i < a->npassed && !is_other; i++)
		is_other = strcmp(a->passed[i], b->passed[i]) != 0;
	return is_other;
}

/* How many tests from the first on one process may be given. */
static size_t batch_size(const struct lane *lane, const uint32_t *tests, size_t n)
{
	const struct tests *all = lane->tests;
	uint32_t target = all->tests[tests[0]].target;
	const struct adapter *a = adapter_by_name(all->targets[target].adapter);
	size_t size = 1;

	if (!a || lane->run->is_isolated)
		return 1;
	const struct test *first = &all->tests[tests[0]];

	while (size < n && size < a->max_batch && all->tests[tests[size]].target == target &&
	       !awaits_other(first, &all->tests[tests[size]]) &&
	       (!a->may_join || a->may_join(first, &all->tests[tests[size]])))
		size++;
	return size;
}

/* Units that this lane claimed and runs one behind the other, in one process where that can be. */
struct pack {
	uint32_t *units;
	size_t n, cap;
	size_t ntests;
	uint32_t *todo; /* of its tests, those that are not decided */
	size_t ntodo, cap_todo;
};

static void pack_add(struct pack *pack, const struct plan *p, size_t unit)
{
	GROW(pack->units, pack->n, pack->cap);
	pack->units[pack->n++] = (uint32_t)unit;
	pack->ntests += p->units[unit].ntests;
}

static void pack_release(struct pack *pack)
{
	free(pack->units);
	free(pack->todo);
}

static void wait_before_rerun(const struct lane *lane)
{
	enum { LOOK_US = 10 * 1000 };
	const struct execute_options *o = lane->options;
	uint64_t until_us = proc_now_us() + lane->run->rerun_delay_us;

	for (uint64_t now_us = proc_now_us(); now_us < until_us && !lane_is_stopped(lane);
	     now_us = proc_now_us()) {
		usleep(until_us - now_us < LOOK_US ? (useconds_t)(until_us - now_us) : LOOK_US);
		if (o->on_journal)
			o->on_journal(o->on_journal_ctx);
	}
}

/* What failed in the last batch is tried again, each attempt in a process of its own. */
static int run_again(struct lane *lane, struct err *reterr)
{
	struct rerun *r = &lane->rerun;
	int status = 0;

	for (size_t i = 0, n = r->nagain; i < n && status == 0 && !lane_is_stopped(lane);) {
		wait_before_rerun(lane);
		if (lane_is_stopped(lane))
			break;
		status = batch_run(lane, &r->again[i], 1, reterr);
		if (r->nagain > n)
			r->nagain = n; /* it failed, and is tried once more */
		else
			i++;
	}
	r->nagain = 0;
	return status;
}

static int run_tests(struct lane *lane, const uint32_t *tests, size_t n, struct err *reterr)
{
	for (size_t i = 0, size = 0; i < n && !lane_is_stopped(lane); i += size) {
		bool is_over = false;

		/* what a test of the same unit may have decided meanwhile */
		if (lane->tests->tests[tests[i]].npassed > 0 &&
		    lane_record_decided(lane, tests[i], &is_over, reterr) < 0)
			return -1;
		if (is_over) {
			size = 1;
			continue;
		}
		size = batch_size(lane, tests + i, n - i);
		if (batch_run(lane, tests + i, size, reterr) < 0 || run_again(lane, reterr) < 0)
			return -1;
	}
	return 0;
}

/* The unit begins: what of it is to run is added to todo. */
static int begin_unit(struct lane *lane, const struct plan *p, struct pack *pack, size_t unit,
		      struct err *reterr)
{
	const struct unit *u = &p->units[unit];
	int ret = journal_unit(lane->journal, (uint32_t)unit, reterr);

	for (size_t i = 0; i < u->ntests && ret == 0 && !lane_is_stopped(lane); i++) {
		bool is_over = false;

		ret = lane_record_decided(lane, u->tests[i], &is_over, reterr);
		if (is_over)
			continue;
		GROW(pack->todo, pack->ntodo, pack->cap_todo);
		pack->todo[pack->ntodo++] = u->tests[i];
	}
	return ret;
}

static int run_pack(struct lane *lane, const struct plan *p, struct pack *pack, struct err *reterr)
{
	uint32_t *todo = NULL;
	size_t ntodo = 0;
	int ret = 0;

	for (size_t k = 0; k < pack->n && ret == 0; k++)
		ret = begin_unit(lane, p, pack, pack->units[k], reterr);
	/* the pack may grow while these run */
	todo = pack->todo;
	ntodo = pack->ntodo;
	pack->todo = NULL;
	pack->ntodo = pack->cap_todo = 0;
	if (ret == 0)
		ret = run_tests(lane, todo, ntodo, reterr);
	free(todo);
	for (size_t k = 0; k < pack->n && ret == 0 && !lane_is_stopped(lane); k++)
		ret = journal_unit_done(lane->journal, pack->units[k], reterr);
	return ret;
}

/* All tests of the unit are of one target whose framework runs many in a process. */
static bool is_batch(const struct lane *lane, const struct unit *u, uint32_t *target)
{
	const struct test *tests = lane->tests->tests;

	*target = tests[u->tests[0]].target;
	const struct adapter *a = adapter_by_name(lane->tests->targets[*target].adapter);
	const struct test *first = &tests[u->tests[0]];

	return a && a->max_batch > 1 && !(a->must_join && a->must_join(first, first)) &&
	       !u->is_exclusive && tests[u->tests[u->ntests - 1]].target == *target;
}

/*
 * The plan cuts what it does not know small, so that lanes end together.  Where the first pieces
 * went by quickly, the start of a process costs more than that is worth: take further units of the
 * same target at once, up to this lane's share and some tens of milliseconds.
 */
static void take_more(struct queue *q, const struct lane *lane, struct pack *pack)
{
	const struct plan *p = q->plan;
	uint32_t target = NO_INDEX, next = NO_INDEX;
	struct pick *pick = &q->resources.pick;
	size_t next_unit = pick->next;
	size_t share = (p->nunits - next_unit + p->nlanes - 1) / p->nlanes;

	if (pick->has_homes || lane->run->is_isolated || q->pace_us == TIME_UNKNOWN ||
	    !is_batch(lane, &p->units[pack->units[0]], &target) || target != q->pace_target)
		return;
	for (; pack->n < MAX_PACK && pack->n <= share && next_unit < p->nunits; next_unit++) {
		const struct unit *u = &p->units[next_unit];

		if (!is_batch(lane, u, &next) || next != target ||
		    !pick_may_join(pick, next_unit, pack->units[0]) ||
		    (pack->ntests + u->ntests) * q->pace_us > LONG_PACK_US ||
		    !may_take(q, next_unit))
			break;
		pack_add(pack, p, next_unit);
	}
}

/* Whose set-up failed is not run, whoever ran the set-up: all that the unit waited for is over. */
static int hear_failures(struct queue *q, struct lane *lane, size_t unit, struct err *reterr)
{
	const struct waits *w = &q->resources.pick.waits;
	bool is_news = false;

	for (size_t i = w->numbers ? w->starts[unit] : 0; w->numbers && i < w->starts[unit + 1];
	     i++) {
		uint32_t before = w->numbers[i], by = 0;

		claims_state(q->claims, before, &by);
		if (by == q->lane || q->is_told[before] || !claims_has_failed(q->claims, before))
			continue;
		q->is_told[before] = true;
		is_news = true;
	}
	return is_news ? read_past(lane, q->plan, reterr) : 0;
}

static bool has_failed(const struct lane *lane, const struct unit *u)
{
	for (size_t i = 0; lane->failed.nkeys > 0 && i < u->ntests; i++) {
		const char *id = lane->tests->tests[u->tests[i]].id;
		size_t index = 0;

		if (map_get(&lane->failed, id, strlen(id), &index))
			return true;
	}
	return false;
}

/* As many as there are at most: a unit that wants more runs alone. */
static unsigned slots_of(const struct plan *p, const struct unit *u)
{
	unsigned most = p->nslots > p->nlanes ? p->nslots : p->nlanes;

	return u->slots < most ? u->slots : most;
}

/* --- a process that takes further units while it runs --- */

/* May the pack have this unit too?  Then it is ours. */
static bool take_joint(struct queue *q, size_t i)
{
	const struct plan *p = q->plan;
	uint32_t first = q->pack->units[0], target = NO_INDEX, other = NO_INDEX;

	return claims_state(q->claims, i, NULL) == CLAIM_FREE &&
	       is_batch(q->worker, &p->units[first], &target) &&
	       is_batch(q->worker, &p->units[i], &other) && other == target &&
	       pick_may_join(&q->resources.pick, i, first) && may_take(q, i);
}

/* In the plan's order, ours first; of other lanes' the last. */
static size_t next_joint(struct queue *q)
{
	const struct plan *p = q->plan;

	for (size_t i = 0; i < p->nunits; i++) {
		bool is_ours = p->units[i].home == NO_INDEX || p->units[i].home == q->lane;

		if (is_ours && take_joint(q, i))
			return i;
	}
	for (size_t i = p->nunits; i-- > 0 && p->dist != DIST_EACH;) {
		if (take_joint(q, i))
			return i;
	}
	return NO_INDEX;
}

static size_t take_further(void *ctx, const uint32_t **ret, struct err *reterr)
{
	struct queue *q = ctx;
	struct pack *pack = q->pack;

	pack->ntodo = 0;
	while (pack->ntodo == 0 && !lane_is_stopped(q->worker)) {
		size_t unit = next_joint(q);

		if (unit == NO_INDEX)
			break;
		pack_add(pack, q->plan, unit);
		if (hear_failures(q, q->worker, unit, reterr) < 0 ||
		    begin_unit(q->worker, q->plan, pack, unit, reterr) < 0)
			return 0;
	}
	*ret = pack->todo;
	return pack->ntodo;
}

/* The units are claimed; run them, alone if they must be. */
static int run_claimed(struct queue *q, struct lane *lane, struct pack *pack, struct err *reterr)
{
	const struct unit *first = &q->plan->units[pack->units[0]];
	uint64_t began_us = proc_now_us();

	if (q->has_exclusive && claims_enter(lane->claims, first->is_exclusive, reterr) < 0)
		return -1;
	lane_have_slots(lane, slots_of(q->plan, first));
	lane->more = take_further;
	lane->more_ctx = q;
	q->worker = lane;
	q->pack = pack;
	int ret = run_pack(lane, q->plan, pack, reterr);

	lane->more = NULL;
	/* who may have to wait for other lanes waits with empty hands */
	if (q->has_exclusive || q->resources.gate)
		lane_have_slots(lane, 0);
	if (q->has_exclusive)
		claims_leave(lane->claims);
	for (size_t k = 0; k < pack->n && ret == 0 && !lane_is_stopped(lane); k++)
		claims_done(lane->claims, pack->units[k],
			    has_failed(lane, &q->plan->units[pack->units[k]]));
	q->pace_us = (proc_now_us() - began_us) / pack->ntests;
	q->pace_target = lane->tests->tests[first->tests[0]].target;
	return ret;
}

/* Nothing is free; *ret is false where nothing is left either. */
static int take_adopted(struct queue *q, struct lane *lane, size_t *unit, bool *ret,
			struct err *reterr)
{
	*ret = false;
	*unit = queue_adopt(q);
	if (*unit == NO_INDEX)
		return 0;
	if (read_past(lane, q->plan, reterr) < 0)
		return -1;
	return resources_take(&q->resources, *unit, ret, reterr);
}

static int run_all(struct queue *q, struct lane *lane, struct err *reterr)
{
	int ret = 0;

	while (ret == 0 && !lane_is_stopped(lane)) {
		struct pack pack = { 0 };
		size_t i = NO_INDEX;
		bool is_ours = true, is_more = false;

		if (resources_next(&q->resources, &i, &is_more, reterr) < 0)
			return -1;
		if (lane_is_stopped(lane))
			break;
		if (i == NO_INDEX && take_adopted(q, lane, &i, &is_ours, reterr) < 0)
			return -1;
		if (!is_ours && is_more) {
			resources_nap(&q->resources);
			continue;
		}
		if (!is_ours)
			break;
		pack_add(&pack, q->plan, i);
		take_more(q, lane, &pack);
		for (size_t k = 0; k < pack.n && ret == 0; k++)
			ret = hear_failures(q, lane, pack.units[k], reterr);
		if (ret == 0)
			ret = run_claimed(q, lane, &pack, reterr);
		pack_release(&pack);
		resources_give(&q->resources);
	}
	return ret;
}

static int run_queue(struct lane *lane, const struct plan *p, struct err *reterr)
{
	struct queue q = { .claims = lane->claims,
			   .plan = p,
			   .lane = lane->options->lane,
			   .pace_us = TIME_UNKNOWN };

	for (size_t i = 0; i < p->nunits; i++)
		q.has_exclusive = q.has_exclusive || p->units[i].is_exclusive;
	if ((claims_round(lane->claims) > 1 && read_past(lane, p, reterr) < 0) ||
	    resources_open(&q.resources, lane, p, reterr) < 0)
		return -1;
	lane->grants = pick_grants(&q.resources.pick);
	q.is_told = xcalloc(p->nunits + 1, sizeof *q.is_told);
	int ret = run_all(&q, lane, reterr);

	lane->grants = NULL;
	free(q.is_told);
	lane_have_slots(lane, 0);
	resources_close(&q.resources);
	return ret;
}

int execute_lane(const struct execute_options *o, const struct run *run, const struct tests *t,
		 const struct plan *p, struct err *reterr)
{
	struct lane lane = { .options = o, .run = run, .tests = t, .began_us = run->began_us };
	char *tmp = NULL;
	int ret = -1;

	proc_become_reaper();
	if (lane_make_folders(&lane, &tmp, reterr) < 0)
		goto out;
	if (rerun_open(&lane.rerun, run, t, reterr) < 0)
		goto out;
	if (lane_cov_open(&lane.cov, run, o->lanedir, reterr) < 0)
		goto out;
	lane.env = lane_env_make(&lane.mem, run, o->lane, tmp);
	lane_env_add(&lane.env, &lane.mem, lane_cov_vars(&lane.cov, &lane.mem));
	lane.journal = journal_create(o->lanedir, o->lane, reterr);
	if (!lane.journal)
		goto out;
	if (o->unit != NO_INDEX) {
		struct pack pack = { 0 };

		pack_add(&pack, p, o->unit);
		lane_have_slots(&lane, p->units[o->unit].slots);
		ret = run_pack(&lane, p, &pack, reterr);
		pack_release(&pack);
		lane_have_slots(&lane, 0);
	} else {
		const char *path = fs_join(&lane.mem, o->rundir, "claims");

		lane.claims = claims_open(path, p->nunits, run_identity(run), reterr);
		if (lane.claims && claims_join(lane.claims, o->lane, reterr) == 0)
			ret = run_queue(&lane, p, reterr);
	}
	if (ret == 0)
		ret = lane_cov_close(&lane.cov, reterr);
	if (ret == 0 && o->stop && o->stop(o->stop_ctx) != 0) {
		if (lane.claims)
			claims_stop(lane.claims, STOP_INTERRUPT);
		ret = err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted");
	}
	if (ret == 0) {
		struct journal *j = lane.journal;

		lane.journal = NULL;
		ret = journal_close(j, reterr);
	}
	/* what tests left in their TMPDIR is theirs, and goes */
	fs_remove_tree(tmp, NULL);
	fs_remove_tree(lane.scratch, NULL);
out:
	warm_close(&lane.warm);
	lane_cov_close(&lane.cov, NULL);
	journal_abandon(lane.journal);
	claims_close(lane.claims);
	map_release(&lane.failed);
	past_release(&lane.past);
	rerun_release(&lane.rerun);
	arena_release(&lane.mem);
	return ret;
}
