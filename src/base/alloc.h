/* SPDX-License-Identifier: MIT
 *
 * Memory that is always there: out of memory ends the process here, with one line on stderr and
 * exit code 3, so that no other file has a branch for it.
 */
#ifndef GW_BASE_ALLOC_H
#define GW_BASE_ALLOC_H

/* n * size bytes of zeroes; the product is checked.  Never NULL. */
void *xcalloc(size_t n, size_t size);

/* Resize to n * size bytes (checked); p may be NULL.  The added part is not zeroed. */
void *xrealloc(void *p, size_t n, size_t size);

char *xstrdup(const char *s);
/* A copy of len bytes with a NUL behind them; s may hold NULs. */
char *xmemdup(const void *s, size_t len);

/*
 * Make room for one more element in a growing array: GROW(items, nitems, cap).
 * `items` may move; `cap` is updated.
 */
#define GROW(items, n, cap)                                                                        \
	do {                                                                                       \
		if ((n) >= (cap)) {                                                                \
			(cap) = (cap) ? (cap)*2 : 16;                                              \
			(items) = xrealloc((items), (cap), sizeof *(items));                       \
		}                                                                                  \
	} while (0)

#endif
