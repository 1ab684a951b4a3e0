/* SPDX-License-Identifier: MIT */
#include "cli/options_run.h"

#include <stddef.h>

#include "base/err.h"
#include "base/parse.h"
#include "cli/config_find.h"
#include "model/config.h"
#include "stage/collect_pytest.h"
#include "stage/graph.h"
#include "sys/fs.h"

#define AT(field) .offset = offsetof(struct options_run, field)

static const struct option_word dist_words[] = {
#define X(id, w) { .word = (w), .value = DIST_##id },
	DIST_MAP(X)
#undef X
		{ 0 }
};

static const struct option_word engine_words[] = {
	{ .word = "auto", .value = ENGINE_WISH_ANY },
	{ .word = "ninja", .value = ENGINE_WISH_NINJA },
	{ .word = "make", .value = ENGINE_WISH_MAKE },
	{ 0 },
};

static const struct option_word forkserver_words[] = {
	{ .word = "auto", .value = FORKSERVER_AUTO },
	{ .word = "yes", .value = FORKSERVER_YES },
	{ .word = "no", .value = FORKSERVER_NO },
	{ 0 },
};

static const struct option_word family_words[] = {
	{ .word = "strict", .value = JUNIT_STRICT },
	{ .word = "files", .value = JUNIT_FILES },
	{ .word = "xunit2", .value = JUNIT_STRICT, .is_silent = true },
	{ .word = "xunit1", .value = JUNIT_FILES, .is_silent = true },
	{ 0 },
};

static const struct option_word tb_words[] = {
	{ .word = "auto", .value = TB_AUTO },
	{ .word = "long", .value = TB_LONG },
	{ .word = "short", .value = TB_SHORT },
	{ .word = "line", .value = TB_LINE },
	{ .word = "native", .value = TB_NATIVE },
	{ .word = "no", .value = TB_NO },
	{ 0 },
};

static const struct option_word color_words[] = {
	{ .word = "auto", .value = COLOR_AUTO },
	{ .word = "yes", .value = COLOR_YES },
	{ .word = "no", .value = COLOR_NO },
	{ 0 },
};

static const struct option_word flaky_words[] = {
	{ .word = "pass", .value = FLAKY_PASS },
	{ .word = "fail", .value = FLAKY_FAIL },
	{ 0 },
};

static const struct option_word capture_words[] = {
	{ .word = "fd", .value = CAPTURE_FD },
	{ .word = "no", .value = CAPTURE_NO },
	{ 0 },
};

static const char graph[] = "Graph";
static const char selection[] = "Selection";
static const char distribution[] = "Distribution";
static const char running[] = "Running";
static const char reporting[] = "Reporting";
static const char general[] = "General";

/* clang-format off */
/* What `gangway report` takes as well. */
#define ROWS_VERBOSITY \
	{ OPTION_UP, 'v', "verbose", AT(verbosity), .section = reporting, \
	  .help = "say more: a line for each test" }, \
	{ OPTION_DOWN, 'q', "quiet", AT(verbosity), .section = reporting, .help = "say less" }
#define ROWS_SHOWING \
	{ OPTION_ENUM, 0, "tb", .words = tb_words, AT(tb), .section = reporting, \
	  .default_text = "auto", .help = "how much of each failure is shown; auto is short, and for pytest trees pytest's own auto, native is Python's own tracebacks there" }, \
	{ OPTION_UINT, 0, "durations", .metavar = "N", AT(durations), .section = reporting, \
	  .help = "show the N slowest tests, of pytest trees the slowest set-ups, calls and tear-downs; 0 is all" }, \
	{ OPTION_DURATION, 0, "durations-min", .metavar = "SECONDS", AT(durations_min_us), .section = reporting, \
	  .default_text = "0.005", .help = "of them only what took so long, unless -vv is given" }, \
	{ OPTION_STRING, 'r', .metavar = "CHARS", AT(show), .section = reporting, .default_text = "fE", \
	  .help = "which tests the summary lists: f failed, E errors, s skipped, x expected failures, X unexpected passes, p passed, P passed with output, R reruns, a all but passed, A all" }, \
	{ OPTION_ENUM, 0, "color", .words = color_words, AT(color), .section = reporting, \
	  .default_text = "auto", .help = "colours; auto is where the output is a terminal" }
#define ROW_HELP \
	{ OPTION_FLAG, 'h', "help", AT(wants_help), .section = general, \
	  .help = "show this and stop" }

