/* SPDX-License-Identifier: MIT */
#include "format/gz.h"

#include <zlib.h>

#include "base/alloc.h"
#include "base/err.h"

enum { OUT_BYTES = 64 * 1024, GZIP_ONLY = 16 };

struct gz {
	const char *path;
	const struct gz_sink *sink;
	uint64_t limit_bytes;
	uint64_t nbytes; /* inflated */
	z_stream z;
	bool is_between; /* a member is over, or none has begun */
	bool has_member;
	char out[OUT_BYTES];
};

bool gz_is_name(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && strcmp(path + n - 3, ".gz") == 0;
}

struct gz *gz_new(const char *path, const struct gz_sink *sink, uint64_t limit_bytes)
{
	struct gz *g = xcalloc(1, sizeof *g);

	g->path = path;
	g->sink = sink;
	g->limit_bytes = limit_bytes;
	g->is_between = true;
	if (inflateInit2(&g->z, MAX_WBITS | GZIP_ONLY) != Z_OK) { /* only when there is no memory */
		free(g);
		return NULL;
	}
	return g;
}

static int hand_on(struct gz *g, size_t n, struct err *reterr)
{
	g->nbytes += n;
	if (g->nbytes > g->limit_bytes)
		return err_set(reterr, ERR_LIMIT, g->path, 0,
			       "inflates to more than the limit of %llu bytes",
			       (unsigned long long)g->limit_bytes);
	return n > 0 ? g->sink->bytes(g->sink->ctx, g->out, n, reterr) : 0;
}

/* Zeroes may pad the end of a file; anything else between members is the next one. */
static void skip_padding(struct gz *g)
{
	while (g->has_member && g->z.avail_in > 0 && *g->z.next_in == 0) {
		g->z.next_in++;
		g->z.avail_in--;
	}
}

int gz_feed(struct gz *g, const void *s, size_t len, struct err *reterr)
{
	if (len > UINT32_MAX)
		return err_set(reterr, ERR_LIMIT, g->path, 0, "more than 4 GiB in one piece");
	g->z.next_in = (z_const Bytef *)s;
	g->z.avail_in = (uInt)len;
	for (;;) {
		if (g->is_between) {
			skip_padding(g);
			if (g->z.avail_in == 0)
				return 0;
			inflateReset(&g->z);
			g->is_between = false;
			g->has_member = true;
		}
		g->z.next_out = (Bytef *)g->out;
		g->z.avail_out = OUT_BYTES;
		int got = inflate(&g->z, Z_NO_FLUSH);

		if (hand_on(g, OUT_BYTES - g->z.avail_out, reterr) < 0)
			return -1;
		if (got == Z_STREAM_END)
			g->is_between = true;
		else if (got != Z_OK && got != Z_BUF_ERROR)
			return err_set(reterr, ERR_SYNTAX, g->path, 0, "bad gzip data: %s",
				       g->z.msg ? g->z.msg : "damaged");
		else if (g->z.avail_in == 0 && g->z.avail_out > 0)
			return 0;
	}
}

int gz_finish(struct gz *g, struct err *reterr)
{
	if (g->is_between && g->has_member)
		return 0;
	return err_set(reterr, ERR_SYNTAX, g->path, 0, "%s",
		       g->has_member ? "the gzip data is cut" : "the file is empty");
}

void gz_free(struct gz *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	free(g);
}
