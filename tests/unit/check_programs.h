/* SPDX-License-Identifier: MIT
 *
 * What the unit tests of adapter/check share: programs of libcheck are built in a folder, listed,
 * and run by a lane.
 */
#ifndef GW_TESTS_CHECK_PROGRAMS_H
#define GW_TESTS_CHECK_PROGRAMS_H

#include <unistd.h>

#include "adapter/adapter.h"
#include "base/err.h"
#include "format/elf.h"
#include "format/journal.h"
#include "model/plan.h"
#include "model/run.h"
#include "stage/execute.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "unit.h"

static struct arena mem;
static char *dir;
static struct tests tests;
static struct buf seen;
static struct err e;
static struct run run_options; /* what of the run is not as usual */

/* --- building --------------------------------------------------------------------------- */

static inline void shell(const char *format, const char *a, const char *b)
{
	struct buf script = BUF_INIT, out = BUF_INIT;
	struct proc_end end = { 0 };

	for (const char *c = format; *c; c++) {
		if (*c == '@')
			buf_addstr(&script, a);
		else if (*c == '%')
			buf_addstr(&script, b);
		else
			buf_addch(&script, *c);
	}
	const char *const argv[] = { "/bin/sh", "-c", script.s, NULL };
	const struct proc_spec spec = { .argv = argv, .is_merged = true };

	ck_assert_int_eq(proc_capture(&spec, TIME_UNKNOWN, 1 << 20, &out, NULL, &end, &e), 0);
	ck_assert_msg(end.exit_code == 0, "%s: %s", script.s, out.s);
	buf_release(&script);
	buf_release(&out);
}

/* The program is DIR/NAME. */
static inline void build(const char *name)
{
	struct buf source = BUF_INIT;

	buf_addf(&source, "tests/fixtures/check/%s.c", name);
	shell("cc -g -O1 -w -o @ % $(pkg-config --cflags --libs check)", fs_join(&mem, dir, name),
	      source.s);
	buf_release(&source);
}

static inline void setup(void)
{
	/* what the runner of this very test was told is not for the programs it runs */
	static const char *const told[] = {
		"CK_RUN_SUITE",         "CK_RUN_CASE",          "CK_FORK",
		"CK_VERBOSITY",         "CK_XML_LOG_FILE_NAME", "CK_LOG_FILE_NAME",
		"CK_TAP_LOG_FILE_NAME", "CK_INCLUDE_TAGS",      "CK_EXCLUDE_TAGS",
		"CK_DEFAULT_TIMEOUT",   "GANGWAY_LIBDIR"
	};

	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		unsetenv(told[i]);
	dir = fs_make_temp_dir(&mem, &e);
	ck_assert_msg(dir != NULL, "%s", e.msg);
	tests.rootdir = dir;
	seen = (struct buf)BUF_INIT;
	run_options = (struct run){ 0 };
}

static inline void teardown(void)
{
	fs_remove_tree(dir, NULL);
	buf_release(&seen);
	tests_release(&tests);
	arena_release(&mem);
}

/* --- listing ---------------------------------------------------------------------------- */

static inline int list_env(const char *name, const char *const *vars, size_t nvars)
{
	const char *path = fs_join(&mem, dir, name);
	const char **argv = arena_alloc(&mem, 2, sizeof *argv);
	const struct list_context ctx = { .timeout_us = 20000000,
					  .scratch = dir,
					  .environ = (const char *const *)environ };

	argv[0] = path;
	struct target t = { .name = name,
			    .adapter = "check",
			    .program = path,
			    .argv = argv,
			    .nargv = 1,
			    .env = (const char **)(uintptr_t)vars,
			    .nenv = nvars,
			    .workdir = dir };

	return adapter_check.list(&t, tests_add_target(&tests, &t), &ctx, &tests, &e);
}

static inline void list(const char *name)
{
	int status = list_env(name, NULL, 0);

	ck_assert_msg(status == 0, "%s", e.msg);
}

static inline const struct test *find(const char *id)
{
	for (size_t i = 0; i < tests.ntests; i++) {
		if (strcmp(tests.tests[i].id, id) == 0)
			return &tests.tests[i];
	}
	ck_abort_msg("no test '%s'", id);
	return NULL;
}

static inline const char *property(const struct test *t, const char *key)
{
	for (size_t i = 0; i < t->nprops; i++) {
		if (strcmp(t->props[i].key, key) == 0)
			return t->props[i].value;
	}
	return "";
}

static inline void expect_ids(const char *expected)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < tests.ntests; i++)
		buf_addf(&b, "%s\n", tests.tests[i].id);
	ck_assert_str_eq(b.s, expected);
	buf_release(&b);
}

/* --- running ---------------------------------------------------------------------------- */

struct telling {
	struct journal_reader reader;
	bool shows_output;
};

static inline void tell_output(struct telling *t, const char *label, struct span span)
{
	if (!t->shows_output || span.size_bytes == 0)
		return;
	buf_addstr(&seen, label);
	ck_assert_int_eq(journal_read_output(&t->reader, span, &seen, &e), 0);
}

/* Add "name outcome message" to seen; print what it printed on lines below. */
static inline int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	const struct result *r = &ev->result;
	struct telling *t = ctx;

	(void)reterr;
	if (ev->kind != JOURNAL_END)
		return 0;
	buf_addf(&seen, "%s %s", tests.tests[r->test].name, outcome_word(r->outcome));
	if (r->line)
		buf_addf(&seen, " %s:%u", fs_basename(r->file), r->line);
	if (*r->message)
		buf_addf(&seen, " %s", r->message);
	buf_addch(&seen, '\n');
	for (size_t i = 0; i < r->nsubs; i++)
		buf_addf(&seen, "  %s %s%s%s\n", r->subs[i].name, outcome_word(r->subs[i].outcome),
			 *r->subs[i].message ? " " : "", r->subs[i].message);
	tell_output(t, "out: ", r->out);
	tell_output(t, "err: ", r->err);
	return 0;
}

static inline void run_some(const uint32_t *indices, size_t n, uint64_t timeout_us,
			    bool shows_output)
{
	struct unit unit = { .name = "u1", .tests = (uint32_t *)(uintptr_t)indices, .ntests = n };
	struct plan plan = { .nlanes = 1, .units = &unit, .nunits = 1 };
	struct run run = { .id = "r",
			   .rootdir = dir,
			   .nlanes = 1,
			   .began_us = proc_now_us(),
			   .timeout_us = timeout_us,
			   .grace_us = 100000,
			   .output_limit_bytes = 65536,
			   .is_isolated = run_options.is_isolated,
			   .forkserver = run_options.forkserver,
			   .is_optimistic = run_options.is_optimistic };
	const struct execute_options o = { .rundir = dir,
					   .lanedir = fs_join(&mem, dir, "gw0"),
					   .unit = 0 };
	struct telling telling = { .shows_output = shows_output };

	fs_mkdirs(o.lanedir, NULL);
	int status = execute_lane(&o, &run, &tests, &plan, &e);

	ck_assert_msg(status == 0, "%s", e.msg);
	journal_reader_init(&telling.reader, o.lanedir, 0);
	status = journal_poll(&telling.reader, on_event, &telling, &e);
	ck_assert_msg(status == 0, "%s", e.msg);
	journal_reader_release(&telling.reader);
}

static inline void run_all(void)
{
	uint32_t *indices = arena_alloc(&mem, tests.ntests, sizeof *indices);

	for (size_t i = 0; i < tests.ntests; i++)
		indices[i] = (uint32_t)i;
	run_some(indices, tests.ntests, TIME_UNKNOWN, false);
}

#endif
