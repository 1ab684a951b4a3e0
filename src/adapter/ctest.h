/* SPDX-License-Identifier: MIT
 *
 * CTest is no framework but a lister: it knows a build folder's tests and their properties.  An
 * entry whose program is a framework's is split into its cases; gtest_discover_tests() entries of
 * one program are brought together again; every other entry stays whole and keeps CTest's verdict
 * rule.  docs/formats/ctest.md has the details.
 *
 * Parts: ctest.c runs ctest, ctest_entry.c reads what it prints, ctest_group.c what it does not
 * print, ctest_split.c makes tests of it, ctest_links.c says what they have to do with each other.
 */
#ifndef GW_ADAPTER_CTEST_H
#define GW_ADAPTER_CTEST_H

#include "model/test.h"

struct err;
struct list_context;

/* Is it a CMake build folder that has tests? */
bool ctest_is_folder(const char *folder);

struct ctest_options {
	const char *folder;       /* absolute */
	const char *rootdir;      /* absolute; paths in targets' names are relative to it */
	const char *build_config; /* ctest -C; NULL: not given */
};

/*
 * Append the folder's tests.  An entry that cannot be listed is in ret->errors.  -1 where there is
 * nothing to go on with: no ctest (ERR_MISSING), a multi-config folder without -C (ERR_USAGE,
 * naming the configurations), a ctest that fails.
 */
int ctest_list(const struct ctest_options *wish, const struct list_context *ctx, struct tests *ret,
	       struct err *reterr);

/* --- parts -------------------------------------------------------------------------------- */

/* One test() as ctest prints it; everything lives in the arena it was read into. */
struct ctest_entry {
	const char *name;
	bool has_program; /* false: not built */
	const char **argv;
	size_t nargv;
	struct target target; /* what the properties say of it: env, env_mods, workdir */
	struct test test;     /* likewise; marks are still labels */
	struct verdict_rule rule;
	const char **depends; /* names of entries */
	size_t ndepends;
	const char **setups, **cleanups, **fixtures; /* FIXTURES_SETUP, _CLEANUP and _REQUIRED */
	size_t nsetups, ncleanups, nfixtures;
	/* set when tests were made of it */
	size_t first_test, ntests;
};

/* Read the JSON; `path` names it in messages.  `folder` is where an entry without
 * WORKING_DIRECTORY runs. */
int ctest_entries_read(const char *s, size_t len, const char *path, const char *folder,
		       struct arena *mem, struct ctest_entry **ret, size_t *ret_n,
		       struct err *reterr);

/* Give entries the group that the project set as a property of its own; read from the folder's
 * CTestTestfile.cmake and those below.  A label's group stays where there is no such property. */
void ctest_find_groups(const struct ctest_options *o, struct ctest_entry *entries, size_t n,
		       struct arena *mem);

/* Make tests of entries, in their order. */
void ctest_entries_add(struct ctest_entry *entries, size_t n, const struct ctest_options *o,
		       const struct list_context *ctx, struct tests *ret);

/* Once tests were made of all entries: who waits for whom, and who must not run alone. */
void ctest_entries_link(const struct ctest_entry *entries, size_t n, struct tests *ret);

/* "Debug;Release" if this CMakeCache.txt is a multi-config generator's, else NULL. */
const char *ctest_configurations(struct arena *mem, const char *cache);

#endif
