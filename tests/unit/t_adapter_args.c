/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_args.h"

#include "base/buf.h"
#include "unit/unit.h"

static const struct arg_row rows[] = {
	{ "--keep", true, ARG_KEPT }, { "--flag", false, ARG_KEPT }, { "--ours", true, ARG_OURS },
	{ "-p", true, ARG_CHOICE },   { "-f", false, ARG_FILTER },   { NULL, false, ARG_KEPT },
};
static const struct own_args plain = { .rows = rows },
			     words = { .rows = rows, .are_words_choices = true, .patterns = "*" },
			     rest = { .rows = rows, .has_rest = true };

enum { MAX_ARGS = 8 };

static const struct {
	const struct own_args *own;
	const char *argv[MAX_ARGS];
	bool is_known, choose;
	const char *listed, *run; /* with "OURS" behind */
} calls[] = {
	{ &plain, { "prog" }, true, false, "prog OURS", "prog OURS" },
	{ &plain,
	  { "prog", "--keep", "a", "--keep=b", "--flag", "--flag=1" },
	  true,
	  false,
	  "prog --keep a --keep=b --flag --flag=1 OURS",
	  "prog --keep a --keep=b --flag --flag=1 OURS" },
	{ &plain,
	  { "prog", "--ours", "--flag", "-p", "x", "-f" },
	  true,
	  true,
	  "prog -p x -f OURS",
	  "prog -f OURS" },
	{ &plain,
	  { "launcher", "prog", "-p=x" },
	  false,
	  true,
	  "launcher prog -p=x OURS",
	  "launcher prog OURS" },
	/* a value is missing, a longer name, a word, nobody's "--" */
	{ &plain, { "prog", "--keep" }, false, false, "prog --keep OURS", "prog --keep OURS" },
	{ &plain,
	  { "prog", "--keeper=1" },
	  false,
	  false,
	  "prog --keeper=1 OURS",
	  "prog --keeper=1 OURS" },
	{ &plain, { "prog", "word" }, false, false, "prog word OURS", "prog word OURS" },
	{ &plain, { "prog", "--", "-x" }, false, false, "prog OURS -- -x", "prog OURS -- -x" },
	{ &words,
	  { "prog", "a*", "--flag" },
	  true,
	  true,
	  "prog a* --flag OURS",
	  "prog --flag OURS" },
	{ &words, { "prog", "single" }, false, true, "prog single OURS", "prog OURS" },
	{ &rest,
	  { "prog", "--flag", "--", "-p", "x" },
	  true,
	  false,
	  "prog --flag OURS -- -p x",
	  "prog --flag OURS -- -p x" },
	{ NULL, { "prog", "-p", "x" }, true, false, "prog -p x OURS", "prog -p x OURS" },
};

static void check_words(struct command *c, const struct own_args *own, const struct target *t,
			const char *want)
{
	struct buf text = BUF_INIT;

	c->argv[c->nargv++] = "OURS";
	args_finish(c, own, t);
	for (size_t i = 0; i < c->nargv; i++)
		buf_addf(&text, "%s%s", i > 0 ? " " : "", c->argv[i]);
	ck_assert_str_eq(text.s, want);
	buf_release(&text);
	command_release(c);
}

START_TEST(an_entry_keeps_what_is_known)
{
	const char *const *argv = calls[_i].argv;
	const struct own_args *own = calls[_i].own;
	struct target t = { .program = "prog", .argv = (const char **)argv };
	struct command c = { 0 };

	while (t.nargv < MAX_ARGS && argv[t.nargv])
		t.nargv++;
	if (own) {
		ck_assert_int_eq(args_are_known(own, argv, t.nargv), calls[_i].is_known);
		ck_assert_int_eq(args_choose(own, &t), calls[_i].choose);
	}
	args_begin_list(&c, own, &t, 1);
	check_words(&c, own, &t, calls[_i].listed);
	args_begin(&c, own, &t, 1);
	check_words(&c, own, &t, calls[_i].run);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("adapter_args");
	TCase *c = tcase_create("adapter_args");

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, an_entry_keeps_what_is_known, 0, ARRAY_SIZE(calls));
	return unit_main(s);
}
