/* SPDX-License-Identifier: MIT */
#include "format/gcovjson.h"

#include "unit/covfmt.h"

#define HEAD "{\"gcc_version\": \"12.2.0\", \"format_version\": \"1\", "

static const struct {
	const char *name, *text, *want;
} dialects[] = {
	{ "version 1",
	  HEAD
	  "\"files\": [{\"file\": \"a.c\", \"functions\": [{\"name\": \"f\", \"demangled_name\": "
	  "\"f\", \"start_line\": 1, \"start_column\": 5, \"end_line\": 3, \"end_column\": 1, "
	  "\"blocks\": 4, \"blocks_executed\": 3, \"execution_count\": 5}], \"lines\": ["
	  "{\"line_number\": 1, \"function_name\": \"f\", \"count\": 5, \"unexecuted_block\": "
	  "true, "
	  "\"branches\": []}, {\"branches\": [{\"count\": 5, \"throw\": false, \"fallthrough\": "
	  "true}, "
	  "{\"count\": 0, \"throw\": false, \"fallthrough\": false}], \"count\": 5, "
	  "\"line_number\": 2, \"unexecuted_block\": false}]}]}\n",
	  "a.c: 1=5idle 2=5(5 0) f@1-3=5" },
	{ "version 2",
	  "{\"format_version\": \"2\", \"files\": [{\"file\": \"a.c\", \"functions\": [], "
	  "\"lines\": ["
	  "{\"line_number\": 2, \"count\": 4, \"block_ids\": [2, 3], \"unexecuted_block\": false, "
	  "\"branches\": [{\"count\": 4, \"throw\": false, \"fallthrough\": true, "
	  "\"source_block_id\": 2, "
	  "\"destination_block_id\": 3}], \"calls\": [{\"source_block_id\": 2, "
	  "\"destination_block_id\": 4, \"returned\": 4}], \"conditions\": [{\"count\": 2, "
	  "\"covered\": 1, "
	  "\"not_covered_true\": [0], \"not_covered_false\": []}]}]}]}",
	  "a.c: 2=4(4)" },
	{ "members in gcc 9's order",
	  "{\"files\": [{\"lines\": [{\"count\": 1, \"line_number\": 7, \"branches\": [], "
	  "\"unexecuted_block\": false}], \"functions\": [], \"file\": \"a.c\"}], "
	  "\"format_version\": \"1\"}",
	  "a.c: 7=1" },
	{ "instances of a template",
	  HEAD "\"files\": [{\"file\": \"a.h\", \"functions\": [], \"lines\": ["
	       "{\"line_number\": 2, \"function_name\": \"i\", \"count\": 5, \"branches\": "
	       "[{\"count\": 5}, {\"count\": 0}]}, {\"line_number\": 2, \"function_name\": \"l\", "
	       "\"count\": 2, \"branches\": [{\"count\": 1}, {\"count\": 1}, {\"count\": 3}]}]}]}",
	  "a.h: 2=7(6 1 3)" },
	{ "branches that throw",
	  HEAD "\"files\": [{\"file\": \"a.c\", \"lines\": [{\"line_number\": 2, \"count\": 5, "
	       "\"branches\": [{\"count\": 1, \"throw\": false}, {\"count\": 2, \"throw\": true}, "
	       "{\"count\": 3, \"throw\": false}]}]}]}",
	  "a.c: 2=5(1 3)" },
	{ "documents one after the other",
	  HEAD "\"files\": [{\"file\": \"a.c\", \"lines\": [{\"line_number\": 2, \"count\": "
	       "5}]}]}\n" HEAD "\"files\": [{\"file\": \"a.c\", \"lines\": [{\"line_number\": 2, "
	       "\"count\": 1}]}]}\n" HEAD "\"files\": []}",
	  "a.c: 2=6" },
	{ "counts below 0, as floats, of line 0",
	  HEAD "\"files\": [{\"file\": \"a.c\", \"lines\": [{\"line_number\": 2, \"count\": -5}, "
	       "{\"line_number\": 3, \"count\": 1.2e+06}, {\"line_number\": 0, \"count\": 1}]}]}",
	  "a.c: 2=0 3=1200000" },
};

