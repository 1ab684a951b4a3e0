/* SPDX-License-Identifier: MIT
 *
 * What one test prints to one stream, bounded: the beginning and the end are kept, of more than
 * the limit the middle is left out, visibly.
 */
#ifndef GW_STAGE_EXECUTE_CAPTURE_H
#define GW_STAGE_EXECUTE_CAPTURE_H

#include "base/buf.h"

struct capture {
	struct buf head;
	struct buf tail; /* a ring once it is full */
	size_t tail_at;  /* where the next byte of the ring goes */
	uint64_t total_bytes;
};

#define CAPTURE_INIT                                                                               \
	{                                                                                          \
		.head = BUF_INIT, .tail = BUF_INIT                                                 \
	}

/* Of limit_bytes, three quarters are for the beginning. */
void capture_add(struct capture *c, const char *s, size_t len, uint64_t limit_bytes);
/* Append the last bytes so far, at most so many. */
void capture_last(const struct capture *c, size_t size, struct buf *out);
/* Put the whole text into c->head: what is kept, with a line in the gap. */
void capture_close(struct capture *c);
/* Empty again for the next test; much memory is given back. */
void capture_clear(struct capture *c);
/* Take what another one holds, which then holds nothing. */
void capture_move(struct capture *to, struct capture *from);
void capture_release(struct capture *c);

#endif
