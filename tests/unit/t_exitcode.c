/* SPDX-License-Identifier: MIT */
#include "adapter/adapter.h"
#include "base/alloc.h"
#include "sys/proc.h"
#include "unit/unit.h"

/* What a reader said of its only test. */
struct heard {
	unsigned nlimits;
	uint64_t limit_us;
	struct buf out[2];
	unsigned nends;
	enum outcome outcome;
	struct buf message;
	size_t nsubs;
	int exit_code;
};

static struct heard heard;

static void on_begin(void *ctx, size_t i)
{
	(void)ctx;
	(void)i;
}

static void on_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	(void)ctx;
	ck_assert_uint_eq(i, 0);
	buf_add(&heard.out[stream], s, len);
}

static void on_end(void *ctx, size_t i, const struct result *r)
{
	(void)ctx;
	ck_assert_uint_eq(i, 0);
	heard.nends++;
	heard.outcome = r->outcome;
	heard.nsubs = r->nsubs;
	heard.exit_code = r->exit_code;
	buf_addstr(&heard.message, r->message);
}

static void on_limit(void *ctx, size_t i, uint64_t limit_us)
{
	(void)ctx;
	ck_assert_uint_eq(i, 0);
	heard.nlimits++;
	heard.limit_us = limit_us;
}

static void forget(void)
{
	static const struct buf empty = BUF_INIT;

	buf_release(&heard.out[0]);
	buf_release(&heard.out[1]);
	buf_release(&heard.message);
	heard = (struct heard){ .message = empty, .out = { empty, empty } };
}

static void set_up(void)
{
	static const struct buf empty = BUF_INIT;

	heard = (struct heard){ .message = empty, .out = { empty, empty } };
}

/* Run `sh -c script` as execute does: with the command and the reader of the row. */
static void run(const struct adapter *row, const char *script, const struct verdict_rule *rule,
		uint64_t timeout_us)
{
	const char *argv[] = { "/bin/sh", "-c", script };
	const struct target target = {
		.name = "t", .adapter = row->name, .argv = argv, .nargv = 3, .rule = rule
	};
	const struct test test = test_blank(0);
	const struct test *tests[] = { &test };
	const struct batch batch = { .target = &target, .tests = tests, .ntests = 1 };
	const struct case_sink sink = { NULL, on_begin, on_output, on_end, on_limit, NULL };
	struct buf out = BUF_INIT, err = BUF_INIT;
	struct command command = { 0 };
	struct proc_end end = { 0 };

	ck_assert_int_eq(row->command(&batch, &command, NULL), 0);
	ck_assert_uint_eq(command.nargv, 3);
	const struct proc_spec spec = { .argv = command.argv,
					.is_merged = command.is_merged,
					.grace_us = 100000 };

	ck_assert_int_eq(proc_capture(&spec, timeout_us, 1 << 26, &out, &err, &end, NULL), 0);
	struct reader *reader = row->reader_new(&batch, &sink);

	/* in two pieces, so that a line is cut */
	row->read(reader, 0, out.s, out.len / 2);
	row->read(reader, 0, out.s + out.len / 2, out.len - out.len / 2);
	row->read(reader, 1, err.s, err.len);
	ck_assert(row->finish(reader, &end));
	buf_release(&out);
	buf_release(&err);
	arena_release(&command.mem);
}

/* --- CTest's TIMEOUT_AFTER_MATCH ------------------------------------------------------------ */

static const struct {
	const char *script;
	unsigned nlimits;
} after[] = {
	{ "echo start; echo ready; echo ready", 1 },
	{ "echo start >&2; echo ready >&2", 1 },
	{ "echo stop; echo rea dy", 0 },
	{ "printf 'start\\nready'", 0 }, /* looked at behind each line */
	{ "echo bye", 1 },
};

START_TEST(a_match_gives_a_new_limit_once)
{
	static const char *regex[] = { "start\n+ready", "(", "bye\n$" };
	const struct verdict_rule rule = {
		.skip_code = -1, .after_regex = regex, .nafter_regex = 3, .after_us = 1500000
	};

	run(&adapter_exitcode, after[_i].script, &rule, TIME_UNKNOWN);
	ck_assert_uint_eq(heard.nlimits, after[_i].nlimits);
	ck_assert_uint_eq(heard.limit_us, after[_i].nlimits ? 1500000 : 0);
	ck_assert_int_eq(heard.outcome, OUTCOME_PASS);
}
END_TEST

