/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"
#include "base/version.h"
#include "format/cov_write.h"
#include "format/covjson.h"
#include "format/covjson_contexts.h"
#include "format/demangle.h"
#include "model/cov.h"

/* Bytes that are no UTF-8 become lone surrogates, as in Python's file names: nothing is lost. */
static void put_string(struct cov_out *o, const char *s)
{
	size_t left = strlen(s);

	cov_put(o, "\"");
	while (left > 0) {
		unsigned char c = (unsigned char)*s;
		size_t n = 1;

		if (c >= 0x80 && utf8_next(s, left, &n) < 0)
			buf_addf(&o->text, "\\udc%02x", c);
		else if (c < 0x20 || c == 0x7f)
			buf_addf(&o->text, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			buf_addf(&o->text, "\\%c", c);
		else
			buf_add(&o->text, s, n);
		s += n;
		left -= n;
	}
	cov_put(o, "\"");
}

static void put_totals(struct cov_out *o, const struct cov_totals *t)
{
	const struct {
		const char *name;
		uint64_t n;
	} rows[] = {
		{ "lines", t->lines },
		{ "lines_hit", t->lines_hit },
		{ "branches", t->branches },
		{ "branches_hit", t->branches_hit },
		{ "partial", t->partial },
		{ "functions", t->functions },
		{ "functions_hit", t->functions_hit },
	};

	cov_put(o, "\"totals\":{");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (i > 0)
			cov_put(o, ",");
		buf_addf(&o->text, "\"%s\":", rows[i].name);
		cov_put_uint(o, rows[i].n);
	}
	cov_put(o, "},\n");
}

static void put_kinds(struct cov_out *o, unsigned kinds)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ COV_BLOCKS, "blocks" },
		{ COV_REGIONS, "regions" },
		{ COV_STATEMENTS, "statements" },
		{ COV_FOREIGN, "foreign" },
	};
	bool is_first = true;

	cov_put(o, "\"kinds\":[");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!(kinds & words[i].bit))
			continue;
		buf_addf(&o->text, "%s\"%s\"", is_first ? "" : ",", words[i].word);
		is_first = false;
	}
	cov_put(o, "],\n");
}

static void put_functions(struct cov_out *o, const struct cov_file *f, struct demangle *d)
{
	cov_put(o, "\"functions\":[");
	for (size_t i = 0; i < f->nfunctions; i++) {
		const struct cov_function *g = &f->functions[i];

		if (i > 0)
			cov_put(o, ",");
		cov_put(o, "\n[");
		put_string(o, g->name);
		cov_put(o, ",");
		cov_put_uint(o, g->start_line);
		cov_put(o, ",");
		cov_put_uint(o, g->end_line);
		cov_put(o, ",");
		cov_put_uint(o, g->hits);
		const char *readable = d ? demangle(d, g->name) : g->name;

		if (readable != g->name) {
			cov_put(o, ",");
			put_string(o, readable);
		}
		cov_put(o, "]");
		cov_out_flow(o);
	}
	cov_put(o, "],\n");
}

/* Counts alone where blocks and indices go without saying. */
static bool is_plain(const struct cov_line *l)
{
	for (uint32_t i = 0; i < l->nbranches; i++) {
		if (l->branches[i].block != 0 || l->branches[i].index != i)
			return false;
	}
	return true;
}

static void put_branches(struct cov_out *o, const struct cov_line *l)
{
	bool plain = is_plain(l);

	cov_put(o, ",[");
	for (uint32_t i = 0; i < l->nbranches; i++) {
		const struct cov_branch *b = &l->branches[i];

		if (i > 0)
			cov_put(o, ",");
		if (!plain) {
			cov_put(o, "[");
			cov_put_uint(o, b->block);
			cov_put(o, ",");
			cov_put_uint(o, b->index);
			cov_put(o, ",");
		}
		cov_put_uint(o, b->taken);
		if (!plain)
			cov_put(o, "]");
	}
	cov_put(o, "]");
}

static void put_lines(struct cov_out *o, const struct cov_file *f, const struct covjson_sets *sets)
{
	bool is_first = true;

	cov_put(o, "\"lines\":[");
	for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) {
		const struct cov_line *l = cov_line_at(f, n);
		uint32_t set = covjson_sets_of(sets, f, n);

		if (!is_first)
			cov_put(o, ",");
		is_first = false;
		cov_put(o, "\n[");
		cov_put_uint(o, n);
		cov_put(o, ",");
		cov_put_uint(o, l->hits);
		if (l->has_idle_block || l->nbranches > 0 || set != NO_INDEX) {
			cov_put(o, ",");
			cov_put_uint(o, l->has_idle_block);
		}
		if (l->nbranches > 0 || set != NO_INDEX)
			put_branches(o, l);
		if (set != NO_INDEX) {
			cov_put(o, ",");
			cov_put_uint(o, set);
		}
		cov_put(o, "]");
		cov_out_flow(o);
	}
	cov_put(o, "]");
}

int covjson_write(const struct cov *c, const struct cov_write_options *options, FILE *out)
{
	struct cov_out o = COV_OUT_INIT(out);
	struct cov_totals sum = { 0 };
	struct demangle readable = { 0 };
	struct covjson_sets sets;

	covjson_sets_number(&sets, c);
	for (size_t i = 0; i < c->nfiles; i++) {
		struct cov_totals t = cov_totals(c->files[i]);

		cov_totals_add(&sum, &t);
	}
	buf_addf(&o.text, "{\"gangway_coverage\":%d,\n\"generator\":\"gangway %s\",\n",
		 COVJSON_VERSION, options->version ? options->version : GANGWAY_VERSION);
	put_totals(&o, &sum);
	covjson_sets_put(&sets, &o, put_string);
	cov_put(&o, "\"files\":[");
	for (size_t i = 0; i < c->nfiles; i++) {
		const struct cov_file *f = c->files[i];
		struct cov_totals t = cov_totals(f);

		if (i > 0)
			cov_put(&o, ",");
		cov_put(&o, "\n{\"path\":");
		put_string(&o, f->path);
		cov_put(&o, ",\n");
		put_kinds(&o, f->kinds);
		put_totals(&o, &t);
		put_functions(&o, f, options->demangles ? &readable : NULL);
		put_lines(&o, f, &sets);
		cov_put(&o, "}");
		cov_out_flow(&o);
	}
	cov_put(&o, "]}\n");
	demangle_release(&readable);
	covjson_sets_release(&sets);
	return cov_out_end(&o);
}
