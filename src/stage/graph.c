/* SPDX-License-Identifier: MIT
 *
 * Paths are written as seen from the folder the tool works in, so that what lies above it matters
 * to nobody.  An input that the dialect cannot name, or that is not there, is left out, visibly;
 * what then lacks its program runs every time.
 */
#include "stage/graph.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/files.h"
#include "format/makefile.h"
#include "format/ninjafile.h"
#include "model/plan.h"
#include "model/test.h"
#include "stage/graph_names.h"
#include "sys/fs.h"

/* Names of the file's own; the header promises the first three. */
#define LANES   "lanes"
#define JUNIT   "junit.xml"
#define VERDICT "verdict"
#define SHARED  "gangway_shared" /* all units but the exclusive ones */
/* In a part. */
#define PART_LANES "gangway_lanes"
#define PART_JUNIT "gangway_junit"

struct paths {
	const char **items;
	size_t n, cap;
};

struct graph {
	const struct graph_options *o;
	const struct plan *plan;
	const struct tests *tests;
	const struct jobfile *dialect;
	struct arena mem;
	const char *workdir, *rundir; /* absolute, tidy */
	const char *dir;       /* the run's folder as outputs name it; NULL: it cannot be said */
	const char *dir_word;  /* the same in commands, which can say everything */
	const char **programs; /* of each target; NULL: not looked at yet; "": left out */
	const char **outputs;  /* of each lane (queue) or unit */
	size_t noutputs;
	struct buf *out;
};

static void paths_add(struct paths *p, const char *path)
{
	GROW(p->items, p->n, p->cap);
	p->items[p->n++] = path;
}

/* As seen from the working folder: relative where it is below, else absolute; or, if only that
 * can be said, over "..".  NULL: not at all. */
static const char *say_path(struct graph *g, const char *absolute)
{
	const char *relative = fs_relative(&g->mem, g->workdir, absolute);
	bool is_above = strcmp(relative, "..") == 0 || strncmp(relative, "../", 3) == 0;

	if (is_above && g->dialect->can_say(absolute))
		return absolute;
	return g->dialect->can_say(relative) ? relative : NULL;
}

/* A file below the run's folder. */
static const char *in_rundir(struct graph *g, const char *name)
{
	return strcmp(g->dir, ".") == 0 ? arena_strdup(&g->mem, name)
					: fs_join(&g->mem, g->dir, name);
}

/* --- inputs --- */

static void leave_out(struct graph *g, const char *path, const char *why)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "input '%s' is left out: %s", path, why);
	g->dialect->comment(g->out, text.s);
	buf_release(&text);
}

/* NULL where the file is no input. */
static const char *say_input(struct graph *g, const char *path, bool is_built)
{
	const char *absolute = fs_absolute(&g->mem, g->workdir, path);
	const char *said = NULL;

	if (!is_built && !fs_exists(absolute)) {
		leave_out(g, absolute, "it is not there");
		return NULL;
	}
	said = say_path(g, absolute);
	if (!said)
		leave_out(g, absolute, "its name cannot be written here");
	return said;
}

/* The target's program; "" if it has none that can be an input. */
static const char *say_program(struct graph *g, uint32_t target)
{
	if (!g->programs[target]) {
		const char *program = g->tests->targets[target].program;
		const char *said =
			program && *program ? say_input(g, program, g->o->is_part) : NULL;

		g->programs[target] = said ? said : "";
	}
	return g->programs[target];
}

/* Does a process start for it at all? */
static bool is_started(const struct test *t)
{
	return !t->skip_reason && !t->error;
}

/*
 * Add what these tests need to inputs; false if the program of one of them is not among them.
 * `seen` has a flag for each target, set for those that were added.
 */
static bool add_programs(struct graph *g, const struct unit *u, bool *seen, struct paths *inputs)
{
	bool is_whole = true;

	for (size_t i = 0; i < u->ntests; i++) {
		const struct test *t = &g->tests->tests[u->tests[i]];
		const char *program = is_started(t) ? say_program(g, t->target) : "";

		if (!is_started(t))
			continue;
		is_whole = is_whole && *program;
		if (*program && !seen[t->target])
			paths_add(inputs, program);
		seen[t->target] = true;
	}
	return is_whole;
}

static void clear_seen(const struct graph *g, const struct unit *u, bool *seen)
{
	for (size_t i = 0; i < u->ntests; i++)
		seen[g->tests->tests[u->tests[i]].target] = false;
}

