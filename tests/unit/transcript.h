/* SPDX-License-Identifier: MIT
 *
 * What a reader of an adapter says of a process, as text that a test can compare: a line "begin 0",
 * "end 0 failed FILE:LINE message", and "sub NAME outcome message" below an end.  Output is joined
 * to one line for each run of it, so that it is the same however the bytes were cut.
 */
#ifndef TESTS_UNIT_TRANSCRIPT_H
#define TESTS_UNIT_TRANSCRIPT_H

#include "adapter/adapter.h"
#include "base/quote.h"
#include "sys/proc.h"
#include "unit/unit.h"

struct transcript {
	struct buf text;
	size_t printing; /* whose output the last line is; SIZE_MAX - 1: none */
};

static void transcript_line(struct transcript *t)
{
	if (t->printing != SIZE_MAX - 1)
		buf_addch(&t->text, '\n');
	t->printing = SIZE_MAX - 1;
}

static void transcript_begin(void *ctx, size_t i)
{
	struct transcript *t = ctx;

	transcript_line(t);
	if (i == SIZE_MAX)
		buf_addstr(&t->text, "pause\n");
	else
		buf_addf(&t->text, "begin %zu\n", i);
}

static void transcript_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	struct transcript *t = ctx;

	(void)stream;
	if (t->printing != i) {
		transcript_line(t);
		if (i == SIZE_MAX)
			buf_addstr(&t->text, "nobody: ");
		else
			buf_addf(&t->text, "print %zu: ", i);
	}
	t->printing = i;
	quote_tsv(&t->text, s, len);
}

static void transcript_end(void *ctx, size_t i, const struct result *r)
{
	struct transcript *t = ctx;

	transcript_line(t);
	buf_addf(&t->text, "end %zu %s", i, outcome_word(r->outcome));
	if (r->file)
		buf_addf(&t->text, " %s:%u", r->file, r->line);
	buf_addf(&t->text, "%s%s\n", r->message[0] ? " " : "", r->message);
	for (size_t k = 0; k < r->nsubs; k++)
		buf_addf(&t->text, "sub %s %s %s\n", r->subs[k].name,
			 outcome_word(r->subs[k].outcome), r->subs[k].message);
}

/* The bytes of one stream, in two parts cut at `cut`; the caller frees the text. */
static char *transcript_of(const struct adapter *a, const struct batch *b, int stream,
			   const char *s, size_t len, size_t cut, const struct proc_end *end)
{
	struct transcript t = { .text = BUF_INIT, .printing = SIZE_MAX - 1 };
	const struct case_sink sink = {
		&t, transcript_begin, transcript_output, transcript_end, NULL, NULL
	};
	struct reader *r = a->reader_new(b, &sink);

	if (cut > 0)
		a->read(r, stream, s, cut);
	if (cut < len)
		a->read(r, stream, s + cut, len - cut);
	a->finish(r, end);
	transcript_line(&t);
	return buf_detach(&t.text);
}

/* The same transcript wherever the bytes are cut, and this one. */
static void assert_transcript(const struct adapter *a, const struct batch *b, int stream,
			      const char *s, size_t len, const struct proc_end *end,
			      const char *want)
{
	for (size_t cut = 0; cut <= len; cut++) {
		char *got = transcript_of(a, b, stream, s, len, cut, end);

		ck_assert_msg(strcmp(got, want) == 0, "cut at %zu:\n%s\nin place of\n%s", cut, got,
			      want);
		free(got);
	}
}

#endif
