/* SPDX-License-Identifier: MIT
 *
 * A line for every test that -r asks for, and the slowest ones.
 */
#include "base/alloc.h"
#include "base/arena.h"
#include "base/map.h"
#include "base/quote.h"
#include "model/test.h"
#include "stage/report_state.h"

/* --- which ------------------------------------------------------------------------------ */

/* What -r's letters stand for, in the order in which they are shown; a, A and N as in pytest. */
static void spell_out(const char *letters, struct buf *out)
{
	for (; *letters; letters++) {
		char c = *letters == 'F' ? 'f' : *letters == 'S' ? 's' : *letters;

		if (c == 'a' || c == 'A' || c == 'N') {
			buf_clear(out);
			buf_addstr(out, c == 'a' ? "sxXEf" : c == 'A' ? "PpsxXEf" : "");
		} else if (!strchr(out->s, c)) {
			buf_addch(out, c);
		}
	}
}

bool summary_shows(const struct report *r, char letter)
{
	struct buf letters = BUF_INIT;

	spell_out(r->o.show ? r->o.show : "fE", &letters);
	bool shows = strchr(letters.s, letter) != NULL;

	buf_release(&letters);
	return shows;
}

/* The letter under which -r asks for an outcome; 0: none. */
static char letter_of(enum outcome o)
{
	switch (o) {
	case OUTCOME_PASS:
		return 'p';
	case OUTCOME_FAIL:
	case OUTCOME_TIMEOUT:
	case OUTCOME_CRASH:
		return 'f';
	case OUTCOME_SKIP:
		return 's';
	case OUTCOME_XFAIL:
		return 'x';
	case OUTCOME_XPASS:
		return 'X';
	case OUTCOME_ERROR:
	case OUTCOME_LOST:
		return 'E';
	case OUTCOME_NOTRUN:
	case OUTCOME_MAX:
		break;
	}
	return '\0';
}

/* --- lines ------------------------------------------------------------------------------ */

/* " - message", cut on a terminal so that a test takes one line there. */
static void add_message(struct report *r, size_t used, const char *message)
{
	struct buf shown = BUF_INIT;
	size_t first_line = strcspn(message, "\n");

	quote_display(&shown, message, first_line);
	if (!r->o.is_terminal) {
		buf_addf(&r->text, " - %s", shown.s);
	} else if (used + 6 < r->o.columns) {
		buf_addstr(&r->text, " - ");
		text_add_cut(&r->text, shown.s, r->o.columns - used - 3);
	}
	buf_release(&shown);
}

static int tell_line(struct report *r, const struct ended *e, const struct result *result,
		     struct err *reterr)
{
	const char *word = text_ended_word(e);
	struct buf name = BUF_INIT;

	(void)reterr;
	text_add_name(r, &name, e, false);
	size_t used = strlen(word) + 1 + text_width(name.s, name.len);

	text_styled(r, &r->text, text_ended_color(e), word);
	buf_addch(&r->text, ' ');
	text_add_name(r, &r->text, e, true);
	if (*result->message && e->outcome != OUTCOME_PASS)
		add_message(r, used, result->message);
	buf_addch(&r->text, '\n');
	buf_release(&name);
	return 0;
}

/* Equal reasons at one place become one line: SKIPPED [3] tests/net_test: needs network. */
struct folding {
	struct arena mem;
	struct map lines;
	struct fold {
		const char *line;
		size_t n;
	} * folds;
	size_t nfolds, cap_folds;
};

static int tell_skip(struct report *r, const struct ended *e, const struct result *result,
		     struct err *reterr)
{
	const struct test *t = &r->tests->tests[e->test];
	const char *target = r->tests->targets[t->target].name;
	struct buf *line = &r->text; /* behind what is there: the caller takes it away */

	(void)reterr;
	if (result->file || t->file)
		text_add_place(r, line, e, result);
	else
		quote_display(line, target, strlen(target));
	buf_addstr(line, ": ");
	quote_display(line, result->message, strlen(result->message));
	return 0;
}

static int fold_skip(struct report *r, const struct ended *e, struct folding *f, struct err *reterr)
{
	size_t before = r->text.len;
	size_t at = 0;

	if (blocks_tell(r, e, tell_skip, reterr) < 0)
		return -1;
	const char *line = r->text.s + before;
	size_t len = r->text.len - before;

	if (map_get(&f->lines, line, len, &at) && at < f->nfolds) {
		f->folds[at].n++;
	} else {
		const char *kept = arena_memdup(&f->mem, line, len);

		GROW(f->folds, f->nfolds, f->cap_folds);
		map_put(&f->lines, kept, len, f->nfolds);
		f->folds[f->nfolds++] = (struct fold){ kept, 1 };
	}
	buf_truncate(&r->text, before);
	return 0;
}

