/* SPDX-License-Identifier: MIT */
#include "sys/fs_outdir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "sys/fs.h"

/* What is in the place. */
enum place { PLACE_EMPTY, PLACE_OURS, PLACE_SHARED };

struct outdir {
	struct arena mem;
	const struct outdir_kind *kind;
	const char *path;  /* as the user called it */
	const char *place; /* the same, not a symbolic link */
	const char *temp;
	bool is_inside;   /* temp is in it, and files are moved one by one */
	bool has_earlier; /* there is a report of ours */
	FILE *stream;
};

/* --- looking at what is there ----------------------------------------------------------------- */

static bool has_mark(const char *dir, const struct outdir_kind *kind)
{
	struct arena mem = { 0 };
	FILE *f = fopen(fs_join(&mem, dir, kind->index), "rbe");
	char head[256] = "";
	size_t n = f ? fread(head, 1, sizeof head - 1, f) : 0;

	if (f)
		fclose(f); /* only read from */
	arena_release(&mem);
	return n > 0 && strncmp(head, kind->mark, strlen(kind->mark)) == 0;
}

static int survey(struct outdir *o, enum place *ret, struct err *reterr)
{
	const char **names = NULL;
	size_t n = 0;
	const char *foreign = NULL;

	if (fs_list(o->place, &o->mem, &names, &n, reterr) < 0)
		return -1;
	o->has_earlier = has_mark(o->place, o->kind);
	*ret = n == 0 ? PLACE_EMPTY : o->has_earlier ? PLACE_OURS : PLACE_SHARED;
	for (size_t i = 0; i < n; i++) {
		if (!o->kind->is_ours(names[i]))
			*ret = PLACE_SHARED;
		else if (!foreign)
			foreign = names[i];
	}
	if (foreign && !o->has_earlier)
		return err_set(
			reterr, ERR_USAGE, o->path, 0,
			"its file '%s' is of no %s of gangway and would be overwritten: name "
			"another folder",
			foreign, o->kind->what);
	return 0;
}

/* Can a folder beside it take its place?  Not that of a mount point. */
static bool is_mount_point(const char *path, const struct stat *st)
{
	struct arena mem = { 0 };
	struct stat parent;
	bool is = stat(fs_join(&mem, path, ".."), &parent) != 0 || parent.st_dev != st->st_dev ||
		  parent.st_ino == st->st_ino;

	arena_release(&mem);
	return is;
}

/* --- beginning -------------------------------------------------------------------------------- */

static char *with_suffix(struct outdir *o, const char *path, const char *suffix)
{
	char *ret = arena_alloc(&o->mem, strlen(path) + strlen(suffix) + 1, 1);

	stpcpy(stpcpy(ret, path), suffix);
	return ret;
}

static int make_temp(struct outdir *o, bool is_inside, mode_t mode)
{
	char suffix[64];

	snprintf(suffix, sizeof suffix, "%s.tmp-%ld", is_inside ? "/" : "", (long)getpid());
	char *temp = with_suffix(o, o->place, suffix);

	/* what a dead process with our number left behind is nobody's */
	fs_remove_tree(temp, NULL);
	o->is_inside = is_inside;
	if (mkdir(temp, 0777) < 0)
		return -1;
	o->temp = temp;
	if (mode)
		chmod(temp, mode); /* that of the folder it replaces; what cannot be is left */
	return 0;
}