/* Declared data of the tests; the same file is often declared by neighbours. */
static void add_needs(struct graph *g, const struct unit *u, struct paths *inputs)
{
	const char *last = "";

	for (size_t i = 0; i < u->ntests; i++) {
		const struct test *t = &g->tests->tests[u->tests[i]];

		for (size_t k = 0; is_started(t) && k < t->nneeds; k++) {
			const char *said =
				strcmp(last, t->needs[k]) ? say_input(g, t->needs[k], false) : NULL;

			last = t->needs[k];
			if (said)
				paths_add(inputs, said);
		}
	}
}

/* --- rules --- */

struct rules {
	struct jobfile_rule worker, merge, verdict;
	const char *worker_words[4], *merge_words[4], *verdict_words[3];
};

static void put_rules(struct graph *g, struct rules *r)
{
	*r = (struct rules){
		.worker_words = { g->o->gangway, "worker", "--run", g->dir_word },
		.merge_words = { g->o->gangway, "merge", "run", g->dir_word },
		.verdict_words = { g->o->gangway, "verdict", g->dir_word },
	};
	/* A worker that died leaves its journal: the verdict tells of it, so it must be reached. */
	r->worker = (struct jobfile_rule){ .name = "worker",
					   .words = r->worker_words,
					   .nwords = ARRAY_SIZE(r->worker_words),
					   .is_lenient = true,
					   .is_by_inputs = g->o->shape == GRAPH_LANES };
	r->merge = (struct jobfile_rule){ .name = "merge",
					  .words = r->merge_words,
					  .nwords = ARRAY_SIZE(r->merge_words) };
	r->verdict = (struct jobfile_rule){ .name = "verdict",
					    .words = r->verdict_words,
					    .nwords = ARRAY_SIZE(r->verdict_words),
					    .is_live = true };
	g->dialect->rule(g->out, &r->worker);
	g->dialect->rule(g->out, &r->merge);
	g->dialect->rule(g->out, &r->verdict);
}

/* --- queue --- */

static void put_queue(struct graph *g, const struct jobfile_rule *worker)
{
	bool *seen = xcalloc(g->tests->ntargets + 1, sizeof *seen);
	struct paths inputs = { 0 };
	bool is_whole = true;

	for (size_t i = 0; i < g->plan->nunits; i++)
		is_whole = add_programs(g, &g->plan->units[i], seen, &inputs) && is_whole;
	if (g->dir)
		paths_add(&inputs, in_rundir(g, "plan.tsv"));
	for (unsigned lane = 0; lane < g->plan->nlanes; lane++) {
		char name[64];
		char args[64];
		char round[16] = "";

		if (g->o->is_idle && g->o->is_idle[lane])
			continue;
		if (g->o->round > 1)
			snprintf(round, sizeof round, ".%u", g->o->round);
		snprintf(name, sizeof name, "gw%u%s%s", lane, round, g->dir ? "/" JUNIT : "");
		snprintf(args, sizeof args, "--lane %u", lane);
		const struct jobfile_job job = {
			.rule = worker,
			.output = g->dir ? in_rundir(g, name) : arena_strdup(&g->mem, name),
			.is_name = !g->dir,
			.is_always = !is_whole,
			.args = args,
			.inputs = inputs.items,
			.ninputs = inputs.n,
			.lane = NO_INDEX,
		};

		g->dialect->job(g->out, &job);
		g->outputs[g->noutputs++] = job.output;
	}
	free(inputs.items);
	free(seen);
}

/* --- lanes: each unit goes to the lane that is free first, the longest first --- */

struct lane_state {
	uint64_t load; /* sum of what it has */
	uint32_t last; /* its last unit so far; NO_INDEX: none */
	bool is_chosen;
};

struct layout {
	struct lane_state *lanes;
	unsigned nlanes;
	uint32_t *primary;  /* of each unit laid out: the lane that its command names */
	uint64_t test_mean; /* for units of unknown time */
	uint32_t *chosen;   /* lanes of the unit at hand, the primary one first */
	unsigned nchosen;
	uint32_t last_alone; /* last exclusive unit; NO_INDEX: none yet */
	bool has_shared;     /* the alias for all others is written */
};

static uint64_t mean_of_tests(const struct plan *p)
{
	uint64_t sum = 0;
	uint64_t n = 0;

	for (size_t i = 0; i < p->nunits; i++) {
		if (p->units[i].cost_us != TIME_UNKNOWN) {
			sum += p->units[i].cost_us;
			n += p->units[i].ntests;
		}
	}
	return n > 0 && sum / n > 0 ? sum / n : 1;
}

static uint32_t least_loaded(const struct layout *l)
{
	uint32_t best = NO_INDEX;

	for (uint32_t i = 0; i < l->nlanes; i++) {
		if (!l->lanes[i].is_chosen &&
		    (best == NO_INDEX || l->lanes[i].load < l->lanes[best].load))
			best = i;
	}
	return best;
}

