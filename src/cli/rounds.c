/* SPDX-License-Identifier: MIT */
#include "cli/rounds.h"

#include <limits.h>

#include "base/buf.h"
#include "cli/keys.h"
#include "cli/orphan.h"
#include "cli/rundir.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "stage/execute.h"
#include "stage/lost.h"
#include "stage/report.h"
#include "sys/fs.h"
#include "sys/jobserver_lend.h"
#include "sys/outfile.h"

enum { POLL_US = 50 * 1000, PATIENCE_US = 400 * 1000, RESTARTS_PER_LANE = 4 };

/* Ask the lanes, give them a moment, show what they say. */
static void tell_now(struct running *r)
{
	uint64_t now_us = proc_now_us();

	for (int key = keys_next(); key != 0; key = keys_next()) {
		if (key == 't')
			signals_ask();
	}
	if (r->question == 0 && r->nasked != signals_asked()) {
		r->nasked = signals_asked();
		r->question = claims_ask(r->claims);
		r->patient_us = now_us + PATIENCE_US;
	}
	if (r->question == 0 ||
	    (now_us < r->patient_us && !report_has_answers(r->report, r->question)))
		return;
	report_now(r->report, r->question);
	r->question = 0;
}

void rounds_poll(void *ctx)
{
	struct running *r = ctx;

	slots_serve(&r->slots);
	if (r->failure.code != ERR_NONE)
		return;
	if (report_poll(r->report, &r->failure) == 0)
		tell_now(r);
}

static void serve(void *ctx)
{
	const struct running *r = ctx;

	slots_serve(&r->slots);
}

static void on_stop(void *ctx, bool is_over, uint64_t time_us)
{
	struct running *r = ctx;

	if (is_over) {
		claims_add_pause(r->claims, time_us);
		keys_begin();
	} else {
		keys_end();
	}
}

static void pass_output(void *ctx, int stream, const char *s, size_t len)
{
	FILE *to = stream == 1 ? stderr : stdout;

	(void)ctx;
	fwrite(s, 1, len, to);
	fflush(to);
}

/* -n 0: this process is the lane. */
static int run_here(struct running *r, struct err *reterr)
{
	const struct execute_options options = {
		.rundir = r->view.dir,
		.lanedir = rundir_lane(&r->mem, r->view.dir, 0, claims_round(r->claims)),
		.lane = 0,
		.unit = NO_INDEX,
		.lanedirs = r->view.lanedirs,
		.nlanedirs = r->view.nlanedirs,
		.on_journal = rounds_poll,
		.on_output = pass_output,
		.on_journal_ctx = r,
		.stop = signals_wanted,
		.have_slots = slots_have,
		.have_slots_ctx = &r->slots,
	};
	int status = execute_lane(&options, r->view.run, r->view.tests, r->view.plan, reterr);

	return status < 0 && reterr->code == ERR_INTERRUPTED ? 0 : status;
}

static int write_graph(struct running *r, const char *path, const bool *is_idle, struct err *reterr)
{
	struct buf text = BUF_INIT;
	const struct graph_options options = {
		.shape = GRAPH_QUEUE,
		.dialect = r->engine.dialect,
		.gangway = session_program(&r->mem),
		.rundir = r->view.dir,
		.workdir = r->view.dir,
		.round = claims_round(r->claims),
		.is_idle = is_idle,
	};
	int status = graph_write(&options, r->view.plan, r->view.tests, &text, reterr);

	if (status == 0)
		status = outfile_write(path, text.s, text.len, reterr);
	buf_release(&text);
	return status;
}

/* The engine itself failed: what it said is what the user needs. */
static int engine_failed(const struct running *r, const struct proc_end *end,
			 const struct buf *output, struct err *reterr)
{
	struct buf how = BUF_INIT;

	proc_end_describe(end, &how);
	err_set(reterr, ERR_INTERNAL, NULL, 0, "%s: %s\n%s", r->engine.version, how.s, output->s);
	buf_release(&how);
	return -1;
}

/* Workers' edges succeed whatever became of them.  What one had to say of its own (a full disk)
 * stands among what the engine printed. */
static int workers_complained(const struct buf *output, struct err *reterr)
{
	static const char prefix[] = "gangway: error: ";
	const char *line = strstr(output->s, prefix);

	if (!line)
		return 0;
	line += strlen(prefix);
	return err_set(reterr, ERR_SYSTEM, NULL, 0, "worker: %.*s", (int)strcspn(line, "\n"), line);
}

/* The engine was killed: workers that live go on. */
static bool has_workers(void *ctx)
{
	struct running *r = ctx;

	return claims_has_members(r->claims);
}

/* Ninja has an open file for each job, and ends where it gets none: workers for which there is no
 * room come when others have gone. */
static unsigned count_jobs(const struct running *r)
{
	enum { OTHER_FILES = 16 + 8 }; /* some for the line to each worker */
	size_t most = fs_open_files_max();
	size_t n = r->view.run->nlanes;

	if (n + OTHER_FILES > most)
		n = most > OTHER_FILES ? most - OTHER_FILES : 1;
	return (unsigned)n;
}

/* Did any worker of this round come to take a unit?  before: how many were left. */
static bool has_progressed(const struct running *r, size_t before)
{
	bool is_taken = claims_left(r->claims) < before;

	for (size_t u = 0; u < r->view.plan->nunits && !is_taken; u++)
		is_taken = claims_state(r->claims, u, NULL) == CLAIM_TAKEN;
	return is_taken;
}

