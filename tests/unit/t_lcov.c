/* SPDX-License-Identifier: MIT */
#include "format/lcov.h"

#include "unit/covfmt.h"

static const struct {
	const char *name, *text, *want;
} dialects[] = {
	{ "lcov 1.16",
	  "TN:t\nSF:a.c\nFN:1,f\nFN:4,g\nFNDA:5,f\nFNDA:0,g\nFNF:2\nFNH:1\nBRDA:2,0,0,5\n"
	  "BRDA:2,0,1,-\nBRF:2\nBRH:1\nDA:1,5\nDA:2,5\nDA:4,0\nLF:3\nLH:2\nend_of_record\n",
	  "a.c: 1=5 2=5(5 0) 4=0 f@1-0=5 g@4-0=0" },
	{ "coverage.py 7",
	  "SF:a.py\nDA:1,1,vAdJ3vTDZmbq2g\nDA:2,0\nLF:2\nLH:1\nFN:1,2,f\nFNDA:1,f\n"
	  "BRDA:1,0,jump to line 2,1\nBRDA:1,0,\"exit, early\",0\nend_of_record\n",
	  "a.py: 1=1(1 0) 2=0 f@1-2=1" },
	{ "lcov 2.2",
	  "SF:a.c\nFNL:0,3,9\nFNA:0,7,f\nFNA:0,1,alias\nFNL:1,12\nFNA:1,0,g\nDA:3,8\nend_of_"
	  "record\n",
	  "a.c: 3=8 alias@3-9=1 f@3-9=7 g@12-0=0" },
	{ "an FNA before its FNL", "SF:a.c\nFNA:4,7,f\nFNL:4,3\nDA:3,8\nend_of_record\n",
	  "a.c: 3=8 f@3-0=7" },
	{ "exceptions, fallthrough, unreachable",
	  "SF:a.c\nDA:1,4\nBRDA:1,e0,0,1\nBRDA:1,f0,1,2\nBRDA:1,U0,2,0\nBRDA:1,fU0,3,3\nend_of_"
	  "record\n",
	  "a.c: 1=4(2 3)" },
	{ "branches before and after lines, lines in no order",
	  "SF:a.c\nBRDA:9,0,0,1\nDA:9,1\nDA:2,3\nBRDA:2,0,1,1\nBRDA:2,0,0,2\nend_of_record\n",
	  "a.c: 2=3(2 1) 9=1(1)" },
	{ "branches of an excluded line",
	  "SF:a.c\nBRDA:5,0,0,1\nBRDA:6,0,0,1\nDA:6,1\nend_of_record\n", "a.c: 6=1(1)" },
	{ "MCDC and sums alone",
	  "SF:a.c\nMCDC:1,2,t,1,0,a && b\nMCF:2\nMCH:1\nDA:1,1\nend_of_record\n", "a.c: 1=1" },
	{ "counts before their functions",
	  "SF:a.c\nFNDA:2,b\nFNDA:1,a\nFN:1,a\nFN:2,b\nend_of_record\n", "a.c: a@1-0=1 b@2-0=2" },
	{ "one name on two lines", "SF:a.c\nFN:1,a\nFN:9,a\nFNDA:2,a\nFNDA:1,a\nend_of_record\n",
	  "a.c: a@1-0=2 a@9-0=1" },
	{ "a demangled name with commas",
	  "SF:a.cc\nFN:3,f(int, char)\nFNDA:2,f(int, char)\nend_of_record\n",
	  "a.cc: f(int, char)@3-0=2" },
	{ "a comment, CRLF, no last newline", "# made by hand\r\nSF:a.c\r\nDA:1,1\r\nend_of_record",
	  "a.c: 1=1" },
	{ "records of one file",
	  "SF:a.c\nDA:1,1\nend_of_record\nSF:a.c\nDA:1,2\nDA:2,0\nend_of_record\n",
	  "a.c: 1=3 2=0" },
	{ "line 0", "SF:a.c\nDA:0,1\nDA:1,1\nend_of_record\n", "a.c: 1=1" },
	{ "perl's large numbers", "SF:a.c\nDA:1,1.5e+3\nDA:2,25e-1\nDA:3,12.75\nend_of_record\n",
	  "a.c: 1=1500 2=2 3=12" },
	{ "nothing", "", "" },
};

START_TEST(every_dialect_is_read)
{
	setup();
	ck_assert_msg(take(lcov_read, "t.info", dialects[_i].text) == 0, "%s: %s",
		      dialects[_i].name, e.msg);
	ck_assert_str_eq(digest(), dialects[_i].want);
	ck_assert_str_eq(warnings.s, strstr(dialects[_i].name, "two lines") ? warnings.s : "");
	teardown();
}
END_TEST

