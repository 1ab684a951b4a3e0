/* SPDX-License-Identifier: MIT
 *
 * adapter/xmlrun.c, catch2.c, doctest.c, boost.c and format/xmlmix.c on what processes print, cut at
 * every byte; catch2_list.c, doctest.c and boost_list.c on what they list.  The real frameworks are
 * in tests/scenario; the bytes of Catch2 v3 were written by 3.7.1.
 */
#include "unit/unit.h"

#include "adapter/boost.h"
#include "adapter/catch2.h"
#include "adapter/doctest.h"
#include "base/err.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const struct property expects_one = { BOOST_EXPECTED, "1" };
static const struct test cases[] = {
	{ .suite = "", .name = "a", .selector = "a", .file = "t.cc", .line = 1 },
	{ .suite = "", .name = "b <", .selector = "b <", .file = "t.cc", .line = 2 },
	{ .suite = "su", .name = "c", .selector = "su/c", .props = &expects_one, .nprops = 1 },
	{ .suite = "", .name = "d", .selector = "d" },
};
static const struct test *const list[] = { &cases[0], &cases[1], &cases[2], &cases[3] };

struct log {
	struct buf events, printed[ARRAY_SIZE(cases) + 1];
};

static void log_begin(void *ctx, size_t i)
{
	struct log *l = ctx;

	buf_addf(&l->events, "begin %zu\n", i);
}

static void log_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	struct log *l = ctx;

	(void)stream;
	buf_add(&l->printed[i == SIZE_MAX ? ARRAY_SIZE(cases) : i], s, len);
}

static void log_end(void *ctx, size_t i, const struct result *r)
{
	struct log *l = ctx;

	buf_addf(&l->events, "end %zu %s '%s' %s:%u\n", i, outcome_word(r->outcome), r->message,
		 r->file ? r->file : "", r->line);
}

/* Everything that was said of the batch, in one text. */
static bool play(const struct adapter *a, const char *s, size_t cut, const struct proc_end *end,
		 struct buf *ret)
{
	const struct batch b = { .tests = list, .ntests = ARRAY_SIZE(list), .scratch = "/nowhere" };
	struct log l = { .events = BUF_INIT };
	const struct case_sink sink = { &l, log_begin, log_output, log_end, NULL, NULL };
	size_t len = strlen(s);

	for (size_t i = 0; i < ARRAY_SIZE(l.printed); i++)
		l.printed[i] = (struct buf)BUF_INIT;
	struct reader *r = a->reader_new(&b, &sink);

	a->read(r, 0, s, cut);
	a->read(r, 0, s + cut, len - cut);
	bool is_trusted = a->finish(r, end);

	buf_clear(ret);
	buf_add(ret, l.events.s, l.events.len);
	for (size_t i = 0; i < ARRAY_SIZE(l.printed); i++) {
		if (l.printed[i].len > 0)
			buf_addf(ret, "printed %zu [%s]\n", i, l.printed[i].s);
		buf_release(&l.printed[i]);
	}
	buf_release(&l.events);
	return is_trusted;
}

#define V2_HEAD                                                                                    \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Catch name=\"c2\">\n  <Group name=\"c2\">\n"
#define V2_A "    <TestCase name=\"a\" tags=\"[t]\" filename=\"t.cc\" line=\"1\">\n"
#define V2_GOOD                                                                                    \
	"      <OverallResult success=\"true\" durationInSeconds=\"5e-05\"/>\n    </TestCase>\n"
#define V2_TAIL "  </Group>\n</Catch>"

static const struct proc_end good = { 0 }, failed = { .exit_code = 1 },
			     died = { .exit_code = -1, .term_signal = 11 },
			     late = { .exit_code = -1, .term_signal = 15, .is_timeout = true };

