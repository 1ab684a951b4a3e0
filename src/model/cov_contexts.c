/* SPDX-License-Identifier: MIT
 *
 * A node of level 0 holds 64 contexts as bits, one of level n two nodes of level n - 1: left, right.
 * Node 0 is empty, of whatever level.  A set's root is of the lowest level that reaches its largest
 * context, so that equal sets are equal nodes.
 */
#include "model/cov_contexts.h"

#include "base/alloc.h"
#include "model/cov.h"

enum {
	LEAF_BITS = 64,
	PAGE_BITS = 6,
	PAGE_LINES = 1 << PAGE_BITS,
	JOINS = 1 << 15, /* that are remembered */
	FIRST_SLOTS = 1 << 10,
};

struct node {
	uint64_t payload; /* bits, or left and right << 32 */
	uint32_t level;
};

struct join {
	uint32_t a, b, both; /* a < b; 0: none */
};

struct cov_contexts {
	const char **names;
	uint32_t n, cap;
	struct map numbers; /* of names */
	struct node *nodes;
	uint32_t nnodes, cap_nodes;
	uint32_t *slots; /* hash of a node: its number */
	size_t nslots;
	struct join *joins;
	uint64_t *words; /* a set as bits, while it is made */
	size_t nwords;
};

/* The set of each line of a file. */
struct cov_sets {
	uint32_t **pages; /* NULL: no line of it has one */
	size_t npages;
};

void cov_contexts_free(struct cov_contexts *all)
{
	if (!all)
		return;
	free(all->names);
	map_release(&all->numbers);
	free(all->nodes);
	free(all->slots);
	free(all->joins);
	free(all->words);
	free(all);
}

static struct cov_contexts *contexts_of(struct cov *c)
{
	if (!c->contexts) {
		struct cov_contexts *all = xcalloc(1, sizeof *all);

		all->nslots = FIRST_SLOTS;
		all->slots = xcalloc(all->nslots, sizeof *all->slots);
		all->joins = xcalloc(JOINS, sizeof *all->joins);
		GROW(all->nodes, all->nnodes, all->cap_nodes);
		all->nodes[all->nnodes++] = (struct node){ 0 };
		c->contexts = all;
	}
	return c->contexts;
}

/* --- names ------------------------------------------------------------------------------------- */

uint32_t cov_context(struct cov *c, const char *name, size_t len)
{
	struct cov_contexts *all = contexts_of(c);
	size_t i = all->n;

	if (!map_get(&all->numbers, name, len, &i)) {
		const char *kept = arena_memdup(&c->mem, name, len);

		GROW(all->names, all->n, all->cap);
		all->names[all->n++] = kept;
		map_put(&all->numbers, kept, len, i);
	}
	return (uint32_t)i;
}

uint32_t cov_ncontexts(const struct cov *c)
{
	return c->contexts ? c->contexts->n : 0;
}

const char *cov_context_name(const struct cov *c, uint32_t context)
{
	return c->contexts->names[context];
}

uint32_t cov_sets_end(const struct cov *c)
{
	return c->contexts ? c->contexts->nnodes : 1;
}

/* --- nodes ------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t h = (a ^ (b * odd)) * odd;

	return (h ^ (h >> 29)) * odd;
}

static size_t slot_of(const struct cov_contexts *all, const struct node *node)
{
	size_t mask = all->nslots - 1;
	size_t i = (size_t)(mix(node->payload, node->level) >> 20) & mask;

	for (;; i = (i + 1) & mask) {
		const struct node *other = &all->nodes[all->slots[i]];

		if (all->slots[i] == 0 ||
		    (other->payload == node->payload && other->level == node->level))
			return i;
	}
}

static void grow_slots(struct cov_contexts *all)
{
	free(all->slots);
	all->nslots *= 2;
	all->slots = xcalloc(all->nslots, sizeof *all->slots);
	for (uint32_t i = 1; i < all->nnodes; i++)
		all->slots[slot_of(all, &all->nodes[i])] = i;
}

/* The one node that is so. */
static uint32_t node_of(struct cov_contexts *all, uint32_t level, uint64_t payload)
{
	const struct node node = { payload, level };

	if (payload == 0)
		return 0;
	size_t i = slot_of(all, &node);

	if (all->slots[i] != 0)
		return all->slots[i];
	uint32_t new = all->nnodes;

	GROW(all->nodes, all->nnodes, all->cap_nodes);
	all->nodes[all->nnodes++] = node;
	all->slots[i] = new;
	if (all->nnodes > all->nslots / 2)
		grow_slots(all);
	return new;
}

