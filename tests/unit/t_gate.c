/* SPDX-License-Identifier: MIT */
#include "sys/gate.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "unit/unit.h"

static char dir[] = "/tmp/gangway-gate.XXXXXX";
static char path[64];
static struct err e;

static void begin(void)
{
	memcpy(dir + sizeof dir - 7, "XXXXXX", 7);
	ck_assert(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/places", dir);
	e = (struct err){ 0 };
}

static void finish(void)
{
	unlink(path);
	rmdir(dir);
}

static struct gate *must_open(void)
{
	struct gate *g = gate_open(path, &e);

	ck_assert_msg(g, "%s", e.msg);
	return g;
}

START_TEST(a_place_is_held_by_one)
{
	struct gate *a = must_open();
	struct gate *b = must_open();

	ck_assert(gate_take(a, 3, 1));
	ck_assert(!gate_take(b, 3, 1));
	ck_assert(gate_take(b, 2, 1));
	ck_assert(gate_take(b, 4, 1));
	gate_give(a, 3, 1);
	ck_assert(gate_take(b, 3, 1));
	gate_close(a);
	gate_close(b);
}
END_TEST

START_TEST(places_in_a_row_are_found_and_taken_together)
{
	struct gate *a = must_open();
	struct gate *b = must_open();
	size_t n = 0;

	ck_assert_uint_eq(gate_find(b, 10, 90, &n), 10);
	ck_assert_uint_eq(n, 90);
	ck_assert(gate_take(a, 10, 5) && gate_take(a, 20, 1));
	ck_assert_uint_eq(gate_find(b, 10, 90, &n), 15);
	ck_assert_uint_eq(n, 5);
	ck_assert_uint_eq(gate_find(b, 20, 80, &n), 21);
	ck_assert_uint_eq(n, 79);
	ck_assert_uint_eq(gate_find(a, 10, 90, &n), 10); /* our own are in nobody's way */
	ck_assert_uint_eq(n, 90);
	ck_assert(!gate_take(b, 14, 2));
	ck_assert(gate_take(b, 15, 5));
	gate_give(a, 10, 5);
	ck_assert_uint_eq(gate_find(b, 10, 3, &n), 10);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(gate_find(b, 20, 1, &n), 21);
	ck_assert_uint_eq(n, 0);
	gate_close(a);
	gate_close(b);
}
END_TEST

START_TEST(who_closes_gives_everything_back)
{
	struct gate *a = must_open();
	struct gate *b = must_open();

	ck_assert(gate_take(a, 0, 1) && gate_take(a, 70000, 1) && gate_enter(a, &e) == 0);
	gate_close(a);
	ck_assert(gate_take(b, 0, 1) && gate_take(b, 70000, 1) && gate_enter(b, &e) == 0);
	gate_close(b);
	gate_close(NULL);
}
END_TEST

START_TEST(a_killed_process_gives_everything_back)
{
	int pipe_fds[2];
	char byte = 0;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	pid_t pid = fork();

	if (pid == 0) {
		struct gate *g = gate_open(path, &e);

		if (gate_enter(g, &e) < 0 || !gate_take(g, 5, 1) || write(pipe_fds[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	ck_assert_int_eq((int)read(pipe_fds[0], &byte, 1), 1);
	struct gate *g = must_open();

	ck_assert(!gate_take(g, 5, 1));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(gate_enter(g, &e), 0);
	ck_assert(gate_take(g, 5, 1));
	gate_close(g);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}
END_TEST

static void on_alarm(int sig)
{
	(void)sig;
}

START_TEST(a_signal_ends_the_wait_for_the_door)
{
	struct gate *a = must_open();
	struct gate *b = must_open();
	const struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	ck_assert_int_eq(gate_enter(a, &e), 0);
	alarm(1);
	ck_assert_int_eq(gate_enter(b, &e), -1);
	ck_assert_int_eq(e.code, ERR_INTERRUPTED);
	gate_leave(a);
	ck_assert_int_eq(gate_enter(b, &e), 0);
	gate_close(a);
	gate_close(b);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
	ck_assert(!gate_open("/no/such/folder/places", &e));
	ck_assert_int_eq(e.code, ERR_SYSTEM);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gate");
	TCase *tc = tcase_create("gate");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, a_place_is_held_by_one);
	tcase_add_test(tc, places_in_a_row_are_found_and_taken_together);
	tcase_add_test(tc, who_closes_gives_everything_back);
	tcase_add_test(tc, a_killed_process_gives_everything_back);
	tcase_add_test(tc, a_signal_ends_the_wait_for_the_door);
	tcase_add_test(tc, a_folder_that_is_not_there_is_an_error);
	return unit_main(s);
}
