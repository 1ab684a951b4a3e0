/* SPDX-License-Identifier: MIT */
#include "model/locks.h"

#include "base/alloc.h"
#include "base/map.h"
#include "model/plan.h"
#include "model/test.h"

struct finder {
	const struct tests *tests;
	struct map names; /* to numbers */
	unsigned *counts;
	size_t *wanted; /* by so many units */
	size_t n, cap_counts, cap_wanted;
	struct locks found;
	size_t nnumbers, cap_numbers;
};

static uint32_t number_of(struct finder *f, const char *name)
{
	size_t i = f->n;

	if (!map_put(&f->names, name, strlen(name), i)) {
		map_get(&f->names, name, strlen(name), &i);
		return (uint32_t)i;
	}
	GROW(f->counts, f->n, f->cap_counts);
	GROW(f->wanted, f->n, f->cap_wanted);
	f->counts[i] = tests_limit(f->tests, name);
	f->wanted[i] = 0;
	f->n++;
	return (uint32_t)i;
}

static void add_number(struct finder *f, size_t begin, uint32_t number)
{
	struct locks *l = &f->found;

	for (size_t i = begin; i < f->nnumbers; i++) {
		if (l->numbers[i] == number)
			return;
	}
	GROW(l->numbers, f->nnumbers, f->cap_numbers);
	l->numbers[f->nnumbers++] = number;
	f->wanted[number]++;
}

static void add_unit(struct finder *f, const struct unit *u)
{
	size_t begin = f->nnumbers;

	for (size_t i = 0; !u->is_exclusive && i < u->ntests; i++) {
		const struct test *t = &f->tests->tests[u->tests[i]];

		for (size_t k = 0; k < t->nlocks; k++)
			add_number(f, begin, number_of(f, t->locks[k]));
	}
}

/* What nobody can be kept from needs no look. */
static void drop_idle(struct finder *f, size_t nunits)
{
	struct locks *l = &f->found;
	uint32_t *renumbered = xcalloc(f->n + 1, sizeof *renumbered);
	size_t to = 0;

	for (size_t i = 0; i < f->n; i++) {
		renumbered[i] = f->wanted[i] > f->counts[i] ? (uint32_t)l->nlocks : NO_INDEX;
		if (renumbered[i] != NO_INDEX)
			f->counts[l->nlocks++] = f->counts[i];
	}
	for (size_t u = 0; u < nunits; u++) {
		size_t from = l->starts[u];

		l->starts[u] = to;
		for (; from < l->starts[u + 1]; from++) {
			if (renumbered[l->numbers[from]] != NO_INDEX)
				l->numbers[to++] = renumbered[l->numbers[from]];
		}
	}
	l->starts[nunits] = to;
	free(renumbered);
}

struct locks locks_of_plan(const struct plan *p, const struct tests *t)
{
	struct finder f = { .tests = t };

	f.found.starts = xcalloc(p->nunits + 1, sizeof *f.found.starts);
	for (size_t u = 0; u < p->nunits; u++) {
		add_unit(&f, &p->units[u]);
		f.found.starts[u + 1] = f.nnumbers;
	}
	drop_idle(&f, p->nunits);
	f.found.counts = f.counts;
	map_release(&f.names);
	free(f.wanted);
	return f.found;
}

void locks_release(struct locks *l)
{
	free(l->counts);
	free(l->starts);
	free(l->numbers);
	*l = (struct locks){ 0 };
}
