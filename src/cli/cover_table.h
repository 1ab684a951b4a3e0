/* SPDX-License-Identifier: MIT
 *
 * Coverage on the terminal: coverage.py's table.
 */
#ifndef GW_CLI_COVER_TABLE_H
#define GW_CLI_COVER_TABLE_H

struct buf;
struct cov;

struct cover_table {
	bool has_branches; /* columns Branch and BrPart; branches are in the percentage */
	bool has_missing;  /* which lines did not run */
};

/* The model must be sorted. */
void cover_table_add(const struct cover_table *t, const struct cov *cov, struct buf *out);

#endif
