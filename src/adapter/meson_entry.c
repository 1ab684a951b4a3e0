/* SPDX-License-Identifier: MIT
 *
 * meson-info/intro-tests.json, a list in the order of priorities:
 *
 *   [{"cmd": ["/b/prog", "a b"], "env": {"A": "1"}, "name": "args", "workdir": null, "timeout": 30,
 *     "suite": ["proj:unit", "proj:slow"], "is_parallel": true, "priority": 0,
 *     "protocol": "exitcode", "depends": ["abc@@prog@exe"]}]
 *
 * meson-private/meson_test_setup.dat is a pickled list of the same tests in the same order, objects of
 * the class TestSerialisation, which also have should_fail, project_name, env with its operations,
 * and what a cross build needs.  meson-private/build.dat, an object of the class Build, has the test
 * setups: test_setups is a dict of "project:name" to an object of the class TestSetup.
 */
#include "adapter/meson.h"

#include <limits.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/parse.h"
#include "format/json.h"
#include "format/pickle.h"
#include "sys/fs.h"

/* No time limit at all; the model's "nothing said" is the run's default. */
static const uint64_t FOREVER_US = UINT64_MAX / 4;

struct entry_reader {
	const struct meson_files *files;
	const struct json_doc *doc;
	const struct pickle_value *tests;  /* NULL: only the JSON is there */
	const struct pickle_value *setups; /* NULL: none */
	const char *setup_name; /* the one that was asked for, or the default one; NULL */
	struct arena *mem;
};

/* The pickles' side of one test. */
struct half {
	const struct pickle_value *test;  /* NULL: not there */
	const struct pickle_value *setup; /* the setup of its project; NULL */
};

static const char *kept(struct arena *mem, struct buf *text)
{
	const char *s = arena_memdup(mem, text->s, text->len);

	buf_release(text);
	return s;
}

static size_t read_texts(struct arena *mem, const struct json_value *v, const char ***ret)
{
	size_t n = v ? json_length(v) : 0, nkept = 0;
	const char **list = arena_alloc(mem, n + 1, sizeof *list);

	for (size_t i = 0; i < n; i++) {
		const struct json_value *item = json_at(v, i);

		if (item && json_text(item))
			list[nkept++] = arena_strdup(mem, json_text(item));
	}
	*ret = list;
	return nkept;
}

/* --- variables ------------------------------------------------------------------------------ */

struct mods {
	const char **list;
	size_t n, cap;
};

static void add_mod(struct entry_reader *r, struct mods *m, const char *name, const char *op,
		    const char *value)
{
	struct buf text = BUF_INIT;

	if (m->n == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 8;
		const char **list = arena_alloc(r->mem, cap, sizeof *list);

		if (m->n > 0)
			memcpy(list, m->list, m->n * sizeof *list);
		m->list = list;
		m->cap = cap;
	}
	buf_addf(&text, "%s=%s:%s", name, op, value);
	m->list[m->n++] = kept(r->mem, &text);
}

/* What a variable is before the first of these modifications. */
static const char *value_before(const struct entry_reader *r, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; r->files->environ && r->files->environ[i]; i++) {
		const char *var = r->files->environ[i];

		if (strncmp(var, name, len) == 0 && var[len] == '=')
			return var + len + 1;
	}
	return NULL;
}

/* Values joined by something of the project's own: as of now. */
static void add_joined(struct entry_reader *r, struct mods *m, const char *name, const char *value,
		       const char *separator, bool is_prepended)
{
	size_t len = strlen(name);
	const char *old = NULL;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < m->n; i++) {
		const char *set = m->list[i] + len;

		if (strncmp(m->list[i], name, len) == 0 && strncmp(set, "=set:", 5) == 0)
			old = set + 5;
	}
	old = old ? old : value_before(r, name);
	if (!old)
		buf_addstr(&text, value);
	else
		buf_addf(&text, "%s%s%s", is_prepended ? value : old, separator,
			 is_prepended ? old : value);
	add_mod(r, m, name, "set", text.s);
	buf_release(&text);
}

