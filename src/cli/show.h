/* SPDX-License-Identifier: MIT
 *
 * What commands print besides the report: help, versions, lists of tests and units.
 */
#ifndef GW_CLI_SHOW_H
#define GW_CLI_SHOW_H

struct command_row;
struct options_run;
struct session;

/* --color, NO_COLOR, FORCE_COLOR, and whether stdout is a terminal. */
bool show_colors(const struct options_run *o);

/* "ninja", "make", or NULL for either. */
const char *show_engine_wish(const struct options_run *o);

/* How the user wants results shown, on stdout; the rest is for the caller to fill in. */
struct report_options show_options(const struct options_run *o);

/* Of the terminal, or COLUMNS; 80 where nobody knows. */
unsigned show_columns(void);

/* Each returns the exit code. */
int show_help(const struct command_row *row);
int show_help_or_version(const struct command_row *row, const struct options_run *o);
/* pytest's --collect-only -q: ids, errors on stderr, the counts. */
int show_collected(const struct session *s);
/* Nothing to run: the counts and why, exit code 5. */
int show_nothing(const struct session *s);

/* "1225 items / 188 deselected / 1037 selected" */
struct buf;
void show_counts(const struct session *s, struct buf *out);

#endif
