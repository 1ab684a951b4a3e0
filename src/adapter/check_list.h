/* SPDX-License-Identifier: MIT
 *
 * What the two ways to list a Check program share: one asks its guest (check_guest.c), one looks on
 * while it tells libcheck (check_trace.c).
 */
#ifndef GW_ADAPTER_CHECK_LIST_H
#define GW_ADAPTER_CHECK_LIST_H

#include "adapter/check.h"
#include "base/map.h"

struct check_tcase;
struct elf_file;

enum { CHECK_LIST_OUTPUT_BYTES = 2048 }; /* kept of what the program prints, for messages */

struct listing {
	const struct target *target;
	uint32_t target_index;
	const struct list_context *ctx;
	const char **env; /* whole, NULL at the end */
	struct tests *tests;
	size_t nbefore;           /* tests that were in there */
	struct elf_file *program; /* NULL: it cannot be read as one */
	enum check_way way;
	const char *alone; /* the property check_alone */
	struct arena mem;  /* keys of the maps */
	struct map ids;    /* how often an id was given */
	struct map equals; /* how many tests of these names a TCase has had */
	bool is_too_many;
};

/* The tests of a TCase, one for each run of a loop. */
void listing_add_tcase(struct listing *l, const char *suite, const struct check_tcase *c,
		       bool has_xml);
/* Forget the tests that were added. */
void listing_clear(struct listing *l);
/* The value of a variable in its environment, or NULL. */
const char *listing_getenv(const struct listing *l, const char *name);

struct proc_end;
/* "'PROGRAM' failed to list its tests: HOW: OUTPUT", ERR_MISSING. */
int listing_failed(const struct listing *l, const struct proc_end *end, const struct buf *output,
		   struct err *reterr);

/* How may single tests of the program be run?  `why` becomes the property check_alone. */
enum check_way check_guest_way(const struct listing *l, struct buf *why);

/* ERR_UNSUPPORTED where it cannot be done or showed nothing. */
int check_trace(struct listing *l, struct err *reterr);
int check_guest_list(struct listing *l, struct err *reterr);

#endif
