/* SPDX-License-Identifier: MIT
 *
 * A test case while its element is read: buffers that the next case uses again.  A part of
 * junit_read().
 */
#ifndef GW_FORMAT_JUNIT_DRAFT_H
#define GW_FORMAT_JUNIT_DRAFT_H

#include "format/junit.h"
#include "format/junit_verdict.h"

struct draft_property {
	struct buf name, value;
};

struct draft_rerun {
	struct buf message, type, text, out, err;
};

struct junit_draft {
	struct buf classname, name, file, line, time, iteration, out, err;
	struct junit_said said;
	struct draft_property *props;
	size_t nprops, cap_props, made_props; /* made: have buffers */
	struct draft_rerun *reruns;
	size_t nreruns, cap_reruns, made_reruns;
	/* the same as a struct junit_case shows them */
	struct junit_property *prop_views;
	size_t cap_prop_views;
	struct junit_rerun *rerun_views;
	size_t cap_rerun_views;
};

void junit_draft_init(struct junit_draft *d);
void junit_draft_release(struct junit_draft *d);
void junit_draft_clear(struct junit_draft *d);

/* A further one, empty. */
struct draft_property *junit_draft_property(struct junit_draft *d);
struct draft_rerun *junit_draft_rerun(struct junit_draft *d);

/* The case as it is now, without suite and outcome; line as it was written.  Borrowed. */
void junit_draft_view(struct junit_draft *d, struct junit_case *ret);

/* Check's words into JUnit's: "t.c:11" is file and line, a loop's iteration belongs to the name. */
void junit_draft_settle_check(struct junit_draft *d);

void junit_trim(struct buf *b);

#endif
