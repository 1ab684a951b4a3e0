/* SPDX-License-Identifier: MIT
 *
 * Have job slots while something runs: lent by a parent (jobserver_lend.h), so that they come back
 * whatever becomes of us, or taken from the jobserver itself.
 */
#ifndef GW_SYS_JOBSERVER_BORROW_H
#define GW_SYS_JOBSERVER_BORROW_H

struct borrower;
struct err;
struct jobserver;

/*
 * address: of the lender; NULL: the slots are our own, the implicit one among them.  jobserver is
 * borrowed; beside a lender it may be NULL, else it is where slots go back whose lender died.
 */
struct borrower *borrower_open(const char *address, struct jobserver *jobserver,
			       struct err *reterr);
/* Gives everything back.  NULL is fine. */
void borrower_close(struct borrower *b);

/*
 * Have so many slots, in all: fewer than before are given back; more are waited for.  False if
 * `stop` said so meanwhile; then we have none.
 */
bool borrower_have(struct borrower *b, unsigned nslots, int (*stop)(void *ctx), void *ctx);

#endif
