/* SPDX-License-Identifier: MIT
 *
 * gangway discover -o FILE PROGRAM [ARG...]: the tests of a program as CTest entries.  What
 * gangway_discover_tests() of Gangway.cmake runs when the program has been linked, once for each
 * program, as many at a time as the build has jobs.
 *
 * Neither gangway.ini nor any folder of runs is looked at: what a program holds is not a matter of
 * which of it somebody wants to run.
 */
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "cli/commands.h"
#include "cli/fail.h"
#include "cli/option.h"
#include "cli/show.h"
#include "cli/signals.h"
#include "format/ctestfile.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/outfile.h"

struct discover_options {
	const char *output;
	const char *prefix, *suffix;
	const char *workdir;
	const char *cache;
	const char *filter;
	const char *list_name;
	const char *xml_dir;
	struct option_strings properties, launcher, list_args;
	uint64_t timeout_us;
	struct entry_style style;
	bool wants_help;
};

#define AT(field) .offset = offsetof(struct discover_options, field)

static const struct option_row rows[] = {
	{ OPTION_STRING, 'o', "output", .metavar = "FILE", AT(output), .default_text = "-",
	  .help = "the file for ctest; one that would be the same stays untouched; - is stdout" },
	{ OPTION_STRING, .name = "prefix", .metavar = "TEXT", AT(prefix), .default_text = "",
	  .help = "before the name of each test" },
	{ OPTION_STRING, .name = "suffix", .metavar = "TEXT", AT(suffix), .default_text = "",
	  .help = "behind the name of each test" },
	{ OPTION_STRINGS, .name = "property", .metavar = "KEY=VALUE", AT(properties),
	  .help = "a property for each test; may be given again" },
	{ OPTION_STRING, .name = "workdir", .metavar = "DIR", AT(workdir), .default_text = ".",
	  .help = "where the program is started, now and by ctest" },
	{ OPTION_STRINGS, .name = "launcher", .metavar = "WORD", AT(launcher),
	  .help = "what starts the program, such as an emulator; may be given again for its "
		  "arguments" },
	{ OPTION_STRINGS, .name = "list-arg", .metavar = "WORD", AT(list_args),
	  .help = "an argument for the program when it lists its tests; may be given again" },
	{ OPTION_STRING, .name = "filter", .metavar = "PATTERN", AT(filter),
	  .help = "only tests that GoogleTest's --gtest_filter=PATTERN takes" },
	{ OPTION_STRING, .name = "list", .metavar = "NAME", AT(list_name),
	  .help = "set this CMake variable to the names of the tests" },
	{ OPTION_FLAG, .name = "plain-types", AT(style.has_plain_types),
	  .help = "name tests by the number of a type parameter, not by the type" },
	{ OPTION_FLAG, .name = "plain-values", AT(style.has_plain_values),
	  .help = "name tests by the number of a parameter, not by its value" },
	{ OPTION_STRING, .name = "xml-dir", .metavar = "DIR", AT(xml_dir),
	  .help = "have each GoogleTest case write its XML file into this folder" },
	{ OPTION_DURATION, .name = "list-timeout", .metavar = "SECONDS", AT(timeout_us),
	  .default_text = "60", .help = "how long the program may take; 0 is no limit" },
	{ OPTION_STRING, .name = "cache", .metavar = "DIR", AT(cache),
	  .help = "remember here what programs listed, by their bytes" },
	{ OPTION_FLAG, 'h', "help", AT(wants_help), .help = "show this and stop" },
	{ .kind = OPTION_END },
};

struct discovering {
	const struct discover_options *o;
	struct arena mem;
	const char *program; /* absolute */
	const char *workdir;
	const struct option_strings *args; /* for the program when it runs a test */
	struct tests tests;
	struct buf text, names;
	struct map seen; /* names of entries */
};

/* --- the program ------------------------------------------------------------------------------ */

