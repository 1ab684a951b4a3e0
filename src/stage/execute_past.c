/* SPDX-License-Identifier: MIT */
#include "stage/execute_past.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"
#include "format/journal.h"
#include "model/run.h"
#include "model/test.h"

struct reading {
	struct past *past;
	const struct past_options *o;
	const struct tests *tests;
	const char *dir; /* at hand */
	uint32_t lane;
	bool is_before_base;
};

static void note_attempt(unsigned short *most, unsigned attempt)
{
	if (attempt > *most)
		*most = (unsigned short)attempt;
}

static int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct reading *in = ctx;
	struct past *p = in->past;
	uint32_t i = ev->result.test;

	if (ev->kind != JOURNAL_BEGIN && ev->kind != JOURNAL_END)
		return 0;
	if (i >= in->tests->ntests)
		return err_set(reterr, ERR_SYNTAX, in->dir, 0, "test %u is not in tests.tsv", i);
	if (ev->kind == JOURNAL_END && ev->result.is_rerun) {
		note_attempt(&p->attempts[i], ev->result.attempt);
		/* an attempt behind it may have begun elsewhere */
		if (p->states[i] == PAST_BEGUN && p->begun[i] <= p->attempts[i])
			p->states[i] = PAST_NOTHING;
	} else if (ev->kind == JOURNAL_END) {
		const char *id = in->tests->tests[i].id;

		p->states[i] = PAST_ENDED;
		if (in->o->failed && outcome_is_bad(ev->result.outcome))
			map_put(in->o->failed, id, strlen(id), i);
	} else if (p->states[i] != PAST_ENDED && !in->is_before_base &&
		   ev->result.attempt > p->attempts[i] && ev->result.attempt >= p->begun[i]) {
		note_attempt(&p->begun[i], ev->result.attempt);
		p->states[i] = PAST_BEGUN;
		p->start_us[i] = ev->result.start_us;
		p->lanes[i] = in->lane;
	}
	return 0;
}

int past_read(struct past *p, const struct past_options *o, const struct run *run,
	      const struct tests *t, struct err *reterr)
{
	struct reading in = { .past = p, .o = o, .tests = t };
	int ret = 0;

	past_release(p);
	p->states = xcalloc(t->ntests + 1, 1);
	p->start_us = xcalloc(t->ntests + 1, sizeof *p->start_us);
	p->lanes = xcalloc(t->ntests + 1, sizeof *p->lanes);
	p->attempts = xcalloc(t->ntests + 1, sizeof *p->attempts);
	p->begun = xcalloc(t->ntests + 1, sizeof *p->begun);
	for (size_t i = 0; i < o->nlanedirs && ret == 0; i++) {
		struct journal_reader reader;

		in.dir = o->lanedirs[i];
		in.lane = (uint32_t)(i % run->nlanes);
		in.is_before_base = i / run->nlanes + 1 < o->base;
		if ((o->only_lane != NO_INDEX && o->only_lane != in.lane) ||
		    (o->but_dir && strcmp(o->but_dir, in.dir) == 0))
			continue;
		journal_reader_init(&reader, in.dir, in.lane);
		ret = journal_poll(&reader, on_event, &in, reterr);
		journal_reader_release(&reader);
	}
	return ret;
}

void past_release(struct past *p)
{
	free(p->states);
	free(p->start_us);
	free(p->lanes);
	free(p->attempts);
	free(p->begun);
	*p = (struct past){ 0 };
}
