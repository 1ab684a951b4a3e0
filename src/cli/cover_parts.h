/* SPDX-License-Identifier: MIT
 *
 * Where there are many objects, all lanes gather: an edge for each, `gangway merge coverage-part I/N
 * DIR`, which takes every N-th object and writes DIR/cov-parts/I.json; then one process adds those.
 */
#ifndef GW_CLI_COVER_PARTS_H
#define GW_CLI_COVER_PARTS_H

#include "base/arena.h"

struct cov;
struct cov_gather_options;
struct cover_warnings;
struct engine;
struct err;

struct cover_parts {
	const char *dir;             /* of the run */
	const struct engine *engine; /* NULL: none */
	unsigned nparts;
	uint64_t grace_us;
	struct cover_warnings *warnings;
};

bool cover_parts_are_worth_it(const struct cover_parts *p, const struct cov_gather_options *o);
/* 1: all is in *cov.  0: the engine or a part failed, nothing is in it.  -1: interrupted. */
int cover_parts_run(const struct cover_parts *p, struct cov *cov, struct err *reterr);

/* In a part. */
bool cover_parts_parse(const char *which, uint64_t *part, uint64_t *nparts);
const char *cover_parts_path(struct arena *mem, const char *dir, unsigned part, const char *suffix);
int cover_parts_write_warnings(const char *dir, unsigned part, const struct cover_warnings *w,
			       struct err *reterr);

#endif
