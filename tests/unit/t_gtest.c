/* SPDX-License-Identifier: MIT */
#include "adapter/gtest.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "unit/unit.h"

#define SOURCE "tests/fixtures/gtest/cases.cc"

static struct arena mem; /* of the whole program */
static char *dir;        /* folder of the program made here */
static char *program;    /* SOURCE, compiled once for all tests */
static struct err e;

static void run_tool(const char *const *argv)
{
	const struct proc_spec spec = { .argv = argv };
	struct buf err = BUF_INIT;
	struct proc_end end;

	ck_assert_msg(proc_capture(&spec, TIME_UNKNOWN, 1 << 20, NULL, &err, &end, &e) == 0, "%s",
		      e.msg);
	ck_assert_msg(end.exit_code == 0, "%s", err.s);
	buf_release(&err);
}

static void make_program(void)
{
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	program = fs_join(&mem, dir, "cases");
	run_tool((const char *[]){ "c++", "-O0", "-std=c++17", "-o", program, SOURCE, "-lgtest",
				   "-lpthread", NULL });
}

static void remove_program(void)
{
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

static struct target target_of(const char **argv)
{
	struct target t = { .name = "cases", .adapter = "gtest", .program = program };

	argv[0] = program;
	t.argv = argv;
	while (argv[t.nargv])
		t.nargv++;
	return t;
}

/* --- recognising --------------------------------------------------------------------------- */

static bool probes(const char *path)
{
	struct candidate c = { .path = path };
	struct elf_file *f = NULL;

	ck_assert_int_eq(elf_file_open(path, &f, &e), 0);
	c.elf = f;
	bool is_gtest = adapter_gtest.probe(&c);

	elf_file_close(f);
	return is_gtest;
}

START_TEST(a_static_program_is_known_even_when_stripped)
{
	const char *stripped = fs_join(&mem, dir, "stripped");

	ck_assert(probes(program));
	run_tool((const char *[]){ "strip", "-o", stripped, program, NULL });
	ck_assert(probes(stripped));
}
END_TEST

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static const struct {
	const char *soname;
	const char *function; /* of the library, called by the program */
	bool is_gtest;
} shared[] = {
	{ "libgtest.so.1.12.1", "_ZN7testing14InitGoogleTestEv", true },
	{ "libgtest.so.1.12.1", "other", true },
	{ "libprojects_own.so", "_ZN7testing14InitGoogleTestEPiPPc", true },
	{ "libgtester.so", "g_test_init", false },
};

START_TEST(a_shared_library_is_known_by_name_or_symbol)
{
	struct buf text = BUF_INIT, soname = BUF_INIT;
	const char *source = fs_join(&mem, dir, "shared.c"), *path = fs_join(&mem, dir, "shared");
	const char *lib = fs_join(&mem, dir, "shared.so");

	buf_addf(&soname, "-Wl,-soname,%s", shared[_i].soname);
	buf_addf(&text, "int %s(void) { return 0; }\n", shared[_i].function);
	write_text(source, text.s);
	run_tool((const char *[]){ "cc", "-shared", "-fPIC", soname.s, "-o", lib, source, NULL });
	buf_clear(&text);
	buf_addf(&text, "int %s(void);\nint main(void) { return %s(); }\n", shared[_i].function,
		 shared[_i].function);
	write_text(source, text.s);
	run_tool((const char *[]){ "cc", "-s", "-o", path, source, lib, NULL });
	ck_assert_int_eq(probes(path), shared[_i].is_gtest);
	ck_assert(!probes(lib)); /* a library is no program */
	buf_release(&text);
	buf_release(&soname);
}
END_TEST

START_TEST(a_program_that_only_speaks_of_gtest_is_not_one)
{
	struct candidate script = { .path = "/bin/script" };

	ck_assert(!probes("/proc/self/exe")); /* this one links the adapter */
	ck_assert(!adapter_gtest.probe(&script));
}
END_TEST

/* --- listing ------------------------------------------------------------------------------- */

static int list(const struct target *t, const char *const *env, uint64_t timeout_us,
		struct tests *ret)
{
	struct list_context ctx = { .timeout_us = timeout_us, .scratch = dir, .environ = env };

	e = (struct err){ 0 };
	return adapter_gtest.list(t, 0, &ctx, ret, &e);
}

static const struct test *find_test(const struct tests *t, const char *selector)
{
	for (size_t i = 0; i < t->ntests; i++) {
		if (strcmp(t->tests[i].selector, selector) == 0)
			return &t->tests[i];
	}
	ck_abort_msg("no test '%s'", selector);
}

START_TEST(every_case_is_listed_with_its_place)
{
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	/* what a user left in the environment must not change what exists */
	const char *const env[] = { "GTEST_FILTER=-*", "GTEST_OUTPUT=xml:/nowhere/x.xml",
				    "GTEST_TOTAL_SHARDS=3", "TESTBRIDGE_TEST_ONLY=none", NULL };
	struct tests tests = { 0 };

	ck_assert_msg(list(&target, env, TIME_UNKNOWN, &tests) == 0, "%s", e.msg);
	const struct test *t = find_test(&tests, "Plain.fails");

	ck_assert_str_eq(t->id, "cases::Plain::fails");
	ck_assert_str_eq(t->suite, "Plain");
	ck_assert_str_eq(t->name, "fails");
	ck_assert_str_eq(t->file, SOURCE);
	ck_assert_uint_eq(t->line, 19);
	ck_assert_ptr_null(t->skip_reason);
	t = find_test(&tests, "Plain.DISABLED_aborts");
	ck_assert_str_eq(t->skip_reason, "disabled by its name (DISABLED_)");
	t = find_test(&tests, "Words/Param.is_short/1");
	ck_assert_str_eq(t->id, "cases::Words/Param::is_short/1");
	ck_assert_uint_eq(t->nprops, 1);
	ck_assert_str_eq(t->props[0].key, "value_param");
	ck_assert_str_eq(t->props[0].value, "\"fo\\nur\"");
	t = find_test(&tests, "Typed/an-int:of*four bytes.is_small");
	ck_assert_str_eq(t->props[0].key, "type_param");
	ck_assert_str_eq(t->props[0].value, "int");
	tests_release(&tests);
}
END_TEST

START_TEST(the_targets_own_arguments_and_environment_count)
{
	const char *argv[4] = { NULL, "--gtest_filter=Plain.*a*", "--gtest_also_run_disabled_tests",
				NULL };
	const char *env[] = { "GTEST_SHUFFLE=0" };
	struct tests tests = { 0 };
	struct target target;

	argv[0] = program;
	target = target_of(argv);
	target.env = env;
	target.nenv = 1;
	ck_assert_msg(list(&target, NULL, TIME_UNKNOWN, &tests) == 0, "%s", e.msg);
	ck_assert_uint_eq(tests.ntests, 3); /* passes, fails, DISABLED_aborts */
	ck_assert_ptr_null(find_test(&tests, "Plain.DISABLED_aborts")->skip_reason);
	tests_release(&tests);
}
END_TEST

static const struct {
	const char *var;
	const char *program; /* NULL: ours */
	uint64_t timeout_us;
	const char *says;
} unlisted[] = {
	{ "GW_NO_LIST=1", NULL, TIME_UNKNOWN, "did not: exit status 7: no licence server" },
	{ "GW_HANG=1", NULL, 300000, "did not: took longer than 0.300 s" },
	{ "A=b", "/bin/true", TIME_UNKNOWN,
	  "'/bin/true' was asked to list its tests and did not: "
	  "exit status 0" },
	{ "A=b", "/nonexistent/program", TIME_UNKNOWN, "cannot start '/nonexistent/program'" },
};

START_TEST(a_program_that_does_not_list_is_an_error_that_says_what_it_did)
{
	const char *argv[2] = { 0 }, *env[] = { unlisted[_i].var };
	struct target target = target_of(argv);
	struct tests tests = { 0 };

	if (unlisted[_i].program)
		argv[0] = unlisted[_i].program;
	target.env = env;
	target.nenv = 1;
	ck_assert_int_eq(list(&target, NULL, unlisted[_i].timeout_us, &tests), -1);
	ck_assert_msg(strstr(e.msg, unlisted[_i].says), "'%s' lacks '%s'", e.msg,
		      unlisted[_i].says);
	/* a CTest entry that is content with its run stays a test, which these others are not */
	ck_assert_int_eq(e.code == ERR_MISSING, unlisted[_i].program != NULL);
	ck_assert_uint_eq(tests.ntests, 0);
	tests_release(&tests);
}
END_TEST

static const struct {
	const char *json;
	const char *says; /* NULL: it can be read */
	const char *names;
} listings[] = {
	{ "{\"testsuites\":[]}", NULL, "" },
	{ "{\"testsuites\":[{\"name\":\"S\",\"testsuite\":[{\"name\":\"a\"}]}]}", NULL, "S.a;" },
	/* GoogleTest writes each byte of UTF-8 as a character; a character that is one stays */
	{ "{\"testsuites\":[{\"name\":\"\\u00C3\\u00A9\",\"testsuite\":[{\"name\":\"\\u00E9\"}]}]}",
	  NULL, "\xc3\xa9.\xc3\xa9;" },
	{ "{\"testsuites\":[{\"name\":\"DISABLED_S\",\"testsuite\":[{\"name\":\"a\"}]},"
	  "{\"name\":\"I/DISABLED_S\",\"testsuite\":[{\"name\":\"a/0\"}]},"
	  "{\"name\":\"S\",\"testsuite\":[{\"name\":\"not_DISABLED_\"}]}]}",
	  NULL, "DISABLED_S.a(disabled);I/DISABLED_S.a/0(disabled);S.not_DISABLED_;" },
	{ "", "not JSON", "" },
	{ "[]", "expected object in the document", "" },
	{ "{}", "expected array in testsuites, found nothing", "" },
	{ "{\"testsuites\":[{\"name\":\"S\",\"testsuite\":[{\"name\":\"a\"},{}]}]}",
	  "expected string in testsuites[0].testsuite[1].name", "" },
	{ "{\"testsuites\":[{\"name\":\"S\"}]}", "expected array in testsuites[0].testsuite", "" },
	{ "{\"testsuites\":[7]}", "expected object in testsuites[0]", "" },
};

START_TEST(a_listing_is_read_whole_or_refused)
{
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct tests tests = { 0 };
	struct buf names = BUF_INIT;
	const char *json = listings[_i].json;
	int got = gtest_list_read(json, strlen(json), "l.json", &target, 0, &tests, &e);

	for (size_t i = 0; i < tests.ntests; i++)
		buf_addf(&names, "%s%s;", tests.tests[i].selector,
			 tests.tests[i].skip_reason ? "(disabled)" : "");
	ck_assert_str_eq(names.s, listings[_i].names);
	ck_assert_int_eq(got, listings[_i].says ? -1 : 0);
	if (listings[_i].says)
		ck_assert_msg(strstr(e.msg, listings[_i].says), "'%s' lacks '%s'", e.msg,
			      listings[_i].says);
	buf_release(&names);
	tests_release(&tests);
}
END_TEST

/* --- what a reader says, as text ------------------------------------------------------------- */

struct log {
	const struct batch *batch;
	size_t running, nended;
	uint64_t times_us[64];
	struct buf text;    /* "end S.N passed\n"... */
	struct buf outputs; /* of the tests, with who printed */
	size_t speaker;
	int spoken; /* stream, -1 none yet */
	struct reader *reader;
};

static void log_begin(void *ctx, size_t i)
{
	struct log *l = ctx;

	ck_assert_uint_lt(i, l->batch->ntests);
	ck_assert_uint_eq(l->running, SIZE_MAX);
	l->running = i;
}

static void log_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	struct log *l = ctx;

	ck_assert(i == SIZE_MAX || i == l->running);
	if (l->spoken != stream || l->speaker != i)
		buf_addf(&l->outputs, "<%s %d>",
			 i == SIZE_MAX ? "nobody" : l->batch->tests[i]->selector, stream);
	l->speaker = i;
	l->spoken = stream;
	buf_add(&l->outputs, s, len);
}

