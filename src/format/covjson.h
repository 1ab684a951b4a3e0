/* SPDX-License-Identifier: MIT
 *
 * Coverage as JSON: all that the model knows, in a form that is small, sorted and quick to read.
 * docs/formats/coverage-json.md has the schema.
 */
#ifndef GW_FORMAT_COVJSON_H
#define GW_FORMAT_COVJSON_H

enum { COVJSON_VERSION = 1 };

struct cov;
struct cov_read_options;
struct cov_write_options;
struct err;

/* Add a document; `path` names it in messages.  What stands before a damage counts.
 * -1: ERR_SYNTAX or ERR_LIMIT with path and line, ERR_UNSUPPORTED: a later version. */
int covjson_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		 struct cov *c, struct err *reterr);

/* Neither a time nor where a figure came from is in it: equal figures give equal bytes. */
int covjson_write(const struct cov *c, const struct cov_write_options *o, FILE *out);

#endif
