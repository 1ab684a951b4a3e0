/* SPDX-License-Identifier: MIT
 *
 * The framework's output is read as a stream.  Every test of the batch is waiting, running or
 * ended; at most one runs.  When the process is gone, the one that still ran is charged with the
 * way it died, and those that wait are run by a new process.  Each process must bring at least
 * one test further; if it does not, what waits is charged, so that this always ends.
 */
#include "stage/execute_batch_run.h"

#include <signal.h>

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "format/journal.h"
#include "model/run.h"
#include "stage/execute_capture.h"
#include "stage/execute_grant.h"
#include "stage/execute_limit.h"
#include "stage/execute_trial.h"
#include "stage/execute_usage.h"
#include "sys/claims.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

enum { TICK_US = 50 * 1000 };

/* For how long the run was stopped so far. */
static uint64_t paused_us(const struct batch_run *b)
{
	return b->lane->claims ? claims_paused_us(b->lane->claims) : 0;
}

static void set_mark(struct batch_run *b, uint64_t now_us)
{
	b->mark_us = now_us;
	b->mark_pause_us = paused_us(b);
}

static void set_begin(struct batch_run *b, uint64_t now_us)
{
	b->begin_us = now_us;
	set_mark(b, now_us);
	b->begin_pause_us = b->mark_pause_us;
}

uint64_t batch_time_until(const struct batch_run *b, uint64_t now_us)
{
	uint64_t time_us = now_us > b->begin_us ? now_us - b->begin_us : 0;
	uint64_t pause_us = paused_us(b) - b->begin_pause_us;

	return time_us > pause_us ? time_us - pause_us : 0;
}

static uint64_t since_start(const struct batch_run *b, uint64_t now_us)
{
	return now_us > b->lane->began_us ? now_us - b->lane->began_us : 0;
}

struct result batch_blank_result(const struct batch_run *b, size_t i)
{
	return (struct result){
		.test = b->indices[i],
		.lane = b->lane->options->lane,
		.attempt = rerun_attempt(&b->lane->rerun, b->indices[i]),
		.start_us = since_start(b, b->begin_us),
		.time_us = TIME_UNKNOWN,
		.message = "",
		.detail = "",
		.exit_code = -1,
		.peak_bytes = TIME_UNKNOWN,
	};
}

static int save_output(struct batch_run *b, struct capture *c, struct span *ret, struct err *reterr)
{
	capture_close(c);
	*ret = (struct span){ 0 };
	if (c->head.len == 0)
		return 0;
	return journal_output(b->lane->journal, c->head.s, c->head.len, ret, reterr);
}

void batch_finish_test(struct batch_run *b, size_t i, struct result *r)
{
	bool was_running = b->running == i;

	if (b->states[i] == STATE_ENDED || b->failure.code != ERR_NONE)
		return;
	if (was_running && (save_output(b, &b->out, &r->out, &b->failure) < 0 ||
			    save_output(b, &b->err, &r->err, &b->failure) < 0))
		return;
	if (b->end && (b->n == 1 || was_running))
		usage_add(b->lane, b->target, b->end, b->n == 1, r);
	struct buf text = BUF_INIT;

	rerun_judge(&b->lane->rerun, r, lane_is_over_early(b->lane), &text);
	int status = lane_record(b->lane, r, &b->failure);

	buf_release(&text);
	if (status < 0)
		return;
	capture_clear(&b->out);
	capture_clear(&b->err);
	b->states[i] = STATE_ENDED;
	b->nended++;
	if (was_running)
		b->running = b->n;
	set_mark(b, b->now_us);
}

/* --- what the reader says --------------------------------------------------------------- */

/* The running test waits, and what it printed is told again. */
static void set_aside(struct batch_run *b)
{
	if (b->running >= b->n)
		return;
	b->states[b->running] = STATE_WAITING;
	b->running = b->n;
	capture_clear(&b->out);
	capture_clear(&b->err);
}

