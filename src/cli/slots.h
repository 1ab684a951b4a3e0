/* SPDX-License-Identifier: MIT
 *
 * gangway as a part of a build that shares its job slots (sys/jobserver.h).  Gangway itself is the
 * client; its workers borrow from it, so that what a killed worker had is given back.
 */
#ifndef GW_CLI_SLOTS_H
#define GW_CLI_SLOTS_H

#include "base/arena.h"

struct borrower;
struct err;
struct jobserver;
struct lender;

/* How many jobs the build runs at once, where make says so: -jN; 0 where it does not.  1, and a
 * warning, where it shares its slots and not with us. */
unsigned slots_count(const char **reason);

/* Was make called with -n, -t or -q? */
bool slots_are_dry(void);

struct slots {
	struct arena mem;
	struct jobserver *jobserver; /* NULL: there is none */
	struct lender *lender;       /* NULL: no workers, or no jobserver */
	struct borrower *borrower;   /* NULL: we are no lane */
	int (*stop)(void *ctx);      /* ends a lane's waiting */
};

/* For gangway: lends to workers, or, with has_workers false, is the lane itself. */
int slots_begin(struct slots *s, bool has_workers, struct err *reterr);
/* For a worker. */
int slots_join(struct slots *s, struct err *reterr);
void slots_end(struct slots *s);
/* In a signal handler, as the last thing: nothing stays with us. */
void slots_quit(void);

/* Around the engine: its jobs are workers, which borrow from us, and none of make's. */
void slots_hide_make(const struct slots *s);
void slots_show_make(void);

/* For proc_hooks.watched and .tick: ctx is struct slots. */
void slots_serve(const struct slots *s);

/* For execute_options.have_slots; ctx is struct slots. */
void slots_have(void *ctx, unsigned nslots);

#endif
