/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_guest.h"

#include "base/err.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/transcript.h"

#define WORD "00112233445566778899aabbccddeeff"
#define MARK "\033_gangway\t" WORD "\t"
#define END  "\033\\"

static struct arena mem;
static struct err e;
static const struct test tests[] = { { .selector = "0\tS\ta" }, { .selector = "1\tS\tb" } };
static const struct test *const list[] = { &tests[0], &tests[1] };
static struct batch batch = { .tests = list, .ntests = 2 };
static const struct proc_end well, aborted = { .exit_code = -1, .term_signal = 6 },
				   exit_1 = { .exit_code = 1 };

static void set_up(void)
{
	const char *text = WORD "\n0\tS\ta\n1\tS\tb\n";

	batch.scratch = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(batch.scratch);
	ck_assert_int_eq(
		outfile_write(fs_join(&mem, batch.scratch, GUEST_CHOSEN), text, strlen(text), &e),
		0);
}

static void tear_down(void)
{
	fs_remove_tree(batch.scratch, NULL);
	arena_release(&mem);
}

static const struct {
	const char *text;
	const struct proc_end *end;
	const char *want;
} streams[] = {
	{ "main\n" MARK "begin\t0" END "out\n" MARK "end\t0\tpassed\t0\t\t\t" END MARK
	  "begin\t1" END MARK "end\t1\tfailed\t7\tm.c\tone\\x09two\tall" END "bye\n",
	  &exit_1,
	  "begin 0\nprint 0: main\\x0Aout\\x0A\nend 0 passed\nbegin 1\nprint 1: bye\\x0A\n"
	  "end 1 failed m.c:7 one\ttwo\n" },
	/* what dies after its last verdict, and what dies before */
	{ MARK "begin\t0" END MARK "end\t0\tpassed\t0\t\t\t" END MARK "begin\t1" END MARK
	       "end\t1\tpassed\t0\t\t\t" END,
	  &aborted,
	  "begin 0\nend 0 passed\nbegin 1\nend 1 crashed killed by SIGABRT although every test "
	  "passed\n" },
	{ MARK "begin\t0" END "last", &aborted, "begin 0\nprint 0: last\n" },
	/* no such test, no such verdict, not our word, no end */
	{ MARK "begin\t2" END MARK "end\t0\tgreat\t0\t\t\t" END MARK "begin\tx" END, &well, "" },
	{ "\033_gangway\tguessed\tend\t0\tpassed\t0\t\t\t" END, &well,
	  "nobody: "
	  "\\x1B_gangway\\x09guessed\\x09end\\x090\\x09passed\\x090\\x09\\x09\\x09\\x1B\\x5C\n" },
	/* one whose end is not told is not over when another begins */
	{ MARK "begin\t0" END MARK "begin\t1" END MARK "end\t1\tpassed\t0\t\t\t" END, &well,
	  "begin 0\npause\nbegin 1\nend 1 passed\n" },
	{ MARK "refused\tno" END, &well, "begin 0\nend 0 error no\nbegin 1\nend 1 error no\n" },
};

START_TEST(marks_are_read_wherever_they_are_cut)
{
	assert_transcript(&adapter_cmocka, &batch, 0, streams[_i].text, strlen(streams[_i].text),
			  streams[_i].end, streams[_i].want);
}
END_TEST

static const struct {
	const char *text;
	const char *message;
} bad[] = {
	{ "", "shows no list of its tests" },
	{ "guest\t1\n", "shows no list of its tests" },
	{ "guest\t2\n", "cannot be read: line 1" },
	{ "test\tS\ta\t0\t\n", "cannot be read: line 1" },
	{ "guest\t1\ntest\tS\ta\n", "cannot be read: line 2" },
	{ "guest\t1\ntest\tS\ta\\x\t0\t\n", "cannot be read: line 2" },
	{ "guest\t1\ntest\tS\ta\t0\t\ntest\t\n", "cannot be read: line 3" },
};

static const char *argv[] = { "program", NULL };
static const struct target target = { .name = "t", .argv = argv, .nargv = 1 };

START_TEST(a_bad_list_is_refused_as_a_whole)
{
	struct tests t = { 0 };

	ck_assert_int_eq(guest_list_read(bad[_i].text, strlen(bad[_i].text), &target, 0, &t, &e),
			 -1);
	ck_assert_msg(strstr(e.msg, bad[_i].message), "%s", e.msg);
	ck_assert_uint_eq(t.ntests, 0);
	tests_release(&t);
}
END_TEST

START_TEST(names_are_made_unique_and_numbers_select)
{
	const char *text = "guest\t1\ntest\tS\ta\t12ab\t\ntest\tS\ta\t0\tinactive\n"
			   "test\tS\ta#2\t0\t\ntest\tS\ttab\\x09 \\x5C\t0\t\n";
	static const char *const want[][2] = { { "t::S::a", "0\tS\ta" },
					       { "t::S::a#2", "1\tS\ta" },
					       { "t::S::a#2#2", "2\tS\ta#2" },
					       { "t::S::tab\t \\", "3\tS\ttab\\x09 \\x5C" } };
	struct tests t = { 0 };

	ck_assert_int_eq(guest_list_read(text, strlen(text), &target, 0, &t, &e), 0);
	ck_assert_uint_eq(t.ntests, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_str_eq(t.tests[i].id, want[i][0]);
		ck_assert_str_eq(t.tests[i].selector, want[i][1]);
	}
	ck_assert_str_eq(t.tests[0].file, "12ab");
	ck_assert_ptr_null(t.tests[0].skip_reason);
	ck_assert_str_eq(t.tests[1].skip_reason, "inactive");
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("adapter_guest");
	TCase *c = tcase_create("adapter_guest");

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_loop_test(c, marks_are_read_wherever_they_are_cut, 0, ARRAY_SIZE(streams));
	tcase_add_loop_test(c, a_bad_list_is_refused_as_a_whole, 0, ARRAY_SIZE(bad));
	tcase_add_test(c, names_are_made_unique_and_numbers_select);
	return unit_main(s);
}
