/* SPDX-License-Identifier: MIT */
#include "stage/execute_cov.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/covnote.h"
#include "format/gcov.h"
#include "model/run.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/walk.h"

int lane_cov_open(struct lane_cov *c, struct arena *mem, const struct run *run, const char *lanedir,
		  struct err *reterr)
{
	const char *dir = fs_join(mem, lanedir, "cov");

	*c = (struct lane_cov){ 0 };
	/* of an earlier life of this lane or unit, which does not count any more */
	if (fs_remove_tree(dir, reterr) < 0)
		return -1;
	if (!run->wants_cov)
		return 0;
	c->dir = dir;
	c->gcda = run->is_cov_in_place ? NULL : fs_join(mem, dir, "gcda");
	c->dumped = fs_join(mem, dir, "dumped");
	c->notes = fs_join(mem, dir, "notes.tsv");
	/* the others are made by who writes into them */
	return fs_mkdirs(fs_join(mem, dir, "python"), reterr);
}

static const char *make_var(struct arena *mem, const char *name, const char *dir, const char *below)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s=%s%s", name, dir, below);
	const char *var = arena_memdup(mem, text.s, text.len);

	buf_release(&text);
	return var;
}

const char *const *lane_cov_vars(const struct lane_cov *c, struct arena *mem)
{
	const char **vars = arena_alloc(mem, 6, sizeof *vars);
	size_t n = 0;

	if (!c->dir)
		return vars;
	if (c->gcda) {
		vars[n++] = make_var(mem, "GCOV_PREFIX", c->gcda, "");
		vars[n++] = "GCOV_PREFIX_STRIP=0";
	}
	vars[n++] = make_var(mem, "GCOV_ERROR_FILE", c->dir, "/gcov.err");
	/* processes that run at the same time take one of four files for each program */
	vars[n++] = make_var(mem, "LLVM_PROFILE_FILE", c->dir, "/llvm/%4m.profraw");
	vars[n] = make_var(mem, "GANGWAY_COV_DUMPED", c->dumped, "");
	return vars;
}

const char *lane_cov_process_var(struct lane_cov *c, struct arena *mem)
{
	char name[32];

	if (!c->dir)
		return NULL;
	snprintf(name, sizeof name, "/python/data.%u", ++c->nprocesses);
	return make_var(mem, "COVERAGE_FILE", c->dir, name);
}

static int set_aside(struct lane_cov *c, const char *path, struct err *reterr)
{
	const struct covnote note = { .test = NO_INDEX, .path = path + strlen(c->gcda) };
	struct arena mem = { 0 };
	const char *torn = fs_join(&mem, c->dir, "torn");
	char name[32];
	int status = fs_mkdirs(torn, reterr);

	snprintf(name, sizeof name, "%u.gcda", ++c->ntorn);
	if (status == 0 && rename(path, fs_join(&mem, torn, name)) < 0)
		status = err_sys(reterr, path, "cannot be moved");
	if (status == 0)
		status = covnote_add(c->notes, &note, 1, reterr);
	arena_release(&mem);
	return status;
}

/* A file that was torn would be given up by every later process: libgcov does not mend it. */
static int look_after(struct lane_cov *c, struct err *reterr)
{
	struct walk_list files = { 0 };
	int status = 0;

	if (!c->gcda)
		return 0;
	walk_files(c->gcda, ".gcda", &files);
	for (size_t i = 0; i < files.n && status == 0; i++) {
		if (!gcov_data_is_whole(files.paths[i], NULL))
			status = set_aside(c, files.paths[i], reterr);
	}
	walk_release(&files);
	return status;
}

int lane_cov_after(struct lane_cov *c, const struct proc_end *end, const uint32_t *tests, size_t n,
		   struct err *reterr)
{
	bool is_killed = end->term_signal != 0;

	if (!c->dir || !(is_killed || end->is_timeout || end->is_stopped || end->is_leaky))
		return 0;
	/* with our hook in it, it wrote before it went */
	if (unlink(c->dumped) == 0)
		is_killed = false;
	if (look_after(c, reterr) < 0)
		return -1;
	if (!is_killed || n == 0)
		return 0;
	struct covnote *notes = xcalloc(n, sizeof *notes);

	for (size_t i = 0; i < n; i++)
		notes[i] =
			(struct covnote){ .test = tests[i], .signal = (unsigned)end->term_signal };
	int status = covnote_add(c->notes, notes, n, reterr);

	free(notes);
	return status;
}
