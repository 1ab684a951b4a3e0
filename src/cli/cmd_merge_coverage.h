/* SPDX-License-Identifier: MIT
 *
 * gangway merge coverage -o OUT FILE|DIR…: coverage of any origin into one file, or a folder of
 * pages.  A part of cmd_merge.
 */
#ifndef GW_CLI_CMD_MERGE_COVERAGE_H
#define GW_CLI_CMD_MERGE_COVERAGE_H

#include "cli/option.h"

struct err;

/* --format; 0: by the name of the output, or because it is a folder. */
enum merge_coverage_format { MERGE_BY_NAME, MERGE_LCOV, MERGE_XML, MERGE_JSON, MERGE_HTML };

struct merge_coverage_words {
	enum merge_coverage_format format;
	const char *rootdir; /* NULL: the current folder */
	struct option_strings path_maps;
	bool keeps_throws;
	/* For the progress bar; NULL: none. */
	void (*progress)(void *ctx, uint64_t bytes_done, uint64_t bytes_total);
	void *ctx;
};

extern const struct option_word merge_coverage_format_words[];

/* Damaged inputs are said, the output is written all the same, and the result is -1. */
int cmd_merge_coverage(const struct merge_coverage_words *w, const char *output,
		       const struct option_strings *files, struct err *reterr);

#endif
