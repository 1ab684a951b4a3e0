/* SPDX-License-Identifier: MIT
 *
 * Units that wait for each other while they run: the tests of a target that wait for the same ones
 * make a unit, so that no two units of such tests wait for each other in a circle; where groups
 * would, all that is in the circle is one unit.  What others wait for begins early.
 */
#include "base/alloc.h"
#include "model/test.h"
#include "model/waits.h"
#include "stage/schedule_work.h"

struct pair {
	uint32_t before, after;
};

/* What will be units, or be cut into units: nodes, and pairs of them of which one waits. */
struct mesh {
	struct work *w;
	uint32_t *node_of; /* of each test; NO_INDEX: it does not run */
	size_t nnodes, first_linked;
	struct pair *pairs;
	size_t npairs, cap_pairs;
	bool *is_gone; /* of each node: it is in no circle */
};

static void find_nodes(struct mesh *m)
{
	struct work *w = m->w;
	size_t n = w->t->ntests;
	uint32_t *sizes = xcalloc(n + 1, sizeof *sizes);

	m->node_of = xcalloc(n + 1, sizeof *m->node_of);
	m->first_linked = w->t->ntargets + w->nbins;
	m->nnodes = m->first_linked + n;
	for (uint32_t i = 0; i < n; i++)
		sizes[links_root(w->links, i)]++;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t root = links_root(w->links, i);

		if (w->t->tests[i].left_out)
			m->node_of[i] = NO_INDEX;
		else if (sizes[root] > 1 || work_stands_apart(w, i))
			m->node_of[i] = (uint32_t)m->first_linked + root;
		else if (w->bins && w->bins[i].number != NO_INDEX)
			m->node_of[i] = (uint32_t)w->t->ntargets + w->bins[i].number;
		else
			m->node_of[i] = w->t->tests[i].target;
	}
	free(sizes);
}

static void add_pair(void *ctx, uint32_t before, uint32_t after)
{
	struct mesh *m = ctx;
	const struct pair p = { m->node_of[before], m->node_of[after] };

	/* within what is linked, order is no matter */
	if (p.before == p.after && p.before >= m->first_linked)
		return;
	GROW(m->pairs, m->npairs, m->cap_pairs);
	m->pairs[m->npairs++] = p;
}

static uint32_t begin_of(const struct pair *p, bool backwards)
{
	return backwards ? p->after : p->before;
}

/* Take away, one after the other, nodes that wait for none (backwards: that none waits for). */
static void peel(struct mesh *m, bool backwards)
{
	size_t *starts = xcalloc(m->nnodes + 2, sizeof *starts);
	uint32_t *ends = xcalloc(m->npairs + 1, sizeof *ends);
	uint32_t *counts = xcalloc(m->nnodes, sizeof *counts);
	uint32_t *todo = xcalloc(m->nnodes, sizeof *todo);
	size_t ntodo = 0;

	for (size_t i = 0; i < m->npairs; i++)
		starts[begin_of(&m->pairs[i], backwards) + 2]++;
	for (size_t k = 2; k < m->nnodes + 2; k++)
		starts[k] += starts[k - 1];
	for (size_t i = 0; i < m->npairs; i++) {
		const struct pair *p = &m->pairs[i];
		uint32_t end = begin_of(p, !backwards);

		ends[starts[begin_of(p, backwards) + 1]++] = end;
		counts[end] += !m->is_gone[begin_of(p, backwards)];
	}
	for (uint32_t k = 0; k < m->nnodes; k++) {
		if (counts[k] == 0 && !m->is_gone[k])
			todo[ntodo++] = k;
	}
	while (ntodo > 0) {
		uint32_t k = todo[--ntodo];

		m->is_gone[k] = true;
		for (size_t i = starts[k]; i < starts[k + 1]; i++) {
			if (!m->is_gone[ends[i]] && --counts[ends[i]] == 0)
				todo[ntodo++] = ends[i];
		}
	}
	free(starts);
	free(ends);
	free(counts);
	free(todo);
}

/* What is left is in a circle, or between two: it becomes one. */
static void join_rest(struct mesh *m)
{
	size_t n = m->w->t->ntests;
	uint32_t *first = xcalloc(m->nnodes, sizeof *first);

	memset(first, 0xff, m->nnodes * sizeof *first); /* NO_INDEX */
	for (uint32_t i = 0; i < n; i++) {
		uint32_t node = m->node_of[i];

		if (node == NO_INDEX || m->is_gone[node])
			continue;
		if (first[node] == NO_INDEX)
			first[node] = i;
		links_join(m->w->links, first[node], i);
	}
	for (size_t i = 0; i < m->npairs; i++) {
		const struct pair *p = &m->pairs[i];

		if (!m->is_gone[p->before] && !m->is_gone[p->after])
			links_join(m->w->links, first[p->before], first[p->after]);
	}
	free(first);
}

void work_join_circles(struct work *w)
{
	struct mesh m = { .w = w };

	find_nodes(&m);
	links_each(w->links, add_pair, &m);
	if (m.npairs > 0) {
		m.is_gone = xcalloc(m.nnodes, sizeof *m.is_gone);
		peel(&m, false);
		peel(&m, true);
		join_rest(&m);
	}
	free(m.node_of);
	free(m.pairs);
	free(m.is_gone);
}

/* --- order ------------------------------------------------------------------------------ */

/* What one that others wait for brings with it: the longest chain, or what all lanes share. */
struct behind {
	uint64_t longest, sum;
	size_t nopen; /* that wait for it, and have no rank yet */
};

static void rank_before(struct work *w, struct behind *b, size_t unit, size_t before)
{
	const struct draft *d = &w->drafts[unit];

	if (d->rank > b[before].longest)
		b[before].longest = d->rank;
	b[before].sum = work_add_saturated(b[before].sum, d->weight);
	w->drafts[before].comes_first = w->drafts[before].comes_first || d->comes_first;
}

void work_rank_after(struct work *w)
{
	const struct plan p = work_plan_of_drafts(w);
	struct waits waits = waits_of_plan(&p, w->t);
	struct behind *b = xcalloc(w->ndrafts + 1, sizeof *b);
	uint32_t *todo = xcalloc(w->ndrafts + 1, sizeof *todo);
	size_t ntodo = 0;

	for (size_t i = 0; waits.numbers && i < waits.starts[w->ndrafts]; i++)
		b[waits.numbers[i]].nopen++;
	for (size_t u = 0; waits.numbers && u < w->ndrafts; u++) {
		if (b[u].nopen == 0)
			todo[ntodo++] = (uint32_t)u;
	}
	while (ntodo > 0) {
		uint32_t u = todo[--ntodo];
		uint64_t share = b[u].sum / w->o->nlanes;

		w->drafts[u].rank = work_add_saturated(w->drafts[u].rank,
						       b[u].longest > share ? b[u].longest : share);
		for (size_t i = waits.starts[u]; i < waits.starts[u + 1]; i++) {
			uint32_t before = waits.numbers[i];

			rank_before(w, b, u, before);
			if (--b[before].nopen == 0)
				todo[ntodo++] = before;
		}
	}
	free(p.units);
	free(b);
	free(todo);
	waits_release(&waits);
}
