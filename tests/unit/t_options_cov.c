/* SPDX-License-Identifier: MIT */
#include "cli/options_cov.h"

#include "base/err.h"
#include "base/parse.h"
#include "cli/cover_file.h"
#include "cli/options_run.h"
#include "sys/fs.h"
#include "unit/unit.h"

static struct arena mem;
static struct options_run o;
static struct err e;

static int settle(const char *line)
{
	const char **words = NULL;
	struct option_strings rest = { 0 };
	size_t n = 0;

	o = (struct options_run){ 0 };
	e = (struct err){ 0 };
	ck_assert(parse_words(line, &mem, &words, &n));
	const struct option_args args = { .words = words, .nwords = n };

	ck_assert_int_eq(option_parse(options_cov_run_rows, &args, &o, &mem, &rest, &e), 0);
	return options_cov_settle(&o.cov, &mem, "/here", &e);
}

START_TEST(sources_and_reports_become_absolute)
{
	ck_assert_int_eq(settle("--cov=src --cov --cov-report=html --cov-report xml:out/c.xml "
				"--cov-report=lcov:- --cov-report=term-missing"),
			 0);
	ck_assert(options_cov_is_on(&o.cov));
	ck_assert_uint_eq(o.cov.sources.n, 2);
	ck_assert_str_eq(o.cov.sources.items[0], "/here/src");
	ck_assert_str_eq(o.cov.sources.items[1], "");
	ck_assert_uint_eq(o.cov.nreports, 4);
	ck_assert_str_eq(o.cov.reports[0].path, "/here/htmlcov");
	ck_assert_str_eq(o.cov.reports[1].path, "/here/out/c.xml");
	ck_assert_str_eq(o.cov.reports[2].path, "-");
	ck_assert_ptr_null(o.cov.reports[3].path);
	ck_assert_int_eq(o.cov.reports[3].type, COV_REPORT_TERM_MISSING);
}
END_TEST

START_TEST(the_terminals_table_is_what_is_told_where_nothing_is_asked_for)
{
	ck_assert_int_eq(settle("--cov"), 0);
	ck_assert_uint_eq(o.cov.nreports, 1);
	ck_assert_int_eq(o.cov.reports[0].type, COV_REPORT_TERM);
	ck_assert_int_eq(settle("--cov --no-cov"), 0);
	ck_assert(!options_cov_is_on(&o.cov));
	ck_assert_int_eq(settle("--cov-branch"), 0);
	ck_assert(!options_cov_is_on(&o.cov));
}
END_TEST

static const char *const bad[] = {
	"--cov-report=word",     "--cov-report=",          "--cov-report=term:file",
	"--cov-report=lcov:",    "--cov-fail-under=101",   "--cov-fail-under=x",
	"--cov-fail-under=-1.5", "--cov-path-map=nowhere", "--cov-path-map==x",
	"--cov-context=file",    "--cov-context=",
};

START_TEST(what_cannot_be_is_refused_with_what_can)
{
	ck_assert_int_eq(settle(bad[_i]), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "accepted: "));
}
END_TEST

START_TEST(tests_are_told_apart_only_where_each_counts_by_itself)
{
	ck_assert_int_eq(settle("--cov --cov-context=test"), 0);
	ck_assert(options_cov_has_contexts(&o.cov));
	ck_assert_int_eq(settle("--cov-context=test"), 0);
	ck_assert(!options_cov_has_contexts(&o.cov));
	ck_assert_int_eq(settle("--cov --cov-context test --cov-in-place"), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "--cov-in-place"));
}
END_TEST

START_TEST(a_threshold_may_have_decimals)
{
	ck_assert_int_eq(settle("--cov --cov-fail-under 79.5"), 0);
	ck_assert_uint_eq(o.cov.fail_under_ppm, 79500000);
	ck_assert_int_eq(settle("--cov"), 0);
	ck_assert_uint_eq(o.cov.fail_under_ppm, TIME_UNKNOWN);
}
END_TEST

START_TEST(what_was_asked_for_is_kept_and_reads_again)
{
	struct cover_file f;
	struct option_strings roots = { 0 };
	char *dir = fs_make_temp_dir(&mem, &e);
	const char *path = fs_join(&mem, dir, "cov.tsv");

	option_strings_add(&roots, &mem, "/b/new\nline");
	ck_assert_int_eq(settle("--cov=a --cov --cov-branch --cov-throw-branches --cov-append "
				"--cov-report=json:x.json --cov-report=term --cov-fail-under=80 "
				"--cov-exclude='*/x y.c' --cov-path-map=/a=/b --cov-diff=HEAD~1 "
				"--cov-context=test"),
			 0);
	ck_assert_int_eq(cover_file_write(path, &o.cov, &roots, &e), 0);
	ck_assert_int_eq(cover_file_read(path, &f, &e), 0);
	const struct options_cov *c = &f.options.cov;

	ck_assert_uint_eq(c->sources.n, 2);
	ck_assert_str_eq(c->sources.items[0], "/here/a");
	ck_assert_str_eq(c->sources.items[1], "");
	ck_assert(c->wants_branches && c->wants_throws && c->is_appended && !c->is_in_place);
	ck_assert_uint_eq(c->nreports, 2);
	ck_assert_str_eq(c->reports[0].path, "/here/x.json");
	ck_assert_uint_eq(c->fail_under_ppm, 80000000);
	ck_assert_str_eq(c->excludes.items[0], "*/x y.c");
	ck_assert_str_eq(c->path_maps.items[0], "/a=/b");
	ck_assert_str_eq(c->diff, "HEAD~1");
	ck_assert_str_eq(c->context_text, "test");
	ck_assert_uint_eq(f.roots.n, 1);
	ck_assert_str_eq(f.roots.items[0], "/b/new\nline");
	cover_file_release(&f);
	fs_remove_tree(dir, NULL);
}
END_TEST

static void teardown(void)
{
	arena_release(&mem);
}

int main(void)
{
	Suite *s = suite_create("options_cov");
	TCase *tc = tcase_create("options_cov");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, sources_and_reports_become_absolute);
	tcase_add_test(tc, the_terminals_table_is_what_is_told_where_nothing_is_asked_for);
	tcase_add_loop_test(tc, what_cannot_be_is_refused_with_what_can, 0, ARRAY_SIZE(bad));
	tcase_add_test(tc, tests_are_told_apart_only_where_each_counts_by_itself);
	tcase_add_test(tc, a_threshold_may_have_decimals);
	tcase_add_test(tc, what_was_asked_for_is_kept_and_reads_again);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
