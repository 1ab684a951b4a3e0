/* SPDX-License-Identifier: MIT
 *
 * From blocks to lines, as gcov has it for gcc's objects:
 *
 *   - Functions that the compiler made up count for nothing.
 *   - Functions that start on the same line are instances of one template: each has the lines from its
 *     start to its end for itself, and what is told of a line is their sum, branch by branch.  All other
 *     lines are the object's, with the branches of one function behind those of another.
 *   - A block's lines come in runs, a source each.  Every line of a run gets the block's count; the last
 *     one owns the block, and the arcs out of it are the line's branches, unless there is one only or
 *     they stand for a call that does not return.
 *   - A line that owns blocks ran as often as its blocks were entered from others, and as often as was
 *     gone round within them.  Another line ran as often as its blocks.
 *
 * and as llvm-cov has it for clang's:
 *
 *   - Each line of a block owns it, branches belong to the last one.
 */
#include "base/alloc.h"
#include "base/err.h"
#include "format/cov_read.h"
#include "format/gcov_object.h"
#include "model/cov.h"
#include "model/cov_contexts.h"

enum {
	PAGE_BITS = 6,
	PAGE_LINES = 1 << PAGE_BITS,
	STEPS_MAX = 1 << 28,
	TALLY_STEPS = 1 << 20, /* what is asked of a tally is only whether a line ran */
};

/* One object on its way into the model. */
struct fold {
	struct gcov *g;
	struct cov_input in;
	const struct gcov_function *f;
	bool is_damaged;
	bool is_tally; /* lines and branches are there: which lines ran is of interest, no more */
};

/* --- slots ----------------------------------------------------------------------------------------- */

static void add_to(struct gcov_list *list, uint32_t item)
{
	GROW(list->items, list->n, list->cap);
	list->items[list->n++] = item;
}

/* A page of clean slots. */
static uint32_t take_page(struct gcov *g)
{
	if (g->spare.n > 0)
		return g->spare.items[--g->spare.n];
	size_t n = g->npages * PAGE_LINES;

	if (n + PAGE_LINES > g->cap_slots) {
		g->cap_slots = g->cap_slots ? 2 * g->cap_slots : 64 * PAGE_LINES;
		g->slots = xrealloc(g->slots, g->cap_slots, sizeof *g->slots);
	}
	memset(&g->slots[n], 0, PAGE_LINES * sizeof *g->slots);
	return (uint32_t)g->npages++;
}

/* The index of a line's slot; slots may move. */
static uint32_t slot_at(struct gcov *g, struct gcov_table *t, uint32_t line)
{
	size_t page = line >> PAGE_BITS;

	if (page >= t->npages) {
		size_t n = page + page / 2 + 1;

		t->pages = xrealloc(t->pages, n, sizeof *t->pages);
		memset(&t->pages[t->npages], 0xff, (n - t->npages) * sizeof *t->pages);
		t->npages = n;
	}
	if (t->pages[page] == NO_INDEX) {
		GROW(t->used, t->nused, t->cap_used);
		t->used[t->nused++] = (uint32_t)page;
		t->pages[page] = take_page(g);
	}
	return t->pages[page] * PAGE_LINES + line % PAGE_LINES;
}

/* Its pages are clean again: others may have them. */
static void give_back(struct gcov *g, struct gcov_table *t)
{
	for (size_t i = 0; i < t->nused; i++) {
		add_to(&g->spare, t->pages[t->used[i]]);
		t->pages[t->used[i]] = NO_INDEX;
	}
	t->nused = 0;
}

static uint64_t never_below_0(struct gcov *g, uint64_t count)
{
	if ((int64_t)count >= 0)
		return count;
	g->has_negative = true;
	return 0;
}

static void flush(struct gcov *g, struct gcov_list *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		struct gcov_slot *s = &g->slots[slots->items[i]];

		cov_add(&s->line->hits, never_below_0(g, s->is_owner ? s->owned : s->plain));
		*s = (struct gcov_slot){ 0 };
	}
	slots->n = 0;
}

/* --- sources ---------------------------------------------------------------------------------------- */

static uint32_t source_of(struct fold *f, const char *name, size_t len)
{
	struct gcov *g = f->g;
	size_t i = 0;

	if (map_get(&g->source_names, name, len, &i))
		return (uint32_t)i;
	i = g->nsources;
	if (g->nsources >= g->cap_sources) {
		size_t cap = g->cap_sources ? 2 * g->cap_sources : 64;

		g->sources = xrealloc(g->sources, cap, sizeof *g->sources);
		memset(&g->sources[g->cap_sources], 0, (cap - g->cap_sources) * sizeof *g->sources);
		g->cap_sources = cap;
	}
	struct gcov_source *s = &g->sources[g->nsources++];

	s->name = name;
	s->len = len;
	s->file = cov_input_file(&f->in, g->cwd, name, len, COV_BLOCKS);
	map_put(&g->source_names, name, len, i);
	return (uint32_t)i;
}

