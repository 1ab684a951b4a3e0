/* SPDX-License-Identifier: MIT */
#include "format/covhtml.h"

#include "base/quote.h"
#include "format/cov_write.h"
#include "model/cov_contexts.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/covfmt.h"

static struct covhtml *pages;
static struct cov_write_options options = { .version = "1",
					    .rootdir = "/r/calc",
					    .timestamp_s = 7 };
static bool has_branches;
static struct covhtml_source source;

static void begin(void)
{
	setup();
	has_branches = true;
	source = (struct covhtml_source){ 0 };
}

static void end(void)
{
	covhtml_free(pages);
	pages = NULL;
	teardown();
}

/* The first page, or that of the i-th file. */
enum { INDEX = -1 };
static const char *page(int i)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	cov_sort(&cov);
	covhtml_free(pages);
	pages = covhtml_new(&cov, &options, has_branches);
	ck_assert_int_eq(i < 0 ? covhtml_write_index(pages, out)
			       : covhtml_write_page(pages, (size_t)i, &source, out),
			 0);
	fclose(out);
	buf_clear(&written);
	buf_add(&written, text, len);
	free(text);
	return written.s;
}

static void show(const char *text)
{
	source.text = text;
	source.len = strlen(text);
}

static void has(const char *text)
{
	if (!strstr(written.s, text))
		ck_abort_msg("'%s' is not in\n%s", text, written.s);
}

static void lacks(const char *text)
{
	if (strstr(written.s, text))
		ck_abort_msg("'%s' is in\n%s", text, written.s);
}

static struct cov_file *file(const char *path)
{
	return cov_file(&cov, path, strlen(path), COV_BLOCKS);
}

static void add_line(struct cov_file *f, uint32_t number, uint64_t hits)
{
	cov_line(f, number)->hits = hits;
}

static void add_branches(struct cov_file *f, uint32_t number, const uint64_t *taken, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		cov_branch(cov_line(f, number), 0, i)->taken = taken[i];
}

/* --- as a whole: read the diff when it changes ------------------------------------------------- */

static void fill(void)
{
	struct cov_file *f = file("src/calc.c");
	const uint64_t both[] = { 3, 4 }, one[] = { 0, 7 }, none[] = { 0, 0 };
	const uint64_t many[] = { 1, 0, 1, 0, 1, 1, 1, 1, 1 };

	cov_function(&cov, f, "calc", 4, 3)->hits = 7;
	cov_function(&cov, f, "_Z5neverIiEvv", 13, 12)->hits = 0;
	add_line(f, 3, 7);
	add_line(f, 5, 7);
	add_branches(f, 5, both, 2);
	add_line(f, 6, 1234567);
	add_branches(f, 6, one, 2);
	cov_line(f, 6)->has_idle_block = true;
	add_line(f, 7, 7);
	add_branches(f, 7, many, ARRAY_SIZE(many));
	add_line(f, 12, 0);
	add_branches(f, 12, none, 2);
	show("/* <calc> & \"more\" */\n\nint calc(int n)\n{\n\tif (n > 'a')\r\n\t\tn++;\n\tswitch "
	     "(n)\n\t"
	     "{\n\t}\n}\n\nint never() { return 1 ? 2 : 3; }");
	add_line(file("src/deep/down/one.c"), 1, 0);
	add_line(file("src/deep/down/two.c"), 1, 5);
	add_line(file("main.c"), 1, 1);
	file("src/empty.h");
}

static void is_golden(const char *path)
{
	struct buf want = BUF_INIT;

	if (getenv("UPDATE_GOLDEN"))
		ck_assert_int_eq(outfile_write(path, written.s, written.len, &e), 0);
	ck_assert_int_eq(fs_read(path, 1 << 20, &want, &e), 0);
	ck_assert_str_eq(written.s, want.s);
	buf_release(&want);
}

START_TEST(the_first_page_is_the_golden_one)
{
	fill();
	page(INDEX);
	is_golden("tests/fixtures/covhtml/index.html");
	page(INDEX);
	is_golden("tests/fixtures/covhtml/index.html");
}
END_TEST

START_TEST(the_page_of_a_source_is_the_golden_one)
{
	fill();
	page(1);
	is_golden("tests/fixtures/covhtml/calc.html");
}
END_TEST

