/* SPDX-License-Identifier: MIT */
#include "stage/merge_coverage.h"

#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/covfmt.h"

static struct arena mem;
static const char *dir;

static void begin(void)
{
	setup();
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
}

static void end(void)
{
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
	teardown();
}

/* Make dir/name; its path. */
static const char *put(const char *name, const char *text)
{
	const char *path = fs_join(&mem, dir, name);
	char *folder = arena_strdup(&mem, path);

	*strrchr(folder, '/') = '\0';
	ck_assert_int_eq(fs_mkdirs(folder, &e), 0);
	ck_assert_int_eq(outfile_write(path, text, strlen(text), &e), 0);
	return path;
}

#define A "SF:a.c\nFN:1,f\nFNDA:1,f\nDA:1,1\nBRDA:1,0,0,1\nBRDA:1,0,1,0\nend_of_record\n"
#define B "SF:a.c\nDA:1,3\nDA:2,0\nBRDA:1,0,1,2\nend_of_record\nSF:b.c\nDA:1,1\nend_of_record\n"
#define C "{\"gangway_coverage\":1,\"files\":[{\"path\":\"b.c\",\"lines\":[[1,4]]}]}"

START_TEST(the_order_of_files_does_not_matter)
{
	static const size_t orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 0, 2 }, { 2, 0, 1 } };
	const struct merge_coverage_options o = { .read = &how };
	const char *paths[3];
	struct buf first = BUF_INIT;

	begin();
	paths[0] = put("a", A);
	paths[1] = put("b", B);
	paths[2] = put("c", C);
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		const char *given[3];

		for (size_t k = 0; k < 3; k++)
			given[k] = paths[orders[i][k]];
		ck_assert_int_eq(merge_coverage(&o, given, 3, &cov, &e), 0);
		const char *text = give(covjson_write);

		if (i == 0)
			buf_addstr(&first, text);
		ck_assert_str_eq(text, first.s);
		ck_assert_str_eq(digest(), "a.c: 1=4(1 2) 2=0 f@1-0=1; b.c: 1=5");
		cov_release(&cov);
		cov.on_warning = on_warning;
	}
	ck_assert_int_eq(merge_coverage(&o, &dir, 1, &cov, &e), 0);
	ck_assert_str_eq(give(covjson_write), first.s);
	ck_assert_str_eq(warnings.s, "");
	buf_release(&first);
	end();
}
END_TEST

START_TEST(a_damaged_file_costs_the_others_nothing)
{
	const struct merge_coverage_options o = { .read = &how };

	begin();
	put("a", A);
	put("bad1", "SF:x.c\nDA:1,1\nend_of_record\nSF:y.c\nDA:oops\n");
	put("bad2", "{\"gangway_coverage\":1,\n\"files\":[{}]}");
	put("other", "not coverage at all");
	ck_assert_int_eq(merge_coverage(&o, &dir, 1, &cov, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.path, "bad1"));
	ck_assert_uint_eq(e.line, 5);
	ck_assert_msg(!strstr(warnings.s, "other"), "%s", warnings.s);
	ck_assert_str_eq(digest(), "a.c: 1=1(1 0) f@1-0=1; x.c: 1=1");
	end();
}
END_TEST

static unsigned ngathered;

static int gather(void *ctx, const char *path, struct cov *c, struct err *reterr)
{
	(void)ctx, (void)reterr;
	ngathered++;
	ck_assert_str_eq(path, dir);
	cov_line(cov_file(c, "g.c", 3, COV_BLOCKS), 1);
	return 0;
}

START_TEST(a_folder_with_counters_is_gathered_once)
{
	struct merge_coverage_options o = { .read = &how };

	begin();
	put("sub/a.gcno", "oncg*22B");
	put("sub/a.gcda", "adcg*22B");
	put("t", A);
	ck_assert_int_eq(merge_coverage(&o, &dir, 1, &cov, &e), 0);
	ck_assert_msg(strstr(warnings.s, "are not read"), "%s", warnings.s);
	o.gather = gather;
	ngathered = 0;
	ck_assert_int_eq(merge_coverage(&o, &dir, 1, &cov, &e), 0);
	ck_assert_uint_eq(ngathered, 1);
	ck_assert_str_eq(digest(), "a.c: 1=2(2 0) f@1-0=2; g.c: 1=0");
	const char *alone = fs_join(&mem, dir, "sub/a.gcda");

	ck_assert_int_eq(merge_coverage(&o, &alone, 1, &cov, &e), -1);
	ck_assert_msg(strstr(e.msg, "whole folders"), "%s", e.msg);
	end();
}
END_TEST

START_TEST(nothing_to_merge_is_said)
{
	const struct merge_coverage_options o = { .read = &how };

	begin();
	put("x.c", "int x;");
	ck_assert_int_eq(merge_coverage(&o, &dir, 1, &cov, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(e.path, dir);
	end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("merge_coverage");
	TCase *tc = tcase_create("merge_coverage");

	tcase_add_test(tc, the_order_of_files_does_not_matter);
	tcase_add_test(tc, a_damaged_file_costs_the_others_nothing);
	tcase_add_test(tc, a_folder_with_counters_is_gathered_once);
	tcase_add_test(tc, nothing_to_merge_is_said);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
