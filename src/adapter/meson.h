/* SPDX-License-Identifier: MIT
 *
 * A Meson build folder says what its tests are in meson-info/intro-tests.json; what that file leaves
 * out (should_fail, what a variable is joined to, wrappers of a cross build, test setups)
 * stands in the pickles that `meson test` itself reads.  Meson is not started.  docs/formats/meson.md
 * has the details.
 *
 * Parts: meson.c makes tests of what meson_entry.c reads, meson_run.c judges them as `meson test`
 * does.
 */
#ifndef GW_ADAPTER_MESON_H
#define GW_ADAPTER_MESON_H

#include "model/test.h"

struct err;
struct list_context;

/* Is it a Meson build folder that was configured? */
bool meson_is_folder(const char *folder);

struct meson_options {
	const char *folder; /* absolute */
	const char *setup;  /* --setup: "NAME" or "PROJECT:NAME"; NULL: the default one, if any */
	bool is_wrapped;    /* commands get a wrapper in front: a setup may not have one, too */
};

/*
 * Append the folder's tests; benchmarks are none.  A test that is not built, or that cannot be
 * listed, is in *ret as such.  -1 where the folder's files cannot be read; ERR_USAGE where there is
 * no such setup, or two wrappers.
 */
int meson_list(const struct meson_options *o, const struct list_context *ctx, struct tests *ret,
	       struct err *reterr);

/* --- parts -------------------------------------------------------------------------------- */

/* One test(); everything lives in the arena it was read into. */
struct meson_entry {
	const char *name;     /* "ok" */
	const char *suite;    /* "project:unit+slow", as `meson test` shows it */
	const char *protocol; /* "exitcode", "tap", "gtest", "rust" */
	const char **argv;    /* with its wrapper */
	size_t nargv;
	size_t nwrapper;      /* words of argv in front of the command */
	bool is_wrapped;      /* by the test setup: what it says is said of the whole program */
	const char *program;  /* absolute, what is started without its wrapper; NULL: not there */
	struct target target; /* env, env_mods and workdir */
	struct test test;     /* marks, timeout, priority, skip_reason */
	bool should_fail;
	const char **depends; /* targets' ids */
	size_t ndepends;
	bool is_excluded; /* by the test setup: `meson test` leaves it out */
};

/* The files of one folder, as they are. */
struct meson_files {
	const struct meson_options *o;
	const char *const *environ; /* what variables are joined to */
	struct buf *tests;          /* meson-info/intro-tests.json */
	struct buf *setup;          /* meson-private/meson_test_setup.dat; empty: not there */
	struct buf *build;          /* meson-private/build.dat, likewise */
};

int meson_entries_read(const struct meson_files *f, struct arena *mem, struct meson_entry **ret,
		       size_t *ret_n, struct err *reterr);

#endif
