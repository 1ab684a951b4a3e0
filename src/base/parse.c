/* SPDX-License-Identifier: MIT */
#include "base/parse.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool parse_uint(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (!is_digit(*s) || __builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (unsigned)(*s - '0'), &n))
			return false;
	}
	if (n > max)
		return false;
	*ret = n;
	return true;
}

/* An unsigned decimal: all digits as one number, and where its point stands. */
struct decimal {
	uint64_t digits;
	int exponent; /* value = digits * 10^exponent */
	const char *end;
};

/* "1,234.5" or, where numbers have a decimal comma, "0,5"? */
static bool is_thousands_comma(const char *s, uint64_t before)
{
	return before > 0 && is_digit(s[1]) && is_digit(s[2]) && is_digit(s[3]) && !is_digit(s[4]);
}

/* At most 17 digits count; further ones only move the point. */
static bool decimal_read(const char *s, bool allow_commas, struct decimal *ret)
{
	struct decimal d = { 0 };
	bool in_fraction = false;
	int ndigits = 0;
	int nseen = 0;

	for (;; s++) {
		bool is_comma = *s == ',' && allow_commas && !in_fraction && nseen > 0;

		if (is_comma && is_thousands_comma(s, d.digits))
			continue;
		if ((*s == '.' || is_comma) && !in_fraction) {
			in_fraction = true;
		} else if (is_digit(*s)) {
			nseen++;
			if (ndigits < 17) {
				d.digits = d.digits * 10 + (unsigned)(*s - '0');
				ndigits += d.digits > 0;
				d.exponent -= in_fraction;
			} else {
				d.exponent += !in_fraction;
			}
		} else {
			break;
		}
	}
	if (nseen == 0 || nseen > 400)
		return false;
	if ((*s == 'e' || *s == 'E') && allow_commas) {
		bool is_negative = s[1] == '-';
		int e = 0;

		s += 1 + (s[1] == '-' || s[1] == '+');
		if (!is_digit(*s))
			return false;
		for (; is_digit(*s); s++)
			e = e < 1000 ? e * 10 + (*s - '0') : e;
		d.exponent += is_negative ? -e : e;
	}
	d.end = s;
	*ret = d;
	return true;
}

/* digits * 10^(exponent + shift), cut to a whole number. */
static bool decimal_scale(const struct decimal *d, int shift, uint64_t *ret)
{
	uint64_t n = d->digits;

	for (int e = d->exponent + shift; e < 0 && n > 0; e++)
		n /= 10;
	for (int e = d->exponent + shift; e > 0 && n > 0; e--) {
		if (__builtin_mul_overflow(n, 10u, &n))
			return false;
	}
	if (n == TIME_UNKNOWN)
		return false;
	*ret = n;
	return true;
}

bool parse_seconds(const char *s, uint64_t *ret_us)
{
	bool is_negative = *s == '-';
	struct decimal d = { 0 };
	uint64_t us = 0;

	if (!decimal_read(s + is_negative, true, &d) || *d.end || !decimal_scale(&d, 6, &us))
		return false;
	*ret_us = is_negative && d.digits > 0 ? TIME_UNKNOWN : us;
	return true;
}

bool parse_duration(const char *s, uint64_t *ret_us)
{
	static const struct {
		const char *name;
		uint64_t us;
	} units[] = {
		{ "", 1000000 }, { "s", 1000000 },      { "us", 1 },
		{ "ms", 1000 },  { "m", 60 * 1000000 }, { "h", 3600 * (uint64_t)1000000 },
	};
	struct decimal d = { 0 };

	if (!decimal_read(s, false, &d))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		struct decimal scaled = d;

		if (strcmp(d.end, units[i].name) != 0)
			continue;
		return !__builtin_mul_overflow(d.digits, units[i].us, &scaled.digits) &&
		       decimal_scale(&scaled, 0, ret_us);
	}
	return false;
}

/* One word from *s on; false if a quote is left open. */
static bool word_read(const char **s, struct buf *word)
{
	char quote = 0;
	const char *p = *s;

	for (; *p; p++) {
		if (quote == '\'' ? *p == quote : quote && *p == quote) {
			quote = 0;
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (*p == '\\' && quote != '\'' && p[1]) {
			buf_addch(word, *++p);
		} else if (!quote && strchr(" \t\r\n", *p)) {
			break;
		} else {
			buf_addch(word, *p);
		}
	}
	*s = p;
	return !quote;
}

bool parse_words(const char *s, struct arena *mem, const char ***ret, size_t *ret_n)
{
	const char **words = NULL;
	size_t n = 0;
	size_t cap = 0;
	struct buf word = BUF_INIT;
	bool ok = true;

	for (;;) {
		s += strspn(s, " \t\r\n");
		if (!*s)
			break;
		buf_clear(&word);
		ok = word_read(&s, &word);
		if (!ok)
			break;
		GROW(words, n, cap);
		words[n++] = arena_memdup(mem, word.s, word.len);
	}
	if (ok) {
		const char **copy = arena_alloc(mem, n + 1, sizeof *copy);

		if (n > 0)
			memcpy(copy, words, n * sizeof *copy);
		*ret = copy;
		*ret_n = n;
	}
	buf_release(&word);
	free(words);
	return ok;
}

/* Does c stand in the bracket expression behind p ('[' already read)?  NULL: it has no end. */
static const char *bracket_match(const char *p, unsigned char c, bool *ret)
{
	bool is_negated = *p == '!' || *p == '^';
	bool found = false;
	const char *first = p + is_negated;

	for (p = first; *p && (*p != ']' || p == first); p++) {
		unsigned char low = (unsigned char)*p;
		unsigned char high = low;

		if (p[1] == '-' && p[2] && p[2] != ']') {
			high = (unsigned char)p[2];
			p += 2;
		}
		found = found || (c >= low && c <= high);
	}
	if (!*p)
		return NULL;
	*ret = found != is_negated;
	return p + 1;
}

bool parse_glob(const char *pattern, const char *text)
{
	const char *star = NULL;      /* behind the last '*' */
	const char *star_text = NULL; /* where the text behind it was tried last */

	for (;;) {
		const char *next = pattern;
		bool hit = false;

		if (*pattern == '*') {
			star = ++pattern;
			star_text = text;
			continue;
		}
		if (!*text && !*pattern)
			return true;
		if (*text && *pattern == '[') {
			next = bracket_match(pattern + 1, (unsigned char)*text, &hit);
			if (!next) { /* no end: a plain bracket */
				hit = *text == '[';
				next = pattern + 1;
			}
		} else if (*text && *pattern) {
			hit = *pattern == '?' || *pattern == *text;
			next = pattern + 1;
		}
		if (hit) {
			pattern = next;
			text++;
		} else if (star && *star_text) {
			pattern = star;
			text = ++star_text;
		} else {
			return false;
		}
	}
}
