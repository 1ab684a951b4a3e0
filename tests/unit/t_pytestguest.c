/* SPDX-License-Identifier: MIT */
#include "format/pytestguest.h"

#include <check.h>

#include "base/err.h"

/* --- the list ------------------------------------------------------------------------------- */

static struct buf said;
static struct err e;

static void on_root(void *ctx, const char *dir)
{
	buf_addf(ctx, "root %s\n", dir);
}

static void on_controller(void *ctx, const char *name)
{
	buf_addf(ctx, "controller %s\n", name);
}

static void on_basetemp(void *ctx, const char *dir)
{
	buf_addf(ctx, "basetemp %s\n", dir);
}

static void on_addopt(void *ctx, const char *word)
{
	buf_addf(ctx, "addopt %s\n", word);
}

static void on_test(void *ctx, const struct pytestguest_test *t)
{
	buf_addf(ctx, "%s %u %s %s '%s'%s", t->id, t->line, t->suite, t->name, t->group,
		 t->is_deselected ? " deselected" : "");
	for (size_t i = 0; i < t->nmarks; i++)
		buf_addf(ctx, " @%s", t->marks[i]);
	buf_addch(ctx, '\n');
}

static void on_skip(void *ctx, const char *id, const char *reason)
{
	buf_addf(ctx, "skip %s: %s\n", id, reason);
}

static void on_error(void *ctx, const char *id, const char *text)
{
	buf_addf(ctx, "error %s: %s\n", id, text);
}

static void on_goes_on(void *ctx)
{
	buf_addstr(ctx, "goes on\n");
}

static int list(const char *text)
{
	const struct pytestguest_hooks hooks = {
		.ctx = &said,
		.root = on_root,
		.basetemp = on_basetemp,
		.controller = on_controller,
		.addopt = on_addopt,
		.test = on_test,
		.skip = on_skip,
		.error = on_error,
		.goes_on = on_goes_on,
	};

	return pytestguest_list(text, strlen(text), &hooks, &e);
}

static void set_up(void)
{
	said = (struct buf)BUF_INIT;
	e = (struct err){ 0 };
}

static void tear_down(void)
{
	buf_release(&said);
}

START_TEST(everything_in_a_list_is_said_in_order)
{
	ck_assert_msg(list("pytest-list\t1\n"
			   "root\t/r\nbasetemp\t/tmp/b\ncontroller\tc\naddopt\t-n\ngoes-on\n"
			   "error\tbad.py\tone\\x0Atwo\n"
			   "test\ta.py::t[a\\x09b]\t3\ta\tt[a\\x09b]\tdb\nmark\tslow\nmark\tunit\n"
			   "test\ta.py::u\t0\ta\tu\t\ndeselected\n"
			   "skip\ts.py\twhy\n"
			   "end\n") == 0,
		      "%s", e.msg);
	ck_assert_str_eq(said.s, "root /r\nbasetemp /tmp/b\ncontroller c\naddopt -n\ngoes on\n"
				 "error bad.py: one\ntwo\n"
				 "a.py::t[a\tb] 3 a t[a\tb] 'db' @slow @unit\n"
				 "a.py::u 0 a u '' deselected\n"
				 "skip s.py: why\n");
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
} bad_lists[] = {
	{ "", 1 },
	{ "pytest-list\t2\nend\n", 1 },
	{ "pytest-list\t1\n", 2 },
	{ "pytest-list\t1\nmark\tunit\nend\n", 2 },
	{ "pytest-list\t1\ndeselected\nend\n", 2 },
	{ "pytest-list\t1\nroot\t/r\nmark\tunit\nend\n", 3 },
	{ "pytest-list\t1\ntest\ta\t1\ts\tn\nend\n", 2 },
	{ "pytest-list\t1\ntest\ta\tx\ts\tn\t\nend\n", 2 },
	{ "pytest-list\t1\nnonsense\nend\n", 2 },
	{ "pytest-list\t1\nroot\t/r\nroot\t\\xZZ\n", 3 },
	{ "pytest-list\t1\nend", 2 },
};

