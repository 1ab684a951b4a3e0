/* SPDX-License-Identifier: MIT
 *
 * Unified diffs as git writes them, with any number of lines around a change: which lines of the
 * new files were added or changed.
 */
#ifndef GW_FORMAT_UNIDIFF_H
#define GW_FORMAT_UNIDIFF_H

struct err;

struct unidiff_hooks {
	void *ctx;
	/* The lines that follow are of this file; "b/" is cut off.  Lives until the call returns. */
	void (*file)(void *ctx, const char *path, size_t len);
	/* Lines first to last of it, ascending, never before a file(); not of removed files. */
	void (*lines)(void *ctx, uint32_t first, uint32_t last);
};

/* `path` is for messages.  ERR_SYNTAX: no diff, with its line; what was told before is as told. */
int unidiff_read(const char *path, const char *s, size_t len, const struct unidiff_hooks *hooks,
		 struct err *reterr);

#endif
