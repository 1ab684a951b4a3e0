/* SPDX-License-Identifier: MIT
 *
 * The figures of a run are kept in its folder as coverage.json, whole: what is told of them later
 * may be asked for anew.  Once they are there, and the run cannot go on, the counters go.
 */
#include "cli/cover.h"

#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "cli/cover_file.h"
#include "cli/cover_kills.h"
#include "cli/cover_parts.h"
#include "cli/cover_report.h"
#include "cli/cover_tests.h"
#include "cli/fail.h"
#include "cli/finish.h"
#include "cli/rundir.h"
#include "cli/signals.h"
#include "format/cov_read.h"
#include "format/cov_write.h"
#include "format/covjson.h"
#include "format/covlane.h"
#include "model/cov.h"
#include "stage/cov_diff.h"
#include "stage/cov_gather.h"
#include "stage/cov_markers.h"
#include "stage/cov_paths.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "sys/walk.h"

enum { KEPT_MAX_BYTES = 1 << 30 };

struct cover {
	struct arena mem;
	const struct cover_job *job;
	struct cover_file asked;           /* when the run was made */
	const struct options_cov *options; /* what is to be told now */
	struct cov_paths *paths;           /* what is counted */
	struct cov cov;
	struct cover_warnings warnings;
	uint64_t began_us;
	unsigned shown; /* percent on the terminal; 0: nothing is there */
};

static void on_warning(void *ctx, const char *path, const char *text)
{
	struct cover *c = ctx;

	cover_warn(&c->warnings, path, text);
}

static int make_paths(const struct cover *c, const struct options_cov *o, struct cov_paths **ret,
		      struct err *reterr)
{
	const struct cov_paths_options options = {
		.rootdir = c->job->view->run->rootdir,
		.sources = o->sources.items,
		.nsources = o->sources.n,
		.excludes = o->excludes.items,
		.nexcludes = o->excludes.n,
		.maps = o->path_maps.items,
		.nmaps = o->path_maps.n,
	};

	return cov_paths_new(&options, ret, reterr);
}

static int open_cover(struct cover *c, const struct cover_job *job, struct err *reterr)
{
	*c = (struct cover){ .job = job, .began_us = proc_now_us() };
	int status =
		cover_file_read(fs_join(&c->mem, job->view->dir, "cov.tsv"), &c->asked, reterr);

	c->cov.on_warning = on_warning;
	c->cov.ctx = c;
	c->options = job->options ? job->options : &c->asked.options.cov;
	if (status == 0)
		status = make_paths(c, &c->asked.options.cov, &c->paths, reterr);
	return status;
}

static void close_cover(struct cover *c)
{
	cov_release(&c->cov);
	cover_warnings_release(&c->warnings);
	cov_paths_free(c->paths);
	cover_file_release(&c->asked);
	arena_release(&c->mem);
}

/* Work that takes long is seen to go on, on a terminal. */
static void on_progress(void *ctx, uint64_t bytes_done, uint64_t bytes_total)
{
	enum { LONG_US = 500 * 1000 };
	struct cover *c = ctx;
	unsigned percent = bytes_total > 0 ? (unsigned)(bytes_done * 100 / bytes_total) : 100;

	if (percent == c->shown || proc_now_us() - c->began_us < LONG_US)
		return;
	c->shown = percent;
	fprintf(stderr, "\rcoverage [%3u%%]", percent);
}

static void progress_end(const struct cover *c)
{
	if (c->shown > 0)
		fprintf(stderr, "\r\033[K");
}

/* A signal that was there when we began asked for the end of the tests. */
static int stop(void *ctx)
{
	(void)ctx;
	return signals_wanted(NULL);
}

/* Every program that a test of the plan runs, each once. */
static const char **list_programs(struct cover *c, size_t *ret_n)
{
	const struct run_view *v = c->job->view;
	struct walk_list list = { 0 };

	for (size_t i = 0; i < v->tests->ntargets; i++) {
		const char *program = v->tests->targets[i].program;

		if (!*program || cover_is_of_system(program))
			continue;
		if (list.n >= list.cap) {
			list.cap = list.cap ? 2 * list.cap : 16;
			list.paths = xrealloc(list.paths, list.cap, sizeof *list.paths);
		}
		list.paths[list.n++] = program;
	}
	walk_sort(&list);
	const char **programs = arena_strings(&c->mem, list.paths, list.n);

	*ret_n = list.n;
	walk_release(&list);
	return programs;
}