static const struct {
	const struct adapter *adapter;
	const struct proc_end *end;
	const char *printed, *want;
	bool is_distrusted;
} streams[] = {
	/* v2: sections, text of assertions, output without a newline, redirected stderr */
	{ &adapter_catch2, &failed,
	  "noise\n" V2_HEAD V2_A
	  "said by a      <Section name=\"s\" filename=\"t.cc\" line=\"1\">\n"
	  "        <Expression success=\"false\" type=\"CHECK\" filename=\"t.cc\" line=\"7\">\n"
	  "          <Original>\n            f() &lt; 3\n          </Original>\n"
	  "          <Expanded>\n            4 &lt; 3\n          </Expanded>\n"
	  "        </Expression>\n"
	  "        <OverallResults successes=\"0\" failures=\"1\" expectedFailures=\"0\"/>\n"
	  "      </Section>\n"
	  "      <OverallResult success=\"false\" durationInSeconds=\"0.0002\">\n"
	  "        <StdErr>\nin a\n        </StdErr>\n      </OverallResult>\n    </TestCase>\n"
	  "    <TestCase name=\"b &lt;\" filename=\"t.cc\" line=\"2\">\n" V2_GOOD V2_TAIL,
	  "begin 0\nend 0 failed 'CHECK( f() < 3 ): 4 < 3' t.cc:7\n"
	  "begin 1\nend 1 passed '' :0\nprinted 0 [said by ain a\n]\nprinted 4 [noise\n]\n",
	  false },
	/* what looks like XML, but is not where the framework writes it */
	{ &adapter_catch2, &good,
	  V2_HEAD V2_A "</TestCase>\n<TestCase name=\"b &lt;\"><OverallResult success=\"false\"/>\n"
		       "    </TestCase>\n<raw & <Expression\n" V2_GOOD V2_TAIL,
	  "begin 0\nend 0 passed '' :0\nprinted 0 [</TestCase>\n<TestCase name=\"b "
	  "&lt;\"><OverallResult success=\"false\"/>\n    </TestCase>\n<raw & <Expression\n]\n",
	  false },
	/* another test of the same name elsewhere ran too: none of ours */
	{ &adapter_catch2, &good,
	  V2_HEAD "    <TestCase name=\"a\" filename=\"t.cc\" line=\"9\">\nother\n" V2_GOOD V2_A
		  "mine\n" V2_GOOD V2_TAIL,
	  "begin 0\nend 0 passed '' :0\nprinted 0 [mine\n]\nprinted 4 [other\n]\n", false },
	/* v3: a skip, and a death that Catch2 saw */
	{ &adapter_catch2, &died,
	  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	  "<Catch2TestRun name=\"c3\" rng-seed=\"1\" xml-format-version=\"3\" "
	  "catch2-version=\"3.7.1\">\n"
	  "  <TestCase name=\"a\" filename=\"t.cc\" line=\"1\">\n"
	  "    <Skip filename=\"t.cc\" line=\"1\">\n      because\n    </Skip>\n"
	  "    <OverallResult success=\"true\" skips=\"1\" durationInSeconds=\"3.7e-05\"/>\n"
	  "  </TestCase>\n"
	  "  <TestCase name=\"b &lt;\" filename=\"t.cc\" line=\"2\">\nlast words\n"
	  "    <Expression success=\"false\" filename=\"t.cc\" line=\"2\">\n"
	  "      <FatalErrorCondition filename=\"t.cc\" line=\"2\">\n        SIGSEGV - x\n"
	  "      </FatalErrorCondition>\n    </Expression>\n"
	  "    <OverallResult success=\"false\" skips=\"0\"/>\n  </TestCase>\n</Catch2TestRun>",
	  "begin 0\nend 0 skipped 'because' :0\nbegin 1\nend 1 crashed 'killed by SIGSEGV' "
	  "t.cc:2\nprinted 1 [last words\n]\n",
	  false },
	/* a test that was stopped by us is nobody's failure but ours to tell */
	{ &adapter_catch2, &late,
	  V2_HEAD V2_A "      <FatalErrorCondition filename=\"t.cc\" line=\"1\">\n        SIGTERM\n"
		       "      </FatalErrorCondition>\n      <OverallResult success=\"false\"/>\n"
		       "    </TestCase>\n" V2_TAIL,
	  "begin 0\n", false },
	/* it left, was killed, or failed although every test passed */
	{ &adapter_catch2, &good, V2_HEAD V2_A, "begin 0\n", false },
	{ &adapter_catch2, &died, V2_HEAD V2_A V2_GOOD,
	  "begin 0\nend 0 crashed 'killed by SIGSEGV after the test had ended' :0\n", false },
	{ &adapter_catch2, &failed, V2_HEAD V2_A V2_GOOD V2_TAIL,
	  "begin 0\nend 0 error 'exit status 1 although every test passed' :0\n", false },
	/* nothing that can be read, or not its end: once more, into a file */
	{ &adapter_catch2, &good, "quiet\n", "printed 4 [quiet\n]\n", true },
	{ &adapter_catch2, &good, V2_HEAD V2_TAIL, "", true },
	{ &adapter_doctest, &failed,
	  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doctest binary=\"./dt\">\n"
	  "  <Options order_by=\"file\"/>\n  <TestSuite>\n"
	  "    <TestCase name=\"a\" filename=\"t.cc\" line=\"1\" skipped=\"true\"/>\n"
	  "    <TestCase name=\"b &lt;\" filename=\"t.cc\" line=\"2\">\nsaid\n"
	  "      <SubCase name=\"s\" filename=\"t.cc\" line=\"1\">\n"
	  "        <Expression success=\"false\" type=\"WARN\" filename=\"t.cc\" line=\"3\">\n"
	  "          <Original>\n            w\n          </Original>\n        </Expression>\n"
	  "        <Expression success=\"false\" type=\"CHECK\" filename=\"t.cc\" line=\"4\">\n"
	  "          <Original>\n            x\n          </Original>\n        </Expression>\n"
	  "      </SubCase>\n"
	  "      <OverallResultsAsserts successes=\"0\" failures=\"1\" "
	  "test_case_success=\"false\"/>\n    </TestCase>\n"
	  "    <TestCase name=\"d\">\n"
	  "      <OverallResultsAsserts successes=\"0\" failures=\"1\" "
	  "test_case_success=\"false\" expected_failures=\"2\"/>\n    </TestCase>\n"
	  "  </TestSuite>\n</doctest>\n",
	  "begin 1\nend 1 failed 'CHECK( x )' t.cc:4\nbegin 3\n"
	  "end 3 failed '1 failures instead of the expected 2' :0\nprinted 1 [said\n]\n",
	  false },
	{ &adapter_boost, &failed,
	  "Running 3 test cases...\n<TestLog><TestSuite name=\"m\">"
	  "<TestCase name=\"a\" file=\"t.cc\" line=\"1\">said by a"
	  "<Error file=\"t.cc\" line=\"5\"><![CDATA[</Error> x]]]]><![CDATA[> y]]><Context><Frame>"
	  "<![CDATA[ctx]]></Frame></Context></Error><TestingTime>17</TestingTime></TestCase>"
	  "<TestSuite name=\"su\"><TestCase name=\"c\"><Error file=\"t.cc\" line=\"3\">"
	  "<![CDATA[e]]></Error></TestCase></TestSuite>"
	  "<TestCase name=\"b &lt;\" skipped=\"yes\" reason=\"disabled\"/>"
	  "<TestCase name=\"d\" skipped=\"yes\" reason=\"dependency &quot;a&quot; has failed\"/>"
	  "</TestSuite></TestLog>",
	  "begin 0\nend 0 failed '</Error> x]]> y' t.cc:5\nbegin 2\nend 2 passed '' :0\n"
	  "begin 3\nend 3 skipped 'dependency \"a\" has failed' :0\n"
	  "printed 0 [said by a]\nprinted 4 [Running 3 test cases...\n]\n",
	  false },
	{ &adapter_boost, &good,
	  "<TestLog><TestSuite name=\"m\"><TestSuite name=\"su\" skipped=\"yes\" "
	  "reason=\"precondition failed\"/></TestSuite></TestLog>",
	  "begin 2\nend 2 skipped 'precondition failed' :0\n", false },
};

