/* SPDX-License-Identifier: MIT */
#include "adapter/pytest.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"
#include "unit.h"

static const struct test first = { .id = "a.py::x", .selector = "a.py::x" };
static const struct test second = { .id = "a.py::y[\t]", .selector = "a.py::y[\t]" };
static const struct test *tests[] = { &first, &second };
static struct arena mem;
static struct buf said;
static struct batch batch;
static int ends[2];
static bool is_more;

static void on_begin(void *ctx, size_t i)
{
	buf_addf(ctx, "B%zu ", i);
}

static void on_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	buf_addf(ctx, "O%zd:%d:%.*s ", (ssize_t)i, stream, (int)len, s);
}

static void on_end(void *ctx, size_t i, const struct result *r)
{
	buf_addf(ctx, "E%zu:%s:%s:%zu ", i, outcome_word(r->outcome), r->message, r->nsubs);
}

static bool on_more(void *ctx)
{
	(void)ctx;
	batch.ntests += is_more;
	return is_more;
}

static const struct case_sink sink = { &said, on_begin, on_output, on_end, NULL, on_more };

static void begin(void)
{
	said = (struct buf)BUF_INIT;
	is_more = true;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	batch = (struct batch){ .tests = tests,
				.ntests = 1,
				.scratch = fs_make_temp_dir(&mem, NULL),
				.feed = ends[0] };
	ck_assert_int_eq(
		outfile_write(fs_join(&mem, batch.scratch, PYTEST_IDS), "a.py::x\n", 8, NULL), 0);
}

static void finish(void)
{
	close(ends[0]);
	close(ends[1]);
	fs_remove_tree(batch.scratch, NULL);
	buf_release(&said);
	arena_release(&mem);
}

static void read_all(const char *report)
{
	const struct proc_end end = { 0 };
	struct reader *r = pytest_reader_new(&batch, &sink);

	pytest_read(r, 2, report, strlen(report));
	ck_assert(pytest_finish(r, &end));
}

START_TEST(who_asks_is_handed_the_next_tests)
{
	struct buf ids = BUF_INIT;
	char byte = 0;

	read_all("W\nB\t0\nE\t0\tpassed\t1\t\t0\t\t\nB\t1\nE\t1\tfailed\t1\t\t0\twhy\t\n");
	ck_assert_str_eq(said.s, "B0 E0:passed::0 B1 E1:failed:why:0 ");
	ck_assert_int_eq(read(ends[1], &byte, 1), 1);
	ck_assert_int_eq(fs_read(fs_join(&mem, batch.scratch, PYTEST_IDS), 1000, &ids, NULL), 0);
	ck_assert_str_eq(ids.s, "a.py::x\na.py::y[\\x09]\n");
	buf_release(&ids);
}
END_TEST

START_TEST(where_nothing_is_left_the_socket_ends)
{
	char byte = 0;

	is_more = false;
	read_all("W\n");
	ck_assert_int_eq(read(ends[1], &byte, 1), 0);
}
END_TEST

START_TEST(a_test_fails_with_one_of_its_subtests)
{
	read_all("B\t0\nS\t0\tpassed\tone\t\nS\t0\tfailed\ttwo\tbad\nE\t0\tpassed\t1\t\t0\t\t\n");
	ck_assert_str_eq(said.s, "B0 E0:failed:bad:2 ");
}
END_TEST

START_TEST(what_the_process_prints_belongs_to_the_test_that_runs)
{
	const struct proc_end end = { 0 };
	struct reader *r = pytest_reader_new(&batch, &sink);

	pytest_read(r, 0, "early", 5);
	pytest_read(r, 2, "B\t0\n", 4);
	pytest_read(r, 1, "fault", 5);
	pytest_finish(r, &end);
	ck_assert_str_eq(said.s, "O-1:0:early B0 O0:1:fault ");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pytest");
	TCase *tc = tcase_create("pytest");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, who_asks_is_handed_the_next_tests);
	tcase_add_test(tc, where_nothing_is_left_the_socket_ends);
	tcase_add_test(tc, a_test_fails_with_one_of_its_subtests);
	tcase_add_test(tc, what_the_process_prints_belongs_to_the_test_that_runs);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
