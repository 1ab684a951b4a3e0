/* SPDX-License-Identifier: MIT */
#include "format/demangle.h"

#include "unit/unit.h"

static const struct {
	const char *name, *readable;
} names[] = {
	{ "main", "main" },
	{ "", "" },
	{ "_Z3addii", "add(int, int)" },
	{ "_ZN3boxILi1EE4fillEi", "box<1>::fill(int)" },
	{ "_Zzz not a name", "_Zzz not a name" },
	{ "_Z", "_Z" },
};

START_TEST(names_of_c_plus_plus_are_readable_and_others_stay)
{
	struct demangle d = { 0 };

	for (int again = 0; again < 2; again++)
		ck_assert_str_eq(demangle(&d, names[_i].name), names[_i].readable);
	demangle_release(&d);
}
END_TEST

START_TEST(short_and_long_names_take_turns)
{
	struct demangle d = { 0 };

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			ck_assert_str_eq(demangle(&d, names[i].name), names[i].readable);
	}
	demangle_release(&d);
	demangle_release(&d);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("demangle");
	TCase *tc = tcase_create("demangle");

	tcase_add_loop_test(tc, names_of_c_plus_plus_are_readable_and_others_stay, 0,
			    ARRAY_SIZE(names));
	tcase_add_test(tc, short_and_long_names_take_turns);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
