/* SPDX-License-Identifier: MIT
 *
 * The tool that runs the graph: Ninja or Make.
 */
#ifndef GW_CLI_ENGINE_H
#define GW_CLI_ENGINE_H

#include "base/arena.h"
#include "stage/graph.h"
#include "sys/proc.h"

struct err;

struct engine {
	enum graph_dialect dialect;
	const char *program; /* absolute path */
	const char *version; /* "ninja 1.11.1", for the header */
};

/*
 * Choose: what the user asked for (name: "ninja", "make" or NULL), else make inside a make with
 * a jobserver, else ninja where there is one, else make.  ERR_MISSING names what to install.
 * cache: a folder where the version is remembered for as long as the program is the same; NULL.
 */
struct engine_wanted {
	const char *name;
	const char *cache;
};
int engine_find(struct arena *mem, const struct engine_wanted *wish, struct engine *ret,
		struct err *reterr);

/*
 * Run `target` of the graph with njobs jobs, in workdir.  Hooks: only tick, stop, watched, is_wanted
 * and ctx are used.
 * 0 also if the tool failed: *ret has its end, *output what it printed.
 */
struct engine_job {
	const char *graph; /* path of build.ninja or tests.mk */
	const char *workdir;
	const char *target;
	unsigned njobs;
	const struct proc_hooks *hooks;
	uint64_t grace_us;
};
struct buf;
int engine_run(const struct engine *e, const struct engine_job *job, struct proc_end *ret,
	       struct buf *output, struct err *reterr);

#endif