/* --- bare programs ------------------------------------------------------------------------- */

static const struct {
	const char *script;
	enum outcome outcome;
	const char *message;
	size_t npoints;
} bare[] = {
	{ "exit 0", OUTCOME_PASS, "", 0 },
	{ "exit 1", OUTCOME_FAIL, "exit status 1", 0 },
	{ "exit 77", OUTCOME_SKIP, "exit status 77", 0 },
	{ "exit 99", OUTCOME_ERROR, "exit status 99", 0 },
	{ "exit 255", OUTCOME_FAIL, "exit status 255", 0 },
	{ "echo ok; exit 0", OUTCOME_PASS, "", 0 },
	{ "echo '1..2'; echo ok 1; echo ok 2", OUTCOME_PASS, "", 2 },
	{ "echo '1..2'; echo ok 1; echo not ok 2 x", OUTCOME_FAIL, "1 of 2 points failed: x", 2 },
	{ "echo '1..2'; echo ok 1", OUTCOME_FAIL, "2 points planned, 1 came", 1 },
	{ "echo 'ok 1 - a'; echo not ok 2", OUTCOME_FAIL, "1 of 2 points failed: point 2", 2 },
	{ "echo 'TAP version 13'", OUTCOME_FAIL, "no plan (1..N) and 0 points", 0 },
	{ "printf '1..0 # SKIP never'", OUTCOME_SKIP, "never", 0 },
	{ "echo hello; echo 1..2; echo not ok 1", OUTCOME_PASS, "", 0 },
	{ "echo '1..2' >&2; exit 0", OUTCOME_PASS, "", 0 },
	{ "echo '1..2'; echo ok 1; kill -SEGV $$", OUTCOME_CRASH,
	  "killed by SIGSEGV behind 1 points", 1 },
};

START_TEST(a_bare_program_is_judged_by_exit_status_or_its_tap)
{
	run(&adapter_exitcode, bare[_i].script, NULL, TIME_UNKNOWN);
	ck_assert_uint_eq(heard.nends, 1);
	ck_assert_msg(heard.outcome == bare[_i].outcome, "%s: %s (%s)", bare[_i].script,
		      outcome_word(heard.outcome), heard.message.s);
	ck_assert_str_eq(heard.message.s, bare[_i].message);
	ck_assert_uint_eq(heard.nsubs, bare[_i].npoints);
}
END_TEST

START_TEST(all_output_is_passed_on_by_stream)
{
	run(&adapter_exitcode, "echo a; echo b >&2; printf c", NULL, TIME_UNKNOWN);
	ck_assert_str_eq(heard.out[0].s, "a\nc");
	ck_assert_str_eq(heard.out[1].s, "b\n");
}
END_TEST

START_TEST(a_crash_and_a_time_out_are_left_to_execute)
{
	const struct verdict_rule will_fail = { .will_fail = true, .skip_code = -1 };

	run(&adapter_exitcode, "kill -SEGV $$", NULL, TIME_UNKNOWN);
	run(&adapter_exitcode, "exec sleep 20", NULL, 50000);
	run(&adapter_exitcode, "kill -ABRT $$", &will_fail, TIME_UNKNOWN);
	run(&adapter_tap, "echo 1..1; exec sleep 20", NULL, 50000);
	ck_assert_uint_eq(heard.nends, 0);
}
END_TEST

/* --- CTest's rules: each line was run with ctest 3.25.1 --------------------------------------- */

struct rule_case {
	const char *script;
	const char *pass, *fail, *skip; /* NULL: not set; ";" separates */
	int skip_code;                  /* 0: none; SKIP_0 for 0 */
	bool will_fail;
	enum outcome outcome;
};

enum { SKIP_0 = 1000 };

