/* SPDX-License-Identifier: MIT */
#include "format/gcda_sum.h"

#include "base/buf.h"
#include "base/err.h"
#include "unit/unit.h"

static const uint32_t gcc_12 = 0x4232322a; /* "B22*" */
static const uint32_t gcc_11 = 0x4231332a; /* "B13*" */

static void put(struct buf *b, uint32_t word)
{
	const unsigned char bytes[] = { word & 0xff, word >> 8 & 0xff, word >> 16 & 0xff,
					word >> 24 };

	buf_add(b, bytes, 4);
}

struct function {
	uint32_t ident;
	uint32_t ncounters;
	uint64_t counters[3]; /* all 0: they are left out */
};

static void put_function(struct buf *b, const struct function *f, bool is_12)
{
	uint32_t unit = is_12 ? 1 : 4;
	bool is_zero = !f->counters[0] && !f->counters[1] && !f->counters[2];

	put(b, 0x01000000);
	put(b, 12 / unit);
	put(b, f->ident);
	put(b, 7);
	put(b, 8);
	put(b, 0x01a10000);
	put(b, is_zero ? 0 - f->ncounters * 8 / unit : f->ncounters * 8 / unit);
	for (uint32_t i = 0; i < f->ncounters && !is_zero; i++) {
		put(b, (uint32_t)f->counters[i]);
		put(b, (uint32_t)(f->counters[i] >> 32));
	}
}

/* Of two functions. */
static struct buf file_of(uint32_t version, uint32_t runs, const struct function f[2])
{
	bool is_12 = version == gcc_12;
	struct buf b = BUF_INIT;

	put(&b, 0x67636461);
	put(&b, version);
	put(&b, 99);
	if (is_12)
		put(&b, 77);
	put(&b, 0xa1000000);
	put(&b, is_12 ? 8 : 2);
	put(&b, runs);
	put(&b, 10 * runs);
	put_function(&b, &f[0], is_12);
	put_function(&b, &f[1], is_12);
	put(&b, 0);
	return b;
}

static const struct function first[] = { { 1, 2, { 5, 0 } }, { 2, 3, { 0, 0, 0 } } };
static const struct function second[] = { { 1, 2, { 1, UINT32_MAX } }, { 2, 3, { 0, 3, 0 } } };
static const struct function both[] = { { 1, 2, { 6, UINT32_MAX } }, { 2, 3, { 0, 3, 0 } } };

static struct gcda_sum *sum;
static struct err e;

static void setup(void)
{
	sum = gcda_sum_new();
	e = (struct err){ 0 };
}

static void teardown(void)
{
	gcda_sum_free(sum);
}

static int add(struct buf b)
{
	int status = gcda_sum_add(sum, "f.gcda", b.s, b.len, &e);

	buf_release(&b);
	return status;
}

static void ck_sum_is(struct buf want)
{
	struct buf got = BUF_INIT;

	gcda_sum_write(sum, &got);
	ck_assert_uint_eq(got.len, want.len);
	ck_assert_mem_eq(got.s, want.s, want.len);
	buf_release(&got);
	buf_release(&want);
}

START_TEST(counters_are_added_and_those_that_were_left_out_count_as_zero)
{
	uint32_t version = _i == 0 ? gcc_12 : gcc_11;

	ck_assert_int_eq(add(file_of(version, 1, first)), 0);
	ck_sum_is(file_of(version, 1, first));
	ck_assert_int_eq(add(file_of(version, 2, second)), 0);
	ck_sum_is(file_of(version, 3, both));
}
END_TEST

/* clang's file of two functions: another summary, behind them, and two zeroes. */
static struct buf clang_file_of(uint32_t runs, const struct function f[2])
{
	struct buf b = BUF_INIT;

	put(&b, 0x67636461);
	put(&b, 0x3430382a); /* "408*" */
	put(&b, 99);
	put_function(&b, &f[0], false);
	put_function(&b, &f[1], false);
	put(&b, 0xa3000000);
	put(&b, 3);
	put(&b, 0);
	put(&b, 0);
	put(&b, runs);
	put(&b, 0);
	put(&b, 0);
	return b;
}

START_TEST(files_of_clang_are_added_as_well)
{
	ck_assert_int_eq(add(clang_file_of(1, first)), 0);
	ck_assert_int_eq(add(clang_file_of(2, second)), 0);
	ck_sum_is(clang_file_of(3, both));
	struct buf cut = clang_file_of(1, first);

	buf_truncate(&cut, cut.len - 4);
	ck_assert_int_eq(add(cut), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
}
END_TEST

START_TEST(the_order_of_files_does_not_matter)
{
	ck_assert_int_eq(add(file_of(gcc_12, 2, second)), 0);
	ck_assert_int_eq(add(file_of(gcc_12, 1, first)), 0);
	ck_sum_is(file_of(gcc_12, 3, both));
}
END_TEST

START_TEST(a_file_that_was_cut_anywhere_is_refused_and_adds_nothing)
{
	struct buf whole = file_of(gcc_12, 2, second);

	ck_assert_int_eq(add(file_of(gcc_12, 1, first)), 0);
	for (size_t len = 0; len < whole.len; len++) {
		e = (struct err){ 0 };
		ck_assert_int_eq(gcda_sum_add(sum, "f.gcda", whole.s, len, &e), -1);
		ck_assert_int_eq(e.code, ERR_SYNTAX);
		ck_assert_str_eq(e.path, "f.gcda");
	}
	ck_sum_is(file_of(gcc_12, 1, first));
	buf_release(&whole);
}
END_TEST

START_TEST(a_file_of_another_build_is_not_added)
{
	static const struct function other[] = { { 1, 2, { 1, 1 } }, { 3, 3, { 1, 1, 1 } } };
	static const struct function longer[] = { { 1, 3, { 1, 1, 1 } }, { 2, 3, { 1, 1, 1 } } };

	ck_assert_int_eq(add(file_of(gcc_12, 1, first)), 0);
	ck_assert_int_eq(add(file_of(gcc_12, 1, other)), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	ck_assert_int_eq(add(file_of(gcc_12, 1, longer)), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	ck_assert_int_eq(add(file_of(gcc_11, 1, first)), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	ck_sum_is(file_of(gcc_12, 1, first));
}
END_TEST

START_TEST(counters_that_are_not_sums_are_not_added)
{
	struct buf b = file_of(gcc_12, 1, first);

	/* -fprofile-values: 01a30000 in place of the 0 at the end */
	buf_truncate(&b, b.len - 4);
	put(&b, 0x01a30000);
	put(&b, 0);
	put(&b, 0);
	ck_assert_int_eq(add(b), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
	ck_sum_is((struct buf)BUF_INIT);
}
END_TEST

START_TEST(what_is_no_counter_file_is_refused)
{
	ck_assert_int_eq(gcda_sum_add(sum, "f", "this is no counter file", 23, &e), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gcda_sum");
	TCase *tc = tcase_create("gcda_sum");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, counters_are_added_and_those_that_were_left_out_count_as_zero, 0,
			    2);
	tcase_add_test(tc, the_order_of_files_does_not_matter);
	tcase_add_test(tc, files_of_clang_are_added_as_well);
	tcase_add_test(tc, a_file_that_was_cut_anywhere_is_refused_and_adds_nothing);
	tcase_add_test(tc, a_file_of_another_build_is_not_added);
	tcase_add_test(tc, counters_that_are_not_sums_are_not_added);
	tcase_add_test(tc, what_is_no_counter_file_is_refused);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
