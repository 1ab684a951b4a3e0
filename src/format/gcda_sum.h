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

/* Append the file. */
void gcda_sum_write(const struct gcda_sum *s, struct buf *out);

#endif
