/* SPDX-License-Identifier: MIT
 *
 * Which files are merged, in which order.  A part of merge.
 */
#ifndef GW_STAGE_MERGE_INPUTS_H
#define GW_STAGE_MERGE_INPUTS_H

#include "base/arena.h"

struct err;

struct merge_input {
	const char *path;
	uint64_t size_bytes; /* 0 if unknown */
	bool is_found;       /* in a folder: what is of another kind there is passed over */
};

struct merge_inputs {
	struct arena mem;
	struct merge_input *files;
	size_t nfiles, cap_files;
	uint64_t total_bytes;
};

/* What is looked for in folders. */
struct merge_inputs_kind {
	bool (*is_name)(const char *name); /* of a file that may be of this kind */
	const char *missing;               /* what to say of a folder without any */
};

extern const struct merge_inputs_kind merge_inputs_junit; /* *.xml, *.xml.gz */

/*
 * Files as they are given, folders with every file of this kind below them in the order of their
 * bytes; symbolic links to folders are not followed, nor is .gangway in a folder looked into.  A file
 * that is met twice counts once, and `out` does not count where it is found in a folder.  -1: a folder
 * could not be read, *reterr has the first; the rest is in *ret all the same.
 */
int merge_inputs_find(struct merge_inputs *ret, const struct merge_inputs_kind *kind,
		      const char *const *paths, size_t npaths, const char *out, struct err *reterr);
void merge_inputs_release(struct merge_inputs *in);

/* Where scratch files go: the output's folder, or $TMPDIR if that is stdout.  In mem. */
const char *merge_scratch_dir(struct arena *mem, const char *out);

#endif
