/* SPDX-License-Identifier: MIT
 *
 * A child whose output is kept: a listing, a tool's version.
 */
#include "sys/proc.h"

#include <signal.h>

#include "base/buf.h"
#include "base/err.h"

struct capture_ctx {
	struct buf *streams[2];
	size_t limit_bytes;
	uint64_t deadline_us;
	uint64_t suspended_us; /* when it began */
	bool is_over;
};

static void capture_bytes(void *ctx, int stream, const char *s, size_t len, uint64_t now_us)
{
	struct capture_ctx *c = ctx;

	(void)now_us;
	if (stream > 1 || !c->streams[stream])
		return;
	if (c->streams[stream]->len + len > c->limit_bytes)
		c->is_over = true;
	else
		buf_add(c->streams[stream], s, len);
}

static uint64_t capture_deadline(void *ctx)
{
	const struct capture_ctx *c = ctx;

	return c->deadline_us == TIME_UNKNOWN
		       ? TIME_UNKNOWN
		       : c->deadline_us + proc_suspended_us() - c->suspended_us;
}

static int capture_stop(void *ctx)
{
	return ((struct capture_ctx *)ctx)->is_over ? SIGKILL : proc_stop_asked();
}

int proc_capture(const struct proc_spec *spec, uint64_t timeout_us, size_t limit_bytes,
		 struct buf *out, struct buf *err, struct proc_end *ret, struct err *reterr)
{
	struct capture_ctx ctx = { .streams = { out, err },
				   .limit_bytes = limit_bytes,
				   .suspended_us = proc_suspended_us() };
	const struct proc_hooks hooks = { .ctx = &ctx,
					  .bytes = capture_bytes,
					  .deadline = capture_deadline,
					  .stop = capture_stop };

	ctx.deadline_us = timeout_us == TIME_UNKNOWN ? TIME_UNKNOWN : proc_now_us() + timeout_us;
	if (proc_stop_asked() == 0 && proc_run(spec, &hooks, ret, reterr) < 0)
		return -1;
	if (proc_stop_asked() != 0)
		return err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted");
	if (ctx.is_over)
		return err_set(reterr, ERR_LIMIT, NULL, 0, "'%s' printed more than %zu bytes",
			       spec->argv[0], limit_bytes);
	return 0;
}
