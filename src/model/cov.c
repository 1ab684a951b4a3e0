/* SPDX-License-Identifier: MIT */
#include "model/cov.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "model/cov_contexts.h"

enum { PAGE_BITS = 6, PAGE_LINES = 1 << PAGE_BITS };

struct cov_page {
	struct cov_line lines[PAGE_LINES];
};

static void file_free(struct cov_file *f)
{
	for (size_t i = 0; i < f->npages; i++) {
		for (size_t k = 0; f->pages[i] && k < PAGE_LINES; k++)
			free(f->pages[i]->lines[k].branches);
		free(f->pages[i]);
	}
	free(f->pages);
	free(f->functions);
	map_release(&f->places);
	map_release(&f->names);
	cov_sets_free(f->sets);
	free(f);
}

void cov_release(struct cov *c)
{
	for (size_t i = 0; i < c->nfiles; i++)
		file_free(c->files[i]);
	free(c->files);
	map_release(&c->paths);
	cov_contexts_free(c->contexts);
	arena_release(&c->mem);
	*c = (struct cov){ 0 };
}

void cov_warn(const struct cov *c, const char *path, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	if (!c->on_warning)
		return;
	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	c->on_warning(c->ctx, path, text.s);
	buf_release(&text);
}

struct cov_file *cov_file(struct cov *c, const char *path, size_t len, unsigned kind)
{
	struct cov_file *f = cov_find(c, path, len);

	if (f) {
		f->kinds |= kind;
		return f;
	}
	f = xcalloc(1, sizeof *f);
	*f = (struct cov_file){
		.path = arena_memdup(&c->mem, path, len),
		.origin = arena_strdup(&c->mem, c->origin),
		.kinds = kind,
	};
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
	GROW(c->files, c->nfiles, c->cap_files);
	c->files[c->nfiles] = f;
	map_put(&c->paths, f->path, len, c->nfiles);
	c->nfiles++;
	return f;
}

struct cov_file *cov_find(const struct cov *c, const char *path, size_t len)
{
	size_t i = 0;

	return map_get(&c->paths, path, len, &i) ? c->files[i] : NULL;
}

/* The files have moved. */
static void index_files(struct cov *c)
{
	map_release(&c->paths);
	for (size_t i = 0; i < c->nfiles; i++)
		map_put(&c->paths, c->files[i]->path, strlen(c->files[i]->path), i);
}

void cov_drop(struct cov *c, bool (*keep)(void *ctx, const struct cov_file *f), void *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nfiles; i++) {
		if (keep(ctx, c->files[i]))
			c->files[n++] = c->files[i];
		else
			file_free(c->files[i]);
	}
	c->nfiles = n;
	index_files(c);
}

static struct cov_line *find_line(const struct cov_file *f, uint32_t number)
{
	size_t page = number >> PAGE_BITS;

	if (page >= f->npages || !f->pages[page])
		return NULL;
	return &f->pages[page]->lines[number % PAGE_LINES];
}

struct cov_line *cov_line(struct cov_file *f, uint32_t number)
{
	size_t page = number >> PAGE_BITS;

	if (page >= f->npages) {
		size_t n = page + page / 2 + 1;

		/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
		f->pages = xrealloc(f->pages, n, sizeof *f->pages);
		for (size_t i = f->npages; i < n; i++)
			f->pages[i] = NULL;
		f->npages = n;
	}
	if (!f->pages[page])
		f->pages[page] = xcalloc(1, sizeof *f->pages[page]);
	if (number > f->max_line)
		f->max_line = number;
	struct cov_line *l = &f->pages[page]->lines[number % PAGE_LINES];

	l->is_code = true;
	return l;
}

const struct cov_line *cov_line_at(const struct cov_file *f, uint32_t number)
{
	const struct cov_line *l = find_line(f, number);

	return l && l->is_code ? l : NULL;
}

