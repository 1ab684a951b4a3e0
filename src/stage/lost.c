/* SPDX-License-Identifier: MIT */
#include "stage/lost.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/journal.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "sys/fs.h"

enum seen { SEEN_NOTHING, SEEN_BEGIN, SEEN_END };

/* An attempt that failed and was to be tried again. */
struct tried {
	unsigned attempt; /* 0: none */
	uint32_t at;      /* whose journal has it: index of the lanedir */
	struct span where;
};

struct search {
	const struct lost_options *o;
	const struct run *run;
	const struct tests *tests;
	const struct plan *plan;
	unsigned char *seen;   /* of each test, enum seen */
	uint32_t *where;       /* index of the lanedir that began it, or where it is to be told */
	uint64_t *start_us;    /* of those begun */
	unsigned short *begun; /* their attempts */
	uint32_t *lanes;       /* of each lanedir */
	struct tried *tried;   /* of each test: its last one; NULL: nothing was tried again */
	size_t at;             /* the lanedir at hand */
	size_t nlost;
	struct journal *journal; /* of the lanedir at hand; NULL until one is needed */
};

const char *lost_dir(struct arena *mem, const char *lanedir)
{
	return fs_join(mem, lanedir, "lost");
}

static int note_tried(struct search *s, const struct journal_event *ev)
{
	uint32_t i = ev->result.test;

	if (!s->tried)
		s->tried = xcalloc(s->tests->ntests + 1, sizeof *s->tried);
	if (ev->result.attempt <= s->tried[i].attempt)
		return 0;
	s->tried[i] = (struct tried){ ev->result.attempt, (uint32_t)s->at, ev->where };
	/* unless a later one began elsewhere */
	if (s->seen[i] != SEEN_BEGIN || s->begun[i] <= ev->result.attempt) {
		s->seen[i] = SEEN_NOTHING;
		s->where[i] = (uint32_t)s->at;
	}
	return 0;
}

static int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct search *s = ctx;
	uint32_t i = ev->result.test;

	if (ev->kind != JOURNAL_BEGIN && ev->kind != JOURNAL_END)
		return 0;
	if (i >= s->tests->ntests)
		return err_set(reterr, ERR_SYNTAX, s->o->lanedirs[s->at], 0,
			       "test %u is not in tests.tsv", i);
	if (s->seen[i] == SEEN_END)
		return 0;
	if (ev->kind == JOURNAL_END && ev->result.is_rerun)
		return note_tried(s, ev);
	if (ev->kind == JOURNAL_BEGIN && s->tried && ev->result.attempt <= s->tried[i].attempt)
		return 0;
	s->seen[i] = ev->kind == JOURNAL_END ? SEEN_END : SEEN_BEGIN;
	s->where[i] = (uint32_t)s->at;
	s->start_us[i] = ev->result.start_us;
	s->begun[i] = (unsigned short)ev->result.attempt;
	return 0;
}

/* Read the journal of lanedir s->at; *is_closed: the lane came to its end. */
static int look(struct search *s, bool *is_closed, struct err *reterr)
{
	struct journal_reader reader;

	journal_reader_init(&reader, s->o->lanedirs[s->at], s->o->lanes[s->at]);
	int ret = journal_poll(&reader, on_event, s, reterr);

	*is_closed = reader.is_closed;
	s->lanes[s->at] = reader.lane;
	journal_reader_release(&reader);
	return ret;
}

static void say_why(const struct search *s, uint32_t test, struct buf *out)
{
	uint32_t lane = s->lanes[s->at];

	if (lane == NO_INDEX)
		buf_addstr(out, "no worker began the unit of this test");
	else if (s->seen[test] == SEEN_BEGIN)
		buf_addf(out, "worker 'gw%u' crashed while running '%s'", lane,
			 s->tests->tests[test].id);
	else
		buf_addf(out, "worker 'gw%u' ended before it could run this test", lane);
}

static int open_journal(struct search *s, uint32_t lane, struct err *reterr)
{
	struct arena mem = { 0 };
	const char *dir = lost_dir(&mem, s->o->lanedirs[s->at]);

	if (fs_mkdirs(dir, reterr) == 0)
		s->journal = journal_create(dir, lane, reterr);
	arena_release(&mem);
	return s->journal ? 0 : -1;
}

