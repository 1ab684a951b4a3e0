/* SPDX-License-Identifier: MIT
 *
 * The logs are those of Qt 5.15, shortened.
 */
#include "adapter/qt.h"

#include "base/err.h"
#include "unit/transcript.h"

static const struct test tests[] = { { .selector = "one" }, { .selector = "each:a" } };
static const struct test *const list[] = { &tests[0], &tests[1] };
static const struct batch batch = { .tests = list, .ntests = 2 };
static const struct proc_end well, exit_1 = { .exit_code = 1 },
				   crashed = { .exit_code = -1, .term_signal = 11 };

#define HEAD                                                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TestCase name=\"T\">\n"                      \
	"<TestFunction name=\"initTestCase\">\n<Incident type=\"pass\" file=\"\" line=\"0\" />\n"  \
	"</TestFunction>\n"
#define BEGIN(name) "<TestFunction name=\"" name "\">\n"
#define PASS        "<Incident type=\"pass\" file=\"\" line=\"0\" />\n</TestFunction>\n"

static const struct {
	const char *text;
	const struct proc_end *end;
	const char *want;
} logs[] = {
	{ HEAD BEGIN("one") PASS BEGIN("each") "<Incident type=\"fail\" file=\"a&lt;b.cpp\" "
					       "line=\"6\">\n<DataTag><![CDATA[a]]>"
					       "</DataTag>\n<Description><![CDATA[why <x> "
					       "]]]><![CDATA[]> y]]></Description>\n"
					       "</Incident>\n</TestFunction>\n</TestCase>\n",
	  &exit_1, "begin 0\nend 0 passed\nbegin 1\nend 1 failed a<b.cpp:6 why <x> ]]> y\n" },
	{ HEAD BEGIN("one") "<Message type=\"qdebug\" file=\"\" "
			    "line=\"0\">\n<Description><![CDATA[dbg]]>"
			    "</Description>\n</Message>\n" PASS BEGIN(
				    "each") "<Message type=\"skip\" "
					    "file=\"t.cpp\" line=\"7\">\n<Description><![CDATA[no "
					    "net]]></Description>\n"
					    "</Message>\n</TestFunction>\n",
	  &well, "begin 0\nend 0 passed\nbegin 1\nend 1 skipped t.cpp:7 no net\n" },
	{ HEAD BEGIN("one") "<Incident type=\"xfail\" file=\"t.cpp\" "
			    "line=\"8\"><Description><![CDATA[known]]>"
			    "</Description></Incident>" PASS BEGIN("each"),
	  &crashed, "begin 0\nend 0 xfailed t.cpp:8 known\nbegin 1\n" },
	/* fixtures */
	{ "<TestFunction name=\"initTestCase\"><Incident type=\"fail\" file=\"t.cpp\" line=\"3\">"
	  "<Description><![CDATA[no db]]></Description></Incident></TestFunction>",
	  &exit_1,
	  "begin 0\nend 0 error initTestCase() failed: no db\nbegin 1\nend 1 error initTestCase() "
	  "failed: no db\n" },
	{ HEAD BEGIN("one") PASS BEGIN("each") PASS
	  "<TestFunction name=\"cleanupTestCase\"><Incident type=\"fail\" file=\"t.cpp\" "
	  "line=\"3\">"
	  "<Description><![CDATA[leak]]></Description></Incident></TestFunction>",
	  &exit_1, "begin 0\nend 0 passed\nbegin 1\nend 1 error cleanupTestCase() failed: leak\n" },
	{ HEAD BEGIN("one") "</TestFunction>" BEGIN("other") PASS, &well, "begin 0\n" },
};

START_TEST(the_log_is_read_wherever_it_is_cut)
{
	assert_transcript(&adapter_qt, &batch, 2, logs[_i].text, strlen(logs[_i].text),
			  logs[_i].end, logs[_i].want);
}
END_TEST

static const char *argv[] = { "program", NULL };
static const struct target target = { .name = "t", .argv = argv, .nargv = 1 };

START_TEST(functions_and_rows_are_tests)
{
	static const char text[] =
		"T ok\nT each one\nT each two: & <x>\nT each a::c\nT each one\nT "
		"each :x\nT each g __global__ row\n";
	static const char *const want[] = { "ok",        "each:one", "each:two: & <x>",
					    "each:a::c", "each",     "each:g" };
	struct tests t = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(qt_list_read(text, strlen(text), &target, 0, &t, &e), 0);
	ck_assert_uint_eq(t.ntests, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert_str_eq(t.tests[i].selector, want[i]);
	ck_assert_str_eq(t.tests[0].id, "t::T::ok");
	tests_release(&t);
}
END_TEST

START_TEST(a_program_of_several_objects_is_left_whole)
{
	static const char text[] = "T ok\nU ok\n";
	struct tests t = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(qt_list_read(text, strlen(text), &target, 0, &t, &e), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	ck_assert_uint_eq(t.ntests, 0);
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qt");
	TCase *c = tcase_create("qt");

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, the_log_is_read_wherever_it_is_cut, 0, ARRAY_SIZE(logs));
	tcase_add_test(c, functions_and_rows_are_tests);
	tcase_add_test(c, a_program_of_several_objects_is_left_whole);
	return unit_main(s);
}