static const struct {
	const char *text;
	enum err_code code;
	unsigned line;
	const char *msg;
} damages[] = {
	{ "SF:a.c\nDA:1\nend_of_record\n", ERR_SYNTAX, 2, "comma" },
	{ "SF:a.c\nDA:x,1\nend_of_record\n", ERR_SYNTAX, 2, "line number" },
	{ "SF:a.c\nDA:-4,1\nend_of_record\n", ERR_SYNTAX, 2, "line number" },
	{ "SF:a.c\nDA:1,x\nend_of_record\n", ERR_SYNTAX, 2, "count" },
	{ "SF:a.c\n\nDA:16777216,1\nend_of_record\n", ERR_LIMIT, 3, "limit of 16777215" },
	{ "SF:a.c\nDA:99999999999999999999,1\nend_of_record\n", ERR_LIMIT, 2, "limit" },
	{ "SF:a.c\nBRDA:1,0,0\nend_of_record\n", ERR_SYNTAX, 2, "BRDA needs" },
	{ "SF:a.c\nBRDA:1,0\nend_of_record\n", ERR_SYNTAX, 2, "BRDA needs" },
	{ "SF:a.c\nBRDA:1\nend_of_record\n", ERR_SYNTAX, 2, "comma" },
	{ "SF:a.c\nBRDA:1,0,0,1x\nend_of_record\n", ERR_SYNTAX, 2, "behind its count" },
	{ "SF:a.c\nFN:1,\nend_of_record\n", ERR_SYNTAX, 2, "without a name" },
	{ "SF:a.c\nFNA:1,1,f\nend_of_record\n", ERR_SYNTAX, 3, "without its FNL" },
	{ "SF:a.c\nSF:b.c\n", ERR_SYNTAX, 2, "no end_of_record" },
	{ "SF:a.c\nDA:1,1\n", ERR_SYNTAX, 2, "cut" },
	{ "SF:\n", ERR_SYNTAX, 1, "without a path" },
	{ "DA:1,1\n", ERR_SYNTAX, 1, "SF is missing" },
	{ "end_of_record\n", ERR_SYNTAX, 1, "without SF" },
	{ "SF:a.c\nhello\n", ERR_SYNTAX, 2, "not a line" },
};

START_TEST(a_damage_is_named_with_its_line_and_records_before_it_count)
{
	struct buf text = BUF_INIT;

	setup();
	buf_addf(&text, "SF:good.c\nDA:1,1\nend_of_record\n%s", damages[_i].text);
	ck_assert_int_eq(take(lcov_read, "t.info", text.s), -1);
	ck_assert_int_eq(e.code, damages[_i].code);
	ck_assert_str_eq(e.path, "t.info");
	ck_assert_uint_eq(e.line, damages[_i].line + 3);
	ck_assert_msg(strstr(e.msg, damages[_i].msg), "'%s' lacks '%s'", e.msg, damages[_i].msg);
	ck_assert_str_eq(digest(), "good.c: 1=1");
	buf_release(&text);
	teardown();
}
END_TEST

START_TEST(a_NUL_is_refused)
{
	static const char text[] = "SF:a\0b\nDA:1,1\nend_of_record\n";

	setup();
	ck_assert_int_eq(take_len(lcov_read, "t.info", text, sizeof text - 1), -1);
	ck_assert_msg(strstr(e.msg, "NUL"), "%s", e.msg);
	teardown();
}
END_TEST

START_TEST(counts_below_0_are_0_and_said_once_for_an_input)
{
	setup();
	ck_assert_int_eq(take(lcov_read, "t.info",
			      "SF:a.c\nFN:1,f\nFNDA:-3,f\nDA:1,-5\nBRDA:1,0,0,-1\nend_of_record\n"),
			 0);
	ck_assert_str_eq(digest(), "a.c: 1=0(0) f@1-0=0");
	const char *said = strstr(warnings.s, "t.info: counts below 0");

	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_null(strstr(said + 10, "t.info: counts"));
	teardown();
}
END_TEST

START_TEST(sums_stop_at_the_largest_number)
{
	setup();
	ck_assert_int_eq(take(lcov_read, "t.info",
			      "SF:a.c\nDA:1,18446744073709551615\nDA:2,18446744073709551616\n"
			      "DA:3,9e99\nend_of_record\nSF:a.c\nDA:1,1\nend_of_record\n"),
			 0);
	ck_assert_str_eq(digest(), "a.c: 1=18446744073709551615 2=18446744073709551615 "
				   "3=18446744073709551615");
	ck_assert_ptr_nonnull(strstr(warnings.s, "beyond 64 bits"));
	teardown();
}
END_TEST

