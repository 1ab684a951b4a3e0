/* SPDX-License-Identifier: MIT
 *
 * GLib's test framework (g_test_init(), g_test_run()).  Its TAP says nothing when a test begins, has
 * a plan for each -p, and '?' for what the locale cannot write; its binary log, which has neither
 * fault, comes through the report pipe.  -k lets the tests behind one go on that called g_test_fail();
 * a failed g_assert() ends the process, the log says why, and the rest runs in a new one.
 */
#include "adapter/glib.h"

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_cases.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/elf.h"
#include "sys/proc.h"

#define REGEX_PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/-"

/* One argument has 131,071 bytes, all of them 2 MiB; paths are short. */
enum { MAX_BATCH = 4096, MAX_ENTRY_ARGS = 1024, EXIT_ALL_SKIPPED = 77 };

static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	return f && elf_file_kind(f) == ELF_KIND_PROGRAM &&
	       elf_file_has_symbol(f, "g_test_run", ELF_SYMBOL_ANY) &&
	       elf_file_has_symbol(f, "g_test_init", ELF_SYMBOL_ANY);
}

/* A choice by -s, -r or -x is none of these: the list does not heed it. */
static const struct arg_row arg_rows[] = {
	{ "-p", true, ARG_CHOICE },
	{ "-m", true, ARG_KEPT },
	{ "-k", false, ARG_OURS },
	{ "--keep-going", false, ARG_OURS },
	{ "-q", false, ARG_OURS },
	{ "--quiet", false, ARG_OURS },
	{ "--tap", false, ARG_OURS },
	{ "--seed", true, ARG_KEPT },
	{ "--g-fatal-warnings", false, ARG_KEPT },
	{ NULL, false, ARG_KEPT },
};

static const struct own_args own_args = { .rows = arg_rows };

/* --- listing --------------------------------------------------------------------------------- */

struct listing {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	struct map seen, ids;
};

/* "/a/b/c": suite "/a/b", name "c". */
static void on_listed(void *ctx, const struct glib_message *m)
{
	struct listing *l = ctx;
	struct arena *mem = &l->tests->mem;
	struct test t = test_blank(l->target_index);
	const char *path = m->texts[0], *slash = strrchr(path, '/');

	if (m->type != GLIB_LIST_CASE || !slash)
		return;
	t.selector = arena_strdup(mem, path);
	/* a second one of the same path cannot be chosen apart: GLib refuses to register it */
	if (!map_put(&l->seen, t.selector, strlen(t.selector), 0))
		return;
	t.suite = arena_memdup(mem, path, (size_t)(slash - path));
	t.name = arena_strdup(mem, slash + 1);
	ask_add_test(l->tests, l->target, &t, &l->ids);
}

int glib_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		   struct tests *ret, struct err *reterr)
{
	struct listing l = { .target = t, .target_index = target_index, .tests = ret };
	struct glib_log log = { .pending = BUF_INIT };
	size_t nbefore = ret->ntests;
	int status = 0;

	glib_log_feed(&log, s, len, on_listed, &l);
	if (log.is_broken || log.pending.len > 0) {
		ret->ntests = nbefore;
		status = err_set(reterr, ERR_SYNTAX, NULL, 0,
				 "the list of tests of '%s' cannot be read: no log of GLib's",
				 t->argv[0]);
	}
	map_release(&l.seen);
	map_release(&l.ids);
	buf_release(&log.pending);
	return status;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	static const char *const args[] = { "--GTestLogFD=7", "-l", NULL };
	const struct question q = { .own = &own_args, .args = args, .has_report = true };

	return ask_list(t, target_index, ctx, &q, glib_list_read, ret, reterr);
}

/* --- running --------------------------------------------------------------------------------- */

static bool is_below(const char *path, const char *suite)
{
	size_t len = strlen(suite);

	return strncmp(path, suite, len) == 0 && path[len] == '/';
}

/* -p takes what stands below a path too; where a test is called as a suite, these are skipped. */
static void skip_below(const struct batch *b, const struct test *test, struct command *ret,
		       size_t *room)
{
	for (size_t i = 0; b->all && i<b->all->ntests && * room> 1; i++) {
		const struct test *other = &b->all->tests[i];
		bool is_chosen = false;

		if (other->target != test->target || !is_below(other->selector, test->selector))
			continue;
		for (size_t k = 0; k < b->ntests && !is_chosen; k++)
			is_chosen = b->tests[k] == other;
		if (is_chosen)
			continue;
		command_arg(ret, "-s");
		command_arg(ret, "%s", other->selector);
		*room -= 2;
	}
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	size_t room = 1024;

	(void)reterr;
	args_begin(ret, &own_args, b->target, 2 * b->ntests + room + 4);
	command_arg(ret, "--GTestLogFD=%d", ASK_REPORT_FD);
	command_arg(ret, "-q");
	command_arg(ret, "-k");
	for (size_t i = 0; i < b->ntests; i++) {
		command_arg(ret, "-p");
		command_arg(ret, "%s", b->tests[i]->selector);
		if (b->ntests < 64)
			skip_below(b, b->tests[i], ret, &room);
	}
	ret->report_fd = ASK_REPORT_FD;
	ret->is_merged = b->ntests > 1;
	return 0;
}

/* --- reading --------------------------------------------------------------------------------- */

struct reader {
	struct cases cases;
	struct glib_log log;
	struct buf error; /* of the test that runs */
};

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	cases_init(&r->cases, b, sink);
	r->log.pending = r->error = (struct buf)BUF_INIT;
	return r;
}

