/* SPDX-License-Identifier: MIT
 *
 * How commands speak when something is wrong: one line on stderr that begins with "gangway: ".
 */
#ifndef GW_CLI_FAIL_H
#define GW_CLI_FAIL_H

struct err;

/* Print the error, return the exit code that goes with it. */
int cli_fail(const struct err *e);
/* The same in yellow words: something was mended and the work goes on. */
void cli_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
