/* SPDX-License-Identifier: MIT
 *
 * The JSON by hand, and folders that real ctest reads: a CTestTestfile.cmake of one's own is all it
 * wants.
 */
#include "adapter/ctest.h"

#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static struct tests t;
static struct err e;
static const char *dir;

static void set_up(void)
{
	dir = fs_make_temp_dir(&mem, NULL);
	t.rootdir = dir;
}

static void tear_down(void)
{
	fs_remove_tree(dir, NULL);
	tests_release(&t);
	arena_release(&mem);
	e = (struct err){ 0 };
}

static const char *put(const char *name, const char *text)
{
	const char *path = fs_join(&mem, dir, name);

	ck_assert_int_eq(outfile_write(path, text, strlen(text), NULL), 0);
	return path;
}

static void put_program(const char *name)
{
	chmod(put(name, "#!/bin/sh\n"), 0755);
}

static const char *prop(const struct test *test, const char *key)
{
	for (size_t i = 0; i < test->nprops; i++) {
		if (strcmp(test->props[i].key, key) == 0)
			return test->props[i].value;
	}
	return "(none)";
}

/* --- reading ---------------------------------------------------------------------------------- */

static struct ctest_entry *entries;
static size_t n;

static int read_json(const char *json)
{
	return ctest_entries_read(json, strlen(json), "j", "/b", &mem, &entries, &n, &e);
}

#define ENTRY(properties)                                                                          \
	"{\"kind\":\"ctestInfo\",\"tests\":[{\"name\":\"a\",\"command\":[\"/bin/sh\",\"x y\"],"    \
	"\"properties\":[" properties "]}]}"

START_TEST(every_property_has_its_place_and_is_kept)
{
	ck_assert_int_eq(
		read_json(ENTRY(
			"{\"name\":\"LABELS\",\"value\":[\"unit\",\"xdist_group=db\"]},"
			"{\"name\":\"TIMEOUT\",\"value\":0.5},{\"name\":\"COST\",\"value\":12.5},"
			"{\"name\":\"PROCESSORS\",\"value\":3},{\"name\":\"RUN_SERIAL\",\"value\":"
			"true},"
			"{\"name\":\"RESOURCE_LOCK\",\"value\":[\"x\",\"y\"]},"
			"{\"name\":\"DEPENDS\",\"value\":[\"b\",\"c\"]},"
			"{\"name\":\"REQUIRED_FILES\",\"value\":[\"in.txt\",\"/abs\"]},"
			"{\"name\":\"WORKING_DIRECTORY\",\"value\":\"/w\"},"
			"{\"name\":\"ENVIRONMENT\",\"value\":[\"A=1\",\"B=2;3\"]},"
			"{\"name\":\"ENVIRONMENT_MODIFICATION\","
			"\"value\":[\"PATH=path_list_prepend:/opt\"]},"
			"{\"name\":\"SKIP_RETURN_CODE\",\"value\":77},"
			"{\"name\":\"WILL_FAIL\",\"value\":true},"
			"{\"name\":\"PASS_REGULAR_EXPRESSION\",\"value\":[\"p\"]},"
			"{\"name\":\"FAIL_REGULAR_EXPRESSION\",\"value\":[\"f\",\"g\"]},"
			"{\"name\":\"SKIP_REGULAR_EXPRESSION\",\"value\":[\"s\"]},"
			"{\"name\":\"TIMEOUT_AFTER_MATCH\",\"value\":{\"regex\":[\"r\",\"q\"],"
			"\"timeout\":2.5}},"
			"{\"name\":\"DISABLED\",\"value\":true},"
			"{\"name\":\"RESOURCE_GROUPS\",\"value\":[{\"requirements\":"
			"[{\".type\":\"gpus\",\"slots\":1}]}]}")),
		0);
	const struct ctest_entry *a = &entries[0];

	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(a->name, "a");
	ck_assert(a->has_program);
	ck_assert_uint_eq(a->nargv, 2);
	ck_assert_str_eq(a->argv[1], "x y");
	ck_assert_uint_eq(a->test.nmarks, 2);
	ck_assert_uint_eq(a->test.timeout_us, 500000);
	ck_assert_uint_eq(a->test.cost_us, 12500000);
	ck_assert_uint_eq(a->test.slots, 3);
	ck_assert(a->test.is_exclusive);
	ck_assert_uint_eq(a->test.nlocks, 2);
	ck_assert_str_eq(a->test.locks[1], "y");
	ck_assert_uint_eq(a->ndepends, 2);
	ck_assert_str_eq(a->test.needs[0], "/w/in.txt");
	ck_assert_str_eq(a->test.needs[1], "/abs");
	ck_assert_str_eq(a->target.workdir, "/w");
	ck_assert_uint_eq(a->target.nenv, 2);
	ck_assert_str_eq(a->target.env[1], "B=2;3");
	ck_assert_str_eq(a->target.env_mods[0], "PATH=path_list_prepend:/opt");
	ck_assert_int_eq(a->rule.skip_code, 77);
	ck_assert(a->rule.will_fail);
	ck_assert_str_eq(a->rule.pass_regex[0], "p");
	ck_assert_uint_eq(a->rule.nfail_regex, 2);
	ck_assert_str_eq(a->rule.skip_regex[0], "s");
	ck_assert_uint_eq(a->rule.nafter_regex, 2);
	ck_assert_str_eq(a->rule.after_regex[1], "q");
	ck_assert_uint_eq(a->rule.after_us, 2500000);
	ck_assert_ptr_nonnull(a->test.skip_reason);
	ck_assert_uint_eq(a->test.nprops, 19);
	ck_assert_str_eq(a->test.props[0].key, "COST");
	ck_assert_str_eq(prop(&a->test, "FAIL_REGULAR_EXPRESSION"), "f;g");
	ck_assert_str_eq(prop(&a->test, "COST"), "12.5");
	ck_assert_str_eq(prop(&a->test, "WILL_FAIL"), "true");
	ck_assert_ptr_nonnull(strstr(prop(&a->test, "RESOURCE_GROUPS"), "gpus"));
}
END_TEST