uint32_t cov_next(const struct cov_file *f, uint32_t from)
{
	for (uint32_t n = from; n <= f->max_line; n++) {
		const struct cov_page *page = f->pages[n >> PAGE_BITS];

		if (!page)
			n |= PAGE_LINES - 1; /* on to the next one */
		else if (page->lines[n % PAGE_LINES].is_code)
			return n;
	}
	return 0;
}

void cov_erase(struct cov_file *f, uint32_t number)
{
	struct cov_line *l = find_line(f, number);

	if (!l)
		return;
	free(l->branches);
	*l = (struct cov_line){ 0 };
	cov_sets_erase(f->sets, number);
}

void cov_add(uint64_t *count, uint64_t more)
{
	if (__builtin_add_overflow(*count, more, count))
		*count = UINT64_MAX;
}

/* Room is made in steps that double, so the number tells when one is full. */
static bool is_full(uint32_t n)
{
	return n == 0 || (n >= 2 && (n & (n - 1)) == 0);
}

struct cov_branch *cov_branch(struct cov_line *l, uint32_t block, uint32_t index)
{
	size_t low = 0;
	size_t high = l->nbranches;

	if (index < high && l->branches[index].block == block && l->branches[index].index == index)
		return &l->branches[index];
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct cov_branch *b = &l->branches[mid];

		if (b->block == block && b->index == index)
			return &l->branches[mid];
		if (b->block < block || (b->block == block && b->index < index))
			low = mid + 1;
		else
			high = mid;
	}
	if (is_full(l->nbranches))
		l->branches = xrealloc(l->branches, l->nbranches ? 2 * (size_t)l->nbranches : 2,
				       sizeof *l->branches);
	memmove(&l->branches[low + 1], &l->branches[low],
		(l->nbranches - low) * sizeof *l->branches);
	l->branches[low] = (struct cov_branch){ .block = block, .index = index };
	l->nbranches++;
	return &l->branches[low];
}

void cov_erase_branches(struct cov_line *l)
{
	free(l->branches);
	l->branches = NULL;
	l->nbranches = 0;
}

/* The key of a function in a file's places: its line, then its name. */
static void add_key(struct buf *key, const char *name, size_t len, uint32_t line)
{
	buf_add(key, &line, sizeof line);
	buf_add(key, name, len);
}

/* Where the name stands in the key that was kept for it. */
static const char *name_of(const char *key)
{
	return key + sizeof(uint32_t);
}

static void warn_of_two_lines(const struct cov *c, struct cov_file *f,
			      const struct cov_function *first, uint32_t line)
{
	if (f->has_quarrel)
		return;
	f->has_quarrel = true;
	cov_warn(c, f->path,
		 "function '%s' is on line %u in %s and on line %u in %s: are these of one version "
		 "of the source?",
		 /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a name has its function */
		 first->name, first->start_line, f->origin ? f->origin : "one input", line,
		 c->origin ? c->origin : "another");
}

struct cov_function *cov_function(struct cov *c, struct cov_file *f, const char *name, size_t len,
				  uint32_t start_line)
{
	struct buf key = BUF_INIT;
	size_t i = 0;
	size_t first = 0;

	add_key(&key, name, len, start_line);
	if (!map_get(&f->places, key.s, key.len, &i)) {
		const char *kept = arena_memdup(&c->mem, key.s, key.len);

		if (map_get(&f->names, name, len, &first)) /* then there is a function */
			warn_of_two_lines(c, f, &f->functions[first], start_line);
		i = f->nfunctions;
		GROW(f->functions, f->nfunctions, f->cap_functions);
		f->functions[f->nfunctions++] = (struct cov_function){
			.name = name_of(kept),
			.start_line = start_line,
		};
		map_put(&f->places, kept, key.len, i);
		map_put(&f->names, name_of(kept), len, i);
	}
	buf_release(&key);
	return &f->functions[i];
}

