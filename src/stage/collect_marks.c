/* SPDX-License-Identifier: MIT
 *
 * Marks and locks are added to what the framework and CTest said, the rest takes its place.
 */
#include "stage/collect_marks.h"

#include "base/alloc.h"
#include "base/map.h"
#include "format/elf.h"
#include "format/marks.h"
#include "model/test.h"

enum { SLOTS_MAX = 4096 };

/* More than any run takes: a year. */
#define MOST_MS UINT64_C(31536000000)

/* What a program says; copies. */
struct said {
	struct mark *list;
	size_t n, cap;
	struct arena *mem;
};

static void keep(void *ctx, const struct mark *m)
{
	struct said *s = ctx;
	struct mark copy = *m;

	copy.test = arena_strdup(s->mem, m->test);
	copy.text = arena_strdup(s->mem, m->text);
	GROW(s->list, s->n, s->cap);
	s->list[s->n++] = copy;
}

static void read_program(const char *program, struct said *ret)
{
	struct elf_file *f = NULL;

	if (!*program || elf_file_open(program, &f, NULL) < 0 || !f)
		return;
	marks_read(f, keep, ret);
	elf_file_close(f);
}

/* The list with one more, which must live as long. */
static const char **add_name(struct tests *t, const char **list, size_t *n, const char *name)
{
	const char **longer = arena_alloc(&t->mem, *n + 1, sizeof *longer);

	for (size_t i = 0; i < *n; i++) {
		if (strcmp(list[i], name) == 0)
			return list;
		longer[i] = list[i];
	}
	longer[(*n)++] = name;
	return longer;
}

static void apply(struct tests *t, struct test *test, const struct mark *m)
{
	uint64_t ms = m->number < MOST_MS && m->number > 0 ? m->number : MOST_MS;
	size_t n = test->nmarks;
	const char **marks = NULL;

	switch (m->kind) {
	case MARK_MARK:
		marks = add_name(t, test->marks, &n, m->text);
		test_set_marks(t, test, marks, n);
		break;
	case MARK_GROUP:
		test->group = m->text;
		break;
	case MARK_LOCK:
		test->locks = add_name(t, test->locks, &test->nlocks, m->text);
		break;
	case MARK_TIMEOUT:
		test->timeout_us = ms * 1000;
		break;
	case MARK_SLOTS:
		if (m->number > 0)
			test->slots = m->number < SLOTS_MAX ? (unsigned)m->number : SLOTS_MAX;
		break;
	}
}

static void apply_all(struct tests *t, const struct said *s, const bool *is_of)
{
	for (size_t i = 0; i < t->ntests && s->n > 0; i++) {
		struct test *test = &t->tests[i];

		if (!is_of[test->target])
			continue;
		for (size_t k = 0; k < s->n; k++) {
			if (mark_fits(&s->list[k], test->suite, test->name))
				apply(t, test, &s->list[k]);
		}
	}
}

void collect_marks(struct tests *t)
{
	struct map seen = { 0 };
	bool *is_of = xcalloc(t->ntargets + 1, sizeof *is_of);

	for (size_t i = 0; i < t->ntargets; i++) {
		const char *program = t->targets[i].program;
		struct said said = { .mem = &t->mem };

		if (!map_put(&seen, program, strlen(program), i))
			continue;
		read_program(program, &said);
		for (size_t k = i; k < t->ntargets && said.n > 0; k++)
			is_of[k] = strcmp(t->targets[k].program, program) == 0;
		apply_all(t, &said, is_of);
		memset(is_of, 0, t->ntargets * sizeof *is_of);
		free(said.list);
	}
	free(is_of);
	map_release(&seen);
}