START_TEST(an_entry_that_says_nothing_has_nothing_said)
{
	ck_assert_int_eq(read_json(ENTRY("")), 0);
	ck_assert(entries[0].test.timeout_us == TIME_UNKNOWN);
	ck_assert(entries[0].test.cost_us == TIME_UNKNOWN);
	ck_assert_uint_eq(entries[0].test.slots, 1);
	ck_assert_int_eq(entries[0].rule.skip_code, -1);
	ck_assert_str_eq(entries[0].target.workdir, "/b");
	ck_assert_ptr_null(entries[0].test.file);
}
END_TEST

START_TEST(a_time_limit_of_zero_is_none)
{
	ck_assert_int_eq(read_json(ENTRY("{\"name\":\"TIMEOUT\",\"value\":0}")), 0);
	ck_assert(entries[0].test.timeout_us > (uint64_t)1 << 50);
	ck_assert(entries[0].test.timeout_us != TIME_UNKNOWN);
}
END_TEST

START_TEST(the_place_of_an_entry_is_the_projects_own_call)
{
	ck_assert_int_eq(
		read_json("{\"backtraceGraph\":{\"commands\":[\"add_test\",\"mine\"],"
			  "\"files\":[\"/usr/m.cmake\",\"/p/CMakeLists.txt\"],\"nodes\":["
			  "{\"file\":1},{\"command\":1,\"file\":1,\"line\":15,\"parent\":0},"
			  "{\"command\":0,\"file\":0,\"line\":402,\"parent\":1},"
			  "{\"file\":0,\"line\":1,\"parent\":3}]},"
			  "\"tests\":[{\"name\":\"a\",\"backtrace\":2},"
			  "{\"name\":\"b\",\"backtrace\":3},{\"name\":\"c\",\"backtrace\":9}]}"),
		0);
	ck_assert_str_eq(entries[0].test.file, "/p/CMakeLists.txt");
	ck_assert_uint_eq(entries[0].test.line, 15);
	ck_assert_str_eq(entries[1].test.file, "/usr/m.cmake"); /* a ring, left at some time */
	ck_assert_ptr_null(entries[2].test.file);
	ck_assert_uint_eq(entries[2].test.line, 0);
}
END_TEST

static const struct {
	const char *json, *message;
} bad[] = {
	{ "", "not JSON" },
	{ "[]", "expected object" },
	{ "{}", "tests" },
	{ "{\"tests\":{}}", "expected array in tests" },
	{ "{\"tests\":[1]}", "expected object in tests[0]" },
	{ "{\"tests\":[{}]}", "name" },
	{ "{\"tests\":[{\"name\":5}]}", "tests[0].name" },
};

START_TEST(what_ctest_never_writes_is_an_error_with_its_place)
{
	ck_assert_int_eq(read_json(bad[_i].json), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, "j");
	ck_assert_msg(strstr(e.msg, bad[_i].message), "'%s' lacks '%s'", e.msg, bad[_i].message);
}
END_TEST

