/* SPDX-License-Identifier: MIT
 *
 * gangway merge junit -o OUT FILE|DIR…: JUnit files from anywhere into one.
 * gangway merge coverage -o OUT FILE|DIR…: coverage files of any origin into one.
 * gangway merge run DIR: the lanes of a run, as the graph's merge edge does it.
 */
#include <unistd.h>

#include "base/err.h"
#include "cli/cmd_merge_coverage.h"
#include "cli/commands.h"
#include "cli/cover.h"
#include "cli/fail.h"
#include "cli/finish.h"
#include "cli/option.h"
#include "cli/rundir.h"
#include "cli/show.h"
#include "cli/signals.h"
#include "stage/merge.h"

struct merge_words {
	const char *output;
	enum junit_family family;
	struct merge_coverage_words coverage;
	bool wants_help;
};

static const struct option_word family_words[] = {
	{ .word = "strict", .value = JUNIT_STRICT },
	{ .word = "files", .value = JUNIT_FILES },
	{ 0 },
};

#define AT(field) .offset = offsetof(struct merge_words, field)
static const char coverage[] = "of 'merge coverage'";

static const struct option_row rows[] = {
	{ OPTION_STRING, 'o', "output", .metavar = "FILE",
	  .offset = offsetof(struct merge_words, output),
	  .help = "the merged file, or folder of pages; - is stdout" },
	{ OPTION_ENUM, .name = "junit-family", .words = family_words, .default_text = "strict",
	  .offset = offsetof(struct merge_words, family),
	  .help = "strict validates against Jenkins' schema, files adds file and line to each "
		  "case" },
	{ OPTION_FLAG, 'h', "help", .offset = offsetof(struct merge_words, wants_help),
	  .help = "show this and stop" },
	{ OPTION_ENUM, .name = "format", .words = merge_coverage_format_words,
	  .default_text = "auto", AT(coverage.format), .section = coverage,
	  .help = "of the output; auto: by its name: *.info, *.lcov, *.xml, *.json, or html where "
		  "it is a folder or ends in /" },
	{ OPTION_STRING, .name = "rootdir", .metavar = "DIR", AT(coverage.rootdir),
	  .section = coverage,
	  .help = "names of sources below it are relative to it (default: the current folder)" },
	{ OPTION_STRINGS, .name = "cov-path-map", .metavar = "FROM=TO", AT(coverage.path_maps),
	  .section = coverage, .help = "sources below FROM are those below TO" },
	{ OPTION_FLAG, .name = "cov-throw-branches", AT(coverage.keeps_throws), .section = coverage,
	  .help = "keep branches that only an exception takes" },
	{ .kind = OPTION_END },
};

static void on_warning(void *ctx, const char *path, uint64_t offset_bytes, const char *text)
{
	(void)ctx;
	cli_warn("%s: byte %llu: %s", path, (unsigned long long)offset_bytes, text);
}

/* A bar on long work, on a terminal only. */
static void on_progress(void *ctx, uint64_t bytes_done, uint64_t bytes_total)
{
	unsigned *shown = ctx;
	unsigned percent = bytes_total > 0 ? (unsigned)(bytes_done * 100 / bytes_total) : 100;

	if (percent == *shown)
		return;
	*shown = percent;
	fprintf(stderr, "\rmerging [%3u%%]%s", percent, percent == 100 ? "\n" : "");
}

static int merge_files(const struct merge_words *w, const struct option_strings *files,
		       struct err *reterr)
{
	unsigned shown = 0;
	bool shows_progress = isatty(STDERR_FILENO) == 1;
	const struct merge_options options = {
		.name = "gangway",
		.family = w->family,
		.on_warning = on_warning,
		.progress = shows_progress ? on_progress : NULL,
		.ctx = &shown,
	};
	struct junit_totals totals = { 0 };

	if (!w->output)
		return err_set(reterr, ERR_USAGE, NULL, 0, "'merge junit' needs -o FILE");
	if (files->n == 0)
		return err_set(reterr, ERR_USAGE, NULL, 0, "'merge junit' needs files or folders");
	return merge_junit(&options, files->items, files->n, w->output, &totals, reterr);
}

