/* SPDX-License-Identifier: MIT
 *
 * A process of a batch is gone: what becomes of the tests that have no end?
 */
#include <signal.h>

#include "base/buf.h"
#include "model/result.h"
#include "stage/execute_batch_run.h"
#include "stage/execute_limit.h"
#include "sys/proc.h"

/* What the death of the process means for the test that ran in it. */
static void charge_running(struct batch_run *b, const struct proc_end *end)
{
	struct buf text = BUF_INIT;
	size_t i = b->running;
	struct result r = batch_blank_result(b, i);

	b->now_us = end->end_us;
	r.time_us = batch_time_until(b, end->end_us);
	r.exit_code = end->exit_code;
	r.term_signal = end->term_signal;
	r.is_leaky = end->is_leaky;
	if (end->is_timeout) {
		r.outcome = OUTCOME_TIMEOUT;
		limit_say(batch_time_limit(b), b->overrun == OVERRUN_SESSION, &text);
	} else if (end->term_signal) {
		r.outcome = OUTCOME_CRASH;
		proc_end_describe(end, &text);
	} else {
		r.outcome = OUTCOME_ERROR;
		buf_addf(&text, "the program exited with status %d in the middle of the test",
			 end->exit_code);
	}
	r.message = text.s;
	batch_finish_test(b, i, &r);
	buf_release(&text);
}

/* The process brought nothing further: the same verdict for all that wait. */
static void charge_waiting(struct batch_run *b, const struct proc_end *end, const char *why)
{
	struct buf text = BUF_INIT;

	capture_close(&b->stray);
	if (end && (end->term_signal || end->exit_code != 0)) {
		buf_addf(&text, "%s: ", why);
		proc_end_describe(end, &text);
	} else {
		buf_addstr(&text, why);
	}
	for (size_t i = 0; i < b->n; i++) {
		if (b->states[i] == STATE_ENDED)
			continue;
		struct result r = batch_blank_result(b, i);

		r.outcome = end && end->is_timeout ? OUTCOME_TIMEOUT : OUTCOME_ERROR;
		r.message = text.s;
		r.detail = b->stray.head.s;
		r.exit_code = end ? end->exit_code : -1;
		r.term_signal = end ? end->term_signal : 0;
		batch_finish_test(b, i, &r);
	}
	buf_release(&text);
}

/* Was the process stopped between two tests, for the whole run's time was over? */
static bool is_cut_off(const struct batch_run *b, const struct proc_end *end)
{
	return end->is_timeout && b->overrun == OVERRUN_SESSION && b->running >= b->n;
}

/* From outside, before its first test: once, that is nobody's fault. */
static bool was_killed_early(struct batch_run *b, const struct proc_end *end)
{
	if (b->has_begun_any || b->was_killed_early || end->term_signal != SIGKILL ||
	    end->is_timeout)
		return false;
	b->was_killed_early = true;
	return true;
}

void batch_blame_all(struct batch_run *b, const struct err *why)
{
	struct buf text = BUF_INIT;

	err_format(why, &text);
	charge_waiting(b, NULL, text.s);
	buf_release(&text);
}

void batch_blame_rest(struct batch_run *b, const struct proc_end *end, bool has_ended_any,
		      bool is_last, bool is_trusted)
{
	if (end->is_stopped || b->is_over || is_cut_off(b, end) || was_killed_early(b, end))
		return; /* what has no result stays without one: it was not run */
	if (b->running < b->n && (is_trusted || end->is_timeout || end->term_signal))
		charge_running(b, end);
	else if (b->nended < b->n && !has_ended_any && is_last)
		charge_waiting(b, end,
			       b->has_begun_any || end->exit_code == 0
				       ? "the program was asked to run this test and did not"
				       : "the program ended before its first test");
}
