/* SPDX-License-Identifier: MIT */
#include "model/cov.h"

#include "unit/unit.h"

static char warned[512];

static void on_warning(void *ctx, const char *path, const char *text)
{
	(void)ctx;
	snprintf(warned, sizeof warned, "%s: %s", path, text);
}

static struct cov_file *file(struct cov *c, const char *path)
{
	return cov_file(c, path, strlen(path), COV_BLOCKS);
}

/* Two runs of one source, the second with more branches on line 3. */
static void fill(struct cov *c, unsigned run)
{
	struct cov_file *f = file(c, run ? "b.c" : "a.c");

	f = file(c, "both.c");
	cov_add(&cov_line(f, 3)->hits, 1 + run);
	for (uint32_t i = 0; i < 2 + run; i++)
		cov_add(&cov_branch(cov_line(f, 3), 0, i)->taken, i);
	cov_add(&cov_line(f, 700 * (run + 1))->hits, 0);
	cov_function(c, f, "main", 4, 3)->hits = run + 1;
}

START_TEST(lines_are_found_in_order_and_holes_are_none)
{
	static const uint32_t numbers[] = { 1, 63, 64, 65, 4000, COV_LINE_MAX };
	struct cov c = { 0 };
	struct cov_file *f = file(&c, "a.c");
	size_t i = 0;

	for (size_t k = ARRAY_SIZE(numbers); k-- > 0;)
		cov_line(f, numbers[k])->hits = k;
	for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1), i++) {
		ck_assert_uint_eq(n, numbers[i]);
		ck_assert_uint_eq(cov_line_at(f, n)->hits, i);
	}
	ck_assert_uint_eq(i, ARRAY_SIZE(numbers));
	ck_assert_ptr_null(cov_line_at(f, 2));
	ck_assert_ptr_null(cov_line_at(f, 100000));
	cov_erase(f, 64);
	ck_assert_ptr_null(cov_line_at(f, 64));
	ck_assert_uint_eq(cov_next(f, 64), 65);
	cov_release(&c);
}
END_TEST

START_TEST(branches_are_kept_sorted_in_whatever_order_they_come)
{
	struct cov c = { 0 };
	struct cov_line *l = cov_line(file(&c, "a.c"), 1);

	for (uint32_t i = 0; i < 100; i++)
		cov_branch(l, (i * 37) % 100 / 10, (i * 37) % 10)->taken = (i * 37) % 100;
	ck_assert_uint_eq(l->nbranches, 100);
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_uint_eq(l->branches[i].taken, i);
	cov_erase_branches(l);
	ck_assert_uint_eq(l->nbranches, 0);
	cov_branch(l, 0, 0)->taken = 1;
	ck_assert_uint_eq(l->branches[0].taken, 1);
	cov_release(&c);
}
END_TEST

START_TEST(merging_in_either_order_gives_the_same)
{
	struct cov one = { 0 }, two = { 0 }, ab = { 0 }, ba = { 0 };

	fill(&one, 0);
	fill(&two, 1);
	cov_merge(&ab, &one);
	cov_merge(&ab, &two);
	cov_merge(&ba, &two);
	cov_merge(&ba, &one);
	cov_sort(&ab);
	cov_sort(&ba);
	ck_assert_uint_eq(ab.nfiles, 3);
	for (size_t i = 0; i < 3; i++) {
		struct cov_totals t = cov_totals(ab.files[i]);
		struct cov_totals u = cov_totals(ba.files[i]);

		ck_assert_str_eq(ab.files[i]->path, ba.files[i]->path);
		ck_assert_mem_eq(&t, &u, sizeof t);
	}
	const struct cov_file *f = cov_find(&ab, "both.c", 6);
	const struct cov_line *l = cov_line_at(f, 3);

	ck_assert_uint_eq(l->hits, 3);
	ck_assert_uint_eq(l->nbranches, 3);
	ck_assert_uint_eq(l->branches[1].taken, 2);
	ck_assert_uint_eq(l->branches[2].taken, 2);
	ck_assert_uint_eq(f->functions[0].hits, 3);
	const struct cov_totals t = cov_totals(f);

	ck_assert_uint_eq(t.lines, 3);
	ck_assert_uint_eq(t.lines_hit, 1);
	ck_assert_uint_eq(t.branches, 3);
	ck_assert_uint_eq(t.branches_hit, 2);
	ck_assert_uint_eq(t.partial, 1);
	ck_assert_uint_eq(t.functions_hit, 1);
	cov_release(&one);
	cov_release(&two);
	cov_release(&ab);
	cov_release(&ba);
}
END_TEST

START_TEST(counts_stop_at_the_largest_number)
{
	uint64_t n = UINT64_MAX - 1;

	cov_add(&n, 1);
	ck_assert_uint_eq(n, UINT64_MAX);
	cov_add(&n, 5);
	ck_assert_uint_eq(n, UINT64_MAX);
}
END_TEST

START_TEST(a_function_on_two_lines_is_two_and_both_origins_are_named)
{
	struct cov c = { .on_warning = on_warning };

	warned[0] = '\0';
	c.origin = "first.info";
	struct cov_file *f = file(&c, "a.c");

	cov_function(&c, f, "f", 1, 10)->hits = 1;
	cov_function(&c, f, "f", 1, 10)->hits++;
	ck_assert_str_eq(warned, "");
	cov_sort(&c);
	c.origin = "second.info";
	cov_function(&c, f, "f", 1, 12)->hits = 5;
	ck_assert_str_eq(warned, "a.c: function 'f' is on line 10 in first.info and on line 12 in "
				 "second.info: are these of one version of the source?");
	ck_assert_uint_eq(f->nfunctions, 2);
	ck_assert_uint_eq(f->functions[0].hits, 2);
	cov_erase_functions(f, 11, 12);
	ck_assert_uint_eq(f->nfunctions, 1);
	ck_assert_uint_eq(cov_function(&c, f, "f", 1, 10)->hits, 2);
	cov_release(&c);
}
END_TEST

static bool is_b(void *ctx, const struct cov_file *f)
{
	(void)ctx;
	return strcmp(f->path, "b.c") == 0;
}

START_TEST(files_that_are_dropped_are_found_no_more)
{
	struct cov c = { 0 };

	file(&c, "a.c");
	file(&c, "b.c");
	cov_drop(&c, is_b, NULL);
	ck_assert_uint_eq(c.nfiles, 1);
	ck_assert_ptr_null(cov_find(&c, "a.c", 3));
	ck_assert_ptr_eq(cov_find(&c, "b.c", 3), c.files[0]);
	cov_release(&c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cov");
	TCase *tc = tcase_create("cov");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, lines_are_found_in_order_and_holes_are_none);
	tcase_add_test(tc, branches_are_kept_sorted_in_whatever_order_they_come);
	tcase_add_test(tc, merging_in_either_order_gives_the_same);
	tcase_add_test(tc, counts_stop_at_the_largest_number);
	tcase_add_test(tc, a_function_on_two_lines_is_two_and_both_origins_are_named);
	tcase_add_test(tc, files_that_are_dropped_are_found_no_more);
	return unit_main(s);
}