static const struct rule_case rules[] = {
	{ "exit 0", .outcome = OUTCOME_PASS },
	{ "exit 77", .outcome = OUTCOME_FAIL },
	{ "exit 99", .outcome = OUTCOME_FAIL },
	{ "echo 1..2; echo not ok 1", .outcome = OUTCOME_PASS }, /* never TAP */
	{ "exit 1", .will_fail = true, .outcome = OUTCOME_PASS },
	{ "exit 0", .will_fail = true, .outcome = OUTCOME_FAIL },
	{ "exit 5", .skip_code = 5, .outcome = OUTCOME_SKIP },
	{ "exit 5", .skip_code = 5, .will_fail = true, .outcome = OUTCOME_SKIP },
	{ "exit 6", .skip_code = 5, .outcome = OUTCOME_FAIL },
	{ "exit 0", .skip_code = SKIP_0, .outcome = OUTCOME_SKIP },
	{ "echo hello", .skip = "hel+o", .outcome = OUTCOME_SKIP },
	{ "echo hello; exit 1", .skip = "hel+o", .outcome = OUTCOME_SKIP },
	{ "echo hello", .skip = "hel+o", .fail = "hello", .outcome = OUTCOME_SKIP },
	{ "echo hello; exit 1", .pass = "hello", .outcome = OUTCOME_PASS },
	{ "echo bye; exit 0", .pass = "hello;x", .outcome = OUTCOME_FAIL },
	{ "echo bye; exit 0", .pass = "hello;y", .outcome = OUTCOME_PASS },
	{ "echo hello", .pass = "hello", .fail = "ell", .outcome = OUTCOME_FAIL },
	{ "echo bye", .pass = "hello", .will_fail = true, .outcome = OUTCOME_PASS },
	{ "echo hello", .pass = "hello", .will_fail = true, .outcome = OUTCOME_FAIL },
	{ "echo hello", .fail = "hello", .will_fail = true, .outcome = OUTCOME_PASS },
	{ "echo x; exit 1", .fail = "hello", .outcome = OUTCOME_FAIL },
	{ "echo hello >&2", .pass = "hello", .outcome = OUTCOME_PASS },
	{ "echo a; echo b >&2; echo c", .pass = "a\nb\nc", .outcome = OUTCOME_PASS },
	{ "printf 'a\\r\\nb'", .pass = "a\nb\n$", .outcome = OUTCOME_PASS },
	{ "printf 'a\\r\\r\\nb'", .pass = "^a\nb\n$", .outcome = OUTCOME_PASS },
	{ "printf 'a\\rb'", .pass = "^a\rb\n$", .outcome = OUTCOME_PASS },
	{ "printf 'a\\r'", .pass = "^a\n$", .outcome = OUTCOME_FAIL },
	{ "printf 'a\\r'", .pass = "^a\r\n$", .outcome = OUTCOME_PASS },
	{ "printf 'a\\000b'", .pass = "^a\nb\n$", .outcome = OUTCOME_PASS },
	{ "true", .pass = "^$", .outcome = OUTCOME_PASS },
	{ "true", .pass = "^\n$", .outcome = OUTCOME_FAIL },
	/* what CMake cannot compile matches nothing */
	{ "echo hello", .pass = "(hello", .outcome = OUTCOME_FAIL },
	{ "echo hello", .pass = "(hello;hello", .outcome = OUTCOME_PASS },
	{ "echo hello", .fail = "(hello", .outcome = OUTCOME_PASS },
	{ "echo hello", .skip = "[hello", .outcome = OUTCOME_PASS },
};

static size_t split(const char *text, const char ***ret, struct arena *mem)
{
	const char **list = arena_alloc(mem, 8, sizeof *list);
	size_t n = 0;

	for (const char *s = text; s && *s; s += strcspn(s, ";"), s += *s == ';')
		list[n++] = arena_memdup(mem, s, strcspn(s, ";"));
	*ret = list;
	return n;
}