START_TEST(properties_of_the_wrong_shape_say_nothing)
{
	ck_assert_int_eq(read_json(ENTRY("{\"name\":\"TIMEOUT\",\"value\":\"x\"},"
					 "{\"name\":\"LABELS\",\"value\":[1,\"a\",null]},"
					 "{\"name\":\"PROCESSORS\",\"value\":-3},{\"value\":1},5,"
					 "{\"name\":\"SKIP_RETURN_CODE\",\"value\":300}")),
			 0);
	ck_assert(entries[0].test.timeout_us == TIME_UNKNOWN);
	ck_assert_uint_eq(entries[0].test.nmarks, 1);
	ck_assert_uint_eq(entries[0].test.slots, 1);
	ck_assert_int_eq(entries[0].rule.skip_code, -1);
	ck_assert_uint_eq(entries[0].test.nprops, 4);
}
END_TEST

/* --- configurations ----------------------------------------------------------------------------
 */

static const struct {
	const char *cache, *names;
} caches[] = {
	{ "", NULL },
	{ "CMAKE_GENERATOR:INTERNAL=Ninja\n", NULL },
	{ "CMAKE_CONFIGURATION_TYPES:STRING=A;B\nCMAKE_GENERATOR:INTERNAL=Ninja\n", NULL },
	{ "CMAKE_CONFIGURATION_TYPES:STRING=A;B\r\nCMAKE_GENERATOR:INTERNAL=Ninja Multi-Config\r\n",
	  "A;B" },
	{ "X:STRING=1\nCMAKE_GENERATOR:INTERNAL=Xcode\nCMAKE_GENERATOR_X:STRING=\n",
	  "Debug;Release;MinSizeRel;RelWithDebInfo" },
};

START_TEST(a_cache_tells_the_configurations_of_generators_with_several)
{
	const char *names = ctest_configurations(&mem, caches[_i].cache);

	ck_assert_pstr_eq(names, caches[_i].names);
}
END_TEST

/* --- whole folders -------------------------------------------------------------------------------
 */

static int list_folder(const char *config)
{
	const struct ctest_options o = { .folder = dir, .rootdir = dir, .build_config = config };
	const struct list_context ctx = { .timeout_us = 20 * 1000000,
					  .scratch = dir,
					  .environ = (const char *const *)environ };

	return ctest_list(&o, &ctx, &t, &e);
}

START_TEST(entries_of_plain_programs_stay_whole_with_their_rule)
{
	put("CTestTestfile.cmake",
	    "add_test([=[one two]=] \"/bin/sh\" \"-c\" \"exit 0\")\n"
	    "set_tests_properties([=[one two]=] PROPERTIES LABELS \"u;xdist_group=G\" COST 3)\n"
	    "add_test(bad \"/bin/sh\")\n"
	    "set_tests_properties(bad PROPERTIES PASS_REGULAR_EXPRESSION \"(x\" DEPENDS "
	    "\"one two;nobody;bad\")\n"
	    "add_test(missing \"/nowhere/prog\")\n");
	ck_assert_msg(list_folder(NULL) == 0, "%s", e.msg);
	ck_assert_uint_eq(t.ntests, 3);
	ck_assert_uint_eq(t.nerrors, 0);
	const struct test *a = &t.tests[0], *b = &t.tests[1], *c = &t.tests[2];

	ck_assert_str_eq(a->id, "one two");
	ck_assert_str_eq(a->group, "G");
	ck_assert_uint_eq(a->nmarks, 1);
	ck_assert_str_eq(a->marks[0], "u");
	ck_assert_uint_eq(a->cost_us, 3000000);
	ck_assert_str_eq(t.targets[a->target].adapter, "exitcode");
	ck_assert_str_eq(t.targets[a->target].program, "/bin/sh");
	ck_assert_uint_eq(t.targets[a->target].nargv, 3);
	ck_assert_str_eq(t.targets[a->target].workdir, dir);
	ck_assert_ptr_nonnull(t.targets[a->target].rule);
	ck_assert_uint_eq(t.targets[b->target].rule->npass_regex, 1);
	ck_assert_uint_eq(b->nafter, 1); /* not itself, and not nobody */
	ck_assert_ptr_eq(b->after[0], a->id);
	ck_assert_ptr_null(a->error);
	ck_assert_ptr_nonnull(strstr(c->error, "not built"));
	ck_assert_str_eq(t.targets[c->target].program, "");
}
END_TEST

