/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/pytest.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "cli/command.h"
#include "cli/fail.h"
#include "cli/lanes.h"
#include "cli/remember.h"
#include "cli/rundir.h"
#include "cli/show.h"
#include "cli/signals.h"
#include "cli/wrapper.h"
#include "format/files.h"
#include "format/resource_spec.h"
#include "stage/collect.h"
#include "stage/configure.h"
#include "stage/execute_rerun.h"
#include "stage/graph.h"
#include "stage/repeat.h"
#include "stage/resources.h"
#include "stage/schedule.h"
#include "stage/shard.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { GRACE_US = 5 * 1000 * 1000, STAY_OUTPUT_BYTES = 4096 };

static int read_options(struct session *s, const struct command_row *row,
			const struct option_args *args, const struct option_args *tree,
			struct err *reterr)
{
	if (options_run_read(row->options, args, tree, &s->options, &s->config, reterr) < 0)
		return -1;
	if (s->options.is_timeout_dump && !fs_find_program(&s->mem, "gdb")) {
		cli_warn("--timeout-dump: there is no gdb here");
		s->options.is_timeout_dump = false;
	}
	s->uses_engine = s->options.numprocesses != 0 && s->options.capture != CAPTURE_NO;
	return 0;
}

/* A [test] section with a protocol says so. */
static bool is_whole(void *ctx, const char *name)
{
	const struct config *c = ctx;

	for (size_t i = 0; i < c->nrules; i++) {
		if (c->rules[i].protocol && config_rule_fits(&c->rules[i], name))
			return true;
	}
	return false;
}

/* What a program that lists its tests counts is none of theirs, and nothing for the build tree. */
struct diversion {
	char *before[3];
};

static const char *const diverted[] = { "GCOV_PREFIX", "GCOV_ERROR_FILE", "LLVM_PROFILE_FILE" };

static struct diversion divert_counters(struct arena *mem, const char *scratch)
{
	const char *const to[] = { fs_join(mem, scratch, "gcda"), fs_join(mem, scratch, "gcov.err"),
				   fs_join(mem, scratch, "%p.profraw") };
	struct diversion d = { { NULL } };

	for (size_t i = 0; i < ARRAY_SIZE(diverted); i++) {
		d.before[i] = arena_strdup(mem, getenv(diverted[i]));
		setenv(diverted[i], to[i], 1);
	}
	return d;
}

static void divert_back(const struct diversion *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(diverted); i++) {
		if (d->before[i])
			setenv(diverted[i], d->before[i], 1);
		else
			unsetenv(diverted[i]);
	}
}

/* What pytest must be told: its own words, and those that mean something to both of us. */
static void list_pytest_args(const struct options_run *o, struct arena *mem,
			     struct option_strings *ret)
{
	static const char *const tb[] = {
		[TB_SHORT] = "--tb=short",
		[TB_LONG] = "--tb=long",
		[TB_LINE] = "--tb=line",
		[TB_NATIVE] = "--tb=native",
	};

	for (size_t i = 0; i < o->pytest_args.n; i++)
		option_strings_add(ret, mem, o->pytest_args.items[i]);
	for (int i = 0; i < o->verbosity; i++)
		option_strings_add(ret, mem, "-v");
	if (o->capture == CAPTURE_NO)
		option_strings_add(ret, mem, "--capture=no");
	if ((size_t)o->tb < ARRAY_SIZE(tb) && tb[o->tb]) /* what is not shown stays in the files */
		option_strings_add(ret, mem, tb[o->tb]);
	if (o->keyword) {
		option_strings_add(ret, mem, "-k");
		option_strings_add(ret, mem, o->keyword);
	}
	if (o->markexpr) {
		option_strings_add(ret, mem, "-m");
		option_strings_add(ret, mem, o->markexpr);
	}
}

/* Python's coverage is counted in pytest's own process: it must know of what. */
static void tell_cov(struct session *s)
{
	const struct options_cov *cov = &s->options.cov;
	struct arena *mem = &s->tests.mem;

	for (size_t i = 0; options_cov_is_on(cov) && i < s->tests.ntargets; i++) {
		struct target *t = &s->tests.targets[i];
		struct option_strings argv = { 0 };

		const struct adapter *row = adapter_by_name(t->adapter);

		if (!row || !row->takes_cov)
			continue;
		option_strings_add(&argv, mem, t->argv[0]);
		for (size_t k = 0; k < cov->sources.n; k++) {
			struct buf word = BUF_INIT;

			buf_addf(&word, "--cov=%s", cov->sources.items[k]);
			option_strings_add(&argv, mem, word.s);
			buf_release(&word);
		}
		if (cov->wants_branches)
			option_strings_add(&argv, mem, "--cov-branch");
		for (size_t k = 1; k < t->nargv; k++)
			option_strings_add(&argv, mem, t->argv[k]);
		t->argv = argv.items;
		t->nargv = argv.n;
	}
}

