/* SPDX-License-Identifier: MIT */
#include "cli/cmd_merge_coverage.h"

#include <unistd.h>

#include "base/err.h"
#include "cli/cover_html.h"
#include "cli/fail.h"
#include "format/cobertura.h"
#include "format/cov_read.h"
#include "format/cov_write.h"
#include "format/covjson.h"
#include "format/lcov.h"
#include "model/cov.h"
#include "stage/cov_gather.h"
#include "stage/cov_paths.h"
#include "stage/merge_coverage.h"
#include "sys/fs.h"
#include "sys/outfile.h"

const struct option_word merge_coverage_format_words[] = {
	{ .word = "auto", .value = MERGE_BY_NAME }, { .word = "lcov", .value = MERGE_LCOV },
	{ .word = "xml", .value = MERGE_XML },      { .word = "json", .value = MERGE_JSON },
	{ .word = "html", .value = MERGE_HTML },    { 0 },
};

static void on_warning(void *ctx, const char *path, const char *text)
{
	(void)ctx;
	cli_warn("%s: %s", path, text);
}

/* --- names of source files ------------------------------------------------------------------ */

struct naming {
	const struct merge_coverage_words *words;
	struct arena mem;
	const char *rootdir; /* absolute */
};

/* FROM=TO of --cov-path-map, the first that fits. */
static const char *map_folder(struct naming *n, const char *path)
{
	for (size_t i = 0; i < n->words->path_maps.n; i++) {
		const char *map = n->words->path_maps.items[i];
		const char *equals = strchr(map, '=');
		const char *from = arena_memdup(&n->mem, map, (size_t)(equals - map));

		from = fs_absolute(&n->mem, n->rootdir, from);
		if (!fs_is_below(path, from))
			continue;
		const char *rest = path + strlen(from);
		const char *to = fs_absolute(&n->mem, n->rootdir, equals + 1);

		while (*rest == '/')
			rest++;
		return *rest ? fs_join(&n->mem, to, rest) : to;
	}
	return path;
}

/* The source of that name, absolute. */
static const char *map_absolute(struct naming *n, const char *cwd, const char *name)
{
	arena_release(&n->mem);
	n->rootdir =
		fs_absolute(&n->mem, fs_cwd(&n->mem), n->words->rootdir ? n->words->rootdir : ".");
	const char *base = fs_absolute(&n->mem, n->rootdir, cwd && *cwd ? cwd : ".");

	return map_folder(n, fs_absolute(&n->mem, base, name));
}

static const char *name_of(struct naming *n, const char *path)
{
	if (!fs_is_below(path, n->rootdir) || strcmp(path, n->rootdir) == 0)
		return path;
	return fs_relative(&n->mem, n->rootdir, path);
}

static const char *map_path(void *ctx, const char *cwd, const char *name)
{
	struct naming *n = ctx;

	return name_of(n, map_absolute(n, cwd, name));
}

static int check_maps(const struct option_strings *maps, struct err *reterr)
{
	for (size_t i = 0; i < maps->n; i++) {
		const char *equals = strchr(maps->items[i], '=');

		if (!equals || equals == maps->items[i] || !equals[1])
			return err_set(reterr, ERR_USAGE, NULL, 0,
				       "--cov-path-map takes FROM=TO, not '%s'", maps->items[i]);
	}
	return 0;
}

/* --- counters in a folder ----------------------------------------------------------------------- */

static const char *map_source(void *ctx, const char *cwd, const char *name)
{
	struct naming *n = ctx;
	char *real =
		realpath(cwd, NULL); /* it may be a link: ".." leads out of where that points */
	const char *path = map_absolute(n, real ? real : cwd, name);

	free(real);
	if (*name == '<' || cov_paths_are_of_system(path)) /* <built-in> */
		return NULL;
	return name_of(n, path);
}

/* The counters of a build folder, as they stand beside their notes. */
static int gather(void *ctx, const char *dir, struct cov *c, struct err *reterr)
{
	struct naming *n = ctx;
	struct arena mem = { 0 };
	struct cov_gather_counts counts = { 0 };
	const char *root = fs_absolute(&mem, fs_cwd(&mem), dir);
	char *scratch = fs_make_temp_dir(&mem, reterr);
	const struct cov_gather_options o = {
		.roots = &root,
		.nroots = 1,
		.reads_in_place = true,
		.keeps_throws = n->words->keeps_throws,
		.map_path = map_source,
		.map_ctx = n,
		.scratch = scratch,
		.on_progress = n->words->progress,
		.ctx = n->words->ctx,
	};
	int status = scratch ? cov_gather(&o, c, &counts, reterr) : -1;

	if (scratch)
		fs_remove_tree(scratch, NULL); /* only what tools wrote */
	arena_release(&mem);
	return status;
}

