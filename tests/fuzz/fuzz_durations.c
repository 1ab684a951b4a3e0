/* SPDX-License-Identifier: MIT
 *
 * Exercises format/durations.c by way of format/tsv.c, and model/history.c.  Property: what was
 * accepted and is written is accepted again, and then gives the same bytes.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/durations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history h = { 0 };
	struct history back = { 0 };
	struct buf first = BUF_INIT;
	struct buf second = BUF_INIT;
	struct err e = { 0 };

	if (durations_read_mem("fuzz.tsv", data, size, &h, &e) < 0) {
		assert(e.msg[0] && e.line > 0);
	} else {
		durations_write(&h, &first);
		assert(durations_read_mem("back.tsv", first.s, first.len, &back, &e) == 0);
		assert(back.ntests == h.ntests && back.ntargets == h.ntargets);
		durations_write(&back, &second);
		assert(second.len == first.len && memcmp(first.s, second.s, first.len) == 0);
	}
	history_release(&h);
	history_release(&back);
	buf_release(&first);
	buf_release(&second);
	return 0;
}
