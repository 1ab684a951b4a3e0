/* SPDX-License-Identifier: MIT
 *
 * Exercises automake.c and automake_run.c of adapter/: the bytes are what make prints about somebody's Makefile,
 * what a driver prints, and a .trs.  Properties: lists hold words and no NULL, and there is a list of needs
 * for each log; a test that exited without a .trs is an error with a message, its points have names, however
 * the bytes are cut.
 */
#include <assert.h>

#include "adapter/adapter.h"
#include "adapter/automake.h"
#include "sys/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(const struct automake_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		assert(w->items[i]);
}

static void check_lists(const char *s, size_t len)
{
	struct automake_lists lists = { 0 };
	struct arena mem = { 0 };

	automake_read(s, len, &mem, &lists);
	check_words(&lists.tests);
	check_words(&lists.logs);
	check_words(&lists.subdirs);
	check_words(&lists.needs);
	assert(lists.srcdir);
	for (size_t i = 0; i < lists.logs.n; i++)
		check_words(&lists.depends[i]);
	arena_release(&mem);
}

static void on_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	(void)ctx;
	assert(i == 0 && stream == 1 && s && len > 0);
}

static void on_end(void *ctx, size_t i, const struct result *r)
{
	size_t *nsubs = ctx;

	assert(i == 0 && r->outcome == OUTCOME_ERROR && r->message[0]);
	for (size_t k = 0; k < r->nsubs; k++)
		assert(r->subs[k].name && r->subs[k].message);
	*nsubs = r->nsubs;
}

/* The number of points in what a driver printed. */
static size_t run(const char *s, size_t len, size_t cut)
{
	static const struct target target = { .name = "t", .workdir = "/nonexistent" };
	static const struct test test = { .name = "t", .selector = "t" };
	const struct test *tests[] = { &test };
	const struct batch b = { .target = &target, .tests = tests, .ntests = 1 };
	size_t nsubs = 0;
	const struct case_sink sink = { .ctx = &nsubs, .output = on_output, .end = on_end };
	const struct proc_end end = { .exit_code = 0 };
	struct reader *r = adapter_automake.reader_new(&b, &sink);

	for (size_t at = 0; at < len; at += cut)
		adapter_automake.read(r, 0, s + at, len - at < cut ? len - at : cut);
	adapter_automake.finish(r, &end);
	return nsubs;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum outcome outcome = OUTCOME_PASS;
	struct buf trs = BUF_INIT;

	check_lists((const char *)data, size);
	assert(run((const char *)data, size, size + 1) == run((const char *)data, size, 3));
	buf_add(&trs, data, size);
	if (automake_read_verdict(trs.s, &outcome))
		assert(outcome < OUTCOME_MAX);
	buf_release(&trs);
	return 0;
}
