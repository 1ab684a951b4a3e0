/* SPDX-License-Identifier: MIT
 *
 * Exercises format/gz.c.  Properties: how the bytes are cut into pieces makes no difference to what
 * is inflated and what is said of it; no more than the limit is handed on.
 */
#include <assert.h>

#include "base/err.h"
#include "base/map.h"
#include "format/gz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT_BYTES = 1024 * 1024 };

struct seen {
	uint64_t hash, nbytes;
};

static int on_bytes(void *ctx, const char *s, size_t len, struct err *reterr)
{
	struct seen *seen = ctx;

	(void)reterr;
	assert(len > 0);
	for (size_t i = 0; i < len; i++) /* byte by byte: the pieces are not part of the hash */
		seen->hash = hash_more(seen->hash, s + i, 1);
	seen->nbytes += len;
	assert(seen->nbytes <= LIMIT_BYTES);
	return 0;
}

static int inflate_all(const uint8_t *s, size_t len, size_t step, struct seen *seen, struct err *e)
{
	const struct gz_sink sink = { seen, on_bytes };
	struct gz *g = gz_new("fuzz.gz", &sink, LIMIT_BYTES);
	int got = 0;

	assert(g);
	for (size_t at = 0; got == 0 && at < len; at += step)
		got = gz_feed(g, s + at, len - at < step ? len - at : step, e);
	if (got == 0)
		got = gz_finish(g, e);
	assert(got == 0 || e->msg[0]);
	gz_free(g);
	return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = { .hash = HASH_BEGIN }, pieces = whole;
	struct err e = { 0 }, again = { 0 };

	int got = inflate_all(data, size, size + 1, &whole, &e);

	assert(inflate_all(data, size, 3, &pieces, &again) == got);
	assert(strcmp(e.msg, again.msg) == 0 && e.code == again.code);
	/* at the limit the last piece is not handed on, and pieces differ */
	assert(e.code == ERR_LIMIT || (whole.hash == pieces.hash && whole.nbytes == pieces.nbytes));
	return 0;
}
