/* SPDX-License-Identifier: MIT
 *
 * The file of `gangway graph`, written by that command and again by the verdict (cli/replan.h).
 */
#ifndef GW_CLI_GRAPH_FILE_H
#define GW_CLI_GRAPH_FILE_H

struct err;
struct options_run;
struct plan;
struct tests;

/* By the options of `gangway graph`, in the current folder; a file with the same bytes stays as it
 * is.  dir: the run's folder, absolute. */
int graph_file_write(const struct options_run *o, const char *dir, const struct plan *p,
		     const struct tests *t, struct err *reterr);

#endif
