/* SPDX-License-Identifier: MIT */
#include "format/cobertura.h"

#include "unit/covfmt.h"

#define HEAD                                                                                       \
	"<?xml version=\"1.0\" ?>\n<!DOCTYPE coverage SYSTEM "                                     \
	"\"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n<coverage line-rate=\"1\">\n"
#define CLASS "<packages><package name=\"p\"><classes><class name=\"a\" filename=\"a.c\">"
#define END   "</class></classes></package></packages></coverage>\n"

static const struct {
	const char *name, *text, *want;
} dialects[] = {
	{ "lines",
	  HEAD CLASS "<methods/><lines><line number=\"1\" hits=\"5\"/>"
		     "<line number=\"3\" hits=\"0\" branch=\"false\"/></lines>" END,
	  "a.c: 1=5 3=0" },
	{ "branches that are only counted",
	  HEAD CLASS "<methods/><lines><line number=\"1\" hits=\"5\" branch=\"true\" "
		     "condition-coverage=\"33% (1/3)\"/></lines>" END,
	  "a.c: 1=5(1 0 0)" },
	{ "Cobertura's own conditions, two ways each",
	  HEAD CLASS "<methods/><lines><line number=\"1\" hits=\"5\" branch=\"true\" "
		     "condition-coverage=\"75% (3/4)\"><conditions>"
		     "<condition number=\"0\" type=\"jump\" coverage=\"50%\"/>"
		     "<condition number=\"1\" type=\"jump\" coverage=\"100%\"/>"
		     "</conditions></line></lines>" END,
	  "a.c: 1=5(1 0 1 1)" },
	{ "a condition for each branch",
	  HEAD CLASS "<methods/><lines><line number=\"1\" hits=\"5\" branch=\"true\" "
		     "condition-coverage=\"50% (1/2)\"><conditions>"
		     "<condition number=\"0\" type=\"jump\" coverage=\"0%\"/>"
		     "<condition number=\"1\" type=\"jump\" coverage=\"100%\"/>"
		     "</conditions></line></lines>" END,
	  "a.c: 1=5(0 1)" },
	{ "conditions that say something else",
	  HEAD CLASS "<methods/><lines><line number=\"1\" hits=\"5\" branch=\"true\" "
		     "condition-coverage=\"50% (2/4)\"><conditions>"
		     "<condition number=\"0\" type=\"jump\" coverage=\"50%\"/>"
		     "</conditions></line></lines>" END,
	  "a.c: 1=5(1 1 0 0)" },
	{ "a branch without figures",
	  HEAD CLASS "<methods/><lines><line number=\"1\" hits=\"5\" branch=\"true\"/></lines>" END,
	  "a.c: 1=5" },
	{ "methods, whose lines stand twice",
	  HEAD CLASS
	  "<methods><method name=\"f\" signature=\"()\"><lines>"
	  "<line number=\"2\" hits=\"7\"/><line number=\"1\" hits=\"5\"/></lines></method>"
	  "<method name=\"f\" signature=\"(I)V\"><lines><line number=\"4\" hits=\"0\"/>"
	  "</lines></method></methods><lines><line number=\"1\" hits=\"5\"/>"
	  "<line number=\"2\" hits=\"7\"/><line number=\"4\" hits=\"0\"/></lines>" END,
	  "a.c: 1=5 2=7 4=0 f@1-0=5 f(I)V@4-0=0" },
	{ "methods, whose lines stand only there",
	  HEAD CLASS "<methods><method name=\"f\" signature=\"()\"><lines>"
		     "<line number=\"2\" hits=\"7\"/></lines></method></methods><lines/>" END,
	  "a.c: 2=7 f@2-0=7" },
	{ "classes of one file",
	  HEAD "<packages><package><classes>"
	       "<class filename=\"a.c\"><lines><line number=\"1\" hits=\"1\"/></lines></class>"
	       "<class filename=\"a.c\"><lines><line number=\"2\" hits=\"2\"/></lines></class>"
	       "</classes></package></packages></coverage>",
	  "a.c: 1=1 2=2" },
	{ "no packages at all", HEAD "<packages/></coverage>", "" },
	{ "hits with a fraction, below 0",
	  HEAD CLASS
	  "<lines><line number=\"1\" hits=\"1.0\"/><line number=\"2\" hits=\"-1\"/></lines>" END,
	  "a.c: 1=1 2=0" },
};

