/* SPDX-License-Identifier: MIT
 *
 * The guest as it is linked into a program, under the names that `ld --wrap` gives; for the
 * replacement of libcheck.a these are changed into plain ones (replace-libcheck.sh).  The note tells
 * gangway, which only reads the file, that it is there.
 */
#include "gangway-check.h"

#include <stdint.h>

extern int check_major_version, check_minor_version, check_micro_version;

void __real_srunner_run_tagged(struct SRunner *r, const char *suite, const char *tcase,
			       const char *include_tags, const char *exclude_tags, int print_mode);
void __wrap_srunner_run_tagged(struct SRunner *r, const char *suite, const char *tcase,
			       const char *include_tags, const char *exclude_tags, int print_mode);
void __wrap_srunner_run(struct SRunner *r, const char *suite, const char *tcase, int print_mode);
void __wrap_srunner_run_all(struct SRunner *r, int print_mode);

/* An ELF note (Elf64_Nhdr and what follows) in a section that readers know by its name. */
static const struct {
	uint32_t name_bytes, desc_bytes, type;
	char name[8];
	uint32_t protocol;
} note __attribute__((section(".note.gangway.check"), used, aligned(4))) = { 8, 4, 1, "gangway",
									     GUEST_PROTOCOL };

__attribute__((constructor)) static void begin(void)
{
	/* the section stays where the linker drops what nothing refers to */
	__asm__ volatile("" : : "r"(&note));
	guest_set_version(check_major_version, check_minor_version, check_micro_version);
	guest_begin();
}

void __wrap_srunner_run_tagged(struct SRunner *r, const char *suite, const char *tcase,
			       const char *include_tags, const char *exclude_tags, int print_mode)
{
	const struct guest_call call = { r, suite, tcase, include_tags, exclude_tags, print_mode };

	guest_run(&call, __real_srunner_run_tagged);
}

void __wrap_srunner_run(struct SRunner *r, const char *suite, const char *tcase, int print_mode)
{
	__wrap_srunner_run_tagged(r, suite, tcase, NULL, NULL, print_mode);
}

void __wrap_srunner_run_all(struct SRunner *r, int print_mode)
{
	__wrap_srunner_run_tagged(r, NULL, NULL, NULL, NULL, print_mode);
}
