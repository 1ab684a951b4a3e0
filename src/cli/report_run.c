/* SPDX-License-Identifier: MIT */
#include "cli/report_run.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/cover.h"
#include "cli/fail.h"
#include "cli/finish.h"
#include "cli/options_run.h"
#include "cli/rundir.h"
#include "cli/show.h"

/* Tests of tests.tsv that no unit has were not selected. */
size_t report_run_deselected(const struct loaded_run *r)
{
	unsigned char *is_planned = xcalloc(r->tests.ntests + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < r->tests.ntests; i++)
		n += strcmp(r->tests.targets[r->tests.tests[i].target].adapter, TARGET_GONE) != 0 &&
		     !r->tests.tests[i].is_held;

	for (size_t u = 0; u < r->plan.nunits; u++) {
		for (size_t k = 0; k < r->plan.units[u].ntests; k++) {
			unsigned char *seen = &is_planned[r->plan.units[u].tests[k]];

			n -= !*seen;
			*seen = 1;
		}
	}
	free(is_planned);
	return n;
}

/* Asked for, or of a graph whose merge has gathered it. */
static int tell_coverage(const struct run_view *view, const struct options_run *o, bool is_verdict,
			 struct report *report, bool *is_under, struct err *reterr)
{
	struct cover_result result = { .text = BUF_INIT };
	const struct cover_job job = {
		.view = view,
		.options = is_verdict ? NULL : &o->cov,
		.is_again = true,
		.wants_files = !is_verdict && o->cov.report_words.n > 0,
		.is_verbose = o->verbosity > 0,
	};

	if (!view->run->wants_cov && !is_verdict && o->cov.sources.n > 0)
		return err_set(reterr, ERR_MISSING, view->dir, 0,
			       "this run was made without --cov");
	if (!view->run->wants_cov || (!is_verdict && o->cov.sources.n == 0))
		return 0;
	int status = cover_finish(&job, &result, reterr);

	report_insert(report, result.text.s);
	*is_under = result.is_under;
	buf_release(&result.text);
	return status;
}

static bool is_below(const char *id, const char *only)
{
	size_t n = strlen(only);

	return strncmp(id, only, n) == 0 && (id[n] == '\0' || strncmp(id + n, "::", 2) == 0);
}

/* The tests that the verdict is about: the plan keeps no others.  NULL: all. */
static bool *choose(struct loaded_run *r, const struct options_run *o)
{
	if (!o->only && !o->only_group)
		return NULL;
	bool *chosen = arena_alloc(&r->mem, r->tests.ntests + 1, sizeof *chosen);

	for (size_t i = 0; i < r->tests.ntests; i++) {
		const struct test *t = &r->tests.tests[i];

		chosen[i] = o->only ? is_below(test_own_id(t), o->only)
				    : t->group && strcmp(t->group, o->only_group) == 0;
	}
	for (size_t i = 0; i < r->plan.nunits; i++) {
		struct unit *u = &r->plan.units[i];
		size_t n = 0;

		for (size_t k = 0; k < u->ntests; k++) {
			if (chosen[u->tests[k]])
				u->tests[n++] = u->tests[k];
		}
		u->ntests = n;
	}
	return chosen;
}

static int list_tests(const struct loaded_run *r, const struct options_run *o, struct err *reterr)
{
	const struct run_view view = run_view_of(r);
	const struct cover_job job = { .view = &view, .options = &o->cov, .is_again = true };
	struct buf text = BUF_INIT;
	int status = cover_tests(&job, &text, reterr);

	fwrite(text.s, 1, text.len, stdout);
	fflush(stdout);
	buf_release(&text);
	return status;
}

static int tell(struct loaded_run *r, const struct options_run *o, bool is_verdict,
		struct err *reterr)
{
	const struct run_view view = run_view_of(r);
	struct report_options options = show_options(o);
	bool is_working = false;
	enum stop_reason why = finish_stop_reason(&view, &is_working);
	struct report_totals totals = { 0 };
	int code = -1;

	options.only = choose(r, o);
	options.ndeselected = options.only ? 0 : report_run_deselected(r);
	options.is_verdict = is_verdict;
	/* what was lost is told also where the run's own end could not: it was killed */
	if (is_working)
		cli_warn("this run is still at work: told is what has ended so far");
	else if (finish_lost(&view, why, reterr) < 0)
		return -1;
	struct report *report = report_begin(&options, view.run, view.tests, view.plan,
					     view.lanedirs, 2 * view.nlanedirs, reterr);

	if (!report)
		return -1;
	report_stopped(report, why);
	bool is_under = false;

	if (tell_coverage(&view, o, is_verdict, report, &is_under, reterr) == 0 &&
	    report_end(report, &totals, reterr) == 0)
		code = report_exit_code(&totals);
	if (code == 0 && is_under)
		code = 1;
	report_free(report);
	fflush(stdout);
	return code;
}

int report_run(const char *dir, const struct options_run *o, bool is_verdict)
{
	struct loaded_run r = { 0 };
	struct err e = { 0 };
	int code = -1;

	if (rundir_load(dir, &r, &e) == 0)
		code = o->cov.tests_word ? list_tests(&r, o, &e) : tell(&r, o, is_verdict, &e);
	loaded_run_release(&r);
	return code < 0 ? cli_fail(&e) : code;
}
