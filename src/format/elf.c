/* SPDX-License-Identifier: MIT
 *
 * libelf checks offsets against the file's size when it hands out a section; what stands inside a
 * section (string offsets, entry counts) is checked here.
 */
#include "format/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"

enum {
	MAX_SECTIONS = 65536,
	MAX_DYNAMIC = 1 << 20,
	MAX_SYMBOLS = 4 << 20,
	MAX_SEARCH_BYTES = 64 << 20,
};

struct section {
	Elf_Scn *scn;
	const char *name; /* "" if it cannot be read */
	GElf_Shdr hdr;
};

/* A string table whose last byte is NUL, so that every offset inside it begins a string. */
struct strings {
	const char *s;
	size_t len; /* 0: none */
};

struct elf_file {
	Elf *elf;
	int fd; /* -1: in memory */
	GElf_Ehdr ehdr;
	struct section *sections;
	size_t nsections;
	const char **needed; /* borrowed from the dynamic string table */
	size_t nneeded, cap_needed;
	const char *run_path; /* NULL: none; borrowed as needed is */
	bool has_interpreter, is_marked_pie;
};

static struct strings strings_of(const struct elf_file *f, size_t index)
{
	struct strings none = { 0 };

	if (index == 0 || index >= f->nsections || f->sections[index].hdr.sh_type != SHT_STRTAB)
		return none;
	const Elf_Data *data = elf_rawdata(f->sections[index].scn, NULL);

	if (data == NULL || data->d_buf == NULL || data->d_size == 0)
		return none;
	struct strings t = { .s = data->d_buf, .len = data->d_size };

	return t.s[t.len - 1] == '\0' ? t : none;
}

/* "" for an offset outside. */
static const char *string_at(struct strings t, uint64_t offset)
{
	return offset < t.len ? t.s + offset : "";
}

static void read_sections(struct elf_file *f)
{
	size_t n = 0, names = 0;

	if (elf_getshdrnum(f->elf, &n) != 0 || n == 0 || n > MAX_SECTIONS)
		return;
	f->sections = xcalloc(n, sizeof *f->sections);
	f->nsections = n;
	for (size_t i = 0; i < n; i++) {
		struct section *s = &f->sections[i];

		s->name = "";
		s->scn = elf_getscn(f->elf, i);
		if (s->scn == NULL || gelf_getshdr(s->scn, &s->hdr) == NULL)
			s->hdr.sh_type = SHT_NULL;
	}
	if (elf_getshdrstrndx(f->elf, &names) != 0)
		return;
	struct strings t = strings_of(f, names);

	for (size_t i = 0; i < n; i++)
		f->sections[i].name = string_at(t, f->sections[i].hdr.sh_name);
}

static void read_segments(struct elf_file *f)
{
	size_t n = 0;

	if (elf_getphdrnum(f->elf, &n) != 0 || n > MAX_SECTIONS)
		return;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (gelf_getphdr(f->elf, (int)i, &p) == NULL)
			return;
		if (p.p_type == PT_INTERP)
			f->has_interpreter = true;
	}
}

static void read_dynamic_section(struct elf_file *f, const struct section *s)
{
	struct strings t = strings_of(f, s->hdr.sh_link);
	Elf_Data *data = elf_getdata(s->scn, NULL);
	GElf_Dyn d;

	if (data == NULL)
		return;
	for (int i = 0; i < MAX_DYNAMIC && gelf_getdyn(data, i, &d) != NULL; i++) {
		if (d.d_tag == DT_NULL)
			break;
		if (d.d_tag == DT_FLAGS_1 && (d.d_un.d_val & DF_1_PIE))
			f->is_marked_pie = true;
		if (d.d_tag == DT_RUNPATH || (d.d_tag == DT_RPATH && !f->run_path))
			f->run_path = string_at(t, d.d_un.d_val);
		if (d.d_tag != DT_NEEDED || *string_at(t, d.d_un.d_val) == '\0')
			continue;
		GROW(f->needed, f->nneeded, f->cap_needed);
		f->needed[f->nneeded++] = string_at(t, d.d_un.d_val);
	}
}

/* Takes over fd and elf, also where it returns NULL. */
static struct elf_file *look(Elf *elf, int fd)
{
	GElf_Ehdr ehdr;

