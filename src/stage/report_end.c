/* SPDX-License-Identifier: MIT
 *
 * The last words.  What nobody saw end is found by holding the plan against the results; then
 * everything is told in collection order, so that a run told again from its files reads the same.
 */
#include "base/alloc.h"
#include "base/err.h"
#include "base/quote.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/report_state.h"

/* --- what nobody saw end ---------------------------------------------------------------- */

/* The record of a test of lane gwK (NO_INDEX: nobody knows whose). */
static struct ended make_lost(uint32_t test, uint32_t number, enum lost_how how)
{
	return (struct ended){
		.test = test,
		.lane = NO_INDEX,
		.number = number,
		.time_us = TIME_UNKNOWN,
		.peak_bytes = TIME_UNKNOWN,
		.outcome = OUTCOME_LOST,
		.lost_how = (unsigned char)how,
	};
}

static bool has_ended(const struct report *r, uint32_t test, uint32_t number)
{
	return r->last[report_key(r, test, number)] != NO_INDEX;
}

/* Tests that began and have no end.  An interrupted lane leaves its test like this on purpose. */
static int find_broken_off(struct report *r, struct err *reterr)
{
	for (size_t i = 0; i < r->nlanes; i++) {
		const struct report_lane *l = &r->lanes[i];
		bool is_dead = !l->reader.is_closed;

		if (l->running == NO_INDEX || has_ended(r, l->running, l->reader.lane))
			continue;
		if (r->why == STOP_INTERRUPT || (r->why != STOP_NO && !is_dead))
			continue;
		const struct ended lost =
			make_lost(l->running, l->reader.lane, is_dead ? LOST_IN_IT : LOST_END);

		if (report_note(r, &lost, reterr) < 0)
			return -1;
	}
	return 0;
}

static void note_notrun(struct report *r, uint32_t test)
{
	GROW(r->notrun, r->nnotrun, r->cap_notrun);
	r->notrun[r->nnotrun++] = test;
}

static int find_lost_of_unit(struct report *r, size_t index, struct err *reterr)
{
	const struct unit *u = &r->plan->units[index];
	const struct report_lane *l =
		r->unit_lanes[index] != NO_INDEX ? &r->lanes[r->unit_lanes[index]] : NULL;
	bool is_before = l && !l->reader.is_closed;
	uint32_t number = is_before ? l->reader.lane : NO_INDEX;

	if (r->plan->dist == DIST_EACH)
		number = u->home;
	for (size_t i = 0; i < u->ntests; i++) {
		const struct ended lost =
			make_lost(u->tests[i], number, is_before ? LOST_BEFORE_IT : LOST_UNSEEN);

		if (has_ended(r, u->tests[i], number))
			continue;
		if (r->why != STOP_NO)
			note_notrun(r, u->tests[i]);
		else if (report_note(r, &lost, reterr) < 0)
			return -1;
	}
	return 0;
}

/* --- the last line ---------------------------------------------------------------------- */

struct line {
	struct buf text;
	size_t width;
	unsigned main_color;
};

static void add_part(const struct report *r, struct line *l, size_t n, const char *word,
		     unsigned color)
{
	char part[64];

	if (n == 0)
		return;
	int len = snprintf(part, sizeof part, "%zu %s", n, word);

	if (l->width > 0) {
		buf_addstr(&l->text, ", ");
		l->width += 2;
	}
	text_styled(r, &l->text, color == l->main_color ? color | STYLE_BOLD : color, part);
	l->width += (size_t)len;
}

/* " in 75.30s (0:01:15)" */
static void add_duration(const struct report *r, struct line *l)
{
	uint64_t us = r->last_us;
	struct buf text = BUF_INIT;

	/* units of a graph may have been run long after the graph was written */
	if (r->run->is_by_unit && r->first_us != TIME_UNKNOWN)
		us -= r->first_us;
	unsigned long long s = us / 1000000;

	buf_addstr(&text, " in ");
	text_add_seconds(&text, us);
	buf_addch(&text, 's');
	if (s >= 60)
		buf_addf(&text, " (%llu:%02llu:%02llu)", s / 3600, s / 60 % 60, s % 60);
	text_styled(r, &l->text, l->main_color, text.s);
	l->width += text.len;
	buf_release(&text);
}

static void add_bar_end(const struct report *r, struct line *l, size_t fill)
{
	text_style(r, &l->text, l->main_color);
	buf_addch(&l->text, ' ');
	while (fill-- > 0)
		buf_addch(&l->text, '=');
	text_style_end(r, &l->text, l->main_color);
}

