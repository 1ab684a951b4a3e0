/* SPDX-License-Identifier: MIT */
#include "format/unidiff.h"

#include "base/buf.h"
#include "base/err.h"
#include "unit/unit.h"

static struct buf told = BUF_INIT;
static struct err e;

static void on_file(void *ctx, const char *path, size_t len)
{
	(void)ctx;
	ck_assert_uint_eq(strlen(path), len);
	buf_addf(&told, "[%s]", path);
}

static void on_lines(void *ctx, uint32_t first, uint32_t last)
{
	(void)ctx;
	buf_addf(&told, " %u-%u", first, last);
}

static int take(const char *text)
{
	const struct unidiff_hooks hooks = { .file = on_file, .lines = on_lines };

	buf_clear(&told);
	e = (struct err){ 0 };
	return unidiff_read("d", text, strlen(text), &hooks, &e);
}

static const struct {
	const char *text, *want;
} good[] = {
	{ "", "" },
	{ "diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -2 +2,2 @@ f\n-a\n+b\n+c\n"
	  "@@ -9,2 +10,0 @@\n-a\n-b\n@@ -20,0 +20 @@\n+z\n\\ No newline at end of file\n",
	  "[x] 2-3 20-20" },
	/* lines that look like heads */
	{ "--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n--- q\n-@@ r\n+++ s\n+@@ -1 +1 @@\n+diff --git\n",
	  "[x] 1-3" },
	{ "--- a/x y\t\n+++ b/x y\t\n@@ -0,0 +1 @@\n+a\n", "[x y] 1-1" },
	{ "--- /dev/null\n+++ \"b/a\\tb\\\"\\303\\244\\\\\"\n@@ -0,0 +1 @@\n+a\n",
	  "[a\tb\"\xc3\xa4\\] 1-1" },
	{ "--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "" },
	{ "--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n one\n-two\n+zwei\n three\n\n-five\n+fuenf\n",
	  "[x] 2-2 5-5" },
	/* a change of mode and a binary have no lines */
	{ "diff --git a/x b/x\nold mode 1\nnew mode 2\ndiff --git a/y b/y\nBinary files a/y and "
	  "b/y "
	  "differ\n",
	  "" },
	/* what has no name of its own is nobody's */
	{ "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/y b/y\n@@ -1 +1 @@\n-a\n+b\n",
	  "[x] 1-1" },
};

START_TEST(changed_lines_are_told)
{
	ck_assert_int_eq(take(good[_i].text), 0);
	ck_assert_str_eq(told.s, good[_i].want);
	buf_release(&told);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
} bad[] = {
	{ "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n", 5 },
	{ "--- a/x\n+++ b/x\n@@ -1 +1 @@\nword\n", 4 },
	{ "--- a/x\n+++ b/x\n@@ -1 +1 @@\n+a\n+b\n", 5 },
	{ "--- a/x\n+++ b/x\n@@ -1 1 @@\n", 3 },
	{ "--- a/x\n+++ b/x\n@@ -1 +99999999999 @@\n+a\n", 3 },
	{ "--- a/x\n+++ b/x\n@@ -1 +0,1 @@\n+a\n", 3 },
	{ "--- a/x\n+++ \"b/x\n", 2 },
	{ "--- a/x\n+++ \"b/x\\q\"\n", 2 },
	{ "--- a/x\n+++ \"b/x\\000\"\n", 2 },
	{ "--- a/x\n+++ \n", 2 },
};

START_TEST(what_is_no_diff_is_refused_with_its_line)
{
	ck_assert_int_eq(take(bad[_i].text), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_uint_eq(e.line, bad[_i].line);
	buf_release(&told);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("unidiff");
	TCase *tc = tcase_create("unidiff");

	tcase_add_loop_test(tc, changed_lines_are_told, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tc, what_is_no_diff_is_refused_with_its_line, 0, ARRAY_SIZE(bad));
	suite_add_tcase(s, tc);
	return unit_main(s);
}
