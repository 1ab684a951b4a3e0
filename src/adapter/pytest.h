/* SPDX-License-Identifier: MIT
 *
 * pytest trees.  A target is what one `pytest` would be called with; its argv are pytest's arguments
 * behind "pytest".  gangway's part of pytest, which lists and runs, lies in this program and is written
 * into the folder of whoever starts it.
 */
#ifndef GW_ADAPTER_PYTEST_H
#define GW_ADAPTER_PYTEST_H

#include "adapter/adapter.h"

int pytest_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr);
int pytest_command(const struct batch *b, struct command *ret, struct err *reterr);
struct reader *pytest_reader_new(const struct batch *b, const struct case_sink *sink);
void pytest_read(struct reader *r, int stream, const char *s, size_t len);
bool pytest_finish(struct reader *r, const struct proc_end *end);

/*
 * Start of a command line: the interpreter, our part of pytest (written to `scratch`), the mode, a file
 * (of ids), the target's arguments.  The interpreter is GANGWAY_PYTHON, or that of the `pytest` in PATH,
 * or `python3`.
 */
int pytest_argv(const struct target *t, const char *scratch, const char *mode, struct arena *mem,
		const char ***ret, struct err *reterr);

/* What the process that listed hears when the tests are over. */
#define PYTEST_PASSED 'p'
#define PYTEST_FAILED 'f'
/* It ended as pytest does whose tests passed or failed, or were none. */
bool pytest_has_ended_well(const struct proc_end *end);

enum { PYTEST_REPORT_FD = 3, PYTEST_FEED_FD = 4, PYTEST_ARGV_FILE = 3 };
#define PYTEST_IDS "pytest-ids"

#endif