static int probe(struct discovering *d, const struct adapter **ret, struct err *reterr)
{
	struct elf_file *elf = NULL;

	if (elf_file_open(d->program, &elf, reterr) < 0)
		return -1;
	const struct candidate c = { .path = d->program, .elf = elf };

	*ret = adapter_probe(&c);
	elf_file_close(elf);
	if (*ret && (*ret)->runs_to_list && !(*ret)->entry)
		return err_set(reterr, ERR_UNSUPPORTED, d->program, 0,
			       "a %s program: only gangway can run a single test of it; use "
			       "add_test() or gangway_add_tests()",
			       (*ret)->name);
	if (!*ret || !(*ret)->entry)
		return err_set(reterr, ERR_UNSUPPORTED, d->program, 0,
			       "not a program of a framework that gangway can list: its tests "
			       "cannot be discovered; use add_test() or gangway_add_tests()");
	if (d->o->filter && *ret != &adapter_gtest)
		return err_set(reterr, ERR_UNSUPPORTED, d->program, 0,
			       "not a GoogleTest program: only those can be asked with a filter");
	if (d->o->xml_dir && *ret != &adapter_gtest)
		return err_set(reterr, ERR_UNSUPPORTED, d->program, 0,
			       "not a GoogleTest program: only those write XML files for each "
			       "case");
	return 0;
}

