/* SPDX-License-Identifier: MIT */
#include "stage/cov_paths.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/parse.h"
#include "model/cov.h"
#include "sys/fs.h"

struct folder {
	const char *path; /* as it was given */
	const char *real; /* without symbolic links */
};

struct path_map {
	const char *from, *to;
};

struct cov_paths {
	struct arena mem;
	struct folder root;
	struct folder *sources;
	size_t nsources;
	const char *const *excludes;
	size_t nexcludes;
	struct path_map *maps; /* the longest `from` first */
	size_t nmaps;
	struct map known; /* cwd and name: index into names */
	const char **names;
	size_t n, cap;
};

bool cov_paths_are_of_system(const char *path)
{
	static const char *const folders[] = { "/usr/include", "/usr/lib", "/usr/local/include" };
	bool is = false;

	for (size_t i = 0; i < ARRAY_SIZE(folders) && !is; i++)
		is = strncmp(path, folders[i], strlen(folders[i])) == 0; /* /usr/lib64 too */
	return is;
}

/* --- --cov-path-map ------------------------------------------------------------------------- */

static const char *map_folder(struct cov_paths *p, const char *path)
{
	for (size_t i = 0; i < p->nmaps; i++) {
		const struct path_map *m = &p->maps[i];
		const char *rest = path + strlen(m->from);

		if (!fs_is_below(path, m->from))
			continue;
		while (*rest == '/')
			rest++;
		return *rest ? fs_join(&p->mem, m->to, rest) : m->to;
	}
	return path;
}

static int by_length(const void *a, const void *b)
{
	const struct path_map *x = a, *y = b;
	size_t nx = strlen(x->from);
	size_t ny = strlen(y->from);

	if (nx != ny)
		return nx > ny ? -1 : 1;
	return strcmp(x->to, y->to); /* the same bytes from every qsort */
}

static int add_maps(struct cov_paths *p, const struct cov_paths_options *o, struct err *reterr)
{
	p->maps = arena_alloc(&p->mem, o->nmaps + 1, sizeof *p->maps);
	for (size_t i = 0; i < o->nmaps; i++) {
		const char *map = o->maps[i];
		const char *equals = strchr(map, '=');

		if (!equals || equals == map)
			return err_set(reterr, ERR_USAGE, NULL, 0,
				       "'%s' is no value for '--cov-path-map'; accepted: FROM=TO",
				       map);
		const char *from = arena_memdup(&p->mem, map, (size_t)(equals - map));

		p->maps[p->nmaps++] = (struct path_map){
			.from = fs_absolute(&p->mem, o->rootdir, from),
			.to = fs_absolute(&p->mem, o->rootdir, equals + 1),
		};
	}
	qsort(p->maps, p->nmaps, sizeof *p->maps, by_length);
	return 0;
}

/* --- names ---------------------------------------------------------------------------------- */

/* Without symbolic links as far as it exists; what does not is behind that as it was.  `path` may
 * have ".." in it, which behind a link lead elsewhere than they seem to. */
static const char *real_path(struct arena *mem, const char *path)
{
	char *real = realpath(path, NULL);
	const char *plain = fs_absolute(mem, "/", path);
	char *head = xstrdup(plain);
	const char *ret = real ? arena_strdup(mem, real) : NULL;

	while (!ret) {
		char *slash = strrchr(head, '/');

		if (!slash || slash == head)
			break;
		*slash = '\0';
		free(real);
		real = realpath(head, NULL);
		if (real)
			ret = fs_join(mem, real, plain + strlen(head) + 1);
	}
	free(real);
	free(head);
	return ret ? ret : plain;
}

static const char *below(struct arena *mem, const char *folder, const char *to, const char *path)
{
	const char *rest = path + strlen(folder);

	while (*rest == '/')
		rest++;
	return *rest ? fs_join(mem, to, rest) : to;
}

