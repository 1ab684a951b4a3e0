/* SPDX-License-Identifier: MIT
 *
 * Which source files count, and what they are called: relative to the rootdir where they are below
 * it.
 */
#ifndef GW_CLI_COVER_PATHS_H
#define GW_CLI_COVER_PATHS_H

#include "base/arena.h"
#include "base/map.h"

struct cov;
struct options_cov;

struct cover_paths {
	struct arena mem;
	const char *rootdir;
	const struct options_cov *options;
	struct map known; /* cwd and name: index into names */
	const char **names;
	size_t n, cap;
};

/* As struct gcov_fold_options has it; ctx: a struct cover_paths. */
const char *cover_paths_map(void *ctx, const char *cwd, const char *name);
/* Leave out what --cov and --cov-exclude do. */
void cover_paths_select(struct cover_paths *p, const struct options_cov *o, struct cov *cov);
void cover_paths_release(struct cover_paths *p);

#endif
