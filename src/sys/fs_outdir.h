/* SPDX-License-Identifier: MIT
 *
 * A folder of files that are made together: a report.  It is written under a temporary name, and
 * comes into its place in one step where nothing, an empty folder, or an earlier report alone is
 * there.  What is other people's stays: beside such files, on a mount point, and where no folder can be
 * made beside it, our files are moved in one by one, the first page last.
 */
#ifndef GW_SYS_FS_OUTDIR_H
#define GW_SYS_FS_OUTDIR_H

struct err;
struct outdir;

/* How an earlier one is known. */
struct outdir_kind {
	const char *what;                  /* for people: "coverage report" */
	const char *index;                 /* the first page's name */
	const char *mark;                  /* how its bytes begin */
	bool (*is_ours)(const char *name); /* may a file of ours be called so?  The index too */
};

/* NULL on failure: no folder can be there, or something that is not ours would be overwritten.
 * Folders above it are made.  *kind and its strings are borrowed until the end. */
struct outdir *outdir_open(const char *path, const struct outdir_kind *kind, struct err *reterr);
/* Begin a file; the one before it must have ended.  NULL on failure.  Errors stick to the stream. */
FILE *outdir_file(struct outdir *o, const char *name, struct err *reterr);
int outdir_file_end(struct outdir *o, struct err *reterr);
/* Put it in its place, free o.  On failure what was there is still there. */
int outdir_commit(struct outdir *o, struct err *reterr);
/* Remove what was written, free o.  NULL is fine. */
void outdir_abandon(struct outdir *o);

#endif
