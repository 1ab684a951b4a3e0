/* SPDX-License-Identifier: MIT
 *
 * What gcc and clang --coverage leave: the notes of an object (.gcno, at compile time) and its
 * counters (.gcda, when a process ends), read in this process by gcov's own rules.
 *
 * An object is read once, the counters of any number of data files are added, and then it is
 * solved once:
 *   gcov_notes_read(…, &o, …); gcov_add_counts(o, …); gcov_add_counts(o, …);
 *   gcov_fold(o, …, cov, …); gcov_object_free(o);
 * Formats known: gcc 4.8 to 14 and clang's (which writes the one of gcc 4.8 or 11).
 */
#ifndef GW_FORMAT_GCOV_H
#define GW_FORMAT_GCOV_H

struct cov;
struct err;
struct gcov_object;

/* ERR_UNSUPPORTED: a version that nobody here knows (let gcov read it); ERR_SYNTAX: damaged. */
int gcov_notes_read(const char *path, struct gcov_object **ret, struct err *reterr);
void gcov_object_free(struct gcov_object *o); /* NULL is fine */

/* The folder it was compiled in; "" where the notes do not say (before gcc 9). */
const char *gcov_object_cwd(const struct gcov_object *o);
/* As in the head of the file: 'B22*' is gcc 12.2. */
uint32_t gcov_object_version(const struct gcov_object *o);

enum gcov_data {
	GCOV_DATA_WHOLE,
	GCOV_DATA_TORN,  /* its writer was killed: not used */
	GCOV_DATA_STALE, /* of another build of the object: not used */
};

/* Add the counters of a data file.  What it could not use is told by *ret, with the reason in
 * *reterr, and the result is then -1; nothing of such a file is added. */
int gcov_add_counts(struct gcov_object *o, const char *path, enum gcov_data *ret,
		    struct err *reterr);

/* Is this a data file that was written to its end?  Looks at nothing but its shape. */
bool gcov_data_is_whole(const char *path, struct err *reterr);

struct gcov_fold_options {
	bool keeps_throws; /* branches that only an exception takes; gcov shows them, people rarely
			      want them */
	/* The file's name in the report, or NULL to leave it out.  `name` is as the compiler was
	 * given it; where it is relative it is so to `cwd`. */
	const char *(*map_path)(void *ctx, const char *cwd, const char *name);
	void *ctx;
};

/* Solve the graphs of all functions and add lines, branches and functions to *cov, with the sums of
 * everything added before (nothing: all 0, which is what no test touched).  Counts below 0, which
 * threads without atomic updates leave, are 0, with a warning through *cov. */
int gcov_fold(struct gcov_object *o, const struct gcov_fold_options *options, struct cov *cov,
	      struct err *reterr);

#endif
