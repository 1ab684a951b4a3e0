/* SPDX-License-Identifier: MIT
 *
 * `ctest --show-only=json-v1`:
 *
 *   {"kind":"ctestInfo","version":{"major":1,"minor":0},
 *    "backtraceGraph":{"commands":["add_test"],"files":["/p/CMakeLists.txt"],
 *                      "nodes":[{"file":0},{"command":0,"file":0,"line":17,"parent":0}]},
 *    "tests":[{"name":"plain","backtrace":1,"command":["/usr/bin/echo","a b"],
 *              "properties":[{"name":"LABELS","value":["unit"]},
 *                            {"name":"TIMEOUT","value":0.5}]}]}
 */
#include "adapter/ctest.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/json.h"
#include "sys/fs.h"

enum { MAX_SLOTS = 65536, MAX_BACKTRACE = 1000 };

/* CTest's TIMEOUT 0 is no time limit at all; the model's "nothing said" is the run's default. */
static const uint64_t FOREVER_US = UINT64_MAX / 4;

struct entry_reader {
	const struct json_doc *doc;
	const struct json_value *nodes, *files; /* NULL: no backtraces */
	const char *folder;
	struct arena *mem;
};

/* A list of strings, or one string; what else is in a list is left out. */
static size_t read_strings(struct arena *mem, const struct json_value *v, const char ***ret)
{
	size_t n = json_kind(v) == JSON_KIND_ARRAY ? json_length(v) : 1;
	const char **list = arena_alloc(mem, n + 1, sizeof *list);
	size_t nkept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct json_value *item = json_kind(v) == JSON_KIND_ARRAY ? json_at(v, i) : v;

		if (json_text(item))
			list[nkept++] = arena_strdup(mem, json_text(item));
	}
	*ret = list;
	return nkept;
}