/* What pytest.ini's addopts ask for comes before all that gangway was told itself. */
static int heed_tree(struct session *s, const struct command_row *row,
		     const struct option_args *words, struct err *reterr)
{
	const struct option_args tree = {
		.words = s->tests.addopts,
		.nwords = s->tests.naddopts,
		.origin = "pytest's addopts",
	};

	if (tree.nwords == 0)
		return 0;
	options_run_release(&s->options);
	config_release(&s->config);
	return read_options(s, row, words, &tree, reterr);
}

static int collect(struct session *s, struct err *reterr)
{
	static const char *const here[] = { "." };
	const struct options_run *o = &s->options;
	char *scratch = fs_make_temp_dir(&s->mem, reterr);

	if (!scratch)
		return -1;
	struct option_strings pytest = { 0 };

	list_pytest_args(o, &s->mem, &pytest);
	s->statedir = fs_join(&s->mem, s->config.rootdir, ".gangway");
	s->cache = rundir_cache(&s->mem, s->statedir, o->is_cache_cleared);
	const struct collect_options options = {
		.rootdir = s->config.rootdir,
		.paths = o->paths.n > 0 ? o->paths.items : here,
		.npaths = o->paths.n > 0 || o->unbuilt.n > 0 ? o->paths.n : 1,
		.patterns = s->config.test_programs,
		.npatterns = s->config.ntest_programs,
		.is_here = o->paths.n == 0,
		.pytest_args = pytest.items,
		.npytest_args = pytest.n,
		.needs_pytest = o->pytest_args.n > 0,
		.build_config = o->build_config,
		.meson_setup = o->setup,
		.is_wrapped = o->wrapper != NULL,
		.list_timeout_us = o->list_timeout_us,
		.scratch = scratch,
		.cache = s->cache,
		.is_unpreloaded = s->config.is_unpreloaded,
		.is_whole = is_whole,
		.is_whole_ctx = &s->config,
		.stay = &s->stay,
	};
	const bool diverts = options_cov_is_on(&o->cov);
	const struct diversion diversion =
		diverts ? divert_counters(&s->mem, scratch) : (struct diversion){ { NULL } };
	int status = collect_run(&options, &s->tests, reterr);

	if (diverts)
		divert_back(&diversion);
	fs_remove_tree(scratch, NULL); /* only a temporary folder */
	return status;
}

/* `name`, or "name#2" and so on where a test has that id already. */
static const char *free_id(struct tests *t, struct map *ids, const char *name)
{
	struct buf id = BUF_INIT;

	buf_addstr(&id, name);
	for (unsigned n = 2; !map_put(ids, arena_memdup(&t->mem, id.s, id.len), id.len, 1); n++) {
		buf_clear(&id);
		buf_addf(&id, "%s#%u", name, n);
	}
	const char *kept = arena_memdup(&t->mem, id.s, id.len);

	buf_release(&id);
	return kept;
}

/* What could not be collected is reported with the rest: as a test that fails, wherever -k and -m
 * point, for nobody knows what is behind it. */
static void add_collect_errors(struct session *s)
{
	struct tests *t = &s->tests;
	struct map ids = { 0 };

	for (size_t i = 0; t->nerrors > 0 && i < t->ntests; i++)
		map_put(&ids, t->tests[i].id, strlen(t->tests[i].id), 1);
	for (size_t i = 0; i < t->nerrors; i++) {
		const struct target target = {
			.name = t->errors[i].where,
			.adapter = "exitcode",
			.program = "",
			.argv = arena_strings(&t->mem, NULL, 0),
			.workdir = t->rootdir,
		};
		struct test test = test_blank(tests_add_target(t, &target));

		test.id = free_id(t, &ids, t->errors[i].where);
		test.error = t->errors[i].message;
		tests_add(t, &test);
	}
	map_release(&ids);
	s->selection.nselected += t->nerrors;
}

/* Under --part: a program that is to be built stands as one test, until it can be listed. */
static void add_unbuilt(struct session *s)
{
	struct tests *t = &s->tests;
	const char *cwd = fs_cwd(&t->mem);

	for (size_t i = 0; i < s->options.unbuilt.n; i++) {
		const char *path = fs_absolute(&t->mem, cwd, s->options.unbuilt.items[i]);
		const struct target target = {
			.name = fs_relative(&t->mem, t->rootdir, path),
			.adapter = "exitcode",
			.program = path,
			.argv = arena_strings(&t->mem, &path, 1),
			.nargv = 1,
			.workdir = t->rootdir,
		};
		struct test test = test_blank(tests_add_target(t, &target));

		test.id = target.name;
		test.name = fs_basename(target.name);
		tests_add(t, &test);
		s->selection.nitems++;
		s->selection.nselected++;
	}
}

