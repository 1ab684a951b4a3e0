/* SPDX-License-Identifier: MIT */
#include "model/test.h"

#include <limits.h>

#include "base/alloc.h"

void tests_release(struct tests *t)
{
	arena_release(&t->mem);
	free(t->targets);
	free(t->tests);
	free(t->errors);
	free(t->limits);
	free(t->resources);
	free(t->addopts);
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

void tests_add_addopt(struct tests *t, const char *word)
{
	GROW(t->addopts, t->naddopts, t->cap_addopts);
	t->addopts[t->naddopts++] = arena_strdup(&t->mem, word);
}

void tests_add_error(struct tests *t, const char *where, const char *message)
{
	GROW(t->errors, t->nerrors, t->cap_errors);
	t->errors[t->nerrors++] = (struct collect_error){
		.where = arena_strdup(&t->mem, where),
		.message = arena_strdup(&t->mem, message),
	};
}

static struct limit *find_limit(const struct tests *t, const char *lock)
{
	for (size_t i = 0; i < t->nlimits; i++) {
		if (strcmp(t->limits[i].lock, lock) == 0)
			return &t->limits[i];
	}
	return NULL;
}

void tests_set_limit(struct tests *t, const char *lock, unsigned count)
{
	struct limit *limit = find_limit(t, lock);

	if (!limit) {
		GROW(t->limits, t->nlimits, t->cap_limits);
		limit = &t->limits[t->nlimits++];
		limit->lock = arena_strdup(&t->mem, lock);
	}
	limit->count = count;
}

unsigned tests_limit(const struct tests *t, const char *lock)
{
	const struct limit *limit = find_limit(t, lock);

	return limit ? limit->count : 1;
}

void tests_add_resource(struct tests *t, const struct resource *resource)
{
	GROW(t->resources, t->nresources, t->cap_resources);
	t->resources[t->nresources++] = (struct resource){
		.type = arena_strdup(&t->mem, resource->type),
		.id = arena_strdup(&t->mem, resource->id),
		.slots = resource->slots,
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
		.retries = UINT_MAX,
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

static const struct property *copy_properties(struct arena *mem, const struct property *from,
					      size_t n)
{
	struct property *copy = arena_alloc(mem, n, sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = (struct property){ arena_strdup(mem, from[i].key),
					     arena_strdup(mem, from[i].value) };
	return copy;
}

void tests_append(struct tests *t, const struct tests *from, uint32_t target)
{
	struct arena *mem = &t->mem;

	for (size_t i = 0; i < from->ntests; i++) {
		struct test copy = from->tests[i];

		copy.target = target;
		copy.id = arena_strdup(mem, copy.id);
		copy.repeated = arena_strdup(mem, copy.repeated);
		copy.suite = arena_strdup(mem, copy.suite);
		copy.name = arena_strdup(mem, copy.name);
		copy.selector = arena_strdup(mem, copy.selector);
		copy.file = arena_strdup(mem, copy.file);
		copy.group = arena_strdup(mem, copy.group);
		copy.marks = arena_strings(mem, copy.marks, copy.nmarks);
		copy.locks = arena_strings(mem, copy.locks, copy.nlocks);
		copy.after = arena_strings(mem, copy.after, copy.nafter);
		copy.passed = arena_strings(mem, copy.passed, copy.npassed);
		copy.cleanups = arena_strings(mem, copy.cleanups, copy.ncleanups);
		copy.needs = arena_strings(mem, copy.needs, copy.nneeds);
		copy.resource_groups =
			arena_strings(mem, copy.resource_groups, copy.nresource_groups);
		copy.props = copy_properties(mem, copy.props, copy.nprops);
		copy.skip_reason = arena_strdup(mem, copy.skip_reason);
		copy.error = arena_strdup(mem, copy.error);
		copy.left_out = arena_strdup(mem, copy.left_out);
		tests_add(t, &copy);
	}
}

size_t tests_held(const struct tests *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->ntests; i++)
		n += t->tests[i].is_held;
	return n;
}

size_t tests_uncollected(const struct tests *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->ntests; i++)
		n += t->tests[i].is_uncollected;
	return n;
}

const char *test_own_id(const struct test *t)
{
	return t->repeated ? t->repeated : t->id;
}

const char *test_repetition(const struct test *t)
{
	return t->repeated ? t->id + strlen(t->repeated) : "";
}

bool test_id_is_within(const char *id, const char *part)
{
	size_t len = strlen(part);

	return strncmp(id, part, len) == 0 && (!id[len] || strncmp(id + len, "::", 2) == 0);
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

/* Both lists, the entry's and the case's own, sorted by key. */
static void merge_props(struct tests *owner, struct test *t, const struct test *from)
{
	size_t n = t->nprops + from->nprops;

	if (t->nprops == 0) {
		t->props = from->props; /* shared by all cases of the entry */
		t->nprops = from->nprops;
		return;
	}
	struct property *all = arena_alloc(&owner->mem, n, sizeof *all);

	for (size_t i = 0, a = 0, b = 0; i < n; i++) {
		bool is_own = b == from->nprops ||
			      (a < t->nprops && strcmp(t->props[a].key, from->props[b].key) < 0);

		all[i] = is_own ? t->props[a++] : from->props[b++];
	}
	t->props = all;
	t->nprops = n;
}

static void merge_marks(struct tests *owner, struct test *t, const struct test *from)
{
	const char **marks = arena_alloc(&owner->mem, t->nmarks + from->nmarks + 1, sizeof *marks);

	for (size_t i = 0; i < t->nmarks; i++)
		marks[i] = t->marks[i];
	for (size_t i = 0; i < from->nmarks; i++)
		marks[t->nmarks + i] = from->marks[i];
	test_set_marks(owner, t, marks, t->nmarks + from->nmarks);
}

void test_inherit(struct tests *owner, struct test *t, const struct test *from, size_t n)
{
	merge_marks(owner, t, from);
	if (from->group)
		t->group = from->group; /* said of the entry itself, so stronger than a label */
	merge_props(owner, t, from);
	t->locks = from->locks;
	t->nlocks = from->nlocks;
	t->needs = from->needs;
	t->nneeds = from->nneeds;
	t->resource_groups = from->resource_groups;
	t->nresource_groups = from->nresource_groups;
	if (from->timeout_us != TIME_UNKNOWN)
		t->timeout_us = from->timeout_us;
	if (from->cost_us != TIME_UNKNOWN)
		t->cost_us = from->cost_us / n;
	t->slots = from->slots;
	t->is_exclusive = from->is_exclusive;
	t->priority = from->priority;
	if (from->skip_reason)
		t->skip_reason = from->skip_reason;
	if (!t->file && n == 1) {
		t->file = from->file;
		t->line = from->line;
	}
}
