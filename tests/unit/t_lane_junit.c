/* SPDX-License-Identifier: MIT */
#include "stage/lane_junit.h"

#include "base/buf.h"
#include "base/err.h"
#include "format/journal.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/fs.h"
#include "unit/unit.h"

static struct arena mem;
static const char *dir;
static struct err e;
static struct tests tests;
static const struct run run = { .rootdir = "/home/me/shop", .nlanes = 2 };
static struct buf written = BUF_INIT;

/* 0, 1: cases of a program in a folder; 2: that program's third; 3: a plain program; 4: a TAP one
 */
static void set_up(void)
{
	static const char *const names[] = { "waits", "gives_up", "later" };
	struct test t;

	dir = fs_make_temp_dir(&mem, NULL);
	tests_add_target(&tests, &(struct target){ .name = "tests/net_test" });
	tests_add_target(&tests, &(struct target){ .name = "smoke" });
	tests_add_target(&tests, &(struct target){ .name = "tests/points" });
	for (size_t i = 0; i < 3; i++) {
		t = test_blank(0);
		t.id = fs_join(&mem, "tests/net_test::Retry:", names[i]);
		t.suite = "Retry";
		t.name = names[i];
		t.selector = names[i];
		t.file = "net.cc";
		t.line = 12;
		t.group = i == 1 ? "net" : NULL;
		tests_add(&tests, &t);
	}
	t = test_blank(1);
	t.id = t.name = "smoke";
	tests_add(&tests, &t);
	t = test_blank(2);
	t.id = "tests/points";
	tests_add(&tests, &t);
}

static void tear_down(void)
{
	fs_remove_tree(dir, NULL);
	tests_release(&tests);
	arena_release(&mem);
}

static struct result result_of(uint32_t test, enum outcome outcome)
{
	return (struct result){ .test = test,
				.attempt = 1,
				.outcome = outcome,
				.time_us = 1500,
				.message = "",
				.detail = "",
				.exit_code = -1,
				.peak_bytes = TIME_UNKNOWN };
}

static const char *write_lane(struct journal *j, bool is_each)
{
	const struct lane_junit_options o = { .dir = dir, .lane = 1, .is_each = is_each };

	ck_assert_int_eq(journal_close(j, &e), 0);
	ck_assert_msg(lane_junit_write(&o, &run, &tests, &e) == 0, "%s", e.msg);
	buf_clear(&written);
	ck_assert_int_eq(fs_read(fs_join(&mem, dir, "junit.xml"), 1 << 20, &written, &e), 0);
	return written.s;
}

#define HEAD(counts)                                                                               \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gangway\" " counts ">\n"
#define WORKER                                                                                     \
	"      <properties>\n        <property name=\"worker\" value=\"gw1\"/>\n"                  \
	"      </properties>\n"

START_TEST(a_journal_becomes_suites_with_output_group_and_worker)
{
	struct journal *j = journal_create(dir, 1, &e);
	struct result r = result_of(1, OUTCOME_CRASH);

	r.message = "killed by SIGSEGV";
	ck_assert_int_eq(journal_output(j, "last words\n", 11, &r.out, &e), 0);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	r = result_of(0, OUTCOME_PASS);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	r = result_of(3, OUTCOME_PASS);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	ck_assert_str_eq(write_lane(j, false),
			 HEAD("tests=\"3\" failures=\"1\" errors=\"0\" "
			      "time=\"0.005\"") "  <testsuite "
						"name=\"tests/net_test\" "
						"tests=\"2\" failures=\"1\" "
						"errors=\"0\" "
						"skipped=\"0\" time=\"0.003\">\n"
						"    <testcase "
						"classname=\"tests.net_test."
						"Retry\" name=\"gives_up\" "
						"time=\"0.002\" "
						"file=\"net.cc\" line=\"12\">\n"
						"      <properties>\n"
						"        <property name=\"worker\" "
						"value=\"gw1\"/>\n"
						"        <property "
						"name=\"xdist_group\" "
						"value=\"net\"/>\n"
						"      </properties>\n"
						"      <failure message=\"killed "
						"by SIGSEGV\" "
						"type=\"crash\">killed by "
						"SIGSEGV</failure>\n"
						"      <system-out>last "
						"words\n</system-out>\n"
						"    </testcase>\n"
						"    <testcase "
						"classname=\"tests.net_test."
						"Retry\" name=\"waits\" "
						"time=\"0.002\" "
						"file=\"net.cc\" "
						"line=\"12\">\n" WORKER "    </testcase>\n"
						"  </testsuite>\n"
						"  <testsuite name=\"shop\" "
						"tests=\"1\" failures=\"0\" "
						"errors=\"0\" skipped=\"0\" "
						"time=\"0.002\">\n"
						"    <testcase classname=\"shop\" "
						"name=\"smoke\" "
						"time=\"0.002\">\n" WORKER "    </testcase>\n"
						"  </testsuite>\n"
						"</testsuites>\n");
}
END_TEST

START_TEST(what_the_process_took_is_among_the_properties)
{
	struct journal *j = journal_create(dir, 1, &e);
	struct result r = result_of(3, OUTCOME_CRASH);

	r.term_signal = 11;
	r.has_usage = true;
	r.user_us = 1234567;
	r.system_us = 400;
	r.peak_bytes = 4096;
	r.core = "/var/core.1";
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	ck_assert_ptr_nonnull(
		strstr(write_lane(j, false),
		       "name=\"worker\" value=\"gw1\"/>\n"
		       "        <property name=\"signal\" value=\"SIGSEGV\"/>\n"
		       "        <property name=\"core\" value=\"/var/core.1\"/>\n"
		       "        <property name=\"user_time\" value=\"1.235\"/>\n"
		       "        <property name=\"system_time\" value=\"0.000\"/>\n"
		       "        <property name=\"peak_memory_bytes\" value=\"4096\"/>\n"
		       "      </properties>\n"));
}
END_TEST

