/* SPDX-License-Identifier: MIT
 *
 * Exercises format/run_file.c by way of format/tsv.c.  Property: an accepted run has lanes and all
 * its texts; a refused one says where and leaves nothing behind.
 */
#include <assert.h>

#include "base/err.h"
#include "format/files.h"
#include "model/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory in = { "fuzz.tsv", data, size };
	struct run r = { 0 };
	struct err e = { 0 };

	if (run_read_mem(&in, &r, &e) < 0) {
		assert(e.msg[0] && e.line > 0 && !r.mem.head);
		return 0;
	}
	assert(r.nlanes > 0 && r.id && r.rootdir && r.started);
	run_release(&r);
	return 0;
}
