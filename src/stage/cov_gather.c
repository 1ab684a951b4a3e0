/* SPDX-License-Identifier: MIT */
#include "stage/cov_gather.h"

#include "base/buf.h"
#include "base/err.h"
#include "format/gcov.h"
#include "model/cov.h"
#include "stage/cov_gather_tools.h"
#include "stage/cov_objects.h"
#include "sys/fs.h"

struct gather {
	const struct cov_gather_options *o;
	struct cov_objects objects;
	struct cov *into;
	struct cov_gather_counts counts;
	struct cov_unknown unknown; /* objects that gcov itself is to read */
	uint64_t bytes_done, bytes_total;
};

static void warn_of(struct gather *g, const char *path, const struct err *e)
{
	g->counts.nunused++;
	cov_warn(g->into, path, "%s", e->msg);
}

static void add_data(struct gather *g, struct gcov_object *object, const struct cov_object *files)
{
	for (size_t i = 0; i < files->ndata; i++) {
		enum gcov_data what = GCOV_DATA_WHOLE;
		struct err e = { 0 };

		if (gcov_add_counts(object, files->data[i], &what, &e) < 0)
			warn_of(g, files->data[i], &e);
		else
			g->counts.ndata++;
	}
}

static void take_object(struct gather *g, const struct cov_object *files)
{
	const struct gcov_fold_options fold = {
		.keeps_throws = g->o->keeps_throws,
		.map_path = g->o->map_path,
		.ctx = g->o->map_ctx,
	};
	struct buf notes = BUF_INIT;
	struct gcov_object *object = NULL;
	struct err e = { 0 };

	buf_addf(&notes, "%s.gcno", files->stem);
	g->into->origin = arena_strdup(&g->into->mem, notes.s);
	g->counts.nobjects++;
	if (gcov_notes_read(notes.s, &object, &e) < 0) {
		if (e.code == ERR_UNSUPPORTED)
			cov_unknown_add(&g->unknown, files);
		else
			warn_of(g, notes.s, &e);
	} else {
		add_data(g, object, files);
		if (gcov_fold(object, &fold, g->into, &e) < 0)
			warn_of(g, notes.s, &e);
	}
	gcov_object_free(object);
	g->into->origin = NULL;
	buf_release(&notes);
}

/* Counters of an object whose notes are gone. */
static void warn_of_orphans(struct gather *g, const struct cov_object *files)
{
	struct buf notes = BUF_INIT;

	buf_addf(&notes, "%s.gcno", files->stem);
	cov_warn(g->into, notes.s, "the notes of an object that ran are not there: it is left out");
	g->counts.nunused += files->ndata;
	buf_release(&notes);
}

static bool is_ours(const struct cov_gather_options *o, size_t i)
{
	return o->nparts == 0 || i % o->nparts == o->part;
}

static void size_up(struct gather *g)
{
	cov_objects_find(g->o, &g->objects);
	for (size_t i = 0; i < g->objects.n; i++) {
		if (is_ours(g->o, i))
			g->bytes_total += g->objects.items[i].notes_bytes;
	}
}

static int take_objects(struct gather *g, struct err *reterr)
{
	const struct cov_gather_options *o = g->o;

	for (size_t i = 0; i < g->objects.n; i++) {
		const struct cov_object *files = &g->objects.items[i];

		if (!is_ours(o, i))
			continue;
		if (o->stop && o->stop(o->ctx) != 0)
			return err_set(reterr, ERR_INTERRUPTED, NULL, 0,
				       "interrupted while coverage was gathered");
		if (files->has_notes)
			take_object(g, files);
		else
			warn_of_orphans(g, files);
		g->bytes_done += files->notes_bytes;
		if (o->on_progress)
			o->on_progress(o->ctx, g->bytes_done, g->bytes_total);
	}
	return 0;
}

int cov_gather(const struct cov_gather_options *o, struct cov *into, struct cov_gather_counts *ret,
	       struct err *reterr)
{
	struct gather g = { .o = o, .into = into };

	size_up(&g);
	int status = take_objects(&g, reterr);

	if (status == 0)
		status = cov_tools_gcov(o, &g.unknown, into, reterr);
	if (status == 0 && (o->nparts == 0 || o->part == 0))
		status = cov_tools_others(o, into, reterr);
	g.counts.notes_bytes = g.bytes_total;
	*ret = g.counts;
	cov_unknown_release(&g.unknown);
	cov_objects_release(&g.objects);
	return status;
}

uint64_t cov_gather_size(const struct cov_gather_options *o)
{
	struct gather g = { .o = o };

	size_up(&g);
	cov_objects_release(&g.objects);
	return g.bytes_total;
}
