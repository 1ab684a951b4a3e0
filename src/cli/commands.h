/* SPDX-License-Identifier: MIT
 *
 * The commands' rows, in the order of the way of a test through the house.
 */
#ifndef GW_CLI_COMMANDS_H
#define GW_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command_row cmd_run;
extern const struct command_row cmd_list;
extern const struct command_row cmd_explain;
extern const struct command_row cmd_discover;
extern const struct command_row cmd_plan;
extern const struct command_row cmd_graph;
extern const struct command_row cmd_worker;
extern const struct command_row cmd_merge;
extern const struct command_row cmd_verdict;
extern const struct command_row cmd_report;
extern const struct command_row cmd_history;
extern const struct command_row cmd_init;
extern const struct command_row cmd_completion;

/* All of them, in the order of help; NULL behind the last.  In main.c. */
extern const struct command_row *const command_rows[];

#endif
