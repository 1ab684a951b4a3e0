/* SPDX-License-Identifier: MIT */
#include "format/jscan.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "format/cov_read.h"

void jscan_init(struct jscan *j, const char *path, const char *s, size_t len, struct err *reterr)
{
	*j = (struct jscan){ .path = path, .begin = s, .at = s, .end = s + len, .reterr = reterr };
}

void jscan_release(struct jscan *j)
{
	arena_release(&j->mem);
}

static unsigned line_of(const struct jscan *j)
{
	unsigned line = 1;
	const char *p = j->begin;

	while ((p = memchr(p, '\n', (size_t)(j->at - p)))) {
		p++;
		line++;
	}
	return line;
}

PRINTF_LIKE(3, 0)
static void fail_at(struct jscan *j, enum err_code code, const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT;

	if (j->has_failed)
		return;
	j->has_failed = true;
	buf_addvf(&text, fmt, ap);
	err_set(j->reterr, code, j->path, line_of(j), "%s", text.s);
	buf_release(&text);
}

void jscan_fail(struct jscan *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_at(j, ERR_SYNTAX, fmt, ap);
	va_end(ap);
}

void jscan_fail_limit(struct jscan *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_at(j, ERR_LIMIT, fmt, ap);
	va_end(ap);
}

void jscan_fail_unsupported(struct jscan *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_at(j, ERR_UNSUPPORTED, fmt, ap);
	va_end(ap);
}

static void skip_blanks(struct jscan *j)
{
	while (j->at < j->end &&
	       (*j->at == ' ' || *j->at == '\n' || *j->at == '\t' || *j->at == '\r'))
		j->at++;
}

bool jscan_more(struct jscan *j)
{
	skip_blanks(j);
	return !j->has_failed && j->at < j->end;
}

/* "expected ..., found ..." */
static void fail_expected(struct jscan *j, const char *what)
{
	if (j->at == j->end)
		jscan_fail(j, "the file is cut: expected %s", what);
	else if (*j->at > ' ' && *j->at < 0x7f)
		jscan_fail(j, "expected %s, found '%c'", what, *j->at);
	else
		jscan_fail(j, "expected %s, found byte 0x%02x", what, (unsigned char)*j->at);
}

char jscan_peek(struct jscan *j)
{
	return jscan_more(j) ? *j->at : '\0';
}

static bool take(struct jscan *j, char c, const char *what)
{
	if (jscan_peek(j) != c) {
		fail_expected(j, what);
		return false;
	}
	j->at++;
	return true;
}

bool jscan_enter(struct jscan *j, char bracket)
{
	if (!take(j, bracket, bracket == '{' ? "an object" : "an array"))
		return false;
	if (++j->depth > JSCAN_MAX_DEPTH) {
		jscan_fail_limit(j, "more than %d levels deep", JSCAN_MAX_DEPTH);
		return false;
	}
	j->is_first = true;
	return true;
}

/* On to the next one, or behind the closing bracket. */
static bool go_on(struct jscan *j, char closing, const char *what)
{
	char c = jscan_peek(j);

	if (j->has_failed)
		return false;
	if (c == closing) {
		j->at++;
		j->depth--;
		j->is_first = false;
		return false;
	}
	if (!j->is_first && !take(j, ',', what))
		return false;
	j->is_first = false;
	return true;
}

bool jscan_item(struct jscan *j)
{
	return go_on(j, ']', "',' or ']'");
}

bool jscan_key(struct jscan *j, struct jscan_text *key)
{
	if (!go_on(j, '}', "',' or '}'"))
		return false;
	*key = jscan_string(j);
	return !j->has_failed && take(j, ':', "':'");
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits behind \u; -1: they are none. */
static int32_t read_hex4(const char *p, const char *end)
{
	int32_t n = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_of(p[i]);

		if (digit < 0)
			return -1;
		n = n * 16 + digit;
	}
	return n;
}

/* \uXXXX at p, which stands behind the 'u'; where it ends, or NULL.  A low surrogate alone is a byte
 * that was no UTF-8, any other one U+FFFD. */
static const char *read_unicode(struct jscan *j, const char *p, struct buf *out)
{
	int32_t cp = read_hex4(p, j->end);
	int32_t low = -1;

	if (cp <= 0) {
		j->at = p;
		jscan_fail(j, cp == 0 ? "a NUL in a string" : "bad escape in a string");
		return NULL;
	}
	p += 4;
	if (cp >= 0xd800 && cp < 0xdc00 && j->end - p >= 6 && p[0] == '\\' && p[1] == 'u')
		low = read_hex4(p + 2, j->end);
	if (low >= 0xdc00 && low < 0xe000) {
		utf8_add(out,
			 0x10000u + (((uint32_t)cp - 0xd800) << 10) + ((uint32_t)low - 0xdc00));
		return p + 6;
	}
	if (cp >= 0xdc80 && cp < 0xdd00)
		buf_addch(out, (char)(cp - 0xdc00));
	else
		utf8_add(out, cp >= 0xd800 && cp < 0xe000 ? 0xfffdu : (uint32_t)cp);
	return p;
}

