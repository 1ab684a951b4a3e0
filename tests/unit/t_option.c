/* SPDX-License-Identifier: MIT
 *
 * cli/option, option_help, options_run: how words become options, and what is said of wrong ones.
 */
#include "unit/unit.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "cli/options_run.h"
#include "model/config.h"
#include "sys/fs.h"
#include "sys/outfile.h"

static struct arena mem;
static struct options_run o;
static struct option_strings rest;
static struct err e;

static void setup(void)
{
	ck_assert_int_eq(option_defaults(options_run_rows, &o, &mem, &e), 0);
}

static int parse_line(const char *line)
{
	const char **words = NULL;
	size_t n = 0;

	ck_assert(parse_words(line, &mem, &words, &n));
	struct option_args args = { .words = words, .nwords = n };

	return option_parse(options_run_rows, &args, &o, &mem, &rest, &e);
}

START_TEST(nothing_said_is_the_default)
{
	ck_assert_uint_eq(o.numprocesses, LANES_AUTO);
	ck_assert_int_eq(o.dist, DIST_LOAD);
	ck_assert_ptr_null(o.keyword);
	ck_assert_uint_eq(o.timeout_us, TIME_UNKNOWN);
	ck_assert_uint_eq(o.list_timeout_us, 60000000);
	ck_assert_uint_eq(o.durations, UINT_MAX);
	ck_assert_uint_eq(o.output_limit_bytes, 16 * 1024 * 1024);
	ck_assert_str_eq(o.show, "fE");
	ck_assert_int_eq(o.verbosity, 0);
}
END_TEST