const struct option_row options_run_rows[] = {
	{ OPTION_STRING, 'k', .metavar = "EXPR", AT(keyword), .section = selection,
	  .help = "only tests whose id or marks contain the words of EXPR, joined with and, or, not and parentheses" },
	{ OPTION_STRING, 'm', .metavar = "EXPR", AT(markexpr), .section = selection,
	  .help = "only tests whose marks fit EXPR: 'unit and not slow'" },
	{ OPTION_STRINGS, 0, "deselect", .metavar = "ID", AT(deselect), .section = selection,
	  .help = "leave out the tests whose id begins with ID; may be given again" },
	{ OPTION_FLAG, 0, "lf", "last-failed", AT(is_last_failed), .section = selection,
	  .help = "only tests that failed when they last ran; all where none did" },
	{ OPTION_FLAG, 0, "ff", "failed-first", AT(is_failed_first), .section = selection,
	  .help = "tests that failed last come first, also with -n 0; on workers they always do" },
	{ OPTION_STRING, 0, "shard", .metavar = "I/N|auto", AT(shard), .section = selection,
	  .help = "only the I-th of N parts of about the same time, for N machines; auto takes both numbers from GANGWAY_SHARD=I/N or from GitLab, CircleCI or Buildkite, or from STRATEGY_JOB_INDEX and STRATEGY_JOB_TOTAL, which a GitHub workflow with a matrix sets to strategy.job-index and strategy.job-total" },
	{ OPTION_FLAG, 0, "collect-only", "co", AT(is_collect_only), .section = selection,
	  .help = "show what would be run, run nothing" },
	{ OPTION_FLAG, 0, "cache-clear", AT(is_cache_cleared), .section = selection,
	  .help = "forget which tests each program listed, and ask them all again" },

	{ OPTION_LANES, 'n', "numprocesses", .metavar = "auto|logical|N", AT(numprocesses),
	  .section = distribution, .default_text = "auto",
	  .help = "workers: auto is what this machine carries, logical all its CPUs, 0 runs the tests in order without a job engine" },
	{ OPTION_UINT, 0, "maxprocesses", .metavar = "N", AT(maxprocesses), .section = distribution,
	  .default_text = "0", .help = "at most so many workers, whatever -n says; 0 is no limit" },
	{ OPTION_ENUM, 0, "dist", .words = dist_words, AT(dist), .section = distribution,
	  .default_text = "load", .help = "how tests are spread over the workers" },
	{ OPTION_ENUM, 0, "engine", .words = engine_words, AT(engine), .section = distribution,
	  .default_text = "auto", .help = "which job engine runs the workers" },
	{ OPTION_STRING, 0, "durations-file", .metavar = "FILE", AT(durations_file),
	  .section = distribution,
	  .help = "how long tests take, as `gangway history export` wrote it: for what this machine's history does not know, and for --shard, which needs the same on every machine" },
	{ OPTION_STRING, 0, "resource-spec-file", .metavar = "FILE", AT(resource_spec_file),
	  .section = distribution,
	  .help = "what this machine has of what CTest's RESOURCE_GROUPS need, in ctest's format; without it they say nothing" },
	{ OPTION_FLAG, 0, "no-history", AT(has_no_history), .section = distribution,
	  .help = "neither read nor write what earlier runs were like" },
	{ OPTION_FLAG, 0, "isolate", AT(is_isolated), .section = distribution,
	  .help = "a process for each test, also where the framework could run several in one" },
	{ OPTION_ENUM, 0, "check-forkserver", .words = forkserver_words, AT(forkserver),
	  .section = distribution, .default_text = "auto",
	  .help = "let Check programs wait at their tests and fork for each batch; auto: those whose start takes 20 ms or more" },
	{ OPTION_FLAG, 0, "optimistic", AT(is_optimistic), .section = distribution,
	  .help = "run batches of Check tests without its fork for each test first, and with it only where something failed" },

	{ OPTION_DURATION, 0, "timeout", .metavar = "SECONDS", AT(timeout_us), .section = running,
	  .help = "stop a test after so long, unless it has a limit of its own; 0 is no limit" },
	{ OPTION_DURATION, 0, "session-timeout", .metavar = "SECONDS", AT(session_timeout_us),
	  .section = running,
	  .help = "stop the whole run so long after gangway began; what ran is stopped, what did not is named; 0 is no limit" },
	{ OPTION_FLAG, 0, "timeout-dump", AT(is_timeout_dump), .section = running,
	  .help = "before a test is stopped for its time is over, have gdb tell where each thread of its processes stands, below what it printed" },
	{ OPTION_DURATION, 0, "list-timeout", .metavar = "SECONDS", AT(list_timeout_us),
	  .section = running, .default_text = "60",
	  .help = "how long a program may take to list its tests; 0 is no limit" },
	{ OPTION_ALIAS, 'x', "exitfirst", .alias_of = "--maxfail=1", .section = running,
	  .help = "start nothing new after the first failure, as --maxfail=1" },
	{ OPTION_UINT, 0, "maxfail", .metavar = "N", AT(maxfail), .section = running,
	  .default_text = "0", .help = "start nothing new after N failures; 0 is never" },
	{ OPTION_UINT, 0, "repeat", .metavar = "N", AT(repeat), .section = running,
	  .default_text = "1",
	  .help = "run each selected test N times, side by side on the workers; set-ups and clean-ups of fixtures once" },
	{ OPTION_UINT, 0, "reruns", .metavar = "N", AT(reruns), .section = running,
	  .default_text = "0",
	  .help = "try a test that failed again, up to N times, each time in a process of its own; the last attempt counts" },
	{ OPTION_DURATION, 0, "reruns-delay", .metavar = "SECONDS", AT(reruns_delay_us),
	  .section = running, .default_text = "0", .help = "wait so long before each rerun" },
	{ OPTION_STRINGS, 0, "only-rerun", .metavar = "REGEX", AT(only_rerun), .section = running,
	  .help = "rerun only what failed with a message that REGEX, a POSIX extended expression, matches; may be given again" },
	{ OPTION_ENUM, 0, "flaky-result", .words = flaky_words, AT(flaky_result), .section = running,
	  .default_text = "pass", .help = "what a test is that failed first and passed in a rerun" },
	{ OPTION_UINT, 0, "max-worker-restart", .metavar = "N", AT(max_worker_restart),
	  .section = running,
	  .help = "start at most so many workers again in place of killed ones; else 4 times their number" },
	{ OPTION_FLAG, 0, "resume", AT(is_resumed), .section = running,
	  .help = "run what the newest run, or the one whose folder is given, did not end; report all of it" },
	{ OPTION_STRING, 'C', "build-config", "config", .metavar = "CONFIG", AT(build_config), .section = running,
	  .help = "configuration of a multi-config CMake build folder: Debug, Release" },
	{ OPTION_STRING, 0, "setup", .metavar = "NAME", AT(setup), .section = running,
	  .help = "which test setup of Meson build folders counts (add_test_setup): NAME or PROJECT:NAME, as with `meson test --setup`; else the default one, if there is one" },
	{ OPTION_STRING, 0, "wrapper", .metavar = "COMMAND", AT(wrapper), .section = running,
	  .help = "put COMMAND, words as in a shell, in front of every command that runs tests, as `meson test --wrapper`: 'valgrind --error-exitcode=9'; each test has a process of its own then (--isolate)" },

	{ OPTION_STRING, 0, "junitxml", "junit-xml", .metavar = "FILE", AT(junitxml),
	  .section = reporting, .help = "write the merged JUnit file here" },
	{ OPTION_ENUM, 0, "junit-family", .words = family_words, AT(junit_family), .section = reporting,
	  .default_text = "strict",
	  .help = "strict validates against Jenkins' schema, files adds file and line to each case" },
	ROWS_VERBOSITY,
	{ OPTION_DURATION, 0, "slow", .metavar = "SECONDS", AT(slow_us), .section = reporting,
	  .default_text = "60",
	  .help = "say so when a test has run for so long, for twice as long and so on, where there is no terminal that shows it anyway; 0 is never" },
	{ OPTION_ENUM, 0, "capture", .words = capture_words, AT(capture), .section = reporting,
	  .default_text = "fd", .help = "keep what tests print with their results, or let it through" },
	{ OPTION_ALIAS, 's', .alias_of = "--capture=no", .section = reporting,
	  .help = "let through what tests print, as it comes, in order; as --capture=no" },
	ROWS_SHOWING,
	{ OPTION_SIZE, 0, "output-limit", .metavar = "BYTES", AT(output_limit_bytes),
	  .section = reporting, .default_text = "16M",
	  .help = "how much is kept of what each test prints to each stream; of more the middle is left out" },

	{ OPTION_STRING, 0, "rootdir", .metavar = "DIR", AT(rootdir), .section = general,
	  .help = "the folder that ids are relative to: else where gangway.ini is, else the current one" },
	{ OPTION_STRING, 'c', "config-file", .metavar = "FILE", AT(config_file), .section = general,
	  .help = "read this in place of gangway.ini" },
	{ OPTION_FLAG, 0, "version", AT(wants_version), .section = general,
	  .help = "show the version and stop" },
	ROW_HELP,
	{ .kind = OPTION_END, .more = options_cov_run_rows },
};