/* One of (method, name, [value], separator). */
static void add_variable(struct entry_reader *r, struct mods *m, const struct pickle_value *v)
{
	const struct pickle_value *method = pickle_at(v, 0);
	const struct pickle_value *values = pickle_at(v, 2);
	const char *name = pickle_text(pickle_at(v, 1));
	const char *separator = pickle_text(pickle_at(v, 3));
	struct buf text = BUF_INIT;

	if (!method || method->kind != PICKLE_CLASS || !name || !*name || !values || !separator)
		return;
	for (size_t i = 0; pickle_at(values, i); i++) {
		const char *value = pickle_text(pickle_at(values, i));

		buf_addf(&text, "%s%s", i > 0 ? separator : "", value ? value : "");
	}
	bool is_path = strcmp(separator, ":") == 0;

	if (strstr(method->text, "_set"))
		add_mod(r, m, name, "set", text.s);
	else if (strstr(method->text, "_unset"))
		add_mod(r, m, name, "unset", "");
	else if (is_path)
		add_mod(r, m, name,
			strstr(method->text, "_prepend") ? "path_list_prepend" : "path_list_append",
			text.s);
	else
		add_joined(r, m, name, text.s, separator, strstr(method->text, "_prepend") != NULL);
	buf_release(&text);
}

static void add_variables(struct entry_reader *r, struct mods *m, const struct pickle_value *env)
{
	const struct pickle_value *list = pickle_get(env, "envvars");

	for (size_t i = 0; pickle_at(list, i); i++)
		add_variable(r, m, pickle_at(list, i));
}

/* As `meson test` has it, a number of 1 to 255 that makes malloc() fill memory; but a test's own, so
 * that it fails again if it fails. */
static void add_perturb(struct entry_reader *r, struct mods *m, const char *name)
{
	static const char variable[] = "MALLOC_PERTURB_";
	const char *before = value_before(r, variable);
	uint64_t state = HASH_BEGIN;
	char text[8];

	if (before && *before)
		return;
	for (size_t i = 0; i < m->n; i++) {
		if (strncmp(m->list[i], variable, sizeof variable - 1) == 0)
			return;
	}
	state = hash_more(state, name, strlen(name));
	snprintf(text, sizeof text, "%u", (unsigned)(state % 255) + 1);
	add_mod(r, m, variable, "set", text);
}

static bool is_of(const char *mod, const char *other)
{
	size_t len = strcspn(mod, "=") + 1;

	return strncmp(mod, other, len) == 0;
}

/* What is only set is the target's own, so that the program has it when it lists its tests too. */
static void keep_variables(struct entry_reader *r, struct meson_entry *e, const struct mods *m)
{
	const char **env = arena_alloc(r->mem, m->n + 1, sizeof *env);
	const char **left = arena_alloc(r->mem, m->n + 1, sizeof *left);
	size_t nleft = 0;

	for (size_t i = 0; i < m->n; i++) {
		const char *op = m->list[i] + strcspn(m->list[i], "=") + 1;
		struct buf text = BUF_INIT;
		size_t n = 0;

		for (size_t k = 0; k < m->n; k++)
			n += is_of(m->list[i], m->list[k]);
		if (n > 1 || strncmp(op, "set:", 4) != 0) {
			left[nleft++] = m->list[i];
			continue;
		}
		buf_add(&text, m->list[i], (size_t)(op - m->list[i]));
		buf_addstr(&text, op + 4);
		env[e->target.nenv++] = kept(r->mem, &text);
	}
	e->target.env = env;
	e->target.env_mods = left;
	e->target.nenv_mods = nleft;
}

static void read_environment(struct entry_reader *r, struct meson_entry *e,
			     const struct json_value *v, const struct half *half)
{
	const struct json_value *env = json_get(v, "env");
	struct json_member member;
	struct mods m = { 0 };

	if (half->setup)
		add_variables(r, &m, pickle_get(half->setup, "env"));
	if (half->test)
		add_variables(r, &m, pickle_get(half->test, "env"));
	for (void *it = env && !half->test ? json_first(env, &member) : NULL; it;
	     it = json_next(env, it, &member)) {
		if (json_text(member.value))
			add_mod(r, &m, member.key, "set", json_text(member.value));
	}
	const struct json_value *paths = json_get(v, "extra_paths");

	for (size_t i = paths ? json_length(paths) : 0; i > 0; i--) {
		const char *path = json_text(json_at(paths, i - 1));

		if (path)
			add_mod(r, &m, "PATH", "path_list_prepend", path);
	}
	add_perturb(r, &m, e->name);
	keep_variables(r, e, &m);
}

