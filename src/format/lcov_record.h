/* SPDX-License-Identifier: MIT
 *
 * A tracefile while it is read: where the reader is, and the record at hand, from SF to
 * end_of_record.  A part of lcov.
 */
#ifndef GW_FORMAT_LCOV_RECORD_H
#define GW_FORMAT_LCOV_RECORD_H

#include "format/cov_read.h"

/* Borrowed from the file. */
struct lcov_text {
	const char *s;
	size_t len;
};

struct lcov_function {
	struct lcov_text name;
	uint32_t start, end;
	uint64_t hits;
};

struct lcov_leader { /* FNL */
	uint64_t index;
	uint32_t start, end;
};

struct lcov_alias { /* FNA; FNDA has no index */
	uint64_t index;
	struct lcov_text name;
	uint64_t hits;
};

struct lcov_branch {
	uint32_t line, block, index;
	uint64_t taken;
};

struct lcov_line {
	uint32_t number;
	uint64_t hits;
	struct lcov_text sum; /* len 0: none */
};

struct lcov_record {
	struct cov_input in;
	struct err *reterr;
	unsigned number; /* of the line at hand */
	struct lcov_text path;
	struct lcov_text version;
	bool in_record;
	bool has_odd_tag, has_odd_count; /* said once */
	/* of the record */
	struct lcov_function *functions;
	size_t nfunctions, cap_functions;
	struct lcov_leader *leaders;
	size_t nleaders, cap_leaders;
	struct lcov_alias *aliases; /* of FNA */
	size_t naliases, cap_aliases;
	struct lcov_alias *counts; /* of FNDA */
	size_t ncounts, cap_counts;
	struct lcov_branch *branches;
	size_t nbranches, cap_branches;
	struct lcov_line *lines;
	size_t nlines, cap_lines;
	bool has_unsorted_lines, has_unsorted_branches;
};

/* ERR_SYNTAX at the line at hand; -1. */
int lcov_record_bad(const struct lcov_record *r, const char *what);

/* Add it to the model; the next one may begin. */
int lcov_record_end(struct lcov_record *r);

void lcov_record_release(struct lcov_record *r);

#endif
