/* SPDX-License-Identifier: MIT */
#include "format/files.h"

#include <limits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/fs.h"
#include "unit/unit.h"

static char dir[64];
static char path[128];
static struct err e;

#define NASTY "\t\n\r\\x41\x01\x7f \"'$\xff\xc3\xa9"

static void make_dir(void)
{
	snprintf(dir, sizeof dir, "/tmp/t_files.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/file.tsv", dir);
}

static void remove_dir(void)
{
	fs_remove_tree(dir, NULL);
}

static const char *words[] = { "a" NASTY, "", "--x=y", "4", "5", "6", "7", "8", "9" };

static struct tests full(void)
{
	static const struct property props[] = {
		{ "k" NASTY, NASTY },
		{ "", "" },
		{ "c", "3" },
	};
	static const struct verdict_rule rules[] = {
		{ .will_fail = true,
		  .skip_code = 77,
		  .pass_regex = words,
		  .npass_regex = 9,
		  .fail_regex = words + 1,
		  .nfail_regex = 3,
		  .skip_regex = words,
		  .nskip_regex = 1,
		  .after_regex = words,
		  .nafter_regex = 2,
		  .after_us = 2500000 },
		{ .skip_code = -1 },
	};
	struct tests t = { .rootdir = "/root" NASTY };
	struct target targets[] = {
		{ .name = "n" NASTY,
		  .adapter = "gtest",
		  .program = "/p" NASTY,
		  .argv = words,
		  .nargv = 9,
		  .env = words,
		  .nenv = 2,
		  .env_mods = words + 3,
		  .nenv_mods = 4,
		  .workdir = "/w" NASTY,
		  .rule = &rules[0] },
		{ .name = "",
		  .adapter = "tap",
		  .program = "",
		  .argv = words + 2,
		  .nargv = 1,
		  .workdir = "/",
		  .rule = &rules[1] },
		{ .name = "plain",
		  .adapter = "exitcode",
		  .program = "x",
		  .argv = words,
		  .nargv = 8,
		  .workdir = "/" },
	};
	struct test test = {
		.id = "id" NASTY,
		.target = 2,
		.suite = NASTY,
		.name = "\n",
		.selector = "s" NASTY,
		.file = "f" NASTY,
		.line = UINT_MAX,
		.group = "",
		.marks = words,
		.nmarks = 5,
		.locks = words,
		.nlocks = 1,
		.after = words,
		.nafter = 2,
		.passed = words + 1,
		.npassed = 4,
		.cleanups = words + 2,
		.ncleanups = 4,
		.needs = words,
		.nneeds = 3,
		.props = props,
		.nprops = 3,
		.timeout_us = 0,
		.cost_us = TIME_UNKNOWN - 1,
		.slots = UINT_MAX,
		.retries = 7,
		.repeated = "i",
		.is_exclusive = true,
		.is_uncollected = true,
		.is_held = true,
		.skip_reason = "",
		.error = "e" NASTY,
	};
	struct test blank = test_blank(0);

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		tests_add_target(&t, &targets[i]);
	blank.id = "plain::test";
	tests_add(&t, &blank);
	tests_add(&t, &test);
	tests_add(&t, &blank);
	tests_add_error(&t, "w" NASTY, "m" NASTY);
	t.is_interrupted = true;
	return t;
}

static void check_lists(const char **a, size_t na, const char **b, size_t nb)
{
	ck_assert_uint_eq(na, nb);
	for (size_t i = 0; i < na; i++)
		ck_assert_str_eq(a[i], b[i]);
}

