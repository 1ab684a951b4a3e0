/* SPDX-License-Identifier: MIT
 *
 * Ini files: sections, "key = value", values that go on in indented lines.  Grammar in ini.c.
 */
#ifndef GW_FORMAT_INI_H
#define GW_FORMAT_INI_H

#include "base/arena.h"

struct err;

enum { INI_MAX_BYTES = 4 * 1024 * 1024 };

struct ini_entry {
	const char *key;
	const char *value; /* lines joined by '\n', each without blanks around it */
	unsigned line;     /* of the key */
};

struct ini_section {
	const char *name;
	const char *argument; /* of [test "ARGUMENT"]; NULL: none */
	unsigned line;
	struct ini_entry *entries;
	size_t nentries, cap_entries;
};

struct ini {
	struct arena mem; /* the strings */
	struct ini_section *sections;
	size_t nsections, cap_sections;
};

/*
 * Read len bytes; `path` names them in messages.  ERR_SYNTAX with the line, ERR_LIMIT beyond
 * INI_MAX_BYTES; *ret is releasable either way.
 */
int ini_parse(const char *path, const char *s, size_t len, struct ini *ret, struct err *reterr);
void ini_release(struct ini *ini);

#endif