static int write_one(struct search *s, uint32_t test, struct err *reterr)
{
	struct buf why = BUF_INIT;
	struct result r = {
		.test = test,
		.lane = s->lanes[s->at] == NO_INDEX ? 0 : s->lanes[s->at],
		.attempt = s->tried ? s->tried[test].attempt + 1 : 1,
		.outcome = OUTCOME_LOST,
		.start_us = s->start_us[test],
		.time_us = TIME_UNKNOWN,
		.detail = "",
		.exit_code = -1,
		.peak_bytes = TIME_UNKNOWN,
	};
	int ret = s->journal ? 0 : open_journal(s, r.lane, reterr);

	say_why(s, test, &why);
	r.message = why.s;
	if (ret == 0)
		ret = journal_end(s->journal, &r, reterr);
	s->nlost++;
	buf_release(&why);
	return ret;
}

/* --- what was to be tried again ----------------------------------------------------------- */

struct repeating {
	struct search *search;
	const struct journal_reader *reader;
};

static int copy_output(struct repeating *c, struct span *s, struct err *reterr)
{
	struct buf text = BUF_INIT;
	int ret = journal_read_output(c->reader, *s, &text, reterr);

	*s = (struct span){ 0 };
	if (ret == 0 && text.len > 0)
		ret = journal_output(c->search->journal, text.s, text.len, s, reterr);
	buf_release(&text);
	return ret;
}

static int repeat_end(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct repeating *c = ctx;
	struct result r = ev->result;

	if (ev->kind != JOURNAL_END)
		return 0;
	r.is_rerun = false;
	if (copy_output(c, &r.out, reterr) < 0 || copy_output(c, &r.err, reterr) < 0)
		return -1;
	return journal_end(c->search->journal, &r, reterr);
}

/* Nobody came to the test's next attempt: the last one counts after all. */
static int settle_tried(struct search *s, uint32_t test, struct err *reterr)
{
	const struct tried *t = &s->tried[test];
	struct journal_reader reader;
	struct repeating c = { s, &reader };
	uint32_t lane = s->lanes[s->at] == NO_INDEX ? 0 : s->lanes[s->at];
	int ret = s->journal ? 0 : open_journal(s, lane, reterr);

	journal_reader_init(&reader, s->o->lanedirs[t->at], NO_INDEX);
	if (ret == 0)
		ret = journal_read_again(&reader, t->where, repeat_end, &c, reterr);
	journal_reader_release(&reader);
	s->nlost++;
	return ret;
}

static int close_journal(struct search *s, struct err *reterr)
{
	struct journal *j = s->journal;

	s->journal = NULL;
	return j ? journal_close(j, reterr) : 0;
}

/* Tell what this unit lacks, at the lanedir at hand; of a lane that came to its end only what was to
 * be tried again. */
static int tell_unit(struct search *s, const struct unit *u, bool is_closed, struct err *reterr)
{
	for (size_t k = 0; k < u->ntests; k++) {
		uint32_t i = u->tests[k];

		if (s->seen[i] == SEEN_END || s->where[i] != s->at)
			continue;
		bool is_tried = s->tried && s->tried[i].attempt > 0;

		if (is_tried && (s->o->stopped != STOP_NO || s->seen[i] == SEEN_NOTHING)) {
			if (settle_tried(s, i, reterr) < 0)
				return -1;
			s->seen[i] = SEEN_END;
			continue;
		}
		if (is_closed || s->o->stopped == STOP_INTERRUPT ||
		    (s->o->stopped != STOP_NO && s->seen[i] == SEEN_NOTHING))
			continue;
		if (write_one(s, i, reterr) < 0)
			return -1;
	}
	return 0;
}

static void forget(struct search *s, uint32_t where)
{
	for (size_t i = 0; i < s->tests->ntests; i++) {
		s->seen[i] = SEEN_NOTHING;
		s->where[i] = where;
	}
	free(s->tried);
	s->tried = NULL;
}