/* --- suites, limits, command ---------------------------------------------------------------- */

/* ["p:a", "p:b"]: shown as "p:a+b", and the marks p, a and b. */
static void read_suites(struct entry_reader *r, struct meson_entry *e, const struct json_value *v)
{
	const char **suites = NULL;
	size_t n = read_texts(r->mem, v, &suites);
	const char **marks = arena_alloc(r->mem, 2 * n + 1, sizeof *marks);
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(suites[i], ":");
		const char *name = suites[i][len] ? suites[i] + len + 1 : "";

		if (i == 0)
			buf_add(&text, suites[i], len);
		if (i == 0 && (*name || n > 1))
			buf_addch(&text, ':');
		buf_addf(&text, "%s%s", i > 0 ? "+" : "", name);
		marks[e->test.nmarks++] = arena_memdup(r->mem, suites[i], len);
		marks[e->test.nmarks++] = name;
	}
	e->suite = kept(r->mem, &text);
	e->test.marks = marks;
}

static void read_timeout(struct meson_entry *e, const struct json_value *v, const struct half *half)
{
	const struct pickle_value *multiplier =
		half->setup ? pickle_get(half->setup, "timeout_multiplier") : NULL;
	uint64_t us = 0;

	if (!v || !json_seconds(v, &us))
		us = 0; /* null, or negative */
	if (multiplier && multiplier->kind == PICKLE_NUMBER)
		us = multiplier->number <= 0 ? 0
		     : us < FOREVER_US / (uint64_t)multiplier->number
			     ? us * (uint64_t)multiplier->number
			     : FOREVER_US;
	e->test.timeout_us = us > 0 ? us : FOREVER_US;
}

static void read_priority(struct meson_entry *e, const struct json_value *v)
{
	struct buf text = BUF_INIT;
	uint64_t n = 0;

	if (v)
		json_add_text(v, &text);
	bool is_negative = *text.s == '-';

	if (parse_uint(text.s + is_negative, INT_MAX, &n))
		e->test.priority = is_negative ? -(int)n : (int)n;
	buf_release(&text);
}

/* Words in front of the command. */
static void wrap(struct entry_reader *r, struct meson_entry *e, const struct pickle_value *words)
{
	size_t n = words && words->kind == PICKLE_LIST ? words->nitems : 0;
	const char **argv = arena_alloc(r->mem, n + e->nargv + 1, sizeof *argv);
	size_t nargv = 0;

	for (size_t i = 0; i < n; i++) {
		const char *word = pickle_text(pickle_at(words, i));

		if (word)
			argv[nargv++] = word;
	}
	for (size_t i = 0; i < e->nargv; i++)
		argv[nargv++] = e->argv[i];
	e->nwrapper += nargv - e->nargv;
	e->argv = argv;
	e->nargv = nargv;
}

/* Programs of another machine run in the cross file's wrapper, or not at all. */
static void read_cross(struct entry_reader *r, struct meson_entry *e, const struct half *half)
{
	const struct pickle_value *wrapper = pickle_get(half->test, "exe_wrapper");

	if (!pickle_is_true(pickle_get(half->test, "cmd_is_exe")) ||
	    !pickle_is_true(pickle_get(half->test, "is_cross_built")) ||
	    !pickle_is_true(pickle_get(half->test, "needs_exe_wrapper")))
		return;
	if (wrapper && wrapper->kind != PICKLE_NONE)
		wrap(r, e, pickle_get(wrapper, "command"));
	else
		e->test.skip_reason =
			"cannot run what was built for another machine: the cross file "
			"names no exe_wrapper";
}