static void check_target(const struct target *a, const struct target *b)
{
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->adapter, b->adapter);
	ck_assert_str_eq(a->program, b->program);
	ck_assert_str_eq(a->workdir, b->workdir);
	check_lists(a->argv, a->nargv, b->argv, b->nargv);
	check_lists(a->env, a->nenv, b->env, b->nenv);
	check_lists(a->env_mods, a->nenv_mods, b->env_mods, b->nenv_mods);
	ck_assert(!a->rule == !b->rule);
	if (!a->rule)
		return;
	ck_assert_int_eq(a->rule->will_fail, b->rule->will_fail);
	ck_assert_int_eq(a->rule->skip_code, b->rule->skip_code);
	check_lists(a->rule->pass_regex, a->rule->npass_regex, b->rule->pass_regex,
		    b->rule->npass_regex);
	check_lists(a->rule->fail_regex, a->rule->nfail_regex, b->rule->fail_regex,
		    b->rule->nfail_regex);
	check_lists(a->rule->skip_regex, a->rule->nskip_regex, b->rule->skip_regex,
		    b->rule->nskip_regex);
	check_lists(a->rule->after_regex, a->rule->nafter_regex, b->rule->after_regex,
		    b->rule->nafter_regex);
	ck_assert_uint_eq(a->rule->after_us, b->rule->after_us);
}

static void check_test(const struct test *a, const struct test *b)
{
	ck_assert_str_eq(a->id, b->id);
	ck_assert_uint_eq(a->target, b->target);
	ck_assert_str_eq(a->suite, b->suite);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->selector, b->selector);
	ck_assert_pstr_eq(a->file, b->file);
	ck_assert_uint_eq(a->line, b->line);
	ck_assert_pstr_eq(a->group, b->group);
	check_lists(a->marks, a->nmarks, b->marks, b->nmarks);
	check_lists(a->locks, a->nlocks, b->locks, b->nlocks);
	check_lists(a->after, a->nafter, b->after, b->nafter);
	check_lists(a->passed, a->npassed, b->passed, b->npassed);
	check_lists(a->cleanups, a->ncleanups, b->cleanups, b->ncleanups);
	check_lists(a->needs, a->nneeds, b->needs, b->nneeds);
	ck_assert_uint_eq(a->nprops, b->nprops);
	for (size_t i = 0; i < a->nprops; i++) {
		ck_assert_str_eq(a->props[i].key, b->props[i].key);
		ck_assert_str_eq(a->props[i].value, b->props[i].value);
	}
	ck_assert(a->timeout_us == b->timeout_us && a->cost_us == b->cost_us);
	ck_assert_uint_eq(a->slots, b->slots);
	ck_assert_uint_eq(a->retries, b->retries);
	ck_assert_pstr_eq(a->repeated, b->repeated);
	ck_assert(a->is_exclusive == b->is_exclusive);
	ck_assert(a->is_uncollected == b->is_uncollected && a->is_held == b->is_held);
	ck_assert_pstr_eq(a->skip_reason, b->skip_reason);
	ck_assert_pstr_eq(a->error, b->error);
}

START_TEST(tests_come_back_field_by_field)
{
	struct tests t = full();
	struct tests got = { 0 };

	ck_assert_int_eq(tests_write(path, &t, &e), 0);
	ck_assert_msg(tests_read(path, &got, &e) == 0, "%u: %s", e.line, e.msg);
	ck_assert_str_eq(got.rootdir, t.rootdir);
	ck_assert_uint_eq(got.ntargets, t.ntargets);
	for (size_t i = 0; i < t.ntargets; i++)
		check_target(&got.targets[i], &t.targets[i]);
	ck_assert_uint_eq(got.ntests, t.ntests);
	for (size_t i = 0; i < t.ntests; i++)
		check_test(&got.tests[i], &t.tests[i]);
	ck_assert(got.is_interrupted == t.is_interrupted);
	ck_assert_uint_eq(tests_held(&got), tests_held(&t));
	ck_assert_uint_eq(tests_uncollected(&got), tests_uncollected(&t));
	ck_assert_uint_eq(got.nerrors, 1);
	ck_assert_str_eq(got.errors[0].where, t.errors[0].where);
	ck_assert_str_eq(got.errors[0].message, t.errors[0].message);
	tests_release(&got);
	tests_release(&t);
}
END_TEST

