/* SPDX-License-Identifier: MIT */
#include "stage/execute_batch_run.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "model/test.h"
#include "stage/execute_limit.h"
#include "sys/proc.h"

enum { START_US = 60 * 1000 * 1000 };

int feed_open(struct feed *f, const struct command *c, struct proc_spec *spec, struct err *reterr)
{
	*f = (struct feed){ { -1, -1 } };
	if (c->feed_fd <= 2)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->ends) < 0)
		return err_sys(reterr, NULL, "cannot make a socket");
	/* above every number that the child gives away */
	int theirs = fcntl(f->ends[1], F_DUPFD_CLOEXEC, c->feed_fd + c->report_fd + 1);

	if (theirs < 0)
		return err_sys(reterr, NULL, "cannot make a socket");
	close(f->ends[1]);
	f->ends[1] = theirs;
	spec->input = theirs;
	spec->input_fd = c->feed_fd;
	return 0;
}

void feed_begin(struct batch_run *b, const struct feed *f)
{
	uint64_t limit = limit_us(b->lane->run, b->tests[0], b->is_timeless);

	b->batch->feed = f->ends[0];
	if (f->ends[0] >= 0 && limit != TIME_UNKNOWN)
		b->new_limit_us = limit > START_US ? limit : START_US;
}

void feed_close(struct feed *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(f->ends); i++) {
		if (f->ends[i] >= 0)
			close(f->ends[i]); /* nothing is left to be sent */
	}
}

static void grow(struct batch_run *b, const uint32_t *more, size_t n)
{
	size_t all = b->n + n;

	b->tests = xrealloc(b->tests, all, sizeof(void *));
	b->indices = xrealloc(b->indices, all, sizeof *b->indices);
	b->states = xrealloc(b->states, all, 1);
	for (size_t i = 0; i < n; i++) {
		b->tests[b->n + i] = &b->lane->tests->tests[more[i]];
		b->indices[b->n + i] = more[i];
		b->states[b->n + i] = STATE_WAITING;
	}
	if (b->running == b->n)
		b->running = all; /* still none */
	b->n = all;
	b->batch->tests = b->tests;
	b->batch->ntests = all;
}

bool feed_more(void *ctx)
{
	struct batch_run *b = ctx;
	struct lane *lane = b->lane;
	const uint32_t *more = NULL;

	if (!lane->more || b->failure.code != ERR_NONE || b->is_over || lane_is_stopped(lane))
		return false;
	size_t n = lane->more(lane->more_ctx, &more, &b->failure);

	if (n > 0)
		grow(b, more, n);
	return n > 0;
}
