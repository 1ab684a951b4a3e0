/* SPDX-License-Identifier: MIT
 *
 * CUnit: suites of tests in a registry that programs fill as they like, and run through one of several
 * interfaces.  Gangway's guest lists and runs what is in it (adapter_guest.c).
 */
#include "adapter/adapter_guest.h"
#include "format/elf.h"

/* A program with the framework in it, linked statically, is no place for a guest: it is left to its
 * exit status. */
static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	return f && elf_file_kind(f) == ELF_KIND_PROGRAM &&
	       (elf_file_needs(f, "libcunit.so") ||
		elf_file_has_symbol(f, "CU_initialize_registry", ELF_SYMBOL_UNDEFINED));
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	return guest_list("cunit", t, target_index, ctx, ret, reterr);
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	return guest_command("cunit", b, ret, reterr);
}

const struct adapter adapter_cunit = {
	.name = "cunit",
	.probe = probe,
	.list = list,
	.runs_to_list = true,
	.max_batch = SIZE_MAX,
	.command = command,
	.reader_new = guest_reader_new,
	.read = guest_read,
	.finish = guest_finish,
};
