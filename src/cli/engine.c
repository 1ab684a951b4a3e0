/* SPDX-License-Identifier: MIT */
#include "cli/engine.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "sys/fs.h"
#include "sys/outfile.h"

enum { OUTPUT_LIMIT_BYTES = 1024 * 1024 };

/* Make shares its job slots with us only if it said so in MAKEFLAGS. */
static bool is_inside_make(void)
{
	const char *flags = getenv("MAKEFLAGS");

	return flags && strstr(flags, "--jobserver");
}

/* "1.11.1" of "1.11.1\n", "GNU Make 4.3" of make's first line. */
static const char *version_of(struct arena *mem, const char *program, enum graph_dialect dialect)
{
	const char *argv[] = { program, "--version", NULL };
	const struct proc_spec spec = { .argv = argv };
	struct buf out = BUF_INIT;
	struct buf text = BUF_INIT;
	struct proc_end end = { 0 };

	if (proc_capture(&spec, 10 * 1000000, 65536, &out, NULL, &end, NULL) == 0) {
		buf_truncate(&out, strcspn(out.s, "\n"));
		buf_addf(&text, "%s%s", dialect == GRAPH_NINJA ? "ninja " : "", out.s);
	}
	const char *version = arena_memdup(mem, text.s, text.len);

	buf_release(&out);
	buf_release(&text);
	return version;
}

/* Asking costs more than all the rest of a short run's beginning. */
static const char *remembered_version(struct arena *mem, const char *cache, const struct engine *e)
{
	uint64_t state = hash_more(HASH_BEGIN, e->program, strlen(e->program));
	struct buf text = BUF_INIT;
	const char *version = NULL;

	if (!cache || !fs_identity(e->program, &state))
		return version_of(mem, e->program, e->dialect);
	buf_addf(&text, "%s/engine-%016" PRIx64 ".txt", cache, state);
	const char *path = arena_strdup(mem, text.s);

	buf_clear(&text);
	if (fs_read(path, 200, &text, NULL) == 0 && text.len > 0) {
		version = arena_strdup(mem, text.s);
	} else {
		version = version_of(mem, e->program, e->dialect);
		outfile_write(path, version, strlen(version), NULL); /* else asked again */
	}
	buf_release(&text);
	return version;
}

int engine_find(struct arena *mem, const struct engine_wanted *wish, struct engine *ret,
		struct err *reterr)
{
	const char *wanted = wish->name;
	bool wants_make = wanted ? strcmp(wanted, "make") == 0 : is_inside_make();
	const char *names[] = { wants_make ? "make" : "ninja", wants_make ? "ninja" : "make" };
	size_t nnames = wanted ? 1 : 2;

	for (size_t i = 0; i < nnames; i++) {
		const char *program = fs_find_program(mem, names[i]);

		if (!program && strcmp(names[i], "make") == 0)
			program = fs_find_program(mem, "gmake");
		if (!program)
			continue;
		*ret = (struct engine){ .dialect = strcmp(names[i], "ninja") == 0 ? GRAPH_NINJA
										  : GRAPH_MAKE,
					.program = program };
		ret->version = remembered_version(mem, wish->cache, ret);
		return 0;
	}
	return err_set(reterr, ERR_MISSING, NULL, 0,
		       "%s is not installed; install ninja-build or make, or run with -n 0",
		       wanted ? wanted : "neither ninja nor make");
}

struct engine_run {
	const struct engine_job *job;
	struct buf *output;
};

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct engine_run *r = ctx;
	size_t room = r->output->len < OUTPUT_LIMIT_BYTES ? OUTPUT_LIMIT_BYTES - r->output->len : 0;

	(void)stream;
	(void)now_us;
	buf_add(r->output, s, len < room ? len : room);
}

static int on_stop(void *ctx)
{
	struct engine_run *r = ctx;

	return r->job->hooks->stop ? r->job->hooks->stop(r->job->hooks->ctx) : 0;
}

static void on_tick(void *ctx)
{
	struct engine_run *r = ctx;

	if (r->job->hooks->tick)
		r->job->hooks->tick(r->job->hooks->ctx);
}

static void on_watched(void *ctx)
{
	struct engine_run *r = ctx;

	r->job->hooks->watched(r->job->hooks->ctx);
}

static bool on_is_wanted(void *ctx)
{
	struct engine_run *r = ctx;

	return r->job->hooks->is_wanted(r->job->hooks->ctx);
}

int engine_run(const struct engine *e, const struct engine_job *job, struct proc_end *ret,
	       struct buf *output, struct err *reterr)
{
	struct engine_run run = { .job = job, .output = output };
	const struct proc_hooks hooks = { .ctx = &run,
					  .bytes = on_bytes,
					  .stop = on_stop,
					  .tick = on_tick,
					  .tick_us = job->hooks->tick_us,
					  .watched = job->hooks->watched ? on_watched : NULL,
					  .watched_fd = job->hooks->watched_fd,
					  .is_wanted =
						  job->hooks->is_wanted ? on_is_wanted : NULL };
	char njobs[24];

	snprintf(njobs, sizeof njobs, "-j%u", job->njobs);
	const char *ninja[] = { e->program, "-f", job->graph, njobs, "-k0", job->target, NULL };
	const char *make[] = { e->program, "-r",  "-s",        "-k", "-f",
			       job->graph, njobs, job->target, NULL };
	const char *make_shared[] = { e->program, "-r",       "-s",        "-k",
				      "-f",       job->graph, job->target, NULL };
	const struct proc_spec spec = {
		.argv = e->dialect == GRAPH_NINJA ? ninja
			: is_inside_make()        ? make_shared
						  : make,
		.workdir = job->workdir,
		.grace_us = job->grace_us,
		.kills_orphans = true,
	};

	return proc_run(&spec, &hooks, ret, reterr);
}