START_TEST(an_entry_is_judged_as_ctest_judges_it)
{
	const struct rule_case *c = &rules[_i];
	struct arena mem = { 0 };
	struct verdict_rule rule = { .will_fail = c->will_fail };

	rule.skip_code = c->skip_code == 0 ? -1 : c->skip_code == SKIP_0 ? 0 : c->skip_code;
	rule.npass_regex = split(c->pass, &rule.pass_regex, &mem);
	rule.nfail_regex = split(c->fail, &rule.fail_regex, &mem);
	rule.nskip_regex = split(c->skip, &rule.skip_regex, &mem);
	run(&adapter_exitcode, c->script, &rule, TIME_UNKNOWN);
	ck_assert_uint_eq(heard.nends, 1);
	ck_assert_msg(heard.outcome == c->outcome, "%s: %s (%s)", c->script,
		      outcome_word(heard.outcome), heard.message.s);
	ck_assert((heard.outcome == OUTCOME_PASS) == (heard.message.len == 0));
	arena_release(&mem);
}
END_TEST

START_TEST(the_message_names_the_rule)
{
	const char *regex[] = { "hello", "(bad" };
	const struct verdict_rule pass = { .skip_code = -1, .pass_regex = regex, .npass_regex = 2 };
	const struct verdict_rule bad = { .skip_code = -1,
					  .pass_regex = regex + 1,
					  .npass_regex = 1 };
	const struct verdict_rule will_fail = { .skip_code = -1, .will_fail = true };

	run(&adapter_exitcode, "true", &pass, TIME_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(heard.message.s, "PASS_REGULAR_EXPRESSION"));
	forget();
	run(&adapter_exitcode, "true", &bad, TIME_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(heard.message.s, "'(bad': unmatched parentheses"));
	forget();
	run(&adapter_exitcode, "true", &will_fail, TIME_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(heard.message.s, "WILL_FAIL"));
}
END_TEST

/* --- listing -------------------------------------------------------------------------------- */

START_TEST(a_program_is_one_test_that_is_called_as_its_target)
{
	const struct verdict_rule rule = { .skip_code = -1 };
	const struct target plain = { .name = "build/a_test" };
	const struct target entry = { .name = "group/entry", .rule = &rule };
	struct tests t = { 0 };

	ck_assert_int_eq(adapter_exitcode.list(&plain, 0, NULL, &t, NULL), 0);
	ck_assert_int_eq(adapter_exitcode.list(&entry, 1, NULL, &t, NULL), 0);
	ck_assert_int_eq(adapter_tap.list(&plain, 2, NULL, &t, NULL), 0);
	ck_assert_uint_eq(t.ntests, 3);
	ck_assert_str_eq(t.tests[0].id, "build/a_test");
	ck_assert_str_eq(t.tests[0].name, "a_test");
	ck_assert_str_eq(t.tests[1].id, "group/entry");
	ck_assert_str_eq(t.tests[1].name, "group/entry");
	ck_assert_uint_eq(t.tests[2].target, 2);
	tests_release(&t);
}
END_TEST

START_TEST(a_tap_program_needs_its_plan)
{
	run(&adapter_tap, "echo ok 1", NULL, TIME_UNKNOWN);
	ck_assert_int_eq(heard.outcome, OUTCOME_FAIL);
	forget();
	run(&adapter_tap, "echo ok 1; echo 1..1", NULL, TIME_UNKNOWN);
	ck_assert_int_eq(heard.outcome, OUTCOME_PASS);
	ck_assert_uint_eq(heard.nsubs, 1);
	forget();
	run(&adapter_tap, "exit 77", NULL, TIME_UNKNOWN);
	ck_assert_int_eq(heard.outcome, OUTCOME_FAIL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("exitcode");
	TCase *t = tcase_create("exitcode");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, forget);
	tcase_add_loop_test(t, a_bare_program_is_judged_by_exit_status_or_its_tap, 0,
			    ARRAY_SIZE(bare));
	tcase_add_test(t, all_output_is_passed_on_by_stream);
	tcase_add_test(t, a_crash_and_a_time_out_are_left_to_execute);
	tcase_add_loop_test(t, an_entry_is_judged_as_ctest_judges_it, 0, ARRAY_SIZE(rules));
	tcase_add_test(t, the_message_names_the_rule);
	tcase_add_test(t, a_program_is_one_test_that_is_called_as_its_target);
	tcase_add_loop_test(t, a_match_gives_a_new_limit_once, 0, ARRAY_SIZE(after));
	tcase_add_test(t, a_tap_program_needs_its_plan);
	return unit_main(s);
}
