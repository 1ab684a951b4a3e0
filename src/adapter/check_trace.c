/* SPDX-License-Identifier: MIT
 *
 * A Check program does not list its tests, so it is looked at while it tells them to libcheck:
 * breakpoints on the functions of the public API that register tests.  The functions that run
 * them return at once, so nothing runs but main() around them.
 */
#include <elf.h>

#include "adapter/check_list.h"
#include "adapter/check_model.h"
#include "base/err.h"
#include "format/elf.h"
#include "sys/proc.h"
#include "sys/tracer.h"

enum { MAX_NAME_BYTES = 1 << 16 };

struct tracing {
	struct listing *l;
	struct check_model model;
	size_t nruns;     /* calls of srunner_run* */
	uint64_t file_at; /* where the last test's file name stood, */
	const char *file; /* and that: the next test mostly has the same */
};

/* --- reading arguments ------------------------------------------------------------------ */

/* A string argument in the listing's memory; NULL for NULL and for what cannot be read. */
static const char *string_at(struct tracing *l, struct tracer *t, uint64_t address)
{
	struct buf b = BUF_INIT;
	const char *ret = NULL;

	if (address != 0 && tracer_read_string(t, address, MAX_NAME_BYTES, &b))
		ret = arena_memdup(&l->l->mem, b.s, b.len);
	buf_release(&b);
	return ret;
}

static const char *string_arg(struct tracing *l, struct tracer *t, unsigned i)
{
	return string_at(l, t, tracer_arg(t, i));
}

static const char *name_arg(struct tracing *l, struct tracer *t, unsigned i)
{
	const char *s = string_arg(l, t, i);

	return s ? s : ""; /* Check does the same */
}

/* --- what is made ----------------------------------------------------------------------- */

static void on_suite_create(struct tracing *l, struct tracer *t)
{
	tracer_watch_return(t, check_model_suite(&l->model, name_arg(l, t, 0)));
}

static void after_suite_create(struct tracing *l, uint64_t index, uint64_t address)
{
	l->model.suites[index].address = address;
}

static void on_tcase_create(struct tracing *l, struct tracer *t)
{
	tracer_watch_return(t, check_model_tcase(&l->model, name_arg(l, t, 0)));
}

static void after_tcase_create(struct tracing *l, uint64_t index, uint64_t address)
{
	l->model.tcases[index].address = address;
}

static void on_suite_add_tcase(struct tracing *l, struct tracer *t)
{
	struct check_group *s = check_model_find_suite(&l->model, tracer_arg(t, 0));
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 1));

	if (s && c && !check_group_has(s, (size_t)(c - l->model.tcases)))
		check_group_add(s, (size_t)(c - l->model.tcases));
}

/* _tcase_add_test(TCase *, const TTest *, int signal, int exit, int start, int end) */
static void on_add_test(struct tracing *l, struct tracer *t)
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

static void on_set_tags(struct tracing *l, struct tracer *t)
{
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 0));

	if (c)
		check_model_tags(&l->model, c, name_arg(l, t, 1));
}

static void on_set_timeout(struct tracing *l, struct tracer *t)
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

/* tcase_add_checked_fixture(TCase *, SFun setup, SFun teardown), and its sister */
static void on_checked(struct tracing *l, struct tracer *t)
{
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 0));

	if (c && (tracer_arg(t, 1) != 0 || tracer_arg(t, 2) != 0))
		c->has_checked = true;
}

static void on_unchecked(struct tracing *l, struct tracer *t)
{
	struct check_tcase *c = check_model_find_tcase(&l->model, tracer_arg(t, 0));

	if (c && (tracer_arg(t, 1) != 0 || tracer_arg(t, 2) != 0))
		c->has_unchecked = true;
}

static void add_suite(struct tracing *l, struct check_group *runner, uint64_t address)
{
	struct check_group *s = check_model_find_suite(&l->model, address);

	if (runner && s)
		check_group_add(runner, (size_t)(s - l->model.suites));
}

static void on_srunner_create(struct tracing *l, struct tracer *t)
{
	size_t index = check_model_runner(&l->model);

	add_suite(l, &l->model.runners[index], tracer_arg(t, 0));
	tracer_watch_return(t, index);
}

static void after_srunner_create(struct tracing *l, uint64_t index, uint64_t address)
{
	l->model.runners[index].address = address;
}

static void on_srunner_add_suite(struct tracing *l, struct tracer *t)
{
	const struct check_model *m = &l->model;

	/* srunner_create() calls it too, for the suite it was given: that one is there already */
	if (m->nrunners > 0 && m->runners[m->nrunners - 1].address == 0)
		return;
	add_suite(l, check_model_find_runner(&l->model, tracer_arg(t, 0)), tracer_arg(t, 1));
}

