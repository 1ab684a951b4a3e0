/* SPDX-License-Identifier: MIT
 *
 * A filter is more expensive than it looks: GoogleTest saves and restores all its flags around
 * every test, so each test copies the whole filter twice.  5,000 tests named one by one (88 kB)
 * take 35 ms where they took 13 ms.  A suite of which every test is wanted is therefore named
 * "Suite.*", and a program of which every test is wanted is "*".  Such patterns in turn are tried
 * one after the other for every test of the program (names are looked up), so the cheaper of the
 * two ways is taken.
 */
#include "adapter/gtest.h"
#include "base/alloc.h"
#include "base/map.h"

enum {
	FEW_TESTS = 64,         /* are named: nothing to gain */
	COPY_PS_PER_BYTE = 100, /* twice, per test */
	PATTERN_PS = 10 * 1000, /* to try one on one test */
};

/* What the listing had of the suites of this program; disabled tests do not count. */
struct suites {
	struct map index;
	struct suite {
		size_t nlisted, nwanted;
		bool is_named; /* its pattern was written */
	} * list;
	size_t n, cap;
	size_t nlisted; /* tests of the program */
	bool has_dots;  /* a suite's name has one: "S.*" would select those of suite "S.x" */
};

static struct suite *suite_of(struct suites *s, const char *name)
{
	size_t i = s->n;

	if (map_get(&s->index, name, strlen(name), &i))
		return &s->list[i];
	GROW(s->list, s->n, s->cap);
	s->list[s->n] = (struct suite){ 0 };
	map_put(&s->index, name, strlen(name), s->n);
	s->has_dots = s->has_dots || strchr(name, '.');
	return &s->list[s->n++];
}

static void count_suites(struct suites *s, const struct batch *b)
{
	uint32_t target = b->tests[0]->target;

	for (size_t i = 0; i < b->all->ntests; i++) {
		const struct test *t = &b->all->tests[i];

		if (t->target != target || gtest_is_disabled(t->suite, t->name))
			continue;
		suite_of(s, t->suite)->nlisted++;
		s->nlisted++;
	}
	for (size_t i = 0; i < b->ntests; i++)
		suite_of(s, b->tests[i]->suite)->nwanted++;
}

static bool is_whole(const struct suite *s)
{
	return s->nwanted == s->nlisted;
}

/* Did the target's own arguments or environment leave tests out of the listing?  "All" is then not
 * all that the program has. */
static bool has_limits(const struct target *t)
{
	bool has = gtest_own_flag(t, "filter") || gtest_own_flag(t, "flagfile");

	for (size_t i = 0; i < t->nenv && !has; i++)
		has = gtest_neutral(t->env[i]) != NULL;
	for (size_t i = 0; i < t->nenv_mods && !has; i++)
		has = gtest_neutral(t->env_mods[i]) != NULL;
	return has;
}

/* Are patterns of suites cheaper than the names they stand for? */
static bool is_cheaper(const struct suites *s, const struct batch *b)
{
	uint64_t nbytes = 0, npatterns = 0;

	for (size_t i = 0; i < b->ntests; i++)
		nbytes += strlen(b->tests[i]->selector) + 1;
	for (size_t i = 0; i < s->n; i++)
		npatterns += is_whole(&s->list[i]);
	return npatterns * s->nlisted * PATTERN_PS < nbytes * b->ntests * COPY_PS_PER_BYTE;
}

/*
 * A type name that a project made up may hold bytes that mean something in a filter: '?' matches
 * them.  Should that select another test too, the reader does not believe it.
 */
static void add_pattern(struct buf *out, const char *name, const char *suffix)
{
	if (out->len > 0 && out->s[out->len - 1] != '=')
		buf_addch(out, ':');
	size_t at = out->len;

	buf_addstr(out, name);
	for (char *s = out->s + at; *s; s++) {
		if (strchr(":-*\n", *s))
			*s = '?';
	}
	buf_addstr(out, suffix);
}

static void add_names(struct buf *out, const struct batch *b, struct suites *s)
{
	for (size_t i = 0; i < b->ntests; i++) {
		struct suite *suite = s ? suite_of(s, b->tests[i]->suite) : NULL;

		if (!suite || !is_whole(suite))
			add_pattern(out, b->tests[i]->selector, "");
		else if (!suite->is_named)
			add_pattern(out, b->tests[i]->suite, ".*");
		if (suite)
			suite->is_named = true;
	}
}

void gtest_add_filter(struct buf *out, const struct batch *b, bool has_disabled)
{
	struct suites s = { 0 };
	bool is_short = b->ntests <= FEW_TESTS || !b->all || has_disabled || has_limits(b->target);

	if (!is_short)
		count_suites(&s, b);
	if (!is_short && s.nlisted == b->ntests)
		buf_addch(out, '*');
	else if (!is_short && !s.has_dots && is_cheaper(&s, b))
		add_names(out, b, &s);
	else
		add_names(out, b, NULL);
	map_release(&s.index);
	free(s.list);
}
