/* SPDX-License-Identifier: MIT
 *
 * A block for every test that failed: where, why, what it printed.
 */
#include "base/err.h"
#include "base/quote.h"
#include "model/test.h"
#include "stage/report_state.h"
#include "sys/proc.h"

enum { MIB = 1024 * 1024 };
enum { SHORT_BYTES = 64 * 1024 }; /* of each stream, under --tb=short */

/* --- a result, read again --------------------------------------------------------------- */

struct telling {
	struct report *report;
	const struct ended *ended;
	int (*tell)(struct report *r, const struct ended *e, const struct result *result,
		    struct err *reterr);
};

static int on_event(void *ctx, const struct journal_event *ev, struct err *reterr)
{
	struct telling *t = ctx;

	if (ev->kind != JOURNAL_END)
		return 0;
	return t->tell(t->report, t->ended, &ev->result, reterr);
}

/* What is to be said of a test that nobody saw end. */
static void add_lost(const struct report *r, const struct ended *e, struct buf *out)
{
	const char *id = r->tests->tests[e->test].id;
	unsigned number = e->number;

	switch ((enum lost_how)e->lost_how) {
	case LOST_IN_IT:
		buf_addf(out, "worker 'gw%u' crashed while running '%s'", number, id);
		break;
	case LOST_BEFORE_IT:
		buf_addf(out, "lost: worker 'gw%u' crashed before this test", number);
		break;
	case LOST_END:
		buf_addf(out, "lost: worker 'gw%u' began this test and did not write how it ended",
			 number);
		break;
	case LOST_UNSEEN:
	case LOST_NOT:
		if (number == NO_INDEX)
			buf_addstr(out, "lost: no worker ran this test");
		else
			buf_addf(out, "lost: worker 'gw%u' did not run this test", number);
		break;
	}
}

int blocks_tell(struct report *r, const struct ended *e,
		int (*tell)(struct report *r, const struct ended *e, const struct result *result,
			    struct err *reterr),
		struct err *reterr)
{
	struct telling t = { r, e, tell };
	struct buf message = BUF_INIT;

	if (e->lost_how == LOST_NOT)
		return journal_read_again(&r->lanes[e->lane].reader, e->where, on_event, &t,
					  reterr);
	add_lost(r, e, &message);
	const struct result result = {
		.test = e->test,
		.outcome = e->outcome,
		.time_us = TIME_UNKNOWN,
		.message = message.s,
		.detail = "",
		.exit_code = -1,
	};
	int status = tell(r, e, &result, reterr);

	buf_release(&message);
	return status;
}

/* --- captured output -------------------------------------------------------------------- */

/* Where the last lines of s begin. */
static size_t last_lines(const char *s, size_t len, size_t nlines)
{
	size_t i = len;

	for (size_t n = 0; i > 0; i--) {
		if (s[i - 1] == '\n' && i < len && ++n == nlines)
			return i;
	}
	return 0;
}

/* Do not begin in the middle of a line or of a character, if that can be. */
static size_t skip_torn(const char *s, size_t len)
{
	const char *newline = memchr(s, '\n', len);
	size_t i = 0;

	if (newline && newline + 1 < s + len)
		return (size_t)(newline + 1 - s);
	while (i < len && i < 3 && ((unsigned char)s[i] & 0xc0) == 0x80)
		i++;
	return i;
}

static void add_stream(struct report *r, const struct ended *e, const char *title, struct span span)
{
	struct buf bytes = BUF_INIT;
	struct err why = { 0 };
	uint64_t size_bytes = span.size_bytes;
	size_t from = 0;
	bool is_short = r->o.tb != TB_LONG;

	if (size_bytes == 0)
		return;
	if (is_short && span.size_bytes > SHORT_BYTES) {
		span.offset_bytes += span.size_bytes - SHORT_BYTES;
		span.size_bytes = SHORT_BYTES;
	}
	text_bar(r, '-', title, STYLE_NONE);
	if (journal_read_output(&r->lanes[e->lane].reader, span, &bytes, &why) < 0) {
		struct buf text = BUF_INIT;

		/* the verdict stands; only what was printed is not to be had */
		err_format(&why, &text);
		text_add_safe(r, &r->text, text.s, text.len);
		buf_release(&text);
	}
	if (is_short)
		from = last_lines(bytes.s, bytes.len, SECTION_LINES);
	if (from == 0 && span.size_bytes < size_bytes)
		from = skip_torn(bytes.s, bytes.len);
	if (from > 0 || span.size_bytes < size_bytes)
		buf_addf(&r->text, "[the end of %llu bytes; --tb=long shows all]\n",
			 (unsigned long long)size_bytes);
	text_add_safe(r, &r->text, bytes.s + from, bytes.len - from);
	buf_release(&bytes);
}

