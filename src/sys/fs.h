/* SPDX-License-Identifier: MIT
 *
 * Files and folders.  Paths are byte strings without NUL.
 */
#ifndef GW_SYS_FS_H
#define GW_SYS_FS_H

#include "base/arena.h"

struct buf;
struct err;

/* Append a whole file, at most limit_bytes (more is ERR_LIMIT).  A missing file is ERR_MISSING. */
int fs_read(const char *path, size_t limit_bytes, struct buf *ret, struct err *reterr);

/* Append `size` bytes of a file from `offset` on; fewer are ERR_SYNTAX. */
int fs_read_part(const char *path, uint64_t offset, size_t size, struct buf *ret,
		 struct err *reterr);

/* Open a regular file below a folder to read it, only through folders and never through a symbolic
 * link or ".." behind `root`; -1 where that cannot be. */
int fs_open_below(const char *root, const char *path);

/* mkdir -p. */
int fs_mkdirs(const char *path, struct err *reterr);
/* rm -rf, never through a symbolic link.  A missing path is fine. */
int fs_remove_tree(const char *path, struct err *reterr);

/* This folder is in use until the process ends (flock; programs that we start do not hold it). */
void fs_hold_dir(const char *path);
/* Is it held by a process that lives?  No, where the file system has no locks. */
bool fs_is_held(const char *path);

/* How many files this process may have open at once. */
size_t fs_open_files_max(void);

bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
/* When it was written last, since 1970; TIME_UNKNOWN if it is not there. */
uint64_t fs_changed_us(const char *path);
/* A symbolic link, wherever it leads. */
bool fs_is_link(const char *path);
/* A regular file that we may execute. */
bool fs_is_program(const char *path);

/* Go on hashing (base/map.h) with what tells this file from another or from itself after a change:
 * device, inode, size and times.  False, *state untouched, if it is not there. */
bool fs_identity(const char *path, uint64_t *state);
/* The same with its bytes, wherever it is and whenever it was written. */
bool fs_content_identity(const char *path, uint64_t *state);

/* Absolute, without "." ".." and double slashes; symbolic links are not followed, nothing need
 * exist. */
char *fs_absolute(struct arena *mem, const char *base, const char *path);
/* `path` as seen from `base` (both absolute): "a/b", "../c", "." */
char *fs_relative(struct arena *mem, const char *base, const char *path);
/* Is `path` the folder, or in it?  Both as fs_absolute() gives them; `folder` may end in slashes. */
bool fs_is_below(const char *path, const char *folder);
/* dir/name */
char *fs_join(struct arena *mem, const char *dir, const char *name);
/* The part behind the last slash; borrowed. */
const char *fs_basename(const char *path);
/* The current folder; in mem. */
char *fs_cwd(struct arena *mem);
/* Where a command of PATH is, absolute, in mem; NULL if nowhere. */
char *fs_find_program(struct arena *mem, const char *name);

/*
 * Names in a folder, sorted by bytes, without "." and "..".  The list ends in NULL.
 */
int fs_list(const char *path, struct arena *mem, const char ***ret, size_t *ret_n,
	    struct err *reterr);

/* A fresh folder under $TMPDIR, mode 0700; in mem. */
char *fs_make_temp_dir(struct arena *mem, struct err *reterr);

#endif