static int by_start(const void *a, const void *b, void *ctx)
{
	const struct gcov_function *functions = ctx;
	const struct gcov_function *x = &functions[*(const uint32_t *)a];
	const struct gcov_function *y = &functions[*(const uint32_t *)b];

	if (x->source_index != y->source_index)
		return x->source_index < y->source_index ? -1 : 1;
	return x->start_line < y->start_line ? -1 : x->start_line > y->start_line;
}

static void find_twins(struct gcov *g)
{
	uint32_t *order = xrealloc(NULL, g->nfunctions, sizeof *order);
	size_t n = 0;

	for (uint32_t i = 0; i < g->nfunctions; i++) {
		g->functions[i].is_twin = false;
		if (!g->functions[i].is_artificial)
			order[n++] = i;
	}
	if (n > 1)
		qsort_r(order, n, sizeof *order, by_start, g->functions);
	for (size_t i = 1; i < n; i++) {
		if (by_start(&order[i - 1], &order[i], g->functions) == 0)
			g->functions[order[i - 1]].is_twin = g->functions[order[i]].is_twin = true;
	}
	free(order);
}

/* --- lines of a function ------------------------------------------------------------------------------ */

static void see(struct gcov *g, uint32_t slot, uint32_t source, uint32_t number)
{
	GROW(g->seen, g->nseen, g->cap_seen);
	g->seen[g->nseen++] = (struct gcov_seen){ slot, source, number };
}

/* NULL: so far behind the others that it cannot be true. */
static struct gcov_slot *touch(struct fold *f, uint32_t source, uint32_t number)
{
	struct gcov *g = f->g;
	struct cov_file *file = g->sources[source].file;
	bool is_own = f->f->is_twin && source == f->f->source_index && number >= f->f->start_line &&
		      number <= f->f->end_line;

	if (!cov_input_reach(&f->in, file, number)) {
		f->is_damaged = true;
		return NULL;
	}
	uint32_t i = slot_at(g, is_own ? &g->twin : &g->sources[source].table, number);
	struct gcov_slot *s = &g->slots[i];

	if (!s->line) {
		s->line = cov_line(file, number);
		add_to(is_own ? &g->twin_touched : &g->touched, i);
		if (f->is_tally)
			see(g, i, source, number);
	}
	return s;
}

static void add_branches(struct fold *f, struct gcov_slot *s, const struct gcov_block *b)
{
	struct gcov *g = f->g;
	const struct gcov_arc *arcs = &g->graph.arcs[b->first];

	if (b->nreal == 1 || f->is_tally)
		return;
	for (uint32_t i = 0; i < b->narcs; i++) {
		if ((arcs[i].flags & GCOV_ARC_FAKE) != 0 ||
		    ((arcs[i].flags & GCOV_ARC_THROW) != 0 && !f->in.o->keeps_throws))
			continue;
		cov_add(&cov_branch(s->line, 0, s->narms++)->taken,
			never_below_0(g, arcs[i].count));
	}
}

static void own(struct gcov *g, struct gcov_slot *s, uint32_t block)
{
	GROW(g->pairs, g->npairs, g->cap_pairs);
	g->pairs[g->npairs] = (struct gcov_pair){ block, NO_INDEX };
	if (s->stamp != g->stamp_of_function) {
		s->stamp = g->stamp_of_function;
		s->first = (uint32_t)g->npairs;
		add_to(&g->owned, (uint32_t)(s - g->slots));
	} else {
		g->pairs[s->last].next = (uint32_t)g->npairs;
	}
	s->last = (uint32_t)g->npairs++;
	s->is_owner = true;
}

static void add_line(struct fold *f, uint32_t source, uint32_t number, uint32_t block)
{
	struct gcov *g = f->g;
	const struct gcov_block *b = &g->graph.blocks[block];
	struct gcov_slot *s = touch(f, source, number);

	if (!s)
		return;
	s->plain += b->count;
	if (g->tells_idle && b->count == 0 && b->is_reached)
		s->line->has_idle_block = true;
	if (g->is_clang)
		own(g, s, block);
}

/* A run of lines of one source has ended. */
static void end_run(struct fold *f, uint32_t source, uint32_t last, uint32_t block)
{
	struct gcov *g = f->g;

	if (g->is_clang || last == 0 || block == GCOV_ENTRY || block == g->graph.nblocks - 1)
		return;
	struct gcov_slot *s = touch(f, source, last);

	if (!s)
		return;
	own(g, s, block);
	add_branches(f, s, &g->graph.blocks[block]);
}

