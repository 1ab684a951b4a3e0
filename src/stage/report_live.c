/* SPDX-License-Identifier: MIT
 *
 * While the tests run: rows of marks or a line a test, and, on a terminal, a last line with what
 * takes longer than a moment.  That line stands below the row at hand; to add marks it is erased
 * and the cursor goes back up to where the row ends.  Where there is no terminal nothing is ever
 * written twice.
 */
#include "base/alloc.h"
#include "base/err.h"
#include "base/quote.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/report_state.h"
#include "sys/proc.h"

enum {
	PERCENT_COLUMNS = 6, /* [ nn%] */
	MOMENT_US = 1000 * 1000,
	LOOK_US = 50 * 1000
};

/* --- rows and lines --------------------------------------------------------------------- */

static size_t row_marks(const struct report *r)
{
	return r->o.columns - PERCENT_COLUMNS;
}

static unsigned percent(const struct report *r)
{
	return r->nexpected > 0 ? (unsigned)(r->ndone * 100 / r->nexpected) : 100;
}

static void add_percent(struct report *r)
{
	unsigned color = text_main_color(r);

	text_style(r, &r->text, color);
	buf_addf(&r->text, "[%3u%%]", percent(r));
	text_style_end(r, &r->text, color);
}

static void add_mark(struct report *r, const struct ended *e)
{
	const char mark[2] = { e->is_rerun ? 'R' : outcome_letter(e->outcome) };

	text_styled(r, &r->text, text_ended_color(e), mark);
	if (++r->nmarks < row_marks(r))
		return;
	add_percent(r);
	buf_addch(&r->text, '\n');
	r->nmarks = 0;
}

static void add_line(struct report *r, const struct ended *e)
{
	struct buf *out = &r->text;

	if (e->number != NO_INDEX)
		buf_addf(out, "[gw%u] ", (unsigned)e->number);
	text_style(r, out, STYLE_CYAN);
	buf_addf(out, "[%3u%%]", percent(r));
	text_style_end(r, out, STYLE_CYAN);
	buf_addch(out, ' ');
	text_styled(r, out, text_ended_color(e), text_ended_word(e));
	buf_addch(out, ' ');
	text_add_name(r, out, e, false);
	buf_addch(out, '\n');
}

void live_result(struct report *r, const struct ended *e)
{
	if (r->o.is_verdict)
		return;
	if (r->o.verbosity > 0)
		add_line(r, e);
	else
		add_mark(r, e);
}

void live_output(struct report *r, const struct ended *e, const struct result *result)
{
	if (!r->o.is_verdict && r->o.verbosity > 1)
		blocks_captured(r, e, result);
}

void live_row_end(struct report *r)
{
	if (r->o.is_verdict)
		return;
	if (r->nmarks > 0 && r->ndone >= r->nexpected) {
		for (size_t i = r->nmarks; i < row_marks(r); i++)
			buf_addch(&r->text, ' ');
		add_percent(r);
	}
	if (r->nmarks > 0 || r->o.verbosity > 0)
		buf_addch(&r->text, '\n');
	r->nmarks = 0;
}

void report_say(struct report *r, const char *text)
{
	if (r->o.is_verdict)
		return;
	if (r->nmarks > 0)
		buf_addch(&r->text, '\n');
	r->nmarks = 0;
	text_add_safe(r, &r->text, text, strlen(text));
}

/* --- the last line ---------------------------------------------------------------------- */

struct slow {
	uint64_t start_us;
	size_t lane;
};

static int by_start(const void *a, const void *b)
{
	const struct slow *x = a, *y = b;

	if (x->start_us != y->start_us)
		return x->start_us < y->start_us ? -1 : 1;
	return (x->lane > y->lane) - (x->lane < y->lane);
}

/* Lanes whose test has run for longer than a moment, longest first. */
static size_t find_slow(const struct report *r, uint64_t now_us, struct slow *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nlanes; i++) {
		const struct report_lane *l = &r->lanes[i];

		if (l->running != NO_INDEX && now_us >= l->start_us + MOMENT_US)
			ret[n++] = (struct slow){ l->start_us, i };
	}
	qsort(ret, n, sizeof *ret, by_start);
	return n;
}

static void add_span(struct buf *out, uint64_t us)
{
	unsigned long long s = us / 1000000;

	if (s < 60)
		buf_addf(out, "%llus", s);
	else if (s < 3600)
		buf_addf(out, "%llum%02llus", s / 60, s % 60);
	else
		buf_addf(out, "%lluh%02llum", s / 3600, s / 60 % 60);
}

static void describe(const struct report *r, const struct report_lane *l, uint64_t now_us,
		     struct buf *out)
{
	const char *id = r->tests->tests[l->running].id;

