/* SPDX-License-Identifier: MIT
 *
 * Tab-separated records.  Grammar:
 *
 *   file    = head *record
 *   head    = name TAB version LF
 *   record  = field *(TAB field) LF
 *   field   = *(byte | "\x" hexdigit hexdigit)     no NUL, neither raw nor as \x00
 *
 * Sample:
 *   plan	2
 *   u	u1	1200	3 tests of net_test
 */
#include "format/tsv.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "base/quote.h"

enum { CHUNK_BYTES = 64 * 1024 };

int tsv_fail(const struct tsv_reader *r, struct err *reterr, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	err_set(reterr, ERR_SYNTAX, r->path, r->lineno, "%s", text.s);
	buf_release(&text);
	return -1;
}

/* Foreign bytes on their way into a message. */
static int fail_field(const struct tsv_reader *r, size_t i, const char *what, struct err *reterr)
{
	struct buf shown = BUF_INIT;
	size_t len = strlen(r->fields[i]);

	quote_display(&shown, r->fields[i], len < 80 ? len : 80);
	tsv_fail(r, reterr, "field %zu is not %s: '%s'", i + 1, what, shown.s);
	buf_release(&shown);
	return -1;
}

static int undo_fields(struct tsv_reader *r, struct err *reterr)
{
	for (size_t i = 0; i < r->nfields; i++) {
		ptrdiff_t n = quote_tsv_undo(r->fields[i]);

		if (n < 0)
			return tsv_fail(r, reterr, "bad escape in field %zu", i + 1);
		if (memchr(r->fields[i], '\0', (size_t)n))
			return tsv_fail(r, reterr, "a NUL byte in field %zu", i + 1);
	}
	return 0;
}

int tsv_split(struct tsv_reader *r, char *line, size_t len, struct err *reterr)
{
	char *end = line + len;
	bool has_escapes = memchr(line, '\\', len);

	r->nfields = 0;
	*end = '\0';
	if (memchr(line, '\0', len))
		return tsv_fail(r, reterr, "a NUL byte in the line");
	for (char *s = line; s;) {
		char *tab = memchr(s, '\t', (size_t)(end - s));

		if (r->nfields == TSV_MAX_FIELDS)
			return tsv_fail(r, reterr, "more than %d fields", TSV_MAX_FIELDS);
		if (tab)
			*tab = '\0';
		r->fields[r->nfields++] = s;
		s = tab ? tab + 1 : NULL;
	}
	return has_escapes ? undo_fields(r, reterr) : 0;
}

/* More bytes into the chunk, which is empty; false at the end, or on an error that the stream
 * keeps.
 */
static bool fill(struct tsv_reader *r)
{
	if (!r->chunk)
		r->chunk = xrealloc(NULL, CHUNK_BYTES, 1);
	r->at = 0;
	r->end = fread(r->chunk, 1, CHUNK_BYTES, r->in);
	return r->end > 0;
}

/* The chunk's bytes up to a newline, or all, onto the line; true if the newline was there. */
static bool take_bytes(struct tsv_reader *r, size_t *len)
{
	const char *from = r->chunk + r->at;
	const char *newline = memchr(from, '\n', r->end - r->at);
	size_t n = newline ? (size_t)(newline - from) : r->end - r->at;

	if (*len + n + 1 > r->cap) {
		r->cap = (*len + n + 1) * 2;
		r->line = xrealloc(r->line, r->cap, 1);
	}
	memcpy(r->line + *len, from, n);
	*len += n;
	r->at += n + (newline != NULL);
	return newline != NULL;
}

/* One line into r->line without its newline: its length, -1 at the end, -2 on an error. */
static ptrdiff_t read_line(struct tsv_reader *r, struct err *reterr)
{
	size_t len = 0;

	r->lineno++;
	while (r->at < r->end || fill(r)) {
		if (take_bytes(r, &len))
			return (ptrdiff_t)len;
		if (len > TSV_MAX_LINE_BYTES) {
			err_set(reterr, ERR_LIMIT, r->path, r->lineno,
				"a line of more than %d bytes", TSV_MAX_LINE_BYTES);
			return -2;
		}
	}
	if (ferror(r->in)) {
		err_sys(reterr, r->path, "cannot read");
		return -2;
	}
	if (len > 0) {
		tsv_fail(r, reterr, "the last line has no end: the file was cut");
		return -2;
	}
	return -1;
}

int tsv_next(struct tsv_reader *r, struct err *reterr)
{
	ptrdiff_t len = read_line(r, reterr);

	if (len < 0)
		return len == -1 ? 0 : -1;
	return tsv_split(r, r->line, (size_t)len, reterr) < 0 ? -1 : 1;
}

