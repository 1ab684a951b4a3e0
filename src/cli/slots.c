/* SPDX-License-Identifier: MIT */
#include "cli/slots.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/fail.h"
#include "sys/jobserver.h"
#include "sys/jobserver_borrow.h"
#include "sys/jobserver_lend.h"

static const char lender_name[] = "GANGWAY_SLOTS";

/* What make tells us, and where it stands while our engine, which may be another make, must not see
 * it. */
static const char flags_name[] = "MAKEFLAGS";
static const char hidden_name[] = "GANGWAY_MAKEFLAGS";

/* A signal's handler knows no other way to it. */
static struct jobserver *held;

static struct jobserver_flags read_flags(struct arena *mem)
{
	return jobserver_flags(getenv(flags_name), mem);
}

bool slots_are_dry(void)
{
	struct arena mem = { 0 };
	bool is_dry = read_flags(&mem).is_dry;

	arena_release(&mem);
	return is_dry;
}

unsigned slots_count(const char **reason)
{
	struct arena mem = { 0 };
	struct err e = { 0 };
	const struct jobserver_flags f = read_flags(&mem);
	struct jobserver *j = f.form == JOBSERVER_NONE ? NULL : jobserver_open(&f, &e);
	unsigned n = f.njobs;

	*reason = "jobs of make";
	if (f.form != JOBSERVER_NONE && !j) {
		cli_warn("%s; one worker", e.msg);
		n = 1;
	}
	jobserver_close(j);
	arena_release(&mem);
	return n;
}

/* A jobserver that is not there was warned of, where it matters. */
static struct jobserver_flags open_jobserver(struct slots *s)
{
	const struct jobserver_flags f = read_flags(&s->mem);

	s->jobserver = f.form == JOBSERVER_NONE ? NULL : jobserver_open(&f, NULL);
	held = s->jobserver;
	return f;
}

int slots_begin(struct slots *s, bool has_workers, struct err *reterr)
{
	const struct jobserver_flags f = open_jobserver(s);
	const struct lender_options options = { s->jobserver, f.njobs };

	if (s->jobserver && has_workers) {
		s->lender = lender_open(&options, reterr);
		return s->lender ? 0 : -1;
	}
	s->borrower = s->jobserver ? borrower_open(NULL, s->jobserver, reterr) : NULL;
	return s->jobserver && !s->borrower ? -1 : 0;
}

/* The environment as it was before the engine. */
static void restore_make(void)
{
	const char *value = getenv(hidden_name);

	if (value)
		setenv(flags_name, value, 1);
	unsetenv(hidden_name);
}

int slots_join(struct slots *s, struct err *reterr)
{
	const char *address = arena_strdup(&s->mem, getenv(lender_name));

	restore_make();
	unsetenv(lender_name); /* a test that runs gangway is no concern of ours */
	open_jobserver(s);
	if (!address && !s->jobserver)
		return 0;
	s->borrower = borrower_open(address, s->jobserver, reterr);
	return s->borrower ? 0 : -1;
}

void slots_end(struct slots *s)
{
	borrower_close(s->borrower);
	lender_close(s->lender);
	held = NULL;
	jobserver_close(s->jobserver);
	arena_release(&s->mem);
	*s = (struct slots){ 0 };
}

void slots_quit(void)
{
	if (held)
		jobserver_give_all(held);
}

void slots_hide_make(const struct slots *s)
{
	const char *value = getenv(flags_name);

	if (value)
		setenv(hidden_name, value, 1);
	unsetenv(flags_name);
	if (s->lender)
		setenv(lender_name, lender_address(s->lender), 1);
}

void slots_show_make(void)
{
	restore_make();
	unsetenv(lender_name);
}

void slots_serve(const struct slots *s)
{
	if (s->lender)
		lender_serve(s->lender);
}

void slots_have(void *ctx, unsigned nslots)
{
	const struct slots *s = ctx;

	if (s->borrower)
		borrower_have(s->borrower, nslots, s->stop, NULL);
}
