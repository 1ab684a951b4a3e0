/* SPDX-License-Identifier: MIT
 *
 * What the tests of coverage formats share: a model that keeps its warnings, written and read again.
 */
#ifndef GW_TESTS_COVFMT_H
#define GW_TESTS_COVFMT_H

#include "base/buf.h"
#include "base/err.h"
#include "format/cov_read.h"
#include "format/cov_write.h"
#include "format/covjson.h"
#include "model/cov.h"
#include "unit/unit.h"

typedef int (*cov_reader)(const char *path, const char *s, size_t len,
			  const struct cov_read_options *o, struct cov *c, struct err *reterr);
typedef int (*cov_writer)(const struct cov *c, const struct cov_write_options *o, FILE *out);

static struct cov cov;
static struct cov_read_options how;
static struct cov_versions versions;
static struct err e;
static struct buf warnings = BUF_INIT;
static struct buf written = BUF_INIT;

static void on_warning(void *ctx, const char *path, const char *text)
{
	(void)ctx;
	buf_addf(&warnings, "%s: %s\n", path, text);
}

static inline void setup(void)
{
	cov = (struct cov){ .on_warning = on_warning };
	how = (struct cov_read_options){ .versions = &versions };
	e = (struct err){ 0 };
}

static inline void teardown(void)
{
	cov_release(&cov);
	cov_versions_release(&versions);
	buf_release(&warnings);
	buf_release(&written);
}

static inline int take_len(cov_reader reader, const char *name, const char *text, size_t len)
{
	cov.origin = name;
	return reader(name, text, len, &how, &cov, &e);
}

static inline int take(cov_reader reader, const char *name, const char *text)
{
	return take_len(reader, name, text, strlen(text));
}

/* Sorted, then written; borrowed until the next call. */
static inline const char *give(cov_writer writer)
{
	const struct cov_write_options o = { .version = "1", .rootdir = "/r", .timestamp_s = 7 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	cov_sort(&cov);
	ck_assert_int_eq(writer(&cov, &o, out), 0);
	fclose(out);
	buf_clear(&written);
	buf_add(&written, text, len);
	free(text);
	return written.s;
}

/* "a.c: 1=5 2=0(1 0)idle f@1-3=5", files and all else in order: what a test expects. */
static inline const char *digest(void)
{
	static struct buf out = BUF_INIT;

	cov_sort(&cov);
	buf_clear(&out);
	for (size_t i = 0; i < cov.nfiles; i++) {
		const struct cov_file *f = cov.files[i];

		buf_addf(&out, "%s%s:", i ? "; " : "", f->path);
		for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) {
			const struct cov_line *l = cov_line_at(f, n);

			buf_addf(&out, " %u=%llu", n, (unsigned long long)l->hits);
			for (uint32_t k = 0; k < l->nbranches; k++)
				buf_addf(&out, "%c%llu", k ? ' ' : '(',
					 (unsigned long long)l->branches[k].taken);
			buf_addstr(&out, l->nbranches ? ")" : "");
			buf_addstr(&out, l->has_idle_block ? "idle" : "");
		}
		for (size_t k = 0; k < f->nfunctions; k++)
			buf_addf(&out, " %s@%u-%u=%llu", f->functions[k].name,
				 f->functions[k].start_line, f->functions[k].end_line,
				 (unsigned long long)f->functions[k].hits);
	}
	return out.s;
}

#endif
