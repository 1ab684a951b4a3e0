/* SPDX-License-Identifier: MIT
 *
 * What did all of them run?  Coverage files of any origin into one model.
 */
#ifndef GW_STAGE_MERGE_COVERAGE_H
#define GW_STAGE_MERGE_COVERAGE_H

struct cov;
struct cov_read_options;
struct err;

struct merge_coverage_options {
	const struct cov_read_options *read;
	const char
		*out; /* where the merged file goes: no input, if it is met in a folder; or NULL */
	/* A folder that was given has counters of programs (.gcno, .gcda): add them.  NULL: they are
	 * passed over with a warning. */
	int (*gather)(void *gather_ctx, const char *dir, struct cov *c, struct err *reterr);
	void *gather_ctx;
	/* For the progress bar; may be NULL. */
	void (*progress)(void *ctx, uint64_t bytes_done, uint64_t bytes_total);
	void *ctx;
};

/* More of one file, or of what a compressed one holds, is ERR_LIMIT. */
#define MERGE_COVERAGE_MAX_BYTES ((size_t)1 << 30)

/*
 * Add files, and all that are coverage below folders, to *c; what a file is, its bytes say, and
 * gzip's are inflated.  Sums: neither order nor grouping matter.  "-" is stdin.  What does not fit
 * together is said through the model's on_warning.
 * A damaged file: what stands whole before the damage counts, *reterr has the first damage, the
 * rest is added, and the result is -1.
 */
int merge_coverage(const struct merge_coverage_options *o, const char *const *paths, size_t npaths,
		   struct cov *c, struct err *reterr);

#endif
