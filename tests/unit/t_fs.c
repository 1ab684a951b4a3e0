/* SPDX-License-Identifier: MIT */
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static char *dir;

static void setup(void)
{
	e = (struct err){ 0 };
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
}

static void teardown(void)
{
	ck_assert_int_eq(fs_remove_tree(dir, &e), 0);
	ck_assert(!fs_exists(dir));
	arena_release(&mem);
}

static const char *at(const char *name)
{
	return fs_join(&mem, dir, name);
}

static void put(const char *path, const char *text)
{
	ck_assert_int_eq(outfile_write(path, text, strlen(text), &e), 0);
}

static const struct {
	const char *base, *path, *want;
} absolute[] = {
	{ "/a/b", "c", "/a/b/c" },
	{ "/a/b", "../c", "/a/c" },
	{ "/a/b", "./c//d/.", "/a/b/c/d" },
	{ "/a", "/x/../y", "/y" },
	{ "/", "..", "/" },
	{ "/a", ".", "/a" },
	{ "/a", "..x/...", "/a/..x/..." },
};

START_TEST(what_is_below_a_folder)
{
	ck_assert(fs_is_below("/a/b", "/a/b"));
	ck_assert(fs_is_below("/a/b/c", "/a/b"));
	ck_assert(fs_is_below("/a/b/c", "/a/b//"));
	ck_assert(fs_is_below("/a", "/"));
	ck_assert(!fs_is_below("/a/bc", "/a/b"));
	ck_assert(!fs_is_below("/a", "/a/b"));
	ck_assert(!fs_is_below("/a", ""));
}
END_TEST

START_TEST(a_path_becomes_absolute_without_dots)
{
	ck_assert_str_eq(fs_absolute(&mem, absolute[_i].base, absolute[_i].path),
			 absolute[_i].want);
}
END_TEST

static const struct {
	const char *base, *path, *want;
} relative[] = {
	{ "/a/b", "/a/b/c", "c" },    { "/a/b", "/a/c", "../c" }, { "/a/b", "/a/b", "." },
	{ "/a/b", "/a/bc", "../bc" }, { "/", "/x/y", "x/y" },     { "/a/b", "/", "../.." },
};

START_TEST(a_path_is_seen_from_a_folder)
{
	ck_assert_str_eq(fs_relative(&mem, relative[_i].base, relative[_i].path),
			 relative[_i].want);
}
END_TEST

START_TEST(folders_are_made_with_those_above_them)
{
	ck_assert_int_eq(fs_mkdirs(at("x/y/z"), &e), 0);
	ck_assert(fs_is_dir(at("x/y/z")));
	ck_assert_int_eq(fs_mkdirs(at("x/y/z"), &e), 0);
}
END_TEST

START_TEST(a_file_in_the_way_of_a_folder_is_named)
{
	put(at("x"), "");
	ck_assert_int_eq(fs_mkdirs(at("x/y"), &e), -1);
	ck_assert_int_eq(e.code, ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.path, "x"));
}
END_TEST

START_TEST(a_removed_tree_leaves_what_its_links_point_to)
{
	ck_assert_int_eq(fs_mkdirs(at("keep"), &e), 0);
	put(at("keep/f"), "1");
	ck_assert_int_eq(fs_mkdirs(at("go/deep"), &e), 0);
	ck_assert_int_eq(symlink("../../keep", at("go/deep/link")), 0);
	ck_assert_int_eq(fs_remove_tree(at("go"), &e), 0);
	ck_assert(!fs_exists(at("go")));
	ck_assert(fs_exists(at("keep/f")));
}
END_TEST

START_TEST(a_folder_without_rights_inside_is_removed_too)
{
	ck_assert_int_eq(fs_mkdirs(at("go/locked/deep"), &e), 0);
	ck_assert_int_eq(chmod(at("go/locked"), 0500), 0);
	/* root may anyhow; others need the rights back first: either way nothing stays or it is an
	 * error with the place */
	if (fs_remove_tree(at("go"), &e) < 0) {
		ck_assert_int_eq(e.code, ERR_SYSTEM);
		ck_assert_ptr_nonnull(strstr(e.path, "locked"));
		ck_assert_int_eq(chmod(at("go/locked"), 0700), 0);
	} else {
		ck_assert(!fs_exists(at("go")));
	}
}
END_TEST

START_TEST(a_list_is_sorted_by_bytes)
{
	const char **names = NULL;
	size_t n = 0;

	put(at("b"), "");
	put(at("B"), "");
	put(at("\xc3\xa9"), "");
	put(at(".hidden"), "");
	ck_assert_int_eq(fs_list(dir, &mem, &names, &n, &e), 0);
	ck_assert_uint_eq(n, 4);
	ck_assert_str_eq(names[0], ".hidden");
	ck_assert_str_eq(names[1], "B");
	ck_assert_str_eq(names[2], "b");
	ck_assert_str_eq(names[3], "\xc3\xa9");
	ck_assert_ptr_null(names[4]);
}
END_TEST

