/* SPDX-License-Identifier: MIT */
#include "format/gz.h"

#include "base/buf.h"
#include "base/err.h"
#include "unit/unit.h"

/* "hello, hello, hello" by gzip -n */
static const char hello[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xd7\x51"
			    "\xc8\x40\xa2\x00\x9f\xa1\xca\x09\x13\x00\x00\x00";
enum { HELLO_BYTES = sizeof hello - 1 };

static struct buf out = BUF_INIT;
static struct err e;

static int on_bytes(void *ctx, const char *s, size_t len, struct err *reterr)
{
	(void)ctx, (void)reterr;
	buf_add(&out, s, len);
	return 0;
}

static int inflate_in_steps(const char *s, size_t len, size_t step, uint64_t limit)
{
	static const struct gz_sink sink = { NULL, on_bytes };
	struct gz *g = gz_new("f.gz", &sink, limit);
	int status = 0;

	buf_clear(&out);
	e = (struct err){ 0 };
	for (size_t i = 0; status == 0 && i < len; i += step)
		status = gz_feed(g, s + i, len - i < step ? len - i : step, &e);
	if (status == 0)
		status = gz_finish(g, &e);
	gz_free(g);
	return status;
}

START_TEST(a_stream_is_inflated_whatever_pieces_it_comes_in)
{
	for (size_t step = 1; step <= HELLO_BYTES; step++) {
		ck_assert_int_eq(inflate_in_steps(hello, HELLO_BYTES, step, 100), 0);
		ck_assert_str_eq(out.s, "hello, hello, hello");
	}
}
END_TEST

START_TEST(members_that_follow_each_other_are_one_stream_and_padding_is_none)
{
	struct buf two = BUF_INIT;

	buf_add(&two, hello, HELLO_BYTES);
	buf_add(&two, hello, HELLO_BYTES);
	buf_add(&two, "\0\0\0\0", 4);
	for (size_t step = 1; step <= two.len; step++) {
		ck_assert_int_eq(inflate_in_steps(two.s, two.len, step, 100), 0);
		ck_assert_str_eq(out.s, "hello, hello, hellohello, hello, hello");
	}
	buf_release(&two);
}
END_TEST

START_TEST(a_cut_stream_is_an_error_and_its_beginning_was_handed_on)
{
	for (size_t len = 0; len < HELLO_BYTES; len++) {
		ck_assert_int_eq(inflate_in_steps(hello, len, HELLO_BYTES, 100), -1);
		ck_assert_int_eq(e.code, ERR_SYNTAX);
		ck_assert_str_eq(e.path, "f.gz");
	}
	ck_assert_str_eq(out.s, "hello, hello, hello");
	ck_assert_str_eq(e.msg, "the gzip data is cut");
}
END_TEST

START_TEST(damage_is_an_error)
{
	char bad[HELLO_BYTES];

	memcpy(bad, hello, HELLO_BYTES);
	bad[HELLO_BYTES - 6] ^= 1; /* in the checksum */
	ck_assert_int_eq(inflate_in_steps(bad, HELLO_BYTES, 7, 100), -1);
	ck_assert_msg(strstr(e.msg, "bad gzip data"), "%s", e.msg);
	ck_assert_int_eq(inflate_in_steps("<xml/>", 6, 6, 100), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
}
END_TEST

START_TEST(what_it_inflates_to_is_bounded)
{
	ck_assert_int_eq(inflate_in_steps(hello, HELLO_BYTES, HELLO_BYTES, 19), 0);
	ck_assert_int_eq(inflate_in_steps(hello, HELLO_BYTES, HELLO_BYTES, 18), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
}
END_TEST

START_TEST(a_name_says_what_is_compressed)
{
	ck_assert(gz_is_name("a.xml.gz"));
	ck_assert(!gz_is_name("a.xml"));
	ck_assert(!gz_is_name(".gz"));
	ck_assert(!gz_is_name("gz"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gz");
	TCase *t = tcase_create("gz");

	suite_add_tcase(s, t);
	tcase_add_test(t, a_stream_is_inflated_whatever_pieces_it_comes_in);
	tcase_add_test(t, members_that_follow_each_other_are_one_stream_and_padding_is_none);
	tcase_add_test(t, a_cut_stream_is_an_error_and_its_beginning_was_handed_on);
	tcase_add_test(t, damage_is_an_error);
	tcase_add_test(t, what_it_inflates_to_is_bounded);
	tcase_add_test(t, a_name_says_what_is_compressed);
	return unit_main(s);
}
