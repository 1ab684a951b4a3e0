/* SPDX-License-Identifier: MIT
 *
 * Arguments of its own that a CTest entry gives a program of a framework.  The entry is taken apart
 * into the program's tests only if each of them is known, from the framework's documentation, to keep
 * its meaning: in the list of tests, which the program prints with all of them and ours, and when tests
 * run by name.
 */
#ifndef GW_ADAPTER_ADAPTER_ARGS_H
#define GW_ADAPTER_ADAPTER_ARGS_H

#include "adapter/adapter.h"

enum arg_use {
	ARG_KEPT,
	ARG_OURS,   /* left out: we give the program our own */
	ARG_CHOICE, /* chooses tests: it is there when they are listed, then they are named */
	ARG_FILTER, /* chooses tests, and stays when they run */
};

struct arg_row {
	const char *name; /* with its dashes; NULL at the end */
	bool has_value;   /* behind '=', or the next argument; else a value may stand behind '=' */
	enum arg_use use;
};

struct own_args {
	const struct arg_row *rows;
	bool are_words_choices; /* a word without a dash names tests */
	/* A word without one of these names a single test, which an entry is already.  NULL: it may
	 * always be several. */
	const char *patterns;
	bool has_rest; /* what stands behind "--" is the program's own */
};

/* Is each argument behind the program known? */
bool args_are_known(const struct own_args *own, const char *const *argv, size_t nargv);
/* Does one of the target's choose tests? */
bool args_choose(const struct own_args *own, const struct target *t);

/* As command_begin(), which it is where `own` is NULL; else of the program's own arguments only those
 * that stay, to run its tests or to list them, and nothing from "--" on. */
void args_begin(struct command *c, const struct own_args *own, const struct target *t, size_t n);
void args_begin_list(struct command *c, const struct own_args *own, const struct target *t,
		     size_t n);
/* Behind the last argument of ours: "--" and what follows. */
void args_finish(struct command *c, const struct own_args *own, const struct target *t);

#endif
