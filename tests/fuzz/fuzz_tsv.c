/* SPDX-License-Identifier: MIT
 *
 * Exercises format/tsv.c and quote_tsv.  Property: a record that was read and is written again
 * reads as the same fields.
 */
#include <assert.h>

#include "base/err.h"
#include "format/tsv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct tsv_reader *r)
{
	struct tsv_reader again = { .path = "again" };
	struct buf out = BUF_INIT;
	struct err e = { 0 };

	if (r->nfields == 1 && !r->fields[0][0])
		return; /* an empty line: no record of ours */
	for (size_t i = 0; i < r->nfields; i++)
		tsv_field(&out, r->fields[i]);
	if (r->fields[0][0]) {
		assert(tsv_split(&again, out.s, out.len, &e) == 0);
		assert(again.nfields == r->nfields);
		for (size_t i = 0; i < r->nfields; i++)
			assert(strcmp(again.fields[i], r->fields[i]) == 0);
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tsv_reader r;
	struct err e = { 0 };
	int got = tsv_open_mem(&r, "fuzz.tsv", data, size, "plan", 2, &e);

	if (got < 0) {
		assert(e.msg[0] && e.line == 1);
		return 0;
	}
	while ((got = tsv_next(&r, &e)) > 0)
		check_round_trip(&r);
	assert(got == 0 || (e.msg[0] && e.line == r.lineno));
	tsv_close(&r);
	return 0;
}