START_TEST(points_are_cases_and_the_program_is_one_only_if_no_point_explains_it)
{
	struct journal *j = journal_create(dir, 1, &e);
	struct result r = result_of(4, OUTCOME_FAIL);
	const struct subresult subs[] = {
		{ .name = "first",
		  .outcome = OUTCOME_PASS,
		  .message = "",
		  .time_us = TIME_UNKNOWN },
		{ .name = "second",
		  .outcome = OUTCOME_FAIL,
		  .message = "no",
		  .time_us = TIME_UNKNOWN },
	};

	r.subs = subs;
	r.nsubs = 2;
	ck_assert_int_eq(journal_output(j, "not ok 2", 8, &r.out, &e), 0);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	const char *xml = write_lane(j, false);

	ck_assert_ptr_nonnull(strstr(xml, "name=\"tests/points\" tests=\"2\" failures=\"1\""));
	ck_assert_ptr_nonnull(strstr(xml, "name=\"first\">"));
	ck_assert_ptr_nonnull(strstr(xml, "<failure message=\"no\" type=\"failure\">no</failure>\n"
					  "      <system-out>not ok 2</system-out>"));

	j = journal_create(dir, 1, &e);
	r.out = (struct span){ 0 };
	r.nsubs = 1; /* all points passed, and the program failed */
	r.message = "exit status 3";
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	xml = write_lane(j, false);
	ck_assert_ptr_nonnull(strstr(xml, "tests=\"2\" failures=\"1\""));
	ck_assert_ptr_nonnull(strstr(xml, "<failure message=\"exit status 3\" type=\"failure\">"));
}
END_TEST

/* Fails twice, with others between, then ends so; one more test has no last attempt. */
static const char *write_attempts(enum outcome outcome)
{
	struct journal *j = journal_create(dir, 1, &e);
	struct result r = result_of(1, OUTCOME_CRASH);

	r.is_rerun = true;
	r.message = "killed by SIGSEGV";
	ck_assert_int_eq(journal_output(j, "one", 3, &r.out, &e), 0);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	r.test = 3;
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	r = result_of(0, OUTCOME_PASS);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	r = result_of(1, OUTCOME_TIMEOUT);
	r.is_rerun = true;
	r.attempt = 2;
	r.message = "timed out";
	r.detail = "where it hung";
	ck_assert_int_eq(journal_output(j, "two", 3, &r.err, &e), 0);
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	r = result_of(1, outcome);
	r.attempt = 3;
	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	return write_lane(j, false);
}

START_TEST(attempts_of_a_test_are_one_case_with_its_reruns)
{
	static const char *const kinds[] = { "flakyFailure", "rerunFailure" };
	const char *kind = kinds[_i];
	const char *xml = write_attempts(_i == 0 ? OUTCOME_PASS : OUTCOME_FAIL);
	struct buf want = BUF_INIT;

	ck_assert_ptr_nonnull(
		strstr(xml, _i == 0 ? "tests=\"2\" failures=\"0\"" : "tests=\"2\" failures=\"1\""));
	ck_assert_ptr_nonnull(strstr(xml, "name=\"waits\""));
	ck_assert_ptr_null(strstr(xml, "name=\"smoke\""));
	buf_addf(&want,
		 "      <%s message=\"killed by SIGSEGV\" type=\"crash\">\n"
		 "      <stackTrace>killed by SIGSEGV</stackTrace>\n"
		 "      <system-out>one</system-out>\n"
		 "      </%s>\n"
		 "      <%s message=\"timed out\" type=\"timeout\">\n"
		 "      <stackTrace>where it hung</stackTrace>\n"
		 "      <system-err>two</system-err>\n"
		 "      </%s>\n"
		 "    </testcase>\n",
		 kind, kind, kind, kind);
	ck_assert_msg(strstr(xml, want.s) != NULL, "%s", xml);
	buf_release(&want);
}
END_TEST

START_TEST(where_every_lane_runs_everything_names_say_which)
{
	struct journal *j = journal_create(dir, 1, &e);
	struct result r = result_of(2, OUTCOME_SKIP);

	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	ck_assert_ptr_nonnull(strstr(write_lane(j, true), "name=\"later [gw1]\""));
}
END_TEST

START_TEST(a_test_that_is_not_in_the_list_is_an_error)
{
	struct journal *j = journal_create(dir, 1, &e);
	struct result r = result_of(77, OUTCOME_PASS);
	const struct lane_junit_options o = { .dir = dir, .lane = 1 };

	ck_assert_int_eq(journal_end(j, &r, &e), 0);
	ck_assert_int_eq(journal_close(j, &e), 0);
	ck_assert_int_eq(lane_junit_write(&o, &run, &tests, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert(!fs_exists(fs_join(&mem, dir, "junit.xml")));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lane_junit");
	TCase *t = tcase_create("lane_junit");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_journal_becomes_suites_with_output_group_and_worker);
	tcase_add_test(t, what_the_process_took_is_among_the_properties);
	tcase_add_test(t, points_are_cases_and_the_program_is_one_only_if_no_point_explains_it);
	tcase_add_loop_test(t, attempts_of_a_test_are_one_case_with_its_reruns, 0, 2);
	tcase_add_test(t, where_every_lane_runs_everything_names_say_which);
	tcase_add_test(t, a_test_that_is_not_in_the_list_is_an_error);
	return unit_main(s);
}