static void log_end(void *ctx, size_t i, const struct result *r)
{
	struct log *l = ctx;

	ck_assert_uint_lt(i, l->batch->ntests);
	ck_assert(l->running == i || l->running == SIZE_MAX);
	l->running = SIZE_MAX;
	l->times_us[l->nended++] = r->time_us;
	buf_addf(&l->text, "%s %s", l->batch->tests[i]->selector, outcome_word(r->outcome));
	if (r->line > 0)
		buf_addf(&l->text, " @%s:%u", fs_basename(r->file), r->line);
	if (r->message[0])
		buf_addf(&l->text, ": %s", r->message);
	buf_addch(&l->text, '\n');
	ck_assert(r->time_us == TIME_UNKNOWN || r->time_us < UINT64_C(3600) * 1000 * 1000);
}

static struct log log_new(const struct batch *b)
{
	return (struct log){
		.batch = b, .running = SIZE_MAX, .text = BUF_INIT, .outputs = BUF_INIT, .spoken = -1
	};
}

static void log_release(struct log *l)
{
	buf_release(&l->text);
	buf_release(&l->outputs);
}

/* A batch of tests named "S.N|S.N". */
static struct batch batch_of(const char *names, const struct target *t)
{
	struct batch b = { .target = t, .scratch = dir };
	const struct test **list = arena_alloc(&mem, 64, sizeof(*list));

