/* SPDX-License-Identifier: MIT
 *
 * The guest in cmocka programs.  A group is run by the real function with the chosen tests of it
 * alone, so its set-up runs once, and not at all where none is chosen.  What becomes of each is seen
 * where cmocka prints it: its own words go through print_message() and print_error(), which we
 * stand before, and are known by their formats, which no test's text can imitate.
 */
#include "gangway-tests.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As <cmocka.h> 1.1 and 2.0 have it; that header is not needed to build gangway. */
struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
	int (*setup_func)(void **state);
	int (*teardown_func)(void **state);
	void *initial_state;
};

typedef int (*fixture_fn)(void **state);
typedef int (*run_fn)(const char *group, const struct CMUnitTest *tests, size_t n, fixture_fn setup,
		      fixture_fn teardown);

int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t n,
			    fixture_fn setup, fixture_fn teardown);
void print_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum { ERROR_MAX_BYTES = 4000 };

/* The group that runs now. */
static struct {
	struct CMUnitTest *tests;
	int *places;
	size_t n;
	size_t nbegun;
	bool is_open;        /* the last that began has no verdict said */
	const char *outcome; /* NULL: none seen */
	bool is_set_up_bad;
	char error[ERROR_MAX_BYTES]; /* what cmocka printed of it */
} run;

static bool has_failed(void)
{
	return run.outcome && strcmp(run.outcome, "passed") != 0 &&
	       strcmp(run.outcome, "skipped") != 0;
}

/* "0x1 != 0x2\n[   LINE   ] --- m.c:9: error: Failure!": the place goes to *v, the rest stays. */
static void find_place(char *text, char *file, size_t size, struct guest_verdict *v)
{
	static const char *const marks[] = { ": error: Failure!", ": note: block" };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		char *hit = strstr(text, marks[i]);
		char *colon = hit;

		while (colon && colon > text && colon[-1] >= '0' && colon[-1] <= '9')
			colon--;
		if (!hit || colon == hit || colon == text || colon[-1] != ':')
			continue;
		v->line = (unsigned)strtoul(colon, NULL, 10);
		char *begin = colon - 1;

		while (begin > text && begin[-1] != '\n')
			begin--;
		if (strncmp(begin, "[   LINE   ] --- ", 17) == 0)
			begin += 17;
		snprintf(file, size, "%.*s", (int)(colon - 1 - begin), begin);
		v->file = file;
		return;
	}
}

/* The first line that says something. */
static void first_line(const char *text, char *out, size_t size)
{
	if (strncmp(text, "[  ERROR   ] --- ", 17) == 0)
		text += 17;
	text += strspn(text, "\n");
	if (strncmp(text, "[   LINE   ]", 12) == 0)
		text = "failed";
	snprintf(out, size, "%.*s", (int)strcspn(text, "\n"), text);
}

static void close_test(void)
{
	struct guest_verdict v = { .outcome = run.outcome ? run.outcome : "error", .file = "" };
	char file[400], message[400];

	if (!run.is_open)
		return;
	run.is_open = false;
	if (!run.outcome)
		snprintf(run.error, sizeof run.error, "cmocka gave no verdict");
	find_place(run.error, file, sizeof file, &v);
	first_line(run.error, message, sizeof message);
	bool is_bad = !run.outcome || has_failed();

	v.message = is_bad && !*message ? "failed" : message;
	v.detail = ""; /* what it printed says it */
	guest_ends(run.places[run.nbegun - 1], &v);
}

/* --- what cmocka says ------------------------------------------------------------------------ */

static void add_error(const char *format, va_list ap)
{
	size_t len = strlen(run.error);

	if (run.is_open && len + 1 < sizeof run.error)
		vsnprintf(run.error + len, sizeof run.error - len, format, ap);
}

static bool is(const char *format, const char *what)
{
	return strncmp(format, what, strlen(what)) == 0;
}

static void begin_next(void)
{
	close_test();
	if (run.nbegun == run.n)
		return;
	run.is_open = true;
	run.outcome = NULL;
	run.error[0] = '\0';
	guest_begins(run.places[run.nbegun++]);
}

