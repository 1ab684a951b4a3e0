/* SPDX-License-Identifier: MIT */
#include "format/covjson.h"

#include "model/cov_contexts.h"
#include "unit/covfmt.h"

static void fill(void)
{
	struct cov_file *f = cov_file(&cov, "src/a.c", 7, COV_BLOCKS | COV_REGIONS);
	struct cov_function *g = cov_function(&cov, f, "f\"\\\n", 4, 3);

	g->end_line = 9;
	g->hits = UINT64_MAX;
	cov_function(&cov, f, "g", 1, 0);
	cov_line(f, 3)->hits = 1;
	cov_line(f, 4)->has_idle_block = true;
	cov_branch(cov_line(f, 5), 0, 0)->taken = 1;
	cov_branch(cov_line(f, 5), 0, 1);
	cov_branch(cov_line(f, COV_LINE_MAX), 2, 0xffffffff)->taken = 7;
	cov_file(&cov, "caf\xe9/\x01\xc3\xa9", 8, COV_FOREIGN);
}

static const char whole[] =
	"{\"gangway_coverage\":1,\n"
	"\"generator\":\"gangway 1\",\n"
	"\"totals\":{\"lines\":4,\"lines_hit\":1,\"branches\":3,\"branches_hit\":2,\"partial\":0,"
	"\"functions\":2,\"functions_hit\":1},\n"
	"\"files\":[\n"
	"{\"path\":\"caf\\udce9/\\u0001\xc3\xa9\",\n"
	"\"kinds\":[\"foreign\"],\n"
	"\"totals\":{\"lines\":0,\"lines_hit\":0,\"branches\":0,\"branches_hit\":0,\"partial\":0,"
	"\"functions\":0,\"functions_hit\":0},\n"
	"\"functions\":[],\n"
	"\"lines\":[]},\n"
	"{\"path\":\"src/a.c\",\n"
	"\"kinds\":[\"blocks\",\"regions\"],\n"
	"\"totals\":{\"lines\":4,\"lines_hit\":1,\"branches\":3,\"branches_hit\":2,\"partial\":0,"
	"\"functions\":2,\"functions_hit\":1},\n"
	"\"functions\":[\n"
	"[\"g\",0,0,0],\n"
	"[\"f\\\"\\\\\\u000a\",3,9,18446744073709551615]],\n"
	"\"lines\":[\n"
	"[3,1],\n"
	"[4,0,1],\n"
	"[5,0,0,[1,0]],\n"
	"[16777215,0,0,[[2,4294967295,7]]]]}]}\n";

START_TEST(the_form_is_the_documented_one)
{
	setup();
	fill();
	ck_assert_str_eq(give(covjson_write), whole);
	teardown();
}
END_TEST

START_TEST(names_of_c_plus_plus_are_given_in_both_ways_on_demand)
{
	const struct cov_write_options o = { .demangles = true };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	setup();
	cov_function(&cov, cov_file(&cov, "a.cc", 4, COV_BLOCKS), "_Z3addii", 8, 3)->hits = 2;
	ck_assert_int_eq(covjson_write(&cov, &o, out), 0);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "[\"_Z3addii\",3,0,2,\"add(int, int)\"]"));
	ck_assert_ptr_null(strstr(give(covjson_write), "add(int"));
	cov_release(&cov);
	ck_assert_int_eq(take(covjson_read, "c.json", text), 0);
	ck_assert_str_eq(digest(), "a.cc: _Z3addii@3-0=2");
	free(text);
	teardown();
}
END_TEST

START_TEST(nothing_is_lost_on_the_way_and_back)
{
	setup();
	ck_assert_msg(take(covjson_read, "c.json", whole) == 0, "%u: %s", e.line, e.msg);
	ck_assert_str_eq(give(covjson_write), whole);
	teardown();
}
END_TEST

/* --- which tests ran a line ------------------------------------------------------------------- */

#define NONE_OF "\"functions\":[],\n\"lines\":[\n"
static const char told[] =
	"{\"gangway_coverage\":1,\n"
	"\"generator\":\"gangway 1\",\n"
	"\"totals\":{\"lines\":4,\"lines_hit\":3,\"branches\":1,\"branches_hit\":1,\"partial\":0,"
	"\"functions\":0,\"functions_hit\":0},\n"
	"\"contexts\":[\n\"a\",\n\"b\",\n\"c\",\n\"d\\\"\"],\n"
	"\"context_sets\":[\n[0,2],\n[[0,3]]],\n"
	"\"files\":[\n"
	"{\"path\":\"a.c\",\n"
	"\"kinds\":[],\n"
	"\"totals\":{\"lines\":4,\"lines_hit\":3,\"branches\":1,\"branches_hit\":1,\"partial\":0,"
	"\"functions\":0,\"functions_hit\":0},\n" NONE_OF "[1,2,0,[],0],\n"
	"[2,4,0,[1],1],\n"
	"[3,0],\n"
	"[9,2,1,[],0]]}]}\n";

