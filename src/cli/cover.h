/* SPDX-License-Identifier: MIT
 *
 * Coverage, from the command line to the reports: before the lanes, and after them.
 */
#ifndef GW_CLI_COVER_H
#define GW_CLI_COVER_H

#include "base/buf.h"

struct engine;
struct err;
struct options_cov;
struct run_view;
struct session;

/* The run's folder is there: note what is wanted, and make way for counters. */
int cover_begin(struct session *s, struct err *reterr);

struct cover_result {
	struct buf text; /* for the terminal; begin with BUF_INIT */
	bool is_under;   /* --cov-fail-under */
};

struct cover_job {
	const struct engine *engine; /* shares the work where there is much; NULL: none */
	const struct run_view *view;
	/* What to tell; NULL: what the run was asked for. */
	const struct options_cov *options;
	bool is_again;    /* the run is over and was told before: its kept figures do */
	bool wants_files; /* write the reports that are files */
	bool is_verbose;
};

/* Gather (or read what was kept), write the reports, say the rest.  ERR_INTERRUPTED: somebody was
 * impatient. */
int cover_finish(const struct cover_job *job, struct cover_result *ret, struct err *reterr);

/* The ids of the tests that ran the line of options->tests_word, one a line.  ERR_MISSING: it is no code,
 * or nobody noted which tests ran it. */
int cover_tests(const struct cover_job *job, struct buf *out, struct err *reterr);

/* One part of the work, "I/N": what the edges of cli/cover_parts.h call. */
int cover_part(const struct run_view *v, const char *which, struct err *reterr);

/* Programs of the system hold no project's objects. */
bool cover_is_of_system(const char *program);

/* The figures are kept and the run cannot go on: its counters are needed no more. */
void cover_forget(const struct run_view *v);

#endif
