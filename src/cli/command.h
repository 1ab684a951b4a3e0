/* SPDX-License-Identifier: MIT
 *
 * A command is a file that exports one row; main.c is a loop over the rows.
 */
#ifndef GW_CLI_COMMAND_H
#define GW_CLI_COMMAND_H

#include <limits.h>

struct buf;
struct err;
struct option_row;
struct session;

enum { ARGS_ANY = INT_MAX };

struct command_row {
	const char *name;
	const char *args; /* behind the name in "usage:": "[options] [PATH|ID...]" */
	const char *help; /* one line */
	const struct option_row *options;
	unsigned min_args, max_args; /* what is no option; ARGS_ANY */
	bool is_hidden;              /* for the graph's own use; not in help */
	/* The words behind the command's name.  Returns the exit code. */
	int (*exec)(const struct command_row *self, const char *const *words, size_t nwords);
	/* In place of a new session, under --resume (cli/session.h); NULL: there is none. */
	int (*resume)(struct session *s, struct err *reterr);
};

/* "usage: gangway NAME ARGS", the help line, the options. */
void command_help(const struct command_row *row, struct buf *out);

/* ERR_USAGE unless n arguments are what the row takes. */
int command_check_args(const struct command_row *row, size_t n, struct err *reterr);

#endif
