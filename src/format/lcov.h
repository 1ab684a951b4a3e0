/* SPDX-License-Identifier: MIT
 *
 * LCOV tracefiles: what geninfo, llvm-cov, coverage.py, fastcov, gcovr and grcov write.
 */
#ifndef GW_FORMAT_LCOV_H
#define GW_FORMAT_LCOV_H

struct cov;
struct cov_read_options;
struct cov_write_options;
struct err;

/*
 * Add a tracefile; `path` names it in messages.  Records are added whole: what stands before a
 * damage counts.  -1: ERR_SYNTAX or ERR_LIMIT with path and line.
 */
int lcov_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
	      struct cov *c, struct err *reterr);

/* In the form of lcov 1, which everything reads: FN and FNDA, no ends of functions, no
 * checksums. */
int lcov_write(const struct cov *c, const struct cov_write_options *o, FILE *out);

#endif