/* As many lanes as the unit has slots; a unit with a home has that one first. */
static void choose_lanes(struct layout *l, const struct plan *p, uint32_t unit)
{
	const struct unit *u = &p->units[unit];
	uint64_t weight = u->cost_us == TIME_UNKNOWN ? l->test_mean * u->ntests : u->cost_us;
	unsigned slots = u->slots < l->nlanes ? u->slots : l->nlanes;
	uint64_t begin = 0;

	l->nchosen = 0;
	do {
		bool goes_home = p->dist == DIST_EACH && u->home < l->nlanes && l->nchosen == 0;
		uint32_t lane = goes_home ? u->home : least_loaded(l);

		l->lanes[lane].is_chosen = true;
		begin = l->lanes[lane].load > begin ? l->lanes[lane].load : begin;
		l->chosen[l->nchosen++] = lane;
	} while (l->nchosen < slots);
	for (unsigned i = 0; i < l->nchosen; i++) {
		l->lanes[l->chosen[i]].load = begin + weight;
		l->lanes[l->chosen[i]].is_chosen = false;
	}
	l->primary[unit] = l->chosen[0];
}

/* What must be over before the unit begins, beside what a pool sees to. */
static void add_after(struct graph *g, struct layout *l, uint32_t unit, struct paths *after)
{
	bool is_exclusive = g->plan->units[unit].is_exclusive;

	for (unsigned i = 0; i < l->nchosen; i++) {
		struct lane_state *lane = &l->lanes[l->chosen[i]];
		bool has_pool = g->dialect->has_pools && i == 0 && lane->last != NO_INDEX &&
				l->primary[lane->last] == l->chosen[0];

		if (!is_exclusive && lane->last != NO_INDEX && !has_pool)
			paths_add(after, g->outputs[lane->last]);
		lane->last = unit;
	}
	if (is_exclusive) {
		paths_add(after, l->last_alone == NO_INDEX ? SHARED : g->outputs[l->last_alone]);
		l->last_alone = unit;
	}
}

static void put_unit(struct graph *g, struct layout *l, uint32_t unit, bool *seen,
		     const struct jobfile_rule *worker)
{
	const struct unit *u = &g->plan->units[unit];
	struct paths inputs = { 0 };
	struct paths after = { 0 };
	char args[96];

	choose_lanes(l, g->plan, unit);
	bool is_whole = add_programs(g, u, seen, &inputs);

	clear_seen(g, u, seen);
	add_needs(g, u, &inputs);
	add_after(g, l, unit, &after);
	snprintf(args, sizeof args, "--lane %u --unit %s", l->chosen[0], u->name);
	const struct jobfile_job job = {
		.rule = worker,
		.output = g->outputs[unit],
		.is_name = !g->dir,
		.is_always = !is_whole,
		.args = args,
		.inputs = inputs.items,
		.ninputs = inputs.n,
		.after = after.items,
		.nafter = after.n,
		.lane = l->chosen[0],
	};

	g->dialect->job(g->out, &job);
	free(inputs.items);
	free(after.items);
}

static void name_units(struct graph *g)
{
	const struct plan *p = g->plan;

	for (size_t i = 0; i < p->nunits; i++) {
		char name[64];

		if (p->units[i].folder)
			snprintf(name, sizeof name, "units/%s/" JUNIT, p->units[i].folder);
		else
			snprintf(name, sizeof name, "units/%016" PRIx64 "/" JUNIT,
				 unit_hash(&p->units[i], g->tests));
		g->outputs[i] = g->dir ? in_rundir(g, name) : p->units[i].name;
	}
	g->noutputs = p->nunits;
}

static void put_lanes(struct graph *g, const struct jobfile_rule *worker)
{
	const struct plan *p = g->plan;
	bool *seen = xcalloc(g->tests->ntargets + 1, sizeof *seen);
	struct layout l = {
		.lanes = xcalloc(p->nlanes, sizeof *l.lanes),
		.nlanes = p->nlanes,
		.primary = xcalloc(p->nunits + 1, sizeof *l.primary),
		.test_mean = mean_of_tests(p),
		.chosen = xcalloc(p->nlanes, sizeof *l.chosen),
		.last_alone = NO_INDEX,
	};
	size_t nshared = 0;

	for (unsigned i = 0; i < p->nlanes; i++)
		l.lanes[i].last = NO_INDEX;
	name_units(g);
	for (uint32_t i = 0; i < p->nunits; i++) {
		/* exclusive units are the last of the plan */
		if (p->units[i].is_exclusive && !l.has_shared) {
			g->dialect->alias(g->out, SHARED, (const char *const *)g->outputs, nshared);
			l.has_shared = true;
		}
		nshared += !p->units[i].is_exclusive;
		put_unit(g, &l, i, seen, worker);
	}
	free(l.lanes);
	free(l.primary);
	free(l.chosen);
	free(seen);
}

