/* SPDX-License-Identifier: MIT */
#include "cli/cover_parts.h"

#include "base/err.h"
#include "base/parse.h"
#include "cli/cover_kills.h"
#include "cli/engine.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "format/cov_read.h"
#include "format/covjson.h"
#include "format/makefile.h"
#include "format/ninjafile.h"
#include "format/tsv.h"
#include "model/cov.h"
#include "stage/cov_gather.h"
#include "sys/fs.h"
#include "sys/outfile.h"

/* Notes are read at some 300 MB a second: below so many for each lane, starting an engine and reading
 * the parts' files takes longer than is won. */
enum { WORTH_BYTES = 16 << 20, PART_MAX_BYTES = 1 << 30, TICK_US = 50 * 1000 };

static const char folder[] = "cov-parts";

bool cover_parts_are_worth_it(const struct cover_parts *p, const struct cov_gather_options *o)
{
	const char *text = getenv("GANGWAY_COV_PART_BYTES"); /* for tests */
	uint64_t least = WORTH_BYTES;

	if (text && !parse_uint(text, INT64_MAX, &least))
		least = WORTH_BYTES;
	return p->engine && p->nparts > 1 && cov_gather_size(o) / p->nparts >= least;
}

bool cover_parts_parse(const char *which, uint64_t *part, uint64_t *nparts)
{
	const char *slash = strchr(which, '/');
	char first[16];

	if (!slash || (size_t)(slash - which) >= sizeof first)
		return false;
	snprintf(first, sizeof first, "%.*s", (int)(slash - which), which);
	return parse_uint(slash + 1, UINT16_MAX, nparts) && *nparts > 0 &&
	       parse_uint(first, *nparts - 1, part);
}

const char *cover_parts_path(struct arena *mem, const char *dir, unsigned part, const char *suffix)
{
	char name[64];

	snprintf(name, sizeof name, "%s/%u.%s", folder, part, suffix);
	return fs_join(mem, dir, name);
}

/* --- warnings ------------------------------------------------------------------------------- */

int cover_parts_write_warnings(const char *dir, unsigned part, const struct cover_warnings *w,
			       struct err *reterr)
{
	struct arena mem = { 0 };
	struct buf out = BUF_INIT;

	tsv_head(&out, "cov-warnings", 1);
	for (size_t i = 0; i < w->n; i++) {
		tsv_field(&out, "w");
		tsv_field(&out, w->lines[i]);
		tsv_end(&out);
	}
	tsv_put_end(&out);
	int status = outfile_write(cover_parts_path(&mem, dir, part, "warnings"), out.s, out.len,
				   reterr);

	buf_release(&out);
	arena_release(&mem);
	return status;
}

static int read_warnings(const char *path, struct cover_warnings *w)
{
	struct tsv_reader in;
	int got = 0;

	if (tsv_open(&in, path, "cov-warnings", 1, NULL) < 0)
		return -1;
	while ((got = tsv_next_of_whole(&in, NULL)) > 0)
		cover_warn(w, NULL, in.fields[in.nfields - 1]);
	tsv_close(&in);
	return got;
}

/* --- the graph ------------------------------------------------------------------------------- */

static int write_graph(const struct cover_parts *p, const char *path, struct err *reterr)
{
	const struct jobfile *dialect = p->engine->dialect == GRAPH_NINJA ? &ninjafile : &makefile;
	const struct jobfile_head head = { .default_name = "parts", .state_dir = folder };
	struct arena mem = { 0 };
	struct buf out = BUF_INIT;
	const char *words[] = { session_program(&mem), "merge", "coverage-part" };
	const struct jobfile_rule rule = { .name = "part",
					   .words = words,
					   .nwords = ARRAY_SIZE(words) };
	const char **names = arena_alloc(&mem, p->nparts, sizeof *names);

	dialect->begin(&out, &head);
	dialect->rule(&out, &rule);
	for (unsigned i = 0; i < p->nparts; i++) {
		char name[32];
		char args[48];

		snprintf(name, sizeof name, "part%u", i);
		snprintf(args, sizeof args, "%u/%u .", i, p->nparts);
		names[i] = arena_strdup(&mem, name);
		const struct jobfile_job job = { .rule = &rule,
						 .output = names[i],
						 .is_name = true,
						 .args = args,
						 .lane = NO_INDEX };

		dialect->job(&out, &job);
	}
	dialect->alias(&out, "parts", names, p->nparts);
	dialect->end(&out, &head);
	int status = outfile_write(path, out.s, out.len, reterr);

	buf_release(&out);
	arena_release(&mem);
	return status;
}

/* --- all of it --------------------------------------------------------------------------------- */

static int read_part(const struct cover_parts *p, struct arena *mem, unsigned part, struct cov *cov)
{
	const struct cov_read_options options = { 0 };
	const char *path = cover_parts_path(mem, p->dir, part, "json");
	struct buf text = BUF_INIT;
	int status = fs_read(path, PART_MAX_BYTES, &text, NULL);

	if (status == 0)
		status = covjson_read(path, text.s, text.len, &options, cov, NULL);
	buf_release(&text);
	return status;
}

static bool read_parts(const struct cover_parts *p, struct arena *mem, struct cov *cov)
{
	struct cov parts = { .on_warning = cov->on_warning, .ctx = cov->ctx };
	bool is_good = true;

	for (unsigned i = 0; i < p->nparts && is_good; i++)
		is_good = read_part(p, mem, i, &parts) == 0 &&
			  read_warnings(cover_parts_path(mem, p->dir, i, "warnings"),
					p->warnings) == 0;
	if (is_good)
		cov_merge(cov, &parts);
	cov_release(&parts);
	return is_good;
}

int cover_parts_run(const struct cover_parts *p, struct cov *cov, struct err *reterr)
{
	struct arena mem = { 0 };
	struct buf output = BUF_INIT;
	struct proc_end end = { 0 };
	const struct proc_hooks hooks = { .stop = signals_wanted, .tick_us = TICK_US };
	const char *dir = fs_join(&mem, p->dir, folder);
	const struct engine_job job = {
		.graph = fs_join(&mem, dir,
				 p->engine->dialect == GRAPH_NINJA ? "build.ninja" : "mk"),
		.workdir = p->dir,
		.target = "parts",
		.njobs = p->nparts,
		.hooks = &hooks,
		.grace_us = p->grace_us,
	};
	int got = 0;

	if (fs_remove_tree(dir, NULL) == 0 && fs_mkdirs(dir, NULL) == 0 &&
	    write_graph(p, job.graph, NULL) == 0 &&
	    engine_run(p->engine, &job, &end, &output, NULL) == 0)
		got = end.exit_code == 0 && read_parts(p, &mem, cov);
	if (signals_wanted(NULL))
		got = err_set(reterr, ERR_INTERRUPTED, NULL, 0,
			      "interrupted while coverage was gathered");
	fs_remove_tree(dir, NULL); /* what is in it is known, or gathered anew */
	buf_release(&output);
	arena_release(&mem);
	return got;
}
