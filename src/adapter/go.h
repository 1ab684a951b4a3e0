/* SPDX-License-Identifier: MIT */
#ifndef GW_ADAPTER_GO_H
#define GW_ADAPTER_GO_H

#include "adapter/adapter.h"

/* What -test.list prints, a name a line; what TestMain() prints beside is passed over. */
int go_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		 struct tests *ret, struct err *reterr);

#endif