static uint32_t left(const struct node *node)
{
	return (uint32_t)node->payload;
}

static uint32_t right(const struct node *node)
{
	return (uint32_t)(node->payload >> 32);
}

static uint32_t pair_of(struct cov_contexts *all, uint32_t level, uint32_t a, uint32_t b)
{
	return node_of(all, level, a | (uint64_t)b << 32);
}

/* --- sets -------------------------------------------------------------------------------------- */

/* From word `at` on, as many words as the level reaches.  It calls itself once a level. */
static uint32_t build(struct cov_contexts *all, uint32_t level, size_t at)
{
	if (at >= all->nwords)
		return 0;
	if (level == 0)
		return node_of(all, 0, all->words[at]);
	uint32_t a = build(all, level - 1, at);

	return pair_of(all, level, a, build(all, level - 1, at + ((size_t)1 << (level - 1))));
}

uint32_t cov_set(struct cov *c, const uint32_t *contexts, size_t n)
{
	struct cov_contexts *all = contexts_of(c);
	uint32_t most = 0;
	uint32_t level = 0;

	for (size_t i = 0; i < n; i++)
		most = contexts[i] > most ? contexts[i] : most;
	all->nwords = most / LEAF_BITS + 1;
	all->words = xrealloc(all->words, all->nwords, sizeof *all->words);
	memset(all->words, 0, all->nwords * sizeof *all->words);
	for (size_t i = 0; i < n; i++)
		all->words[contexts[i] / LEAF_BITS] |= (uint64_t)1 << contexts[i] % LEAF_BITS;
	while ((size_t)1 << level < all->nwords)
		level++;
	return build(all, level, 0);
}

/* Two of one level.  It calls itself once a level. */
static uint32_t join(struct cov_contexts *all, uint32_t a, uint32_t b)
{
	if (a == b || b == 0)
		return a;
	if (a == 0)
		return b;
	if (a > b)
		return join(all, b, a);
	struct join *known = &all->joins[(mix(a, b) >> 20) % JOINS];

	if (known->a == a && known->b == b)
		return known->both;
	const struct node x = all->nodes[a];
	const struct node y = all->nodes[b];
	uint32_t both = 0;

	if (x.level == 0) {
		both = node_of(all, 0, x.payload | y.payload);
	} else {
		uint32_t l = join(all, left(&x), left(&y));

		both = pair_of(all, x.level, l, join(all, right(&x), right(&y)));
	}
	*known = (struct join){ a, b, both };
	return both;
}

uint32_t cov_set_join(struct cov *c, uint32_t a, uint32_t b)
{
	struct cov_contexts *all = contexts_of(c);

	if (a == b || b == 0)
		return a;
	if (a == 0)
		return b;
	while (all->nodes[a].level < all->nodes[b].level)
		a = pair_of(all, all->nodes[a].level + 1, a, 0);
	while (all->nodes[b].level < all->nodes[a].level)
		b = pair_of(all, all->nodes[b].level + 1, b, 0);
	return join(all, a, b);
}

static void list(const struct cov_contexts *all, uint32_t set, uint32_t from, uint32_t **ret)
{
	const struct node *node = &all->nodes[set];

	if (node->level == 0) {
		for (uint64_t bits = node->payload; bits != 0; bits &= bits - 1)
			*(*ret)++ = from + (uint32_t)__builtin_ctzll(bits);
		return;
	}
	list(all, left(node), from, ret);
	list(all, right(node), from + ((uint32_t)LEAF_BITS << (node->level - 1)), ret);
}

