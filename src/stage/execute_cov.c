/* SPDX-License-Identifier: MIT */
#include "stage/execute_cov.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/covctx.h"
#include "format/covlane.h"
#include "format/covnote.h"
#include "format/gcda_sum.h"
#include "model/run.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "sys/walk.h"

/* How much waits to be added up: what a memory file system is asked for, for each lane.  Adding up
 * costs as much as a few processes' own writing. */
enum { FRESH_MOST_BYTES = 64 << 20, FRESH_LEAST_BYTES = 4 << 20 };

static const char memory[] = "/dev/shm";

/*
 * Making and removing fifty small files for each process costs three times as much on a disk's file
 * system as in memory.  NULL: there is none with room.
 */
static const char *make_memory_folder(struct lane_cov *c, const struct run *run)
{
	struct statvfs room;
	char name[96];

	if (statvfs(memory, &room) < 0)
		return NULL;
	uint64_t share = (uint64_t)room.f_bavail * room.f_bsize / 4 / run->nlanes;

	if (share < FRESH_LEAST_BYTES)
		return NULL;
	snprintf(name, sizeof name, "%s/gangway-%ld-XXXXXX", memory, (long)getuid());
	if (!mkdtemp(name))
		return NULL;
	fs_hold_dir(name); /* so that others see whether we live */
	c->limit_bytes = share < c->limit_bytes ? share : c->limit_bytes;
	return arena_strdup(&c->mem, name);
}

static int make_fresh(struct lane_cov *c, const struct run *run, const char *lanedir,
		      struct err *reterr)
{
	const char *folder = make_memory_folder(c, run);

	if (!folder) {
		c->fresh = covlane_path(&c->mem, lanedir, "fresh");
		return fs_mkdirs(c->fresh, reterr);
	}
	const char *place = covlane_path(&c->mem, lanedir, "place");

	c->fresh = folder;
	/* whose it is, for those who tidy up */
	outfile_write(fs_join(&c->mem, folder, "of"), place, strlen(place), NULL);
	return outfile_write(place, folder, strlen(folder), reterr);
}

int lane_cov_open(struct lane_cov *c, const struct run *run, const char *lanedir,
		  struct err *reterr)
{
	*c = (struct lane_cov){ .epoch = 1, .limit_bytes = FRESH_MOST_BYTES };
	const char *dir = fs_join(&c->mem, lanedir, "cov");

	/* of an earlier life of this lane or unit, which does not count any more */
	if (fs_remove_tree(dir, reterr) < 0)
		return -1;
	if (!run->wants_cov)
		return 0;
	c->wants_contexts = run->wants_cov_contexts;
	c->lanedir = arena_strdup(&c->mem, lanedir);
	c->dir = dir;
	c->dumped = fs_join(&c->mem, dir, "dumped");
	c->notes = fs_join(&c->mem, dir, "notes.tsv");
	/* the others are made by who writes into them */
	if (fs_mkdirs(fs_join(&c->mem, dir, "python"), reterr) < 0)
		return -1;
	return run->is_cov_in_place ? 0 : make_fresh(c, run, lanedir, reterr);
}

int lane_cov_close(struct lane_cov *c, struct err *reterr)
{
	int status = 0;

	if (c->dir && c->fresh) {
		status = lane_cov_add_up(c, reterr);
		/* what could not be added up stays, and is gathered as it is */
		if (status == 0 && fs_remove_tree(c->fresh, reterr) == 0)
			unlink(fs_join(&c->mem, c->dir, "place"));
	}
	for (size_t i = 0; i < c->nsums; i++)
		gcda_sum_free(c->sums[i].sum);
	free(c->sums);
	covctx_log_free(c->log);
	map_release(&c->paths);
	arena_release(&c->mem);
	*c = (struct lane_cov){ 0 };
	return status;
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
	const char **vars = arena_alloc(mem, 4, sizeof *vars);
	size_t n = 0;

	if (!c->dir)
		return vars;
	if (c->fresh)
		vars[n++] = "GCOV_PREFIX_STRIP=0";
	vars[n++] = make_var(mem, "GCOV_ERROR_FILE", c->dir, "/gcov.err");
	vars[n] = make_var(mem, "GANGWAY_COV_DUMPED", c->dumped, "");
	return vars;
}

