/* SPDX-License-Identifier: MIT
 *
 * Sources that coverage tells of are other people's words: only what is below folders that the user
 * named is read.
 */
#ifndef GW_SYS_FS_SOURCE_H
#define GW_SYS_FS_SOURCE_H

struct buf;

struct source_roots {
	const char *rootdir; /* absolute: relative names are below it */
	const char *const
		*roots; /* absolute folders or files: absolute names are at or below one */
	size_t nroots;
};

/* Append the text of a source, at most SOURCE_MAX_BYTES.  False, nothing appended, where it is not
 * there, no regular file, outside of all roots, or to be had only through a symbolic link or ".." below
 * its root.  ret_changed_us: when it was written last, since 1970; may be NULL. */
enum { SOURCE_MAX_BYTES = 1 << 28 };
bool source_read(const struct source_roots *roots, const char *path, struct buf *ret,
		 uint64_t *ret_changed_us);

#endif
