/* SPDX-License-Identifier: MIT
 *
 * Cobertura's XML (coverage-04.dtd): what GitLab, Jenkins and Azure read, and coverage.py, gcovr,
 * grcov and others write.
 */
#ifndef GW_FORMAT_COBERTURA_H
#define GW_FORMAT_COBERTURA_H

struct cov;
struct cov_read_options;
struct cov_write_options;
struct err;

/*
 * Add a document; `path` names it in messages.  What stands before a damage counts.  No entity, DTD
 * or network is followed.  The format says how many branches of a line were taken, not how often,
 * and mostly not which: one that was counts 1.
 * -1: ERR_SYNTAX or ERR_LIMIT with path and line, ERR_UNSUPPORTED: some other XML.
 */
int cobertura_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		   struct cov *c, struct err *reterr);

/* The compact form: <methods/> is empty, every line is there once.  A package is a folder, a class a
 * file. */
int cobertura_write(const struct cov *c, const struct cov_write_options *o, FILE *out);

#endif
