/* SPDX-License-Identifier: MIT
 *
 * A scanner with one state per place in the syntax where a byte means something else.  A step looks
 * ahead at most LOOKAHEAD bytes; where they are not there yet, what is left waits in `pending`.
 */
#include "format/xml_clean.h"

#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"

enum {
	LOOKAHEAD = 12,
	DECLARATION_BYTES = 256 /* an XML declaration is no longer */
};

enum {
	IN_TEXT = 1,
	IN_TAG = 2,
	IN_VALUE = 4,
	IN_CDATA = 8,
	ODD = 16 /* control bytes and all that is not ASCII */
};

/* In which states a byte is not just passed on.  TAB, LF and CR always are. */
static const unsigned char classes[256] = {
	[0x00 ... 0x08] = ODD,
	[0x0b ... 0x0c] = ODD,
	[0x0e ... 0x1f] = ODD,
	[0x80 ... 0xff] = ODD,
	['"'] = IN_TAG | IN_VALUE,
	['&'] = IN_TEXT | IN_VALUE | IN_CDATA,
	['\''] = IN_TAG | IN_VALUE,
	['<'] = IN_TEXT | IN_VALUE | IN_CDATA,
	['='] = IN_TAG,
	['>'] = IN_TAG | IN_CDATA,
	[']'] = IN_TEXT | IN_CDATA,
};

/* The bytes at hand. */
struct work {
	const char *s;
	size_t len;
	size_t i;     /* the next one */
	size_t plain; /* the first not yet handed on */
	struct buf *out;
};

enum step { STEP_ERROR = -1, STEP_WAIT = 0, STEP_ON = 1 };

static const struct {
	const char *text;
	bool has_value;
} mends[XML_MEND_MAX] = {
#define X(id, text, has_value) [XML_MEND_##id] = { text, has_value },
	XML_MEND_MAP(X)
#undef X
};

void xml_clean_init(struct xml_clean *c)
{
	c->line = 1;
	c->pending = (struct buf)BUF_INIT;
}

void xml_clean_release(struct xml_clean *c)
{
	buf_release(&c->pending);
}

void xml_clean_mended(struct xml_clean *c, enum xml_mend kind, uint64_t offset_bytes,
		      unsigned value)
{
	c->last_mended[kind] = offset_bytes;
	if (c->nmended[kind]++ > 0 || !c->warning)
		return;
	struct buf text = BUF_INIT;

	buf_addstr(&text, mends[kind].text);
	if (mends[kind].has_value)
		buf_addf(&text, " (0x%02X)", value);
	c->warning(c->ctx, offset_bytes, text.s);
	buf_release(&text);
}

/* Every kind that came more than once, with the place of the last. */
static void count_mended(const struct xml_clean *c)
{
	for (size_t kind = 0; c->warning && kind < XML_MEND_MAX; kind++) {
		struct buf text = BUF_INIT;

		if (c->nmended[kind] < 2)
			continue;
		buf_addf(&text, "%s: %llu times, here the last", mends[kind].text,
			 (unsigned long long)c->nmended[kind]);
		c->warning(c->ctx, c->last_mended[kind], text.s);
		buf_release(&text);
	}
}

static unsigned count_lines(const char *s, size_t len)
{
	unsigned n = 0;

	for (const char *end = s + len; (s = memchr(s, '\n', (size_t)(end - s))); s++)
		n++;
	return n;
}

static enum step refuse(const struct xml_clean *c, const struct work *w, enum err_code code,
			struct err *reterr, const char *why)
{
	return err_set(reterr, code, c->path, c->line + count_lines(w->s, w->i), "%s", why) < 0
		       ? STEP_ERROR
		       : STEP_ON;
}

static void flush(struct work *w)
{
	buf_add(w->out, w->s + w->plain, w->i - w->plain);
	w->plain = w->i;
}

/* Put `with` in the place of the next n bytes. */
static void replace(struct work *w, size_t n, const char *with)
{
	flush(w);
	buf_addstr(w->out, with);
	w->i += n;
	w->plain = w->i;
}

