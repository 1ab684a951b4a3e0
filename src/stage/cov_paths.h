/* SPDX-License-Identifier: MIT
 *
 * Which source files count, and what are they called?
 *
 * A compiler names a source as it was given it: relative to the folder it ran in, with ".." in it,
 * through a symbolic link, or below a folder of another machine.  In a report one file has one
 * name, whatever build tree it comes from:
 *   1. It is made absolute, by the folder of compilation, and loses "." and "..".
 *   2. --cov-path-map FROM=TO: what is FROM or below it is TO or below it; the longest FROM that
 *      fits counts.  Relative ones are seen from the rootdir; nothing behind the '=' is the rootdir.
 *   3. Symbolic links are followed, as far as the path exists.  Where that ends below the rootdir, or
 *      below a --cov=PATH, that is the file; else the path as it was, if that is below one of them.
 *   4. Below the rootdir the name is relative to it; below a --cov=PATH elsewhere it is absolute,
 *      with PATH as it was given.
 * All else is left out: what is outside, the compiler's own names ("<built-in>", "<stdin>"), and
 * the system's headers (/usr/include, /usr/lib, /usr/local/include) unless the rootdir or a PATH is
 * in there itself.  What a build generates stays, unless it is excluded.
 */
#ifndef GW_STAGE_COV_PATHS_H
#define GW_STAGE_COV_PATHS_H

struct cov;
struct cov_paths;
struct err;

struct cov_paths_options {
	const char *rootdir;        /* absolute */
	const char *const *sources; /* --cov=PATH, folders or files, absolute; "": the rootdir */
	size_t nsources;            /* 0: the rootdir */
	/* --cov-exclude GLOB: of the name in the report, or of the absolute path where it begins with
	 * '/'.  As parse_glob() has it, so '*' goes past '/'; besides, "**" followed by '/' may also
	 * stand for nothing, and a glob that fits a folder fits all that is in it. */
	const char *const *excludes;
	size_t nexcludes;
	const char *const *maps; /* --cov-path-map FROM=TO */
	size_t nmaps;
};

/* The strings of *o are borrowed until cov_paths_free().  ERR_USAGE: a map without FROM or '='. */
int cov_paths_new(const struct cov_paths_options *o, struct cov_paths **ret, struct err *reterr);
void cov_paths_free(struct cov_paths *p); /* NULL is fine */

/* What struct cov_read_options wants; ctx: a struct cov_paths.  Looks at
 * the disk once for each cwd and name.  What it returns lives until cov_paths_free(). */
const char *cov_paths_map(void *ctx, const char *cwd, const char *name);

/* Leave out what is not below a --cov=PATH (where there are any) and what --cov-exclude fits.
 * cov_paths_map() does not: what is counted is more than what is told. */
void cov_paths_select(const struct cov_paths *p, struct cov *cov);

/* Is the absolute path one of the system's headers? */
bool cov_paths_are_of_system(const char *path);

/* Does the glob fit the name, as --cov-exclude has it? */
bool cov_paths_glob(const char *glob, const char *name);

#endif
