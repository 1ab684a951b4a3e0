/* SPDX-License-Identifier: MIT
 *
 * Between lender and borrower, in packets of one machine's byte order: "I want to have so many
 * slots, in all", and "so you have these".  The number of the wish comes back with the answer, so
 * that an answer to a wish that was taken back is known.
 */
#ifndef GW_SYS_JOBSERVER_WIRE_H
#define GW_SYS_JOBSERVER_WIRE_H

enum {
	LEND_MAX = 4096,    /* slots of one borrower */
	LEND_IMPLICIT = 256 /* the slot that is no byte */
};

/* How long one who wants several slots waits for all of them, before it begins with some: others
 * may wait for the same ones. */
enum { LEND_PATIENCE_US = 10 * 1000 * 1000 };

struct lend_wish {
	uint32_t number;
	uint32_t nslots;
};

struct lend_answer {
	uint32_t number;
	uint32_t nslots;
	uint16_t slots[LEND_MAX]; /* bytes, or LEND_IMPLICIT; only nslots of them are sent */
};

#endif
