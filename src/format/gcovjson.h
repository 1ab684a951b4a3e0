/* SPDX-License-Identifier: MIT
 *
 * What `gcov --json-format` writes (version 1: gcc 9 to 13, 2: gcc 14): a document for each object,
 * with -t one a line.
 */
#ifndef GW_FORMAT_GCOVJSON_H
#define GW_FORMAT_GCOVJSON_H

struct cov;
struct cov_read_options;
struct err;

/*
 * Add documents that follow each other; `path` names them in messages.  Documents are added whole:
 * what stands before a damage counts.  Without `gcov -b` there are no branches.
 * -1: ERR_SYNTAX or ERR_LIMIT with path and line, ERR_UNSUPPORTED: a later version.
 */
int gcovjson_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		  struct cov *c, struct err *reterr);

#endif