static const struct option_word shape_words[] = {
	{ .word = "lanes", .value = GRAPH_LANES },
	{ .word = "queue", .value = GRAPH_QUEUE },
	{ 0 },
};

const struct option_row options_graph_rows[] = {
	{ OPTION_STRING, 'o', "output", .metavar = "FILE", AT(graph_output), .section = graph,
	  .default_text = "-", .help = "the graph's file; plan and results go to FILE.d; - is stdout, and then to tests.d" },
	{ OPTION_ENUM, 0, "shape", .words = shape_words, AT(graph_shape), .section = graph,
	  .default_text = "lanes",
	  .help = "lanes: an edge for each unit of tests, nothing runs again that did not change; queue: an edge for each worker, which take units as they go" },
	{ OPTION_OPTIONAL, 0, "part", .metavar = "NAME", AT(part), .section = graph,
	  .help = "the file is to be included in another one: its targets are NAME (test), NAME/ID and group/GROUP, and PATHs that are not there yet are for that one to build" },
	{ .kind = OPTION_END, .more = options_run_rows },
};

const struct option_row options_verdict_rows[] = {
	{ OPTION_STRING, 0, "only", .metavar = "ID", AT(only), .section = reporting,
	  .help = "of this test alone, or those below it" },
	{ OPTION_STRING, 0, "group", .metavar = "NAME", AT(only_group), .section = reporting,
	  .help = "of the tests of this group alone" },
	{ .kind = OPTION_END, .more = options_report_rows },
};

