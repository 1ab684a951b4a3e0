/* SPDX-License-Identifier: MIT
 *
 * Reading what Python's pickle module wrote, as data: nothing of it is ever called.  A class is its
 * name, an object what it was made of and its attributes.  Protocols 2 to 5; what wants something
 * from outside the file (persistent ids, buffers, the registry of extensions) is refused.
 *
 * Values may hold each other in circles: whoever looks into them goes to a known depth.
 */
#ifndef GW_FORMAT_PICKLE_H
#define GW_FORMAT_PICKLE_H

#include "base/arena.h"

struct err;

enum pickle_kind {
	PICKLE_NONE,
	PICKLE_BOOL,
	PICKLE_NUMBER, /* a whole one, of 64 bits */
	PICKLE_TEXT,   /* str */
	PICKLE_OTHER,  /* bytes, float, a longer number: not looked at */
	PICKLE_LIST,   /* list, tuple, set */
	PICKLE_DICT,
	PICKLE_CLASS, /* or function: its name, without the module's */
	PICKLE_OBJECT
};

struct pickle_value {
	enum pickle_kind kind;
	const char *text; /* of TEXT and CLASS, UTF-8 as it was written; without NULs */
	int64_t number;   /* of BOOL and NUMBER */
	struct pickle_value *
		*items; /* of a DICT keys and values by turns; what an OBJECT that is a list or
					dict itself holds */
	size_t nitems, cap_items;
	struct pickle_value *class, *attributes; /* of an OBJECT; NULL: none */
};

/* `path` names the bytes in messages.  *ret lives in mem.  -1: ERR_SYNTAX, ERR_UNSUPPORTED. */
int pickle_read_mem(const char *s, size_t len, const char *path, struct arena *mem,
		    const struct pickle_value **ret, struct err *reterr);

/* The value behind a key of a dict, or an attribute of an object; NULL if there is none, or v is
 * NULL or something else. */
const struct pickle_value *pickle_get(const struct pickle_value *v, const char *key);
/* Element i of a list; NULL as above. */
const struct pickle_value *pickle_at(const struct pickle_value *v, size_t i);
/* The text, or NULL. */
const char *pickle_text(const struct pickle_value *v);
/* Is it True?  False where it is something else. */
bool pickle_is_true(const struct pickle_value *v);

#endif
