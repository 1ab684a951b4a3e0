/* SPDX-License-Identifier: MIT */
#include "format/covlane.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/parse.h"
#include "sys/fs.h"
#include "sys/outfile.h"

static const char test_suffix[] = ".test";

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

static bool has_end(const char *name, const char *end)
{
	size_t len = strlen(name), nend = strlen(end);

	return len >= nend && strcmp(name + len - nend, end) == 0;
}

/* The list as one that lives in its arena. */
static const char **hand_over(struct prefixes *p, size_t *ret_n)
{
	const char **items = arena_alloc(p->mem, p->n + 1, sizeof *items);

	if (p->n > 0)
		memcpy(items, p->items, p->n * sizeof *items);
	*ret_n = p->n;
	free(p->items);
	return items;
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

		for (size_t k = 0; k < n; k++) {
			if (!has_end(processes[k], test_suffix))
				add(&p, fs_join(mem, folder, processes[k]));
		}
	}
	return hand_over(&p, ret_n);
}

struct log {
	const char *path;
	uint64_t epoch;
};

static int by_epoch(const void *a, const void *b)
{
	const struct log *x = a, *y = b;

	return x->epoch < y->epoch ? -1 : x->epoch > y->epoch;
}

const char **covlane_contexts(struct arena *mem, const char *lanedir, size_t *ret_n)
{
	struct prefixes sums = { .mem = mem };
	uint64_t epoch = add_sums(&sums, lanedir);
	const char *folder = fs_join(mem, lanedir, "cov");
	const char **names = NULL;
	size_t n = list(&sums, folder, &names);
	struct log *logs = xcalloc(n + 1, sizeof *logs);
	size_t nlogs = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t number = number_of(names[i], "contexts.");

		if (number > 0 && number <= epoch)
			logs[nlogs++] = (struct log){ fs_join(mem, folder, names[i]), number };
	}
	if (nlogs > 1)
		qsort(logs, nlogs, sizeof *logs, by_epoch);
	const char **paths = arena_alloc(mem, nlogs + 1, sizeof *paths);

	for (size_t i = 0; i < nlogs; i++)
		paths[i] = logs[i].path;
	*ret_n = nlogs;
	free(logs);
	free(sums.items);
	return paths;
}

/* --- the test of a process -------------------------------------------------------------------- */

static void add_note_path(struct buf *path, const char *process_folder)
{
	buf_addf(path, "%s%s", process_folder, test_suffix);
}

int covlane_note_test(const char *process_folder, uint32_t test, struct err *reterr)
{
	struct buf path = BUF_INIT;
	char text[16];

	add_note_path(&path, process_folder);
	snprintf(text, sizeof text, "%" PRIu32, test);
	int status = outfile_write(path.s, text, strlen(text), reterr);

	buf_release(&path);
	return status;
}

bool covlane_test(const char *process_folder, uint32_t *ret)
{
	enum { NUMBER_MAX_BYTES = 16 };
	struct buf path = BUF_INIT, text = BUF_INIT;
	uint64_t n = 0;

	add_note_path(&path, process_folder);
	bool is = fs_read(path.s, NUMBER_MAX_BYTES, &text, NULL) == 0 &&
		  parse_uint(text.s, NO_INDEX - 1, &n);

	if (is)
		*ret = (uint32_t)n;
	buf_release(&path);
	buf_release(&text);
	return is;
}

void covlane_forget_test(const char *process_folder)
{
	struct buf path = BUF_INIT;

	add_note_path(&path, process_folder);
	unlink(path.s);
	buf_release(&path);
}