START_TEST(every_way_to_write_a_value_is_read)
{
	static const struct {
		const char *line;
		unsigned n;
	} rows[] = {
		{ "-n4", 4 },
		{ "-n 4", 4 },
		{ "-n=4", 4 },
		{ "--numprocesses 4", 4 },
		{ "--numprocesses=4", 4 },
		{ "-nauto", LANES_AUTO },
		{ "-n logical", LANES_LOGICAL },
		{ "-vn3", 3 },
		{ "-n2 -n0", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ck_assert_int_eq(parse_line(rows[i].line), 0);
		ck_assert_msg(o.numprocesses == rows[i].n, "%s", rows[i].line);
	}
	ck_assert_int_eq(o.verbosity, 1);
}
END_TEST

START_TEST(options_and_arguments_mix)
{
	ck_assert_int_eq(
		parse_line("a -vv b -k 'x and y' --deselect p::q --deselect=r - -- -n4 --x"), 0);
	ck_assert_int_eq(o.verbosity, 2);
	ck_assert_str_eq(o.keyword, "x and y");
	ck_assert_uint_eq(o.deselect.n, 2);
	ck_assert_str_eq(o.deselect.items[1], "r");
	ck_assert_uint_eq(rest.n, 5);
	ck_assert_str_eq(rest.items[2], "-");
	ck_assert_str_eq(rest.items[3], "-n4");
	ck_assert_str_eq(rest.items[4], "--x");
}
END_TEST

START_TEST(other_names_mean_the_same)
{
	ck_assert_int_eq(parse_line("-x --co -s --junit-xml=j.xml --junit-family=xunit1 -qq"), 0);
	ck_assert_uint_eq(o.maxfail, 1);
	ck_assert(o.is_collect_only);
	ck_assert_int_eq(o.capture, CAPTURE_NO);
	ck_assert_str_eq(o.junitxml, "j.xml");
	ck_assert_int_eq(o.junit_family, JUNIT_FILES);
	ck_assert_int_eq(o.verbosity, -2);
}
END_TEST

START_TEST(quantities_have_units)
{
	ck_assert_int_eq(parse_line("--timeout 1.5 --list-timeout=500ms --output-limit 64K "
				    "--durations=0"),
			 0);
	ck_assert_uint_eq(o.timeout_us, 1500000);
	ck_assert_uint_eq(o.list_timeout_us, 500000);
	ck_assert_uint_eq(o.output_limit_bytes, 65536);
	ck_assert_uint_eq(o.durations, 0);
}
END_TEST

static const struct {
	const char *line, *message;
} bad[] = {
	{ "--timeuot 3", "unknown option '--timeuot'; did you mean '--timeout'?" },
	{ "--junit-xm=3", "unknown option '--junit-xm'; did you mean '--junit-xml'?" },
	{ "--something-else-entirely", "unknown option '--something-else-entirely'" },
	{ "--sw", "unknown option '--sw'" },
	{ "-z", "unknown option '-z'" },
	{ "-vz", "unknown option '-z'" },
	{ "'--a\nbcdefghijklm'", "unknown option '--a\\x0Abcdefghijklm'" },
	{ "-n many", "'many' is no value for '--numprocesses'; accepted: auto, logical or a number "
		     "from 0 to 4096" },
	{ "-n 4097", "'4097' is no value for '--numprocesses'; accepted: auto, logical or a number "
		     "from 0 to 4096" },
	{ "-n -1", "'-1' is no value for '--numprocesses'; accepted: auto, logical or a number "
		   "from 0 to 4096" },
	{ "--dist=fast", "'fast' is no value for '--dist'; accepted: load, loadscope, loadfile, "
			 "loadgroup, worksteal, each, no" },
	{ "--tb value", "'value' is no value for '--tb'; accepted: auto, long, short, line, "
			"native, no" },
	{ "--junit-family=x", "'x' is no value for '--junit-family'; accepted: strict, files" },
	{ "--timeout=1x", "'1x' is no value for '--timeout'; accepted: seconds, or a time like "
			  "500ms, 1.5s, 2m, 1h" },
	{ "--maxfail=99999999999", "'99999999999' is no value for '--maxfail'; accepted: a whole "
				   "number" },
	{ "--output-limit 9999999999G", "'9999999999G' is no value for '--output-limit'; accepted: "
					"a size like 4096, 64K, 1M, 1G" },
	{ "-k", "'-k' needs a value: EXPR" },
	{ "--isolate=yes", "'--isolate' takes no value" },
};

START_TEST(a_wrong_option_is_one_line_that_helps)
{
	ck_assert_int_eq(parse_line(bad[_i].line), -1);
	ck_assert_str_eq(e.msg, bad[_i].message);
	ck_assert_int_eq(err_exit_code(e.code), 4);
}
END_TEST

START_TEST(letters_and_names_are_unique_and_aliases_lead_somewhere)
{
	for (const struct option_row *r = options_run_rows; r->kind != OPTION_END; r++) {
		for (const struct option_row *s = r + 1; s->kind != OPTION_END; s++) {
			ck_assert(!r->letter || r->letter != s->letter);
			ck_assert(!r->name || !s->name || strcmp(r->name, s->name) != 0);
		}
		ck_assert_ptr_nonnull(r->help);
		ck_assert_ptr_nonnull(r->section);
		if (r->kind == OPTION_ALIAS) {
			struct option_args args = { .words = &r->alias_of, .nwords = 1 };

			ck_assert_int_eq(option_parse(options_run_rows, &args, &o, &mem, &rest, &e),
					 0);
		}
	}
}
END_TEST

START_TEST(help_names_every_option_within_80_columns)
{
	struct buf text = BUF_INIT;

	option_help(options_run_rows, &text);
	for (const struct option_row *r = options_run_rows; r->kind != OPTION_END; r++) {
		char name[64];

		snprintf(name, sizeof name, r->name ? "--%s" : "-%.0s%c", r->name ? r->name : "",
			 r->letter);
		ck_assert_msg(strstr(text.s, name) != NULL, "%s", name);
	}
	for (const char *s = text.s; *s; s += strcspn(s, "\n") + 1)
		ck_assert_uint_le(strcspn(s, "\n"), 80);
	buf_release(&text);
}
END_TEST

/* The man page has what the rows say, word for word. */
START_TEST(the_man_page_says_what_the_rows_say)
{
	struct buf text = BUF_INIT;
	struct buf page = BUF_INIT;

	option_man(options_graph_rows, &text);
	ck_assert_int_eq(fs_read("docs/gangway.1", 1 << 20, &page, &e), 0);
	ck_assert_msg(strstr(page.s, text.s) != NULL,
		      "docs/gangway.1 is not up to date: see 'gangway --man'");
	buf_release(&text);
	buf_release(&page);
}
END_TEST

START_TEST(the_three_places_come_in_order)
{
	char *dir = fs_make_temp_dir(&mem, &e);
	static const char ini[] = "[gangway]\naddopts = -n 2 --dist=loadfile -m 'a b'\n"
				  "timeout = 7\njunit_family = files\ntestpaths = build\n";
	const char *words[] = { "-n3", "t::x" };
	struct options_run all = { 0 };
	struct config config = { 0 };

	ck_assert_int_eq(outfile_write(fs_join(&mem, dir, "gangway.ini"), ini, strlen(ini), &e), 0);
	ck_assert_int_eq(chdir(dir), 0);
	setenv("GANGWAY_ADDOPTS", "--dist=worksteal -vv", 1);
	ck_assert_msg(options_run_read(options_run_rows,
				       &(struct option_args){ .words = words, .nwords = 2 }, NULL,
				       &all, &config, &e) == 0,
		      "%s", e.msg);
	ck_assert_uint_eq(all.numprocesses, 3);
	ck_assert_int_eq(all.dist, DIST_WORKSTEAL);
	ck_assert_str_eq(all.markexpr, "a b");
	ck_assert_int_eq(all.verbosity, 2);
	ck_assert_uint_eq(all.timeout_us, 7000000);
	ck_assert_int_eq(all.junit_family, JUNIT_FILES);
	ck_assert_uint_eq(all.ids.n, 1);
	ck_assert_str_eq(all.ids.items[0], "t::x");
	ck_assert_uint_eq(all.paths.n, 1); /* testpaths */
	ck_assert_str_eq(all.paths.items[0], fs_join(&mem, dir, "build"));
	options_run_release(&all);
	config_release(&config);
	setenv("GANGWAY_ADDOPTS", "--dist=wrong", 1);
	ck_assert_int_eq(options_run_read(options_run_rows,
					  &(struct option_args){ .words = words, .nwords = 2 },
					  NULL, &all, &config, &e),
			 -1);
	ck_assert_str_eq(e.path, "GANGWAY_ADDOPTS");
	options_run_release(&all);
	config_release(&config);
	setenv("GANGWAY_ADDOPTS", "", 1);
	ck_assert_int_eq(outfile_write("gangway.ini", "[gangway]\n\naddopts = --vv", 25, &e), 0);
	ck_assert_int_eq(options_run_read(options_run_rows,
					  &(struct option_args){ .words = words, .nwords = 2 },
					  NULL, &all, &config, &e),
			 -1);
	ck_assert_str_eq(e.path, "gangway.ini");
	ck_assert_uint_eq(e.line, 3);
	options_run_release(&all);
	config_release(&config);
	fs_remove_tree(dir, NULL);
}
END_TEST

START_TEST(an_argument_is_a_path_or_an_id_relative_to_the_rootdir)
{
	char *dir = fs_make_temp_dir(&mem, &e);
	const char *words[] = { "build", "build/t one::S::a", "ghost::x", "smoke" };
	struct options_run all = { 0 };
	struct config config = { 0 };

	ck_assert_int_eq(fs_mkdirs(fs_join(&mem, dir, "sub/build"), &e), 0);
	ck_assert_int_eq(outfile_write(fs_join(&mem, dir, "gangway.ini"), "", 0, &e), 0);
	ck_assert_int_eq(outfile_write(fs_join(&mem, dir, "sub/build/t one"), "x", 1, &e), 0);
	ck_assert_int_eq(chdir(fs_join(&mem, dir, "sub")), 0);
	ck_assert_int_eq(options_run_read(options_run_rows,
					  &(struct option_args){ .words = words, .nwords = 4 },
					  NULL, &all, &config, &e),
			 0);
	ck_assert_str_eq(config.rootdir, dir);
	ck_assert_str_eq(config.path, "../gangway.ini");
	ck_assert_uint_eq(all.paths.n, 2);
	ck_assert_str_eq(all.paths.items[1], "build/t one");
	ck_assert_uint_eq(all.ids.n, 3);
	ck_assert_str_eq(all.ids.items[0], "sub/build/t one::S::a");
	ck_assert_str_eq(all.ids.items[1], "ghost::x");
	ck_assert_str_eq(all.ids.items[2], "smoke");
	options_run_release(&all);
	config_release(&config);
	fs_remove_tree(dir, NULL);
}
END_TEST

START_TEST(the_nearest_word_is_the_one_with_the_fewest_edits)
{
	struct nearest n = nearest_begin("tiemout");

	nearest_try(&n, "testpaths");
	ck_assert_ptr_null(n.best);
	nearest_try(&n, "time");
	nearest_try(&n, "timeout");
	ck_assert_str_eq(n.best, "timeout");
	ck_assert_uint_eq(nearest_distance("abc", "abc", 0), 0);
	ck_assert_uint_eq(nearest_distance("", "abc", 3), 3);
	ck_assert_uint_eq(nearest_distance("kitten", "sitting", 8), 3);
	ck_assert_uint_eq(nearest_distance("kitten", "sitting", 2), 3); /* more than 2 */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("option");
	TCase *tc = tcase_create("option");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, nothing_said_is_the_default);
	tcase_add_test(tc, every_way_to_write_a_value_is_read);
	tcase_add_test(tc, options_and_arguments_mix);
	tcase_add_test(tc, other_names_mean_the_same);
	tcase_add_test(tc, quantities_have_units);
	tcase_add_loop_test(tc, a_wrong_option_is_one_line_that_helps, 0, ARRAY_SIZE(bad));
	tcase_add_test(tc, letters_and_names_are_unique_and_aliases_lead_somewhere);
	tcase_add_test(tc, help_names_every_option_within_80_columns);
	tcase_add_test(tc, the_man_page_says_what_the_rows_say);
	tcase_add_test(tc, the_three_places_come_in_order);
	tcase_add_test(tc, an_argument_is_a_path_or_an_id_relative_to_the_rootdir);
	tcase_add_test(tc, the_nearest_word_is_the_one_with_the_fewest_edits);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