void blocks_captured(struct report *r, const struct ended *e, const struct result *result)
{
	add_stream(r, e, "captured stdout", result->out);
	add_stream(r, e, "captured stderr", result->err);
}

/* --- blocks ----------------------------------------------------------------------------- */

static void add_title(struct report *r, const struct ended *e, unsigned color)
{
	struct buf name = BUF_INIT;

	text_add_name(r, &name, e, false);
	text_bar(r, '_', name.s, color | STYLE_BOLD);
	buf_release(&name);
}

/* "tests/a.c:41: message" */
static void add_place_and_message(struct report *r, const struct ended *e,
				  const struct result *result)
{
	size_t before = r->text.len;

	text_add_place(r, &r->text, e, result);
	if (r->text.len > before && *result->message)
		buf_addstr(&r->text, ": ");
	quote_display(&r->text, result->message, strlen(result->message));
	buf_addch(&r->text, '\n');
}

static void add_detail(struct report *r, const char *detail)
{
	size_t len = strlen(detail);
	size_t shown = 0;

	for (size_t n = 0; shown < len && (r->o.tb == TB_LONG || n < SECTION_LINES); n++) {
		const char *newline = memchr(detail + shown, '\n', len - shown);

		shown = newline ? (size_t)(newline + 1 - detail) : len;
	}
	text_add_safe(r, &r->text, detail, shown);
	if (shown < len)
		buf_addf(&r->text, "[%zu bytes more; --tb=long shows all]\n", len - shown);
}

/* The points of a TAP program that failed. */
static void add_points(struct report *r, const struct result *result)
{
	size_t n = 0;

	for (size_t i = 0; i < result->nsubs; i++) {
		const struct subresult *s = &result->subs[i];

		if (!outcome_is_bad(s->outcome))
			continue;
		if (++n > SECTION_LINES && r->o.tb != TB_LONG)
			continue;
		text_styled(r, &r->text, STYLE_RED, text_word(s->outcome));
		buf_addch(&r->text, ' ');
		quote_display(&r->text, s->name, strlen(s->name));
		if (s->message && *s->message) {
			buf_addstr(&r->text, " - ");
			quote_display(&r->text, s->message, strlen(s->message));
		}
		if (s->file) {
			buf_addstr(&r->text, " (");
			quote_display(&r->text, s->file, strlen(s->file));
			buf_addf(&r->text, ":%u)", s->line);
		}
		buf_addch(&r->text, '\n');
	}
	if (n > SECTION_LINES && r->o.tb != TB_LONG)
		buf_addf(&r->text, "[%zu points more; --tb=long shows all]\n", n - SECTION_LINES);
}

/* How the process of a test that was killed ended, what it took, and where its core is. */
static void add_process(struct report *r, const struct result *result)
{
	struct buf *out = &r->text;
	const char *separator = "";

	if (result->outcome != OUTCOME_TIMEOUT && result->outcome != OUTCOME_CRASH)
		return;
	size_t before = out->len;

	buf_addstr(out, "process: ");
	size_t empty = out->len;

	if (result->term_signal > 0)
		buf_addf(out, "killed by %s", proc_signal_name(result->term_signal));
	else if (result->exit_code >= 0)
		buf_addf(out, "exit status %d", result->exit_code);
	separator = out->len > empty ? ", " : "";
	if (result->has_usage) {
		buf_addstr(out, separator);
		text_add_seconds(out, result->user_us);
		buf_addstr(out, " s user, ");
		text_add_seconds(out, result->system_us);
		buf_addstr(out, " s system");
		separator = ", ";
	}
	if (result->peak_bytes != TIME_UNKNOWN && result->peak_bytes > 0)
		buf_addf(out, "%s%llu MiB", separator,
			 (unsigned long long)((result->peak_bytes + MIB / 2) / MIB));
	if (result->core) {
		buf_addf(out, "%score: ", separator);
		quote_display(out, result->core, strlen(result->core));
	}
	if (out->len == empty)
		buf_truncate(out, before);
	else
		buf_addch(out, '\n');
}