	buf_addf(out, "[gw%u] ", (unsigned)l->reader.lane);
	add_span(out, now_us - l->start_us);
	buf_addch(out, ' ');
	quote_display(out, id, strlen(id));
}

/* "[gw2] 12s tests/net_test::slow  [gw0] 3s tests/a  +2": what fits, the longest at least. */
static void compose(const struct report *r, struct buf *out)
{
	enum { MORE_COLUMNS = 8 };
	uint64_t now = proc_now_us();
	uint64_t now_us = now > r->run->began_us ? now - r->run->began_us : 0;
	struct slow *slow = xcalloc(r->nlanes + 1, sizeof *slow);
	size_t n = find_slow(r, now_us, slow);
	size_t room = r->o.columns - 1 - MORE_COLUMNS;
	size_t shown = 0;
	struct buf one = BUF_INIT;

	for (; shown < n; shown++) {
		size_t used = text_width(out->s, out->len);

		buf_clear(&one);
		describe(r, &r->lanes[slow[shown].lane], now_us, &one);
		if (shown > 0 && used + 2 + text_width(one.s, one.len) > room)
			break;
		if (shown > 0)
			buf_addstr(out, "  ");
		text_add_cut(out, one.s, room - (shown > 0 ? used + 2 : 0));
	}
	if (shown < n)
		buf_addf(out, "  +%zu", n - shown);
	buf_release(&one);
	free(slow);
}

/* A log has no last line: what takes long is told when it has taken slow_us, twice that, and so on.
 */
void live_slow(struct report *r)
{
	uint64_t now = proc_now_us();
	uint64_t now_us = now > r->run->began_us ? now - r->run->began_us : 0;
	struct buf text = BUF_INIT;

	if (r->o.is_terminal || r->o.is_verdict || r->o.verbosity < 0 || r->o.slow_us == 0 ||
	    r->o.slow_us == TIME_UNKNOWN)
		return;
	for (size_t i = 0; i < r->nlanes; i++) {
		struct report_lane *l = &r->lanes[i];
		uint64_t next_us = l->slow_us == 0 ? r->o.slow_us : 2 * l->slow_us;

		if (l->running == NO_INDEX || now_us < l->start_us + next_us)
			continue;
		while (now_us >= l->start_us + 2 * next_us)
			next_us *= 2; /* nobody looked for a while */
		l->slow_us = next_us;
		const char *id = r->tests->tests[l->running].id;

		buf_clear(&text);
		quote_display(&text, id, strlen(id));
		buf_addf(&text, " is running for %.4g s on gw%u", (double)next_us / 1e6,
			 (unsigned)l->reader.lane);
		report_say(r, text.s);
	}
	buf_release(&text);
}

/* Bytes that take the last line away and put the cursor where the row ends. */
static void add_hide(const struct report *r, struct buf *out)
{
	if (r->live.len == 0)
		return;
	buf_addstr(out, "\r\x1b[K");
	if (r->live_below > 0)
		buf_addf(out, "\x1b[A\x1b[%zuC", r->live_below);
}

static int put(struct report *r, const struct buf *out, struct err *reterr)
{
	if (out->len == 0)
		return 0;
	if (fwrite(out->s, 1, out->len, r->o.out) != out->len || fflush(r->o.out) != 0)
		return err_sys(reterr, NULL, "cannot write the report");
	return 0;
}

static bool is_time_to_look(struct report *r)
{
	uint64_t now_us = proc_now_us();

	if (r->text.len == 0 && now_us < r->live_look_us + LOOK_US)
		return false;
	r->live_look_us = now_us;
	return true;
}

int live_write(struct report *r, struct err *reterr)
{
	struct buf live = BUF_INIT;
	struct buf out = BUF_INIT;
	int status = 0;

	if (!r->o.is_terminal || r->o.is_verdict) {
		status = put(r, &r->text, reterr);
		buf_clear(&r->text);
		return status;
	}
	if (!is_time_to_look(r))
		return 0;
	compose(r, &live);
	if (r->text.len > 0 || strcmp(live.s, r->live.s) != 0) {
		add_hide(r, &out);
		buf_add(&out, r->text.s, r->text.len);
		if (live.len > 0 && r->nmarks > 0)
			buf_addch(&out, '\n');
		buf_add(&out, live.s, live.len);
		status = put(r, &out, reterr);
		buf_release(&r->live);
		r->live = live;
		r->live_below = r->nmarks;
		live = (struct buf)BUF_INIT;
		buf_clear(&r->text);
	}
	buf_release(&live);
	buf_release(&out);
	return status;
}

int live_write_last(struct report *r, struct err *reterr)
{
	struct buf out = BUF_INIT;

	add_hide(r, &out);
	buf_clear(&r->live);
	buf_add(&out, r->text.s, r->text.len);
	buf_clear(&r->text);
	int status = put(r, &out, reterr);

	buf_release(&out);
	return status;
}
