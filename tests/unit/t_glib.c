/* SPDX-License-Identifier: MIT */
#include "adapter/glib.h"

#include "base/err.h"
#include "unit/transcript.h"

static struct buf log_bytes;

static void set_up(void)
{
	log_bytes = (struct buf)BUF_INIT;
}

static void tear_down(void)
{
	buf_release(&log_bytes);
}

static void add_u32(uint32_t n)
{
	const char b[4] = { (char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n };

	buf_add(&log_bytes, b, sizeof b);
}

static void add_number(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof bits);
	add_u32((uint32_t)(bits >> 32));
	add_u32((uint32_t)bits);
}

/* As GLib writes it; message NULL: one text; status < 0: no numbers. */
static void add_message(unsigned type, const char *path, const char *message, int status)
{
	size_t len =
		20 + 4 + strlen(path) + (message ? 4 + strlen(message) : 0) + (status < 0 ? 0 : 24);

	add_u32((uint32_t)len);
	add_u32(type);
	add_u32(message ? 2 : 1);
	add_u32(status < 0 ? 0 : 3);
	add_u32(0);
	add_u32((uint32_t)strlen(path));
	buf_addstr(&log_bytes, path);
	if (message) {
		add_u32((uint32_t)strlen(message));
		buf_addstr(&log_bytes, message);
	}
	if (status < 0)
		return;
	add_number(status);
	add_number(0);
	add_number(0.25);
}

static const struct test tests[] = { { .selector = "/a/one" }, { .selector = "/a/two" } };
static const struct test *const list[] = { &tests[0], &tests[1] };
static const struct batch batch = { .tests = list, .ntests = 2 };
static const struct proc_end well, exit_1 = { .exit_code = 1 },
				   aborted = { .exit_code = -1, .term_signal = 6 };

START_TEST(verdicts_of_the_log_are_read_wherever_they_are_cut)
{
	add_message(2, "./t", "seed", -1);
	add_message(10, "a", NULL, -1);
	add_message(GLIB_START_CASE, "/a/one", NULL, -1);
	add_message(9, "a message", NULL, -1);
	add_message(GLIB_STOP_CASE, "/a/one", "no net", 1);
	add_message(GLIB_START_CASE, "/a/other", NULL, -1);
	add_message(GLIB_STOP_CASE, "/a/other", NULL, 2);
	add_message(GLIB_STOP_CASE, "/a/two", "told to be skipped", 1); /* did not start */
	add_message(GLIB_START_CASE, "/a/two", NULL, -1);
	add_message(GLIB_STOP_CASE, "/a/two", NULL, 2);
	assert_transcript(&adapter_glib, &batch, 2, log_bytes.s, log_bytes.len, &exit_1,
			  "begin 0\nend 0 skipped no net\nbegin 1\nend 1 failed failed\n");
}
END_TEST

START_TEST(an_assertion_that_ends_the_process_is_a_failure_with_its_place)
{
	add_message(GLIB_START_CASE, "/a/two", NULL, -1);
	add_message(GLIB_ERROR, "ERROR:t.c:9:two: assertion failed (a == b): (1 == 2)", NULL, -1);
	assert_transcript(&adapter_glib, &batch, 2, log_bytes.s, log_bytes.len, &aborted,
			  "begin 1\nend 1 failed t.c:9 assertion failed (a == b): (1 == 2)\n");
}
END_TEST

START_TEST(a_signal_without_a_word_is_left_to_whoever_waits_for_the_process)
{
	add_message(GLIB_START_CASE, "/a/two", NULL, -1);
	assert_transcript(&adapter_glib, &batch, 2, log_bytes.s, log_bytes.len, &aborted,
			  "begin 1\n");
}
END_TEST

START_TEST(what_goes_wrong_behind_the_last_test_is_its_error)
{
	add_message(GLIB_START_CASE, "/a/one", NULL, -1);
	add_message(GLIB_STOP_CASE, "/a/one", "later", 3);
	add_message(GLIB_START_CASE, "/a/two", NULL, -1);
	add_message(GLIB_STOP_CASE, "/a/two", NULL, 0);
	assert_transcript(&adapter_glib, &batch, 2, log_bytes.s, log_bytes.len, &exit_1,
			  "begin 0\nend 0 xfailed later\nbegin 1\nend 1 error exit status 1 "
			  "although every test passed\n");
	assert_transcript(&adapter_glib, &batch, 2, log_bytes.s, log_bytes.len, &well,
			  "begin 0\nend 0 xfailed later\nbegin 1\nend 1 passed\n");
}
END_TEST

static const char *argv[] = { "program", NULL };
static const struct target target = { .name = "t", .argv = argv, .nargv = 1 };

START_TEST(paths_are_listed_by_suite_and_name)
{
	struct tests t = { 0 };
	struct err e = { 0 };

	add_message(2, "./t", "seed", -1);
	add_message(GLIB_LIST_CASE, "/a/b/c d", NULL, -1);
	add_message(GLIB_LIST_CASE, "/top", NULL, -1);
	ck_assert_int_eq(glib_list_read(log_bytes.s, log_bytes.len, &target, 0, &t, &e), 0);
	ck_assert_uint_eq(t.ntests, 2);
	ck_assert_str_eq(t.tests[0].id, "t::/a/b::c d");
	ck_assert_str_eq(t.tests[0].selector, "/a/b/c d");
	ck_assert_str_eq(t.tests[1].id, "t::top");
	tests_release(&t);
}
END_TEST

START_TEST(what_is_no_log_is_refused_as_a_whole)
{
	struct tests t = { 0 };
	struct err e = { 0 };

	add_message(GLIB_LIST_CASE, "/a/b", NULL, -1);
	if (_i)
		buf_add(&log_bytes, "\0\0\0\1\0\0\0\3 more of it, and more", 30);
	else
		buf_addstr(&log_bytes, "cut");
	ck_assert_int_eq(glib_list_read(log_bytes.s, log_bytes.len, &target, 0, &t, &e), -1);
	ck_assert_uint_eq(t.ntests, 0);
	ck_assert(strstr(e.msg, "cannot be read"));
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("glib");
	TCase *c = tcase_create("glib");

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, verdicts_of_the_log_are_read_wherever_they_are_cut);
	tcase_add_test(c, an_assertion_that_ends_the_process_is_a_failure_with_its_place);
	tcase_add_test(c, a_signal_without_a_word_is_left_to_whoever_waits_for_the_process);
	tcase_add_test(c, what_goes_wrong_behind_the_last_test_is_its_error);
	tcase_add_test(c, paths_are_listed_by_suite_and_name);
	tcase_add_loop_test(c, what_is_no_log_is_refused_as_a_whole, 0, 2);
	return unit_main(s);
}
