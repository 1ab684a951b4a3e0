/* SPDX-License-Identifier: MIT */
#ifndef GW_ADAPTER_CRITERION_H
#define GW_ADAPTER_CRITERION_H

#include "adapter/adapter.h"

/* What --list prints, a tree in ASCII or UTF-8; what main() prints before is passed over. */
int criterion_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
			struct tests *ret, struct err *reterr);

#endif
