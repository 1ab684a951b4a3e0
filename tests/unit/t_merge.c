/* SPDX-License-Identifier: MIT */
#include "stage/merge.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "stage/merge_sort.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static const char *dir; /* this test's own */
static const char *out;
static struct err e;
static struct junit_totals totals;
static struct buf merged = BUF_INIT;
static struct buf warned = BUF_INIT;

static void set_up(void)
{
	dir = fs_make_temp_dir(&mem, NULL);
	ck_assert_ptr_nonnull(dir);
	out = fs_join(&mem, dir, "out/merged.xml");
	ck_assert_int_eq(fs_mkdirs(fs_join(&mem, dir, "out"), NULL), 0);
}

static void tear_down(void)
{
	fs_remove_tree(dir, NULL);
	arena_release(&mem);
}

static const char *put(const char *name, const char *text)
{
	const char *path = fs_join(&mem, dir, name);

	ck_assert_int_eq(outfile_write(path, text, strlen(text), &e), 0);
	return path;
}

static void on_warning(void *ctx, const char *path, uint64_t offset_bytes, const char *text)
{
	(void)ctx, (void)offset_bytes;
	buf_addf(&warned, "%s: %s\n", fs_basename(path), text);
}

static uint64_t progress_done, progress_total;

static void on_progress(void *ctx, uint64_t bytes_done, uint64_t bytes_total)
{
	(void)ctx;
	ck_assert(bytes_done >= progress_done);
	progress_done = bytes_done;
	progress_total = bytes_total;
}

static int merge(const char *const *paths, size_t n)
{
	const struct merge_options o = { .name = "gangway",
					 .family = JUNIT_STRICT,
					 .on_warning = on_warning,
					 .progress = on_progress };

	e = (struct err){ 0 };
	buf_clear(&merged);
	progress_done = 0;
	int status = merge_junit(&o, paths, n, out, &totals, &e);

	if (fs_exists(out))
		ck_assert_int_eq(fs_read(out, SIZE_MAX / 4, &merged, NULL), 0);
	return status;
}

/* "suite/class/name" of each case of the merged file, one a line, and a letter for the verdict. */
static struct buf listed = BUF_INIT;

static int on_case(void *ctx, const struct junit_case *c, struct err *reterr)
{
	(void)ctx, (void)reterr;
	buf_addf(&listed, "%s/%s/%s%c\n", c->suite, c->classname, c->name,
		 outcome_letter(c->outcome));
	return 0;
}

static const char *list(void)
{
	const struct junit_sink sink = { NULL, on_case, NULL };

	buf_clear(&listed);
	ck_assert_int_eq(junit_read_mem(out, merged.s, merged.len, &sink, &e), 0);
	return listed.s;
}

START_TEST(files_become_one_sorted_with_right_counters)
{
	const char *paths[] = {
		put("b.xml", "<testsuites><testsuite name='s2' tests='99'>"
			     "<testcase classname='c' name='z' time='0.25'/>"
			     "<testcase classname='c' name='a'><failure/></testcase>"
			     "</testsuite></testsuites>"),
		put("a.xml", "<testsuite name='s1'><testcase classname='c' name='m' time='1.5'/>"
			     "</testsuite>"),
		put("c.xml", "<testsuites><testsuite name='s2'>"
			     "<testcase classname='b' name='q'><error/></testcase>"
			     "<testcase classname='c' name='m'><skipped/></testcase>"
			     "</testsuite></testsuites>"),
	};

	ck_assert_int_eq(merge(paths, 3), 0);
	ck_assert_str_eq(list(), "s1/c/m.\n"
				 "s2/b/qE\n"
				 "s2/c/aF\n"
				 "s2/c/ms\n"
				 "s2/c/z.\n");
	ck_assert_uint_eq(totals.tests, 5);
	ck_assert_uint_eq(totals.failures, 1);
	ck_assert_uint_eq(totals.errors, 1);
	ck_assert_uint_eq(totals.skipped, 1);
	ck_assert_uint_eq(totals.time_us, 1750000);
	ck_assert_ptr_nonnull(strstr(merged.s, "<testsuites name=\"gangway\" tests=\"5\" "
					       "failures=\"1\" errors=\"1\" time=\"1.750\">"));
	ck_assert_ptr_nonnull(strstr(merged.s, "<testsuite name=\"s2\" tests=\"4\" failures=\"1\" "
					       "errors=\"1\" skipped=\"1\" time=\"0.250\">"));
	ck_assert(progress_total > 0 && progress_done == progress_total);
}
END_TEST