	for (const char *s = names; *s; s += strcspn(s, "|"), s += *s == '|') {
		size_t len = strcspn(s, "|");
		struct test *test = arena_alloc(&mem, 1, sizeof *test);
		size_t dot = len;

		while (s[dot] != '.')
			dot--;
		test->selector = arena_memdup(&mem, s, len);
		test->suite = arena_memdup(&mem, s, dot);
		test->name = arena_memdup(&mem, s + dot + 1, len - dot - 1);
		ck_assert_uint_lt(b.ntests, 64);
		list[b.ntests++] = test;
	}
	b.tests = list;
	return b;
}

/* --- real processes ------------------------------------------------------------------------- */

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct log *l = ctx;

	(void)now_us;
	adapter_gtest.read(l->reader, stream, s, len);
}

/* Only what hangs has a limit, which is over when it runs: no machine is too slow for that. */
static bool will_hang;
static uint64_t deadline(void *ctx)
{
	const struct log *l = ctx;

	return will_hang && l->running != SIZE_MAX ? 0 : TIME_UNKNOWN;
}

/* One process; what is left of the tests is added to the log. */
static bool run_batch(const struct batch *b, const char *var, struct log *l)
{
	const struct case_sink sink = { l, log_begin, log_output, log_end, NULL, NULL };
	const struct proc_hooks hooks = { .ctx = l, .bytes = on_bytes, .deadline = deadline };
	struct command command = { 0 };
	struct proc_end end = { 0 };
	const char **env = arena_alloc(&mem, 64, sizeof *env);
	size_t n = 0;

	ck_assert_int_eq(adapter_gtest.command(b, &command, &e), 0);
	for (size_t i = 0; i < command.nenv; i++)
		env[n++] = command.env[i];
	for (; *var; var += strcspn(var, " "), var += *var == ' ')
		env[n++] = arena_memdup(&mem, var, strcspn(var, " "));
	const struct proc_spec spec = { .argv = command.argv,
					.envp = env,
					.is_merged = command.is_merged,
					.grace_us = 100000 };

	will_hang = strstr(command.argv[1], "hangs") != NULL;
	l->reader = adapter_gtest.reader_new(b, &sink);
	ck_assert_msg(proc_run(&spec, &hooks, &end, &e) == 0, "%s", e.msg);
	bool is_trusted = adapter_gtest.finish(l->reader, &end);

	if (l->running != SIZE_MAX)
		buf_addf(&l->text, "%s still runs\n", b->tests[l->running]->selector);
	arena_release(&command.mem);
	return is_trusted;
}

