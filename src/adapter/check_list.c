/* SPDX-License-Identifier: MIT
 *
 * A Check program does not list its tests, so it is looked at while it tells them to libcheck:
 * breakpoints on the functions of the public API that register tests.  The functions that run
 * them return at once, so nothing runs but main() around them.  Where this cannot be done (no
 * symbols, an old libcheck, no ptrace()), the program is one test, whose points show when it runs.
 */
#include <elf.h>

#include "adapter/check.h"
#include "adapter/check_model.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/tracer.h"

enum { MAX_NAME_BYTES = 1 << 16, MAX_TESTS = 1 << 20, OUTPUT_BYTES = 2048 };

struct listing {
	const struct target *target;
	uint32_t target_index;
	const char **env;
	struct tests *tests;
	size_t nbefore; /* tests that were in there */
	struct elf_file *program;
	struct check_model model;
	struct arena mem;  /* keys of the maps */
	struct map ids;    /* how often an id was given */
	struct map equals; /* how many tests of these names a TCase has had */
	size_t nruns;      /* calls of srunner_run* */
	uint64_t file_at;  /* where the last test's file name stood, */
	const char *file;  /* and that: the next test mostly has the same */
	bool is_too_many;
};

/* --- reading arguments ------------------------------------------------------------------ */

/* A string argument in the listing's memory; NULL for NULL and for what cannot be read. */
static const char *string_at(struct listing *l, struct tracer *t, uint64_t address)
{
	struct buf b = BUF_INIT;
	const char *ret = NULL;

	if (address != 0 && tracer_read_string(t, address, MAX_NAME_BYTES, &b))
		ret = arena_memdup(&l->mem, b.s, b.len);
	buf_release(&b);
	return ret;
}

static const char *string_arg(struct listing *l, struct tracer *t, unsigned i)
{
	return string_at(l, t, tracer_arg(t, i));
}

static const char *name_arg(struct listing *l, struct tracer *t, unsigned i)
{
	const char *s = string_arg(l, t, i);

	return s ? s : ""; /* Check does the same */
}

/* --- what is made ----------------------------------------------------------------------- */

static void on_suite_create(struct listing *l, struct tracer *t)
{
	tracer_watch_return(t, check_model_suite(&l->model, name_arg(l, t, 0)));
}

static void after_suite_create(struct listing *l, uint64_t index, uint64_t address)
{
	l->model.suites[index].address = address;
}

static void on_tcase_create(struct listing *l, struct tracer *t)
{
	tracer_watch_return(t, check_model_tcase(&l->model, name_arg(l, t, 0)));
}

static void after_tcase_create(struct listing *l, uint64_t index, uint64_t address)
{
	l->model.tcases[index].address = address;
}

static void on_suite_add_tcase(struct listing *l, struct tracer *t)
{
	struct check_group *s = check_model_find_suite(&l->model, tracer_arg(t, 0));
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 1));

	if (s && c && !check_group_has(s, (size_t)(c - l->model.tcases)))
		check_group_add(s, (size_t)(c - l->model.tcases));
}

/* _tcase_add_test(TCase *, const TTest *, int signal, int exit, int start, int end) */
static void on_add_test(struct listing *l, struct tracer *t)
{
	struct {
		uint64_t name, fn, file;
		int32_t line, padding;
	} ttest; /* check.h: struct TTest */
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 0));

	if (c && tracer_read(t, tracer_arg(t, 1), &ttest, sizeof ttest)) {
		const char *name = string_at(l, t, ttest.name);

		if (ttest.file != l->file_at)
			l->file = string_at(l, t, ttest.file);
		l->file_at = ttest.file;
		struct check_test test = {
			.name = name ? name : "",
			.file = l->file,
			.line = ttest.line > 0 ? (unsigned)ttest.line : 0,
			.signal = (int)tracer_arg(t, 2),
			.exit_code = (int)tracer_arg(t, 3),
			.start = (int)tracer_arg(t, 4),
			.end = (int)tracer_arg(t, 5),
		};

		check_tcase_add(c, &test);
	}
	tracer_return(t, 0); /* it will not be run: spare the program the work */
}