/* A property as people would write it in CMake: lists with ';', everything else as JSON has it. */
static const char *property_text(struct arena *mem, const struct json_value *v)
{
	struct buf text = BUF_INIT;
	bool is_list = json_kind(v) == JSON_KIND_ARRAY;

	for (size_t i = 0; is_list && i < json_length(v); i++)
		is_list = json_kind(json_at(v, i)) == JSON_KIND_STRING;
	for (size_t i = 0; is_list && i < json_length(v); i++)
		buf_addf(&text, "%s%s", i > 0 ? ";" : "", json_text(json_at(v, i)));
	if (!is_list)
		json_add_text(v, &text);
	const char *kept = arena_memdup(mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

static bool is_true(const struct json_value *v)
{
	bool b = false;

	return json_bool(v, &b) && b;
}

static void read_timeout(struct test *t, const struct json_value *v)
{
	if (json_seconds(v, &t->timeout_us) && t->timeout_us == 0)
		t->timeout_us = FOREVER_US;
}

/* {"regex":["ready"],"timeout":3.0} */
static void read_after_match(struct entry_reader *r, struct verdict_rule *rule,
			     const struct json_value *v)
{
	const struct json_value *regex = json_get(v, "regex");
	const struct json_value *timeout = json_get(v, "timeout");

	if (regex && timeout && json_seconds(timeout, &rule->after_us))
		rule->nafter_regex = read_strings(r->mem, regex, &rule->after_regex);
}

/* Files are relative to where the test runs, as they are for ctest. */
static void read_needs(struct entry_reader *r, struct ctest_entry *e, const struct json_value *v)
{
	struct test *t = &e->test;

	t->nneeds = read_strings(r->mem, v, &t->needs);
	for (size_t i = 0; i < t->nneeds; i++)
		t->needs[i] = fs_absolute(r->mem, e->target.workdir, t->needs[i]);
}

/* {"requirements":[{".type":"gpus","slots":2},{".type":"cards","slots":1}]} as "gpus:2,cards:1" */
static const char *read_group(struct arena *mem, const struct json_value *group)
{
	const struct json_value *list = json_get(group, "requirements");
	struct buf text = BUF_INIT;

	for (size_t i = 0; list && i < json_length(list); i++) {
		const struct json_value *type = json_get(json_at(list, i), ".type");
		const struct json_value *slots = json_get(json_at(list, i), "slots");

		if (text.len > 0)
			buf_addch(&text, ',');
		if (type)
			json_add_text(type, &text);
		buf_addch(&text, ':');
		if (slots)
			json_add_text(slots, &text);
	}
	const char *kept = arena_memdup(mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

static void read_groups(struct entry_reader *r, struct test *t, const struct json_value *v)
{
	size_t n = json_length(v);
	const char **groups = arena_alloc(r->mem, n + 1, sizeof *groups);

	for (size_t i = 0; i < n; i++)
		groups[i] = read_group(r->mem, json_at(v, i));
	t->resource_groups = groups;
	t->nresource_groups = n;
}

static void read_property(struct entry_reader *r, struct ctest_entry *e, const char *key,
			  const struct json_value *v)
{
	struct verdict_rule *rule = &e->rule;
	struct target *target = &e->target;
	struct test *t = &e->test;
	uint64_t n = 0;

	if (strcmp(key, "LABELS") == 0)
		t->nmarks = read_strings(r->mem, v, &t->marks);
	else if (strcmp(key, "RESOURCE_LOCK") == 0)
		t->nlocks = read_strings(r->mem, v, &t->locks);
	else if (strcmp(key, "DEPENDS") == 0)
		e->ndepends = read_strings(r->mem, v, &e->depends);
	else if (strcmp(key, "FIXTURES_SETUP") == 0)
		e->nsetups = read_strings(r->mem, v, &e->setups);
	else if (strcmp(key, "FIXTURES_CLEANUP") == 0)
		e->ncleanups = read_strings(r->mem, v, &e->cleanups);
	else if (strcmp(key, "FIXTURES_REQUIRED") == 0)
		e->nfixtures = read_strings(r->mem, v, &e->fixtures);
	else if (strcmp(key, "RESOURCE_GROUPS") == 0 && json_kind(v) == JSON_KIND_ARRAY)
		read_groups(r, t, v);
	else if (strcmp(key, "REQUIRED_FILES") == 0)
		read_needs(r, e, v);
	else if (strcmp(key, "ENVIRONMENT") == 0)
		target->nenv = read_strings(r->mem, v, &target->env);
	else if (strcmp(key, "ENVIRONMENT_MODIFICATION") == 0)
		target->nenv_mods = read_strings(r->mem, v, &target->env_mods);
	else if (strcmp(key, "PASS_REGULAR_EXPRESSION") == 0)
		rule->npass_regex = read_strings(r->mem, v, &rule->pass_regex);
	else if (strcmp(key, "FAIL_REGULAR_EXPRESSION") == 0)
		rule->nfail_regex = read_strings(r->mem, v, &rule->fail_regex);
	else if (strcmp(key, "SKIP_REGULAR_EXPRESSION") == 0)
		rule->nskip_regex = read_strings(r->mem, v, &rule->skip_regex);
	else if (strcmp(key, "SKIP_RETURN_CODE") == 0 && json_uint(v, 255, &n))
		rule->skip_code = (int)n;
	else if (strcmp(key, "WILL_FAIL") == 0)
		rule->will_fail = is_true(v);
	else if (strcmp(key, "DISABLED") == 0 && is_true(v))
		t->skip_reason = "disabled (CTest's property DISABLED)";
	else if (strcmp(key, "RUN_SERIAL") == 0)
		t->is_exclusive = is_true(v);
	else if (strcmp(key, "TIMEOUT") == 0)
		read_timeout(t, v);
	else if (strcmp(key, "TIMEOUT_AFTER_MATCH") == 0)
		read_after_match(r, rule, v);
	else if (strcmp(key, "COST") == 0)
		(void)json_seconds(v, &t->cost_us); /* a negative cost says nothing */
	else if (strcmp(key, "PROCESSORS") == 0 && json_uint(v, MAX_SLOTS, &n) && n > 0)
		t->slots = (unsigned)n;
}

static int compare_properties(const void *a, const void *b)
{
	return strcmp(((const struct property *)a)->key, ((const struct property *)b)->key);
}

/* Name and value of property i; NULL where it is not one. */
static const struct json_value *property_at(const struct json_value *list, size_t i,
					    const char **key)
{
	const struct json_value *p = json_at(list, i);
	const struct json_value *name = json_get(p, "name");

	*key = name ? json_text(name) : NULL;
	return *key ? json_get(p, "value") : NULL;
}

static void read_properties(struct entry_reader *r, struct ctest_entry *e,
			    const struct json_value *list)
{
	size_t n = json_kind(list) == JSON_KIND_ARRAY ? json_length(list) : 0;
	struct property *props = arena_alloc(r->mem, n + 1, sizeof *props);
	const char *key = NULL;
	size_t nprops = 0;

	/* the folder first: other properties are relative to it */
	for (size_t i = 0; i < n; i++) {
		const struct json_value *v = property_at(list, i, &key);

		if (v && strcmp(key, "WORKING_DIRECTORY") == 0 && json_text(v))
			e->target.workdir = fs_absolute(r->mem, r->folder, json_text(v));
	}
	for (size_t i = 0; i < n; i++) {
		const struct json_value *v = property_at(list, i, &key);

		if (!v)
			continue;
		read_property(r, e, key, v);
		props[nprops++] =
			(struct property){ arena_strdup(r->mem, key), property_text(r->mem, v) };
	}
	if (nprops > 1)
		qsort(props, nprops, sizeof *props, compare_properties);
	e->test.props = props;
	e->test.nprops = nprops;
}

/*
 * Where the project asked for the test: the outermost call, not the line of the helper function
 * or of CMake's own module that came to add_test() in the end.
 */
static void read_backtrace(struct entry_reader *r, struct test *t, uint64_t node)
{
	const struct json_value *file = NULL;
	uint64_t line = 0, i = 0;

	for (unsigned k = 0; r->nodes && k < MAX_BACKTRACE; k++) {
		const struct json_value *v = json_at(r->nodes, node);
		const struct json_value *at = v ? json_get(v, "line") : NULL;
		const struct json_value *index = v ? json_get(v, "file") : NULL;
		const struct json_value *parent = v ? json_get(v, "parent") : NULL;

		if (at && index && json_uint(at, UINT32_MAX, &line) &&
		    json_uint(index, SIZE_MAX, &i)) {
			file = json_at(r->files, i);
			t->line = (unsigned)line;
		}
		if (!parent || !json_uint(parent, SIZE_MAX, &node))
			break;
	}
	t->file = file && json_text(file) ? arena_strdup(r->mem, json_text(file)) : NULL;
	if (!t->file)
		t->line = 0;
}

static int read_entry(struct entry_reader *r, const struct json_value *v, struct ctest_entry *e,
		      struct err *reterr)
{
	const struct json_value *command = json_get(v, "command");
	const struct json_value *properties = json_get(v, "properties");
	const struct json_value *backtrace = json_get(v, "backtrace");
	const char *name = NULL;
	uint64_t node = 0;

	*e = (struct ctest_entry){ .rule.skip_code = -1, .target.workdir = r->folder };
	e->test = test_blank(NO_INDEX);
	if (json_want_string(r->doc, v, "name", &name, reterr) < 0)
		return -1;
	e->name = arena_strdup(r->mem, name);
	if (command)
		e->nargv = read_strings(r->mem, command, &e->argv);
	else
		e->argv = arena_alloc(r->mem, 1, sizeof *e->argv);
	e->has_program = e->nargv > 0 && fs_is_program(e->argv[0]);
	if (properties)
		read_properties(r, e, properties);
	if (backtrace && json_uint(backtrace, SIZE_MAX, &node))
		read_backtrace(r, &e->test, node);
	return 0;
}

/* "backtraceGraph" is a help, not a need. */
static void find_graph(struct entry_reader *r, const struct json_value *root)
{
	const struct json_value *graph = json_get(root, "backtraceGraph");
	const struct json_value *nodes = graph ? json_get(graph, "nodes") : NULL;
	const struct json_value *files = graph ? json_get(graph, "files") : NULL;

	if (!nodes || !files)
		return;
	r->nodes = nodes;
	r->files = files;
}

int ctest_entries_read(const char *s, size_t len, const char *path, const char *folder,
		       struct arena *mem, struct ctest_entry **ret, size_t *ret_n,
		       struct err *reterr)
{
	struct entry_reader r = { .folder = folder, .mem = mem };
	const struct json_value *root = NULL, *tests = NULL, *v = NULL;
	struct json_doc *doc = NULL;
	int status = -1;

	if (json_read_mem(s, len, path, &doc, reterr) < 0)
		return -1;
	r.doc = doc;
	if (json_want_root(doc, JSON_KIND_OBJECT, &root, reterr) < 0 ||
	    json_want(doc, root, "tests", JSON_KIND_ARRAY, &tests, reterr) < 0)
		goto out;
	find_graph(&r, root);
	size_t n = json_length(tests);
	struct ctest_entry *entries = arena_alloc(mem, n + 1, sizeof *entries);

	for (size_t i = 0; i < n; i++) {
		if (json_want_at(doc, tests, i, JSON_KIND_OBJECT, &v, reterr) < 0 ||
		    read_entry(&r, v, &entries[i], reterr) < 0)
			goto out;
	}
	*ret = entries;
	*ret_n = n;
	status = 0;
out:
	json_doc_free(doc);
	return status;
}
