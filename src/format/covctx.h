/* SPDX-License-Identifier: MIT
 *
 * What each test counted: the context log that a lane writes beside its sums, a file for each epoch
 * (format/covlane.h).  docs/formats/rundir.md has its layout.
 *
 * Counters are kept as they are, not as lines, since the lane does not read notes.  What several tests
 * counted alike in a function is there once, with all of them.
 */
#ifndef GW_FORMAT_COVCTX_H
#define GW_FORMAT_COVCTX_H

struct buf;
struct covctx_log;
struct err;
struct gcda_sum;

/* --- writing --- */

struct covctx_log *covctx_log_new(void);
void covctx_log_free(struct covctx_log *log); /* NULL is fine */
/* What this test counted in the object whose counter file is at `path` in the build. */
void covctx_log_add(struct covctx_log *log, const char *path, uint32_t test,
		    const struct gcda_sum *counts);
/* Append the file; nothing where nothing was counted. */
void covctx_log_write(const struct covctx_log *log, struct buf *out);

/* --- reading --- */

struct covctx_place {
	const char *path; /* of the counter file in the build; lent, with no NUL behind it */
	size_t path_len;
	size_t offset, size; /* of the section in the file */
};

/* The sections of a file, one for each build of an object.  ERR_SYNTAX, ERR_UNSUPPORTED: it is no such
 * file, or damaged; what stood before the damage was told. */
int covctx_places(const char *file, const void *data, size_t len,
		  void (*on_place)(void *ctx, const struct covctx_place *place), void *ctx,
		  struct err *reterr);

struct covctx_function {
	uint32_t ident, lineno_checksum, cfg_checksum, ncounts;
};

/* A zeroed one is empty. */
struct covctx_section {
	const char *file; /* for messages */
	uint32_t version, stamp;
	struct covctx_function *functions;
	size_t nfunctions;
	const unsigned char *at, *end;
	uint64_t *counts; /* of the entry at hand */
	size_t cap_counts;
	uint32_t *tests;
	size_t cap_tests;
};

/* What these tests counted alike; lent until the next one. */
struct covctx_entry {
	const struct covctx_function *function;
	const uint64_t *counts;
	const uint32_t *tests;
	size_t ntests;
};

/* Begin with a section's bytes, which are lent.  Release it also after an error. */
int covctx_section_open(struct covctx_section *s, const char *file, const void *data, size_t len,
			struct err *reterr);
/* 1: *ret is the next one; 0: there is none; -1: damaged. */
int covctx_section_next(struct covctx_section *s, struct covctx_entry *ret, struct err *reterr);
void covctx_section_release(struct covctx_section *s);

#endif
