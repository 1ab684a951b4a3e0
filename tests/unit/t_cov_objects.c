/* SPDX-License-Identifier: MIT */
#include "stage/cov_objects.h"

#include "base/err.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "unit/unit.h"

static struct arena mem;
static struct err e;
static char *dir;
static struct cov_objects found;
static const char *roots[4];
static const char *lanes[4];
static struct cov_gather_options o;

static void setup(void)
{
	e = (struct err){ 0 };
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(dir);
	o = (struct cov_gather_options){ .roots = roots, .lanedirs = lanes };
}

static void teardown(void)
{
	fs_remove_tree(dir, NULL);
	cov_objects_release(&found);
	arena_release(&mem);
}

static const char *at(const char *path)
{
	return fs_join(&mem, dir, path);
}

static void put(const char *file, const char *text)
{
	const char *folder = arena_memdup(&mem, file, (size_t)(strrchr(file, '/') - file));

	ck_assert_int_eq(fs_mkdirs(folder, &e), 0);
	ck_assert_int_eq(outfile_write(file, text, strlen(text), &e), 0);
}

/* The counters of an object as a lane has them. */
static const char *counters(const char *lane, const char *stem)
{
	const char *below = fs_join(&mem, at(lane), "cov/sum.1");
	char *path = arena_alloc(&mem, strlen(below) + strlen(stem) + 6, 1);

	stpcpy(stpcpy(stpcpy(path, below), stem), ".gcda");
	put(path, "");
	return path;
}

static void ck_object(size_t i, const char *stem, size_t ndata, bool has_notes)
{
	ck_assert_uint_lt(i, found.n);
	ck_assert_str_eq(found.items[i].stem, at(stem));
	ck_assert_uint_eq(found.items[i].ndata, ndata);
	ck_assert(found.items[i].has_notes == has_notes);
}

START_TEST(counters_of_all_lanes_come_to_their_notes_and_objects_that_never_ran_are_there)
{
	put(at("build/b.gcno"), "12345");
	put(at("build/deep/a.gcno"), "1");
	roots[0] = at("build");
	roots[1] = at("build/deep"); /* is walked with the first */
	o.nroots = 2;
	const char *first = counters("gw0", at("build/b"));
	const char *second = counters("gw1", at("build/b"));

	lanes[0] = at("gw0");
	lanes[1] = at("gw1");
	lanes[2] = at("gw2"); /* never began */
	o.nlanedirs = 3;
	cov_objects_find(&o, &found);
	ck_assert_uint_eq(found.n, 2);
	ck_object(0, "build/b", 2, true);
	ck_object(1, "build/deep/a", 0, true);
	ck_assert_str_eq(found.items[0].data[0].path, first);
	ck_assert_str_eq(found.items[0].data[1].path, second);
	ck_assert_uint_eq(found.items[0].notes_bytes, 5);
	ck_assert_uint_eq(cov_gather_size(&o), 6);
}
END_TEST

START_TEST(a_library_from_elsewhere_brings_the_objects_beside_it)
{
	put(at("other/lib.gcno"), "");
	put(at("other/never.gcno"), "");
	counters("gw0", at("other/lib"));
	counters("gw0", at("gone/x")); /* its notes were removed */
	lanes[0] = at("gw0");
	o.nlanedirs = 1;
	cov_objects_find(&o, &found);
	ck_assert_uint_eq(found.n, 3);
	ck_object(0, "gone/x", 1, false);
	ck_object(1, "other/lib", 1, true);
	ck_object(2, "other/never", 0, true);
}
END_TEST

START_TEST(counters_in_the_build_tree_count_only_when_asked_for)
{
	put(at("build/a.gcno"), "");
	put(at("build/a.gcda"), "");
	put(at("build/CMakeFiles/3.25.1/CompilerIdC/a-CMakeCCompilerId.gcno"), "");
	roots[0] = at("build");
	o.nroots = 1;
	cov_objects_find(&o, &found);
	ck_assert_uint_eq(found.n, 1);
	ck_object(0, "build/a", 0, true);
	cov_objects_release(&found);
	o.reads_in_place = true;
	cov_objects_find(&o, &found);
	ck_object(0, "build/a", 1, true);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cov_objects");
	TCase *tc = tcase_create("cov_objects");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, counters_of_all_lanes_come_to_their_notes_and_objects_that_never_ran_are_there);
	tcase_add_test(tc, a_library_from_elsewhere_brings_the_objects_beside_it);
	tcase_add_test(tc, counters_in_the_build_tree_count_only_when_asked_for);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
