/* SPDX-License-Identifier: MIT
 *
 * gangway.h in this very program, format/marks, stage/collect_marks.
 */
#include "format/marks.h"

#include <limits.h>
#include <unistd.h>

#include "../../src/guest/gangway.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/elf.h"
#include "model/test.h"
#include "stage/collect_marks.h"
#include "unit.h"

enum { TWO = 2 };

GANGWAY_MARK(inserts, "unit");
GANGWAY_MARK(inserts, "a mark of more than thirty-two bytes, which compilers would like to align");
GANGWAY_GROUP(Db.*, "database");
GANGWAY_LOCK(inserts, "port 8080");
GANGWAY_TIMEOUT(inserts, 0.25);
GANGWAY_SLOTS(Inst / Db.Each / 0, TWO * 2);
GANGWAY_MARK(*, "all");
GANGWAY_TIMEOUT(waits, 0);

static void add_text(void *ctx, const struct mark *m)
{
	buf_addf(ctx, "%d %s %s %llu\n", (int)m->kind, m->test, m->text,
		 (unsigned long long)m->number);
}

START_TEST(a_program_carries_what_was_said_in_its_source)
{
	static const char *const lines[] = {
		"1 inserts unit 0\n",
		"1 inserts a mark of more than thirty-two bytes, which compilers would like to "
		"align 0\n",
		"2 Db.* database 0\n",
		"3 inserts port 8080 0\n",
		"4 inserts  250\n",
		"  4\n",
		"1 * all 0\n",
		"4 waits  0\n",
	};
	struct elf_file *f = NULL;
	struct buf said = BUF_INIT;

	ck_assert_int_eq(elf_file_open("/proc/self/exe", &f, NULL), 0);
	marks_read(f, add_text, &said);
	/* compilers choose the order */
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		ck_assert_msg(strstr(said.s, lines[i]), "no '%s' in %s", lines[i], said.s);
	elf_file_close(f);
	buf_release(&said);
}
END_TEST

static const struct {
	const char *test, *suite, *name;
	bool fits;
} fits[] = {
	{ "inserts", "Suite::TCase", "inserts", true },
	{ "inserts", "Suite::TCase", "inserts[3]", true },
	{ "inserts", "Suite::TCase", "inserts#2", true },
	{ "inserts", "Suite::TCase", "inserts[-1]#2", true },
	{ "Inst / P.Each / 0", "Inst/P", "Each/0", true }, /* as clang-format has it */
	{ "insert", "Suite::TCase", "inserts", false },
	{ "Db.Insert", "Db", "Insert", true },
	{ "Db.Insert", "Db2", "Insert", false },
	{ "Db.*", "Db", "Insert", true },
	{ "Db.*", "Dbx", "Insert", false },
	{ "Inst/P.Each/0", "Inst/P", "Each/0", true },
	{ "*", "", "program_test", true },
	{ "in*", "S", "inserts", true },
};
START_TEST(a_test_is_named_as_its_framework_names_it)
{
	const struct mark m = { .kind = MARK_MARK, .test = fits[_i].test, .text = "x" };

	ck_assert(mark_fits(&m, fits[_i].suite, fits[_i].name) == fits[_i].fits);
}
END_TEST

/* A test of this very program. */
static struct test *add(struct tests *t, uint32_t target, const char *suite, const char *name)
{
	struct test test = test_blank(target);

	test.id = name;
	test.suite = suite;
	test.name = name;
	uint32_t i = tests_add(t, &test);

	return &t->tests[i];
}

START_TEST(marks_come_to_tests_of_that_program_and_no_other)
{
	struct tests t = { 0 };
	char self[PATH_MAX] = "";

	ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
	const struct target ours = { .name = "ours", .adapter = "check", .program = self };
	const struct target theirs = { .name = "theirs", .adapter = "check", .program = "/bin/sh" };
	uint32_t target = tests_add_target(&t, &ours);
	uint32_t other = tests_add_target(&t, &theirs);
	const char *const own[] = { "own", "unit" };

	tests_add_target(&t, &(struct target){ .name = "none", .program = "" });
	test_set_marks(&t, add(&t, target, "S::c", "inserts[1]"), own, 2);
	add(&t, target, "Inst/Db", "Each/0");
	add(&t, other, "S::c", "inserts");
	add(&t, target, "S", "waits");
	add(&t, target, "Db", "Insert");
	collect_marks(&t);
	ck_assert_uint_eq(t.tests[0].nmarks, 4);
	ck_assert(test_has_mark(&t.tests[0], "own") && test_has_mark(&t.tests[0], "all"));
	ck_assert_uint_eq(t.tests[0].timeout_us, 250000);
	ck_assert_str_eq(t.tests[0].locks[0], "port 8080");
	ck_assert_uint_eq(t.tests[1].slots, 4);
	ck_assert_ptr_null(t.tests[1].group);
	ck_assert_uint_eq(t.tests[2].nmarks, 0);
	ck_assert_uint_gt(t.tests[3].timeout_us, UINT64_C(86400000000));
	ck_assert_uint_ne(t.tests[3].timeout_us, TIME_UNKNOWN);
	ck_assert_str_eq(t.tests[4].group, "database");
	tests_release(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("marks");
	TCase *t = tcase_create("marks");

	tcase_add_test(t, a_program_carries_what_was_said_in_its_source);
	tcase_add_loop_test(t, a_test_is_named_as_its_framework_names_it, 0, ARRAY_SIZE(fits));
	tcase_add_test(t, marks_come_to_tests_of_that_program_and_no_other);
	suite_add_tcase(s, t);
	return unit_main(s);
}
