/* SPDX-License-Identifier: MIT
 *
 * Why is it (not) run?  Sets test.left_out where the user's words leave a test out.
 */
#ifndef GW_STAGE_SELECT_H
#define GW_STAGE_SELECT_H

struct err;
struct tests;

struct select_options {
	const char *keyword;         /* -k EXPR; NULL */
	const char *markexpr;        /* -m EXPR; NULL */
	const char *const *deselect; /* --deselect ID-PREFIX */
	size_t ndeselect;
	const char *const
		*ids; /* PATH::SUITE[::NAME] arguments; only these and what is below them */
	size_t nids;
	/* --lf: of what is left only what failed last time, or all where nothing did; NULL */
	bool (*failed)(void *ctx, const char *id);
	void *failed_ctx;
};

struct selection {
	size_t nitems;      /* collected */
	size_t ndeselected; /* but what is held */
	size_t nselected;
};

/*
 * A bad expression is ERR_USAGE whose message holds the expression and, on a line below, a caret.
 * An id that matches nothing is ERR_MISSING, with the nearest id.
 * What sets up and cleans up for a test that runs (CTest's fixtures) runs as well, whatever is said.
 */
int select_run(const struct select_options *o, struct tests *t, struct selection *ret,
	       struct err *reterr);

/* The last step of it, for who left out more: what tests that run cannot do without runs again.  How
 * many tests that are. */
size_t select_add_company(struct tests *t);

#endif
