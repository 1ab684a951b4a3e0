/* SPDX-License-Identifier: MIT
 *
 * Bars, colours and words as pytest has them, and other people's bytes made safe to show.
 */
#include "base/quote.h"
#include "base/utf8.h"
#include "model/plan.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/report_state.h"

/* --- colours ---------------------------------------------------------------------------- */

void text_style(const struct report *r, struct buf *out, unsigned style)
{
	static const struct {
		unsigned style;
		const char *code;
	} codes[] = {
		{ STYLE_RED, "\x1b[31m" },    { STYLE_GREEN, "\x1b[32m" },
		{ STYLE_YELLOW, "\x1b[33m" }, { STYLE_CYAN, "\x1b[36m" },
		{ STYLE_BOLD, "\x1b[1m" },
	};

	for (size_t i = 0; r->o.use_color && i < ARRAY_SIZE(codes); i++) {
		if (style & codes[i].style)
			buf_addstr(out, codes[i].code);
	}
}

void text_style_end(const struct report *r, struct buf *out, unsigned style)
{
	if (r->o.use_color && style != STYLE_NONE)
		buf_addstr(out, "\x1b[0m");
}

void text_styled(const struct report *r, struct buf *out, unsigned style, const char *s)
{
	text_style(r, out, style);
	buf_addstr(out, s);
	text_style_end(r, out, style);
}

unsigned text_main_color(const struct report *r)
{
	if (report_nfailed(r) + report_nerrors(r) > 0)
		return STYLE_RED;
	if (r->counts[OUTCOME_XPASS] > 0 || r->nleaky > 0 || r->nreruns > 0)
		return STYLE_YELLOW;
	return r->counts[OUTCOME_PASS] > 0 || r->ndone < r->nexpected ? STYLE_GREEN : STYLE_YELLOW;
}

const char *text_word(enum outcome o)
{
	switch (o) {
	case OUTCOME_PASS:
		return "PASSED";
	case OUTCOME_FAIL:
	case OUTCOME_TIMEOUT:
	case OUTCOME_CRASH:
		return "FAILED";
	case OUTCOME_SKIP:
		return "SKIPPED";
	case OUTCOME_XFAIL:
		return "XFAIL";
	case OUTCOME_XPASS:
		return "XPASS";
	case OUTCOME_ERROR:
	case OUTCOME_LOST:
		return "ERROR";
	case OUTCOME_NOTRUN:
	case OUTCOME_MAX:
		break;
	}
	return "NOTRUN";
}

unsigned text_color(enum outcome o)
{
	if (o == OUTCOME_PASS)
		return STYLE_GREEN;
	return outcome_is_bad(o) ? STYLE_RED : STYLE_YELLOW;
}

/* --- widths ----------------------------------------------------------------------------- */

/* East Asian wide characters and emoji take two columns, combining marks none. */
static size_t char_width(int32_t cp)
{
	static const struct {
		int32_t first, last;
		unsigned char width;
	} ranges[] = {
		{ 0x0300, 0x036f, 0 },   { 0x1100, 0x115f, 2 },   { 0x200b, 0x200f, 0 },
		{ 0x2e80, 0x303e, 2 },   { 0x3041, 0xa4cf, 2 },   { 0xac00, 0xd7a3, 2 },
		{ 0xf900, 0xfaff, 2 },   { 0xfe00, 0xfe0f, 0 },   { 0xfe30, 0xfe6f, 2 },
		{ 0xff00, 0xff60, 2 },   { 0xffe0, 0xffe6, 2 },   { 0x1f300, 0x1f64f, 2 },
		{ 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges) && cp >= ranges[i].first; i++) {
		if (cp <= ranges[i].last)
			return ranges[i].width;
	}
	return 1;
}

size_t text_width(const char *s, size_t len)
{
	size_t width = 0;

	for (size_t i = 0, n = 0; i < len; i += n)
		width += char_width(utf8_next(s + i, len - i, &n));
	return width;
}

/* Bytes of s that go into so many columns. */
static size_t fitting(const char *s, size_t len, size_t columns)
{
	size_t i = 0;

	for (size_t n = 0, width = 0; i < len; i += n) {
		width += char_width(utf8_next(s + i, len - i, &n));
		if (width > columns)
			break;
	}
	return i;
}