START_TEST(a_line_leads_to_the_tests_that_ran_it)
{
	fill();
	struct cov_file *f = file("src/calc.c");
	uint32_t both[] = { cov_context(&cov, "a::<x>", 6), cov_context(&cov, "b", 1) };
	uint32_t many[30];
	uint32_t line = cov_next(f, 1);

	for (uint32_t i = 0; i < ARRAY_SIZE(many); i++) {
		char name[16];
		int len = snprintf(name, sizeof name, "many%u", i);

		many[i] = cov_context(&cov, name, (size_t)len);
	}
	cov_add_contexts(&cov, f, line, cov_set(&cov, both, 2));
	cov_add_contexts(&cov, f, cov_next(f, line + 1), cov_set(&cov, many, 30));
	page(1);
	ck_assert_ptr_nonnull(strstr(written.s, "<b><a href=#S1>"));
	ck_assert_ptr_nonnull(strstr(written.s, "<b><a href=#S2>"));
	ck_assert_ptr_null(strstr(written.s, "<a href=#S3>"));
	ck_assert_ptr_nonnull(
		strstr(written.s, "<li id=S1>2 tests\n<ul>\n<li>a::&lt;x&gt;\n<li>b\n</ul>"));
	ck_assert_ptr_nonnull(strstr(written.s, "<li id=S2>30 tests\n<ul>\n<li>many0\n"));
	ck_assert_ptr_nonnull(strstr(written.s, "<li>many19\n<li>and 10 more: "));
}
END_TEST

/* --- names ------------------------------------------------------------------------------------ */

START_TEST(a_page_keeps_its_name_whatever_else_is_there)
{
	add_line(file("b.c"), 1, 1);
	page(0);
	char *first = strdup(covhtml_name(pages, 0));

	add_line(file("a.c"), 1, 1);
	page(0);
	ck_assert_str_eq(covhtml_name(pages, 1), first);
	ck_assert_str_ne(covhtml_name(pages, 0), first);
	ck_assert(covhtml_is_name(first));
	free(first);
}
END_TEST

static const struct {
	const char *name;
	bool is;
} file_names[] = {
	{ "index.html", true },
	{ "style.css", true },
	{ "report.js", true },
	{ "0123456789abcdef.html", true },
	{ "0123456789abcde.html", false },
	{ "0123456789abcdef0.html", false },
	{ "0123456789ABCDEF.html", false },
	{ "0123456789abcdef.html~", false },
	{ "notes.html", false },
	{ ".", false },
};
START_TEST(its_files_are_known_by_name)
{
	ck_assert_int_eq(covhtml_is_name(file_names[_i].name), file_names[_i].is);
}
END_TEST

START_TEST(the_style_and_the_script_are_there_and_fetch_nothing)
{
	ck_assert_ptr_nonnull(strstr(covhtml_css, "prefers-color-scheme"));
	ck_assert_ptr_nonnull(strstr(covhtml_js, "addEventListener"));
	ck_assert_ptr_null(strstr(covhtml_css, "url("));
	ck_assert_ptr_null(strstr(covhtml_css, "@import"));
	ck_assert_ptr_null(strstr(covhtml_js, "http"));
	ck_assert_ptr_null(strstr(covhtml_js, "innerHTML"));
}
END_TEST

/* --- what comes from outside ------------------------------------------------------------------ */

static const struct {
	const char *text, *want;
} quoted[] = {
	{ "plain text, 1-2 (3) {4}\t;", "plain text, 1-2 (3) {4}\t;" },
	{ "<a href=\"x\" b='y'>&amp;", "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;" },
	{ "caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac" },
	{ "caf\xe9", "caf\xef\xbf\xbd" },
	{ "\x1b[1m\r\n\x7f", "\\x1B[1m\\x0D\\x0A\\x7F" },
	{ "a\xe2\x80\xae"
	  "b\xe2\x81\xa6"
	  "c",
	  "a\\u202Eb\\u2066c" },
	{ "\xc2\x85\xe2\x80\xa8", "\\u0085\\u2028" },
};
START_TEST(text_is_quoted_and_what_is_unseen_becomes_visible)
{
	struct buf out = BUF_INIT;

	quote_html(&out, quoted[_i].text, strlen(quoted[_i].text));
	ck_assert_str_eq(out.s, quoted[_i].want);
	buf_release(&out);
}
END_TEST

