/* SPDX-License-Identifier: MIT */
#include "base/quote.h"

#include "base/buf.h"
#include "base/utf8.h"

static bool is_shell_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("_-./=:,@%+", c));
}

void quote_shell(struct buf *out, const char *s)
{
	size_t n = strlen(s);
	size_t safe = 0;

	while (safe < n && is_shell_safe(s[safe]))
		safe++;
	if (n > 0 && safe == n) {
		buf_add(out, s, n);
		return;
	}
	buf_addch(out, '\'');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\'')
			buf_addstr(out, "'\\''");
		else
			buf_addch(out, s[i]);
	}
	buf_addch(out, '\'');
}

void quote_shell_line(struct buf *out, const char *s)
{
	if (!strpbrk(s, "\n\r")) {
		quote_shell(out, s);
		return;
	}
	buf_addstr(out, "\"$(printf '");
	for (; *s; s++) {
		if (*s == '\n' || *s == '\r')
			buf_addstr(out, *s == '\n' ? "\\012" : "\\015");
		else if (*s == '\'')
			buf_addstr(out, "'\\''");
		else if (*s == '%' || *s == '\\')
			buf_addf(out, "%c%c", *s, *s);
		else
			buf_addch(out, *s);
	}
	buf_addstr(out, "')\"");
}

/* Would "]", so many "=" and "]" end in the text, or with the first byte behind it? */
static bool closes_early(const char *s, size_t nequals)
{
	for (; (s = strchr(s, ']')); s++) {
		size_t n = strspn(s + 1, "=");

		if (n == nequals && (s[1 + n] == ']' || s[1 + n] == '\0'))
			return true;
	}
	return false;
}

void quote_cmake(struct buf *out, const char *s)
{
	size_t n = strlen(s), safe = 0, nequals = 1;

	while (safe < n && is_shell_safe(s[safe]) && s[safe] != '@')
		safe++;
	if (n > 0 && safe == n) {
		buf_add(out, s, n);
		return;
	}
	while (closes_early(s, nequals))
		nequals++;
	for (size_t i = 0; i < nequals + 2; i++)
		buf_addch(out, i == 0 || i > nequals ? '[' : '=');
	if (*s == '\n')
		buf_addch(out, '\n'); /* the first one is taken for the end of the line */
	buf_add(out, s, n);
	for (size_t i = 0; i < nequals + 2; i++)
		buf_addch(out, i == 0 || i > nequals ? ']' : '=');
}

bool quote_ninja_ok(const char *s, size_t len)
{
	return !memchr(s, '\n', len) && !memchr(s, '\r', len) && !memchr(s, '\0', len);
}

void quote_ninja_path(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '|') {
			buf_addstr(out, "${gangway_pipe}");
			continue;
		}
		if (*s == '$' || *s == ' ' || *s == ':')
			buf_addch(out, '$');
		buf_addch(out, *s);
	}
}

void quote_ninja_value(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		/* blanks at the beginning would be skipped by Ninja's scanner */
		if (s[i] == '$' || (s[i] == ' ' && i == 0))
			buf_addch(out, '$');
		buf_addch(out, s[i]);
	}
}

/* What a backslash protects in a rule; a '%' only in targets. */
#define MAKE_PROTECTED " #:*?["

static void quote_make(struct buf *out, const char *s, bool is_target)
{
	for (; *s; s++) {
		if (*s == '=') {
			/* bare, the line would set a variable */
			buf_addstr(out, "$(subst x,=,x)");
			continue;
		}
		if (*s == '$')
			buf_addch(out, '$');
		else if (strchr(MAKE_PROTECTED, *s) || (is_target && *s == '%'))
			buf_addch(out, '\\');
		buf_addch(out, *s);
	}
}

void quote_make_path(struct buf *out, const char *s)
{
	quote_make(out, s, false);
}

void quote_make_target(struct buf *out, const char *s)
{
	quote_make(out, s, true);
}

bool quote_make_ok(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || s[0] == '~' || strchr(" &\\", s[n - 1]))
		return false;
	if (s[n - 1] == ')' && strchr(s, '('))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c == ';' || c == '|')
			return false;
		if (c == '\\' && strchr(MAKE_PROTECTED "%\\", s[i + 1]))
			return false;
	}
	return true;
}

void quote_make_recipe(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '$')
			buf_addch(out, '$');
		buf_addch(out, s[i]);
	}
}

static void add_hex(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char x[4] = { '\\', 'x', digits[c >> 4], digits[c & 15] };

	buf_add(out, x, sizeof x);
}

/* Is every one of these eight bytes one that stands for itself?  Zero bytes are found by the bit
 * trick (x - 0x01…) & ~x & 0x80…, bytes below 0x20 by the same with 0x20. */
