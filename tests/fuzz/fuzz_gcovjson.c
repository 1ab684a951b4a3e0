/* SPDX-License-Identifier: MIT
 *
 * Exercises format/gcovjson.c.  Properties: a refusal says why; what was read and is written as our own
 * JSON reads again, and is then written with the same bytes.
 */
#include "fuzz_cov.h"

#include "format/covjson.h"
#include "format/gcovjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_cov_by(gcovjson_read, covjson_read, covjson_write, data, size);
	return 0;
}
