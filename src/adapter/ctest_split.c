/* SPDX-License-Identifier: MIT
 *
 * From entries to tests.  Who is asked about an entry's program is the ELF file, never the program.
 */
#include "adapter/adapter_args.h"
#include "adapter/ctest.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "sys/fs.h"

/* The cases of one program that gtest_discover_tests() made entries of. */
struct regroup {
	uint32_t target;
	struct tests listed; /* what the program itself says: source files and lines */
	struct map by_selector;
	const char *file; /* last one copied: most often the next is the same */
};

struct probed {
	const struct adapter *row; /* NULL: no framework's */
};

struct splitting {
	const struct ctest_options *o;
	const struct list_context *ctx;
	struct tests *ret;
	struct map adapters; /* program to an index into rows; an ELF file is read once */
	struct map regroups; /* key of a group to its index */
	struct probed *rows;
	size_t nrows, cap_rows;
	struct regroup *groups;
	size_t ngroups, cap_groups;
};

/* The framework's row, or NULL. */
static const struct adapter *probe_program(struct splitting *s, const char *path)
{
	size_t i = 0;

	if (map_get(&s->adapters, path, strlen(path), &i) && i < s->nrows)
		return s->rows[i].row;
	GROW(s->rows, s->nrows, s->cap_rows);
	s->rows[s->nrows].row = adapter_of_program(path);
	map_put(&s->adapters, path, strlen(path), s->nrows);
	return s->rows[s->nrows++].row;
}

static bool is_plain_rule(const struct verdict_rule *r)
{
	return !r->will_fail && r->skip_code < 0 && r->npass_regex == 0 && r->nfail_regex == 0 &&
	       r->nskip_regex == 0 && r->nafter_regex == 0;
}

/* The expression that gtest_discover_tests() gives every entry, so that ctest sees a skip. */
static bool is_discover_rule(const struct verdict_rule *r)
{
	return !r->will_fail && r->skip_code < 0 && r->npass_regex == 0 && r->nfail_regex == 0 &&
	       r->nafter_regex == 0 && r->nskip_regex == 1 &&
	       strcmp(r->skip_regex[0], "\\[  SKIPPED \\]") == 0;
}

static bool begins_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool has_variable(const struct ctest_entry *e, const char *name)
{
	for (size_t i = 0; i < e->target.nenv; i++) {
		if (begins_with(e->target.env[i], name))
			return true;
	}
	return false;
}

/* One TCase, as gangway_discover_tests() makes them: Check lists and runs just that. */
static bool is_tcase_call(const struct ctest_entry *e)
{
	return has_variable(e, "CK_RUN_SUITE=") && has_variable(e, "CK_RUN_CASE=") &&
	       !has_variable(e, "CK_INCLUDE_TAGS=") && !has_variable(e, "CK_EXCLUDE_TAGS=");
}

/* The one case that a single "--gtest_filter=" names, or NULL. */
static const char *single_filter(const struct ctest_entry *e)
{
	static const char flag[] = "--gtest_filter=";
	const char *filter = NULL;

	for (size_t i = 1; i < e->nargv; i++) {
		if (begins_with(e->argv[i], "--gtest_output"))
			return NULL; /* a report of its own for each case */
		if (!begins_with(e->argv[i], flag))
			continue;
		if (filter)
			return NULL;
		filter = e->argv[i] + sizeof flag - 1;
	}
	if (!filter || filter[strcspn(filter, "*?:")] || filter[0] == '-' || !strchr(filter, '.'))
		return NULL;
	return filter;
}

/* --- tests ---------------------------------------------------------------------------------- */

static uint32_t add_target(struct splitting *s, const struct ctest_entry *e, const char *name,
			   const char *adapter)
{
	struct target target = e->target;

	target.name = name;
	target.adapter = adapter;
	target.program = e->has_program ? e->argv[0] : "";
	target.argv = e->argv;
	target.nargv = e->nargv;
	return tests_add_target(s->ret, &target);
}

