/* SPDX-License-Identifier: MIT
 *
 *   diff --git a/src/th.c b/src/th.c
 *   index 83db48f..f735c2d 100644
 *   --- a/src/th.c                       or "a/odd\tname\303\244" in C's quotes, or /dev/null
 *   +++ b/src/th.c                       a TAB ends a name that has blanks
 *   @@ -2 +2,2 @@ int th(void)           ",COUNT" is 1 where it is not there
 *   -old
 *   +new                                 COUNT lines, whatever they look like
 *   +newer
 *   \ No newline at end of file
 * What stands between a hunk and the next "--- " is passed over.
 */
#include "format/unidiff.h"

#include "base/buf.h"
#include "base/err.h"

struct reader {
	const char *path; /* of the diff */
	const char *p, *end;
	unsigned lineno;
	const char *line; /* the current one */
	size_t len;
	bool is_kept; /* the file is there, and told of */
	const struct unidiff_hooks *hooks;
};

static bool next_line(struct reader *r)
{
	if (r->p == r->end)
		return false;
	const char *newline = memchr(r->p, '\n', (size_t)(r->end - r->p));

	r->line = r->p;
	r->len = (size_t)((newline ? newline : r->end) - r->p);
	r->p = newline ? newline + 1 : r->end;
	r->lineno++;
	return true;
}

static bool begins(const struct reader *r, const char *with)
{
	size_t len = strlen(with);

	return r->len >= len && memcmp(r->line, with, len) == 0;
}

static int bad(const struct reader *r, const char *what, struct err *reterr)
{
	return err_set(reterr, ERR_SYNTAX, r->path, r->lineno, "%s", what);
}

/* --- names ---------------------------------------------------------------------------------- */

/* One escaped byte; what is behind it, or NULL. */
static const char *unescape(const char *s, const char *end, struct buf *out)
{
	static const char letters[] = "abfnrtv\"\\";
	static const char bytes[] = "\a\b\f\n\r\t\v\"\\";
	const char *at = s < end && *s ? strchr(letters, *s) : NULL;

	if (at) {
		buf_addch(out, bytes[at - letters]);
		return s + 1;
	}
	if (end - s < 3 || s[0] < '0' || s[0] > '3' || s[1] < '0' || s[1] > '7' || s[2] < '0' ||
	    s[2] > '7')
		return NULL;
	buf_addch(out, (char)((s[0] - '0') * 64 + (s[1] - '0') * 8 + (s[2] - '0')));
	return s + 3;
}

/* The name behind "+++ "; false: it cannot be read. */
static bool read_name(const struct reader *r, struct buf *out)
{
	const char *s = r->line + 4;
	const char *end = r->line + r->len;

	if (s == end || *s != '"') {
		while (s < end && *s != '\t')
			buf_addch(out, *s++);
		return true;
	}
	for (s++; s && s < end && *s != '"';) {
		if (*s == '\\')
			s = unescape(s + 1, end, out);
		else
			buf_addch(out, *s++);
	}
	return s && s < end;
}

static int read_file(struct reader *r, struct err *reterr)
{
	struct buf name = BUF_INIT;
	int status = 0;

	r->is_kept = false;
	if (!read_name(r, &name) || name.len == 0 || memchr(name.s, '\0', name.len)) {
		status = bad(r, "no name of a file", reterr);
	} else if (strcmp(name.s, "/dev/null") != 0) {
		size_t prefix = strncmp(name.s, "b/", 2) == 0 ? 2 : 0;

		r->is_kept = true;
		r->hooks->file(r->hooks->ctx, name.s + prefix, name.len - prefix);
	}
	buf_release(&name);
	return status;
}

/* --- hunks ---------------------------------------------------------------------------------- */

/* Digits; NULL: none, or more than a line number may have. */
static const char *read_number(const char *s, const char *end, uint32_t *ret)
{
	const char *first = s;
	uint64_t n = 0;

	for (; s < end && *s >= '0' && *s <= '9' && n <= INT32_MAX; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	if (s == first || n > INT32_MAX)
		return NULL;
	*ret = (uint32_t)n;
	return s;
}

/* "SIGN FIRST[,COUNT] "; what is behind it, or NULL. */
static const char *read_range(const char *s, const char *end, char sign, uint32_t range[2])
{
	range[1] = 1;
	if (!s || s == end || *s != sign)
		return NULL;
	s = read_number(s + 1, end, &range[0]);
	if (s && s < end && *s == ',')
		s = read_number(s + 1, end, &range[1]);
	return s && s < end && *s == ' ' ? s + 1 : NULL;
}

struct hunk {
	uint32_t old_left, new_left; /* lines still to come */
	uint32_t line;               /* the next one of the new file */
	uint32_t first;              /* of a row of added ones; 0: none */
};

static void end_row(const struct reader *r, struct hunk *h)
{
	if (h->first > 0 && r->is_kept)
		r->hooks->lines(r->hooks->ctx, h->first, h->line - 1);
	h->first = 0;
}

static bool take_line(const struct reader *r, struct hunk *h)
{
	char sign = r->len > 0 ? r->line[0] : ' '; /* mailers eat blanks */

	if (sign == '\\')
		return true;
	if (sign == '+' && h->new_left > 0) {
		if (h->first == 0)
			h->first = h->line;
		h->line++;
		h->new_left--;
		return true;
	}
	if (sign == '-' && h->old_left > 0) {
		h->old_left--;
		return true;
	}
	if (sign != ' ' || h->old_left == 0 || h->new_left == 0)
		return false;
	end_row(r, h);
	h->line++;
	h->old_left--;
	h->new_left--;
	return true;
}

static int read_hunk(struct reader *r, struct err *reterr)
{
	const char *end = r->line + r->len;
	uint32_t before[2], after[2];
	const char *s = read_range(r->line + 3, end, '-', before);

	s = read_range(s, end, '+', after);
	if (!s || (after[0] == 0 && after[1] > 0))
		return bad(r, "no head of a hunk", reterr);
	struct hunk h = { .old_left = before[1], .new_left = after[1], .line = after[0] };

	while (h.old_left > 0 || h.new_left > 0) {
		if (!next_line(r))
			return bad(r, "it ends within a hunk", reterr);
		if (!take_line(r, &h))
			return bad(r, "no line of a hunk", reterr);
	}
	end_row(r, &h);
	return 0;
}

int unidiff_read(const char *path, const char *s, size_t len, const struct unidiff_hooks *hooks,
		 struct err *reterr)
{
	struct reader r = { .path = path, .p = s, .end = s + len, .hooks = hooks };
	bool has_old = false; /* the line before named the old file */
	int status = 0;

	while (status == 0 && next_line(&r)) {
		bool had_old = has_old;

		has_old = begins(&r, "--- ");
		if (begins(&r, "diff --git "))
			r.is_kept = false;
		else if (had_old && begins(&r, "+++ "))
			status = read_file(&r, reterr);
		else if (begins(&r, "@@ "))
			status = read_hunk(&r, reterr);
	}
	return status;
}
