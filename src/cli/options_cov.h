/* SPDX-License-Identifier: MIT
 *
 * The options that say what is counted and what is told of it, in pytest-cov's words.
 */
#ifndef GW_CLI_OPTIONS_COV_H
#define GW_CLI_OPTIONS_COV_H

#include "cli/option.h"

enum cov_report_type {
	COV_REPORT_TERM,
	COV_REPORT_TERM_MISSING,
	COV_REPORT_HTML,
	COV_REPORT_XML,
	COV_REPORT_LCOV,
	COV_REPORT_JSON
};

struct cov_report_wish {
	enum cov_report_type type;
	const char *path; /* absolute; "-" is stdout; NULL: the terminal's table */
};

struct options_cov {
	struct option_strings sources;      /* --cov[=PATH]: absolute after options_cov_settle() */
	struct option_strings report_words; /* --cov-report, as given */
	bool wants_branches;
	bool wants_throws;           /* branches that only an exception takes count too */
	const char *fail_under_text; /* as given; NULL */
	struct option_strings excludes;
	struct option_strings path_maps; /* FROM=TO */
	const char *diff;                /* a git revision; NULL */
	bool is_in_place, is_appended;
	bool is_off;              /* --no-cov */
	const char *context_text; /* --cov-context: "test"; NULL */
	const char *tests_word;   /* --cov-tests: FILE:LINE, as given; NULL */

	/* filled by options_cov_settle() */
	struct cov_report_wish *reports;
	size_t nreports;
	uint64_t fail_under_ppm; /* millionths of a percent; TIME_UNKNOWN: not asked */
	const char *tests_file;  /* absolute */
	uint32_t tests_line;
};

/* Offsets are those of a struct options_run.  What a run takes, and of these what is told later. */
extern const struct option_row options_cov_run_rows[];
extern const struct option_row options_cov_rows[];

/* Look at what was given, once all of it is read: paths become absolute, reports are understood.
 * ERR_USAGE: one line that names the option and what it accepts. */
int options_cov_settle(struct options_cov *o, struct arena *mem, const char *cwd,
		       struct err *reterr);

/* Is anything to be counted? */
bool options_cov_is_on(const struct options_cov *o);
/* For each test by itself? */
bool options_cov_has_contexts(const struct options_cov *o);

/* The words that give these options again; paths as settled. */
void options_cov_words(const struct options_cov *o, struct arena *mem, struct option_strings *ret);

#endif
