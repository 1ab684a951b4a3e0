/* SPDX-License-Identifier: MIT
 *
 * Reading and counting: every lane's journal is polled in turn, each end becomes a small record.
 */
#include "stage/report.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/quote.h"
#include "base/version.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/report_state.h"
#include "sys/fs.h"

enum {
	MIN_COLUMNS = 20,
	NAMED_WORKERS_MAX = 8, /* of more only the number is said */
	OPEN_JOURNALS_MAX = 128
};

size_t report_nfailed(const struct report *r)
{
	return r->counts[OUTCOME_FAIL] + r->counts[OUTCOME_TIMEOUT] + r->counts[OUTCOME_CRASH];
}

size_t report_nerrors(const struct report *r)
{
	return r->counts[OUTCOME_ERROR] + r->counts[OUTCOME_LOST];
}

size_t report_key(const struct report *r, uint32_t test, uint32_t number)
{
	return r->plan->dist == DIST_EACH ? number * r->tests->ntests + test : test;
}

/* --- the header ------------------------------------------------------------------------- */

static size_t nselected(const struct report *r)
{
	return r->plan->dist == DIST_EACH && r->run->nlanes > 0 ? r->nexpected / r->run->nlanes
								: r->nexpected;
}

static void add_collected(struct report *r)
{
	size_t n = nselected(r);
	size_t nuncollected = tests_uncollected(r->tests);
	size_t nitems = n + r->o.ndeselected + tests_held(r->tests) - nuncollected;
	size_t nerrors = r->tests->nerrors + nuncollected;

	buf_addf(&r->text, "collected %zu item%s", nitems, nitems == 1 ? "" : "s");
	if (nerrors > 0)
		buf_addf(&r->text, " / %zu error%s", nerrors, nerrors == 1 ? "" : "s");
	if (r->o.ndeselected > 0)
		buf_addf(&r->text, " / %zu deselected / %zu selected", r->o.ndeselected,
			 nitems - r->o.ndeselected);
	buf_addch(&r->text, '\n');
}

/* "gw0 [1225] / gw1 [1225]" */
static void add_workers(struct report *r)
{
	unsigned n = r->run->nlanes;

	if (r->o.ndeselected > 0 || tests_uncollected(r->tests) > 0)
		add_collected(r);
	if (n > NAMED_WORKERS_MAX) {
		buf_addf(&r->text, "%u workers [%zu items]\n", n, nselected(r));
		return;
	}
	for (unsigned i = 0; i < n; i++)
		buf_addf(&r->text, "%sgw%u [%zu]", i > 0 ? " / " : "", i, nselected(r));
	buf_addch(&r->text, '\n');
}

static void add_path(struct report *r, const char *label, const char *path)
{
	buf_addstr(&r->text, label);
	quote_display(&r->text, path, strlen(path));
	buf_addch(&r->text, '\n');
}

static void add_header(struct report *r)
{
	const char *rootdir = r->run->rootdir;
	const char *configfile = r->o.configfile;
	size_t root_len = strlen(rootdir);

	if (r->o.is_verdict || r->o.verbosity < 0)
		return;
	text_bar(r, '=', "test session starts", STYLE_BOLD);
	buf_addstr(&r->text, "platform linux -- gangway " GANGWAY_VERSION);
	if (r->o.engine)
		buf_addf(&r->text, ", %s", r->o.engine);
	buf_addch(&r->text, '\n');
	add_path(r, "rootdir: ", rootdir);
	if (configfile) {
		if (strncmp(configfile, rootdir, root_len) == 0 && configfile[root_len] == '/')
			configfile += root_len + 1;
		add_path(r, "configfile: ", configfile);
	}
	if (r->o.notes)
		buf_addstr(&r->text, r->o.notes);
	if (r->o.engine || r->run->nlanes > 1)
		add_workers(r);
	else
		add_collected(r);
}

