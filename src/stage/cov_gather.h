/* SPDX-License-Identifier: MIT
 *
 * What did the tests run?  The counters that all lanes left, of every object of the build, as one
 * model.
 *
 * The notes (.gcno) say what objects there are: one that never ran counts too, with 0.  Of each
 * object the counters of all lanes are added before it is solved, once.  What cannot be used is
 * named (cov_warn()) and left out; the rest is true.
 */
#ifndef GW_STAGE_COV_GATHER_H
#define GW_STAGE_COV_GATHER_H

#include "base/arena.h"

struct cov;
struct err;

struct cov_gather_options {
	const char *const *roots; /* folders that are searched for notes, absolute */
	size_t nroots;
	const char *const *lanedirs; /* each may have a cov folder (stage/execute_cov.h) */
	size_t nlanedirs;
	const char *const *programs; /* that tests ran, absolute: llvm-cov reads them */
	size_t nprograms;
	bool reads_in_place; /* counters in the build tree count as well */
	bool keeps_throws;   /* see struct cov_read_options */
	/* As in struct cov_read_options. */
	const char *(*map_path)(void *ctx, const char *cwd, const char *name);
	void *map_ctx;
	/* Ids of all tests, by their indices: which tests ran a line is gathered too; ntests 0: not. */
	const char *const *tests;
	size_t ntests;
	const char *scratch; /* folder for what tools write, made and removed; absolute */
	/* How much of the notes is read; on_progress may be NULL, stop too (see proc_hooks). */
	void (*on_progress)(void *ctx, uint64_t bytes_done, uint64_t bytes_total);
	int (*stop)(void *ctx);
	void *ctx;
	/* Only every nparts-th object, from `part` on; nparts 0: all. */
	unsigned part, nparts;
};

struct cov_gather_counts {
	size_t nobjects; /* with notes */
	size_t ndata;    /* counter files that were used */
	size_t nunused;  /* torn, stale, without notes */
	uint64_t notes_bytes;
};

/* -1: interrupted, or out of luck in a way that leaves nothing to tell. */
int cov_gather(const struct cov_gather_options *o, struct cov *into, struct cov_gather_counts *ret,
	       struct err *reterr);

/* How many bytes of notes there are: how much work it would be. */
uint64_t cov_gather_size(const struct cov_gather_options *o);

#endif