int tsv_next_of_whole(struct tsv_reader *r, struct err *reterr)
{
	int got = tsv_next(r, reterr);

	if (got == 0)
		return tsv_fail(r, reterr, "no 'end' record: the file was cut");
	if (got < 0 || strcmp(r->fields[0], "end") != 0)
		return got;
	if (tsv_expect(r, 1, reterr) < 0)
		return -1;
	got = tsv_next(r, reterr);
	if (got == 0)
		r->lineno--; /* what is found wrong now is wrong in the last line */
	return got > 0 ? tsv_fail(r, reterr, "a record after 'end'") : got;
}

static int check_head(struct tsv_reader *r, const char *name, unsigned version, struct err *reterr)
{
	uint64_t found = 0;
	int got = tsv_next(r, reterr);

	if (got < 0)
		return -1;
	if (got == 0)
		return tsv_fail(r, reterr, "an empty file: '%s %u' expected", name, version);
	if (r->nfields != 2 || strcmp(r->fields[0], name) != 0 ||
	    !parse_uint(r->fields[1], UINT32_MAX, &found))
		return tsv_fail(r, reterr, "not a %s file: the first line must be '%s %u'", name,
				name, version);
	if (found != version)
		return tsv_fail(r, reterr, "a %s file of version %u, this program reads %u", name,
				(unsigned)found, version);
	return 0;
}

static int begin(struct tsv_reader *r, const char *name, unsigned version, struct err *reterr)
{
	if (check_head(r, name, version, reterr) == 0)
		return 0;
	tsv_close(r);
	return -1;
}

int tsv_open(struct tsv_reader *r, const char *path, const char *name, unsigned version,
	     struct err *reterr)
{
	*r = (struct tsv_reader){ .path = path, .in = fopen(path, "re") };
	if (!r->in && errno == ENOENT)
		return err_set(reterr, ERR_MISSING, path, 0, "no such file");
	if (!r->in)
		return err_sys(reterr, path, "cannot open");
	return begin(r, name, version, reterr);
}

int tsv_open_mem(struct tsv_reader *r, const char *path, const void *s, size_t len,
		 const char *name, unsigned version, struct err *reterr)
{
	*r = (struct tsv_reader){ .path = path };
	if (len == 0) {
		r->lineno = 1;
		return tsv_fail(r, reterr, "an empty file: '%s %u' expected", name, version);
	}
	r->in = fmemopen((void *)(uintptr_t)s, len, "r"); /* "r" never writes to it */
	if (!r->in)
		return err_sys(reterr, path, "cannot read");
	return begin(r, name, version, reterr);
}

int tsv_expect(const struct tsv_reader *r, size_t n, struct err *reterr)
{
	if (r->nfields == n)
		return 0;
	return tsv_fail(r, reterr, "%zu fields where %zu belong", r->nfields, n);
}

int tsv_uint(const struct tsv_reader *r, size_t i, uint64_t max, uint64_t *ret, struct err *reterr)
{
	if (i >= r->nfields)
		return tsv_fail(r, reterr, "field %zu is missing", i + 1);
	if (max == UINT64_MAX && strcmp(r->fields[i], "-") == 0)
		*ret = TIME_UNKNOWN;
	else if (!parse_uint(r->fields[i], max, ret))
		return fail_field(r, i, "a number that is good here", reterr);
	return 0;
}

int tsv_bool(const struct tsv_reader *r, size_t i, bool *ret, struct err *reterr)
{
	uint64_t n = 0;

	if (tsv_uint(r, i, 1, &n, reterr) < 0)
		return -1;
	*ret = n == 1;
	return 0;
}

void tsv_close(struct tsv_reader *r)
{
	if (r->in)
		fclose(r->in); /* read only: nothing to lose */
	free(r->line);
	free(r->chunk);
	*r = (struct tsv_reader){ 0 };
}

void tsv_head(struct buf *out, const char *name, unsigned version)
{
	buf_addf(out, "%s\t%u\n", name, version);
}

static void separate(struct buf *out)
{
	if (out->len > 0 && out->s[out->len - 1] != '\n')
		buf_addch(out, '\t');
}

void tsv_field(struct buf *out, const char *s)
{
	separate(out);
	quote_tsv(out, s, strlen(s));
}

void tsv_field_uint(struct buf *out, uint64_t n)
{
	char digits[20]; /* 2^64 - 1 has 20 */
	size_t at = sizeof digits;

	separate(out);
	if (n == TIME_UNKNOWN) {
		buf_addch(out, '-');
		return;
	}
	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	buf_add(out, digits + at, sizeof digits - at);
}

void tsv_end(struct buf *out)
{
	buf_addch(out, '\n');
}

void tsv_put_end(struct buf *out)
{
	tsv_field(out, "end");
	tsv_end(out);
}

void tsv_flush(struct buf *out, FILE *to, bool is_last)
{
	if (out->len < 64 * 1024 && !is_last)
		return;
	fwrite(out->s, 1, out->len, to); /* an error sticks to the stream: its owner looks */
	buf_clear(out);
}
