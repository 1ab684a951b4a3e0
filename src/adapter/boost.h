/* SPDX-License-Identifier: MIT */
#ifndef GW_ADAPTER_BOOST_H
#define GW_ADAPTER_BOOST_H

#include "adapter/adapter.h"

/* What `--list_content=DOT` prints.  On failure *ret has no new tests. */
int boost_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret, struct err *reterr);
/* Asks the program. */
int boost_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr);

/* A BOOST_TEST_... variable, which would change what runs or is printed. */
bool boost_is_variable(const char *var);

/* A property of tests that may fail so often. */
#define BOOST_EXPECTED "expected_failures"

/* What an entry's own arguments may be. */
extern const struct own_args boost_args;

#endif
