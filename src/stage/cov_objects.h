/* SPDX-License-Identifier: MIT
 *
 * The objects of a build that were compiled to be counted, and the counter files of each.
 */
#ifndef GW_STAGE_COV_OBJECTS_H
#define GW_STAGE_COV_OBJECTS_H

#include "base/map.h"
#include "stage/cov_gather.h"
#include "sys/walk.h"

/* A counter file, of a lane or in the tree. */
struct cov_counters {
	const char *path;
	const char *named; /* the end of it: the object's counters by the name that it was compiled
			      with, which may lead through symbolic links */
};

struct cov_object {
	const char *stem; /* DIR/name of DIR/name.gcno and DIR/name.gcda, DIR a real path */
	bool has_notes;
	uint64_t notes_bytes;
	struct cov_counters *data; /* in the order of the lanes */
	size_t ndata, cap_data;
};

struct cov_objects {
	struct arena mem;
	struct cov_object *items; /* sorted by stem */
	size_t n, cap;
	struct map stems;  /* index into items, while they are collected */
	const char **real; /* paths of folders */
	size_t nfolders, cap_folders;
	struct map folders; /* as they were named: index into real */
};

void cov_objects_find(const struct cov_gather_options *o, struct cov_objects *ret);
void cov_objects_release(struct cov_objects *objects);

#endif
