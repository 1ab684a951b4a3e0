/* SPDX-License-Identifier: MIT
 *
 * Which tests ran a line: `gangway report --cov-tests=FILE:LINE`.
 */
#ifndef GW_CLI_COVER_TESTS_H
#define GW_CLI_COVER_TESTS_H

struct buf;
struct cov;
struct err;

/* Their ids, sorted, one a line; none where no test ran it.  ERR_MISSING: the line is no code. */
int cover_tests_list(const struct cov *cov, const char *file, uint32_t line, struct buf *out,
		     struct err *reterr);

#endif
