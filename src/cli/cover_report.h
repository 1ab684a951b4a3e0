/* SPDX-License-Identifier: MIT
 *
 * What is told of coverage: the files that were asked for, and the terminal's part.
 */
#ifndef GW_CLI_COVER_REPORT_H
#define GW_CLI_COVER_REPORT_H

#include "base/buf.h"

struct cov;
struct cover_warnings;
struct err;
struct options_cov;

struct cover_telling {
	const struct options_cov *options;
	const char *rootdir;
	bool wants_files;
	bool is_verbose;
	const struct cover_warnings *warnings;
	uint64_t counted_us; /* when the figures were made, since 1970; TIME_UNKNOWN */
	/* Of long work; NULL: nobody looks. */
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/* Each file is written whole or not at all; one that cannot be written is *reterr, and the others
 * are there.  *is_under: less is covered than --cov-fail-under wants. */
int cover_tell(const struct cover_telling *t, struct cov *cov, struct buf *out, bool *is_under,
	       struct err *reterr);

#endif
