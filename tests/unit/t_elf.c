/* SPDX-License-Identifier: MIT
 *
 * format/elf: this very program, the libraries it needs, damaged copies of it.
 */
#include "format/elf.h"

#include <elf.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "unit.h"

/* Found by name, and by its bytes. */
extern int elf_test_global_symbol;
int elf_test_global_symbol = 42;
static const char mark[] = "these bytes stand in .rodata of t_elf";

static struct elf_file *self;
static struct err e;

static void setup(void)
{
	ck_assert_int_eq(elf_file_open("/proc/self/exe", &self, &e), 0);
	ck_assert_ptr_nonnull(self);
}

static void teardown(void)
{
	elf_file_close(self);
}

START_TEST(a_program_says_what_it_is)
{
	ck_assert_int_eq(elf_file_kind(self), ELF_KIND_PROGRAM);
	ck_assert(elf_file_needs(self, "libc.so"));
	ck_assert(!elf_file_needs(self, "ibc.so"));
	ck_assert(elf_file_has_section(self, ".rodata"));
	ck_assert(!elf_file_has_section(self, ".rodat"));
	ck_assert(elf_file_has_symtab(self));
#ifdef __x86_64__
	ck_assert_uint_eq(elf_file_machine(self), EM_X86_64);
#endif
}
END_TEST

START_TEST(symbols_are_found_by_name_and_by_prefix)
{
	uint64_t address = 0;

	ck_assert(elf_file_has_symbol(self, "elf_test_global_symbol", ELF_SYMBOL_DEFINED));
	ck_assert(!elf_file_has_symbol(self, "elf_test_global_symbol", ELF_SYMBOL_UNDEFINED));
	ck_assert(!elf_file_has_symbol(self, "elf_test_global_symbo", ELF_SYMBOL_ANY));
	ck_assert(elf_file_has_symbol_prefix(self, "elf_test_global_", ELF_SYMBOL_ANY));
	ck_assert(elf_file_has_symbol(self, "getpid", ELF_SYMBOL_UNDEFINED));
	ck_assert(!elf_file_has_symbol(self, "getpid", ELF_SYMBOL_DEFINED));
	ck_assert(getpid() > 0);
	ck_assert(elf_file_symbol_address(self, "elf_test_global_symbol", &address));
	ck_assert_uint_ne(address, 0);
	ck_assert(!elf_file_symbol_address(self, "no_such_symbol", &address));
}
END_TEST

START_TEST(bytes_are_found_in_constants)
{
	char never[] = "xhese bytes stand in .rodata of t_elf"; /* put together on the stack */

	never[0] = (char)('T' + getpid() * 0);
	ck_assert(elf_file_has_bytes(self, mark, sizeof mark));
	ck_assert(!elf_file_has_bytes(self, never, sizeof never));
}
END_TEST

START_TEST(a_sanitizer_is_seen)
{
#if defined(__SANITIZE_ADDRESS__)
	ck_assert_str_eq(elf_file_sanitizer(self), "address");
#elif defined(__SANITIZE_THREAD__)
	ck_assert_str_eq(elf_file_sanitizer(self), "thread");
#elif !defined(__clang__)
	ck_assert_ptr_null(elf_file_sanitizer(self));
#endif
}
END_TEST

START_TEST(a_shared_library_is_no_program)
{
	static const char *const places[] = { "/lib/x86_64-linux-gnu/libm.so.6",
					      "/lib/aarch64-linux-gnu/libm.so.6",
					      "/lib64/libm.so.6", "/usr/lib/libm.so.6" };
	struct elf_file *f = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(places) && f == NULL; i++)
		if (access(places[i], R_OK) == 0)
			ck_assert_int_eq(elf_file_open(places[i], &f, &e), 0);
	if (f == NULL)
		return; /* an unknown system: nothing to look at */
	ck_assert_int_eq(elf_file_kind(f), ELF_KIND_LIBRARY);
	ck_assert(elf_file_has_symbol(f, "cosf", ELF_SYMBOL_DEFINED));
	elf_file_close(f);
}
END_TEST

START_TEST(what_is_not_elf_is_no_error)
{
	struct elf_file *f = self;

	ck_assert_int_eq(elf_file_open("/proc/self/status", &f, &e), 0);
	ck_assert_ptr_null(f);
	ck_assert_ptr_null(elf_file_open_mem("\177ELF", 4));
	ck_assert_ptr_null(elf_file_open_mem("#!/bin/sh\n", 10));
	ck_assert_ptr_null(elf_file_open_mem("", 0));
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error_with_its_path)
{
	struct elf_file *f = NULL;

	ck_assert_int_eq(elf_file_open("/nonexistent/t", &f, &e), -1);
	ck_assert_str_eq(e.path, "/nonexistent/t");
	ck_assert_int_eq(elf_file_open("/proc", &f, &e), -1); /* a folder */
}
END_TEST

/* Ask everything of a file. */
static void ask(struct elf_file *f)
{
	uint64_t address = 0;
	size_t n = 0;
	const char *const *needed = elf_file_needed(f, &n);

	for (size_t i = 0; i < n; i++)
		ck_assert_ptr_nonnull(memchr(needed[i], '\0', 1 << 20));
	(void)elf_file_kind(f);
	(void)elf_file_has_symbol(f, "no_such_symbol", ELF_SYMBOL_ANY);
	(void)elf_file_symbol_address(f, "main", &address);
	(void)elf_file_has_bytes(f, "no such bytes", 13);
	(void)elf_file_sanitizer(f);
}

/* Every byte of the header and every 97th of the rest turned round, and every shorter file. */
START_TEST(a_damaged_file_is_survived)
{
	struct buf b = BUF_INIT;

	FILE *in = fopen("/bin/true", "rb");

	if (in == NULL)
		return;
	buf_reserve(&b, 1 << 20);
	b.len = fread(b.s, 1, 1 << 20, in);
	(void)fclose(in); /* only read */
	for (size_t i = 4; i < b.len; i += i < 4096 ? 1 : 97) {
		b.s[i] ^= (char)0xff;
		struct elf_file *f = elf_file_open_mem(b.s, b.len);

		if (f != NULL)
			ask(f);
		elf_file_close(f);
		b.s[i] ^= (char)0xff;
	}
	for (size_t len = 4; len < b.len; len += 211) {
		char *part = xmemdup(b.s, len);
		struct elf_file *f = elf_file_open_mem(part, len);

		if (f != NULL)
			ask(f);
		elf_file_close(f);
		free(part);
	}
	buf_release(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("elf");
	TCase *t = tcase_create("elf");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_program_says_what_it_is);
	tcase_add_test(t, symbols_are_found_by_name_and_by_prefix);
	tcase_add_test(t, bytes_are_found_in_constants);
	tcase_add_test(t, a_sanitizer_is_seen);
	tcase_add_test(t, a_shared_library_is_no_program);
	tcase_add_test(t, what_is_not_elf_is_no_error);
	tcase_add_test(t, what_cannot_be_read_is_an_error_with_its_path);
	tcase_add_test(t, a_damaged_file_is_survived);
	suite_add_tcase(s, t);
	return unit_main(s);
}
