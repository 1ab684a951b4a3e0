/* SPDX-License-Identifier: MIT */
#include "stage/cov_markers.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs.h"
#include "unit/covfmt.h"

/* Lines 1 to 6, with two branches each; line 2 ran.  f is on 1 to 3, g on 4 to an unknown end. */
static struct cov_file *make(const char *name)
{
	struct cov_file *f = cov_file(&cov, name, strlen(name), COV_BLOCKS);

	for (uint32_t n = 1; n <= 6; n++) {
		struct cov_line *l = cov_line(f, n);

		l->hits = n == 2 ? 7 : 0;
		cov_branch(l, 0, 0)->taken = 1;
	}
	cov_function(&cov, f, "f", 1, 1)->end_line = 3;
	cov_function(&cov, f, "g", 1, 4);
	return f;
}

static const struct {
	const char *text, *want, *warnings;
} rows[] = {
	{ "\n\n\n", " 1=0(1) 2=7(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0", "" },
	{ "\nx; // LCOV_EXCL_LINE\n", " 1=0(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0", "" },
	{ "a /* GCOVR_EXCL_LINE */\n", " 2=7(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) g@4-0=0", "" },
	{ "\n// GCOV_EXCL_START\n\n\n// GCOV_EXCL_STOP\n", " 1=0(1) 5=0(1) 6=0(1) f@1-3=0", "" },
	{ "//LCOV_EXCL_BR_LINE\n\n//LCOV_EXCL_BR_START\n\n//LCOV_EXCL_BR_STOP",
	  " 1=0 2=7(1) 3=0 4=0 5=0(1) 6=0(1) f@1-3=0 g@4-0=0", "" },
	{ "LCOV_EXCL_EXCEPTION_BR_LINE\nLCOV_EXCL_EXCEPTION_BR_START\nLCOV_EXCL_EXCEPTION_BR_STOP",
	  " 1=0 2=7 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0", "" },
	{ "\n\n// GCOVR_EXCL_FUNCTION\n", " 4=0(1) 5=0(1) 6=0(1) g@4-0=0", "" },
	{ "\n\n\n\n\n// GCOVR_EXCL_FUNCTION", " 1=0(1) 2=7(1) 3=0(1) f@1-3=0", "" },
	{ "LCOV_UNREACHABLE_START\n\n\nLCOV_UNREACHABLE_STOP LCOV_UNREACHABLE_LINE",
	  " 2=7(1) 5=0(1) 6=0(1)", "a.c: line 2: it ran, and is marked as unreachable\n" },
	/* no markers: other words around them */
	{ "XLCOV_EXCL_LINE\nLCOV_EXCL_LINES\nMY_EXCL_LINE\nLCOV_EXCL_\n_EXCL_LINE",
	  " 1=0(1) 2=7(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0", "" },
	/* trouble */
	{ "\nLCOV_EXCL_START\n", " 1=0(1) 2=7(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0",
	  "a.c: line 2: LCOV_EXCL_START without a STOP: it leaves out nothing\n" },
	{ "\n\nLCOV_EXCL_STOP\n", " 1=0(1) 2=7(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0",
	  "a.c: line 3: LCOV_EXCL_STOP without a START\n" },
	{ "\n\n\nLCOV_EXCL_START\nLCOV_EXCL_START\nLCOV_EXCL_STOP",
	  " 1=0(1) 2=7(1) 3=0(1) 6=0(1) f@1-3=0",
	  "a.c: line 5: LCOV_EXCL_START within one that has no STOP yet\n" },
	{ "LCOV_EXCL_START\nGCOVR_EXCL_STOP",
	  " 1=0(1) 2=7(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0",
	  "a.c: line 2: GCOVR_EXCL_STOP without a START\n"
	  "a.c: line 1: LCOV_EXCL_START without a STOP: it leaves out nothing\n" },
	{ "\n\n\n\n\n\n\n\n\nGCOVR_EXCL_FUNCTION\nGCOVR_EXCL_BR_SOURCE\n",
	  " 1=0(1) 2=7(1) 3=0(1) 4=0(1) 5=0(1) 6=0(1) f@1-3=0 g@4-0=0",
	  "a.c: line 10: GCOVR_EXCL_FUNCTION is in no function\n"
	  "a.c: line 11: GCOVR_EXCL_BR_SOURCE is not heeded\n" },
};

START_TEST(markers_leave_out_what_they_say)
{
	struct cov_file *f = make("a.c");

	cov_markers_apply_text(rows[_i].text, strlen(rows[_i].text), &cov, f);
	ck_assert_str_eq(digest() + strlen("a.c:"), rows[_i].want);
	ck_assert_str_eq(warnings.s, rows[_i].warnings);
}
END_TEST

static struct arena mem;
static const char *top;

static const char *at(const char *name)
{
	return fs_join(&mem, top, name);
}

static void write_source(const char *name)
{
	FILE *f = fopen(at(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs("LCOV_EXCL_LINE\n", f);
	fclose(f);
}

static bool is_heeded(const char *name)
{
	return !cov_line_at(cov_find(&cov, name, strlen(name)), 1);
}

START_TEST(only_sources_below_the_roots_are_read)
{
	static const char *const names[] = { "a.c",      "sub/b.c", "file.c", "folder/c.c",
					     "../o/o.c", "gone.c",  "fifo.c", "sub" };
	static const bool want[] = { true, true, false, false, false, false, false, false };

	top = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(top);
	ck_assert_int_eq(fs_mkdirs(at("r/sub"), &e), 0);
	ck_assert_int_eq(fs_mkdirs(at("o/x"), &e), 0);
	write_source("r/a.c");
	write_source("r/sub/b.c");
	write_source("o/o.c");
	write_source("o/c.c");
	write_source("o/x/x.c");
	ck_assert_int_eq(symlink("../o/o.c", at("r/file.c")), 0);
	ck_assert_int_eq(symlink("../o", at("r/folder")), 0);
	ck_assert_int_eq(mkfifo(at("r/fifo.c"), 0600), 0);
	const char *roots[] = { "", at("o/x/") };
	const struct cov_markers_options o = { .rootdir = at("r"), .roots = roots, .nroots = 2 };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		make(names[i]);
	make(at("o/x/x.c"));
	make(at("o/o.c"));
	cov_markers_apply(&o, &cov);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_msg(is_heeded(names[i]) == want[i], "%s", names[i]);
	ck_assert(is_heeded(at("o/x/x.c")));
	ck_assert(!is_heeded(at("o/o.c")));
	fs_remove_tree(top, NULL);
	arena_release(&mem);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cov_markers");
	TCase *tc = tcase_create("markers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, markers_leave_out_what_they_say, 0, ARRAY_SIZE(rows));
	tcase_add_test(tc, only_sources_below_the_roots_are_read);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
