/* SPDX-License-Identifier: MIT
 *
 * What the processes of an epoch counted goes into sum.N, which holds all epochs before it as well;
 * then their files go, and their folders are those of the next epoch.  What each test counted goes into
 * contexts.N, where that is wanted, of this epoch alone.
 */
#include "stage/execute_cov.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/covctx.h"
#include "format/covlane.h"
#include "format/covnote.h"
#include "format/gcda_sum.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/walk.h"

enum { DATA_MAX_BYTES = 1 << 30 };

static const char suffix[] = ".gcda";

static const char *numbered(struct arena *mem, const char *dir, const char *word, unsigned n)
{
	char name[32];

	snprintf(name, sizeof name, "%s%u", word, n);
	return fs_join(mem, dir, name);
}

/* The folder that a file is in. */
static int make_folder_of(struct arena *mem, const char *path, struct err *reterr)
{
	return fs_mkdirs(arena_memdup(mem, path, (size_t)(strrchr(path, '/') - path)), reterr);
}

/* path: below `folder`, at its place in the build. */
static int set_torn_aside(struct lane_cov *c, const char *folder, const char *path,
			  struct err *reterr)
{
	const struct covnote note = { .test = NO_INDEX, .path = path + strlen(folder) };
	struct arena mem = { 0 };
	const char *torn = fs_join(&mem, c->dir, "torn");

	/* a copy for whoever wants to look: on a full disk there is none */
	if (fs_mkdirs(torn, NULL) == 0)
		outfile_copy(path, numbered(&mem, torn, "", ++c->ntorn), NULL);
	int status = unlink(path) < 0 ? err_sys(reterr, path, "cannot be removed") : 0;

	if (status == 0)
		status = covnote_add(c->notes, &note, 1, reterr);
	arena_release(&mem);
	return status;
}

static bool is_whole(const char *path, struct buf *text)
{
	struct gcda_sum *sum = gcda_sum_new();
	struct err e = { 0 };

	buf_clear(text);
	if (fs_read(path, DATA_MAX_BYTES, text, &e) == 0)
		gcda_sum_add(sum, path, text->s, text->len, &e);
	gcda_sum_free(sum);
	return e.code != ERR_SYNTAX;
}

int lane_cov_look_after(struct lane_cov *c, const char *folder, struct err *reterr)
{
	struct walk_list files = { 0 };
	struct buf text = BUF_INIT;
	int status = 0;

	walk_files(folder, suffix, &files);
	for (size_t i = 0; i < files.n && status == 0; i++) {
		if (!is_whole(files.paths[i], &text))
			status = set_torn_aside(c, folder, files.paths[i], reterr);
	}
	buf_release(&text);
	walk_release(&files);
	return status;
}

static struct lane_sum *sum_of(struct lane_cov *c, const char *path)
{
	size_t i = c->nsums;

	if (!map_get(&c->paths, path, strlen(path), &i)) {
		const char *kept = arena_strdup(&c->mem, path);

		GROW(c->sums, c->nsums, c->cap_sums);
		c->sums[c->nsums++] = (struct lane_sum){ .path = kept, .sum = gcda_sum_new() };
		map_put(&c->paths, kept, strlen(kept), i);
	}
	return &c->sums[i];
}

/* It counts for itself. */
static int set_odd_aside(struct lane_cov *c, const char *folder, const char *path,
			 struct err *reterr)
{
	struct arena mem = { 0 };
	const char *odd = numbered(&mem, c->dir, "odd.", ++c->nodd);
	const char *to = fs_join(&mem, odd, path + strlen(folder) + 1);
	int status = make_folder_of(&mem, to, reterr);

	if (status == 0)
		status = outfile_copy(path, to, reterr);
	arena_release(&mem);
	return status;
}

/* One process's. */
struct fresh {
	const char *folder;
	uint32_t test; /* NO_INDEX: nobody asks */
	struct buf text;
};

/* What cannot be added up alone counts for no test. */
static void log_file(struct lane_cov *c, const struct fresh *f, const char *path)
{
	struct gcda_sum *one = gcda_sum_new();

	if (!c->log)
		c->log = covctx_log_new();
	if (gcda_sum_add(one, path, f->text.s, f->text.len, NULL) == 0)
		covctx_log_add(c->log, path + strlen(f->folder), f->test, one);
	gcda_sum_free(one);
}

