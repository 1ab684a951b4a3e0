/* SPDX-License-Identifier: MIT */
#include "format/cmakefile.h"

#include "base/buf.h"
#include "unit/unit.h"

/* Each command as "name|arg|arg" on a line. */
static const struct {
	const char *text, *want;
} cases[] = {
	{ "", "" },
	{ "add_test(a b)\n", "add_test|a|b\n" },
	{ "a()b ( x )", "a\nb|x\n" },
	{ "a(\"x y\" \"q\\\"q\" \"\\\\\" \"a\\nb\" \"\")", "a|x y|q\"q|\\|a\nb|\n" },
	{ "a([=[x]]y]=] [[z]] [w])", "a|x]]y|z|[w]\n" },
	{ "a([=[\nx\n]=])", "a|x\n\n" },
	{ "# a(b)\nc(d) # e(f)\n", "c|d\n" },
	{ "#[[ a(b)\n c(d) ]] e(f)", "e|f\n" },
	{ "a(x # y)\n z)", "a|x|z\n" },
	{ "if(A AND (B OR C))\nendif()\n", "if|A|AND|B|OR|C\nendif\n" },
	{ "a(b\\ c\\;d ${x})", "a|b c;d|${x}\n" },
	{ "a(cut \"off", "a|cut|off\n" },
	{ "a(cut [[off", "a|cut|off\n" },
	{ "no command", "" },
	{ ")]\" a(b)", "a|b\n" },
	{ "a(b\\", "a|b\\\n" },
};

START_TEST(commands_are_read_as_they_stand_there)
{
	struct cmake_reader r = { cases[_i].text, cases[_i].text + strlen(cases[_i].text) };
	struct cmake_command c = { 0 };
	struct arena mem = { 0 };
	struct buf got = BUF_INIT;

	while (cmake_next(&r, &mem, &c)) {
		buf_addstr(&got, c.name);
		for (size_t i = 0; i < c.nargs; i++)
			buf_addf(&got, "|%s", c.args[i]);
		buf_addch(&got, '\n');
	}
	ck_assert_str_eq(got.s, cases[_i].want);
	buf_release(&got);
	arena_release(&mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cmakefile");
	TCase *t = tcase_create("cmakefile");

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, commands_are_read_as_they_stand_there, 0, ARRAY_SIZE(cases));
	return unit_main(s);
}
