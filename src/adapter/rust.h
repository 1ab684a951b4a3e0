/* SPDX-License-Identifier: MIT */
#ifndef GW_ADAPTER_RUST_H
#define GW_ADAPTER_RUST_H

#include "adapter/adapter.h"

/* What `--list --format terse` prints, "m::name: test" a line; what is before is passed over. */
int rust_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		   struct tests *ret, struct err *reterr);

#endif
