/* SPDX-License-Identifier: MIT
 *
 * format/checkxml and checklog: what Check writes, whole, cut, and twice at once.
 */
#include "format/checkxml.h"

#include "base/buf.h"
#include "unit.h"

static struct buf said;

static void setup(void)
{
	said = (struct buf)BUF_INIT;
}

static void teardown(void)
{
	buf_release(&said);
}

static void on_suite(void *ctx, const char *name)
{
	(void)ctx;
	buf_addf(&said, "[%s]", name);
}

static void on_ended(void *ctx, const struct check_case *c)
{
	(void)ctx;
	buf_addf(&said, "%s|%s|%s|%llu|%c|%s:%u|%lld|%s;", c->suite, c->tcase, c->name,
		 (unsigned long long)c->iteration, "PFE"[c->verdict], c -> file, c -> line,
		 (long long)c -> time_us, c -> message);
}

static const struct check_hooks hooks = { NULL, on_suite, on_ended };

#define DOC_BEGIN   "<?xml version=\"1.0\"?>\n<testsuites xmlns=\"http://x\">\n"
#define SUITE(name) "  <suite>\n    <title>" name "</title>\n"
#define TEST(result, name, message)                                                                \
	"<test result=\"" result "\"><path>.</path><fn>a.c:7</fn><id>" name                        \
	"</id><iteration>0</iteration><duration>0.000011</duration><description>c</description>"   \
	"<message>" message "</message></test>\n"
#define DOC_END "  </suite>\n  <duration>0.1</duration>\n</testsuites>\n"

static void read_xml(const char *text, size_t begun, size_t ended)
{
	struct checkxml *x = checkxml_new(&hooks);

	for (const char *at = text; *at; at++)
		checkxml_read(x, at, 1);
	ck_assert_uint_eq(checkxml_begun(x), begun);
	ck_assert_uint_eq(checkxml_ended(x), ended);
	checkxml_free(x);
}

START_TEST(documents_follow_each_other)
{
	read_xml(DOC_BEGIN SUITE("A &amp; B") TEST("success", "t", "Passed")
			 DOC_END DOC_BEGIN SUITE("C") TEST("failure", "u", "no") DOC_END,
		 2, 2);
	ck_assert_str_eq(said.s, "[A & B]A & B|c|t|0|P|a.c:7|11|Passed;[C]C|c|u|0|F|a.c:7|11|no;");
}
END_TEST

START_TEST(entities_are_undone_and_unknown_ones_stay)
{
	read_xml(DOC_BEGIN SUITE("S") TEST("error", "t",
					   "a&#xA;b&#10;&lt;&gt;&quot;&apos;&#xe9;&nbsp;&#x110000;")
			 DOC_END,
		 1, 1);
	ck_assert_str_eq(said.s, "[S]S|c|t|0|E|a.c:7|11|a\nb\n<>\"'\xc3\xa9&nbsp;&#x110000;;");
}
END_TEST

START_TEST(a_document_that_ends_in_the_middle_has_what_was_whole)
{
	read_xml(DOC_BEGIN SUITE("S") TEST("success", "t", "Passed") "<test result=\"success\"><pa",
		 1, 0);
	ck_assert_str_eq(said.s, "[S]S|c|t|0|P|a.c:7|11|Passed;");
}
END_TEST

START_TEST(a_document_inside_of_another_is_passed_over)
{
	read_xml(DOC_BEGIN SUITE("S") DOC_BEGIN SUITE("N") TEST("failure", "n", "inner")
			 DOC_END TEST("success", "t", "Passed") DOC_END,
		 1, 1);
	ck_assert_str_eq(said.s, "[S]S|c|t|0|P|a.c:7|11|Passed;");
}
END_TEST

START_TEST(a_time_that_was_not_measured_is_unknown_and_folders_are_joined)
{
	read_xml(DOC_BEGIN SUITE("S") "<test result=\"failure\"><path>../x</path><fn>b.c:12</fn>"
				      "<id>t</id><iteration>-3</iteration>"
				      "<duration>-1.000000</duration></test>" DOC_END,
		 1, 1);
	ck_assert_str_eq(said.s, "[S]S||t|4294967293|F|../x/b.c:12|-1|;");
}
END_TEST

static void read_log(const char *text, size_t begun, size_t ended)
{
	struct checklog *l = checklog_new(&hooks);

	for (const char *at = text; *at; at++)
		checklog_read(l, at, 1);
	checklog_end(l);
	ck_assert_uint_eq(checklog_begun(l), begun);
	ck_assert_uint_eq(checklog_ended(l), ended);
	checklog_free(l);
}

START_TEST(lines_of_the_log_may_go_on)
{
	read_log("Running suite A b\n"
		 "a.c:7:F:c::d:t:2: one: two\n"
		 "three\n"
		 "\n"
		 "x:y/b.c:8:E:c:u:0: (after this point) Received signal 11 (Segmentation fault)\n"
		 "b.c:9:P:c:v:0: Passed\n"
		 "Results for all suites run:\n"
		 "33%: Checks: 3, Failures: 1, Errors: 1\n",
		 1, 1);
	ck_assert_str_eq(said.s, "[A b]A b|c::d|t|2|F|a.c:7|-1|one: two\nthree\n;"
				 "A b|c|u|0|E|x:y/b.c:8|-1|Received signal 11 (Segmentation "
				 "fault);A b|c|v|0|P|b.c:9|-1|Passed;");
}
END_TEST

START_TEST(a_log_that_ends_in_the_middle_has_its_last_test)
{
	read_log("Running suite A\na.c:7:F:c:t:0: no", 1, 0);
	ck_assert_str_eq(said.s, "[A]A|c|t|0|F|a.c:7|-1|no;");
}
END_TEST

START_TEST(lines_that_only_resemble_are_text)
{
	read_log("Running suite A\na.c:7:F:c:t:0: no\n:::\na.c:x:F:c:t:0: no\na.c:7:Z:c:t:0: no\n"
		 "a.c:7:F:t:0: no\na.c:7:F:c:t t:0: no\n",
		 1, 0);
	ck_assert_str_eq(said.s, "[A]A|c|t|0|F|a.c:7|-1|no\n:::\na.c:x:F:c:t:0: no\n"
				 "a.c:7:Z:c:t:0: no\na.c:7:F:t:0: no\na.c:7:F:c:t t:0: no;");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("checkxml");
	TCase *t = tcase_create("xml");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, documents_follow_each_other);
	tcase_add_test(t, entities_are_undone_and_unknown_ones_stay);
	tcase_add_test(t, a_document_that_ends_in_the_middle_has_what_was_whole);
	tcase_add_test(t, a_document_inside_of_another_is_passed_over);
	tcase_add_test(t, a_time_that_was_not_measured_is_unknown_and_folders_are_joined);
	suite_add_tcase(s, t);
	t = tcase_create("log");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, lines_of_the_log_may_go_on);
	tcase_add_test(t, a_log_that_ends_in_the_middle_has_its_last_test);
	tcase_add_test(t, lines_that_only_resemble_are_text);
	suite_add_tcase(s, t);
	return unit_main(s);
}
