/* SPDX-License-Identifier: MIT
 *
 * Before the lanes: where the build's notes are, and what would be in the way of new counters.
 */
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/cover.h"
#include "cli/cover_file.h"
#include "cli/session.h"
#include "stage/cov_diff.h"
#include "sys/fs.h"
#include "sys/walk.h"

/* Folders of the system hold no project's objects. */
bool cover_is_of_system(const char *path)
{
	static const char *const folders[] = { "/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/" };
	bool is = false;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		is = is || strncmp(path, folders[i], strlen(folders[i])) == 0;
	return is;
}

static void add_root(struct option_strings *roots, struct arena *mem, const char *folder)
{
	bool is_known = false;

	for (size_t i = 0; i < roots->n && !is_known; i++) {
		size_t len = strlen(roots->items[i]);

		is_known = strncmp(folder, roots->items[i], len) == 0 &&
			   (folder[len] == '/' || !folder[len]);
	}
	if (!is_known)
		option_strings_add(roots, mem, folder);
}

static void add_folder_of(struct option_strings *roots, struct arena *mem, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash && slash > path)
		add_root(roots, mem, arena_memdup(mem, path, (size_t)(slash - path)));
}

/* The folders on the command line, and those of the programs. */
static void find_roots(struct session *s, struct option_strings *roots)
{
	const struct option_strings *paths = &s->options.paths;
	const char *cwd = fs_cwd(&s->mem);
	const char *last = "";

	for (size_t i = 0; i < paths->n; i++) {
		const char *path = fs_absolute(&s->mem, cwd, paths->items[i]);

		if (fs_is_dir(path))
			add_root(roots, &s->mem, path);
		else
			add_folder_of(roots, &s->mem, path);
	}
	if (paths->n == 0)
		add_root(roots, &s->mem, cwd);
	for (size_t i = 0; i < s->tests.ntargets; i++) {
		const char *program = s->tests.targets[i].program;

		if (*program && !cover_is_of_system(program) && strcmp(program, last) != 0)
			add_folder_of(roots, &s->mem, program);
		last = program;
	}
}

/* What earlier runs left in the build tree would be added to. */
static int remove_old(const struct option_strings *roots, struct err *reterr)
{
	struct walk_list files = { 0 };
	int status = 0;

	for (size_t i = 0; i < roots->n; i++)
		walk_project(roots->items[i], ".gcda", &files);
	walk_sort(&files);
	for (size_t i = 0; i < files.n && status == 0; i++) {
		if (unlink(files.paths[i]) < 0)
			status = err_sys(reterr, files.paths[i], "cannot be removed");
	}
	walk_release(&files);
	return status;
}

/* Folders in memory whose lane was killed, and whose run's folder is gone. */
static void tidy_memory(void)
{
	static const char memory[] = "/dev/shm";
	struct arena mem = { 0 };
	const char **names = NULL;
	char mine[64];
	size_t n = 0;

	snprintf(mine, sizeof mine, "gangway-%ld-", (long)getuid());
	if (!fs_is_dir(memory) || fs_list(memory, &mem, &names, &n, NULL) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *folder = fs_join(&mem, memory, names[i]);
		struct buf of = BUF_INIT;

		if (strncmp(names[i], mine, strlen(mine)) == 0 &&
		    fs_read(fs_join(&mem, folder, "of"), ERR_PATH_MAX, &of, NULL) == 0 &&
		    !fs_is_held(folder) && !fs_exists(of.s))
			fs_remove_tree(folder, NULL);
		buf_release(&of);
	}
	arena_release(&mem);
}

int cover_begin(struct session *s, struct err *reterr)
{
	const struct options_cov *o = &s->options.cov;
	struct option_strings roots = { 0 };

	if (!options_cov_is_on(o))
		return 0;
	if (o->diff && cov_diff_check(o->diff, s->config.rootdir, reterr) < 0)
		return -1; /* rather now than when all tests have run */
	tidy_memory();
	find_roots(s, &roots);
	if (o->is_in_place && !o->is_appended && remove_old(&roots, reterr) < 0)
		return -1;
	return cover_file_write(fs_join(&s->mem, s->rundir, "cov.tsv"), o, &roots, reterr);
}
