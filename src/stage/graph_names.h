/* SPDX-License-Identifier: MIT
 *
 * A target for each test, each program and each group, which fails where one of its tests does.
 */
#ifndef GW_STAGE_GRAPH_NAMES_H
#define GW_STAGE_GRAPH_NAMES_H

struct buf;
struct jobfile;
struct jobfile_rule;
struct plan;
struct tests;

/*
 * PREFIX/ID as Ninja, Make and the shell take it unquoted: letters, digits and _ . , : / @ + - stay,
 * every other byte is ~XX.  So is the first byte of what a path would lose: of "", "." and ".."
 * between slashes.  A name of more than 240 bytes is its first 200, "~~" and a hash of the id.
 * Different ids have different names.
 */
void graph_name(const char *prefix, const char *id, struct buf *out);

struct graph_names {
	const struct jobfile *dialect;
	const struct plan *plan;
	const struct tests *tests;
	const char **outputs;               /* of each unit */
	const struct jobfile_rule *verdict; /* --only ID or --group NAME go behind its words */
	const char *target;                 /* TARGET/ID, group/NAME */
};

void graph_names_put(const struct graph_names *g, struct buf *out);

#endif
