/* SPDX-License-Identifier: MIT */
#include "stage/execute_capture.h"

#include <inttypes.h>

enum { KEEP_ALLOCATED_BYTES = 1024 * 1024 };

/* Write over the oldest bytes of the ring. */
static void ring_add(struct capture *c, const char *s, size_t len, size_t size)
{
	if (len > size) {
		s += len - size;
		len = size;
	}
	size_t grows = size - c->tail.len < len ? size - c->tail.len : len;

	buf_add(&c->tail, s, grows);
	s += grows;
	len -= grows;
	while (len > 0) {
		size_t n = size - c->tail_at < len ? size - c->tail_at : len;

		memcpy(c->tail.s + c->tail_at, s, n);
		c->tail_at = (c->tail_at + n) % size;
		s += n;
		len -= n;
	}
}

void capture_add(struct capture *c, const char *s, size_t len, uint64_t limit_bytes)
{
	size_t tail_size = (size_t)(limit_bytes / 4);
	size_t head_size = (size_t)(limit_bytes - tail_size);
	size_t n = head_size - c->head.len < len ? head_size - c->head.len : len;

	c->total_bytes += len;
	buf_add(&c->head, s, n);
	if (len > n && tail_size > 0)
		ring_add(c, s + n, len - n, tail_size);
}

void capture_last(const struct capture *c, size_t size, struct buf *out)
{
	size_t from_tail = c->tail.len < size ? c->tail.len : size;
	size_t from_head = c->tail.len > 0 ? 0 : c->head.len < size ? c->head.len : size;

	buf_add(out, c->head.s + c->head.len - from_head, from_head);
	for (size_t i = c->tail.len - from_tail; i < c->tail.len; i++)
		buf_addch(out, c->tail.s[(c->tail_at + i) % c->tail.len]);
}

void capture_close(struct capture *c)
{
	uint64_t left_out = c->total_bytes - c->head.len - c->tail.len;

	if (left_out > 0)
		buf_addf(&c->head, "\n[gangway: %" PRIu64 " bytes left out here]\n", left_out);
	buf_add(&c->head, c->tail.s + c->tail_at, c->tail.len - c->tail_at);
	buf_add(&c->head, c->tail.s, c->tail_at);
	buf_clear(&c->tail);
	c->tail_at = 0;
}

void capture_clear(struct capture *c)
{
	if (c->head.cap > KEEP_ALLOCATED_BYTES)
		buf_release(&c->head);
	buf_release(&c->tail);
	buf_clear(&c->head);
	c->tail_at = 0;
	c->total_bytes = 0;
}

void capture_release(struct capture *c)
{
	buf_release(&c->head);
	buf_release(&c->tail);
}

void capture_move(struct capture *to, struct capture *from)
{
	static const struct capture none = CAPTURE_INIT;

	capture_release(to);
	*to = *from;
	*from = none;
}