/* As ctest runs it: one process, one verdict. */
static void add_whole(struct splitting *s, struct ctest_entry *e)
{
	struct verdict_rule *rule = arena_alloc(&s->ret->mem, 1, sizeof *rule);
	uint32_t target = add_target(s, e, e->name, "exitcode");
	struct test t = test_blank(target);
	struct buf text = BUF_INIT;

	*rule = e->rule;
	s->ret->targets[target].rule = rule;
	t.id = t.name = e->name;
	test_inherit(s->ret, &t, &e->test, 1);
	if (!e->has_program) {
		buf_addf(&text,
			 "not built: the program of this test is not there%s%s; build it first "
			 "(cmake --build %s)",
			 e->nargv > 0 ? ": " : "", e->nargv > 0 ? e->argv[0] : "", s->o->folder);
		t.error = arena_memdup(&s->ret->mem, text.s, text.len);
		buf_release(&text);
	}
	tests_add(s->ret, &t);
}

/* Into the program's cases; false where the entry must stay whole. */
static bool add_cases(struct splitting *s, struct ctest_entry *e, const struct adapter *row)
{
	struct tests *ret = s->ret;
	size_t ntargets = ret->ntargets;
	uint32_t target = add_target(s, e, e->name, row->name);
	size_t first = ret->ntests;
	struct err why = { 0 };

	if (adapter_list(row, &ret->targets[target], target, s->ctx, ret, &why) < 0) {
		ret->ntests = first;
		ret->ntargets = ntargets;
		/* what has no list (ERR_MISSING) ran to a good end when asked: ctest knows no more */
		if (why.code == ERR_UNSUPPORTED || why.code == ERR_MISSING)
			return false;
		struct buf text = BUF_INIT;

		err_format(&why, &text);
		tests_add_error(ret, e->name, text.s);
		buf_release(&text);
		return true;
	}
	bool is_one = ret->ntests == first + 1 && row->own_args &&
		      args_choose(row->own_args, &ret->targets[target]);

	/* nothing in it, but still an entry that ctest would run; or it names one test */
	if (ret->ntests == first || is_one) {
		ret->ntests = first;
		ret->ntargets = ntargets;
		return false;
	}
	for (size_t i = first; i < ret->ntests; i++) {
		struct test *t = &ret->tests[i];

		if (is_tcase_call(e)) /* the entry's name has the TCase's */
			t->id = test_make_id(&ret->mem, e->name, "", t->name);
		test_inherit(ret, t, &e->test, ret->ntests - first);
	}
	return true;
}

/* --- entries of gtest_discover_tests() and gtest_add_tests() -----------------------------------
 */

static void add_part(struct buf *key, const char *s)
{
	buf_add(key, s, strlen(s) + 1);
}

/* Entries with the same key can share a process. */
static void group_key(struct buf *key, const struct ctest_entry *e)
{
	const struct target *t = &e->target;

	for (size_t i = 0; i < e->nargv; i++) {
		if (!begins_with(e->argv[i], "--gtest_filter="))
			add_part(key, e->argv[i]);
	}
	add_part(key, "");
	for (size_t i = 0; i < t->nenv; i++)
		add_part(key, t->env[i]);
	add_part(key, "");
	for (size_t i = 0; i < t->nenv_mods; i++)
		add_part(key, t->env_mods[i]);
	add_part(key, "");
	add_part(key, t->workdir);
}

/* Source files are the program's to tell.  A program that fails to is left to fail as a test. */
static void list_group(struct splitting *s, struct regroup *g, const struct adapter *row)
{
	if (adapter_list(row, &s->ret->targets[g->target], 0, s->ctx, &g->listed, NULL) < 0)
		return;
	for (size_t i = 0; i < g->listed.ntests; i++) {
		const char *selector = g->listed.tests[i].selector;

		map_put(&g->by_selector, selector, strlen(selector), i);
	}
}

