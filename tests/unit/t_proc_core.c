/* SPDX-License-Identifier: MIT */
#include "sys/proc_core.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "unit/unit.h"

static const struct {
	const char *pattern;
	bool has_pid;
	const char *want; /* NULL: nobody can say */
} rows[] = {
	{ "core", false, "core" },
	{ "core", true, "core.123" },
	{ "core-%p", true, "core-123" },
	{ "/var/crash/%f.%s", false, "/var/crash/a_program_with_long_name.11" },
	{ "%e%%%", false, "a_program_with_%" },
	{ "", true, NULL },
	{ "|/usr/lib/systemd/systemd-coredump %P", false, NULL },
	{ "core.%t", false, NULL },
	{ "core.%P", true, NULL },
};

START_TEST(the_pattern_says_the_name)
{
	const struct proc_core c = { 123, 11, "/build/a_program_with_long_name", NULL };
	struct buf out = BUF_INIT;

	buf_addstr(&out, "x");
	bool is_known = proc_core_expand(rows[_i].pattern, rows[_i].has_pid, &c, &out);

	ck_assert(is_known == (rows[_i].want != NULL));
	ck_assert_str_eq(out.s + 1, rows[_i].want ? rows[_i].want : "");
	buf_release(&out);
}
END_TEST

START_TEST(user_group_and_host_are_ours)
{
	const struct proc_core c = { 1, 6, "p", NULL };
	struct buf out = BUF_INIT;
	char want[400];
	char host[256] = "";

	gethostname(host, sizeof host - 1);
	snprintf(want, sizeof want, "%u-%u-%s", (unsigned)getuid(), (unsigned)getgid(), host);
	ck_assert(proc_core_expand("%u-%g-%h", false, &c, &out));
	ck_assert_str_eq(out.s, want);
	buf_release(&out);
}
END_TEST

START_TEST(a_core_that_is_not_there_has_no_path)
{
	const struct proc_core c = { 1, 6, "p", "/nonexistent" };
	struct arena mem = { 0 };

	ck_assert_ptr_null(proc_core_path(&mem, &c));
	arena_release(&mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("core");
	TCase *tc = tcase_create("core");

	tcase_add_loop_test(tc, the_pattern_says_the_name, 0, ARRAY_SIZE(rows));
	tcase_add_test(tc, user_group_and_host_are_ours);
	tcase_add_test(tc, a_core_that_is_not_there_has_no_path);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
