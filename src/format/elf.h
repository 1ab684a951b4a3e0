/* SPDX-License-Identifier: MIT
 *
 * What an ELF file says about itself, without running it: which framework's marks it carries,
 * which libraries it needs, whether it is a program at all.  The only code that knows libelf.
 *
 * Files are hostile: a damaged or lying part counts as absent, never as an error behind the first
 * look.  Bounds: 65,536 sections, 1,048,576 dynamic entries, 64 MiB of bytes searched for one
 * question, 4,194,304 symbols a table.  The file is read as questions need it (no mapping: a file
 * that is cut while we look cannot kill us); a question asked twice reads nothing again.
 */
#ifndef GW_FORMAT_ELF_H
#define GW_FORMAT_ELF_H

struct elf_file;
struct err;

/*
 * Open for reading.  0 with *ret, which elf_file_close() frees; 0 with *ret NULL where the file is
 * not ELF (a script) or too damaged to have a header; -1 where it cannot be read at all.
 */
int elf_file_open(const char *path, struct elf_file **ret, struct err *reterr);
/* The same on `len` bytes in memory, which must live as long as the result.  NULL: not ELF. */
struct elf_file *elf_file_open_mem(const void *bytes, size_t len);
/* NULL is fine. */
void elf_file_close(struct elf_file *f);

enum elf_kind {
	ELF_KIND_PROGRAM, /* ET_EXEC, or ET_DYN with an interpreter or marked as PIE */
	ELF_KIND_LIBRARY, /* any other ET_DYN */
	ELF_KIND_OTHER    /* object file, core dump, unknown */
};
enum elf_kind elf_file_kind(const struct elf_file *f);

/* EM_X86_64 and so on, as in <elf.h>. */
unsigned elf_file_machine(const struct elf_file *f);

/* Where its first instruction is (e_entry). */
uint64_t elf_file_entry(const struct elf_file *f);

/* Is there a DT_NEEDED library whose name begins so?  "libgtest.so" */
bool elf_file_needs(const struct elf_file *f, const char *prefix);
/* The names, borrowed from f, in the file's order. */
const char *const *elf_file_needed(const struct elf_file *f, size_t *ret_n);

/* DT_RUNPATH, else DT_RPATH: where its libraries are looked for first, with $ORIGIN as written; ""
 * if it has neither.  Borrowed. */
const char *elf_file_run_path(const struct elf_file *f);

/* Where a symbol stands: defined here, or wanted from a library. */
enum elf_symbol_where { ELF_SYMBOL_DEFINED = 1, ELF_SYMBOL_UNDEFINED = 2, ELF_SYMBOL_ANY = 3 };
/* In .dynsym or .symtab?  Versions ("@GLIBC_2.2.5") are not part of the name. */
bool elf_file_has_symbol(struct elf_file *f, const char *name, enum elf_symbol_where where);
bool elf_file_has_symbol_prefix(struct elf_file *f, const char *prefix,
				enum elf_symbol_where where);
/* Address (st_value) of a defined symbol; false, *ret untouched, if there is none. */
bool elf_file_symbol_address(struct elf_file *f, const char *name, uint64_t *ret);
/* Not stripped? */
bool elf_file_has_symtab(const struct elf_file *f);

/* No interpreter: the loader never sees it. */
bool elf_file_is_static(const struct elf_file *f);

/* A note of ours: Elf*_Nhdr, "gangway", description. */
struct elf_note {
	unsigned type;
	const void *desc; /* borrowed from f; not aligned */
	size_t len;
};
/* Every note of ours in the sections of this name, until `each` says false; none in a file of the
 * other byte order. */
void elf_file_notes(struct elf_file *f, const char *section,
		    bool (*each)(void *ctx, const struct elf_note *note), void *ctx);

bool elf_file_has_section(const struct elf_file *f, const char *name);
/* Do these bytes occur in its constants and data (.rodata*, .data*)?  Works on stripped files. */
bool elf_file_has_bytes(struct elf_file *f, const char *bytes, size_t len);

/* "address", "thread" or "memory" if built with that sanitizer, else NULL. */
const char *elf_file_sanitizer(struct elf_file *f);

#endif
