/* SPDX-License-Identifier: MIT
 *
 * base/: buf, arena, map, err, utf8.
 */
#include "unit/unit.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/utf8.h"

START_TEST(an_empty_buf_is_an_empty_string)
{
	struct buf b = BUF_INIT;

	ck_assert_str_eq(b.s, "");
	buf_add(&b, "", 0);
	ck_assert_uint_eq(b.cap, 0);
	char *s = buf_detach(&b);

	ck_assert_str_eq(s, "");
	free(s);
	buf_release(&b);
}
END_TEST

START_TEST(a_buf_keeps_nuls_and_grows)
{
	struct buf b = BUF_INIT;

	buf_add(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 3);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	ck_assert_uint_eq(b.len, 3 + 10 * 2 + 90 * 3 + 900 * 4);
	ck_assert_int_eq(b.s[1], '\0');
	buf_truncate(&b, 1);
	ck_assert_str_eq(b.s, "a");
	buf_release(&b);
}
END_TEST

START_TEST(a_formatted_text_longer_than_the_buf_fits)
{
	struct buf b = BUF_INIT;
	char *big = xcalloc(5001, 1);

	memset(big, 'x', 5000);
	buf_addf(&b, "<%s>", big);
	ck_assert_uint_eq(b.len, 5002);
	ck_assert_int_eq(b.s[5001], '>');
	free(big);
	buf_release(&b);
}
END_TEST

START_TEST(an_arena_gives_zeroed_aligned_memory_of_any_size)
{
	struct arena a = { 0 };

	for (size_t i = 1; i < 300; i++) {
		char *p = arena_alloc(&a, i, 977);

		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		ck_assert(p[0] == 0 && memcmp(p, p + 1, i * 977 - 1) == 0);
		memset(p, 0xff, i * 977);
	}
	ck_assert_ptr_null(arena_strdup(&a, NULL));
	ck_assert_str_eq(arena_strdup(&a, "x"), "x");
	arena_release(&a);
	ck_assert_ptr_null(a.head);
}
END_TEST

START_TEST(a_map_finds_what_was_put)
{
	struct map m = { 0 };
	char(*keys)[24] = xcalloc(10000, sizeof *keys);
	size_t value = 7;

	ck_assert(!map_get(&m, "a", 1, &value));
	for (size_t i = 0; i < 10000; i++) {
		int n = snprintf(keys[i], sizeof keys[i], "key %zu", i);

		ck_assert(map_put(&m, keys[i], (size_t)n, i));
		ck_assert(!map_put(&m, keys[i], (size_t)n, i + 1));
	}
	for (size_t i = 0; i < 10000; i++) {
		ck_assert(map_get(&m, keys[i], strlen(keys[i]), &value));
		ck_assert_uint_eq(value, i);
	}
	map_set(&m, keys[5], strlen(keys[5]), 99);
	ck_assert(map_get(&m, keys[5], strlen(keys[5]), &value));
	ck_assert_uint_eq(value, 99);
	ck_assert(!map_get(&m, "key 10000", 9, &value));
	map_release(&m);
	free(keys);
}
END_TEST

START_TEST(an_error_names_path_line_and_cause)
{
	struct err e = { 0 };
	struct buf text = BUF_INIT;

	ck_assert_int_eq(err_set(&e, ERR_SYNTAX, "a.ini", 3, "unknown key '%s'", "x"), -1);
	err_format(&e, &text);
	ck_assert_str_eq(text.s, "a.ini:3: unknown key 'x'");
	errno = ENOENT;
	ck_assert_int_eq(err_sys(&e, NULL, "cannot open '%s'", "f"), -1);
	buf_clear(&text);
	err_format(&e, &text);
	ck_assert_str_eq(text.s, "cannot open 'f': No such file or directory");
	ck_assert_int_eq(err_exit_code(e.code), 3);
	ck_assert_int_eq(err_exit_code(ERR_USAGE), 4);
	buf_release(&text);
}
END_TEST

START_TEST(a_message_too_long_ends_visibly)
{
	struct err e = { 0 };
	char *big = xcalloc(9001, 1);

	memset(big, 'y', 9000);
	err_set(&e, ERR_USAGE, big, 0, "%s", big);
	ck_assert_uint_eq(strlen(e.msg), ERR_MSG_MAX - 1);
	ck_assert_str_eq(e.msg + ERR_MSG_MAX - 4, "...");
	ck_assert_str_eq(e.path + ERR_PATH_MAX - 4, "...");
	free(big);
}
END_TEST

static const struct {
	const char *bytes;
	int32_t code_point;
	size_t len;
} utf8_rows[] = {
	{ "a", 'a', 1 },
	{ "\xc3\xa9", 0xe9, 2 },
	{ "\xe2\x82\xac", 0x20ac, 3 },
	{ "\xf0\x9f\x98\x80", 0x1f600, 4 },
	{ "\xc0\xaf", -1, 1 },         /* overlong */
	{ "\xed\xa0\x80", -1, 1 },     /* surrogate */
	{ "\xf4\x90\x80\x80", -1, 1 }, /* past the end */
	{ "\xff", -1, 1 },
	{ "\xe2\x82", -1, 1 }, /* cut */
	{ "\x80", -1, 1 },
};

START_TEST(utf8_is_read_strictly)
{
	size_t n = 0;

	ck_assert_int_eq(utf8_next(utf8_rows[_i].bytes, strlen(utf8_rows[_i].bytes), &n),
			 utf8_rows[_i].code_point);
	ck_assert_uint_eq(n, utf8_rows[_i].len);
	if (utf8_rows[_i].code_point >= 0) {
		struct buf b = BUF_INIT;

		utf8_add(&b, (uint32_t)utf8_rows[_i].code_point);
		ck_assert_str_eq(b.s, utf8_rows[_i].bytes);
		buf_release(&b);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_test(tc, an_empty_buf_is_an_empty_string);
	tcase_add_test(tc, a_buf_keeps_nuls_and_grows);
	tcase_add_test(tc, a_formatted_text_longer_than_the_buf_fits);
	tcase_add_test(tc, an_arena_gives_zeroed_aligned_memory_of_any_size);
	tcase_add_test(tc, a_map_finds_what_was_put);
	tcase_add_test(tc, an_error_names_path_line_and_cause);
	tcase_add_test(tc, a_message_too_long_ends_visibly);
	tcase_add_loop_test(tc, utf8_is_read_strictly, 0, ARRAY_SIZE(utf8_rows));
	suite_add_tcase(s, tc);
	return unit_main(s);
}