static const char **list_ids(struct cover *c, size_t *ret_n)
{
	const struct tests *t = c->job->view->tests;
	const char **ids = arena_alloc(&c->mem, t->ntests + 1, sizeof *ids);

	for (size_t i = 0; i < t->ntests; i++)
		ids[i] = t->tests[i].id;
	*ret_n = t->ntests;
	return ids;
}

static struct cov_gather_options gather_options(struct cover *c)
{
	const struct run_view *v = c->job->view;
	const struct options_cov *asked = &c->asked.options.cov;
	struct cov_gather_options options = {
		.roots = c->asked.roots.items,
		.nroots = c->asked.roots.n,
		.lanedirs = v->lanedirs,
		.nlanedirs = v->nlanedirs,
		.reads_in_place = asked->is_in_place || asked->is_appended,
		.keeps_throws = asked->wants_throws,
		.map_path = cov_paths_map,
		.map_ctx = c->paths,
		.scratch = fs_join(&c->mem, v->dir, "cov-scratch"),
		.on_progress = isatty(STDERR_FILENO) == 1 ? on_progress : NULL,
		.stop = stop,
		.ctx = c,
	};

	options.programs = list_programs(c, &options.nprograms);
	if (v->run->wants_cov_contexts)
		options.tests = list_ids(c, &options.ntests);
	return options;
}

static int gather_part(struct cover *c, const struct cov_gather_options *options,
		       struct err *reterr)
{
	struct cov_gather_counts counts = { 0 };
	int status = cov_gather(options, &c->cov, &counts, reterr);

	progress_end(c);
	if (status == 0 && c->cov.nfiles == 0 && counts.nobjects == 0 && options->nparts == 0)
		cover_warn(&c->warnings, NULL,
			   "nothing was built to be counted: compile and link with --coverage");
	return status;
}

static int keep(struct cover *c, const char *path, struct err *reterr)
{
	const struct cov_write_options options = { .rootdir = c->job->view->run->rootdir };
	struct outfile *o = outfile_open(path, reterr);

	if (!o)
		return -1;
	cov_sort(&c->cov);
	covjson_write(&c->cov, &options, outfile_stream(o)); /* commit looks at its errors */
	return outfile_commit(o, reterr);
}

static int read_kept(struct cover *c, const char *path, struct err *reterr)
{
	const struct cov_read_options options = { 0 };
	struct buf text = BUF_INIT;
	int status = fs_read(path, KEPT_MAX_BYTES, &text, reterr);

	if (status == 0)
		status = covjson_read(path, text.s, text.len, &options, &c->cov, reterr);
	cov_sort(&c->cov);
	buf_release(&text);
	return status;
}

/* Every lane that counted has this folder, until cover_forget(). */
static const char *last_folder(struct arena *mem, const char *lanedir)
{
	return fs_join(mem, lanedir, "cov/python");
}

static bool has_counters(struct cover *c)
{
	const struct run_view *v = c->job->view;
	bool has = false;

	for (size_t i = 0; i < v->nlanedirs && !has; i++)
		has = fs_exists(last_folder(&c->mem, v->lanedirs[i]));
	return has;
}

/* What was wrong with them is told again. */
static bool is_told_again(const char *name)
{
	return strcmp(name, "notes.tsv") == 0 || strcmp(name, "gcov.err") == 0;
}

static void forget_lane(struct arena *mem, const char *lanedir)
{
	const char *dir = fs_join(mem, lanedir, "cov");
	const char **names = NULL;
	size_t n = 0;

	/* a lane that was killed could not do it; what stays takes room, no more */
	fs_remove_tree(covlane_fresh(mem, lanedir), NULL);
	if (!fs_is_dir(dir) || fs_list(dir, mem, &names, &n, NULL) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (!is_told_again(names[i]) && strcmp(names[i], "python") != 0)
			fs_remove_tree(fs_join(mem, dir, names[i]), NULL);
	}
	fs_remove_tree(last_folder(mem, lanedir), NULL);
}

void cover_forget(const struct run_view *v)
{
	for (size_t i = 0; i < v->nlanedirs; i++) {
		struct arena mem = { 0 };

		forget_lane(&mem, v->lanedirs[i]);
		arena_release(&mem);
	}
}

static const char *kept_path(struct cover *c)
{
	return fs_join(&c->mem, c->job->view->dir, "coverage.json");
}

