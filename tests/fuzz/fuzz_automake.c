/* SPDX-License-Identifier: MIT
 *
 * Exercises automake_read() of adapter/automake.c: what make prints about somebody's Makefile.
 * Properties: lists hold words and no NULL, and there is a list of needs for each log.
 */
#include <assert.h>

#include "adapter/automake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(const struct automake_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		assert(w->items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct automake_lists lists = { 0 };
	struct arena mem = { 0 };

	automake_read((const char *)data, size, &mem, &lists);
	check_words(&lists.tests);
	check_words(&lists.logs);
	check_words(&lists.subdirs);
	check_words(&lists.needs);
	assert(lists.srcdir);
	for (size_t i = 0; i < lists.logs.n; i++)
		check_words(&lists.depends[i]);
	arena_release(&mem);
	return 0;
}
