/* SPDX-License-Identifier: MIT
 *
 * What is the whole?  Many JUnit files into one.
 */
#ifndef GW_STAGE_MERGE_H
#define GW_STAGE_MERGE_H

#include "format/junit.h"

struct merge_options {
	const char *name; /* of <testsuites>; "gangway" */
	enum junit_family family;
	const char *scratch; /* folder for sorted runs; NULL: beside the output */
	void (*on_warning)(void *ctx, const char *path, uint64_t offset_bytes, const char *text);
	/* For the progress bar; may be NULL. */
	void (*progress)(void *ctx, uint64_t bytes_done, uint64_t bytes_total);
	void *ctx;
};

/*
 * Merge files (folders: every *.xml, *.xml.gz below them, sorted) into one file at `out`, sorted
 * by suite, class, name; (suite, class, name) unique; counters recomputed; constant memory.
 * A damaged file: its whole cases count, *reterr has the first damage, the output is written, and
 * the result is -1.
 */
int merge_junit(const struct merge_options *o, const char *const *paths, size_t npaths,
		const char *out, struct junit_totals *ret, struct err *reterr);

#endif
