/* SPDX-License-Identifier: MIT */
#include "stage/repeat.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "model/test.h"

struct repeating {
	struct tests *t;
	unsigned n;
	size_t ntests;      /* before */
	struct map helpers; /* ids of set-ups and clean-ups */
	struct map indices; /* of repeated tests, by id */
	const char ***ids; /* of each repeated test: those of its repetitions; NULL: not repeated */
};

static void add_helpers(struct repeating *r, const char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		map_put(&r->helpers, ids[i], strlen(ids[i]), 1);
}

static const char **make_ids(struct repeating *r, const char *id)
{
	const char **ids = arena_alloc(&r->t->mem, r->n, sizeof *ids);
	struct buf text = BUF_INIT;

	for (unsigned k = 0; k < r->n; k++) {
		buf_clear(&text);
		buf_addf(&text, "%s [%u/%u]", id, k + 1, r->n);
		ids[k] = arena_memdup(&r->t->mem, text.s, text.len);
	}
	buf_release(&text);
	return ids;
}

/* Which tests are repeated, and what they are called then.  How many. */
static size_t choose(struct repeating *r)
{
	size_t nchosen = 0;
	size_t index = 0;

	for (size_t i = 0; i < r->ntests; i++) {
		const struct test *test = &r->t->tests[i];

		if (test->left_out)
			continue;
		add_helpers(r, test->passed, test->npassed);
		add_helpers(r, test->cleanups, test->ncleanups);
	}
	for (size_t i = 0; i < r->ntests; i++) {
		const struct test *test = &r->t->tests[i];
		size_t len = strlen(test->id);

		if (test->left_out || test->skip_reason || test->error ||
		    map_get(&r->helpers, test->id, len, &index))
			continue;
		map_put(&r->indices, test->id, len, i);
		nchosen++;
	}
	return nchosen;
}

static void name_all(struct repeating *r)
{
	size_t index = 0;

	for (size_t i = 0; i < r->ntests; i++) {
		const char *id = r->t->tests[i].id;

		if (map_get(&r->indices, id, strlen(id), &index))
			r->ids[i] = make_ids(r, id);
	}
}

/* The test waits for all repetitions. */
static void spell_out_after(struct repeating *r, struct test *test)
{
	const char **after = NULL;
	size_t n = 0;
	size_t index = 0;

	for (size_t i = 0; i < test->nafter; i++)
		n += map_get(&r->indices, test->after[i], strlen(test->after[i]), &index) ? r->n
											  : 1;
	if (n == test->nafter)
		return;
	after = arena_alloc(&r->t->mem, n, sizeof *after);
	n = 0;
	for (size_t i = 0; i < test->nafter; i++) {
		if (map_get(&r->indices, test->after[i], strlen(test->after[i]), &index)) {
			memcpy(after + n, r->ids[index], r->n * sizeof *after);
			n += r->n;
		} else {
			after[n++] = test->after[i];
		}
	}
	test->after = after;
	test->nafter = n;
}

/* One repetition of everything, k from 1; the first are the tests themselves. */
static void add_repetition(struct repeating *r, unsigned k)
{
	struct tests *t = r->t;
	size_t ntargets = t->ntargets;
	uint32_t *targets = xcalloc(ntargets + 1, sizeof *targets);

	memset(targets, 0xff, ntargets * sizeof *targets); /* NO_INDEX */
	for (size_t i = 0; i < r->ntests; i++) {
		struct test copy = t->tests[i];

		if (!r->ids[i])
			continue;
		if (targets[copy.target] == NO_INDEX) {
			const struct target target = t->targets[copy.target];

			targets[copy.target] = tests_add_target(t, &target);
		}
		copy.target = targets[copy.target];
		copy.id = r->ids[i][k - 1];
		tests_add(t, &copy);
	}
	free(targets);
}

static void rename_first(struct repeating *r)
{
	for (size_t i = 0; i < r->ntests; i++) {
		struct test *test = &r->t->tests[i];

		if (!test->left_out)
			spell_out_after(r, test);
		if (!r->ids[i])
			continue;
		test->repeated = test->id;
		test->id = r->ids[i][0];
	}
}

int repeat_run(unsigned n, struct tests *t, size_t *ret_added, struct err *reterr)
{
	struct repeating r = { .t = t, .n = n, .ntests = t->ntests };
	int status = 0;

	*ret_added = 0;
	if (n < 2)
		return 0;
	size_t nchosen = choose(&r);

	if (n > REPEAT_MAX || nchosen * n > REPEATED_TESTS_MAX) {
		status = err_set(reterr, ERR_LIMIT, NULL, 0,
				 "--repeat: %u times %zu tests are more than gangway plans", n,
				 nchosen);
	} else {
		r.ids = xcalloc(t->ntests + 1, sizeof *r.ids);
		name_all(&r);
		rename_first(&r);
		for (unsigned k = 2; k <= n; k++)
			add_repetition(&r, k);
		*ret_added = (size_t)(n - 1) * nchosen;
	}
	map_release(&r.helpers);
	map_release(&r.indices);
	free(r.ids);
	return status;
}
