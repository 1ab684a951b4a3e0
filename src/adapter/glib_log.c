/* SPDX-License-Identifier: MIT */
#include "adapter/glib.h"

enum { HEAD_BYTES = 20 };

static uint32_t read_u32(const char *s)
{
	const unsigned char *b = (const unsigned char *)s;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static double read_number(const char *s)
{
	uint64_t bits = (uint64_t)read_u32(s) << 32 | read_u32(s + 4);
	double d;

	memcpy(&d, &bits, sizeof d);
	return d;
}

/* The whole message [s, s+len) with the texts copied to *texts.  False: it is none. */
static bool parse(const char *s, size_t len, struct buf *texts, struct glib_message *ret)
{
	uint32_t ntexts = read_u32(s + 8), nnumbers = read_u32(s + 12);
	size_t at = HEAD_BYTES, begins[GLIB_MAX_TEXTS] = { 0 };

	*ret = (struct glib_message){ .type = read_u32(s + 4) };
	for (uint32_t i = 0; i < ntexts; i++) {
		if (len - at < 4 || read_u32(s + at) > len - at - 4)
			return false;
		size_t n = read_u32(s + at);

		if (i < GLIB_MAX_TEXTS) {
			begins[i] = texts->len;
			buf_add(texts, s + at + 4, strnlen(s + at + 4, n));
			buf_add(texts, "", 1);
		}
		at += 4 + n;
	}
	if ((uint64_t)nnumbers * 8 != len - at)
		return false;
	for (uint32_t i = 0; i < nnumbers && i < GLIB_MAX_NUMBERS; i++)
		ret->numbers[i] = read_number(s + at + i * 8);
	for (uint32_t i = 0; i < GLIB_MAX_TEXTS; i++)
		ret->texts[i] = i < ntexts ? texts->s + begins[i] : "";
	return true;
}

void glib_log_feed(struct glib_log *l, const char *s, size_t len,
		   void (*each)(void *ctx, const struct glib_message *m), void *ctx)
{
	struct buf texts = BUF_INIT;
	size_t done = 0;

	if (l->is_broken)
		return;
	buf_add(&l->pending, s, len);
	while (!l->is_broken && l->pending.len - done >= HEAD_BYTES) {
		const char *at = l->pending.s + done;
		size_t n = read_u32(at);
		struct glib_message m;

		if (n < HEAD_BYTES || n > GLIB_MAX_MESSAGE_BYTES)
			l->is_broken = true;
		else if (n > l->pending.len - done)
			break;
		else if (!parse(at, n, &texts, &m))
			l->is_broken = true;
		else
			each(ctx, &m);
		buf_clear(&texts);
		done += l->is_broken ? 0 : n;
	}
	memmove(l->pending.s, l->pending.s + done, l->pending.len - done);
	buf_truncate(&l->pending, l->pending.len - done);
	buf_release(&texts);
}
