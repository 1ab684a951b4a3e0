/* SPDX-License-Identifier: MIT
 *
 * What is wrong with the figures: said with them, each once.
 */
#ifndef GW_CLI_COVER_KILLS_H
#define GW_CLI_COVER_KILLS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

struct run_view;

struct cover_warnings {
	struct arena mem;
	struct map seen;
	const char **lines;
	size_t n, cap;
};

/* path: what it is of; NULL: nothing in particular. */
void cover_warn(struct cover_warnings *w, const char *path, const char *text);
void cover_warnings_release(struct cover_warnings *w);
/* A line each for the terminal; of very many the first ones, unless all are wanted. */
void cover_warnings_show(const struct cover_warnings *w, bool wants_all, struct buf *out);

/* Tests whose process was killed before it could write its counts, and counter files that kills
 * broke. */
void cover_kills(const struct run_view *v, struct cover_warnings *w);

#endif
