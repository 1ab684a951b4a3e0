/* SPDX-License-Identifier: MIT
 *
 * Exercises format/cmakeregex.c.  The first line is the expression, the rest the text.  Properties:
 * a refusal has a reason; a text gives the same answer whole, in pieces, and a second time; and the
 * answer is that of a backtracking matcher written in the obvious way, where that one is done in
 * time.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/cmakeregex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_TURNS = 20000, MAX_PATTERN = 200, MAX_TEXT = 300 };

struct walk {
	const char *begin, *end;
	unsigned turns;
};

/* What must match behind the present piece: a list of patterns, innermost first. */
struct rest {
	const char *p;
	const struct rest *outer;
};

static bool match_rest(struct walk *w, const char *p, const char *s, const struct rest *rest);

/* Behind one atom: a single byte's pattern, or a group. */
static const char *skip_atom(const char *p)
{
	if (*p == '\\')
		return p + 2;
	if (*p == '[') {
		p += p[1] == '^' ? 2 : 1;
		for (p++; *p != ']'; p++) /* the first is never the end */
			;
		return p + 1;
	}
	if (*p != '(')
		return p + 1;
	for (p++; *p != ')'; p = skip_atom(p))
		;
	return p + 1;
}

static bool in_set(const char *p, unsigned char c)
{
	bool is_negated = p[1] == '^', is_in = false;
	const char *first = p + (is_negated ? 2 : 1);

	for (const char *q = first; q == first || *q != ']'; q++) {
		if (*q == '-' && q > first && q[1] != ']') {
			is_in |= (unsigned char)q[-1] <= c && c <= (unsigned char)q[1];
			q++;
		} else {
			is_in |= (unsigned char)*q == c;
		}
	}
	return is_in != is_negated;
}

static bool match_byte(const char *p, unsigned char c)
{
	if (*p == '[')
		return in_set(p, c);
	return *p == '.' || (unsigned char)(*p == '\\' ? p[1] : *p) == c;
}

/* Each branch of the choice that begins at p, in the group or in the whole. */
static bool match_choice(struct walk *w, const char *p, const char *s, const struct rest *rest)
{
	for (;;) {
		if (match_rest(w, p, s, rest))
			return true;
		while (*p && *p != '|' && *p != ')')
			p = skip_atom(p);
		if (*p != '|')
			return false;
		p++;
	}
}

static bool match_atom(struct walk *w, const char *p, const char *s, const struct rest *rest)
{
	if (*p == '(')
		return match_choice(w, p + 1, s, rest);
	if (*p == '^')
		return s == w->begin && match_rest(w, rest->p, s, rest->outer);
	if (*p == '$')
		return s == w->end && match_rest(w, rest->p, s, rest->outer);
	return s < w->end && match_byte(p, (unsigned char)*s) &&
	       match_rest(w, rest->p, s + 1, rest->outer);
}

static bool match_rest(struct walk *w, const char *p, const char *s, const struct rest *rest)
{
	if (++w->turns > MAX_TURNS)
		return false;
	if (!*p || *p == '|' || *p == ')')
		return !rest || match_rest(w, rest->p, s, rest->outer);
	const char *behind = skip_atom(p);
	char repeat = *behind;
	bool is_repeat = repeat == '*' || repeat == '+' || repeat == '?';
	const struct rest next = { behind + is_repeat, rest };
	const struct rest again = { p, rest };

	if (repeat == '+' || repeat == '*') {
		if (repeat == '*' && match_rest(w, next.p, s, rest))
			return true;
		/* one, and then either none further or the same again; it has width, so this ends
		 */
		return match_atom(w, p, s, &next) || match_atom(w, p, s, &again);
	}
	if (repeat == '?' && match_rest(w, next.p, s, rest))
		return true;
	return match_atom(w, p, s, &next);
}

static void compare(const char *pattern, const char *text, size_t len, bool is_match)
{
	struct walk w = { .begin = text, .end = text + len };
	bool is_found = false;

	if (strlen(pattern) > MAX_PATTERN || len > MAX_TEXT)
		return;
	for (const char *s = text; s <= w.end && !is_found; s++)
		is_found = match_choice(&w, pattern, s, NULL);
	assert(w.turns > MAX_TURNS || is_found == is_match);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = memchr(data, '\n', size);
	struct buf pattern = BUF_INIT;
	struct cmake_regex *r = NULL;
	struct err e = { 0 };

	buf_add(&pattern, data, nl ? (size_t)(nl - data) : size);
	if (cmake_regex_new(pattern.s, &r, &e) < 0) {
		assert(e.msg[0] && !r);
		buf_release(&pattern);
		return 0;
	}
	const char *text = nl ? (const char *)nl + 1 : "";
	size_t len = nl ? size - (size_t)(nl + 1 - data) : 0;

	cmake_regex_feed(r, text, len);
	bool is_match = cmake_regex_end(r);

	for (size_t i = 0; i < len; i += 3)
		cmake_regex_feed(r, text + i, len - i < 3 ? len - i : 3);
	assert(cmake_regex_end(r) == is_match);
	compare(pattern.s, text, len, is_match);
	cmake_regex_free(r);
	buf_release(&pattern);
	return 0;
}