static int tell_block(struct report *r, const struct ended *e, const struct result *result,
		      struct err *reterr)
{
	(void)reterr;
	add_title(r, e, STYLE_RED);
	if (e->number != NO_INDEX)
		buf_addf(&r->text, "[gw%u] ", (unsigned)e->number);
	add_place_and_message(r, e, result);
	add_process(r, result);
	if (result->is_leaky)
		buf_addstr(&r->text, "it left a process behind that held its output\n");
	if (strcmp(result->detail, result->message) != 0)
		add_detail(r, result->detail);
	add_points(r, result);
	blocks_captured(r, e, result);
	return 0;
}

static int tell_line(struct report *r, const struct ended *e, const struct result *result,
		     struct err *reterr)
{
	(void)reterr;
	if (!result->file && !r->tests->tests[e->test].file) {
		text_add_name(r, &r->text, e, false);
		buf_addstr(&r->text, ": ");
	}
	add_place_and_message(r, e, result);
	return 0;
}

static int tell_passed(struct report *r, const struct ended *e, const struct result *result,
		       struct err *reterr)
{
	(void)reterr;
	add_title(r, e, STYLE_GREEN);
	blocks_captured(r, e, result);
	return 0;
}

/* --- sections --------------------------------------------------------------------------- */

static bool is_failure(const struct ended *e)
{
	return outcome_is_bad(e->outcome) && e->outcome != OUTCOME_ERROR &&
	       e->outcome != OUTCOME_LOST;
}

static bool is_error(const struct ended *e)
{
	return e->outcome == OUTCOME_ERROR || e->outcome == OUTCOME_LOST;
}

static bool is_talkative(const struct ended *e)
{
	return e->outcome == OUTCOME_PASS && e->has_output;
}

struct section {
	const char *title;
	bool (*has)(const struct ended *e);
	int (*tell)(struct report *r, const struct ended *e, const struct result *result,
		    struct err *reterr);
};

static int write_section(struct report *r, const struct section *s, const uint32_t *order, size_t n,
			 struct err *reterr)
{
	bool is_begun = false;

	for (size_t i = 0; i < n; i++) {
		const struct ended *e = &r->ended[order[i]];

		if (!s->has(e))
			continue;
		if (!is_begun)
			text_bar(r, '=', s->title, STYLE_NONE);
		is_begun = true;
		if (blocks_tell(r, e, s->tell, reterr) < 0 || live_write_last(r, reterr) < 0)
			return -1;
	}
	return 0;
}

static void add_warnings(struct report *r, const uint32_t *order, size_t n)
{
	if (r->nleaky == 0)
		return;
	text_bar(r, '=', "warnings summary", STYLE_YELLOW);
	for (size_t i = 0; i < n; i++) {
		const struct ended *e = &r->ended[order[i]];

		if (!e->is_leaky || outcome_is_bad(e->outcome))
			continue;
		text_add_name(r, &r->text, e, false);
		buf_addstr(&r->text, "\n  it left a process behind that held its output\n");
	}
}

int blocks_write(struct report *r, const uint32_t *order, size_t n, struct err *reterr)
{
	bool is_line = r->o.tb == TB_LINE;
	const struct section errors = { "ERRORS", is_error, is_line ? tell_line : tell_block };
	const struct section failures = { "FAILURES", is_failure,
					  is_line ? tell_line : tell_block };
	const struct section passes = { "PASSES", is_talkative, tell_passed };

	if (r->o.tb != TB_NO && (write_section(r, &errors, order, n, reterr) < 0 ||
				 write_section(r, &failures, order, n, reterr) < 0))
		return -1;
	add_warnings(r, order, n);
	if (r->o.tb == TB_NO || !summary_shows(r, 'P'))
		return 0;
	return write_section(r, &passes, order, n, reterr);
}
