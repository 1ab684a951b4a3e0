/* SPDX-License-Identifier: MIT */
#include "stage/execute_rerun.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/result.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/execute_past.h"

static int compile(const char *pattern, regex_t *ret, struct err *reterr)
{
	char why[256];
	int code = regcomp(ret, pattern, REG_EXTENDED | REG_NOSUB);

	if (code == 0)
		return 0;
	regerror(code, ret, why, sizeof why);
	return err_set(reterr, ERR_USAGE, NULL, 0, "--only-rerun: '%.200s': %s", pattern, why);
}

int rerun_join_patterns(const char *const *patterns, size_t n, struct arena *mem, const char **ret,
			struct err *reterr)
{
	struct buf all = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++) {
		regex_t r;

		status = compile(patterns[i], &r, reterr);
		if (status < 0)
			break;
		regfree(&r);
		buf_addf(&all, "%s(%s)", i > 0 ? "|" : "", patterns[i]);
	}
	*ret = arena_memdup(mem, all.s, all.len);
	buf_release(&all);
	return status;
}

static unsigned retries_of(const struct rerun *r, uint32_t test)
{
	unsigned own = r->tests->tests[test].retries;

	return own != UINT_MAX ? own : r->run->reruns;
}

int rerun_open(struct rerun *r, const struct run *run, const struct tests *t, struct err *reterr)
{
	bool is_wanted = run->reruns > 0;
	const char *pattern = run->rerun_pattern;

	*r = (struct rerun){ .run = run, .tests = t };
	for (size_t i = 0; i < t->ntests && !is_wanted; i++)
		is_wanted = retries_of(r, (uint32_t)i) > 0;
	if (!is_wanted)
		return 0;
	if (pattern && *pattern && compile(pattern, &r->pattern, reterr) < 0)
		return -1;
	r->has_pattern = pattern && *pattern;
	r->attempts = xcalloc(t->ntests + 1, sizeof *r->attempts);
	return 0;
}

void rerun_release(struct rerun *r)
{
	if (r->has_pattern)
		regfree(&r->pattern);
	free(r->attempts);
	free(r->again);
	*r = (struct rerun){ 0 };
}

void rerun_take_past(struct rerun *r, const struct past *past)
{
	for (size_t i = 0; r->attempts && i < r->tests->ntests; i++) {
		if (past->attempts[i] > r->attempts[i])
			r->attempts[i] = past->attempts[i];
	}
}

unsigned rerun_attempt(const struct rerun *r, uint32_t test)
{
	return r->attempts ? r->attempts[test] + 1U : 1;
}

static bool is_wanted(const struct rerun *r, const struct result *result)
{
	if (!r->has_pattern)
		return true;
	return regexec(&r->pattern, result->message, 0, NULL, 0) == 0 ||
	       regexec(&r->pattern, result->detail, 0, NULL, 0) == 0;
}

void rerun_judge(struct rerun *r, struct result *result, bool is_stopped, struct buf *text)
{
	result->attempt = rerun_attempt(r, result->test);
	if (!r->attempts)
		return;
	if (outcome_is_bad(result->outcome)) {
		result->is_rerun = !is_stopped && result->attempt <= retries_of(r, result->test) &&
				   is_wanted(r, result);
	} else if (result->attempt > 1 && result->outcome != OUTCOME_SKIP &&
		   r->run->is_flaky_failed) {
		buf_addf(text, "flaky: failed %u time%s before it passed", result->attempt - 1,
			 result->attempt > 2 ? "s" : "");
		result->outcome = OUTCOME_FAIL;
		result->message = text->s;
	}
	if (result->is_rerun) {
		r->attempts[result->test] = (unsigned short)result->attempt;
		GROW(r->again, r->nagain, r->cap_again);
		r->again[r->nagain++] = result->test;
	}
}