static bool is_plain_word(const char *s)
{
	const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
	uint64_t x;

	memcpy(&x, s, sizeof x);
	uint64_t del = x ^ ones * 0x7f, backslash = x ^ ones * '\\';

	return (((x - ones * 0x20) & ~x) | ((del - ones) & ~del) |
		((backslash - ones) & ~backslash)) &
			       highs
		       ? false
		       : true;
}

void quote_tsv(struct buf *out, const char *s, size_t len)
{
	size_t plain = 0; /* first byte not yet written */

	for (size_t i = 0; i < len; i++) {
		while (len - i >= 8 && is_plain_word(s + i))
			i += 8;
		if (i == len)
			break;
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != 0x7f && c != '\\')
			continue;
		buf_add(out, s + plain, i - plain);
		add_hex(out, c);
		plain = i + 1;
	}
	buf_add(out, s + plain, len - plain);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

ptrdiff_t quote_tsv_undo(char *s)
{
	char *to = strchr(s, '\\');

	if (!to)
		return (ptrdiff_t)strlen(s);
	for (const char *from = to; *from; to++) {
		if (*from != '\\') {
			*to = *from++;
			continue;
		}
		int high = from[1] == 'x' ? hex_digit(from[2]) : -1;
		int low = high >= 0 ? hex_digit(from[3]) : -1;

		if (low < 0)
			return -1;
		*to = (char)(high << 4 | low);
		from += 4;
	}
	*to = '\0';
	return to - s;
}

void quote_display(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0, n = 0; i < len; i += n) {
		int32_t cp = utf8_next(s + i, len - i, &n);

		/* C0, DEL, C1 and what is not UTF-8 at all */
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
			for (size_t k = 0; k < n; k++)
				add_hex(out, (unsigned char)s[i + k]);
		} else {
			buf_add(out, s + i, n);
		}
	}
}

static const char *xml_entity(char c, bool in_attr)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;"; /* "]]>" may not stand in text */
	case '\r':
		return "&#13;"; /* a raw one would be read as a newline */
	case '"':
		return in_attr ? "&quot;" : NULL;
	case '\'':
		return in_attr ? "&apos;" : NULL;
	case '\t':
		return in_attr ? "&#9;" : NULL;
	case '\n':
		return in_attr ? "&#10;" : NULL;
	default:
		return NULL;
	}
}

/* ASCII that stands for itself everywhere in XML: nearly all there is, so it is passed quickly. */
static const bool is_xml_plain[256] = {
	[' '] = true,         ['!'] = true, ['#' ... '%'] = true,
	['(' ... ';'] = true, ['='] = true, ['?' ... '~'] = true,
};

static void quote_xml(struct buf *out, const char *s, size_t len, bool in_attr)
{
	size_t plain = 0;

	for (size_t i = 0, n = 0; i < len; i += n) {
		if (is_xml_plain[(unsigned char)s[i]]) {
			n = 1;
			continue;
		}
		int32_t cp = utf8_next(s + i, len - i, &n);
		const char *entity = n == 1 ? xml_entity(s[i], in_attr) : NULL;

		if (!entity && utf8_is_xml(cp))
			continue;
		buf_add(out, s + plain, i - plain);
		plain = i + n;
		if (entity)
			buf_addstr(out, entity);
		else if (cp < 0 || cp > 0x7f)
			buf_addstr(out, "\xef\xbf\xbd");
		else
			add_hex(out, (unsigned char)s[i]);
	}
	buf_add(out, s + plain, len - plain);
}

void quote_xml_text(struct buf *out, const char *s, size_t len)
{
	quote_xml(out, s, len, false);
}

void quote_xml_attr(struct buf *out, const char *s, size_t len)
{
	quote_xml(out, s, len, true);
}

static const char *html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* C1, marks of direction, line and paragraph separator, embeddings, isolates, byte order mark. */
static bool is_unseen(int32_t cp)
{
	return (cp >= 0x80 && cp < 0xa0) || cp == 0x61c || (cp >= 0x200e && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

void quote_html(struct buf *out, const char *s, size_t len)
{
	size_t plain = 0;

	for (size_t i = 0, n = 0; i < len; i += n) {
		if (is_xml_plain[(unsigned char)s[i]] || s[i] == '\t') {
			n = 1;
			continue;
		}
		int32_t cp = utf8_next(s + i, len - i, &n);
		const char *entity = n == 1 ? html_entity(s[i]) : NULL;

		if (!entity && cp > 0x7f && !is_unseen(cp))
			continue;
		buf_add(out, s + plain, i - plain);
		plain = i + n;
		if (entity)
			buf_addstr(out, entity);
		else if (cp < 0)
			buf_addstr(out, "\xef\xbf\xbd");
		else if (n == 1)
			add_hex(out, (unsigned char)s[i]);
		else
			buf_addf(out, "\\u%04X", (unsigned)cp);
	}
	buf_add(out, s + plain, len - plain);
}
