/* SPDX-License-Identifier: MIT */
#include "format/lcov_record.h"

#include "base/alloc.h"
#include "base/err.h"
#include "model/cov.h"

int lcov_record_bad(const struct lcov_record *r, const char *what)
{
	return err_set(r->reterr, ERR_SYNTAX, r->in.path, r->number, "%s", what);
}

static int by_index(const void *a, const void *b)
{
	const struct lcov_leader *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* FNL and FNA become what FN and FNDA would be. */
static int settle_aliases(struct lcov_record *r)
{
	if (r->nleaders > 0)
		qsort(r->leaders, r->nleaders, sizeof *r->leaders, by_index);
	for (size_t i = 0; i < r->naliases; i++) {
		const struct lcov_alias *a = &r->aliases[i];
		const struct lcov_leader key = { .index = a->index };
		const struct lcov_leader *l = r->nleaders > 0
						      ? bsearch(&key, r->leaders, r->nleaders,
								sizeof *r->leaders, by_index)
						      : NULL;

		if (!l)
			return lcov_record_bad(r, "the record has an FNA without its FNL");
		GROW(r->functions, r->nfunctions, r->cap_functions);
		r->functions[r->nfunctions++] = (struct lcov_function){
			.name = a->name,
			.start = l->start,
			.end = l->end,
			.hits = a->hits,
		};
	}
	return 0;
}

static bool same_text(const struct lcov_text *a, const struct lcov_text *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static void warn_of_count(struct lcov_record *r, const struct cov_file *f,
			  const struct lcov_alias *a)
{
	enum { SHOWN_BYTES = 200 };
	int shown = a->name.len < SHOWN_BYTES ? (int)a->name.len : SHOWN_BYTES;

	if (!r->has_odd_count)
		cov_warn(r->in.c, f->path,
			 "%s: function '%.*s' has a count (FNDA) and no line (FN): left out",
			 r->in.path, shown, a->name.s);
	r->has_odd_count = true;
}

static void index_names(const struct lcov_record *r, struct map *names)
{
	for (size_t i = 0; i < r->nfunctions; i++)
		map_put(names, r->functions[i].name.s, r->functions[i].name.len, i);
}

/* Counts mostly come in the order of their functions.  Where they do not, a map finds them. */
static void settle_counts(struct lcov_record *r, const struct cov_file *f)
{
	struct map names = { 0 };
	size_t next = 0;

	for (size_t i = 0; i < r->ncounts; i++) {
		const struct lcov_alias *a = &r->counts[i];
		size_t at = next;

		if (next >= r->nfunctions || !same_text(&r->functions[next].name, &a->name)) {
			if (names.nkeys == 0)
				index_names(r, &names);
			if (!map_get(&names, a->name.s, a->name.len, &at)) {
				warn_of_count(r, f, a);
				continue;
			}
		}
		cov_add(&r->functions[at].hits, a->hits);
		next = at + 1;
	}
	map_release(&names);
}

static int by_number(const void *a, const void *b)
{
	const struct lcov_line *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_line(const void *a, const void *b)
{
	const struct lcov_branch *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

static int add_lines(struct lcov_record *r, struct cov_file *f)
{
	struct cov_versions *versions = r->in.o->versions;
	size_t k = 0;

	if (r->has_unsorted_lines)
		qsort(r->lines, r->nlines, sizeof *r->lines, by_number);
	if (r->has_unsorted_branches)
		qsort(r->branches, r->nbranches, sizeof *r->branches, by_line);
	for (size_t i = 0; i < r->nlines; i++) {
		const struct lcov_line *from = &r->lines[i];

		if (!cov_input_reach(&r->in, f, from->number))
			return err_set(r->reterr, ERR_LIMIT, r->in.path, r->number,
				       "too many far line numbers for a file of this size");
		struct cov_line *l = cov_line(f, from->number);

		cov_add(&l->hits, from->hits);
		if (versions && from->sum.len > 0)
			cov_versions_note(versions, r->in.c, f, from->number, from->sum.s,
					  from->sum.len);
		while (k < r->nbranches && r->branches[k].line < from->number)
			k++;
		for (; k < r->nbranches && r->branches[k].line == from->number; k++) {
			const struct lcov_branch *b = &r->branches[k];

			cov_add(&cov_branch(l, b->block, b->index)->taken, b->taken);
		}
	}
	return 0;
}

static void clear_record(struct lcov_record *r)
{
	r->in_record = false;
	r->version.len = 0;
	r->nfunctions = r->nleaders = r->naliases = r->ncounts = r->nbranches = r->nlines = 0;
	r->has_unsorted_lines = r->has_unsorted_branches = false;
}

int lcov_record_end(struct lcov_record *r)
{
	struct cov_file *f = NULL;

	if (!r->in_record)
		return lcov_record_bad(r, "end_of_record without SF");
	if (settle_aliases(r) < 0)
		return -1;
	f = cov_input_file(&r->in, NULL, r->path.s, r->path.len, COV_FOREIGN);
	if (f) {
		settle_counts(r, f);
		if (add_lines(r, f) < 0)
			return -1;
		if (r->in.o->versions && r->version.len > 0)
			cov_versions_note(r->in.o->versions, r->in.c, f, 0, r->version.s,
					  r->version.len);
		for (size_t i = 0; i < r->nfunctions; i++) {
			const struct lcov_function *from = &r->functions[i];
			struct cov_function *g =
				cov_function(r->in.c, f, from->name.s, from->name.len, from->start);

			cov_add(&g->hits, from->hits);
			if (from->end > g->end_line)
				g->end_line = from->end;
		}
	}
	clear_record(r);
	return 0;
}

void lcov_record_release(struct lcov_record *r)
{
	free(r->functions);
	free(r->leaders);
	free(r->aliases);
	free(r->counts);
	free(r->branches);
	free(r->lines);
}
