/* SPDX-License-Identifier: MIT
 *
 * Asking a program for its list of tests, as every adapter whose runs_to_list is set does it: with
 * the environment that the tests will have, but for what would change the list, and what the
 * question adds.
 */
#ifndef GW_ADAPTER_ADAPTER_ASK_H
#define GW_ADAPTER_ADAPTER_ASK_H

#include "adapter/adapter.h"

enum { ASK_REPORT_FD = 7 };

struct question {
	const struct own_args *own; /* what the target's own arguments mean; NULL: they stay */
	const char *const *args;    /* behind those; NULL at the end; NULL: none */
	const char *const
		*env; /* NAME=VALUE, in place of what it has; NULL at the end; NULL: none */
	bool (*is_left_out)(const char *var); /* variables that it does not see; NULL: none */
	bool may_be_empty;                    /* to say nothing, in peace, is an answer */
	bool has_report;                      /* the list comes through ASK_REPORT_FD, not stdout */
};

/* How the program is started that is asked. */
void ask_begin(const struct target *t, const struct list_context *ctx, const struct question *q,
	       struct command *ret);

/* The answer into *ret, at most 64 MiB of it.  A program that ends badly, or says nothing at all,
 * has not answered: -1, and *reterr says what it did. */
int ask(const struct target *t, const struct list_context *ctx, const struct question *q,
	struct buf *ret, struct err *reterr);

/* Ask, and read the answer: as the row's list(). */
typedef int (*ask_read)(const char *s, size_t len, const struct target *t, uint32_t target_index,
			struct tests *ret, struct err *reterr);
int ask_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	     const struct question *q, ask_read read, struct tests *ret, struct err *reterr);
/* The variable's value as the target has it: its own, else that of `base` (NULL at the end; NULL:
 * this process's).  NULL: not set. */
const char *ask_getenv(const struct target *t, const char *const *base, const char *name);

/* Command line of a batch: the target's own arguments, and room for n more. */
void command_begin(struct command *c, const struct target *t, size_t n);
void command_arg(struct command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* At most COMMAND_MAX_ENV. */
enum { COMMAND_MAX_ENV = 16 };
void command_env(struct command *c, const char *name, const char *value);

/* Add a test with this id, made unique by "#2" and so on where the list has the name before. */
struct map;
void ask_add_test(struct tests *ret, const struct target *t, struct test *test, struct map *seen);

/* Read a list that has each test on a line of its own; no tests at all is one.  `take` says suite, name
 * and selector of the test, in mem; false: the line names none. */
struct line;
void ask_read_lines(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret,
		    bool (*take)(const struct line *line, struct arena *mem, struct test *test));

#endif
