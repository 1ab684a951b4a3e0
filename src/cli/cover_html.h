/* SPDX-License-Identifier: MIT
 *
 * Coverage as a folder of pages.
 */
#ifndef GW_CLI_COVER_HTML_H
#define GW_CLI_COVER_HTML_H

#include "sys/fs_source.h"

struct cov;
struct cov_write_options;
struct err;

struct cover_html {
	const struct cov_write_options *options;
	bool has_branches;
	struct source_roots roots; /* of sources that may be shown */
	uint64_t
		counted_us; /* since 1970; a source that is newer says so.  TIME_UNKNOWN: none does */
	/* Of long work; NULL: nobody looks. */
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/* The model must be sorted.  The folder is there whole or not at all, as far as sys/fs_outdir.h can. */
int cover_html_write(const struct cover_html *w, const struct cov *cov, const char *path,
		     struct err *reterr);

#endif