START_TEST(cases_of_one_name_are_made_unique)
{
	const char *paths[] = {
		put("a.xml", "<testsuite name='s'><testcase name='x'/><testcase name='x'/>"
			     "<testcase name='x [2]'/><testcase name='x [7]'/>"
			     "<testcase name='x !'/><testcase name='y [3]'/>"
			     "<testcase name='p[2]'/><testcase name='p[2]'/><testcase name='[2]'/>"
			     "</testsuite>"),
		put("b.xml", "<testsuite name='s'><testcase name='x'><failure/></testcase>"
			     "</testsuite>"),
	};
	static const char want[] = "s//[2].\n"
				   "s//p[2].\n"
				   "s//p[2] [2].\n"
				   "s//x.\n"
				   "s//x [2].\n"
				   "s//x [3]F\n"
				   "s//x [4].\n"
				   "s//x [7].\n"
				   "s//x !.\n"
				   "s//y [3].\n";

	ck_assert_int_eq(merge(paths, 2), 0);
	ck_assert_str_eq(list(), want);
	/* and merging that again changes nothing */
	const char *again[] = { put("c.xml", merged.s) };

	ck_assert_int_eq(merge(again, 1), 0);
	ck_assert_str_eq(list(), want);
}
END_TEST

START_TEST(a_shards_skip_gives_way_to_another_shards_verdict)
{
	const char *paths[] = {
		put("1.xml", "<testsuite name='s'><testcase name='a'/>"
			     "<testcase name='b'><skipped/></testcase>"
			     "<testcase name='off'><skipped/></testcase>"
			     "<testcase name='twice'><skipped/></testcase>"
			     "<testcase name='twice'><skipped/></testcase>"
			     "<testcase name='both'/><testcase name='both'><skipped/></testcase>"
			     "</testsuite>"),
		put("2.xml", "<testsuite name='s'><testcase name='a'><skipped/></testcase>"
			     "<testcase name='b'><failure/></testcase>"
			     "<testcase name='late'><skipped type='notrun'/></testcase>"
			     "<testcase name='off'><skipped/></testcase></testsuite>"),
		put("3.xml", "<testsuite name='s'><testcase name='late'><skipped/></testcase>"
			     "<testcase name='a'><skipped type='notrun'/></testcase></testsuite>"),
	};

	ck_assert_int_eq(merge(paths, 3), 0);
	ck_assert_str_eq(list(), "s//a.\n"
				 "s//bF\n"
				 "s//both.\n"
				 "s//both [2]s\n"
				 "s//lates\n"
				 "s//offs\n"
				 "s//twices\n"
				 "s//twice [2]s\n");
	ck_assert_uint_eq(totals.tests, 8);
	ck_assert_uint_eq(totals.skipped, 5);
}
END_TEST