static void on_begin(void *ctx, size_t i)
{
	struct batch_run *b = ctx;

	if (i == SIZE_MAX)
		set_aside(b);
	if (i >= b->n || b->states[i] != STATE_WAITING || b->failure.code != ERR_NONE)
		return;
	/* a process of one test was started before it could be told */
	if (!b->has_begun_any)
		warm_note(b->lane, b->target, b->now_us - b->begin_us);
	b->is_over = b->is_over || (b->n > 1 && lane_is_over_early(b->lane));
	if (b->is_over)
		return;
	b->states[i] = STATE_RUNNING;
	b->running = i;
	b->has_begun_any = true;
	b->new_limit_us = TIME_UNKNOWN;
	set_begin(b, b->now_us);
	journal_begin(b->lane->journal, b->indices[i],
		      rerun_attempt(&b->lane->rerun, b->indices[i]), since_start(b, b->now_us),
		      &b->failure);
	if (!b->lane->is_holding)
		lane_tell(b->lane);
}

static void on_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	struct batch_run *b = ctx;
	uint64_t limit = b->lane->run->output_limit_bytes;

	if (i == b->running && i < b->n)
		capture_add(stream == 1 ? &b->err : &b->out, s, len, limit);
	else if (!b->has_begun_any)
		capture_add(&b->stray, s, len, limit < 65536 ? limit : 65536);
}

static void on_end(void *ctx, size_t i, const struct result *said)
{
	struct batch_run *b = ctx;

	if (i >= b->n || b->states[i] == STATE_ENDED)
		return;
	if (b->states[i] == STATE_WAITING)
		on_begin(b, i);
	if (b->states[i] == STATE_WAITING)
		return;
	struct result r = batch_blank_result(b, i);

	r.outcome = said->outcome;
	r.message = said->message ? said->message : "";
	r.detail = said->detail ? said->detail : "";
	r.file = said->file;
	r.line = said->line;
	r.subs = said->subs;
	r.nsubs = said->nsubs;
	r.phases = said->phases;
	r.exit_code = said->exit_code;
	r.term_signal = said->term_signal;
	r.is_leaky = said->is_leaky;
	r.time_us = said->time_us != TIME_UNKNOWN ? said->time_us : batch_time_until(b, b->now_us);
	batch_finish_test(b, i, &r);
}

static void on_limit(void *ctx, size_t i, uint64_t new_limit_us)
{
	struct batch_run *b = ctx;

	if (i != b->running || i >= b->n)
		return;
	b->new_limit_us = new_limit_us;
	set_mark(b, b->now_us);
}

/* --- what the process asks -------------------------------------------------------------- */

static void on_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct batch_run *b = ctx;
	const struct execute_options *o = b->lane->options;

	b->now_us = now_us;
	if (b->lane->run->is_live && o->on_output && stream < 2)
		o->on_output(o->on_journal_ctx, stream, s, len);
	lane_hold(b->lane);
	b->adapter->read(b->reader, stream, s, len);
	lane_sync(b->lane, &b->failure);
}

uint64_t batch_time_limit(const struct batch_run *b)
{
	size_t i = b->running;

	for (size_t k = 0; i >= b->n && k < b->n; k++) {
		if (b->states[k] != STATE_ENDED)
			i = k;
	}
	if (i >= b->n)
		i = b->n - 1; /* all ended: the process has the last one's time to go away */
	if (b->new_limit_us != TIME_UNKNOWN)
		return b->new_limit_us;
	return limit_us(b->lane->run, b->tests[i], b->is_timeless);
}

static uint64_t deadline(void *ctx)
{
	struct batch_run *b = ctx;
	uint64_t limit = batch_time_limit(b);
	uint64_t own = limit == TIME_UNKNOWN ? TIME_UNKNOWN
					     : b->mark_us + limit + paused_us(b) - b->mark_pause_us;
	uint64_t session = lane_session_end(b->lane);
	uint64_t first = session < own ? session : own;

	if (b->overrun == OVERRUN_NONE && proc_now_us() >= first) {
		b->overrun = session < own ? OVERRUN_SESSION : OVERRUN_TEST;
		/* before the test counts as a failure, which --maxfail might count first */
		if (session < own)
			claims_stop(b->lane->claims, STOP_TIME);
	}
	return first;
}

/* Somebody asks what runs now: the number of the question and of the test, then the last bytes that
 * it printed. */