/* --- the output ------------------------------------------------------------------------------- */

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s);
	size_t m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

/* A folder is named by a slash, or is there. */
static enum merge_coverage_format format_by_name(const char *output)
{
	static const struct {
		const char *end;
		enum merge_coverage_format format;
	} rows[] = {
		{ ".info", MERGE_LCOV },
		{ ".lcov", MERGE_LCOV },
		{ ".xml", MERGE_XML },
		{ ".json", MERGE_JSON },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (ends_with(output, rows[i].end))
			return rows[i].format;
	}
	return ends_with(output, "/") || fs_is_dir(output) ? MERGE_HTML : MERGE_BY_NAME;
}

static bool has_branches(const struct cov *c)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		if (cov_totals(c->files[i]).branches > 0)
			return true;
	}
	return false;
}

/* Long work is seen to go on, on a terminal. */
static void on_page(void *ctx, uint64_t done, uint64_t total)
{
	unsigned *shown = ctx;
	unsigned percent = (unsigned)(done * 100 / total);

	if (percent != *shown)
		fprintf(stderr, "\rwriting [%3u%%]%s", percent, percent == 100 ? "\n" : "");
	*shown = percent;
}

static int write_html(const struct cov *c, const struct cov_write_options *o, const char *output,
		      struct err *reterr)
{
	unsigned shown = 0;
	const struct cover_html html = {
		.options = o,
		.has_branches = has_branches(c),
		.roots = { .rootdir = o->rootdir },
		.counted_us = TIME_UNKNOWN,
		.progress = isatty(STDERR_FILENO) == 1 ? on_page : NULL,
		.ctx = &shown,
	};

	return cover_html_write(&html, c, output, reterr);
}

static int write_output(const struct cov *c, enum merge_coverage_format format,
			const struct cov_write_options *o, const char *output, struct err *reterr)
{
	if (format == MERGE_HTML)
		return write_html(c, o, output, reterr);
	struct outfile *file = outfile_open(output, reterr);

	if (!file)
		return -1;
	FILE *stream = outfile_stream(file);

	if (format == MERGE_LCOV)
		lcov_write(c, o, stream); /* errors stick to the stream */
	else if (format == MERGE_XML)
		cobertura_write(c, o, stream);
	else
		covjson_write(c, o, stream);
	return outfile_commit(file, reterr);
}

int cmd_merge_coverage(const struct merge_coverage_words *w, const char *output,
		       const struct option_strings *files, struct err *reterr)
{
	struct arena mem = { 0 };
	struct naming naming = { .words = w };
	struct cov_versions versions = { 0 };
	struct cov cov = { .on_warning = on_warning };
	struct err e = { 0 };
	const struct cov_read_options read = {
		.keeps_throws = w->keeps_throws,
		.map_path = map_path,
		.ctx = &naming,
		.versions = &versions,
	};
	const struct merge_coverage_options options = {
		.read = &read,
		.out = output,
		.gather = gather,
		.gather_ctx = &naming,
		.progress = w->progress,
		.ctx = w->ctx,
	};
	enum merge_coverage_format format = w->format ? w->format : format_by_name(output);

	if (!format)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "cannot tell the format of '%s' from its name: add "
			       "--format=lcov, xml, json or html (a folder)",
			       output);
	if (check_maps(&w->path_maps, reterr) < 0)
		return -1;
	if (format == MERGE_HTML && strcmp(output, "-") == 0)
		return err_set(reterr, ERR_USAGE, NULL, 0,
			       "html is a folder: it cannot go to stdout");
	int status = merge_coverage(&options, files->items, files->n, &cov, reterr);
	const struct cov_write_options how = {
		.rootdir = fs_absolute(&mem, fs_cwd(&mem), w->rootdir ? w->rootdir : "."),
		.timestamp_s = cov_timestamp((uint64_t)time(NULL)),
		.demangles = true,
	};

	cov_sort(&cov);
	if (write_output(&cov, format, &how, output, &e) < 0) {
		if (reterr)
			*reterr = e; /* there is nothing then: that is worse than a damage */
		status = -1;
	}
	cov_release(&cov);
	cov_versions_release(&versions);
	arena_release(&naming.mem);
	arena_release(&mem);
	return status;
}
