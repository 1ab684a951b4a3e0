/* SPDX-License-Identifier: MIT */
#include "format/tsv.h"

#include "base/err.h"
#include "unit/unit.h"

static struct tsv_reader r;
static struct err e;

static int open_text(const char *text, size_t len)
{
	e = (struct err){ 0 };
	return tsv_open_mem(&r, "f.tsv", text, len, "plan", 2, &e);
}

START_TEST(what_is_written_is_read)
{
	struct buf out = BUF_INIT;
	char every[256]; /* every byte but NUL */

	for (int i = 1; i < 256; i++)
		every[i - 1] = (char)i;
	every[255] = '\0';
	tsv_head(&out, "plan", 2);
	tsv_field(&out, "u");
	tsv_field(&out, "");
	tsv_field(&out, every);
	tsv_field_uint(&out, 0);
	tsv_field_uint(&out, TIME_UNKNOWN - 1);
	tsv_field_uint(&out, TIME_UNKNOWN);
	tsv_end(&out);
	ck_assert_int_eq(open_text(out.s, out.len), 0);
	ck_assert_int_eq(tsv_next(&r, &e), 1);
	ck_assert_int_eq(tsv_expect(&r, 6, &e), 0);
	ck_assert_str_eq(r.fields[0], "u");
	ck_assert_str_eq(r.fields[1], "");
	ck_assert_str_eq(r.fields[2], every);
	for (size_t i = 3; i < 6; i++) {
		static const uint64_t want[] = { 0, TIME_UNKNOWN - 1, TIME_UNKNOWN };
		uint64_t n = 1;

		ck_assert_int_eq(tsv_uint(&r, i, UINT64_MAX, &n, &e), 0);
		ck_assert(n == want[i - 3]);
	}
	ck_assert_int_eq(tsv_next(&r, &e), 0);
	tsv_close(&r);
	buf_release(&out);
}
END_TEST

START_TEST(a_record_stays_on_its_line_for_cut)
{
	struct buf out = BUF_INIT;

	tsv_field(&out, "t");
	tsv_field(&out, "a\tb\nc\\d\x7f");
	tsv_field(&out, "\xc3\xa9");
	tsv_end(&out);
	ck_assert_str_eq(out.s, "t\ta\\x09b\\x0Ac\\x5Cd\\x7F\t\xc3\xa9\n");
	buf_release(&out);
}
END_TEST

static const struct {
	const char *text;
	size_t len; /* 0: strlen */
	unsigned line;
	const char *msg;
} bad[] = {
	{ "", 0, 1, "empty file" },
	{ "\n", 0, 1, "must be 'plan 2'" },
	{ "plan\t2", 0, 1, "cut" },
	{ "tests\t2\n", 0, 1, "not a plan file" },
	{ "plan\t3\n", 0, 1, "version 3, this program reads 2" },
	{ "plan\tx\n", 0, 1, "must be 'plan 2'" },
	{ "plan\t2\t\n", 0, 1, "must be 'plan 2'" },
	{ "plan\t2\nu\tu1\nu", 0, 3, "cut" },
	{ "plan\t2\nu\ta\0b\n", 13, 2, "NUL" },
	{ "plan\t2\nu\ta\\x00b\n", 0, 2, "NUL byte in field 2" },
	{ "plan\t2\n\nu\ta\\x0\n", 0, 3, "bad escape in field 2" },
	{ "plan\t2\nu\ta\\n\n", 0, 2, "bad escape in field 2" },
	{ "plan\t2\n"
	  "1\t2\t3\t4\t5\t6\t7\t8\t9\t0\t1\t2\t3\t4\t5\t6\t7\t8\t9\t0\t1\t2\t3\t4\t5\t6\t7\t8\t9"
	  "\t0\t1\t2\t3\t4\t5\t6\t7\t8\t9\t0\t1\t2\t3\t4\t5\t6\t7\t8\t9\t0\t1\t2\t3\t4\t5\t6\t7"
	  "\t8\t9\t0\t1\t2\t3\t4\t5\n",
	  0, 2, "more than 64 fields" },
};

