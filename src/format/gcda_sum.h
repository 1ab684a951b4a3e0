/* SPDX-License-Identifier: MIT
 *
 * Counter files (.gcda) of one object, added up without its notes: what libgcov does to the file in
 * the build tree whenever a process ends, done here to files that processes wrote alone.  The result
 * is a counter file again, the same bytes that libgcov would have written.
 */
#ifndef GW_FORMAT_GCDA_SUM_H
#define GW_FORMAT_GCDA_SUM_H

struct buf;
struct err;
struct gcda_sum;

struct gcda_sum *gcda_sum_new(void);
void gcda_sum_free(struct gcda_sum *s); /* NULL is fine */

/*
 * Add a file's bytes.  ERR_SYNTAX: they are not whole.  ERR_UNSUPPORTED: they are of another build
 * of the object than what was added before, or have counters that are not added (profiles of
 * values).  Nothing of such a file is added.
 */
int gcda_sum_add(struct gcda_sum *s, const char *path, const void *data, size_t len,
		 struct err *reterr);

/* Of which build of the object its files are; 0 where nothing was added. */
void gcda_sum_build(const struct gcda_sum *s, uint32_t *version, uint32_t *stamp);

struct gcda_function {
	uint32_t ident, lineno_checksum, cfg_checksum;
	uint32_t ncounters;
	const uint64_t *counters; /* NULL: all 0; lent until more is added */
};

/* Its functions that have counters, in the order of the files; *at is 0 at first.  False: no more. */
bool gcda_sum_next(const struct gcda_sum *s, size_t *at, struct gcda_function *ret);

/* Append the file. */
void gcda_sum_write(const struct gcda_sum *s, struct buf *out);

#endif