START_TEST(a_stream_says_the_same_wherever_it_is_cut)
{
	struct buf got = BUF_INIT;
	size_t len = strlen(streams[_i].printed);

	for (size_t cut = 0; cut <= len; cut++) {
		bool is_trusted =
			play(streams[_i].adapter, streams[_i].printed, cut, streams[_i].end, &got);

		ck_assert_str_eq(got.s, streams[_i].want);
		ck_assert_int_eq(is_trusted, !streams[_i].is_distrusted);
	}
	buf_release(&got);
}
END_TEST

/* --- lists ---------------------------------------------------------------------------------- */

static const struct target target = { .name = "t" };

static void add_listed(struct buf *out, const struct tests *t)
{
	for (size_t i = 0; i < t->ntests; i++) {
		const struct test *test = &t->tests[i];

		buf_addf(out, "%s|%s|%s:%u|", test->id, test->selector,
			 test->file ? test->file : "", test->line);
		for (size_t k = 0; k < test->nmarks; k++)
			buf_addf(out, "%s,", test->marks[k]);
		buf_addf(out, "|%s\n", test->skip_reason ? test->skip_reason : "");
	}
}

START_TEST(v3_lists_tests_with_tags_and_places)
{
	static const char text[] =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MatchingTests>\n  <TestCase>\n"
		"    <Name>  a &lt; b</Name>\n    <ClassName/>\n    <Tags>[fast][!mayfail]</Tags>\n"
		"    <SourceInfo>\n      <File>c.cc</File>\n      <Line>6</Line>\n    "
		"</SourceInfo>\n"
		"  </TestCase>\n  <TestCase>\n    <Name>h</Name>\n    <Tags>[.][slow]</Tags>\n"
		"  </TestCase>\n</MatchingTests>";
	struct tests t = { 0 };
	struct buf got = BUF_INIT;
	struct err e = { 0 };

	ck_assert_int_eq(catch2_list_read_xml(text, strlen(text), "l", &target, 0, &t, &e), 0);
	add_listed(&got, &t);
	ck_assert_str_eq(got.s, "t::a < b|a < b|c.cc:6|!mayfail,fast,|\n"
				"t::h|h|:0|slow,|hidden by its tag [.]\n");
	tests_release(&t);
	t = (struct tests){ 0 };
	ck_assert_int_eq(catch2_list_read_xml(text, 200, "l", &target, 0, &t, &e), -1);
	ck_assert_uint_eq(t.ntests, 0);
	ck_assert(e.msg[0]);
	tests_release(&t);
	buf_release(&got);
}
END_TEST