void text_add_cut(struct buf *out, const char *s, size_t columns)
{
	static const char dots[] = "...";
	size_t len = strlen(s);

	if (fitting(s, len, columns) == len) {
		buf_add(out, s, len);
	} else if (columns >= strlen(dots)) {
		buf_add(out, s, fitting(s, len, columns - strlen(dots)));
		buf_addstr(out, dots);
	}
}

static void add_fill(struct buf *out, char c, size_t n)
{
	while (n-- > 0)
		buf_addch(out, c);
}

void text_bar(struct report *r, char c, const char *title, unsigned style)
{
	size_t width = text_width(title, strlen(title)) + 2;
	size_t fill = r->o.columns > width + 2 ? (r->o.columns - width) / 2 : 1;

	text_style(r, &r->text, style);
	add_fill(&r->text, c, fill);
	buf_addf(&r->text, " %s ", title);
	add_fill(&r->text, c, fill);
	if (2 * fill + width < r->o.columns)
		buf_addch(&r->text, c);
	text_style_end(r, &r->text, style);
	buf_addch(&r->text, '\n');
}

const char *text_ended_word(const struct ended *e)
{
	return e->is_rerun ? "RERUN" : text_word((enum outcome)e->outcome);
}

unsigned text_ended_color(const struct ended *e)
{
	return e->is_rerun ? STYLE_YELLOW : text_color((enum outcome)e->outcome);
}

/* --- foreign text ----------------------------------------------------------------------- */

/* The length of a colour sequence (ESC [ 1 ; 31 m) at s, or 0. */
static size_t color_sequence(const char *s, size_t len)
{
	size_t i = 2;

	if (len < 3 || s[0] != '\x1b' || s[1] != '[')
		return 0;
	while (i < len && ((s[i] >= '0' && s[i] <= '9') || s[i] == ';' || s[i] == ':'))
		i++;
	return i < len && s[i] == 'm' ? i + 1 : 0;
}

void text_add_safe(const struct report *r, struct buf *out, const char *s, size_t len)
{
	size_t plain = 0; /* first byte not yet written */
	bool has_color = false;

	for (size_t i = 0, n = 0; i < len; i += n) {
		bool is_kept = s[i] == '\n' || s[i] == '\t';
		bool is_dropped = s[i] == '\r' && i + 1 < len && s[i + 1] == '\n';
		size_t sequence = color_sequence(s + i, len - i);

		n = sequence > 0 ? sequence : 1;
		if (!is_kept && !is_dropped && sequence == 0)
			continue;
		quote_display(out, s + plain, i - plain);
		plain = i + n;
		if (is_kept || (sequence > 0 && r->o.use_color))
			buf_add(out, s + i, n);
		has_color = has_color || sequence > 0;
	}
	quote_display(out, s + plain, len - plain);
	if (has_color && r->o.use_color)
		buf_addstr(out, "\x1b[0m");
	if (len > 0 && s[len - 1] != '\n')
		buf_addch(out, '\n');
}

/* --- words for a result ----------------------------------------------------------------- */

void text_add_name(const struct report *r, struct buf *out, const struct ended *e, bool is_bold)
{
	const char *id = r->tests->tests[e->test].id;
	const char *rest = is_bold && r->o.use_color ? strstr(id, "::") : NULL;
	size_t path_len = rest ? (size_t)(rest - id) + 2 : strlen(id);

	quote_display(out, id, path_len);
	if (rest) {
		text_style(r, out, STYLE_BOLD);
		quote_display(out, rest + 2, strlen(rest + 2));
		text_style_end(r, out, STYLE_BOLD);
	}
	if (r->plan->dist == DIST_EACH)
		buf_addf(out, " [gw%u]", (unsigned)e->number);
}

void text_add_place(const struct report *r, struct buf *out, const struct ended *e,
		    const struct result *result)
{
	const struct test *t = &r->tests->tests[e->test];
	const char *file = result->file ? result->file : t->file;
	unsigned line = result->file ? result->line : t->line;
	size_t root_len = strlen(r->run->rootdir);

	if (!file)
		return;
	if (strncmp(file, r->run->rootdir, root_len) == 0 && file[root_len] == '/')
		file += root_len + 1;
	quote_display(out, file, strlen(file));
	if (line > 0)
		buf_addf(out, ":%u", line);
}

void text_add_seconds(struct buf *out, uint64_t us)
{
	uint64_t hundredths = us / 10000 + (us % 10000 >= 5000);

	buf_addf(out, "%llu.%02llu", (unsigned long long)(hundredths / 100),
		 (unsigned long long)(hundredths % 100));
}