START_TEST(a_test_knows_what_sets_up_and_cleans_up_for_it)
{
	put("CTestTestfile.cmake",
	    "add_test(use /bin/true)\n"
	    "set_tests_properties(use PROPERTIES FIXTURES_REQUIRED \"db;net;nobody\")\n"
	    "add_test(db /bin/true)\nset_tests_properties(db PROPERTIES FIXTURES_SETUP db)\n"
	    "add_test(both /bin/true)\n"
	    "set_tests_properties(both PROPERTIES FIXTURES_SETUP \"net;other\")\n"
	    "add_test(clean /bin/true)\n"
	    "set_tests_properties(clean PROPERTIES FIXTURES_CLEANUP db)\n");
	ck_assert_msg(list_folder(NULL) == 0, "%s", e.msg);
	const struct test *use = &t.tests[0];

	ck_assert_uint_eq(use->npassed, 2);
	ck_assert_str_eq(use->passed[0], "db");
	ck_assert_str_eq(use->passed[1], "both");
	ck_assert_uint_eq(use->ncleanups, 1);
	ck_assert_str_eq(use->cleanups[0], "clean");
	ck_assert_uint_eq(use->nafter, 2);
	ck_assert_uint_eq(t.tests[1].npassed, 0);
}
END_TEST

START_TEST(two_entries_of_one_name_are_both_waited_for)
{
	fs_mkdirs(fs_join(&mem, dir, "sub"), NULL);
	put("CTestTestfile.cmake", "add_test(a /bin/true)\nadd_test(z /bin/true)\n"
				   "set_tests_properties(z PROPERTIES DEPENDS a)\nsubdirs(sub)\n");
	put("sub/CTestTestfile.cmake", "add_test(a /bin/false)\n");
	ck_assert_msg(list_folder(NULL) == 0, "%s", e.msg);
	ck_assert_uint_eq(t.ntests, 3);
	ck_assert_uint_eq(t.tests[1].nafter, 2);
}
END_TEST

START_TEST(what_requires_a_fixture_waits_for_the_set_up_to_pass)
{
	put("CTestTestfile.cmake",
	    "add_test(up1 /bin/true)\nadd_test(up2 /bin/true)\nadd_test(use /bin/true)\n"
	    "add_test(down /bin/true)\nadd_test(late /bin/true)\n"
	    "set_tests_properties(up1 up2 PROPERTIES FIXTURES_SETUP \"F;other\")\n"
	    "set_tests_properties(up2 PROPERTIES FIXTURES_REQUIRED F FIXTURES_SETUP G)\n"
	    "set_tests_properties(use PROPERTIES FIXTURES_REQUIRED \"G;nothing\")\n"
	    "set_tests_properties(down PROPERTIES FIXTURES_CLEANUP F)\n"
	    "set_tests_properties(late PROPERTIES DEPENDS use)\n");
	ck_assert_msg(list_folder(NULL) == 0, "%s", e.msg);
	ck_assert_uint_eq(t.ntests, 5);
	ck_assert_uint_eq(t.tests[0].npassed, 0);
	ck_assert_uint_eq(t.tests[1].npassed, 1);
	ck_assert_ptr_eq(t.tests[1].passed[0], t.tests[0].id);
	ck_assert_uint_eq(t.tests[2].npassed, 1);
	ck_assert_ptr_eq(t.tests[2].passed[0], t.tests[1].id);
	ck_assert_uint_eq(t.tests[3].npassed, 0); /* cleans up whatever became of it */
	ck_assert_uint_eq(t.tests[4].npassed, 0); /* an order, no condition */
}
END_TEST

START_TEST(a_group_that_only_cmakes_file_knows_is_found)
{
	fs_mkdirs(fs_join(&mem, dir, "sub dir"), NULL);
	put("CTestTestfile.cmake",
	    "# set_tests_properties(a PROPERTIES xdist_group no)\n"
	    "#[[ set_tests_properties(a PROPERTIES xdist_group no) ]]\n"
	    "add_test([=[a b]=] /bin/true)\n"
	    "set_tests_properties([=[a b]=] PROPERTIES LABELS \"xdist_group=l\" MY \"p;q\" "
	    "xdist_group \"data\\\"base\")\n"
	    "add_test(b /bin/true)\nset_tests_properties(b PROPERTIES LABELS xdist_group=l)\n"
	    "subdirs(\"sub dir\")\n");
	put("sub dir/CTestTestfile.cmake",
	    "include(\"more.cmake\")\ninclude(gone.cmake OPTIONAL)\n");
	put("sub dir/more.cmake", "add_test(c /bin/true)\nadd_test(d /bin/true)\n"
				  "SET_TESTS_PROPERTIES(c d PROPERTIES xdist_group g)\n");
	ck_assert_msg(list_folder(NULL) == 0, "%s", e.msg);
	ck_assert_uint_eq(t.ntests, 4);
	ck_assert_str_eq(t.tests[0].group, "data\"base");
	ck_assert_str_eq(t.tests[1].group, "l");
	ck_assert_str_eq(t.tests[2].group, "g");
	ck_assert_str_eq(t.tests[3].group, "g");
}
END_TEST