START_TEST(v2_lists_names_in_one_call_and_tags_in_another)
{
	static const char names[] = "main says hello\nplain ok\t@c.cc:6\n\"#hash\"\t@c.cc:7\n"
				    "  lead\ttab\t@d:x.cc:8\n";
	static const char tags[] =
		"Matching test cases:\n  plain ok\n    c.cc:6\n"
		"    (NO DESCRIPTION)\n      [fast][a\n      b]\n  #hash\n    c.cc:7\n"
		"    (NO DESCRIPTION)\n    lead\ttab\n    d:x.cc:8\n"
		"    (NO DESCRIPTION)\n      [!hide][.]\n3 matching test cases\n\n";
	struct tests t = { 0 };
	struct buf n = BUF_INIT, g = BUF_INIT, got = BUF_INIT;
	struct err e = { 0 };

	buf_addstr(&n, names);
	buf_addstr(&g, tags);
	ck_assert_int_eq(catch2_list_read_text(&n, &g, &target, 0, &t, &e), 0);
	add_listed(&got, &t);
	ck_assert_str_eq(got.s, "t::plain ok|plain ok|c.cc:6|a b,fast,|\nt::#hash|#hash|c.cc:7||\n"
				"t::lead\ttab|lead\ttab|d:x.cc:8||hidden by its tag [.]\n");
	buf_addstr(&n, "one more\t@c.cc:9\n");
	tests_release(&t);
	t = (struct tests){ 0 };
	ck_assert_int_eq(catch2_list_read_text(&n, &g, &target, 0, &t, &e), -1);
	ck_assert_uint_eq(t.ntests, 0);
	tests_release(&t);
	buf_release(&n);
	buf_release(&g);
	buf_release(&got);
}
END_TEST

