/* SPDX-License-Identifier: MIT
 *
 * format/config_file, cli/config_find: what gangway.ini may say, and where it is found.
 */
#include "unit/unit.h"

#include <unistd.h>

#include "base/err.h"
#include "cli/config_find.h"
#include "format/config_file.h"

#include "model/config.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include <limits.h>

static struct config c;
static struct arena mem;
static struct err e;

static void teardown(void)
{
	config_release(&c);
	arena_release(&mem);
}

static int parse(const char *text)
{
	return config_parse("gangway.ini", text, strlen(text), &c, &e);
}

START_TEST(every_key_is_read)
{
	ck_assert_msg(
		parse("[gangway]\naddopts = -n auto\n  -m 'not slow'\ntestpaths = a 'b c'\n"
		      "test_programs = *_test\ntimeout = 2m\njunit_family = xunit1\n"
		      "check_preload = no\n"
		      "[marks]\nunit = a::*\n   'b c::*'\n[groups]\ndb = *::db::*\n"
		      "[test \"a::x\"]\ntimeout = 0\nslots = 2\nretries = 3\nlock = port disk\n"
		      "group = g\nmarks = slow net\nskip = not here\nprotocol = tap\n"
		      "[test \"b\"]\nskip =\n") == 0,
		"%u: %s", e.line, e.msg);
	ck_assert_uint_eq(c.naddopts, 4);
	ck_assert_str_eq(c.addopts[3], "not slow");
	ck_assert_uint_eq(c.addopts_line, 2);
	ck_assert_str_eq(c.testpaths[1], "b c");
	ck_assert_str_eq(c.test_programs[0], "*_test");
	ck_assert_uint_eq(c.timeout_us, 120000000);
	ck_assert(c.has_junit_family && c.is_junit_files);
	ck_assert(c.is_unpreloaded);
	ck_assert_uint_eq(c.nrules, 5);
	ck_assert_str_eq(c.rules[1].pattern, "b c::*");
	ck_assert_str_eq(c.rules[1].marks[0], "unit");
	ck_assert_uint_eq(c.rules[1].timeout_us, TIME_UNKNOWN);
	ck_assert_str_eq(c.rules[2].group, "db");
	ck_assert_str_eq(c.rules[3].pattern, "a::x");
	ck_assert_uint_eq(c.rules[3].timeout_us, 0);
	ck_assert_uint_eq(c.rules[3].slots, 2);
	ck_assert_uint_eq(c.rules[3].retries, 3);
	ck_assert_uint_eq(c.rules[0].retries, UINT_MAX);
	ck_assert_str_eq(c.rules[3].locks[1], "disk");
	ck_assert_uint_eq(c.rules[3].nmarks, 2);
	ck_assert_str_eq(c.rules[3].skip, "not here");
	ck_assert_str_eq(c.rules[3].protocol, "tap");
	ck_assert_str_eq(c.rules[4].skip, "skipped in gangway.ini:24");
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
	const char *message;
} bad[] = {
	{ "[gangway]\ntiemout = 3\n", 2, "unknown key 'tiemout'; did you mean 'timeout'?" },
	{ "[gangway]\n\nqqqqqqq = 3\n", 3, "unknown key 'qqqqqqq'" },
	{ "[gangwy]\n", 1, "unknown section 'gangwy'; did you mean 'gangway'?" },
	{ "[mark]\n", 1, "unknown section 'mark'; did you mean 'marks'?" },
	{ "[test]\n", 1, "a test section needs a pattern: [test \"PATTERN\"]" },
	{ "[marks \"x\"]\n", 1, "only [test \"PATTERN\"] takes something in quotes" },
	{ "[test \"x\"]\nlocks = a\n", 2, "unknown key 'locks'; did you mean 'lock'?" },
	{ "[test \"x\"]\nretries = 1001\n", 2,
	  "'1001' is no value for 'retries'; accepted: a number from 0 to 1000" },
	{ "[test \"x\"]\nslots = 0\n", 2,
	  "'0' is no value for 'slots'; accepted: a number from 1 to 4096" },
	{ "[test \"x\"]\nprotocol = gtest\n", 2,
	  "'gtest' is no value for 'protocol'; accepted: exitcode, tap" },
	{ "[gangway]\ntimeout = soon\n", 2,
	  "'soon' is no value for 'timeout'; accepted: seconds, or a time like 500ms, 1.5s, 2m, "
	  "1h; 0 is none" },
	{ "[gangway]\naddopts = -m 'a\n", 2, "a quote is not closed" },
	{ "[marks]\nunit = \"a\n", 2, "a quote is not closed" },
	{ "[gangway]\nx\n", 2, "no '=' in 'x'" },
};

