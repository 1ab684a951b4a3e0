/* SPDX-License-Identifier: MIT
 *
 * The guest as LD_PRELOAD brings it into a program that is linked already.  Where libcheck is a
 * shared library, our functions of its names come first.  Where it is a part of the program, its
 * calls go past every loader: then a jump to us is written over the first bytes of the program's own
 * srunner_run_tagged(), which the other two end in, and taken away for the time of the real call.
 * Needs the program's symbol table; x86-64.  gangway preloads it only where it reads that this can
 * work; where it cannot after all, the program ends before main() and runs nothing.
 */
#include "gangway-check.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JUMP_BYTES = 12 };

static struct {
	unsigned char *at; /* of the program's function; NULL: libcheck is a library */
	unsigned char original[JUMP_BYTES], jump[JUMP_BYTES];
} patch;

void srunner_run_tagged(struct SRunner *r, const char *suite, const char *tcase,
			const char *include_tags, const char *exclude_tags, int print_mode);
void srunner_run(struct SRunner *r, const char *suite, const char *tcase, int print_mode);
void srunner_run_all(struct SRunner *r, int print_mode);

/* --- the program's symbols ------------------------------------------------------------------ */

struct symbols {
	uintptr_t run_tagged, major, minor, micro; /* as the file has them; 0: not there */
};

static void note_symbol(struct symbols *found, const char *name, const Elf64_Sym *sym)
{
	const struct {
		const char *name;
		uintptr_t *to;
	} wanted[] = {
		{ "srunner_run_tagged", &found->run_tagged },
		{ "check_major_version", &found->major },
		{ "check_minor_version", &found->minor },
		{ "check_micro_version", &found->micro },
	};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		if (sym->st_shndx != SHN_UNDEF && strcmp(name, wanted[i].name) == 0 &&
		    (i > 0 || sym->st_size >= JUMP_BYTES))
			*wanted[i].to = sym->st_value;
	}
}

static bool is_within(size_t size, uint64_t offset, uint64_t bytes)
{
	return offset <= size && bytes <= size - offset;
}

static void read_table(const unsigned char *file, size_t size, const Elf64_Shdr *table,
		       const Elf64_Shdr *strings, struct symbols *found)
{
	if (!is_within(size, table->sh_offset, table->sh_size) || strings->sh_size == 0 ||
	    !is_within(size, strings->sh_offset, strings->sh_size) ||
	    file[strings->sh_offset + strings->sh_size - 1] != '\0')
		return;
	const Elf64_Sym *sym = (const void *)(file + table->sh_offset);

	for (size_t i = 0; i < table->sh_size / sizeof *sym; i++) {
		if (sym[i].st_name < strings->sh_size)
			note_symbol(found, (const char *)file + strings->sh_offset + sym[i].st_name,
				    &sym[i]);
	}
}

static void read_tables(const unsigned char *file, size_t size, struct symbols *found)
{
	const Elf64_Ehdr *head = (const void *)file;

	if (size < sizeof *head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_machine != EM_X86_64 || head->e_shentsize != sizeof(Elf64_Shdr) ||
	    !is_within(size, head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr)))
		return;
	const Elf64_Shdr *sections = (const void *)(file + head->e_shoff);

	for (size_t i = 0; i < head->e_shnum; i++) {
		if (sections[i].sh_type == SHT_SYMTAB && sections[i].sh_link < head->e_shnum)
			read_table(file, size, &sections[i], &sections[sections[i].sh_link], found);
	}
}

static struct symbols read_symbols(void)
{
	struct symbols found = { 0 };
	struct stat st;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		guest_refuse("cannot read the program's own file");
	void *file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

	close(fd);
	if (file == MAP_FAILED)
		guest_refuse("cannot read the program's own file");
	read_tables(file, (size_t)st.st_size, &found);
	munmap(file, (size_t)st.st_size);
	return found;
}

/* The program comes first. */
static int take_bias(struct dl_phdr_info *info, size_t size, void *ret)
{
	(void)size;
	*(uintptr_t *)ret = info->dlpi_addr;
	return 1;
}