START_TEST(names_that_would_be_markup_are_text)
{
	struct cov_file *f = file("a\"><script>alert(1)</script>/b'\n<svg onload=x>.c");

	add_line(f, 1, 1);
	cov_function(&cov, f, "<img src=x>", 11, 1)->hits = 1;
	options.rootdir = "/r/<b>";
	page(INDEX);
	lacks("<script>");
	lacks("<svg");
	lacks("<b>");
	has("&lt;svg onload=x&gt;");
	show("</li></ol><script>alert(1)</script>");
	page(0);
	lacks("<script>");
	lacks("<svg");
	lacks("<img");
	has("&lt;img src=x&gt;</a>");
	has("&lt;/li&gt;&lt;/ol&gt;&lt;script&gt;");
	options.rootdir = "/r/calc";
}
END_TEST

/* --- sources of every kind -------------------------------------------------------------------- */

START_TEST(a_source_that_cannot_be_read_is_told_by_number)
{
	add_line(file("a.c"), 7, 3);
	page(0);
	has("class=note>The source is not shown");
	has("<li id=L7 class=h><a href=#L7>7</a><b>3</b>\n</ol>");
	lacks("id=L1>");
}
END_TEST

START_TEST(a_source_that_is_too_short_says_so_and_loses_no_count)
{
	add_line(file("a.c"), 2, 3);
	add_line(file("a.c"), 9, 4);
	show("one\ntwo\n");
	page(0);
	has("it has 2 lines, and counted were lines up to 9.");
	has(">2</a><b>3</b>two\n");
	has("<li id=L9 class=h><a href=#L9>9</a><b>4</b>\n");
}
END_TEST

START_TEST(a_source_that_is_newer_says_so)
{
	add_line(file("a.c"), 1, 3);
	show("one\n");
	page(0);
	lacks("class=note");
	source.is_newer = true;
	page(0);
	has("class=note>The source was changed");
}
END_TEST

START_TEST(any_bytes_are_a_source)
{
	static const char bytes[] = "\xef\xbb\xbfint\0x;\r\n\xff\xfe\r\r\nlast";

	add_line(file("a.c"), 3, 3);
	source = (struct covhtml_source){ .text = bytes, .len = sizeof bytes - 1 };
	page(0);
	has(">1</a>int\\x00x;\n");
	has(">2</a>\xef\xbf\xbd\xef\xbf\xbd\\x0D\n");
	has("<b>3</b>last\n</ol>");
	source = (struct covhtml_source){ .text = "", .len = 0 };
	page(0);
	has("it has 0 lines");
}
END_TEST

START_TEST(a_line_of_a_megabyte_is_cut_between_characters)
{
	struct buf line = BUF_INIT;

	for (int i = 0; i < 1 << 18; i++)
		buf_addstr(&line, "\xf0\x9f\x98\x80");
	buf_addstr(&line, "\nnext\n");
	add_line(file("a.c"), 2, 1);
	show(line.s);
	page(0);
	has("<em>1040576 more bytes</em>\n");
	has("<b>1</b>next\n");
	lacks("\xef\xbf\xbd");
	ck_assert_uint_lt(written.len, 12000);
	buf_release(&line);
}
END_TEST

START_TEST(a_line_takes_few_bytes)
{
	struct buf text = BUF_INIT;
	struct cov_file *f = file("a.c");
	const uint64_t taken[] = { 3, 0 };

	for (uint32_t i = 1; i <= 10000; i++) {
		buf_addstr(&text, "\tif (number > 5 && is_right(number)) /* why */\n");
		add_line(f, i, 12345);
		add_branches(f, i, taken, 2);
	}
	show(text.s);
	page(0);
	ck_assert_uint_lt(written.len, 10000 * 150);
	buf_release(&text);
}
END_TEST

START_TEST(counts_of_every_size_fit_their_column)
{
	static const struct {
		uint64_t hits;
		const char *want;
	} rows[] = {
		{ 0, "<b>0</b>" },
		{ 999999, "<b>999999</b>" },
		{ 1000000, "<b title=1000000>1.0M</b>" },
		{ 999999999, "<b title=999999999>999.9M</b>" },
		{ 1000000000, "<b title=1000000000>1.0G</b>" },
		{ UINT64_MAX, "<b title=18446744073709551615>18.4E</b>" },
	};
	for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_line(file("a.c"), i + 1, rows[i].hits);
	page(0);
	for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++)
		has(rows[i].want);
}
END_TEST

