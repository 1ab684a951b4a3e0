/* SPDX-License-Identifier: MIT
 *
 * Exercises format/xml*.c and format/cobertura*.c, both ways.  Properties: a refusal says why; what
 * was read and is written reads again, and is then written with the same bytes.
 */
#include "fuzz_cov.h"

#include "format/cobertura.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_cov(cobertura_read, cobertura_write, data, size);
	return 0;
}
