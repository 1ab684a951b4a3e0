/* SPDX-License-Identifier: MIT
 *
 * Exercises adapter/ctest_entry.c, and format/json.c below it.  Nothing is run.  Properties: a
 * refusal has a reason and a place; an entry that was read is complete, its lists end where they
 * say and its properties are sorted.
 */
#include <assert.h>

#include "adapter/ctest.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(list[i]);
	assert(n == 0 || !list[n]);
}

static void check_entry(const struct ctest_entry *e)
{
	const struct test *t = &e->test;

	assert(e->name && e->argv && e->target.workdir && t->slots >= 1);
	check_list(e->argv, e->nargv);
	check_list(e->target.env, e->target.nenv);
	check_list(e->target.env_mods, e->target.nenv_mods);
	check_list(t->marks, t->nmarks);
	check_list(t->locks, t->nlocks);
	check_list(t->needs, t->nneeds);
	check_list(e->depends, e->ndepends);
	check_list(e->rule.pass_regex, e->rule.npass_regex);
	check_list(e->rule.fail_regex, e->rule.nfail_regex);
	check_list(e->rule.skip_regex, e->rule.nskip_regex);
	for (size_t i = 0; i < t->nneeds; i++)
		assert(t->needs[i][0] == '/');
	for (size_t i = 0; i < t->nprops; i++) {
		assert(t->props[i].value);
		assert(i == 0 || strcmp(t->props[i - 1].key, t->props[i].key) <= 0);
	}
	assert(!e->has_program || e->nargv > 0);
	assert(t->file || t->line == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctest_entry *entries = NULL;
	struct arena mem = { 0 };
	struct err e = { 0 };
	size_t n = 0;

	if (ctest_entries_read((const char *)data, size, "fuzz.json", "/build", &mem, &entries, &n,
			       &e) < 0)
		assert(e.msg[0] && e.path[0]);
	for (size_t i = 0; i < n; i++)
		check_entry(&entries[i]);
	arena_release(&mem);
	return 0;
}
