/* SPDX-License-Identifier: MIT
 *
 * format/elf.c and the part of libelf that it uses.  Property: answers agree with each other and
 * point into the file.
 */
#include <assert.h>

#include "format/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_file *f = elf_file_open_mem(data, size);
	uint64_t address = 0;
	size_t n = 0;

	if (f == NULL)
		return 0;
	const char *const *needed = elf_file_needed(f, &n);

	for (size_t i = 0; i < n; i++)
		assert(elf_file_needs(f, needed[i]));
	if (elf_file_has_symbol(f, "main", ELF_SYMBOL_DEFINED))
		assert(elf_file_symbol_address(f, "main", &address));
	if (elf_file_has_symbol(f, "main", ELF_SYMBOL_ANY))
		assert(elf_file_has_symbol_prefix(f, "mai", ELF_SYMBOL_ANY));
	if (elf_file_has_bytes(f, "gtest_list_tests", 16))
		assert(size > 16 && elf_file_has_bytes(f, "gtest_", 6));
	(void)elf_file_kind(f);
	(void)elf_file_sanitizer(f);
	elf_file_close(f);
	return 0;
}