/* The file `path` with links, `real` without; NULL: neither is anywhere that counts. */
static const char *place(struct cov_paths *p, const char *path, const char *real)
{
	const char *const both[] = { real, path };
	bool is_system = cov_paths_are_of_system(path) || cov_paths_are_of_system(real);

	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		const struct folder *f = &p->root;

		if (is_system && !cov_paths_are_of_system(f->real))
			break;
		if (fs_is_below(both[i], f->real))
			return fs_relative(&p->mem, f->real, both[i]);
		if (fs_is_below(both[i], f->path))
			return fs_relative(&p->mem, f->path, both[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		for (size_t k = 0; k < p->nsources; k++) {
			const struct folder *f = &p->sources[k];

			if (is_system && !cov_paths_are_of_system(f->real))
				continue;
			if (fs_is_below(both[i], f->real))
				return below(&p->mem, f->real, f->path, both[i]);
			if (fs_is_below(both[i], f->path))
				return both[i];
		}
	}
	return NULL;
}

static bool is_made_up(const char *name)
{
	const char *base = fs_basename(name);

	return *base == '\0' || (*base == '<' && base[strlen(base) - 1] == '>');
}

static const char *name_of(struct cov_paths *p, const char *cwd, const char *name)
{
	if (is_made_up(name))
		return NULL;
	const char *base = fs_absolute(&p->mem, p->root.path, cwd);
	const char *plain = fs_absolute(&p->mem, base, name);
	const char *path = map_folder(p, plain);

	if (cov_paths_are_of_system(path) && !cov_paths_are_of_system(p->root.path) &&
	    p->nsources == 0)
		return NULL; /* at a glance: they are the most of what there is */
	const char *raw = *name == '/' ? name : fs_join(&p->mem, base, name);
	/* what a map gave is meant as it is written */
	const char *real = real_path(&p->mem, path != plain ? path : raw);

	return place(p, path, real);
}

const char *cov_paths_map(void *ctx, const char *cwd, const char *name)
{
	struct cov_paths *p = ctx;
	struct buf key = BUF_INIT;
	size_t i = p->n;

	buf_addstr(&key, *name == '/' || !cwd ? "" : cwd);
	buf_addch(&key, '\0');
	buf_addstr(&key, name);
	if (!map_get(&p->known, key.s, key.len, &i)) {
		map_put(&p->known, arena_memdup(&p->mem, key.s, key.len), key.len, i);
		GROW(p->names, p->n, p->cap);
		p->names[p->n++] = name_of(p, cwd ? cwd : "", name);
	}
	buf_release(&key);
	return p->names[i];
}

/* --- selection ------------------------------------------------------------------------------ */

/* The next "**" before a '/' that begins a part of the path; NULL. */
static const char *next_stars(const char *glob, const char *from)
{
	for (const char *s = strstr(from, "**/"); s; s = strstr(s + 1, "**/")) {
		if (s == glob || s[-1] == '/')
			return s;
	}
	return NULL;
}

/* Every way to let "**" and its slash stand for nothing: 2^n, and nobody writes many. */
static bool fits(const char *glob, const char *from, const char *name, unsigned depth)
{
	enum { STARS_MAX = 8 };
	const char *stars = depth < STARS_MAX ? next_stars(glob, from) : NULL;
	struct buf without = BUF_INIT;
	bool is = parse_glob(glob, name);

	if (!is && stars) {
		size_t at = (size_t)(stars - glob);

		buf_add(&without, glob, at);
		buf_addstr(&without, stars + 3);
		is = fits(without.s, without.s + at, name, depth + 1) ||
		     fits(glob, stars + 3, name, depth + 1);
	}
	buf_release(&without);
	return is;
}

bool cov_paths_glob(const char *glob, const char *name)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, glob);
	while (b.len > 1 && b.s[b.len - 1] == '/')
		buf_truncate(&b, b.len - 1);
	bool is = fits(b.s, b.s, name, 0);

	if (!is) {
		buf_addstr(&b, "/*");
		is = fits(b.s, b.s, name, 0);
	}
	buf_release(&b);
	return is;
}

static bool is_excluded(const struct cov_paths *p, const char *name)
{
	struct arena mem = { 0 };
	const char *path = fs_absolute(&mem, p->root.path, name);
	bool is = false;

	for (size_t i = 0; i < p->nexcludes && !is; i++)
		is = cov_paths_glob(p->excludes[i], *p->excludes[i] == '/' ? path : name);
	arena_release(&mem);
	return is;
}

static bool is_selected(void *ctx, const struct cov_file *f)
{
	const struct cov_paths *p = ctx;
	struct arena mem = { 0 };
	const char *path = fs_absolute(&mem, p->root.path, f->path);
	const char *real = fs_absolute(&mem, p->root.real, f->path);
	bool is = p->nsources == 0;

	for (size_t i = 0; i < p->nsources && !is; i++)
		is = fs_is_below(path, p->sources[i].path) || fs_is_below(real, p->sources[i].real);
	arena_release(&mem);
	return is && !is_excluded(p, f->path);
}

void cov_paths_select(const struct cov_paths *p, struct cov *cov)
{
	cov_drop(cov, is_selected, (void *)(uintptr_t)p); /* which only looks */
}

/* --- from beginning to end ------------------------------------------------------------------ */

static void add_sources(struct cov_paths *p, const struct cov_paths_options *o)
{
	p->sources = arena_alloc(&p->mem, o->nsources + 1, sizeof *p->sources);
	for (size_t i = 0; i < o->nsources; i++) {
		const char *path = fs_absolute(&p->mem, p->root.path, o->sources[i]);

		p->sources[p->nsources++] = (struct folder){
			.path = path,
			.real = real_path(&p->mem, path),
		};
	}
}

int cov_paths_new(const struct cov_paths_options *o, struct cov_paths **ret, struct err *reterr)
{
	struct cov_paths *p = xcalloc(1, sizeof *p);

	p->root.path = fs_absolute(&p->mem, "/", o->rootdir);
	p->root.real = real_path(&p->mem, p->root.path);
	p->excludes = o->excludes;
	p->nexcludes = o->nexcludes;
	if (add_maps(p, o, reterr) < 0) {
		cov_paths_free(p);
		return -1;
	}
	add_sources(p, o);
	*ret = p;
	return 0;
}

void cov_paths_free(struct cov_paths *p)
{
	if (!p)
		return;
	map_release(&p->known);
	free(p->names);
	arena_release(&p->mem);
	free(p);
}
