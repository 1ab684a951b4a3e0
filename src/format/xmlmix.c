/* SPDX-License-Identifier: MIT */
#include "format/xmlmix.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/parse.h"
#include "base/utf8.h"

enum { TAG_MAX_BYTES = 1 << 20, BLOCK_MAX_BYTES = 16 << 20, ATTRS_MAX = 32 };

struct xmlmix {
	const struct xmlmix_word *words;
	unsigned indent;
	struct xmlmix_hooks hooks;
	unsigned depth; /* frames that are open */
	bool drops_newline;
	struct buf pending; /* what may yet become a tag, from the blanks before it on */
	size_t searched;    /* of pending, for the end of a block */
};

enum taken { TAKEN_NOT, TAKEN_LATER, TAKEN_TAG };

/* --- text --------------------------------------------------------------------------------- */

/* "&lt;" at s: its bytes to *out, how long it is; 0: no reference. */
static size_t add_reference(struct buf *out, const char *s, size_t len)
{
	static const struct {
		const char *text;
		char c;
	} known[] = { { "&lt;", '<' },
		      { "&gt;", '>' },
		      { "&amp;", '&' },
		      { "&quot;", '"' },
		      { "&apos;", '\'' } };
	char digits[8];
	uint64_t number = 0;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t n = strlen(known[i].text);

		if (len >= n && memcmp(s, known[i].text, n) == 0) {
			buf_addch(out, known[i].c);
			return n;
		}
	}
	const char *end = len > 3 && s[1] == '#' ? memchr(s, ';', len < 10 ? len : 10) : NULL;

	if (!end || end - s - 2 >= (ptrdiff_t)sizeof digits)
		return 0;
	memcpy(digits, s + 2, (size_t)(end - s - 2));
	digits[end - s - 2] = '\0';
	if (!parse_uint(digits, 0x10ffff, &number))
		return 0;
	utf8_add(out, (uint32_t)number);
	return (size_t)(end + 1 - s);
}

static void add_decoded(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = s[i] == '&' ? add_reference(out, s + i, len - i) : 0;

		if (n == 0)
			buf_addch(out, s[i++]);
		i += n;
	}
}

