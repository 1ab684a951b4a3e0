/* SPDX-License-Identifier: MIT
 *
 * What the tests of the report share: journals are written as a lane would, and the report of them
 * is compared with tests/fixtures/report/NAME.txt (UPDATE_GOLDEN=1 writes those anew; look at the
 * diff).
 */
#ifndef GW_TESTS_REPORT_LANES_H
#define GW_TESTS_REPORT_LANES_H

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/journal.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/report.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "unit/unit.h"

enum { MAX_LANES = 64 };

static struct arena mem;
static struct err e;
static struct tests tests;
static struct plan plan;
static struct run run;
static struct report_options options;
static const char *top;
static const char *dirs[MAX_LANES];
static struct journal *journals[MAX_LANES];
static char *shown; /* what open_memstream() has */
static size_t shown_len;

static inline void setup(void)
{
	e = (struct err){ 0 };
	run = (struct run){ 0 };
	top = fs_make_temp_dir(&mem, &e);
	ck_assert_ptr_nonnull(top);
	tests.rootdir = "/home/me/project";
	run.rootdir = "/home/me/project";
	options = (struct report_options){
		.columns = 80,
		.tb = TB_SHORT,
		.durations = UINT32_MAX,
		.durations_min_us = 5000,
		.show = "fE",
		.engine = "ninja 1.11.1",
	};
	options.out = open_memstream(&shown, &shown_len);
}

static inline void teardown(void)
{
	for (size_t i = 0; i < MAX_LANES; i++)
		journal_abandon(journals[i]);
	fs_remove_tree(top, NULL);
	fclose(options.out);
	free(shown);
	tests_release(&tests);
	plan_release(&plan);
	arena_release(&mem);
}

static inline void set_lanes(unsigned n)
{
	run.nlanes = plan.nlanes = n;
	for (unsigned i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof name, "gw%u", i);
		dirs[i] = fs_join(&mem, top, name);
		ck_assert_int_eq(fs_mkdirs(dirs[i], &e), 0);
		journals[i] = journal_create(dirs[i], i, &e);
		ck_assert_ptr_nonnull(journals[i]);
	}
}

static inline uint32_t add_test(const char *id, const char *file, unsigned line)
{
	const struct target target = { .name = "tests/prog", .adapter = "exitcode" };
	struct test t = test_blank(tests.ntargets ? 0 : tests_add_target(&tests, &target));

	t.id = arena_strdup(&tests.mem, id);
	t.file = file;
	t.line = line;
	return tests_add(&tests, &t);
}

/* A unit of all tests from the first to the last. */
static inline void add_unit(uint32_t first, uint32_t last, uint32_t home)
{
	struct unit u = { .name = "u", .home = home, .ntests = last - first + 1, .reason = "" };

	u.tests = arena_alloc(&plan.mem, u.ntests, sizeof *u.tests);
	for (size_t i = 0; i < u.ntests; i++)
		u.tests[i] = first + (uint32_t)i;
	GROW(plan.units, plan.nunits, plan.cap_units);
	plan.units[plan.nunits++] = u;
}

static inline struct result make(uint32_t test, enum outcome o, const char *message)
{
	return (struct result){
		.test = test,
		.attempt = 1,
		.outcome = o,
		.start_us = 1000 * test,
		.time_us = 10000 * (test + 1),
		.message = message,
		.detail = "",
		.exit_code = -1,
		.peak_bytes = TIME_UNKNOWN,
	};
}

static inline void begin(unsigned lane, uint32_t test)
{
	ck_assert_int_eq(journal_begin(journals[lane], test, 1, 1000 * test, &e), 0);
}

static inline void end(unsigned lane, struct result r)
{
	begin(lane, r.test);
	ck_assert_int_eq(journal_end(journals[lane], &r, &e), 0);
}

static inline struct span print(unsigned lane, const char *text)
{
	struct span s = { 0 };

	ck_assert_int_eq(journal_output(journals[lane], text, strlen(text), &s, &e), 0);
	return s;
}

static inline void close_lane(unsigned lane)
{
	ck_assert_int_eq(journal_close(journals[lane], &e), 0);
	journals[lane] = NULL;
}

static inline struct report *start(void)
{
	struct report *r = report_begin(&options, &run, &tests, &plan, dirs, run.nlanes, &e);

	ck_assert_ptr_nonnull(r);
	return r;
}

static inline struct report_totals finish(struct report *r)
{
	struct report_totals totals = { 0 };

	if (report_end(r, &totals, &e) < 0)
		ck_abort_msg("report_end: %s", e.msg);
	report_free(r);
	fflush(options.out);
	return totals;
}

static inline struct report_totals report(void)
{
	return finish(start());
}

static inline void many_tests(unsigned n, unsigned nlanes)
{
	set_lanes(nlanes);
	for (unsigned i = 0; i < n; i++) {
		char id[32];

		snprintf(id, sizeof id, "tests/many::t%u", i);
		add_test(id, NULL, 0);
	}
	add_unit(0, n - 1, NO_INDEX);
}

/* What was shown must be what the file has. */
static inline void check_golden(const char *name)
{
	struct buf path = BUF_INIT;
	struct buf want = BUF_INIT;

	fflush(options.out);
	buf_addf(&path, "tests/fixtures/report/%s.txt", name);
	if (getenv("UPDATE_GOLDEN")) {
		FILE *f = fopen(path.s, "w");

		ck_assert_ptr_nonnull(f);
		fwrite(shown, 1, shown_len, f);
		ck_assert_int_eq(fclose(f), 0);
	}
	if (fs_read(path.s, 1 << 20, &want, &e) < 0)
		ck_abort_msg("%s: %s", path.s, e.msg);
	if (want.len != shown_len || memcmp(want.s, shown, shown_len) != 0)
		ck_abort_msg("not as in %s:\n%s", path.s, shown);
	buf_release(&path);
	buf_release(&want);
}

#endif
