/* SPDX-License-Identifier: MIT
 *
 * A function as blocks and arcs.  Only arcs that are not on a spanning tree are counted; the others
 * follow, since as much comes into a block as goes out of it.
 *
 * That holds for every block but the entry and the exit, which are taken for one when the tree is
 * made.  So without those two there are as many equations as unknown arcs, and one answer, whatever
 * the order: whoever has a single arc left that is not known tells it.  Where the equations of entry
 * and exit do not hold as well (fork, longjmp, threads that raced on counters), the answer is still the
 * one that gcov has.
 */
#include "base/alloc.h"
#include "format/gcov_object.h"

enum { ARC_BYTES = 8, BLOCK_COUNT_SINCE = 8 };

void gcov_graph_release(struct gcov_graph *g)
{
	free(g->blocks);
	free(g->arcs);
	free(g->stack);
	*g = (struct gcov_graph){ 0 };
}

/* Each but the exit has a record of its arcs, so that there are less than `most`. */
static bool read_blocks(struct gcov_graph *g, struct gcov_in in, unsigned major, size_t most)
{
	uint32_t n = (uint32_t)((in.end - in.at) / 4);

	if (major >= BLOCK_COUNT_SINCE && !gcov_word(&in, &n))
		return false;
	if (n < 2 || n > most || g->nblocks > 0)
		return false;
	if (g->cap_blocks < n) {
		g->cap_blocks = n + n / 2;
		g->blocks = xrealloc(g->blocks, g->cap_blocks, sizeof *g->blocks);
	}
	memset(g->blocks, 0, n * sizeof *g->blocks);
	for (uint32_t i = 0; i < n; i++)
		g->blocks[i].first_in = NO_INDEX;
	g->nblocks = n;
	return true;
}

static bool read_arcs(struct gcov_graph *g, struct gcov_in in)
{
	uint32_t from = 0;

	if (!gcov_word(&in, &from) || from >= g->nblocks || g->blocks[from].narcs > 0)
		return false;
	struct gcov_block *b = &g->blocks[from];

	b->first = (uint32_t)g->narcs;
	for (; in.end - in.at >= ARC_BYTES; in.at += ARC_BYTES) {
		struct gcov_arc arc = {
			.from = from,
			.to = gcov_word_at(in.at),
			.flags = gcov_word_at(in.at + 4) & 7,
		};

		if (arc.to >= g->nblocks)
			return false;
		GROW(g->arcs, g->narcs, g->cap_arcs);
		g->arcs[g->narcs++] = arc;
		b->narcs++;
		b->nreal += (arc.flags & GCOV_ARC_FAKE) == 0;
	}
	return true;
}

static bool give_counts(struct gcov_graph *g, const uint64_t *counts, size_t ncounts)
{
	size_t n = 0;

	for (size_t i = 0; i < g->narcs; i++) {
		if (g->arcs[i].flags & GCOV_ARC_ON_TREE)
			continue;
		if (counts && n < ncounts)
			g->arcs[i].count = counts[n];
		n++;
	}
	return !counts || n == ncounts;
}

/* The arcs of each block by where they go, as gcov has them; there are few, and mostly they are. */
static void sort_arcs(struct gcov_graph *g)
{
	for (size_t i = 1; i < g->narcs; i++) {
		struct gcov_arc arc = g->arcs[i];
		size_t k = i;

		for (; k > 0 && g->arcs[k - 1].from == arc.from && g->arcs[k - 1].to > arc.to; k--)
			g->arcs[k] = g->arcs[k - 1];
		g->arcs[k] = arc;
	}
}

/* Where a call may not return, what else leaves its block but the next instruction is an exception's
 * way. */
static void find_throws(struct gcov_graph *g)
{
	for (size_t i = 0; i < g->narcs; i++) {
		struct gcov_arc *arc = &g->arcs[i];
		const struct gcov_block *b = &g->blocks[arc->from];

		if (b->nreal < b->narcs && arc->from != GCOV_ENTRY &&
		    (arc->flags & (GCOV_ARC_FAKE | GCOV_ARC_FALLTHROUGH)) == 0)
			arc->flags |= GCOV_ARC_THROW;
	}
}