static void on_set_xml(struct tracing *l, struct tracer *t)
{
	struct check_group *r = check_model_find_runner(&l->model, tracer_arg(t, 0));

	if (r && tracer_arg(t, 1) != 0)
		r->has_xml = true;
}

static void run_runner(struct tracing *l, struct tracer *t, struct check_filter f)
{
	const struct check_group *r = check_model_find_runner(&l->model, tracer_arg(t, 0));

	l->nruns++;
	tracer_return(t, 0);
	/* Check asks the environment for what it was not told */
	f.suite = f.suite ? f.suite : listing_getenv(l->l, "CK_RUN_SUITE");
	f.tcase = f.tcase ? f.tcase : listing_getenv(l->l, "CK_RUN_CASE");
	f.include_tags = f.include_tags ? f.include_tags : listing_getenv(l->l, "CK_INCLUDE_TAGS");
	f.exclude_tags = f.exclude_tags ? f.exclude_tags : listing_getenv(l->l, "CK_EXCLUDE_TAGS");
	for (size_t i = 0; r && i < r->nmembers; i++) {
		const struct check_group *s = &l->model.suites[r->members[i]];

		for (size_t k = 0; k < s->nmembers; k++) {
			const struct check_tcase *c = &l->model.tcases[s->members[k]];

			if (check_filter_takes(&f, s->name, c))
				listing_add_tcase(l->l, s->name, c, r->has_xml);
		}
	}
}

static void on_run_all(struct tracing *l, struct tracer *t)
{
	run_runner(l, t, (struct check_filter){ 0 });
}

static void on_run(struct tracing *l, struct tracer *t)
{
	run_runner(l, t,
		   (struct check_filter){ .suite = string_arg(l, t, 1),
					  .tcase = string_arg(l, t, 2) });
}

static void on_run_tagged(struct tracing *l, struct tracer *t)
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
	void (*hit)(struct tracing *l, struct tracer *t);
	void (*returned)(struct tracing *l, uint64_t token, uint64_t value);
} calls[] = {
	{ "suite_create", true, on_suite_create, after_suite_create },
	{ "tcase_create", true, on_tcase_create, after_tcase_create },
	{ "suite_add_tcase", true, on_suite_add_tcase, NULL },
	{ "_tcase_add_test", true, on_add_test, NULL },
	{ "tcase_set_tags", false, on_set_tags, NULL },
	{ "tcase_add_checked_fixture", false, on_checked, NULL },
	{ "tcase_add_unchecked_fixture", false, on_unchecked, NULL },
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
	struct tracing *l = ctx;
	struct elf_file *f = l->l->program;
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

/* The tracer knows this machine's programs alone, and argv[0] must be the program itself. */
static bool is_traceable(const struct listing *l)
{
	return l->program && elf_file_machine(l->program) == EM_X86_64 && l->target->nargv > 0 &&
	       strchr(l->target->argv[0], '/') &&
	       (elf_file_has_symbol(l->program, "srunner_run_tagged", ELF_SYMBOL_DEFINED) ||
		elf_file_needs(l->program, "libcheck.so"));
}

int check_trace(struct listing *l, struct err *reterr)
{
	if (!is_traceable(l))
		return err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "'%s' cannot be looked at",
			       l->target->name);
	const struct tracer_spec spec = {
		.argv = l->target->argv,
		.envp = l->env,
		.workdir = l->target->workdir,
		.entry = elf_file_entry(l->program),
		.timeout_us = l->ctx->timeout_us,
		.output_limit_bytes = CHECK_LIST_OUTPUT_BYTES,
		.stop = proc_stop_asked,
	};
	struct tracing tracing = { .l = l };
	const struct tracer_hooks hooks = { &tracing, on_start, on_hit, on_returned };
	struct tracer_end end = { 0 };
	struct buf output = BUF_INIT;
	int ret = tracer_run(&spec, &hooks, &output, &end, reterr);

	bool is_dead = end.is_timeout || end.term_signal;
	const struct proc_end as = { .exit_code = end.exit_code,
				     .term_signal = end.term_signal,
				     .is_timeout = end.is_timeout };

	if (ret == 0 && is_dead && !end.is_replaced && tracing.nruns == 0)
		ret = listing_failed(l, &as, &output, reterr);
	else if (ret == 0 && (tracing.nruns == 0 || is_dead || end.is_replaced))
		/* no SRunner; or it died behind one, perhaps only because nothing had run */
		ret = err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "'%s' shows no list of its tests",
			      l->target->argv[0]);
	check_model_release(&tracing.model);
	buf_release(&output);
	return ret;
}