/* The same on every machine: from the durations file alone, not from what this one remembers, and
 * cut as for as many lanes as there are shards, whatever runs here. */
static int take_shard(struct session *s, struct err *reterr)
{
	const struct options_run *o = &s->options;
	struct shard shard = { 0 };
	struct plan plan = { 0 };

	if (lanes_shard(o->shard, &shard, reterr) < 0)
		return -1;
	if (shard.count < 2)
		return 0;
	const bool is_spread = o->dist != DIST_NO && o->dist != DIST_EACH;
	const struct schedule_options options = {
		.dist = is_spread ? o->dist : DIST_LOAD,
		.nlanes = shard.count,
		.joins_locks = true, /* what a lock guards may be shared by machines */
		.joins_after = true,
		.expected = remember_expected_everywhere,
		.start = remember_start_everywhere,
		.expected_ctx = s,
	};

	size_t n = shard_set_aside(&s->tests);

	if (schedule_run(&options, &s->tests, &plan, reterr) < 0)
		return -1;
	n += shard_run(&shard, &plan, &s->tests);
	n -= select_add_company(&s->tests);

	s->selection.ndeselected += n;
	s->selection.nselected -= n;
	s->is_sharded = true;
	plan_release(&plan);
	return 0;
}

/* What a program could not list while it was told to end says nothing of it. */
static int check_signals(struct err *reterr)
{
	return signals_wanted(NULL) ? err_set(reterr, ERR_INTERRUPTED, NULL, 0,
					      "interrupted while tests were collected")
				    : 0;
}

static int repeat(struct session *s, struct err *reterr)
{
	size_t n = 0;

	if (repeat_run(s->options.repeat, &s->tests, &n, reterr) < 0)
		return -1;
	s->selection.nitems += n;
	s->selection.nselected += n;
	return 0;
}

static int read_resources(struct session *s, struct err *reterr)
{
	const char *path = s->options.resource_spec_file;

	if (!path)
		return 0;
	if (resource_spec_read(path, &s->tests, reterr) < 0)
		return -1;
	resources_check(&s->tests);
	return 0;
}

static int collect_tests(struct session *s, const struct command_row *row,
			 const struct option_args *words, struct err *reterr)
{
	const struct options_run *o = &s->options;

	if (remember_read_durations(s, reterr) < 0 || collect(s, reterr) < 0 ||
	    check_signals(reterr) < 0 || heed_tree(s, row, words, reterr) < 0)
		return -1;
	tell_cov(s);
	if (configure_run(&s->config, &s->tests, reterr) < 0 || read_resources(s, reterr) < 0)
		return -1;
	const struct select_options select = {
		.keyword = o->keyword,
		.markexpr = o->markexpr,
		.deselect = o->deselect.items,
		.ndeselect = o->deselect.n,
		.ids = o->ids.items,
		.nids = o->ids.n,
		.failed = o->is_last_failed ? remember_failed : NULL,
		.failed_ctx = s,
	};

	if (o->is_last_failed)
		remember_read(s);
	if (select_run(&select, &s->tests, &s->selection, reterr) < 0)
		return -1;
	add_collect_errors(s);
	add_unbuilt(s);
	return take_shard(s, reterr) < 0 ? -1 : repeat(s, reterr);
}

