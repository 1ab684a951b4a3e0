/* SPDX-License-Identifier: MIT
 *
 * What entries have to do with each other.  DEPENDS names entries and FIXTURES_* things that some
 * entries set up and others need; a test knows the tests made of them, by id.  CTest has already
 * written the order that fixtures want into DEPENDS.
 */
#include "adapter/ctest.h"
#include "base/alloc.h"
#include "base/map.h"

/* Entries by a name that each may share with others and have several of. */
struct index {
	struct map heads; /* name to the last of its links */
	struct link {
		size_t entry;
		size_t next; /* its number + 1; 0: none */
	} * links;
	size_t n, cap;
};

struct ids {
	const char **items;
	size_t n, cap;
};

static void index_add(struct index *x, const char *name, size_t entry)
{
	size_t before = 0;
	bool has = map_get(&x->heads, name, strlen(name), &before);

	GROW(x->links, x->n, x->cap);
	x->links[x->n] = (struct link){ entry, has ? before + 1 : 0 };
	map_set(&x->heads, name, strlen(name), x->n++);
}

static void index_release(struct index *x)
{
	map_release(&x->heads);
	free(x->links);
}

/* The tests of all entries that go by one of these names, but for entry `but`.  A name that nobody
 * has is nobody, as for ctest. */
static void collect_ids(const struct index *x, const char *const *names, size_t nnames,
			const struct ctest_entry *entries, size_t but, const struct tests *t,
			struct ids *ret)
{
	for (size_t i = 0; i < nnames; i++) {
		size_t k = 0;
		size_t at = map_get(&x->heads, names[i], strlen(names[i]), &k) ? k + 1 : 0;

		for (; x->links && at > 0; at = x->links[at - 1].next) {
			const struct ctest_entry *e = &entries[x->links[at - 1].entry];

			for (size_t m = 0; m < e->ntests && e != &entries[but]; m++) {
				GROW(ret->items, ret->n, ret->cap);
				ret->items[ret->n++] = t->tests[e->first_test + m].id;
			}
		}
	}
}

/* The list moved to where tests are: one for all cases of the entry. */
static const char **keep(struct ids *ids, struct tests *t, size_t *ret_n)
{
	const char **kept = ids->n > 0 ? arena_alloc(&t->mem, ids->n, sizeof *kept) : NULL;

	if (ids->n > 0)
		memcpy(kept, ids->items, ids->n * sizeof *kept);
	*ret_n = ids->n;
	free(ids->items);
	*ids = (struct ids){ 0 };
	return kept;
}

void ctest_entries_link(const struct ctest_entry *entries, size_t n, struct tests *ret)
{
	struct index names = { 0 }, setups = { 0 }, cleanups = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct ctest_entry *e = &entries[i];

		index_add(&names, e->name, i);
		for (size_t k = 0; k < e->nsetups; k++)
			index_add(&setups, e->setups[k], i);
		for (size_t k = 0; k < e->ncleanups; k++)
			index_add(&cleanups, e->cleanups[k], i);
	}
	for (size_t i = 0; i < n; i++) {
		const struct ctest_entry *e = &entries[i];
		struct test links = { 0 };
		struct ids ids = { 0 };

		collect_ids(&names, e->depends, e->ndepends, entries, i, ret, &ids);
		links.after = keep(&ids, ret, &links.nafter);
		collect_ids(&setups, e->fixtures, e->nfixtures, entries, i, ret, &ids);
		links.passed = keep(&ids, ret, &links.npassed);
		collect_ids(&cleanups, e->fixtures, e->nfixtures, entries, i, ret, &ids);
		links.cleanups = keep(&ids, ret, &links.ncleanups);
		for (size_t m = 0; m < e->ntests; m++) {
			struct test *t = &ret->tests[e->first_test + m];

			t->after = links.after;
			t->nafter = links.nafter;
			t->passed = links.passed;
			t->npassed = links.npassed;
			t->cleanups = links.cleanups;
			t->ncleanups = links.ncleanups;
		}
	}
	index_release(&names);
	index_release(&setups);
	index_release(&cleanups);
}
