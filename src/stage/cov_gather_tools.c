/* SPDX-License-Identifier: MIT
 *
 * Every tool is asked for a text that we read, with its files in a scratch folder.  A tool that is
 * not there, or that fails, is a warning: the other figures are true.
 */
#include "stage/cov_gather_tools.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "format/cov_read.h"
#include "format/covlane.h"
#include "format/gcda_sum.h"
#include "format/gcovjson.h"
#include "format/lcov.h"
#include "model/cov.h"
#include "stage/cov_objects.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

enum {
	/* gcov 12 frees nothing before it ends */
	GCOV_BATCH = 16,
	OUTPUT_MAX_BYTES = 1 << 30
};

struct tools {
	const struct cov_gather_options *o;
	struct cov *into;
	struct cov_read_options reading;
	struct arena mem;
	struct err *reterr;
	size_t nlaid_out;
};

static struct tools tools_of(const struct cov_gather_options *o, struct cov *into,
			     struct err *reterr)
{
	return (struct tools){
		.o = o,
		.into = into,
		.reterr = reterr,
		.reading = { .keeps_throws = o->keeps_throws,
			     .map_path = o->map_path,
			     .ctx = o->map_ctx },
	};
}

/* A tool's words, NULL at the end. */
struct words {
	const char **items;
	size_t n, cap;
};

static void add_word(struct words *w, const char *word)
{
	GROW(w->items, w->n, w->cap);
	w->items[w->n++] = word;
}

/* 1: *out is what it printed; 0: it failed, which is said; -1: interrupted. */
static int ask(struct tools *t, struct words *w, const char *const *envp, struct buf *out)
{
	struct buf said = BUF_INIT;
	struct proc_end end = { 0 };
	struct err e = { 0 };

	add_word(w, NULL);
	const struct proc_spec spec = { .argv = w->items, .envp = envp, .grace_us = 1000000 };
	int status = proc_capture(&spec, TIME_UNKNOWN, OUTPUT_MAX_BYTES, out, &said, &end, &e);
	int ret = 1;

	if (status < 0 && e.code == ERR_INTERRUPTED) {
		err_set(t->reterr, ERR_INTERRUPTED, NULL, 0,
			"interrupted while coverage was gathered");
		ret = -1;
	} else if (status < 0) {
		cov_warn(t->into, w->items[0], "%s", e.msg);
		ret = 0;
	} else if (end.exit_code != 0) {
		struct buf how = BUF_INIT;

		proc_end_describe(&end, &how);
		cov_warn(t->into, w->items[0], "%s: %.*s", how.s, (int)strcspn(said.s, "\n"),
			 said.s);
		buf_release(&how);
		ret = 0;
	}
	buf_release(&said);
	return ret;
}

/* --- gcov -------------------------------------------------------------------------------- */

void cov_unknown_add(struct cov_unknown *u, const struct cov_object *object)
{
	if (u->n >= u->cap) {
		u->cap = u->cap ? 2 * u->cap : 16;
		u->items = xrealloc(u->items, u->cap, sizeof(void *));
	}
	u->items[u->n++] = object;
}

void cov_unknown_release(struct cov_unknown *u)
{
	free(u->items);
	*u = (struct cov_unknown){ 0 };
}

/* A folder of its own for the notes and counters, side by side as gcov wants them; *ret is what gcov
 * is given.  NULL: it could not be. */
static const char *lay_out_notes(struct tools *t, const struct cov_object *object, char **ret)
{
	char name[32];
	struct buf notes = BUF_INIT;

	snprintf(name, sizeof name, "gcov/%zu", t->nlaid_out++);
	const char *dir = fs_join(&t->mem, t->o->scratch, name);
	const char *place = fs_join(&t->mem, dir, fs_basename(object->stem));
	char *notes_place = arena_alloc(&t->mem, strlen(place) + 6, 1);

	*ret = arena_alloc(&t->mem, strlen(place) + 6, 1);
	stpcpy(stpcpy(*ret, place), ".gcda");
	stpcpy(stpcpy(notes_place, place), ".gcno");
	buf_addf(&notes, "%s.gcno", object->stem);
	bool is_there = fs_mkdirs(dir, NULL) == 0 && symlink(notes.s, notes_place) == 0;

	if (!is_there)
		cov_warn(t->into, notes.s, "cannot be laid out for gcov");
	buf_release(&notes);
	return is_there ? *ret : NULL;
}