/* One escape at p, which stands behind the backslash. */
static const char *read_escape(struct jscan *j, const char *p, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	const char *found = p < j->end && *p ? strchr(names, *p) : NULL;

	if (found) {
		buf_addch(out, bytes[found - names]);
		return p + 1;
	}
	if (p < j->end && *p == 'u')
		return read_unicode(j, p + 1, out);
	j->at = p;
	jscan_fail(j, "bad escape in a string");
	return NULL;
}

/* The first byte of a string that is not simply itself. */
static const char *plain_end(const char *p, const char *end)
{
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

struct jscan_text jscan_string(struct jscan *j)
{
	const struct jscan_text none = { "", 0 };
	struct buf out = BUF_INIT;

	if (!take(j, '"', "a string"))
		return none;
	const char *begin = j->at;
	const char *p = plain_end(begin, j->end);

	if (p < j->end && *p == '"') {
		j->at = p + 1;
		return (struct jscan_text){ begin, (size_t)(p - begin) };
	}
	while (p && p < j->end && *p == '\\') {
		buf_add(&out, begin, (size_t)(p - begin));
		begin = read_escape(j, p + 1, &out);
		p = begin ? plain_end(begin, j->end) : NULL;
	}
	if (p && (p == j->end || *p != '"')) {
		j->at = p;
		fail_expected(j, "the end of a string");
	}
	struct jscan_text t = none;

	if (!j->has_failed) {
		buf_add(&out, begin, (size_t)(p - begin));
		j->at = p + 1;
		t = (struct jscan_text){ arena_memdup(&j->mem, out.s, out.len), out.len };
	}
	buf_release(&out);
	return t;
}

struct cov_count jscan_count(struct jscan *j)
{
	struct cov_count n = { 0 };

	jscan_peek(j);
	if (!j->has_failed && !cov_count_parse(&j->at, j->end, &n))
		fail_expected(j, "a number");
	return n;
}

uint64_t jscan_uint(struct jscan *j, uint64_t max)
{
	struct cov_count n = jscan_count(j);

	if (n.is_negative && n.value > 0) {
		jscan_fail(j, "a number below 0");
		return 0;
	}
	if (n.is_large || n.value > max) {
		jscan_fail_limit(j, "a number above the limit of %llu", (unsigned long long)max);
		return 0;
	}
	return n.value;
}

static bool take_word(struct jscan *j, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(j->end - j->at) < n || memcmp(j->at, word, n) != 0)
		return false;
	j->at += n;
	return true;
}

bool jscan_bool(struct jscan *j)
{
	jscan_peek(j);
	if (j->has_failed)
		return false;
	if (take_word(j, "true"))
		return true;
	if (!take_word(j, "false"))
		fail_expected(j, "true or false");
	return false;
}

void jscan_skip(struct jscan *j)
{
	struct jscan_text key;
	char c = jscan_peek(j);

	if (c == '{') {
		jscan_enter(j, '{');
		while (jscan_key(j, &key))
			jscan_skip(j); /* no deeper than JSCAN_MAX_DEPTH */
	} else if (c == '[') {
		jscan_enter(j, '[');
		while (jscan_item(j))
			jscan_skip(j);
	} else if (c == '"') {
		jscan_string(j);
	} else if (c == 't' || c == 'f') {
		jscan_bool(j);
	} else if (c == 'n' && take_word(j, "null")) {
		return;
	} else if (c == '-' || (c >= '0' && c <= '9')) {
		jscan_count(j);
	} else {
		fail_expected(j, "a value");
	}
}

bool jscan_find(struct jscan *j, const char *name, struct jscan_text *ret)
{
	const struct jscan before = *j;
	struct jscan_text key;
	bool is_found = false;

	jscan_enter(j, '{');
	while (!is_found && jscan_key(j, &key)) {
		is_found = jscan_is(&key, name) && jscan_peek(j) == '"';
		if (is_found)
			*ret = jscan_string(j);
		else
			jscan_skip(j);
	}
	j->at = before.at;
	j->depth = before.depth;
	j->is_first = before.is_first;
	return is_found && !j->has_failed;
}

void jscan_end(struct jscan *j)
{
	if (jscan_more(j))
		fail_expected(j, "the end");
}

bool jscan_is(const struct jscan_text *t, const char *s)
{
	return t->len == strlen(s) && memcmp(t->s, s, t->len) == 0;
}
