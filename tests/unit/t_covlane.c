/* SPDX-License-Identifier: MIT */
#include "format/covlane.h"

#include <unistd.h>

#include "base/err.h"
#include "format/covnote.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/walk.h"
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
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

static const char *at(const char *path)
{
	return fs_join(&mem, dir, path);
}

static void put(const char *path, const char *text)
{
	const char *file = at(path);
	const char *folder = arena_memdup(&mem, file, (size_t)(strrchr(file, '/') - file));

	ck_assert_int_eq(fs_mkdirs(folder, &e), 0);
	ck_assert_int_eq(outfile_write(file, text, strlen(text), &e), 0);
}

/* --- covlane -------------------------------------------------------------------------------- */

static size_t nprefixes;
static const char **prefixes;

static void look(void)
{
	prefixes = covlane_prefixes(&mem, dir, &nprefixes);
	ck_assert_ptr_null(prefixes[nprefixes]);
}

static bool has(const char *path)
{
	bool is = false;

	for (size_t i = 0; i < nprefixes; i++)
		is = is || strcmp(prefixes[i], at(path)) == 0;
	return is;
}

START_TEST(a_lane_that_counted_nothing_has_no_counters)
{
	look();
	ck_assert_uint_eq(nprefixes, 0);
	ck_assert_str_eq(covlane_fresh(&mem, dir), at("cov/fresh"));
}
END_TEST

START_TEST(of_sums_the_last_one_counts)
{
	put("cov/sum.2/a.gcda", "");
	put("cov/sum.10/a.gcda", "");
	put("cov/sum.draft/a.gcda", "");
	look();
	ck_assert_uint_eq(nprefixes, 1);
	ck_assert(has("cov/sum.10"));
}
END_TEST

START_TEST(processes_count_that_are_in_no_sum_yet)
{
	/* the lane was killed behind writing sum.3 and before it emptied e3 */
	put("cov/sum.3/a.gcda", "");
	put("cov/fresh/e3/0/a.gcda", "");
	look();
	ck_assert_uint_eq(nprefixes, 1);
	ck_assert(has("cov/sum.3"));
	/* and this one while e4 was at work */
	put("cov/fresh/e4/0/a.gcda", "");
	put("cov/fresh/e4/1/a.gcda", "");
	look();
	ck_assert_uint_eq(nprefixes, 3);
	ck_assert(has("cov/fresh/e4/0") && has("cov/fresh/e4/1"));
}
END_TEST

START_TEST(fresh_counters_may_be_elsewhere_and_odd_ones_count_by_themselves)
{
	put("memory/e1/0/a.gcda", "");
	put("cov/odd.1/a.gcda", "");
	put("cov/place", at("memory"));
	look();
	ck_assert_uint_eq(nprefixes, 2);
	ck_assert(has("memory/e1/0") && has("cov/odd.1"));
}
END_TEST

/* --- covnote --------------------------------------------------------------------------------- */

static struct covnote seen[8];
static size_t nseen;

static void on_note(void *ctx, const struct covnote *note)
{
	(void)ctx;
	ck_assert_uint_lt(nseen, 8);
	seen[nseen] = *note;
	seen[nseen++].path = arena_strdup(&mem, note->path);
}

START_TEST(notes_read_as_they_were_written)
{
	const struct covnote kills[] = { { .test = 3, .signal = 9 }, { .test = 5, .signal = 15 } };
	const struct covnote torn = { .test = NO_INDEX, .path = "/b/new\nline.gcda" };
	const char *path = at("notes.tsv");

	nseen = 0;
	ck_assert_int_eq(covnote_read(path, on_note, NULL, &e), 0); /* there is none */
	ck_assert_int_eq(covnote_add(path, kills, 2, &e), 0);
	ck_assert_int_eq(covnote_add(path, &torn, 1, &e), 0);
	ck_assert_int_eq(covnote_read(path, on_note, NULL, &e), 0);
	ck_assert_uint_eq(nseen, 3);
	ck_assert_uint_eq(seen[1].test, 5);
	ck_assert_uint_eq(seen[1].signal, 15);
	ck_assert_ptr_null(seen[1].path);
	ck_assert_uint_eq(seen[2].test, NO_INDEX);
	ck_assert_str_eq(seen[2].path, "/b/new\nline.gcda");
}
END_TEST

START_TEST(a_last_line_that_was_cut_does_not_count_and_a_strange_one_is_named)
{
	nseen = 0;
	put("notes.tsv", "cov-notes\t1\nk\t1\t9\nk\t2");
	ck_assert_int_eq(covnote_read(at("notes.tsv"), on_note, NULL, &e), 0);
	ck_assert_uint_eq(nseen, 1);
	put("notes.tsv", "cov-notes\t1\nx\t1\t9\n");
	ck_assert_int_eq(covnote_read(at("notes.tsv"), on_note, NULL, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_uint_eq(e.line, 2);
}
END_TEST

/* --- walk ------------------------------------------------------------------------------------ */

START_TEST(files_of_a_kind_are_found_once_in_order_and_links_are_not_followed)
{
	struct walk_list list = { 0 };

	put("b/x.gcno", "");
	put("a/deep/er/y.gcno", "");
	put("a/z.c", "");
	put("a/.gcno", ""); /* no name but the suffix */
	put(".git/n.gcno", "");
	put("a/.gangway/n.gcno", "");
	ck_assert_int_eq(symlink("..", at("a/up")), 0);
	ck_assert_int_eq(symlink("x.gcno", at("b/link.gcno")), 0);
	walk_project(dir, ".gcno", &list);
	walk_project(at("b"), ".gcno", &list);
	walk_project(at("missing"), ".gcno", &list);
	walk_sort(&list);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_str_eq(list.paths[0], at("a/deep/er/y.gcno"));
	ck_assert_str_eq(list.paths[1], at("b/x.gcno"));
	walk_release(&list);
	walk_files(dir, ".gcno", &list);
	ck_assert_uint_eq(list.n, 4);
	walk_release(&list);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("covlane");
	TCase *tc = tcase_create("covlane");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_lane_that_counted_nothing_has_no_counters);
	tcase_add_test(tc, of_sums_the_last_one_counts);
	tcase_add_test(tc, processes_count_that_are_in_no_sum_yet);
	tcase_add_test(tc, fresh_counters_may_be_elsewhere_and_odd_ones_count_by_themselves);
	tcase_add_test(tc, notes_read_as_they_were_written);
	tcase_add_test(tc, a_last_line_that_was_cut_does_not_count_and_a_strange_one_is_named);
	tcase_add_test(tc, files_of_a_kind_are_found_once_in_order_and_links_are_not_followed);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
