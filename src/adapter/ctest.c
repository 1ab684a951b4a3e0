/* SPDX-License-Identifier: MIT */
#include "adapter/ctest.h"

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum {
	OUTPUT_MAX_BYTES = 1 << 30,
	CACHE_MAX_BYTES = 64 << 20,
	SHOWN_MAX_BYTES = 300,
	GRACE_US = 100 * 1000,
	MAX_PARENTS = 32
};

bool ctest_is_folder(const char *folder)
{
	struct arena mem = { 0 };
	bool is = fs_exists(fs_join(&mem, folder, "CTestTestfile.cmake"));

	arena_release(&mem);
	return is;
}

/* The value of "KEY:TYPE=value" in a CMakeCache.txt; NULL if it is not there. */
static const char *cache_value(struct arena *mem, const char *cache, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = cache; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		const char *end = line + strcspn(line, "\r\n");
		const char *value = memchr(line, '=', (size_t)(end - line));

		if (value)
			return arena_memdup(mem, value + 1, (size_t)(end - value - 1));
	}
	return NULL;
}

const char *ctest_configurations(struct arena *mem, const char *cache)
{
	const char *generator = cache_value(mem, cache, "CMAKE_GENERATOR");
	const char *names = cache_value(mem, cache, "CMAKE_CONFIGURATION_TYPES");
	/* projects set the names for every generator; only these look at them */
	bool is_multi = generator && (strstr(generator, "Multi-Config") ||
				      strncmp(generator, "Visual Studio", 13) == 0 ||
				      strcmp(generator, "Xcode") == 0);

	if (!is_multi)
		return NULL;
	return names && *names ? names : "Debug;Release;MinSizeRel;RelWithDebInfo";
}

static bool has_name(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = names; *s; s += strcspn(s, ";"), s += *s == ';') {
		if (strcspn(s, ";") == len && strncmp(s, name, len) == 0)
			return true;
	}
	return false;
}

/* The configuration of a folder that has only one of them needs no -C. */
static const char *only_config(struct arena *mem, const char *cache)
{
	const char *names = ctest_configurations(mem, cache);

	return names && !strchr(names, ';') ? names : NULL;
}

/* ctest lists nothing, and says nothing, where a configuration is needed and none or an unknown
 * one was given. */
static int check_config(const struct ctest_options *o, struct arena *mem, const char *cache,
			struct err *reterr)
{
	const char *names = ctest_configurations(mem, cache);
	struct buf list = BUF_INIT;

	if (!names || (o->build_config && has_name(names, o->build_config)))
		return 0;
	for (const char *s = names; *s; s++)
		buf_addstr(&list, *s == ';' ? ", " : (const char[]){ *s, '\0' });
	if (o->build_config)
		err_set(reterr, ERR_USAGE, o->folder, 0,
			"this build folder has no configuration '%s': choose one of %s",
			o->build_config, list.s);
	else
		err_set(reterr, ERR_USAGE, o->folder, 0,
			"this build folder has several configurations: choose one with "
			"--build-config (%s)",
			list.s);
	buf_release(&list);
	return -1;
}

/* The ctest that belongs to the cmake which made the folder, else the one of PATH. */
static const char *find_ctest(struct arena *mem, const char *cache)
{
	const char *path = cache_value(mem, cache, "CMAKE_CTEST_COMMAND");

	return path && fs_is_program(path) ? path : fs_find_program(mem, "ctest");
}

/* Expressions that CMake does not like, and messages of the project's scripts, come first. */
static const char *find_json(const struct buf *out)
{
	const char *s = out->s;

	while (s && *s != '{') {
		s = memchr(s, '\n', out->len - (size_t)(s - out->s));
		s = s ? s + 1 : NULL;
	}
	return s;
}

