/* SPDX-License-Identifier: MIT */
#include "sys/proc_stacks.h"

#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "unit/unit.h"

static struct arena mem;
static const char *dir;
static struct buf text;
static pid_t child;

static void setup(void)
{
	struct err e = { 0 };
	const char *const argv[] = { "sleep", "60", NULL };

	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	text = (struct buf)BUF_INIT;
	ck_assert_int_eq(posix_spawnp(&child, argv[0], NULL, NULL, (char *const *)argv, environ),
			 0);
}

static void teardown(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	buf_release(&text);
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

/* A program in gdb's place. */
static const char *fake(const char *script)
{
	struct err e = { 0 };
	const char *path = fs_join(&mem, dir, "gdb");

	ck_assert_int_eq(outfile_write(path, script, strlen(script), &e), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
	return path;
}

static void dump(const char *gdb, uint64_t time_us, uint64_t size_bytes, int (*stop)(void *ctx))
{
	const struct proc_stacks_options o = {
		.gdb = gdb, .time_us = time_us, .size_bytes = size_bytes, .stop = stop
	};

	proc_stacks(child, &o, &text);
}

START_TEST(each_process_has_a_title_and_what_gdb_says)
{
	char want[128];

	snprintf(want, sizeof want, "--- stacks of process %ld (sleep) ---\nattached to %ld\n",
		 (long)child, (long)child);
	/* the child may not have come to its exec() yet */
	for (int i = 0; i < 100 && (i == 0 || !strstr(text.s, "(sleep)")); i++) {
		buf_clear(&text);
		dump(fake("#!/bin/sh\necho attached to $6\n"), 10000000, 10000, NULL);
	}
	ck_assert_str_eq(text.s, want);
	ck_assert_int_eq(waitpid(child, NULL, WNOHANG), 0);
}
END_TEST

START_TEST(a_gdb_that_hangs_is_given_up)
{
	uint64_t begin = proc_now_us();

	dump(fake("#!/bin/sh\necho one\nsleep 60\n"), 300000, 10000, NULL);
	ck_assert_uint_lt(proc_now_us() - begin, 20000000);
	ck_assert_ptr_nonnull(strstr(text.s, "\none\n[gdb took too long]\n"));
}
END_TEST

START_TEST(a_gdb_that_says_too_much_is_cut_short)
{
	dump(fake("#!/bin/sh\nwhile echo 0123456789; do :; done\n"), 30000000, 200, NULL);
	ck_assert_ptr_nonnull(strstr(text.s, "[gdb says more than is kept]\n"));
	ck_assert_uint_lt(text.len, 300);
}
END_TEST

static int stop_now(void *ctx)
{
	(void)ctx;
	return SIGINT;
}

START_TEST(who_interrupts_does_not_wait_for_gdb)
{
	dump(fake("#!/bin/sh\nsleep 60\n"), 50000000, 200, stop_now);
	ck_assert_ptr_nonnull(strstr(text.s, "[interrupted]\n"));
}
END_TEST

START_TEST(a_gdb_that_is_not_there_is_told)
{
	dump("/nonexistent/gdb", 10000000, 1000, NULL);
	ck_assert_ptr_nonnull(
		strstr(text.s, "[cannot start '/nonexistent/gdb': No such file or directory]\n"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stacks");
	TCase *tc = tcase_create("stacks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, each_process_has_a_title_and_what_gdb_says);
	tcase_add_test(tc, a_gdb_that_hangs_is_given_up);
	tcase_add_test(tc, a_gdb_that_says_too_much_is_cut_short);
	tcase_add_test(tc, who_interrupts_does_not_wait_for_gdb);
	tcase_add_test(tc, a_gdb_that_is_not_there_is_told);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