START_TEST(a_damaged_file_is_refused_with_its_line)
{
	size_t len = bad[_i].len ? bad[_i].len : strlen(bad[_i].text);
	int got = open_text(bad[_i].text, len);
	bool is_open = got == 0;

	while (is_open && (got = tsv_next(&r, &e)) > 0)
		;
	ck_assert_int_eq(got, -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, "f.tsv");
	ck_assert_uint_eq(e.line, bad[_i].line);
	ck_assert_msg(strstr(e.msg, bad[_i].msg), "'%s' lacks '%s'", e.msg, bad[_i].msg);
	if (is_open)
		tsv_close(&r);
}
END_TEST

static const struct {
	const char *field;
	uint64_t max;
	bool is_good;
} numbers[] = {
	{ "0", 0, true },
	{ "7", 7, true },
	{ "8", 7, false },
	{ "-", 7, false },
	{ "-", UINT64_MAX, true },
	{ "", UINT64_MAX, false },
	{ "-1", UINT64_MAX, false },
	{ "1 ", UINT64_MAX, false },
	{ "1e3", UINT64_MAX, false },
	{ "99999999999999999999", UINT64_MAX, false },
};

START_TEST(a_number_is_whole_and_in_its_bounds)
{
	struct buf text = BUF_INIT;
	uint64_t n = 42;

	buf_addf(&text, "plan\t2\nx\t%s\n", numbers[_i].field);
	ck_assert_int_eq(open_text(text.s, text.len), 0);
	ck_assert_int_eq(tsv_next(&r, &e), 1);
	ck_assert_int_eq(tsv_uint(&r, 1, numbers[_i].max, &n, &e), numbers[_i].is_good ? 0 : -1);
	if (!numbers[_i].is_good) {
		ck_assert(n == 42);
		ck_assert_uint_eq(e.line, 2);
	}
	tsv_close(&r);
	buf_release(&text);
}
END_TEST

START_TEST(a_missing_field_is_an_error_and_no_read_past_the_end)
{
	static const char text[] = "plan\t2\nx\n";
	uint64_t n = 0;

	ck_assert_int_eq(open_text(text, sizeof text - 1), 0);
	ck_assert_int_eq(tsv_next(&r, &e), 1);
	ck_assert_int_eq(tsv_uint(&r, 1, 9, &n, &e), -1);
	ck_assert_int_eq(tsv_expect(&r, 2, &e), -1);
	ck_assert_str_eq(e.msg, "1 fields where 2 belong");
	tsv_close(&r);
}
END_TEST

START_TEST(a_foreign_field_cannot_move_the_cursor_from_inside_a_message)
{
	static const char text[] = "plan\t2\nx\t\\x1B[2J\n";
	uint64_t n = 0;

	ck_assert_int_eq(open_text(text, sizeof text - 1), 0);
	ck_assert_int_eq(tsv_next(&r, &e), 1);
	ck_assert_int_eq(tsv_uint(&r, 1, 9, &n, &e), -1);
	ck_assert_ptr_null(strchr(e.msg, '\x1b'));
	tsv_close(&r);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	ck_assert_int_eq(tsv_open(&r, "/nonexistent/plan.tsv", "plan", 2, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(e.path, "/nonexistent/plan.tsv");
}
END_TEST

START_TEST(a_folder_is_no_file)
{
	ck_assert_int_eq(tsv_open(&r, "/", "plan", 2, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYSTEM);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tsv");
	TCase *t = tcase_create("tsv");

	suite_add_tcase(s, t);
	tcase_add_test(t, what_is_written_is_read);
	tcase_add_test(t, a_record_stays_on_its_line_for_cut);
	tcase_add_loop_test(t, a_damaged_file_is_refused_with_its_line, 0, ARRAY_SIZE(bad));
	tcase_add_loop_test(t, a_number_is_whole_and_in_its_bounds, 0, ARRAY_SIZE(numbers));
	tcase_add_test(t, a_missing_field_is_an_error_and_no_read_past_the_end);
	tcase_add_test(t, a_foreign_field_cannot_move_the_cursor_from_inside_a_message);
	tcase_add_test(t, a_missing_file_is_named);
	tcase_add_test(t, a_folder_is_no_file);
	return unit_main(s);
}
