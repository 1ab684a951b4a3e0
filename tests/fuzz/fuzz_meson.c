/* SPDX-License-Identifier: MIT
 *
 * Exercises adapter/meson_entry.c: what stands before the first NUL is intro-tests.json, the rest
 * meson_test_setup.dat and build.dat at once; format/pickle.c and format/json.c below it.  Properties:
 * a refusal has a reason and a place; an entry that was read is complete, its lists hold no NULL.
 */
#include <assert.h>

#include "adapter/meson.h"
#include "base/buf.h"
#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(list[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t njson = nul ? (size_t)(nul - data) : size;
	struct buf json = BUF_INIT, pickle = BUF_INIT;
	const struct meson_options options = { .folder = "/b",
					       .setup = size & 1 ? "s" : NULL,
					       .is_wrapped = size & 2 };
	const struct meson_files files = {
		.o = &options, .tests = &json, .setup = &pickle, .build = &pickle
	};
	struct meson_entry *entries = NULL;
	struct arena mem = { 0 };
	struct err e = { 0 };
	size_t n = 0;

	buf_add(&json, data, njson);
	if (nul)
		buf_add(&pickle, nul + 1, size - njson - 1);
	if (meson_entries_read(&files, &mem, &entries, &n, &e) < 0)
		assert(e.msg[0] && e.path[0]);
	for (size_t i = 0; i < n; i++) {
		const struct meson_entry *entry = &entries[i];

		assert(entry->name && entry->suite && entry->protocol && entry->argv);
		assert(entry->target.workdir[0] == '/' && entry->test.timeout_us > 0);
		check_list(entry->argv, entry->nargv);
		check_list(entry->test.marks, entry->test.nmarks);
		check_list(entry->target.env_mods, entry->target.nenv_mods);
		check_list(entry->depends, entry->ndepends);
	}
	buf_release(&json);
	buf_release(&pickle);
	arena_release(&mem);
	return 0;
}