const struct option_row options_report_rows[] = {
	{ OPTION_FLAG, 0, "last", AT(is_last), .section = reporting,
	  .help = "the newest run, as where no folder is given" },
	ROWS_VERBOSITY,
	ROWS_SHOWING,
	ROW_HELP,
	{ .kind = OPTION_END, .more = options_cov_rows },
};
/* clang-format on */

/* An argument is a path where it is on the disk.  Else it is an id; its part before "::" is taken
 * from the current folder to the rootdir where it is on the disk. */
static void add_argument(struct options_run *o, const struct config *config, const char *cwd,
			 const char *word)
{
	const char *colons = strstr(word, "::");
	char *path = arena_memdup(&o->mem, word, colons ? (size_t)(colons - word) : strlen(word));

	if (fs_exists(word)) {
		option_strings_add(&o->paths, &o->mem, word);
		return;
	}
	if (o->part && !colons) {
		option_strings_add(&o->unbuilt, &o->mem, word);
		return;
	}
	if (!colons || !fs_exists(path)) {
		option_strings_add(&o->ids, &o->mem, word);
		return;
	}
	const char *there = fs_relative(&o->mem, config->rootdir, fs_absolute(&o->mem, cwd, path));
	char *id = arena_alloc(&o->mem, strlen(there) + strlen(colons) + 1, 1);

	stpcpy(stpcpy(id, there), colons);
	option_strings_add(&o->ids, &o->mem, id);
	option_strings_add(&o->paths, &o->mem, path);
}

/* Beside ids of tests a file of pytest's stands for all of its own, as with pytest; a program beside
 * the id of one of its tests only says where to look. */
static void add_files(struct options_run *o, const struct config *config, const char *cwd,
		      const struct option_strings *words)
{
	size_t nids = o->ids.n;

	for (size_t i = 0; nids > 0 && i < words->n; i++) {
		const char *path = fs_absolute(&o->mem, cwd, words->items[i]);

		if (collect_is_python(path) && fs_exists(path) && !fs_is_dir(path))
			option_strings_add(&o->ids, &o->mem,
					   fs_relative(&o->mem, config->rootdir, path));
	}
}

/* testpaths are relative to the rootdir, paths to the current folder. */
static void add_testpaths(struct options_run *o, const struct config *config)
{
	for (size_t i = 0; i < config->ntestpaths; i++) {
		const char *path = fs_absolute(&o->mem, config->rootdir, config->testpaths[i]);

		option_strings_add(&o->paths, &o->mem, path);
	}
}

/* The words of GANGWAY_ADDOPTS. */
static int environment_args(struct arena *mem, struct option_args *ret, struct err *reterr)
{
	static const char name[] = "GANGWAY_ADDOPTS";
	const char *text = getenv(name);
	const char **words = NULL;
	size_t n = 0;

	if (!text)
		return 0;
	if (!parse_words(text, mem, &words, &n))
		return err_set(reterr, ERR_USAGE, name, 0, "a quote is not closed");
	*ret = (struct option_args){ .words = words, .nwords = n, .origin = name };
	return 0;
}