#define EQUAL "Expected equality of these values:"

static const struct {
	const char *vars;
	const char *tests;
	const char *want;
	enum { TRUSTED, UNTRUSTED, ASKED } kind; /* ASKED: with a report */
} runs[] = {
	{ "", "Plain.passes|Plain.fails|Plain.skips|Plain.throws",
	  "Plain.passes passed\n"
	  "Plain.fails failed @cases.cc:22: " EQUAL " 1 + 1, Which is: 2, 3, arithmetic, after\n"
	  "Plain.skips skipped @cases.cc:28: not on Mondays\n"
	  "Plain.throws failed: C++ exception with description \"thrown\" thrown in the test "
	  "body.\n",
	  TRUSTED },
	/* alone, stderr has a pipe of its own */
	{ "", "Plain.is_noisy", "Plain.is_noisy passed\n", TRUSTED },
	/* any order, marks behind output on one line */
	{ "", "Plain.is_noisy|Plain.passes|Plain.fails",
	  "Plain.passes passed\n"
	  "Plain.fails failed @cases.cc:22: " EQUAL " 1 + 1, Which is: 2, 3, arithmetic, after\n"
	  "Plain.is_noisy passed\n",
	  TRUSTED },
	{ "", "Words/Param.is_short/0|Words/Param.is_short/1|Words/Param.is_short/2",
	  "Words/Param.is_short/0 passed\n"
	  "Words/Param.is_short/1 failed @cases.cc:116: Expected: (GetParam().size()) < (4u), "
	  "actual: 5 vs 4\n"
	  "Words/Param.is_short/2 passed\n",
	  TRUSTED },
	{ "", "Typed/an-int:of*four bytes.is_small|Typed/text.is_small",
	  "Typed/an-int:of*four bytes.is_small passed\n"
	  "Typed/text.is_small failed @cases.cc:133: Expected: (sizeof(TypeParam)) < (8u), actual: "
	  "32 vs 8\n",
	  TRUSTED },
	/* a sudden end is charged by the stage: the test still runs */
	{ "", "Plain.passes|Sudden.aborts|Plain.skips",
	  "Plain.passes passed\n"
	  "Plain.skips skipped @cases.cc:28: not on Mondays\n"
	  "Sudden.aborts still runs\n",
	  TRUSTED },
	{ "", "Sudden.exits_0|Sudden.exits_3", "Sudden.exits_0 still runs\n", TRUSTED },
	{ "", "Sudden.exits_3", "Sudden.exits_3 still runs\n", TRUSTED },
	{ "", "Sudden.hangs", "Sudden.hangs still runs\n", TRUSTED },
	/* disabled ones run where they were asked for */
	{ "", "Plain.DISABLED_aborts", "Plain.DISABLED_aborts still runs\n", TRUSTED },
	/* only what can come next is believed */
	{ "", "Plain.fails|Plain.passes|Fake.ends_others",
	  "Plain.passes passed\n"
	  "Plain.fails failed @cases.cc:22: " EQUAL " 1 + 1, Which is: 2, 3, arithmetic, after\n"
	  "Fake.ends_others passed\n",
	  TRUSTED },
	{ "", "Fake.ends_itself_and_fails|BadTearDown.one",
	  "Fake.ends_itself_and_fails failed @cases.cc:101: in truth\n"
	  "BadTearDown.one error @cases.cc:166: failed after the test, in TearDownTestSuite or a "
	  "listener: still open\n",
	  TRUSTED },
	{ "", "Fake.ends_itself_and_aborts|BadTearDown.one",
	  "Fake.ends_itself_and_aborts crashed: killed by SIGABRT after the test had ended\n",
	  TRUSTED },
	/* a suite's set-up and tear-down */
	{ "", "Plain.passes|BadSetUp.one|BadSetUp.two",
	  "Plain.passes passed\n"
	  "BadSetUp.one error @cases.cc:144: SetUpTestSuite failed: no database\n"
	  "BadSetUp.two error @cases.cc:144: SetUpTestSuite failed: no database\n",
	  TRUSTED },
	{ "GW_SET_UP=abort", "Plain.passes|BadSetUp.one|BadSetUp.two|BadTearDown.one",
	  "Plain.passes passed\n"
	  "BadSetUp.one crashed: killed by SIGABRT in SetUpTestSuite\n"
	  "BadSetUp.two crashed: killed by SIGABRT in SetUpTestSuite\n",
	  TRUSTED },
	{ "GW_SET_UP=exit", "BadSetUp.one", "BadSetUp.one error: exit status 0 in SetUpTestSuite\n",
	  TRUSTED },
	{ "", "BadTearDown.one|BadTearDown.two|Words/Param.is_short/0",
	  "BadTearDown.one passed\n"
	  "BadTearDown.two error @cases.cc:166: failed after the test, in TearDownTestSuite or a "
	  "listener: still open\n"
	  "Words/Param.is_short/0 passed\n",
	  TRUSTED },
	{ "GW_TEAR_DOWN=abort", "BadTearDown.one|BadTearDown.two|Words/Param.is_short/0",
	  "BadTearDown.one passed\n"
	  "BadTearDown.two crashed: killed by SIGABRT after the test had ended\n",
	  TRUSTED },
	{ "GW_TEAR_DOWN=exit", "BadTearDown.one",
	  "BadTearDown.one error: exit status 0 after the test, before the end of the run\n",
	  TRUSTED },
	/* the global environment */
	{ "GW_ENV_SET_UP=fail", "Plain.passes|Plain.skips",
	  "Plain.passes error @cases.cc:187: the global test environment's SetUp failed: no "
	  "network\n"
	  "Plain.skips error @cases.cc:187: the global test environment's SetUp failed: no "
	  "network\n",
	  TRUSTED },
	{ "GW_ENV_SET_UP=expect", "Plain.passes|Plain.is_noisy",
	  "Plain.passes passed\n"
	  "Plain.is_noisy error @cases.cc:189: the global test environment's SetUp failed: Value "
	  "of: false, Actual: false, Expected: true, no matter\n",
	  TRUSTED },
	{ "GW_ENV_SET_UP=skip", "Plain.passes|Plain.fails",
	  "Plain.passes skipped @cases.cc:191: skipped by the global test environment: no graphics "
	  "card\n"
	  "Plain.fails skipped @cases.cc:191: skipped by the global test environment: no graphics "
	  "card\n",
	  TRUSTED },
	{ "GW_ENV_TEAR_DOWN=1", "Plain.passes|Plain.is_noisy",
	  "Plain.passes passed\n"
	  "Plain.is_noisy error @cases.cc:196: the global test environment's TearDown failed: left "
	  "over\n",
	  TRUSTED },
	/* behind the last line */
	{ "GW_EXIT=1", "Plain.passes|Plain.is_noisy",
	  "Plain.passes passed\n"
	  "Plain.is_noisy error: exit status 23 although every test passed\n",
	  TRUSTED },
	{ "GW_AT_EXIT=1", "Plain.passes|Plain.is_noisy",
	  "Plain.passes passed\n"
	  "Plain.is_noisy crashed: killed by SIGSEGV after the test had ended\n",
	  TRUSTED },
	/* no words from GoogleTest: its report file */
	{ "GW_SILENT=1", "Plain.passes|Plain.fails|Plain.skips", "", UNTRUSTED },
	{ "GW_SILENT=1", "Plain.passes|Plain.fails|Plain.skips|Typed/text.is_small",
	  "Plain.passes passed\n"
	  "Plain.fails failed @cases.cc:22: " EQUAL " 1 + 1, Which is: 2, 3, arithmetic\n"
	  "Plain.skips skipped\n"
	  "Typed/text.is_small failed @cases.cc:133: Expected: (sizeof(TypeParam)) < (8u), actual: "
	  "32 vs 8\n",
	  ASKED },
	{ "GW_SILENT=1 GW_EXIT=1", "Plain.passes|Plain.is_noisy",
	  "Plain.passes passed\n"
	  "Plain.is_noisy error: exit status 23 although every test passed\n",
	  ASKED },
	{ "GW_SILENT=1", "Sudden.exits_0", "", TRUSTED },
	{ "GW_BRIEF=1", "Plain.passes|Plain.skips", "", UNTRUSTED },
	{ "GW_BRIEF=1", "Plain.passes|Plain.skips", "Plain.passes passed\nPlain.skips skipped\n",
	  ASKED },
	{ "", "Plain.passes|Sudden.closes_stdout_and_fails|Sudden.closes_stdout_and_passes",
	  "Plain.passes passed\nSudden.closes_stdout_and_passes still runs\n", UNTRUSTED },
	{ "", "Plain.passes|Sudden.closes_stdout_and_fails|Sudden.closes_stdout_and_passes",
	  "Plain.passes passed\n"
	  "Sudden.closes_stdout_and_passes passed\n"
	  "Sudden.closes_stdout_and_fails failed @cases.cc:85: Value of: false, Actual: false, "
	  "Expected: true\n",
	  ASKED },
};

