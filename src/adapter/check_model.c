/* SPDX-License-Identifier: MIT */
#include "adapter/check_model.h"

#include "base/alloc.h"

void check_model_release(struct check_model *m)
{
	for (size_t i = 0; i < m->ntcases; i++)
		free(m->tcases[i].tests);
	for (size_t i = 0; i < m->nsuites; i++)
		free(m->suites[i].members);
	for (size_t i = 0; i < m->nrunners; i++)
		free(m->runners[i].members);
	free(m->tcases);
	free(m->suites);
	free(m->runners);
	arena_release(&m->mem);
	*m = (struct check_model){ 0 };
}

size_t check_model_suite(struct check_model *m, const char *name)
{
	GROW(m->suites, m->nsuites, m->cap_suites);
	m->suites[m->nsuites] = (struct check_group){ .name = arena_strdup(&m->mem, name) };
	return m->nsuites++;
}

size_t check_model_tcase(struct check_model *m, const char *name)
{
	GROW(m->tcases, m->ntcases, m->cap_tcases);
	m->tcases[m->ntcases] = (struct check_tcase){ .name = arena_strdup(&m->mem, name) };
	return m->ntcases++;
}

size_t check_model_runner(struct check_model *m)
{
	GROW(m->runners, m->nrunners, m->cap_runners);
	m->runners[m->nrunners] = (struct check_group){ 0 };
	return m->nrunners++;
}

struct check_tcase *check_model_find_tcase(struct check_model *m, uint64_t address)
{
	for (size_t i = m->ntcases; i-- > 0 && address != 0;) {
		if (m->tcases[i].address == address)
			return &m->tcases[i];
	}
	return NULL;
}

static struct check_group *find_group(struct check_group *list, size_t n, uint64_t address)
{
	for (size_t i = n; i-- > 0 && address != 0;) {
		if (list[i].address == address)
			return &list[i];
	}
	return NULL;
}

struct check_group *check_model_find_suite(struct check_model *m, uint64_t address)
{
	return find_group(m->suites, m->nsuites, address);
}

struct check_group *check_model_find_runner(struct check_model *m, uint64_t address)
{
	return find_group(m->runners, m->nrunners, address);
}

void check_group_add(struct check_group *g, size_t member)
{
	GROW(g->members, g->nmembers, g->cap_members);
	g->members[g->nmembers++] = member;
}

bool check_group_has(const struct check_group *g, size_t member)
{
	for (size_t i = 0; i < g->nmembers; i++) {
		if (g->members[i] == member)
			return true;
	}
	return false;
}

void check_tcase_add(struct check_tcase *c, const struct check_test *t)
{
	GROW(c->tests, c->ntests, c->cap_tests);
	c->tests[c->ntests++] = *t;
}

/* The next word of *at, and its length. */
static const char *next_word(const char **at, size_t *ret_len)
{
	const char *word = *at + strspn(*at, " ");

	*ret_len = strcspn(word, " ");
	*at = word + *ret_len;
	return *ret_len ? word : NULL;
}

void check_model_tags(struct check_model *m, struct check_tcase *c, const char *tags)
{
	const char *word = NULL;
	size_t len = 0;

	c->tags = arena_alloc(&m->mem, strlen(tags) / 2 + 1, sizeof *c->tags);
	c->ntags = 0;
	while ((word = next_word(&tags, &len)) != NULL)
		c->tags[c->ntags++] = arena_memdup(&m->mem, word, len);
}

static bool has_any_tag(const struct check_tcase *c, const char *tags)
{
	const char *word = NULL;
	size_t len = 0;

	while ((word = next_word(&tags, &len)) != NULL) {
		for (size_t i = 0; i < c->ntags; i++) {
			if (strlen(c->tags[i]) == len && memcmp(c->tags[i], word, len) == 0)
				return true;
		}
	}
	return false;
}

bool check_filter_takes(const struct check_filter *f, const char *suite,
			const struct check_tcase *c)
{
	return (!f->suite || strcmp(f->suite, suite) == 0) &&
	       (!f->tcase || strcmp(f->tcase, c->name) == 0) &&
	       (!f->include_tags || has_any_tag(c, f->include_tags)) &&
	       (!f->exclude_tags || !has_any_tag(c, f->exclude_tags));
}