size_t cov_set_list(const struct cov *c, uint32_t set, uint32_t *ret)
{
	uint32_t *end = ret;

	if (set != 0)
		list(c->contexts, set, 0, &end);
	return (size_t)(end - ret);
}

/* --- lines ------------------------------------------------------------------------------------- */

void cov_sets_free(struct cov_sets *sets)
{
	if (!sets)
		return;
	for (size_t i = 0; i < sets->npages; i++)
		free(sets->pages[i]);
	free(sets->pages);
	free(sets);
}

static uint32_t *find(struct cov_sets *sets, uint32_t number)
{
	size_t page = number >> PAGE_BITS;

	if (!sets || page >= sets->npages || !sets->pages[page])
		return NULL;
	return &sets->pages[page][number % PAGE_LINES];
}

static uint32_t *make(struct cov_sets *sets, uint32_t number)
{
	size_t page = number >> PAGE_BITS;

	if (page >= sets->npages) {
		size_t n = page + page / 2 + 1;

		sets->pages = xrealloc(sets->pages, n, sizeof *sets->pages);
		for (size_t i = sets->npages; i < n; i++)
			sets->pages[i] = NULL;
		sets->npages = n;
	}
	if (!sets->pages[page])
		sets->pages[page] = xcalloc(PAGE_LINES, sizeof **sets->pages);
	return &sets->pages[page][number % PAGE_LINES];
}

void cov_add_contexts(struct cov *c, struct cov_file *f, uint32_t number, uint32_t set)
{
	if (set == 0)
		return;
	if (!f->sets)
		f->sets = xcalloc(1, sizeof *f->sets);
	uint32_t *at = make(f->sets, number);

	*at = cov_set_join(c, *at, set);
}

uint32_t cov_contexts_of(const struct cov_file *f, uint32_t number)
{
	const uint32_t *set = find(f->sets, number);

	return set ? *set : 0;
}

void cov_sets_erase(struct cov_sets *sets, uint32_t line)
{
	uint32_t *set = find(sets, line);

	if (set)
		*set = 0;
}

/* --- merging ----------------------------------------------------------------------------------- */

/* A set of one model in another one. */
struct translation {
	struct cov *into;
	const struct cov *from;
	uint32_t *contexts; /* of `from`: their numbers in `into` */
	uint32_t *sets;     /* the same; 0: not known yet */
	uint32_t *scratch;
};

static uint32_t translate(struct translation *t, uint32_t set)
{
	if (set == 0 || t->sets[set] != 0)
		return set == 0 ? 0 : t->sets[set];
	size_t n = cov_set_list(t->from, set, t->scratch);

	for (size_t i = 0; i < n; i++)
		t->scratch[i] = t->contexts[t->scratch[i]];
	t->sets[set] = cov_set(t->into, t->scratch, n);
	return t->sets[set];
}

static void merge_file(struct translation *t, const struct cov_file *from)
{
	struct cov_file *into = cov_find(t->into, from->path, strlen(from->path));

	for (uint32_t n = from->sets && into ? cov_next(from, 1) : 0; n; n = cov_next(from, n + 1))
		cov_add_contexts(t->into, into, n, translate(t, cov_contexts_of(from, n)));
}

void cov_contexts_merge(struct cov *into, const struct cov *from)
{
	uint32_t n = cov_ncontexts(from);

	if (n == 0)
		return;
	struct translation t = {
		.into = into,
		.from = from,
		.contexts = xcalloc(n, sizeof *t.contexts),
		.sets = xcalloc(cov_sets_end(from), sizeof *t.sets),
		.scratch = xcalloc(n, sizeof *t.scratch),
	};

	for (uint32_t i = 0; i < n; i++) {
		const char *name = cov_context_name(from, i);

		t.contexts[i] = cov_context(into, name, strlen(name));
	}
	for (size_t i = 0; i < from->nfiles; i++)
		merge_file(&t, from->files[i]);
	free(t.contexts);
	free(t.sets);
	free(t.scratch);
}
