/* SPDX-License-Identifier: MIT
 *
 * Exercises format/gcda_sum.c.  Property: what was added to nothing and is written reads again, and
 * is written as the same bytes.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/gcda_sum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gcda_sum *sum = gcda_sum_new();
	struct gcda_sum *again = gcda_sum_new();
	struct buf one = BUF_INIT;
	struct buf two = BUF_INIT;
	struct err e = { 0 };

	if (gcda_sum_add(sum, "fuzz.gcda", data, size, &e) < 0) {
		assert(e.msg[0]);
	} else {
		gcda_sum_write(sum, &one);
		assert(gcda_sum_add(again, "again.gcda", one.s, one.len, &e) == 0);
		gcda_sum_write(again, &two);
		assert(one.len == two.len && memcmp(one.s, two.s, one.len) == 0);
		assert(gcda_sum_add(sum, "twice.gcda", data, size, &e) == 0);
	}
	buf_release(&one);
	buf_release(&two);
	gcda_sum_free(sum);
	gcda_sum_free(again);
	return 0;
}
