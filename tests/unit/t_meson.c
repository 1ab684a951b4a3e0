/* SPDX-License-Identifier: MIT
 *
 * tests/fixtures/meson is what a small project's build folder has, written by Python's pickle and json;
 * the protocols are judged on real programs in tests/scenario/s_meson.sh.
 */
#include "adapter/meson.h"

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/pickle.h"
#include "sys/fs.h"
#include "unit/unit.h"

static struct arena mem;
static struct tests t;
static struct err e;

static void tear_down(void)
{
	tests_release(&t);
	arena_release(&mem);
	e = (struct err){ 0 };
}

/* --- pickles -------------------------------------------------------------------------------- */

static const struct pickle_value *v;

#define READ(bytes) pickle_read_mem(bytes, sizeof bytes - 1, "p", &mem, &v, &e)

START_TEST(a_pickle_is_data)
{
	/* {'a': [1, True, None, -2, 300], 'b': {'c'}} */
	ck_assert_int_eq(READ("\x80\x04}(\x8c\x01"
			      "a](K\x01\x88NJ\xfe\xff\xff\xffM,\x01"
			      "e\x8c\x01"
			      "b\x8f(\x8c\x01"
			      "c\x90u."),
			 0);
	const struct pickle_value *a = pickle_get(v, "a");

	ck_assert_int_eq(pickle_at(a, 0)->number, 1);
	ck_assert(pickle_is_true(pickle_at(a, 1)));
	ck_assert_int_eq(pickle_at(a, 2)->kind, PICKLE_NONE);
	ck_assert_int_eq(pickle_at(a, 3)->number, -2);
	ck_assert_int_eq(pickle_at(a, 4)->number, 300);
	ck_assert_ptr_null(pickle_at(a, 5));
	ck_assert_str_eq(pickle_text(pickle_at(pickle_get(v, "b"), 0)), "c");
	ck_assert_ptr_null(pickle_get(v, "c"));
}
END_TEST

START_TEST(a_class_that_would_run_something_is_a_name)
{
	/* os.system('true') */
	ck_assert_int_eq(READ("cos\nsystem\n(\x8c\x04true\x85tR."), 0);
	ck_assert_int_eq(v->kind, PICKLE_OBJECT);
	ck_assert_str_eq(v->class->text, "system");
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
} bad[] = {
#define BAD(s)                                                                                     \
	{                                                                                          \
		s, sizeof s - 1                                                                    \
	}
	BAD(""),
	BAD("\x80"),
	BAD("."),
	BAD("nonsense"),
	BAD("\x8c\x05"
	    "abc."),
	BAD("h\x00."),
	BAD("]a."),
	BAD("e."),
	BAD("(\x85."),
	BAD("(]e."),
	BAD("Nr\xff\xff\xff\xff."),
	BAD("cos\nsystem"),
	BAD("\x8d\xff\xff\xff\xff\xff\xff\xff\xff."),
};

START_TEST(what_is_no_pickle_is_refused)
{
	ck_assert_int_eq(pickle_read_mem(bad[_i].bytes, bad[_i].len, "p", &mem, &v, &e), -1);
	ck_assert_str_eq(e.path, "p");
	ck_assert(e.msg[0]);
}
END_TEST

/* --- a folder ------------------------------------------------------------------------------- */

static const char *const variables[] = { "PATH=/bin", "J=old", NULL };

static int read_setup(const char *setup, bool is_wrapped)
{
	const struct list_context ctx = { .environ = variables };
	const struct meson_options o = { .folder = "tests/fixtures/meson",
					 .setup = setup,
					 .is_wrapped = is_wrapped };

	t.rootdir = fs_cwd(&mem);
	return meson_list(&o, &ctx, &t, &e);
}

static int read_folder(void)
{
	return read_setup(NULL, false);
}

static const struct test *test_of(const char *id)
{
	for (size_t i = 0; i < t.ntests; i++) {
		if (strcmp(t.tests[i].id, id) == 0)
			return &t.tests[i];
	}
	ck_abort_msg("no test '%s'", id);
	return NULL;
}

static const char *joined(const char **list, size_t n)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%s%s", i ? "|" : "", list[i]);
	const char *kept = arena_memdup(&mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

START_TEST(what_the_json_leaves_out_is_read_from_the_pickles)
{
	ck_assert_int_eq(read_folder(), 0);
	ck_assert_uint_eq(t.ntests, 4); /* "out" is in a suite that the default setup excludes */
	const struct test *one = test_of("p:u+v / one");
	const struct target *target = &t.targets[one->target];

	ck_assert_str_eq(joined(one->marks, one->nmarks), "p|u|v");
	ck_assert_uint_eq(one->timeout_us, 90 * 1000000);
	ck_assert_int_eq(one->priority, 3);
	ck_assert_str_eq(joined(target->argv, target->nargv), "/bin/valgrind|/bin/true|a b");
	ck_assert_ptr_nonnull(strstr(joined(target->env_mods, target->nenv_mods),
				     "PATH=path_list_prepend:/a:/b"));
	/* what is only set is there when the program lists its tests, too */
	ck_assert_ptr_nonnull(
		strstr(joined(target->env, target->nenv), "S=1|A=1|J=old+x|MALLOC_PERTURB_="));
	const struct test *alone = test_of("p / alone");

	ck_assert(alone->is_exclusive);
	ck_assert_int_eq(alone->priority, -2);
	ck_assert(t.targets[alone->target].rule->will_fail);
}
END_TEST

START_TEST(programs_of_another_machine_need_a_wrapper)
{
	ck_assert_int_eq(read_folder(), 0);
	const struct target *target = &t.targets[test_of("p:u+v / cross")->target];

	ck_assert_str_eq(joined(target->argv, target->nargv),
			 "/bin/valgrind|/bin/wrap|-q|/bin/true|a b");
	ck_assert_ptr_nonnull(strstr(test_of("p:u+v / no wrapper")->skip_reason, "exe_wrapper"));
}
END_TEST

START_TEST(a_setup_that_is_not_there_is_named_with_those_that_are)
{
	ck_assert_int_eq(read_setup("other", false), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_str_eq(e.path, "tests/fixtures/meson");
	ck_assert_str_eq(e.msg, "--setup: there is no test setup 'p:other'; there is 'p:usual'");
	ck_assert_int_eq(read_setup("p:usual", false), 0);
}
END_TEST

START_TEST(there_cannot_be_two_wrappers)
{
	ck_assert_int_eq(read_setup(NULL, true), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "has an exe_wrapper of its own"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("meson");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, NULL, tear_down);
	tcase_add_test(c, a_pickle_is_data);
	tcase_add_test(c, a_class_that_would_run_something_is_a_name);
	tcase_add_loop_test(c, what_is_no_pickle_is_refused, 0, ARRAY_SIZE(bad));
	tcase_add_test(c, what_the_json_leaves_out_is_read_from_the_pickles);
	tcase_add_test(c, programs_of_another_machine_need_a_wrapper);
	tcase_add_test(c, a_setup_that_is_not_there_is_named_with_those_that_are);
	tcase_add_test(c, there_cannot_be_two_wrappers);
	suite_add_tcase(s, c);
	return unit_main(s);
}
