/* SPDX-License-Identifier: MIT */
#include "format/tap.h"

#include "base/buf.h"
#include "unit/unit.h"

static struct tap *t;
static struct result r;

static void set_up(void)
{
	t = tap_new();
	r = (struct result){ 0 };
}

static void tear_down(void)
{
	tap_free(t);
}

static void read_text(const char *text, int exit_code)
{
	const struct tap_exit how = { .exit_code = exit_code };

	tap_read(t, text, strlen(text));
	tap_end(t, &how, &r);
}

static const struct {
	const char *text;
	int exit_code;
	enum outcome outcome;
	size_t npoints;
	const char *message;
} whole[] = {
	{ "1..2\nok 1 - a\nok 2 - b\n", 0, OUTCOME_PASS, 2, "" },
	{ "ok 1 - a\nok 2 - b\n1..2\n", 0, OUTCOME_PASS, 2, "" },
	{ "TAP version 14\n1..1\nok", 0, OUTCOME_PASS, 1, "" },
	{ "1..1\r\nok 1\r\n", 0, OUTCOME_PASS, 1, "" },
	{ "hello\n1..1\nnoise\nok 1\nokay\nok! not a point\n", 0, OUTCOME_PASS, 1, "" },
	{ "1..2\nok 1\nnot ok 2 - b\n", 1, OUTCOME_FAIL, 2, "1 of 2 points failed: b" },
	{ "1..2\nok 1\nnot ok 2 - b\n", 0, OUTCOME_FAIL, 2, "1 of 2 points failed: b" },
	{ "1..3\nok 1\nok 2\n", 0, OUTCOME_FAIL, 2, "3 points planned, 2 came" },
	{ "1..3\nok 1\n", 4, OUTCOME_FAIL, 1, "3 points planned, 1 came; exit status 4" },
	{ "1..1\nok 1\nok 2\n", 0, OUTCOME_FAIL, 2, "1 points planned, but 2 came" },
	{ "ok 1\n", 0, OUTCOME_FAIL, 1, "no plan (1..N) and 1 points" },
	{ "", 0, OUTCOME_FAIL, 0, "no plan (1..N) and 0 points" },
	{ "1..1\nok 1\n1..2\n", 0, OUTCOME_FAIL, 1, "two plans" },
	{ "1..1\nok 1\n", 3, OUTCOME_FAIL, 1, "exit status 3 although no point failed" },
	{ "1..0 # SKIP no network\n", 0, OUTCOME_SKIP, 0, "no network" },
	{ "1..0 # skipped: no network\n", 0, OUTCOME_SKIP, 0, "no network" },
	{ "1..0\n", 0, OUTCOME_SKIP, 0, "no points planned" },
	{ "1..0 # SKIP later\n", 77, OUTCOME_SKIP, 0, "later" },
	{ "1..0 # SKIP later\n", 1, OUTCOME_FAIL, 0, "exit status 1 although no point failed" },
	{ "1..2\nok 1 # SKIP a\nok 2 # skip b\n", 0, OUTCOME_SKIP, 2, "a" },
	{ "1..2\nok 1 # SKIP a\nok 2\n", 0, OUTCOME_PASS, 2, "" },
	{ "1..1\nnot ok 1 # TODO later\n", 0, OUTCOME_PASS, 1, "" },
	{ "1..1\nnot ok 1 x # SKIP why\n", 0, OUTCOME_FAIL, 1, "1 of 1 points failed: x" },
	{ "1..3\nok 1\nBail out! no disk\nok 2\n", 255, OUTCOME_ERROR, 1, "bail out! no disk" },
	{ "1..3\nBail out!\n", 0, OUTCOME_ERROR, 0, "bail out!" },
	/* numbers are never trusted: out of order, twice, missing, too large */
	{ "1..3\nok 2\nok 1\nok 7\n", 0, OUTCOME_PASS, 3, "" },
	{ "1..2\nok\nok - b\n", 0, OUTCOME_PASS, 2, "" },
	{ "1..2\nok 99999999999999999999999 a\nok 2\n", 0, OUTCOME_PASS, 2, "" },
	/* a subtest's points and plan are the subtest's */
	{ "1..1\n    1..2\n    ok 1\n    not ok 2 - in\nnot ok 1 - out\n", 1, OUTCOME_FAIL, 1,
	  "1 of 1 points failed: out" },
	{ "1..1\n# Subtest: s\n    ok 1\n    1..1\nok 1 - s\n", 0, OUTCOME_PASS, 1, "" },
	{ "1..1\nok 1\n  ---\n  not ok 2\n  1..9\n  ...\n", 0, OUTCOME_PASS, 1, "" },
	/* a block that nobody ends hides nothing but what is indented */
	{ "1..2\nok 1\n  ---\n  a: b\nnot ok 2 - x\n", 0, OUTCOME_FAIL, 2,
	  "1 of 2 points failed: x" },
	{ "pragma +strict\n1..1\nok 1\n", 0, OUTCOME_PASS, 1, "" },
};

