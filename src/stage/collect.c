/* SPDX-License-Identifier: MIT
 *
 * A path is a build folder, a program, a pytest tree, or a folder that is walked for all of them.  Nothing is run
 * to find out what it is: the name, the ELF file and the execute permission say so.
 */
#include "stage/collect.h"

#include <fcntl.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/automake.h"
#include "adapter/ctest.h"
#include "adapter/meson.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/parse.h"
#include "format/elf.h"
#include "stage/collect_marks.h"
#include "stage/collect_pytest.h"
#include "sys/fs.h"

enum { MAX_DEPTH = 64 };

/* What test programs are called; gangway.ini's test_programs takes their place. */
static const char *const usual_names[] = {
	"test",       "test_*", "test-*", "*_test",  "*-test", "tests", "*_tests", "*-tests",
	"*_unittest", "*Test",  "*Tests", "check_*", "t_*",    "*.t",   "*.bats",  "*.test",
};

struct collecting {
	const struct collect_options *o;
	const char *const *patterns;
	size_t npatterns;
	struct list_context list;
	struct tests *ret;
	struct arena mem;      /* paths */
	struct map seen;       /* absolute paths of programs and build folders */
	struct map ids;        /* to the test's index */
	enum pytest_sign sign; /* in the path at hand */
	const char **scripts;  /* in it, that are programs if nothing is pytest's */
	size_t nscripts, cap_scripts;
	const char **pytest_paths;
	size_t npytest_paths, cap_pytest_paths;
	enum pytest_sign pytest_sign; /* the best of all paths */
	bool has_meson;
	const char *cwd;
};

static void progress(const struct collecting *c, const char *what)
{
	if (c->o->progress)
		c->o->progress(c->o->progress_ctx, what, c->ret->ntests);
}

static const char *shown(struct collecting *c, const char *path)
{
	return fs_relative(&c->mem, c->o->rootdir, path);
}

static bool is_new(struct collecting *c, const char *path)
{
	return map_put(&c->seen, path, strlen(path), 1);
}

static void add_error(struct collecting *c, const char *path, const struct err *e)
{
	struct buf text = BUF_INIT;

	err_format(e, &text);
	tests_add_error(c->ret, shown(c, path), text.s);
	buf_release(&text);
}

/* --- ids ------------------------------------------------------------------------------------ */

