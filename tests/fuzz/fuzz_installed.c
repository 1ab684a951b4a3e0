/* SPDX-License-Identifier: MIT
 *
 * Exercises installed_read() of adapter/installed.c.  Property: a refusal has a place and a reason.
 */
#include <assert.h>

#include "adapter/installed.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct installed_keys keys = { 0 };
	struct arena mem = { 0 };
	struct err e = { 0 };

	if (installed_read((const char *)data, size, "f.test", &mem, &keys, &e) < 0)
		assert(e.line > 0 && e.msg[0] && !keys.type);
	arena_release(&mem);
	return 0;
}
