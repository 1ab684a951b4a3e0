/* SPDX-License-Identifier: MIT
 *
 * Inflating gzip streams as they come.  The only code that knows zlib.
 */
#ifndef GW_FORMAT_GZ_H
#define GW_FORMAT_GZ_H

struct err;
struct gz;

/* Where the inflated bytes go; what it returns below 0 ends the inflating with the error it set. */
struct gz_sink {
	void *ctx;
	int (*bytes)(void *ctx, const char *s, size_t len, struct err *reterr);
};

/* A name that ends in ".gz". */
bool gz_is_name(const char *path);

/* `path` names the input in messages.  More than limit_bytes inflated is ERR_LIMIT: a few megabytes
 * can hold a thousand times as much.  path and sink outlive the reader. */
struct gz *gz_new(const char *path, const struct gz_sink *sink, uint64_t limit_bytes);
/* Members that follow each other are one stream, as for gunzip.  Bad data is ERR_SYNTAX; what was
 * good before it was handed on. */
int gz_feed(struct gz *g, const void *s, size_t len, struct err *reterr);
/* The input is over: ERR_SYNTAX if the stream is not. */
int gz_finish(struct gz *g, struct err *reterr);
void gz_free(struct gz *g); /* NULL is fine */

#endif