START_TEST(the_whole_output_has_one_verdict)
{
	read_text(whole[_i].text, whole[_i].exit_code);
	ck_assert_msg(r.outcome == whole[_i].outcome, "%s: %s (%s)", whole[_i].text,
		      outcome_word(r.outcome), r.message);
	ck_assert_str_eq(r.message, whole[_i].message);
	ck_assert_uint_eq(r.nsubs, whole[_i].npoints);
}
END_TEST

START_TEST(the_verdict_does_not_depend_on_how_the_bytes_come)
{
	const struct tap_exit how = { .exit_code = whole[_i].exit_code };

	for (const char *s = whole[_i].text; *s; s++)
		tap_read(t, s, 1);
	tap_end(t, &how, &r);
	ck_assert_int_eq(r.outcome, whole[_i].outcome);
	ck_assert_str_eq(r.message, whole[_i].message);
	ck_assert_uint_eq(r.nsubs, whole[_i].npoints);
}
END_TEST

static const struct {
	const char *line, *name, *message;
	enum outcome outcome;
} points[] = {
	{ "ok 1 - a thing", "a thing", "", OUTCOME_PASS },
	{ "ok 1 a thing", "a thing", "", OUTCOME_PASS },
	{ "ok a thing", "a thing", "", OUTCOME_PASS },
	{ "ok 1", "point 1", "", OUTCOME_PASS },
	{ "ok 1 -", "-", "", OUTCOME_PASS },
	{ "ok 1 - 2nd of 3", "2nd of 3", "", OUTCOME_PASS },
	{ "ok 12monkeys", "12monkeys", "", OUTCOME_PASS },
	{ "not ok 1 - a  ", "a", "", OUTCOME_FAIL },
	{ "ok 1 - a # SKIP no fork()", "a", "no fork()", OUTCOME_SKIP },
	{ "ok 1 # skip", "point 1", "", OUTCOME_SKIP },
	{ "ok 1 a # Skipped: why", "a", "why", OUTCOME_SKIP },
	{ "not ok 1 - a # TODO write it", "a", "write it", OUTCOME_XFAIL },
	{ "not ok 1 - a #todo", "a", "", OUTCOME_XFAIL },
	{ "ok 1 - a # TODO write it", "a", "write it", OUTCOME_XPASS },
	{ "not ok 1 - a \\# TODO write it", "a # TODO write it", "", OUTCOME_FAIL },
	{ "not ok 1 - c# todo list", "c# todo list", "", OUTCOME_FAIL },
	{ "not ok 1 - a # todos", "a # todos", "", OUTCOME_FAIL },
	{ "ok 1 - back\\\\slash", "back\\slash", "", OUTCOME_PASS },
	{ "ok 1 - nr # 5 # SKIP x", "nr # 5", "x", OUTCOME_SKIP },
};

START_TEST(a_point_is_read_with_its_directive)
{
	tap_read(t, points[_i].line, strlen(points[_i].line));
	read_text("\n", 0);
	ck_assert_uint_eq(r.nsubs, 1);
	ck_assert_str_eq(r.subs[0].name, points[_i].name);
	ck_assert_str_eq(r.subs[0].message, points[_i].message);
	ck_assert_msg(r.subs[0].outcome == points[_i].outcome, "%s: %s", points[_i].line,
		      outcome_word(r.subs[0].outcome));
}
END_TEST

START_TEST(what_is_said_behind_a_failed_point_is_its_message)
{
	read_text(
		"1..3\nok 1 - a\n# of a\nnot ok 2 - b\n#   Failed test 'b'\n#   at t/x.t line 12.\n"
		"ok 3\n# of 3\n",
		1);
	ck_assert_str_eq(r.subs[0].message, "");
	ck_assert_str_eq(r.subs[1].message, "  Failed test 'b'\n  at t/x.t line 12.");
	ck_assert_str_eq(r.subs[1].file, "t/x.t");
	ck_assert_uint_eq(r.subs[1].line, 12);
	ck_assert_str_eq(r.file, "t/x.t");
	ck_assert_uint_eq(r.line, 12);
	ck_assert_str_eq(r.detail, "b:   Failed test 'b'\n  at t/x.t line 12.");
}
END_TEST

