/* SPDX-License-Identifier: MIT
 *
 * A file that appears whole or not at all: written beside its place under a temporary name, then
 * renamed.
 */
#ifndef GW_SYS_OUTFILE_H
#define GW_SYS_OUTFILE_H

struct err;
struct outfile;

/* NULL on failure.  The folder must exist.  "-" is stdout, which is only flushed at the end.
 * A device or a pipe is written into: nothing takes its place. */
struct outfile *outfile_open(const char *path, struct err *reterr);
/* Borrowed.  Errors stick to it: commit looks at them. */
FILE *outfile_stream(struct outfile *o);
/* Flush, close, rename, free o.  On failure the old file is still there. */
int outfile_commit(struct outfile *o, struct err *reterr);
/* As commit, but an existing file with the same bytes stays untouched (Make and Ninja look at
 * times). */
int outfile_commit_if_changed(struct outfile *o, struct err *reterr);
/* Remove what was written, free o.  NULL is fine. */
void outfile_abandon(struct outfile *o);

/* The whole of it in one call. */
int outfile_write(const char *path, const void *s, size_t len, struct err *reterr);

/* A copy of a file. */
int outfile_copy(const char *from, const char *path, struct err *reterr);

#endif
