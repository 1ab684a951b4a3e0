/* SPDX-License-Identifier: MIT
 *
 * What every writer of coverage is told, and what they share.
 *
 *   int X_write(const struct cov *c, const struct cov_write_options *o, FILE *out);
 *
 * The model must be sorted: cov_sort().  The same model gives the same bytes.  -1: the stream has an
 * error, which outfile_commit() reports too.
 */
#ifndef GW_FORMAT_COV_WRITE_H
#define GW_FORMAT_COV_WRITE_H

#include "base/buf.h"

/* A zeroed one is valid. */
struct cov_write_options {
	const char *version;  /* of this program; NULL: this one's */
	const char *rootdir;  /* what relative paths start from; NULL: "." */
	uint64_t timestamp_s; /* since 1970; for the formats that have one */
	bool demangles; /* names of C++ as people write them, where the format has room for both */
};

/* Text on its way to a stream, in large pieces. */
struct cov_out {
	FILE *out;
	struct buf text;
};

#define COV_OUT_INIT(stream)                                                                       \
	{                                                                                          \
		.out = (stream), .text = BUF_INIT                                                  \
	}

/* Call it now and then: hands the text on when it is long. */
void cov_out_flow(struct cov_out *o);
/* Hand on the rest; -1 if the stream has an error. */
int cov_out_end(struct cov_out *o);

/* A literal, and a number: as buf_add(), for what is put a million times. */
#define cov_put(o, literal) cov_put_bytes((o), "" literal, sizeof(literal) - 1)

static inline void cov_put_bytes(struct cov_out *o, const char *s, size_t len)
{
	struct buf *b = &o->text;

	if (b->cap <= b->len + len)
		buf_reserve(b, len);
	memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void cov_put_uint(struct cov_out *o, uint64_t n);

/* $SOURCE_DATE_EPOCH, else `now_s`. */
uint64_t cov_timestamp(uint64_t now_s);

#endif
