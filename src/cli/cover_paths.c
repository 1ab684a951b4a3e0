/* SPDX-License-Identifier: MIT */
#include "cli/cover_paths.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/parse.h"
#include "cli/options_cov.h"
#include "model/cov.h"
#include "sys/fs.h"

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0' || (len > 0 && folder[len - 1] == '/'));
}

/* --cov-path-map=FROM=TO; the first that fits. */
static const char *map_folder(struct cover_paths *p, const char *path)
{
	const struct option_strings *maps = &p->options->path_maps;

	for (size_t i = 0; i < maps->n; i++) {
		const char *equals = strchr(maps->items[i], '=');
		size_t len = (size_t)(equals - maps->items[i]);

		while (len > 1 && maps->items[i][len - 1] == '/')
			len--;
		if (strncmp(path, maps->items[i], len) == 0 &&
		    (path[len] == '/' || path[len] == '\0')) {
			const char *to = fs_absolute(&p->mem, p->rootdir, equals + 1);
			const char *rest = path + len + (path[len] == '/');

			return *rest ? fs_join(&p->mem, to, rest) : to;
		}
	}
	return path;
}

/* Below the rootdir, or below what --cov names elsewhere. */
static bool is_wanted(const struct cover_paths *p, const char *path)
{
	bool is = is_below(path, p->rootdir);

	for (size_t i = 0; i < p->options->sources.n && !is; i++) {
		const char *source = p->options->sources.items[i];

		is = *source && is_below(path, source);
	}
	return is;
}

static const char *name_of(struct cover_paths *p, const char *cwd, const char *name)
{
	const char *base = cwd && *cwd ? cwd : p->rootdir;
	const char *path = map_folder(p, fs_absolute(&p->mem, base, name));

	if (!is_wanted(p, path))
		return NULL;
	return is_below(path, p->rootdir) ? fs_relative(&p->mem, p->rootdir, path) : path;
}

const char *cover_paths_map(void *ctx, const char *cwd, const char *name)
{
	struct cover_paths *p = ctx;
	struct buf key = BUF_INIT;
	size_t i = p->n;

	buf_addf(&key, "%s\n%s", *name == '/' || !cwd ? "" : cwd, name);
	if (!map_get(&p->known, key.s, key.len, &i)) {
		map_put(&p->known, arena_memdup(&p->mem, key.s, key.len), key.len, i);
		GROW(p->names, p->n, p->cap);
		p->names[p->n++] = name_of(p, cwd, name);
	}
	buf_release(&key);
	return p->names[i];
}

void cover_paths_release(struct cover_paths *p)
{
	map_release(&p->known);
	free(p->names);
	arena_release(&p->mem);
	*p = (struct cover_paths){ 0 };
}

/* --- what is told ------------------------------------------------------------------------- */

struct choice {
	struct cover_paths *paths;
	const struct options_cov *options;
};

static bool is_excluded(const struct options_cov *o, const char *path)
{
	bool is = false;

	for (size_t i = 0; i < o->excludes.n && !is; i++)
		is = parse_glob(o->excludes.items[i], path);
	return is;
}

static bool is_told(void *ctx, const struct cov_file *f)
{
	const struct choice *c = ctx;
	const struct options_cov *o = c->options;
	struct arena mem = { 0 };
	const char *path = fs_absolute(&mem, c->paths->rootdir, f->path);
	bool is = o->sources.n == 0;

	for (size_t i = 0; i < o->sources.n && !is; i++) {
		const char *source = o->sources.items[i];

		is = is_below(path, *source ? source : c->paths->rootdir);
	}
	is = is && !is_excluded(o, f->path);
	arena_release(&mem);
	return is;
}

void cover_paths_select(struct cover_paths *p, const struct options_cov *o, struct cov *cov)
{
	struct choice c = { p, o };

	cov_drop(cov, is_told, &c);
}
