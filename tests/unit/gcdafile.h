/* SPDX-License-Identifier: MIT
 *
 * A counter file as gcc 12 writes it, for tests that need one.
 */
#ifndef GW_TESTS_GCDAFILE_H
#define GW_TESTS_GCDAFILE_H

#include "base/buf.h"

enum { GCDAFILE_VERSION = 0x4232322a, GCDAFILE_STAMP = 99, GCDAFILE_COUNTERS = 3 };

struct gcdafile_function {
	uint32_t ident;
	uint64_t counters[GCDAFILE_COUNTERS];
};

static inline void gcdafile_put(struct buf *b, uint32_t word)
{
	const unsigned char bytes[] = { word & 0xff, word >> 8 & 0xff, word >> 16 & 0xff,
					word >> 24 };

	buf_add(b, bytes, 4);
}

/* Appended, with an end. */
static inline void gcdafile(struct buf *b, const struct gcdafile_function *functions, size_t n)
{
	const uint32_t head[] = { 0x67636461, GCDAFILE_VERSION, GCDAFILE_STAMP, 77 };

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		gcdafile_put(b, head[i]);
	for (size_t i = 0; i < n; i++) {
		const uint32_t record[] = { 0x01000000, 12,         functions[i].ident,   11,
					    12,         0x01a10000, 8 * GCDAFILE_COUNTERS };

		for (size_t k = 0; k < ARRAY_SIZE(record); k++)
			gcdafile_put(b, record[k]);
		for (size_t k = 0; k < GCDAFILE_COUNTERS; k++) {
			gcdafile_put(b, (uint32_t)functions[i].counters[k]);
			gcdafile_put(b, (uint32_t)(functions[i].counters[k] >> 32));
		}
	}
	gcdafile_put(b, 0);
}

#endif