static const char *printed(struct arena *mem, const char *fmt, ...) PRINTF_LIKE(2, 3);
static const char *printed(struct arena *mem, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(&text, fmt, ap);
	va_end(ap);
	const char *kept = arena_memdup(mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

static void add_words(const char **argv, size_t *n, const struct option_strings *words)
{
	for (size_t i = 0; i < words->n; i++)
		argv[(*n)++] = words->items[i];
}

static struct target make_target(struct discovering *d, const struct adapter *row)
{
	const struct discover_options *o = d->o;
	const char **argv = arena_alloc(&d->mem, o->launcher.n + o->list_args.n + 3, sizeof *argv);
	size_t n = 0;

	add_words(argv, &n, &o->launcher);
	argv[n++] = d->program;
	add_words(argv, &n, &o->list_args);
	if (o->filter)
		argv[n++] = printed(&d->mem, "--gtest_filter=%s", o->filter);
	return (struct target){ .name = fs_basename(d->program),
				.adapter = row->name,
				.program = d->program,
				.argv = argv,
				.nargv = n,
				.workdir = d->workdir };
}

static int list_tests(struct discovering *d, const struct adapter *row, struct err *reterr)
{
	const struct target target = make_target(d, row);
	const char *scratch = fs_make_temp_dir(&d->mem, reterr);
	const struct list_context ctx = {
		.timeout_us = d->o->timeout_us == 0 ? TIME_UNKNOWN : d->o->timeout_us,
		.scratch = scratch,
		.environ = (const char *const *)environ,
		.cache = d->o->cache && fs_mkdirs(d->o->cache, NULL) == 0 ? d->o->cache : NULL,
		.is_by_content = true,
	};

	if (!scratch)
		return -1;
	d->tests.rootdir = d->workdir;
	int status = adapter_list(row, &target, tests_add_target(&d->tests, &target), &ctx,
				  &d->tests, reterr);

	fs_remove_tree(scratch, NULL); /* only a temporary folder */
	return status;
}

/* --- its entries ------------------------------------------------------------------------------ */

static const char *free_name(struct discovering *d, const struct entry *e)
{
	const char *const names[] = { e->name, e->plain_name };
	const struct discover_options *o = d->o;
	const char *name = NULL;

	for (unsigned i = 0;; i++) {
		const char *base = names[i < ARRAY_SIZE(names) ? i : 1];

		name = i < ARRAY_SIZE(names)
			       ? printed(&d->mem, "%s%s%s", o->prefix, base, o->suffix)
			       : printed(&d->mem, "%s%s%s#%u", o->prefix, base, o->suffix, i);
		if (map_put(&d->seen, name, strlen(name), 1))
			return name;
	}
}

static void add_command(struct discovering *d, const struct entry *e, const struct test *t,
			const char *name)
{
	const struct option_strings *launcher = &d->o->launcher;
	const char **argv =
		arena_alloc(&d->mem, launcher->n + e->nargs + d->args->n + 2, sizeof *argv);
	size_t n = 0;

	add_words(argv, &n, launcher);
	argv[n++] = d->program;
	for (size_t i = 0; i < e->nargs; i++)
		argv[n++] = e->args[i];
	if (d->o->xml_dir)
		argv[n++] = printed(&d->mem, "--gtest_output=xml:%s/%s%s%s.xml", d->o->xml_dir,
				    d->o->prefix, t->selector, d->o->suffix);
	add_words(argv, &n, d->args);
	ctestfile_add_test(&d->text, name, argv, n);
}

/* What a list property of the entry and the user's own one are together. */
static int add_list(struct discovering *d, const char *key, const char *const *items, size_t n,
		    struct err *reterr)
{
	const struct option_strings *props = &d->o->properties;
	struct buf list = BUF_INIT;
	size_t len = strlen(key);
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++) {
		if (!ctestfile_list_add(&list, items[i]))
			status = err_set(reterr, ERR_UNSUPPORTED, d->program, 0,
					 "no list of CMake's can hold '%s' (%s of a test): a name "
					 "with brackets or a backslash",
					 items[i], key);
	}
	for (size_t i = 0; i < props->n; i++) {
		if (strncmp(props->items[i], key, len) == 0 && props->items[i][len] == '=')
			buf_addf(&list, "%s%s", list.len > 0 ? ";" : "", props->items[i] + len + 1);
	}
	if (status == 0 && list.len > 0)
		ctestfile_add_property(&d->text, key, list.s);
	buf_release(&list);
	return status;
}

static bool is_list(const char *property)
{
	return strncmp(property, "ENVIRONMENT=", 12) == 0 || strncmp(property, "LABELS=", 7) == 0;
}

static int add_properties(struct discovering *d, const struct entry *e, const struct test *t,
			  const char *name, struct err *reterr)
{
	const struct option_strings *props = &d->o->properties;

	ctestfile_begin_properties(&d->text, name);
	ctestfile_add_property(&d->text, "WORKING_DIRECTORY", d->workdir);
	if (e->skip_regex)
		ctestfile_add_property(&d->text, "SKIP_REGULAR_EXPRESSION", e->skip_regex);
	if (e->is_disabled)
		ctestfile_add_property(&d->text, "DISABLED", "TRUE");
	if (t->group)
		ctestfile_add_property(&d->text, "xdist_group", t->group);
	if (add_list(d, "ENVIRONMENT", e->env, e->nenv, reterr) < 0 ||
	    add_list(d, "LABELS", t->marks, t->nmarks, reterr) < 0)
		return -1;
	for (size_t i = 0; i < props->n; i++) {
		const char *value = strchr(props->items[i], '=');

		if (!is_list(props->items[i]))
			ctestfile_add_property(&d->text,
					       arena_memdup(&d->mem, props->items[i],
							    (size_t)(value - props->items[i])),
					       value + 1);
	}
	ctestfile_end(&d->text);
	return 0;
}

static bool is_same(const struct entry *a, const struct entry *b)
{
	bool is = a->nargs == b->nargs && a->nenv == b->nenv && strcmp(a->name, b->name) == 0;

	for (size_t i = 0; is && i < a->nargs; i++)
		is = strcmp(a->args[i], b->args[i]) == 0;
	for (size_t i = 0; is && i < a->nenv; i++)
		is = strcmp(a->env[i], b->env[i]) == 0;
	return is;
}

static int add_entries(struct discovering *d, const struct adapter *row, struct err *reterr)
{
	struct entry e = { 0 }, last = { 0 };

	for (size_t i = 0; i < d->tests.ntests; i++) {
		const struct test *t = &d->tests.tests[i];

		if (row->entry(t, &d->tests, &d->o->style, &d->mem, &e, reterr) < 0)
			return -1;
		if (last.name && is_same(&e, &last))
			continue;
		last = e;
		const char *name = free_name(d, &e);

		add_command(d, &e, t, name);
		if (add_properties(d, &e, t, name, reterr) < 0)
			return -1;
		ctestfile_add_item(&d->names, name);
	}
	if (d->tests.ntests == 0)
		cli_warn("%s: has no tests", d->program);
	if (d->o->list_name) {
		ctestfile_begin_list(&d->text, d->o->list_name);
		buf_add(&d->text, d->names.s, d->names.len);
		ctestfile_end(&d->text);
	}
	return 0;
}

static int write_entries(const struct discovering *d, struct err *reterr)
{
	struct outfile *o = outfile_open(d->o->output, reterr);

	if (!o)
		return -1;
	fwrite(d->text.s, 1, d->text.len, outfile_stream(o));
	return outfile_commit_if_changed(o, reterr);
}

/* --- the command ------------------------------------------------------------------------------ */

static int check_options(const struct discover_options *o, struct err *reterr)
{
	for (size_t i = 0; i < o->properties.n; i++) {
		const char *equals = strchr(o->properties.items[i], '=');

		if (!equals || equals == o->properties.items[i])
			return err_set(reterr, ERR_USAGE, NULL, 0,
				       "'--property %s': KEY=VALUE is wanted",
				       o->properties.items[i]);
	}
	return 0;
}

static int discover(const struct discover_options *o, const struct option_strings *words,
		    struct err *reterr)
{
	const struct option_strings args = { words->items + 1, words->n - 1 };
	struct discovering d = { .o = o, .args = &args, .text = BUF_INIT, .names = BUF_INIT };
	const struct adapter *row = NULL;
	const char *cwd = fs_cwd(&d.mem);

	d.program = fs_absolute(&d.mem, cwd, words->items[0]);
	d.workdir = fs_absolute(&d.mem, cwd, o->workdir);
	int status = check_options(o, reterr);

	if (status == 0)
		status = probe(&d, &row, reterr);
	if (status == 0)
		status = list_tests(&d, row, reterr);
	if (status == 0)
		status = add_entries(&d, row, reterr);
	if (status == 0 && signals_wanted(NULL))
		status = err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted");
	if (status == 0)
		status = write_entries(&d, reterr);
	buf_release(&d.text);
	buf_release(&d.names);
	map_release(&d.seen);
	tests_release(&d.tests);
	arena_release(&d.mem);
	return status;
}

static int exec(const struct command_row *self, const char *const *words, size_t nwords)
{
	struct discover_options o = { 0 };
	struct option_strings rest = { 0 };
	struct arena mem = { 0 };
	struct err e = { 0 };
	const struct option_args args = { .words = words, .nwords = nwords };
	int status = option_defaults(rows, &o, &mem, &e);

	signals_catch(true);
	if (status == 0)
		status = option_parse(rows, &args, &o, &mem, &rest, &e);
	if (status == 0 && o.wants_help)
		show_help(self);
	else if (status == 0 && rest.n == 0)
		status = err_set(&e, ERR_USAGE, NULL, 0, "'discover' needs a PROGRAM");
	else if (status == 0)
		status = discover(&o, &rest, &e);
	arena_release(&mem);
	return status < 0 ? cli_fail(&e) : 0;
}

const struct command_row cmd_discover = {
	.name = "discover",
	.args = "[options] PROGRAM [ARG...]",
	.help = "write a program's tests as CTest entries; gangway_discover_tests() of CMake does",
	.options = rows,
	.max_args = ARGS_ANY,
	.exec = exec,
};