/* The counters of all lanes as one file; false: they cannot be added up. */
static bool add_up(const struct cov_object *object, const char *place)
{
	struct gcda_sum *sum = gcda_sum_new();
	struct buf text = BUF_INIT;
	bool is_good = object->ndata > 0;

	for (size_t i = 0; i < object->ndata && is_good; i++) {
		buf_clear(&text);
		is_good = fs_read(object->data[i].path, OUTPUT_MAX_BYTES, &text, NULL) == 0 &&
			  gcda_sum_add(sum, object->data[i].path, text.s, text.len, NULL) == 0;
	}
	buf_clear(&text);
	if (is_good)
		gcda_sum_write(sum, &text);
	is_good = is_good && outfile_write(place, text.s, text.len, NULL) == 0;
	gcda_sum_free(sum);
	buf_release(&text);
	return is_good;
}

/* A document a line. */
static void read_documents(struct tools *t, const struct buf *out)
{
	for (const char *s = out->s; *s;) {
		size_t len = strcspn(s, "\n");
		struct err e = { 0 };

		if (len > 0 && gcovjson_read("gcov", s, len, &t->reading, t->into, &e) < 0)
			cov_warn(t->into, "gcov", "%s", e.msg);
		s += len + (s[len] == '\n');
	}
}

static int ask_gcov(struct tools *t, const char *gcov, struct words *files)
{
	struct words w = { 0 };
	struct buf out = BUF_INIT;

	if (files->n == 0)
		return 0;
	add_word(&w, gcov);
	add_word(&w, "-b");
	add_word(&w, "-j");
	add_word(&w, "-t");
	for (size_t i = 0; i < files->n; i++)
		add_word(&w, files->items[i]);
	int status = ask(t, &w, NULL, &out);

	if (status > 0)
		read_documents(t, &out);
	free(w.items);
	buf_release(&out);
	files->n = 0;
	return status < 0 ? -1 : 0;
}

static int add_file(struct tools *t, const char *gcov, struct words *files, const char *file)
{
	if (file)
		add_word(files, file);
	return files->n == GCOV_BATCH ? ask_gcov(t, gcov, files) : 0;
}

/* Each of its counter files by itself: what cannot be added up before is added after. */
static int ask_for_each(struct tools *t, const char *gcov, const struct cov_object *object,
			struct words *files)
{
	int status = 0;

	for (size_t k = 0; k < object->ndata && status == 0; k++) {
		char *place = NULL;
		const char *file = lay_out_notes(t, object, &place);

		if (file && symlink(object->data[k].path, place) < 0)
			file = NULL;
		status = add_file(t, gcov, files, file);
	}
	return status;
}

/* Once gcov has missed one counter file it takes all others of the process for missing: those that
 * never ran come apart. */
static int ask_about(struct tools *t, const char *gcov, const struct cov_unknown *u, bool has_run)
{
	struct words files = { 0 };
	int status = 0;

	for (size_t i = 0; i < u->n && status == 0; i++) {
		const struct cov_object *object = u->items[i];
		char *place = NULL;

		if (has_run != (object->ndata > 0))
			continue;
		const char *file = lay_out_notes(t, object, &place);

		if (file && has_run && !add_up(object, place))
			status = ask_for_each(t, gcov, object, &files);
		else
			status = add_file(t, gcov, &files, file);
	}
	if (status == 0)
		status = ask_gcov(t, gcov, &files);
	free(files.items);
	return status;
}

int cov_tools_gcov(const struct cov_gather_options *o, const struct cov_unknown *u,
		   struct cov *into, struct err *reterr)
{
	struct tools t = tools_of(o, into, reterr);
	int status = 0;

	if (u->n == 0)
		return 0;
	const char *gcov = fs_find_program(&t.mem, "gcov");

	if (!gcov)
		cov_warn(into, u->items[0]->stem, "there is no gcov: %zu objects are left out",
			 u->n);
	if (gcov) {
		status = ask_about(&t, gcov, u, true);
		if (status == 0)
			status = ask_about(&t, gcov, u, false);
	}
	fs_remove_tree(o->scratch, NULL); /* only links */
	arena_release(&t.mem);
	return status;
}

/* --- files of a kind in all lanes ------------------------------------------------------------ */

static void find_in_lanes(struct tools *t, const char *below, struct words *ret)
{
	for (size_t i = 0; i < t->o->nlanedirs; i++) {
		const char *dir = fs_join(&t->mem, t->o->lanedirs[i], below);
		const char **names = NULL;
		size_t n = 0;

		if (!fs_is_dir(dir) || fs_list(dir, &t->mem, &names, &n, NULL) < 0)
			continue;
		for (size_t k = 0; k < n; k++)
			add_word(ret, fs_join(&t->mem, dir, names[k]));
	}
}

