/* SPDX-License-Identifier: MIT
 *
 * What `llvm-cov export` writes by default: the JSON of clang's source-based coverage.
 */
#ifndef GW_FORMAT_LLVMJSON_H
#define GW_FORMAT_LLVMJSON_H

struct cov;
struct cov_read_options;
struct err;

/*
 * Add a document; `path` names it in messages.  A damaged one adds nothing.  Lines count as in
 * `llvm-cov export -format=lcov`; instances of a template are one.  Memory: what the model takes.
 * -1: ERR_SYNTAX or ERR_LIMIT with path and line, ERR_UNSUPPORTED: another version, or one that has
 * no lines (-summary-only).
 */
int llvmjson_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		  struct cov *c, struct err *reterr);

#endif
