/* SPDX-License-Identifier: MIT
 *
 * What happened?  One lane runs its units and keeps its journal.
 */
#ifndef GW_STAGE_EXECUTE_H
#define GW_STAGE_EXECUTE_H

struct err;
struct plan;
struct run;
struct tests;

struct execute_options {
	const char *rundir;  /* with run.tsv and claims */
	const char *lanedir; /* where the journal, output, junit.xml and tmp/ go; made anew */
	uint32_t lane;
	uint32_t unit; /* only this one (lanes shape), or NO_INDEX: claim until none is left */
	/* The folders of all lanes, of this round and those before it, as struct past_options has
	 * them (stage/execute_past.h): what a dead lane did is read there. */
	const char *const *lanedirs;
	size_t nlanedirs;
	/* Listeners in this process (-n 0): after each journal line; bytes as they come under -s.
	 * May be NULL. */
	void (*on_journal)(void *ctx);
	void (*on_output)(void *ctx, int stream, const char *s, size_t len);
	void *on_journal_ctx;
	/* A signal that asks us to stop, or 0; may be NULL. */
	int (*stop)(void *ctx);
	void *stop_ctx;
	/* Have so many job slots of the build that we are a part of, in all; waits, and ends early
	 * where we are to stop.  NULL: there are always enough. */
	void (*have_slots)(void *ctx, unsigned nslots);
	void *have_slots_ctx;
};

/* 0 also where tests failed.  ERR_INTERRUPTED if stopped; the journal then holds what was known. */
int execute_lane(const struct execute_options *o, const struct run *run, const struct tests *t,
		 const struct plan *p, struct err *reterr);

#endif
