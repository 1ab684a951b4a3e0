/* SPDX-License-Identifier: MIT */
#include "sys/claims.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "sys/fs.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static char *dir;
static const char *path;

static void setup(void)
{
	e = (struct err){ 0 };
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	path = fs_join(&mem, dir, "claims");
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

static struct claims *open_claims(size_t nunits, uint64_t hash)
{
	struct claims *c = claims_open(path, nunits, hash, &e);

	ck_assert_msg(c != NULL, "%s", e.msg);
	return c;
}

START_TEST(a_unit_is_taken_once)
{
	struct claims *a = open_claims(3, 7), *b = open_claims(3, 7);
	uint32_t lane = 99;

	ck_assert_int_eq(claims_state(a, 1, NULL), CLAIM_FREE);
	ck_assert(claims_take(a, 1, 4));
	ck_assert(!claims_take(b, 1, 5));
	ck_assert_int_eq(claims_state(b, 1, &lane), CLAIM_TAKEN);
	ck_assert_uint_eq(lane, 4);
	claims_done(a, 1, false);
	ck_assert_int_eq(claims_state(b, 1, &lane), CLAIM_DONE);
	ck_assert(!claims_take(b, 1, 5));
	ck_assert(claims_take(b, 0, 5));
	claims_close(a);
	claims_close(b);
}
END_TEST

START_TEST(claims_outlive_their_lane_but_not_another_plan)
{
	struct claims *c = open_claims(2, 7);

	ck_assert(claims_take(c, 0, 0));
	claims_close(c);
	c = open_claims(2, 7);
	ck_assert_int_eq(claims_state(c, 0, NULL), CLAIM_TAKEN);
	claims_close(c);
	c = open_claims(2, 8);
	ck_assert_int_eq(claims_state(c, 0, NULL), CLAIM_FREE);
	claims_close(c);
	c = open_claims(5, 8);
	ck_assert(claims_take(c, 4, 0));
	claims_close(c);
}
END_TEST

START_TEST(a_lane_that_begins_again_gives_back_its_own)
{
	struct claims *c = open_claims(3, 7);

	ck_assert_int_eq(claims_join(c, 0, &e), 0);
	ck_assert(claims_take(c, 0, 0));
	ck_assert(claims_take(c, 1, 1));
	claims_done(c, 0, false);
	claims_close(c);
	c = open_claims(3, 7);
	ck_assert_int_eq(claims_join(c, 0, &e), 0);
	ck_assert_int_eq(claims_state(c, 0, NULL), CLAIM_FREE);
	ck_assert_int_eq(claims_state(c, 1, NULL), CLAIM_TAKEN);
	claims_close(c);
}
END_TEST

START_TEST(the_first_reason_to_stop_stays)
{
	struct claims *a = open_claims(1, 7), *b = open_claims(1, 7);

	ck_assert_int_eq(claims_stopped(b), STOP_NO);
	claims_stop(a, STOP_MAXFAIL);
	claims_stop(b, STOP_INTERRUPT);
	ck_assert_int_eq(claims_stopped(b), STOP_MAXFAIL);
	ck_assert_uint_eq(claims_add_failure(a), 1);
	ck_assert_uint_eq(claims_add_failure(b), 2);
	ck_assert_uint_eq(claims_failures(a), 2);
	claims_close(a);
	claims_close(b);
}
END_TEST

START_TEST(the_end_of_the_run_moves_with_later_pauses)
{
	struct claims *a = open_claims(1, 7), *b = open_claims(1, 7);

	ck_assert(claims_until_us(b) == TIME_UNKNOWN);
	claims_add_pause(a, 1000);
	claims_set_until(a, 5000);
	ck_assert_uint_eq(claims_until_us(b), 5000);
	claims_add_pause(b, 300);
	ck_assert_uint_eq(claims_until_us(a), 5300);
	claims_set_until(a, TIME_UNKNOWN);
	ck_assert(claims_until_us(b) == TIME_UNKNOWN);
	claims_close(a);
	claims_close(b);
}
END_TEST

enum { NUNITS = 2000, NLANES = 4 };

/* Each lane counts what it got; together it must be every unit exactly once. */
START_TEST(many_lanes_share_every_unit_exactly_once)
{
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	for (uint32_t lane = 0; lane < NLANES; lane++) {
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		if (pid > 0)
			continue;
		struct claims *c = claims_open(path, NUNITS, 1, NULL);
		unsigned n = 0;

		for (size_t i = 0; c && i < NUNITS; i++)
			n += claims_take(c, i, lane);
		_exit(write(pipes[1], &n, sizeof n) == sizeof n ? 0 : 1);
	}
	unsigned sum = 0;

	for (unsigned i = 0; i < NLANES; i++) {
		unsigned n = 0;

		ck_assert_int_eq(read(pipes[0], &n, sizeof n), sizeof n);
		sum += n;
	}
	while (wait(NULL) > 0)
		;
	ck_assert_uint_eq(sum, NUNITS);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

/* The exclusive lane writes X twice with a pause in between, the shared ones S: no S stands between
 * the two. */
static void enter_and_write(int fd, bool is_exclusive)
{
	struct claims *c = claims_open(path, 1, 1, NULL);
	const char *letter = is_exclusive ? "X" : "S";
	bool is_good = c != NULL;

	for (int i = 0; is_good && i < 50; i++) {
		is_good = claims_enter(c, is_exclusive, NULL) == 0 && write(fd, letter, 1) == 1;
		usleep(is_exclusive ? 500 : 50);
		is_good = is_good && write(fd, is_exclusive ? "x" : "s", 1) == 1;
		claims_leave(c);
	}
	claims_close(c);
	_exit(is_good ? 0 : 1);
}

START_TEST(an_exclusive_unit_is_alone)
{
	int pipes[2];
	char got[4096];
	size_t len = 0;
	int status = 0;

	claims_close(open_claims(1, 1));
	ck_assert_int_eq(pipe(pipes), 0);
	for (int lane = 0; lane < 3; lane++) {
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			enter_and_write(pipes[1], lane == 0);
	}
	close(pipes[1]);
	for (ssize_t n = 1; n > 0; len += (size_t)n) {
		n = read(pipes[0], got + len, sizeof got - len);
		ck_assert_int_ge(n, 0);
	}
	while (wait(&status) > 0)
		ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(len, 300);
	for (size_t i = 0, nshared = 0; i < len; i++) {
		nshared += got[i] == 'S';
		nshared -= got[i] == 's';
		if (got[i] == 'X') {
			ck_assert_uint_eq(nshared, 0);
			ck_assert_int_eq(got[i + 1], 'x');
		}
	}
	close(pipes[0]);
}
END_TEST

/* A lane that was killed inside leaves no lock behind. */
START_TEST(a_killed_lane_leaves)
{
	struct claims *c = open_claims(1, 1);
	int status = 0;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct claims *mine = claims_open(path, 1, 1, NULL);

		claims_enter(mine, true, NULL);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(claims_enter(c, false, &e), 0);
	claims_leave(c);
	claims_close(c);
}
END_TEST

/* A process that is the lane until its pipe is closed; *end is its other side. */
static pid_t start_lane(uint32_t lane, size_t unit, int *end)
{
	int up[2], down[2];
	char byte = 0;

	ck_assert_int_eq(pipe(up), 0);
	ck_assert_int_eq(pipe(down), 0);
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct claims *c = claims_open(path, 3, 7, NULL);

		close(down[1]);
		if (!c || claims_join(c, lane, NULL) < 0 || !claims_take(c, unit, lane) ||
		    write(up[1], "x", 1) != 1)
			_exit(1);
		_exit(read(down[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(up[1]);
	close(down[0]);
	ck_assert_int_eq(read(up[0], &byte, 1), 1);
	close(up[0]);
	*end = down[1];
	return pid;
}

START_TEST(what_a_dead_lane_had_is_adopted_once)
{
	struct claims *c = open_claims(3, 7);
	int end = -1;
	uint32_t lane = 0;

	claims_new_round(c, ROUND_FIRST);
	pid_t pid = start_lane(0, 1, &end);

	ck_assert(claims_is_alive(c, 0));
	ck_assert(claims_has_members(c));
	ck_assert(!claims_adopt(c, 1, 2)); /* it lives */
	ck_assert(!claims_adopt(c, 0, 2)); /* it is free */
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!claims_is_alive(c, 0));
	ck_assert(!claims_has_members(c));
	ck_assert(claims_adopt(c, 1, 2));
	ck_assert(!claims_adopt(c, 1, 2));
	ck_assert_int_eq(claims_state(c, 1, &lane), CLAIM_TAKEN);
	ck_assert_uint_eq(lane, 2);
	claims_done(c, 1, false);
	ck_assert(!claims_adopt(c, 1, 1));
	close(end);
	claims_close(c);
}
END_TEST

START_TEST(a_lane_is_at_work_once)
{
	struct claims *c = open_claims(3, 7);
	int end = -1;
	pid_t pid = start_lane(1, 0, &end);

	ck_assert_int_eq(claims_join(c, 1, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_int_eq(claims_join(c, 0, &e), 0);
	close(end);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	claims_close(c);
}
END_TEST

START_TEST(a_new_round_frees_what_is_not_done)
{
	struct claims *c = open_claims(3, 7);

	ck_assert_uint_eq(claims_new_round(c, ROUND_FIRST), 1);
	ck_assert(claims_take(c, 0, 0));
	ck_assert(claims_take(c, 1, 0));
	claims_done(c, 0, false);
	claims_add_failure(c);
	ck_assert_uint_eq(claims_left(c), 2);
	ck_assert_uint_eq(claims_new_round(c, ROUND_RESTART), 2);
	ck_assert_uint_eq(claims_base(c), 1);
	ck_assert_uint_eq(claims_failures(c), 1);
	ck_assert_int_eq(claims_state(c, 0, NULL), CLAIM_DONE);
	ck_assert_int_eq(claims_state(c, 1, NULL), CLAIM_FREE);
	claims_stop(c, STOP_MAXFAIL);
	claims_end(c);
	ck_assert(claims_has_ended(c));
	ck_assert_uint_eq(claims_new_round(c, ROUND_RESUME), 3);
	ck_assert_uint_eq(claims_base(c), 3);
	ck_assert_uint_eq(claims_failures(c), 0);
	ck_assert_int_eq(claims_stopped(c), STOP_NO);
	ck_assert(!claims_has_ended(c));
	claims_close(c);
}
END_TEST

/* In a run of gangway's own a lane that begins clears nothing: under make -j1 it may be alone. */
START_TEST(a_later_lane_of_a_round_does_not_undo_the_stop)
{
	struct claims *c = open_claims(3, 7);

	claims_new_round(c, ROUND_FIRST);
	claims_stop(c, STOP_MAXFAIL);
	ck_assert_int_eq(claims_join(c, 1, &e), 0);
	ck_assert_int_eq(claims_stopped(c), STOP_MAXFAIL);
	claims_close(c);
}
END_TEST

START_TEST(a_graph_by_hand_is_resumed_in_folders_of_its_own)
{
	struct claims *c = open_claims(3, 7);

	ck_assert_uint_eq(claims_round(c), 0);
	ck_assert_uint_eq(claims_new_round(c, ROUND_RESUME), 2);
	claims_reset(c, 0, true);
	claims_reset(c, 1, false);
	ck_assert_int_eq(claims_state(c, 0, NULL), CLAIM_DONE);
	ck_assert_uint_eq(claims_left(c), 2);
	claims_close(c);
}
END_TEST

START_TEST(pauses_and_questions_are_seen_by_all)
{
	struct claims *a = open_claims(1, 7), *b = open_claims(1, 7);

	claims_add_pause(a, 5000000);
	claims_add_pause(b, 70);
	ck_assert_uint_eq(claims_paused_us(a), 5000070);
	ck_assert_uint_eq(claims_ask(a), 1);
	ck_assert_uint_eq(claims_ask(b), 2);
	ck_assert_uint_eq(claims_asked(a), 2);
	claims_close(a);
	claims_close(b);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
	ck_assert_ptr_null(claims_open("/no/such/folder/claims", 1, 1, &e));
	ck_assert_int_eq(e.code, ERR_SYSTEM);
	ck_assert_str_eq(e.path, "/no/such/folder/claims");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("claims");
	TCase *tc = tcase_create("claims");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_unit_is_taken_once);
	tcase_add_test(tc, claims_outlive_their_lane_but_not_another_plan);
	tcase_add_test(tc, a_lane_that_begins_again_gives_back_its_own);
	tcase_add_test(tc, the_first_reason_to_stop_stays);
	tcase_add_test(tc, many_lanes_share_every_unit_exactly_once);
	tcase_add_test(tc, an_exclusive_unit_is_alone);
	tcase_add_test(tc, a_killed_lane_leaves);
	tcase_add_test(tc, what_a_dead_lane_had_is_adopted_once);
	tcase_add_test(tc, a_lane_is_at_work_once);
	tcase_add_test(tc, a_new_round_frees_what_is_not_done);
	tcase_add_test(tc, a_later_lane_of_a_round_does_not_undo_the_stop);
	tcase_add_test(tc, a_graph_by_hand_is_resumed_in_folders_of_its_own);
	tcase_add_test(tc, pauses_and_questions_are_seen_by_all);
	tcase_add_test(tc, the_end_of_the_run_moves_with_later_pauses);
	tcase_add_test(tc, a_folder_that_is_not_there_is_an_error);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
