/* SPDX-License-Identifier: MIT
 *
 * sys/tracer: a program that is looked at while it calls, forks, crashes, hangs.
 */
#include "sys/tracer.h"

#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "unit.h"

static struct arena mem;
static char *dir;
static char *program;
static struct err e;

static const char *const functions[] = { "six", "greet", "half", "recurse" };
enum { SIX, GREET, HALF, RECURSE };

/* Once for all tests. */
static void build(void)
{
	struct buf script = BUF_INIT, out = BUF_INIT;
	struct proc_end end = { 0 };

	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_msg(dir != NULL, "%s", e.msg);
	program = fs_join(&mem, dir, "traced");
	buf_addf(&script, "cc -g -O1 -o %s tests/fixtures/tracer/traced.c", program);
	const char *const argv[] = { "/bin/sh", "-c", script.s, NULL };
	const struct proc_spec spec = { .argv = argv, .is_merged = true };

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 1 << 20, &out, NULL, &end, &e), 0);
	ck_assert_msg(end.exit_code == 0, "%s", out.s);
	buf_release(&script);
	buf_release(&out);
}

static void sweep(void)
{
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

/* What was seen, as text. */
struct seen {
	struct elf_file *elf;
	struct buf text;
	bool returns_77;   /* six() is answered for */
	bool watches;      /* returns are told */
	bool is_unwilling; /* start fails */
};

static int on_start(void *ctx, struct tracer *t, struct err *reterr)
{
	struct seen *s = ctx;
	uint64_t address = 0;

	if (s->is_unwilling)
		return err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "unwilling");
	for (unsigned i = 0; i < ARRAY_SIZE(functions); i++) {
		ck_assert(elf_file_symbol_address(s->elf, functions[i], &address));
		if (tracer_break(t, tracer_bias(t) + address, i, reterr) < 0)
			return -1;
	}
	buf_addstr(&s->text, "start\n");
	return 0;
}

static void on_hit(void *ctx, struct tracer *t, unsigned id)
{
	struct seen *s = ctx;

	buf_addf(&s->text, "%s", functions[id]);
	if (id == SIX) {
		for (unsigned i = 0; i < 6; i++)
			buf_addf(&s->text, " %llu", (unsigned long long)tracer_arg(t, i));
	} else if (id == GREET) {
		buf_addch(&s->text, ' ');
		ck_assert(tracer_read_string(t, tracer_arg(t, 0), 6, &s->text));
		ck_assert(!tracer_read_string(t, tracer_arg(t, 0), 5, &s->text));
		ck_assert(!tracer_read_string(t, 1, 100, &s->text));
	} else if (id == HALF) {
		buf_addf(&s->text, " %d", (int)(tracer_arg_double(t) * 100));
	} else {
		buf_addf(&s->text, " %llu", (unsigned long long)tracer_arg(t, 0));
	}
	buf_addch(&s->text, '\n');
	if (s->watches)
		tracer_watch_return(t, tracer_arg(t, 0));
	if (id == SIX && s->returns_77)
		tracer_return(t, 77);
}

static void on_returned(void *ctx, struct tracer *t, unsigned id, uint64_t token, uint64_t value)
{
	struct seen *s = ctx;

	(void)t;
	buf_addf(&s->text, "%s(%llu) = %llu\n", functions[id], (unsigned long long)token,
		 (unsigned long long)value);
}

static struct tracer_end end;
static struct buf output = BUF_INIT;

static int trace(struct seen *s, const char *what, uint64_t timeout_us)
{
	const char *const argv[] = { program, what, NULL };
	const struct tracer_hooks hooks = { s, on_start, on_hit, on_returned };
	struct tracer_spec spec = {
		.argv = argv, .workdir = dir, .timeout_us = timeout_us, .output_limit_bytes = 100
	};

	s->text = (struct buf)BUF_INIT;
	ck_assert_int_eq(elf_file_open(program, &s->elf, &e), 0);
	spec.entry = elf_file_entry(s->elf);
	buf_clear(&output);
	int ret = tracer_run(&spec, &hooks, &output, &end, &e);

	elf_file_close(s->elf);
	return ret;
}