bool gcov_graph_read(struct gcov_graph *g, struct gcov_in body, unsigned major,
		     const uint64_t *counts, size_t ncounts)
{
	unsigned unit = major >= GCOV_BYTES_SINCE ? 1 : 4;
	struct gcov_in record, before = body;
	uint32_t tag = 0;
	size_t most = (size_t)(body.end - body.at) / ARC_BYTES;
	bool is_good = true;

	g->nblocks = g->narcs = 0;
	while (is_good && gcov_record(&body, unit, &tag, &record) > 0) {
		if (tag == GCOV_TAG_BLOCKS)
			is_good = read_blocks(g, record, major, most);
		else if (tag == GCOV_TAG_ARCS)
			is_good = read_arcs(g, record);
		else if (tag == GCOV_TAG_LINES)
			break;
		before = body;
	}
	g->lines = (struct gcov_in){ before.at, body.end };
	if (!is_good || !give_counts(g, counts, ncounts))
		return false;
	if (!g->keeps_order)
		sort_arcs(g);
	find_throws(g);
	return true;
}

/* --- solving ---------------------------------------------------------------------------------------- */

static void push(struct gcov_graph *g, uint32_t block)
{
	GROW(g->stack, g->nstack, g->cap_stack);
	g->stack[g->nstack++] = block;
}

static void settle(struct gcov_block *b, uint32_t arc, uint64_t more)
{
	b->nopen--;
	b->open ^= arc;
	b->balance += more;
}

static bool is_end(uint32_t block)
{
	return block == GCOV_ENTRY || block == GCOV_EXIT;
}

static void set_up(struct gcov_graph *g)
{
	for (uint32_t i = 0; i < g->narcs; i++) {
		struct gcov_arc *arc = &g->arcs[i];
		struct gcov_block *from = &g->blocks[arc->from];
		struct gcov_block *to = &g->blocks[arc->to];

		arc->next_in = to->first_in;
		to->first_in = i;
		if (arc->flags & GCOV_ARC_ON_TREE) {
			from->nopen++;
			from->open ^= i;
			to->nopen++;
			to->open ^= i;
		} else {
			from->balance -= arc->count;
			to->balance += arc->count;
		}
	}
	g->nstack = 0;
	for (uint32_t i = 0; i < g->nblocks; i++) {
		if (g->blocks[i].nopen == 1 && !is_end(i))
			push(g, i);
	}
}

/* Whoever is reached by other ways than exceptions.  A label whose address is taken has a fake arc from
 * the entry. */
static void find_reached(struct gcov_graph *g)
{
	g->nstack = 0;
	g->blocks[GCOV_ENTRY].is_reached = true;
	push(g, GCOV_ENTRY);
	while (g->nstack > 0) {
		const struct gcov_block *b = &g->blocks[g->stack[--g->nstack]];

		for (uint32_t i = b->first; i < b->first + b->narcs; i++) {
			const struct gcov_arc *arc = &g->arcs[i];

			if ((arc->flags & GCOV_ARC_THROW) != 0 || g->blocks[arc->to].is_reached)
				continue;
			g->blocks[arc->to].is_reached = true;
			push(g, arc->to);
		}
	}
}

