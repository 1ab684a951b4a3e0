/* SPDX-License-Identifier: MIT
 *
 * --wrapper: what is put in front of every command that runs tests, as `meson test --wrapper` does.
 */
#ifndef GW_CLI_WRAPPER_H
#define GW_CLI_WRAPPER_H

struct arena;
struct err;
struct tests;

/*
 * *ret, in mem, has the words of `given` with the path of its program in place of a relative one.
 * ERR_USAGE where that is no program, or some of the tests that are run cannot have a wrapper.
 */
int wrapper_find(const char *given, const struct tests *t, struct arena *mem, const char **ret,
		 struct err *reterr);

#endif