/* "name#2": the same id a second time, in the order of collection. */
static const char *other_id(struct collecting *c, const char *id)
{
	struct buf text = BUF_INIT;
	size_t i = 0;

	for (unsigned n = 2; n == 2 || map_get(&c->ids, text.s, text.len, &i); n++) {
		buf_clear(&text);
		buf_addf(&text, "%s#%u", id, n);
	}
	const char *kept = arena_memdup(&c->ret->mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

static void follow_moved(const struct map *moved, const struct tests *t, const char **ids, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const char *id = ids[k];
		size_t to = 0;

		if (map_get(moved, (const char *)&id, sizeof id, &to))
			ids[k] = t->tests[to].id;
	}
}

/* Of tests from `first` on.  Their lists hold pointers to ids, which move along. */
static void make_unique(struct collecting *c, size_t first)
{
	struct tests *t = c->ret;
	struct map moved = { 0 }; /* bytes of the old pointer to the test */
	const char **old = xcalloc(t->ntests - first + 1, sizeof *old);

	for (size_t i = first; i < t->ntests; i++) {
		const char *id = t->tests[i].id;

		old[i - first] = id;
		if (map_put(&c->ids, id, strlen(id), i))
			continue;
		t->tests[i].id = other_id(c, id);
		map_put(&c->ids, t->tests[i].id, strlen(t->tests[i].id), i);
		map_put(&moved, (const char *)&old[i - first], sizeof *old, i);
	}
	for (size_t i = first; i < t->ntests && moved.nkeys > 0; i++) {
		follow_moved(&moved, t, t->tests[i].after, t->tests[i].nafter);
		follow_moved(&moved, t, t->tests[i].passed, t->tests[i].npassed);
		follow_moved(&moved, t, t->tests[i].cleanups, t->tests[i].ncleanups);
	}
	free(old);
	map_release(&moved);
}

/* --- programs ------------------------------------------------------------------------------- */

/* A framework that cannot list this program leaves it to its exit status. */
static int list_program(struct collecting *c, const struct adapter *row, uint32_t target,
			struct err *reterr)
{
	struct tests *t = c->ret;

	if (adapter_list(row, &t->targets[target], target, &c->list, t, reterr) == 0)
		return 0;
	if (reterr->code != ERR_UNSUPPORTED)
		return -1;
	t->targets[target].adapter = adapter_exitcode.name;
	return adapter_exitcode.list(&t->targets[target], target, &c->list, t, reterr);
}

static void add_program(struct collecting *c, const char *path, const struct elf_file *elf)
{
	const struct candidate candidate = { .path = path, .elf = elf };
	const char *name = shown(c, path);
	bool is_whole = c->list.is_whole && c->list.is_whole(c->list.is_whole_ctx, name);
	const struct adapter *row = is_whole ? &adapter_exitcode : adapter_probe(&candidate);
	struct tests *t = c->ret;
	size_t first = t->ntests;
	struct err e = { 0 };
	const char **argv = arena_alloc(&t->mem, 2, sizeof *argv);

	argv[0] = arena_strdup(&t->mem, path);
	const struct target target = {
		.name = arena_strdup(&t->mem, name),
		.adapter = row->name,
		.program = argv[0],
		.argv = argv,
		.nargv = 1,
		.workdir = t->rootdir,
	};
	uint32_t index = tests_add_target(t, &target);

	if (list_program(c, row, index, &e) < 0) {
		t->ntests = first;
		add_error(c, path, &e);
	}
	if (t->ntests == first)
		t->ntargets--;
	make_unique(c, first);
	progress(c, target.name);
}

static bool is_script(const char *path)
{
	char begin[2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return false;
	bool is = read(fd, begin, sizeof begin) == 2 && memcmp(begin, "#!", 2) == 0;

	close(fd); /* only read from */
	return is;
}

/* A file that the user named: if it is no program, that is worth a word. */
static void take_file(struct collecting *c, const char *path)
{
	struct elf_file *elf = NULL;
	struct err e = { 0 };

	if (!is_new(c, path))
		return;
	if (elf_file_open(path, &elf, &e) < 0)
		add_error(c, path, &e);
	else if (!fs_is_program(path) && !adapter_of_script(path))
		tests_add_error(c->ret, shown(c, path),
				"not a program (no permission to execute it), nor a folder");
	else if (elf && elf_file_kind(elf) != ELF_KIND_PROGRAM)
		tests_add_error(c->ret, shown(c, path), "a library or object file, not a program");
	else
		add_program(c, path, elf);
	elf_file_close(elf);
}

static void consider_program(struct collecting *c, const char *path)
{
	struct elf_file *elf = NULL;

	if (elf_file_open(path, &elf, NULL) == 0 &&
	    (elf ? elf_file_kind(elf) == ELF_KIND_PROGRAM
		 : is_script(path) || adapter_of_script(path)))
		add_program(c, path, elf);
	elf_file_close(elf);
}

/* A file in a folder: only what looks like a test.  Of scripts in Python it is not known yet whose they
 * are. */
static void consider_file(struct collecting *c, const char *path, const char *name)
{
	bool is_named = false;

	for (size_t i = 0; i < c->npatterns && !is_named; i++)
		is_named = parse_glob(c->patterns[i], name);
	if (!is_named || (!fs_is_program(path) && !adapter_of_script(path)) || !is_new(c, path))
		return;
	if (collect_is_python(name)) {
		GROW(c->scripts, c->nscripts, c->cap_scripts);
		c->scripts[c->nscripts++] = path;
	} else {
		consider_program(c, path);
	}
}

/* --- pytest --------------------------------------------------------------------------------- */

static void take_pytest(struct collecting *c, const char *given, enum pytest_sign sign)
{
	GROW(c->pytest_paths, c->npytest_paths, c->cap_pytest_paths);
	c->pytest_paths[c->npytest_paths++] = given;
	if (sign > c->pytest_sign)
		c->pytest_sign = sign;
}

/* The path at hand was walked. */
static void settle_pytest(struct collecting *c, const char *given)
{
	if (c->sign != PYTEST_NONE)
		take_pytest(c, given, c->sign);
	for (size_t i = 0; c->sign == PYTEST_NONE && i < c->nscripts; i++)
		consider_program(c, c->scripts[i]);
	c->sign = PYTEST_NONE;
	c->nscripts = 0;
}

/* All paths are one pytest's, whose fixtures of session scope are then the same. */
static int add_pytest(struct collecting *c, struct err *reterr)
{
	const struct collect_options *o = c->o;
	struct tests *t = c->ret;
	size_t first = t->ntests;
	struct err e = { 0 };
	const char **argv =
		arena_alloc(&t->mem, o->npytest_args + c->npytest_paths + 1, sizeof *argv);
	struct target target = { .name = "pytest",
				 .adapter = adapter_pytest.name,
				 .program = "",
				 .argv = argv,
				 .workdir = arena_strdup(&t->mem, c->cwd) };

	argv[target.nargv++] = "pytest";
	for (size_t i = 0; i < o->npytest_args; i++)
		argv[target.nargv++] = arena_strdup(&t->mem, o->pytest_args[i]);
	for (size_t i = 0; i < c->npytest_paths && !o->is_here; i++)
		argv[target.nargv++] = arena_strdup(&t->mem, c->pytest_paths[i]);
	uint32_t index = tests_add_target(t, &target);
	int status = adapter_list(&adapter_pytest, &t->targets[index], index, &c->list, t, &e);

	if (t->ntests == first)
		t->ntargets--;
	make_unique(c, first);
	progress(c, target.name);
	if (status == 0)
		return 0;
	/* without pytest, files that only look like its own are nobody's */
	if (e.code == ERR_UNSUPPORTED && c->pytest_sign == PYTEST_MAYBE && t->ntests > 0)
		return 0;
	if (e.code == ERR_SYSTEM) {
		add_error(c, c->pytest_paths[0], &e);
		return 0;
	}
	if (reterr)
		*reterr = e;
	return -1;
}

/* --- folders -------------------------------------------------------------------------------- */

static int list_cmake(struct collecting *c, const char *path, struct err *reterr)
{
	const struct ctest_options options = { .folder = path,
					       .rootdir = c->o->rootdir,
					       .build_config = c->o->build_config };

	return ctest_list(&options, &c->list, c->ret, reterr);
}

static int list_meson(struct collecting *c, const char *path, struct err *reterr)
{
	const struct meson_options options = { .folder = path,
					       .setup = c->o->meson_setup,
					       .is_wrapped = c->o->is_wrapped };

	c->has_meson = true;
	return meson_list(&options, &c->list, c->ret, reterr);
}

static int list_automake(struct collecting *c, const char *path, struct err *reterr)
{
	return automake_list(path, &c->list, c->ret, reterr);
}

/* Folders that a build system made, and that it says the tests of. */
struct folder_kind {
	bool (*is)(const char *path);
	int (*list)(struct collecting *c, const char *path, struct err *reterr);
	const char *file; /* that may be named in place of its folder */
	bool may_be_none; /* where it lists nothing, it is a folder like others */
};

static const struct folder_kind folder_kinds[] = {
	{ ctest_is_folder, list_cmake, "CTestTestfile.cmake", false },
	{ meson_is_folder, list_meson, "build.ninja", false },
	{ automake_is_folder, list_automake, "Makefile", true },
};

static const struct folder_kind *folder_kind_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(folder_kinds); i++) {
		if (folder_kinds[i].is(path))
			return &folder_kinds[i];
	}
	return NULL;
}

