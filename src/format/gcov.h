/* SPDX-License-Identifier: MIT
 *
 * What gcc and clang --coverage leave: the notes of an object (.gcno, at compile time) and its
 * counters (.gcda, when a process ends), read in this process, by the rules that gcov has for gcc's and
 * llvm-cov gcov for clang's.
 *
 * The notes of an object are read, the counters of any number of files are added, and then it is
 * solved, once:
 *
 *   struct gcov *g = gcov_new();
 *   for each object: gcov_read_notes(g, …), gcov_add_counts(g, …) …, gcov_fold(g, …);
 *   gcov_free(g);
 *
 * Formats known: gcc 4.8 to 14, and clang's, which writes that of gcc 4.8 unless it is told another.
 */
#ifndef GW_FORMAT_GCOV_H
#define GW_FORMAT_GCOV_H

struct cov;
struct cov_read_options;
struct err;
struct gcov;

struct gcov *gcov_new(void);
void gcov_free(struct gcov *g); /* NULL is fine */

/*
 * Begin with an object: the bytes of its notes, which are borrowed, as `path` is, until the next object.
 * ERR_UNSUPPORTED: a version that nobody here knows (let gcov read it).  ERR_SYNTAX: damaged.
 */
int gcov_read_notes(struct gcov *g, const char *path, const void *data, size_t len,
		    struct err *reterr);

enum gcov_data {
	GCOV_DATA_WHOLE,
	GCOV_DATA_TORN,  /* its writer was killed, or it is damaged: not used */
	GCOV_DATA_STALE, /* of another build of the object: not used */
};

/* Add the counters of a data file.  What it could not use is told by *ret, with the reason in
 * *reterr, and the result is then -1; nothing of such a file is added. */
int gcov_add_counts(struct gcov *g, const char *path, const void *data, size_t len,
		    enum gcov_data *ret, struct err *reterr);

/*
 * Solve the graphs of all functions and add lines, branches and functions to *cov, with the sums of
 * everything added before (nothing: all 0, which is what no test touched).  Counts below 0, which
 * threads without atomic updates leave, are 0, with a warning through *cov.
 * ERR_SYNTAX: the notes are damaged; what stood before the damage was added.
 */
int gcov_fold(struct gcov *g, const struct cov_read_options *o, struct cov *cov,
	      struct err *reterr);

/* What some tests counted alike in a function, each of them by itself. */
struct gcov_tally {
	uint32_t version, stamp; /* of the object's build */
	uint32_t ident, lineno_checksum, cfg_checksum;
	const uint64_t *counts;
	size_t ncounts;
	uint32_t set; /* of the model: model/cov_contexts.h */
};

struct gcov_tallies {
	/* *ret is lent until the next call; false: there are no more. */
	bool (*next)(void *ctx, struct gcov_tally *ret);
	void *ctx;
};

/*
 * The same, and then each tally is solved for itself, one by one: the lines that it ran get its set.  A
 * tally of another build or of a function that is not there counts for nothing.
 */
int gcov_fold_contexts(struct gcov *g, const struct cov_read_options *o,
		       const struct gcov_tallies *tallies, struct cov *cov, struct err *reterr);

#endif
