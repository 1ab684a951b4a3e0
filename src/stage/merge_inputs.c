/* SPDX-License-Identifier: MIT */
#include "stage/merge_inputs.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"
#include "sys/fs.h"

enum { MAX_FOLDER_DEPTH = 256 };

struct finding {
	struct merge_inputs *ret;
	const struct merge_inputs_kind *kind;
	struct map seen;        /* device and inode */
	const struct stat *out; /* what was merged the last time; NULL: there is none */
	struct err *reterr;
	bool has_failed;
};

static bool is_junit_name(const char *name)
{
	static const char *const ends[] = { ".xml", ".xml.gz" };
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t m = strlen(ends[i]);

		if (n > m && strcmp(name + n - m, ends[i]) == 0)
			return true;
	}
	return false;
}

const struct merge_inputs_kind merge_inputs_junit = {
	.is_name = is_junit_name,
	.missing = "no *.xml and no *.xml.gz in this folder",
};

/* True the first time this file is seen. */
static bool note_file(struct finding *f, const struct stat *st)
{
	const uint64_t id[2] = { (uint64_t)st->st_dev, (uint64_t)st->st_ino };
	char *key = arena_memdup(&f->ret->mem, id, sizeof id);

	return map_put(&f->seen, key, sizeof id, 0);
}

static void add_file(struct finding *f, const char *path, const struct stat *st, bool is_found)
{
	struct merge_inputs *in = f->ret;

	/* a pipe may be given twice, and a missing file is for the reader to report */
	if (st && S_ISREG(st->st_mode) && !note_file(f, st))
		return;
	GROW(in->files, in->nfiles, in->cap_files);
	in->files[in->nfiles++] = (struct merge_input){
		.path = arena_strdup(&in->mem, path),
		.size_bytes = st && S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
		.is_found = is_found,
	};
	in->total_bytes += in->files[in->nfiles - 1].size_bytes;
}

static bool is_out(const struct finding *f, const struct stat *st)
{
	return f->out && f->out->st_dev == st->st_dev && f->out->st_ino == st->st_ino;
}

static void walk(struct finding *f, const char *dir, unsigned depth)
{
	const char **names = NULL;
	size_t n = 0;
	struct err e = { 0 };

	if (fs_list(dir, &f->ret->mem, &names, &n, &e) < 0) {
		if (!f->has_failed && f->reterr)
			*f->reterr = e;
		f->has_failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const char *path = fs_join(&f->ret->mem, dir, names[i]);
		struct stat st;

		if (lstat(path, &st) < 0)
			continue; /* gone meanwhile */
		if (S_ISDIR(st.st_mode) && depth < MAX_FOLDER_DEPTH) {
			/* what earlier runs told of the same figures is no figure of its own */
			if (strcmp(names[i], ".gangway") != 0)
				walk(f, path, depth + 1);
		} else if (f->kind->is_name(names[i]) && stat(path, &st) == 0 &&
			   S_ISREG(st.st_mode) && !is_out(f, &st)) {
			add_file(f, path, &st, true);
		}
	}
}

int merge_inputs_find(struct merge_inputs *ret, const struct merge_inputs_kind *kind,
		      const char *const *paths, size_t npaths, const char *out, struct err *reterr)
{
	struct stat st;
	struct stat out_st;
	struct finding f = { .ret = ret, .kind = kind, .reterr = reterr };

	if (stat(out, &out_st) == 0)
		f.out = &out_st;

	for (size_t i = 0; i < npaths; i++) {
		bool is_there = stat(paths[i], &st) == 0;

		if (is_there && S_ISDIR(st.st_mode)) {
			size_t before = ret->nfiles;

			walk(&f, paths[i], 0);
			if (ret->nfiles == before && !f.has_failed) {
				err_set(reterr, ERR_MISSING, paths[i], 0, "%s", kind->missing);
				f.has_failed = true;
			}
		} else {
			add_file(&f, paths[i], is_there ? &st : NULL, false);
		}
	}
	map_release(&f.seen);
	return f.has_failed ? -1 : 0;
}

void merge_inputs_release(struct merge_inputs *in)
{
	free(in->files);
	arena_release(&in->mem);
}

const char *merge_scratch_dir(struct arena *mem, const char *out)
{
	const char *slash = strrchr(out, '/');
	const char *temp = getenv("TMPDIR");

	if (strcmp(out, "-") == 0)
		return temp && *temp ? temp : "/tmp";
	if (!slash)
		return ".";
	return slash == out ? "/" : arena_memdup(mem, out, (size_t)(slash - out));
}