START_TEST(a_command_line_ends_in_null)
{
	struct tests t = full();
	struct tests got = { 0 };

	ck_assert_int_eq(tests_write(path, &t, &e), 0);
	ck_assert_int_eq(tests_read(path, &got, &e), 0);
	for (size_t i = 0; i < got.ntargets; i++)
		ck_assert_ptr_null(got.targets[i].argv[got.targets[i].nargv]);
	tests_release(&got);
	tests_release(&t);
}
END_TEST

#define TESTS  "tests\t1\nroot\t/r\n"
#define TARGET "target\tt\tgtest\t/p\t/w\n"
#define TEST   "test\ta\t0\ts\tn\tx\t\t0\n"
static const struct {
	const char *text;
	unsigned line;
	const char *msg;
} bad_tests[] = {
	{ "plan\t1\n", 1, "not a tests file" },
	{ "tests\t1\nend\n", 2, "no 'root'" },
	{ "tests\t1\n" TARGET, 2, "'root' belongs" },
	{ TESTS "root\t/r\nend\n", 3, "'root' belongs" },
	{ TESTS, 3, "no 'end'" },
	{ TESTS "end\n" TARGET, 4, "after 'end'" },
	{ TESTS "end\tx\n", 3, "2 fields" },
	{ TESTS "what\tx\n", 3, "unknown" },
	{ TESTS "target\tt\n", 3, "2 fields where 5" },
	{ TESTS "arg\tx\n", 3, "'arg' without" },
	{ TESTS "mark\tx\n", 3, "'mark' without" },
	{ TESTS TARGET "mark\tx\n", 4, "'mark' without" },
	{ TESTS TARGET "passregex\tx\n", 4, "'passregex' without" },
	{ TESTS TARGET "rule\t2\t-\n", 4, "field 2" },
	{ TESTS TARGET "rule\t0\t2147483648\n", 4, "exit code" },
	{ TESTS TARGET "rule\t0\t-\nrule\t0\t-\n", 5, "second rule" },
	{ TESTS TARGET "rule\t0\t-\n" TARGET "failregex\tx\n", 6, "'failregex' without" },
	{ TESTS TARGET "group\tg\n", 4, "unknown" },
	{ TESTS TEST, 3, "target 0 of 0" },
	{ TESTS TARGET "test\ta\t1\ts\tn\tx\t\t0\n", 4, "target 1 of 1" },
	{ TESTS TARGET "test\ta\t0\ts\tn\tx\t0\n", 4, "7 fields where 8" },
	{ TESTS TARGET "test\ta\t0\ts\tn\tx\t\t-\n", 4, "field 8" },
	{ TESTS TARGET TEST TARGET, 5, "behind the tests" },
	{ TESTS TARGET TEST "arg\tx\n", 5, "'arg' without" },
	{ TESTS TARGET TEST "slots\t0\n", 5, "at least one slot" },
	{ TESTS TARGET TEST "slots\t4294967296\n", 5, "field 2" },
	{ TESTS TARGET TEST "retries\t1001\n", 5, "field 2" },
	{ TESTS TARGET TEST "repeated\tzzz\n", 5, "the id must begin so" },
	{ TESTS TARGET TEST "timeout\tsoon\n", 5, "field 2" },
	{ TESTS TARGET TEST "exclusive\t1\n", 5, "2 fields where 1" },
	{ TESTS TARGET TEST "prop\tk\n", 5, "2 fields where 3" },
	{ TESTS TARGET TEST "group\n", 5, "1 fields where 2" },
	{ TESTS TARGET TEST "problem\tw\n", 5, "2 fields where 3" },
};

