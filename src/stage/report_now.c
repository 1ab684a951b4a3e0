/* SPDX-License-Identifier: MIT
 *
 * Somebody asks what runs now.  Lanes answer in files of their own, LANEDIR/now: the number of the
 * question, a tab, the number of the test, a newline, then the last bytes that it printed.
 */
#include "base/parse.h"
#include "base/quote.h"
#include "model/run.h"
#include "model/test.h"
#include "stage/report_state.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { NOW_LINES = 5, NOW_BYTES_MAX = 65536 };

/* Read the answer; false if it is none to this question or of another test. */
static bool read_answer(const struct report_lane *l, unsigned question, struct buf *text)
{
	struct arena mem = { 0 };
	uint64_t asked = 0;
	uint64_t test = 0;
	bool is_good = false;

	buf_clear(text);
	if (fs_read(fs_join(&mem, l->reader.dir, "now"), NOW_BYTES_MAX, text, NULL) == 0) {
		char *tab = memchr(text->s, '\t', text->len);
		char *end = tab ? memchr(tab, '\n', text->len - (size_t)(tab - text->s)) : NULL;

		if (end) {
			*tab = *end = '\0';
			is_good = parse_uint(text->s, UINT32_MAX, &asked) &&
				  parse_uint(tab + 1, UINT32_MAX, &test) && asked == question &&
				  test == l->running;
			*end = '\n';
		}
	}
	arena_release(&mem);
	return is_good;
}

bool report_has_answers(const struct report *r, unsigned question)
{
	struct buf text = BUF_INIT;
	bool has_all = true;

	for (size_t i = 0; i < r->nlanes && has_all; i++)
		has_all = r->lanes[i].running == NO_INDEX ||
			  read_answer(&r->lanes[i], question, &text);
	buf_release(&text);
	return has_all;
}

/* The last lines of what stands behind the first newline, each a little to the right. */
static void add_lines(struct report *r, const struct buf *text)
{
	const char *begin = (const char *)memchr(text->s, '\n', text->len) + 1;
	const char *end = text->s + text->len;
	const char *from = end;
	unsigned nlines = 0;

	while (from > begin && nlines < NOW_LINES) {
		from--;
		nlines += *from == '\n' && from + 1 < end;
	}
	from += *from == '\n' && nlines == NOW_LINES;
	while (from < end) {
		const char *newline = memchr(from, '\n', (size_t)(end - from));
		size_t len = newline ? (size_t)(newline - from) : (size_t)(end - from);

		buf_addstr(&r->text, "    ");
		quote_display(&r->text, from, len);
		buf_addch(&r->text, '\n');
		from += len + 1;
	}
}

void report_now(struct report *r, unsigned question)
{
	uint64_t now = proc_now_us();
	uint64_t now_us = now > r->run->began_us ? now - r->run->began_us : 0;
	struct buf text = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < r->nlanes; i++)
		n += r->lanes[i].running != NO_INDEX;
	buf_addf(&text, "%zu of %zu tests ended, %zu run now%s", r->ndone, r->nexpected, n,
		 n > 0 ? ":" : "");
	report_say(r, text.s);
	for (size_t i = 0; i < r->nlanes; i++) {
		const struct report_lane *l = &r->lanes[i];

		if (l->running == NO_INDEX)
			continue;
		const char *id = r->tests->tests[l->running].id;

		buf_addf(&r->text, "[gw%u] ", (unsigned)l->reader.lane);
		text_add_seconds(&r->text, now_us > l->start_us ? now_us - l->start_us : 0);
		buf_addstr(&r->text, "s ");
		quote_display(&r->text, id, strlen(id));
		buf_addch(&r->text, '\n');
		if (read_answer(l, question, &text))
			add_lines(r, &text);
	}
	buf_release(&text);
}
