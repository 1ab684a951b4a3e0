/* SPDX-License-Identifier: MIT
 *
 * gangway PATH…: collect, select, schedule, write the graph, have it run, merge, report.
 */
#include "cli/commands.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/cover.h"
#include "cli/fail.h"
#include "cli/remember.h"
#include "cli/report_run.h"
#include "cli/rounds.h"
#include "cli/rundir.h"
#include "cli/session.h"
#include "cli/show.h"
#include "cli/signals.h"
#include "cli/slots.h"
#include "stage/execute_past.h"
#include "stage/report.h"
#include "sys/fs.h"

static struct report *begin_report(const struct session *s, const struct running *r,
				   struct err *reterr)
{
	const struct options_run *o = &s->options;
	struct report_options options = show_options(o);
	struct buf notes = BUF_INIT;

	options.is_terminal = isatty(STDOUT_FILENO) == 1 && o->capture != CAPTURE_NO;
	options.slow_us = o->slow_us;
	options.engine = r->uses_engine ? r->engine.version : NULL;
	options.configfile = s->config.path;
	options.ndeselected = s->selection.ndeselected;
	remember_notes(s, r->view.plan, &notes);
	options.notes = notes.s;
	struct report *report = report_begin(&options, r->view.run, r->view.tests, r->view.plan,
					     r->view.lanedirs, 2 * r->view.nlanedirs, reterr);

	buf_release(&notes);
	return report;
}

/* What the tests ran, between the failures and the summary.  *is_under: too little of it. */
static int tell_coverage(const struct session *s, struct running *r, enum stop_reason why,
			 bool *is_under, struct err *reterr)
{
	const struct options_cov *o = &s->options.cov;
	struct cover_result result = { .text = BUF_INIT };
	const struct cover_job job = {
		.view = &r->view,
		.engine = r->uses_engine ? &r->engine : NULL,
		.options = o->sources.n > 0 ? o : NULL,
		.wants_files = true,
		.is_verbose = s->options.verbosity > 0,
	};
	int status = 0;

	if (!r->view.run->wants_cov)
		return 0;
	if (why == STOP_INTERRUPT) {
		report_insert(r->report, "coverage is not told: the run was interrupted "
					 "(gangway report --cov tells of what ran)\n");
		return 0;
	}
	status = cover_finish(&job, &result, reterr);
	report_insert(r->report, result.text.s);
	if (status == 0 && why == STOP_NO && report_is_complete(r->report))
		cover_forget(&r->view);
	*is_under = result.is_under;
	buf_release(&result.text);
	return status;
}

/* The tests are over: the rest of the report, the merged file, the exit code. */
static int conclude(struct session *s, struct running *r, int status, struct err *e)
{
	struct report_totals totals = { 0 };
	struct err merging = { 0 };
	struct err covering = { 0 };
	bool is_under = false;
	enum stop_reason why = signals_wanted(NULL) ? STOP_INTERRUPT : claims_stopped(r->claims);
	int merged = 0;

	claims_end(r->claims);
	rounds_poll(r);
	session_tests_over(s, report_has_failed(r->report));
	if (!report_is_complete(r->report))
		merged = finish_lost(&r->view, why, &merging);
	if (merged == 0 && r->view.run->wants_junit)
		merged = finish_merge(&r->view, s->options.junitxml, &merging);

	if (r->failure.code != ERR_NONE)
		return cli_fail(&r->failure);
	report_stopped(r->report, why);
	int covered = tell_coverage(s, r, why, &is_under, &covering);

	if (report_end(r->report, &totals, &r->failure) < 0)
		return cli_fail(&r->failure);
	fflush(stdout);
	remember_write(s, r->view.tests, r->report);
	if (status < 0)
		return cli_fail(e);
	if (merged < 0)
		return cli_fail(&merging);
	if (covered < 0)
		return cli_fail(&covering);
	int code = report_exit_code(&totals);

	/* as pytest has it where files could not be collected */
	if (s->tests.is_interrupted && code == 1)
		return 2;
	return code == 0 && is_under ? 1 : code;
}

/* The plan is on the disk and the round has begun: run it, tell it. */
static int run_lanes(struct session *s, struct running *r, struct err *e)
{
	r->report = begin_report(s, r, e);
	if (!r->report)
		return -1;
	int status = rounds_run(r, e);
	int code = conclude(s, r, status, e);

	report_free(r->report);
	return code;
}

static int find_engine(struct session *s, struct running *r, struct err *e)
{
	const struct engine_wanted wanted = {
		.name = show_engine_wish(&s->options),
		.cache = s->cache,
	};

	r->uses_engine = s->uses_engine;
	r->max_restarts = s->options.max_worker_restart;
	return r->uses_engine ? engine_find(&s->mem, &wanted, &r->engine, e) : 0;
}

/* --session-timeout counts from the first thing gangway did. */
static void limit_session(const struct session *s, struct claims *c)
{
	uint64_t limit_us = s->options.session_timeout_us;

	claims_set_until(c, limit_us == TIME_UNKNOWN ? TIME_UNKNOWN : s->began_us + limit_us);
}