static bool has_wrapper(const struct pickle_value *setup)
{
	return pickle_at(pickle_get(setup, "exe_wrapper"), 0) != NULL;
}

static void read_command(struct entry_reader *r, struct meson_entry *e, const struct json_value *v,
			 const struct half *half)
{
	const char *first = NULL;

	e->nargv = read_texts(r->mem, json_get(v, "cmd"), &e->argv);
	first = e->nargv > 0 ? e->argv[0] : "";
	if (strchr(first, '/')) {
		const char *path = fs_absolute(r->mem, e->target.workdir, first);

		e->program = fs_is_program(path) ? path : NULL;
	} else if (*first) {
		e->program = fs_find_program(r->mem, first);
	}
	read_cross(r, e, half);
	if (half->setup && has_wrapper(half->setup)) {
		wrap(r, e, pickle_get(half->setup, "exe_wrapper"));
		e->is_wrapped = true;
	}
}

/* --- a test --------------------------------------------------------------------------------- */

static int no_setup(struct entry_reader *r, const char *name, struct err *reterr)
{
	const struct pickle_value *all = r->setups;
	struct buf names = BUF_INIT;

	for (size_t i = 0; all && all->kind == PICKLE_DICT && i < all->nitems; i += 2) {
		const char *other = pickle_text(all->items[i]);

		buf_addf(&names, "%s'%s'", i > 0 ? ", " : "", other ? other : "");
	}
	err_set(reterr, ERR_USAGE, r->files->o->folder, 0,
		"--setup: there is no test setup '%s'; there is %s", name,
		names.len > 0 ? names.s : "none");
	buf_release(&names);
	return -1;
}

/* *ret: NULL where none counts. */
static int find_setup(struct entry_reader *r, const char *project, const struct pickle_value **ret,
		      struct err *reterr)
{
	struct buf name = BUF_INIT;
	int status = 0;

	*ret = NULL;
	if (!r->setup_name)
		return 0;
	if (!strchr(r->setup_name, ':'))
		buf_addf(&name, "%s:", project);
	buf_addstr(&name, r->setup_name);
	*ret = pickle_get(r->setups, name.s);
	if (!*ret && r->files->o->setup)
		status = no_setup(r, name.s, reterr);
	else if (*ret && r->files->o->is_wrapped && has_wrapper(*ret))
		status = err_set(reterr, ERR_USAGE, r->files->o->folder, 0,
				 "--wrapper: the test setup '%s' has an exe_wrapper of its own",
				 name.s);
	buf_release(&name);
	return status;
}

/* Is one of its suites among these, as --no-suite takes them: "suite", "project", "project:suite"? */
static bool is_in_suites(const struct json_value *own, const struct pickle_value *names)
{
	for (size_t i = 0; pickle_at(names, i); i++) {
		const char *name = pickle_text(pickle_at(names, i));

		for (size_t k = 0; name && own && k < json_length(own); k++) {
			const char *suite = json_text(json_at(own, k));
			size_t len = suite ? strcspn(suite, ":") : 0;

			if (!suite)
				continue;
			if (strcmp(suite, name) == 0 ||
			    (suite[len] && strcmp(suite + len + 1, name) == 0) ||
			    (!strchr(name, ':') && strlen(name) == len &&
			     strncmp(suite, name, len) == 0))
				return true;
		}
	}
	return false;
}

/* The pickles' side of test i, if it is the same test. */
static int find_half(struct entry_reader *r, size_t i, const char *name, struct half *ret,
		     struct err *reterr)
{
	const char *other = NULL, *project = NULL;

	*ret = (struct half){ .test = pickle_at(r->tests, i) };
	if (!r->tests)
		return 0;
	other = pickle_text(pickle_get(ret->test, "name"));
	if (!other || strcmp(other, name) != 0)
		return err_set(reterr, ERR_SYNTAX, r->files->o->folder, 0,
			       "meson-info/intro-tests.json and meson-private/meson_test_setup.dat "
			       "name other tests ('%s' and '%s'): configure again (meson setup "
			       "--reconfigure)",
			       name, other ? other : "none");
	project = pickle_text(pickle_get(ret->test, "project_name"));
	return find_setup(r, project ? project : "", &ret->setup, reterr);
}

