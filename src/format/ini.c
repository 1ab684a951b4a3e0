/* SPDX-License-Identifier: MIT
 *
 * Line by line, no escapes; bytes of a value are taken as they are (UTF-8 or not).
 *   [name]  or  [name "argument"]     a section; the argument goes to the last quote
 *   key = value                       up to the first '='; blanks around both are cut
 *     more of the value               an indented line goes on with the value above
 *   # or ; as first byte of a line's text: a comment.  Empty lines mean nothing.
 * A key, and a section, may stand only once.  A byte-order mark and CR before LF are skipped.
 * Sample:
 *   [gangway]
 *   addopts = -n auto
 *   [test "net_test::*"]
 *   timeout = 30
 */
#include "format/ini.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/quote.h"

struct parser {
	struct ini *ini;
	const char *path;
	unsigned line;
	struct buf value; /* of the entry that is not over yet */
	struct map seen;  /* sections, and keys behind their section's index */
	bool has_entry;   /* the last section's last entry may go on */
	struct err *reterr;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A piece of the text, without the blanks around it. */
struct piece {
	const char *s;
	size_t len;
};

static struct piece trim(const char *s, size_t len)
{
	while (len > 0 && is_blank(s[0])) {
		s++;
		len--;
	}
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	return (struct piece){ s, len };
}

static int fail(const struct parser *p, const char *what, const char *s, size_t len)
{
	struct buf text = BUF_INIT;

	quote_display(&text, s, len);
	err_set(p->reterr, ERR_SYNTAX, p->path, p->line, "%s '%s'", what, text.s);
	buf_release(&text);
	return -1;
}

/* The value of the last entry is complete. */
static void end_entry(struct parser *p)
{
	struct ini_section *section;

	if (!p->has_entry)
		return;
	section = &p->ini->sections[p->ini->nsections - 1];
	section->entries[section->nentries - 1].value =
		arena_memdup(&p->ini->mem, p->value.s, p->value.len);
	p->has_entry = false;
}

/* Remember a name that may stand only once; false if it was there. */
static bool is_new(struct parser *p, size_t scope, const char *name, const char *argument)
{
	struct buf key = BUF_INIT;

	buf_addf(&key, "%zu\n%s", scope, name);
	if (argument)
		buf_addf(&key, "\n%s", argument);
	const char *kept = arena_memdup(&p->ini->mem, key.s, key.len);
	bool ret = map_put(&p->seen, kept, key.len, p->line);

	buf_release(&key);
	return ret;
}

/* `text` begins with '['. */
static int parse_section(struct parser *p, struct piece text)
{
	struct ini *ini = p->ini;
	struct ini_section section = { .line = p->line };

	end_entry(p);
	if (text.s[text.len - 1] != ']')
		return fail(p, "no ']' at the end of", text.s, text.len);
	struct piece inside = trim(text.s + 1, text.len - 2);
	const char *quote = memchr(inside.s, '"', inside.len);
	struct piece name = quote ? trim(inside.s, (size_t)(quote - inside.s)) : inside;

	if (name.len == 0)
		return fail(p, "a section needs a name in", text.s, text.len);
	if (quote) {
		size_t rest = (size_t)(inside.s + inside.len - quote);

		if (rest < 2 || quote[rest - 1] != '"')
			return fail(p, "a quote is not closed in", text.s, text.len);
		section.argument = arena_memdup(&ini->mem, quote + 1, rest - 2);
	}
	section.name = arena_memdup(&ini->mem, name.s, name.len);
	if (!is_new(p, SIZE_MAX, section.name, section.argument))
		return fail(p, "there is already a section", text.s, text.len);
	GROW(ini->sections, ini->nsections, ini->cap_sections);
	ini->sections[ini->nsections++] = section;
	return 0;
}

static int parse_entry(struct parser *p, struct piece text)
{
	struct ini *ini = p->ini;
	const char *equals = memchr(text.s, '=', text.len);

	end_entry(p);
	if (ini->nsections == 0)
		return fail(p, "no [section] before", text.s, text.len);
	if (!equals)
		return fail(p, "no '=' in", text.s, text.len);
	struct piece key = trim(text.s, (size_t)(equals - text.s));
	struct piece value = trim(equals + 1, (size_t)(text.s + text.len - equals - 1));

	if (key.len == 0)
		return fail(p, "no key before '=' in", text.s, text.len);
	struct ini_section *section = &ini->sections[ini->nsections - 1];
	struct ini_entry entry = {
		.key = arena_memdup(&ini->mem, key.s, key.len),
		.value = "",
		.line = p->line,
	};

	if (!is_new(p, ini->nsections - 1, entry.key, NULL))
		return fail(p, "there is already a key", key.s, key.len);
	GROW(section->entries, section->nentries, section->cap_entries);
	section->entries[section->nentries++] = entry;
	buf_clear(&p->value);
	buf_add(&p->value, value.s, value.len);
	p->has_entry = true;
	return 0;
}

static int parse_line(struct parser *p, const char *s, size_t len)
{
	struct piece text = trim(s, len);

	if (text.len == 0 || text.s[0] == '#' || text.s[0] == ';')
		return 0;
	if (memchr(s, '\0', len))
		return err_set(p->reterr, ERR_SYNTAX, p->path, p->line, "a NUL byte");
	if (is_blank(s[0])) {
		if (!p->has_entry)
			return fail(p, "no key above the indented line", text.s, text.len);
		if (p->value.len > 0)
			buf_addch(&p->value, '\n');
		buf_add(&p->value, text.s, text.len);
		return 0;
	}
	return text.s[0] == '[' ? parse_section(p, text) : parse_entry(p, text);
}

int ini_parse(const char *path, const char *s, size_t len, struct ini *ret, struct err *reterr)
{
	struct parser p = { .ini = ret, .path = path, .value = BUF_INIT, .reterr = reterr };
	const char *end = s + len;
	int status = 0;

	if (len > INI_MAX_BYTES)
		return err_set(reterr, ERR_LIMIT, path, 0, "larger than %d bytes", INI_MAX_BYTES);
	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3;
	while (status == 0 && s < end) {
		const char *newline = memchr(s, '\n', (size_t)(end - s));
		const char *stop = newline ? newline : end;

		p.line++;
		status = parse_line(&p, s, (size_t)(stop - s));
		s = newline ? newline + 1 : end;
	}
	end_entry(&p);
	buf_release(&p.value);
	map_release(&p.seen);
	return status;
}

void ini_release(struct ini *ini)
{
	for (size_t i = 0; i < ini->nsections; i++)
		free(ini->sections[i].entries);
	free(ini->sections);
	arena_release(&ini->mem);
	*ini = (struct ini){ 0 };
}