static int list_failed(const struct ctest_options *o, const struct list_context *ctx,
		       const struct proc_end *end, const struct buf *text, struct err *reterr)
{
	struct buf what = BUF_INIT;
	size_t len = text->len;

	if (end->is_timeout)
		buf_addf(&what, "took longer than %llu.%03u s",
			 (unsigned long long)(ctx->timeout_us / 1000000),
			 (unsigned)(ctx->timeout_us / 1000 % 1000));
	else
		proc_end_describe(end, &what);
	while (len > 0 && (text->s[len - 1] == '\n' || text->s[len - 1] == ' '))
		len--;
	if (len > 0) {
		buf_addstr(&what, ": ");
		quote_display(&what, text->s, len < SHOWN_MAX_BYTES ? len : SHOWN_MAX_BYTES);
	}
	err_set(reterr, ERR_SYNTAX, o->folder, 0, "ctest cannot list the tests here: %s", what.s);
	buf_release(&what);
	return -1;
}

static int run_ctest(const struct ctest_options *o, const struct list_context *ctx,
		     const char *program, struct buf *out, struct err *reterr)
{
	const char *argv[] = { program, "--show-only=json-v1", o->build_config ? "-C" : NULL,
			       o->build_config, NULL };
	const struct proc_spec spec = {
		.argv = argv, .envp = ctx->environ, .workdir = o->folder, .grace_us = GRACE_US
	};
	struct buf errors = BUF_INIT;
	struct proc_end end = { 0 };
	int status =
		proc_capture(&spec, ctx->timeout_us, OUTPUT_MAX_BYTES, out, &errors, &end, reterr);

	if (status == 0 && (end.is_timeout || end.exit_code != 0 || !find_json(out)))
		status = list_failed(o, ctx, &end, errors.len > 0 ? &errors : out, reterr);
	buf_release(&errors);
	return status;
}

/* The folder's, or where it is a part of a build folder, that one's.  Without a cache the folder
 * was put together by hand, which is fine. */
static void read_cache(struct arena *mem, const char *folder, struct buf *ret)
{
	const char *dir = folder;

	for (unsigned i = 0; i < MAX_PARENTS && ctest_is_folder(dir); i++) {
		const char *path = fs_join(mem, dir, "CMakeCache.txt");

		if (fs_read(path, CACHE_MAX_BYTES, ret, NULL) == 0)
			return;
		dir = fs_absolute(mem, dir, "..");
	}
}

int ctest_list(const struct ctest_options *wish, const struct list_context *ctx, struct tests *ret,
	       struct err *reterr)
{
	struct ctest_options chosen = *wish;
	const struct ctest_options *o = &chosen;
	struct arena mem = { 0 };
	struct buf cache = BUF_INIT, out = BUF_INIT, name = BUF_INIT;
	struct ctest_entry *entries = NULL;
	const char *program = NULL;
	size_t n = 0;
	int status = -1;

	read_cache(&mem, o->folder, &cache);
	if (!chosen.build_config)
		chosen.build_config = only_config(&mem, cache.s);
	if (check_config(o, &mem, cache.s, reterr) < 0)
		goto out;
	program = find_ctest(&mem, cache.s);
	if (!program) {
		err_set(reterr, ERR_MISSING, o->folder, 0,
			"a CMake build folder, but there is no 'ctest' to list its tests: install "
			"cmake");
		goto out;
	}
	if (run_ctest(o, ctx, program, &out, reterr) < 0)
		goto out;
	const char *json = find_json(&out);

	buf_addf(&name, "%s (ctest --show-only)", o->folder);
	if (ctest_entries_read(json, out.len - (size_t)(json - out.s), name.s, o->folder, &ret->mem,
			       &entries, &n, reterr) < 0)
		goto out;
	buf_release(&out);
	ctest_find_groups(o, entries, n, &ret->mem);
	ctest_entries_add(entries, n, o, ctx, ret);
	status = 0;
out:
	buf_release(&cache);
	buf_release(&out);
	buf_release(&name);
	arena_release(&mem);
	return status;
}
