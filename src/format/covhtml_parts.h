/* SPDX-License-Identifier: MIT
 *
 * What the pages of format/covhtml.h share.
 */
#ifndef GW_FORMAT_COVHTML_PARTS_H
#define GW_FORMAT_COVHTML_PARTS_H

#include "format/cov_write.h"
#include "format/demangle.h"
#include "model/cov.h"

enum { COVHTML_NAME_BYTES = sizeof "0123456789abcdef.html" };

struct covhtml {
	const struct cov *cov;
	const struct cov_write_options *options;
	bool has_branches;
	struct cov_totals *totals; /* of each file */
	struct cov_totals sum;
	char (*names)[COVHTML_NAME_BYTES];
	struct demangle readable;
};

/* The sets of tests that a page speaks of: zeroed with its model, released in the end. */
struct covhtml_tests {
	const struct cov *cov;
	uint32_t *numbers; /* on this page, by set; 0: not on it */
	uint32_t *sets;
	size_t n, cap;
};

/* 1, 2, ... as they come; 0: the empty set. */
uint32_t covhtml_tests_number(struct covhtml_tests *t, uint32_t set);
/* The list of them; nothing where there is none. */
void covhtml_tests_put(struct cov_out *o, const struct covhtml_tests *t);
void covhtml_tests_release(struct covhtml_tests *t);

/* From <html> to <body>.  The title is foreign text; `rest` goes behind it. */
void covhtml_put_head(struct cov_out *o, const char *title, size_t len, const char *rest);
/* Foreign text, and that with a NUL. */
void covhtml_put_text(struct cov_out *o, const char *s, size_t len);
void covhtml_put_str(struct cov_out *o, const char *s);

/* <dl> of lines, functions and branches, with bars. */
void covhtml_put_summary(struct cov_out *o, const struct covhtml *h, const struct cov_totals *t);
/* Cells of a row for each of them: bar and percent, missed, all. */
void covhtml_put_cells(struct cov_out *o, const struct covhtml *h, const struct cov_totals *t);

#endif