START_TEST(verdicts_are_those_of_the_program)
{
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct batch b = batch_of(runs[_i].tests, &target);
	struct log l = log_new(&b);

	b.wants_report = runs[_i].kind == ASKED;
	ck_assert_int_eq(run_batch(&b, runs[_i].vars, &l), runs[_i].kind != UNTRUSTED);
	ck_assert_str_eq(l.text.s, runs[_i].want);
	log_release(&l);
}
END_TEST

START_TEST(what_is_printed_belongs_to_the_test_that_ran)
{
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct batch b = batch_of("Plain.passes|Plain.is_noisy|Plain.sleeps|BadSetUp.one", &target);
	struct log l = log_new(&b);

	run_batch(&b, "", &l);
	ck_assert_str_eq(l.outputs.s,
			 "<nobody 0>main's own words\n"
			 "<Plain.is_noisy 0>out without newlineerr without newline"
			 "<BadSetUp.one 0>" SOURCE ":144: Failure\nFailed\nno database\n" SOURCE
			 ":151: Skipped\n\n");
	log_release(&l);
	b = batch_of("Plain.is_noisy", &target);
	l = log_new(&b);
	run_batch(&b, "", &l);
	ck_assert_ptr_nonnull(strstr(l.outputs.s, "<Plain.is_noisy 0>out without newline"));
	ck_assert_ptr_nonnull(strstr(l.outputs.s, "<Plain.is_noisy 1>err without newline"));
	log_release(&l);
}
END_TEST

