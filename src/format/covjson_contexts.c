/* SPDX-License-Identifier: MIT */
#include "format/covjson_contexts.h"

#include "base/alloc.h"
#include "format/cov_read.h"
#include "format/cov_write.h"
#include "format/jscan.h"
#include "model/cov.h"
#include "model/cov_contexts.h"

/* --- writing ------------------------------------------------------------------------------------- */

/* In the order of their lines. */
static void number_sets(struct covjson_sets *s)
{
	for (size_t i = 0; i < s->c->nfiles; i++) {
		const struct cov_file *f = s->c->files[i];

		for (uint32_t n = f->sets ? cov_next(f, 1) : 0; n; n = cov_next(f, n + 1)) {
			uint32_t set = cov_contexts_of(f, n);

			if (set == 0 || s->numbers[set] != NO_INDEX)
				continue;
			s->numbers[set] = s->norder;
			s->order[s->norder++] = set;
		}
	}
}

static int by_name(const void *a, const void *b, void *ctx)
{
	return strcmp(cov_context_name(ctx, *(const uint32_t *)a),
		      cov_context_name(ctx, *(const uint32_t *)b));
}

/* Those that are in a set, sorted; ret has room for all. */
static size_t list_used(const struct covjson_sets *s, uint32_t *ret)
{
	uint32_t n = cov_ncontexts(s->c);
	size_t nused = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (s->ranks[i] != NO_INDEX)
			ret[nused++] = i;
	}
	if (nused > 1)
		qsort_r(ret, nused, sizeof *ret, by_name, (void *)(uintptr_t)s->c);
	return nused;
}

void covjson_sets_number(struct covjson_sets *s, const struct cov *c)
{
	uint32_t ncontexts = cov_ncontexts(c), nsets = cov_sets_end(c);

	*s = (struct covjson_sets){ .c = c };
	if (ncontexts == 0)
		return;
	s->numbers = xrealloc(NULL, nsets, sizeof *s->numbers);
	memset(s->numbers, 0xff, nsets * sizeof *s->numbers);
	s->order = xcalloc(nsets, sizeof *s->order);
	s->ranks = xrealloc(NULL, ncontexts, sizeof *s->ranks);
	memset(s->ranks, 0xff, ncontexts * sizeof *s->ranks);
	number_sets(s);
	uint32_t *scratch = xcalloc(ncontexts, sizeof *scratch);

	for (uint32_t i = 0; i < s->norder; i++) {
		size_t n = cov_set_list(c, s->order[i], scratch);

		for (size_t k = 0; k < n; k++)
			s->ranks[scratch[k]] = 0;
	}
	size_t nused = list_used(s, scratch);

	for (size_t i = 0; i < nused; i++)
		s->ranks[scratch[i]] = (uint32_t)i;
	free(scratch);
}