static void read_tracefile(struct tools *t, const char *name, const struct buf *text)
{
	struct err e = { 0 };

	if (lcov_read(name, text->s, text->len, &t->reading, t->into, &e) < 0)
		cov_warn(t->into, name, "%s", e.msg);
}

/* --- LLVM -------------------------------------------------------------------------------- */

/* As Debian and others name them beside each other. */
static const char *find_llvm(struct arena *mem, const char *name)
{
	const char *found = fs_find_program(mem, name);

	for (unsigned version = 22; version >= 11 && !found; version--) {
		char versioned[40];

		snprintf(versioned, sizeof versioned, "%s-%u", name, version);
		found = fs_find_program(mem, versioned);
	}
	return found;
}

/* Does the program say which regions its counters stand for? */
static bool has_mapping(const char *program)
{
	static const char section[] = "__llvm_covmap";
	struct buf text = BUF_INIT;
	bool has = fs_read(program, OUTPUT_MAX_BYTES, &text, NULL) == 0 &&
		   memmem(text.s, text.len, section, strlen(section));

	buf_release(&text);
	return has;
}

/* Of one program, or of several: which of them ran is then not known. */
struct profiled {
	const char *const *programs;
	size_t n;
	struct words files;
};

static int export_profile(struct tools *t, const char *cov, const char *profile,
			  const struct profiled *p)
{
	struct words w = { 0 };
	struct buf out = BUF_INIT;
	size_t nprograms = 0;
	int status = 0;

	add_word(&w, cov);
	add_word(&w, "export");
	add_word(&w, "-format=lcov");
	add_word(&w, "-instr-profile");
	add_word(&w, profile);
	for (size_t i = 0; i < p->n; i++) {
		if (!has_mapping(p->programs[i]))
			continue;
		if (nprograms++ > 0)
			add_word(&w, "-object");
		add_word(&w, p->programs[i]);
	}
	if (nprograms > 0)
		status = ask(t, &w, NULL, &out);
	else
		cov_warn(t->into, p->files.items[0],
			 "none of the programs that ran says which lines its profile is of");
	if (status > 0)
		read_tracefile(t, "llvm-cov", &out);
	free(w.items);
	buf_release(&out);
	return status < 0 ? -1 : 0;
}

static int merge_profiles(struct tools *t, const struct profiled *p)
{
	const char *profdata = find_llvm(&t->mem, "llvm-profdata");
	const char *cov = find_llvm(&t->mem, "llvm-cov");
	const char *list = fs_join(&t->mem, t->o->scratch, "profiles");
	const char *merged = fs_join(&t->mem, t->o->scratch, "all.profdata");
	struct buf text = BUF_INIT;
	struct words w = { 0 };
	struct err e = { 0 };

	if (!profdata || !cov) {
		cov_warn(t->into, p->files.items[0],
			 "%s is not installed: clang's source-based profiles are left out",
			 profdata ? "llvm-cov" : "llvm-profdata");
		return 0;
	}
	for (size_t i = 0; i < p->files.n; i++)
		buf_addf(&text, "%s\n", p->files.items[i]);
	if (outfile_write(list, text.s, text.len, &e) < 0)
		cov_warn(t->into, list, "%s", e.msg);
	add_word(&w, profdata);
	add_word(&w, "merge");
	add_word(&w, "-sparse");
	add_word(&w, "-failure-mode=all"); /* one that a kill broke costs the others nothing */
	add_word(&w, "-f");
	add_word(&w, list);
	add_word(&w, "-o");
	add_word(&w, merged);
	buf_clear(&text);
	int status = ask(t, &w, NULL, &text);

	if (status > 0)
		status = export_profile(t, cov, merged, p);
	free(w.items);
	buf_release(&text);
	return status < 0 ? -1 : 0;
}

/* The program whose tests' profiles lie there; NULL: none of ours, such as a script. */
static const char *const *program_of(const struct tools *t, const char *folder)
{
	struct arena mem = { 0 };
	const char *const *found = NULL;

	for (size_t i = 0; i < t->o->nprograms && !found; i++) {
		const char *name = fs_basename(covlane_llvm(&mem, "", t->o->programs[i]));

		if (strcmp(name, folder) == 0 && has_mapping(t->o->programs[i]))
			found = &t->o->programs[i];
	}
	arena_release(&mem);
	return found;
}

/* A process that was killed leaves an empty file. */
static void drop_empty(struct words *files)
{
	size_t n = 0;

	for (size_t i = 0; i < files->n; i++) {
		struct stat st;

		if (stat(files->items[i], &st) == 0 && st.st_size > 0)
			files->items[n++] = files->items[i];
	}
	files->n = n;
}