/* All folders of the lane that the lanedir at hand is the first of. */
static int look_at_lane(struct search *s, bool *is_closed, struct err *reterr)
{
	size_t first = s->at;
	int ret = 0;

	forget(s, (uint32_t)first);
	*is_closed = false;
	for (; s->at < s->o->nlanedirs && ret == 0; s->at += s->run->nlanes) {
		bool is_over = false;

		ret = look(s, &is_over, reterr);
		*is_closed = *is_closed || is_over;
	}
	s->at = first;
	for (size_t i = 0; i < s->tests->ntests; i++)
		s->where[i] = (uint32_t)first;
	return ret;
}

/* Every lane runs everything: each answers for itself. */
static int search_each(struct search *s, struct err *reterr)
{
	const struct plan *p = s->plan;
	size_t n = s->run->nlanes < s->o->nlanedirs ? s->run->nlanes : s->o->nlanedirs;

	for (s->at = 0; s->at < n; s->at++) {
		bool is_closed = false;

		if (look_at_lane(s, &is_closed, reterr) < 0)
			return -1;
		for (size_t u = 0; u < p->nunits; u++) {
			if (p->units[u].home == s->at &&
			    tell_unit(s, &p->units[u], is_closed, reterr) < 0)
				return -1;
		}
		if (close_journal(s, reterr) < 0)
			return -1;
	}
	return 0;
}

/* A folder a unit: what it did not tell, it lost, unless it came to its end (--maxfail). */
static int search_units(struct search *s, struct err *reterr)
{
	forget(s, NO_INDEX);
	for (size_t u = 0; u < s->plan->nunits; u++) {
		for (size_t k = 0; k < s->plan->units[u].ntests; k++)
			s->where[s->plan->units[u].tests[k]] = (uint32_t)u;
	}
	for (s->at = 0; s->at < s->o->nlanedirs; s->at++) {
		bool is_closed = false;

		if (look(s, &is_closed, reterr) < 0 ||
		    tell_unit(s, &s->plan->units[s->at], is_closed, reterr) < 0 ||
		    close_journal(s, reterr) < 0)
			return -1;
	}
	return 0;
}

/* The lanes share the units: what nobody began is told by the first lane that did not come to its
 * end. */
static int search_together(struct search *s, struct err *reterr)
{
	uint32_t culprit = 0;
	bool has_culprit = false;

	forget(s, NO_INDEX);
	for (s->at = 0; s->at < s->o->nlanedirs; s->at++) {
		bool is_closed = false;

		if (look(s, &is_closed, reterr) < 0)
			return -1;
		if (!is_closed && !has_culprit) {
			culprit = (uint32_t)s->at;
			has_culprit = true;
		}
	}
	for (size_t i = 0; i < s->tests->ntests; i++) {
		if (s->where[i] == NO_INDEX)
			s->where[i] = culprit;
	}
	for (s->at = 0; s->at < s->o->nlanedirs; s->at++) {
		for (size_t u = 0; u < s->plan->nunits; u++) {
			if (tell_unit(s, &s->plan->units[u], false, reterr) < 0)
				return -1;
		}
		if (close_journal(s, reterr) < 0)
			return -1;
	}
	return 0;
}

int lost_run(const struct lost_options *o, const struct run *run, const struct tests *t,
	     const struct plan *p, size_t *ret_n, struct err *reterr)
{
	struct search s = { .o = o,
			    .run = run,
			    .tests = t,
			    .plan = p,
			    .seen = xcalloc(t->ntests + 1, 1),
			    .where = xcalloc(t->ntests + 1, sizeof *s.where),
			    .start_us = xcalloc(t->ntests + 1, sizeof *s.start_us),
			    .begun = xcalloc(t->ntests + 1, sizeof *s.begun),
			    .lanes = xcalloc(o->nlanedirs + 1, sizeof *s.lanes) };
	int ret = run->is_by_unit        ? search_units(&s, reterr)
		  : p->dist == DIST_EACH ? search_each(&s, reterr)
					 : search_together(&s, reterr);

	journal_abandon(s.journal);
	free(s.seen);
	free(s.where);
	free(s.start_us);
	free(s.lanes);
	free(s.begun);
	free(s.tried);
	if (ret == 0)
		*ret_n = s.nlost;
	return ret;
}
