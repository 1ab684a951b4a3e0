/* SPDX-License-Identifier: MIT
 *
 * run.tsv: what a lane must know beside the plan.  Every record exactly once, in this order.
 *
 *   line 1     run TAB 1
 *   id, rootdir, started                         text
 *   lanes, maxfail, reruns                       numbers
 *   rerundelay                                   microseconds
 *   onlyrerun                                    an expression
 *   wrapper                                      words, quoted as in a shell
 *   flakyfails                                   0 or 1
 *   began, timeout ("-": none), grace            microseconds
 *   byunit, junit, junitfiles, isolate, optimistic, live, timeoutdump, cov, covinplace, covcontext   0 or 1
 *   forkserver                                   0: by itself, 1: yes, 2: no (before optimistic)
 *   outputlimit                                  bytes
 *   end
 *
 * Sample:
 *   run	1
 *   id	20261123-080000-1f3a
 *   rootdir	/home/me/project
 *   started	2026-11-23T08:00:00
 *   lanes	4
 *   …
 *   end
 */
#include "format/files.h"

#include <limits.h>

#include "base/err.h"
#include "format/tsv.h"
#include "model/run.h"
#include "sys/outfile.h"

enum field_type { FIELD_TEXT, FIELD_UNSIGNED, FIELD_U64, FIELD_BOOL };

static const struct row {
	const char *word;
	enum field_type type;
	size_t offset;
} rows[] = {
	{ "id", FIELD_TEXT, offsetof(struct run, id) },
	{ "rootdir", FIELD_TEXT, offsetof(struct run, rootdir) },
	{ "started", FIELD_TEXT, offsetof(struct run, started) },
	{ "lanes", FIELD_UNSIGNED, offsetof(struct run, nlanes) },
	{ "maxfail", FIELD_UNSIGNED, offsetof(struct run, maxfail) },
	{ "reruns", FIELD_UNSIGNED, offsetof(struct run, reruns) },
	{ "rerundelay", FIELD_U64, offsetof(struct run, rerun_delay_us) },
	{ "onlyrerun", FIELD_TEXT, offsetof(struct run, rerun_pattern) },
	{ "wrapper", FIELD_TEXT, offsetof(struct run, wrapper) },
	{ "flakyfails", FIELD_BOOL, offsetof(struct run, is_flaky_failed) },
	{ "began", FIELD_U64, offsetof(struct run, began_us) },
	{ "timeout", FIELD_U64, offsetof(struct run, timeout_us) },
	{ "grace", FIELD_U64, offsetof(struct run, grace_us) },
	{ "byunit", FIELD_BOOL, offsetof(struct run, is_by_unit) },
	{ "junit", FIELD_BOOL, offsetof(struct run, wants_junit) },
	{ "junitfiles", FIELD_BOOL, offsetof(struct run, is_junit_files) },
	{ "isolate", FIELD_BOOL, offsetof(struct run, is_isolated) },
	{ "forkserver", FIELD_UNSIGNED, offsetof(struct run, forkserver) },
	{ "optimistic", FIELD_BOOL, offsetof(struct run, is_optimistic) },
	{ "live", FIELD_BOOL, offsetof(struct run, is_live) },
	{ "timeoutdump", FIELD_BOOL, offsetof(struct run, is_dumped) },
	{ "cov", FIELD_BOOL, offsetof(struct run, wants_cov) },
	{ "covinplace", FIELD_BOOL, offsetof(struct run, is_cov_in_place) },
	{ "covcontext", FIELD_BOOL, offsetof(struct run, wants_cov_contexts) },
	{ "outputlimit", FIELD_U64, offsetof(struct run, output_limit_bytes) },
};

static void put_row(struct buf *out, const struct row *row, const struct run *r)
{
	const void *at = (const char *)r + row->offset;

	tsv_field(out, row->word);
	switch (row->type) {
	case FIELD_TEXT: {
		const char *text = *(const char *const *)at;

		tsv_field(out, text ? text : "");
		break;
	}
	case FIELD_UNSIGNED:
		tsv_field_uint(out, *(const unsigned *)at);
		break;
	case FIELD_U64:
		tsv_field_uint(out, *(const uint64_t *)at);
		break;
	case FIELD_BOOL:
		tsv_field_uint(out, *(const bool *)at);
		break;
	}
	tsv_end(out);
}

int run_write(const char *path, const struct run *r, struct err *reterr)
{
	struct buf out = BUF_INIT;

	tsv_head(&out, "run", 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		put_row(&out, &rows[i], r);
	tsv_put_end(&out);
	int ret = outfile_write(path, out.s, out.len, reterr);

	buf_release(&out);
	return ret;
}

static int read_row(const struct tsv_reader *in, const struct row *row, struct run *r,
		    struct err *reterr)
{
	void *at = (char *)r + row->offset;
	uint64_t n = 0;

	if (strcmp(in->fields[0], row->word) != 0)
		return tsv_fail(in, reterr, "'%s' belongs here", row->word);
	if (tsv_expect(in, 2, reterr) < 0)
		return -1;
	switch (row->type) {
	case FIELD_TEXT:
		*(const char **)at = arena_strdup(&r->mem, in->fields[1]);
		return 0;
	case FIELD_UNSIGNED:
		if (tsv_uint(in, 1, UINT_MAX, &n, reterr) < 0)
			return -1;
		*(unsigned *)at = (unsigned)n;
		return 0;
	case FIELD_U64:
		return tsv_uint(in, 1, UINT64_MAX, at, reterr);
	case FIELD_BOOL:
		return tsv_bool(in, 1, at, reterr);
	}
	return -1;
}

static int read_all(struct tsv_reader *in, struct run *r, struct err *reterr)
{
	int got = 0;
	size_t nread = 0;

	while ((got = tsv_next_of_whole(in, reterr)) > 0) {
		if (nread == ARRAY_SIZE(rows))
			return tsv_fail(in, reterr, "'end' belongs here");
		if (read_row(in, &rows[nread++], r, reterr) < 0)
			return -1;
	}
	if (got == 0 && nread < ARRAY_SIZE(rows))
		return tsv_fail(in, reterr, "'%s' belongs here", rows[nread].word);
	if (got == 0 && r->nlanes == 0)
		return tsv_fail(in, reterr, "a run has at least one lane");
	return got;
}

static int read_open(struct tsv_reader *in, struct run *ret, struct err *reterr)
{
	struct run r = { 0 };
	int got = read_all(in, &r, reterr);

	tsv_close(in);
	if (got < 0)
		run_release(&r);
	else
		*ret = r;
	return got;
}

int run_read(const char *path, struct run *ret, struct err *reterr)
{
	struct tsv_reader in;

	if (tsv_open(&in, path, "run", 1, reterr) < 0)
		return -1;
	return read_open(&in, ret, reterr);
}

int run_read_mem(const struct memory *m, struct run *ret, struct err *reterr)
{
	struct tsv_reader in;

	if (tsv_open_mem(&in, m->path, m->s, m->len, "run", 1, reterr) < 0)
		return -1;
	return read_open(&in, ret, reterr);
}