static void on_set_tags(struct listing *l, struct tracer *t)
{
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 0));

	if (c)
		check_model_tags(&l->model, c, name_arg(l, t, 1));
}

static void on_set_timeout(struct listing *l, struct tracer *t)
{
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 0));
	double seconds = tracer_arg_double(t);
	char text[32];

	if (!c || !(seconds >= 0 && seconds < 1e9))
		return;
	uint64_t ms = (uint64_t)(seconds * 1000);

	snprintf(text, sizeof text, "%llu.%03u", (unsigned long long)(ms / 1000),
		 (unsigned)(ms % 1000));
	c->timeout = arena_strdup(&l->model.mem, text);
}

static void add_suite(struct listing *l, struct check_group *runner, uint64_t address)
{
	struct check_group *s = check_model_find_suite(&l->model, address);

	if (runner && s)
		check_group_add(runner, (size_t)(s - l->model.suites));
}

static void on_srunner_create(struct listing *l, struct tracer *t)
{
	size_t index = check_model_runner(&l->model);

	add_suite(l, &l->model.runners[index], tracer_arg(t, 0));
	tracer_watch_return(t, index);
}

static void after_srunner_create(struct listing *l, uint64_t index, uint64_t address)
{
	l->model.runners[index].address = address;
}

static void on_srunner_add_suite(struct listing *l, struct tracer *t)
{
	const struct check_model *m = &l->model;

	/* srunner_create() calls it too, for the suite it was given: that one is there already */
	if (m->nrunners > 0 && m->runners[m->nrunners - 1].address == 0)
		return;
	add_suite(l, check_model_find_runner(&l->model, tracer_arg(t, 0)), tracer_arg(t, 1));
}

static void on_set_xml(struct listing *l, struct tracer *t)
{
	struct check_group *r = check_model_find_runner(&l->model, tracer_arg(t, 0));

	if (r && tracer_arg(t, 1) != 0)
		r->has_xml = true;
}

/* --- what would run --------------------------------------------------------------------- */

static const char *env_get(const char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; env[i]; i++) {
		if (strncmp(env[i], name, len) == 0 && env[i][len] == '=')
			return env[i] + len + 1;
	}
	return NULL;
}

/* Count one more of this key: how many there were before. */
static size_t count_key(struct listing *l, struct map *m, const char *key)
{
	size_t n = 0, len = strlen(key);

	map_get(m, key, len, &n);
	map_set(m, arena_memdup(&l->mem, key, len), len, n + 1);
	return n;
}

/* The name of a run of a test: loops have their number, equal ids a second one. */
static void name_test(struct listing *l, struct test *test, const struct check_test *from, int i)
{
	struct buf name = BUF_INIT;
	const char *id = NULL;

	buf_addstr(&name, from->name);
	if (from->end - from->start != 1 || from->start != 0)
		buf_addf(&name, "[%d]", i);
	id = test_make_id(&l->mem, l->target->name, test->suite, name.s);
	size_t n = count_key(l, &l->ids, id);

	while (n > 0) {
		size_t len = name.len;

		buf_addf(&name, "#%zu", n + 1);
		id = test_make_id(&l->mem, l->target->name, test->suite, name.s);
		if (count_key(l, &l->ids, id) == 0)
			break;
		buf_truncate(&name, len);
		n++;
	}
	test->name = arena_strdup(&l->tests->mem, name.s);
	test->id = test_make_id(&l->tests->mem, l->target->name, test->suite, name.s);
	buf_release(&name);
}

static void select_test(struct listing *l, struct test *test, struct check_selector *s)
{
	struct buf text = BUF_INIT;

	s->occurrence = s->ordinal = 0;
	check_selector_format(s, &text); /* everything but where it stands */
	s->occurrence = count_key(l, &l->equals, text.s);
	s->ordinal = l->tests->ntests - l->nbefore;
	buf_clear(&text);
	check_selector_format(s, &text);
	test->selector = arena_strdup(&l->tests->mem, text.s);
	buf_release(&text);
}

