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
	enum phase phase;
	uint32_t at; /* place in the order, so that equal times keep it */
	uint32_t index;
};

struct slowest {
	struct slow *all;
	size_t n, cap;
	uint32_t at, index; /* of the test at hand */
};

static int by_time(const void *a, const void *b)
{
	const struct slow *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us > y->time_us ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->phase > y->phase) - (x->phase < y->phase);
}

static void add_slow(struct slowest *s, enum phase phase, uint64_t time_us)
{
	if (time_us == TIME_UNKNOWN)
		return;
	GROW(s->all, s->n, s->cap);
	s->all[s->n++] = (struct slow){ time_us, phase, s->at, s->index };
}

static int add_phases(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	(void)reterr;
	for (enum phase p = PHASE_SETUP; ev->kind == JOURNAL_END && p < PHASE_MAX; p++)
		add_slow(ctx, p, ev->result.phases.time_us[p]);
	return 0;
}

static int list_slow(struct report *r, const uint32_t *order, size_t n, struct slowest *s,
		     struct err *reterr)
{
	for (size_t i = 0; i < n; i++) {
		const struct ended *e = &r->ended[order[i]];

		s->at = (uint32_t)i;
		s->index = order[i];
		if (!e->has_phases)
			add_slow(s, PHASE_CALL, e->time_us);
		else if (journal_read_again(&r->lanes[e->lane].reader, e->where, add_phases, s,
					    reterr) < 0)
			return -1;
	}
	if (s->n > 0)
		qsort(s->all, s->n, sizeof *s->all, by_time);
	return 0;
}

/* "0.005", "2": no more digits than it takes. */
static void add_limit(struct buf *out, uint64_t us)
{
	buf_addf(out, "%llu.%06llu", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us % 1000000));
	size_t len = out->len;

	while (out->s[len - 1] == '0')
		len--;
	buf_truncate(out, out->s[len - 1] == '.' ? len - 1 : len);
}

static void write_slow(struct report *r, const struct slowest *s, size_t n)
{
	static const char *const words[] = {
		[PHASE_SETUP] = "setup   ", [PHASE_CALL] = "call    ", [PHASE_TEARDOWN] = "teardown"
	};

	for (size_t i = 0; i < n; i++) {
		if (r->o.verbosity < 2 && s->all[i].time_us < r->o.durations_min_us) {
			buf_addf(&r->text, "\n(%zu durations < ", n - i);
			add_limit(&r->text, r->o.durations_min_us);
			buf_addstr(&r->text, "s hidden.  Use -vv to show these durations.)\n");
			break;
		}
		text_add_seconds(&r->text, s->all[i].time_us);
		buf_addf(&r->text, "s %s ", words[s->all[i].phase]);
		text_add_name(r, &r->text, &r->ended[s->all[i].index], false);
		buf_addch(&r->text, '\n');
	}
}

int summary_durations(struct report *r, const uint32_t *order, size_t n, struct err *reterr)
{
	struct slowest s = { 0 };
	char title[64] = "slowest durations";

	if (list_slow(r, order, n, &s, reterr) < 0) {
		free(s.all);
		return -1;
	}
	if (r->o.durations > 0)
		snprintf(title, sizeof title, "slowest %u durations", r->o.durations);
	text_bar(r, '=', title, STYLE_NONE);
	write_slow(r, &s, r->o.durations > 0 && s.n > r->o.durations ? r->o.durations : s.n);
	free(s.all);
	return 0;
}