START_TEST(the_users_environment_changes_nothing)
{
	static const char *const vars[] = { "GTEST_FILTER=-*",
					    "GTEST_REPEAT=2",
					    "GTEST_BRIEF=1",
					    "GTEST_TOTAL_SHARDS=2",
					    "GTEST_SHARD_INDEX=1",
					    "GTEST_FAIL_FAST=1",
					    "GTEST_COLOR=yes",
					    "GTEST_BREAK_ON_FAILURE=1",
					    "TESTBRIDGE_TEST_ONLY=x",
					    "GTEST_LIST_TESTS=1",
					    "XML_OUTPUT_FILE=/nonexistent/x/y.xml" };
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct batch b = batch_of("Plain.passes|Plain.fails|Plain.skips", &target);
	struct log l = log_new(&b);
	struct buf given = BUF_INIT;

	/* first in the list that the process gets: what command() adds is found behind it */
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++)
		ck_assert_int_eq(putenv((char *)(uintptr_t)vars[i]), 0);
	ck_assert(run_batch(&b, "", &l));
	ck_assert_uint_eq(l.nended, 3);
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++) {
		struct command c = { 0 };
		bool is_set_back = false;

		ck_assert_int_eq(adapter_gtest.command(&b, &c, &e), 0);
		for (size_t k = 0; k < c.nenv; k++)
			is_set_back =
				is_set_back || !strncmp(c.env[k], vars[i], strcspn(vars[i], "="));
		ck_assert_msg(is_set_back || strstr(vars[i], "XML_OUTPUT"), "%s", vars[i]);
		arena_release(&c.mem);
	}
	buf_release(&given);
	log_release(&l);
}
END_TEST

START_TEST(a_long_filter_goes_through_a_file)
{
	enum { N = 6000 };
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct batch b = batch_of("Plain.passes|Plain.skips", &target);
	const struct test **many = xcalloc(N, sizeof(*many));
	struct log l = log_new(&b);
	struct test *absent = xcalloc(N, sizeof *absent);

	for (size_t i = 0; i < N; i++) {
		struct buf name = BUF_INIT;

		buf_addf(&name, "Absent.number_%zu", i);
		absent[i] = (struct test){ .suite = "Absent",
					   .name = "number",
					   .selector = arena_memdup(&mem, name.s, name.len) };
		many[i] = i < 2 ? b.tests[i] : &absent[i];
		buf_release(&name);
	}
	b.tests = many;
	b.ntests = N;
	ck_assert(run_batch(&b, "", &l));
	ck_assert_str_eq(l.text.s, "Plain.passes passed\n"
				   "Plain.skips skipped @cases.cc:28: not on Mondays\n");
	ck_assert_str_eq(l.outputs.s, "<nobody 0>main's own words\n<Plain.skips 0>" SOURCE
				      ":28: Skipped\nnot on Mondays\n");
	log_release(&l);
	free(many);
	free(absent);
}
END_TEST

/* Suites of `size` tests each: the tests [first, end) are asked for. */
static void filter_of(struct buf *ret, size_t size, size_t first, size_t end, const char *arg)
{
	enum { N = 400 };
	const char *argv[] = { "program", arg, NULL };
	struct target target = { .argv = argv, .nargv = arg ? 2 : 1 };
	struct tests all = { 0 };
	const struct test *list[N];
	struct batch b = { .target = &target, .tests = list, .ntests = end - first, .all = &all };

	for (size_t i = 0; i < N; i++) {
		struct test t = test_blank(i < N - 10 ? 0 : 1); /* the last ten are another's */
		struct buf text = BUF_INIT;

		buf_addf(&text, "Suite%zu", i / size);
		t.suite = arena_strdup(&mem, text.s);
		buf_clear(&text);
		buf_addf(&text, "%scase_%zu", i == 7 ? "DISABLED_" : "", i);
		t.name = arena_strdup(&mem, text.s);
		buf_clear(&text);
		buf_addf(&text, "%s.%s", t.suite, t.name);
		t.selector = arena_strdup(&mem, text.s);
		buf_release(&text);
		tests_add(&all, &t);
	}
	size_t n = 0;

	for (size_t i = first; i < end; i++) {
		if (i != 7)
			list[n++] = &all.tests[i];
	}
	b.ntests = n;
	gtest_add_filter(ret, &b, false);
	tests_release(&all);
}

