/* SPDX-License-Identifier: MIT
 *
 * The counters that processes left (format/gcda_sum.c has their layout), added to the functions that
 * they belong to.
 *
 * A file is looked through before anything of it is added.  Functions come in the order of the notes,
 * so that each is found behind the last one; when one is not, it is looked for by its ident.
 */
#include "base/alloc.h"
#include "base/err.h"
#include "format/gcov_object.h"

enum { MAGIC = 0x67636461 /* "gcda", as a number */ };

struct counts {
	struct gcov *g;
	const char *path;
	enum gcov_data *ret;
	struct err *reterr;
	size_t next; /* function of the notes */
};

static int torn(const struct counts *c)
{
	*c->ret = GCOV_DATA_TORN;
	return err_set(c->reterr, ERR_SYNTAX, c->path, 0,
		       "the counter file was not written to its end");
}

static int damaged(const struct counts *c)
{
	*c->ret = GCOV_DATA_TORN;
	return err_set(c->reterr, ERR_SYNTAX, c->path, 0, "the counter file is damaged");
}

static int stale(const struct counts *c)
{
	*c->ret = GCOV_DATA_STALE;
	return err_set(c->reterr, ERR_SYNTAX, c->path, 0,
		       "the counter file is of another build of the object");
}

static int by_ident(const void *a, const void *b, void *ctx)
{
	const struct gcov_function *functions = ctx;
	uint32_t x = functions[*(const uint32_t *)a].ident;
	uint32_t y = functions[*(const uint32_t *)b].ident;

	return x < y ? -1 : x > y;
}

static void sort_idents(struct gcov *g)
{
	if (g->nby_ident == g->nfunctions)
		return;
	if (g->cap_by_ident < g->nfunctions) {
		g->cap_by_ident = g->nfunctions;
		g->by_ident = xrealloc(g->by_ident, g->nfunctions, sizeof *g->by_ident);
	}
	for (uint32_t i = 0; i < g->nfunctions; i++)
		g->by_ident[i] = i;
	g->nby_ident = g->nfunctions;
	qsort_r(g->by_ident, g->nby_ident, sizeof *g->by_ident, by_ident, g->functions);
}