/* The folder of the process at hand, below `fresh`. */
static const char *process_folder(const struct lane_cov *c, char *ret, size_t size)
{
	snprintf(ret, size, "/e%u/%u", c->epoch, c->nfresh);
	return ret;
}

const char *const *lane_cov_process_vars(struct lane_cov *c, const char *program, struct arena *mem)
{
	const char **vars = arena_alloc(mem, 4, sizeof *vars);
	size_t n = 0;
	char name[64];

	if (!c->dir)
		return vars;
	if (c->fresh)
		vars[n++] = make_var(mem, "GCOV_PREFIX", c->fresh,
				     process_folder(c, name, sizeof name));
	/* processes that run at the same time take one of four files for each program */
	vars[n++] = make_var(mem, "LLVM_PROFILE_FILE", covlane_llvm(mem, c->lanedir, program),
			     "/%4m.profraw");
	snprintf(name, sizeof name, "/python/data.%u", ++c->nprocesses);
	vars[n] = make_var(mem, "COVERAGE_FILE", c->dir, name);
	return vars;
}

/* The first ones, and then now and again: what it looks at takes time too. */
static void weigh(struct lane_cov *c, const char *folder)
{
	struct walk_list files = { 0 };
	uint64_t bytes = 0;

	if ((c->nfresh & (c->nfresh + 1)) != 0)
		return;
	walk_files(folder, "", &files);
	for (size_t i = 0; i < files.n; i++) {
		struct stat st;

		bytes += lstat(files.paths[i], &st) == 0 ? (uint64_t)st.st_size : 0;
	}
	walk_release(&files);
	c->most_bytes = bytes > c->most_bytes ? bytes : c->most_bytes;
}

static int note_kill(struct lane_cov *c, const struct proc_end *end, const uint32_t *tests,
		     size_t n, struct err *reterr)
{
	/* with our hook in it, it wrote before it went */
	bool has_dumped = unlink(c->dumped) == 0;

	if (has_dumped || end->term_signal == 0 || n == 0)
		return 0;
	struct covnote *notes = xcalloc(n, sizeof *notes);

	for (size_t i = 0; i < n; i++)
		notes[i] =
			(struct covnote){ .test = tests[i], .signal = (unsigned)end->term_signal };
	int status = covnote_add(c->notes, notes, n, reterr);

	free(notes);
	return status;
}

/* Also for whoever gathers, should this lane be killed before it has added the process up. */
static int note_test(struct lane_cov *c, const char *folder, const uint32_t *tests, size_t n,
		     struct err *reterr)
{
	c->tests[c->nfresh] = c->wants_contexts && n == 1 ? tests[0] : NO_INDEX;
	if (c->tests[c->nfresh] == NO_INDEX || !fs_is_dir(folder))
		return 0;
	return covlane_note_test(folder, tests[0], reterr);
}

int lane_cov_after(struct lane_cov *c, const struct proc_end *end, const uint32_t *tests, size_t n,
		   struct err *reterr)
{
	bool was_killed = end->term_signal || end->is_timeout || end->is_stopped || end->is_leaky;
	struct arena mem = { 0 };
	char name[64];
	int status = 0;

	if (!c->dir)
		return 0;
	if (c->fresh) {
		const char *folder =
			fs_join(&mem, c->fresh, process_folder(c, name, sizeof name) + 1);

		if (end->is_stopped && n == 0) { /* what it ran is run again by --resume */
			fs_remove_tree(folder, NULL);
			arena_release(&mem);
			return 0;
		}
		if (was_killed)
			status = lane_cov_look_after(c, folder, reterr);
		if (status == 0)
			status = note_test(c, folder, tests, n, reterr);
		weigh(c, folder);
		c->nfresh++;
		if (status == 0 && (c->nfresh >= LANE_COV_FRESH_MAX ||
				    c->most_bytes * (c->nfresh + 1) > c->limit_bytes))
			status = lane_cov_add_up(c, reterr);
	}
	if (status == 0 && was_killed)
		status = note_kill(c, end, tests, n, reterr);
	arena_release(&mem);
	return status;
}
