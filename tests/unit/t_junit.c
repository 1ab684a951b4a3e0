/* SPDX-License-Identifier: MIT */
#include "format/junit.h"

#include "base/buf.h"
#include "base/err.h"
#include "unit/unit.h"

#define FIXTURES "tests/fixtures/junit/"

/* One line a case: suite|classname|name|outcome|message up to its first line|file:line|time_us */
static struct buf seen = BUF_INIT;
static struct buf warned = BUF_INIT;
static struct err e;

static int on_case(void *ctx, const struct junit_case *c, struct err *reterr)
{
	(void)ctx, (void)reterr;
	buf_addf(&seen, "%s|%s|%s|%s|%.*s|%s:%u|", c->suite, c->classname, c->name,
		 outcome_word(c->outcome), (int)strcspn(c->message, "\n"), c->message,
		 c->file ? c->file : "", c->line);
	if (c->time_us != TIME_UNKNOWN)
		buf_addf(&seen, "%llu", (unsigned long long)c->time_us);
	buf_addch(&seen, '\n');
	return 0;
}

static void on_warning(void *ctx, const char *path, uint64_t offset_bytes, const char *text)
{
	(void)ctx;
	buf_addf(&warned, "%s:%llu: %s\n", path, (unsigned long long)offset_bytes, text);
}

static const struct junit_sink sink = { NULL, on_case, on_warning };

static int read_text(const char *s)
{
	buf_clear(&seen);
	buf_clear(&warned);
	e = (struct err){ 0 };
	return junit_read_mem("t.xml", s, strlen(s), &sink, &e);
}

static int read_file(const char *path)
{
	buf_clear(&seen);
	buf_clear(&warned);
	e = (struct err){ 0 };
	return junit_read(path, &sink, &e);
}

