/* SPDX-License-Identifier: MIT
 *
 * In geninfo's own order, so that a diff with its output shows only what differs.
 */
#include "format/cov_write.h"
#include "format/lcov.h"
#include "model/cov.h"

/* The format has no way to write a line break in a name: it becomes visible.  So does a CR where it
 * would be taken for a part of the line's end. */
static void put_name(struct cov_out *o, const char *s)
{
	size_t len = strlen(s);
	size_t ncrs = 0;

	while (ncrs < len && s[len - ncrs - 1] == '\r')
		ncrs++;
	for (const char *end = s + len - ncrs; s < end;) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));

		buf_add(&o->text, s, (size_t)((eol ? eol : end) - s));
		if (!eol)
			break;
		cov_put(o, "\\x0A");
		s = eol + 1;
	}
	for (size_t i = 0; i < ncrs; i++)
		cov_put(o, "\\x0D");
}

static void put_pair(struct cov_out *o, uint64_t a, uint64_t b)
{
	cov_put_uint(o, a);
	cov_put(o, ",");
	cov_put_uint(o, b);
	cov_put(o, "\n");
}

/* "12,x" behind a line reads as a last line and "x"; no name in C or C++ is so. */
static bool looks_like_a_line(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n > 0 && name[n] == ',';
}

static void put_functions(struct cov_out *o, const struct cov_file *f, const struct cov_totals *t)
{
	for (size_t i = 0; i < f->nfunctions; i++) {
		cov_put(o, "FN:");
		cov_put_uint(o, f->functions[i].start_line);
		cov_put(o, ",");
		if (looks_like_a_line(f->functions[i].name)) {
			cov_put_uint(o, f->functions[i].end_line);
			cov_put(o, ",");
		}
		put_name(o, f->functions[i].name);
		cov_put(o, "\n");
		cov_out_flow(o);
	}
	for (size_t i = 0; i < f->nfunctions; i++) {
		cov_put(o, "FNDA:");
		cov_put_uint(o, f->functions[i].hits);
		cov_put(o, ",");
		put_name(o, f->functions[i].name);
		cov_put(o, "\n");
		cov_out_flow(o);
	}
	cov_put(o, "FNF:");
	cov_put_uint(o, t->functions);
	cov_put(o, "\nFNH:");
	cov_put_uint(o, t->functions_hit);
	cov_put(o, "\n");
}

static void put_branches(struct cov_out *o, const struct cov_file *f, const struct cov_totals *t)
{
	if (t->branches == 0)
		return;
	for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) {
		const struct cov_line *l = cov_line_at(f, n);

		for (uint32_t i = 0; i < l->nbranches; i++) {
			const struct cov_branch *b = &l->branches[i];

			cov_put(o, "BRDA:");
			cov_put_uint(o, n);
			cov_put(o, ",");
			cov_put_uint(o, b->block);
			cov_put(o, ",");
			cov_put_uint(o, b->index);
			cov_put(o, ",");
			if (l->hits == 0 && b->taken == 0)
				cov_put(o, "-"); /* it was never asked */
			else
				cov_put_uint(o, b->taken);
			cov_put(o, "\n");
		}
		cov_out_flow(o);
	}
	cov_put(o, "BRF:");
	cov_put_uint(o, t->branches);
	cov_put(o, "\nBRH:");
	cov_put_uint(o, t->branches_hit);
	cov_put(o, "\n");
}

static void put_lines(struct cov_out *o, const struct cov_file *f, const struct cov_totals *t)
{
	for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) {
		cov_put(o, "DA:");
		put_pair(o, n, cov_line_at(f, n)->hits);
		cov_out_flow(o);
	}
	cov_put(o, "LF:");
	cov_put_uint(o, t->lines);
	cov_put(o, "\nLH:");
	cov_put_uint(o, t->lines_hit);
	cov_put(o, "\n");
}

int lcov_write(const struct cov *c, const struct cov_write_options *options, FILE *out)
{
	struct cov_out o = COV_OUT_INIT(out);

	(void)options; /* a tracefile has neither a time nor a root */
	for (size_t i = 0; i < c->nfiles; i++) {
		const struct cov_file *f = c->files[i];
		struct cov_totals t = cov_totals(f);

		cov_put(&o, "TN:\nSF:");
		put_name(&o, f->path);
		cov_put(&o, "\n");
		put_functions(&o, f, &t);
		put_branches(&o, f, &t);
		put_lines(&o, f, &t);
		cov_put(&o, "end_of_record\n");
		cov_out_flow(&o);
	}
	return cov_out_end(&o);
}
