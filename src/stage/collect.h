/* SPDX-License-Identifier: MIT
 *
 * What exists?  From paths to tests: CMake build folders, programs, folders of programs.
 */
#ifndef GW_STAGE_COLLECT_H
#define GW_STAGE_COLLECT_H

struct err;
struct tests;

struct collect_options {
	const char *rootdir;      /* absolute */
	const char *const *paths; /* as the user gave them, relative to cwd or absolute */
	size_t npaths;
	const char *const
		*patterns; /* globs of basenames that are tests in a folder; NULL: the usual ones */
	size_t npatterns;
	const char *build_config; /* ctest -C; NULL */
	uint64_t list_timeout_us; /* for each listing; TIME_UNKNOWN: none */
	const char *scratch;      /* an existing folder for listings */
	/* Called as the work goes on, for the progress line; may be NULL. */
	void (*progress)(void *ctx, const char *what, size_t ntests);
	void *progress_ctx;
};

/*
 * Fill *ret.  What goes wrong in one target is in ret->errors and the rest goes on; -1 only where
 * nothing can go on (a path that is not there: ERR_MISSING naming it).
 */
int collect_run(const struct collect_options *o, struct tests *ret, struct err *reterr);

#endif
