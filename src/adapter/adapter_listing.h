/* SPDX-License-Identifier: MIT
 *
 * Asking a program for its tests: one more start of it, with more arguments.
 */
#ifndef GW_ADAPTER_ADAPTER_LISTING_H
#define GW_ADAPTER_ADAPTER_LISTING_H

#include "adapter/adapter.h"

struct proc_end;
struct question;

/* What it printed and how it ended. */
struct listing_answer {
	struct buf out, err;
	struct proc_end *end; /* the caller's */
};

/* Ask, and have all that it said.  -1: it could not be started, or printed too much. */
int listing_ask(const struct target *t, const struct list_context *ctx, const struct question *q,
		struct listing_answer *ret, struct err *reterr);
void listing_answer_release(struct listing_answer *a);

/* -1 always: the program did not list its tests; what did it do?  ERR_MISSING where it ran to a good
 * end. */
int listing_missing(const struct target *t, const struct list_context *ctx,
		    const struct listing_answer *a, struct err *reterr);
/* -1 always: it did, but what it wrote cannot be read, for this reason. */
int listing_unreadable(const struct target *t, const struct err *why, struct err *reterr);

#endif
