/* SPDX-License-Identifier: MIT
 *
 * gangway report [DIR]: a run told again.  gangway verdict DIR: the same as the last edge of a
 * graph, which turns what the tests said into an exit code.
 */
#include "base/err.h"
#include "cli/commands.h"
#include "cli/config_find.h"
#include "cli/fail.h"
#include "cli/options_run.h"
#include "cli/replan.h"
#include "cli/report_run.h"
#include "cli/show.h"
#include "model/config.h"
#include "sys/fs.h"

/* The newest run of the project that the current folder belongs to. */
static const char *latest_run(struct arena *mem, struct err *reterr)
{
	struct config config = { 0 };
	const struct config_wish wish = { 0 };
	const char *dir = NULL;

	if (config_find(&wish, &config, reterr) == 0) {
		dir = fs_join(mem, config.rootdir, ".gangway/latest");
		if (!fs_is_dir(dir)) {
			err_set(reterr, ERR_MISSING, dir, 0,
				"no run here yet: run gangway first, or name a run's folder");
			dir = NULL;
		}
	}
	config_release(&config);
	return dir;
}

static int tell(const struct command_row *self, const char *const *words, size_t nwords,
		bool is_verdict)
{
	struct options_run o = { 0 };
	struct option_strings rest = { 0 };
	struct err e = { 0 };
	const struct option_args args = { .words = words, .nwords = nwords };
	int code = 0;

	if (option_defaults(self->options, &o, &o.mem, &e) < 0 ||
	    option_parse(self->options, &args, &o, &o.mem, &rest, &e) < 0) {
		code = cli_fail(&e);
	} else if (options_cov_settle(&o.cov, &o.mem, fs_cwd(&o.mem), &e) < 0) {
		code = cli_fail(&e);
	} else if (o.wants_help) {
		code = show_help(self);
	} else if (command_check_args(self, rest.n, &e) < 0) {
		code = cli_fail(&e);
	} else if (o.is_last && rest.n > 0) {
		err_set(&e, ERR_USAGE, NULL, 0, "--last is the newest run: name no folder with it");
		code = cli_fail(&e);
	} else {
		const char *dir = rest.n > 0 ? rest.items[0] : latest_run(&o.mem, &e);

		if (dir)
			dir = fs_absolute(&o.mem, fs_cwd(&o.mem), dir);
		if (dir && is_verdict && !o.only && !o.only_group && replan_graph(dir, &e) < 0)
			dir = NULL;
		code = dir ? report_run(dir, &o, is_verdict) : cli_fail(&e);
	}
	options_run_release(&o);
	return code;
}

static int report_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	return tell(self, words, nwords, false);
}

static int verdict_exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	return tell(self, words, nwords, true);
}

const struct command_row cmd_report = {
	.name = "report",
	.args = "[options] [DIR]",
	.help = "tell a finished run again: the newest one, or the one whose folder is DIR",
	.options = options_report_rows,
	.max_args = 1,
	.exec = report_exec,
};

const struct command_row cmd_verdict = {
	.name = "verdict",
	.args = "[options] DIR",
	.help = "show the failures of a run, and exit with 1 where tests failed",
	.options = options_verdict_rows,
	.min_args = 1,
	.max_args = 1,
	.is_hidden = true,
	.exec = verdict_exec,
};