static void add_property(struct listing *l, struct test *test, const char *key, const char *value)
{
	enum { MAX_PROPS = 3 };
	struct property *list = (struct property *)test->props;

	if (!list)
		test->props = list = arena_alloc(&l->tests->mem, MAX_PROPS, sizeof *list);
	list[test->nprops++] =
		(struct property){ .key = key, .value = arena_strdup(&l->tests->mem, value) };
}

static void add_properties(struct listing *l, struct test *test, const struct check_tcase *c,
			   const struct check_test *from)
{
	char number[16];

	test->props = NULL;
	test->nprops = 0;
	if (from->exit_code != 0) {
		snprintf(number, sizeof number, "%d", from->exit_code);
		add_property(l, test, "check_exit", number);
	}
	if (from->signal != 0)
		add_property(l, test, "check_signal", proc_signal_name(from->signal));
	if (c->timeout)
		add_property(l, test, "check_timeout", c->timeout);
}

static void add_tcase(struct listing *l, const char *suite, const struct check_tcase *c,
		      bool has_xml)
{
	struct arena *mem = &l->tests->mem;
	struct test test = test_blank(l->target_index);

	test.suite = *suite && *c->name ? test_make_id(mem, suite, c->name, "")
					: arena_strdup(mem, *suite ? suite : c->name);
	test_set_marks(l->tests, &test, c->tags, c->ntags);
	for (size_t k = 0; k < c->ntests; k++) {
		const struct check_test *from = &c->tests[k];

		test.file = from->file ? arena_strdup(mem, from->file) : NULL;
		test.line = from->line;
		add_properties(l, &test, c, from);
		for (int i = from->start; i < from->end; i++) {
			struct check_selector s = { .suite = suite,
						    .tcase = c->name,
						    .name = from->name,
						    .iteration = (uint32_t)i,
						    .wants_log = has_xml };

			if (l->tests->ntests - l->nbefore >= MAX_TESTS) {
				l->is_too_many = true;
				return;
			}
			name_test(l, &test, from, i);
			select_test(l, &test, &s);
			tests_add(l->tests, &test);
		}
	}
}

static void run_runner(struct listing *l, struct tracer *t, struct check_filter f)
{
	const struct check_group *r = check_model_find_runner(&l->model, tracer_arg(t, 0));

	l->nruns++;
	tracer_return(t, 0);
	/* Check asks the environment for what it was not told */
	f.suite = f.suite ? f.suite : env_get(l->env, "CK_RUN_SUITE");
	f.tcase = f.tcase ? f.tcase : env_get(l->env, "CK_RUN_CASE");
	f.include_tags = f.include_tags ? f.include_tags : env_get(l->env, "CK_INCLUDE_TAGS");
	f.exclude_tags = f.exclude_tags ? f.exclude_tags : env_get(l->env, "CK_EXCLUDE_TAGS");
	for (size_t i = 0; r && i < r->nmembers; i++) {
		const struct check_group *s = &l->model.suites[r->members[i]];

		for (size_t k = 0; k < s->nmembers; k++) {
			const struct check_tcase *c = &l->model.tcases[s->members[k]];

			if (check_filter_takes(&f, s->name, c))
				add_tcase(l, s->name, c, r->has_xml);
		}
	}
}

static void on_run_all(struct listing *l, struct tracer *t)
{
	run_runner(l, t, (struct check_filter){ 0 });
}

static void on_run(struct listing *l, struct tracer *t)
{
	run_runner(l, t,
		   (struct check_filter){ .suite = string_arg(l, t, 1),
					  .tcase = string_arg(l, t, 2) });
}

static void on_run_tagged(struct listing *l, struct tracer *t)
{
	run_runner(l, t,
		   (struct check_filter){ .suite = string_arg(l, t, 1),
					  .tcase = string_arg(l, t, 2),
					  .include_tags = string_arg(l, t, 3),
					  .exclude_tags = string_arg(l, t, 4) });
}