static int load(struct cover *c, struct err *reterr)
{
	const char *path = kept_path(c);

	if (fs_exists(path) && (c->job->is_again || !has_counters(c)))
		return read_kept(c, path, reterr);
	const struct cov_gather_options options = gather_options(c);
	struct cover_parts parts = {
		.dir = c->job->view->dir,
		.engine = c->job->engine,
		.nparts = c->job->view->run->nlanes,
		.grace_us = c->job->view->run->grace_us,
		.warnings = &c->warnings,
	};
	int got = 0;

	if (cover_parts_are_worth_it(&parts, &options))
		got = cover_parts_run(&parts, &c->cov, reterr);
	if (got == 0 && gather_part(c, &options, reterr) < 0)
		return -1;
	return got < 0 ? -1 : keep(c, path, reterr);
}

int cover_part(const struct run_view *v, const char *which, struct err *reterr)
{
	const struct cover_job job = { .view = v };
	struct cover c;
	uint64_t part = 0, nparts = 0;
	char name[32];
	int status = open_cover(&c, &job, reterr);

	if (status == 0 && !cover_parts_parse(which, &part, &nparts))
		status = err_set(reterr, ERR_USAGE, NULL, 0, "'%s' is no part: I/N", which);
	struct cov_gather_options options = gather_options(&c);

	options.part = (unsigned)part;
	options.nparts = (unsigned)nparts;
	snprintf(name, sizeof name, "cov-scratch.%u", options.part);
	options.scratch = fs_join(&c.mem, v->dir, name);
	options.on_progress = NULL;
	if (status == 0)
		status = gather_part(&c, &options, reterr);
	if (status == 0)
		status = cover_parts_write_warnings(v->dir, options.part, &c.warnings, reterr);
	if (status == 0)
		status = keep(&c, cover_parts_path(&c.mem, v->dir, options.part, "json"), reterr);
	close_cover(&c);
	return status;
}

/* Leave out what is not to be told: by name, by what the sources say, by what changed. */
static int narrow(struct cover *c, struct err *reterr)
{
	const char *rootdir = c->job->view->run->rootdir;
	const struct option_strings *sources = &c->asked.options.cov.sources;
	const struct cov_markers_options markers = {
		.rootdir = rootdir,
		.roots = sources->items,
		.nroots = sources->n,
	};
	struct cov_paths *told = NULL;
	int status = make_paths(c, c->options, &told, reterr);

	if (status == 0) {
		cov_paths_select(told, &c->cov);
		cov_markers_apply(&markers, &c->cov);
	}
	if (status == 0 && c->options->diff)
		status = cov_diff_apply(c->options->diff, rootdir, &c->cov, reterr);
	cov_paths_free(told);
	return status;
}

static int tell(struct cover *c, struct cover_result *ret, struct err *reterr)
{
	const struct cover_telling telling = {
		.options = c->options,
		.rootdir = c->job->view->run->rootdir,
		.wants_files = c->job->wants_files,
		.is_verbose = c->job->is_verbose,
		.warnings = &c->warnings,
		.counted_us = fs_changed_us(kept_path(c)),
		.progress = isatty(STDERR_FILENO) == 1 ? on_progress : NULL,
		.ctx = c,
	};

	if (narrow(c, reterr) < 0)
		return -1;
	int status = cover_tell(&telling, &c->cov, &ret->text, &ret->is_under, reterr);

	progress_end(c);
	return status;
}

int cover_finish(const struct cover_job *job, struct cover_result *ret, struct err *reterr)
{
	struct cover c;
	int status = open_cover(&c, job, reterr);

	if (status == 0)
		status = load(&c, reterr);
	if (status == 0)
		cover_kills(job->view, &c.warnings);
	if (status == 0)
		status = tell(&c, ret, reterr);
	close_cover(&c);
	return status;
}

int cover_tests(const struct cover_job *job, struct buf *out, struct err *reterr)
{
	const struct options_cov *o = job->options;
	struct cover c;

	if (!job->view->run->wants_cov_contexts)
		return err_set(reterr, ERR_MISSING, job->view->dir, 0,
			       "this run was made without --cov-context=test");
	int status = open_cover(&c, job, reterr);

	if (status == 0)
		status = load(&c, reterr);
	/* the name that it has in reports */
	const char *name = status == 0 ? cov_paths_map(c.paths, "/", o->tests_file) : NULL;

	if (status == 0)
		status = cover_tests_list(&c.cov, name ? name : o->tests_file, o->tests_line, out,
					  reterr);
	close_cover(&c);
	return status;
}