void covjson_sets_release(struct covjson_sets *s)
{
	free(s->numbers);
	free(s->order);
	free(s->ranks);
	*s = (struct covjson_sets){ 0 };
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Three that follow each other, and more, are put as first and last. */
static void put_set(const struct covjson_sets *s, struct cov_out *o, uint32_t set,
		    uint32_t *members)
{
	size_t n = cov_set_list(s->c, set, members);

	for (size_t i = 0; i < n; i++)
		members[i] = s->ranks[members[i]];
	if (n > 1)
		qsort(members, n, sizeof *members, by_number);
	cov_put(o, "\n[");
	for (size_t i = 0; i < n;) {
		size_t last = i;

		while (last + 1 < n && members[last + 1] == members[last] + 1)
			last++;
		if (last - i < 2)
			last = i;
		if (i > 0)
			cov_put(o, ",");
		if (last > i)
			cov_put(o, "[");
		cov_put_uint(o, members[i]);
		if (last > i) {
			cov_put(o, ",");
			cov_put_uint(o, members[last]);
			cov_put(o, "]");
		}
		i = last + 1;
	}
	cov_put(o, "]");
	cov_out_flow(o);
}

void covjson_sets_put(const struct covjson_sets *s, struct cov_out *o,
		      void (*put_string)(struct cov_out *o, const char *s))
{
	if (s->norder == 0)
		return;
	uint32_t *scratch = xcalloc(cov_ncontexts(s->c), sizeof *scratch);
	size_t n = list_used(s, scratch);

	cov_put(o, "\"contexts\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			cov_put(o, ",");
		cov_put(o, "\n");
		put_string(o, cov_context_name(s->c, scratch[i]));
		cov_out_flow(o);
	}
	cov_put(o, "],\n\"context_sets\":[");
	for (uint32_t i = 0; i < s->norder; i++) {
		if (i > 0)
			cov_put(o, ",");
		put_set(s, o, s->order[i], scratch);
	}
	cov_put(o, "],\n");
	free(scratch);
}

uint32_t covjson_sets_of(const struct covjson_sets *s, const struct cov_file *f, uint32_t line)
{
	uint32_t set = s->norder > 0 ? cov_contexts_of(f, line) : 0;

	return set == 0 ? NO_INDEX : s->numbers[set];
}

/* --- reading ------------------------------------------------------------------------------------- */

void covjson_read_contexts(struct covjson_told *t, struct jscan *j, struct cov *c)
{
	jscan_enter(j, '[');
	while (jscan_item(j)) {
		struct jscan_text name = jscan_string(j);

		if (j->has_failed)
			return;
		GROW(t->contexts, t->ncontexts, t->cap_contexts);
		t->contexts[t->ncontexts++] = cov_context(c, name.s, name.len);
	}
}

/* A context of the document; false: there is no such one. */
static bool read_context(const struct covjson_told *t, struct jscan *j, uint64_t *ret)
{
	*ret = jscan_uint(j, UINT32_MAX);
	if (*ret >= t->ncontexts)
		jscan_fail(j, "there is no context %llu before this", (unsigned long long)*ret);
	return !j->has_failed;
}

/* [first, last] */
static bool read_run(const struct covjson_told *t, struct jscan *j, uint64_t *first, uint64_t *last)
{
	jscan_enter(j, '[');
	if (jscan_item(j))
		read_context(t, j, first);
	if (jscan_item(j))
		read_context(t, j, last);
	else
		jscan_fail(j, "the last context of a run is missing");
	if (jscan_item(j))
		jscan_fail(j, "a run of contexts has a first and a last one");
	return !j->has_failed;
}

/* Few bytes may ask for many contexts, and a set takes time for all that there are. */
static bool may_spend(struct jscan *j, struct cov_input *in, uint64_t n)
{
	enum { FOR_ONE = 256 };

	if (!cov_input_spend(in, n / FOR_ONE))
		jscan_fail_limit(j, "too many contexts for a file of this size");
	return !j->has_failed;
}

static uint32_t read_set(struct covjson_told *t, struct jscan *j, struct cov_input *in)
{
	uint64_t least = 0;
	size_t n = 0;

	jscan_enter(j, '[');
	while (jscan_item(j)) {
		uint64_t first = 0, last = 0;
		bool is_run = jscan_peek(j) == '[';

		if (is_run ? !read_run(t, j, &first, &last) : !read_context(t, j, &first))
			return 0;
		last = is_run ? last : first;
		if (first < least || last < first) {
			jscan_fail(j, "the contexts of a set must ascend");
			return 0;
		}
		least = last + 1;
		if (last > first && !may_spend(j, in, last - first))
			return 0;
		for (; first <= last; first++) {
			GROW(t->members, n, t->cap_members);
			t->members[n++] = t->contexts[first];
		}
	}
	if (j->has_failed || !may_spend(j, in, cov_ncontexts(in->c)))
		return 0;
	return cov_set(in->c, t->members, n);
}

void covjson_read_sets(struct covjson_told *t, struct jscan *j, struct cov_input *in)
{
	jscan_enter(j, '[');
	while (jscan_item(j)) {
		uint32_t set = read_set(t, j, in);

		GROW(t->sets, t->nsets, t->cap_sets);
		t->sets[t->nsets++] = set;
	}
}

uint32_t covjson_read_set(const struct covjson_told *t, struct jscan *j)
{
	uint64_t number = jscan_uint(j, UINT32_MAX);

	if (!j->has_failed && number >= t->nsets)
		jscan_fail(j, "there is no set of contexts %llu before this",
			   (unsigned long long)number);
	return j->has_failed ? 0 : t->sets[number];
}

void covjson_told_release(struct covjson_told *t)
{
	free(t->contexts);
	free(t->sets);
	free(t->members);
	*t = (struct covjson_told){ 0 };
}
