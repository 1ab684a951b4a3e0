/* SPDX-License-Identifier: MIT */
#include "stage/cov_paths.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/cov.h"
#include "sys/fs.h"
#include "unit/unit.h"

static struct arena mem;
static struct cov_paths *p;
static struct err e;
static const char *top; /* has folders root, root/src, away, and real files */

static const char *at(const char *name)
{
	return fs_join(&mem, top, name);
}

static void make_file(const char *name)
{
	FILE *f = fopen(at(name), "w");

	ck_assert_ptr_nonnull(f);
	fclose(f);
}

static void setup(void)
{
	char *real = NULL;

	top = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(top);
	real = realpath(top, NULL);
	top = arena_strdup(&mem, real);
	free(real);
	ck_assert_int_eq(fs_mkdirs(at("root/src/deep"), &e), 0);
	ck_assert_int_eq(fs_mkdirs(at("root/build"), &e), 0);
	ck_assert_int_eq(fs_mkdirs(at("away/in"), &e), 0);
	make_file("root/src/a.c");
	make_file("root/src/deep/a.c");
	make_file("away/in/b.c");
}

static void teardown(void)
{
	cov_paths_free(p);
	p = NULL;
	fs_remove_tree(top, NULL);
	arena_release(&mem);
}

static int open_paths(struct cov_paths_options o)
{
	e = (struct err){ 0 };
	cov_paths_free(p);
	p = NULL;
	o.rootdir = o.rootdir ? o.rootdir : at("root");
	return cov_paths_new(&o, &p, &e);
}

static const char *mapped(const char *cwd, const char *name)
{
	const char *got = cov_paths_map(p, cwd, name);

	return got ? got : "(out)";
}

START_TEST(a_name_is_seen_from_the_folder_of_compilation)
{
	ck_assert_int_eq(open_paths((struct cov_paths_options){ 0 }), 0);
	ck_assert_str_eq(mapped(at("root/build"), "../src/a.c"), "src/a.c");
	ck_assert_str_eq(mapped(at("root"), "src/./deep//../a.c"), "src/a.c");
	ck_assert_str_eq(mapped(at("root/src"), "a.c"), "src/a.c");
	ck_assert_str_eq(mapped(at("root/src/deep"), "a.c"), "src/deep/a.c");
	ck_assert_str_eq(mapped(at("away"), at("root/build/../src/a.c")), "src/a.c");
	ck_assert_str_eq(mapped("", "src/a.c"), "src/a.c");
	ck_assert_str_eq(mapped(NULL, "src/a.c"), "src/a.c");
	/* not there (any more): it counts all the same */
	ck_assert_str_eq(mapped(at("root/build"), "gen/x.c"), "build/gen/x.c");
}
END_TEST

START_TEST(what_is_outside_or_of_the_system_or_made_up_is_left_out)
{
	ck_assert_int_eq(open_paths((struct cov_paths_options){ 0 }), 0);
	ck_assert_str_eq(mapped(at("root"), at("away/in/b.c")), "(out)");
	ck_assert_str_eq(mapped(at("root"), "../rooted/b.c"), "(out)");
	ck_assert_str_eq(mapped(at("root"), "/usr/include/stdio.h"), "(out)");
	ck_assert_str_eq(mapped(at("root"), "<built-in>"), "(out)");
	ck_assert_str_eq(mapped(at("root"), at("root/<stdin>")), "(out)");
	ck_assert_str_eq(mapped(at("root"), ""), "(out)");
	/* also where the rootdir is around them */
	ck_assert_int_eq(open_paths((struct cov_paths_options){ .rootdir = "/" }), 0);
	ck_assert_str_eq(mapped("/", "/usr/include/stdio.h"), "(out)");
	ck_assert_str_eq(mapped("/", at("away/in/b.c")), at("away/in/b.c") + 1);
	/* but not where it is in there */
	ck_assert_int_eq(open_paths((struct cov_paths_options){ .rootdir = "/usr/include" }), 0);
	ck_assert_str_eq(mapped("/", "/usr/include/stdio.h"), "stdio.h");
}
END_TEST

START_TEST(a_file_behind_symbolic_links_has_one_name)
{
	ck_assert_int_eq(symlink("root", at("link")), 0);
	ck_assert_int_eq(symlink("../src", at("root/build/src")), 0);
	ck_assert_int_eq(symlink("../../away/in", at("root/src/vendor")), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(open_paths((struct cov_paths_options){
					 .rootdir = at(i ? "link" : "root") }),
				 0);
		ck_assert_str_eq(mapped(at("link/build"), "../src/a.c"), "src/a.c");
		ck_assert_str_eq(mapped(at("root/build"), "../src/a.c"), "src/a.c");
		ck_assert_str_eq(mapped(at("root/build"), "src/a.c"), "src/a.c");
		ck_assert_str_eq(mapped(at("link"), "src/gone.c"), "src/gone.c");
		/* ".." behind a link leads where the system says */
		ck_assert_str_eq(mapped(at("root"), "build/src/../src/a.c"), "src/a.c");
		/* out of the tree: it is in it by its name */
		ck_assert_str_eq(mapped(at("root"), "src/vendor/b.c"), "src/vendor/b.c");
	}
}
END_TEST

