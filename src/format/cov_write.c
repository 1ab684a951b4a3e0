/* SPDX-License-Identifier: MIT */
#include "format/cov_write.h"

#include "base/parse.h"

enum { PIECE_BYTES = 64 * 1024 };

static void hand_on(struct cov_out *o)
{
	fwrite(o->text.s, 1, o->text.len, o->out); /* errors stick to the stream */
	buf_clear(&o->text);
}

void cov_out_flow(struct cov_out *o)
{
	if (o->text.len >= PIECE_BYTES)
		hand_on(o);
}

int cov_out_end(struct cov_out *o)
{
	hand_on(o);
	buf_release(&o->text);
	return ferror(o->out) ? -1 : 0;
}

void cov_put_uint(struct cov_out *o, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	cov_put_bytes(o, digits + at, sizeof digits - at);
}

uint64_t cov_timestamp(uint64_t now_s)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	uint64_t s = now_s;

	if (fixed)
		parse_uint(fixed, INT64_MAX, &s);
	return s;
}
