/* SPDX-License-Identifier: MIT */
#include "format/cmakefile.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/buf.h"

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* At "[==[": the text up to "]==]", and go behind it.  NULL, nothing taken, if it is none. */
static const char *take_bracket(struct cmake_reader *r, size_t *len)
{
	const char *p = r->s + 1;

	while (p < r->end && *p == '=')
		p++;
	if (*r->s != '[' || p >= r->end || *p != '[')
		return NULL;
	size_t nequals = (size_t)(p - r->s) - 1;
	const char *text = p + 1;

	if (text < r->end && *text == '\n')
		text++; /* as CMake does */
	for (p = text; (p = memchr(p, ']', (size_t)(r->end - p))); p++) {
		size_t n = 0;

		while (p + 1 + n < r->end && p[1 + n] == '=')
			n++;
		if (n != nequals || p + 1 + n >= r->end || p[1 + n] != ']')
			continue;
		*len = (size_t)(p - text);
		r->s = p + n + 2;
		return text;
	}
	*len = (size_t)(r->end - text);
	r->s = r->end;
	return text;
}

static void skip_comment(struct cmake_reader *r)
{
	size_t len = 0;

	r->s++;
	if (r->s < r->end && *r->s == '[' && take_bracket(r, &len))
		return;
	const char *nl = memchr(r->s, '\n', (size_t)(r->end - r->s));

	r->s = nl ? nl : r->end;
}

static void take_escape(struct cmake_reader *r, struct buf *out)
{
	char c = ++r->s < r->end ? *r->s++ : '\\';

	buf_addch(out, c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
}

static void take_quoted(struct cmake_reader *r, struct buf *out)
{
	for (r->s++; r->s < r->end && *r->s != '"';) {
		if (*r->s == '\\')
			take_escape(r, out);
		else
			buf_addch(out, *r->s++);
	}
	r->s += r->s < r->end;
}

static void take_bare(struct cmake_reader *r, struct buf *out)
{
	while (r->s < r->end && !isspace((unsigned char)*r->s) && !strchr("()\"#", *r->s)) {
		if (*r->s == '\\')
			take_escape(r, out);
		else
			buf_addch(out, *r->s++);
	}
}

/* Behind "(": the words up to its ")".  Parentheses inside, as in if(), are no words. */
static void take_args(struct cmake_reader *r, struct arena *mem, struct cmake_command *ret)
{
	const char **args = NULL;
	size_t n = 0, cap = 0, depth = 1, len = 0;
	struct buf word = BUF_INIT;

	while (r->s < r->end && depth > 0) {
		const char *bracket = NULL;

		if (isspace((unsigned char)*r->s) || *r->s == '\0') {
			r->s++;
			continue;
		}
		if (*r->s == '(' || *r->s == ')') {
			depth += *r->s++ == '(' ? 1 : (size_t)-1;
			continue;
		}
		if (*r->s == '#') {
			skip_comment(r);
			continue;
		}
		buf_clear(&word);
		if (*r->s == '"')
			take_quoted(r, &word);
		else if (*r->s == '[' && (bracket = take_bracket(r, &len)))
			buf_add(&word, bracket, len);
		else
			take_bare(r, &word);
		GROW(args, n, cap);
		args[n++] = arena_memdup(mem, word.s, word.len);
	}
	buf_release(&word);
	ret->args = arena_alloc(mem, n + 1, sizeof *ret->args);
	if (n > 0)
		memcpy(ret->args, args, n * sizeof *args);
	ret->nargs = n;
	free(args);
}

bool cmake_next(struct cmake_reader *r, struct arena *mem, struct cmake_command *ret)
{
	while (r->s < r->end) {
		const char *name = r->s;

		if (*r->s == '#') {
			skip_comment(r);
			continue;
		}
		while (r->s < r->end && is_word_char(*r->s))
			r->s++;
		size_t len = (size_t)(r->s - name);

		if (len == 0) {
			r->s++;
			continue;
		}
		while (r->s < r->end && (*r->s == ' ' || *r->s == '\t'))
			r->s++;
		if (r->s >= r->end || *r->s != '(')
			continue;
		r->s++;
		ret->name = arena_memdup(mem, name, len);
		take_args(r, mem, ret);
		return true;
	}
	return false;
}