static int run_new(struct session *s, struct running *r, struct err *e)
{
	uint32_t *lanes = NULL;

	if (session_schedule(s, e) < 0 || find_engine(s, r, e) < 0 ||
	    session_save(s, NULL, e) < 0 || cover_begin(s, e) < 0)
		return -1;
	r->view = (struct run_view){
		.dir = s->rundir,
		.run = &s->run,
		.tests = &s->tests,
		.plan = &s->plan,
	};
	r->view.lanedirs = rundir_lanedirs(&s->mem, s->rundir, &s->run, &s->plan, &s->tests, &lanes,
					   &r->view.nlanedirs);
	r->view.lanes = lanes;
	r->claims = finish_claims(&r->view, e);
	if (!r->claims)
		return -1;
	claims_new_round(r->claims, ROUND_FIRST);
	limit_session(s, r->claims);
	return run_lanes(s, r, e);
}

static int run_session(struct session *s, struct err *e)
{
	struct running r = { 0 };
	int code = run_new(s, &r, e);

	claims_close(r.claims);
	arena_release(&r.mem);
	return code;
}

/* --- --resume ----------------------------------------------------------------------------- */

/* What an earlier report told of as lost is run now. */
static int forget_lost(const struct loaded_run *l, struct err *reterr)
{
	for (size_t i = l->nlanedirs; i < 2 * l->nlanedirs; i++) {
		if (fs_remove_tree(l->lanedirs[i], reterr) < 0)
			return -1;
	}
	return 0;
}

/* The journals say what is left: the claims may not have come to the disk, or were of a graph. */
static int mark_done(const struct loaded_run *l, struct claims *c, struct err *reterr)
{
	size_t nrounds = l->nlanedirs / l->run.nlanes;
	struct past past = { 0 };
	int status = 0;

	for (uint32_t lane = 0; lane < l->run.nlanes && status == 0; lane++) {
		bool is_each = l->plan.dist == DIST_EACH;
		const struct past_options options = {
			.lanedirs = l->lanedirs,
			.nlanedirs = nrounds * l->run.nlanes,
			.only_lane = is_each ? lane : NO_INDEX,
		};

		if (lane > 0 && !is_each)
			break;
		status = past_read(&past, &options, &l->run, &l->tests, reterr);
		for (size_t u = 0; u < l->plan.nunits && status == 0; u++) {
			const struct unit *unit = &l->plan.units[u];
			bool is_done = true;

			if (is_each && unit->home != lane)
				continue;
			for (size_t k = 0; k < unit->ntests; k++)
				is_done = is_done && past.states[unit->tests[k]] == PAST_ENDED;
			claims_reset(c, u, is_done);
		}
	}
	past_release(&past);
	return status;
}

static int resume_run(struct session *s, struct loaded_run *l, struct running *r, struct err *e)
{
	if (l->run.is_by_unit)
		return err_set(e, ERR_UNSUPPORTED, l->dir, 0,
			       "run its graph again in place of --resume");
	if (fs_is_held(l->dir))
		return err_set(e, ERR_USAGE, l->dir, 0, "this run is still at work");
	fs_hold_dir(l->dir);
	s->uses_engine = s->uses_engine && !l->run.is_live;
	s->selection.ndeselected = report_run_deselected(l);
	l->run.wants_junit = l->run.wants_junit || s->options.junitxml;
	r->view = run_view_of(l);
	r->claims = finish_claims(&r->view, e);
	if (!r->claims || find_engine(s, r, e) < 0 ||
	    finish_await_lanes(&r->view, r->claims, e) < 0 || forget_lost(l, e) < 0 ||
	    mark_done(l, r->claims, e) < 0)
		return -1;
	claims_new_round(r->claims, ROUND_RESUME);
	limit_session(s, r->claims);
	rundir_look_again(l, claims_round(r->claims));
	r->view = run_view_of(l);
	for (uint32_t lane = 0; lane < l->run.nlanes; lane++) {
		const char *dir = rundir_lane(&l->mem, l->dir, lane, claims_round(r->claims));

		if (fs_mkdirs(dir, e) < 0)
			return -1;
	}
	return run_lanes(s, r, e);
}

static int resume(struct session *s, struct err *e)
{
	const struct options_run *o = &s->options;
	struct loaded_run l = { 0 };
	struct running r = { 0 };
	int code = -1;

	if (o->ids.n > 0 || o->paths.n > 1)
		return err_set(e, ERR_USAGE, NULL, 0,
			       "--resume takes the folder of one run, or none for the newest");
	s->statedir = fs_join(&s->mem, s->config.rootdir, ".gangway");
	const char *dir =
		o->paths.n > 0 ? o->paths.items[0] : fs_join(&s->mem, s->statedir, "latest");

	if (!fs_is_dir(dir))
		return err_set(e, ERR_MISSING, dir, 0, "no run here that could be resumed");
	if (rundir_load(dir, &l, e) == 0)
		code = resume_run(s, &l, &r, e);
	claims_close(r.claims);
	arena_release(&r.mem);
	loaded_run_release(&l);
	return code;
}

static int run(struct session *s, struct err *reterr)
{
	if (s->options.is_collect_only)
		return show_collected(s);
	if (s->selection.nselected == 0)
		return show_nothing(s);
	if (slots_are_dry()) {
		printf("gangway: make is called with -n, -t or -q: nothing is run\n");
		return 0;
	}
	return run_session(s, reterr);
}

static int exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	const struct option_args args = { .words = words, .nwords = nwords };

	return session_exec(self, &args, false, run);
}

const struct command_row cmd_run = {
	.name = "run",
	.args = "[options] [PATH|ID...]",
	.help = "run tests: build folders, test programs, folders of programs",
	.options = options_run_rows,
	.max_args = ARGS_ANY,
	.exec = exec,
	.resume = resume,
};
