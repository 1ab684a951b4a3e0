/* SPDX-License-Identifier: MIT
 *
 * cmocka: assertions fail by longjmp and SIGSEGV is caught, so a test's failure leaves the process
 * alive; abort() does not.  cmocka can neither list nor select: gangway's guest does both
 * (adapter_guest.c).
 */
#include "adapter/adapter_ask.h"
#include "adapter/adapter_guest.h"
#include "format/elf.h"

/* A program with the framework in it, linked statically, is no place for a guest: it is left to its
 * exit status. */
static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	return f && elf_file_kind(f) == ELF_KIND_PROGRAM &&
	       (elf_file_needs(f, "libcmocka.so") ||
		elf_file_has_symbol(f, "_cmocka_run_group_tests", ELF_SYMBOL_UNDEFINED));
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	return guest_list("cmocka", t, target_index, ctx, ret, reterr);
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	if (guest_command("cmocka", b, ret, reterr) < 0)
		return -1;
	/* the guest reads this form */
	command_env(ret, "CMOCKA_MESSAGE_OUTPUT", "STDOUT");
	if (ask_getenv(b->target, NULL, "CMOCKA_TEST_ABORT"))
		command_env(ret, "CMOCKA_TEST_ABORT", "0");
	return 0;
}

const struct adapter adapter_cmocka = {
	.name = "cmocka",
	.probe = probe,
	.list = list,
	.runs_to_list = true,
	.max_batch = SIZE_MAX,
	.command = command,
	.reader_new = guest_reader_new,
	.read = guest_read,
	.finish = guest_finish,
};
