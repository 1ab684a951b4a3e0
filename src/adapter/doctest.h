/* SPDX-License-Identifier: MIT */
#ifndef GW_ADAPTER_DOCTEST_H
#define GW_ADAPTER_DOCTEST_H

#include "adapter/adapter.h"

/* What `-ltc -r=xml` writes; path is for messages.  On failure *ret has no new tests. */
int doctest_list_read(const char *s, size_t len, const char *path, const struct target *t,
		      uint32_t target_index, struct tests *ret, struct err *reterr);

#endif