static const struct {
	size_t size, first, end;
	const char *arg;
	const char *want; /* NULL: by name */
} filters[] = {
	{ 200, 0, 390, NULL, "*" },
	{ 200, 0, 390, "--gtest_filter=Suite*", NULL }, /* the program may have more */
	{ 200, 0, 200, NULL, "Suite0.*" },
	{ 200, 200, 390, NULL, "Suite1.*" },
	{ 200, 0, 202, NULL, "Suite0.*:Suite1.case_200:Suite1.case_201" },
	{ 200, 198, 390, NULL, "Suite0.case_198:Suite0.case_199:Suite1.*" },
	{ 200, 1, 200, NULL, NULL },
	{ 200, 200, 210, NULL, NULL }, /* few: not looked at */
	{ 1, 100, 380, NULL, NULL },   /* a pattern for each name gains nothing */
};

START_TEST(whole_suites_are_asked_for_in_short)
{
	struct buf got = BUF_INIT;

	filter_of(&got, filters[_i].size, filters[_i].first, filters[_i].end, filters[_i].arg);
	if (filters[_i].want) {
		ck_assert_str_eq(got.s, filters[_i].want);
	} else {
		size_t n = 1;

		for (const char *s = got.s; (s = strchr(s, ':')); s++)
			n++;
		ck_assert_ptr_null(strchr(got.s, '*'));
		size_t ndisabled = filters[_i].first <= 7; /* case_7, not asked for */

		ck_assert_uint_eq(n + ndisabled, filters[_i].end - filters[_i].first);
	}
	buf_release(&got);
}
END_TEST

/* --- bytes ----------------------------------------------------------------------------------- */

static const char stream[] =
	"hello [ RUN      ] S.a\n"
	"Note: Google Test filter = S.a:S.b\n"
	"[==========] Running 4 tests from 2 test suites.\n"
	"[----------] Global test environment set-up.\n"
	"[----------] 3 tests from S\n"
	"in SetUpTestSuite\n"
	"[ RUN      ] S.a\n"
	"[[ RUN      ] S.b\n[ RUN      ] S.b\n[       OK ] S.b (0 ms)\n[       OK ] S.aa (0 ms)\n"
	"[       OK ] S.a(0 ms)\n[       OK ] S.a (ms)\n[  FAILED  ] S.a, whence\n"
	"a.cc:1: Skipped\nno[       OK ] S.a (5 ms)\n"
	"[ RUN      ] S.b\n"
	"x.cc:12: Failure\nValue of: f()\n  Actual: false\nExpected: true\nGoogle Test trace:\n"
	"[  FAILED  ] S.b, where GetParam() = [ (3 ms) (7 ms)\n"
	"[ RUN      ] S.c\n"
	"y.cc:9: Skipped\nnot here\n\nmore\n"
	"[  SKIPPED ] S.c\n"
	"in TearDownTestSuite[----------] 3 tests from S (12 ms total)\n\n"
	"[----------] 1 test from T/0, where TypeParam = int\n"
	"[ RUN      ] T/0.d\n\n\n[       OK ] T/0.d (0 ms)\n"
	"[----------] 1 test from T/0 (0 ms total)\n\n"
	"[----------] Global test environment tear-down\n"
	"[==========] 4 tests from 2 test suites ran. (12 ms total)\n"
	"[  PASSED  ] 2 tests.\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] S.b\n";

static const char stream_text[] =
	"S.a passed\n"
	"S.b failed @x.cc:12: Value of: f(), Actual: false, Expected: true\n"
	"S.c skipped @y.cc:9: not here\n"
	"T/0.d passed\n";

static void feed(struct log *l, const size_t *cuts, size_t ncuts)
{
	const struct case_sink sink = { l, log_begin, log_output, log_end, NULL, NULL };
	const struct proc_end end = { .exit_code = 1 };
	struct reader *r = adapter_gtest.reader_new(l->batch, &sink);
	size_t from = 0;

	for (size_t i = 0; i <= ncuts; i++) {
		size_t to = i < ncuts ? cuts[i] : sizeof stream - 1;
		char *exact = xmemdup(stream + from, to - from); /* for the sanitizers */

		adapter_gtest.read(r, 0, exact, to - from);
		free(exact);
		from = to;
	}
	adapter_gtest.finish(r, &end);
}

START_TEST(where_the_bytes_are_cut_makes_no_difference)
{
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct batch b = batch_of("S.a|S.b|S.c|T/0.d", &target);
	struct log whole = log_new(&b);
	size_t cuts[sizeof stream];

	feed(&whole, NULL, 0);
	ck_assert_str_eq(whole.text.s, stream_text);
	ck_assert_ptr_nonnull(
		strstr(whole.outputs.s, "not here\n\nmore\nin TearDownTestSuite<T/0.d 0>\n\n"));
	for (size_t i = 0; i < sizeof stream; i++)
		cuts[i] = i;
	for (size_t i = 0; i < sizeof stream; i++) {
		struct log l = log_new(&b);

		feed(&l, &cuts[i], 1); /* the last turn: every byte alone */
		if (i == sizeof stream - 1) {
			log_release(&l);
			l = log_new(&b);
			feed(&l, cuts + 1, sizeof stream - 2);
		}
		ck_assert_str_eq(l.text.s, whole.text.s);
		ck_assert_str_eq(l.outputs.s, whole.outputs.s);
		log_release(&l);
	}
	log_release(&whole);
}
END_TEST

