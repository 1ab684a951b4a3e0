/* SPDX-License-Identifier: MIT
 *
 * Exercises format/tests_file.c and format/run_file.c (its rows), by way of format/tsv.c.
 * Property: what is accepted holds together (indices in range, no string missing), what is refused
 * says where, and leaves nothing behind.
 */
#include <assert.h>

#include "base/err.h"
#include "format/files.h"
#include "model/run.h"
#include "model/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const char **items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(items[i]);
}

static void check_test(const struct tests *all, const struct test *t)
{
	assert(t->id && t->suite && t->name && t->selector && t->target < all->ntargets);
	assert(t->slots >= 1 && !t->left_out);
	check_list(t->marks, t->nmarks);
	check_list(t->locks, t->nlocks);
	check_list(t->after, t->nafter);
	check_list(t->needs, t->nneeds);
	for (size_t i = 0; i < t->nprops; i++)
		assert(t->props[i].key && t->props[i].value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory in = { "fuzz.tsv", data, size };
	struct tests t = { 0 };
	struct run r = { 0 };
	struct err e = { 0 };

	if (run_read_mem(&in, &r, &e) == 0)
		assert(r.id && r.rootdir && r.started && r.nlanes > 0);
	run_release(&r);
	e = (struct err){ 0 };
	if (tests_read_mem(&in, &t, &e) < 0) {
		assert(e.msg[0] && e.line > 0 && !t.tests && !t.mem.head);
		return 0;
	}
	assert(t.rootdir);
	for (size_t i = 0; i < t.ntargets; i++) {
		assert(t.targets[i].name && t.targets[i].workdir);
		check_list(t.targets[i].argv, t.targets[i].nargv);
	}
	for (size_t i = 0; i < t.ntests; i++)
		check_test(&t, &t.tests[i]);
	tests_release(&t);
	return 0;
}
