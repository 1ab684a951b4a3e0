/* SPDX-License-Identifier: MIT */
#include "adapter/meson.h"

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "format/json.h"
#include "sys/fs.h"

enum { FILE_MAX_BYTES = 1 << 30 };

struct splitting {
	const char *folder;
	const struct list_context *ctx;
	struct tests *ret;
	struct json_doc *targets; /* meson-info/intro-targets.json; NULL: not there */
	struct map by_id;         /* a target's id to its place in it */
};

bool meson_is_folder(const char *folder)
{
	struct arena mem = { 0 };
	bool is = fs_exists(fs_join(&mem, folder, "meson-info/intro-tests.json"));

	arena_release(&mem);
	return is;
}

/* --- what is built -------------------------------------------------------------------------- */

/* Without them only the program itself is looked for. */
static void read_targets(struct splitting *s, struct arena *mem)
{
	const char *path = fs_join(mem, s->folder, "meson-info/intro-targets.json");
	struct buf text = BUF_INIT;

	if (fs_read(path, FILE_MAX_BYTES, &text, NULL) == 0)
		(void)json_read_mem(text.s, text.len, path, &s->targets, NULL);
	buf_release(&text);
	const struct json_value *list = s->targets ? json_root(s->targets) : NULL;

	for (size_t i = 0; list && i < json_length(list); i++) {
		const struct json_value *id = json_get(json_at(list, i), "id");

		if (id && json_text(id))
			map_put(&s->by_id, json_text(id), strlen(json_text(id)), i);
	}
}

/* The first file of what the test needs that is not there; NULL: all are. */
static const char *find_missing(struct splitting *s, const struct meson_entry *e)
{
	size_t k = 0;

	if (!e->program)
		return e->nargv > 0 ? e->argv[0] : "its program";
	for (size_t i = 0; i < e->ndepends; i++) {
		if (!map_get(&s->by_id, e->depends[i], strlen(e->depends[i]), &k))
			continue;
		const struct json_value *files =
			json_get(json_at(json_root(s->targets), k), "filename");

		for (size_t j = 0; files && j < json_length(files); j++) {
			const char *path = json_text(json_at(files, j));

			if (path && !fs_exists(fs_absolute(&s->ret->mem, s->folder, path)))
				return arena_strdup(&s->ret->mem, path);
		}
	}
	return NULL;
}

/* --- tests ---------------------------------------------------------------------------------- */

static const char *full_name(struct splitting *s, const struct meson_entry *e)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s%s%s", e->suite, *e->suite ? " / " : "", e->name);
	const char *kept = arena_memdup(&s->ret->mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

static uint32_t add_target(struct splitting *s, const struct meson_entry *e, const char *adapter)
{
	struct target target = e->target;

	target.name = full_name(s, e);
	target.adapter = adapter;
	target.program = e->program ? e->program : "";
	target.argv = e->argv;
	target.nargv = e->nargv;
	return tests_add_target(s->ret, &target);
}

static void add_whole(struct splitting *s, struct meson_entry *e)
{
	const char *missing = find_missing(s, e);
	const char *row = strcmp(e->protocol, "tap") == 0    ? adapter_meson_tap.name
			  : strcmp(e->protocol, "rust") == 0 ? adapter_meson_rust.name
							     : adapter_meson.name;
	struct verdict_rule *rule = arena_alloc(&s->ret->mem, 1, sizeof *rule);
	uint32_t target = add_target(s, e, row);
	struct test t = test_blank(target);
	struct buf text = BUF_INIT;

	*rule = (struct verdict_rule){ .will_fail = e->should_fail, .skip_code = -1 };
	s->ret->targets[target].rule = rule;
	t.id = s->ret->targets[target].name;
	t.name = e->name;
	test_inherit(s->ret, &t, &e->test, 1);
	if (missing && !t.skip_reason) {
		buf_addf(&text, "not built: %s is not there; build it first (meson compile -C %s)",
			 missing, s->folder);
		t.error = arena_memdup(&s->ret->mem, text.s, text.len);
		buf_release(&text);
	}
	tests_add(s->ret, &t);
}

/* Into the program's cases; false where the test must stay whole. */
static bool add_cases(struct splitting *s, struct meson_entry *e)
{
	struct tests *ret = s->ret;
	const struct adapter *row = adapter_of_program(e->program);
	size_t ntargets = ret->ntargets, first = ret->ntests;
	struct list_context ctx = *s->ctx;
	struct err why = { 0 };

	if (!row || adapter_is_special_call(row, e->argv + e->nwrapper, e->nargv - e->nwrapper,
					    e->target.env, e->target.nenv))
		return false;
	uint32_t target = add_target(s, e, row->name);

	ctx.is_unpreloaded = ctx.is_unpreloaded || e->nwrapper > 0; /* the wrapper would be, too */
	if (adapter_list(row, &ret->targets[target], target, &ctx, ret, &why) < 0 ||
	    ret->ntests == first) {
		/* one that cannot be listed is run whole, and says what is wrong with it */
		ret->ntests = first;
		ret->ntargets = ntargets;
		return false;
	}
	for (size_t i = first; i < ret->ntests; i++)
		test_inherit(ret, &ret->tests[i], &e->test, ret->ntests - first);
	return true;
}

static void add_entry(struct splitting *s, struct meson_entry *e)
{
	bool is_whole =
		!e->program || e->should_fail || e->is_wrapped || e->test.skip_reason ||
		strcmp(e->protocol, "tap") == 0 || find_missing(s, e) ||
		(s->ctx->is_whole && (s->ctx->is_whole(s->ctx->is_whole_ctx, e->name) ||
				      s->ctx->is_whole(s->ctx->is_whole_ctx, full_name(s, e))));

	if (is_whole || !add_cases(s, e))
		add_whole(s, e);
}

int meson_list(const struct meson_options *o, const struct list_context *ctx, struct tests *ret,
	       struct err *reterr)
{
	static const char *const names[] = { "meson-info/intro-tests.json",
					     "meson-private/meson_test_setup.dat",
					     "meson-private/build.dat" };
	struct buf texts[ARRAY_SIZE(names)] = { BUF_INIT, BUF_INIT, BUF_INIT };
	struct meson_options kept = *o;
	const struct meson_files files = { .o = &kept,
					   .environ = ctx->environ,
					   .tests = &texts[0],
					   .setup = &texts[1],
					   .build = &texts[2] };
	struct splitting s = { .folder = arena_strdup(&ret->mem, o->folder),
			       .ctx = ctx,
			       .ret = ret };
	struct meson_entry *entries = NULL;
	struct arena mem = { 0 };
	size_t n = 0;
	int status = 0;

	kept.folder = s.folder;
	for (size_t i = 0; i < ARRAY_SIZE(names) && status == 0; i++) {
		const char *path = fs_join(&mem, s.folder, names[i]);

		if (i == 0 || fs_exists(path))
			status = fs_read(path, FILE_MAX_BYTES, &texts[i], reterr);
	}
	if (status == 0)
		status = meson_entries_read(&files, &ret->mem, &entries, &n, reterr);
	if (n > 0)
		read_targets(&s, &mem);
	for (size_t i = 0; i < n; i++) {
		if (!entries[i].is_excluded)
			add_entry(&s, &entries[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		buf_release(&texts[i]);
	map_release(&s.by_id);
	json_doc_free(s.targets);
	arena_release(&mem);
	return status;
}
