/* SPDX-License-Identifier: MIT
 *
 *   Name          Stmts   Miss Branch BrPart  Cover   Missing
 *   ---------------------------------------------------------
 *   src/calc.c        6      1      4      1    80%   5
 *   ---------------------------------------------------------
 *   TOTAL             6      1      4      1    80%
 */
#include "cli/cover_table.h"

#include "base/buf.h"
#include "base/quote.h"
#include "model/cov.h"

/* In whole percents; 0 and 100 are said only where they are true. */
static unsigned percent_of(const struct cover_table *t, const struct cov_totals *n)
{
	uint64_t all = n->lines + (t->has_branches ? n->branches : 0);
	uint64_t hit = n->lines_hit + (t->has_branches ? n->branches_hit : 0);

	if (hit == all)
		return 100;
	if (hit == 0)
		return 0;
	unsigned percent = (unsigned)(((unsigned __int128)hit * 200 / all + 1) / 2);

	return percent < 1 ? 1 : percent > 99 ? 99 : percent;
}

static void add_range(struct buf *out, uint32_t first, uint32_t last, const char **gap)
{
	buf_addf(out, "%s%u", *gap, (unsigned)first);
	if (last > first)
		buf_addf(out, "-%u", (unsigned)last);
	*gap = ", ";
}

/* Ranges go on over lines that are no code. */
static void add_missing(const struct cov_file *f, struct buf *out)
{
	const char *gap = "";
	uint32_t first = 0, last = 0;

	for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) {
		bool is_missed = cov_line_at(f, n)->hits == 0;

		if (is_missed) {
			first = first ? first : n;
			last = n;
		} else if (first) {
			add_range(out, first, last, &gap);
			first = 0;
		}
	}
	if (first)
		add_range(out, first, last, &gap);
}

static void add_name(const char *name, size_t width, struct buf *out)
{
	size_t begin = out->len;

	quote_display(out, name, strlen(name));
	for (size_t used = out->len - begin; used < width; used++)
		buf_addch(out, ' ');
}

static void add_numbers(const struct cover_table *t, const struct cov_totals *n, struct buf *out)
{
	buf_addf(out, "%7llu%7llu", (unsigned long long)n->lines,
		 (unsigned long long)(n->lines - n->lines_hit));
	if (t->has_branches)
		buf_addf(out, "%7llu%7llu", (unsigned long long)n->branches,
			 (unsigned long long)n->partial);
	buf_addf(out, "%6u%%", percent_of(t, n));
}

static void add_rule(size_t width, struct buf *out)
{
	for (size_t i = 0; i < width; i++)
		buf_addch(out, '-');
	buf_addch(out, '\n');
}

void cover_table_add(const struct cover_table *t, const struct cov *cov, struct buf *out)
{
	struct cov_totals sum = { 0 };
	size_t width = strlen("TOTAL") + 1;

	for (size_t i = 0; i < cov->nfiles; i++) {
		size_t len = strlen(cov->files[i]->path) + 1;

		width = len > width ? len : width;
	}
	size_t begin = out->len;

	add_name("Name", width, out);
	buf_addf(out, "%7s%7s", "Stmts", "Miss");
	if (t->has_branches)
		buf_addf(out, "%7s%7s", "Branch", "BrPart");
	buf_addf(out, "%7s%s", "Cover", t->has_missing ? "   Missing" : "");
	size_t rule = out->len - begin;

	buf_addch(out, '\n');
	add_rule(rule, out);
	for (size_t i = 0; i < cov->nfiles; i++) {
		const struct cov_file *f = cov->files[i];
		const struct cov_totals n = cov_totals(f);

		cov_totals_add(&sum, &n);
		add_name(f->path, width, out);
		add_numbers(t, &n, out);
		buf_addstr(out, t->has_missing && n.lines > n.lines_hit ? "   " : "");
		if (t->has_missing)
			add_missing(f, out);
		buf_addch(out, '\n');
	}
	add_rule(rule, out);
	add_name("TOTAL", width, out);
	add_numbers(t, &sum, out);
	buf_addch(out, '\n');
}
