/* SPDX-License-Identifier: MIT */
#include "stage/schedule_work.h"

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "model/resources.h"
#include "model/test.h"

const char *work_target_name(const struct work *w, uint32_t test)
{
	return w->t->targets[w->t->tests[test].target].name;
}

bool work_is_inseparable(const struct work *w, uint32_t a, uint32_t b)
{
	const struct test *tests = w->t->tests;

	if (tests[a].target != tests[b].target)
		return false;
	const struct adapter *row = adapter_by_name(w->t->targets[tests[a].target].adapter);

	return row && row->must_join && row->must_join(&tests[a], &tests[b]);
}

bool work_stands_apart(const struct work *w, uint32_t i)
{
	return w->keys[i] != NO_INDEX || w->t->tests[i].is_exclusive;
}

/* The words that tests of one key share, into *ret; false if the test has none. */
static bool make_key(const struct work *w, const struct test *test, struct buf *ret)
{
	bool has_scope = w->o->dist == DIST_LOADSCOPE && test->suite[0];
	bool has_file = w->o->dist == DIST_LOADFILE && test->file;

	buf_clear(ret);
	switch (w->o->dist) {
	case DIST_LOADGROUP:
		buf_addstr(ret, test->group ? test->group : "");
		return ret->len > 0;
	case DIST_LOADSCOPE:
	case DIST_LOADFILE:
		if (test->is_exclusive)
			return false;
		/* "main.c" is not the same in two programs, "/src/main.c" is */
		if (!has_file || test->file[0] != '/')
			buf_addf(ret, "%u", test->target);
		buf_addch(ret, '\n');
		buf_addstr(ret, has_scope ? test->suite : has_file ? test->file : "");
		return true;
	case DIST_LOAD:
	case DIST_WORKSTEAL:
	case DIST_EACH:
	case DIST_NO:
		break;
	}
	return false;
}

void work_join_keys(struct work *w)
{
	struct arena mem = { 0 };
	struct map first = { 0 };
	struct buf key = BUF_INIT;

	for (uint32_t i = 0; i < w->t->ntests; i++) {
		const struct test *test = &w->t->tests[i];
		size_t found = i;

		w->keys[i] = NO_INDEX;
		if (test->left_out || !make_key(w, test, &key))
			continue;
		if (map_get(&first, key.s, key.len, &found))
			links_join(w->links, (uint32_t)found, i);
		else
			map_put(&first, arena_memdup(&mem, key.s, key.len), key.len, i);
		w->keys[i] = (uint32_t)found;
	}
	buf_release(&key);
	map_release(&first);
	arena_release(&mem);
}

void work_join_locks(struct work *w)
{
	struct map first = { 0 };

	for (uint32_t i = 0; i < w->t->ntests; i++) {
		const struct test *test = &w->t->tests[i];

		/* nothing runs beside an exclusive test, so it needs no lock */
		for (size_t k = 0; !test->left_out && !test->is_exclusive && k < test->nlocks;
		     k++) {
			size_t found = i;

			if (map_put(&first, test->locks[k], strlen(test->locks[k]), i))
				continue;
			map_get(&first, test->locks[k], strlen(test->locks[k]), &found);
			if (found == i)
				continue; /* named twice */
			links_join(w->links, (uint32_t)found, i);
			w->locks[i] = test->locks[k];
		}
	}
	map_release(&first);
}

void work_join_resources(struct work *w)
{
	struct arena mem = { 0 };
	struct map first = { 0 };

	for (uint32_t i = 0; i < w->t->ntests; i++) {
		const struct test *test = &w->t->tests[i];
		struct needs needs = { 0 };

		if (test->left_out || test->is_exclusive || !needs_of_test(test, &mem, &needs))
			continue;
		for (size_t k = 0; k < needs.n; k++) {
			const char *type = needs.items[k].type;
			size_t found = i;

			if (map_put(&first, type, strlen(type), i))
				continue;
			map_get(&first, type, strlen(type), &found);
			links_join(w->links, (uint32_t)found, i);
		}
	}
	map_release(&first);
	arena_release(&mem);
}

static void add_key_reason(const struct work *w, uint32_t i, struct buf *text)
{
	const struct test *test = &w->t->tests[i];

	if (w->o->dist == DIST_LOADGROUP)
		buf_addf(text, "group '%s'", test->group);
	else if (w->o->dist == DIST_LOADSCOPE && test->suite[0])
		buf_addf(text, "suite '%s' of %s", test->suite, work_target_name(w, i));
	else if (w->o->dist == DIST_LOADFILE && test->file)
		buf_addf(text, "file '%s'", test->file);
	else
		buf_addf(text, "tests of %s", work_target_name(w, i));
}

void work_explain(const struct work *w, const uint32_t *tests, size_t n, struct buf *text)
{
	const char *lock = NULL;
	uint32_t key = NO_INDEX;
	size_t nkeys = 0;
	for (size_t i = 0; i < n; i++) {
		if (w->keys[tests[i]] == tests[i] && nkeys++ == 0)
			key = tests[i];
		lock = lock ? lock : w->locks[tests[i]];
	}
	if (nkeys > 0)
		add_key_reason(w, key, text);
	if (nkeys > 1)
		buf_addf(text, " and %zu more", nkeys - 1);
	if (lock)
		buf_addf(text, "%slock '%s'", text->len ? ", " : "", lock);
	if (links_has_inner(w->links, tests, n))
		buf_addf(text, "%safter each other", text->len ? ", " : "");
}

/* Must the test go where its neighbours of the same chunk need not? */
static bool *find_bound(struct work *w)
{
	const struct tests *t = w->t;
	uint32_t *sizes = xcalloc(t->ntests + 1, sizeof *sizes);
	bool *is_bound = xcalloc(t->ntests + 1, sizeof *is_bound);

	for (uint32_t i = 0; i < t->ntests; i++)
		sizes[links_root(w->links, i)]++;
	for (uint32_t i = 0; i < t->ntests; i++)
		is_bound[i] = work_stands_apart(w, i) || sizes[links_root(w->links, i)] > 1 ||
			      (w->bins && w->bins[i].number != NO_INDEX) ||
			      (w->o->dist == DIST_EACH && t->tests[i].nlocks > 0);
	free(sizes);
	return is_bound;
}

void work_join_inseparable(struct work *w)
{
	bool *is_bound = find_bound(w);
	uint32_t *stretch = xcalloc(w->t->ntests + 1, sizeof *stretch);
	size_t n = 0;
	bool joins = false;

	for (uint32_t i = 0; i <= w->t->ntests; i++) {
		bool is_end = i == w->t->ntests;

		if (!is_end && w->t->tests[i].left_out)
			continue;
		if (is_end || (n > 0 && !work_is_inseparable(w, stretch[n - 1], i))) {
			for (size_t k = 1; joins && k < n; k++)
				links_join(w->links, stretch[0], stretch[k]);
			n = 0;
			joins = false;
		}
		if (!is_end) {
			stretch[n++] = i;
			joins = joins || is_bound[i];
		}
	}
	free(is_bound);
	free(stretch);
}
