/* SPDX-License-Identifier: MIT */
#include "sys/proc_stay.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "sys/proc.h"
#include "unit.h"

static struct buf heard;
static struct err e;

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	(void)ctx;
	(void)stream;
	(void)now_us;
	buf_add(&heard, s, len);
}

static bool is_enough(void *ctx)
{
	(void)ctx;
	return strstr(heard.s, "enough") != NULL;
}

/* `sh -c SCRIPT` until it says "enough"; it waits at descriptor 8. */
static struct proc_stay start(const char *script, struct proc_end *end)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct proc_spec spec = { .argv = argv, .is_merged = true, .input_fd = 8 };
	const struct proc_hooks hooks = { .bytes = on_bytes, .is_enough = is_enough };
	struct proc_stay stay = { 0 };
	int ends[2];

	heard = (struct buf)BUF_INIT;
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	spec.input = fcntl(ends[0], F_DUPFD_CLOEXEC, 10);
	close(ends[0]);
	ck_assert_int_eq(proc_run(&spec, &hooks, end, &e), 0);
	close(spec.input);
	if (end->is_staying)
		stay = (struct proc_stay){ end->pid, end->output, ends[1] };
	else
		close(ends[1]);
	buf_release(&heard);
	return stay;
}

START_TEST(it_stays_while_others_run_and_hears_how_things_went)
{
	const char *const other[] = { "sh", "-c", "exit 3", NULL };
	const struct proc_spec spec = { .argv = other };
	const struct proc_hooks none = { 0 };
	struct buf output = BUF_INIT;
	struct proc_end end = { 0 };
	struct proc_stay s =
		start("echo enough; read word <&8; echo heard $word; echo and more; exit 5", &end);

	ck_assert_int_gt(s.pid, 0);
	proc_become_reaper();
	ck_assert_int_eq(proc_run(&spec, &none, &end, &e), 0);
	ck_assert_int_eq(end.exit_code, 3);
	ck_assert(!end.is_leaky);
	ck_assert_int_eq(kill(s.pid, 0), 0);
	proc_stay_tell(&s, 'p');
	proc_stay_tell(&s, 'f');
	ck_assert(proc_stay_end(&s, TIME_UNKNOWN, 100, &output, &end));
	ck_assert_int_eq(end.exit_code, 5);
	ck_assert_str_eq(output.s, "heard p\nand more\n");
	ck_assert_int_eq(s.pid, 0);
	ck_assert(!proc_stay_end(&s, 0, 100, &output, &end));
	buf_release(&output);
}
END_TEST

START_TEST(the_last_bytes_are_kept)
{
	struct buf output = BUF_INIT;
	struct proc_end end = { 0 };
	struct proc_stay s = start("echo enough; read word <&8; seq 1 20000; echo last", &end);

	proc_stay_tell(&s, 'p');
	ck_assert(proc_stay_end(&s, TIME_UNKNOWN, 11, &output, &end));
	ck_assert_str_eq(output.s, "20000\nlast\n");
	buf_release(&output);
}
END_TEST

START_TEST(who_does_not_end_is_killed_with_its_house)
{
	struct buf output = BUF_INIT;
	struct proc_end end = { 0 };
	struct proc_stay s = start("sleep 1000 & echo enough; read word <&8; wait", &end);

	proc_become_reaper();
	proc_stay_tell(&s, 'p');
	ck_assert(proc_stay_end(&s, 1000, 100, &output, &end));
	ck_assert(end.is_timeout);
	ck_assert_int_eq(end.term_signal, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0) /* what was killed ends */
		;
	buf_release(&output);
}
END_TEST

START_TEST(who_ends_first_does_not_stay)
{
	struct proc_end end = { 0 };
	struct proc_stay s = start("echo no; exit 4", &end);

	ck_assert_int_eq(s.pid, 0);
	ck_assert(!end.is_staying);
	ck_assert_int_eq(end.exit_code, 4);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_stay");
	TCase *tc = tcase_create("core");

	tcase_add_test(tc, it_stays_while_others_run_and_hears_how_things_went);
	tcase_add_test(tc, the_last_bytes_are_kept);
	tcase_add_test(tc, who_does_not_end_is_killed_with_its_house);
	tcase_add_test(tc, who_ends_first_does_not_stay);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
