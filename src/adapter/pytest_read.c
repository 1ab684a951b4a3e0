/* SPDX-License-Identifier: MIT
 *
 * What the warm process tells: all of it comes on the report pipe.  What it prints beside that (under
 * --capture=no, or a fault handler's words before a crash) is the running test's.
 */
#include "adapter/pytest.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/quote.h"
#include "format/pytestguest.h"
#include "sys/fs.h"

struct reader {
	const struct batch *batch;
	const struct case_sink *sink;
	struct pytestguest_stream stream;
	size_t running; /* SIZE_MAX: none */
	struct subresult *subs;
	size_t nsubs, cap_subs;
	struct phases phases; /* of the test that runs */
	struct arena mem;     /* their strings */
};

static void add_subtest(struct reader *r, const struct pytestguest_event *e)
{
	GROW(r->subs, r->nsubs, r->cap_subs);
	r->subs[r->nsubs++] = (struct subresult){
		.name = arena_strdup(&r->mem, e->name),
		.outcome = e->outcome,
		.message = arena_strdup(&r->mem, e->message),
		.time_us = TIME_UNKNOWN,
	};
}

/* A test of which a part failed has not passed. */
static void judge_subtests(const struct reader *r, struct result *result)
{
	for (size_t i = 0; i < r->nsubs && result->outcome == OUTCOME_PASS; i++) {
		if (!outcome_is_bad(r->subs[i].outcome))
			continue;
		result->outcome = OUTCOME_FAIL;
		result->message = r->subs[i].message;
	}
}

static void end_test(struct reader *r, const struct pytestguest_event *e)
{
	struct result result = {
		.outcome = e->outcome,
		.time_us = e->time_us,
		.message = e->message,
		.detail = e->detail,
		.file = e->file,
		.line = e->line,
		.subs = r->subs,
		.nsubs = r->nsubs,
		.exit_code = -1,
		.phases = r->phases,
	};

	judge_subtests(r, &result);
	r->running = SIZE_MAX;
	r->sink->end(r->sink->ctx, e->test, &result);
	r->nsubs = 0;
	r->phases = (struct phases){ 0 };
	arena_release(&r->mem);
}

static bool append_ids(const struct reader *r, size_t from)
{
	struct arena mem = { 0 };
	struct buf ids = BUF_INIT;
	const char *path = fs_join(&mem, r->batch->scratch, PYTEST_IDS);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	for (size_t i = from; i < r->batch->ntests; i++) {
		const char *id = r->batch->tests[i]->selector;

		quote_tsv(&ids, id, strlen(id));
		buf_addch(&ids, '\n');
	}
	bool is_done = fd >= 0 && write(fd, ids.s, ids.len) == (ssize_t)ids.len;

	if (fd >= 0)
		is_done = close(fd) == 0 && is_done;
	buf_release(&ids);
	arena_release(&mem);
	return is_done;
}

/* More tests are in its file, or there will be none.  What cannot be handed over is run by the next
 * process, as after a crash. */
static void hand_more(struct reader *r)
{
	const struct batch *b = r->batch;
	size_t before = b->ntests;

	if (b->feed < 0)
		return;
	if (!r->sink->more || !r->sink->more(r->sink->ctx) || !append_ids(r, before) ||
	    send(b->feed, "m", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		shutdown(b->feed, SHUT_WR);
}

static void on_event(void *ctx, const struct pytestguest_event *e)
{
	struct reader *r = ctx;

	switch (e->kind) {
	case PYTESTGUEST_BEGIN:
		r->running = e->test;
		r->sink->begin(r->sink->ctx, e->test);
		break;
	case PYTESTGUEST_OUTPUT:
		r->sink->output(r->sink->ctx, e->test, e->stream, e->text, e->len);
		break;
	case PYTESTGUEST_SUBTEST:
		add_subtest(r, e);
		break;
	case PYTESTGUEST_PHASES:
		r->phases = e->phases;
		break;
	case PYTESTGUEST_END:
		end_test(r, e);
		break;
	case PYTESTGUEST_WANT:
		hand_more(r);
		break;
	}
}

struct reader *pytest_reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	r->batch = b;
	r->sink = sink;
	r->stream.rest = (struct buf)BUF_INIT;
	r->running = SIZE_MAX;
	return r;
}

void pytest_read(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream == 2)
		pytestguest_feed(&r->stream, s, len, on_event, r, &r->batch->ntests);
	else
		r->sink->output(r->sink->ctx, r->running, stream, s, len);
}

bool pytest_finish(struct reader *r, const struct proc_end *end)
{
	(void)end;
	buf_release(&r->stream.rest);
	free(r->subs);
	arena_release(&r->mem);
	free(r);
	return true;
}