START_TEST(a_bad_list_is_refused_with_its_line)
{
	ck_assert_int_eq(list(bad_lists[_i].text), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_uint_eq(e.line, bad_lists[_i].line);
}
END_TEST

/* --- the stream ----------------------------------------------------------------------------- */

static void on_event(void *ctx, const struct pytestguest_event *ev)
{
	static const char letters[] = {
		[PYTESTGUEST_BEGIN] = 'B', [PYTESTGUEST_OUTPUT] = 'O', [PYTESTGUEST_SUBTEST] = 'S',
		[PYTESTGUEST_END] = 'E',   [PYTESTGUEST_WANT] = 'W',   [PYTESTGUEST_PHASES] = 'P',
	};

	buf_addf(ctx, "%c%zu", letters[ev->kind], ev->test);
	if (ev->kind == PYTESTGUEST_OUTPUT)
		buf_addf(ctx, " %d '%s' %zu", ev->stream, ev->text, ev->len);
	if (ev->kind == PYTESTGUEST_SUBTEST)
		buf_addf(ctx, " %s %s (%s)", outcome_word(ev->outcome), ev->name, ev->message);
	for (size_t i = 0; ev->kind == PYTESTGUEST_PHASES && i < PHASE_MAX; i++)
		buf_addf(ctx, " %lld", (long long)ev->phases.time_us[i]);
	if (ev->kind == PYTESTGUEST_END)
		buf_addf(ctx, " %s %llu %s:%u (%s) (%s)", outcome_word(ev->outcome),
			 (unsigned long long)ev->time_us, ev->file ? ev->file : "-", ev->line,
			 ev->message, ev->detail);
	buf_addch(ctx, '\n');
}

static const char whole[] = "B\t0\nO\t0\t1\thel\\x0Alo\nS\t0\tfailed\ts\twhy\n"
			    "P\t0\t3\t-\t9\nE\t0\tfailed\t12\t/a.py\t7\tm\td\\x09e\nW\nB\t1\n"
			    "E\t1\tpassed\t0\t\t0\t\t\n";
static const char whole_said[] =
	"B0\nO0 1 'hel\nlo' 6\nS0 failed s (why)\n"
	"P0 3 -1 9\nE0 failed 12 /a.py:7 (m) (d\te)\nW0\nB1\nE1 passed 0 -:0 () ()\n";

START_TEST(the_stream_is_the_same_in_pieces_of_any_size)
{
	struct pytestguest_stream p = { .rest = BUF_INIT };
	size_t size = (size_t)_i, limit = 2;

	for (size_t at = 0; at < strlen(whole); at += size) {
		size_t left = strlen(whole) - at;

		pytestguest_feed(&p, whole + at, left < size ? left : size, on_event, &said,
				 &limit);
	}
	ck_assert_str_eq(said.s, whole_said);
	buf_release(&p.rest);
}
END_TEST

static const char *const bad_lines[] = {
	"B\n",
	"B\t2\n", /* there are two */
	"B\t-1\n",
	"B\t0\t0\n",
	"BB\t0\n",
	"O\t0\t2\tx\n",
	"E\t0\tcrashed\t0\t\t0\t\t\n", /* not for a process to say of itself */
	"E\t0\tpassed\tx\t\t0\t\t\n",
	"E\t0\tpassed\t0\t\tx\t\t\n",
	"E\t0\tpassed\t0\t\t0\t\n",
	"P\t0\t1\t2\n",
	"P\t0\t1\t2\tx\n",
	"S\t0\twrong\tn\tm\n",
	"\n",
	"what a test wrote\n",
	"O\t0\t1\t\\xZZ\n",
};

START_TEST(what_is_no_record_is_passed_over)
{
	struct pytestguest_stream p = { .rest = BUF_INIT };
	size_t limit = 2;

	pytestguest_feed(&p, bad_lines[_i], strlen(bad_lines[_i]), on_event, &said, &limit);
	pytestguest_feed(&p, "B\t1\n", 4, on_event, &said, &limit);
	ck_assert_str_eq(said.s, "B1\n");
	buf_release(&p.rest);
}
END_TEST

/* A test more, as soon as it is asked for. */
struct growing {
	size_t limit;
};

static void grow_when_asked(void *ctx, const struct pytestguest_event *ev)
{
	struct growing *g = ctx;

	if (ev->kind == PYTESTGUEST_WANT)
		g->limit++;
	else
		buf_addf(&said, "%zu ", ev->test);
}

START_TEST(tests_may_become_more_while_bytes_are_read)
{
	struct pytestguest_stream p = { .rest = BUF_INIT };
	static const char text[] = "B\t1\nW\nB\t1\nB\t2\n";
	struct growing g = { 1 };

	pytestguest_feed(&p, text, sizeof text - 1, grow_when_asked, &g, &g.limit);
	ck_assert_str_eq(said.s, "1 ");
	buf_release(&p.rest);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pytestguest");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, everything_in_a_list_is_said_in_order);
	tcase_add_loop_test(c, a_bad_list_is_refused_with_its_line, 0, ARRAY_SIZE(bad_lists));
	tcase_add_loop_test(c, the_stream_is_the_same_in_pieces_of_any_size, 1, (int)sizeof whole);
	tcase_add_loop_test(c, what_is_no_record_is_passed_over, 0, ARRAY_SIZE(bad_lines));
	tcase_add_test(c, tests_may_become_more_while_bytes_are_read);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);

	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);

	srunner_free(r);
	return failed > 0;
}