static int take_build_folder(struct collecting *c, const struct folder_kind *kind, const char *path,
			     struct err *reterr)
{
	size_t first = c->ret->ntests;
	struct err e = { 0 };

	if (!is_new(c, path))
		return 0;
	int status = kind->list(c, path, &e);

	/* what the user must do something about first ends it; a folder that is broken does not */
	if (status < 0 && (e.code == ERR_USAGE || e.code == ERR_MISSING)) {
		if (reterr)
			*reterr = e;
		return -1;
	}
	if (status < 0)
		add_error(c, path, &e);
	make_unique(c, first);
	progress(c, shown(c, path));
	return 0;
}

/* Folders in which no test of the project is. */
static bool is_left_out(const char *name)
{
	return name[0] == '.' || strcmp(name, "CMakeFiles") == 0 ||
	       strcmp(name, "node_modules") == 0 || strcmp(name, "__pycache__") == 0;
}

static bool has_name(const char *const *names, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0)
		i++;
	return i < n;
}

/* Files first, then folders; links to folders are not followed.  The depth is bounded. */
static int walk(struct collecting *c, const char *dir, unsigned depth, struct err *reterr)
{
	const struct folder_kind *kind = folder_kind_of(dir);
	const char **names = NULL;
	struct err e = { 0 };
	size_t n = 0;

	if (kind) {
		size_t ntests = c->ret->ntests, nerrors = c->ret->nerrors;
		int status = take_build_folder(c, kind, dir, reterr);

		if (status < 0 || !kind->may_be_none || c->ret->ntests > ntests ||
		    c->ret->nerrors > nerrors)
			return status;
	}
	if (depth == MAX_DEPTH) {
		tests_add_error(c->ret, shown(c, dir), "too deep: folders below are left out");
		return 0;
	}
	if (fs_list(dir, &c->mem, &names, &n, &e) < 0) {
		tests_add_error(c->ret, shown(c, dir), e.msg);
		return 0;
	}
	if (has_name(names, n, "pyvenv.cfg"))
		return 0; /* an environment of Python's: others' packages */
	enum pytest_sign sign = collect_pytest_folder(dir, names, n);

	if (sign > c->sign)
		c->sign = sign;
	for (size_t i = 0; i < n; i++)
		consider_file(c, fs_join(&c->mem, dir, names[i]), names[i]);
	for (size_t i = 0; i < n; i++) {
		const char *path = fs_join(&c->mem, dir, names[i]);

		if (!is_left_out(names[i]) && fs_is_dir(path) && !fs_is_link(path) &&
		    walk(c, path, depth + 1, reterr) < 0)
			return -1;
	}
	return 0;
}

