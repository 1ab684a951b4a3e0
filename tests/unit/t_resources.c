/* SPDX-License-Identifier: MIT */
#include "model/resources.h"

#include "base/buf.h"
#include "base/err.h"
#include "format/resource_spec.h"
#include "model/test.h"
#include "stage/resources.h"
#include "unit/unit.h"

static struct tests t;
static struct err e;
static struct test test;
static struct needs needs;
static const char *groups[8];
static uint32_t to[8];

static void begin(void)
{
	static const struct resource all[] = {
		{ "gpus", "0", 4 }, { "gpus", "1", 4 }, { "gpus", "2", 2 }, { "cards", "x", 1 }
	};

	e = (struct err){ 0 };
	test = test_blank(0);
	test.resource_groups = groups;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		tests_add_resource(&t, &all[i]);
}

static void finish(void)
{
	tests_release(&t);
}

static void need(const char *group)
{
	groups[test.nresource_groups++] = group;
	ck_assert(needs_of_test(&test, &t.mem, &needs));
}

START_TEST(groups_are_read)
{
	need("gpus:2,cards:1");
	need("");
	need("gpus:0");
	ck_assert_uint_eq(needs.n, 3);
	ck_assert_str_eq(needs.items[1].type, "cards");
	ck_assert_uint_eq(needs.items[1].slots, 1);
	ck_assert_uint_eq(needs.items[2].group, 2);
	ck_assert_uint_eq(needs.items[2].slots, 0);
}
END_TEST

static const char *const bad_groups[] = { "gpus",   "gpus:", ":1",        "gpus:-1",
					  "gpus:x", ",",     "gpus:1,:2", "gpus:1000001" };

START_TEST(what_is_no_group_is_refused)
{
	groups[0] = bad_groups[_i];
	test.nresource_groups = 1;
	ck_assert(!needs_of_test(&test, &t.mem, &needs));
}
END_TEST

/* Taken one by one, the 2 would go to the resource that the second 4 needs. */
START_TEST(a_way_is_found_where_there_is_one)
{
	need("gpus:2");
	need("gpus:4");
	need("gpus:4");
	ck_assert(needs_assign_all(&needs, &t, to));
	ck_assert_uint_eq(to[0], 2);
	ck_assert_uint_eq(to[1] + to[2], 1);
	need("gpus:1");
	ck_assert(!needs_assign_all(&needs, &t, to));
}
END_TEST

/* 3 and 3 and 2 and 2 fit into 4, 4, 2 only as 3 / 3 / 2 and a 2 that has no room. */
START_TEST(slots_of_two_resources_are_not_added)
{
	need("gpus:3,gpus:3,gpus:2,gpus:2");
	ck_assert(!needs_assign_all(&needs, &t, to));
	test.nresource_groups = 0;
	need("gpus:2,gpus:2,gpus:2,gpus:2,gpus:2");
	ck_assert(needs_assign_all(&needs, &t, to));
	test.nresource_groups = 0;
	need("gpus:5");
	ck_assert(!needs_assign_all(&needs, &t, to));
	test.nresource_groups = 0;
	need("nix:0");
	ck_assert(!needs_assign_all(&needs, &t, to));
}
END_TEST

START_TEST(only_what_is_free_is_given)
{
	const uint64_t free_slots[] = { 0, 1, 2, 1 };

	need("gpus:2");
	ck_assert(needs_assign(&needs, &t, free_slots, to));
	ck_assert_uint_eq(to[0], 2);
	need("gpus:2");
	ck_assert(!needs_assign(&needs, &t, free_slots, to));
}
END_TEST

/* Ever so many ways that all fail: it gives up. */
START_TEST(a_puzzle_ends)
{
	static const char many[] = "gpus:2,gpus:2,gpus:2,gpus:2,gpus:2,gpus:2,gpus:2,gpus:2";

	for (int i = 0; i < 20; i++) {
		char id[8];

		snprintf(id, sizeof id, "n%d", i);
		tests_add_resource(&t, &(struct resource){ "cpus", id, (uint64_t)i + 3 });
	}
	need(many);
	need("cpus:3,cpus:3,cpus:4,cpus:5,cpus:6,cpus:7,cpus:8,cpus:9,cpus:10,cpus:11,cpus:12");
	need("cpus:3,cpus:3,cpus:4,cpus:5,cpus:6,cpus:7,cpus:8,cpus:9,cpus:10,cpus:11,cpus:12");
	uint32_t many_to[64];

	ck_assert(!needs_assign_all(&needs, &t, many_to));
}
END_TEST

