/* SPDX-License-Identifier: MIT
 *
 * What exists?  From paths to tests: build folders, programs, folders of programs.
 *
 * A folder with a CTestTestfile.cmake is CMake's, and ctest is asked; one with meson-info/ is Meson's;
 * one with a Makefile of automake's is asked through make, unless it has no tests.  Any other folder is
 * walked, in the order of names, for these and for programs whose names fit a pattern: ELF
 * programs, scripts that begin with "#!", and files that another program reads (Bats).  Hidden folders, CMakeFiles and node_modules are left
 * out, links to folders not followed.  A program that is named itself need fit no pattern.
 *
 * Where a path has pytest's settings, a conftest.py or test_NAME.py anywhere in it, or is such a file, it is
 * handed to one pytest together with all other such paths; scripts in Python are then pytest's, not
 * programs.  Those tests run in the current folder.
 *
 * A program's tests run in the rootdir, a CTest entry's where CTest says.  The second test with an
 * id (two build folders with the same entries) gets "#2" behind it.
 */
#ifndef GW_STAGE_COLLECT_H
#define GW_STAGE_COLLECT_H

struct err;
struct proc_stay;
struct tests;

struct collect_options {
	const char *rootdir;      /* absolute */
	const char *const *paths; /* as the user gave them, relative to cwd or absolute */
	size_t npaths;
	const char *const
		*patterns; /* globs of basenames that are tests in a folder; NULL: the usual ones */
	size_t npatterns;
	bool is_here;                   /* no path was given: pytest may choose its own */
	const char *const *pytest_args; /* for pytest, before the paths */
	size_t npytest_args;
	bool needs_pytest;        /* it is wrong to have no path of pytest's */
	const char *build_config; /* ctest -C; NULL */
	const char *meson_setup;  /* meson test --setup; NULL */
	bool is_wrapped;          /* commands will get a wrapper in front */
	uint64_t list_timeout_us; /* for each listing; TIME_UNKNOWN: none */
	const char *scratch;      /* an existing folder for listings */
	const char *cache;        /* a folder where listings are remembered; NULL: none */
	/* As in struct list_context; is_whole may be NULL. */
	bool is_unpreloaded;
	bool (*is_whole)(void *ctx, const char *name);
	void *is_whole_ctx;
	struct proc_stay *stay;
	/* Called as the work goes on, for the progress line; may be NULL. */
	void (*progress)(void *ctx, const char *what, size_t ntests);
	void *progress_ctx;
};

/*
 * Fill *ret.  What goes wrong in one target is in ret->errors and the rest goes on; -1 only where
 * nothing can go on (a path that is not there: ERR_MISSING naming it).
 */
int collect_run(const struct collect_options *o, struct tests *ret, struct err *reterr);

#endif
