/* SPDX-License-Identifier: MIT */
#include "model/cov_contexts.h"

#include "model/cov.h"
#include "unit/unit.h"

enum { MANY = 10000 };

static struct cov cov;

static void setup(void)
{
	cov = (struct cov){ 0 };
}

static void teardown(void)
{
	cov_release(&cov);
}

/* So many contexts, named by their numbers. */
static void name(struct cov *c, uint32_t n)
{
	for (uint32_t i = cov_ncontexts(c); i < n; i++) {
		char text[16];

		snprintf(text, sizeof text, "t%u", i);
		ck_assert_uint_eq(cov_context(c, text, strlen(text)), i);
	}
}

/* "0 5 64", with names in place of numbers. */
static const char *say(const struct cov *c, uint32_t set)
{
	static char text[4096];
	uint32_t *members = calloc(cov_ncontexts(c) + 1, sizeof *members);
	size_t n = cov_set_list(c, set, members);
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "",
					cov_context_name(c, members[i]));
	free(members);
	return text;
}

static uint32_t one(uint32_t context)
{
	return cov_set(&cov, &context, 1);
}

START_TEST(a_context_has_one_number)
{
	ck_assert_uint_eq(cov_ncontexts(&cov), 0);
	name(&cov, 3);
	ck_assert_uint_eq(cov_context(&cov, "t1", 2), 1);
	ck_assert_uint_eq(cov_ncontexts(&cov), 3);
	ck_assert_str_eq(cov_context_name(&cov, 2), "t2");
}
END_TEST

START_TEST(equal_sets_are_equal_numbers_however_they_came_about)
{
	name(&cov, MANY);
	const uint32_t members[] = { 9999, 0, 63, 64, 63, 4096 };
	uint32_t all = cov_set(&cov, members, 6);
	uint32_t other = 0;

	for (size_t i = 0; i < 6; i++)
		other = cov_set_join(&cov, other, one(members[i]));
	ck_assert_uint_eq(all, other);
	ck_assert_str_eq(say(&cov, all), "t0 t63 t64 t4096 t9999");
	/* the other way round, in halves, and once more */
	uint32_t high = cov_set_join(&cov, one(9999), one(4096));
	uint32_t low = cov_set_join(&cov, cov_set_join(&cov, one(64), one(63)), one(0));

	ck_assert_uint_eq(cov_set_join(&cov, low, high), all);
	ck_assert_uint_eq(cov_set_join(&cov, high, low), all);
	ck_assert_uint_eq(cov_set_join(&cov, all, low), all);
	ck_assert_uint_eq(cov_set_join(&cov, all, 0), all);
	ck_assert_uint_ne(low, high);
	ck_assert_uint_eq(cov_set(&cov, NULL, 0), 0);
	ck_assert_str_eq(say(&cov, 0), "");
}
END_TEST

/* A small generator of its own: the same on every machine. */
static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

START_TEST(sets_are_what_arrays_of_flags_are)
{
	enum { SETS = 60, CONTEXTS = 700, STEPS = 4000 };
	static bool flags[SETS][CONTEXTS];
	uint32_t sets[SETS] = { 0 };
	uint32_t state = 7;

	name(&cov, CONTEXTS);
	for (int step = 0; step < STEPS; step++) {
		uint32_t a = next(&state) % SETS, b = next(&state) % SETS;

		if (step % 3 == 0) {
			uint32_t member = next(&state) % CONTEXTS;

			flags[a][member] = true;
			sets[a] = cov_set_join(&cov, sets[a], one(member));
		} else if (step % 50 == 1) {
			for (size_t i = 0; i < CONTEXTS; i++)
				flags[a][i] |= flags[b][i];
			sets[a] = cov_set_join(&cov, sets[a], sets[b]);
		}
	}
	for (size_t i = 0; i < SETS; i++) {
		uint32_t members[CONTEXTS], got[CONTEXTS];
		size_t n = 0;

		for (uint32_t k = 0; k < CONTEXTS; k++) {
			if (flags[i][k])
				members[n++] = k;
		}
		ck_assert_uint_eq(cov_set_list(&cov, sets[i], got), n);
		ck_assert(n > 0 && memcmp(got, members, n * sizeof *got) == 0);
		ck_assert_uint_eq(cov_set(&cov, members, n), sets[i]);
	}
}
END_TEST

