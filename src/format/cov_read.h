/* SPDX-License-Identifier: MIT
 *
 * What every reader of coverage is told, and what they share.
 *
 *   int X_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
 *              struct cov *c, struct err *reterr);
 *
 * adds the `len` bytes at `s` to *c.
 */
#ifndef GW_FORMAT_COV_READ_H
#define GW_FORMAT_COV_READ_H

#include "base/arena.h"
#include "base/map.h"

struct cov;
struct cov_file;
struct err;

/* Which version of a source is meant, where inputs tell: lcov's checksums of lines.  It lives as
 * long as inputs are added to one model.  A zeroed one is empty. */
struct cov_versions {
	struct arena mem;
	struct map lines;    /* file and line: index into sums */
	struct map quarrels; /* files that were complained about */
	struct cov_version *sums;
	size_t nsums, cap_sums;
	const char *origin; /* the last one, kept */
};

void cov_versions_release(struct cov_versions *v);
/* Note the checksum of a line (0: of the file); another one than before is warned of, once for a
 * file, with the names of both inputs. */
void cov_versions_note(struct cov_versions *v, const struct cov *c, const struct cov_file *f,
		       uint32_t line, const char *sum, size_t len);

/* A zeroed one is valid. */
struct cov_read_options {
	bool keeps_throws; /* branches that only an exception takes */
	/* The file's name in the report, valid until the next call, or NULL to leave it out.  A
	 * relative name is so to `cwd`; that is NULL where the input does not say.  NULL: names stay
	 * as they are. */
	const char *(*map_path)(void *ctx, const char *cwd, const char *name);
	void *ctx;
	struct cov_versions *versions; /* NULL: not compared */
};

/* One input on its way in. */
struct cov_input {
	const char *path;
	const struct cov_read_options *o;
	struct cov *c;
	uint64_t budget; /* what may still grow out of proportion to the input */
	bool has_negative, has_large;
};

void cov_input_init(struct cov_input *in, const char *path, size_t len,
		    const struct cov_read_options *o, struct cov *c);

/* The file of this name in the model, or NULL if it is left out.  cwd may be NULL.  The name holds
 * no NUL. */
struct cov_file *cov_input_file(struct cov_input *in, const char *cwd, const char *name, size_t len,
				unsigned kind);

/* May n lines or branches be made that no bytes of the input stand for?  A few bytes can ask for
 * millions.  False: it is too much. */
bool cov_input_spend(struct cov_input *in, uint64_t n);
/* The same for a line far behind the last one of its file. */
bool cov_input_reach(struct cov_input *in, const struct cov_file *f, uint32_t number);

/* A count as tools write it: 12, -3, 1.8e+19. */
struct cov_count {
	uint64_t value; /* of -3: 3 */
	bool is_negative;
	bool is_large; /* beyond UINT64_MAX, where value stops */
};

/* Moves *s behind it; false, nothing changed, where no count stands there. */
bool cov_count_parse(const char **s, const char *end, struct cov_count *ret);
/* What counts of it: nothing below 0, which counters that threads raced on may be.  Says so once for
 * each input. */
uint64_t cov_input_count(struct cov_input *in, const struct cov_count *n);

#endif