/* "%s\n": what a group's fixture that failed is announced by, outside of any test. */
static void take_fixture(const char *text)
{
	if (strcmp(text, "[  FAILED  ] GROUP SETUP") == 0 && run.nbegun == 0)
		run.is_set_up_bad = true;
	if (strcmp(text, "[  FAILED  ] GROUP TEARDOWN") != 0 || !run.outcome || has_failed())
		return;
	run.outcome = "error";
	/* (2.0 says so through print_error(), behind this) */
	snprintf(run.error, sizeof run.error, "the group's tear-down failed\n");
}

/* False: it is not one of cmocka's own lines, which nobody needs to see. */
static bool take_line(const char *format, va_list ap)
{
	if (!run.tests)
		return false;
	if (is(format, "[ RUN      ] %s")) {
		begin_next();
	} else if (is(format, "[       OK ] %s")) {
		run.outcome = "passed";
	} else if (is(format, "[  SKIPPED ] %s")) {
		/* once more in the list at the end */
		run.outcome = run.outcome ? run.outcome : "skipped";
	} else if (is(format, "[  FAILED  ] %s")) {
		run.outcome = run.outcome ? run.outcome : "failed";
	} else if (is(format, "[  ERROR   ] %s")) {
		run.outcome = run.outcome ? run.outcome : "error";
	} else if (strcmp(format, "%s\n") == 0) {
		va_list copy;

		va_copy(copy, ap);
		take_fixture(va_arg(copy, const char *));
		va_end(copy);
		return false;
	} else {
		return is(format, "[==========]") || is(format, "[  PASSED  ]") ||
		       is(format, "[  SKIPPED ]") || is(format, "[  FAILED  ]") ||
		       is(format, "\n %u FAILED TEST") || is(format, "\n %u SKIPPED TEST");
	}
	return true;
}

void print_message(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (!take_line(format, ap))
		vprintf(format, ap);
	va_end(ap);
}

void print_error(const char *format, ...)
{
	va_list ap, copy;

	va_start(ap, format);
	va_copy(copy, ap);
	if (!take_line(format, ap)) {
		add_error(format, copy);
		vfprintf(stderr, format, ap);
	}
	va_end(copy);
	va_end(ap);
}

/* --- the group ------------------------------------------------------------------------------- */

static void settle_group(void)
{
	struct guest_verdict v = { .outcome = "error", .file = "", .detail = "" };

	close_test();
	v.message = run.is_set_up_bad ? "the group's set-up failed"
				      : "cmocka came back without having run it";
	for (size_t i = run.nbegun; i < run.n; i++) {
		guest_begins(run.places[i]);
		guest_ends(run.places[i], &v);
	}
}

int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t n,
			    fixture_fn setup, fixture_fn teardown)
{
	run_fn real = (run_fn)dlsym(RTLD_NEXT, "_cmocka_run_group_tests");
	const char *suite = group ? group : "";
	int ret = 0;

	if (!real)
		guest_refuse("the program's cmocka has no _cmocka_run_group_tests()");
	if (guest_mode() == GUEST_OFF)
		return real(group, tests, n, setup, teardown);
	run.tests = calloc(n + 1, sizeof *run.tests);
	run.places = calloc(n + 1, sizeof *run.places);
	run.n = run.nbegun = 0;
	run.is_set_up_bad = false;
	for (size_t i = 0; i < n && run.tests && run.places; i++) {
		/* without a function it is none: cmocka passes it over */
		if (!tests[i].test_func)
			continue;
		int place = guest_test(suite, tests[i].name ? tests[i].name : "",
				       (const void *)(uintptr_t)tests[i].test_func, "");

		if (place == GUEST_NOT_CHOSEN)
			continue;
		run.tests[run.n] = tests[i];
		run.places[run.n++] = place;
	}
	if (run.n > 0) {
		ret = real(group, run.tests, run.n, setup, teardown);
		settle_group();
	}
	free(run.tests);
	free(run.places);
	run.tests = NULL;
	return ret;
}
