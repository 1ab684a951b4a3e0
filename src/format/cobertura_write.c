/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"
#include "base/quote.h"
#include "base/version.h"
#include "format/cobertura.h"
#include "format/cov_write.h"
#include "model/cov.h"

struct entry {
	const struct cov_file *file;
	size_t dir_len; /* of its path; 0: it is in the root */
	struct cov_totals totals;
};

static int by_dir_and_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	size_t n = x->dir_len < y->dir_len ? x->dir_len : y->dir_len;
	int order = memcmp(x->file->path, y->file->path, n);

	if (order == 0 && x->dir_len != y->dir_len)
		return x->dir_len < y->dir_len ? -1 : 1;
	return order ? order : strcmp(x->file->path, y->file->path);
}

static bool same_dir(const struct entry *a, const struct entry *b)
{
	return a->dir_len == b->dir_len && memcmp(a->file->path, b->file->path, a->dir_len) == 0;
}

static struct entry *list_entries(const struct cov *c)
{
	struct entry *entries = xcalloc(c->nfiles + 1, sizeof *entries);

	for (size_t i = 0; i < c->nfiles; i++) {
		const char *path = c->files[i]->path;
		const char *slash = strrchr(path, '/');

		entries[i] = (struct entry){
			.file = c->files[i],
			.dir_len = slash ? (size_t)(slash - path) : 0,
			.totals = cov_totals(c->files[i]),
		};
	}
	qsort(entries, c->nfiles, sizeof *entries, by_dir_and_name);
	return entries;
}

/* Four digits behind the point; 0 and 1 are said of nothing else; none of none is all of them. */
static void put_rate(struct cov_out *o, uint64_t hit, uint64_t total)
{
	enum { ONE = 10000 };
	uint64_t parts = 0;

	if (hit >= total) {
		cov_put(o, "1");
	} else if (hit == 0) {
		cov_put(o, "0");
	} else {
		parts = (uint64_t)(((unsigned __int128)hit * ONE + total / 2) / total);
		parts = parts == 0 ? 1 : parts < ONE ? parts : ONE - 1;
		buf_addf(&o->text, "0.%04u", (unsigned)parts);
	}
}

static void put_rates(struct cov_out *o, const struct cov_totals *t)
{
	cov_put(o, " line-rate=\"");
	put_rate(o, t->lines_hit, t->lines);
	cov_put(o, "\" branch-rate=\"");
	put_rate(o, t->branches_hit, t->branches);
	cov_put(o, "\"");
}

static void put_branches(struct cov_out *o, const struct cov_line *l)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < l->nbranches; i++)
		taken += l->branches[i].taken > 0;
	cov_put(o, "\" branch=\"true\" condition-coverage=\"");
	cov_put_uint(o, (uint64_t)taken * 100 / l->nbranches);
	cov_put(o, "% (");
	cov_put_uint(o, taken);
	cov_put(o, "/");
	cov_put_uint(o, l->nbranches);
	cov_put(o, ")");
}

static void put_class(struct cov_out *o, const struct entry *e)
{
	const char *path = e->file->path;
	const char *name = e->dir_len > 0 ? path + e->dir_len + 1 : path;

	cov_put(o, "<class name=\"");
	quote_xml_attr(&o->text, name, strlen(name));
	cov_put(o, "\" filename=\"");
	quote_xml_attr(&o->text, path, strlen(path));
	cov_put(o, "\"");
	put_rates(o, &e->totals);
	cov_put(o, " complexity=\"0\">\n<methods/>\n<lines>\n");
	for (uint32_t n = cov_next(e->file, 1); n; n = cov_next(e->file, n + 1)) {
		const struct cov_line *l = cov_line_at(e->file, n);

		cov_put(o, "<line number=\"");
		cov_put_uint(o, n);
		cov_put(o, "\" hits=\"");
		cov_put_uint(o, l->hits);
		if (l->nbranches > 0)
			put_branches(o, l);
		cov_put(o, "\"/>\n");
		cov_out_flow(o);
	}
	cov_put(o, "</lines>\n</class>\n");
}

/* "src/model" is "src.model", the root ".". */
static void put_package_name(struct cov_out *o, const struct entry *e)
{
	char *name = xmemdup(e->file->path, e->dir_len);

	for (char *p = name; *p; p++)
		*p = *p == '/' ? '.' : *p;
	if (*name)
		quote_xml_attr(&o->text, name, strlen(name));
	else
		cov_put(o, ".");
	free(name);
}

/* Entries of one folder, from the first; the first of the next one. */
static const struct entry *put_package(struct cov_out *o, const struct entry *first,
				       const struct entry *end)
{
	struct cov_totals sum = { 0 };
	const struct entry *next = first;

	for (; next < end && same_dir(first, next); next++)
		cov_totals_add(&sum, &next->totals);
	cov_put(o, "<package name=\"");
	put_package_name(o, first);
	cov_put(o, "\"");
	put_rates(o, &sum);
	cov_put(o, " complexity=\"0\">\n<classes>\n");
	for (const struct entry *e = first; e < next; e++)
		put_class(o, e);
	cov_put(o, "</classes>\n</package>\n");
	return next;
}

static void put_number(struct cov_out *o, const char *name, uint64_t n)
{
	buf_addf(&o->text, " %s=\"", name);
	cov_put_uint(o, n);
	cov_put(o, "\"");
}

static void put_head(struct cov_out *o, const struct cov_write_options *w,
		     const struct cov_totals *t)
{
	const char *version = w->version ? w->version : GANGWAY_VERSION;
	const char *root = w->rootdir ? w->rootdir : ".";

	cov_put(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<!DOCTYPE coverage SYSTEM "
		   "\"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n<coverage");
	put_rates(o, t);
	put_number(o, "lines-covered", t->lines_hit);
	put_number(o, "lines-valid", t->lines);
	put_number(o, "branches-covered", t->branches_hit);
	put_number(o, "branches-valid", t->branches);
	cov_put(o, " complexity=\"0\" version=\"gangway ");
	quote_xml_attr(&o->text, version, strlen(version));
	cov_put(o, "\"");
	put_number(o, "timestamp", w->timestamp_s);
	cov_put(o, ">\n<sources>\n<source>");
	quote_xml_text(&o->text, root, strlen(root));
	cov_put(o, "</source>\n</sources>\n<packages>\n");
}

int cobertura_write(const struct cov *c, const struct cov_write_options *options, FILE *out)
{
	struct cov_out o = COV_OUT_INIT(out);
	struct cov_totals sum = { 0 };
	struct entry *entries = list_entries(c);
	const struct entry *end = entries + c->nfiles;

	for (const struct entry *e = entries; e < end; e++)
		cov_totals_add(&sum, &e->totals);
	put_head(&o, options, &sum);
	for (const struct entry *e = entries; e < end;)
		e = put_package(&o, e, end);
	cov_put(&o, "</packages>\n</coverage>\n");
	free(entries);
	return cov_out_end(&o);
}