START_TEST(a_cut_stream_ends_what_it_ended)
{
	static const char text[] = "[==========] Running 2 tests from 1 test suite.\n"
				   "[----------] 2 tests from S\n[ RUN      ] S.a\n"
				   "[       OK ] S.a (1 ms)\n[ RUN      ] S.b\n[       OK ] S.b";
	static const struct proc_end killed = { .exit_code = -1, .term_signal = 9 };
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct batch b = batch_of("S.a|S.b", &target);
	struct log l = log_new(&b);
	const struct case_sink sink = { &l, log_begin, log_output, log_end, NULL, NULL };
	struct reader *r = adapter_gtest.reader_new(&b, &sink);

	adapter_gtest.read(r, 0, text, sizeof text - 1);
	ck_assert(adapter_gtest.finish(r, &killed));
	ck_assert_str_eq(l.text.s, "S.a passed\n");
	ck_assert_uint_eq(l.running, 1);
	ck_assert_str_eq(l.outputs.s, "<S.b 0>[       OK ] S.b");
	log_release(&l);
}
END_TEST

/* Four quick tests whose ends are read at once, and more than 16 ms after they began. */
START_TEST(ends_that_are_read_at_once_share_the_time)
{
	static const char head[] = "[==========] Running 4 tests from 1 test suite.\n"
				   "[----------] 4 tests from S\n[ RUN      ] S.a\n";
	static const char rest[] =
		"[       OK ] S.a (0 ms)\n[ RUN      ] S.b\n[       OK ] S.b (7 ms)\n"
		"[ RUN      ] S.c\n[       OK ] S.c (0 ms)\n[ RUN      ] S.d\n[       OK ] S.d (0 "
		"ms)\n"
		"[----------] 4 tests from S (7 ms total)\n\n"
		"[----------] Global test environment tear-down\n"
		"[==========] 4 tests from 1 test suite ran. (7 ms total)\n";
	const char *argv[2] = { 0 };
	struct target target = target_of(argv);
	struct batch b = batch_of("S.a|S.b|S.c|S.d", &target);
	struct log l = log_new(&b);
	const struct case_sink sink = { &l, log_begin, log_output, log_end, NULL, NULL };
	const struct proc_end end = { 0 };
	struct reader *r = adapter_gtest.reader_new(&b, &sink);

	adapter_gtest.read(r, 0, head, sizeof head - 1);
	for (uint64_t began_us = proc_now_us(); proc_now_us() - began_us < 16000;)
		;
	adapter_gtest.read(r, 0, rest, sizeof rest - 1);
	adapter_gtest.finish(r, &end);
	ck_assert_uint_eq(l.nended, 4);
	ck_assert_uint_eq(l.times_us[0], 999);
	ck_assert_uint_ge(l.times_us[1], 7000);
	ck_assert_uint_le(l.times_us[1], 7999);
	ck_assert_uint_eq(l.times_us[2], 999);
	ck_assert_uint_eq(l.times_us[3], 999);
	log_release(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gtest");
	TCase *t = tcase_create("gtest");

	suite_add_tcase(s, t);
	tcase_add_unchecked_fixture(t, make_program, remove_program);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, ends_that_are_read_at_once_share_the_time);
	tcase_add_test(t, a_static_program_is_known_even_when_stripped);
	tcase_add_loop_test(t, a_shared_library_is_known_by_name_or_symbol, 0, ARRAY_SIZE(shared));
	tcase_add_test(t, a_program_that_only_speaks_of_gtest_is_not_one);
	tcase_add_test(t, every_case_is_listed_with_its_place);
	tcase_add_test(t, the_targets_own_arguments_and_environment_count);
	tcase_add_loop_test(t, a_program_that_does_not_list_is_an_error_that_says_what_it_did, 0,
			    ARRAY_SIZE(unlisted));
	tcase_add_loop_test(t, a_listing_is_read_whole_or_refused, 0, ARRAY_SIZE(listings));
	tcase_add_loop_test(t, verdicts_are_those_of_the_program, 0, ARRAY_SIZE(runs));
	tcase_add_test(t, what_is_printed_belongs_to_the_test_that_ran);
	tcase_add_test(t, the_users_environment_changes_nothing);
	tcase_add_test(t, a_long_filter_goes_through_a_file);
	tcase_add_loop_test(t, whole_suites_are_asked_for_in_short, 0, ARRAY_SIZE(filters));
	tcase_add_test(t, where_the_bytes_are_cut_makes_no_difference);
	tcase_add_test(t, a_cut_stream_ends_what_it_ended);
	return unit_main(s);
}
