/* SPDX-License-Identifier: MIT
 *
 * A finished run told again from its folder: `gangway report`, and the last edge of a graph.
 */
#ifndef GW_CLI_REPORT_RUN_H
#define GW_CLI_REPORT_RUN_H

#include <stddef.h>

struct loaded_run;
struct options_run;

/*
 * o: how to show it.  is_verdict: the failures and the last words alone, for a build tool's
 * output.  Returns the exit code the run had.
 */
int report_run(const char *dir, const struct options_run *o, bool is_verdict);

/* How many of its tests no unit has. */
size_t report_run_deselected(const struct loaded_run *r);

#endif