struct places {
	const struct option_row *rows;
	const struct option_args *command_line;
	const struct option_args *tree; /* NULL */
	const struct config *config;
};

static int read_places(const struct places *p, struct options_run *o, struct option_strings *rest,
		       struct err *reterr)
{
	const struct config *config = p->config;
	struct option_args environment = { 0 };
	struct option_args ini = {
		.words = config->addopts,
		.nwords = config->naddopts,
		.origin = config->path,
		.line = config->addopts_line,
	};

	if (environment_args(&o->mem, &environment, reterr) < 0 ||
	    option_defaults(p->rows, o, &o->mem, reterr) < 0)
		return -1;
	if (p->tree && option_parse(p->rows, p->tree, o, &o->mem, rest, reterr) < 0)
		return -1;
	if (config->has_junit_family)
		o->junit_family = config->is_junit_files ? JUNIT_FILES : JUNIT_STRICT;
	if (option_parse(p->rows, &ini, o, &o->mem, rest, reterr) < 0 ||
	    option_parse(p->rows, &environment, o, &o->mem, rest, reterr) < 0)
		return -1;
	/* by then gangway.ini has been found */
	if (o->config_file || o->rootdir)
		return err_set(reterr, ERR_USAGE, ini.nwords > 0 ? ini.origin : environment.origin,
			       ini.nwords > 0 ? ini.line : 0,
			       "'-c' and '--rootdir' are for the command line alone");
	return option_parse(p->rows, p->command_line, o, &o->mem, rest, reterr);
}

static void none_if_zero(uint64_t *time_us)
{
	if (*time_us == 0)
		*time_us = TIME_UNKNOWN;
}

/* The words before "--".  Those behind it are pytest's if one of them is an option, else arguments. */
static struct option_args own_words(const struct option_args *args, struct options_run *o)
{
	struct option_args own = *args;
	size_t n = 0;
	bool has_option = false;

	while (n < args->nwords && strcmp(args->words[n], "--") != 0)
		n++;
	for (size_t i = n + 1; i < args->nwords; i++)
		has_option = has_option || args->words[i][0] == '-';
	if (!has_option)
		return own;
	own.nwords = n;
	for (size_t i = n + 1; i < args->nwords; i++)
		option_strings_add(&o->pytest_args, &o->mem, args->words[i]);
	return own;
}

int options_run_read(const struct option_row *rows, const struct option_args *words,
		     const struct option_args *tree, struct options_run *ret, struct config *config,
		     struct err *reterr)
{
	struct options_run first = { 0 };
	struct option_strings rest = { 0 };
	int status = -1;

	*ret = (struct options_run){ 0 };
	*config = (struct config){ 0 };
	const struct option_args own = own_words(words, ret);
	const struct option_args *command_line = &own;

	if (option_defaults(rows, &first, &first.mem, reterr) < 0 ||
	    option_parse(rows, command_line, &first, &first.mem, &rest, reterr) < 0)
		goto out;
	if (first.wants_help || first.wants_version) {
		options_run_release(ret);
		*ret = first;
		return 0;
	}
	struct config_wish wish = {
		.file = first.config_file,
		.rootdir = first.rootdir,
		.args = rest.items,
		.nargs = rest.n,
	};

	if (config_find(&wish, config, reterr) < 0)
		goto out;
	rest = (struct option_strings){ 0 };
	const struct places places = { rows, command_line, tree, config };

	if (read_places(&places, ret, &rest, reterr) < 0)
		goto out;
	if (ret->timeout_us == TIME_UNKNOWN)
		ret->timeout_us = config->timeout_us;
	none_if_zero(&ret->timeout_us);
	none_if_zero(&ret->list_timeout_us);
	none_if_zero(&ret->session_timeout_us);
	none_if_zero(&ret->slow_us);
	const char *cwd = fs_cwd(&ret->mem);

	for (size_t i = 0; i < rest.n; i++)
		add_argument(ret, config, cwd, rest.items[i]);
	add_files(ret, config, cwd, &rest);
	if (ret->paths.n + ret->unbuilt.n == 0 && !ret->is_resumed)
		add_testpaths(ret, config);
	status = options_cov_settle(&ret->cov, &ret->mem, cwd, reterr);
	ret->is_isolated = ret->is_isolated || ret->wrapper || options_cov_has_contexts(&ret->cov);
out:
	arena_release(&first.mem);
	return status;
}

void options_run_release(struct options_run *o)
{
	arena_release(&o->mem);
	*o = (struct options_run){ 0 };
}