START_TEST(which_tests_ran_a_line_is_not_lost_on_the_way_and_back)
{
	setup();
	/* numbers of the model that are not those of the document */
	cov_context(&cov, "unused", 6);
	cov_context(&cov, "d\"", 2);
	ck_assert_msg(take(covjson_read, "c.json", told) == 0, "%u: %s", e.line, e.msg);
	ck_assert_str_eq(give(covjson_write), told);
	teardown();
}
END_TEST

#define SETS(contexts, sets)                                                                       \
	"{\"gangway_coverage\":1,\"contexts\":" contexts ",\"context_sets\":" sets
#define LINES(lines) ",\"files\":[{\"path\":\"a.c\",\"lines\":[" lines "]}]}"

START_TEST(documents_are_united_by_the_names_of_tests)
{
	setup();
	ck_assert_int_eq(take(covjson_read, "c.json",
			      SETS("[\"b\",\"c\"]", "[[0],[1]]")
				      LINES("[1,1,0,[],0],[2,1,0,[],1]")),
			 0);
	ck_assert_int_eq(take(covjson_read, "d.json",
			      SETS("[\"a\",\"b\"]", "[[0,1]]") LINES("[1,1,0,[],0],[3,1,0,[],0]")),
			 0);
	const char *text = give(covjson_write);

	ck_assert_ptr_nonnull(strstr(text, "\"contexts\":[\n\"a\",\n\"b\",\n\"c\"],\n"
					   "\"context_sets\":[\n[0,1],\n[2]],\n"));
	ck_assert_ptr_nonnull(strstr(text, "[1,2,0,[],0],\n[2,1,0,[],1],\n[3,1,0,[],0]]}]}"));
	teardown();
}
END_TEST

static const struct {
	const char *text;
	const char *msg;
} bad_sets[] = {
	{ SETS("[\"a\"]", "[[1]]"), "no context 1" },
	{ SETS("[\"a\"]", "[[[0,1]]]"), "no context 1" },
	{ SETS("[\"a\"]", "[[[0]]]"), "is missing" },
	{ SETS("[\"a\"]", "[[[0,0,0]]]"), "a first and a last" },
	{ SETS("[\"a\"]", "[[\"a\"]]"), "expected a number" },
	{ SETS("[\"a\",\"b\"]", "[[1,0]]"), "must ascend" },
	{ SETS("[\"a\",\"b\"]", "[[[1,0]]]"), "must ascend" },
	{ SETS("[\"a\"]", "[[0]]") LINES("[1,1,0,[],1]"), "no set of contexts 1" },
	{ "{\"gangway_coverage\":1" LINES("[1,1,0,[],0]"), "no set of contexts 0" },
};