/* --- the program under the tracer ------------------------------------------------------- */

static const struct {
	const char *name;
	bool is_needed;
	void (*hit)(struct listing *l, struct tracer *t);
	void (*returned)(struct listing *l, uint64_t token, uint64_t value);
} calls[] = {
	{ "suite_create", true, on_suite_create, after_suite_create },
	{ "tcase_create", true, on_tcase_create, after_tcase_create },
	{ "suite_add_tcase", true, on_suite_add_tcase, NULL },
	{ "_tcase_add_test", true, on_add_test, NULL },
	{ "tcase_set_tags", false, on_set_tags, NULL },
	{ "tcase_set_timeout", false, on_set_timeout, NULL },
	{ "srunner_create", true, on_srunner_create, after_srunner_create },
	{ "srunner_add_suite", false, on_srunner_add_suite, NULL },
	{ "srunner_set_xml", false, on_set_xml, NULL },
	{ "srunner_run_all", false, on_run_all, NULL },
	{ "srunner_run", false, on_run, NULL },
	{ "srunner_run_tagged", true, on_run_tagged, NULL },
};

/* Before 0.13 a test was registered by name and function alone. */
static bool knows_version(struct tracer *t, struct elf_file *f, uint64_t bias)
{
	uint64_t major_at = 0, minor_at = 0;
	int32_t major = 0, minor = 0;

	return elf_file_symbol_address(f, "check_major_version", &major_at) &&
	       elf_file_symbol_address(f, "check_minor_version", &minor_at) &&
	       tracer_read(t, bias + major_at, &major, sizeof major) &&
	       tracer_read(t, bias + minor_at, &minor, sizeof minor) && major == 0 && minor >= 13;
}

static int set_breaks(struct tracer *t, struct elf_file *f, uint64_t bias, struct err *reterr)
{
	uint64_t address = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
		if (!elf_file_symbol_address(f, calls[i].name, &address)) {
			if (calls[i].is_needed)
				return err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "no symbol '%s'",
					       calls[i].name);
			continue;
		}
		if (tracer_break(t, bias + address, i, reterr) < 0)
			return -1;
	}
	return 0;
}

/* Breakpoints in the program, or in the libcheck.so it uses. */
static int on_start(void *ctx, struct tracer *t, struct err *reterr)
{
	struct listing *l = ctx;
	struct elf_file *f = l->program;
	struct elf_file *library = NULL;
	struct buf path = BUF_INIT;
	uint64_t bias = tracer_bias(t);
	int ret = -1;

	if (!elf_file_has_symbol(f, "srunner_run_tagged", ELF_SYMBOL_DEFINED) &&
	    tracer_library(t, "libcheck.so", &path, &bias) &&
	    elf_file_open(path.s, &library, reterr) == 0 && library)
		f = library;
	if (!knows_version(t, f, bias))
		err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "libcheck is of an unknown version");
	else
		ret = set_breaks(t, f, bias, reterr);
	elf_file_close(library);
	buf_release(&path);
	return ret;
}

static void on_hit(void *ctx, struct tracer *t, unsigned id)
{
	calls[id].hit(ctx, t);
}

static void on_returned(void *ctx, struct tracer *t, unsigned id, uint64_t token, uint64_t value)
{
	(void)t;
	if (calls[id].returned)
		calls[id].returned(ctx, token, value);
}

/* The listing's environment: the base, then the target's own. */
static const char **list_environ(struct arena *mem, const struct target *t, const char *const *base)
{
	size_t nbase = 0, n = 0;

	while (base && base[nbase])
		nbase++;
	const char **env = arena_alloc(mem, nbase + t->nenv + 1, sizeof *env);

	for (size_t i = 0; i < nbase; i++) {
		bool is_replaced = false;

		for (size_t k = 0; k < t->nenv && !is_replaced; k++)
			is_replaced = strncmp(base[i], t->env[k], strcspn(t->env[k], "=") + 1) == 0;
		if (!is_replaced)
			env[n++] = base[i];
	}
	for (size_t i = 0; i < t->nenv; i++)
		env[n++] = t->env[i];
	return env;
}

