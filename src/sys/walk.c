/* SPDX-License-Identifier: MIT
 *
 * Folders wait on a stack of their own: what lies how deep is other people's business.
 */
#include "sys/walk.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/alloc.h"

struct walk {
	struct arena mem; /* names of folders */
	const char **folders;
	size_t n, cap;
	const char *suffix;
	size_t suffix_len;
	bool is_project;
	struct walk_list *list;
};

static const char *join(struct arena *mem, const char *folder, const char *name)
{
	char *path = arena_alloc(mem, strlen(folder) + strlen(name) + 2, 1);
	char *end = stpcpy(path, folder);

	if (end == path || end[-1] != '/')
		*end++ = '/';
	stpcpy(end, name);
	return path;
}

static bool is_passed_over(const struct walk *w, const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	       (w->is_project && (strcmp(name, ".git") == 0 || strcmp(name, ".gangway") == 0));
}

/* File systems that do not say what an entry is are asked. */
static unsigned char kind_of(const char *folder, const struct dirent *e)
{
	struct arena mem = { 0 };
	struct stat st;
	unsigned char kind = e->d_type;

	if (kind == DT_UNKNOWN && lstat(join(&mem, folder, e->d_name), &st) == 0)
		kind = S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_UNKNOWN;
	arena_release(&mem);
	return kind;
}

static void take_entry(struct walk *w, const char *folder, const struct dirent *e)
{
	size_t len = strlen(e->d_name);
	unsigned char kind = kind_of(folder, e);

	if (kind == DT_DIR && !is_passed_over(w, e->d_name)) {
		GROW(w->folders, w->n, w->cap);
		w->folders[w->n++] = join(&w->mem, folder, e->d_name);
	} else if (kind == DT_REG && len > w->suffix_len &&
		   strcmp(e->d_name + len - w->suffix_len, w->suffix) == 0) {
		struct walk_list *list = w->list;

		GROW(list->paths, list->n, list->cap);
		list->paths[list->n++] = join(&list->mem, folder, e->d_name);
	}
}

static void walk(struct walk *w, const char *path)
{
	GROW(w->folders, w->n, w->cap);
	w->folders[w->n++] = arena_strdup(&w->mem, path);
	while (w->n > 0) {
		const char *folder = w->folders[--w->n];
		DIR *dir = opendir(folder);
		const struct dirent *e = NULL;

		while (dir && (e = readdir(dir)))
			take_entry(w, folder, e);
		if (dir)
			closedir(dir);
	}
	free(w->folders);
	arena_release(&w->mem);
}

void walk_files(const char *path, const char *suffix, struct walk_list *list)
{
	struct walk w = { .suffix = suffix, .suffix_len = strlen(suffix), .list = list };

	walk(&w, path);
}

void walk_project(const char *path, const char *suffix, struct walk_list *list)
{
	struct walk w = {
		.suffix = suffix, .suffix_len = strlen(suffix), .is_project = true, .list = list
	};

	walk(&w, path);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void walk_sort(struct walk_list *list)
{
	size_t n = 0;

	if (list->n > 1)
		qsort(list->paths, list->n, sizeof *list->paths, compare_paths);
	for (size_t i = 0; i < list->n; i++) {
		if (n == 0 || strcmp(list->paths[n - 1], list->paths[i]) != 0)
			list->paths[n++] = list->paths[i];
	}
	list->n = n;
}

void walk_release(struct walk_list *list)
{
	free(list->paths);
	arena_release(&list->mem);
	*list = (struct walk_list){ 0 };
}