static int begin(struct outdir *o, struct err *reterr)
{
	enum place place = PLACE_EMPTY;
	struct stat st;

	if (stat(o->path, &st) < 0) {
		char *parent = fs_absolute(&o->mem, o->place, "..");

		if (fs_mkdirs(parent, reterr) < 0)
			return -1;
		return make_temp(o, false, 0) < 0 ? err_sys(reterr, o->path, "cannot make folder")
						  : 0;
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(reterr, ERR_USAGE, o->path, 0, "it is no folder, and a %s is one",
			       o->kind->what);
	char *real = realpath(o->path, NULL);

	o->place = arena_strdup(&o->mem, real ? real : o->place);
	free(real);
	if (survey(o, &place, reterr) < 0)
		return -1;
	if (place != PLACE_SHARED && !is_mount_point(o->place, &st) &&
	    make_temp(o, false, st.st_mode & 07777) == 0)
		return 0;
	return make_temp(o, true, 0) < 0 ? err_sys(reterr, o->path, "cannot write into folder") : 0;
}

struct outdir *outdir_open(const char *path, const struct outdir_kind *kind, struct err *reterr)
{
	struct outdir *o = xcalloc(1, sizeof *o);

	o->kind = kind;
	o->path = arena_strdup(&o->mem, path);
	o->place = fs_absolute(&o->mem, fs_cwd(&o->mem), path);
	if (begin(o, reterr) == 0)
		return o;
	outdir_abandon(o);
	return NULL;
}

/* --- files ------------------------------------------------------------------------------------ */

FILE *outdir_file(struct outdir *o, const char *name, struct err *reterr)
{
	struct arena mem = { 0 };
	int fd = open(fs_join(&mem, o->temp, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	arena_release(&mem);
	o->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (!o->stream)
		err_sys(reterr, o->path, "cannot write '%s'", name);
	if (!o->stream && fd >= 0)
		close(fd);
	return o->stream;
}

int outdir_file_end(struct outdir *o, struct err *reterr)
{
	FILE *stream = o->stream;

	o->stream = NULL;
	errno = 0;
	bool has_failed = fflush(stream) != 0 || ferror(stream) != 0;
	int why = errno ? errno : EIO;

	if (fclose(stream) != 0 && !has_failed) {
		has_failed = true;
		why = errno;
	}
	errno = why;
	return has_failed ? err_sys(reterr, o->path, "cannot write") : 0;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void outdir_free(struct outdir *o)
{
	arena_release(&o->mem);
	free(o);
}

void outdir_abandon(struct outdir *o)
{
	if (!o)
		return;
	if (o->stream)
		fclose(o->stream); /* thrown away */
	if (o->temp)
		fs_remove_tree(o->temp, NULL);
	outdir_free(o);
}

/* An earlier report that is in its place no more.  What somebody put into it meanwhile stays. */
static int remove_earlier(struct outdir *o, const char *dir, struct err *reterr)
{
	const char **names = NULL;
	size_t n = 0;

	if (fs_list(dir, &o->mem, &names, &n, reterr) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (o->kind->is_ours(names[i]))
			unlink(fs_join(&o->mem, dir, names[i]));
	}
	return rmdir(dir) < 0
		       ? err_sys(reterr, dir, "cannot remove what was in '%s' before", o->path)
		       : 0;
}

/* Two steps, where a file system cannot exchange. */
static int swap_by_hand(struct outdir *o, const char *aside)
{
	if (rename(o->place, aside) < 0)
		return -1;
	if (rename(o->temp, o->place) == 0)
		return 0;
	int why = errno;

	rename(aside, o->place); /* it was there a moment ago */
	errno = why;
	return -1;
}

static int swap(struct outdir *o, struct err *reterr)
{
	const char *earlier = o->temp;

	/* onto nothing or an empty folder */
	if (rename(o->temp, o->place) == 0)
		return 0;
	int status = errno == ENOTEMPTY || errno == EEXIST
			     ? renameat2(AT_FDCWD, o->temp, AT_FDCWD, o->place, RENAME_EXCHANGE)
			     : -1;

	if (status < 0 && (errno == EINVAL || errno == ENOSYS)) {
		earlier = with_suffix(o, o->temp, ".old");
		status = swap_by_hand(o, earlier);
	}
	if (status < 0)
		return err_sys(reterr, o->path, "cannot put the folder in its place");
	o->temp = NULL; /* what is of that name now is not to be thrown away whole */
	return remove_earlier(o, earlier, reterr);
}

static int move(struct outdir *o, const char *name, struct err *reterr)
{
	if (rename(fs_join(&o->mem, o->temp, name), fs_join(&o->mem, o->place, name)) < 0)
		return err_sys(reterr, o->path, "cannot put '%s' in its place", name);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int move_all(struct outdir *o, struct err *reterr)
{
	const char **names = NULL, **old = NULL;
	size_t n = 0, nold = 0;

	if (fs_list(o->temp, &o->mem, &names, &n, reterr) < 0 ||
	    fs_list(o->place, &o->mem, &old, &nold, reterr) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], o->kind->index) != 0 && move(o, names[i], reterr) < 0)
			return -1;
	}
	if (move(o, o->kind->index, reterr) < 0)
		return -1;
	for (size_t i = 0; i < nold && o->has_earlier; i++) {
		if (o->kind->is_ours(old[i]) &&
		    !bsearch(&old[i], names, n, sizeof *names, compare_names))
			unlink(fs_join(&o->mem, o->place, old[i]));
	}
	return rmdir(o->temp) < 0 ? err_sys(reterr, o->temp, "cannot remove") : 0;
}

int outdir_commit(struct outdir *o, struct err *reterr)
{
	int status = o->is_inside ? move_all(o, reterr) : swap(o, reterr);

	if (status < 0) {
		outdir_abandon(o);
		return -1;
	}
	outdir_free(o);
	return 0;
}
