/* SPDX-License-Identifier: MIT */
#include "sys/proc.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "sys/fs.h"
#include "unit/unit.h"

static struct err e;
static struct proc_end end;
static struct buf out, errors;
static struct buf seen_streams[3];

struct seen {
	struct buf *streams;  /* three */
	uint64_t deadline_us; /* counts once "ready" was printed */
	int stop;             /* signal to send once "ready" was printed */
	bool is_ready;
	unsigned nticks;
};

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct seen *seen = ctx;

	(void)now_us;
	buf_add(&seen->streams[stream], s, len);
	if (strstr(seen->streams[0].s, "ready"))
		seen->is_ready = true;
}

static uint64_t deadline(void *ctx)
{
	const struct seen *seen = ctx;

	return seen->is_ready ? seen->deadline_us : TIME_UNKNOWN;
}

static int stop(void *ctx)
{
	struct seen *seen = ctx;

	return seen->is_ready ? seen->stop : 0;
}

static void tick(void *ctx)
{
	((struct seen *)ctx)->nticks++;
}

static struct seen seen_new(void)
{
	return (struct seen){ .streams = seen_streams, .deadline_us = TIME_UNKNOWN };
}

static int shell(const char *script, struct seen *seen, const struct proc_spec *how)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct proc_spec spec = how ? *how : (struct proc_spec){ .grace_us = 10000000 };
	const struct proc_hooks hooks = { .ctx = seen,
					  .bytes = on_bytes,
					  .deadline = deadline,
					  .stop = stop,
					  .tick = tick,
					  .tick_us = 1000 };

	spec.argv = argv;
	return proc_run(&spec, &hooks, &end, &e);
}

static void setup(void)
{
	e = (struct err){ 0 };
	out = errors = (struct buf)BUF_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(seen_streams); i++)
		seen_streams[i] = (struct buf)BUF_INIT;
	proc_become_reaper();
}

static void teardown(void)
{
	buf_release(&out);
	buf_release(&errors);
	for (size_t i = 0; i < ARRAY_SIZE(seen_streams); i++)
		buf_release(&seen_streams[i]);
}

static int capture(const char *script, size_t limit_bytes)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct proc_spec spec = { .argv = argv, .grace_us = 1000000 };

	return proc_capture(&spec, 60000000, limit_bytes, &out, &errors, &end, &e);
}

START_TEST(output_and_exit_code_come_back)
{
	ck_assert_int_eq(capture("echo a; echo b >&2; exit 3", 100), 0);
	ck_assert_str_eq(out.s, "a\n");
	ck_assert_str_eq(errors.s, "b\n");
	ck_assert_int_eq(end.exit_code, 3);
	ck_assert_int_eq(end.term_signal, 0);
	ck_assert(end.end_us >= end.start_us);
	buf_clear(&out);
	proc_end_describe(&end, &out);
	ck_assert_str_eq(out.s, "exit status 3");
}
END_TEST

START_TEST(a_signal_is_named)
{
	ck_assert_int_eq(capture("kill -SEGV $$", 100), 0);
	ck_assert_int_eq(end.exit_code, -1);
	ck_assert_int_eq(end.term_signal, SIGSEGV);
	proc_end_describe(&end, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "SIGSEGV"));
	ck_assert_str_eq(proc_signal_name(SIGKILL), "SIGKILL");
}
END_TEST

START_TEST(a_missing_program_is_named)
{
	const char *const argv[] = { "/no/such/program", NULL };
	const struct proc_spec spec = { .argv = argv };

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 10, &out, &errors, &end, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_ptr_nonnull(strstr(e.msg, "/no/such/program"));
}
END_TEST

START_TEST(a_missing_folder_is_an_error)
{
	const char *const argv[] = { "true", NULL };
	const struct proc_spec spec = { .argv = argv, .workdir = "/no/such/folder" };

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 10, &out, &errors, &end, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "/no/such/folder"));
}
END_TEST

START_TEST(the_child_reads_nothing_and_leads_its_group)
{
	ck_assert_int_eq(capture("cat; ps -o pgid= -p $$ | tr -d ' '; echo $$", 1000), 0);
	unsigned long pgid = strtoul(out.s, NULL, 10);
	char *second = strchr(out.s, '\n');

	ck_assert_ptr_nonnull(second);
	ck_assert_uint_eq(pgid, strtoul(second, NULL, 10));
}
END_TEST