/* The functions have moved. */
static void index_functions(struct cov_file *f)
{
	map_release(&f->places);
	map_release(&f->names);
	for (size_t i = 0; i < f->nfunctions; i++) {
		const char *name = f->functions[i].name;
		size_t len = strlen(name);

		map_put(&f->places, name - sizeof(uint32_t), sizeof(uint32_t) + len, i);
		map_put(&f->names, name, len, i);
	}
}

void cov_erase_functions(struct cov_file *f, uint32_t first, uint32_t last)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nfunctions; i++) {
		if (f->functions[i].start_line < first || f->functions[i].start_line > last)
			f->functions[n++] = f->functions[i];
	}
	if (n == f->nfunctions)
		return;
	f->nfunctions = n;
	index_functions(f);
}

static void merge_line(struct cov_line *into, const struct cov_line *from)
{
	cov_add(&into->hits, from->hits);
	into->has_idle_block |= from->has_idle_block;
	for (uint32_t i = 0; i < from->nbranches; i++) {
		const struct cov_branch *b = &from->branches[i];

		cov_add(&cov_branch(into, b->block, b->index)->taken, b->taken);
	}
}

void cov_merge(struct cov *into, const struct cov *from)
{
	const char *origin = into->origin;

	for (size_t i = 0; i < from->nfiles; i++) {
		const struct cov_file *g = from->files[i];

		into->origin = g->origin ? g->origin : origin;
		struct cov_file *f = cov_file(into, g->path, strlen(g->path), g->kinds);

		for (uint32_t n = cov_next(g, 1); n; n = cov_next(g, n + 1))
			merge_line(cov_line(f, n), cov_line_at(g, n));
		for (size_t k = 0; k < g->nfunctions; k++) {
			const struct cov_function *b = &g->functions[k];
			struct cov_function *a =
				cov_function(into, f, b->name, strlen(b->name), b->start_line);

			cov_add(&a->hits, b->hits);
			if (b->end_line > a->end_line)
				a->end_line = b->end_line;
		}
	}
	into->origin = origin;
	cov_contexts_merge(into, from);
}

static int by_path(const void *a, const void *b)
{
	const struct cov_file *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static int by_line_and_name(const void *a, const void *b)
{
	const struct cov_function *x = a, *y = b;

	if (x->start_line != y->start_line)
		return x->start_line < y->start_line ? -1 : 1;
	return strcmp(x->name, y->name);
}

void cov_sort(struct cov *c)
{
	if (c->nfiles > 0)
		qsort(c->files, c->nfiles, sizeof(struct cov_file *), by_path);
	index_files(c);
	for (size_t i = 0; i < c->nfiles; i++) {
		struct cov_file *f = c->files[i];

		if (f->nfunctions > 0)
			qsort(f->functions, f->nfunctions, sizeof *f->functions, by_line_and_name);
		index_functions(f);
	}
}

struct cov_totals cov_totals(const struct cov_file *f)
{
	struct cov_totals t = { .functions = f->nfunctions };

	for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) {
		const struct cov_line *l = cov_line_at(f, n);
		uint32_t taken = 0;

		for (uint32_t i = 0; i < l->nbranches; i++)
			taken += l->branches[i].taken > 0;
		t.lines++;
		t.lines_hit += l->hits > 0;
		t.branches += l->nbranches;
		t.branches_hit += taken;
		t.partial += l->hits > 0 && taken < l->nbranches;
	}
	for (size_t i = 0; i < f->nfunctions; i++)
		t.functions_hit += f->functions[i].hits > 0;
	return t;
}

void cov_totals_add(struct cov_totals *sum, const struct cov_totals *more)
{
	sum->lines += more->lines;
	sum->lines_hit += more->lines_hit;
	sum->branches += more->branches;
	sum->branches_hit += more->branches_hit;
	sum->partial += more->partial;
	sum->functions += more->functions;
	sum->functions_hit += more->functions_hit;
}
