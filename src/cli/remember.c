/* SPDX-License-Identifier: MIT */
#include "cli/remember.h"

#include <time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/fail.h"
#include "cli/session.h"
#include "format/durations.h"
#include "format/history.h"
#include "stage/report.h"
#include "sys/fs.h"

/* Fewer tests than this are looked up one by one. */
enum { LOOKUPS_MAX = 5000 };

const char *remember_path(const struct session *s, struct arena *mem)
{
	if (s->options.has_no_history || s->options.graph_output || !s->statedir)
		return NULL;
	return fs_join(mem, s->statedir, "history.db");
}

static void warn(struct buf *warning)
{
	if (warning->len > 0)
		cli_warn("%s", warning->s);
	buf_release(warning);
}

int remember_read_durations(struct session *s, struct err *reterr)
{
	const char *path = s->options.durations_file;

	return path ? durations_read(path, &s->durations, reterr) : 0;
}

void remember_read(struct session *s)
{
	struct buf warning = BUF_INIT;
	const struct history_file file = { remember_path(s, &s->mem), &warning };
	const struct tests *t = &s->tests;
	struct err err = { 0 };
	int status = 0;

	if (s->has_history || !file.path)
		return;
	s->has_history = true;
	/* --lf speaks of failures that are not among these tests */
	if (t->ntests > LOOKUPS_MAX || s->options.is_last_failed || s->options.is_failed_first) {
		status = history_load(&file, NULL, 0, &s->history, &err);
	} else {
		const char **ids = xcalloc(t->ntests + 1, sizeof *ids);

		for (size_t i = 0; i < t->ntests; i++)
			ids[i] = test_own_id(&t->tests[i]);
		status = history_load(&file, ids, t->ntests, &s->history, &err);
		free(ids);
	}
	if (status < 0 && err.code == ERR_UNSUPPORTED)
		cli_warn("%s: %s; nothing is remembered", err.path, err.msg);
	warn(&warning);
}

/* Of targets whose tests may share a process: else the start is part of the test's own time. */
static size_t find_starts(const struct session *s, const struct tests *t, const struct report *r,
			  struct history_target *ret)
{
	uint32_t *ntests = xcalloc(t->ntargets + 1, sizeof *ntests);
	size_t n = 0;

	for (size_t i = 0; i < t->ntests; i++)
		ntests[t->tests[i].target]++;
	for (uint32_t i = 0; i < t->ntargets; i++) {
		const char *name = t->targets[i].name;
		uint64_t us = report_start_us(r, i);

		if (ntests[i] > 1 && us != TIME_UNKNOWN)
			ret[n++] = (struct history_target){
				name, history_mean(history_start_us(&s->history, name), us)
			};
	}
	free(ntests);
	return n;
}

void remember_write(const struct session *s, const struct tests *t, const struct report *r)
{
	struct arena mem = { 0 };
	struct buf warning = BUF_INIT;
	const struct history_file file = { remember_path(s, &mem), &warning };

	if (!file.path)
		return;
	struct history_seen *seen = xcalloc(report_nresults(r) + 1, sizeof *seen);
	struct history_target *targets = xcalloc(t->ntargets + 1, sizeof *targets);
	struct history_run run = {
		.seen = seen,
		.nseen = report_seen(r, seen),
		.targets = targets,
		.now_s = (uint64_t)time(NULL),
	};

	run.ntargets = find_starts(s, t, r, targets);
	history_save(&file, &run, NULL); /* an aid: the run is what counts */
	free(seen);
	free(targets);
	arena_release(&mem);
	warn(&warning);
}

/* --- asked by others ------------------------------------------------------------------------ */

static uint64_t mean_us(const struct history *h, const char *id)
{
	const struct history_test *t = history_find(h, id);

	return t ? t->mean_us : TIME_UNKNOWN;
}

uint64_t remember_expected_everywhere(void *ctx, const char *id)
{
	const struct session *s = ctx;

	return mean_us(&s->durations, id);
}

uint64_t remember_expected(void *ctx, const char *id)
{
	const struct session *s = ctx;
	uint64_t us = mean_us(&s->history, id);

	return us != TIME_UNKNOWN ? us : remember_expected_everywhere(ctx, id);
}

uint64_t remember_start_everywhere(void *ctx, const char *target)
{
	const struct session *s = ctx;

	return history_start_us(&s->durations, target);
}

uint64_t remember_start(void *ctx, const char *target)
{
	const struct session *s = ctx;
	uint64_t us = history_start_us(&s->history, target);

	return us != TIME_UNKNOWN ? us : remember_start_everywhere(ctx, target);
}

bool remember_failed(void *ctx, const char *id)
{
	const struct session *s = ctx;
	const struct history_test *t = history_find(&s->history, id);

	return t && history_has_failed(t);
}

uint64_t remember_peak_bytes(const struct session *s, const char *id)
{
	const struct history_test *t = history_find(&s->history, id);

	return t ? t->peak_bytes : TIME_UNKNOWN;
}

/* --- said of it ----------------------------------------------------------------------------- */

void remember_describe(const struct session *s, const char *id, struct buf *out)
{
	const struct history_test *t = history_find(&s->history, id);
	uint64_t us = remember_expected((void *)s, id);

	if (us != TIME_UNKNOWN)
		buf_addf(out, "%llu.%03llu s expected", (unsigned long long)(us / 1000000),
			 (unsigned long long)(us / 1000 % 1000));
	if (t && t->outcomes[0])
		buf_addf(out, "%slast outcomes %s", out->len > 0 ? ", " : "", t->outcomes);
}

static void add_last_failed(const struct session *s, struct buf *out)
{
	size_t known = 0;
	size_t selected = 0;

	for (size_t i = 0; i < s->history.ntests; i++)
		known += history_has_failed(&s->history.tests[i]);
	for (size_t i = 0; i < s->tests.ntests; i++) {
		const struct test *t = &s->tests.tests[i];

		selected += !t->left_out && remember_failed((void *)s, test_own_id(t));
	}
	buf_addstr(out, "run-last-failure: ");
	if (selected > 0)
		buf_addf(out, "rerun previous %zu failure%s%s\n", selected,
			 selected == 1 ? "" : "s", s->options.is_last_failed ? "" : " first");
	else if (known > 0)
		buf_addf(out, "%zu known failures not in selected tests\n", known);
	else
		buf_addstr(out, "no previously failed tests, not deselecting items.\n");
}

void remember_notes(const struct session *s, const struct plan *p, struct buf *out)
{
	if (s->tests.ntests > 0 && (s->options.is_last_failed || s->options.is_failed_first))
		add_last_failed(s, out);
	if (s->options.verbosity > 0)
		buf_addf(out, "workers: %u, %s\n", p->nlanes, p->lanes_reason);
}