/* A record of lines.  False: it is damaged. */
static bool add_lines(struct fold *f, struct gcov_in in)
{
	struct gcov *g = f->g;
	uint32_t block = 0, source = 0, number = 0, last = 0;
	bool is_told = false;
	const char *name = NULL;
	size_t len = 0;

	if (!gcov_word(&in, &block) || block >= g->graph.nblocks)
		return false;
	while (gcov_word(&in, &number)) {
		if (number != 0) {
			if (!is_told || number > COV_LINE_MAX)
				continue;
			add_line(f, source, number, block);
			last = g->is_clang || number > last ? number : last;
			continue;
		}
		if (!gcov_string(&in, g->unit, &name, &len))
			return false;
		if (len == 0)
			break;
		if (is_told)
			end_run(f, source, last, block);
		last = g->is_clang ? last : 0;
		source = source_of(f, name, len);
		is_told = g->sources[source].file != NULL;
	}
	if (is_told)
		end_run(f, source, last, block);
	if (g->is_clang && is_told && last > 0) {
		struct gcov_slot *s = touch(f, source, last);

		if (s)
			add_branches(f, s, &g->graph.blocks[block]);
	}
	return true;
}

/* The lines that own blocks of this function. */
static void count_lines(struct fold *f)
{
	struct gcov *g = f->g;
	struct gcov_graph *graph = &g->graph;

	for (size_t i = 0; i < g->owned.n; i++) {
		struct gcov_slot *s = &g->slots[g->owned.items[i]];

		g->blocks.n = 0;
		for (uint32_t k = s->first; k != NO_INDEX; k = g->pairs[k].next)
			add_to(&g->blocks, g->pairs[k].block);
		s->owned +=
			gcov_graph_line(graph, g->blocks.items, g->blocks.n, ++g->mark, &g->budget);
	}
}

/* Does the function touch a source that counts?  The library's templates, many and long, mostly do
 * not. */
static bool is_wanted(struct fold *f)
{
	struct gcov *g = f->g;
	struct gcov_in body = f->f->body, record;
	uint32_t tag = 0, number = 0;
	const char *name = NULL;
	size_t len = 0;

	if (g->sources[f->f->source_index].file)
		return true;
	while (gcov_record(&body, g->unit, &tag, &record) > 0) {
		if (tag != GCOV_TAG_LINES || !gcov_word(&record, &number))
			continue;
		while (gcov_word(&record, &number)) {
			if (number != 0)
				continue;
			if (!gcov_string(&record, g->unit, &name, &len) || len == 0)
				break;
			if (g->sources[source_of(f, name, len)].file)
				return true;
		}
	}
	return false;
}

static void add_function(struct fold *f)
{
	struct gcov *g = f->g;
	const struct gcov_function *fn = f->f;
	struct cov_file *file = g->sources[fn->source_index].file;

	if (!file || fn->start_line == 0 || fn->start_line > COV_LINE_MAX)
		return; /* clang's initialisers of variables are at no place */
	struct cov_function *to =
		cov_function(f->in.c, file, fn->name, fn->name_len, fn->start_line);

	if (g->graph.nblocks > 0)
		cov_add(&to->hits, never_below_0(g, g->graph.blocks[GCOV_ENTRY].count));
	if (fn->end_line > to->end_line)
		to->end_line = fn->end_line;
}

static void fold_function(struct fold *f, const uint64_t *counts)
{
	struct gcov *g = f->g;
	const struct gcov_function *fn = f->f;
	struct gcov_in record;
	uint32_t tag = 0;

	if (!is_wanted(f))
		return;
	if (!gcov_graph_read(&g->graph, fn->body, g->major, counts, fn->ncounts) ||
	    !gcov_graph_solve(&g->graph)) {
		f->is_damaged = true;
		return;
	}
	if (!f->is_tally)
		add_function(f);
	g->npairs = g->owned.n = 0;
	g->stamp_of_function++;
	while (gcov_record(&g->graph.lines, g->unit, &tag, &record) > 0) {
		if (tag == GCOV_TAG_LINES && !add_lines(f, record))
			f->is_damaged = true;
	}
	count_lines(f);
}

static void tell(const struct fold *f)
{
	const struct gcov *g = f->g;

	if (g->has_negative)
		cov_warn(f->in.c, g->path,
			 "counts below 0 are taken as 0: threads raced on the counters, which "
			 "-fprofile-update=atomic prevents");
	if (g->has_overflown)
		cov_warn(f->in.c, g->path, "counts above 9223372036854775807 are taken as that");
	if (g->budget == 0)
		cov_warn(f->in.c, g->path,
			 "the rounds within a line are too many to count: some lines ran more "
			 "often");
}