START_TEST(a_folder_with_configurations_names_them)
{
	put("CTestTestfile.cmake", "if(CTEST_CONFIGURATION_TYPE MATCHES \"^(Debug)$\")\n"
				   "add_test(a /bin/true)\nendif()\n");
	put("CMakeCache.txt", "CMAKE_CONFIGURATION_TYPES:STRING=Debug;Release\n"
			      "CMAKE_GENERATOR:INTERNAL=Ninja Multi-Config\n");
	ck_assert_int_eq(list_folder(NULL), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_str_eq(e.path, dir);
	ck_assert_ptr_nonnull(strstr(e.msg, "Debug, Release"));
	ck_assert_int_eq(list_folder("debug"), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "'debug'"));
	ck_assert_ptr_nonnull(strstr(e.msg, "Debug, Release"));
	ck_assert_int_eq(list_folder("Debug"), 0);
	ck_assert_uint_eq(t.ntests, 1);
}
END_TEST

START_TEST(a_ctest_that_is_not_there_is_missed_by_name)
{
	put("CTestTestfile.cmake", "add_test(a /bin/true)\n");
	setenv("PATH", dir, 1);
	ck_assert_int_eq(list_folder(NULL), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_ptr_nonnull(strstr(e.msg, "'ctest'"));
}
END_TEST

START_TEST(the_ctest_of_the_build_folder_is_taken_and_what_it_says_is_told)
{
	struct buf cache = BUF_INIT;

	put("CTestTestfile.cmake", "");
	put_program("my-ctest");
	buf_addf(&cache, "CMAKE_CTEST_COMMAND:INTERNAL=%s/my-ctest\n", dir);
	put("CMakeCache.txt", cache.s);
	put("my-ctest", "#!/bin/sh\necho the disk is on fire >&2\nexit 3\n");
	chmod(fs_join(&mem, dir, "my-ctest"), 0755);
	ck_assert_int_eq(list_folder(NULL), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.msg,
			 "ctest cannot list the tests here: exit status 3: the disk is on fire");
	buf_release(&cache);
}
END_TEST

START_TEST(a_broken_testfile_is_an_error)
{
	put("CTestTestfile.cmake", "add_test(a\n");
	ck_assert_int_eq(list_folder(NULL), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, dir);
}
END_TEST

START_TEST(an_empty_folder_has_no_tests)
{
	put("CTestTestfile.cmake", "");
	ck_assert(ctest_is_folder(dir));
	ck_assert_int_eq(list_folder(NULL), 0);
	ck_assert_uint_eq(t.ntests, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ctest");
	TCase *c = tcase_create("ctest");

	suite_add_tcase(s, c);
	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, every_property_has_its_place_and_is_kept);
	tcase_add_test(c, an_entry_that_says_nothing_has_nothing_said);
	tcase_add_test(c, a_time_limit_of_zero_is_none);
	tcase_add_test(c, the_place_of_an_entry_is_the_projects_own_call);
	tcase_add_loop_test(c, what_ctest_never_writes_is_an_error_with_its_place, 0,
			    ARRAY_SIZE(bad));
	tcase_add_test(c, properties_of_the_wrong_shape_say_nothing);
	tcase_add_loop_test(c, a_cache_tells_the_configurations_of_generators_with_several, 0,
			    ARRAY_SIZE(caches));
	tcase_add_test(c, entries_of_plain_programs_stay_whole_with_their_rule);
	tcase_add_test(c, a_test_knows_what_sets_up_and_cleans_up_for_it);
	tcase_add_test(c, two_entries_of_one_name_are_both_waited_for);
	tcase_add_test(c, what_requires_a_fixture_waits_for_the_set_up_to_pass);
	tcase_add_test(c, a_group_that_only_cmakes_file_knows_is_found);
	tcase_add_test(c, a_folder_with_configurations_names_them);
	tcase_add_test(c, a_ctest_that_is_not_there_is_missed_by_name);
	tcase_add_test(c, the_ctest_of_the_build_folder_is_taken_and_what_it_says_is_told);
	tcase_add_test(c, a_broken_testfile_is_an_error);
	tcase_add_test(c, an_empty_folder_has_no_tests);
	return unit_main(s);
}