static void add_last_line(struct report *r)
{
	struct line l = { .text = BUF_INIT, .main_color = text_main_color(r) };
	size_t nerrors = report_nerrors(r);
	size_t columns = r->o.columns;

	if (r->o.verbosity < -1)
		return;
	add_part(r, &l, report_nfailed(r), "failed", STYLE_RED);
	add_part(r, &l, r->counts[OUTCOME_PASS], "passed", STYLE_GREEN);
	add_part(r, &l, r->counts[OUTCOME_SKIP], "skipped", STYLE_YELLOW);
	add_part(r, &l, r->o.ndeselected, "deselected", STYLE_YELLOW);
	add_part(r, &l, r->counts[OUTCOME_XFAIL], "xfailed", STYLE_YELLOW);
	add_part(r, &l, r->counts[OUTCOME_XPASS], "xpassed", STYLE_YELLOW);
	add_part(r, &l, r->nleaky, r->nleaky == 1 ? "warning" : "warnings", STYLE_YELLOW);
	add_part(r, &l, nerrors, nerrors == 1 ? "error" : "errors", STYLE_RED);
	add_part(r, &l, r->nreruns, "rerun", STYLE_YELLOW);
	add_part(r, &l, r->nflaky, "flaky", STYLE_YELLOW);
	add_part(r, &l, r->nsubs_passed, "subtests passed", STYLE_GREEN);
	if (l.width == 0) {
		text_styled(r, &l.text, STYLE_YELLOW, "no tests ran");
		l.width = strlen("no tests ran");
	}
	add_duration(r, &l);
	size_t fill = columns > l.width + 4 ? (columns - l.width - 2) / 2 : 1;
	bool has_bars = r->o.verbosity >= 0;

	text_style(r, &r->text, l.main_color);
	for (size_t i = 0; has_bars && i < fill; i++)
		buf_addch(&r->text, '=');
	if (has_bars) {
		buf_addch(&r->text, ' ');
		add_bar_end(r, &l, 2 * fill + l.width + 2 < columns ? fill + 1 : fill);
	}
	buf_add(&r->text, l.text.s, l.text.len);
	if (!has_bars)
		text_style_end(r, &r->text, l.main_color);
	buf_addch(&r->text, '\n');
	buf_release(&l.text);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Nobody chose what was left out here: say what it is. */
static void add_notrun(struct report *r)
{
	enum { MOST = 100 };
	size_t n = r->o.verbosity > 0 || r->nnotrun <= MOST ? r->nnotrun : MOST;

	if (r->why != STOP_TIME || r->o.verbosity < 0 || r->nnotrun == 0)
		return;
	qsort(r->notrun, r->nnotrun, sizeof *r->notrun, by_number);
	for (size_t i = 0; i < n; i++) {
		const char *id = r->tests->tests[r->notrun[i]].id;

		text_styled(r, &r->text, STYLE_YELLOW, "NOTRUN");
		buf_addch(&r->text, ' ');
		quote_display(&r->text, id, strlen(id));
		buf_addch(&r->text, '\n');
	}
	if (n < r->nnotrun)
		buf_addf(&r->text, "[%zu more; -v shows all]\n", r->nnotrun - n);
}

static void add_stop(struct report *r)
{
	char title[80];

	if (r->tests->is_interrupted) {
		size_t n = tests_uncollected(r->tests);

		snprintf(title, sizeof title, "Interrupted: %zu error%s during collection", n,
			 n == 1 ? "" : "s");
		text_bar(r, '!', title, STYLE_RED);
	}
	if (r->why == STOP_NO)
		return;
	if (r->nnotrun > 0)
		buf_addf(&r->text, "%zu test%s not run\n", r->nnotrun,
			 r->nnotrun == 1 ? " was" : "s were");
	add_notrun(r);
	if (r->why == STOP_INTERRUPT) {
		text_bar(r, '!', "interrupted", STYLE_NONE);
		return;
	}
	if (r->why == STOP_TIME) {
		if (r->nnotrun + r->counts[OUTCOME_TIMEOUT] > 0)
			text_bar(r, '!', "the time of the whole run was over (--session-timeout)",
				 STYLE_RED);
		return;
	}
	snprintf(title, sizeof title, "stopping after %zu failures",
		 report_nfailed(r) + report_nerrors(r));
	text_bar(r, '!', title, STYLE_RED);
}

/* --- all of it -------------------------------------------------------------------------- */

struct place {
	uint32_t test, number, index;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->test != y->test)
		return x->test < y->test ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

uint32_t *report_order(const struct report *r, bool wants_reruns, size_t *ret_n)
{
	struct place *places = xcalloc(r->nended + 1, sizeof *places);
	uint32_t *order = xcalloc(r->nended + 1, sizeof *order);
	size_t n = 0;

	for (size_t i = 0; i < r->nended; i++) {
		const struct ended *e = &r->ended[i];

		if (wants_reruns ? e->is_rerun : !e->is_replaced)
			places[n++] = (struct place){ e->test, e->number, (uint32_t)i };
	}
	qsort(places, n, sizeof *places, by_place);
	for (size_t i = 0; i < n; i++)
		order[i] = places[i].index;
	free(places);
	*ret_n = n;
	return order;
}

static int say_last_words(struct report *r, struct err *reterr)
{
	size_t n = 0;
	uint32_t *order = report_order(r, false, &n);
	int status = blocks_write(r, order, n, reterr);

	if (status == 0)
		buf_add(&r->text, r->inserted.s, r->inserted.len);
	if (status == 0 && r->o.durations != UINT32_MAX && !r->o.is_verdict)
		status = summary_durations(r, order, n, reterr);
	if (status == 0)
		status = summary_write(r, order, n, reterr);
	free(order);
	if (status < 0)
		return -1;
	add_stop(r);
	add_last_line(r);
	return live_write_last(r, reterr);
}

int report_end(struct report *r, struct report_totals *ret, struct err *reterr)
{
	if (report_poll(r, reterr) < 0 || find_broken_off(r, reterr) < 0)
		return -1;
	for (size_t i = 0; i < r->plan->nunits; i++) {
		if (find_lost_of_unit(r, i, reterr) < 0)
			return -1;
	}
	live_row_end(r);
	if (live_write_last(r, reterr) < 0 || say_last_words(r, reterr) < 0)
		return -1;
	*ret = (struct report_totals){
		.passed = r->counts[OUTCOME_PASS],
		.failed = report_nfailed(r),
		.skipped = r->counts[OUTCOME_SKIP],
		.xfailed = r->counts[OUTCOME_XFAIL],
		.xpassed = r->counts[OUTCOME_XPASS],
		.errors = report_nerrors(r),
		.subtests_passed = r->nsubs_passed,
		.is_interrupted = r->why == STOP_INTERRUPT,
		.is_out_of_time = r->why == STOP_TIME && r->nnotrun > 0,
	};
	return 0;
}