static int write_skips(struct report *r, const uint32_t *order, size_t n, struct err *reterr)
{
	struct folding f = { 0 };
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++) {
		if (r->ended[order[i]].outcome == OUTCOME_SKIP)
			status = fold_skip(r, &r->ended[order[i]], &f, reterr);
	}
	for (size_t i = 0; i < f.nfolds && status == 0; i++) {
		text_styled(r, &r->text, STYLE_YELLOW, "SKIPPED");
		buf_addf(&r->text, " [%zu] %s\n", f.folds[i].n, f.folds[i].line);
	}
	map_release(&f.lines);
	arena_release(&f.mem);
	free(f.folds);
	return status;
}

/* Attempts that were not the last. */
static int write_reruns(struct report *r, struct err *reterr)
{
	size_t n = 0;
	uint32_t *order = report_order(r, true, &n);
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++)
		status = blocks_tell(r, &r->ended[order[i]], tell_line, reterr);
	free(order);
	return status;
}

static int write_lines(struct report *r, char letter, const uint32_t *order, size_t n,
		       struct err *reterr)
{
	if (letter == 's')
		return write_skips(r, order, n, reterr);
	if (letter == 'R')
		return write_reruns(r, reterr);
	for (size_t i = 0; i < n; i++) {
		const struct ended *e = &r->ended[order[i]];
		const struct result nothing = { .message = "" };

		if (letter_of(e->outcome) != letter)
			continue;
		if (letter == 'p') /* nothing to be read again */
			tell_line(r, e, &nothing, reterr);
		else if (blocks_tell(r, e, tell_line, reterr) < 0)
			return -1;
		if (live_write_last(r, reterr) < 0)
			return -1;
	}
	return 0;
}

static bool has_any(const struct report *r, const char *letters, const uint32_t *order, size_t n)
{
	if (r->nreruns > 0 && strchr(letters, 'R'))
		return true;
	for (size_t i = 0; i < n; i++) {
		char letter = letter_of(r->ended[order[i]].outcome);

		if (letter && strchr(letters, letter))
			return true;
	}
	return false;
}

int summary_write(struct report *r, const uint32_t *order, size_t n, struct err *reterr)
{
	struct buf letters = BUF_INIT;
	int status = 0;

	spell_out(r->o.show ? r->o.show : "fE", &letters);
	if (has_any(r, letters.s, order, n)) {
		text_bar(r, '=', "short test summary info", STYLE_CYAN | STYLE_BOLD);
		for (size_t i = 0; i < letters.len && status == 0; i++)
			status = write_lines(r, letters.s[i], order, n, reterr);
	}
	buf_release(&letters);
	return status;
}

/* --- the slowest ------------------------------------------------------------------------ */

struct slow {
	uint64_t time_us;
	uint32_t at; /* place in the order, so that equal times keep it */
	uint32_t index;
};

static int by_time(const void *a, const void *b)
{
	const struct slow *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us > y->time_us ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

void summary_durations(struct report *r, const uint32_t *order, size_t n)
{
	enum { HIDDEN_BELOW_US = 5000 };
	struct slow *all = xcalloc(n + 1, sizeof *all);
	size_t nall = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t time_us = r->ended[order[i]].time_us;

		if (time_us != TIME_UNKNOWN)
			all[nall++] = (struct slow){ time_us, (uint32_t)i, order[i] };
	}
	qsort(all, nall, sizeof *all, by_time);
	if (r->o.durations > 0) {
		char title[64];

		snprintf(title, sizeof title, "slowest %u durations", r->o.durations);
		text_bar(r, '=', title, STYLE_NONE);
		if (nall > r->o.durations)
			nall = r->o.durations;
	} else {
		text_bar(r, '=', "slowest durations", STYLE_NONE);
	}
	for (size_t i = 0; i < nall; i++) {
		if (r->o.verbosity < 2 && all[i].time_us < HIDDEN_BELOW_US) {
			buf_addf(&r->text,
				 "\n(%zu durations < 0.005s hidden.  Use -vv to show these "
				 "durations.)\n",
				 nall - i);
			break;
		}
		text_add_seconds(&r->text, all[i].time_us);
		buf_addstr(&r->text, "s call     ");
		text_add_name(r, &r->text, &r->ended[all[i].index], false);
		buf_addch(&r->text, '\n');
	}
	free(all);
}
