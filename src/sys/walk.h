/* SPDX-License-Identifier: MIT
 *
 * All files of a kind below a folder, in one walk.
 */
#ifndef GW_SYS_WALK_H
#define GW_SYS_WALK_H

#include "base/arena.h"

struct err;

struct walk_list {
	struct arena mem;
	const char **paths;
	size_t n, cap;
};

/* Add every regular file below `path` whose name ends in `suffix`.  Links are not followed, what
 * cannot be read is passed over. */
void walk_files(const char *path, const char *suffix, struct walk_list *list);
/* The same of a project: folders in it named .git and .gangway are passed over. */
void walk_project(const char *path, const char *suffix, struct walk_list *list);
/* By bytes, each once. */
void walk_sort(struct walk_list *list);
void walk_release(struct walk_list *list);

#endif
