/* SPDX-License-Identifier: MIT
 *
 * The guest in CUnit programs.  In place of any of CUnit's run functions, all interfaces alike, the
 * chosen tests of the registry run, suite by suite through CU_run_suite(), so a suite's
 * initialisation runs once; the others are set inactive meanwhile.  CUnit's message handlers, a
 * part of its public interface, tell how each went.  The structs are those of CUnit 2.1.
 */
#include "gangway-tests.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As <CUnit/TestDB.h> and <CUnit/TestRun.h> have them; they are not needed to build gangway. */
struct CU_Test {
	char *name;
	int is_active;
	void (*function)(void);
	jmp_buf *jump;
	struct CU_Test *next, *prev;
};

struct CU_Suite {
	char *name;
	int is_active;
	struct CU_Test *tests;
	int (*init)(void);
	int (*cleanup)(void);
	void (*set_up)(void);
	void (*tear_down)(void);
	unsigned ntests;
	struct CU_Suite *next, *prev;
};

struct CU_Registry {
	unsigned nsuites, ntests;
	struct CU_Suite *suites;
};

struct CU_Failure {
	int type;
	unsigned line;
	char *file, *condition;
	struct CU_Test *test;
	struct CU_Suite *suite;
	struct CU_Failure *next, *prev;
};

struct real {
	struct CU_Registry *(*registry)(void);
	int (*run_suite)(struct CU_Suite *);
	void (*set_fail_on_inactive)(int);
	void (*on_start)(void (*)(const struct CU_Test *, const struct CU_Suite *));
	void (*on_complete)(void (*)(const struct CU_Test *, const struct CU_Suite *,
				     const struct CU_Failure *));
	void (*on_init_failure)(void (*)(const struct CU_Suite *));
	void (*on_cleanup_failure)(void (*)(const struct CU_Suite *));
};

enum { DETAIL_BYTES = 2000 };

/* The suite that runs now. */
static struct {
	struct slot {
		struct CU_Test *test;
		int place;
		int was_active;
	} * slots;
	size_t n;
	int open; /* place whose verdict waits for what comes behind it, or GUEST_NOT_CHOSEN */
	struct guest_verdict verdict;
	char file[400], message[400], detail[DETAIL_BYTES];
} run;

static bool is_inside; /* CUnit's own calls of these functions */

static void *real_of(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (!f)
		guest_refuse("the program's CUnit lacks a function of CUnit 2.1");
	return f;
}

static struct real find_real(void)
{
	struct real r;

	*(void **)&r.registry = real_of("CU_get_registry");
	*(void **)&r.run_suite = real_of("CU_run_suite");
	*(void **)&r.set_fail_on_inactive = real_of("CU_set_fail_on_inactive");
	*(void **)&r.on_start = real_of("CU_set_test_start_handler");
	*(void **)&r.on_complete = real_of("CU_set_test_complete_handler");
	*(void **)&r.on_init_failure = real_of("CU_set_suite_init_failure_handler");
	*(void **)&r.on_cleanup_failure = real_of("CU_set_suite_cleanup_failure_handler");
	return r;
}

/* --- what CUnit says ------------------------------------------------------------------------- */

static struct slot *slot_of(const struct CU_Test *test)
{
	for (size_t i = 0; i < run.n; i++) {
		if (run.slots[i].test == test)
			return &run.slots[i];
	}
	return NULL;
}

static void close_test(void)
{
	if (run.open != GUEST_NOT_CHOSEN)
		guest_ends(run.open, &run.verdict);
	run.open = GUEST_NOT_CHOSEN;
}

static void on_start(const struct CU_Test *test, const struct CU_Suite *suite)
{
	const struct slot *slot = slot_of(test);

	(void)suite;
	close_test();
	if (slot && slot->place != GUEST_NOT_CHOSEN)
		guest_begins(slot->place);
}

static void add_failures(const struct CU_Test *test, const struct CU_Failure *f)
{
	size_t len = 0;

	for (; f; f = f->next) {
		const char *condition = f->condition ? f->condition : "";

		if (f->test != test || len + 1 >= sizeof run.detail)
			continue;
		if (len == 0) {
			snprintf(run.message, sizeof run.message, "%s", condition);
			snprintf(run.file, sizeof run.file, "%s", f->file ? f->file : "");
			run.verdict.line = f->line;
		}
		int n = snprintf(run.detail + len, sizeof run.detail - len, "%s:%u: %s\n",
				 f->file ? f->file : "", f->line, condition);

		len += n > 0 ? (size_t)n : 0;
	}
}

static void on_complete(const struct CU_Test *test, const struct CU_Suite *suite,
			const struct CU_Failure *failures)
{
	const struct slot *slot = slot_of(test);

	(void)suite;
	if (!slot || slot->place == GUEST_NOT_CHOSEN)
		return;
	run.file[0] = run.message[0] = run.detail[0] = '\0';
	run.verdict = (struct guest_verdict){ failures ? "failed" : "passed", run.file, 0,
					      run.message, run.detail };
	add_failures(test, failures);
	run.open = slot->place;
}

static void on_init_failure(const struct CU_Suite *suite)
{
	static const struct guest_verdict v = { "error", "", 0, "the suite's initialisation failed",
						"" };

	(void)suite;
	for (size_t i = 0; i < run.n; i++) {
		if (run.slots[i].place == GUEST_NOT_CHOSEN)
			continue;
		guest_begins(run.slots[i].place);
		guest_ends(run.slots[i].place, &v);
	}
}