/* Counts of single tests are not in such data. */
static void warn_of_contexts(const struct tools *t, const char *kind)
{
	if (t->o->ntests > 0)
		cov_warn(t->into, NULL, "which tests ran a line is not known from %s", kind);
}

static int take_profiles(struct tools *t, const char *folder)
{
	const char *const *program = program_of(t, folder);
	struct profiled p = {
		.programs = program ? program : t->o->programs,
		.n = program ? 1 : t->o->nprograms,
	};
	int status = 0;

	find_in_lanes(t, fs_join(&t->mem, "cov/llvm", folder), &p.files);
	drop_empty(&p.files);
	if (p.files.n > 0)
		status = fs_mkdirs(t->o->scratch, t->reterr);
	if (p.files.n > 0)
		warn_of_contexts(t, "clang's source-based profiles");
	if (p.files.n > 0 && status == 0)
		status = merge_profiles(t, &p);
	free(p.files.items);
	return status;
}

/* Program by program. */
static int take_all_profiles(struct tools *t)
{
	struct words folders = { 0 };
	struct map seen = { 0 };
	int status = 0;

	find_in_lanes(t, "cov/llvm", &folders);
	for (size_t i = 0; i < folders.n && status == 0; i++) {
		const char *name = fs_basename(folders.items[i]);

		if (map_put(&seen, name, strlen(name), 1))
			status = take_profiles(t, name);
	}
	map_release(&seen);
	free(folders.items);
	return status;
}

/* --- coverage.py --------------------------------------------------------------------------- */

/* Our own environment with one more variable. */
static const char *const *environment_with(struct tools *t, const char *name, const char *value)
{
	size_t n = 0;
	size_t kept = 0;

	while (environ[n])
		n++;
	const char **vars = arena_alloc(&t->mem, n + 2, sizeof *vars);
	struct buf var = BUF_INIT;

	buf_addf(&var, "%s=%s", name, value);
	for (size_t i = 0; i < n; i++) {
		if (strncmp(environ[i], var.s, strlen(name) + 1) != 0)
			vars[kept++] = environ[i];
	}
	vars[kept] = arena_strdup(&t->mem, var.s);
	buf_release(&var);
	return vars;
}

static int ask_coverage(struct tools *t, const char *command, const struct words *more,
			struct buf *out)
{
	static const char *const names[] = { "coverage", "coverage3", "python3-coverage" };
	const char *data = fs_join(&t->mem, t->o->scratch, "python.data");
	const char *program = NULL;
	struct words w = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(names) && !program; i++)
		program = fs_find_program(&t->mem, names[i]);
	if (program) {
		add_word(&w, program);
	} else {
		add_word(&w, "python3");
		add_word(&w, "-m");
		add_word(&w, "coverage");
	}
	add_word(&w, command);
	for (size_t i = 0; i < more->n; i++)
		add_word(&w, more->items[i]);
	int status = ask(t, &w, environment_with(t, "COVERAGE_FILE", data), out);

	free(w.items);
	return status;
}

static int combine_python(struct tools *t, const struct words *files)
{
	const char *lcov = fs_join(&t->mem, t->o->scratch, "python.lcov");
	struct words combine = { 0 };
	const char *export[] = { "-o", lcov };
	const struct words exporting = { .items = export, .n = ARRAY_SIZE(export) };
	struct buf out = BUF_INIT;

	add_word(&combine, "--keep");
	for (size_t i = 0; i < files->n; i++)
		add_word(&combine, files->items[i]);
	int status = ask_coverage(t, "combine", &combine, &out);

	if (status > 0)
		status = ask_coverage(t, "lcov", &exporting, &out);
	buf_clear(&out);
	if (status > 0 && fs_read(lcov, OUTPUT_MAX_BYTES, &out, NULL) == 0)
		read_tracefile(t, "coverage lcov", &out);
	free(combine.items);
	buf_release(&out);
	return status < 0 ? -1 : 0;
}

int cov_tools_others(const struct cov_gather_options *o, struct cov *into, struct err *reterr)
{
	struct tools t = tools_of(o, into, reterr);
	struct words python = { 0 };
	int status = take_all_profiles(&t);

	find_in_lanes(&t, "cov/python", &python);
	if (python.n > 0)
		warn_of_contexts(&t, "coverage.py's data");
	if (python.n > 0 && status == 0)
		status = fs_mkdirs(o->scratch, reterr);
	if (python.n > 0 && status == 0)
		status = combine_python(&t, &python);
	fs_remove_tree(o->scratch, NULL); /* only a temporary folder */
	free(python.items);
	arena_release(&t.mem);
	return status;
}