int session_schedule(struct session *s, struct err *reterr)
{
	remember_read(s);
	struct schedule_options options = {
		.dist = s->options.dist,
		.joins_locks = s->options.graph_shape == GRAPH_LANES,
		/* by hand, some lanes may run again without the others */
		.joins_after = s->options.graph_output != NULL,
		.joins_resources = s->options.graph_shape == GRAPH_LANES,
		.is_uncut = s->options.part != NULL,
		.is_failed_first = s->options.is_failed_first,
		.expected = remember_expected,
		.failed = remember_failed,
		.start = remember_start,
		.expected_ctx = s,
	};

	options.nlanes = lanes_count(s, &options.lanes_reason);
	if (!s->uses_engine && options.dist != DIST_EACH)
		options.dist = DIST_NO;
	if (schedule_run(&options, &s->tests, &s->plan, reterr) < 0)
		return -1;
	struct run *run = &s->run;
	const struct options_run *o = &s->options;

	if (rerun_join_patterns(o->only_rerun.items, o->only_rerun.n, &run->mem,
				&run->rerun_pattern, reterr) < 0)
		return -1;

	if (o->wrapper && wrapper_find(o->wrapper, &s->tests, &run->mem, &run->wrapper, reterr) < 0)
		return -1;
	run->id = run_new_id(&run->mem);
	run->rootdir = arena_strdup(&run->mem, s->config.rootdir);
	run->nlanes = s->plan.nlanes;
	run->timeout_us = o->timeout_us;
	run->grace_us = GRACE_US;
	run->maxfail = o->maxfail;
	run->reruns = o->reruns < RETRIES_MAX ? o->reruns : RETRIES_MAX;
	run->rerun_delay_us = o->reruns_delay_us;
	run->is_flaky_failed = o->flaky_result == FLAKY_FAIL;
	run->is_isolated = o->is_isolated;
	run->forkserver = o->forkserver;
	run->is_optimistic = o->is_optimistic;
	run->is_live = o->capture == CAPTURE_NO;
	run->is_dumped = o->is_timeout_dump;
	run->wants_cov = options_cov_is_on(&o->cov);
	run->is_cov_in_place = o->cov.is_in_place;
	run->wants_cov_contexts = options_cov_has_contexts(&o->cov);
	run->wants_junit = o->junitxml != NULL;
	run->is_junit_files = o->junit_family == JUNIT_FILES;
	run->output_limit_bytes = o->output_limit_bytes;
	run->began_us = proc_now_us();
	run->started = run_time_text(&run->mem);
	return 0;
}

int session_save(struct session *s, const char *dir, struct err *reterr)
{
	if (!dir) {
		s->rundir = rundir_new(&s->mem, s->statedir, s->run.id, reterr);
		if (!s->rundir)
			return -1;
	} else {
		s->rundir = arena_strdup(&s->mem, dir);
		if (fs_mkdirs(dir, reterr) < 0)
			return -1;
	}
	const struct rundir_files f = rundir_files(&s->mem, s->rundir);

	if (tests_write(f.tests, &s->tests, reterr) < 0 ||
	    selected_write(f.selected, &s->tests, reterr) < 0 ||
	    plan_write(f.plan, &s->plan, &s->tests, reterr) < 0)
		return -1;
	return run_write(f.run, &s->run, reterr);
}

int session_exec(const struct command_row *row, const struct option_args *args, bool wants_plan,
		 int (*command)(struct session *s, struct err *reterr))
{
	struct session s = { .began_us = proc_now_us(), .words = *args };
	struct err e = { 0 };
	int code = -1;

	signals_catch(true);
	if (read_options(&s, row, args, NULL, &e) < 0)
		;
	else if (s.options.wants_help || s.options.wants_version)
		code = show_help_or_version(row, &s.options);
	else if (s.options.is_resumed && row->resume)
		code = row->resume(&s, &e);
	else if (collect_tests(&s, row, args, &e) == 0 &&
		 (!wants_plan || session_schedule(&s, &e) == 0))
		code = command(&s, &e);
	if (code < 0)
		code = cli_fail(&e);
	session_release(&s);
	return code;
}

int session_list(struct session *s, const struct command_row *row, const struct option_args *words,
		 const char *program, struct err *reterr)
{
	if (read_options(s, row, words, NULL, reterr) < 0)
		return -1;
	struct options_run *o = &s->options;

	o->paths = o->unbuilt = (struct option_strings){ 0 };
	option_strings_add(&o->paths, &o->mem, program);
	return collect_tests(s, row, words, reterr);
}

void session_tests_over(struct session *s, bool has_failed)
{
	proc_stay_tell(&s->stay, has_failed ? PYTEST_FAILED : PYTEST_PASSED);
}

/* It may still have much to put away, and something to say. */
static void await_stayed(struct session *s)
{
	struct buf output = BUF_INIT, how = BUF_INIT;
	struct proc_end end = { 0 };

	session_tests_over(s, false); /* unless it was told */
	if (proc_stay_end(&s->stay, s->options.list_timeout_us, STAY_OUTPUT_BYTES, &output, &end) &&
	    !pytest_has_ended_well(&end)) {
		proc_end_describe(&end, &how);
		cli_warn("pytest's own session ended badly: %s%s\n%s", how.s,
			 end.is_timeout ? " (--list-timeout)" : "", output.s);
	}
	buf_release(&how);
	buf_release(&output);
}

void session_release(struct session *s)
{
	await_stayed(s);
	options_run_release(&s->options);
	config_release(&s->config);
	tests_release(&s->tests);
	plan_release(&s->plan);
	history_release(&s->history);
	history_release(&s->durations);
	run_release(&s->run);
	arena_release(&s->mem);
	*s = (struct session){ 0 };
}

const char *session_program(struct arena *mem)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n > 0)
		return arena_memdup(mem, path, (size_t)n);
	const char *found = fs_find_program(mem, "gangway");

	return found ? found : "gangway";
}
