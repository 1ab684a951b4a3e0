/* SPDX-License-Identifier: MIT
 *
 * The build's folders are walked once for notes.  A counter file lies below its lane's folder at
 * the path that its notes have in the build; where those are in none of the folders that were
 * walked (a library from elsewhere), that folder is walked too, for its objects that never ran.
 */
#include "stage/cov_objects.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "format/covlane.h"
#include "sys/fs.h"

static const char notes_suffix[] = ".gcno";
static const char data_suffix[] = ".gcda";

enum { SUFFIX_LEN = 5 };

/* A folder by its real path, where it has one: an object has one name, whatever way leads to it. */
static const char *real_folder(struct cov_objects *o, const char *folder, size_t len)
{
	size_t i = o->nfolders;

	if (map_get(&o->folders, folder, len, &i))
		return o->real[i];
	const char *kept = arena_memdup(&o->mem, folder, len);
	char *real = realpath(len > 0 ? kept : "/", NULL);

	GROW(o->real, o->nfolders, o->cap_folders);
	o->real[o->nfolders++] = real ? arena_strdup(&o->mem, real) : kept;
	map_put(&o->folders, kept, len, i);
	free(real);
	return o->real[i];
}

static struct cov_object *object_of(struct cov_objects *o, const char *named)
{
	const char *name = strrchr(named, '/') + 1;
	const char *path =
		fs_join(&o->mem, real_folder(o, named, (size_t)(name - named) - 1), name);
	size_t len = strlen(path) - SUFFIX_LEN;
	size_t i = o->n;

	if (!map_get(&o->stems, path, len, &i)) {
		char *stem = arena_memdup(&o->mem, path, len);

		GROW(o->items, o->n, o->cap);
		o->items[o->n++] = (struct cov_object){ .stem = stem };
		map_put(&o->stems, stem, len, i);
	}
	return &o->items[i];
}

static void add_data(struct cov_objects *o, struct cov_object *object, const char *path,
		     size_t prefix_len)
{
	const char *kept = arena_strdup(&o->mem, path);

	GROW(object->data, object->ndata, object->cap_data);
	object->data[object->ndata++] = (struct cov_counters){ kept, kept + prefix_len };
}

static void note_notes(struct cov_object *object, const char *path)
{
	struct stat st;

	if (object->has_notes || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	object->has_notes = true;
	object->notes_bytes = (uint64_t)st.st_size;
}

static void walk_notes(struct cov_objects *o, const char *folder)
{
	struct walk_list files = { 0 };

	walk_project(folder, notes_suffix, &files);
	for (size_t i = 0; i < files.n; i++) {
		/* CMake compiles these to see what the compiler is */
		if (!strstr(files.paths[i], "/CMakeFiles/") ||
		    !strstr(files.paths[i], "/CompilerId"))
			note_notes(object_of(o, files.paths[i]), files.paths[i]);
	}
	walk_release(&files);
}

/* A root that lies in another one is walked with it; of two that are the same, with the first. */
static bool is_walked(const struct cov_gather_options *o, size_t i)
{
	bool is_elsewhere = false;

	for (size_t k = 0; k < o->nroots; k++) {
		bool is_same = strcmp(o->roots[k], o->roots[i]) == 0;

		if (is_same ? k < i : fs_is_below(o->roots[i], o->roots[k]))
			is_elsewhere = true;
	}
	return !is_elsewhere;
}

static void walk_lane(struct cov_objects *o, const char *lanedir)
{
	struct arena mem = { 0 };
	size_t n = 0;
	const char **prefixes = covlane_prefixes(&mem, lanedir, &n);

	for (size_t k = 0; k < n; k++) {
		struct walk_list files = { 0 };

		walk_files(prefixes[k], data_suffix, &files);
		walk_sort(&files);
		size_t prefix_len = strlen(prefixes[k]);

		for (size_t i = 0; i < files.n; i++)
			add_data(o, object_of(o, files.paths[i] + prefix_len), files.paths[i],
				 prefix_len);
		walk_release(&files);
	}
	arena_release(&mem);
}

/* Objects that ran, and are in no folder we know. */
static void find_strangers(struct cov_objects *o)
{
	struct map seen = { 0 };

	for (size_t i = 0, n = o->n; i < n; i++) {
		const char *stem = o->items[i].stem;
		const char *slash = strrchr(stem, '/');
		size_t len = slash ? (size_t)(slash - stem) : 0;

		if (o->items[i].has_notes || !map_put(&seen, stem, len, 1))
			continue;
		walk_notes(o, len > 0 ? arena_memdup(&o->mem, stem, len) : "/");
	}
	map_release(&seen);
}

static int by_stem(const void *a, const void *b)
{
	return strcmp(((const struct cov_object *)a)->stem, ((const struct cov_object *)b)->stem);
}

void cov_objects_find(const struct cov_gather_options *o, struct cov_objects *ret)
{
	for (size_t i = 0; i < o->nroots; i++) {
		if (is_walked(o, i))
			walk_notes(ret, o->roots[i]);
	}
	for (size_t i = 0; i < o->nlanedirs; i++)
		walk_lane(ret, o->lanedirs[i]);
	find_strangers(ret);
	for (size_t i = 0; i < ret->n && o->reads_in_place; i++) {
		char *path = arena_alloc(&ret->mem, strlen(ret->items[i].stem) + SUFFIX_LEN + 1, 1);

		stpcpy(stpcpy(path, ret->items[i].stem), data_suffix);
		if (fs_exists(path))
			add_data(ret, &ret->items[i], path, 0);
	}
	if (ret->n > 1)
		qsort(ret->items, ret->n, sizeof *ret->items, by_stem);
	map_release(&ret->stems);
	map_release(&ret->folders);
}

void cov_objects_release(struct cov_objects *objects)
{
	for (size_t i = 0; i < objects->n; i++)
		free(objects->items[i].data);
	free(objects->items);
	free(objects->real);
	map_release(&objects->stems);
	arena_release(&objects->mem);
	*objects = (struct cov_objects){ 0 };
}