START_TEST(without_branches_nothing_is_told_of_them)
{
	const uint64_t one[] = { 0, 7 };

	add_line(file("a.c"), 1, 7);
	add_branches(file("a.c"), 1, one, 2);
	has_branches = false;
	show("x\n");
	page(0);
	has("<li id=L1 class=h>");
	lacks("<i");
	lacks("Branches");
	page(INDEX);
	lacks("Branches");
}
END_TEST

/* --- folders ---------------------------------------------------------------------------------- */

static const struct {
	const char *paths[4];
	const char *want;
} trees[] = {
	{ { "a.c", "b.c" }, "0a.c 0b.c " },
	{ { "a/x.c", "a/y.c" }, "D0a/ 1x.c 1y.c " },
	{ { "a/b/c/x.c" }, "D0a/b/c/ 1x.c " },
	{ { "a/b/x.c", "a/b/y.c", "a/c/z.c" }, "D0a/ D1b/ 2x.c 2y.c D1c/ 2z.c " },
	{ { "a-b/x.c", "a/x.c", "a0/x.c" }, "D0a-b/ 1x.c D0a/ 1x.c D0a0/ 1x.c " },
	{ { "/usr/a.c", "/usr/b/c.c", "d.c" }, "D0/usr/ 1a.c D1b/ 2c.c 0d.c " },
	{ { "a/", "a/b", "a//c" }, "D0a/ 1(no name) D1/ 2c 1b " },
};
START_TEST(folders_come_before_what_is_in_them)
{
	struct buf got = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(trees[_i].paths) && trees[_i].paths[i]; i++)
		add_line(file(trees[_i].paths[i]), 1, 1);
	page(INDEX);
	for (const char *p = written.s; (p = strstr(p, "<tr class=\""));) {
		p += strlen("<tr class=\"");
		bool is_dir = strncmp(p, "dir ", 4) == 0;
		size_t depth = strtoul(p + (is_dir ? 5 : 1), NULL, 10);
		const char *name = strstr(p, "<th scope=row>") + strlen("<th scope=row>");

		if (!is_dir)
			name = strchr(name, '>') + 1;
		buf_addf(&got, "%s%zu%.*s ", is_dir ? "D" : "", depth, (int)strcspn(name, "<"),
			 name);
	}
	ck_assert_str_eq(got.s, trees[_i].want);
	buf_release(&got);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("covhtml");
	TCase *tc = tcase_create("covhtml");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, the_first_page_is_the_golden_one);
	tcase_add_test(tc, the_page_of_a_source_is_the_golden_one);
	tcase_add_test(tc, a_line_leads_to_the_tests_that_ran_it);
	tcase_add_test(tc, a_page_keeps_its_name_whatever_else_is_there);
	tcase_add_loop_test(tc, its_files_are_known_by_name, 0, ARRAY_SIZE(file_names));
	tcase_add_test(tc, the_style_and_the_script_are_there_and_fetch_nothing);
	tcase_add_loop_test(tc, text_is_quoted_and_what_is_unseen_becomes_visible, 0,
			    ARRAY_SIZE(quoted));
	tcase_add_test(tc, names_that_would_be_markup_are_text);
	tcase_add_test(tc, a_source_that_cannot_be_read_is_told_by_number);
	tcase_add_test(tc, a_source_that_is_too_short_says_so_and_loses_no_count);
	tcase_add_test(tc, a_source_that_is_newer_says_so);
	tcase_add_test(tc, any_bytes_are_a_source);
	tcase_add_test(tc, a_line_of_a_megabyte_is_cut_between_characters);
	tcase_add_test(tc, a_line_takes_few_bytes);
	tcase_add_test(tc, counts_of_every_size_fit_their_column);
	tcase_add_test(tc, without_branches_nothing_is_told_of_them);
	tcase_add_loop_test(tc, folders_come_before_what_is_in_them, 0, ARRAY_SIZE(trees));
	suite_add_tcase(s, tc);
	return unit_main(s);
}
