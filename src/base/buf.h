/* SPDX-License-Identifier: MIT
 *
 * The one string builder.  `s` is never NULL, always ends in a NUL at s[len], and may hold NULs
 * before it.  Begin with BUF_INIT; end with buf_release().
 */
#ifndef GW_BASE_BUF_H
#define GW_BASE_BUF_H

#include <stdarg.h>

struct buf {
	char *s;
	size_t len;
	size_t cap; /* 0: s is the shared empty string */
};

extern char buf_empty[1];

#define BUF_INIT                                                                                   \
	{                                                                                          \
		.s = buf_empty                                                                     \
	}

void buf_release(struct buf *b);
/* Empty again, the memory kept. */
void buf_clear(struct buf *b);
/* Room for `more` further bytes. */
void buf_reserve(struct buf *b, size_t more);
/* Cut to len bytes, no more than there are. */
void buf_truncate(struct buf *b, size_t len);

void buf_add(struct buf *b, const void *s, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_addvf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Hand the string to the caller, who frees it; the buf is empty again. */
char *buf_detach(struct buf *b);

#endif
