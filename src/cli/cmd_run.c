/* SPDX-License-Identifier: MIT
 *
 * gangway PATH…: collect, select, schedule, write the graph, have it run, merge, report.
 */
#include "cli/commands.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/engine.h"
#include "cli/fail.h"
#include "cli/finish.h"
#include "cli/rundir.h"
#include "cli/session.h"
#include "cli/show.h"
#include "cli/signals.h"
#include "stage/execute.h"
#include "stage/report.h"
#include "sys/fs.h"
#include "sys/outfile.h"

enum { POLL_US = 50 * 1000 };

struct running {
	struct session *session;
	struct run_view view;
	struct engine engine;
	struct report *report;
	struct err failure; /* first error of the report */
};

static void poll_report(void *ctx)
{
	struct running *r = ctx;

	if (r->failure.code == ERR_NONE)
		report_poll(r->report, &r->failure);
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
		.lanedir = r->view.lanedirs[0],
		.lane = 0,
		.unit = NO_INDEX,
		.on_journal = poll_report,
		.on_output = pass_output,
		.on_journal_ctx = r,
		.stop = signals_wanted,
	};
	int status = execute_lane(&options, r->view.run, r->view.tests, r->view.plan, reterr);

	return status < 0 && reterr->code == ERR_INTERRUPTED ? 0 : status;
}

static int write_graph(struct running *r, const char *path, struct err *reterr)
{
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;
	const struct graph_options options = {
		.shape = GRAPH_QUEUE,
		.dialect = r->engine.dialect,
		.gangway = session_program(&mem),
		.rundir = r->view.dir,
		.workdir = r->view.dir,
	};
	int status = graph_write(&options, r->view.plan, r->view.tests, &text, reterr);

	if (status == 0)
		status = outfile_write(path, text.s, text.len, reterr);
	buf_release(&text);
	arena_release(&mem);
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

static int run_engine(struct running *r, struct err *reterr)
{
	struct buf output = BUF_INIT;
	struct proc_end end = { 0 };
	const struct proc_hooks hooks = {
		.ctx = r, .stop = signals_wanted, .tick = poll_report, .tick_us = POLL_US
	};
	struct engine_job job = {
		.graph = fs_join(&r->session->mem, r->view.dir,
				 r->engine.dialect == GRAPH_NINJA ? "build.ninja" : "tests.mk"),
		.workdir = r->view.dir,
		.target = "lanes",
		.njobs = r->view.run->nlanes,
		.hooks = &hooks,
		/* each lane gives its test the grace first */
		.grace_us = 2 * r->view.run->grace_us,
	};
	int status = write_graph(r, job.graph, reterr);

	if (status == 0)
		status = engine_run(&r->engine, &job, &end, &output, reterr);
	if (status == 0 && (end.exit_code != 0 || end.term_signal) && !signals_wanted(NULL))
		status = engine_failed(r, &end, &output, reterr);
	if (status == 0 && !signals_wanted(NULL))
		status = workers_complained(&output, reterr);
	buf_release(&output);
	return status;
}

static struct report *begin_report(struct running *r, struct err *reterr)
{
	const struct options_run *o = &r->session->options;
	struct report_options options = show_options(o);

	options.is_terminal = isatty(STDOUT_FILENO) == 1 && o->capture != CAPTURE_NO;
	options.engine = r->session->uses_engine ? r->engine.version : NULL;
	options.configfile = r->session->config.path;
	options.ndeselected = r->session->selection.ndeselected;
	return report_begin(&options, r->view.run, r->view.tests, r->view.plan, r->view.lanedirs,
			    2 * r->view.nlanedirs, reterr);
}

/* The tests are over: the rest of the report, the merged file, the exit code. */
static int conclude(struct running *r, int status, struct err *e)
{
	struct report_totals totals = { 0 };
	struct err merging = { 0 };
	enum stop_reason why = signals_wanted(NULL) ? STOP_INTERRUPT : finish_stop_reason(&r->view);
	int merged = 0;

	poll_report(r);
	if (!report_is_complete(r->report))
		merged = finish_lost(&r->view, why, &merging);
	if (merged == 0 && r->view.run->wants_junit)
		merged = finish_merge(&r->view, r->session->options.junitxml, &merging);

	if (r->failure.code != ERR_NONE)
		return cli_fail(&r->failure);
	report_stopped(r->report, why);
	if (report_end(r->report, &totals, &r->failure) < 0)
		return cli_fail(&r->failure);
	fflush(stdout);
	if (status < 0)
		return cli_fail(e);
	if (merged < 0)
		return cli_fail(&merging);
	return report_exit_code(&totals);
}

static int run_session(struct session *s, struct err *e)
{
	struct running r = { .session = s };
	const struct engine_wanted wanted = {
		.name = show_engine_wish(&s->options),
		.cache = s->cache,
	};

	if (session_schedule(s, e) < 0 ||
	    (s->uses_engine && engine_find(&s->mem, &wanted, &r.engine, e) < 0) ||
	    session_save(s, NULL, e) < 0)
		return -1;
	uint32_t *lanes = NULL;
	size_t nlanes = 0;
	const char **dirs =
		rundir_lanedirs(&s->mem, s->rundir, &s->run, &s->plan, &s->tests, &lanes, &nlanes);

	r.view = (struct run_view){
		.dir = s->rundir,
		.run = &s->run,
		.tests = &s->tests,
		.plan = &s->plan,
		.lanedirs = dirs,
		.lanes = lanes,
		.nlanedirs = nlanes,
	};
	r.report = begin_report(&r, e);
	if (!r.report)
		return -1;
	int status = s->uses_engine ? run_engine(&r, e) : run_here(&r, e);
	int code = conclude(&r, status, e);

	report_free(r.report);
	return code;
}

static int run(struct session *s, struct err *reterr)
{
	if (s->options.is_collect_only)
		return show_collected(s);
	if (s->selection.nselected == 0)
		return show_nothing(s);
	return run_session(s, reterr);
}

static int exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	const struct option_args args = { .words = words, .nwords = nwords };

	signals_catch();
	return session_exec(self, &args, false, run);
}

const struct command_row cmd_run = {
	.name = "run",
	.args = "[options] [PATH|ID...]",
	.help = "run tests: CMake build folders, test programs, folders of programs",
	.options = options_run_rows,
	.max_args = ARGS_ANY,
	.exec = exec,
};
