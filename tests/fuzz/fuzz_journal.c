/* SPDX-License-Identifier: MIT
 *
 * Exercises format/journal_read.c and tsv_split().  Property: a journal gives the same events, and
 * the same error, whether it comes at once or in two parts.
 */
#include <assert.h>

#include "base/err.h"
#include "base/map.h"
#include "format/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t add_text(uint64_t h, const char *s)
{
	return hash_more(h, s ? s : "<none>", s ? strlen(s) + 1 : 6);
}

static int add_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	uint64_t *h = ctx;
	const struct result *r = &ev->result;
	uint64_t numbers[] = { ev->kind,          ev->unit,         r->test,
			       r->attempt,        r->outcome,       r->start_us,
			       r->time_us,        r->line,          r->nsubs,
			       r->peak_bytes,     r->is_leaky,      (uint64_t)r->exit_code,
			       r->out.size_bytes, r->err.size_bytes };

	(void)reterr;
	assert(r->message && r->detail && r->outcome < OUTCOME_MAX);
	*h = hash_more(*h, numbers, sizeof numbers);
	*h = add_text(add_text(add_text(*h, r->message), r->detail), r->file);
	for (size_t i = 0; i < r->nsubs; i++)
		*h = add_text(add_text(*h, r->subs[i].name), r->subs[i].message);
	return 0;
}

static uint64_t run(const char *s, size_t len, size_t cut)
{
	struct journal_reader r;
	struct err e = { 0 };
	uint64_t h = HASH_BEGIN;

	journal_reader_init(&r, "dir", 0);
	int got = journal_feed(&r, s, cut, add_event, &h, &e);

	if (got == 0)
		got = journal_feed(&r, s + cut, len - cut, add_event, &h, &e);
	assert(got == 0 || e.msg[0]);
	h = add_text(h, e.msg);
	h = hash_more(h, &e.line, sizeof e.line);
	journal_reader_release(&r);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut = size > 0 ? data[size - 1] % size : 0;

	assert(run((const char *)data, size, size) == run((const char *)data, size, cut));
	return 0;
}