START_TEST(every_dialect_is_read)
{
	setup();
	ck_assert_msg(take(gcovjson_read, "g.json", dialects[_i].text) == 0, "%s: %u: %s",
		      dialects[_i].name, e.line, e.msg);
	ck_assert_str_eq(digest(), dialects[_i].want);
	teardown();
}
END_TEST

START_TEST(throws_are_kept_when_told)
{
	setup();
	how.keeps_throws = true;
	take(gcovjson_read, "g.json", dialects[4].text);
	ck_assert_str_eq(digest(), "a.c: 2=5(1 2 3)");
	teardown();
}
END_TEST

static const char *join(void *ctx, const char *cwd, const char *name)
{
	static char path[200];

	(void)ctx;
	snprintf(path, sizeof path, "%s|%s", cwd ? cwd : "-", name);
	return strstr(name, "out") ? NULL : path;
}

START_TEST(names_are_relative_to_the_folder_of_the_compilation_wherever_it_stands)
{
	setup();
	how.map_path = join;
	take(gcovjson_read, "g.json",
	     HEAD
	     "\"files\": [{\"file\": \"a.c\", \"lines\": [{\"line_number\": 2, \"count\": 5}]}, "
	     "{\"file\": \"out.c\", \"lines\": [{\"line_number\": 2, \"count\": 5}], "
	     "\"functions\": "
	     "[{\"name\": \"f\", \"start_line\": 1}]}], \"current_working_directory\": \"/b\"}" HEAD
	     "\"files\": [{\"file\": \"a.c\"}]}");
	ck_assert_str_eq(digest(), "-|a.c:; /b|a.c: 2=5");
	teardown();
}
END_TEST

static const struct {
	const char *text;
	enum err_code code;
	unsigned line;
	const char *msg;
} damages[] = {
	{ "", ERR_SYNTAX, 2, "expected an object" },
	{ "{\"files\": []}", ERR_SYNTAX, 2, "'format_version' is missing" },
	{ "{\"format_version\": \"3\"}", ERR_UNSUPPORTED, 2, "version '3'" },
	{ HEAD "\"files\": [{\"lines\": []}]}", ERR_SYNTAX, 2, "'file' is missing" },
	{ HEAD "\"files\": [{\"file\": \"b.c\", \"lines\": [{\"line_number\": 1,", ERR_SYNTAX, 2,
	  "cut" },
	{ HEAD "\"files\": [{\"file\": \"b.c\", \"lines\": [{\"line_number\": 16777216}]}]}",
	  ERR_LIMIT, 2, "limit of 16777215" },
	{ HEAD "\"files\": [{\"file\": \"b.c\", \"lines\": [{\"line_number\": -1}]}]}", ERR_SYNTAX,
	  2, "below 0" },
	{ HEAD "\"files\": [{\"file\": \"b.c\", \"lines\": [{\"line_number\": \"1\"}]}]}",
	  ERR_SYNTAX, 2, "expected a number" },
};

START_TEST(a_damage_is_named_and_documents_before_it_count)
{
	struct buf text = BUF_INIT;

	setup();
	buf_addf(&text,
		 HEAD "\"files\": [{\"file\": \"good.c\", \"lines\": [{\"line_number\": 1, "
		      "\"count\": 1}]}]}\n%s%s",
		 damages[_i].text, damages[_i].text[0] ? "" : "x");
	ck_assert_int_eq(take(gcovjson_read, "g.json", text.s), -1);
	ck_assert_int_eq(e.code, damages[_i].code);
	ck_assert_uint_eq(e.line, damages[_i].line);
	ck_assert_msg(strstr(e.msg, damages[_i].msg), "'%s' lacks '%s'", e.msg, damages[_i].msg);
	ck_assert_ptr_nonnull(strstr(digest(), "good.c: 1=1"));
	buf_release(&text);
	teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gcovjson");
	TCase *tc = tcase_create("gcovjson");

	tcase_add_loop_test(tc, every_dialect_is_read, 0, ARRAY_SIZE(dialects));
	tcase_add_test(tc, throws_are_kept_when_told);
	tcase_add_test(tc, names_are_relative_to_the_folder_of_the_compilation_wherever_it_stands);
	tcase_add_loop_test(tc, a_damage_is_named_and_documents_before_it_count, 0,
			    ARRAY_SIZE(damages));
	suite_add_tcase(s, tc);
	return unit_main(s);
}
