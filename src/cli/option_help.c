/* SPDX-License-Identifier: MIT
 *
 * Help and man page, made from the rows that the parser reads.
 */
#include "cli/option.h"

#include "base/buf.h"

enum { HELP_COLUMN = 26, HELP_WIDTH = 80 };

static bool has_value(const struct option_row *r)
{
	return r->metavar || r->words;
}

/* The value as people see it: its metavar, or the words it accepts. */
static void add_value(const struct option_row *r, struct buf *out)
{
	const char *gap = "";

	if (r->metavar) {
		buf_addstr(out, r->metavar);
		return;
	}
	for (const struct option_word *w = r->words; w->word; w++) {
		if (w->is_silent)
			continue;
		buf_addf(out, "%s%s", gap, w->word);
		gap = "|";
	}
}

/* --name or --name=VALUE. */
static bool is_optional(const struct option_row *r)
{
	return r->kind == OPTION_OPTIONAL || r->kind == OPTION_OPTIONALS;
}

static void add_synopsis(const struct option_row *r, struct buf *out)
{
	if (r->letter)
		buf_addf(out, "-%c", r->letter);
	if (r->name)
		buf_addf(out, "%s--%s", r->letter ? ", " : "", r->name);
	if (r->other)
		buf_addf(out, ", --%s", r->other);
	if (!has_value(r))
		return;
	if (is_optional(r))
		buf_addstr(out, "[=");
	else
		buf_addch(out, ' ');
	add_value(r, out);
	if (is_optional(r))
		buf_addch(out, ']');
}

/* Words of `text` from column HELP_COLUMN on, the first line already indented. */
static void add_wrapped(const char *text, struct buf *out)
{
	size_t column = HELP_COLUMN;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + len > HELP_WIDTH) {
			buf_addf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		if (column > HELP_COLUMN) {
			buf_addch(out, ' ');
			column++;
		}
		buf_add(out, text, len);
		column += len;
		text += len + strspn(text + len, " ");
	}
	buf_addch(out, '\n');
}

/* The row's heading if it is another than *shown, which then becomes it; else NULL. */
static const char *new_section(const struct option_row *r, const char **shown)
{
	const char *section = r->section ? r->section : "Options";

	if (*shown && strcmp(*shown, section) == 0)
		return NULL;
	*shown = section;
	return section;
}

void option_help(const struct option_row *rows, struct buf *out)
{
	struct buf text = BUF_INIT;
	const char *shown = NULL;

	for (const struct option_row *r = option_first(rows); r; r = option_next(r)) {
		const char *section = new_section(r, &shown);

		if (section)
			buf_addf(out, "\n%s:\n", section);
		size_t begin = out->len;

		buf_addstr(out, "  ");
		add_synopsis(r, out);
		size_t width = out->len - begin;

		if (width + 2 > HELP_COLUMN)
			buf_addf(out, "\n%*s", HELP_COLUMN, "");
		else
			buf_addf(out, "%*s", (int)(HELP_COLUMN - width), "");
		buf_clear(&text);
		buf_addstr(&text, r->help);
		if (r->default_text)
			buf_addf(&text, " (default: %s)", r->default_text);
		add_wrapped(text.s, out);
	}
	buf_release(&text);
}

/* Text for mdoc: nothing in it is a macro, an escape or an end of sentence. */
static void add_roff(const char *s, struct buf *out)
{
	for (; *s; s++) {
		if (*s == '\\')
			buf_addstr(out, "\\e");
		else if (*s == '-')
			buf_addstr(out, "\\-");
		else
			buf_addch(out, *s);
	}
}

/* An argument of a macro: \& keeps a short word from being read as a macro itself. */
static void add_macro(const char *macro, const char *s, struct buf *out)
{
	buf_addf(out, " %s \\&", macro);
	add_roff(s, out);
}

static void add_item(const struct option_row *r, struct buf *out)
{
	struct buf value = BUF_INIT;
	char letter[2] = { r->letter, '\0' };

	buf_addstr(out, ".It");
	if (r->letter)
		add_macro("Fl", letter, out);
	if (r->letter && r->name)
		buf_addstr(out, " ,");
	if (r->name) {
		buf_addstr(out, " Fl \\-");
		add_roff(r->name, out);
	}
	if (r->other) {
		buf_addstr(out, " , Fl \\-");
		add_roff(r->other, out);
	}
	if (has_value(r)) {
		add_value(r, &value);
		if (is_optional(r))
			buf_addstr(out, " Ns Op =");
		add_macro("Ar", value.s, out);
	}
	buf_addch(out, '\n');
	add_roff(r->help, out);
	if (r->default_text) {
		buf_addstr(out, " (default: ");
		add_roff(r->default_text, out);
		buf_addch(out, ')');
	}
	buf_addstr(out, ".\n");
	buf_release(&value);
}

void option_man(const struct option_row *rows, struct buf *out)
{
	const char *shown = NULL;

	for (const struct option_row *r = option_first(rows); r; r = option_next(r)) {
		bool is_open = shown != NULL;
		const char *section = new_section(r, &shown);

		if (section && is_open)
			buf_addstr(out, ".El\n");
		if (section)
			buf_addf(out, ".Ss %s\n.Bl -tag -width Ds\n", section);
		add_item(r, out);
	}
	if (shown)
		buf_addstr(out, ".El\n");
}