static int take_path(struct collecting *c, const char *given, struct err *reterr)
{
	const char *path = fs_absolute(&c->mem, c->cwd, given);

	if (!fs_exists(path))
		return err_set(reterr, ERR_MISSING, given, 0, "no such file or folder");
	if (fs_is_dir(path)) {
		int status = walk(c, path, 0, reterr);

		settle_pytest(c, given);
		return status;
	}
	if (collect_is_pytest_file(fs_basename(path)) ||
	    (collect_is_python(path) && !fs_is_program(path))) {
		take_pytest(c, given, PYTEST_SURE);
		return 0;
	}
	const char *dir = fs_absolute(&c->mem, path, "..");
	const struct folder_kind *kind = folder_kind_of(dir);

	if (kind && strcmp(fs_basename(path), kind->file) == 0)
		return take_build_folder(c, kind, dir, reterr);
	take_file(c, path);
	return 0;
}

int collect_run(const struct collect_options *o, struct tests *ret, struct err *reterr)
{
	struct collecting c = {
		.o = o,
		.patterns = o->patterns ? o->patterns : usual_names,
		.npatterns = o->patterns ? o->npatterns : ARRAY_SIZE(usual_names),
		.list = { .timeout_us = o->list_timeout_us,
			  .scratch = o->scratch,
			  .cache = o->cache,
			  .is_unpreloaded = o->is_unpreloaded || o->is_wrapped,
			  .is_whole = o->is_whole,
			  .is_whole_ctx = o->is_whole_ctx,
			  .stay = o->stay,
			  .environ = (const char *const *)environ },
		.ret = ret,
	};
	int status = 0;

	ret->rootdir = arena_strdup(&ret->mem, o->rootdir);
	c.cwd = fs_cwd(&c.mem);
	for (size_t i = 0; i < o->npaths && status == 0; i++)
		status = take_path(&c, o->paths[i], reterr);
	if (status == 0 && c.npytest_paths > 0)
		status = add_pytest(&c, reterr);
	else if (status == 0 && o->needs_pytest)
		status = err_set(reterr, ERR_USAGE, NULL, 0,
				 "what stands behind '--' is for pytest, and none of the paths "
				 "holds tests of it");
	if (status == 0 && o->meson_setup && !c.has_meson)
		status =
			err_set(reterr, ERR_USAGE, NULL, 0,
				"--setup is for Meson build folders, and none of the paths is one");
	if (status == 0)
		collect_marks(ret);
	free(c.scripts);
	free(c.pytest_paths);
	map_release(&c.seen);
	map_release(&c.ids);
	arena_release(&c.mem);
	return status;
}
