/* SPDX-License-Identifier: MIT */
#include "cli/fail.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"

/* A message may hold names that tests chose; a newline in it is ours (carets stand below). */
static void print_line(const char *word, const char *text, size_t len)
{
	struct buf shown = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		size_t n = strcspn(text + i, "\n");

		quote_display(&shown, text + i, n);
		i += n;
		if (i < len)
			buf_addch(&shown, '\n');
	}
	fprintf(stderr, "gangway: %s%s\n", word, shown.s);
	buf_release(&shown);
}

int cli_fail(const struct err *e)
{
	struct buf text = BUF_INIT;

	err_format(e, &text);
	fflush(stdout);
	print_line("error: ", text.s, text.len);
	buf_release(&text);
	return err_exit_code(e->code);
}

void cli_warn(const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	fflush(stdout);
	print_line("warning: ", text.s, text.len);
	buf_release(&text);
}