START_TEST(environment_and_folder_are_as_asked)
{
	const char *const argv[] = { "sh", "-c", "echo $A; pwd", NULL };
	const char *const envp[] = { "A=x y", "PATH=/usr/bin:/bin", NULL };
	const struct proc_spec spec = { .argv = argv, .envp = envp, .workdir = "/" };

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 100, &out, NULL, &end, &e), 0);
	ck_assert_str_eq(out.s, "x y\n/\n");
}
END_TEST

START_TEST(more_than_the_limit_is_an_error)
{
	ck_assert_int_eq(capture("yes | head -c 100000", 1000), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
}
END_TEST

START_TEST(the_report_pipe_is_at_its_number)
{
	struct seen seen = seen_new();
	const struct proc_spec spec = { .report_fd = 7 };

	ck_assert_int_eq(shell("echo out; echo report >&7", &seen, &spec), 0);
	ck_assert_str_eq(seen.streams[0].s, "out\n");
	ck_assert_str_eq(seen.streams[2].s, "report\n");
}
END_TEST

START_TEST(merged_streams_keep_their_order)
{
	struct seen seen = seen_new();
	const struct proc_spec spec = { .is_merged = true };

	ck_assert_int_eq(shell("echo 1; echo 2 >&2; echo 3; echo 4 >&2", &seen, &spec), 0);
	ck_assert_str_eq(seen.streams[0].s, "1\n2\n3\n4\n");
	ck_assert_uint_eq(seen.streams[1].len, 0);
}
END_TEST

START_TEST(what_is_late_is_ended)
{
	struct seen seen = seen_new();

	seen.deadline_us = proc_now_us() + 50000;
	ck_assert_int_eq(shell("echo ready; exec sleep 1000", &seen, NULL), 0);
	ck_assert(end.is_timeout);
	ck_assert_int_eq(end.term_signal, SIGTERM);
}
END_TEST

START_TEST(what_ignores_the_end_is_killed)
{
	struct seen seen = seen_new();
	const struct proc_spec spec = { .grace_us = 50000 };

	seen.deadline_us = proc_now_us() + 50000;
	ck_assert_int_eq(
		shell("trap '' TERM; echo ready; while :; do sleep 0.01; done", &seen, &spec), 0);
	ck_assert(end.is_timeout);
	ck_assert_int_eq(end.term_signal, SIGKILL);
}
END_TEST

START_TEST(a_wish_to_stop_is_passed_on)
{
	struct seen seen = seen_new();

	seen.stop = SIGINT;
	ck_assert_int_eq(shell("trap 'echo got it; exit 5' INT; echo ready; "
			       "while :; do sleep 0.01; done",
			       &seen, NULL),
			 0);
	ck_assert(end.is_stopped);
	ck_assert_int_eq(end.exit_code, 5);
	ck_assert_ptr_nonnull(strstr(seen.streams[0].s, "got it"));
}
END_TEST

/* The daemon holds the pipe open and left group and session: we must neither wait nor leave it. */
/* What a killed process in between leaves is killed while the child itself goes on. */
START_TEST(an_orphan_is_killed_while_the_child_runs)
{
	struct seen seen = seen_new();
	const struct proc_spec how = { .grace_us = 10000000, .kills_orphans = true };

	ck_assert_int_eq(shell("p=$(sleep 60 >/dev/null 2>&1 & echo $!); "
			       "while grep -qs '^State:.[^Z]' /proc/$p/status; do sleep 0.01; done",
			       &seen, &how),
			 0);
	ck_assert(!end.is_leaky);
	ck_assert_int_eq(end.exit_code, 0);
}
END_TEST

static bool is_wanted(void *ctx)
{
	const struct seen *seen = ctx;

	return !strstr(seen->streams[0].s, "done");
}

START_TEST(descendants_that_are_wanted_outlive_the_child)
{
	const char *const argv[] = { "sh", "-c", "(sleep 0.4; echo done) & kill -9 $$", NULL };
	const struct proc_spec spec = { .argv = argv, .grace_us = 10000000 };
	struct seen seen = seen_new();
	const struct proc_hooks hooks = { .ctx = &seen,
					  .bytes = on_bytes,
					  .tick = tick,
					  .tick_us = 1000,
					  .is_wanted = is_wanted };

	ck_assert_int_eq(proc_run(&spec, &hooks, &end, &e), 0);
	ck_assert_int_eq(end.term_signal, SIGKILL);
	ck_assert_str_eq(seen_streams[0].s, "done\n");
	ck_assert(!end.is_leaky);
}
END_TEST

static int stop_at_once(void *ctx)
{
	(void)ctx;
	return SIGTERM;
}

START_TEST(wanted_descendants_get_the_signal_to_stop)
{
	const char *const argv[] = {
		"sh", "-c",
		"(trap 'echo done; exit' TERM; while :; do sleep 0.02; done) & "
		"trap '' TERM; sleep 0.2; kill -9 $$",
		NULL
	};
	const struct proc_spec spec = { .argv = argv, .grace_us = 10000000 };
	struct seen seen = seen_new();
	const struct proc_hooks hooks = {
		.ctx = &seen, .bytes = on_bytes, .stop = stop_at_once, .is_wanted = is_wanted
	};

	ck_assert_int_eq(proc_run(&spec, &hooks, &end, &e), 0);
	ck_assert(end.is_stopped);
}
END_TEST

static int interrupted(void *ctx)
{
	(void)ctx;
	return seen_streams[0].len > 0 ? SIGTERM : 0;
}

static void note_turn(void)
{
	buf_addch(&seen_streams[0], 'x');
}

START_TEST(a_listing_is_interrupted_by_manners)
{
	const struct proc_manners manners = { interrupted, note_turn }, none = { 0 };

	ck_assert(!proc_is_running());
	proc_behave(&manners);
	ck_assert_int_eq(capture("exec sleep 60", 100), -1);
	ck_assert_int_eq(e.code, ERR_INTERRUPTED);
	ck_assert_int_eq(proc_stop_asked(), SIGTERM);
	proc_behave(&none);
	ck_assert_int_eq(proc_stop_asked(), 0);
	ck_assert_int_eq(capture("echo a", 100), 0);
}
END_TEST

static uint64_t woken_after_us;

static void on_wake(void *ctx, uint64_t time_us)
{
	(void)ctx;
	woken_after_us = time_us;
}

START_TEST(a_suspended_process_goes_on_when_it_is_told)
{
	pid_t pid = fork();
	int status = 0;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		proc_suspend(on_wake, NULL);
		_exit(woken_after_us > 0 && proc_suspended_us() == woken_after_us ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_daemon_does_not_survive)
{
	struct seen seen = seen_new();

	ck_assert_int_eq(shell("trap 'exit 0' USR1; parent=$$; export parent; "
			       "setsid sh -c 'echo $$; kill -USR1 $parent; exec sleep 1000' & "
			       "while :; do sleep 0.01; done",
			       &seen, NULL),
			 0);
	ck_assert(end.is_leaky);
	ck_assert_int_eq(end.exit_code, 0);
	pid_t daemon = (pid_t)strtol(seen.streams[0].s, NULL, 10);

	ck_assert_int_gt(daemon, 1);
	ck_assert_int_eq(kill(daemon, 0), -1);
}
END_TEST

START_TEST(closing_its_streams_ends_nothing)
{
	struct seen seen = seen_new();

	ck_assert_int_eq(shell("exec >&- 2>&-; sleep 0.1; exit 4", &seen, NULL), 0);
	ck_assert_int_eq(end.exit_code, 4);
	ck_assert(!end.is_leaky);
	ck_assert_uint_gt(seen.nticks, 0);
}
END_TEST

START_TEST(every_byte_of_much_output_comes)
{
	struct seen seen = seen_new();

	ck_assert_int_eq(shell("head -c 5000000 /dev/zero | tr '\\0' x", &seen, NULL), 0);
	ck_assert_uint_eq(seen.streams[0].len, 5000000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc");
	TCase *tc = tcase_create("proc");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, output_and_exit_code_come_back);
	tcase_add_test(tc, a_signal_is_named);
	tcase_add_test(tc, a_missing_program_is_named);
	tcase_add_test(tc, a_missing_folder_is_an_error);
	tcase_add_test(tc, the_child_reads_nothing_and_leads_its_group);
	tcase_add_test(tc, environment_and_folder_are_as_asked);
	tcase_add_test(tc, more_than_the_limit_is_an_error);
	tcase_add_test(tc, the_report_pipe_is_at_its_number);
	tcase_add_test(tc, merged_streams_keep_their_order);
	tcase_add_test(tc, what_is_late_is_ended);
	tcase_add_test(tc, what_ignores_the_end_is_killed);
	tcase_add_test(tc, a_wish_to_stop_is_passed_on);
	tcase_add_test(tc, an_orphan_is_killed_while_the_child_runs);
	tcase_add_test(tc, descendants_that_are_wanted_outlive_the_child);
	tcase_add_test(tc, wanted_descendants_get_the_signal_to_stop);
	tcase_add_test(tc, a_listing_is_interrupted_by_manners);
	tcase_add_test(tc, a_suspended_process_goes_on_when_it_is_told);
	tcase_add_test(tc, a_daemon_does_not_survive);
	tcase_add_test(tc, closing_its_streams_ends_nothing);
	tcase_add_test(tc, every_byte_of_much_output_comes);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
