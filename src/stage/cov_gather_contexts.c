/* SPDX-License-Identifier: MIT */
#include "stage/cov_gather_contexts.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/covctx.h"
#include "format/covlane.h"
#include "format/gcda_sum.h"
#include "format/gcov.h"
#include "model/cov.h"
#include "model/cov_contexts.h"
#include "stage/cov_objects.h"
#include "sys/fs.h"

enum { LOG_MAX_BYTES = 1 << 30 };

/* A section of a log. */
struct place {
	const char *file; /* NULL: in `fresh` */
	size_t offset, size;
	size_t next; /* of the same object; 0: none */
};

struct cov_gather_contexts {
	const struct cov_gather_options *o;
	struct cov *into;
	struct arena mem;
	uint32_t *numbers;    /* of tests as contexts; NO_INDEX: not met yet */
	struct place *places; /* the first one is none */
	size_t n, cap;
	size_t nlogged;         /* behind these are those of `fresh` */
	struct map first, last; /* of an object's, by the path of its counters */
	const char *file;       /* whose places are being noted */
	/* the object at hand */
	struct gcov_tallies tallies;
	struct buf fresh; /* a log of processes that no lane added up */
	size_t at;        /* the place to open next; 0: none of this chain */
	size_t *chains;   /* first places, each of another name of the object */
	size_t nchains, cap_chains;
	struct buf bytes;
	struct covctx_section section;
	bool is_open;
	uint32_t *scratch; /* contexts of an entry */
	size_t cap_scratch;
};

/* --- places -------------------------------------------------------------------------------------- */

static size_t add_place(struct cov_gather_contexts *g, const struct covctx_place *place)
{
	GROW(g->places, g->n, g->cap);
	g->places[g->n] = (struct place){
		.file = g->file,
		.offset = place->offset,
		.size = place->size,
	};
	return g->n++;
}

static void on_place(void *ctx, const struct covctx_place *place)
{
	struct cov_gather_contexts *g = ctx;
	size_t i = add_place(g, place);
	size_t before = 0;

	if (map_get(&g->last, place->path, place->path_len, &before)) {
		g->places[before].next = i;
		map_set(&g->last, place->path, place->path_len, i);
		return;
	}
	const char *path = arena_memdup(&g->mem, place->path, place->path_len);

	map_put(&g->first, path, place->path_len, i);
	map_put(&g->last, path, place->path_len, i);
}

static void look_through(struct cov_gather_contexts *g, const char *file)
{
	struct err e = { 0 };

	g->file = file;
	buf_clear(&g->bytes);
	if (fs_read(file, LOG_MAX_BYTES, &g->bytes, &e) < 0 ||
	    covctx_places(file, g->bytes.s, g->bytes.len, on_place, g, &e) < 0)
		cov_warn(g->into, file, "%s", e.msg);
}

struct cov_gather_contexts *cov_gather_contexts_new(const struct cov_gather_options *o,
						    struct cov *into)
{
	struct cov_gather_contexts *g = xcalloc(1, sizeof *g);

	g->o = o;
	g->into = into;
	g->fresh = g->bytes = (struct buf)BUF_INIT;
	g->numbers = xcalloc(o->ntests, sizeof *g->numbers);
	memset(g->numbers, 0xff, o->ntests * sizeof *g->numbers);
	add_place(g, &(const struct covctx_place){ 0 });
	for (size_t i = 0; i < o->nlanedirs; i++) {
		size_t n = 0;
		const char **files = covlane_contexts(&g->mem, o->lanedirs[i], &n);

		for (size_t k = 0; k < n; k++)
			look_through(g, files[k]);
	}
	g->nlogged = g->n;
	return g;
}

void cov_gather_contexts_free(struct cov_gather_contexts *g)
{
	if (!g)
		return;
	free(g->numbers);
	free(g->places);
	map_release(&g->first);
	map_release(&g->last);
	buf_release(&g->fresh);
	buf_release(&g->bytes);
	covctx_section_release(&g->section);
	free(g->scratch);
	free(g->chains);
	arena_release(&g->mem);
	free(g);
}

/* --- tallies ------------------------------------------------------------------------------------- */

/* The context of a test; NO_INDEX: there is no such test. */
static uint32_t context_of(struct cov_gather_contexts *g, uint32_t test)
{
	if (test >= g->o->ntests)
		return NO_INDEX;
	if (g->numbers[test] == NO_INDEX) {
		const char *id = g->o->tests[test];

		g->numbers[test] = cov_context(g->into, id, strlen(id));
	}
	return g->numbers[test];
}