static void mend(struct xml_clean *c, const struct work *w, enum xml_mend kind, unsigned value)
{
	xml_clean_mended(c, kind, c->offset_bytes + w->i, value);
}

/* A code point that XML cannot carry, in the place of n bytes. */
static void replace_char(struct work *w, size_t n, uint32_t code_point)
{
	char hex[8];

	snprintf(hex, sizeof hex, "\\x%02X", (unsigned)(code_point & 0xff));
	replace(w, n, code_point < 0x20 ? hex : "\xef\xbf\xbd");
}

/* May these last bytes of the chunk be the beginning of a sequence that goes on in the next? */
static bool is_cut_sequence(const char *s, size_t len)
{
	unsigned char lead = (unsigned char)s[0];
	size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

	if (lead < 0xc2 || lead > 0xf4 || len >= need)
		return false;
	for (size_t k = 1; k < len; k++) {
		if (((unsigned char)s[k] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

/* One byte of class ODD, or the sequence that it begins. */
static enum step step_odd(struct xml_clean *c, struct work *w)
{
	unsigned char b = (unsigned char)w->s[w->i];
	size_t n = 0;

	if (b < 0x20) {
		mend(c, w, XML_MEND_CONTROL, b);
		replace_char(w, 1, b);
		return STEP_ON;
	}
	if (c->is_latin1) {
		flush(w);
		utf8_add(w->out, b);
		w->plain = ++w->i;
		return STEP_ON;
	}
	int32_t cp = utf8_next(w->s + w->i, w->len - w->i, &n);

	if (cp < 0 && !c->is_last && is_cut_sequence(w->s + w->i, w->len - w->i))
		return STEP_WAIT;
	if (cp >= 0 && utf8_is_xml(cp)) {
		w->i += n;
		return STEP_ON;
	}
	if (cp < 0)
		mend(c, w, XML_MEND_UTF8, b);
	else
		mend(c, w, XML_MEND_NONCHAR, (unsigned)cp);
	replace_char(w, n, cp < 0 ? 0xfffd : (uint32_t)cp);
	return STEP_ON;
}

/* Go to the next byte that means something in this state, or to the end. */
static enum step scan(struct xml_clean *c, struct work *w, unsigned state)
{
	while (w->i < w->len) {
		unsigned class = classes[(unsigned char)w->s[w->i]] & (state | ODD);

		if (class == 0)
			w->i++;
		else if (class != ODD)
			break;
		else if (step_odd(c, w) == STEP_WAIT)
			return STEP_WAIT;
	}
	return STEP_ON;
}

/* Does the text go on with `word`?  STEP_WAIT: it may, when more of it is here; STEP_ERROR: no. */
static enum step begins(const struct xml_clean *c, const struct work *w, const char *word)
{
	size_t have = w->len - w->i;
	size_t n = strlen(word);

	if (memcmp(w->s + w->i, word, have < n ? have : n) != 0)
		return STEP_ERROR;
	if (have >= n)
		return STEP_ON;
	return c->is_last ? STEP_ERROR : STEP_WAIT;
}

static bool is_name_start(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == ':' ||
	       (unsigned char)ch >= 0x80;
}

static enum step step_less(struct xml_clean *c, struct work *w)
{
	static const struct {
		const char *word;
		enum xml_clean_state state;
	} special[] = {
		{ "<!--", XML_CLEAN_COMMENT },
		{ "<![CDATA[", XML_CLEAN_CDATA },
		{ "<!DOCTYPE", XML_CLEAN_DOCTYPE },
		{ "<?", XML_CLEAN_INSTRUCTION },
	};

	if (w->i + 1 == w->len && !c->is_last)
		return STEP_WAIT;
	for (size_t k = 0; k < ARRAY_SIZE(special); k++) {
		enum step is = begins(c, w, special[k].word);

		if (is == STEP_WAIT)
			return STEP_WAIT;
		if (is == STEP_ON) {
			replace(w, strlen(special[k].word), "");
			c->state = special[k].state;
			c->quote = 0;
			c->ends_in_bracket = false;
			return STEP_ON;
		}
	}
	/* a '<' at the very end is a tag that was cut */
	if (w->i + 1 == w->len || w->s[w->i + 1] == '/' || is_name_start(w->s[w->i + 1])) {
		c->state = XML_CLEAN_TAG;
		c->nattrs = 0;
		c->tag_bytes = 0;
		w->i++;
		return STEP_ON;
	}
	mend(c, w, XML_MEND_LESS, 0);
	replace(w, 1, "&lt;");
	return STEP_ON;
}

/* The code point of "&#65;" or "&#x41;" (len bytes, with both ends), or -1. */
static int32_t reference_value(const char *s, size_t len)
{
	bool is_hex = s[2] == 'x';
	int32_t value = 0;
	size_t first = is_hex ? 3 : 2;

	for (size_t k = first; k + 1 < len; k++) {
		int digit = s[k] >= '0' && s[k] <= '9'             ? s[k] - '0'
			    : is_hex && s[k] >= 'a' && s[k] <= 'f' ? s[k] - 'a' + 10
			    : is_hex && s[k] >= 'A' && s[k] <= 'F' ? s[k] - 'A' + 10
								   : -1;

		if (digit < 0)
			return -1;
		value = value * (is_hex ? 16 : 10) + digit;
		if (value > 0x10ffff)
			value = 0x110000; /* no character; and no overflow */
	}
	return first + 1 < len ? value : -1;
}

static enum step step_ampersand(struct xml_clean *c, struct work *w)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	size_t have = w->len - w->i < LOOKAHEAD ? w->len - w->i : LOOKAHEAD;
	const char *s = w->s + w->i;
	const char *semicolon = memchr(s, ';', have);
	size_t n = semicolon ? (size_t)(semicolon - s) + 1 : 0;

	if (!semicolon && have < LOOKAHEAD && !c->is_last)
		return STEP_WAIT;
	for (size_t k = 0; k < ARRAY_SIZE(known); k++) {
		if (n == strlen(known[k]) && memcmp(s, known[k], n) == 0) {
			w->i += n;
			return STEP_ON;
		}
	}
	int32_t value = n > 3 && s[1] == '#' ? reference_value(s, n) : -1;

	if (value < 0) {
		mend(c, w, XML_MEND_AMPERSAND, 0);
		replace(w, 1, "&amp;");
	} else if (utf8_is_xml(value)) {
		w->i += n;
	} else {
		mend(c, w, XML_MEND_REFERENCE, (unsigned)value);
		replace_char(w, n, (uint32_t)value);
	}
	return STEP_ON;
}

static enum step step_text(struct xml_clean *c, struct work *w)
{
	if (scan(c, w, IN_TEXT) == STEP_WAIT)
		return STEP_WAIT;
	if (w->i == w->len)
		return STEP_ON;
	if (w->s[w->i] == '<')
		return step_less(c, w);
	if (w->s[w->i] == '&')
		return step_ampersand(c, w);
	enum step is_end = begins(c, w, "]]>");

	if (is_end == STEP_WAIT)
		return STEP_WAIT;
	if (is_end == STEP_ON) {
		mend(c, w, XML_MEND_CDATA_END, 0);
		replace(w, 3, "]]&gt;");
	} else {
		w->i++;
	}
	return STEP_ON;
}

static enum step step_cdata(struct xml_clean *c, struct work *w)
{
	size_t before = w->i;

	if (scan(c, w, IN_CDATA) == STEP_WAIT)
		return STEP_WAIT;
	if (w->i > before)
		c->ends_in_bracket = false;
	if (w->i == w->len)
		return STEP_ON;
	if (w->s[w->i] != ']') {
		c->ends_in_bracket = false;
		replace(w, 1, w->s[w->i] == '<' ? "&lt;" : w->s[w->i] == '&' ? "&amp;" : "&gt;");
		return STEP_ON;
	}
	enum step is_end = begins(c, w, "]]>");

	if (is_end == STEP_WAIT)
		return STEP_WAIT;
	if (is_end == STEP_ON) {
		/* a '>' that comes next must not make "]]>" with our last bytes */
		replace(w, 3, c->ends_in_bracket ? "<?e?>" : "");
		c->state = XML_CLEAN_TEXT;
	} else {
		c->ends_in_bracket = true;
		w->i++;
	}
	return STEP_ON;
}

/* Inside a tag, and inside a value of one. */
static enum step step_tag_byte(struct xml_clean *c, struct work *w, struct err *reterr)
{
	bool in_value = c->state == XML_CLEAN_VALUE;
	enum step got = scan(c, w, in_value ? IN_VALUE : IN_TAG);

	if (got == STEP_WAIT || w->i == w->len)
		return got;
	char ch = w->s[w->i];

	if (in_value && ch == '<') {
		mend(c, w, XML_MEND_LESS, 0);
		replace(w, 1, "&lt;");
		return STEP_ON;
	}
	if (ch == '&')
		return step_ampersand(c, w);
	if (in_value) {
		if (ch == c->quote)
			c->state = XML_CLEAN_TAG;
	} else if (ch == '=') {
		if (++c->nattrs > c->max_attrs)
			return refuse(c, w, ERR_LIMIT, reterr,
				      "more attributes in a tag than the limit");
	} else if (ch == '>') {
		c->state = XML_CLEAN_TEXT;
	} else {
		c->state = XML_CLEAN_VALUE;
		c->quote = ch;
	}
	w->i++;
	return STEP_ON;
}

static enum step step_tag(struct xml_clean *c, struct work *w, struct err *reterr)
{
	size_t before = w->i;
	enum step got = step_tag_byte(c, w, reterr);

	c->tag_bytes += w->i - before;
	if (got != STEP_ERROR && c->tag_bytes > c->max_tag_bytes)
		return refuse(c, w, ERR_LIMIT, reterr, "a tag larger than the limit");
	return got;
}

/* Leave out what comes up to and with `end`, but keep its newlines. */
static enum step step_leave_out(struct xml_clean *c, struct work *w, const char *end)
{
	size_t n = strlen(end);

	while (w->i < w->len) {
		enum step is_end = w->s[w->i] == end[0] ? begins(c, w, end) : STEP_ERROR;

		if (is_end == STEP_WAIT)
			return STEP_WAIT;
		if (is_end == STEP_ON) {
			w->i += n;
			w->plain = w->i;
			c->state = XML_CLEAN_TEXT;
			return STEP_ON;
		}
		if (w->s[w->i] == '\n')
			buf_addch(w->out, '\n');
		w->plain = ++w->i;
	}
	return STEP_ON;
}

static enum step step_doctype(struct xml_clean *c, struct work *w, struct err *reterr)
{
	for (; w->i < w->len; w->plain = ++w->i) {
		char ch = w->s[w->i];

		if (ch == '\n')
			buf_addch(w->out, '\n');
		if (c->quote) {
			if (ch == c->quote)
				c->quote = 0;
		} else if (ch == '"' || ch == '\'') {
			c->quote = ch;
		} else if (ch == '[') {
			return refuse(c, w, ERR_SYNTAX, reterr,
				      "a document type with declarations: not read, entities are "
				      "refused");
		} else if (ch == '>') {
			c->state = XML_CLEAN_TEXT;
			w->plain = ++w->i;
			break;
		}
	}
	return STEP_ON;
}

/* `encoding="..."` in the declaration of len bytes at s. */
static void note_encoding(struct xml_clean *c, const char *s, size_t len)
{
	static const struct {
		const char *name;
		bool is_latin1;
	} known[] = {
		{ "UTF-8", false },    { "UTF8", false },  { "US-ASCII", false },
		{ "ASCII", false },    { "latin1", true }, { "ISO-8859-1", true },
		{ "ISO8859-1", true },
	};
	const char *at = memmem(s, len, "encoding", 8);
	const char *end = s + len;

	if (!at)
		return;
	for (at += 8; at < end && *at != '"' && *at != '\''; at++)
		;
	const char *close = at < end ? memchr(at + 1, *at, (size_t)(end - at - 1)) : NULL;

	for (size_t k = 0; close && k < ARRAY_SIZE(known); k++) {
		size_t n = strlen(known[k].name);

		if ((size_t)(close - at - 1) == n && strncasecmp(at + 1, known[k].name, n) == 0) {
			c->is_latin1 = known[k].is_latin1;
			return;
		}
	}
	xml_clean_mended(c, XML_MEND_ENCODING, (uint64_t)(at - s), 0);
}

/* How the file is encoded, by its first bytes. */
static enum step step_start(struct xml_clean *c, struct work *w, struct err *reterr)
{
	const char *end = memmem(w->s, w->len, "?>", 2);

	if (w->len < 8 && !c->is_last) /* a byte order mark and "<?xml" */
		return STEP_WAIT;
	if (w->len >= 2 && (memcmp(w->s, "\xff\xfe", 2) == 0 || memcmp(w->s, "\xfe\xff", 2) == 0 ||
			    memcmp(w->s, "<\0", 2) == 0 || memcmp(w->s, "\0<", 2) == 0))
		return refuse(c, w, ERR_UNSUPPORTED, reterr, "UTF-16 is not read, only UTF-8");
	if (w->len >= 2 && memcmp(w->s, "\x1f\x8b", 2) == 0)
		return refuse(c, w, ERR_UNSUPPORTED, reterr,
			      "compressed: give it a name that ends in .gz");
	if (w->len >= 3 && memcmp(w->s, "\xef\xbb\xbf", 3) == 0)
		w->plain = w->i = 3;
	if (begins(c, w, "<?xml") == STEP_ON) {
		if (!end && w->len < DECLARATION_BYTES && !c->is_last) {
			w->plain = w->i = 0;
			return STEP_WAIT;
		}
		note_encoding(c, w->s, end ? (size_t)(end - w->s) : w->len);
	}
	c->state = XML_CLEAN_TEXT;
	return STEP_ON;
}

static enum step step(struct xml_clean *c, struct work *w, struct err *reterr)
{
	switch (c->state) {
	case XML_CLEAN_START:
		return step_start(c, w, reterr);
	case XML_CLEAN_TEXT:
		return step_text(c, w);
	case XML_CLEAN_TAG:
	case XML_CLEAN_VALUE:
		return step_tag(c, w, reterr);
	case XML_CLEAN_CDATA:
		return step_cdata(c, w);
	case XML_CLEAN_COMMENT:
		return step_leave_out(c, w, "-->");
	case XML_CLEAN_INSTRUCTION:
		return step_leave_out(c, w, "?>");
	case XML_CLEAN_DOCTYPE:
		return step_doctype(c, w, reterr);
	}
	return STEP_ON;
}

int xml_clean_feed(struct xml_clean *c, const char *s, size_t len, struct buf *out,
		   struct err *reterr)
{
	bool had_pending = c->pending.len > 0;
	struct work w = { .s = s, .len = len, .out = out };
	enum step got = STEP_ON;

	if (had_pending) {
		buf_add(&c->pending, s, len);
		w.s = c->pending.s;
		w.len = c->pending.len;
	}
	while (w.i < w.len && got == STEP_ON)
		got = step(c, &w, reterr);
	flush(&w);
	c->offset_bytes += w.i;
	c->line += count_lines(w.s, w.i);
	if (had_pending) {
		size_t left = w.len - w.i;

		memmove(c->pending.s, c->pending.s + w.i, left);
		buf_truncate(&c->pending, left);
	} else {
		buf_add(&c->pending, w.s + w.i, w.len - w.i);
	}
	return got == STEP_ERROR ? -1 : 0;
}

int xml_clean_finish(struct xml_clean *c, struct buf *out, struct err *reterr)
{
	c->is_last = true;
	int status = xml_clean_feed(c, "", 0, out, reterr);

	count_mended(c);
	return status;
}
