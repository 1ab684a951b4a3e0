/* SPDX-License-Identifier: MIT
 *
 * Below a source: which tests ran its lines, each set of tests once.  The count of a line leads there.
 */
#include "base/alloc.h"
#include "format/covhtml_parts.h"
#include "model/cov_contexts.h"

/* Of a set are told; a page has as many sets as it may have lines. */
enum { NAMES_MAX = 20 };

uint32_t covhtml_tests_number(struct covhtml_tests *t, uint32_t set)
{
	if (set == 0)
		return 0;
	if (!t->numbers)
		t->numbers = xcalloc(cov_sets_end(t->cov), sizeof *t->numbers);
	if (t->numbers[set] == 0) {
		GROW(t->sets, t->n, t->cap);
		t->sets[t->n++] = set;
		t->numbers[set] = (uint32_t)t->n;
	}
	return t->numbers[set];
}

static void put_set(struct cov_out *o, const struct covhtml_tests *t, size_t i, uint32_t *room)
{
	size_t n = cov_set_list(t->cov, t->sets[i], room);

	cov_put(o, "<li id=S");
	cov_put_uint(o, i + 1);
	cov_put(o, ">");
	cov_put_uint(o, n);
	buf_addstr(&o->text, n == 1 ? " test\n<ul>\n" : " tests\n<ul>\n");
	for (size_t k = 0; k < n && k < NAMES_MAX; k++) {
		cov_put(o, "<li>");
		covhtml_put_str(o, cov_context_name(t->cov, room[k]));
		cov_put(o, "\n");
	}
	if (n > NAMES_MAX) {
		cov_put(o, "<li>and ");
		cov_put_uint(o, n - NAMES_MAX);
		cov_put(o, " more: <code>gangway report --cov-tests=FILE:LINE</code>\n");
	}
	cov_put(o, "</ul>\n");
	cov_out_flow(o);
}

void covhtml_tests_put(struct cov_out *o, const struct covhtml_tests *t)
{
	if (t->n == 0)
		return;
	uint32_t *room = xcalloc(cov_ncontexts(t->cov), sizeof *room);

	cov_put(o, "<section id=tests>\n<h2>Tests that ran these lines</h2>\n<ol>\n");
	for (size_t i = 0; i < t->n; i++)
		put_set(o, t, i, room);
	cov_put(o, "</ol>\n</section>\n");
	free(room);
}

void covhtml_tests_release(struct covhtml_tests *t)
{
	free(t->numbers);
	free(t->sets);
	*t = (struct covhtml_tests){ 0 };
}