struct report *report_begin(const struct report_options *o, const struct run *run,
			    const struct tests *t, const struct plan *p,
			    const char *const *lanedirs, size_t nlanedirs, struct err *reterr)
{
	struct report *r = xcalloc(1, sizeof *r);
	size_t nkeys = p->dist == DIST_EACH ? t->ntests * run->nlanes : t->ntests;

	r->o = *o;
	r->o.columns = o->columns < MIN_COLUMNS ? MIN_COLUMNS : o->columns;
	r->run = run;
	r->tests = t;
	r->plan = p;
	r->text = r->live = r->inserted = (struct buf)BUF_INIT;
	r->first_us = TIME_UNKNOWN;
	/* others need files as well: a quarter of what there may be */
	r->max_open = fs_open_files_max() / 4;
	r->max_open = r->max_open < OPEN_JOURNALS_MAX ? r->max_open : OPEN_JOURNALS_MAX;
	r->nlanes = r->cap_lanes = nlanedirs;
	r->lanes = xcalloc(nlanedirs + 1, sizeof *r->lanes);
	for (size_t i = 0; i < nlanedirs; i++) {
		/* folders of units, and what is behind the lanes', say themselves whose they are */
		bool is_lane = !run->is_by_unit && i < run->nlanes;
		uint32_t number = is_lane ? (uint32_t)i : NO_INDEX;

		journal_reader_init(&r->lanes[i].reader, lanedirs[i], number);
		r->lanes[i].running = NO_INDEX;
		r->lanes[i].end_us = TIME_UNKNOWN;
	}
	r->last = xcalloc(nkeys + 1, sizeof *r->last);
	memset(r->last, 0xff, nkeys * sizeof *r->last); /* NO_INDEX */
	r->starts = xcalloc(t->ntargets + 1, sizeof *r->starts);
	memset(r->starts, 0xff, t->ntargets * sizeof *r->starts); /* TIME_UNKNOWN */
	r->unit_lanes = xcalloc(p->nunits + 1, sizeof *r->unit_lanes);
	memset(r->unit_lanes, 0xff, p->nunits * sizeof *r->unit_lanes);
	for (size_t i = 0; i < p->nunits; i++)
		r->nexpected += p->units[i].ntests;
	add_header(r);
	r->o.notes = NULL; /* the caller's */
	if (live_write(r, reterr) < 0) {
		report_free(r);
		return NULL;
	}
	return r;
}

void report_follow(struct report *r, const char *dir)
{
	GROW(r->lanes, r->nlanes, r->cap_lanes);
	r->lanes[r->nlanes] = (struct report_lane){ .running = NO_INDEX };
	journal_reader_init(&r->lanes[r->nlanes++].reader, dir, NO_INDEX);
}

void report_free(struct report *r)
{
	if (!r)
		return;
	if (r->live.len > 0) {
		buf_clear(&r->text);
		buf_addstr(&r->text, r->live_below > 0 ? "\n" : "");
		live_write_last(r, NULL); /* nobody is left who could be told */
	}
	for (size_t i = 0; i < r->nlanes; i++)
		journal_reader_release(&r->lanes[i].reader);
	buf_release(&r->text);
	buf_release(&r->live);
	buf_release(&r->inserted);
	free(r->lanes);
	free(r->ended);
	free(r->last);
	free(r->notrun);
	free(r->unit_lanes);
	free(r->starts);
	free(r);
}

/* --- events ----------------------------------------------------------------------------- */

static void count(struct report *r, const struct ended *e, bool is_added)
{
	size_t one = is_added ? 1 : (size_t)-1;

	r->counts[e->outcome] += one;
	r->nsubs_passed += one * e->nsubs_passed;
	r->nflaky += e->is_flaky ? one : 0;
	r->nleaky += e->is_leaky && !outcome_is_bad(e->outcome) ? one : 0;
	r->ndone += one;
}

int report_note(struct report *r, const struct ended *e, struct err *reterr)
{
	if (r->plan->dist == DIST_EACH && e->number >= r->run->nlanes)
		return err_set(reterr, ERR_SYNTAX,
			       e->lane != NO_INDEX ? r->lanes[e->lane].reader.path : NULL, 0,
			       "lane %u is none of this run's %u", (unsigned)e->number,
			       r->run->nlanes);
	if (e->is_rerun) { /* counts for nothing but itself */
		GROW(r->ended, r->nended, r->cap_ended);
		r->ended[r->nended++] = *e;
		r->nreruns++;
		live_result(r, e);
		return 0;
	}
	uint32_t *last = &r->last[report_key(r, e->test, e->number)];

	if (*last != NO_INDEX) { /* the later attempt counts */
		r->ended[*last].is_replaced = true;
		count(r, &r->ended[*last], false);
	}
	*last = (uint32_t)r->nended;
	GROW(r->ended, r->nended, r->cap_ended);
	r->ended[r->nended++] = *e;
	count(r, e, true);
	live_result(r, e);
	return 0;
}

static int on_end(struct report *r, uint32_t lane, const struct journal_event *ev,
		  struct err *reterr)
{
	const struct result *result = &ev->result;
	struct ended e = {
		.test = result->test,
		.lane = lane,
		.number = result->lane,
		.where = ev->where,
		.time_us = result->time_us,
		.peak_bytes = result->peak_bytes,
		.outcome = (unsigned char)result->outcome,
		.is_leaky = result->is_leaky,
		.has_phases = result->phases.are_known,
		.is_replaced = result->is_rerun,
		.is_rerun = result->is_rerun,
		.is_flaky = result->attempt > 1 && !outcome_is_bad(result->outcome) &&
			    result->outcome != OUTCOME_SKIP,
		.has_output = result->out.size_bytes > 0 || result->err.size_bytes > 0,
	};

