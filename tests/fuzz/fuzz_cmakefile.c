/* SPDX-License-Identifier: MIT
 *
 * Exercises format/cmakefile.c.  Properties: reading ends, inside the text, and every command read
 * written again, with quoted words and as quote_cmake() writes them, reads as the same command.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/quote.h"
#include "format/cmakefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct cmake_command *c, const struct buf *text)
{
	struct cmake_reader r = { text->s, text->s + text->len };
	struct cmake_command again = { 0 };
	struct arena mem = { 0 };

	assert(cmake_next(&r, &mem, &again));
	assert(strcmp(again.name, c->name) == 0 && again.nargs == c->nargs);
	for (size_t i = 0; i < c->nargs; i++)
		assert(strcmp(again.args[i], c->args[i]) == 0);
	assert(!cmake_next(&r, &mem, &again));
	arena_release(&mem);
}

static void check_again(const struct cmake_command *c)
{
	struct buf text = BUF_INIT, brackets = BUF_INIT;

	buf_addf(&text, "%s(", c->name);
	buf_addf(&brackets, "%s(", c->name);
	for (size_t i = 0; i < c->nargs; i++) {
		buf_addstr(&text, " \"");
		for (const char *s = c->args[i]; *s; s++)
			buf_addf(&text, "%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
		buf_addch(&text, '"');
		buf_addch(&brackets, ' ');
		quote_cmake(&brackets, c->args[i]);
	}
	buf_addch(&text, ')');
	buf_addch(&brackets, ')');
	check_text(c, &text);
	check_text(c, &brackets);
	buf_release(&text);
	buf_release(&brackets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct cmake_reader r = { s, s + size };
	struct cmake_command c = { 0 };
	struct arena mem = { 0 };

	while (cmake_next(&r, &mem, &c)) {
		assert(r.s > s && r.s <= r.end && c.name[0]);
		check_again(&c);
	}
	arena_release(&mem);
	return 0;
}
