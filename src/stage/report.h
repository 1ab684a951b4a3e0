/* SPDX-License-Identifier: MIT
 *
 * What do I tell people?  The terminal, written from the lanes' journals as they grow.
 */
#ifndef GW_STAGE_REPORT_H
#define GW_STAGE_REPORT_H

#include "model/history.h"
#include "sys/claims.h"

struct err;
struct plan;
struct run;
struct tests;

/* TB_AUTO: as short, but where a framework that has the same words knows better. */
enum report_tb { TB_AUTO, TB_SHORT, TB_LONG, TB_LINE, TB_NATIVE, TB_NO };

struct report_options {
	FILE *out;
	bool is_terminal; /* a last line may be rewritten */
	bool use_color;
	unsigned columns; /* 80 where unknown */
	int verbosity;    /* -q: -1, default 0, -v: 1, -vv: 2 */
	enum report_tb tb;
	unsigned durations;        /* --durations=N; UINT_MAX: none, 0: all */
	uint64_t durations_min_us; /* shorter ones only under -vv */
	const char *show;          /* -r letters; "fE" by default */
	const char *engine;        /* "ninja 1.11.1" for the header */
	const char *configfile;    /* NULL: none */
	uint64_t slow_us;  /* where there is no terminal: when to tell of a test that runs for
				   long; 0 or TIME_UNKNOWN: never */
	const char *notes; /* whole lines more for the header; NULL */
	size_t ndeselected;
	const bool *only; /* of each test: is it told of?  NULL: all are; the plan has no others */
	bool is_verdict;  /* only FAILURES, the short summary and the last line */
};

struct report;

/*
 * The header: platform, rootdir, configfile, lanes, collected counts.  The first lanedirs are those
 * of the lanes in their order (or of units, in any); journals in further folders count as well.
 */
struct report *report_begin(const struct report_options *o, const struct run *run,
			    const struct tests *t, const struct plan *p,
			    const char *const *lanedirs, size_t nlanedirs, struct err *reterr);
/* One more folder whose journal counts. */
void report_follow(struct report *r, const char *dir);
/* A line of our own among the tests' rows. */
void report_say(struct report *r, const char *text);
/* Lanes were asked what they run now (claims_ask()): have all that run something answered?  And
 * show it, with what they answered, among the tests' rows. */
bool report_has_answers(const struct report *r, unsigned question);
void report_now(struct report *r, unsigned question);
/* Read what the journals have that is new, show it.  Call often: at most every 50 ms it redraws. */
int report_poll(struct report *r, struct err *reterr);

struct report_totals {
	size_t passed, failed, skipped, xfailed, xpassed, errors, subtests_passed;
	bool is_interrupted;
	bool is_out_of_time; /* tests were not run, for the time of the whole run was over */
};

/* Has every test a result that is to have one, as far as was read? */
bool report_is_complete(const struct report *r);
/* Has any test so far? */
bool report_has_failed(const struct report *r);
/* Why the run ended before its last test, if it did (sys/claims.h); before report_end().  What was
 * not started is then not run, and not lost. */
void report_stopped(struct report *r, enum stop_reason why);

/* Whole lines to stand behind the failures and before the short summary. */
void report_insert(struct report *r, const char *text);

/* Read the rest, count what nobody saw as lost, write FAILURES, the short summary and the last
 * line. */
int report_end(struct report *r, struct report_totals *ret, struct err *reterr);
void report_free(struct report *r);

/* Of every test its last result, as far as was read; room for report_nresults() of them.  How many
 * there are. */
size_t report_seen(const struct report *r, struct history_seen *ret);
size_t report_nresults(const struct report *r);
/* The least time from the end of a unit to the first test of the next, of this target, on the same
 * lane: what one more process costs.  TIME_UNKNOWN where that did not happen. */
uint64_t report_start_us(const struct report *r, uint32_t target);

/* 0, 1, 2 or 5 as DESIGN section 7 has it. */
int report_exit_code(const struct report_totals *t);

#endif