START_TEST(lines_of_many_tests_take_little_where_sets_are_alike)
{
	struct cov_file *f = cov_file(&cov, "a.c", 3, COV_BLOCKS);

	name(&cov, MANY);
	/* every test runs 50 lines, and one of its own */
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t set = one(i);

		for (uint32_t n = 1; n <= 50; n++)
			cov_add_contexts(&cov, f, n, set);
		cov_add_contexts(&cov, f, 100 + i, set);
	}
	ck_assert_uint_eq(cov_contexts_of(f, 1), cov_contexts_of(f, 50));
	ck_assert_uint_eq(cov_contexts_of(f, 60), 0);
	ck_assert_str_eq(say(&cov, cov_contexts_of(f, 100 + 77)), "t77");
	/* a test adds a leaf and the eight nodes above it, whatever the number of lines */
	ck_assert_uint_lt(cov_sets_end(&cov), 20 * MANY);
}
END_TEST

START_TEST(a_line_that_is_no_code_any_more_was_run_by_nobody)
{
	struct cov_file *f = cov_file(&cov, "a.c", 3, COV_BLOCKS);

	name(&cov, 1);
	cov_line(f, 5);
	cov_add_contexts(&cov, f, 5, one(0));
	cov_erase(f, 5);
	cov_line(f, 5);
	ck_assert_uint_eq(cov_contexts_of(f, 5), 0);
	cov_erase(f, 6000);
}
END_TEST

START_TEST(models_are_merged_by_names_not_by_numbers)
{
	struct cov other = { 0 };
	struct cov_file *f = cov_file(&cov, "a.c", 3, COV_BLOCKS);
	struct cov_file *g = cov_file(&other, "a.c", 3, COV_BLOCKS);
	struct cov_file *h = cov_file(&other, "b.c", 3, COV_BLOCKS);

	cov_context(&cov, "x", 1);
	cov_context(&cov, "y", 1);
	cov_line(f, 1);
	cov_add_contexts(&cov, f, 1, one(0));
	cov_line(f, 3);
	cov_add_contexts(&cov, f, 3, one(1));
	cov_context(&other, "y", 1);
	cov_context(&other, "z", 1);
	const uint32_t both[] = { 0, 1 };

	cov_line(g, 1);
	cov_add_contexts(&other, g, 1, cov_set(&other, both, 2));
	cov_line(h, 9);
	cov_add_contexts(&other, h, 9, cov_set(&other, both, 2));
	cov_merge(&cov, &other);
	cov_merge(&cov, &other); /* no more than before */
	cov_release(&other);
	ck_assert_str_eq(say(&cov, cov_contexts_of(f, 1)), "x y z");
	ck_assert_str_eq(say(&cov, cov_contexts_of(f, 3)), "y");
	f = cov_find(&cov, "b.c", 3);
	ck_assert_str_eq(say(&cov, cov_contexts_of(f, 9)), "y z");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cov_contexts");
	TCase *tc = tcase_create("cov_contexts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_context_has_one_number);
	tcase_add_test(tc, equal_sets_are_equal_numbers_however_they_came_about);
	tcase_add_test(tc, sets_are_what_arrays_of_flags_are);
	tcase_add_test(tc, lines_of_many_tests_take_little_where_sets_are_alike);
	tcase_add_test(tc, a_line_that_is_no_code_any_more_was_run_by_nobody);
	tcase_add_test(tc, models_are_merged_by_names_not_by_numbers);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