START_TEST(calls_are_seen_with_their_arguments)
{
	struct seen s = { 0 };

	ck_assert_int_eq(trace(&s, "calls", TIME_UNKNOWN), 0);
	ck_assert_str_eq(s.text.s, "start\nsix 1 2 3 4 5 6\ngreet w\xc3\xb6rld\nhalf 250\n");
	ck_assert_int_eq(end.exit_code, 0);
	ck_assert_int_eq(end.term_signal, 0);
	ck_assert_str_eq(output.s, "argument calls\n");
	buf_release(&s.text);
}
END_TEST

START_TEST(a_call_returns_at_once_with_the_value_it_is_given)
{
	struct seen s = { .returns_77 = true };

	ck_assert_int_eq(trace(&s, "calls", TIME_UNKNOWN), 0);
	ck_assert_int_eq(end.exit_code, 7);
	buf_release(&s.text);
}
END_TEST

START_TEST(returns_are_told_innermost_first)
{
	struct seen s = { .watches = true };

	ck_assert_int_eq(trace(&s, "recurse", TIME_UNKNOWN), 0);
	ck_assert_str_eq(s.text.s, "start\nrecurse 5\nrecurse 4\nrecurse 3\nrecurse 2\nrecurse 1\n"
				   "recurse 0\nrecurse(0) = 0\nrecurse(1) = 1\nrecurse(2) = 2\n"
				   "recurse(3) = 3\nrecurse(4) = 4\nrecurse(5) = 5\n");
	ck_assert_int_eq(end.exit_code, 5);
	buf_release(&s.text);
}
END_TEST

START_TEST(a_program_that_never_calls_just_ends)
{
	struct seen s = { 0 };

	ck_assert_int_eq(trace(&s, "", TIME_UNKNOWN), 0);
	ck_assert_str_eq(s.text.s, "start\n");
	ck_assert_int_eq(end.exit_code, 0);
	buf_release(&s.text);
}
END_TEST

START_TEST(a_crash_is_told)
{
	struct seen s = { 0 };

	ck_assert_int_eq(trace(&s, "crash", TIME_UNKNOWN), 0);
	ck_assert_int_eq(end.term_signal, SIGSEGV);
	ck_assert_int_eq(end.exit_code, -1);
	ck_assert_str_eq(output.s, "argument crash\n");
	buf_release(&s.text);
}
END_TEST

START_TEST(a_hang_ends_with_its_time)
{
	struct seen s = { 0 };
	uint64_t began = proc_now_us();

	ck_assert_int_eq(trace(&s, "hang", 300000), 0);
	ck_assert(end.is_timeout);
	ck_assert_uint_ge(proc_now_us() - began, 300000);
	buf_release(&s.text);
}
END_TEST

START_TEST(signals_and_traps_of_the_program_reach_it)
{
	struct seen s = { 0 };

	ck_assert_int_eq(trace(&s, "signal", TIME_UNKNOWN), 0);
	ck_assert_int_eq(end.exit_code, 3);
	buf_release(&s.text);
	ck_assert_int_eq(trace(&s, "trap", TIME_UNKNOWN), 0);
	ck_assert_int_eq(end.exit_code, 3);
	buf_release(&s.text);
}
END_TEST

START_TEST(another_program_is_not_let_run)
{
	struct seen s = { 0 };

	ck_assert_int_eq(trace(&s, "exec", TIME_UNKNOWN), 0);
	ck_assert(end.is_replaced);
	ck_assert_str_eq(s.text.s, "start\n");
	buf_release(&s.text);
}
END_TEST

