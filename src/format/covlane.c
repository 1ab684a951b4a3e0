/* SPDX-License-Identifier: MIT */
#include "format/covlane.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/parse.h"
#include "sys/fs.h"

const char *covlane_path(struct arena *mem, const char *lanedir, const char *name)
{
	return fs_join(mem, fs_join(mem, lanedir, "cov"), name);
}

const char *covlane_llvm(struct arena *mem, const char *lanedir, const char *program)
{
	char name[40];

	snprintf(name, sizeof name, "llvm/%016" PRIx64, hash_bytes(program, strlen(program)));
	return covlane_path(mem, lanedir, name);
}

const char *covlane_fresh(struct arena *mem, const char *lanedir)
{
	enum { PATH_MAX_BYTES = 4096 };
	struct buf text = BUF_INIT;
	const char *fresh = NULL;

	if (fs_read(covlane_path(mem, lanedir, "place"), PATH_MAX_BYTES, &text, NULL) == 0 &&
	    text.len > 0)
		fresh = arena_memdup(mem, text.s, text.len);
	buf_release(&text);
	return fresh ? fresh : covlane_path(mem, lanedir, "fresh");
}

struct prefixes {
	struct arena *mem;
	const char **items;
	size_t n, cap;
};

static void add(struct prefixes *p, const char *folder)
{
	GROW(p->items, p->n, p->cap);
	p->items[p->n++] = folder;
}

/* 0 where the name is not `word` and a number. */
static uint64_t number_of(const char *name, const char *word)
{
	size_t len = strlen(word);
	uint64_t n = 0;

	if (strncmp(name, word, len) == 0)
		parse_uint(name + len, UINT32_MAX, &n);
	return n;
}

static size_t list(struct prefixes *p, const char *folder, const char ***names)
{
	size_t n = 0;

	if (!fs_is_dir(folder) || fs_list(folder, p->mem, names, &n, NULL) < 0)
		return 0;
	return n;
}

/* The highest sum; its number. */
static uint64_t add_sums(struct prefixes *p, const char *lanedir)
{
	const char *folder = fs_join(p->mem, lanedir, "cov");
	const char **names = NULL;
	const char *sum = NULL;
	size_t n = list(p, folder, &names);
	uint64_t epoch = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t number = number_of(names[i], "sum.");

		if (number > epoch) {
			epoch = number;
			sum = names[i];
		}
		if (number_of(names[i], "odd.") > 0)
			add(p, fs_join(p->mem, folder, names[i]));
	}
	if (sum)
		add(p, fs_join(p->mem, folder, sum));
	return epoch;
}

const char **covlane_prefixes(struct arena *mem, const char *lanedir, size_t *ret_n)
{
	struct prefixes p = { .mem = mem };
	uint64_t epoch = add_sums(&p, lanedir);
	const char *fresh = covlane_fresh(mem, lanedir);
	const char **epochs = NULL;
	size_t nepochs = list(&p, fresh, &epochs);

	for (size_t i = 0; i < nepochs; i++) {
		const char *folder = fs_join(mem, fresh, epochs[i]);
		const char **processes = NULL;
		size_t n = number_of(epochs[i], "e") > epoch ? list(&p, folder, &processes) : 0;

		for (size_t k = 0; k < n; k++)
			add(&p, fs_join(mem, folder, processes[k]));
	}
	const char **items = arena_alloc(mem, p.n + 1, sizeof *items);

	if (p.n > 0)
		memcpy(items, p.items, p.n * sizeof *items);
	*ret_n = p.n;
	free(p.items);
	return items;
}