static int read_entry(struct entry_reader *r, const struct json_value *v, size_t i,
		      struct meson_entry *e, struct err *reterr)
{
	const struct json_value *workdir = json_get(v, "workdir");
	const struct json_value *protocol = json_get(v, "protocol");
	const struct json_value *is_parallel = json_get(v, "is_parallel");
	const char *name = NULL;
	struct half half = { 0 };
	bool is = true;

	*e = (struct meson_entry){ .test = test_blank(NO_INDEX) };
	if (json_want_string(r->doc, v, "name", &name, reterr) < 0 ||
	    find_half(r, i, name, &half, reterr) < 0)
		return -1;
	e->name = arena_strdup(r->mem, name);
	e->protocol = protocol && json_text(protocol) ? arena_strdup(r->mem, json_text(protocol))
						      : "exitcode";
	e->target.workdir = workdir && json_text(workdir)
				    ? fs_absolute(r->mem, r->files->o->folder, json_text(workdir))
				    : r->files->o->folder;
	read_suites(r, e, json_get(v, "suite"));
	read_timeout(e, json_get(v, "timeout"), &half);
	read_priority(e, json_get(v, "priority"));
	read_command(r, e, v, &half);
	read_environment(r, e, v, &half);
	e->ndepends = read_texts(r->mem, json_get(v, "depends"), &e->depends);
	e->test.is_exclusive = is_parallel && json_bool(is_parallel, &is) && !is;
	e->should_fail = pickle_is_true(pickle_get(half.test, "should_fail"));
	e->is_excluded = half.setup && is_in_suites(json_get(v, "suite"),
						    pickle_get(half.setup, "exclude_suites"));
	return 0;
}

/* --- all of them ---------------------------------------------------------------------------- */

static int read_pickle(struct entry_reader *r, const struct buf *bytes, const char *name,
		       const struct pickle_value **ret, struct err *reterr)
{
	const char *path = fs_join(r->mem, r->files->o->folder, name);

	*ret = NULL;
	if (bytes->len == 0)
		return 0;
	return pickle_read_mem(bytes->s, bytes->len, path, r->mem, ret, reterr);
}

static int read_pickles(struct entry_reader *r, struct err *reterr)
{
	const struct pickle_value *build = NULL;

	if (read_pickle(r, r->files->setup, "meson-private/meson_test_setup.dat", &r->tests,
			reterr) < 0 ||
	    read_pickle(r, r->files->build, "meson-private/build.dat", &build, reterr) < 0)
		return -1;
	r->setups = pickle_get(build, "test_setups");
	r->setup_name = r->files->o->setup
				? r->files->o->setup
				: pickle_text(pickle_get(build, "test_setup_default_name"));
	return 0;
}

int meson_entries_read(const struct meson_files *f, struct arena *mem, struct meson_entry **ret,
		       size_t *ret_n, struct err *reterr)
{
	struct entry_reader r = { .files = f, .mem = mem };
	const struct json_value *root = NULL, *v = NULL;
	struct json_doc *doc = NULL;
	int status = -1;

	if (read_pickles(&r, reterr) < 0 ||
	    json_read_mem(f->tests->s, f->tests->len,
			  fs_join(mem, f->o->folder, "meson-info/intro-tests.json"), &doc,
			  reterr) < 0)
		return -1;
	r.doc = doc;
	if (json_want_root(doc, JSON_KIND_ARRAY, &root, reterr) < 0)
		goto out;
	size_t n = json_length(root);
	struct meson_entry *entries = arena_alloc(mem, n + 1, sizeof *entries);

	for (size_t i = 0; i < n; i++) {
		if (json_want_at(doc, root, i, JSON_KIND_OBJECT, &v, reterr) < 0 ||
		    read_entry(&r, v, i, &entries[i], reterr) < 0)
			goto out;
	}
	*ret = entries;
	*ret_n = n;
	status = 0;
out:
	json_doc_free(doc);
	return status;
}
