/* SPDX-License-Identifier: MIT
 *
 * Exercises format/resource_spec.c and, with the same bytes as a test's groups, model/resources.c.
 * Property: every refusal has a message; what is granted has the slots.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/resource_spec.h"
#include "model/resources.h"
#include "model/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assign(struct tests *t, const char *group)
{
	struct test test = test_blank(0);
	struct needs needs = { 0 };

	test.resource_groups = &group;
	test.nresource_groups = 1;
	if (!needs_of_test(&test, &t->mem, &needs) || needs.n > REQUIREMENTS_MAX)
		return;
	uint32_t *to = arena_alloc(&t->mem, needs.n + 1, sizeof *to);

	if (!needs_assign_all(&needs, t, to))
		return;
	for (size_t i = 0; i < needs.n; i++)
		assert(to[i] < t->nresources && needs.items[i].slots <= t->resources[to[i]].slots);
	assert(needs_vars(&test, &needs, t, to, &t->mem)[0]);
}

/* A specification; behind a newline, the groups. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	struct tests t = { 0 };
	struct err e = { 0 };

	buf_add(&text, (const char *)data, size);
	char *cut = memchr(text.s, '\n', text.len);
	size_t len = cut ? (size_t)(cut - text.s) : text.len;

	if (resource_spec_read_mem("fuzz.json", text.s, len, &t, &e) < 0)
		assert(e.msg[0]);
	if (cut)
		assign(&t, cut + 1);
	tests_release(&t);
	buf_release(&text);
	return 0;
}
