/* SPDX-License-Identifier: MIT */
#include "model/test.h"

#include "base/alloc.h"

void tests_release(struct tests *t)
{
	arena_release(&t->mem);
	free(t->targets);
	free(t->tests);
	free(t->errors);
	*t = (struct tests){ 0 };
}

uint32_t tests_add_target(struct tests *t, const struct target *target)
{
	GROW(t->targets, t->ntargets, t->cap_targets);
	t->targets[t->ntargets] = *target;
	return (uint32_t)t->ntargets++;
}

uint32_t tests_add(struct tests *t, const struct test *test)
{
	GROW(t->tests, t->ntests, t->cap_tests);
	t->tests[t->ntests] = *test;
	return (uint32_t)t->ntests++;
}

void tests_add_error(struct tests *t, const char *where, const char *message)
{
	GROW(t->errors, t->nerrors, t->cap_errors);
	t->errors[t->nerrors++] = (struct collect_error){
		.where = arena_strdup(&t->mem, where),
		.message = arena_strdup(&t->mem, message),
	};
}

struct test test_blank(uint32_t target)
{
	return (struct test){
		.id = "",
		.target = target,
		.suite = "",
		.name = "",
		.selector = "",
		.timeout_us = TIME_UNKNOWN,
		.cost_us = TIME_UNKNOWN,
		.slots = 1,
	};
}

const char *test_make_id(struct arena *mem, const char *path, const char *suite, const char *name)
{
	const char *parts[] = { path, suite, name };
	size_t size = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		size += strlen(parts[i]) + 2;
	char *id = arena_alloc(mem, size + 1, 1);
	char *to = id;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!*parts[i])
			continue;
		if (to != id)
			to = stpcpy(to, "::");
		to = stpcpy(to, parts[i]);
	}
	return id;
}

bool test_has_mark(const struct test *t, const char *mark)
{
	for (size_t i = 0; i < t->nmarks; i++) {
		if (strcmp(t->marks[i], mark) == 0)
			return true;
	}
	return false;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void test_set_marks(struct tests *owner, struct test *t, const char *const *marks, size_t n)
{
	static const char prefix[] = "xdist_group";
	const char **kept = arena_alloc(&owner->mem, n + 1, sizeof *kept);
	size_t nkept = 0;

	for (size_t i = 0; i < n; i++) {
		const char *rest = marks[i] + sizeof prefix - 1;

		if (strncmp(marks[i], prefix, sizeof prefix - 1) == 0 &&
		    (*rest == '=' || *rest == ':'))
			t->group = arena_strdup(&owner->mem, rest + 1);
		else if (marks[i][0])
			kept[nkept++] = arena_strdup(&owner->mem, marks[i]);
	}
	if (nkept > 1)
		qsort(kept, nkept, sizeof *kept, compare_strings);
	t->marks = kept;
	t->nmarks = 0;
	for (size_t i = 0; i < nkept; i++) {
		if (t->nmarks == 0 || strcmp(kept[t->nmarks - 1], kept[i]) != 0)
			kept[t->nmarks++] = kept[i];
	}
}
