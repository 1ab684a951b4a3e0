/* SPDX-License-Identifier: MIT */
#include "stage/configure.h"

#include "base/err.h"
#include "format/config_file.h"
#include "model/config.h"
#include "model/test.h"
#include "unit/unit.h"

static struct tests t;
static struct config c;
static struct err e;

static uint32_t add_target(const char *name, const char *adapter)
{
	const struct target target = {
		.name = name, .adapter = adapter, .program = "", .workdir = "/"
	};

	return tests_add_target(&t, &target);
}

static struct test *add(uint32_t target, const char *id, const char *selector)
{
	struct test test = test_blank(target);

	test.id = id;
	test.selector = selector;
	uint32_t i = tests_add(&t, &test);

	return &t.tests[i];
}

enum { A, B, PARAM, WHOLE, OTHER };

static void begin(void)
{
	static const char *const marks[] = { "fast" };

	t = (struct tests){ 0 };
	c = (struct config){ 0 };
	e = (struct err){ 0 };
	add_target("bin/net", "gtest");
	add_target("run me", "exitcode");
	test_set_marks(&t, add(0, "bin/net::Net::a", "Net.a"), marks, 1);
	add(0, "bin/net::Net::b", "Net.b");
	add(0, "bin/net::Net::p[1]", "Net.p/1");
	add(1, "run me", "");
	add(add_target("bin/network", "gtest"), "bin/network::x", "x");
}

static void finish(void)
{
	tests_release(&t);
	config_release(&c);
}

/* Apply a gangway.ini, and let go of it. */
static int configure(const char *text)
{
	ck_assert_int_eq(config_parse("gangway.ini", text, strlen(text), &c, &e), 0);
	int status = configure_run(&c, &t, &e);

	config_release(&c);
	return status;
}

START_TEST(marks_and_groups_come_to_what_fits)
{
	ck_assert_int_eq(configure("[marks]\nnet = bin/net\nall = *\nab = *::[ab]\n"
				   "[groups]\nserver = bin/net::Net\n"),
			 0);
	ck_assert_uint_eq(t.tests[A].nmarks, 4);
	ck_assert_str_eq(t.tests[A].marks[0], "ab");
	ck_assert_str_eq(t.tests[A].marks[1], "all");
	ck_assert_str_eq(t.tests[A].marks[2], "fast");
	ck_assert_str_eq(t.tests[A].marks[3], "net");
	ck_assert(test_has_mark(&t.tests[B], "net") && !test_has_mark(&t.tests[B], "fast"));
	ck_assert(!test_has_mark(&t.tests[PARAM], "ab"));
	/* "bin/net" is not the beginning of "bin/network" */
	ck_assert_uint_eq(t.tests[OTHER].nmarks, 1);
	ck_assert_str_eq(t.tests[PARAM].group, "server");
	ck_assert_ptr_null(t.tests[OTHER].group);
}
END_TEST

START_TEST(a_rule_sets_what_it_says_and_nothing_else)
{
	t.tests[B].slots = 3;
	ck_assert_int_eq(
		configure("[test \"bin/net::Net::a\"]\ntimeout = 1500ms\nslots = 2\nretries = 4\n"
			  "lock = db port\nskip = too slow here\n"),
		0);
	ck_assert(t.tests[A].timeout_us == 1500000);
	ck_assert_uint_eq(t.tests[A].slots, 2);
	ck_assert_uint_eq(t.tests[A].retries, 4);
	ck_assert_uint_eq(t.tests[A].nlocks, 2);
	ck_assert_str_eq(t.tests[A].locks[1], "port");
	ck_assert_str_eq(t.tests[A].skip_reason, "too slow here");
	ck_assert(t.tests[B].timeout_us == TIME_UNKNOWN);
	ck_assert_uint_eq(t.tests[B].slots, 3);
	ck_assert_uint_eq(t.tests[B].nlocks, 0);
	ck_assert_ptr_null(t.tests[B].skip_reason);
}
END_TEST

START_TEST(later_rules_win_and_locks_add_up)
{
	ck_assert_int_eq(configure("[test \"*\"]\ntimeout = 10\nlock = a b\ngroup = g\n"
				   "[test \"bin/net\"]\nlock = b c\ngroup = h\n"
				   "[test \"bin/net::Net::b\"]\ntimeout = 0\n"),
			 0);
	ck_assert_uint_eq(t.tests[A].nlocks, 3);
	ck_assert_str_eq(t.tests[A].locks[0], "a");
	ck_assert_str_eq(t.tests[A].locks[1], "b");
	ck_assert_str_eq(t.tests[A].locks[2], "c");
	ck_assert_str_eq(t.tests[A].group, "h");
	ck_assert_str_eq(t.tests[WHOLE].group, "g");
	ck_assert(t.tests[A].timeout_us == 10 * 1000000);
	/* "none" is neither at once nor the run's default */
	ck_assert(t.tests[B].timeout_us > UINT64_C(86400) * 1000000);
	ck_assert(t.tests[B].timeout_us != TIME_UNKNOWN);
}
END_TEST

START_TEST(brackets_of_an_id_are_also_brackets)
{
	ck_assert_int_eq(configure("[test \"bin/net::Net::p[1]\"]\nslots = 2\n"), 0);
	ck_assert_uint_eq(t.tests[PARAM].slots, 2);
	ck_assert_uint_eq(t.tests[A].slots, 1);
}
END_TEST

START_TEST(the_protocol_of_a_whole_program_can_be_said)
{
	ck_assert_int_eq(configure("[test \"*\"]\nprotocol = tap\n"), 0);
	ck_assert_str_eq(t.targets[1].adapter, "tap");
	ck_assert_str_eq(t.targets[0].adapter, "gtest");
}
END_TEST

START_TEST(the_protocol_of_a_case_cannot_be_said)
{
	ck_assert_int_eq(configure("[marks]\nm = *\n[test \"bin/net::Net::b\"]\nprotocol = tap\n"),
			 -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, "gangway.ini");
	ck_assert_uint_eq(e.line, 3);
	ck_assert_str_eq(e.msg, "'protocol' is for whole programs, and 'bin/net::Net::b' is a case "
				"of one");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("configure");
	TCase *tc = tcase_create("configure");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, marks_and_groups_come_to_what_fits);
	tcase_add_test(tc, a_rule_sets_what_it_says_and_nothing_else);
	tcase_add_test(tc, later_rules_win_and_locks_add_up);
	tcase_add_test(tc, brackets_of_an_id_are_also_brackets);
	tcase_add_test(tc, the_protocol_of_a_whole_program_can_be_said);
	tcase_add_test(tc, the_protocol_of_a_case_cannot_be_said);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