START_TEST(a_damaged_tests_file_is_refused_with_its_line)
{
	struct memory in = { "t.tsv", bad_tests[_i].text, strlen(bad_tests[_i].text) };
	struct tests got = { 0 };

	ck_assert_int_eq(tests_read_mem(&in, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, "t.tsv");
	ck_assert_msg(strstr(e.msg, bad_tests[_i].msg), "'%s' lacks '%s'", e.msg,
		      bad_tests[_i].msg);
	ck_assert_uint_eq(e.line, bad_tests[_i].line);
	ck_assert_uint_eq(got.ntargets, 0);
	ck_assert_ptr_null(got.mem.head);
}
END_TEST

START_TEST(what_was_left_out_is_told_with_its_reason)
{
	struct tests t = full();
	struct buf got = BUF_INIT;

	t.tests[1].left_out = "-k 'net'\n";
	ck_assert_int_eq(selected_write(path, &t, &e), 0);
	ck_assert_int_eq(fs_read(path, 10000, &got, &e), 0);
	ck_assert_ptr_nonnull(strstr(got.s, "selected\t1\n+\tplain::test\t\n-\tid"));
	ck_assert_ptr_nonnull(strstr(got.s, "\t-k 'net'\\x0A\n+\tplain::test\t\nend\n"));
	buf_release(&got);
	tests_release(&t);
}
END_TEST

static struct plan some_plan(void)
{
	static uint32_t first[] = { 1, 0 };
	static uint32_t second[] = { 2 };
	static struct unit units[] = {
		{ .name = "u1" NASTY,
		  .tests = first,
		  .ntests = 2,
		  .home = NO_INDEX,
		  .cost_us = TIME_UNKNOWN,
		  .slots = 1,
		  .reason = "r" NASTY },
		{ .name = "u2",
		  .tests = second,
		  .ntests = 1,
		  .home = 3,
		  .cost_us = 0,
		  .slots = UINT_MAX,
		  .is_exclusive = true,
		  .folder = "00ff",
		  .reason = "" },
	};

	return (struct plan){ .dist = DIST_LOADGROUP,
			      .nlanes = 4,
			      .lanes_reason = "why" NASTY,
			      .units = units,
			      .nunits = 2 };
}

START_TEST(a_plan_comes_back_field_by_field)
{
	struct tests t = full();
	struct plan p = some_plan();
	struct plan got = { 0 };

	ck_assert_int_eq(plan_write(path, &p, &t, &e), 0);
	ck_assert_msg(plan_read(path, &t, &got, &e) == 0, "%u: %s", e.line, e.msg);
	ck_assert_int_eq(got.dist, p.dist);
	ck_assert_uint_eq(got.nlanes, p.nlanes);
	ck_assert_str_eq(got.lanes_reason, p.lanes_reason);
	ck_assert_uint_eq(got.nunits, p.nunits);
	for (size_t i = 0; i < p.nunits; i++) {
		const struct unit *a = &got.units[i];
		const struct unit *b = &p.units[i];

		ck_assert_str_eq(a->name, b->name);
		ck_assert_uint_eq(a->home, b->home);
		ck_assert(a->cost_us == b->cost_us);
		ck_assert_uint_eq(a->slots, b->slots);
		ck_assert(a->is_exclusive == b->is_exclusive);
		ck_assert_str_eq(a->reason, b->reason);
		ck_assert_pstr_eq(a->folder, b->folder);
		ck_assert_uint_eq(a->ntests, b->ntests);
		ck_assert_mem_eq(a->tests, b->tests, a->ntests * sizeof *a->tests);
	}
	plan_release(&got);
	tests_release(&t);
}
END_TEST

#define PLAN "plan\t1\ndist\tload\t2\twhy\n"
#define UNIT "unit\tu1\t-\t-\t1\t0\twhy\n"
static const struct {
	const char *text;
	unsigned line;
	const char *msg;
} bad_plans[] = {
	{ "tests\t1\n", 1, "not a plan file" },
	{ "plan\t1\n", 2, "no 'end'" },
	{ "plan\t1\nend\n", 2, "no 'dist'" },
	{ "plan\t1\n" UNIT, 2, "must be 'dist'" },
	{ "plan\t1\ndist\tload\t0\twhy\n", 2, "at least one lane" },
	{ "plan\t1\ndist\tfair\t2\twhy\n", 2, "no --dist mode" },
	{ "plan\t1\ndist\tload\t4294967295\twhy\n", 2, "field 3" },
	{ PLAN "dist\tload\t2\twhy\n", 3, "unknown" },
	{ PLAN "test\t0\tplain::test\n", 3, "without a unit" },
	{ PLAN UNIT "end\n", 4, "has no tests" },
	{ PLAN UNIT "unit\tu2\t-\t-\t1\t0\twhy\n", 4, "has no tests" },
	{ PLAN UNIT "test\t0\n", 4, "2 fields where 3" },
	{ PLAN UNIT "test\t3\tx\n", 4, "test 3 of 3" },
	{ PLAN UNIT "test\t0\tother::test\n", 4, "test 0 is 'other::test' here and 'plain::test'" },
	{ PLAN UNIT "test\t0\tplain::test\n" UNIT, 5, "twice" },
	{ PLAN UNIT "test\t0\tplain::test\n", 5, "no 'end'" },
	{ PLAN "unit\tu1\t2\t-\t1\t0\twhy\n", 3, "home lane 2 of 2" },
	{ PLAN "unit\tu1\t-\t-\t1\t0\n", 3, "6 fields where 7" },
	{ PLAN "unit\tu1\t-\t-\t1\t2\twhy\n", 3, "field 6" },
	{ PLAN "unit\tu1\t-\t-\t1\t0\twhy\t../up\n", 3, "field 8" },
	{ PLAN "unit\tu1\t-\t-\t1\t0\twhy\t\n", 3, "field 8" },
};

START_TEST(a_damaged_plan_is_refused_with_its_line)
{
	struct memory in = { "p.tsv", bad_plans[_i].text, strlen(bad_plans[_i].text) };
	struct tests t = full();
	struct plan got = { 0 };

	ck_assert_int_eq(plan_read_mem(&in, &t, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, "p.tsv");
	ck_assert_msg(strstr(e.msg, bad_plans[_i].msg), "'%s' lacks '%s'", e.msg,
		      bad_plans[_i].msg);
	ck_assert_uint_eq(e.line, bad_plans[_i].line);
	ck_assert_uint_eq(got.nunits, 0);
	tests_release(&t);
}
END_TEST

START_TEST(a_unit_hash_sees_what_is_run_and_not_where_it_stands)
{
	struct tests t = full();
	struct plan p = some_plan();
	uint64_t before = unit_hash(&p.units[0], &t);
	struct unit renamed = p.units[0];

	renamed.name = "u77";
	renamed.cost_us = 1;
	renamed.reason = "other";
	ck_assert(unit_hash(&renamed, &t) == before);
	ck_assert(unit_hash(&p.units[1], &t) != before);
	t.tests[0].selector = "other";
	ck_assert(unit_hash(&p.units[0], &t) != before);
	t.tests[0].selector = "";
	ck_assert(unit_hash(&p.units[0], &t) == before);
	t.targets[2].workdir = "/elsewhere";
	ck_assert(unit_hash(&p.units[0], &t) != before);
	t.targets[2].workdir = "/";
	t.targets[1].workdir = "/not in this unit";
	ck_assert(unit_hash(&p.units[0], &t) == before);
	tests_release(&t);
}
END_TEST

START_TEST(a_hash_is_the_same_on_every_machine)
{
	static const char *argv[] = { "/bin/true" };
	struct target target = { .name = "true",
				 .adapter = "exitcode",
				 .program = "/bin/true",
				 .argv = argv,
				 .nargv = 1,
				 .workdir = "/" };
	struct tests t = { .rootdir = "/" };
	uint32_t first = 0;
	struct unit u = { .name = "u1", .tests = &first, .ntests = 1, .home = NO_INDEX };
	struct test test = test_blank(tests_add_target(&t, &target));

	test.id = "true";
	tests_add(&t, &test);
	ck_assert_uint_eq(unit_hash(&u, &t), UINT64_C(13576933576459055777));
	tests_release(&t);
}
END_TEST

static void check_run(const struct run *got, const struct run *r)
{
	ck_assert_str_eq(got->id, r->id);
	ck_assert_str_eq(got->rootdir, r->rootdir);
	ck_assert_str_eq(got->started, r->started);
	ck_assert_uint_eq(got->nlanes, r->nlanes);
	ck_assert_uint_eq(got->maxfail, r->maxfail);
	ck_assert_uint_eq(got->reruns, r->reruns);
	ck_assert(got->rerun_delay_us == r->rerun_delay_us);
	ck_assert_str_eq(got->rerun_pattern, r->rerun_pattern ? r->rerun_pattern : "");
	ck_assert(got->is_flaky_failed == r->is_flaky_failed);
	ck_assert(got->began_us == r->began_us);
	ck_assert(got->timeout_us == r->timeout_us);
	ck_assert(got->grace_us == r->grace_us);
	ck_assert(got->is_by_unit == r->is_by_unit);
	ck_assert(got->wants_junit == r->wants_junit);
	ck_assert(got->is_junit_files == r->is_junit_files);
	ck_assert(got->is_isolated == r->is_isolated);
	ck_assert(got->is_optimistic == r->is_optimistic);
	ck_assert_uint_eq(got->forkserver, r->forkserver);
	ck_assert(got->is_live == r->is_live);
	ck_assert(got->output_limit_bytes == r->output_limit_bytes);
}

START_TEST(a_run_comes_back_field_by_field)
{
	static const struct run runs[] = {
		{ .id = NASTY,
		  .rootdir = "/r" NASTY,
		  .started = "now",
		  .nlanes = 1,
		  .maxfail = 2,
		  .reruns = 3,
		  .rerun_delay_us = 77,
		  .rerun_pattern = "a|\t(b)",
		  .is_flaky_failed = true,
		  .began_us = 3,
		  .timeout_us = 4,
		  .grace_us = 5,
		  .is_by_unit = true,
		  .is_isolated = true,
		  .is_optimistic = true,
		  .forkserver = FORKSERVER_NO,
		  .output_limit_bytes = 6 },
		{ .id = "",
		  .rootdir = "",
		  .started = "",
		  .nlanes = UINT_MAX,
		  .maxfail = UINT_MAX,
		  .began_us = UINT64_MAX - 1,
		  .timeout_us = TIME_UNKNOWN,
		  .grace_us = 0,
		  .wants_junit = true,
		  .is_junit_files = true,
		  .is_live = true,
		  .output_limit_bytes = UINT64_MAX - 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		struct run got = { 0 };

		ck_assert_int_eq(run_write(path, &runs[i], &e), 0);
		ck_assert_msg(run_read(path, &got, &e) == 0, "%u: %s", e.line, e.msg);
		check_run(&got, &runs[i]);
		run_release(&got);
	}
}
END_TEST

START_TEST(every_line_of_a_run_is_needed_once)
{
	struct run r = { .id = "i", .rootdir = "/", .started = "s", .nlanes = 1 };
	struct buf text = BUF_INIT;
	struct run got = { 0 };

	ck_assert_int_eq(run_write(path, &r, &e), 0);
	ck_assert_int_eq(fs_read(path, 10000, &text, &e), 0);
	for (char *line = text.s; *line; line = strchr(line, '\n') + 1) {
		struct buf cut = BUF_INIT;
		struct buf twice = BUF_INIT;
		char *next = strchr(line, '\n') + 1;

		buf_add(&cut, text.s, (size_t)(line - text.s));
		buf_addstr(&cut, next);
		buf_add(&twice, text.s, (size_t)(next - text.s));
		buf_addstr(&twice, line);
		struct memory in[] = { { "r.tsv", cut.s, cut.len },
				       { "r.tsv", twice.s, twice.len } };

		for (size_t i = 0; i < 2; i++) {
			e = (struct err){ 0 };
			ck_assert_int_eq(run_read_mem(&in[i], &got, &e), -1);
			ck_assert_int_eq(e.code, ERR_SYNTAX);
			ck_assert_uint_gt(e.line, 0);
			ck_assert_ptr_null(got.mem.head);
		}
		buf_release(&cut);
		buf_release(&twice);
	}
	buf_release(&text);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	struct tests t = { 0 };
	struct plan p = { 0 };
	struct run r = { 0 };

	ck_assert_int_eq(tests_read(path, &t, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(e.path, path);
	ck_assert_int_eq(plan_read(path, &t, &p, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_int_eq(run_read(path, &r, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
}
END_TEST

/* 100,000 tests, each its own unit, through both files.  The bound is ten times what it takes, for
 * slow machines and sanitizers: it is there to notice the quadratic. */
START_TEST(a_hundred_thousand_tests_are_no_work)
{
	enum { N = 100000 };
	struct tests t = full();
	struct tests got = { 0 };
	struct plan p = { .nlanes = 2, .lanes_reason = "" };
	struct plan got_plan = { 0 };

	while (t.ntests < N) {
		struct test test = test_blank(0);
		char text[64];

		snprintf(text, sizeof text, "build/some_test::Suite/%zu::case", t.ntests);
		test.id = arena_strdup(&t.mem, text);
		test.file = "some/file.cc";
		test.marks = words + 3;
		test.nmarks = 2;
		tests_add(&t, &test);
	}
	p.units = arena_alloc(&t.mem, N, sizeof *p.units);
	for (uint32_t i = 0; i < N; i++) {
		char name[16];
		uint32_t *list = arena_alloc(&t.mem, 1, sizeof *list);

		*list = i;
		snprintf(name, sizeof name, "u%u", i);
		p.units[p.nunits++] = (struct unit){ .name = arena_strdup(&t.mem, name),
						     .tests = list,
						     .ntests = 1,
						     .home = NO_INDEX,
						     .slots = 1,
						     .reason = "alone" };
	}
	ck_assert_int_eq(tests_write(path, &t, &e), 0);
	ck_assert_int_eq(tests_read(path, &got, &e), 0);
	ck_assert_int_eq(plan_write(path, &p, &t, &e), 0);
	ck_assert_int_eq(plan_read(path, &got, &got_plan, &e), 0);
	ck_assert_uint_eq(got.ntests, N);
	ck_assert_uint_eq(got_plan.nunits, N);
	plan_release(&got_plan);
	tests_release(&got);
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("files");
	TCase *t = tcase_create("files");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 20);
	tcase_add_checked_fixture(t, make_dir, remove_dir);
	tcase_add_test(t, tests_come_back_field_by_field);
	tcase_add_test(t, a_command_line_ends_in_null);
	tcase_add_loop_test(t, a_damaged_tests_file_is_refused_with_its_line, 0,
			    ARRAY_SIZE(bad_tests));
	tcase_add_test(t, what_was_left_out_is_told_with_its_reason);
	tcase_add_test(t, a_plan_comes_back_field_by_field);
	tcase_add_loop_test(t, a_damaged_plan_is_refused_with_its_line, 0, ARRAY_SIZE(bad_plans));
	tcase_add_test(t, a_unit_hash_sees_what_is_run_and_not_where_it_stands);
	tcase_add_test(t, a_hash_is_the_same_on_every_machine);
	tcase_add_test(t, a_run_comes_back_field_by_field);
	tcase_add_test(t, every_line_of_a_run_is_needed_once);
	tcase_add_test(t, a_missing_file_is_named);
	tcase_add_test(t, a_hundred_thousand_tests_are_no_work);
	return unit_main(s);
}