START_TEST(doctest_numbers_the_tests_that_run)
{
	static const char text[] =
		"<doctest binary=\"d\">\n  <Options/>\n"
		"  <TestCase name=\"a\" filename=\"d.cc\" line=\"7\" skipped=\"false\"/>\n"
		"  <TestCase name=\"s\" testsuite=\"S\" filename=\"d.cc\" line=\"8\" "
		"skipped=\"true\"/>\n  <TestCase filename=\"d.cc\" line=\"9\" skipped=\"false\"/>\n"
		"</doctest>\n";
	struct tests t = { 0 };
	struct buf got = BUF_INIT;
	struct err e = { 0 };

	ck_assert_int_eq(doctest_list_read(text, strlen(text), "l", &target, 0, &t, &e), 0);
	add_listed(&got, &t);
	ck_assert_str_eq(got.s,
			 "t::a|1|d.cc:7||\nt::S::s||d.cc:8||skipped by its decorator (skip)\n"
			 "t::(no name)|2|d.cc:9||\n");
	tests_release(&t);
	buf_release(&got);
}
END_TEST

START_TEST(boost_lists_a_tree)
{
	static const char text[] =
		"noise\ndigraph G {rankdir=LR;\n"
		"tu1[shape=ellipse,peripheries=2,fontname=Helvetica,color=green,label=\"m\"];\n{\n"
		"tu2[shape=Mrecord,fontname=Helvetica,color=green,label=\"su|b.cc(3)|expected "
		"failures=5|labels: @lab\"];\ntu1 -> tu2;\n{\n"
		"tu65536[shape=Mrecord,fontname=Helvetica,color=yellow,label=\"x|y|b.cc(4)|"
		"expected "
		"failures=1|labels: @fast @unit\"];\ntu2 -> tu65536;\n}\n"
		"tu65537[shape=Mrecord,fontname=Helvetica,color=green,label=\"t<int>|b.cc(5)\"];\n"
		"tu1 -> tu65537;\ntu65537 -> "
		"tu65536[color=red,style=dotted,constraint=false];\n}\n}\n";
	struct tests t = { 0 };
	struct buf got = BUF_INIT;
	struct err e = { 0 };

	ck_assert_int_eq(boost_list_read(text, strlen(text), &target, 0, &t, &e), 0);
	add_listed(&got, &t);
	ck_assert_str_eq(got.s, "t::su::x|y|su/x|y|b.cc:4|fast,lab,unit,|disabled\n"
				"t::t<int>|t<int>|b.cc:5||\n");
	ck_assert_uint_eq(t.tests[0].nprops, 1);
	ck_assert_str_eq(t.tests[0].props[0].value, "1");
	ck_assert_int_eq(boost_list_read("no\n", 3, &target, 0, &t, &e), -1);
	tests_release(&t);
	buf_release(&got);
}
END_TEST

START_TEST(a_name_of_catch2_is_quoted)
{
	struct buf got = BUF_INIT;

	catch2_add_spec(&got, "a,b [c] \"d\" \\*~");
	ck_assert_str_eq(got.s, "\"a\\,b \\[c\\] \\\"d\\\" \\\\*~\"");
	buf_release(&got);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("xmlrun");
	TCase *t = tcase_create("xmlrun");

	tcase_add_loop_test(t, a_stream_says_the_same_wherever_it_is_cut, 0, ARRAY_SIZE(streams));
	tcase_add_test(t, v3_lists_tests_with_tags_and_places);
	tcase_add_test(t, v2_lists_names_in_one_call_and_tags_in_another);
	tcase_add_test(t, doctest_numbers_the_tests_that_run);
	tcase_add_test(t, boost_lists_a_tree);
	tcase_add_test(t, a_name_of_catch2_is_quoted);
	suite_add_tcase(s, t);
	return unit_main(s);
}
