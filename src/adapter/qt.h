/* SPDX-License-Identifier: MIT */
#ifndef GW_ADAPTER_QT_H
#define GW_ADAPTER_QT_H

#include "adapter/adapter.h"

/* What -datatags prints: "Class function" or "Class function row" a line. */
int qt_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		 struct tests *ret, struct err *reterr);

#endif
