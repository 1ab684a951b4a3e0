/* SPDX-License-Identifier: MIT
 *
 * Exercises format/unidiff.c.  Property: rows of lines ascend, none is told before its file or
 * beyond what a line number may be, and a text that is refused is refused with its line.
 */
#include <assert.h>

#include "base/err.h"
#include "format/unidiff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_file(void *ctx, const char *path, size_t len)
{
	assert(strlen(path) == len);
	*(bool *)ctx = true;
}

static void on_lines(void *ctx, uint32_t first, uint32_t last)
{
	assert(*(bool *)ctx);
	assert(first > 0 && first <= last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool has_file = false;
	const struct unidiff_hooks hooks = {
		.ctx = &has_file,
		.file = on_file,
		.lines = on_lines,
	};
	struct err e = { 0 };

	if (unidiff_read("fuzz", (const char *)data, size, &hooks, &e) < 0)
		assert(e.msg[0] && e.line > 0);
	return 0;
}