START_TEST(the_test_is_told_as_by_ctest)
{
	static const char *const want[] = { "CTEST_RESOURCE_GROUP_COUNT=3",
					    "CTEST_RESOURCE_GROUP_0=cards,gpus",
					    "CTEST_RESOURCE_GROUP_0_CARDS=id:x,slots:1",
					    "CTEST_RESOURCE_GROUP_0_GPUS=id:0,slots:4;id:1,slots:3",
					    "CTEST_RESOURCE_GROUP_1=",
					    "CTEST_RESOURCE_GROUP_2=gpus",
					    "CTEST_RESOURCE_GROUP_2_GPUS=id:2,slots:2" };

	need("gpus:4,cards:1,gpus:3");
	need("");
	need("gpus:2");
	ck_assert(needs_assign_all(&needs, &t, to));
	const char *const *vars = needs_vars(&test, &needs, &t, to, &t.mem);

	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert_str_eq(vars[i], want[i]);
	ck_assert_ptr_null(vars[ARRAY_SIZE(want)]);
}
END_TEST

START_TEST(what_the_machine_has_not_is_an_error)
{
	need("gpus:4");
	tests_add(&t, &test);
	need("gpus:5");
	tests_add(&t, &test);
	resources_check(&t);
	ck_assert_ptr_null(t.tests[0].error);
	ck_assert_str_eq(t.tests[1].error,
			 "not run: there are not the resources that it needs: gpus:4;gpus:5");
}
END_TEST

static int read_spec(const char *text)
{
	return resource_spec_read_mem("spec.json", text, strlen(text), &t, &e);
}

#define VERSION "{\"version\":{\"major\":1,\"minor\":0}"

START_TEST(a_specification_is_read)
{
	tests_release(&t);
	ck_assert_int_eq(read_spec(VERSION ",\"local\":[{\"gpus\":[{\"id\":\"0\",\"slots\":4},"
					   "{\"id\":\"a_1\"}],\"GPU\":1,\"cards\":[]}]}"),
			 0);
	ck_assert_uint_eq(t.nresources, 2);
	ck_assert_str_eq(t.resources[1].type, "gpus");
	ck_assert_str_eq(t.resources[1].id, "a_1");
	ck_assert_uint_eq(t.resources[0].slots, 4);
	ck_assert_uint_eq(t.resources[1].slots, 1);
	ck_assert_int_eq(read_spec(VERSION ",\"local\":[]}"), 0);
}
END_TEST

/* Each of them is refused by ctest 3.25 as well. */
static const struct {
	const char *text, *why;
} bad_specs[] = {
	{ "{", "spec.json" },
	{ "[]", "expected object" },
	{ "{\"local\":[]}", "version" },
	{ "{\"version\":{\"major\":2,\"minor\":0},\"local\":[]}", "only version 1.0 is known" },
	{ "{\"version\":{\"major\":1,\"minor\":1},\"local\":[]}", "only version 1.0 is known" },
	{ VERSION "}", "local" },
	{ VERSION ",\"local\":[{},{}]}", "local: more than one element" },
	{ VERSION ",\"local\":[1]}", "local[0]" },
	{ VERSION ",\"local\":[{\"gpus\":1}]}", "gpus" },
	{ VERSION ",\"local\":[{\"gpus\":[{}]}]}", "id" },
	{ VERSION ",\"local\":[{\"gpus\":[{\"id\":\"A-b\"}]}]}",
	  "local[0].gpus[0]: an id is made" },
	{ VERSION ",\"local\":[{\"gpus\":[{\"id\":\"0\",\"slots\":-1}]}]}", "'slots' is a number" },
	{ VERSION ",\"local\":[{\"gpus\":[{\"id\":\"0\",\"slots\":\"2\"}]}]}", "'slots' is a" },
};

START_TEST(a_bad_specification_is_refused)
{
	struct buf text = BUF_INIT;

	ck_assert_int_eq(read_spec(bad_specs[_i].text), -1);
	err_format(&e, &text);
	ck_assert_msg(strstr(text.s, bad_specs[_i].why), "%s", text.s);
	ck_assert_msg(strstr(text.s, "spec.json"), "%s", text.s);
	buf_release(&text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("resources");
	TCase *tc = tcase_create("resources");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, groups_are_read);
	tcase_add_loop_test(tc, what_is_no_group_is_refused, 0, ARRAY_SIZE(bad_groups));
	tcase_add_test(tc, a_way_is_found_where_there_is_one);
	tcase_add_test(tc, slots_of_two_resources_are_not_added);
	tcase_add_test(tc, only_what_is_free_is_given);
	tcase_add_test(tc, a_puzzle_ends);
	tcase_add_test(tc, the_test_is_told_as_by_ctest);
	tcase_add_test(tc, what_the_machine_has_not_is_an_error);
	tcase_add_test(tc, a_specification_is_read);
	tcase_add_loop_test(tc, a_bad_specification_is_refused, 0, ARRAY_SIZE(bad_specs));
	return unit_main(s);
}