static void on_cleanup_failure(const struct CU_Suite *suite)
{
	(void)suite;
	if (run.open == GUEST_NOT_CHOSEN || strcmp(run.verdict.outcome, "passed") != 0)
		return;
	run.verdict.outcome = "error";
	run.verdict.message = "the suite's clean-up failed";
}

/* --- in place of a run ----------------------------------------------------------------------- */

static const char *text_of(const char *s)
{
	return s ? s : "";
}

/* Which tests of the suite, or if it is only this one that the caller runs, are wanted? */
static size_t choose(struct CU_Suite *suite, const struct CU_Test *only)
{
	size_t nchosen = 0, n = 0;

	for (struct CU_Test *t = suite->tests; t; t = t->next)
		n++;
	run.slots = calloc(n + 1, sizeof *run.slots);
	run.n = 0;
	for (struct CU_Test *t = suite->tests; t && run.slots; t = t->next) {
		const char *skip = suite->is_active && t->is_active ? "" : "inactive";
		int place = GUEST_NOT_CHOSEN;

		if (!only || t == only)
			place = guest_test(text_of(suite->name), text_of(t->name),
					   (const void *)(uintptr_t)t->function, skip);

		run.slots[run.n++] = (struct slot){ t, place, t->is_active };
		nchosen += place != GUEST_NOT_CHOSEN;
	}
	return nchosen;
}

static int run_suite(const struct real *real, struct CU_Suite *suite, const struct CU_Test *only)
{
	size_t nchosen = choose(suite, only);
	int ret = 0;

	for (struct CU_Test *t = suite->tests; t && nchosen > 0; t = t->next) {
		const struct slot *slot = slot_of(t);

		t->is_active = t->is_active && slot && slot->place != GUEST_NOT_CHOSEN;
	}
	run.open = GUEST_NOT_CHOSEN;
	if (nchosen > 0)
		ret = real->run_suite(suite);
	close_test();
	for (size_t i = 0; i < run.n; i++)
		run.slots[i].test->is_active = run.slots[i].was_active;
	free(run.slots);
	run.slots = NULL;
	return ret;
}

/* All suites, one, or one test of it. */
static int take_over(struct CU_Suite *suite, const struct CU_Test *test)
{
	struct real real = find_real();
	const struct CU_Registry *registry = real.registry();
	int ret = 0;

	is_inside = true;
	real.set_fail_on_inactive(0);
	real.on_start(on_start);
	real.on_complete(on_complete);
	real.on_init_failure(on_init_failure);
	real.on_cleanup_failure(on_cleanup_failure);
	if (suite)
		ret = run_suite(&real, suite, test);
	for (struct CU_Suite *s = registry && !suite ? registry->suites : NULL; s; s = s->next) {
		int status = run_suite(&real, s, NULL);

		ret = ret ? ret : status;
	}
	is_inside = false;
	return ret;
}

static bool is_ours(void)
{
	return guest_mode() != GUEST_OFF && !is_inside;
}

#define TAKE_ALL(name)                                                                             \
	int name(void);                                                                            \
	int name(void)                                                                             \
	{                                                                                          \
		int (*real)(void) = NULL;                                                          \
                                                                                                   \
		if (is_ours())                                                                     \
			return take_over(NULL, NULL);                                              \
		*(void **)&real = real_of(#name);                                                  \
		return real();                                                                     \
	}

#define TAKE_ALL_VOID(name)                                                                        \
	void name(void);                                                                           \
	void name(void)                                                                            \
	{                                                                                          \
		void (*real)(void) = NULL;                                                         \
                                                                                                   \
		if (is_ours()) {                                                                   \
			take_over(NULL, NULL);                                                     \
			return;                                                                    \
		}                                                                                  \
		*(void **)&real = real_of(#name);                                                  \
		real();                                                                            \
	}

#define TAKE_SUITE(name)                                                                           \
	int name(struct CU_Suite *suite);                                                          \
	int name(struct CU_Suite *suite)                                                           \
	{                                                                                          \
		int (*real)(struct CU_Suite *) = NULL;                                             \
                                                                                                   \
		if (is_ours() && suite)                                                            \
			return take_over(suite, NULL);                                             \
		*(void **)&real = real_of(#name);                                                  \
		return real(suite);                                                                \
	}

#define TAKE_TEST(name)                                                                            \
	int name(struct CU_Suite *suite, struct CU_Test *test);                                    \
	int name(struct CU_Suite *suite, struct CU_Test *test)                                     \
	{                                                                                          \
		int (*real)(struct CU_Suite *, struct CU_Test *) = NULL;                           \
                                                                                                   \
		if (is_ours() && suite && test)                                                    \
			return take_over(suite, test);                                             \
		*(void **)&real = real_of(#name);                                                  \
		return real(suite, test);                                                          \
	}

TAKE_ALL(CU_run_all_tests)
TAKE_ALL(CU_basic_run_tests)
TAKE_ALL_VOID(CU_automated_run_tests)
TAKE_ALL_VOID(CU_console_run_tests)
TAKE_ALL_VOID(CU_curses_run_tests)
TAKE_SUITE(CU_run_suite)
TAKE_SUITE(CU_basic_run_suite)
TAKE_TEST(CU_run_test)
TAKE_TEST(CU_basic_run_test)
