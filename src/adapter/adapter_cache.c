/* SPDX-License-Identifier: MIT
 *
 * Remembered listings: a file for each program and way of starting it, in the form of tests.tsv
 * with one target, whose name is the identity that the listing was made with.
 */
#include <inttypes.h>

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/map.h"
#include "format/elf.h"
#include "format/files.h"
#include "sys/fs.h"

enum { MAX_LIBRARIES = 1000 };

/* Variables that say nothing to a program that lists its tests, and differ from shell to shell. */
static const char *const idle_names[] = {
	"_=",      "SHLVL=",     "OLDPWD=", "PWD=",      "COLUMNS=", "LINES=",   "MAKEFLAGS=",
	"MFLAGS=", "MAKELEVEL=", "TMPDIR=", "WINDOWID=", "SSH_",     "GANGWAY_", "XDG_SESSION_ID=",
};

static bool is_idle(const char *entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(idle_names); i++) {
		if (strncmp(entry, idle_names[i], strlen(idle_names[i])) == 0)
			return true;
	}
	return false;
}

static uint64_t add_text(uint64_t state, const char *s)
{
	return hash_more(state, s, strlen(s) + 1);
}

static uint64_t add_texts(uint64_t state, const char *const *texts, size_t n)
{
	state = hash_more(state, &n, sizeof n);
	for (size_t i = 0; i < n; i++)
		state = add_text(state, texts[i]);
	return state;
}

/* A library that is looked at only once, however many need it. */
struct look {
	struct arena mem;
	struct map seen;
	uint64_t state;
	unsigned nlibraries;
	bool is_by_content;
};

static void add_program(struct look *l, const char *path);

/* `name` as the folders of a run path have it; those of the system stand in its library cache. */
static void add_library(struct look *l, const char *dirs, const char *origin, const char *name)
{
	static const char token[] = "$ORIGIN", braced[] = "${ORIGIN}";

	for (const char *s = dirs; *s;) {
		size_t len = strcspn(s, ":");
		struct buf path = BUF_INIT;
		size_t skip = strncmp(s, token, strlen(token)) == 0     ? strlen(token)
			      : strncmp(s, braced, strlen(braced)) == 0 ? strlen(braced)
									: 0;

		if (skip > 0 && skip <= len)
			buf_addstr(&path, origin);
		buf_add(&path, s + skip, len - skip);
		buf_addf(&path, "/%s", name);
		const char *found = fs_exists(path.s) ? arena_strdup(&l->mem, path.s) : NULL;

		buf_release(&path);
		if (found) {
			add_program(l, found);
			return;
		}
		s += len + (s[len] == ':');
	}
}

static void add_program(struct look *l, const char *path)
{
	struct elf_file *elf = NULL;
	size_t n = 0;

	if (!map_put(&l->seen, path, strlen(path), 0) || ++l->nlibraries > MAX_LIBRARIES)
		return;
	if (!l->is_by_content || !fs_content_identity(path, &l->state))
		fs_identity(path, &l->state);
	if (elf_file_open(path, &elf, NULL) < 0 || !elf)
		return;
	const char *const *needed = elf_file_needed(elf, &n);
	const char *slash = strrchr(path, '/');
	const char *origin = slash ? arena_memdup(&l->mem, path, (size_t)(slash - path)) : ".";
	const char *more = getenv("LD_LIBRARY_PATH");

	for (size_t i = 0; i < n; i++) {
		add_library(l, elf_file_run_path(elf), origin, needed[i]);
		if (more)
			add_library(l, more, origin, needed[i]);
	}
	elf_file_close(elf);
}

/* Everything a listing may depend on. */
static uint64_t identity(const struct target *t, const struct list_context *ctx)
{
	struct look l = { .state = HASH_BEGIN, .is_by_content = ctx->is_by_content };
	uint64_t environment = 0;

	add_program(&l, t->program);
	fs_identity("/etc/ld.so.cache", &l.state);
	/* what our own guests can do with it changes with us */
	fs_identity("/proc/self/exe", &l.state);
	l.state = hash_more(l.state, &ctx->is_unpreloaded, sizeof ctx->is_unpreloaded);
	for (size_t i = 0; ctx->environ && ctx->environ[i]; i++) {
		if (!is_idle(ctx->environ[i]))
			environment += hash_bytes(ctx->environ[i], strlen(ctx->environ[i]));
	}
	l.state = hash_more(l.state, &environment, sizeof environment);
	l.state = add_texts(l.state, t->env, t->nenv);
	l.state = add_texts(l.state, t->env_mods, t->nenv_mods);
	map_release(&l.seen);
	arena_release(&l.mem);
	return l.state;
}

/* The file for this program and way of starting it. */
static const char *file_of(struct arena *mem, const struct target *t, const char *cache)
{
	uint64_t state =
		add_text(add_text(add_text(HASH_BEGIN, t->adapter), t->program), t->workdir);
	char name[40];

	state = add_texts(add_text(state, t->name), t->argv, t->nargv);
	snprintf(name, sizeof name, "%016" PRIx64 ".tsv", state);
	return fs_join(mem, cache, name);
}

static bool recall(const char *file, const char *id, uint32_t target_index, struct tests *ret)
{
	struct tests known = { 0 };
	bool is_same = tests_read(file, &known, NULL) == 0 && known.ntargets == 1 &&
		       strcmp(known.targets[0].name, id) == 0;

	if (is_same)
		tests_append(ret, &known, target_index);
	tests_release(&known);
	return is_same;
}

static void remember(const char *file, const char *id, const struct target *t,
		     const struct tests *all, size_t first)
{
	struct tests known = { .rootdir = "/" };
	const struct target target = { .name = id,
				       .adapter = t->adapter,
				       .program = t->program,
				       .argv = t->argv,
				       .nargv = t->nargv,
				       .workdir = t->workdir };
	const struct tests part = { .tests = all->tests + first, .ntests = all->ntests - first };

	tests_append(&known, &part, tests_add_target(&known, &target));
	tests_write(file, &known, NULL); /* not remembered: listed again next time */
	tests_release(&known);
}

int adapter_list(const struct adapter *a, const struct target *t, uint32_t target_index,
		 const struct list_context *ctx, struct tests *ret, struct err *reterr)
{
	if (!a->runs_to_list || !ctx->cache || !*t->program)
		return a->list(t, target_index, ctx, ret, reterr);
	struct arena mem = { 0 };
	/* *t may be in ret->targets, which stays, but not its place */
	const struct target target = *t;
	const char *file = file_of(&mem, &target, ctx->cache);
	char id[20];
	int status = 0;

	snprintf(id, sizeof id, "%016" PRIx64, identity(&target, ctx));
	if (!recall(file, id, target_index, ret)) {
		size_t first = ret->ntests;

		status = a->list(&target, target_index, ctx, ret, reterr);
		if (status == 0)
			remember(file, id, &target, ret, first);
	}
	arena_release(&mem);
	return status;
}
