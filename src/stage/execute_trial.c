/* SPDX-License-Identifier: MIT */
#include "stage/execute_trial.h"

#include <signal.h>

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/err.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/execute_env.h"
#include "stage/execute_limit.h"
#include "sys/proc.h"

/* The process at work. */
struct trying {
	struct trial *trial;
	struct lane *lane;
	struct reader *reader;
	size_t running; /* or n */
	size_t npassed;
	bool has_failed;
	uint64_t now_us, mark_us;
};

/* Counters of what is run twice would be counted twice. */
static bool may_try(const struct lane *lane, const struct adapter *a)
{
	const struct run *run = lane->run;

	return !run->is_live && !run->wants_cov && a->may_try;
}

static void choose(struct trial *t, const struct test *const *tests, size_t n)
{
	t->tests = xcalloc(n, sizeof(void *));
	t->tried = xcalloc(n, sizeof *t->tried);
	for (size_t i = 0; i < n; i++) {
		if (!t->adapter->may_try(tests[i]))
			continue;
		t->tried[t->n].index = i;
		t->tests[t->n++] = tests[i];
	}
}

static void on_begin(void *ctx, size_t i)
{
	struct trying *t = ctx;

	if (i >= t->trial->n)
		return;
	t->running = i;
	t->mark_us = t->now_us;
	t->trial->tried[i].begin_us = t->now_us;
}

static void on_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	struct trying *t = ctx;

	if (i < t->trial->n)
		capture_add(&t->trial->tried[i].streams[stream == 1], s, len,
			    t->lane->run->output_limit_bytes);
}

static void on_end(void *ctx, size_t i, const struct result *said)
{
	struct trying *t = ctx;

	if (i >= t->trial->n)
		return;
	if (t->running != i)
		on_begin(ctx, i);
	t->trial->tried[i].time_us = said->time_us;
	t->has_failed = t->has_failed || said->outcome != OUTCOME_PASS || said->is_leaky;
	t->npassed++;
	t->running = t->trial->n;
	t->mark_us = t->now_us;
}

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct trying *t = ctx;

	t->now_us = now_us;
	t->trial->adapter->read(t->reader, stream, s, len);
}

/* Nobody but us stops a test; between two, the longer of what any needs. */
static uint64_t deadline(void *ctx)
{
	const struct trying *t = ctx;
	const struct trial *trial = t->trial;
	uint64_t longest = 0;

	for (size_t i = 0; i < trial->n && t->running >= trial->n; i++) {
		uint64_t limit = limit_alone_us(t->lane->run, trial->tests[i]);

		longest = limit > longest ? limit : longest;
	}
	if (t->running < trial->n)
		longest = limit_alone_us(t->lane->run, trial->tests[t->running]);
	return longest < UINT64_MAX - t->mark_us ? t->mark_us + longest : TIME_UNKNOWN;
}

static int stop(void *ctx)
{
	const struct trying *t = ctx;

	return t->has_failed || lane_is_stopped(t->lane) ? SIGKILL : 0;
}

static int run_process(struct lane *lane, struct trial *trial, bool *ret, struct err *reterr)
{
	const struct batch batch = { .target = trial->target,
				     .tests = trial->tests,
				     .ntests = trial->n,
				     .scratch = lane->scratch,
				     .is_trial = true };
	const struct case_sink sink = { NULL, on_begin, on_output, on_end, NULL, NULL };
	struct trying t = { .trial = trial, .lane = lane, .running = trial->n };
	struct case_sink mine = sink;
	struct command command = { 0 };
	const char *const none[] = { NULL };
	const struct process_env process = { .test_id = trial->n == 1 ? test_own_id(trial->tests[0])
								      : NULL,
					     .vars = none };
	const struct proc_hooks hooks = {
		.ctx = &t, .bytes = on_bytes, .deadline = deadline, .stop = stop
	};
	struct proc_spec spec = { .workdir = trial->target->workdir };
	struct proc_end end = { 0 };
	const char **env = NULL;

	if (trial->adapter->command(&batch, &command, reterr) < 0)
		return -1;
	mine.ctx = &t;
	execute_spec(lane->run, &command, NULL, &spec);
	struct warm_start warm = { .command = &command,
				   .test_id = trial->n == 1 ? test_own_id(trial->tests[0]) : NULL };

	warm_prepare(lane, trial->target, trial->tests[0], &warm, &spec);
	t.now_us = t.mark_us = proc_now_us();
	/* what cannot even start says so when it is run in earnest */
	if (execute_env(&command.mem, &lane->env, trial->target, &command, &process, &env, NULL) ==
	    0) {
		spec.envp = env;
		t.reader = trial->adapter->reader_new(&batch, &mine);
		bool has_run = proc_run(&spec, &hooks, &end, NULL) == 0;

		t.now_us = proc_now_us();
		bool is_trusted = trial->adapter->finish(t.reader, &end);

		*ret = has_run && is_trusted && !t.has_failed && t.npassed == trial->n &&
		       end.exit_code == 0 && !end.is_timeout && !end.is_stopped && !end.is_leaky;
	}
	command_release(&command);
	return 0;
}

int trial_run(struct lane *lane, struct trial *t, const struct test *const *tests, size_t n,
	      bool *ret, struct err *reterr)
{
	*ret = false;
	if (!may_try(lane, t->adapter))
		return 0;
	choose(t, tests, n);
	bool is_wanted = t->n > 1 ? lane->run->is_optimistic && !lane->run->is_isolated
				  : t->n == 1 && n == 1 && warm_is(lane, t->target);

	return is_wanted ? run_process(lane, t, ret, reterr) : 0;
}

void trial_release(struct trial *t)
{
	for (size_t i = 0; i < t->n && t->tried; i++) {
		capture_release(&t->tried[i].streams[0]);
		capture_release(&t->tried[i].streams[1]);
	}
	free(t->tried);
	free(t->tests);
}