START_TEST(the_longest_map_that_fits_counts)
{
	const char *maps[] = { "/ci=../nowhere", "/ci/work/=", "/ci/work/x=src/deep" };

	ck_assert_int_eq(open_paths((struct cov_paths_options){ .maps = maps, .nmaps = 3 }), 0);
	ck_assert_str_eq(mapped("/ci/work", "src/a.c"), "src/a.c");
	ck_assert_str_eq(mapped("/ci/work/build", "../x/y.c"), "src/deep/y.c");
	ck_assert_str_eq(mapped("/", "/ci/work/xy/y.c"), "xy/y.c");
	ck_assert_str_eq(mapped("/", "/ci/a.c"), "(out)");
}
END_TEST

START_TEST(a_map_without_two_folders_is_refused)
{
	static const char *const bad[] = { "word", "=to" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ck_assert_int_eq(
			open_paths((struct cov_paths_options){ .maps = &bad[i], .nmaps = 1 }), -1);
		ck_assert_int_eq(e.code, ERR_USAGE);
		ck_assert_ptr_nonnull(strstr(e.msg, bad[i]));
	}
}
END_TEST

/* "a b": the names in the model. */
static const char *selected(const char *const *names, size_t n)
{
	static char out[4096];
	struct cov cov = { 0 };

	for (size_t i = 0; i < n; i++)
		cov_file(&cov, names[i], strlen(names[i]), COV_BLOCKS);
	cov_paths_select(p, &cov);
	out[0] = '\0';
	for (size_t i = 0; i < cov.nfiles; i++) {
		size_t len = strlen(out);

		snprintf(out + len, sizeof out - len, "%s%s", i ? " " : "", cov.files[i]->path);
	}
	cov_release(&cov);
	return out;
}

START_TEST(sources_choose_files_and_folders)
{
	const char *names[] = { "src/a.c", "src/deep/a.c", "srcs/b.c", at("away/in/b.c") };
	const char *sources[] = { at("root/src/deep"), at("root/srcs/b.c"), at("away/") };
	const char *all[] = { "" };

	ck_assert_int_eq(
		open_paths((struct cov_paths_options){ .sources = sources, .nsources = 3 }), 0);
	ck_assert_str_eq(mapped("/", at("away/in/b.c")), at("away/in/b.c"));
	ck_assert_ptr_null(strstr(selected(names, 4), "src/a.c"));
	ck_assert_ptr_nonnull(strstr(selected(names, 4), "src/deep/a.c srcs/b.c "));
	ck_assert_ptr_nonnull(strstr(selected(names, 4), "away/in/b.c"));
	ck_assert_int_eq(open_paths((struct cov_paths_options){ .sources = all, .nsources = 1 }),
			 0);
	ck_assert_str_eq(selected(names, 4), "src/a.c src/deep/a.c srcs/b.c");
	/* through a link */
	ck_assert_int_eq(symlink("root/src/deep", at("link")), 0);
	sources[0] = at("link");
	ck_assert_int_eq(
		open_paths((struct cov_paths_options){ .sources = sources, .nsources = 1 }), 0);
	ck_assert_str_eq(selected(names, 4), "src/deep/a.c");
}
END_TEST

static const struct {
	const char *glob, *name;
	bool fits;
} globs[] = {
	{ "src/a.c", "src/a.c", true },      { "src/a.c", "src/a.cc", false },
	{ "src", "src/deep/a.c", true },     { "src/", "src/deep/a.c", true },
	{ "src", "srcs/a.c", false },        { "*.c", "src/deep/a.c", true },
	{ "**/a.c", "a.c", true },           { "**/a.c", "src/deep/a.c", true },
	{ "**/a.c", "src/ba.c", false },     { "src/**/a.c", "src/a.c", true },
	{ "src/**/a.c", "src/x/a.c", true }, { "src/**/a.c", "lib/x/a.c", false },
	{ "**/x/**/y", "x/y", true },        { "**/x/**/y", "a/x/b/c/y", true },
	{ "**/test", "a/test/b.c", true },   { "a?c/[xy].c", "abc/y.c", true },
};

START_TEST(a_glob_fits)
{
	ck_assert_msg(cov_paths_glob(globs[_i].glob, globs[_i].name) == globs[_i].fits,
		      "'%s' and '%s'", globs[_i].glob, globs[_i].name);
}
END_TEST

START_TEST(what_is_excluded_is_left_out)
{
	const char *names[] = { "src/a.c", "src/deep/a.c", "build/gen.c" };
	const char *excludes[] = { "**/deep", at("root/build/*") };

	ck_assert_int_eq(open_paths((struct cov_paths_options){ 0 }), 0);
	ck_assert_str_eq(selected(names, 3), "src/a.c src/deep/a.c build/gen.c");
	ck_assert_int_eq(
		open_paths((struct cov_paths_options){ .excludes = excludes, .nexcludes = 2 }), 0);
	ck_assert_str_eq(selected(names, 3), "src/a.c");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cov_paths");
	TCase *tc = tcase_create("paths");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_name_is_seen_from_the_folder_of_compilation);
	tcase_add_test(tc, what_is_outside_or_of_the_system_or_made_up_is_left_out);
	tcase_add_test(tc, a_file_behind_symbolic_links_has_one_name);
	tcase_add_test(tc, the_longest_map_that_fits_counts);
	tcase_add_test(tc, a_map_without_two_folders_is_refused);
	tcase_add_test(tc, sources_choose_files_and_folders);
	tcase_add_loop_test(tc, a_glob_fits, 0, ARRAY_SIZE(globs));
	tcase_add_test(tc, what_is_excluded_is_left_out);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
