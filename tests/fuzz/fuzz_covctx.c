/* SPDX-License-Identifier: MIT
 *
 * Exercises the reader of format/covctx.c.  Properties: a refusal says why; what an entry lends lies in
 * bounds; no section takes more than the bytes that it has.
 */
#include <assert.h>

#include "base/err.h"
#include "format/covctx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static void read_section(const void *data, size_t size)
{
	struct covctx_section s = { 0 };
	struct covctx_entry entry;
	struct err e = { 0 };
	volatile uint64_t sum = 0; /* what was lent is looked at */
	int got = covctx_section_open(&s, "fuzz", data, size, &e);

	while (got == 0 && (got = covctx_section_next(&s, &entry, &e)) > 0) {
		assert(entry.function->ncounts <= size && entry.ntests <= size);
		for (uint32_t i = 0; i < entry.function->ncounts; i++)
			sum = entry.counts[i];
		for (size_t i = 0; i < entry.ntests; i++)
			sum = entry.tests[i];
		got = 0;
	}
	assert(got == 0 || e.msg[0]);
	(void)sum;
	covctx_section_release(&s);
}

static void on_place(void *ctx, const struct covctx_place *place)
{
	const struct input *in = ctx;

	assert(place->size <= in->size && place->offset <= in->size - place->size);
	read_section(in->data + place->offset, place->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct err e = { 0 };

	if (covctx_places("fuzz", data, size, on_place, &in, &e) < 0)
		assert(e.msg[0]);
	read_section(data, size);
	return 0;
}