static void answer(struct batch_run *b)
{
	enum { LAST_BYTES = 4096 };
	struct lane *lane = b->lane;
	struct buf text = BUF_INIT;

	if (!lane->claims || lane->answered == claims_asked(lane->claims) || b->running >= b->n)
		return;
	lane->answered = claims_asked(lane->claims);
	buf_addf(&text, "%u\t%u\n", (unsigned)lane->answered, (unsigned)b->indices[b->running]);
	capture_last(&b->out, LAST_BYTES, &text);
	capture_last(&b->err, LAST_BYTES, &text);
	/* who asked does without where it cannot be written */
	outfile_write(fs_join(&lane->mem, lane->options->lanedir, "now"), text.s, text.len, NULL);
	buf_release(&text);
}

/* Whoever listens in this process looks again: at what came from elsewhere, at the clock. */
static void tick(void *ctx)
{
	struct batch_run *b = ctx;

	lane_tell(b->lane);
}

static int stop_signal(void *ctx)
{
	struct batch_run *b = ctx;
	const struct execute_options *o = b->lane->options;
	int sig = o->stop ? o->stop(o->stop_ctx) : 0;

	answer(b);
	if (sig == 0 && (b->failure.code != ERR_NONE || b->is_over))
		sig = SIGKILL;
	if (sig == 0 && b->n > 1 && lane_is_stopped(b->lane) && b->running >= b->n)
		sig = SIGTERM;
	return sig;
}

static void dump_stacks(void *ctx, int pid)
{
	struct batch_run *b = ctx;

	usage_stacks(b->lane, pid, b->running < b->n ? &b->err : &b->stray);
}

/* --- after the process ------------------------------------------------------------------ */

/* Whose counts a killed process took with it. */
static int count_lost(const struct batch_run *b, const struct proc_end *end, struct err *reterr)
{
	uint32_t *lost = xcalloc(b->n, sizeof *lost);
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (b->states[i] == STATE_ENDED)
			lost[n++] = b->indices[i];
	}
	int status = lane_cov_after(&b->lane->cov, end, lost, n, reterr);

	free(lost);
	return status;
}

static int make_env(const struct batch_run *b, struct command *command, const char ***ret,
		    struct err *reterr)
{
	const struct process_env process = {
		.test_id = b->n == 1 ? test_own_id(b->tests[0]) : NULL,
		.vars = lane_cov_process_vars(&b->lane->cov, b->target->program, &command->mem),
		.resources =
			grants_vars(b->lane->grants, b->lane->tests, b->tests[0], &command->mem),
	};

	return execute_env(&command->mem, &b->lane->env, b->target, command, &process, ret, reterr);
}

static struct proc_hooks hooks_of(struct batch_run *b)
{
	return (struct proc_hooks){
		.ctx = b,
		.bytes = on_bytes,
		.deadline = deadline,
		.overrun = b->lane->run->is_dumped ? dump_stacks : NULL,
		.stop = stop_signal,
		.tick = b->lane->options->on_journal ? tick : NULL,
		.tick_us = TICK_US,
	};
}

/* One process.  *wants_report says how it is to be started, and then how the next is.  (Of a
 * repetition only the selected tests are there, not all.) */
static int run_process(struct batch_run *b, bool *wants_report, struct err *reterr)
{
	struct lane *lane = b->lane;
	struct batch batch = { .target = b->target,
			       .tests = b->tests,
			       .ntests = b->n,
			       .all = b->tests[0]->repeated ? NULL : lane->tests,
			       .scratch = lane->scratch,
			       .wants_report = *wants_report };
	const struct case_sink sink = { b, on_begin, on_output, on_end, on_limit, feed_more };
	struct command command = { 0 };
	struct proc_end end = { 0 };
	struct proc_spec spec = { .workdir = b->target->workdir, .grace_us = lane->run->grace_us };
	const struct proc_hooks hooks = hooks_of(b);
	const char **env = NULL;
	struct feed feed = { { -1, -1 } };
	struct err why = { 0 };
	bool is_trusted = true;
	int ret = -1;

	if (b->adapter->command(&batch, &command, reterr) < 0)
		goto out;
	bool has_started = make_env(b, &command, &env, &why) == 0;
	struct warm_start warm = { .command = &command,
				   .test_id = b->n == 1 ? test_own_id(b->tests[0]) : NULL };

	b->is_timeless = command.is_timeless;
	execute_spec(lane->run, &command, env, &spec);
	if (feed_open(&feed, &command, &spec, reterr) < 0)
		goto out;
	b->batch = &batch;
	feed_begin(b, &feed);
	warm_prepare(lane, b->target, b->tests[0], &warm, &spec);
	b->reader = b->adapter->reader_new(&batch, &sink);
	b->now_us = proc_now_us();
	set_begin(b, b->now_us);
	if (b->adapter->max_batch == 1)
		on_begin(b, 0);
	size_t nended_before = b->nended;

	has_started = has_started && proc_run(&spec, &hooks, &end, &why) == 0;
	if (has_started) {
		b->now_us = end.end_us;
		b->end = &end;
	} else {
		end = (struct proc_end){ .exit_code = -1 };
	}
	lane_hold(lane);
	is_trusted = b->adapter->finish(b->reader, &end);
	lane_sync(lane, &b->failure);
	if (b->failure.code == ERR_NONE && !has_started)
		batch_blame_all(b, &why);
	else if (b->failure.code == ERR_NONE)
		batch_blame_rest(b, &end, b->nended > nended_before, is_trusted || *wants_report,
				 is_trusted);
	*wants_report = *wants_report || !is_trusted;
	ret = has_started ? count_lost(b, &end, reterr) : 0;
out:
	feed_close(&feed);
	b->batch = NULL;
	b->end = NULL;
	command_release(&command);
	return ret;
}

