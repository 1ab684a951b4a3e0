/* SPDX-License-Identifier: MIT
 *
 * Which coverage format is this?  By what stands in a file, whatever its name.
 */
#ifndef GW_FORMAT_COVSNIFF_H
#define GW_FORMAT_COVSNIFF_H

struct cov;
struct cov_read_options;
struct err;

enum cov_format {
	COV_FORMAT_UNKNOWN,
	COV_FORMAT_LCOV,
	COV_FORMAT_COBERTURA,
	COV_FORMAT_GANGWAY, /* our own JSON */
	COV_FORMAT_GCOV_JSON,
	COV_FORMAT_LLVM_JSON,
	COV_FORMAT_GCOV, /* .gcno or .gcda: read by a whole folder */
	COV_FORMAT_GZIP, /* look again at what is in it */
};

/* So many bytes of the beginning tell, or the whole if it is shorter. */
enum { COV_SNIFF_BYTES = 64 * 1024 };

enum cov_format cov_sniff(const char *s, size_t len);

/* Read by the format's own reader; not for the last two and UNKNOWN, which are ERR_UNSUPPORTED. */
int cov_read(enum cov_format format, const char *path, const char *s, size_t len,
	     const struct cov_read_options *o, struct cov *c, struct err *reterr);

#endif
