/* SPDX-License-Identifier: MIT */
#include "sys/fs_outdir.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "sys/fs.h"
#include "sys/fs_source.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static char *dir;
static const char *place;

static bool is_ours(const char *name)
{
	return strcmp(name, "index") == 0 || strncmp(name, "page", 4) == 0;
}

static const struct outdir_kind kind = {
	.what = "report",
	.index = "index",
	.mark = "<mark>",
	.is_ours = is_ours,
};

static void setup(void)
{
	e = (struct err){ 0 };
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	place = fs_join(&mem, dir, "place");
}

static void teardown(void)
{
	ck_assert_int_eq(fs_remove_tree(dir, &e), 0);
	arena_release(&mem);
}

static const char *in_place(const char *name)
{
	return fs_join(&mem, place, name);
}

static void put(const char *path, const char *text)
{
	ck_assert_int_eq(outfile_write(path, text, strlen(text), &e), 0);
}

static void put_file(struct outdir *o, const char *name, const char *text)
{
	FILE *f = outdir_file(o, name, &e);

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(outdir_file_end(o, &e), 0);
}

/* index and one page; 0 where all went well. */
static int report(const char *page)
{
	struct outdir *o = outdir_open(place, &kind, &e);

	if (!o)
		return -1;
	put_file(o, page, page);
	put_file(o, "index", "<mark> of it");
	return outdir_commit(o, &e);
}

/* Names of a folder in one line. */
static const char *names_of(const char *path)
{
	static char line[512];
	const char **names = NULL;
	size_t n = 0;

	line[0] = '\0';
	ck_assert_int_eq(fs_list(path, &mem, &names, &n, &e), 0);
	for (size_t i = 0; i < n; i++)
		snprintf(line + strlen(line), sizeof line - strlen(line), "%s ", names[i]);
	return line;
}

START_TEST(it_comes_into_a_place_where_nothing_is_with_folders_above)
{
	place = fs_join(&mem, dir, "a/b/place");
	ck_assert_int_eq(report("page1"), 0);
	ck_assert_str_eq(names_of(place), "index page1 ");
	ck_assert_str_eq(names_of(fs_join(&mem, dir, "a/b")), "place ");
}
END_TEST

START_TEST(nothing_is_there_before_the_end_or_when_it_is_given_up)
{
	struct outdir *o = outdir_open(place, &kind, &e);

	put_file(o, "index", "<mark>");
	ck_assert(!fs_exists(place));
	outdir_abandon(o);
	ck_assert_str_eq(names_of(dir), "");
}
END_TEST

START_TEST(an_earlier_one_is_replaced_whole_and_keeps_its_mode)
{
	struct stat st;

	ck_assert_int_eq(report("page1"), 0);
	ck_assert_int_eq(chmod(place, 0750), 0);
	ck_assert_int_eq(report("page2"), 0);
	ck_assert_str_eq(names_of(place), "index page2 ");
	ck_assert_str_eq(names_of(dir), "place ");
	ck_assert_int_eq(stat(place, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0750);
}
END_TEST

START_TEST(an_empty_folder_is_a_place)
{
	ck_assert_int_eq(fs_mkdirs(place, &e), 0);
	ck_assert_int_eq(report("page1"), 0);
	ck_assert_str_eq(names_of(place), "index page1 ");
}
END_TEST

START_TEST(what_is_not_ours_stays_beside_it)
{
	ck_assert_int_eq(fs_mkdirs(in_place("mine"), &e), 0);
	put(in_place("mine/notes"), "of mine");
	ck_assert_int_eq(report("page1"), 0);
	ck_assert_str_eq(names_of(place), "index mine page1 ");
	ck_assert_int_eq(report("page2"), 0);
	ck_assert_str_eq(names_of(place), "index mine page2 ");
	ck_assert(fs_exists(in_place("mine/notes")));
}
END_TEST

START_TEST(what_is_not_ours_is_not_overwritten)
{
	ck_assert_int_eq(fs_mkdirs(place, &e), 0);
	put(in_place("index"), "a book's <mark>");
	ck_assert_int_eq(report("page1"), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "'index'"));
	ck_assert_str_eq(e.path, place);
	ck_assert_str_eq(names_of(place), "index ");
	unlink(in_place("index"));
	put(in_place("page7"), "of a book");
	ck_assert_int_eq(report("page1"), -1);
	ck_assert_str_eq(names_of(place), "page7 ");
}
END_TEST

START_TEST(a_link_to_a_folder_stays_one)
{
	const char *real = fs_join(&mem, dir, "real");

	ck_assert_int_eq(fs_mkdirs(real, &e), 0);
	ck_assert_int_eq(symlink("real", place), 0);
	ck_assert_int_eq(report("page1"), 0);
	ck_assert_int_eq(report("page2"), 0);
	ck_assert(fs_is_link(place));
	ck_assert_str_eq(names_of(real), "index page2 ");
}
END_TEST