static int merge_covered(const struct merge_words *w, const struct option_strings *files,
			 struct err *reterr)
{
	struct merge_coverage_words words = w->coverage;
	unsigned shown = 0;

	if (!w->output)
		return err_set(reterr, ERR_USAGE, NULL, 0, "'merge coverage' needs -o FILE");
	if (files->n == 0)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "'merge coverage' needs files or folders");
	words.progress = isatty(STDERR_FILENO) == 1 ? on_progress : NULL;
	words.ctx = &shown;
	return cmd_merge_coverage(&words, w->output, files, reterr);
}

/* What the verdict tells is kept; what goes into files is written now. */
static int merge_counters(const struct run_view *view, struct err *reterr)
{
	struct cover_result result = { .text = BUF_INIT };
	const struct cover_job job = { .view = view, .wants_files = true };
	int status = cover_finish(&job, &result, reterr);

	buf_release(&result.text);
	return status;
}

/* gangway merge coverage-part I/N DIR */
static int merge_part(const struct option_strings *words, struct err *reterr)
{
	struct loaded_run r = { 0 };

	if (words->n != 2)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "'merge coverage-part' takes I/N and one folder");
	if (rundir_load(words->items[1], &r, reterr) < 0)
		return -1;
	const struct run_view view = run_view_of(&r);
	int status = cover_part(&view, words->items[0], reterr);

	loaded_run_release(&r);
	return status;
}

static int merge_run(const struct option_strings *dirs, struct err *reterr)
{
	struct loaded_run r = { 0 };

	if (dirs->n != 1)
		return err_set(reterr, ERR_USAGE, NULL, 0, "'merge run' takes one folder");
	if (rundir_load(dirs->items[0], &r, reterr) < 0)
		return -1;
	const struct run_view view = run_view_of(&r);
	int status = finish_lost(&view, finish_stop_reason(&view, NULL), reterr);

	if (status == 0)
		status = finish_merge(&view, NULL, reterr);
	if (status == 0 && r.run.wants_cov)
		status = merge_counters(&view, reterr);

	loaded_run_release(&r);
	return status;
}

static int exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct merge_words w = { 0 };
	struct arena mem = { 0 };
	struct option_strings rest = { 0 };
	struct err e = { 0 };
	const struct option_args args = { .words = words, .nwords = nwords };
	int status = option_defaults(rows, &w, &mem, &e);

	signals_catch(true); /* a file that is being written is written or not there */

	if (status == 0)
		status = option_parse(rows, &args, &w, &mem, &rest, &e);
	if (status == 0 && w.wants_help) {
		show_help(self);
	} else if (status == 0 && rest.n == 0) {
		status =
			err_set(&e, ERR_USAGE, NULL, 0, "merge what? gangway merge %s", self->args);
	} else if (status == 0) {
		const char *what = rest.items[0];
		const struct option_strings files = { rest.items + 1, rest.n - 1 };

		if (strcmp(what, "junit") == 0)
			status = merge_files(&w, &files, &e);
		else if (strcmp(what, "coverage") == 0)
			status = merge_covered(&w, &files, &e);
		else if (strcmp(what, "run") == 0)
			status = merge_run(&files, &e);
		else if (strcmp(what, "coverage-part") == 0)
			status = merge_part(&files, &e);
		else
			status = err_set(&e, ERR_USAGE, NULL, 0,
					 "cannot merge '%s': gangway merge %s", what, self->args);
	}
	int code = status < 0 ? cli_fail(&e) : signals_wanted(NULL) ? 2 : 0;

	arena_release(&mem);
	return code;
}

const struct command_row cmd_merge = {
	.name = "merge",
	.args = "junit|coverage -o FILE FILE|DIR...",
	.help = "merge JUnit or coverage files of any origin into one",
	.options = rows,
	.max_args = ARGS_ANY,
	.exec = exec,
};