START_TEST(folders_are_walked_and_what_is_no_junit_passed_over)
{
	ck_assert_int_eq(fs_mkdirs(fs_join(&mem, dir, "in/deep/er"), NULL), 0);
	put("in/b.xml", "<testsuite name='s'><testcase name='b'/></testsuite>");
	put("in/deep/er/a.xml", "<testsuite name='s'><testcase name='a'/></testsuite>");
	put("in/coverage.xml", "<coverage/>");
	put("in/readme.txt", "<testsuite name='s'><testcase name='no'/></testsuite>");
	const char *paths[] = { fs_join(&mem, dir, "in"), fs_join(&mem, dir, "in/b.xml") };

	ck_assert_int_eq(symlink("../..", fs_join(&mem, dir, "in/deep/loop")), 0);
	ck_assert_int_eq(merge(paths, 2), 0);
	ck_assert_str_eq(list(), "s//a.\ns//b.\n"); /* b once */
	ck_assert_ptr_nonnull(strstr(warned.s, "coverage.xml: no JUnit file"));

	/* the output is no input of the next merge */
	const char *all[] = { dir };

	ck_assert_int_eq(merge(all, 1), 0);
	ck_assert_str_eq(list(), "s//a.\ns//b.\n");
	/* a file that was asked for by name is another matter */
	const char *named[] = { fs_join(&mem, dir, "in/coverage.xml") };

	ck_assert_int_eq(merge(named, 1), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
}
END_TEST

START_TEST(a_damaged_file_costs_only_what_it_lacks)
{
	const char *paths[] = {
		put("a.xml", "<testsuite name='s'>\n<testcase name='whole'/>\n<testcase name='cu"),
		fs_join(&mem, dir, "missing.xml"),
		put("z.xml", "<testsuite name='s'><testcase name='z'/></testsuite>"),
	};

	ck_assert_int_eq(merge(paths, 3), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.path, paths[0]);
	ck_assert_uint_eq(e.line, 3);
	ck_assert_str_eq(list(), "s//whole.\ns//z.\n");
}
END_TEST

START_TEST(an_output_that_cannot_be_written_is_an_error_and_leaves_nothing)
{
	const char *paths[] = { put("a.xml", "<testsuite/>") };

	out = fs_join(&mem, dir, "nowhere/out.xml");
	ck_assert_int_eq(merge(paths, 1), -1);
	ck_assert_int_eq(e.code, ERR_SYSTEM);
	ck_assert(!fs_exists(fs_join(&mem, dir, "nowhere")));
}
END_TEST

START_TEST(an_empty_folder_is_an_error_and_no_case_at_all_is_a_file)
{
	const char *paths[] = { fs_join(&mem, dir, "out") };

	ck_assert_int_eq(merge(paths, 1), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(list(), "");
	const char *empty[] = { put("a.xml", "<testsuites/>") };

	ck_assert_int_eq(merge(empty, 1), 0);
	ck_assert_uint_eq(totals.tests, 0);
}
END_TEST

START_TEST(scratch_files_leave_nothing_behind)
{
	const char *paths[] = { put("a.xml", "<testsuite><testcase name='x'/></testsuite>") };
	const char **names = NULL;
	size_t n = 0;

	ck_assert_int_eq(merge(paths, 1), 0);
	ck_assert_int_eq(fs_list(fs_join(&mem, dir, "out"), &mem, &names, &n, NULL), 0);
	ck_assert_uint_eq(n, 1);
}
END_TEST

/* --- the sorting alone, with limits so small that runs of runs are merged ----------------------
 */

struct expected {
	unsigned next;
	char body[100000];
};

static void make_body(unsigned n, struct buf *ret)
{
	size_t len = n % 97 == 0 ? 90000 : n % 7; /* some larger than a chunk and a window */

	buf_clear(ret);
	buf_addf(ret, "%u:", n);
	while (len-- > 0)
		buf_addch(ret, (char)('a' + n % 26));
}

static int on_sorted(void *ctx, const struct merge_record *r, struct err *reterr)
{
	struct expected *x = ctx;
	struct buf want = BUF_INIT;
	FILE *f = fmemopen(x->body, sizeof x->body, "w");
	char key[32];

	make_body(x->next, &want);
	snprintf(key, sizeof key, "common prefix %06u", x->next++);
	ck_assert_uint_eq(r->head.key_bytes, strlen(key));
	ck_assert_int_eq(memcmp(r->key, key, strlen(key)), 0);
	ck_assert_int_eq(merge_record_copy(r, f, reterr), 0);
	fclose(f);
	ck_assert_uint_eq(r->head.body_bytes, want.len);
	ck_assert_int_eq(memcmp(x->body, want.s, want.len), 0);
	buf_release(&want);
	return 0;
}

START_TEST(more_than_memory_holds_is_sorted)
{
	static const size_t chunks[] = { 1, 500, 5000, 60000, MERGE_CHUNK_BYTES };
	enum { N = 2003 };
	struct merge_sort *m = merge_sort_new(dir, chunks[_i], 3);
	static struct expected x;
	struct buf body = BUF_INIT;
	char key[32];

	for (unsigned i = 0; i < N; i++) {
		unsigned n = i * 1009 % N; /* every number once, in no order */

		make_body(n, &body);
		snprintf(key, sizeof key, "common prefix %06u", n);
		const struct merge_record r = { .head = { .key_bytes = (uint32_t)strlen(key),
							  .body_bytes = body.len },
						.key = key,
						.body = body.s,
						.body_here = body.len };

		ck_assert_int_eq(merge_sort_add(m, &r, &e), 0);
	}
	x.next = 0;
	ck_assert_msg(merge_sort_each(m, on_sorted, &x, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(x.next, N);
	merge_sort_free(m);
	buf_release(&body);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("merge");
	TCase *t = tcase_create("merge");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, files_become_one_sorted_with_right_counters);
	tcase_add_test(t, cases_of_one_name_are_made_unique);
	tcase_add_test(t, a_shards_skip_gives_way_to_another_shards_verdict);
	tcase_add_test(t, folders_are_walked_and_what_is_no_junit_passed_over);
	tcase_add_test(t, a_damaged_file_costs_only_what_it_lacks);
	tcase_add_test(t, an_output_that_cannot_be_written_is_an_error_and_leaves_nothing);
	tcase_add_test(t, an_empty_folder_is_an_error_and_no_case_at_all_is_a_file);
	tcase_add_test(t, scratch_files_leave_nothing_behind);
	tcase_add_loop_test(t, more_than_memory_holds_is_sorted, 0, 5);
	return unit_main(s);
}