START_TEST(a_mistake_is_named_with_its_line)
{
	ck_assert_int_eq(parse(bad[_i].text), -1);
	ck_assert_str_eq(e.path, "gangway.ini");
	ck_assert_uint_eq(e.line, bad[_i].line);
	ck_assert_str_eq(e.msg, bad[_i].message);
	ck_assert_int_eq(err_exit_code(e.code), 4);
}
END_TEST

static char *tree(void)
{
	char *dir = fs_make_temp_dir(&mem, &e);

	ck_assert_int_eq(fs_mkdirs(fs_join(&mem, dir, "p/sub/build"), &e), 0);
	ck_assert_int_eq(fs_mkdirs(fs_join(&mem, dir, "p/sub2"), &e), 0);
	ck_assert_int_eq(outfile_write(fs_join(&mem, dir, "p/gangway.ini"), "", 0, &e), 0);
	ck_assert_int_eq(chdir(dir), 0);
	return dir;
}

static const struct {
	const char *args[3];
	const char *rootdir; /* below the tree */
	bool has_file;
} places[] = {
	{ { "p" }, "p", true },
	{ { "p/sub/build" }, "p", true },
	{ { "p/sub/build", "p/sub2" }, "p", true },
	{ { "p/gangway.ini" }, "p", true },
	{ { "p/sub::x" }, "p", true },
	{ { "p", "." }, "", false },
	{ { "nothing" }, "", false },
	{ { NULL }, "", false },
};

START_TEST(the_file_is_looked_for_from_the_arguments_upwards)
{
	char *dir = tree();
	struct config_wish wish = { .args = places[_i].args };

	while (wish.nargs < 3 && places[_i].args[wish.nargs])
		wish.nargs++;
	ck_assert_int_eq(config_find(&wish, &c, &e), 0);
	ck_assert_str_eq(c.rootdir,
			 places[_i].rootdir[0] ? fs_join(&mem, dir, places[_i].rootdir) : dir);
	ck_assert_int_eq(c.path != NULL, places[_i].has_file);
	fs_remove_tree(dir, NULL);
}
END_TEST

START_TEST(what_the_user_names_wins)
{
	char *dir = tree();
	struct config_wish wish = { .file = "p/gangway.ini", .rootdir = "p/sub" };

	ck_assert_int_eq(config_find(&wish, &c, &e), 0);
	ck_assert_str_eq(c.rootdir, fs_join(&mem, dir, "p/sub"));
	ck_assert_str_eq(c.path, "p/gangway.ini");
	config_release(&c);
	wish.rootdir = "p/nowhere";
	ck_assert_int_eq(config_find(&wish, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	config_release(&c);
	wish.file = "p/other.ini";
	ck_assert_int_eq(config_find(&wish, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	fs_remove_tree(dir, NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("config");
	TCase *tc = tcase_create("config");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, every_key_is_read);
	tcase_add_loop_test(tc, a_mistake_is_named_with_its_line, 0, ARRAY_SIZE(bad));
	tcase_add_loop_test(tc, the_file_is_looked_for_from_the_arguments_upwards, 0,
			    ARRAY_SIZE(places));
	tcase_add_test(tc, what_the_user_names_wins);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
