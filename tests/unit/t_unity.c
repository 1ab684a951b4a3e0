/* SPDX-License-Identifier: MIT
 *
 * The outputs are those of Unity 2.6, shortened.
 */
#include "unit/transcript.h"

static const struct target target = { .name = "t" };
static const struct test test = { .selector = "" };
static const struct test *const list[] = { &test };
static const struct batch batch = { .target = &target, .tests = list, .ntests = 1 };
static const struct proc_end well, exit_1 = { .exit_code = 1 },
				   aborted = { .exit_code = -1, .term_signal = 6 };

#define TOTAL(n, f, i)                                                                             \
	"\n-----------------------\n" #n " Tests " #f " Failures " #i " Ignored \nOK\n"

static const struct {
	const char *text;
	const struct proc_end *end;
	const char *want; /* what follows the output */
} outputs[] = {
	{ "t.c:15:test_ok:PASS\nt.c:7:test_bad:FAIL: Expected 1 Was 2:a:b: <c> & d\n"
	  "t.c:8:test_later:IGNORE: no: net\nt.c:9:test_info:INFO: "
	  "fine\nt.c:18:test_info:PASS\n" TOTAL(4, 1, 1),
	  &exit_1,
	  "end 0 failed t.c:7 1 of 4 tests failed: test_bad: Expected 1 Was 2:a:b: <c> & d\n"
	  "sub test_ok passed \nsub test_bad failed Expected 1 Was 2:a:b: <c> & d\n"
	  "sub test_later skipped no: net\nsub test_info passed \n" },
	{ "C:\\t.c:15:test_ok:PASS\n" TOTAL(1, 0, 0), &well,
	  "end 0 passed\nsub test_ok passed \n" },
	{ "t.c:8:test_later:IGNORE: no: net\nt.c:9:test_bare:IGNORE\r\n" TOTAL(2, 0, 2), &well,
	  "end 0 skipped no: net\nsub test_later skipped no: net\nsub test_bare skipped \n" },
	{ "t.c:15:test_ok:PASS\nt.c:1:test_fake:FAIL: no\n" TOTAL(1, 0, 0), &well,
	  "end 0 error Unity counts 1 tests and 0 failures, its output shows 2 and 1\n"
	  "sub test_ok passed \nsub test_fake failed no\n" },
	{ "t.c:15:test_ok:PASS\n", &well,
	  "end 0 error the program ended without Unity's total, with exit status 0\n"
	  "sub test_ok passed \n" },
	{ "t.c:15:test_ok:PASS\n", &aborted,
	  "end 0 crashed killed by SIGABRT after 1 tests\nsub test_ok passed \n" },
	{ "t.c:15:test_ok:PASS\n" TOTAL(1, 0, 0), &exit_1,
	  "end 0 error exit status 1 although no test failed\nsub test_ok passed \n" },
	{ "t.c:x:test_ok:PASS\n:15:test_ok:PASS\nt.c:15:PASS\nt.c:15::PASS\nt.c:15:a:"
	  "PASSED\n" TOTAL(0, 0, 0),
	  &well, "end 0 passed\n" },
};

START_TEST(the_output_is_read_wherever_it_is_cut)
{
	struct buf want = BUF_INIT;

	buf_addstr(&want, "print 0: ");
	quote_tsv(&want, outputs[_i].text, strlen(outputs[_i].text));
	buf_addf(&want, "\n%s", outputs[_i].want);
	assert_transcript(&adapter_unity, &batch, 0, outputs[_i].text, strlen(outputs[_i].text),
			  outputs[_i].end, want.s);
	buf_release(&want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("unity");
	TCase *c = tcase_create("unity");

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, the_output_is_read_wherever_it_is_cut, 0, ARRAY_SIZE(outputs));
	return unit_main(s);
}
