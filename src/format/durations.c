/* SPDX-License-Identifier: MIT */
#include "format/durations.h"

#include "base/alloc.h"
#include "base/err.h"
#include "format/tsv.h"

enum { DURATIONS_VERSION = 1 };

/* A hundred days and some: no test takes longer, and rounding does not change it. */
#define DURATION_MAX_US UINT64_C(10000000000000)

static void add_test(struct history *h, const char *id, uint64_t time_us)
{
	struct history_test t = history_blank(id);
	const struct history_test *old = history_find(h, id);

	t.mean_us = old && old->mean_us != TIME_UNKNOWN && old->mean_us > time_us ? old->mean_us
										  : time_us;
	history_add_test(h, &t);
}

static int read_record(const struct tsv_reader *r, struct history *h, struct err *reterr)
{
	uint64_t time_us = 0;
	bool is_test = strcmp(r->fields[0], "t") == 0;

	if (!is_test && strcmp(r->fields[0], "p") != 0)
		return tsv_fail(r, reterr, "unknown record '%.40s'", r->fields[0]);
	if (tsv_expect(r, 3, reterr) < 0 || tsv_uint(r, 2, DURATION_MAX_US, &time_us, reterr) < 0)
		return -1;
	if (!r->fields[1][0])
		return tsv_fail(r, reterr, "a name is empty");
	if (is_test) {
		add_test(h, r->fields[1], time_us);
	} else {
		uint64_t old = history_start_us(h, r->fields[1]);

		history_add_target(h, r->fields[1],
				   old != TIME_UNKNOWN && old > time_us ? old : time_us);
	}
	return 0;
}

static int read_all(struct tsv_reader *r, struct history *ret, struct err *reterr)
{
	int got = 0;

	while ((got = tsv_next(r, reterr)) > 0) {
		if (read_record(r, ret, reterr) < 0) {
			got = -1;
			break;
		}
	}
	tsv_close(r);
	return got;
}

int durations_read(const char *path, struct history *ret, struct err *reterr)
{
	struct tsv_reader r;

	if (tsv_open(&r, path, "durations", DURATIONS_VERSION, reterr) < 0)
		return -1;
	return read_all(&r, ret, reterr);
}

int durations_read_mem(const char *path, const void *s, size_t len, struct history *ret,
		       struct err *reterr)
{
	struct tsv_reader r;

	if (tsv_open_mem(&r, path, s, len, "durations", DURATIONS_VERSION, reterr) < 0)
		return -1;
	return read_all(&r, ret, reterr);
}

/* Two digits that count: 12345 is 12000. */
static uint64_t rounded(uint64_t n)
{
	uint64_t unit = 1;

	while (n / unit >= 100)
		unit *= 10;
	return (n + unit / 2) / unit * unit;
}

static int by_name(const void *a, const void *b)
{
	const struct history_target *x = a;
	const struct history_target *y = b;

	return strcmp(x->name, y->name);
}

static void put_record(struct buf *out, const char *kind, const char *name, uint64_t time_us)
{
	if (time_us == TIME_UNKNOWN)
		return;
	tsv_field(out, kind);
	tsv_field(out, name);
	tsv_field_uint(out, rounded(time_us < DURATION_MAX_US ? time_us : DURATION_MAX_US));
	tsv_end(out);
}

void durations_write(struct history *h, struct buf *out)
{
	struct history_target *targets = xcalloc(h->ntargets + 1, sizeof *targets);

	tsv_head(out, "durations", DURATIONS_VERSION);
	if (h->ntargets > 0)
		memcpy(targets, h->targets, h->ntargets * sizeof *targets);
	qsort(targets, h->ntargets, sizeof *targets, by_name);
	for (size_t i = 0; i < h->ntargets; i++)
		put_record(out, "p", targets[i].name, targets[i].start_us);
	free(targets);
	history_sort_by_id(h);
	for (size_t i = 0; i < h->ntests; i++)
		put_record(out, "t", h->tests[i].id, h->tests[i].mean_us);
}