static int add_file(struct lane_cov *c, struct fresh *f, const char *path, struct err *reterr)
{
	struct lane_sum *sum = sum_of(c, path + strlen(f->folder));
	struct err e = { 0 };

	buf_clear(&f->text);
	if (fs_read(path, DATA_MAX_BYTES, &f->text, reterr) < 0)
		return -1;
	if (f->test != NO_INDEX)
		log_file(c, f, path);
	if (gcda_sum_add(sum->sum, path, f->text.s, f->text.len, &e) == 0) {
		sum->is_changed = true;
		return 0;
	}
	return e.code == ERR_SYNTAX ? set_torn_aside(c, f->folder, path, reterr)
				    : set_odd_aside(c, f->folder, path, reterr);
}

static int add_process(struct lane_cov *c, const char *folder, uint32_t test, struct err *reterr)
{
	struct fresh f = { .folder = folder, .test = test, .text = BUF_INIT };
	struct walk_list files = { 0 };
	int status = 0;

	walk_files(folder, suffix, &files);
	for (size_t i = 0; i < files.n && status == 0; i++)
		status = add_file(c, &f, files.paths[i], reterr);
	buf_release(&f.text);
	walk_release(&files);
	return status;
}

static int write_log(struct lane_cov *c, struct arena *mem, struct err *reterr)
{
	struct buf text = BUF_INIT;
	int status = 0;

	if (!c->log)
		return 0;
	covctx_log_write(c->log, &text);
	if (text.len > 0)
		status = outfile_write(numbered(mem, c->dir, "contexts.", c->epoch), text.s,
				       text.len, reterr);
	covctx_log_free(c->log);
	c->log = NULL;
	buf_release(&text);
	return status;
}

static int write_sum(struct lane_sum *sum, const char *path, const char *before, struct err *reterr)
{
	struct buf text = BUF_INIT;

	if (!sum->is_changed && link(before, path) == 0)
		return 0;
	gcda_sum_write(sum->sum, &text);
	/* what could not be added up has no sum */
	int status = text.len > 0 ? outfile_write(path, text.s, text.len, reterr) : 0;

	sum->is_changed = false;
	buf_release(&text);
	return status;
}

static int write_sums(struct lane_cov *c, struct arena *mem, struct err *reterr)
{
	const char *to = numbered(mem, c->dir, "sum.", c->epoch);
	const char *before = numbered(mem, c->dir, "sum.", c->epoch - 1);
	const char *draft = fs_join(mem, c->dir, "sum.draft");
	int status = fs_mkdirs(draft, reterr);

	for (size_t i = 0; i < c->nsums && status == 0; i++) {
		const char *below = c->sums[i].path + 1;
		const char *path = fs_join(mem, draft, below);

		status = make_folder_of(mem, path, reterr);
		if (status == 0)
			status = write_sum(&c->sums[i], path, fs_join(mem, before, below), reterr);
	}
	if (status == 0 && rename(draft, to) < 0)
		status = err_sys(reterr, to, "cannot write");
	if (status == 0)
		fs_remove_tree(before, NULL); /* does not count any more */
	return status;
}

/* The files go, the folders stay: they need not be made again. */
static void empty_process(const char *folder)
{
	struct walk_list files = { 0 };

	walk_files(folder, "", &files);
	for (size_t i = 0; i < files.n; i++)
		unlink(files.paths[i]);
	covlane_forget_test(folder);
	walk_release(&files);
}

int lane_cov_add_up(struct lane_cov *c, struct err *reterr)
{
	struct arena mem = { 0 };
	int status = 0;

	if (c->nfresh == 0)
		return 0;
	const char *epoch = numbered(&mem, c->fresh, "e", c->epoch);

	for (unsigned k = 0; k < c->nfresh && status == 0; k++)
		status = add_process(c, numbered(&mem, epoch, "", k), c->tests[k], reterr);
	if (status == 0)
		status = write_log(c, &mem, reterr);
	if (status == 0 && c->nsums > 0)
		status = write_sums(c, &mem, reterr);
	for (unsigned k = 0; k < c->nfresh && status == 0; k++)
		empty_process(numbered(&mem, epoch, "", k));
	/* of an epoch in which nothing was counted there is no folder */
	if (status == 0)
		rename(epoch, numbered(&mem, c->fresh, "e", c->epoch + 1));
	if (status == 0) {
		c->epoch++;
		c->nfresh = 0;
	}
	arena_release(&mem);
	return status;
}