	for (size_t i = 0; i < result->nsubs; i++)
		e.nsubs_passed += result->subs[i].outcome == OUTCOME_PASS;
	if (r->lanes[lane].running == e.test)
		r->lanes[lane].running = NO_INDEX;
	if (result->start_us != TIME_UNKNOWN) {
		uint64_t end_us = result->start_us;

		if (result->time_us != TIME_UNKNOWN)
			end_us += result->time_us;
		if (result->start_us < r->first_us)
			r->first_us = result->start_us;
		if (end_us > r->last_us)
			r->last_us = end_us;
		r->lanes[lane].end_us = end_us;
	}
	if (report_note(r, &e, reterr) < 0)
		return -1;
	live_output(r, &e, result);
	return 0;
}

/* From the end of a unit to the first test of the next: a process ends, another one starts. */
static void note_start(struct report *r, struct report_lane *l)
{
	uint64_t *start = &r->starts[r->tests->tests[l->running].target];

	if (l->is_unit_begun && l->end_us != TIME_UNKNOWN && l->start_us >= l->end_us &&
	    l->start_us - l->end_us < *start)
		*start = l->start_us - l->end_us;
	l->is_unit_begun = false;
}

uint64_t report_start_us(const struct report *r, uint32_t target)
{
	return r->starts[target];
}

/* Which tests were tried again after they failed?  NULL: none. */
static bool *find_retried(const struct report *r)
{
	size_t nlanes = r->plan->dist == DIST_EACH ? r->run->nlanes : 1;
	bool *is_retried = NULL;

	for (size_t i = 0; i < r->nended; i++) {
		const struct ended *e = &r->ended[i];

		if (!e->is_replaced || !outcome_is_bad(e->outcome) || e->outcome == OUTCOME_LOST)
			continue;
		if (!is_retried)
			is_retried = xcalloc(r->tests->ntests * nlanes + 1, sizeof *is_retried);
		is_retried[report_key(r, e->test, e->number)] = true;
	}
	return is_retried;
}

size_t report_seen(const struct report *r, struct history_seen *ret)
{
	bool *is_retried = find_retried(r);
	size_t n = 0;

	for (size_t i = 0; i < r->nended; i++) {
		const struct ended *e = &r->ended[i];
		bool is_again = is_retried && is_retried[report_key(r, e->test, e->number)];

		if (e->is_replaced)
			continue;
		ret[n++] = (struct history_seen){
			.id = test_own_id(&r->tests->tests[e->test]),
			.outcome = (enum outcome)e->outcome,
			.time_us = e->time_us,
			.peak_bytes = e->peak_bytes,
			.is_flaky = is_again && !outcome_is_bad(e->outcome),
		};
	}
	free(is_retried);
	return n;
}

size_t report_nresults(const struct report *r)
{
	return r->nended;
}

struct polling {
	struct report *report;
	uint32_t lane;
};

static int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct polling *p = ctx;
	struct report *r = p->report;
	struct report_lane *l = &r->lanes[p->lane];
	bool is_test = ev->kind == JOURNAL_BEGIN || ev->kind == JOURNAL_END;

	if (is_test && ev->result.test >= r->tests->ntests)
		return err_set(reterr, ERR_SYNTAX, l->reader.path, l->reader.lineno,
			       "test %u is not in tests.tsv", (unsigned)ev->result.test);
	if (is_test && r->o.only && !r->o.only[ev->result.test])
		return 0;
	switch (ev->kind) {
	case JOURNAL_UNIT:
		if (ev->unit >= r->plan->nunits)
			return err_set(reterr, ERR_SYNTAX, l->reader.path, l->reader.lineno,
				       "unit %u is not in plan.tsv", (unsigned)ev->unit);
		r->unit_lanes[ev->unit] = p->lane;
		l->is_unit_begun = true;
		return 0;
	case JOURNAL_BEGIN:
		l->running = ev->result.test;
		l->start_us = ev->result.start_us;
		l->slow_us = 0;
		note_start(r, l);
		return 0;
	case JOURNAL_END:
		return on_end(r, p->lane, ev, reterr);
	case JOURNAL_UNIT_DONE:
	case JOURNAL_CLOSE:
		return 0;
	}
	return 0;
}

bool report_has_failed(const struct report *r)
{
	return report_nfailed(r) + report_nerrors(r) > 0;
}

bool report_is_complete(const struct report *r)
{
	return r->ndone >= r->nexpected;
}

int report_poll(struct report *r, struct err *reterr)
{
	for (size_t i = 0; i < r->nlanes; i++) {
		struct polling p = { r, (uint32_t)i };

		if (journal_poll(&r->lanes[i].reader, on_event, &p, reterr) < 0)
			return -1;
		if (r->nlanes > r->max_open)
			journal_reader_pause(&r->lanes[i].reader);
	}
	live_slow(r);
	return live_write(r, reterr);
}

void report_insert(struct report *r, const char *text)
{
	buf_addstr(&r->inserted, text);
}

void report_stopped(struct report *r, enum stop_reason why)
{
	r->why = why;
}

int report_exit_code(const struct report_totals *t)
{
	if (t->is_interrupted)
		return 2;
	if (t->failed + t->errors > 0 || t->is_out_of_time)
		return 1;
	return t->passed + t->skipped + t->xfailed + t->xpassed > 0 ? 0 : 5;
}
