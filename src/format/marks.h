/* SPDX-License-Identifier: MIT
 *
 * What a program says of its tests with gangway.h (src/guest/gangway.h, where the format stands), read
 * from its ELF file.  Damaged notes, and those of a machine with the other byte order, count as absent.
 * At most MARKS_MAX are read.
 */
#ifndef GW_FORMAT_MARKS_H
#define GW_FORMAT_MARKS_H

struct elf_file;

enum { MARKS_MAX = 1 << 20 };

/* In the order of their numbers in the file, from 1. */
enum mark_kind { MARK_MARK = 1, MARK_GROUP, MARK_LOCK, MARK_TIMEOUT, MARK_SLOTS };

/* Strings are borrowed from the file. */
struct mark {
	enum mark_kind kind;
	const char *test; /* a name with * in it; never "" */
	const char *text; /* "" for numbers */
	uint64_t number;  /* milliseconds or slots */
};

void marks_read(struct elf_file *f, void (*each)(void *ctx, const struct mark *m), void *ctx);

/* Is the test of this name meant, or of SUITE.NAME?  `name` may end in "[2]" or "#2". */
bool mark_fits(const struct mark *m, const char *suite, const char *name);

#endif