struct gcov_function *gcov_find_function(struct gcov *g, uint32_t ident, size_t *next)
{
	for (size_t i = *next; i < g->nfunctions && i < *next + 4; i++) {
		if (g->functions[i].ident == ident) {
			*next = i + 1;
			return &g->functions[i];
		}
	}
	sort_idents(g);
	for (size_t low = 0, high = g->nby_ident; low < high;) {
		size_t mid = low + (high - low) / 2;
		struct gcov_function *f = &g->functions[g->by_ident[mid]];

		if (f->ident == ident)
			return f;
		if (f->ident < ident)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static int read_head(struct counts *c, struct gcov_in *in)
{
	uint32_t magic = 0, version = 0, stamp = 0;
	uint32_t checksum = c->g->checksum;

	if (!gcov_word(in, &magic) || !gcov_word(in, &version) || !gcov_word(in, &stamp))
		return torn(c);
	if (c->g->major >= GCOV_BYTES_SINCE && !gcov_word(in, &checksum))
		return torn(c);
	if (magic != MAGIC)
		return damaged(c);
	/* the checksum of the notes is 0 where gcc has none */
	if (version != c->g->version || stamp != c->g->stamp)
		return stale(c);
	return 0;
}

static int read_function(struct counts *c, struct gcov_in record, struct gcov_function **ret)
{
	uint32_t ident = 0, lines = 0, graph = 0;

	*ret = NULL;
	if (record.at == record.end)
		return 0; /* one that the linker left out */
	if (!gcov_word(&record, &ident) || !gcov_word(&record, &lines) ||
	    !gcov_word(&record, &graph))
		return damaged(c);
	struct gcov_function *f = gcov_find_function(c->g, ident, &c->next);

	if (!f)
		return 0; /* of an object that was taken from an archive, and the like */
	if (f->lineno_checksum != lines || f->cfg_checksum != graph)
		return stale(c);
	*ret = f;
	return 0;
}

size_t gcov_count_arcs(const struct gcov *g, struct gcov_function *f)
{
	enum { ARC_BYTES = 8 };
	struct gcov_in body = f->body, record;
	uint32_t tag = 0;

	for (; !f->is_measured && gcov_record(&body, g->unit, &tag, &record) > 0;) {
		if (tag != GCOV_TAG_ARCS)
			continue;
		for (const unsigned char *at = record.at + 4; record.end - at >= ARC_BYTES;
		     at += ARC_BYTES)
			f->ncounts += (gcov_word_at(at + 4) & GCOV_ARC_ON_TREE) == 0;
	}
	f->is_measured = true;
	return f->ncounts;
}

/* Of arcs, or of something else that gcc can count. */
static bool is_counters(uint32_t tag)
{
	enum { KINDS = 10, STEP = 1 << 17 };

	return tag >= GCOV_TAG_COUNTERS && tag < GCOV_TAG_COUNTERS + KINDS * STEP &&
	       (tag - GCOV_TAG_COUNTERS) % STEP == 0;
}

/* A record's counters, its data at *at (NULL: all 0) and their number. */
static bool read_counters(struct gcov_in *in, unsigned unit, const unsigned char **at, size_t *n)
{
	uint32_t length = 0;

	if (!gcov_word(in, &length))
		return false;
	bool is_zero = (int32_t)length < 0;
	uint64_t size = (uint64_t)(is_zero ? -(int64_t)(int32_t)length : length) * unit;

	*n = (size_t)(size / 8);
	*at = is_zero ? NULL : in->at;
	if (size % 8 != 0 || (!is_zero && (uint64_t)(in->end - in->at) < size))
		return false;
	in->at += is_zero ? 0 : size;
	return true;
}

static void add_counters(struct gcov *g, struct gcov_function *f, const unsigned char *at)
{
	if (f->first_count == GCOV_NO_COUNTS) {
		while (g->cap_counts < g->ncounts + f->ncounts) {
			g->cap_counts = g->cap_counts ? 2 * g->cap_counts : 4096;
			g->counts = xrealloc(g->counts, g->cap_counts, sizeof *g->counts);
		}
		f->first_count = g->ncounts;
		memset(&g->counts[g->ncounts], 0, f->ncounts * sizeof *g->counts);
		g->ncounts += f->ncounts;
	}
	uint64_t *to = &g->counts[f->first_count];

	for (size_t i = 0; i < f->ncounts; i++, at += 8) {
		uint64_t more = gcov_word_at(at) | (uint64_t)gcov_word_at(at + 4) << 32;

		/* counts are signed for whoever wrote them */
		if (__builtin_add_overflow((int64_t)to[i], (int64_t)more, (int64_t *)&to[i])) {
			to[i] = INT64_MAX;
			g->has_overflown = true;
		}
	}
}

static bool is_zero_word(struct gcov_in in)
{
	uint32_t word = 1;

	return gcov_word(&in, &word) && word == 0 && in.at == in.end;
}

/* One round to see that all of it is good, one to add it. */
static int walk(struct counts *c, struct gcov_in in, bool adds)
{
	struct gcov *g = c->g;
	struct gcov_function *f = NULL;
	struct gcov_in record;
	const unsigned char *at = NULL;
	uint32_t tag = 0;
	size_t n = 0;

	c->next = 0;
	for (;;) {
		struct gcov_in before = in;

		if (!gcov_word(&in, &tag))
			return torn(c);
		if (tag == 0) /* clang's has a length too */
			return in.at == in.end || is_zero_word(in) ? 0 : torn(c);
		if (is_counters(tag)) {
			if (!read_counters(&in, g->unit, &at, &n))
				return torn(c);
			if (tag != GCOV_TAG_COUNTERS || !f)
				continue;
			if (gcov_count_arcs(g, f) != n)
				return stale(c);
			if (adds && at)
				add_counters(g, f, at);
			f = NULL;
			continue;
		}
		in = before;
		if (gcov_record(&in, g->unit, &tag, &record) <= 0)
			return torn(c);
		if (tag == GCOV_TAG_FUNCTION && read_function(c, record, &f) < 0)
			return -1;
	}
}

int gcov_add_counts(struct gcov *g, const char *path, const void *data, size_t len,
		    enum gcov_data *ret, struct err *reterr)
{
	struct counts c = { .g = g, .path = path, .ret = ret, .reterr = reterr };
	struct gcov_in in = { data, (const unsigned char *)data + len };

	*ret = GCOV_DATA_WHOLE;
	if (read_head(&c, &in) < 0)
		return -1;
	return walk(&c, in, false) < 0 ? -1 : walk(&c, in, true);
}
