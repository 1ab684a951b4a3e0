/* SPDX-License-Identifier: MIT
 *
 * gangway worker: what the edges of a graph call.  It succeeds whatever its tests said; the
 * verdict's edge turns what they said into an exit code.
 */
#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "cli/commands.h"
#include "cli/fail.h"
#include "cli/finish.h"
#include "cli/option.h"
#include "cli/orphan.h"
#include "cli/replan.h"
#include "cli/rundir.h"
#include "cli/show.h"
#include "cli/signals.h"
#include "cli/slots.h"
#include "stage/execute.h"
#include "sys/fs.h"

struct worker_options {
	const char *run;
	unsigned lane;
	const char *unit;
	bool wants_help;
};

static const struct option_row worker_rows[] = {
	{ OPTION_STRING, .name = "run", .metavar = "DIR",
	  .offset = offsetof(struct worker_options, run),
	  .help = "the run's folder, which holds tests.tsv, plan.tsv and run.tsv" },
	{ OPTION_UINT, .name = "lane", .metavar = "N", .default_text = "0",
	  .offset = offsetof(struct worker_options, lane),
	  .help = "which worker this is: N of gwN" },
	{ OPTION_STRING, .name = "unit", .metavar = "uN",
	  .offset = offsetof(struct worker_options, unit),
	  .help = "run this unit alone; else take units until none is left" },
	{ OPTION_FLAG, 'h', "help", .offset = offsetof(struct worker_options, wants_help),
	  .help = "show this and stop" },
	{ .kind = OPTION_END },
};

static int find_unit(const struct plan *p, const char *name, uint32_t *ret, struct err *reterr)
{
	uint64_t n = 0;

	/* u1, u2, … in plan order */
	if (name[0] != 'u' || !parse_uint(name + 1, p->nunits, &n) || n == 0)
		return err_set(reterr, ERR_MISSING, NULL, 0, "no unit '%s' in the plan", name);
	*ret = (uint32_t)n - 1;
	return 0;
}

static int find_round(const struct run_view *view, uint32_t *ret, struct err *reterr)
{
	struct claims *c = finish_claims(view, reterr);

	if (!c)
		return -1;
	*ret = claims_round(c);
	claims_close(c);
	return 0;
}

/* Which of the run's folders the lane (or unit) writes to. */
static int find_folder(struct loaded_run *r, const struct worker_options *w,
		       struct execute_options *o, struct err *reterr)
{
	const struct run_view view = run_view_of(r);
	uint32_t round = 0;

	o->unit = NO_INDEX;
	if (w->unit && find_unit(&r->plan, w->unit, &o->unit, reterr) < 0)
		return -1;
	if (w->lane >= r->run.nlanes || (!w->unit && r->run.is_by_unit))
		return err_set(reterr, ERR_USAGE, NULL, 0, "the run has no worker gw%u", w->lane);
	if (w->unit) {
		o->lanedir = r->lanedirs[o->unit];
		return 0;
	}
	if (find_round(&view, &round, reterr) < 0)
		return -1;
	rundir_look_again(r, round);
	o->lanedir = rundir_lane(&r->mem, r->dir, w->lane, round);
	o->lanedirs = r->lanedirs;
	o->nlanedirs = r->nlanedirs;
	return 0;
}

static int work(struct loaded_run *r, const struct worker_options *w, struct slots *slots,
		struct err *reterr)
{
	struct execute_options options = {
		.rundir = r->dir,
		.lane = w->lane,
		.stop = orphan_or_signal,
		.have_slots = slots_have,
		.have_slots_ctx = slots,
	};

	orphan_watch(r->dir);
	if (slots_join(slots, reterr) < 0)
		return -1;
	if (find_folder(r, w, &options, reterr) < 0)
		return -1;
	/* what an earlier life of this worker wrote: if we are killed, it would be taken for ours */
	const char *junit = fs_join(&r->mem, options.lanedir, "junit.xml");

	if (fs_mkdirs(options.lanedir, reterr) < 0 || fs_remove_tree(junit, reterr) < 0)
		return -1;
	struct err stopped = { 0 };
	int status = execute_lane(&options, &r->run, &r->tests, &r->plan, &stopped);

	if (status < 0 && stopped.code != ERR_INTERRUPTED) {
		*reterr = stopped;
		return -1;
	}
	const struct run_view view = run_view_of(r);

	if (r->run.wants_junit && finish_lane(&view, options.lanedir, w->lane, reterr) < 0)
		return -1;
	if (status < 0)
		*reterr = stopped;
	return status;
}

static int load(const struct worker_options *w, struct loaded_run *ret, struct err *reterr)
{
	return w->unit ? replan_load(w->run, w->unit, ret, reterr)
		       : rundir_load(w->run, ret, reterr);
}

static int worker_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct worker_options w = { 0 };
	struct arena mem = { 0 };
	struct option_strings rest = { 0 };
	struct loaded_run r = { 0 };
	struct slots slots = { .stop = orphan_or_signal };
	struct err e = { 0 };
	const struct option_args args = { .words = words, .nwords = nwords };
	int code = 0;

	signals_catch(false);
	if (option_defaults(worker_rows, &w, &mem, &e) < 0 ||
	    option_parse(worker_rows, &args, &w, &mem, &rest, &e) < 0 ||
	    command_check_args(self, rest.n, &e) < 0)
		code = cli_fail(&e);
	else if (w.wants_help)
		code = show_help(self);
	else if (!w.run)
		code = (err_set(&e, ERR_USAGE, NULL, 0, "'worker' needs --run DIR"), cli_fail(&e));
	else if (load(&w, &r, &e) < 0 || work(&r, &w, &slots, &e) < 0)
		code = cli_fail(&e);
	slots_end(&slots);
	loaded_run_release(&r);
	arena_release(&mem);
	return code;
}

const struct command_row cmd_worker = {
	.name = "worker",
	.args = "--run DIR --lane N [--unit uN]",
	.help = "run one worker of a run by hand, as the graph does",
	.options = worker_rows,
	.exec = worker_exec,
};