static const struct {
	const char *path;
	const char *seen;
	const char *warning; /* part of it; NULL: nothing */
} dialects[] = {
	{ FIXTURES "gtest.xml",
	  "Calc|Calc|adds|passed||g.cc:2|0\n"
	  "Calc|Calc|DISABLED_divides|skipped|disabled|g.cc:3|0\n"
	  "Calc|Calc|overflows|failed|g.cc:4|g.cc:4|0\n"
	  "Calc|Calc|needs_gpu|skipped|g.cc:5|g.cc:5|0\n"
	  "Calc|Calc|raw_byte|failed|g.cc:6|g.cc:6|0\n"
	  "Inst/P|Inst/P|Each/0|passed||g.cc:8|0\n"
	  "Inst/P|Inst/P|Each/1|passed||g.cc:8|0\n",
	  "byte that is not UTF-8, replaced by U+FFFD (0xFF)" },
	{ FIXTURES "ctest.xml",
	  "(empty)|ok|ok|passed||:0|5658\n"
	  "(empty)|bad|bad|failed||:0|4711\n"
	  "(empty)|missing|missing|error|Unable to find executable|:0|0\n"
	  "(empty)|skip77|skip77|skipped|SKIP_RETURN_CODE=77|:0|6835\n"
	  "(empty)|dis|dis|skipped|disabled|:0|0\n"
	  "(empty)|slow|slow|failed||:0|301383\n"
	  "(empty)|reqf|reqf|error|Required Files Missing|:0|0\n"
	  "(empty)|fix|fix|failed||:0|3581\n"
	  "(empty)|usesfix|usesfix|error|Fixture dependency failed|:0|0\n",
	  "line 22: 'missing': CTest's 'skipped'" },
	{ FIXTURES "pytest-xunit1.xml", /* its lines count from 0 */
	  "pytest|test_p|test_ok|passed||test_p.py:2|0\n"
	  "pytest|test_p|test_fail|failed|assert 1 == 2|test_p.py:3|0\n"
	  "pytest|test_p|test_x|xfailed|known|test_p.py:4|0\n"
	  "pytest|test_p|test_xp|passed||test_p.py:6|0\n"
	  "pytest|test_p|test_s|skipped|not now|test_p.py:8|0\n"
	  "pytest|test_p|test_p[a b]|passed||test_p.py:10|0\n"
	  "pytest|test_p|test_p[[x]]|passed||test_p.py:10|0\n"
	  "pytest|test_p|test_td|failed|assert 0|test_p.py:16|0\n"
	  "pytest|test_p|test_td|error|failed on teardown with \"RuntimeError: teardown\"|"
	  "test_p.py:16|0\n",
	  NULL },
	{ FIXTURES "meson/testlog.junit.xml", /* with what testlog.json knows */
	  "x|x|ok|passed||:0|26146\n"
	  "x|x|bad|failed||:0|16175\n"
	  "x|x|skip|skipped||:0|7429\n"
	  "x|x|err|error||:0|11967\n"
	  "x|x|xf|xfailed|failed as announced (says testlog.json)|:0|15712\n"
	  "x|x|xp|failed|passed although it should fail (says testlog.json)|:0|15912\n"
	  "x|x|tmo|timeout|timed out (says testlog.json)|:0|1005435\n"
	  "x.tap|x.tap|1 - a|passed||:0|\n"
	  "x.tap|x.tap|2 - b|failed||:0|\n"
	  "x.tap|x.tap|3 - c|passed||:0|\n",
	  "Meson's file lacks results" },
	{ FIXTURES "surefire.xml",
	  "org.example.StoreTest|org.example.StoreTest|opens|passed||:0|1234001000\n"
	  "org.example.StoreTest|org.example.StoreTest|rejectsNull|failed|expected: <1> but was: "
	  "<2>|:0|12000\n"
	  "org.example.StoreTest|org.example.StoreTest|flaky|passed||:0|500000\n"
	  "org.example.StoreTest|org.example.StoreTest|later|skipped|not on this machine|:0|0\n"
	  "org.example.StoreTest|org.example.StoreTest|breaks|error||:0|1000\n",
	  NULL },
	{ FIXTURES "cmocka-broken.xml",
	  "G <1>||fail_|failed||:0|0\n"
	  "G <1>||ok_|passed||:0|0\n"
	  "G <1>||sk|skipped||:0|0\n"
	  "second||ok_|passed||:0|0\n",
	  "another document in the same file" },
	{ FIXTURES "catch2.xml",
	  "unit|unit.global|plain ok|passed||:0|0\n"
	  "unit|unit.global|sections/b|passed||:0|0\n"
	  "unit|unit.global|may fail|xfailed|1 == 2|:0|0\n"
	  "unit|unit.global|may fail and does not|passed||:0|0\n"
	  "unit|unit.global|fails|failed|x|:0|0\n",
	  "line 16: 'may fail': Catch2's" },
	{ FIXTURES "criterion.xml",
	  "basic||ok|passed||:0|4000\n"
	  "basic||odd|failed|1 assertion(s) failed.|:0|4000\n"
	  "basic||dies|crashed|The test crashed.|:0|4000\n"
	  "basic||elsewhere|skipped||:0|0\n",
	  NULL },
	{ FIXTURES "check.xml",
	  "Core & <x>|basic|t_ok|passed||ck.c:4|8\n"
	  "Core & <x>|basic|t_fail|failed|a < b ]]> |ck.c:5|\n"
	  "Core & <x>|basic|t_loop|passed||ck.c:6|9\n"
	  "Core & <x>|basic|t_loop[1]|passed||ck.c:6|6\n"
	  "Core & <x>|basic|t_loop[2]|failed|Assertion '_i < 2' failed: _i == 2, 2 == 2|ck.c:6|\n"
	  "Core & <x>|basic|t_segv|crashed|Received signal 11 (Segmentation fault)|ck.c:7|\n"
	  "Core & <x>|basic|t_exit|error|Early exit with return value 2|ck.c:8|\n"
	  "Core & <x>|basic|t_slow|timeout|Test timeout expired|ck.c:9|\n",
	  NULL },
	{ FIXTURES "nested.xml",
	  "outer|C|a|passed||:0|\n"
	  "outer/inner|C|b|passed||:0|\n"
	  "outer/inner/deep|C|c|passed||:0|\n"
	  "outer|C|d|passed||:0|\n"
	  "outer||(the whole suite)|error|fixture failed|:0|\n",
	  NULL },
};

START_TEST(every_dialect_is_understood)
{
	ck_assert_msg(read_file(dialects[_i].path) == 0, "%s", e.msg);
	ck_assert_str_eq(seen.s, dialects[_i].seen);
	if (dialects[_i].warning)
		ck_assert_msg(strstr(warned.s, dialects[_i].warning), "'%s' lacks '%s'", warned.s,
			      dialects[_i].warning);
	else
		ck_assert_str_eq(warned.s, "");
}
END_TEST

START_TEST(a_cut_file_gives_its_whole_cases_and_names_the_line)
{
	ck_assert_int_eq(read_file(FIXTURES "truncated.xml"), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, FIXTURES "truncated.xml");
	ck_assert_uint_eq(e.line, 17);
	ck_assert_str_eq(seen.s, "Calc|Calc|adds|passed||g.cc:2|0\n"
				 "Calc|Calc|DISABLED_divides|skipped|disabled|g.cc:3|0\n"
				 "Calc|Calc|overflows|failed|g.cc:4|g.cc:4|0\n");
}
END_TEST

