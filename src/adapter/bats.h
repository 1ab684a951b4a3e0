/* SPDX-License-Identifier: MIT
 *
 * Bats files are listed as bats itself finds tests in them: line by line, by two expressions.  Parts:
 * bats.c lists and starts, bats_read.c reads the stream that bats' formatters get.
 */
#ifndef GW_ADAPTER_BATS_H
#define GW_ADAPTER_BATS_H

#include "adapter/adapter.h"

/* Append what is in a file's bytes; fields in ret->mem.  Nothing is run. */
void bats_read_file(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret);

struct reader *bats_reader_new(const struct batch *b, const struct case_sink *sink);
void bats_read(struct reader *r, int stream, const char *s, size_t len);
bool bats_finish(struct reader *r, const struct proc_end *end);

#endif