static struct regroup *find_group(struct splitting *s, struct ctest_entry *e,
				  const struct adapter *row)
{
	struct buf key = BUF_INIT;
	size_t i = 0;

	group_key(&key, e);
	if (!map_get(&s->regroups, key.s, key.len, &i)) {
		struct ctest_entry program = *e;

		i = s->ngroups;
		GROW(s->groups, s->ngroups, s->cap_groups);
		map_put(&s->regroups, arena_memdup(&s->ret->mem, key.s, key.len), key.len, i);
		program.argv = arena_alloc(&s->ret->mem, e->nargv + 1, sizeof *program.argv);
		program.nargv = 0;
		for (size_t k = 0; k < e->nargv; k++) {
			if (!begins_with(e->argv[k], "--gtest_filter="))
				program.argv[program.nargv++] = e->argv[k];
		}
		s->groups[s->ngroups++] = (struct regroup){
			.target = add_target(s, &program,
					     fs_relative(&s->ret->mem, s->o->rootdir, e->argv[0]),
					     row->name),
		};
		list_group(s, &s->groups[i], row);
	}
	buf_release(&key);
	return &s->groups[i];
}

/* "Inst/Suite.Name/0" */
static void name_case(struct tests *ret, struct test *t, const char *filter)
{
	const char *dot = strchr(filter, '.');

	t->suite = arena_memdup(&ret->mem, filter, (size_t)(dot - filter));
	t->name = arena_strdup(&ret->mem, dot + 1);
	t->selector = arena_strdup(&ret->mem, filter);
}

static void add_regrouped(struct splitting *s, struct ctest_entry *e, const struct adapter *row,
			  const char *filter)
{
	struct regroup *g = find_group(s, e, row);
	struct test t = test_blank(g->target);
	size_t i = 0;

	t.id = e->name;
	name_case(s->ret, &t, filter);
	if (map_get(&g->by_selector, filter, strlen(filter), &i)) {
		const struct test *listed = &g->listed.tests[i];

		if (listed->file && (!g->file || strcmp(g->file, listed->file) != 0))
			g->file = arena_strdup(&s->ret->mem, listed->file);
		t.file = listed->file ? g->file : NULL;
		t.line = listed->line;
	}
	test_inherit(s->ret, &t, &e->test, 1);
	tests_add(s->ret, &t);
}

/* --- all of them --------------------------------------------------------------------------------
 */

static void add_entry(struct splitting *s, struct ctest_entry *e)
{
	const struct adapter *row = NULL;
	bool is_plain = is_plain_rule(&e->rule);
	const char *filter = single_filter(e);

	e->first_test = s->ret->ntests;
	bool is_whole = s->ctx->is_whole && s->ctx->is_whole(s->ctx->is_whole_ctx, e->name);

	if (!is_whole && e->has_program && (is_plain || is_discover_rule(&e->rule)))
		row = probe_program(s, e->argv[0]);
	if (row && !is_tcase_call(e) &&
	    adapter_is_special_call(row, e->argv, e->nargv, e->target.env, e->target.nenv))
		row = NULL;
	if (row && row == &adapter_gtest && filter)
		add_regrouped(s, e, row, filter);
	else if (!row || !is_plain || e->test.skip_reason || !add_cases(s, e, row))
		add_whole(s, e);
	e->ntests = s->ret->ntests - e->first_test;
}

void ctest_entries_add(struct ctest_entry *entries, size_t n, const struct ctest_options *o,
		       const struct list_context *ctx, struct tests *ret)
{
	struct splitting s = { .o = o, .ctx = ctx, .ret = ret };

	for (size_t i = 0; i < n; i++)
		add_entry(&s, &entries[i]);
	ctest_entries_link(entries, n, ret);
	for (size_t i = 0; i < s.ngroups; i++) {
		tests_release(&s.groups[i].listed);
		map_release(&s.groups[i].by_selector);
	}
	free(s.groups);
	free(s.rows);
	map_release(&s.adapters);
	map_release(&s.regroups);
}
