/* SPDX-License-Identifier: MIT */
#include "stage/cov_diff.h"

#include <unistd.h>

#include "sys/fs.h"
#include "sys/proc.h"
#include "unit/covfmt.h"

static struct arena mem;
static const char *top;

static const char *at(const char *name)
{
	return fs_join(&mem, top, name);
}

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void sh(const char *script)
{
	const char *argv[] = { "sh", "-ec", script, NULL };
	const struct proc_spec spec = { .argv = argv, .workdir = top };
	struct proc_end end = { 0 };

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 1 << 20, NULL, NULL, &end, &e), 0);
	ck_assert_int_eq(end.exit_code, 0);
}

/* A tree with a commit: src/a.c, "src/b c.c", old.c. */
static void begin(void)
{
	static const char ten[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

	setup();
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	unsetenv("GIT_INDEX_FILE");
	top = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(top);
	setenv("HOME", top, 1);                         /* no settings of the user's */
	setenv("GIT_CEILING_DIRECTORIES", at(".."), 1); /* nor a tree around it */
	ck_assert_int_eq(fs_mkdirs(at("r/src"), &e), 0);
	write_text("r/src/a.c", ten);
	write_text("r/src/b c.c", ten);
	write_text("r/old.c", ten);
	sh("cd r && git init -q . && git config user.email a@b && git config user.name a &&"
	   "echo ignored.c >.gitignore && git add . && git commit -qm one");
}

static void finish(void)
{
	fs_remove_tree(top, NULL);
	arena_release(&mem);
	teardown();
}

/* Ten lines that ran as often as their number says, f on 1 to 5, g on 6 to 10. */
static void add_file(const char *name)
{
	struct cov_file *f = cov_file(&cov, name, strlen(name), COV_BLOCKS);

	for (uint32_t n = 1; n <= 10; n++)
		cov_line(f, n)->hits = n;
	cov_function(&cov, f, "g", 1, 6)->end_line = 10;
	cov_function(&cov, f, "f", 1, 1)->end_line = 5;
}

START_TEST(only_changed_lines_and_their_functions_stay)
{
	sh("cd r && sed -i '3d;7s/7/seven/;9a more' src/a.c && sed -i '2s/2/two/' 'src/b c.c'");
	add_file("src/a.c");
	add_file("src/b c.c");
	add_file("old.c");
	ck_assert_int_eq(cov_diff_apply("HEAD", at("r"), &cov, &e), 0);
	ck_assert_str_eq(digest(), "src/a.c: 6=6 9=9 g@6-10=0; src/b c.c: 2=2 f@1-5=0");
}
END_TEST

START_TEST(what_git_does_not_track_is_new_unless_it_is_ignored)
{
	sh("cd r && touch new.c ignored.c 'odd\"\n.c' && git mv old.c src/moved.c");
	add_file("new.c");
	add_file("ignored.c");
	add_file("odd\"\n.c");
	add_file("src/moved.c");
	add_file("src/a.c");
	ck_assert_int_eq(cov_diff_apply("HEAD", at("r"), &cov, &e), 0);
	ck_assert_uint_eq(cov.nfiles, 3);
	ck_assert_ptr_nonnull(cov_find(&cov, "new.c", 5));
	ck_assert_ptr_nonnull(cov_find(&cov, "odd\"\n.c", 7));
	ck_assert_uint_eq(cov_totals(cov_find(&cov, "src/moved.c", 11)).lines, 10);
}
END_TEST

START_TEST(the_rootdir_may_be_a_folder_of_the_tree)
{
	sh("cd r && sed -i '1s/1/one/' src/a.c old.c && ln -s r/src ../link");
	add_file("a.c");
	add_file(at("r/old.c"));
	ck_assert_int_eq(cov_diff_apply("HEAD", at("link"), &cov, &e), 0);
	ck_assert_uint_eq(cov.nfiles, 2);
	ck_assert_uint_eq(cov_totals(cov_find(&cov, "a.c", 3)).lines, 1);
}
END_TEST

START_TEST(settings_of_the_user_change_nothing)
{
	sh("cd r && git config diff.noprefix true && git config color.ui always &&"
	   "git config diff.external false && git config diff.context 9 &&"
	   "git config diff.interHunkContext 9 && git config diff.relative true &&"
	   "printf '\\303\\244\\n' >$(printf 'src/\\303\\244.c') && git add . &&"
	   "sed -i '3s/3/x/;5s/5/x/' src/a.c");
	add_file("src/a.c");
	add_file("src/\xc3\xa4.c");
	ck_assert_int_eq(cov_diff_apply("HEAD", at("r"), &cov, &e), 0);
	ck_assert_str_eq(digest(), "src/a.c: 3=3 5=5 f@1-5=0; src/\xc3\xa4.c: 1=1 f@1-5=0");
}
END_TEST

static const char *const strange[] = { "nothing",    "",           "-p",        "--output=x",
				       "HEAD..HEAD", "HEAD:old.c", "HEAD\nHEAD" };

START_TEST(what_is_no_commit_is_refused_and_the_model_stays)
{
	add_file("src/a.c");
	ck_assert_int_eq(cov_diff_apply(strange[_i], at("r"), &cov, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "'--cov-diff'"));
	ck_assert_uint_eq(cov_totals(cov.files[0]).lines, 10);
	ck_assert(!fs_exists(at("r/x")));
	ck_assert_int_eq(cov_diff_check(strange[_i], at("r"), &e), -1);
	ck_assert_int_eq(cov_diff_check("HEAD", at("r"), &e), 0);
}
END_TEST

START_TEST(outside_of_a_tree_it_says_so)
{
	ck_assert_int_eq(cov_diff_apply("HEAD", top, &cov, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_ptr_nonnull(strstr(e.msg, "no working tree of git"));
	ck_assert_str_eq(e.path, top);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cov_diff");
	TCase *tc = tcase_create("diff");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, only_changed_lines_and_their_functions_stay);
	tcase_add_test(tc, what_git_does_not_track_is_new_unless_it_is_ignored);
	tcase_add_test(tc, the_rootdir_may_be_a_folder_of_the_tree);
	tcase_add_test(tc, settings_of_the_user_change_nothing);
	tcase_add_loop_test(tc, what_is_no_commit_is_refused_and_the_model_stays, 0,
			    ARRAY_SIZE(strange));
	tcase_add_test(tc, outside_of_a_tree_it_says_so);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