static uint32_t set_of(struct cov_gather_contexts *g, const struct covctx_entry *entry)
{
	size_t n = 0;

	if (entry->ntests > g->cap_scratch) {
		g->cap_scratch = 2 * entry->ntests;
		g->scratch = xrealloc(g->scratch, g->cap_scratch, sizeof *g->scratch);
	}
	for (size_t i = 0; i < entry->ntests; i++) {
		uint32_t context = context_of(g, entry->tests[i]);

		if (context != NO_INDEX)
			g->scratch[n++] = context;
	}
	return cov_set(g->into, g->scratch, n);
}

/* The next section of the object.  False: there is none. */
static bool open_next(struct cov_gather_contexts *g)
{
	while (!g->is_open) {
		if (g->at == 0 && g->nchains == 0)
			return false;
		if (g->at == 0)
			g->at = g->chains[--g->nchains];
		const struct place *place = &g->places[g->at];
		const char *file = place->file ? place->file : "";
		const char *bytes = g->fresh.s + place->offset;
		struct err e = { 0 };
		int status = 0;

		g->at = place->next;
		if (place->file) {
			buf_clear(&g->bytes);
			status = fs_read_part(file, place->offset, place->size, &g->bytes, &e);
			bytes = g->bytes.s;
		}
		g->is_open = status == 0 &&
			     covctx_section_open(&g->section, file, bytes, place->size, &e) == 0;
		if (!g->is_open)
			cov_warn(g->into, file, "%s", e.msg);
	}
	return true;
}

static bool next_tally(void *ctx, struct gcov_tally *ret)
{
	struct cov_gather_contexts *g = ctx;
	struct covctx_entry entry;
	struct err e = { 0 };

	while (open_next(g)) {
		int got = covctx_section_next(&g->section, &entry, &e);

		if (got > 0) {
			*ret = (struct gcov_tally){
				.version = g->section.version,
				.stamp = g->section.stamp,
				.ident = entry.function->ident,
				.lineno_checksum = entry.function->lineno_checksum,
				.cfg_checksum = entry.function->cfg_checksum,
				.counts = entry.counts,
				.ncounts = entry.function->ncounts,
				.set = set_of(g, &entry),
			};
			return true;
		}
		if (got < 0)
			cov_warn(g->into, g->section.file, "%s", e.msg);
		g->is_open = false;
	}
	return false;
}

/* Counter files of processes whose lane was killed before it added them up. */
static void log_fresh(struct cov_gather_contexts *g, const struct cov_object *files)
{
	struct covctx_log *log = covctx_log_new();
	struct buf text = BUF_INIT;
	uint32_t test = 0;

	for (size_t i = 0; i < files->ndata; i++) {
		const char *path = files->data[i].path, *named = files->data[i].named;
		char *folder = xmemdup(path, (size_t)(named - path));
		struct gcda_sum *one = gcda_sum_new();

		buf_clear(&text);
		if (named > path && covlane_test(folder, &test) &&
		    fs_read(path, LOG_MAX_BYTES, &text, NULL) == 0 &&
		    gcda_sum_add(one, path, text.s, text.len, NULL) == 0)
			covctx_log_add(log, named, test, one);
		gcda_sum_free(one);
		free(folder);
	}
	covctx_log_write(log, &g->fresh);
	covctx_log_free(log);
	buf_release(&text);
}

static void on_fresh(void *ctx, const struct covctx_place *place)
{
	struct cov_gather_contexts *g = ctx;
	size_t i = add_place(g, place);

	g->places[i].next = g->at;
	g->at = i;
}

/* What the lanes logged of the object under this name. */
static void add_chain(struct cov_gather_contexts *g, const char *named)
{
	size_t first = 0;
	bool is_known = !map_get(&g->first, named, strlen(named), &first);

	for (size_t i = 0; i < g->nchains && !is_known; i++)
		is_known = g->chains[i] == first;
	if (is_known)
		return;
	GROW(g->chains, g->nchains, g->cap_chains);
	g->chains[g->nchains++] = first;
}

const struct gcov_tallies *cov_gather_contexts_of(struct cov_gather_contexts *g,
						  const struct cov_object *files)
{
	g->n = g->nlogged;
	g->at = 0;
	g->nchains = 0;
	g->is_open = false;
	for (size_t i = 0; i < files->ndata; i++)
		add_chain(g, files->data[i].named);
	buf_clear(&g->fresh);
	log_fresh(g, files);
	g->file = NULL;
	if (g->fresh.len > 0) /* ours, and whole */
		covctx_places("", g->fresh.s, g->fresh.len, on_fresh, g, NULL);
	g->tallies = (struct gcov_tallies){ .next = next_tally, .ctx = g };
	return &g->tallies;
}