START_TEST(a_file_or_a_broken_link_is_no_place)
{
	put(place, "text");
	ck_assert_int_eq(report("page1"), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	unlink(place);
	ck_assert_int_eq(symlink("nowhere", place), 0);
	ck_assert_int_eq(report("page1"), -1);
	ck_assert(fs_is_link(place));
	ck_assert_str_eq(names_of(dir), "place ");
}
END_TEST

START_TEST(a_file_that_came_meanwhile_is_not_thrown_away)
{
	ck_assert_int_eq(report("page1"), 0);
	struct outdir *o = outdir_open(place, &kind, &e);

	put_file(o, "index", "<mark>");
	put(in_place("mine"), "of mine");
	ck_assert_int_eq(outdir_commit(o, &e), -1);
	ck_assert_str_eq(names_of(place), "index "); /* the new one */
	ck_assert(fs_exists(fs_join(&mem, e.path, "mine")));
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_an_error_and_leaves_what_was_there)
{
	const struct rlimit one = { 1, RLIM_INFINITY };
	struct rlimit was;

	ck_assert_int_eq(report("page1"), 0);
	struct outdir *o = outdir_open(place, &kind, &e);
	FILE *f = outdir_file(o, "index", &e);

	/* as a full disk: the rest of the bytes does not fit */
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &one), 0);
	fputs("<mark>", f);
	int status = outdir_file_end(o, &e);

	setrlimit(RLIMIT_FSIZE, &was);
	ck_assert_int_eq(status, -1);
	ck_assert_str_eq(e.msg, "cannot write: File too large");
	ck_assert_str_eq(e.path, place);
	outdir_abandon(o);
	ck_assert_str_eq(names_of(place), "index page1 ");
	ck_assert_str_eq(names_of(dir), "place ");
}
END_TEST

/* --- sources ---------------------------------------------------------------------------------- */

static bool reads(const char *path)
{
	const char *roots[] = { "", fs_join(&mem, dir, "other/"), fs_join(&mem, dir, "one.c") };
	const struct source_roots r = { place, roots, ARRAY_SIZE(roots) };
	struct buf text = BUF_INIT;
	uint64_t changed_us = 0;
	bool is = source_read(&r, path, &text, &changed_us);

	ck_assert_str_eq(text.s, is ? "text" : "");
	ck_assert_int_eq(changed_us > 0, is);
	buf_release(&text);
	return is;
}

START_TEST(sources_are_read_below_their_roots_only)
{
	const char *other = fs_join(&mem, dir, "other");

	ck_assert_int_eq(fs_mkdirs(in_place("sub"), &e), 0);
	ck_assert_int_eq(fs_mkdirs(fs_join(&mem, other, "sub"), &e), 0);
	put(in_place("sub/a.c"), "text");
	put(fs_join(&mem, other, "sub/b.c"), "text");
	put(fs_join(&mem, dir, "one.c"), "text");
	put(fs_join(&mem, dir, "two.c"), "text");
	ck_assert(reads("sub/a.c"));
	ck_assert(reads("./sub/a.c"));
	ck_assert(reads(fs_join(&mem, other, "sub/b.c")));
	ck_assert(reads(fs_join(&mem, dir, "one.c")));
	ck_assert(!reads("../two.c"));
	ck_assert(!reads("sub/../../two.c"));
	ck_assert(!reads(fs_join(&mem, dir, "two.c")));
	ck_assert(!reads(fs_join(&mem, other, "../two.c")));
	ck_assert(!reads(in_place("sub/a.c"))); /* absolute, and below no root of those */
	ck_assert(!reads("/etc/passwd"));
	ck_assert(!reads("sub"));
	ck_assert(!reads("none.c"));
	ck_assert(!reads(""));
}
END_TEST

START_TEST(sources_are_not_read_through_links_or_pipes)
{
	ck_assert_int_eq(fs_mkdirs(place, &e), 0);
	put(fs_join(&mem, dir, "two.c"), "text");
	ck_assert_int_eq(symlink("../two.c", in_place("link.c")), 0);
	ck_assert_int_eq(symlink("..", in_place("up")), 0);
	ck_assert_int_eq(mkfifo(in_place("pipe.c"), 0600), 0);
	ck_assert(!reads("link.c"));
	ck_assert(!reads("up/two.c"));
	ck_assert(!reads("pipe.c"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fs_outdir");
	TCase *tc = tcase_create("fs_outdir");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_comes_into_a_place_where_nothing_is_with_folders_above);
	tcase_add_test(tc, nothing_is_there_before_the_end_or_when_it_is_given_up);
	tcase_add_test(tc, an_earlier_one_is_replaced_whole_and_keeps_its_mode);
	tcase_add_test(tc, an_empty_folder_is_a_place);
	tcase_add_test(tc, what_is_not_ours_stays_beside_it);
	tcase_add_test(tc, what_is_not_ours_is_not_overwritten);
	tcase_add_test(tc, a_link_to_a_folder_stays_one);
	tcase_add_test(tc, a_file_or_a_broken_link_is_no_place);
	tcase_add_test(tc, a_file_that_came_meanwhile_is_not_thrown_away);
	tcase_add_test(tc, a_file_that_cannot_be_written_is_an_error_and_leaves_what_was_there);
	tcase_add_test(tc, sources_are_read_below_their_roots_only);
	tcase_add_test(tc, sources_are_not_read_through_links_or_pipes);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