START_TEST(what_is_no_junit_is_told_apart_from_damage)
{
	ck_assert_int_eq(read_text("<?xml version='1.0'?>\n<coverage/>"), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	ck_assert_uint_eq(e.line, 2);
	ck_assert_str_eq(e.msg, "no JUnit file: its root is <coverage>");
	ck_assert_int_eq(read_file(FIXTURES "nowhere.xml"), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_int_eq(read_file("tests"), -1);
	ck_assert_int_eq(e.code, ERR_SYSTEM);
}
END_TEST

static const struct {
	const char *attrs, *inside;
	const char *outcome;
} verdicts[] = {
	{ "status='run'", "", "passed" },
	{ "status='notrun'", "", "skipped" },
	{ "status='fail'", "", "failed" },
	{ "status='ERRORED'", "", "error" },
	{ "result='suppressed'", "", "skipped" },
	{ "", "<skipped/><failure/>", "failed" },
	{ "", "<failure/><error/>", "error" },
	{ "", "<error/><failure/>", "error" },
	{ "", "<failure type='timeout'/>", "timeout" },
	{ "", "<error type='crash'/>", "crashed" },
	{ "", "<error type='lost'/>", "lost" },
	{ "", "<failure type='lost'/>", "lost" },
	{ "", "<skipped type='notrun'/>", "notrun" },
	{ "", "<skipped type='pytest.xfail'/>", "xfailed" },
	{ "", "<properties><property name='outcome' value='xpassed'/></properties>", "xpassed" },
	{ "status='notrun'", "<skipped message='SKIP_REGULAR_EXPRESSION_MATCHED'/>", "skipped" },
	{ "", "<skipped message='Unable to find executable'/>", "skipped" }, /* not CTest's */
	{ "", "<unknown><failure/></unknown>", "passed" },
	{ "", "<error>Test did not finish before configured timeout.</error>", "timeout" },
};

START_TEST(a_verdict_is_what_the_framework_meant)
{
	struct buf xml = BUF_INIT;
	char want[100];

	buf_addf(&xml, "<testsuite><testcase name='x' %s>%s</testcase></testsuite>",
		 verdicts[_i].attrs, verdicts[_i].inside);
	ck_assert_int_eq(read_text(xml.s), 0);
	snprintf(want, sizeof want, "||x|%s|", verdicts[_i].outcome);
	ck_assert_msg(strncmp(seen.s, want, strlen(want)) == 0, "%s is not %s", seen.s, want);
	buf_release(&xml);
}
END_TEST

START_TEST(our_own_pytest_lines_are_not_counted_twice)
{
	ck_assert_int_eq(
		read_text("<testsuites name='gangway'><testsuite name='pytest'>"
			  "<testcase name='a' file='f' line='7'/></testsuite></testsuites>"),
		0);
	ck_assert_str_eq(seen.s, "pytest||a|passed||f:7|\n");
}
END_TEST

/* --- writing ------------------------------------------------------------------------------------
 */

static const struct junit_property props[] = { { "worker", "gw1" }, { "a&b", "\"<\n\t>" } };
static const struct junit_rerun reruns[] = {
	{ .message = "again", .type = "T", .text = { "trace\n<1>", 9 }, .out = { "o", 1 } },
};
static const struct junit_case full = {
	.suite = "s & <1>",
	.classname = "c\"'\n",
	.name = "n \x1b[31m \xff \xc3\xa9",
	.file = "dir/f.c",
	.line = 12,
	.time_us = 1234567890,
	.outcome = OUTCOME_FAIL,
	.message = "m <\r\n\t>",
	.type = "AssertionError",
	.text = { "t ]]> & \r\n\0x", 12 },
	.out = { "out\n", 4 },
	.err = { "err", 3 },
	.props = props,
	.nprops = 2,
	.reruns = reruns,
	.nreruns = 1,
};

static void write_one(struct buf *out, const struct junit_case *c, enum junit_family family)
{
	struct junit_totals t = { 0 };

	junit_count(&t, c);
	junit_put_head(out, "x", &t);
	junit_put_suite_begin(out, c->suite, &t, NULL, 0);
	junit_put_case(out, c, family);
	junit_put_suite_end(out);
	junit_put_tail(out);
}

static int check_full(void *ctx, const struct junit_case *c, struct err *reterr)
{
	(void)reterr;
	++*(int *)ctx;
	ck_assert_str_eq(c->suite, full.suite);
	ck_assert_str_eq(c->classname, full.classname);
	ck_assert_str_eq(c->name, "n \\x1B[31m \xef\xbf\xbd \xc3\xa9");
	ck_assert_str_eq(c->file, full.file);
	ck_assert_uint_eq(c->line, full.line);
	ck_assert_uint_eq(c->time_us, 1234568000); /* three decimals */
	ck_assert_int_eq(c->outcome, full.outcome);
	ck_assert_str_eq(c->message, full.message);
	ck_assert_str_eq(c->type, full.type);
	ck_assert_str_eq(c->text.s, "t ]]> & \r\n\\x00x");
	ck_assert_str_eq(c->out.s, "out\n");
	ck_assert_str_eq(c->err.s, "err");
	ck_assert_uint_eq(c->nprops, 2);
	ck_assert_str_eq(c->props[1].name, props[1].name);
	ck_assert_str_eq(c->props[1].value, props[1].value);
	ck_assert_uint_eq(c->nreruns, 1);
	ck_assert_str_eq(c->reruns[0].message, "again");
	ck_assert_str_eq(c->reruns[0].type, "T");
	ck_assert_str_eq(c->reruns[0].text.s, "trace\n<1>");
	ck_assert_str_eq(c->reruns[0].out.s, "o");
	return 0;
}

START_TEST(what_is_written_is_read)
{
	struct buf out = BUF_INIT;
	int n = 0;
	const struct junit_sink s = { &n, check_full, on_warning };

	buf_clear(&warned);
	write_one(&out, &full, JUNIT_FILES);
	ck_assert_int_eq(junit_read_mem("x", out.s, out.len, &s, &e), 0);
	ck_assert_int_eq(n, 1);
	ck_assert_str_eq(warned.s, "");
	buf_release(&out);
}
END_TEST

START_TEST(strict_files_have_nothing_that_the_schema_lacks)
{
	struct buf out = BUF_INIT;
	const struct junit_case small = { .suite = "s",
					  .classname = "c",
					  .name = "n",
					  .file = "f",
					  .line = 3,
					  .time_us = 999,
					  .message = "",
					  .type = "",
					  .props = props,
					  .nprops = 1 };

	write_one(&out, &small, JUNIT_STRICT);
	ck_assert_str_eq(
		out.s,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"x\" tests=\"1\" failures=\"0\" errors=\"0\" "
		"time=\"0.001\">\n"
		"  <testsuite name=\"s\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "
		"time=\"0.001\">\n"
		"    <testcase classname=\"c\" name=\"n\" time=\"0.001\"/>\n"
		"  </testsuite>\n"
		"</testsuites>\n");
	buf_release(&out);
}
END_TEST

START_TEST(every_outcome_is_read_as_it_was_written)
{
	struct buf out = BUF_INIT;
	char want[100];
	struct junit_case c = { .suite = "s",
				.classname = "c",
				.name = "n",
				.message = "why",
				.type = "",
				.time_us = TIME_UNKNOWN,
				.outcome = (enum outcome)_i };

	write_one(&out, &c, JUNIT_FILES);
	ck_assert_int_eq(read_text(out.s), 0);
	snprintf(want, sizeof want, "s|c|n|%s|%s|:0|\n", outcome_word(c.outcome),
		 _i == OUTCOME_PASS || _i == OUTCOME_XPASS ? "" : "why");
	ck_assert_str_eq(seen.s, want);
	buf_release(&out);
}
END_TEST

static int check_large(void *ctx, const struct junit_case *c, struct err *reterr)
{
	const struct buf *want = ctx;

	(void)reterr;
	ck_assert_uint_eq(c->out.len, want->len);
	ck_assert_int_eq(memcmp(c->out.s, want->s, want->len), 0);
	return 0;
}

START_TEST(an_output_of_12_megabytes_survives)
{
	struct buf text = BUF_INIT;
	struct buf out = BUF_INIT;
	struct junit_case c = full;
	const struct junit_sink s = { &text, check_large, NULL };

	while (text.len < 12 * 1024 * 1024)
		buf_addf(&text, "line %zu of <output> & ]]> more\n", text.len);
	c.out = (struct text){ text.s, text.len };
	write_one(&out, &c, JUNIT_STRICT);
	ck_assert_int_eq(junit_read_mem("x", out.s, out.len, &s, &e), 0);
	buf_release(&out);
	buf_release(&text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("junit");
	TCase *t = tcase_create("junit");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, every_dialect_is_understood, 0, ARRAY_SIZE(dialects));
	tcase_add_test(t, a_cut_file_gives_its_whole_cases_and_names_the_line);
	tcase_add_test(t, what_is_no_junit_is_told_apart_from_damage);
	tcase_add_loop_test(t, a_verdict_is_what_the_framework_meant, 0, ARRAY_SIZE(verdicts));
	tcase_add_test(t, our_own_pytest_lines_are_not_counted_twice);
	tcase_add_test(t, what_is_written_is_read);
	tcase_add_test(t, strict_files_have_nothing_that_the_schema_lacks);
	tcase_add_loop_test(t, every_outcome_is_read_as_it_was_written, 0, OUTCOME_MAX);
	tcase_add_test(t, an_output_of_12_megabytes_survives);
	return unit_main(s);
}