START_TEST(a_program_that_starts_itself_again_is_seen_again)
{
	struct seen s = { 0 };

	ck_assert_int_eq(trace(&s, "again", TIME_UNKNOWN), 0);
	ck_assert(!end.is_replaced);
	ck_assert_str_eq(s.text.s, "start\nstart\nsix 1 2 3 4 5 6\ngreet w\xc3\xb6rld\nhalf 250\n");
	ck_assert_int_eq(end.exit_code, 0);
	buf_release(&s.text);
}
END_TEST

/* Gone, or a zombie that waits for its parent. */
static bool is_alive(long pid)
{
	struct buf path = BUF_INIT, stat = BUF_INIT;

	buf_addf(&path, "/proc/%ld/stat", pid);
	bool ret = fs_read(path.s, 4096, &stat, NULL) == 0 && strstr(stat.s, ") Z ") == NULL;

	buf_release(&path);
	buf_release(&stat);
	return ret;
}

START_TEST(children_that_call_die_and_daemons_are_killed)
{
	struct seen s = { 0 };
	long daemon = 0;

	ck_assert_int_eq(trace(&s, "fork", TIME_UNKNOWN), 0);
	ck_assert_str_eq(s.text.s, "start\n");
	ck_assert_int_eq(end.exit_code, SIGTRAP);
	const char *at = strstr(output.s, "daemon ");

	ck_assert_ptr_nonnull(at);
	daemon = strtol(at + 7, NULL, 10);
	ck_assert_int_gt(daemon, 0);
	while (is_alive(daemon)) /* Check's time limit ends what lives on */
		usleep(10000);
	buf_release(&s.text);
}
END_TEST

START_TEST(much_output_is_read_and_little_kept)
{
	struct seen s = { 0 };

	ck_assert_int_eq(trace(&s, "flood", TIME_UNKNOWN), 0);
	ck_assert_str_eq(s.text.s, "start\nsix 1 2 3 4 5 6\n");
	ck_assert_uint_eq(output.len, 100);
	buf_release(&s.text);
}
END_TEST

START_TEST(a_start_that_fails_ends_the_program)
{
	struct seen s = { .is_unwilling = true };

	ck_assert_int_eq(trace(&s, "hang", TIME_UNKNOWN), -1);
	ck_assert_str_eq(e.msg, "unwilling");
	buf_release(&s.text);
}
END_TEST

START_TEST(what_cannot_be_started_is_named)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	const struct tracer_spec spec = { .argv = argv, .timeout_us = TIME_UNKNOWN };
	const struct tracer_hooks hooks = { NULL, on_start, on_hit, on_returned };

	ck_assert_int_eq(tracer_run(&spec, &hooks, NULL, &end, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(e.msg, "cannot start '/nonexistent/program': No such file or directory");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tracer");
	TCase *t = tcase_create("tracer");

	tcase_set_timeout(t, 30);
	tcase_add_unchecked_fixture(t, build, sweep);
#ifdef __x86_64__
	tcase_add_test(t, calls_are_seen_with_their_arguments);
	tcase_add_test(t, a_call_returns_at_once_with_the_value_it_is_given);
	tcase_add_test(t, returns_are_told_innermost_first);
	tcase_add_test(t, a_program_that_never_calls_just_ends);
	tcase_add_test(t, a_crash_is_told);
	tcase_add_test(t, a_hang_ends_with_its_time);
	tcase_add_test(t, signals_and_traps_of_the_program_reach_it);
	tcase_add_test(t, another_program_is_not_let_run);
	tcase_add_test(t, a_program_that_starts_itself_again_is_seen_again);
	tcase_add_test(t, children_that_call_die_and_daemons_are_killed);
	tcase_add_test(t, much_output_is_read_and_little_kept);
	tcase_add_test(t, a_start_that_fails_ends_the_program);
	tcase_add_test(t, what_cannot_be_started_is_named);
#endif
	suite_add_tcase(s, t);
	return unit_main(s);
}
