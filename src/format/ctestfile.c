/* SPDX-License-Identifier: MIT */
#include "format/ctestfile.h"

#include "base/buf.h"
#include "base/quote.h"

void ctestfile_add_test(struct buf *out, const char *name, const char *const *argv, size_t nargv)
{
	buf_addstr(out, "add_test(");
	quote_cmake(out, name);
	for (size_t i = 0; i < nargv; i++) {
		buf_addch(out, ' ');
		quote_cmake(out, argv[i]);
	}
	ctestfile_end(out);
}

void ctestfile_begin_properties(struct buf *out, const char *name)
{
	buf_addstr(out, "set_tests_properties(");
	quote_cmake(out, name);
	buf_addstr(out, " PROPERTIES");
}

void ctestfile_add_property(struct buf *out, const char *key, const char *value)
{
	buf_addch(out, ' ');
	quote_cmake(out, key);
	buf_addch(out, ' ');
	quote_cmake(out, value);
}

void ctestfile_end(struct buf *out)
{
	buf_addstr(out, ")\n");
}

void ctestfile_begin_list(struct buf *out, const char *variable)
{
	buf_addstr(out, "set(");
	quote_cmake(out, variable);
}

void ctestfile_add_item(struct buf *out, const char *item)
{
	struct buf text = BUF_INIT;

	if (ctestfile_list_add(&text, item)) {
		buf_addch(out, ' ');
		quote_cmake(out, text.s);
	}
	buf_release(&text);
}

bool ctestfile_list_add(struct buf *list, const char *item)
{
	size_t len = strlen(item);

	/* a backslash would protect what comes behind it */
	if (strpbrk(item, "[]") || strstr(item, "\\;") || (len > 0 && item[len - 1] == '\\'))
		return false;
	if (list->len > 0)
		buf_addch(list, ';');
	for (; *item; item++) {
		if (*item == ';')
			buf_addch(list, '\\');
		buf_addch(list, *item);
	}
	return true;
}