bool gcov_graph_solve(struct gcov_graph *g)
{
	bool is_solved = true;

	if (g->nblocks == 0)
		return g->narcs == 0;
	set_up(g);
	while (g->nstack > 0) {
		uint32_t i = g->stack[--g->nstack];
		struct gcov_block *b = &g->blocks[i];

		if (b->nopen != 1)
			continue; /* two told the same arc */
		struct gcov_arc *arc = &g->arcs[b->open];
		uint32_t other = arc->from == i ? arc->to : arc->from;

		arc->count = arc->from == i ? b->balance : 0 - b->balance;
		settle(&g->blocks[arc->from], b->open, 0 - arc->count);
		/* b->open is 0 now: arcs of the tree have two ends, or the file is damaged */
		settle(&g->blocks[arc->to], (uint32_t)(arc - g->arcs), arc->count);
		if (g->blocks[other].nopen == 1 && !is_end(other))
			push(g, other);
	}
	for (uint32_t i = 0; i < g->narcs; i++) {
		const struct gcov_arc *arc = &g->arcs[i];

		g->blocks[arc->to].count += arc->to == GCOV_ENTRY ? 0 : arc->count;
		g->blocks[arc->from].count += arc->from == GCOV_ENTRY ? arc->count : 0;
	}
	for (uint32_t i = 0; i < g->nblocks && is_solved; i++)
		is_solved = g->blocks[i].nopen == 0;
	find_reached(g);
	return is_solved;
}

/* --- the count of a line ------------------------------------------------------------------------------ */

/* A way from block to block along arcs that have something left, back to where it began, in g->stack as
 * arcs; blocks before `first` in the line do not count.  False: there is none. */
static bool find_round(struct gcov_graph *g, uint32_t first, uint32_t seen, uint64_t *budget)
{
	uint32_t at = first;

	g->nstack = 0;
	for (;;) {
		struct gcov_block *b = &g->blocks[at];

		if (b->cursor == b->narcs) { /* no way back from here */
			if (g->nstack == 0)
				return false;
			at = g->arcs[g->stack[--g->nstack]].from;
			continue;
		}
		uint32_t i = b->first + b->cursor++;
		const struct gcov_arc *arc = &g->arcs[i];

		if (*budget > 0)
			--*budget;
		else
			return false;
		if (arc->rest == 0 || g->blocks[arc->to].mark != seen)
			continue;
		if (arc->to == first) {
			push(g, i);
			return true;
		}
		if (g->blocks[arc->to].cursor == 0) {
			push(g, i);
			at = arc->to;
		}
	}
}

static uint64_t take_round(struct gcov_graph *g)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < g->nstack; i++) {
		if (g->arcs[g->stack[i]].rest < least)
			least = g->arcs[g->stack[i]].rest;
	}
	for (size_t i = 0; i < g->nstack; i++)
		g->arcs[g->stack[i]].rest -= least;
	return least;
}

/* Of rounds through the same blocks the first one in the order of the arcs comes first, as in gcov. */
static uint64_t count_rounds(struct gcov_graph *g, const uint32_t *blocks, size_t n, uint32_t mark,
			     uint64_t *budget)
{
	uint64_t sum = 0;

	for (size_t i = 0; i<n && * budget> 0; i++) {
		for (;;) {
			for (size_t k = i; k < n; k++)
				g->blocks[blocks[k]].cursor = 0;
			*budget -= *budget < n - i ? *budget : n - i;
			if (!find_round(g, blocks[i], mark, budget))
				break;
			sum += take_round(g);
		}
		g->blocks[blocks[i]].mark = 0; /* done with */
	}
	return sum;
}

uint64_t gcov_graph_line(struct gcov_graph *g, const uint32_t *blocks, size_t n, uint32_t mark,
			 uint64_t *budget)
{
	uint64_t count = 0;
	bool has_inner = false;

	for (size_t i = 0; i < n; i++)
		g->blocks[blocks[i]].mark = mark;
	for (size_t i = 0; i < n; i++) {
		const struct gcov_block *b = &g->blocks[blocks[i]];

		if (blocks[i] == GCOV_ENTRY) {
			count += b->count;
			continue;
		}
		for (uint32_t k = b->first_in; k != NO_INDEX; k = g->arcs[k].next_in) {
			bool is_inner = g->blocks[g->arcs[k].from].mark == mark;

			count += is_inner ? 0 : g->arcs[k].count;
			has_inner = has_inner || is_inner;
			g->arcs[k].rest =
				is_inner && (int64_t)g->arcs[k].count > 0 ? g->arcs[k].count : 0;
		}
	}
	return has_inner ? count + count_rounds(g, blocks, n, mark, budget) : count;
}