START_TEST(a_file_is_read_whole_up_to_its_limit)
{
	struct buf got = BUF_INIT;

	put(at("f"), "hello");
	ck_assert_int_eq(fs_read(at("f"), 5, &got, &e), 0);
	ck_assert_str_eq(got.s, "hello");
	ck_assert_int_eq(fs_read(at("f"), 4, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	ck_assert_str_eq(got.s, "hello");
	ck_assert_int_eq(fs_read(at("none"), 4, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_int_eq(fs_read(at("f/x"), 4, &got, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	buf_release(&got);
}
END_TEST

START_TEST(only_files_with_the_right_to_run_are_programs)
{
	put(at("f"), "#!/bin/sh\n");
	ck_assert(!fs_is_program(at("f")));
	ck_assert_int_eq(chmod(at("f"), 0755), 0);
	ck_assert(fs_is_program(at("f")));
	ck_assert(!fs_is_program(dir));
	ck_assert_ptr_nonnull(fs_find_program(&mem, "sh"));
	ck_assert_ptr_null(fs_find_program(&mem, "no-such-program-anywhere"));
}
END_TEST

START_TEST(an_abandoned_file_leaves_the_old_one)
{
	struct buf got = BUF_INIT;

	put(at("f"), "old");
	struct outfile *o = outfile_open(at("f"), &e);

	ck_assert_ptr_nonnull(o);
	fputs("new", outfile_stream(o));
	outfile_abandon(o);
	ck_assert_int_eq(fs_read(at("f"), 100, &got, &e), 0);
	ck_assert_str_eq(got.s, "old");
	const char **names = NULL;
	size_t n = 0;

	ck_assert_int_eq(fs_list(dir, &mem, &names, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	buf_release(&got);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_says_why_whenever_that_was_and_leaves_nothing)
{
	static const char much[1 << 17]; /* nothing of it is left in the stream's own memory */
	const struct rlimit room = { 10000, 10000 };
	const char **names = NULL;
	size_t n = 0;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &room), 0);
	struct outfile *o = outfile_open(at("f"), &e);

	ck_assert_ptr_nonnull(o);
	fwrite(much, 1, sizeof much, outfile_stream(o));
	errno = 0;
	ck_assert_int_eq(outfile_commit(o, &e), -1);
	ck_assert_str_eq(e.path, at("f"));
	ck_assert_str_eq(e.msg, "cannot write: File too large");
	ck_assert_int_eq(fs_list(dir, &mem, &names, &n, &e), 0);
	ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(a_file_with_the_same_bytes_keeps_its_time)
{
	struct stat before, after;

	put(at("f"), "same");
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };

	ck_assert_int_eq(utimensat(AT_FDCWD, at("f"), old, 0), 0);
	ck_assert_int_eq(stat(at("f"), &before), 0);
	struct outfile *o = outfile_open(at("f"), &e);

	fputs("same", outfile_stream(o));
	ck_assert_int_eq(outfile_commit_if_changed(o, &e), 0);
	ck_assert_int_eq(stat(at("f"), &after), 0);
	ck_assert_int_eq(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	o = outfile_open(at("f"), &e);
	fputs("changed", outfile_stream(o));
	ck_assert_int_eq(outfile_commit_if_changed(o, &e), 0);
	ck_assert_int_eq(stat(at("f"), &after), 0);
	ck_assert_int_ne(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
}
END_TEST

START_TEST(a_pipe_is_written_into_and_stays)
{
	char got[8] = "";

	ck_assert_int_eq(mkfifo(at("pipe"), 0600), 0);
	int fd = open(at("pipe"), O_RDONLY | O_NONBLOCK);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(outfile_write(at("pipe"), "news", 4, &e), 0);
	ck_assert_int_eq(read(fd, got, sizeof got), 4);
	ck_assert_mem_eq(got, "news", 4);
	ck_assert(!fs_exists(at("pipe.tmp")));
	struct stat st;

	ck_assert_int_eq(stat(at("pipe"), &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	close(fd);
}
END_TEST

START_TEST(a_missing_folder_is_an_error_and_no_file)
{
	struct outfile *o = outfile_open(at("none/f"), &e);

	ck_assert_ptr_null(o);
	ck_assert_int_eq(e.code, ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.path, "none/f"));
	/* what cannot be read cannot be copied */
	ck_assert_int_eq(outfile_copy(at("none"), at("g"), &e), -1);
	ck_assert(!fs_exists(at("g")));
}
END_TEST

START_TEST(a_copy_has_every_byte)
{
	struct buf got = BUF_INIT;
	char bytes[70000];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	ck_assert_int_eq(outfile_write(at("f"), bytes, sizeof bytes, &e), 0);
	ck_assert_int_eq(outfile_copy(at("f"), at("g"), &e), 0);
	ck_assert_int_eq(fs_read(at("g"), sizeof bytes, &got, &e), 0);
	ck_assert_uint_eq(got.len, sizeof bytes);
	ck_assert_mem_eq(got.s, bytes, sizeof bytes);
	buf_release(&got);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fs");
	TCase *tc = tcase_create("fs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_path_becomes_absolute_without_dots, 0, ARRAY_SIZE(absolute));
	tcase_add_loop_test(tc, a_path_is_seen_from_a_folder, 0, ARRAY_SIZE(relative));
	tcase_add_test(tc, what_is_below_a_folder);
	tcase_add_test(tc, a_pipe_is_written_into_and_stays);
	tcase_add_test(tc, folders_are_made_with_those_above_them);
	tcase_add_test(tc, a_file_in_the_way_of_a_folder_is_named);
	tcase_add_test(tc, a_removed_tree_leaves_what_its_links_point_to);
	tcase_add_test(tc, a_folder_without_rights_inside_is_removed_too);
	tcase_add_test(tc, a_list_is_sorted_by_bytes);
	tcase_add_test(tc, a_file_is_read_whole_up_to_its_limit);
	tcase_add_test(tc, only_files_with_the_right_to_run_are_programs);
	suite_add_tcase(s, tc);
	tc = tcase_create("outfile");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_abandoned_file_leaves_the_old_one);
	tcase_add_test(tc,
		       a_file_that_cannot_be_written_says_why_whenever_that_was_and_leaves_nothing);
	tcase_add_test(tc, a_file_with_the_same_bytes_keeps_its_time);
	tcase_add_test(tc, a_missing_folder_is_an_error_and_no_file);
	tcase_add_test(tc, a_copy_has_every_byte);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
