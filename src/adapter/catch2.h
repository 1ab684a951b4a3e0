/* SPDX-License-Identifier: MIT
 *
 * The parts of the Catch2 adapter (v2 and v3): starting and reading (catch2.c), listing
 * (catch2_list.c).  docs/formats/catch2.md says what Catch2 prints.
 */
#ifndef GW_ADAPTER_CATCH2_H
#define GW_ADAPTER_CATCH2_H

#include "adapter/adapter.h"

/* A name as a test specification that selects it, in quotes.  Where it begins or ends with '*', or
 * begins with "exclude:", Catch2 takes it for more than the one test. */
void catch2_add_spec(struct buf *out, const char *name);

int catch2_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr);
/* v3: what `--list-tests -r xml` writes. */
int catch2_list_read_xml(const char *s, size_t len, const char *path, const struct target *t,
			 uint32_t target_index, struct tests *ret, struct err *reterr);
/* v2: what `--list-test-names-only -v high` and `--list-tests -v high` print. */
int catch2_list_read_text(const struct buf *names, const struct buf *tags, const struct target *t,
			  uint32_t target_index, struct tests *ret, struct err *reterr);

/* What an entry's own arguments may be. */
extern const struct own_args catch2_args;

#endif