START_TEST(every_dialect_is_read)
{
	setup();
	ck_assert_msg(take(cobertura_read, "c.xml", dialects[_i].text) == 0, "%s: %u: %s",
		      dialects[_i].name, e.line, e.msg);
	ck_assert_str_eq(digest(), dialects[_i].want);
	teardown();
}
END_TEST

static const struct {
	const char *text;
	enum err_code code;
	const char *msg;
} damages[] = {
	{ "", ERR_SYNTAX, "" },
	{ "<html/>", ERR_UNSUPPORTED, "<html>" },
	{ "<coverage generated=\"1\" clover=\"3\"><project/></coverage>", ERR_UNSUPPORTED,
	  "without <packages>" },
	{ HEAD CLASS "<lines><line number=\"1\" hits=\"1\"/>", ERR_SYNTAX, "" },
	{ HEAD CLASS "<lines><line hits=\"1\"/></lines>" END, ERR_SYNTAX, "without a number" },
	{ HEAD CLASS "<lines><line number=\"x\" hits=\"1\"/></lines>" END, ERR_SYNTAX,
	  "without a number" },
	{ HEAD CLASS "<lines><line number=\"1\"/></lines>" END, ERR_SYNTAX, "without hits" },
	{ HEAD CLASS "<lines><line number=\"16777216\" hits=\"1\"/></lines>" END, ERR_LIMIT,
	  "limit of 16777215" },
	{ HEAD CLASS
	  "<lines><line number=\"1\" hits=\"1\" condition-coverage=\"1% (1/99999)\"/></lines>" END,
	  ERR_LIMIT, "too many conditions" },
	{ HEAD "<packages><package><classes><class/></classes></package></packages></coverage>",
	  ERR_SYNTAX, "without a filename" },
	{ "<!DOCTYPE coverage [<!ENTITY a \"b\">]><coverage>&a;</coverage>", ERR_NONE, "" },
	{ "<!DOCTYPE coverage [<!ENTITY a SYSTEM "
	  "\"file:///etc/passwd\">]><coverage><sources><source>&a;"
	  "</source></sources><packages/></coverage>",
	  ERR_NONE, "" },
};

START_TEST(a_damage_is_named)
{
	setup();
	int got = take(cobertura_read, "c.xml", damages[_i].text);

	if (damages[_i].code == ERR_NONE) { /* mended or refused, never followed */
		ck_assert(cov.nfiles == 0);
		teardown();
		return;
	}
	ck_assert_int_eq(got, -1);
	ck_assert_int_eq(e.code, damages[_i].code);
	ck_assert_str_eq(e.path, "c.xml");
	ck_assert_msg(strstr(e.msg, damages[_i].msg), "'%s' lacks '%s'", e.msg, damages[_i].msg);
	teardown();
}
END_TEST

static char told[200];

static const char *tell(void *ctx, const char *cwd, const char *name)
{
	(void)ctx;
	snprintf(told, sizeof told, "%s|%s", cwd ? cwd : "-", name);
	return told;
}

START_TEST(names_are_relative_to_the_source_that_has_them)
{
	setup();
	how.map_path = tell;
	take(cobertura_read, "c.xml",
	     "<coverage><sources><source> /no/such "
	     "</source><source>/etc</source></sources><packages>"
	     "<package><classes><class filename=\"passwd\"/><class filename=\"x.c\"/>"
	     "<class filename=\"/y.c\"/></classes></package></packages></coverage>");
	ck_assert_str_eq(digest(), "-|/y.c:; /etc|passwd:; /no/such|x.c:");
	teardown();
}
END_TEST