static void fold_functions(struct fold *f)
{
	struct gcov *g = f->g;

	for (size_t i = 0; i < g->nfunctions; i++) {
		struct gcov_function *fn = &g->functions[i];

		if (!fn->is_artificial)
			fn->source_index = source_of(f, fn->source, fn->source_len);
	}
	find_twins(g);
	for (size_t i = 0; i < g->nfunctions; i++) {
		const struct gcov_function *fn = &g->functions[i];
		bool has_counts = fn->first_count != GCOV_NO_COUNTS;

		f->f = fn;
		if (fn->is_artificial)
			continue;
		fold_function(f, has_counts ? &g->counts[fn->first_count] : NULL);
		flush(g, &g->twin_touched);
		give_back(g, &g->twin);
	}
}

/* --- tallies ------------------------------------------------------------------------------------------ */

static struct gcov_function *function_of(struct gcov *g, const struct gcov_tally *t, size_t *next)
{
	if (t->version != g->version || t->stamp != g->stamp)
		return NULL;
	struct gcov_function *fn = gcov_find_function(g, t->ident, next);

	return fn && !fn->is_artificial && fn->lineno_checksum == t->lineno_checksum &&
			       fn->cfg_checksum == t->cfg_checksum &&
			       gcov_count_arcs(g, fn) == t->ncounts
		       ? fn
		       : NULL;
}

/* Each function's part of a line by itself: the line ran if one of them did. */
static void tell_seen(struct fold *f, uint32_t set)
{
	struct gcov *g = f->g;

	for (size_t i = 0; i < g->nseen; i++) {
		const struct gcov_seen *seen = &g->seen[i];
		struct gcov_slot *s = &g->slots[seen->slot];

		if ((int64_t)(s->is_owner ? s->owned : s->plain) > 0)
			cov_add_contexts(f->in.c, g->sources[seen->source].file, seen->number, set);
	}
	for (size_t i = 0; i < g->touched.n; i++) {
		struct gcov_slot *s = &g->slots[g->touched.items[i]];

		*s = (struct gcov_slot){ .is_owner = s->is_owner };
	}
	for (size_t i = 0; i < g->twin_touched.n; i++)
		g->slots[g->twin_touched.items[i]] = (struct gcov_slot){ 0 };
	g->nseen = g->touched.n = g->twin_touched.n = 0;
	give_back(g, &g->twin);
}

static void fold_tallies(struct fold *f, const struct gcov_tallies *tallies)
{
	struct gcov *g = f->g;
	struct fold one = *f;
	struct gcov_tally t;
	size_t next = 0;

	one.is_tally = true;
	g->tells_idle = false;
	g->nseen = 0;
	while (tallies->next(tallies->ctx, &t)) {
		struct gcov_function *fn = function_of(g, &t, &next);

		if (!fn)
			continue;
		one.f = fn;
		g->budget = TALLY_STEPS;
		fold_function(&one, t.counts);
		tell_seen(&one, t.set);
	}
}

/* --- an object ---------------------------------------------------------------------------------------- */

/* Which lines own blocks is known once all functions were looked at, and holds for each tally. */
static void keep_owners(struct gcov *g)
{
	g->owners.n = 0;
	for (size_t i = 0; i < g->touched.n; i++) {
		if (g->slots[g->touched.items[i]].is_owner)
			add_to(&g->owners, g->touched.items[i]);
	}
}

static void set_owners(struct gcov *g, bool is_owner)
{
	for (size_t i = 0; i < g->owners.n; i++)
		g->slots[g->owners.items[i]].is_owner = is_owner;
}

int gcov_fold_contexts(struct gcov *g, const struct cov_read_options *o,
		       const struct gcov_tallies *tallies, struct cov *cov, struct err *reterr)
{
	struct fold f = { .g = g };

	cov_input_init(&f.in, g->path, g->nbytes, o, cov);
	map_release(&g->source_names);
	g->nsources = 0;
	g->has_negative = false;
	g->budget = STEPS_MAX;
	g->graph.keeps_order = g->is_clang;
	fold_functions(&f);
	if (tallies)
		keep_owners(g);
	flush(g, &g->touched);
	tell(&f);
	if (tallies) {
		set_owners(g, true);
		fold_tallies(&f, tallies);
		set_owners(g, false);
	}
	for (size_t i = 0; i < g->nsources; i++)
		give_back(g, &g->sources[i].table);
	return f.is_damaged ? err_set(reterr, ERR_SYNTAX, g->path, 0,
				      "the notes of the object are damaged")
			    : 0;
}

int gcov_fold(struct gcov *g, const struct cov_read_options *o, struct cov *cov, struct err *reterr)
{
	return gcov_fold_contexts(g, o, NULL, cov, reterr);
}