static int run_engine(struct running *r, const bool *is_idle, struct err *reterr)
{
	struct buf output = BUF_INIT;
	struct proc_end end = { 0 };
	const struct proc_hooks hooks = {
		.ctx = r,
		.stop = signals_wanted,
		.tick = rounds_poll,
		.tick_us = POLL_US,
		.is_wanted = has_workers,
		.watched = r->slots.lender ? serve : NULL,
		.watched_fd = r->slots.lender ? lender_fd(r->slots.lender) : -1,
	};
	struct engine_job job = {
		.graph = fs_join(&r->mem, r->view.dir,
				 r->engine.dialect == GRAPH_NINJA ? "build.ninja" : "tests.mk"),
		.workdir = r->view.dir,
		.target = "lanes",
		.njobs = count_jobs(r),
		.hooks = &hooks,
		/* each lane gives its test the grace first */
		.grace_us = 2 * r->view.run->grace_us,
	};
	size_t before = claims_left(r->claims);
	int status = write_graph(r, job.graph, is_idle, reterr);

	if (status == 0) {
		proc_become_reaper(); /* workers outlive an engine, tests do not outlive a worker */
		orphan_own();
		slots_hide_make(&r->slots);
		status = engine_run(&r->engine, &job, &end, &output, reterr);
		slots_show_make();
		orphan_disown();
	}
	/* an edge failed because its shell was killed; what it said matters where nothing went on */
	if (status == 0 && end.exit_code > 0 && !signals_wanted(NULL) && !has_progressed(r, before))
		status = engine_failed(r, &end, &output, reterr);
	if (status == 0 && !signals_wanted(NULL))
		status = workers_complained(&output, reterr);
	buf_release(&output);
	return status;
}

/* Which lanes have something to do, at most `most` of them. */
static unsigned choose_lanes(const struct running *r, unsigned most, bool *is_idle)
{
	const struct plan *p = r->view.plan;
	unsigned nlanes = r->view.run->nlanes;
	size_t nleft = claims_left(r->claims);
	unsigned n = 0;

	for (unsigned i = 0; i < nlanes; i++)
		is_idle[i] = p->dist == DIST_EACH;
	for (size_t u = 0; u < p->nunits && p->dist == DIST_EACH; u++) {
		if (claims_state(r->claims, u, NULL) != CLAIM_DONE && p->units[u].home < nlanes)
			is_idle[p->units[u].home] = false;
	}
	for (unsigned i = 0; i < nlanes; i++) {
		is_idle[i] = is_idle[i] || n >= most || n >= nleft;
		n += !is_idle[i];
	}
	return n;
}

/* View and report learn of the folders of the round at hand. */
static int follow_round(struct running *r, const bool *is_idle, struct err *reterr)
{
	const struct run_view *v = &r->view;
	uint32_t round = claims_round(r->claims);

	for (uint32_t lane = 0; lane < v->run->nlanes; lane++) {
		const char *dir = rundir_lane(&r->mem, v->dir, lane, round);

		if (is_idle[lane])
			continue;
		/* made here, so that whoever reads the run knows the round, also where a lane of it
		 * is killed before its first word */
		if (fs_mkdirs(dir, reterr) < 0)
			return -1;
		report_follow(r->report, dir);
		report_follow(r->report, lost_dir(&r->mem, dir));
	}
	uint32_t *lanes = NULL;

	r->view.lanedirs = rundir_lanedirs(&r->mem, v->dir, v->run, v->plan, v->tests, &lanes,
					   &r->view.nlanedirs);
	r->view.lanes = lanes;
	return 0;
}

static void say_restart(struct running *r, unsigned n)
{
	struct buf text = BUF_INIT;
	size_t nleft = claims_left(r->claims);

	buf_addf(&text, "restarting %u worker%s: %zu unit%s of tests left", n, n == 1 ? "" : "s",
		 nleft, nleft == 1 ? "" : "s");
	report_say(r->report, text.s);
	buf_release(&text);
}

static int run_all(struct running *r, struct err *reterr)
{
	unsigned nlanes = r->view.run->nlanes;
	unsigned nleft = r->max_restarts == UINT_MAX ? RESTARTS_PER_LANE * nlanes : r->max_restarts;
	bool *is_idle = arena_alloc(&r->mem, nlanes, sizeof *is_idle);

	if (!r->uses_engine)
		return run_here(r, reterr);
	if (choose_lanes(r, nlanes, is_idle) == 0)
		return 0; /* resumed, and nothing was left */
	for (;;) {
		int status = run_engine(r, is_idle, reterr);

		rounds_poll(r);
		if (status < 0 || signals_wanted(NULL) || claims_stopped(r->claims) != STOP_NO ||
		    claims_left(r->claims) == 0)
			return status;
		unsigned n = choose_lanes(r, nleft, is_idle);

		if (n == 0)
			return 0;
		nleft -= n;
		say_restart(r, n);
		claims_new_round(r->claims, ROUND_RESTART);
		if (follow_round(r, is_idle, reterr) < 0)
			return -1;
	}
}

/* The third signal. */
static void quit(void)
{
	keys_end();
	slots_quit();
}

int rounds_run(struct running *r, struct err *reterr)
{
	r->slots.stop = signals_wanted;
	if (slots_begin(&r->slots, r->uses_engine, reterr) < 0)
		return -1;
	signals_on_stop(on_stop, r);
	signals_on_quit(quit);
	keys_begin();
	int status = run_all(r, reterr);

	keys_end();
	signals_on_stop(NULL, NULL);
	slots_end(&r->slots);
	return status;
}