static const char whole[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE coverage SYSTEM "
	"\"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n"
	"<coverage line-rate=\"0.6667\" branch-rate=\"0.5000\" lines-covered=\"2\" "
	"lines-valid=\"3\" "
	"branches-covered=\"1\" branches-valid=\"2\" complexity=\"0\" version=\"gangway 1\" "
	"timestamp=\"7\">\n<sources>\n<source>/r</source>\n</sources>\n<packages>\n"
	"<package name=\".\" line-rate=\"0\" branch-rate=\"1\" complexity=\"0\">\n<classes>\n"
	"<class name=\"z.c\" filename=\"z.c\" line-rate=\"0\" branch-rate=\"1\" complexity=\"0\">\n"
	"<methods/>\n<lines>\n<line number=\"1\" "
	"hits=\"0\"/>\n</lines>\n</class>\n</classes>\n</package>\n"
	"<package name=\"a\" line-rate=\"1\" branch-rate=\"0.5000\" complexity=\"0\">\n<classes>\n"
	"<class name=\"&lt;x&gt;.c\" filename=\"a/&lt;x&gt;.c\" line-rate=\"1\" "
	"branch-rate=\"0.5000\" "
	"complexity=\"0\">\n<methods/>\n<lines>\n<line number=\"2\" hits=\"3\" branch=\"true\" "
	"condition-coverage=\"50% (1/2)\"/>\n</lines>\n</class>\n</classes>\n</package>\n"
	"<package name=\"a.b\" line-rate=\"1\" branch-rate=\"1\" complexity=\"0\">\n<classes>\n"
	"<class name=\"c.c\" filename=\"a/b/c.c\" line-rate=\"1\" branch-rate=\"1\" "
	"complexity=\"0\">\n"
	"<methods/>\n<lines>\n<line number=\"1\" "
	"hits=\"1\"/>\n</lines>\n</class>\n</classes>\n</package>\n"
	"</packages>\n</coverage>\n";

START_TEST(the_form_is_compact_and_reads_back)
{
	setup();
	cov_line(cov_file(&cov, "z.c", 3, COV_BLOCKS), 1);
	cov_line(cov_file(&cov, "a/b/c.c", 7, COV_BLOCKS), 1)->hits = 1;
	struct cov_file *f = cov_file(&cov, "a/<x>.c", 7, COV_BLOCKS);

	cov_line(f, 2)->hits = 3;
	cov_branch(cov_line(f, 2), 0, 0)->taken = 1;
	cov_branch(cov_line(f, 2), 0, 1);
	ck_assert_str_eq(give(cobertura_write), whole);
	cov_release(&cov);
	cov.on_warning = on_warning;
	ck_assert_int_eq(take(cobertura_read, "c.xml", whole), 0);
	ck_assert_str_eq(give(cobertura_write), whole);
	ck_assert_str_eq(warnings.s, "");
	teardown();
}
END_TEST

START_TEST(a_rate_is_0_or_1_only_where_it_is)
{
	setup();
	struct cov_file *f = cov_file(&cov, "a", 1, COV_BLOCKS);

	for (uint32_t n = 1; n <= 100000; n++)
		cov_line(f, n)->hits = n > 1;
	ck_assert_ptr_nonnull(strstr(give(cobertura_write), "<coverage line-rate=\"0.9999\""));
	for (uint32_t n = 1; n <= 100000; n++)
		cov_line(f, n)->hits = n == 1;
	ck_assert_ptr_nonnull(strstr(give(cobertura_write), "<coverage line-rate=\"0.0001\""));
	teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cobertura");
	TCase *tc = tcase_create("cobertura");

	tcase_add_loop_test(tc, every_dialect_is_read, 0, ARRAY_SIZE(dialects));
	tcase_add_loop_test(tc, a_damage_is_named, 0, ARRAY_SIZE(damages));
	tcase_add_test(tc, names_are_relative_to_the_source_that_has_them);
	tcase_add_test(tc, the_form_is_compact_and_reads_back);
	tcase_add_test(tc, a_rate_is_0_or_1_only_where_it_is);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