/* "ERROR:file.c:9:function: assertion failed (1 == 2): ..." */
static void tell_error(char *text, struct result *ret)
{
	static const char mark[] = "ERROR:";
	char *file = text + sizeof mark - 1,
	     *colon = strncmp(text, mark, sizeof mark - 1) == 0 ? strchr(file, ':') : NULL;
	char *end = colon ? strchr(colon + 1, ':') : NULL, *message;
	uint64_t line = 0;

	ret->message = text;
	if (!end || !(message = strstr(end + 1, ": ")))
		return;
	*colon = *end = '\0';
	if (!parse_uint(colon + 1, UINT32_MAX, &line))
		return;
	ret->file = *file ? file : NULL;
	ret->line = (unsigned)line;
	ret->message = message + 2;
}

static void end_case(struct reader *r, size_t i, const struct glib_message *m)
{
	static const enum outcome outcomes[] = { OUTCOME_PASS, OUTCOME_SKIP, OUTCOME_FAIL,
						 OUTCOME_XFAIL };
	double status = m->numbers[0], seconds = m->numbers[2];
	struct result result = cases_blank(OUTCOME_ERROR);

	if (status >= 0 && status < 100 && (size_t)status < ARRAY_SIZE(outcomes))
		result.outcome = outcomes[(size_t)status];
	result.message = m->texts[1];
	if (seconds >= 0 && seconds < 1e9)
		result.time_us = (uint64_t)(seconds * 1e6);
	if (result.outcome == OUTCOME_FAIL && !*result.message)
		result.message = "failed";
	if (result.outcome == OUTCOME_ERROR && !*result.message)
		result.message = "GLib gave it no known status";
	cases_end(&r->cases, i, &result);
}

static void on_message(void *ctx, const struct glib_message *m)
{
	struct reader *r = ctx;
	size_t i = cases_find(&r->cases, m->texts[0], strlen(m->texts[0]));

	if (m->type == GLIB_ERROR && r->cases.current != SIZE_MAX) {
		buf_clear(&r->error);
		buf_addstr(&r->error, m->texts[0]);
	}
	if (m->type == GLIB_START_CASE && i != SIZE_MAX) {
		buf_clear(&r->error);
		cases_begin(&r->cases, i);
	}
	/* of a test that was told to be passed over the start is not told */
	if (m->type == GLIB_STOP_CASE && i != SIZE_MAX && !cases_is_waiting(&r->cases, i))
		end_case(r, i, m);
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream == 2)
		glib_log_feed(&r->log, s, len, on_message, r);
	else
		cases_output(&r->cases, stream, s, len);
}

/* "All that ran were skipped." */
static bool is_all_skipped(const struct reader *r, const struct proc_end *end)
{
	return end->exit_code == EXIT_ALL_SKIPPED && r->cases.is_held &&
	       (r->cases.held.outcome == OUTCOME_SKIP || r->cases.held.outcome == OUTCOME_XFAIL);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	struct proc_end how = *end;
	struct result result = cases_blank(OUTCOME_FAIL);
	size_t i = r->cases.current;

	/* an assertion or a fatal message that ended the process is no crash */
	if (i != SIZE_MAX && !r->cases.is_held && r->error.len > 0 && !end->is_timeout &&
	    !end->is_stopped && (end->term_signal || end->exit_code > 0)) {
		tell_error(r->error.s, &result);
		result.term_signal = end->term_signal;
		result.exit_code = end->exit_code;
		cases_end(&r->cases, i, &result);
	}
	if (is_all_skipped(r, end))
		how.exit_code = 0;
	cases_finish(&r->cases, &how);
	cases_release(&r->cases);
	buf_release(&r->log.pending);
	buf_release(&r->error);
	free(r);
	return true;
}

/* --- for others -------------------------------------------------------------------------------- */

/* The path as TAP has it, in CMake's dialect; '?' may stand for what the locale cannot write. */
static void add_regex(struct buf *out, const char *path)
{
	while (*path) {
		if (!(*path & 0x80)) {
			if (!strchr(REGEX_PLAIN, *path))
				buf_addch(out, '\\');
			buf_addch(out, *path++);
			continue;
		}
		buf_addstr(out, "[^\n]+");
		while (*path & 0x80)
			path++;
	}
}

static int entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		 struct arena *mem, struct entry *ret, struct err *reterr)
{
	struct buf skip = BUF_INIT;

	(void)style, (void)reterr;
	/* what stands below it is told to be skipped, and comes behind it */
	buf_addstr(&skip, "ok 1 ");
	add_regex(&skip, t->selector);
	buf_addstr(&skip, " # (SKIP|TODO)");
	*ret = (struct entry){ .name = t->selector,
			       .plain_name = t->selector,
			       .skip_regex = arena_memdup(mem, skip.s, skip.len) };
	entry_arg(ret, mem, "--tap");
	entry_arg(ret, mem, "-p");
	entry_arg(ret, mem, "%s", t->selector);
	for (size_t i = 0; i < all->ntests && ret->nargs < MAX_ENTRY_ARGS; i++) {
		if (!is_below(all->tests[i].selector, t->selector))
			continue;
		entry_arg(ret, mem, "-s");
		entry_arg(ret, mem, "%s", all->tests[i].selector);
	}
	buf_release(&skip);
	return 0;
}

const struct adapter adapter_glib = {
	.name = "glib",
	.probe = probe,
	.list = list,
	.runs_to_list = true,
	.own_args = &own_args,
	.max_batch = MAX_BATCH,
	.entry = entry,
	.command = command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
