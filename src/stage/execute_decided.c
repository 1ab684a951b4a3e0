/* SPDX-License-Identifier: MIT
 *
 * Tests that have their result before any process starts.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "model/result.h"
#include "model/test.h"
#include "stage/execute_batch.h"
#include "sys/fs.h"
#include "sys/proc.h"

/* Is the test over before any process starts? */
static bool is_decided(const struct lane *lane, const struct test *t, struct result *r,
		       struct buf *text)
{
	if (t->skip_reason) {
		r->outcome = OUTCOME_SKIP;
		r->message = t->skip_reason;
		return true;
	}
	if (t->error) {
		size_t len = strcspn(t->error, "\n");

		r->outcome = OUTCOME_ERROR;
		buf_add(text, t->error, len);
		r->message = text->s;
		r->detail = t->error[len] ? t->error + len + 1 : "";
		return true;
	}
	for (size_t i = 0; i < t->nneeds; i++) {
		if (fs_exists(t->needs[i]))
			continue;
		r->outcome = OUTCOME_ERROR;
		buf_addf(text, "required file '%s' is missing", t->needs[i]);
		r->message = text->s;
		return true;
	}
	for (size_t i = 0; i < t->npassed; i++) {
		size_t index = 0;

		if (!map_get(&lane->failed, t->passed[i], strlen(t->passed[i]), &index))
			continue;
		r->outcome = OUTCOME_ERROR;
		buf_addf(text, "not run: the set-up of its fixture failed: %s", t->passed[i]);
		r->message = text->s;
		return true;
	}
	return false;
}

/* Did the lane that had it before us end it, or die in it? */
static bool is_past(const struct lane *lane, uint32_t index, struct result *r, struct buf *text,
		    bool *is_told)
{
	enum past_state state = lane->past.states ? lane->past.states[index] : PAST_NOTHING;

	*is_told = state == PAST_ENDED;
	if (state != PAST_BEGUN)
		return *is_told;
	r->outcome = OUTCOME_LOST;
	r->start_us = lane->past.start_us[index];
	r->time_us = TIME_UNKNOWN;
	buf_addf(text, "worker 'gw%u' crashed while running '%s'",
		 (unsigned)lane->past.lanes[index], lane->tests->tests[index].id);
	r->message = text->s;
	return true;
}

int lane_record_decided(struct lane *lane, uint32_t index, bool *ret, struct err *reterr)
{
	struct buf text = BUF_INIT;
	uint64_t now = proc_now_us();
	struct result r = {
		.test = index,
		.lane = lane->options->lane,
		.attempt = rerun_attempt(&lane->rerun, index),
		.start_us = now > lane->began_us ? now - lane->began_us : 0,
		.message = "",
		.detail = "",
		.exit_code = -1,
		.peak_bytes = TIME_UNKNOWN,
	};
	int status = 0;
	bool is_told = false;

	*ret = is_past(lane, index, &r, &text, &is_told) ||
	       is_decided(lane, &lane->tests->tests[index], &r, &text);
	if (*ret && !is_told)
		status = lane_record(lane, &r, reterr);
	buf_release(&text);
	return status;
}
