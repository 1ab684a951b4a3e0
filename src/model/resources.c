/* SPDX-License-Identifier: MIT */
#include "model/resources.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/parse.h"
#include "model/test.h"

enum { MAX_STEPS = 100000 };

/* "gpus:2,cards:1" */
static bool read_group(const char *text, unsigned group, struct arena *mem, struct needs *ret,
		       size_t *cap)
{
	while (*text) {
		size_t len = strcspn(text, ",");
		char *type = arena_memdup(mem, text, len);
		char *colon = strchr(type, ':');
		struct requirement r = { .group = group, .type = type };

		if (!colon || colon == type || !parse_uint(colon + 1, RESOURCE_SLOTS_MAX, &r.slots))
			return false;
		*colon = '\0';
		GROW(ret->items, ret->n, *cap);
		ret->items[ret->n++] = r;
		text += len + (text[len] == ',');
	}
	return true;
}

bool needs_of_test(const struct test *t, struct arena *mem, struct needs *ret)
{
	struct needs found = { 0 };
	size_t cap = 0;
	bool is_good = true;

	for (unsigned i = 0; is_good && i < t->nresource_groups; i++)
		is_good = read_group(t->resource_groups[i], i, mem, &found, &cap);
	*ret = (struct needs){ .n = found.n };
	if (found.n > 0) {
		ret->items = arena_alloc(mem, found.n, sizeof *ret->items);
		memcpy(ret->items, found.items, found.n * sizeof *ret->items);
	}
	free(found.items);
	return is_good;
}

bool needs_are_same(const struct test *a, const struct test *b)
{
	bool is_same = a->nresource_groups == b->nresource_groups;

	for (size_t i = 0; is_same && i < a->nresource_groups; i++)
		is_same = strcmp(a->resource_groups[i], b->resource_groups[i]) == 0;
	return is_same;
}

/* --- who gives --------------------------------------------------------------------------- */

struct puzzle {
	const struct needs *needs;
	const struct tests *t;
	uint64_t *left;  /* of each resource */
	uint32_t *order; /* of requirements: the greatest first */
	uint32_t *to;
	unsigned nsteps;
};

/* The resource with the most left of those with less than `below`: what is alike needs one try. */
static uint32_t find_giver(const struct puzzle *p, const struct requirement *r, uint64_t below)
{
	uint32_t best = NO_INDEX;

	for (uint32_t i = 0; i < p->t->nresources; i++) {
		if (p->left[i] < r->slots || p->left[i] >= below ||
		    strcmp(p->t->resources[i].type, r->type) != 0)
			continue;
		if (best == NO_INDEX || p->left[i] > p->left[best])
			best = i;
	}
	return best;
}

/* Every requirement from the k-th of the order on.  No deeper than a test has requirements. */
static bool solve(struct puzzle *p, size_t k)
{
	if (k == p->needs->n)
		return true;
	const struct requirement *r = &p->needs->items[p->order[k]];
	uint32_t giver = NO_INDEX;

	for (uint64_t below = UINT64_MAX; p->nsteps < MAX_STEPS;) {
		giver = find_giver(p, r, below);
		if (giver == NO_INDEX)
			return false;
		p->nsteps++;
		below = p->left[giver];
		p->left[giver] -= r->slots;
		p->to[p->order[k]] = giver;
		if (solve(p, k + 1))
			return true;
		p->left[giver] += r->slots;
	}
	return false;
}

static void sort_greatest_first(struct puzzle *p)
{
	for (uint32_t i = 0; i < p->needs->n; i++) {
		uint32_t k = i;

		for (; k > 0 && p->needs->items[p->order[k - 1]].slots < p->needs->items[i].slots;
		     k--)
			p->order[k] = p->order[k - 1];
		p->order[k] = i;
	}
}

bool needs_assign(const struct needs *needs, const struct tests *t, const uint64_t *free_slots,
		  uint32_t *to)
{
	struct puzzle p = {
		.needs = needs,
		.t = t,
		.left = xcalloc(t->nresources + 1, sizeof *p.left),
		.order = xcalloc(needs->n + 1, sizeof *p.order),
		.to = to,
	};

	if (t->nresources > 0)
		memcpy(p.left, free_slots, t->nresources * sizeof *p.left);
	sort_greatest_first(&p);
	bool fits = needs->n <= REQUIREMENTS_MAX && solve(&p, 0);

	free(p.left);
	free(p.order);
	return fits;
}

bool needs_assign_all(const struct needs *needs, const struct tests *t, uint32_t *to)
{
	uint64_t *all = xcalloc(t->nresources + 1, sizeof *all);

	for (size_t i = 0; i < t->nresources; i++)
		all[i] = t->resources[i].slots;
	bool fits = needs_assign(needs, t, all, to);

	free(all);
	return fits;
}

/* --- what the test is told ---------------------------------------------------------------- */

struct telling {
	const struct needs *needs;
	const struct tests *t;
	const uint32_t *to;
	struct arena *mem;
	const char **vars;
	size_t n, cap;
};

static void add_var(struct telling *tell, struct buf *text)
{
	GROW(tell->vars, tell->n, tell->cap);
	tell->vars[tell->n++] = arena_memdup(tell->mem, text->s, text->len);
	buf_clear(text);
}

/* The type that comes next in the alphabet among the group's; NULL: none. */
static const char *next_type(const struct needs *needs, unsigned group, const char *last)
{
	const char *next = NULL;

	for (size_t i = 0; i < needs->n; i++) {
		const struct requirement *r = &needs->items[i];

		if (r->group == group && (!last || strcmp(r->type, last) > 0) &&
		    (!next || strcmp(r->type, next) < 0))
			next = r->type;
	}
	return next;
}

/* CTEST_RESOURCE_GROUP_0_GPUS=id:1,slots:2;id:3,slots:1 */
static void tell_type(struct telling *tell, unsigned group, const char *type, struct buf *text)
{
	const char *before = "";

	buf_addf(text, "CTEST_RESOURCE_GROUP_%u_", group);
	for (const char *s = type; *s; s++)
		buf_addch(text, *s >= 'a' && *s <= 'z' ? *s - 'a' + 'A' : *s);
	buf_addch(text, '=');
	for (size_t i = 0; i < tell->needs->n; i++) {
		const struct requirement *r = &tell->needs->items[i];

		if (r->group != group || strcmp(r->type, type) != 0)
			continue;
		buf_addf(text, "%sid:%s,slots:%llu", before, tell->t->resources[tell->to[i]].id,
			 (unsigned long long)r->slots);
		before = ";";
	}
	add_var(tell, text);
}

const char *const *needs_vars(const struct test *test, const struct needs *needs,
			      const struct tests *t, const uint32_t *to, struct arena *mem)
{
	struct telling tell = { .needs = needs, .t = t, .to = to, .mem = mem };
	struct buf text = BUF_INIT;

	buf_addf(&text, "CTEST_RESOURCE_GROUP_COUNT=%zu", test->nresource_groups);
	add_var(&tell, &text);
	for (unsigned group = 0; group < test->nresource_groups; group++) {
		const char *type = NULL;

		buf_addf(&text, "CTEST_RESOURCE_GROUP_%u=", group);
		while ((type = next_type(needs, group, type)) != NULL)
			buf_addf(&text, "%s%s", text.s[text.len - 1] == '=' ? "" : ",", type);
		add_var(&tell, &text);
		while ((type = next_type(needs, group, type)) != NULL)
			tell_type(&tell, group, type, &text);
	}
	const char *const *vars = arena_strings(mem, tell.vars, tell.n);

	free(tell.vars);
	buf_release(&text);
	return vars;
}