START_TEST(a_yaml_block_tells_place_and_time)
{
	read_text("1..1\nnot ok 1 - b\n  ---\n  message: \"boom\"\n  file: 'a b.c'\n  line: 7\n"
		  "  duration_ms: 12.5\n  ...\n",
		  1);
	ck_assert_str_eq(r.subs[0].file, "a b.c");
	ck_assert_uint_eq(r.subs[0].line, 7);
	ck_assert_uint_eq(r.subs[0].time_us, 12500);
	ck_assert_ptr_nonnull(strstr(r.subs[0].message, "message: \"boom\""));
}
END_TEST

START_TEST(a_failed_subtest_says_which_of_its_points_failed)
{
	read_text("1..2\n    ok 1\n    not ok 2 - inner\n    # because\n    1..2\n"
		  "not ok 1 - outer\nnot ok 2 - next\n",
		  1);
	ck_assert_str_eq(r.subs[0].message, "not ok 2 - inner\n# because");
	ck_assert_str_eq(r.subs[1].message, "");
}
END_TEST

START_TEST(a_signal_is_a_crash_whatever_was_said_before)
{
	const struct tap_exit how = { .exit_code = -1, .signal = "SIGSEGV" };

	tap_read(t, "1..2\nok 1\n", 10);
	tap_end(t, &how, &r);
	ck_assert_int_eq(r.outcome, OUTCOME_CRASH);
	ck_assert_str_eq(r.message, "killed by SIGSEGV behind 1 points");
	ck_assert_uint_eq(r.nsubs, 1);
}
END_TEST

START_TEST(a_plain_program_may_lack_the_plan_but_not_what_it_planned)
{
	const struct tap_exit how = { .exit_code = 0, .may_lack_plan = true };

	tap_read(t, "ok 1\n", 5);
	tap_end(t, &how, &r);
	ck_assert_int_eq(r.outcome, OUTCOME_PASS);
	tap_free(t);
	t = tap_new();
	tap_read(t, "TAP version 13\nok 1\n", 20);
	tap_end(t, &how, &r);
	ck_assert_int_eq(r.outcome, OUTCOME_FAIL);
}
END_TEST

START_TEST(a_line_without_end_takes_bounded_memory)
{
	static char text[1 << 20];

	memset(text, 'x', sizeof text);
	tap_read(t, "1..2\nok 1 ", 10);
	for (int i = 0; i < 64; i++)
		tap_read(t, text, sizeof text);
	read_text("\nok 2\n", 0);
	ck_assert_int_eq(r.outcome, OUTCOME_PASS);
	ck_assert_uint_eq(r.nsubs, 2);
	ck_assert_uint_le(strlen(r.subs[0].name), TAP_MAX_LINE_BYTES);
}
END_TEST

static const struct {
	const char *line;
	bool is_tap;
} firsts[] = {
	{ "1..5", true },
	{ "1..0 # SKIP no", true },
	{ "1..5\r\n", true },
	{ "ok 1 - a", true },
	{ "ok 1", true },
	{ "not ok 1 a", true },
	{ "TAP version 13", true },
	{ "ok", false },
	{ "ok then", false },
	{ "ok 2", false },
	{ "ok 1st", false },
	{ "1..", false },
	{ "1..5 apples", false },
	{ "1...5", false },
	{ " 1..5", false },
	{ "okay 1", false },
	{ "", false },
};

START_TEST(only_a_first_line_of_tap_looks_like_tap)
{
	ck_assert_msg(tap_looks_like(firsts[_i].line, strlen(firsts[_i].line)) == firsts[_i].is_tap,
		      "'%s'", firsts[_i].line);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tap");
	TCase *c = tcase_create("tap");

	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_loop_test(c, the_whole_output_has_one_verdict, 0, ARRAY_SIZE(whole));
	tcase_add_loop_test(c, the_verdict_does_not_depend_on_how_the_bytes_come, 0,
			    ARRAY_SIZE(whole));
	tcase_add_loop_test(c, a_point_is_read_with_its_directive, 0, ARRAY_SIZE(points));
	tcase_add_test(c, what_is_said_behind_a_failed_point_is_its_message);
	tcase_add_test(c, a_yaml_block_tells_place_and_time);
	tcase_add_test(c, a_failed_subtest_says_which_of_its_points_failed);
	tcase_add_test(c, a_signal_is_a_crash_whatever_was_said_before);
	tcase_add_test(c, a_plain_program_may_lack_the_plan_but_not_what_it_planned);
	tcase_add_test(c, a_line_without_end_takes_bounded_memory);
	tcase_add_loop_test(c, only_a_first_line_of_tap_looks_like_tap, 0, ARRAY_SIZE(firsts));
	return unit_main(s);
}
