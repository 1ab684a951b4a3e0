/* SPDX-License-Identifier: MIT
 *
 * cli/lanes: -n auto from what is remembered, --shard from text and variables.
 */
#include "cli/lanes.h"

#include "base/err.h"
#include "cli/remember.h"
#include "cli/session.h"
#include "stage/shard.h"
#include "unit/unit.h"

static struct session s;
static struct err e;
static const char *reason;

static const char *const variables[] = {
	"GANGWAY_SHARD",
	"CI_NODE_INDEX",
	"CI_NODE_TOTAL",
	"CIRCLE_NODE_INDEX",
	"CIRCLE_NODE_TOTAL",
	"BUILDKITE_PARALLEL_JOB",
	"BUILDKITE_PARALLEL_JOB_COUNT",
	"MAKEFLAGS",
};

static void begin(void)
{
	static const struct target target = { .name = "bin" };

	s = (struct session){ 0 };
	e = (struct err){ 0 };
	s.uses_engine = true;
	s.options.numprocesses = LANES_AUTO;
	tests_add_target(&s.tests, &target);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
}

static void finish(void)
{
	session_release(&s);
}

static void add(const char *id, uint64_t time_us, uint64_t peak_bytes)
{
	struct test test = test_blank(0);
	struct history_test t = history_blank(id);

	test.id = id;
	tests_add(&s.tests, &test);
	t.mean_us = time_us;
	t.peak_bytes = peak_bytes;
	history_add_test(&s.history, &t);
}

START_TEST(what_is_sooner_over_needs_no_graph)
{
	add("a", 1000, TIME_UNKNOWN);
	add("b", 1000, TIME_UNKNOWN);
	ck_assert_uint_eq(lanes_count(&s, &reason), 1);
	ck_assert(!s.uses_engine);
	ck_assert_ptr_nonnull(strstr(reason, "sooner"));
}
END_TEST

START_TEST(one_unknown_time_makes_a_graph)
{
	add("a", 1000, TIME_UNKNOWN);
	add("b", TIME_UNKNOWN, TIME_UNKNOWN);
	lanes_count(&s, &reason);
	ck_assert(s.uses_engine);
}
END_TEST

START_TEST(a_longer_suite_makes_a_graph)
{
	add("a", 1000, TIME_UNKNOWN);
	add("b", 60000, TIME_UNKNOWN);
	lanes_count(&s, &reason);
	ck_assert(s.uses_engine);
}
END_TEST

START_TEST(what_was_asked_for_is_not_second_guessed)
{
	add("a", 1000, UINT64_C(1) << 60);
	s.options.numprocesses = 7;
	ck_assert_uint_eq(lanes_count(&s, &reason), 7);
	ck_assert(s.uses_engine);
	ck_assert_str_eq(reason, "asked for");
	s.options.maxprocesses = 3;
	ck_assert_uint_eq(lanes_count(&s, &reason), 3);
	ck_assert_str_eq(reason, "limited by --maxprocesses");
}
END_TEST

START_TEST(tests_that_fill_the_memory_run_one_at_a_time)
{
	add("a", 900000, UINT64_C(1) << 60);
	add("b", 900000, UINT64_C(1) << 60);
	ck_assert_uint_eq(lanes_count(&s, &reason), 1);
	ck_assert(s.uses_engine);
}
END_TEST

static const struct {
	const char *text;
	const char *variables[4]; /* name, value, name, value */
	unsigned index, count;    /* count 0: not sharded; index 0: refused */
} shards[] = {
	{ NULL, { "GANGWAY_SHARD", "1/2" }, 1, 0 },
	{ "2/3", { "GANGWAY_SHARD", "1/2" }, 2, 3 },
	{ "auto", { NULL }, 1, 0 },
	{ "auto", { "GANGWAY_SHARD", "1/2" }, 1, 2 },
	{ "auto", { "GANGWAY_SHARD", "" }, 1, 0 },
	{ "auto", { "CI_NODE_INDEX", "3", "CI_NODE_TOTAL", "3" }, 3, 3 },
	{ "auto", { "CI_NODE_INDEX", "0", "CI_NODE_TOTAL", "3" }, 0, 0 },
	{ "auto", { "CI_NODE_TOTAL", "1" }, 1, 0 },
	{ "auto", { "CIRCLE_NODE_INDEX", "0", "CIRCLE_NODE_TOTAL", "3" }, 1, 3 },
	{ "auto", { "CIRCLE_NODE_INDEX", "3", "CIRCLE_NODE_TOTAL", "3" }, 0, 0 },
	{ "auto", { "BUILDKITE_PARALLEL_JOB", "2", "BUILDKITE_PARALLEL_JOB_COUNT", "3" }, 3, 3 },
	{ "auto", { "GANGWAY_SHARD", "x" }, 0, 0 },
	{ "0/3", { NULL }, 0, 0 },
	{ "4/3", { NULL }, 0, 0 },
	{ "1/100001", { NULL }, 0, 0 },
	{ "", { NULL }, 0, 0 },
	{ "1/2 ", { NULL }, 0, 0 },
};

START_TEST(a_shard_comes_from_its_text_or_the_service)
{
	struct shard got = { 0 };

	for (int i = 0; i < 4 && shards[_i].variables[i]; i += 2)
		setenv(shards[_i].variables[i], shards[_i].variables[i + 1], 1);
	int status = lanes_shard(shards[_i].text, &got, &e);

	if (shards[_i].index == 0) {
		ck_assert_int_eq(status, -1);
		ck_assert(e.code == ERR_USAGE && e.msg[0]);
		return;
	}
	ck_assert_msg(status == 0, "%s", e.msg);
	ck_assert_uint_eq(got.count, shards[_i].count);
	if (got.count > 0)
		ck_assert_uint_eq(got.index, shards[_i].index);
}
END_TEST

START_TEST(shards_know_only_what_every_machine_knows)
{
	struct history_test t = history_blank("a");

	add("a", 1000, TIME_UNKNOWN);
	ck_assert_uint_eq(remember_expected(&s, "a"), 1000);
	ck_assert(remember_expected_everywhere(&s, "a") == TIME_UNKNOWN);
	t.mean_us = 5;
	history_add_test(&s.durations, &t);
	ck_assert_uint_eq(remember_expected(&s, "a"), 1000);
	ck_assert_uint_eq(remember_expected_everywhere(&s, "a"), 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lanes");
	TCase *tc = tcase_create("lanes");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, what_is_sooner_over_needs_no_graph);
	tcase_add_test(tc, one_unknown_time_makes_a_graph);
	tcase_add_test(tc, a_longer_suite_makes_a_graph);
	tcase_add_test(tc, what_was_asked_for_is_not_second_guessed);
	tcase_add_test(tc, tests_that_fill_the_memory_run_one_at_a_time);
	tcase_add_loop_test(tc, a_shard_comes_from_its_text_or_the_service, 0, ARRAY_SIZE(shards));
	tcase_add_test(tc, shards_know_only_what_every_machine_knows);
	suite_add_tcase(suite, tc);
	return unit_main(suite);
}