static bool begins(const char *s, size_t len, const char *what)
{
	size_t n = strlen(what);

	return len >= n && memcmp(s, what, n) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_name(char c)
{
	return is_blank(c) || c == '/' || c == '>';
}

/* The '>' of the tag at s, outside of quotes; NULL: not there yet, or, with *is_none, there is none
 * for it is no tag. */
static const char *tag_end(const char *s, size_t len, bool *is_none)
{
	char quote = 0;

	for (size_t i = 1; i < len; i++) {
		if (s[i] == '<' || s[i] == '\0')
			break;
		if (quote)
			quote = s[i] == quote ? 0 : quote;
		else if (s[i] == '"' || s[i] == '\'')
			quote = s[i];
		else if (s[i] == '>')
			return s + i;
		if (i + 1 == len) {
			*is_none = len > TAG_MAX_BYTES;
			return NULL;
		}
	}
	*is_none = len > 1;
	return NULL;
}

/* Behind name: a="b" c='d', up to '>'. */
static size_t read_attrs(const char *s, const char *end, struct arena *mem,
			 struct xmlmix_attr *attrs)
{
	size_t n = 0;

	while (n < ATTRS_MAX) {
		while (s < end && is_blank(*s))
			s++;
		const char *equals = memchr(s, '=', (size_t)(end - s));

		if (!equals || equals == s || equals + 1 >= end ||
		    (equals[1] != '"' && equals[1] != '\''))
			break;
		const char *close = memchr(equals + 2, equals[1], (size_t)(end - equals - 2));
		struct buf value = BUF_INIT;

		if (!close)
			break;
		add_decoded(&value, equals + 2, (size_t)(close - equals - 2));
		attrs[n++] = (struct xmlmix_attr){ arena_memdup(mem, s, (size_t)(equals - s)),
						   arena_memdup(mem, value.s, value.len) };
		buf_release(&value);
		s = close + 1;
	}
	return n;
}

bool xmlmix_is(const struct xmlmix_tag *tag, const char *name)
{
	return strcmp(tag->name, name) == 0;
}

const char *xmlmix_attr(const struct xmlmix_tag *tag, const char *name)
{
	for (size_t i = 0; i < tag->nattrs; i++) {
		if (strcmp(tag->attrs[i].name, name) == 0)
			return tag->attrs[i].value;
	}
	return NULL;
}

/* --- blocks ------------------------------------------------------------------------------- */

/* One step over [s, end), which begins with '<': behind a CDATA section or a tag; NULL: cut. */
static const char *skip_markup(const char *s, const char *end, bool *is_cdata)
{
	size_t len = (size_t)(end - s);
	bool is_none = false;

	*is_cdata = begins(s, len, "<![CDATA[");
	if (*is_cdata) {
		const char *close = memmem(s, len, "]]>", 3);

		return close ? close + 3 : NULL;
	}
	const char *close = tag_end(s, len, &is_none);

	return close ? close + 1 : is_none ? s + 1 : NULL;
}

static bool is_tag_of(const char *s, const char *end, const char *name)
{
	size_t n = strlen(name);

	return (size_t)(end - s) > n + 1 && memcmp(s + 1, name, n) == 0 && ends_name(s[n + 1]);
}

/* Where element `name` is in [s, end), NULL: nowhere; deeper ones count too. */
static const char *find_element(const char *s, const char *end, const char *name)
{
	bool is_cdata = false;

	while (s && (s = memchr(s, '<', (size_t)(end - s)))) {
		if (is_tag_of(s, end, name))
			return s;
		s = skip_markup(s, end, &is_cdata);
	}
	return NULL;
}

static void trim(struct buf *b)
{
	size_t first = 0;

	while (b->len > 0 && is_blank(b->s[b->len - 1]))
		buf_truncate(b, b->len - 1);
	while (first < b->len && is_blank(b->s[first]))
		first++;
	if (first > 0) {
		memmove(b->s, b->s + first, b->len - first);
		buf_truncate(b, b->len - first);
	}
}

bool xmlmix_text(const char *body, size_t len, const char *name, struct buf *ret)
{
	const char *s = body, *end = body + len;
	unsigned depth = 0;

	buf_clear(ret);
	if (name) {
		const char *at = find_element(s, end, name);
		bool is_cdata = false;

		s = at ? skip_markup(at, end, &is_cdata) : NULL;
		if (!s || s[-2] == '/')
			return s != NULL;
	}
	while (s && s < end) {
		const char *next = memchr(s, '<', (size_t)(end - s));
		bool is_cdata = false;

		if (depth == 0)
			add_decoded(ret, s, (size_t)((next ? next : end) - s));
		if (!next)
			break;
		s = skip_markup(next, end, &is_cdata);
		if (is_cdata && s && depth == 0)
			buf_add(ret, next + 9, (size_t)(s - next - 12));
		else if (!is_cdata && s && next[1] == '/' && depth-- == 0)
			break;
		else if (!is_cdata && s && next[1] != '/' && s[-2] != '/')
			depth++;
	}
	trim(ret);
	return true;
}

bool xmlmix_inner_attr(const char *body, size_t len, const char *name, const char *attr,
		       struct buf *ret)
{
	struct xmlmix_attr attrs[ATTRS_MAX];
	struct arena mem = { 0 };
	const char *at = find_element(body, body + len, name);
	bool is_cdata = false;
	const char *close = at ? skip_markup(at, body + len, &is_cdata) : NULL;
	struct xmlmix_tag tag = { .attrs = attrs };

	buf_clear(ret);
	if (close)
		tag.nattrs = read_attrs(at + 1 + strlen(name), close, &mem, attrs);
	const char *value = xmlmix_attr(&tag, attr);

	if (value)
		buf_addstr(ret, value);
	arena_release(&mem);
	return value != NULL;
}

/* --- the stream --------------------------------------------------------------------------- */

/* Which word follows '<' or "</" at s?  NULL with *is_cut: it may become one. */
static const struct xmlmix_word *find_word(const struct xmlmix *x, const char *s, size_t len,
					   bool *is_cut)
{
	const struct xmlmix_word *w = x->words;

	for (; w->name; w++) {
		size_t n = strlen(w->name);

		if (len > n && memcmp(s, w->name, n) == 0 && ends_name(s[n]))
			return w;
		*is_cut = *is_cut || (len <= n && memcmp(s, w->name, len) == 0);
	}
	return NULL;
}

/* The end tag of the block that begins before *s; from where to look next time in *s. */
static const char *block_end(const char **s, const char *end, const char *name)
{
	bool is_cdata = false;

	for (;;) {
		const char *at = memchr(*s, '<', (size_t)(end - *s));

		if (!at) {
			*s = end;
			return NULL;
		}
		*s = at;
		if (end - at > 2 && at[1] == '/' && is_tag_of(at + 1, end, name))
			return at;
		at = skip_markup(at, end, &is_cdata);
		if (!at)
			return NULL;
		*s = at;
	}
}

/* Does the framework write a tag with so many blanks before it? */
static bool is_in_place(const struct xmlmix *x, size_t at, bool is_end)
{
	size_t want = (size_t)x->indent * (x->depth - (is_end && x->depth > 0));

	if (want > at)
		return false;
	for (size_t i = at - want; i < at; i++) {
		if (x->pending.s[i] != ' ')
			return false;
	}
	return true;
}

static void give(struct xmlmix *x, size_t from, size_t to)
{
	if (x->drops_newline && from < to) {
		from += x->pending.s[from] == '\n';
		x->drops_newline = false;
	}
	if (from < to)
		x->hooks.output(x->hooks.ctx, x->pending.s + from, to - from);
}

/* The tag is whole: is it the framework's? */
static enum taken hand_on(struct xmlmix *x, struct xmlmix_tag *tag, size_t shown, size_t at)
{
	size_t depth = x->depth - (tag->is_end && x->depth > 0);

	if (!x->hooks.knows(x->hooks.ctx, tag))
		return TAKEN_NOT;
	give(x, shown, at - depth * x->indent);
	x->hooks.tag(x->hooks.ctx, tag);
	x->drops_newline = x->indent > 0;
	if (tag->is_end)
		x->depth = (unsigned)depth;
	else if (!tag->is_empty && !tag->body)
		x->depth++;
	return TAKEN_TAG;
}

/* What stands at the '<' at `at`?  *ret_end: behind it. */
static enum taken take(struct xmlmix *x, size_t shown, size_t at, size_t *ret_end)
{
	const char *s = x->pending.s + at, *end = x->pending.s + x->pending.len;
	size_t len = (size_t)(end - s);
	bool is_end = len > 1 && s[1] == '/', is_cut = len < 2, is_none = false;
	const struct xmlmix_word *w =
		len < 2 ? NULL : find_word(x, s + 1 + is_end, len - 1 - is_end, &is_cut);

	if (!is_in_place(x, at, is_end) && !is_cut)
		return TAKEN_NOT;
	if (!w)
		return is_cut ? TAKEN_LATER : TAKEN_NOT;
	const char *close = tag_end(s, len, &is_none);

	if (!close)
		return is_none ? TAKEN_NOT : TAKEN_LATER;
	struct xmlmix_attr attrs[ATTRS_MAX];
	struct arena mem = { 0 };
	struct xmlmix_tag tag = { .name = w->name, .is_end = is_end, .attrs = attrs };

	tag.is_empty = close[-1] == '/' || w->name[0] == '?';
	if (w->is_block && !is_end && !tag.is_empty) {
		const char *from = close + 1;

		if (x->searched > (size_t)(from - x->pending.s))
			from = x->pending.s + x->searched;
		const char *last = block_end(&from, end, w->name);

		x->searched = last ? 0 : (size_t)(from - x->pending.s);
		if (!last || !memchr(last, '>', (size_t)(end - last))) {
			bool is_long = len > BLOCK_MAX_BYTES;

			x->searched = is_long ? 0 : x->searched;
			return is_long ? TAKEN_NOT : TAKEN_LATER;
		}
		tag.body = close + 1;
		tag.body_len = (size_t)(last - tag.body);
		*ret_end = (size_t)((char *)memchr(last, '>', (size_t)(end - last)) + 1 -
				    x->pending.s);
	} else {
		*ret_end = (size_t)(close + 1 - x->pending.s);
	}
	tag.nattrs = read_attrs(s + 1 + is_end + strlen(w->name), close, &mem, attrs);
	enum taken taken = hand_on(x, &tag, shown, at);

	arena_release(&mem);
	return taken;
}

/* Where the blanks begin that may belong to a tag at `at`. */
static size_t before_blanks(const struct xmlmix *x, size_t shown, size_t at)
{
	size_t most = (size_t)x->indent * x->depth, first = at;

	while (first > shown && at - first < most && x->pending.s[first - 1] == ' ')
		first--;
	return first;
}

void xmlmix_feed(struct xmlmix *x, const char *s, size_t len)
{
	size_t shown = 0, at = 0;

	buf_add(&x->pending, s, len);
	for (;;) {
		const char *lt = memchr(x->pending.s + at, '<', x->pending.len - at);
		size_t end = 0;

		at = lt ? (size_t)(lt - x->pending.s) : x->pending.len;
		enum taken taken = lt ? take(x, shown, at, &end) : TAKEN_LATER;

		if (taken == TAKEN_TAG)
			shown = at = end;
		else if (taken == TAKEN_NOT)
			at++;
		else
			break;
	}
	size_t keep = before_blanks(x, shown, at);

	give(x, shown, keep);
	memmove(x->pending.s, x->pending.s + keep, x->pending.len - keep);
	buf_truncate(&x->pending, x->pending.len - keep);
	x->searched = x->searched > keep ? x->searched - keep : 0;
}

void xmlmix_finish(struct xmlmix *x)
{
	give(x, 0, x->pending.len);
	buf_clear(&x->pending);
}

struct xmlmix *xmlmix_new(const struct xmlmix_word *words, unsigned indent,
			  const struct xmlmix_hooks *hooks)
{
	struct xmlmix *x = xcalloc(1, sizeof *x);

	x->words = words;
	x->indent = indent;
	x->hooks = *hooks;
	x->pending = (struct buf)BUF_INIT;
	return x;
}

void xmlmix_free(struct xmlmix *x)
{
	buf_release(&x->pending);
	free(x);
}