START_TEST(versions_of_a_source_that_differ_are_named_with_both_origins)
{
	setup();
	take(lcov_read, "one.info", "SF:a.c\nDA:1,1,aaa\nDA:2,1,bbb\nend_of_record\n");
	take(lcov_read, "two.info", "SF:a.c\nDA:1,1,aaa\nDA:2,1,ccc\nDA:1,1,ddd\nend_of_record\n");
	ck_assert_str_eq(digest(), "a.c: 1=3 2=2");
	ck_assert_msg(strstr(warnings.s, "one.info and in two.info"), "%s", warnings.s);
	ck_assert_msg(strchr(warnings.s, '\n') == warnings.s + warnings.len - 1, "%s", warnings.s);
	take(lcov_read, "three.info", "SF:b.c\nVER:1\nDA:1,1\nend_of_record\n");
	take(lcov_read, "four.info", "SF:b.c\nVER:2\nDA:1,1\nend_of_record\n");
	ck_assert_msg(strstr(warnings.s, "three.info and four.info are of different versions"),
		      "%s", warnings.s);
	teardown();
}
END_TEST

START_TEST(functions_on_other_lines_are_named_with_both_origins)
{
	setup();
	take(lcov_read, "one.info", "SF:a.c\nFN:1,f\nend_of_record\n");
	take(lcov_read, "two.info", "SF:a.c\nFN:2,f\nend_of_record\n");
	ck_assert_msg(strstr(warnings.s, "line 1 in one.info and on line 2 in two.info"), "%s",
		      warnings.s);
	teardown();
}
END_TEST

START_TEST(named_branches_fold_by_their_name_in_whatever_order)
{
	setup();
	take(lcov_read, "one", "SF:a\nDA:1,1\nBRDA:1,0,yes,1\nBRDA:1,0,no,2\nend_of_record\n");
	take(lcov_read, "two", "SF:a\nDA:1,1\nBRDA:1,0,no,20\nBRDA:1,0,yes,10\nend_of_record\n");
	const struct cov_line *l = cov_line_at(cov_find(&cov, "a", 1), 1);

	ck_assert_uint_eq(l->nbranches, 2);
	ck_assert(l->branches[0].taken + l->branches[1].taken == 33);
	ck_assert(l->branches[0].taken == 11 || l->branches[0].taken == 22);
	teardown();
}
END_TEST

START_TEST(throws_are_kept_when_told)
{
	setup();
	how.keeps_throws = true;
	take(lcov_read, "one", "SF:a\nDA:1,1\nBRDA:1,e0,0,1\nBRDA:1,0,1,2\nend_of_record\n");
	ck_assert_str_eq(digest(), "a: 1=1(1 2)");
	teardown();
}
END_TEST

START_TEST(far_lines_in_many_files_are_refused)
{
	struct buf text = BUF_INIT;

	setup();
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, "SF:f%d\nDA:16777215,1\nend_of_record\n", i);
	ck_assert_int_eq(take(lcov_read, "t.info", text.s), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	buf_release(&text);
	teardown();
}
END_TEST

static const char plain[] = "TN:\nSF:a.c\nFN:1,f\nFN:4,g\nFNDA:5,f\nFNDA:0,g\nFNF:2\nFNH:1\n"
			    "BRDA:2,0,0,5\nBRDA:2,0,1,0\nBRDA:4,0,0,-\nBRF:3\nBRH:1\n"
			    "DA:1,5\nDA:2,5\nDA:4,0\nLF:3\nLH:2\nend_of_record\n"
			    "TN:\nSF:b.c\nFNF:0\nFNH:0\nDA:1,1\nLF:1\nLH:1\nend_of_record\n";

START_TEST(what_is_written_is_what_was_read)
{
	setup();
	ck_assert_int_eq(take(lcov_read, "t.info", plain), 0);
	ck_assert_str_eq(give(lcov_write), plain);
	teardown();
}
END_TEST

START_TEST(line_breaks_in_names_stay_in_their_line)
{
	setup();
	struct cov_file *f = cov_file(&cov, "a\nDA:9,9", 8, COV_BLOCKS);

	cov_line(f, 1)->hits = 1;
	cov_function(&cov, f, "x\ny\r", 4, 1);
	ck_assert_ptr_nonnull(strstr(give(lcov_write), "SF:a\\x0ADA:9,9\nFN:1,x\\x0Ay\\x0D\n"));
	teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lcov");
	TCase *tc = tcase_create("lcov");

	tcase_add_loop_test(tc, every_dialect_is_read, 0, ARRAY_SIZE(dialects));
	tcase_add_loop_test(tc, a_damage_is_named_with_its_line_and_records_before_it_count, 0,
			    ARRAY_SIZE(damages));
	tcase_add_test(tc, a_NUL_is_refused);
	tcase_add_test(tc, counts_below_0_are_0_and_said_once_for_an_input);
	tcase_add_test(tc, sums_stop_at_the_largest_number);
	tcase_add_test(tc, versions_of_a_source_that_differ_are_named_with_both_origins);
	tcase_add_test(tc, functions_on_other_lines_are_named_with_both_origins);
	tcase_add_test(tc, named_branches_fold_by_their_name_in_whatever_order);
	tcase_add_test(tc, throws_are_kept_when_told);
	tcase_add_test(tc, far_lines_in_many_files_are_refused);
	tcase_add_test(tc, what_is_written_is_what_was_read);
	tcase_add_test(tc, line_breaks_in_names_stay_in_their_line);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
