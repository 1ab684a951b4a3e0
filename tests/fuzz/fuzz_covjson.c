/* SPDX-License-Identifier: MIT
 *
 * Exercises format/covjson*.c, both ways.  Properties: a refusal says why; what was read and is written
 * reads again, and is then written with the same bytes.
 */
#include "fuzz_cov.h"

#include "format/covjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_cov(covjson_read, covjson_write, data, size);
	return 0;
}
