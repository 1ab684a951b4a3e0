/* SPDX-License-Identifier: MIT
 *
 * A program that speaks TAP is one test: what points it has shows only when it runs.  They become
 * the points of its result.
 */
#include "format/tap.h"
#include "adapter/adapter.h"
#include "base/alloc.h"
#include "sys/proc.h"

struct reader {
	const struct case_sink *sink;
	struct tap *tap;
};

/* Nothing in a file says that it speaks TAP, but its name may: Perl's habit. */
static bool probe(const struct candidate *c)
{
	size_t n = strlen(c->path);

	return n > 2 && strcmp(c->path + n - 2, ".t") == 0;
}

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	(void)b;
	r->sink = sink;
	r->tap = tap_new();
	return r;
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	r->sink->output(r->sink->ctx, 0, stream, s, len);
	if (stream == 0)
		tap_read(r->tap, s, len);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	const struct tap_exit how = {
		.exit_code = end->exit_code,
		.signal = end->term_signal ? proc_signal_name(end->term_signal) : NULL,
	};
	struct result result = { .time_us = TIME_UNKNOWN,
				 .exit_code = end->exit_code,
				 .term_signal = end->term_signal,
				 .is_leaky = end->is_leaky };
	bool has_ended = end->exit_code >= 0 || end->term_signal != 0;

	/* time-outs and starts that failed are execute's to judge */
	if (has_ended && !end->is_timeout && !end->is_stopped) {
		tap_end(r->tap, &how, &result);
		r->sink->end(r->sink->ctx, 0, &result);
	}
	tap_free(r->tap);
	free(r);
	return true;
}

const struct adapter adapter_tap = {
	.name = "tap",
	.probe = probe,
	.list = adapter_whole_list,
	.max_batch = 1,
	.command = adapter_whole_command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