/* Drop what has ended, keep the order. */
static void keep_waiting(struct batch_run *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (b->states[i] == STATE_ENDED)
			continue;
		b->tests[n] = b->tests[i];
		b->indices[n++] = b->indices[i];
	}
	b->n = n;
	memset(b->states, STATE_WAITING, n);
}

/* First without what keeps tests apart: what passes so needs no more. */
static int try_tests(struct batch_run *b, struct err *reterr)
{
	struct trial trial = { .adapter = b->adapter, .target = b->target };
	bool counts = false;
	int status = trial_run(b->lane, &trial, b->tests, b->n, &counts, reterr);

	lane_hold(b->lane);
	for (size_t k = 0; counts && k < trial.n; k++) {
		struct tried *t = &trial.tried[k];
		const struct result passed = { .time_us = t->time_us, .exit_code = -1 };

		b->now_us = t->begin_us;
		on_begin(b, t->index);
		if (b->running == t->index) {
			capture_move(&b->out, &t->streams[0]);
			capture_move(&b->err, &t->streams[1]);
		}
		b->now_us += t->time_us;
		on_end(b, t->index, &passed);
	}
	lane_sync(b->lane, &b->failure);
	trial_release(&trial);
	if (status == 0 && b->failure.code != ERR_NONE) {
		*reterr = b->failure;
		status = -1;
	}
	return status;
}

int batch_run(struct lane *lane, const uint32_t *tests, size_t n, struct err *reterr)
{
	const struct target *target = &lane->tests->targets[lane->tests->tests[tests[0]].target];
	struct batch_run b = { .lane = lane,
			       .target = target,
			       .adapter = adapter_by_name(target->adapter),
			       .out = CAPTURE_INIT,
			       .err = CAPTURE_INIT,
			       .stray = CAPTURE_INIT,
			       .n = n };
	bool wants_report = false;
	int ret = -1;

	if (!b.adapter)
		return err_set(reterr, ERR_SYNTAX, NULL, 0, "target '%s' has unknown adapter '%s'",
			       target->name, target->adapter);
	b.tests = xcalloc(n, sizeof(void *));
	b.indices = xcalloc(n, sizeof *b.indices);
	b.states = xcalloc(n, 1);
	for (size_t i = 0; i < n; i++) {
		b.tests[i] = &lane->tests->tests[tests[i]];
		b.indices[i] = tests[i];
	}
	b.running = b.n;
	if (try_tests(&b, reterr) < 0)
		goto out;
	keep_waiting(&b);
	while (b.n > 0 && !lane_is_stopped(lane)) {
		b.running = b.n;
		b.nended = 0;
		b.has_begun_any = false;
		b.overrun = OVERRUN_NONE;
		b.new_limit_us = TIME_UNKNOWN;
		capture_clear(&b.stray);
		if (run_process(&b, &wants_report, reterr) < 0)
			goto out;
		if (b.failure.code != ERR_NONE) {
			*reterr = b.failure;
			goto out;
		}
		keep_waiting(&b);
	}
	ret = 0;
out:
	capture_release(&b.out);
	capture_release(&b.err);
	capture_release(&b.stray);
	free(b.tests);
	free(b.indices);
	free(b.states);
	return ret;
}