	if (elf == NULL || elf_kind(elf) != ELF_K_ELF || gelf_getehdr(elf, &ehdr) == NULL) {
		elf_end(elf);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct elf_file *f = xcalloc(1, sizeof *f);

	f->elf = elf;
	f->fd = fd;
	f->ehdr = ehdr;
	read_sections(f);
	read_segments(f);
	for (size_t i = 0; i < f->nsections; i++)
		if (f->sections[i].hdr.sh_type == SHT_DYNAMIC) {
			read_dynamic_section(f, &f->sections[i]);
			break; /* a sane file has one */
		}
	return f;
}

int elf_file_open(const char *path, struct elf_file **ret, struct err *reterr)
{
	char magic[SELFMAG];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_sys(reterr, path, "cannot open");
	ssize_t n = pread(fd, magic, sizeof magic, 0);

	if (n < 0) {
		int e = errno;

		close(fd);
		errno = e;
		return err_sys(reterr, path, "cannot read");
	}
	*ret = NULL;
	if (n < SELFMAG || memcmp(magic, ELFMAG, SELFMAG) != 0) {
		close(fd);
		return 0;
	}
	elf_version(EV_CURRENT);
	*ret = look(elf_begin(fd, ELF_C_READ, NULL), fd);
	return 0;
}

struct elf_file *elf_file_open_mem(const void *bytes, size_t len)
{
	if (len < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return NULL;
	elf_version(EV_CURRENT);
	/* elf_memory() only reads what it was given: the missing const is its age */
	return look(elf_memory((char *)(uintptr_t)bytes, len), -1);
}

void elf_file_close(struct elf_file *f)
{
	if (f == NULL)
		return;
	elf_end(f->elf);
	if (f->fd >= 0)
		close(f->fd);
	free(f->sections);
	free(f->needed);
	free(f);
}

enum elf_kind elf_file_kind(const struct elf_file *f)
{
	if (f->ehdr.e_type == ET_EXEC)
		return ELF_KIND_PROGRAM;
	if (f->ehdr.e_type != ET_DYN)
		return ELF_KIND_OTHER;
	return f->has_interpreter || f->is_marked_pie ? ELF_KIND_PROGRAM : ELF_KIND_LIBRARY;
}

unsigned elf_file_machine(const struct elf_file *f)
{
	return f->ehdr.e_machine;
}

uint64_t elf_file_entry(const struct elf_file *f)
{
	return f->ehdr.e_entry;
}

bool elf_file_needs(const struct elf_file *f, const char *prefix)
{
	for (size_t i = 0; i < f->nneeded; i++)
		if (strncmp(f->needed[i], prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

const char *const *elf_file_needed(const struct elf_file *f, size_t *ret_n)
{
	*ret_n = f->nneeded;
	return f->needed;
}

const char *elf_file_run_path(const struct elf_file *f)
{
	return f->run_path ? f->run_path : "";
}

/* A search for one symbol. */
struct wanted {
	const char *name;
	size_t len;
	bool is_prefix;
	enum elf_symbol_where where;
};

static bool is_wanted(const struct wanted *w, const GElf_Sym *sym, struct strings t)
{
	const char *name = string_at(t, sym->st_name);
	enum elf_symbol_where where =
		sym->st_shndx == SHN_UNDEF ? ELF_SYMBOL_UNDEFINED : ELF_SYMBOL_DEFINED;

	return (w->where & where) && strncmp(name, w->name, w->len) == 0 &&
	       (w->is_prefix || name[w->len] == '\0');
}

static bool find_in_table(const struct elf_file *f, const struct section *s, const struct wanted *w,
			  GElf_Sym *ret)
{
	struct strings t = strings_of(f, s->hdr.sh_link);
	Elf_Data *data = t.len > 0 ? elf_getdata(s->scn, NULL) : NULL;

	if (data == NULL)
		return false;
	/* the first entry is the null symbol */
	for (int i = 1; i < MAX_SYMBOLS && gelf_getsym(data, i, ret) != NULL; i++)
		if (is_wanted(w, ret, t))
			return true;
	return false;
}

static bool find_symbol(const struct elf_file *f, const struct wanted *w, GElf_Sym *ret)
{
	static const GElf_Word types[] = { SHT_DYNSYM, SHT_SYMTAB }; /* the small one first */

	for (size_t k = 0; k < ARRAY_SIZE(types); k++)
		for (size_t i = 0; i < f->nsections; i++)
			if (f->sections[i].hdr.sh_type == types[k] &&
			    find_in_table(f, &f->sections[i], w, ret))
				return true;
	return false;
}

bool elf_file_has_symbol(struct elf_file *f, const char *name, enum elf_symbol_where where)
{
	struct wanted w = { .name = name, .len = strlen(name), .where = where };
	GElf_Sym sym;

	return find_symbol(f, &w, &sym);
}

bool elf_file_has_symbol_prefix(struct elf_file *f, const char *prefix, enum elf_symbol_where where)
{
	struct wanted w = {
		.name = prefix, .len = strlen(prefix), .is_prefix = true, .where = where
	};
	GElf_Sym sym;

	return find_symbol(f, &w, &sym);
}

bool elf_file_symbol_address(struct elf_file *f, const char *name, uint64_t *ret)
{
	struct wanted w = { .name = name, .len = strlen(name), .where = ELF_SYMBOL_DEFINED };
	GElf_Sym sym;

	if (!find_symbol(f, &w, &sym))
		return false;
	*ret = sym.st_value;
	return true;
}

bool elf_file_has_symtab(const struct elf_file *f)
{
	for (size_t i = 0; i < f->nsections; i++)
		if (f->sections[i].hdr.sh_type == SHT_SYMTAB)
			return true;
	return false;
}

bool elf_file_is_static(const struct elf_file *f)
{
	return !f->has_interpreter;
}

/* False: enough. */
static bool read_notes(const struct section *s,
		       bool (*each)(void *ctx, const struct elf_note *note), void *ctx)
{
	static const char owner[] = "gangway";
	Elf_Data *data = s->hdr.sh_type == SHT_NOTE ? elf_getdata(s->scn, NULL) : NULL;
	size_t name = 0, desc = 0, next = 0;
	GElf_Nhdr hdr;

	for (size_t at = 0; data && at < data->d_size; at = next) {
		next = gelf_getnote(data, at, &hdr, &name, &desc);
		if (next == 0)
			return true;
		const char *bytes = data->d_buf;
		const struct elf_note note = { hdr.n_type, bytes + desc, hdr.n_descsz };

		if (hdr.n_namesz == sizeof owner &&
		    memcmp(bytes + name, owner, sizeof owner) == 0 && !each(ctx, &note))
			return false;
	}
	return true;
}

void elf_file_notes(struct elf_file *f, const char *section,
		    bool (*each)(void *ctx, const struct elf_note *note), void *ctx)
{
	const uint16_t one = 1;
	bool is_little = *(const unsigned char *)&one == 1;

	if ((f->ehdr.e_ident[EI_DATA] == ELFDATA2LSB) != is_little)
		return;
	for (size_t i = 0; i < f->nsections; i++) {
		if (strcmp(f->sections[i].name, section) == 0 &&
		    !read_notes(&f->sections[i], each, ctx))
			return;
	}
}

bool elf_file_has_section(const struct elf_file *f, const char *name)
{
	for (size_t i = 0; i < f->nsections; i++)
		if (strcmp(f->sections[i].name, name) == 0)
			return true;
	return false;
}

/* Constants and data that are really in the file. */
static bool is_searched(const struct section *s)
{
	return s->hdr.sh_type == SHT_PROGBITS && (s->hdr.sh_flags & SHF_ALLOC) &&
	       !(s->hdr.sh_flags & (SHF_EXECINSTR | SHF_COMPRESSED)) &&
	       (strncmp(s->name, ".rodata", 7) == 0 || strncmp(s->name, ".data", 5) == 0);
}

bool elf_file_has_bytes(struct elf_file *f, const char *bytes, size_t len)
{
	uint64_t left = MAX_SEARCH_BYTES;

	for (size_t i = 0; i < f->nsections; i++) {
		const struct section *s = &f->sections[i];

		if (!is_searched(s) || s->hdr.sh_size > left)
			continue;
		left -= s->hdr.sh_size;
		const Elf_Data *data = elf_rawdata(s->scn, NULL);

		if (data != NULL && data->d_buf != NULL &&
		    memmem(data->d_buf, data->d_size, bytes, len) != NULL)
			return true;
	}
	return false;
}

const char *elf_file_sanitizer(struct elf_file *f)
{
	static const struct {
		const char *symbol, *name;
	} known[] = {
		{ "__asan_init", "address" },
		{ "__tsan_init", "thread" },
		{ "__msan_init", "memory" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (elf_file_has_symbol(f, known[i].symbol, ELF_SYMBOL_ANY))
			return known[i].name;
	return NULL;
}
