/* SPDX-License-Identifier: MIT */
#include "stage/resources.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "model/resources.h"
#include "model/test.h"

static const char *make_error(struct tests *t, const struct test *test)
{
	struct buf text = BUF_INIT;

	buf_addstr(&text, "not run: there are not the resources that it needs: ");
	for (size_t i = 0; i < test->nresource_groups; i++)
		buf_addf(&text, "%s%s", i > 0 ? ";" : "", test->resource_groups[i]);
	const char *kept = arena_memdup(&t->mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

static bool is_possible(const struct tests *t, const struct test *test)
{
	struct arena mem = { 0 };
	struct needs needs = { 0 };
	bool is_good = needs_of_test(test, &mem, &needs);
	uint32_t *to = xcalloc(needs.n + 1, sizeof *to);

	is_good = is_good && needs_assign_all(&needs, t, to);
	free(to);
	arena_release(&mem);
	return is_good;
}

void resources_check(struct tests *t)
{
	for (size_t i = 0; i < t->ntests; i++) {
		struct test *test = &t->tests[i];

		if (test->nresource_groups > 0 && !test->error && !is_possible(t, test))
			test->error = make_error(t, test);
	}
}
