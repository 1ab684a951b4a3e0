/* SPDX-License-Identifier: MIT
 *
 * Counters that other programs are to read for us: gcov's of versions we do not know, LLVM's
 * source-based profiles, coverage.py's data.
 */
#ifndef GW_STAGE_COV_GATHER_TOOLS_H
#define GW_STAGE_COV_GATHER_TOOLS_H

#include "stage/cov_gather.h"

struct cov_object;

struct cov_unknown {
	const struct cov_object **items; /* borrowed */
	size_t n, cap;
};

void cov_unknown_add(struct cov_unknown *u, const struct cov_object *object);
void cov_unknown_release(struct cov_unknown *u);

/* gcov itself reads them, some at a time; says so.  -1: interrupted. */
int cov_tools_gcov(const struct cov_gather_options *o, const struct cov_unknown *u,
		   struct cov *into, struct err *reterr);
/* What the lanes have of LLVM's and coverage.py's. */
int cov_tools_others(const struct cov_gather_options *o, struct cov *into, struct err *reterr);

#endif
