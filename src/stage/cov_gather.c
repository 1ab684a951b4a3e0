/* SPDX-License-Identifier: MIT */
#include "stage/cov_gather.h"

#include "base/buf.h"
#include "base/err.h"
#include "format/cov_read.h"
#include "format/gcov.h"
#include "model/cov.h"
#include "stage/cov_gather_contexts.h"
#include "stage/cov_gather_tools.h"
#include "stage/cov_objects.h"
#include "sys/fs.h"

/* More than one file of an object has. */
enum { OBJECT_MAX_BYTES = 1 << 30 };

struct gather {
	const struct cov_gather_options *o;
	struct gcov *gcov;
	struct cov_read_options reading;
	struct buf notes, data; /* of the object at hand */
	const char *stem;
	struct buf folder; /* that it was compiled in */
	struct cov_objects objects;
	struct cov *into;
	struct cov_gather_contexts *contexts; /* NULL: not asked for */
	struct cov_gather_counts counts;
	struct cov_unknown unknown; /* objects that gcov itself is to read */
	uint64_t bytes_done, bytes_total;
};

/* Counters of an object whose notes are gone. */
static void warn_of_orphans(struct gather *g, const struct cov_object *files)
{
	struct buf notes = BUF_INIT;

	buf_addf(&notes, "%s.gcno", files->stem);
	cov_warn(g->into, notes.s, "the notes of an object that ran are not there: it is left out");
	g->counts.nunused += files->ndata;
	buf_release(&notes);
}

static void add_counts(struct gather *g, const struct cov_object *files)
{
	for (size_t i = 0; i < files->ndata; i++) {
		enum gcov_data state;
		struct err e = { 0 };

		buf_clear(&g->data);
		if (fs_read(files->data[i].path, OBJECT_MAX_BYTES, &g->data, &e) == 0 &&
		    gcov_add_counts(g->gcov, files->data[i].path, g->data.s, g->data.len, &state,
				    &e) == 0) {
			g->counts.ndata++;
			continue;
		}
		cov_warn(g->into, files->data[i].path, "%s: it is left out", e.msg);
		g->counts.nunused++;
	}
}

/* --- clang's notes do not say where the compiler ran ---------------------------------------------- */

/* Does the name lead to a file from the folder of so many bytes of the object's path?  It is g->folder
 * from now on. */
static bool leads_from(struct gather *g, size_t len, const char *name)
{
	buf_clear(&g->folder);
	buf_add(&g->folder, g->stem, len);
	buf_addf(&g->folder, "/%s", name);
	bool does = fs_exists(g->folder.s);

	buf_truncate(&g->folder, len);
	return does;
}

/* Of the object's folder and those above it, the first from which the name leads to a file; else the
 * object's.  Mostly all sources of an object have one. */
static const char *folder_of_compiler(struct gather *g, const char *name)
{
	size_t own = (size_t)(strrchr(g->stem, '/') - g->stem);

	if (g->folder.len > 0 && leads_from(g, g->folder.len, name))
		return g->folder.s;
	for (size_t len = own; len > 0; len--) {
		if (g->stem[len] == '/' && leads_from(g, len, name))
			return g->folder.s;
	}
	leads_from(g, own, name);
	return g->folder.s;
}

static const char *map_source(void *ctx, const char *cwd, const char *name)
{
	struct gather *g = ctx;

	if (*name != '/' && (!cwd || !*cwd))
		cwd = folder_of_compiler(g, name);
	return g->o->map_path ? g->o->map_path(g->o->map_ctx, cwd, name) : name;
}

static int fold(struct gather *g, const struct cov_object *files, struct err *reterr)
{
	if (!g->contexts)
		return gcov_fold(g->gcov, &g->reading, g->into, reterr);
	return gcov_fold_contexts(g->gcov, &g->reading, cov_gather_contexts_of(g->contexts, files),
				  g->into, reterr);
}

static void take_object(struct gather *g, const struct cov_object *files)
{
	struct buf path = BUF_INIT;
	struct err e = { 0 };

	buf_addf(&path, "%s.gcno", files->stem);
	buf_clear(&g->notes);
	buf_clear(&g->folder);
	g->stem = files->stem;
	g->counts.nobjects++;
	g->into->origin = path.s;
	if (fs_read(path.s, OBJECT_MAX_BYTES, &g->notes, &e) < 0 ||
	    gcov_read_notes(g->gcov, path.s, g->notes.s, g->notes.len, &e) < 0) {
		if (e.code == ERR_UNSUPPORTED) {
			cov_unknown_add(&g->unknown, files);
			g->counts.ndata += files->ndata;
		} else {
			cov_warn(g->into, path.s, "%s: the object is left out", e.msg);
			g->counts.nunused += files->ndata;
		}
	} else {
		add_counts(g, files);
		if (fold(g, files, &e) < 0)
			cov_warn(g->into, path.s, "%s: some of it is left out", e.msg);
	}
	g->into->origin = NULL;
	buf_release(&path);
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
	struct gather g = {
		.o = o,
		.gcov = gcov_new(),
		.reading = { .keeps_throws = o->keeps_throws, .map_path = map_source, .ctx = &g },
		.notes = BUF_INIT,
		.data = BUF_INIT,
		.folder = BUF_INIT,
		.into = into,
	};

	if (o->ntests > 0)
		g.contexts = cov_gather_contexts_new(o, into);
	size_up(&g);
	int status = take_objects(&g, reterr);

	if (o->ntests > 0 && g.unknown.n > 0)
		cov_warn(into, g.unknown.items[0]->stem,
			 "which tests ran a line is not known of objects that gcov itself reads");

	if (status == 0)
		status = cov_tools_gcov(o, &g.unknown, into, reterr);
	if (status == 0 && (o->nparts == 0 || o->part == 0))
		status = cov_tools_others(o, into, reterr);
	g.counts.notes_bytes = g.bytes_total;
	*ret = g.counts;
	cov_gather_contexts_free(g.contexts);
	gcov_free(g.gcov);
	buf_release(&g.notes);
	buf_release(&g.data);
	buf_release(&g.folder);
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
