/* SPDX-License-Identifier: MIT
 *
 * Lend job slots to processes that may die: what one of them had comes back when the kernel closes
 * its end of the line.  First the implicit slot is lent, then those that are read from the
 * jobserver; what nobody asks for is given back at once.
 */
#ifndef GW_SYS_JOBSERVER_LEND_H
#define GW_SYS_JOBSERVER_LEND_H

struct err;
struct jobserver;
struct lender;

/* Slots that one wait for together; beyond, it gets as many as the build has. */
struct lender_options {
	struct jobserver *jobserver; /* borrowed: it must live longer */
	unsigned nslots;             /* of the whole build; 0: nobody knows */
};
struct lender *lender_open(const struct lender_options *o, struct err *reterr);
/* Everything that is lent counts as given back.  NULL is fine. */
void lender_close(struct lender *l);

/* What borrowers must know, as text for the environment. */
const char *lender_address(const struct lender *l);

/* Readable where lender_serve() has something to do. */
int lender_fd(const struct lender *l);
/* Do it, without waiting.  Call it now and then as well: patience ends by the clock. */
void lender_serve(struct lender *l);

#endif
