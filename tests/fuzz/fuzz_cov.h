/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets of coverage formats share.
 */
#ifndef GW_TESTS_FUZZ_COV_H
#define GW_TESTS_FUZZ_COV_H

#include <assert.h>

#include "base/err.h"
#include "format/cov_read.h"
#include "format/cov_write.h"
#include "model/cov.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int (*cov_reader)(const char *path, const char *s, size_t len,
			  const struct cov_read_options *o, struct cov *c, struct err *reterr);
typedef int (*cov_writer)(const struct cov *c, const struct cov_write_options *o, FILE *out);

static void fuzz_cov_warning(void *ctx, const char *path, const char *text)
{
	(void)ctx;
	assert(path[0] || text[0]);
}

static void fuzz_cov_write(struct cov *c, cov_writer writer, char **text, size_t *len)
{
	const struct cov_write_options o = { 0 };
	FILE *out = open_memstream(text, len);

	cov_sort(c);
	if (writer(c, &o, out) < 0)
		assert(!"memory cannot be written");
	fclose(out);
}

/* Read with `reader`, write, read that with `again`, write. */
static inline void fuzz_cov_by(cov_reader reader, cov_reader again, cov_writer writer,
			       const uint8_t *data, size_t size)
{
	struct cov_versions versions = { 0 };
	const struct cov_read_options o = { .versions = &versions, .keeps_throws = size % 2 };
	struct cov first = { .on_warning = fuzz_cov_warning, .origin = "first" };
	struct cov second = { .on_warning = fuzz_cov_warning, .origin = "second" };
	struct err e = { 0 };
	char *a = NULL, *b = NULL;
	size_t na = 0, nb = 0;

	if (reader("fuzz", (const char *)data, size, &o, &first, &e) < 0)
		assert(e.msg[0]);
	fuzz_cov_write(&first, writer, &a, &na);
	cov_versions_release(&versions);
	if (again("again", a, na, &o, &second, &e) < 0)
		assert(!"our own bytes are refused");
	fuzz_cov_write(&second, writer, &b, &nb);
	assert(na == nb && memcmp(a, b, na) == 0);
	cov_versions_release(&versions);
	cov_release(&first);
	cov_release(&second);
	free(a);
	free(b);
}

static inline void fuzz_cov(cov_reader reader, cov_writer writer, const uint8_t *data, size_t size)
{
	fuzz_cov_by(reader, reader, writer, data, size);
}

#endif