START_TEST(a_set_that_is_none_is_refused)
{
	setup();
	ck_assert_int_eq(take(covjson_read, "c.json", bad_sets[_i].text), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_msg(strstr(e.msg, bad_sets[_i].msg) != NULL, "%s", e.msg);
	teardown();
}
END_TEST

START_TEST(runs_of_contexts_out_of_proportion_are_refused)
{
	struct buf text = BUF_INIT;

	setup();
	buf_addstr(&text, "{\"gangway_coverage\":1,\"contexts\":[");
	for (int i = 0; i < 30000; i++)
		buf_addf(&text, "%s\"%d\"", i ? "," : "", i);
	buf_addstr(&text, "],\"context_sets\":[");
	for (int i = 0; i < 60000; i++)
		buf_addf(&text, "%s[[0,29999]]", i ? "," : "");
	buf_addstr(&text, "]}");
	ck_assert_int_eq(take_len(covjson_read, "c.json", text.s, text.len), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	buf_release(&text);
	teardown();
}
END_TEST

START_TEST(two_documents_are_summed)
{
	setup();
	take(covjson_read, "c.json", whole);
	take(covjson_read, "d.json", whole);
	const struct cov_file *f = cov_find(&cov, "src/a.c", 7);

	ck_assert(cov_line_at(f, 3)->hits == 2);
	ck_assert(cov_line_at(f, 5)->branches[0].taken == 2);
	ck_assert(f->functions[0].hits == UINT64_MAX || f->functions[1].hits == UINT64_MAX);
	teardown();
}
END_TEST

START_TEST(what_a_later_version_adds_is_passed_over)
{
	setup();
	ck_assert_msg(
		take(covjson_read, "c.json",
		     " { \"gangway_coverage\" : 1 , "
		     "\"new\":{\"a\":[null,true,-1.5e3,\"\\ud83d\\ude00\"]},"
		     "\"contexts\":[\"t\"],\"context_sets\":[[0]],"
		     "\"files\":[ { \"path\":\"a\", \"new\":[], \"kinds\":[\"new\"], \"functions\":"
		     "[[\"f\",1,2,3,\"new\"]], \"lines\" : [ [ 1 , 2, 0, [1], 0, {}] ] } ] } ") ==
			0,
		"%s", e.msg);
	ck_assert_str_eq(digest(), "a: 1=2(1) f@1-2=3");
	teardown();
}
END_TEST

#define HEAD "{\"gangway_coverage\":1,\n\"files\":["
static const struct {
	const char *text;
	enum err_code code;
	unsigned line;
	const char *msg;
} damages[] = {
	{ "", ERR_SYNTAX, 1, "cut: expected an object" },
	{ "[]", ERR_SYNTAX, 1, "expected an object, found '['" },
	{ "{}", ERR_SYNTAX, 1, "is missing" },
	{ "{\"files\":[]}", ERR_SYNTAX, 1, "must come first" },
	{ "{\"gangway_coverage\":2}", ERR_UNSUPPORTED, 1, "version 2" },
	{ HEAD "\n", ERR_SYNTAX, 3, "cut" },
	{ HEAD "{\"path\":\"a", ERR_SYNTAX, 2, "cut: expected the end of a string" },
	{ HEAD "{\"path\":\"a\tb\"}", ERR_SYNTAX, 2, "found byte 0x09" },
	{ HEAD "{\"path\":\"a\\u0000b\"}", ERR_SYNTAX, 2, "NUL" },
	{ HEAD "{\"path\":\"a\\x\"}", ERR_SYNTAX, 2, "bad escape" },
	{ HEAD "{\"path\":\"a\\u12\"}", ERR_SYNTAX, 2, "bad escape" },
	{ HEAD "{\"lines\":[[1,1]]}", ERR_SYNTAX, 2, "begin with its path" },
	{ HEAD "{\"path\":\"a\",\"lines\":[[0,1]]}", ERR_SYNTAX, 2, "line 0" },
	{ HEAD "{\"path\":\"a\",\"lines\":[[1]]}", ERR_SYNTAX, 2, "count of a line is missing" },
	{ HEAD "{\"path\":\"a\",\"lines\":[[16777216,1]]}", ERR_LIMIT, 2, "limit of 16777215" },
	{ HEAD "{\"path\":\"a\",\"lines\":[[-1,1]]}", ERR_SYNTAX, 2, "below 0" },
	{ HEAD "{\"path\":\"a\",\"lines\":[[1,\"2\"]]}", ERR_SYNTAX, 2, "expected a number" },
	{ HEAD "{\"path\":\"a\",\"lines\":[[1,1],]}", ERR_SYNTAX, 2,
	  "expected an array, found ']'" },
	{ HEAD "{\"path\":\"a\",\"lines\":[[1,1][2,1]]}", ERR_SYNTAX, 2, "expected ',' or ']'" },
	{ HEAD "]} x", ERR_SYNTAX, 2, "expected the end" },
	{ HEAD "],\"x\":nul}", ERR_SYNTAX, 2, "expected a value" },
};

START_TEST(a_damage_is_named_with_its_line)
{
	setup();
	ck_assert_int_eq(take(covjson_read, "c.json", damages[_i].text), -1);
	ck_assert_int_eq(e.code, damages[_i].code);
	ck_assert_uint_eq(e.line, damages[_i].line);
	ck_assert_msg(strstr(e.msg, damages[_i].msg), "'%s' lacks '%s'", e.msg, damages[_i].msg);
	teardown();
}
END_TEST

START_TEST(depth_has_an_end)
{
	struct buf text = BUF_INIT;

	setup();
	buf_addstr(&text, "{\"gangway_coverage\":1,\"x\":");
	for (int i = 0; i < 100000; i++)
		buf_addch(&text, '[');
	ck_assert_int_eq(take(covjson_read, "c.json", text.s), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	buf_release(&text);
	teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("covjson");
	TCase *tc = tcase_create("covjson");

	tcase_add_test(tc, the_form_is_the_documented_one);
	tcase_add_test(tc, names_of_c_plus_plus_are_given_in_both_ways_on_demand);
	tcase_add_test(tc, nothing_is_lost_on_the_way_and_back);
	tcase_add_test(tc, two_documents_are_summed);
	tcase_add_test(tc, which_tests_ran_a_line_is_not_lost_on_the_way_and_back);
	tcase_add_test(tc, documents_are_united_by_the_names_of_tests);
	tcase_add_loop_test(tc, a_set_that_is_none_is_refused, 0, ARRAY_SIZE(bad_sets));
	tcase_add_test(tc, runs_of_contexts_out_of_proportion_are_refused);
	tcase_add_test(tc, what_a_later_version_adds_is_passed_over);
	tcase_add_loop_test(tc, a_damage_is_named_with_its_line, 0, ARRAY_SIZE(damages));
	tcase_add_test(tc, depth_has_an_end);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