/* --- the jump ------------------------------------------------------------------------------- */

static void put_bytes(const unsigned char *bytes)
{
	memcpy(patch.at, bytes, JUMP_BYTES);
	__builtin___clear_cache((char *)patch.at, (char *)patch.at + JUMP_BYTES);
}

static void real_in_program(struct SRunner *r, const char *suite, const char *tcase,
			    const char *include_tags, const char *exclude_tags, int print_mode)
{
	guest_run_fn real = (guest_run_fn)(uintptr_t)patch.at;

	put_bytes(patch.original);
	real(r, suite, tcase, include_tags, exclude_tags, print_mode);
	put_bytes(patch.jump);
}

static void from_jump(struct SRunner *r, const char *suite, const char *tcase,
		      const char *include_tags, const char *exclude_tags, int print_mode)
{
	const struct guest_call call = { r, suite, tcase, include_tags, exclude_tags, print_mode };

	guest_run(&call, real_in_program);
}

/* movabs $from_jump, %rax; jmp *%rax */
static void set_jump(uintptr_t address)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = address & ~(page - 1);
	uintptr_t to = (uintptr_t)from_jump;

	patch.at = (unsigned char *)address;
	memcpy(patch.original, patch.at, JUMP_BYTES);
	memcpy(patch.jump, "\x48\xb8", 2);
	memcpy(patch.jump + 2, &to, sizeof to);
	memcpy(patch.jump + 10, "\xff\xe0", 2);
	if (mprotect((void *)begin, address + JUMP_BYTES - begin,
		     PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		guest_refuse("the system lets nobody write into the program's code");
	put_bytes(patch.jump);
}

static void enter_program(const struct symbols *s)
{
	uintptr_t bias = 0;

	dl_iterate_phdr(take_bias, &bias);
	if (s->major && s->minor && s->micro)
		guest_set_version(*(int *)(bias + s->major), *(int *)(bias + s->minor),
				  *(int *)(bias + s->micro));
	set_jump(bias + s->run_tagged);
}

static void enter_library(void)
{
	const int *major = dlsym(RTLD_DEFAULT, "check_major_version");
	const int *minor = dlsym(RTLD_DEFAULT, "check_minor_version");
	const int *micro = dlsym(RTLD_DEFAULT, "check_micro_version");

	if (!dlsym(RTLD_NEXT, "srunner_run_tagged"))
		guest_refuse("the program's symbol table has no srunner_run_tagged()");
	if (major && minor && micro)
		guest_set_version(*major, *minor, *micro);
}

/* What a test starts is not preloaded, but for what was there before us. */
static void restore_environment(void)
{
	static const char *const names[][2] = { { "LD_PRELOAD", "GANGWAY_CHECK_LD_PRELOAD" },
						{ "CK_RUN_SUITE", "GANGWAY_CHECK_CK_RUN_SUITE" } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *before = getenv(names[i][1]);

		if (before && *before)
			setenv(names[i][0], before, 1);
		else if (before)
			unsetenv(names[i][0]);
		unsetenv(names[i][1]);
	}
}

__attribute__((constructor)) static void begin(void)
{
	if (!getenv("GANGWAY_CHECK"))
		return;
	restore_environment();
	const struct symbols s = read_symbols();

	if (s.run_tagged)
		enter_program(&s);
	else
		enter_library();
	guest_begin();
}

/* --- before those of a library -------------------------------------------------------------- */

void srunner_run_tagged(struct SRunner *r, const char *suite, const char *tcase,
			const char *include_tags, const char *exclude_tags, int print_mode)
{
	const struct guest_call call = { r, suite, tcase, include_tags, exclude_tags, print_mode };

	guest_run(&call, (guest_run_fn)dlsym(RTLD_NEXT, "srunner_run_tagged"));
}

void srunner_run(struct SRunner *r, const char *suite, const char *tcase, int print_mode)
{
	srunner_run_tagged(r, suite, tcase, NULL, NULL, print_mode);
}

void srunner_run_all(struct SRunner *r, int print_mode)
{
	srunner_run_tagged(r, NULL, NULL, NULL, NULL, print_mode);
}
