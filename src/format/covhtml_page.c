/* SPDX-License-Identifier: MIT
 *
 * The page of one source.  A line is
 *   <li id=L12 class=h><a href=#L12>12</a><b>5</b><i title="5, never">+-</i>text
 * with class h: it ran, m: it did not, p: it did, and one of its branches did not; no code has neither class
 * nor count.  A count with a '*': some block of the line never ran.  Of up to MARKS_MAX branches each
 * is a + or a -, of more it is told how many were taken.  Where it is known which tests ran a line,
 * its count leads to their names, <b><a href=#S3>5</a></b>.
 */
#include "format/covhtml.h"
#include "format/covhtml_parts.h"
#include "model/cov_contexts.h"

enum {
	MARKS_MAX = 8,         /* that fit into the column */
	LIST_LINES = 500,      /* in one list: browsers lay out what is seen */
	LINE_BYTES_MAX = 8000, /* of a line that are shown */
};

/* --- functions -------------------------------------------------------------------------------- */

static void put_functions(struct cov_out *o, struct covhtml *h, const struct cov_file *f,
			  const struct cov_totals *t)
{
	if (f->nfunctions == 0)
		return;
	cov_put(o, "<details id=functions>\n<summary>Functions: ");
	cov_put_uint(o, t->functions_hit);
	cov_put(o, " of ");
	cov_put_uint(o, t->functions);
	cov_put(o, " ran</summary>\n<table>\n<thead><tr><th class=sort>Function"
		   "<th class=sort>Line<th class=sort>Calls</thead>\n<tbody>\n");
	for (size_t i = 0; i < f->nfunctions; i++) {
		const struct cov_function *fn = &f->functions[i];

		buf_addstr(&o->text,
			   fn->hits ? "<tr><th scope=row>" : "<tr class=m><th scope=row>");
		cov_put(o, "<a href=#L");
		cov_put_uint(o, fn->start_line);
		cov_put(o, ">");
		covhtml_put_str(o, demangle(&h->readable, fn->name));
		cov_put(o, "</a><td>");
		cov_put_uint(o, fn->start_line);
		cov_put(o, "<td>");
		cov_put_uint(o, fn->hits);
		cov_put(o, "\n");
		cov_out_flow(o);
	}
	cov_put(o, "</tbody>\n</table>\n</details>\n");
}

/* --- lines ------------------------------------------------------------------------------------ */

static uint32_t taken_of(const struct cov_line *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->nbranches; i++)
		n += l->branches[i].taken > 0;
	return n;
}

/* 1234567 as 1.2M: the column is narrow. */
static void put_hits(struct cov_out *o, const struct cov_line *l, uint32_t tests)
{
	static const char units[] = "kMGTPE";
	enum { WHOLE = 1000000 };
	uint64_t tenths = l->hits / 100;
	size_t unit = 0;

	cov_put(o, "<b");
	if (l->hits >= WHOLE) {
		cov_put(o, " title=");
		cov_put_uint(o, l->hits);
	}
	cov_put(o, ">");
	if (tests > 0) {
		cov_put(o, "<a href=#S");
		cov_put_uint(o, tests);
		cov_put(o, ">");
	}
	if (l->hits < WHOLE) {
		cov_put_uint(o, l->hits);
	} else {
		for (; tenths >= 10000; tenths /= 1000)
			unit++;
		cov_put_uint(o, tenths / 10);
		buf_addf(&o->text, ".%u%c", (unsigned)(tenths % 10), units[unit]);
	}
	if (l->has_idle_block && l->hits > 0)
		cov_put(o, "*");
	buf_addstr(&o->text, tests > 0 ? "</a></b>" : "</b>");
}

static void put_branches(struct cov_out *o, const struct cov_line *l, uint32_t taken)
{
	cov_put(o, "<i title=\"");
	for (uint32_t i = 0; i < l->nbranches; i++) {
		if (i > 0)
			cov_put(o, ", ");
		if (l->branches[i].taken > 0)
			cov_put_uint(o, l->branches[i].taken);
		else
			cov_put(o, "never");
	}
	cov_put(o, "\">");
	if (l->nbranches > MARKS_MAX) {
		cov_put_uint(o, taken);
		cov_put(o, "/");
		cov_put_uint(o, l->nbranches);
	} else {
		for (uint32_t i = 0; i < l->nbranches; i++)
			buf_addch(&o->text, l->branches[i].taken > 0 ? '+' : '-');
	}
	cov_put(o, "</i>");
}

struct page {
	struct cov_out *o;
	const struct covhtml *h;
	const struct cov_file *f;
	uint32_t nlines; /* put so far */
	struct covhtml_tests tests;
};

/* All of a line before its text. */
static void put_line(struct page *p, uint32_t number)
{
	struct cov_out *o = p->o;
	const struct cov_line *l = number <= p->f->max_line ? cov_line_at(p->f, number) : NULL;
	uint32_t taken = l ? taken_of(l) : 0;

	if (p->nlines++ % LIST_LINES == 0)
		buf_addstr(&o->text, p->nlines == 1 ? "<ol>\n" : "</ol>\n<ol>\n");
	cov_put(o, "<li id=L");
	cov_put_uint(o, number);
	if (l) {
		cov_put(o, " class=");
		buf_addch(&o->text, l->hits == 0                                 ? 'm'
				    : p->h->has_branches && taken < l->nbranches ? 'p'
										 : 'h');
	}
	cov_put(o, "><a href=#L");
	cov_put_uint(o, number);
	cov_put(o, ">");
	cov_put_uint(o, number);
	cov_put(o, "</a>");
	if (l)
		put_hits(o, l, covhtml_tests_number(&p->tests, cov_contexts_of(p->f, number)));
	if (l && p->h->has_branches && l->nbranches > 0)
		put_branches(o, l, taken);
}

