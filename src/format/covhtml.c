/* SPDX-License-Identifier: MIT */
#include "format/covhtml.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/quote.h"
#include "format/covhtml_parts.h"

/* --- a report --------------------------------------------------------------------------------- */

bool covhtml_is_name(const char *name)
{
	return strcmp(name, COVHTML_INDEX) == 0 || strcmp(name, COVHTML_CSS) == 0 ||
	       strcmp(name, COVHTML_JS) == 0 ||
	       (strspn(name, "0123456789abcdef") == 16 && strcmp(name + 16, ".html") == 0);
}

/* Two paths of one hash: the later one takes the next number that is free. */
static void name_pages(struct covhtml *h)
{
	struct map taken = { 0 };

	for (size_t i = 0; i < h->cov->nfiles; i++) {
		const char *path = h->cov->files[i]->path;
		uint64_t hash = hash_bytes(path, strlen(path));
		char *name = h->names[i];

		do {
			snprintf(name, sizeof h->names[i], "%016llx.html",
				 (unsigned long long)hash++);
		} while (!map_put(&taken, name, strlen(name), i));
	}
	map_release(&taken);
}

struct covhtml *covhtml_new(const struct cov *c, const struct cov_write_options *o,
			    bool has_branches)
{
	struct covhtml *h = xcalloc(1, sizeof *h);

	*h = (struct covhtml){
		.cov = c,
		.options = o,
		.has_branches = has_branches,
		.totals = xcalloc(c->nfiles + 1, sizeof *h->totals),
		.names = xcalloc(c->nfiles + 1, sizeof *h->names),
	};
	for (size_t i = 0; i < c->nfiles; i++) {
		h->totals[i] = cov_totals(c->files[i]);
		cov_totals_add(&h->sum, &h->totals[i]);
	}
	name_pages(h);
	return h;
}

void covhtml_free(struct covhtml *h)
{
	if (!h)
		return;
	free(h->totals);
	free(h->names);
	demangle_release(&h->readable);
	free(h);
}

const char *covhtml_name(const struct covhtml *h, size_t i)
{
	return h->names[i];
}

/* --- what pages share ------------------------------------------------------------------------- */

void covhtml_put_text(struct cov_out *o, const char *s, size_t len)
{
	quote_html(&o->text, s, len);
}

void covhtml_put_str(struct cov_out *o, const char *s)
{
	covhtml_put_text(o, s, strlen(s));
}

void covhtml_put_head(struct cov_out *o, const char *title, size_t len, const char *rest)
{
	cov_put(o, "<html lang=en>\n<head>\n<meta charset=utf-8>\n"
		   "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
		   "style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'\">\n"
		   "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n<title>");
	covhtml_put_text(o, title, len);
	buf_addstr(&o->text, rest);
	cov_put(o, "</title>\n<link rel=stylesheet href=" COVHTML_CSS ">\n"
		   "<script src=" COVHTML_JS "></script>\n</head>\n");
}

/* In thousandths; 0 and 1000 are said only where they are true. */
static unsigned permille_of(uint64_t hit, uint64_t all)
{
	if (hit >= all)
		return 1000;
	if (hit == 0)
		return 0;
	unsigned permille = (unsigned)(((unsigned __int128)hit * 2000 / all + 1) / 2);

	return permille < 1 ? 1 : permille > 999 ? 999 : permille;
}

static void put_bar(struct cov_out *o, uint64_t hit, uint64_t all)
{
	enum { GOOD = 900, FAIR = 750 };
	unsigned permille = permille_of(hit, all);

	cov_put(o, "<progress class=");
	buf_addstr(&o->text, permille >= GOOD ? "good" : permille >= FAIR ? "fair" : "poor");
	cov_put(o, " max=1000 value=");
	cov_put_uint(o, permille);
	cov_put(o, "></progress>");
	cov_put_uint(o, permille / 10);
	cov_put(o, ".");
	cov_put_uint(o, permille % 10);
	cov_put(o, "%");
}

static void put_sum(struct cov_out *o, const char *what, uint64_t hit, uint64_t all)
{
	cov_put(o, "<div><dt>");
	buf_addstr(&o->text, what);
	cov_put(o, "<dd>");
	if (all == 0) {
		cov_put(o, "none");
	} else {
		put_bar(o, hit, all);
		cov_put(o, "<small>");
		cov_put_uint(o, hit);
		cov_put(o, " of ");
		cov_put_uint(o, all);
		cov_put(o, "</small>");
	}
	cov_put(o, "</div>\n");
}

void covhtml_put_summary(struct cov_out *o, const struct covhtml *h, const struct cov_totals *t)
{
	cov_put(o, "<dl>\n");
	put_sum(o, "Lines", t->lines_hit, t->lines);
	put_sum(o, "Functions", t->functions_hit, t->functions);
	if (h->has_branches)
		put_sum(o, "Branches", t->branches_hit, t->branches);
	cov_put(o, "</dl>\n");
}

static void put_three(struct cov_out *o, uint64_t hit, uint64_t all)
{
	cov_put(o, "<td>");
	if (all == 0) {
		cov_put(o, "<td><td>");
		return;
	}
	put_bar(o, hit, all);
	cov_put(o, "<td>");
	cov_put_uint(o, all - hit);
	cov_put(o, "<td>");
	cov_put_uint(o, all);
}

void covhtml_put_cells(struct cov_out *o, const struct covhtml *h, const struct cov_totals *t)
{
	put_three(o, t->lines_hit, t->lines);
	put_three(o, t->functions_hit, t->functions);
	if (h->has_branches)
		put_three(o, t->branches_hit, t->branches);
}
