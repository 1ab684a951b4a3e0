/* SPDX-License-Identifier: MIT
 *
 * model/history, format/history (the database), format/durations.
 */
#include "format/history.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/durations.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static struct history h;
static struct buf warning;
static struct history_file file;
static struct err e;
static char *dir;

static void setup(void)
{
	e = (struct err){ 0 };
	h = (struct history){ 0 };
	warning = (struct buf)BUF_INIT;
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	file = (struct history_file){ fs_join(&mem, dir, "history.db"), &warning };
}

static void teardown(void)
{
	history_release(&h);
	buf_release(&warning);
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

static int save_at(const char *id, enum outcome outcome, uint64_t time_us, uint64_t now_s)
{
	const struct history_seen seen = { id, outcome, time_us, 4096, false };
	const struct history_run run = { .seen = &seen, .nseen = 1, .now_s = now_s };

	return history_save(&file, &run, &e);
}

static void save(const char *id, enum outcome outcome, uint64_t time_us)
{
	ck_assert_msg(save_at(id, outcome, time_us, 1000) == 0, "%s", e.msg);
}

static const struct history_test *load(const char *id)
{
	history_release(&h);
	ck_assert_msg(history_load(&file, NULL, 0, &h, &e) == 0, "%s", e.msg);
	return history_find(&h, id);
}

START_TEST(what_a_run_saw_is_there_in_the_next)
{
	const struct history_seen seen[] = {
		{ "a::x", OUTCOME_PASS, 1000, 5000, false },
		{ "a::y", OUTCOME_FAIL, 2000, TIME_UNKNOWN, false },
		{ "a::z\xff\t'", OUTCOME_PASS, 0, TIME_UNKNOWN, true },
	};
	const struct history_target targets[] = { { "a", 777 } };
	const struct history_run run = { seen, 3, targets, 1, 123456 };

	ck_assert_int_eq(history_save(&file, &run, &e), 0);
	const struct history_test *x = load("a::x");

	ck_assert_ptr_nonnull(x);
	ck_assert(x->mean_us == 1000 && x->peak_bytes == 5000 && x->nruns == 1);
	ck_assert(x->seen_s == 123456 && x->nflakes == 0 && !history_has_failed(x));
	ck_assert_str_eq(x->outcomes, ".");
	const struct history_test *y = history_find(&h, "a::y");

	ck_assert(y->peak_bytes == TIME_UNKNOWN && history_has_failed(y));
	const struct history_test *z = history_find(&h, "a::z\xff\t'");

	ck_assert_ptr_nonnull(z);
	ck_assert(z->mean_us == 0 && z->nflakes == 1);
	ck_assert(history_start_us(&h, "a") == 777);
	ck_assert(history_start_us(&h, "b") == TIME_UNKNOWN);
	ck_assert_ptr_null(history_find(&h, "a::w"));
	ck_assert_uint_eq(warning.len, 0);
}
END_TEST

START_TEST(only_the_tests_asked_for_are_read)
{
	static const char *const ids[] = { "b", "nobody" };

	save("a", OUTCOME_PASS, 1);
	save("b", OUTCOME_PASS, 2);
	ck_assert_int_eq(history_load(&file, ids, 2, &h, &e), 0);
	ck_assert_uint_eq(h.ntests, 1);
	ck_assert_str_eq(h.tests[0].id, "b");
}
END_TEST

START_TEST(newer_times_weigh_a_quarter)
{
	save("a", OUTCOME_PASS, 1000);
	save("a", OUTCOME_PASS, 2000);
	ck_assert_uint_eq(load("a")->mean_us, 1250);
	save("a", OUTCOME_PASS, 250);
	ck_assert_uint_eq(load("a")->mean_us, 1000);
}
END_TEST

START_TEST(a_skip_or_an_error_tells_no_time)
{
	save("a", OUTCOME_PASS, 1000);
	save("a", OUTCOME_SKIP, 5);
	save("a", OUTCOME_ERROR, 5);
	save("a", OUTCOME_LOST, TIME_UNKNOWN);
	ck_assert_uint_eq(load("a")->mean_us, 1000);
	ck_assert_str_eq(h.tests[0].outcomes, ".sEE");
	ck_assert(history_has_failed(&h.tests[0]));
}
END_TEST

START_TEST(a_test_that_was_not_run_keeps_its_last_outcome)
{
	save("a", OUTCOME_FAIL, 1000);
	save("a", OUTCOME_NOTRUN, TIME_UNKNOWN);
	save("b", OUTCOME_NOTRUN, TIME_UNKNOWN);
	ck_assert_str_eq(load("a")->outcomes, "F");
	ck_assert_uint_eq(h.ntests, 1);
}
END_TEST

START_TEST(the_last_eight_outcomes_are_kept)
{
	for (int i = 0; i < 8; i++)
		save("a", OUTCOME_PASS, 1);
	save("a", OUTCOME_FAIL, 1);
	save("a", OUTCOME_XFAIL, 1);
	ck_assert_str_eq(load("a")->outcomes, "......Fx");
	ck_assert_uint_eq(h.tests[0].nruns, 10);
	ck_assert(!history_has_failed(&h.tests[0]));
}
END_TEST

START_TEST(without_a_file_nothing_is_known_and_none_is_made)
{
	ck_assert_ptr_null(load("a"));
	ck_assert(!fs_exists(file.path));
}
END_TEST

/* --- damage --------------------------------------------------------------------------------- */

static void put(const char *s, size_t len)
{
	ck_assert_int_eq(outfile_write(file.path, s, len, &e), 0);
}

START_TEST(a_file_that_is_none_is_moved_aside_with_a_warning)
{
	for (int i = 1; i <= 2; i++) {
		char name[64];

		unlink(fs_join(&mem, dir, "history.db-wal"));
		unlink(fs_join(&mem, dir, "history.db-shm"));
		put("this is no database, whatever it says it is", 43);
		save("a", OUTCOME_PASS, 5);
		snprintf(name, sizeof name, "history.db.damaged-%d", i);
		ck_assert(fs_exists(fs_join(&mem, dir, name)));
		ck_assert_ptr_nonnull(strstr(warning.s, name));
		ck_assert_uint_eq(load("a")->mean_us, 5);
	}
}
END_TEST

START_TEST(a_damaged_file_is_moved_aside_when_it_is_read)
{
	struct buf text = BUF_INIT;

	/* so many that they fill more pages than the log keeps */
	for (int i = 0; i < 2; i++) {
		struct history many = { 0 };

		for (int k = 0; k < 20000; k++) {
			char id[64];

			snprintf(id, sizeof id, "some/folder/program::suite::case_%d", k);
			struct history_test t = history_blank(id);

			t.mean_us = 1;
			history_add_test(&many, &t);
		}
		ck_assert_int_eq(history_import(&file, &many, &e), 0);
		history_release(&many);
	}
	ck_assert_int_eq(fs_read(file.path, 1 << 30, &text, &e), 0);
	ck_assert_uint_gt(text.len, 100000);
	memset(text.s + 4096, 0x5a, text.len - 4096);
	put(text.s, text.len);
	buf_release(&text);
	unlink(fs_join(&mem, dir, "history.db-wal"));
	unlink(fs_join(&mem, dir, "history.db-shm"));
	ck_assert_ptr_null(load("a"));
	ck_assert_ptr_nonnull(strstr(warning.s, "history.db.damaged-1"));
	save("a", OUTCOME_PASS, 5);
	ck_assert_uint_eq(load("a")->mean_us, 5);
}
END_TEST

START_TEST(a_newer_form_is_left_alone)
{
	struct buf text = BUF_INIT;

	save("a", OUTCOME_PASS, 5);
	/* user_version, offset 60 of the header: the log is carried over first by hand */
	ck_assert_int_eq(fs_read(fs_join(&mem, dir, "history.db-wal"), 1 << 30, &text, &e), 0);
	ck_assert_uint_gt(text.len, 0);
	buf_clear(&text);
	for (int i = 0; i < 200; i++)
		save("a", OUTCOME_PASS, 5);
	ck_assert_int_eq(fs_read(file.path, 1 << 30, &text, &e), 0);
	ck_assert_uint_gt(text.len, 100);
	text.s[63] = 99;
	put(text.s, text.len);
	unlink(fs_join(&mem, dir, "history.db-wal"));
	unlink(fs_join(&mem, dir, "history.db-shm"));
	ck_assert_int_eq(save_at("b", OUTCOME_PASS, 5, 1), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	ck_assert_uint_eq(warning.len, 0);
	ck_assert(fs_exists(file.path));
	buf_release(&text);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_an_error_value_and_no_more)
{
	file.path = fs_join(&mem, dir, "no/such/folder/history.db");
	ck_assert_int_eq(save_at("a", OUTCOME_PASS, 5, 1), -1);
	ck_assert(e.code == ERR_SYSTEM && e.msg[0]);
	ck_assert_uint_eq(warning.len, 0);
}
END_TEST

START_TEST(runs_at_once_lose_nothing)
{
	enum { RUNS = 4, EACH = 25 };

	for (int i = 0; i < RUNS; i++) {
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		for (int k = 0; pid == 0 && k < EACH; k++) {
			if (save_at("a", OUTCOME_PASS, 5, 1) < 0)
				_exit(1);
		}
		if (pid == 0)
			_exit(0);
	}
	for (int i = 0; i < RUNS; i++) {
		int status = -1;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_uint_eq(load("a")->nruns, RUNS * EACH);
	ck_assert_uint_eq(warning.len, 0);
}
END_TEST

START_TEST(import_changes_means_and_nothing_else)
{
	struct history in = { 0 };
	struct history_test a = history_blank("a");
	struct history_test b = history_blank("b");

	a.mean_us = 9;
	b.mean_us = 8;
	history_add_test(&in, &a);
	history_add_test(&in, &b);
	history_add_target(&in, "t", 7);
	save("a", OUTCOME_FAIL, 5);
	ck_assert_int_eq(history_import(&file, &in, &e), 0);
	history_release(&in);
	const struct history_test *got = load("a");

	ck_assert(got->mean_us == 9 && got->nruns == 1 && history_has_failed(got));
	got = history_find(&h, "b");
	ck_assert(got->mean_us == 8 && got->nruns == 0 && !history_has_failed(got));
	ck_assert_uint_eq(history_start_us(&h, "t"), 7);
}
END_TEST

/* --- durations.tsv ---------------------------------------------------------------------------- */

START_TEST(durations_are_written_sorted_with_two_digits)
{
	static const struct {
		const char *id;
		uint64_t us;
	} rows[] = {
		{ "b", 12345 }, { "a\t", 99 }, { "c", 996 }, { "d", TIME_UNKNOWN }, { "e", 0 }
	};
	struct buf out = BUF_INIT;
	struct buf again = BUF_INIT;
	struct history back = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct history_test t = history_blank(rows[i].id);

		t.mean_us = rows[i].us;
		history_add_test(&h, &t);
	}
	history_add_target(&h, "z", 1234);
	history_add_target(&h, "y", 5);
	durations_write(&h, &out);
	ck_assert_str_eq(out.s, "durations\t1\n"
				"p\ty\t5\np\tz\t1200\n"
				"t\ta\\x09\t99\nt\tb\t12000\nt\tc\t1000\nt\te\t0\n");
	ck_assert_int_eq(durations_read_mem("d.tsv", out.s, out.len, &back, &e), 0);
	durations_write(&back, &again);
	ck_assert_str_eq(again.s, out.s);
	history_release(&back);
	buf_release(&again);
	buf_release(&out);
}
END_TEST

START_TEST(of_two_lines_for_a_test_the_larger_counts)
{
	static const char text[] = "durations\t1\nt\tb\t5\nt\ta\t9\nt\ta\t7\nt\tb\t6\n"
				   "p\tq\t3\np\tq\t2\n";

	ck_assert_int_eq(durations_read_mem("d.tsv", text, strlen(text), &h, &e), 0);
	ck_assert_uint_eq(history_find(&h, "a")->mean_us, 9);
	ck_assert_uint_eq(history_find(&h, "b")->mean_us, 6);
	ck_assert_uint_eq(history_start_us(&h, "q"), 3);
}
END_TEST

static const struct {
	const char *text, *msg;
	unsigned line;
} bad[] = {
	{ "durations\t2\n", "version 2", 1 },
	{ "plan\t1\n", "not a durations file", 1 },
	{ "durations\t1\nx\ta\t1\n", "unknown record 'x'", 2 },
	{ "durations\t1\nt\ta\t1\nt\ta\n", "", 3 },
	{ "durations\t1\nt\ta\t1.5\n", "", 2 },
	{ "durations\t1\nt\ta\t-\n", "", 2 },
	{ "durations\t1\nt\ta\t99999999999999999\n", "", 2 },
	{ "durations\t1\nt\t\t1\n", "a name is empty", 2 },
	{ "durations\t1\nt\ta\t1", "cut", 2 },
};

START_TEST(a_bad_durations_file_is_refused_with_its_line)
{
	ck_assert_int_eq(durations_read_mem("d.tsv", bad[_i].text, strlen(bad[_i].text), &h, &e),
			 -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_uint_eq(e.line, bad[_i].line);
	ck_assert_str_eq(e.path, "d.tsv");
	ck_assert_msg(strstr(e.msg, bad[_i].msg), "'%s'", e.msg);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("history");
	TCase *tc = tcase_create("history");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_a_run_saw_is_there_in_the_next);
	tcase_add_test(tc, only_the_tests_asked_for_are_read);
	tcase_add_test(tc, newer_times_weigh_a_quarter);
	tcase_add_test(tc, a_skip_or_an_error_tells_no_time);
	tcase_add_test(tc, a_test_that_was_not_run_keeps_its_last_outcome);
	tcase_add_test(tc, the_last_eight_outcomes_are_kept);
	tcase_add_test(tc, without_a_file_nothing_is_known_and_none_is_made);
	tcase_add_test(tc, a_file_that_is_none_is_moved_aside_with_a_warning);
	tcase_add_test(tc, a_damaged_file_is_moved_aside_when_it_is_read);
	tcase_add_test(tc, a_newer_form_is_left_alone);
	tcase_add_test(tc, a_folder_that_cannot_be_written_is_an_error_value_and_no_more);
	tcase_add_test(tc, runs_at_once_lose_nothing);
	tcase_add_test(tc, import_changes_means_and_nothing_else);
	tcase_add_test(tc, durations_are_written_sorted_with_two_digits);
	tcase_add_test(tc, of_two_lines_for_a_test_the_larger_counts);
	tcase_add_loop_test(tc, a_bad_durations_file_is_refused_with_its_line, 0,
			    (int)ARRAY_SIZE(bad));
	return unit_main(s);
}
