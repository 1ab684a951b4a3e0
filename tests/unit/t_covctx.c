/* SPDX-License-Identifier: MIT */
#include "format/covctx.h"

#include "base/err.h"
#include "format/gcda_sum.h"
#include "unit/gcdafile.h"
#include "unit/unit.h"

static struct covctx_log *sink;
static struct buf written, said;
static struct err e;

static void setup(void)
{
	sink = covctx_log_new();
	written = said = (struct buf)BUF_INIT;
	e = (struct err){ 0 };
}

static void teardown(void)
{
	covctx_log_free(sink);
	buf_release(&written);
	buf_release(&said);
}

static void count(const char *path, uint32_t test, const struct gcdafile_function *functions,
		  size_t n)
{
	struct gcda_sum *sum = gcda_sum_new();
	struct buf file = BUF_INIT;

	gcdafile(&file, functions, n);
	ck_assert_int_eq(gcda_sum_add(sum, path, file.s, file.len, &e), 0);
	covctx_log_add(sink, path, test, sum);
	gcda_sum_free(sum);
	buf_release(&file);
}
#define COUNT(path, test, ...)                                                                     \
	count((path), (test), (const struct gcdafile_function[]){ __VA_ARGS__ },                   \
	      sizeof((const struct gcdafile_function[]){ __VA_ARGS__ }) /                          \
		      sizeof(struct gcdafile_function))

static void say_section(const struct covctx_place *place)
{
	struct covctx_section s = { 0 };
	struct covctx_entry entry;
	int got = 0;

	buf_addf(&said, "%.*s:", (int)place->path_len, place->path);
	if (covctx_section_open(&s, "log", written.s + place->offset, place->size, &e) < 0) {
		buf_addstr(&said, " damaged\n");
		covctx_section_release(&s);
		return;
	}
	if (s.version != GCDAFILE_VERSION || s.stamp != GCDAFILE_STAMP)
		buf_addstr(&said, " (another build)");
	while ((got = covctx_section_next(&s, &entry, &e)) > 0) {
		buf_addf(&said, " f%u(", entry.function->ident);
		if (entry.function->lineno_checksum != 11 || entry.function->cfg_checksum != 12)
			buf_addstr(&said, "other checksums: ");
		for (uint32_t i = 0; i < entry.function->ncounts; i++)
			buf_addf(&said, "%s%llu", i ? "," : "",
				 (unsigned long long)entry.counts[i]);
		buf_addch(&said, ')');
		for (size_t i = 0; i < entry.ntests; i++)
			buf_addf(&said, "%c%u", i ? ',' : '=', entry.tests[i]);
	}
	buf_addstr(&said, got < 0 ? " damaged\n" : "\n");
	covctx_section_release(&s);
}

static void on_place(void *ctx, const struct covctx_place *place)
{
	(void)ctx;
	say_section(place);
}

/* What it says, a section a line. */
static const char *say(size_t len, int *status)
{
	buf_clear(&said);
	e = (struct err){ 0 };
	*status = covctx_places("log", written.s, len, on_place, NULL, &e);
	return said.s;
}

static void fill(void)
{
	COUNT("/b/a.gcda", 7, { 1, { 1, 0, UINT64_MAX } }, { 2, { 0, 0, 0 } });
	COUNT("/b/b.gcda", 7, { 5, { 300, 2, 1 } });
	COUNT("/b/a.gcda", 300, { 1, { 1, 0, UINT64_MAX } }, { 2, { 0, 9, 0 } });
	COUNT("/b/a.gcda", 8, { 1, { 2, 0, 0 } }, { 2, { 0, 9, 0 } });
	COUNT("/b/a.gcda", 8, { 1, { 2, 0, 0 } }, { 2, { 0, 0, 0 } }); /* tried again */
	COUNT("/b/idle.gcda", 8, { 1, { 0, 0, 0 } });
	covctx_log_write(sink, &written);
}

static const char whole[] = "/b/a.gcda: f1(1,0,18446744073709551615)=7,300 f2(0,9,0)=300,8 "
			    "f1(2,0,0)=8\n"
			    "/b/b.gcda: f5(300,2,1)=7\n";

START_TEST(what_tests_counted_alike_is_there_once)
{
	int status = 0;

	fill();
	ck_assert_str_eq(say(written.len, &status), whole);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(another_build_of_an_object_has_a_section_of_its_own)
{
	int status = 0;

	COUNT("/b/a.gcda", 1, { 1, { 1, 1, 1 } });
	COUNT("/b/a.gcda", 2, { 2, { 1, 1, 1 } });
	covctx_log_write(sink, &written);
	ck_assert_str_eq(say(written.len, &status),
			 "/b/a.gcda: f1(1,1,1)=1\n/b/a.gcda: f2(1,1,1)=2\n");
}
END_TEST

START_TEST(where_nothing_was_counted_there_is_no_file)
{
	COUNT("/b/idle.gcda", 8, { 1, { 0, 0, 0 } });
	covctx_log_write(sink, &written);
	ck_assert_uint_eq(written.len, 0);
}
END_TEST

START_TEST(a_file_that_was_cut_anywhere_is_damaged_and_its_whole_sections_count)
{
	size_t first_line = strcspn(whole, "\n") + 1;
	int status = 0;

	fill();
	for (size_t len = 0; len < written.len; len++) {
		const char *text = say(len, &status);

		/* a cut between two sections cannot be seen: the lane writes the file as a whole */
		if (status < 0)
			ck_assert_int_eq(e.code, ERR_SYNTAX);
		ck_assert(*text == '\0' ||
			  (strlen(text) == first_line && strncmp(text, whole, first_line) == 0));
	}
	written.s[17] = '2';
	say(written.len, &status);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
}
END_TEST

START_TEST(a_flipped_byte_is_damage_or_another_figure_and_no_more)
{
	int status = 0;

	fill();
	for (size_t i = 0; i < written.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			written.s[i] = (char)(written.s[i] ^ 1 << bit);
			say(written.len, &status);
			if (strstr(said.s, "damaged") || status < 0)
				ck_assert(e.msg[0] != '\0');
			written.s[i] = (char)(written.s[i] ^ 1 << bit);
		}
	}
	ck_assert_str_eq(say(written.len, &status), whole);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("covctx");
	TCase *tc = tcase_create("covctx");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_tests_counted_alike_is_there_once);
	tcase_add_test(tc, another_build_of_an_object_has_a_section_of_its_own);
	tcase_add_test(tc, where_nothing_was_counted_there_is_no_file);
	tcase_add_test(tc, a_file_that_was_cut_anywhere_is_damaged_and_its_whole_sections_count);
	tcase_add_test(tc, a_flipped_byte_is_damage_or_another_figure_and_no_more);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