/* --- the whole --- */

static void put_results(struct graph *g, const struct rules *r)
{
	struct paths inputs = { 0 };
	struct paths all = { 0 };
	const char *merged = g->dir ? in_rundir(g, JUNIT) : g->o->is_part ? PART_JUNIT : JUNIT;
	const char *lanes = g->o->is_part ? PART_LANES : LANES;
	const char *name = g->o->is_part ? g->o->target : VERDICT;

	g->dialect->alias(g->out, lanes, (const char *const *)g->outputs, g->noutputs);
	for (size_t i = 0; i < g->noutputs; i++)
		paths_add(&all, g->outputs[i]);
	/* one unit less makes nothing newer */
	if (g->dir && g->o->shape == GRAPH_LANES)
		paths_add(&all, in_rundir(g, "plan.tsv"));
	const struct jobfile_job merge = {
		.rule = &r->merge,
		.output = merged,
		.is_name = !g->dir,
		.args = "",
		.inputs = all.items,
		.ninputs = all.n,
		.lane = NO_INDEX,
	};

	g->dialect->job(g->out, &merge);
	if (!g->o->is_part && strcmp(merged, JUNIT) != 0)
		g->dialect->alias(g->out, JUNIT, &merged, 1);
	paths_add(&inputs, lanes);
	const struct jobfile_job verdict = {
		.rule = &r->verdict,
		.output = name,
		.is_name = true,
		.args = "",
		.inputs = inputs.items,
		.ninputs = inputs.n,
		.after = &merged,
		.nafter = 1,
		.lane = NO_INDEX,
	};

	g->dialect->job(g->out, &verdict);
	free(inputs.items);
	free(all.items);
	if (!g->o->target)
		return;
	const struct graph_names names = { g->dialect, g->plan,     g->tests,
					   g->outputs, &r->verdict, g->o->target };

	if (!g->o->is_part)
		g->dialect->alias(g->out, g->o->target, &name, 1);
	graph_names_put(&names, g->out);
}

static int check_word(const char *path, struct err *reterr)
{
	size_t n = strlen(path);

	/* the shell cuts newlines at the end of what printf says */
	if (n > 0 && path[n - 1] == '\n')
		return err_set(reterr, ERR_UNSUPPORTED, path, 0,
			       "a path that ends in a newline cannot be written to a graph");
	return 0;
}

static void find_places(struct graph *g)
{
	const struct graph_options *o = g->o;

	g->workdir = fs_absolute(&g->mem, "/", o->workdir);
	g->rundir = fs_absolute(&g->mem, g->workdir, o->rundir);
	g->dir = say_path(g, g->rundir);
	const char *relative = fs_relative(&g->mem, g->workdir, g->rundir);

	g->dir_word = g->dir ? g->dir : relative;
	if (g->dir_word[0] == '-')
		g->dir_word = fs_join(&g->mem, ".", g->dir_word);
}

int graph_write(const struct graph_options *o, const struct plan *p, const struct tests *t,
		struct buf *out, struct err *reterr)
{
	struct graph g = {
		.o = o,
		.plan = p,
		.tests = t,
		.dialect = o->dialect == GRAPH_NINJA ? &ninjafile : &makefile,
		.out = out,
	};
	struct rules rules;

	if (check_word(o->gangway, reterr) < 0 || check_word(o->rundir, reterr) < 0)
		return -1;
	find_places(&g);
	const struct jobfile_head head = {
		.default_name = o->is_part ? NULL : VERDICT,
		.state_dir = o->is_part ? NULL : g.dir,
		.nlanes = o->shape == GRAPH_LANES ? p->nlanes : 0,
	};

	g.programs = arena_alloc(&g.mem, t->ntargets + 1, sizeof *g.programs);
	g.outputs = arena_alloc(&g.mem, p->nunits + p->nlanes + 1, sizeof *g.outputs);
	g.dialect->comment(out, "Written by gangway; made anew from the tests, not for editing.");
	if (!o->is_part)
		g.dialect->comment(out, "Targets: lanes, junit.xml, verdict (the default)");
	g.dialect->begin(out, &head);
	put_rules(&g, &rules);
	if (o->shape == GRAPH_QUEUE)
		put_queue(&g, &rules.worker);
	else
		put_lanes(&g, &rules.worker);
	put_results(&g, &rules);
	g.dialect->end(out, &head);
	arena_release(&g.mem);
	return 0;
}
