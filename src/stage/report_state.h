/* SPDX-License-Identifier: MIT
 *
 * What the parts of the report share.  report.c reads the journals and counts; report_live.c shows
 * what happens now; report_end.c says the last words, with report_blocks.c (a block a failure) and
 * report_summary.c (a line a test); report_text.c knows bars, colours and foreign bytes.
 *
 * Of each result only where it stands in its journal is kept: what is to be told of it at the end
 * is read again then.
 */
#ifndef GW_STAGE_REPORT_STATE_H
#define GW_STAGE_REPORT_STATE_H

#include "base/buf.h"
#include "format/journal.h"
#include "stage/report.h"

enum lost_how {
	LOST_NOT,
	LOST_IN_IT,     /* the worker died in it */
	LOST_BEFORE_IT, /* the worker that had its unit died */
	LOST_END,       /* it began, and the worker went on without its end */
	LOST_UNSEEN     /* no worker says anything of it */
};

struct ended {
	uint32_t test;
	uint32_t lane;     /* index into report.lanes; NO_INDEX: nobody's (lost) */
	uint32_t number;   /* the lane's own: K of gwK; NO_INDEX: unknown */
	struct span where; /* in the lane's journal */
	uint64_t time_us;
	uint64_t peak_bytes;
	uint32_t nsubs_passed;
	unsigned char outcome;  /* enum outcome */
	unsigned char lost_how; /* enum lost_how */
	bool is_leaky;
	bool has_output;
	bool is_replaced; /* a later attempt counts */
	bool is_rerun;    /* it failed and was to be tried again; then is_replaced, too */
	bool is_flaky;    /* it passed, and had failed before */
	bool has_phases;
};

struct report_lane {
	struct journal_reader reader;
	uint32_t running; /* began and has not ended; NO_INDEX: none */
	uint64_t start_us;
	uint64_t slow_us;   /* of the test that runs: what was told of last; 0: nothing */
	uint64_t end_us;    /* of its last test; TIME_UNKNOWN: none has ended */
	bool is_unit_begun; /* and no test of it yet */
};

struct report {
	struct report_options o;
	const struct run *run;
	const struct tests *tests;
	const struct plan *plan;
	struct report_lane *lanes;
	size_t nlanes, cap_lanes;
	size_t max_open; /* journals: of more none stays open between two polls */
	struct ended *ended;
	size_t nended, cap_ended;
	uint32_t *last;       /* of each test (--dist=each: of each lane's): index into ended */
	uint32_t *unit_lanes; /* who took each unit: index into lanes */
	size_t nexpected;     /* results there are to be */
	size_t ndone;
	size_t counts[OUTCOME_MAX];
	size_t nsubs_passed;
	size_t nleaky;
	size_t nreruns, nflaky;
	uint32_t *notrun; /* tests, because the run was stopped */
	size_t nnotrun, cap_notrun;
	uint64_t *starts;           /* of each target: see report_start_us() */
	uint64_t first_us, last_us; /* first begin and last end in the journals */
	enum stop_reason why;
	struct buf inserted;   /* report_insert() */
	struct buf text;       /* to be written next */
	size_t nmarks;         /* in the row at hand */
	struct buf live;       /* the last line as it stands on the terminal; "" if none */
	size_t live_below;     /* marks in the row above it; 0: there is no such row */
	uint64_t live_look_us; /* when it was last thought about */
};

/* --- report.c --------------------------------------------------------------------------- */

size_t report_nfailed(const struct report *r);
size_t report_nerrors(const struct report *r);
/* Count a result and show it.  `e` is copied. */
int report_note(struct report *r, const struct ended *e, struct err *reterr);
/* Which entry of report.last a test has that ran on lane gwK. */
size_t report_key(const struct report *r, uint32_t test, uint32_t number);

/* --- report_live.c ---------------------------------------------------------------------- */

/* Append the mark or the line of a result that was just counted. */
void live_result(struct report *r, const struct ended *e);
/* Captured output below its line (-vv). */
void live_output(struct report *r, const struct ended *e, const struct result *result);
/* Where there is no terminal: a line for each test that has run for long. */
void live_slow(struct report *r);
/* Append what ends the last row. */
void live_row_end(struct report *r);
/* Write what was appended, with the last line below it where there is one. */
int live_write(struct report *r, struct err *reterr);
/* Take the last line away and write. */
int live_write_last(struct report *r, struct err *reterr);

/* --- report_end.c ----------------------------------------------------------------------- */

/* The results that count (or, wants_reruns, the attempts before them) by test, lane and time. */
uint32_t *report_order(const struct report *r, bool wants_reruns, size_t *ret_n);

/* --- report_text.c ---------------------------------------------------------------------- */

enum {
	STYLE_NONE = 0,
	STYLE_RED = 1,
	STYLE_GREEN = 2,
	STYLE_YELLOW = 4,
	STYLE_CYAN = 8,
	STYLE_BOLD = 16
};

enum { SECTION_LINES = 40 };

void text_style(const struct report *r, struct buf *out, unsigned style);
void text_style_end(const struct report *r, struct buf *out, unsigned style);
void text_styled(const struct report *r, struct buf *out, unsigned style, const char *s);
/* "==== title ====" over the whole width. */
void text_bar(struct report *r, char c, const char *title, unsigned style);
/* Columns that text takes on a terminal. */
size_t text_width(const char *s, size_t len);
/* Append as much of s as goes into so many columns, "..." behind it if that is not all. */
void text_add_cut(struct buf *out, const char *s, size_t columns);
/* Foreign text of many lines: newlines and tabs stay, colours stay where we have colours, other
 * control bytes are shown.  Ends in a newline if it is not empty. */
void text_add_safe(const struct report *r, struct buf *out, const char *s, size_t len);
/* The id, with " [gwK]" under --dist=each.  Where names are bold, what is behind the path is. */
void text_add_name(const struct report *r, struct buf *out, const struct ended *e, bool is_bold);
/* "tests/a.c:41", or "" where nobody knows; relative to the rootdir. */
void text_add_place(const struct report *r, struct buf *out, const struct ended *e,
		    const struct result *result);
/* "15.42" */
void text_add_seconds(struct buf *out, uint64_t us);
/* What the tests that ended make of the run: red, yellow or green. */
unsigned text_main_color(const struct report *r);
/* Of one outcome: "PASSED" and its colour. */
const char *text_word(enum outcome o);
unsigned text_color(enum outcome o);
/* The same, of an attempt that is not the last "RERUN". */
const char *text_ended_word(const struct ended *e);
unsigned text_ended_color(const struct ended *e);

/* --- report_blocks.c -------------------------------------------------------------------- */

/* Call back with the whole result, from its journal. */
int blocks_tell(struct report *r, const struct ended *e,
		int (*tell)(struct report *r, const struct ended *e, const struct result *result,
			    struct err *reterr),
		struct err *reterr);
/* "--- captured stdout ---" and what was captured, as much as --tb wants. */
void blocks_captured(struct report *r, const struct ended *e, const struct result *result);
/* ERRORS, FAILURES, warnings, PASSES. */
int blocks_write(struct report *r, const uint32_t *order, size_t n, struct err *reterr);

/* --- report_summary.c ------------------------------------------------------------------- */

/* Is this letter among -r's, with a and A spelled out? */
bool summary_shows(const struct report *r, char letter);
int summary_write(struct report *r, const uint32_t *order, size_t n, struct err *reterr);
int summary_durations(struct report *r, const uint32_t *order, size_t n, struct err *reterr);

#endif
