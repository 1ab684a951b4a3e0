/* SPDX-License-Identifier: MIT */
#include "stage/shard.h"

#include "model/plan.h"
#include "model/test.h"
#include "unit/unit.h"

static struct tests t;
static struct plan p;

/* Units of the costs, two tests each; 0: unknown. */
static void begin_with(const uint64_t *costs, size_t n)
{
	static const struct target target = { .name = "bin" };

	t = (struct tests){ 0 };
	p = (struct plan){ 0 };
	tests_add_target(&t, &target);
	p.units = calloc(n, sizeof *p.units);
	p.nunits = p.cap_units = n;
	for (size_t i = 0; i < n; i++) {
		struct test test = test_blank(0);
		uint32_t *two = arena_alloc(&p.mem, 2, sizeof *two);

		two[0] = tests_add(&t, &test);
		two[1] = tests_add(&t, &test);
		p.units[i].tests = two;
		p.units[i].ntests = 2;
		p.units[i].cost_us = costs[i] ? costs[i] : TIME_UNKNOWN;
	}
}

static void finish(void)
{
	tests_release(&t);
	plan_release(&p);
}

/* Which shard has each unit: "1213". */
static const char *shards(const uint64_t *costs, size_t n, unsigned count)
{
	static char text[64];

	memset(text, '-', n);
	text[n] = '\0';
	for (unsigned index = 1; index <= count; index++) {
		const struct shard s = { index, count };

		begin_with(costs, n);
		size_t nleft_out = shard_run(&s, &p, &t);

		for (size_t i = 0; i < n; i++) {
			/* units are whole */
			ck_assert(!t.tests[2 * i].left_out == !t.tests[2 * i + 1].left_out);
			nleft_out -= t.tests[2 * i].left_out ? 2 : 0;
			if (t.tests[2 * i].left_out)
				continue;
			ck_assert_int_eq(text[i], '-'); /* in one shard only */
			text[i] = (char)('0' + index);
		}
		ck_assert_uint_eq(nleft_out, 0);
		finish();
	}
	ck_assert_ptr_null(strchr(text, '-'));
	return text;
}

START_TEST(units_go_where_the_least_is_to_do)
{
	static const uint64_t costs[] = { 9, 5, 4, 3, 2, 1 };

	ck_assert_str_eq(shards(costs, 6, 1), "111111");
	ck_assert_str_eq(shards(costs, 6, 2), "122122");
	ck_assert_str_eq(shards(costs, 6, 3), "123322");
}
END_TEST

START_TEST(no_shard_is_empty_while_units_remain)
{
	static const uint64_t costs[] = { 900, 1, 1, 1 };

	ck_assert_str_eq(shards(costs, 4, 4), "1234");
	ck_assert_str_eq(shards(costs, 4, 9), "1234");
}
END_TEST

START_TEST(unknown_times_count_as_the_mean)
{
	static const uint64_t unknown[] = { 0, 0, 0, 0 };
	static const uint64_t some[] = { 30, 10, 0 };

	ck_assert_str_eq(shards(unknown, 4, 2), "1212");
	ck_assert_str_eq(shards(some, 3, 2), "122");
}
END_TEST

START_TEST(what_is_left_out_says_where_it_runs)
{
	static const uint64_t costs[] = { 9, 5 };
	const struct shard s = { 1, 2 };

	begin_with(costs, 2);
	shard_run(&s, &p, &t);
	ck_assert_str_eq(t.tests[2].left_out, "in shard 2 of 2");
	finish();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("shard");
	TCase *tc = tcase_create("shard");

	tcase_add_test(tc, units_go_where_the_least_is_to_do);
	tcase_add_test(tc, no_shard_is_empty_while_units_remain);
	tcase_add_test(tc, unknown_times_count_as_the_mean);
	tcase_add_test(tc, what_is_left_out_says_where_it_runs);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
