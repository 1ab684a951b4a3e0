/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include "base/alloc.h"

char buf_empty[1];

void buf_release(struct buf *b)
{
	if (b->cap > 0)
		free(b->s);
	*b = (struct buf)BUF_INIT;
}

void buf_clear(struct buf *b)
{
	buf_truncate(b, 0);
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->s[len] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need = 0;

	if (__builtin_add_overflow(b->len, more, &need) || need > SIZE_MAX / 2)
		need = SIZE_MAX / 2;
	need++;
	if (need <= b->cap)
		return;
	size_t cap = b->cap + b->cap / 2;

	if (cap < need)
		cap = need < 64 ? 64 : need;
	b->s = xrealloc(b->cap > 0 ? b->s : NULL, cap, 1);
	b->s[b->len] = '\0';
	b->cap = cap;
}

void buf_add(struct buf *b, const void *s, size_t len)
{
	if (len == 0)
		return;
	buf_reserve(b, len);
	memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addch(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->s[b->len++] = c;
	b->s[b->len] = '\0';
}

void buf_addvf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	buf_reserve(b, 120);
	/* the analyser loses va_start() in buf_addf() */
	int n = vsnprintf(b->s + b->len, b->cap - b->len, fmt, ap); /* NOLINT */

	if (n >= 0 && (size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n);
		n = vsnprintf(b->s + b->len, b->cap - b->len, fmt, again);
	}
	if (n > 0)
		b->len += (size_t)n;
	b->s[b->len] = '\0';
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(b, fmt, ap);
	va_end(ap);
}

char *buf_detach(struct buf *b)
{
	char *s = b->cap > 0 ? b->s : xstrdup("");

	*b = (struct buf)BUF_INIT;
	return s;
}
