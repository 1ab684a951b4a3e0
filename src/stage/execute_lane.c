/* SPDX-License-Identifier: MIT
 *
 * What a lane does beside starting processes: whether it is to stop, and what it writes down.
 */
#include "base/err.h"
#include "format/journal.h"
#include "model/outcome.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/execute_batch.h"
#include "sys/claims.h"
#include "sys/fs.h"
#include "sys/proc.h"

/* AF_UNIX paths end at 108 bytes: tests put sockets into TMPDIR. */
enum { TMPDIR_MAX_BYTES = 72 };

uint64_t lane_session_end(const struct lane *lane)
{
	return lane->claims ? claims_until_us(lane->claims) : TIME_UNKNOWN;
}

bool lane_is_stopped(const struct lane *lane)
{
	const struct execute_options *o = lane->options;

	if (lane->claims && proc_now_us() >= lane_session_end(lane))
		claims_stop(lane->claims, STOP_TIME);
	if (lane->claims && claims_stopped(lane->claims) != STOP_NO)
		return true;
	if (lane->run->maxfail > 0 && lane->nfailures >= lane->run->maxfail)
		return true;
	return o->stop && o->stop(o->stop_ctx) != 0;
}

bool lane_is_over_early(const struct lane *lane)
{
	enum stop_reason why = lane->claims ? claims_stopped(lane->claims) : STOP_NO;

	if (why == STOP_MAXFAIL || why == STOP_TIME)
		return true;
	return lane->run->maxfail > 0 && lane->nfailures >= lane->run->maxfail;
}

static void count_failure(struct lane *lane)
{
	unsigned n = ++lane->nfailures;

	if (lane->claims)
		n = claims_add_failure(lane->claims);
	if (lane->claims && lane->run->maxfail > 0 && n >= lane->run->maxfail)
		claims_stop(lane->claims, STOP_MAXFAIL);
}

void lane_tell(const struct lane *lane)
{
	if (lane->options->on_journal)
		lane->options->on_journal(lane->options->on_journal_ctx);
}

void lane_have_slots(const struct lane *lane, unsigned nslots)
{
	if (lane->options->have_slots)
		lane->options->have_slots(lane->options->have_slots_ctx, nslots);
}

int lane_record(struct lane *lane, const struct result *r, struct err *reterr)
{
	if (outcome_is_bad(r->outcome) && !r->is_rerun) {
		const char *id = lane->tests->tests[r->test].id;

		map_put(&lane->failed, id, strlen(id), r->test);
		/* before the line is written: who sees the failure sees that all is to stop */
		count_failure(lane);
	}
	if (journal_end(lane->journal, r, reterr) < 0)
		return -1;
	if (!lane->is_holding)
		lane_tell(lane);
	return 0;
}

void lane_hold(struct lane *lane)
{
	journal_hold(lane->journal);
	lane->is_holding = true;
}

void lane_sync(struct lane *lane, struct err *failure)
{
	struct err e = { 0 };

	lane->is_holding = false;
	if (journal_sync(lane->journal, &e) < 0 && failure->code == ERR_NONE)
		*failure = e;
	lane_tell(lane);
}

int lane_make_folders(struct lane *lane, char **ret_tmp, struct err *reterr)
{
	const char *dir = lane->options->lanedir;

	*ret_tmp = fs_join(&lane->mem, dir, "tmp");
	lane->scratch = fs_join(&lane->mem, dir, "scratch");
	if (fs_remove_tree(fs_join(&lane->mem, dir, "lost"), reterr) < 0 ||
	    fs_remove_tree(*ret_tmp, reterr) < 0 || fs_remove_tree(lane->scratch, reterr) < 0 ||
	    fs_mkdirs(*ret_tmp, reterr) < 0 || fs_mkdirs(lane->scratch, reterr) < 0)
		return -1;
	if (strlen(*ret_tmp) > TMPDIR_MAX_BYTES) {
		*ret_tmp = fs_make_temp_dir(&lane->mem, reterr);
		return *ret_tmp ? 0 : -1;
	}
	return 0;
}