static void put_line_text(struct page *p, const char *s, size_t len)
{
	size_t shown = len;

	if (len > LINE_BYTES_MAX) {
		shown = LINE_BYTES_MAX;
		while (shown > LINE_BYTES_MAX - 4 && ((unsigned char)s[shown] & 0xc0) == 0x80)
			shown--; /* no character in two */
	}
	covhtml_put_text(p->o, s, shown);
	if (shown < len) {
		cov_put(p->o, "<em>");
		cov_put_uint(p->o, len - shown);
		cov_put(p->o, " more bytes</em>");
	}
}

static void put_text(struct page *p, const char *text, size_t len, uint32_t *ret_nlines)
{
	const char *end = text + len;
	uint32_t number = 0;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3; /* a byte order mark is no text */
	for (const char *s = text; s < end && number < COV_LINE_MAX;) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((eol ? eol : end) - s);

		put_line(p, ++number);
		put_line_text(p, s, n > 0 && eol && s[n - 1] == '\r' ? n - 1 : n);
		cov_put(p->o, "\n");
		cov_out_flow(p->o);
		s += n + 1;
	}
	*ret_nlines = number;
}

static void put_numbers(struct page *p, uint32_t from)
{
	for (uint32_t n = cov_next(p->f, from); n; n = cov_next(p->f, n + 1)) {
		put_line(p, n);
		cov_put(p->o, "\n");
		cov_out_flow(p->o);
	}
}

/* --- the page --------------------------------------------------------------------------------- */

static void put_neighbour(struct cov_out *o, const struct covhtml *h, size_t i, const char *rel)
{
	cov_put(o, "<a rel=");
	buf_addstr(&o->text, rel);
	cov_put(o, " href=");
	buf_addstr(&o->text, h->names[i]);
	cov_put(o, " title=\"");
	covhtml_put_str(o, h->cov->files[i]->path);
	cov_put(o, "\">");
	buf_addstr(&o->text, rel);
	cov_put(o, "</a>\n");
}

static void put_header(struct cov_out *o, const struct covhtml *h, size_t i)
{
	const char *path = h->cov->files[i]->path;
	const char *slash = strrchr(path, '/');
	size_t dir_len = slash ? (size_t)(slash + 1 - path) : 0;

	cov_put(o, "<header>\n<nav><a href=" COVHTML_INDEX ">all files</a>\n");
	if (i > 0)
		put_neighbour(o, h, i - 1, "prev");
	if (i + 1 < h->cov->nfiles)
		put_neighbour(o, h, i + 1, "next");
	cov_put(o, "</nav>\n<h1>");
	if (dir_len > 0) {
		cov_put(o, "<small>");
		covhtml_put_text(o, path, dir_len);
		cov_put(o, "</small>");
	}
	covhtml_put_str(o, path + dir_len);
	cov_put(o, "</h1>\n");
	covhtml_put_summary(o, h, &h->totals[i]);
	cov_put(o, "</header>\n");
}

static uint32_t count_lines(const char *text, size_t len)
{
	const char *end = text + len;
	uint32_t n = 0;

	for (const char *s = text; s < end && n < COV_LINE_MAX; n++) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));

		s = eol ? eol + 1 : end;
	}
	return n;
}

static void put_notes(struct cov_out *o, const struct cov_file *f, const struct covhtml_source *s)
{
	uint32_t n = s->text ? count_lines(s->text, s->len) : 0;

	if (!s->text) {
		cov_put(o,
			"<p class=note>The source is not shown: below the project's folder and "
			"those "
			"that were named there is no regular file of this name that can be read. "
			"These are the lines that were counted.</p>\n");
	} else if (n < f->max_line) {
		cov_put(o, "<p class=note>This is not the version that ran: it has ");
		cov_put_uint(o, n);
		buf_addstr(&o->text, n == 1 ? " line" : " lines");
		cov_put(o, ", and counted were lines up to ");
		cov_put_uint(o, f->max_line);
		cov_put(o, ".</p>\n");
	} else if (s->is_newer) {
		cov_put(o,
			"<p class=note>The source was changed after the figures were made: counts "
			"may stand beside other lines.</p>\n");
	}
}

int covhtml_write_page(struct covhtml *h, size_t i, const struct covhtml_source *s, FILE *out)
{
	struct cov_out o = COV_OUT_INIT(out);
	const struct cov_file *f = h->cov->files[i];
	struct page p = { .o = &o, .h = h, .f = f, .tests = { .cov = h->cov } };
	uint32_t nlines = 0;

	cov_put(&o, "<!DOCTYPE html>\n");
	covhtml_put_head(&o, f->path, strlen(f->path), ": coverage");
	cov_put(&o, "<body id=source>\n");
	put_header(&o, h, i);
	cov_put(&o, "<main>\n");
	put_notes(&o, f, s);
	put_functions(&o, h, f, &h->totals[i]);
	buf_addstr(&o.text, h->has_branches ? "<div class=branches>\n" : "<div>\n");
	if (s->text)
		put_text(&p, s->text, s->len, &nlines);
	put_numbers(&p, nlines + 1);
	buf_addstr(&o.text, p.nlines > 0 ? "</ol>\n" : "");
	cov_put(&o, "</div>\n");
	covhtml_tests_put(&o, &p.tests);
	covhtml_tests_release(&p.tests);
	cov_put(&o, "</main>\n</body>\n</html>\n");
	return cov_out_end(&o);
}
