/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>

#include "base/buf.h"

/* Copy with a visible end where it does not fit. */
static void put(char *dst, size_t size, const char *src)
{
	int n = snprintf(dst, size, "%s", src);

	if (n >= 0 && (size_t)n >= size)
		memcpy(dst + size - 4, "...", 4);
}

static void fill(struct err *e, enum err_code code, const char *path, unsigned line,
		 const char *text)
{
	e->code = code;
	e->line = line;
	put(e->path, sizeof e->path, path ? path : "");
	put(e->msg, sizeof e->msg, text);
}

int err_set(struct err *e, enum err_code code, const char *path, unsigned line, const char *fmt,
	    ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	fill(e, code, path, line, text.s);
	buf_release(&text);
	return -1;
}

int err_sys(struct err *e, const char *path, const char *fmt, ...)
{
	int cause = errno;
	struct buf text = BUF_INIT;
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	buf_addf(&text, ": %s", strerror(cause));
	fill(e, ERR_SYSTEM, path, 0, text.s);
	buf_release(&text);
	errno = cause;
	return -1;
}

void err_format(const struct err *e, struct buf *out)
{
	if (e->path[0])
		buf_addf(out, "%s:", e->path);
	if (e->path[0] && e->line > 0)
		buf_addf(out, "%u:", e->line);
	if (e->path[0])
		buf_addch(out, ' ');
	buf_addstr(out, e->msg);
}

int err_exit_code(enum err_code code)
{
	switch (code) {
#define X(id, exit_code)                                                                           \
	case ERR_##id:                                                                             \
		return exit_code;
		ERR_MAP(X)
#undef X
	}
	return 3;
}
