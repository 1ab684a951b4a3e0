/* SPDX-License-Identifier: MIT
 *
 * format/marks.c and what it uses of format/elf.c.  The bytes are an ELF file; or, behind an 'N', the
 * section of notes of one that is made here.  Property: names and texts are whole and lie in the file.
 */
#include <assert.h>
#include <elf.h>
#include <stdlib.h>

#include "base/buf.h"
#include "format/elf.h"
#include "format/marks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_mark(void *ctx, const struct mark *m)
{
	const struct buf *file = ctx;

	assert(m->kind >= MARK_MARK && m->kind <= MARK_SLOTS);
	assert(*m->test && m->test + strlen(m->test) < file->s + file->len);
	assert(m->test >= file->s);
	assert((*m->text != '\0') == (m->kind < MARK_TIMEOUT));
	(void)mark_fits(m, "Suite", "name[1]");
}

/* Three sections: none, the notes, the names. */
static void make_file(const uint8_t *notes, size_t size, struct buf *file)
{
	static const char names[] = "\0.note.gangway.marks\0.strtab";
	Elf64_Ehdr head = { .e_type = ET_EXEC,
			    .e_machine = EM_X86_64,
			    .e_version = EV_CURRENT,
			    .e_ehsize = sizeof head,
			    .e_shentsize = sizeof(Elf64_Shdr),
			    .e_shnum = 3,
			    .e_shstrndx = 2 };
	Elf64_Shdr sections[3] = { { 0 } };

	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	head.e_ident[EI_VERSION] = EV_CURRENT;
	head.e_shoff = sizeof head;
	sections[1] = (Elf64_Shdr){ .sh_name = 1,
				    .sh_type = SHT_NOTE,
				    .sh_offset = sizeof head + sizeof sections,
				    .sh_size = size,
				    .sh_addralign = 4 };
	sections[2] = (Elf64_Shdr){ .sh_name = 21,
				    .sh_type = SHT_STRTAB,
				    .sh_offset = sizeof head + sizeof sections + size,
				    .sh_size = sizeof names,
				    .sh_addralign = 1 };
	buf_add(file, (const char *)&head, sizeof head);
	buf_add(file, (const char *)sections, sizeof sections);
	buf_add(file, (const char *)notes, size);
	buf_add(file, names, sizeof names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf file = BUF_INIT;

	if (size > 0 && data[0] == 'N')
		make_file(data + 1, size - 1, &file);
	else
		buf_add(&file, (const char *)data, size);
	struct elf_file *f = elf_file_open_mem(file.s, file.len);

	if (f)
		marks_read(f, on_mark, &file);
	elf_file_close(f);
	buf_release(&file);
	return 0;
}
