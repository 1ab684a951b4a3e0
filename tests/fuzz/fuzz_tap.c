/* SPDX-License-Identifier: MIT
 *
 * Exercises format/tap.c.  Properties: the verdict is the same however the bytes are cut; a failed
 * point makes a bad verdict, a bad verdict a message; a pass has no failed point, and as many
 * points as were planned.
 */
#include <assert.h>

#include "format/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_failed(const struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nsubs; i++)
		n += r->subs[i].outcome == OUTCOME_FAIL;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tap_exit how = { .exit_code = size > 0 ? data[0] % 3 : 0 };
	const char *text = (const char *)data;
	struct tap *a = tap_new(), *b = tap_new();
	struct result ra = { 0 }, rb = { 0 };

	tap_read(a, text, size);
	tap_end(a, &how, &ra);
	for (size_t i = 0; i < size; i += 5)
		tap_read(b, text + i, size - i < 5 ? size - i : 5);
	tap_end(b, &how, &rb);
	assert(ra.outcome == rb.outcome && ra.nsubs == rb.nsubs);
	assert(strcmp(ra.message, rb.message) == 0 && strcmp(ra.detail, rb.detail) == 0);
	assert(!outcome_is_bad(ra.outcome) || ra.message[0]);
	assert(count_failed(&ra) == 0 || outcome_is_bad(ra.outcome));
	for (size_t i = 0; i < ra.nsubs; i++)
		assert(strcmp(ra.subs[i].name, rb.subs[i].name) == 0 && ra.subs[i].message);
	tap_looks_like(text, size);
	tap_free(a);
	tap_free(b);
	return 0;
}