/* It never came to its tests. */
static int list_failed(const struct listing *l, const struct tracer_end *end,
		       const struct buf *output, struct err *reterr)
{
	struct buf how = BUF_INIT;
	const struct proc_end as = { .exit_code = end->exit_code, .term_signal = end->term_signal };

	if (end->is_timeout)
		buf_addstr(&how, "took too long");
	else
		proc_end_describe(&as, &how);
	err_set(reterr, ERR_MISSING, NULL, 0, "'%s' failed to list its tests: %s%s%s",
		l->target->argv[0], how.s, output->len > 0 ? ": " : "", output->s);
	buf_release(&how);
	return -1;
}

/* ERR_UNSUPPORTED where looking on is not possible or showed nothing. */
static int look_on(struct listing *l, const struct list_context *ctx, struct err *reterr)
{
	const struct tracer_spec spec = {
		.argv = l->target->argv,
		.envp = l->env,
		.workdir = l->target->workdir,
		.entry = elf_file_entry(l->program),
		.timeout_us = ctx->timeout_us,
		.output_limit_bytes = OUTPUT_BYTES,
		.stop = proc_stop_asked,
	};
	const struct tracer_hooks hooks = { l, on_start, on_hit, on_returned };
	struct tracer_end end = { 0 };
	struct buf output = BUF_INIT;
	int ret = tracer_run(&spec, &hooks, &output, &end, reterr);

	bool is_dead = end.is_timeout || end.term_signal;

	if (ret == 0 && is_dead && !end.is_replaced && l->nruns == 0)
		ret = list_failed(l, &end, &output, reterr);
	else if (ret == 0 && (l->nruns == 0 || is_dead || end.is_replaced))
		/* no SRunner; or it died behind one, perhaps only because nothing had run */
		ret = err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "'%s' shows no list of its tests",
			      l->target->argv[0]);
	else if (ret == 0 && l->is_too_many)
		ret = err_set(reterr, ERR_LIMIT, NULL, 0, "'%s' has more than %d tests",
			      l->target->argv[0], MAX_TESTS);
	buf_release(&output);
	return ret;
}

/* The tracer knows this machine's programs alone, and argv[0] must be the program itself. */
static bool is_traceable(const struct listing *l)
{
	return l->program && elf_file_machine(l->program) == EM_X86_64 && l->target->nargv > 0 &&
	       strchr(l->target->argv[0], '/') &&
	       (elf_file_has_symbol(l->program, "srunner_run_tagged", ELF_SYMBOL_DEFINED) ||
		elf_file_needs(l->program, "libcheck.so"));
}

static void add_whole(struct listing *l)
{
	struct test test = test_blank(l->target_index);

	l->tests->ntests = l->nbefore;
	test.id = arena_strdup(&l->tests->mem, l->target->name);
	test.name = arena_strdup(&l->tests->mem, fs_basename(l->target->name));
	tests_add(l->tests, &test);
}

int check_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr)
{
	struct listing l = {
		.target = t, .target_index = target_index, .tests = ret, .nbefore = ret->ntests
	};
	struct err why = { 0 };
	int status = 0;

	l.env = list_environ(&l.mem, t, ctx->environ);
	/* what cannot be opened cannot be started: execute will say so */
	if (t->nargv > 0 && elf_file_open(t->argv[0], &l.program, &why) < 0)
		l.program = NULL;
	if (!is_traceable(&l)) {
		add_whole(&l);
	} else if (look_on(&l, ctx, &why) < 0) {
		ret->ntests = l.nbefore;
		if (why.code == ERR_UNSUPPORTED)
			add_whole(&l);
		else
			status = -1;
		if (status < 0 && reterr)
			*reterr = why;
	}
	elf_file_close(l.program);
	check_model_release(&l.model);
	map_release(&l.ids);
	map_release(&l.equals);
	arena_release(&l.mem);
	return status;
}
