/* SPDX-License-Identifier: MIT
 *
 * GoogleTest prints a failure as
 *
 *   g.cc:4: Failure                     or "unknown file: Failure" (a C++ exception)
 *   Expected equality of these values:
 *     one
 *       Which is: 1
 *     2
 *
 * and a skip as "g.cc:9: Skipped" and its reason below.  A blank line, another failure or a trace
 * ends the part that a summary can show; where the test went on printing, nothing does, so the
 * summary takes a few lines at most.
 */
#include "adapter/gtest.h"

enum {
	LINE_MAX_BYTES = 4096,  /* a path fits */
	TEXT_MAX_BYTES = 16384, /* kept of one failure */
	TOLD_MAX_BYTES = 600,
	TOLD_MAX_LINES = 10,
};

static const char failure_mark[] = ": Failure\n", skip_mark[] = ": Skipped\n";

void finding_clear(struct finding *f)
{
	buf_clear(&f->line);
	buf_clear(&f->failure);
	buf_clear(&f->skip);
}

void finding_release(struct finding *f)
{
	buf_release(&f->line);
	buf_release(&f->failure);
	buf_release(&f->skip);
}

static void add_bounded(struct buf *b, const char *s, size_t len, size_t max)
{
	size_t room = b->len < max ? max - b->len : 0;

	buf_add(b, s, len < room ? len : room);
}

/* Is there a first mark in whole lines [s, s+len)?  Then keep from its line on. */
static void find(struct buf *text, const char *mark, const char *s, size_t len)
{
	const char *hit = memmem(s, len, mark, sizeof failure_mark - 1);

	if (!hit)
		return;
	const char *nl = memrchr(s, '\n', (size_t)(hit - s));
	const char *begin = nl ? nl + 1 : s;

	if (hit - begin > LINE_MAX_BYTES)
		begin = hit - LINE_MAX_BYTES;
	add_bounded(text, begin, (size_t)(s + len - begin), TEXT_MAX_BYTES);
}

/* Text that was begun goes on; else look for its beginning. */
static void go_on(struct buf *text, const char *mark, const char *s, size_t len)
{
	if (text->len > 0)
		add_bounded(text, s, len, TEXT_MAX_BYTES);
	else
		find(text, mark, s, len);
}

/* Whole lines. */
static void feed_lines(struct finding *f, const char *s, size_t len)
{
	go_on(&f->failure, failure_mark, s, len);
	go_on(&f->skip, skip_mark, s, len);
}

static void keep_line(struct finding *f, const char *s, size_t len)
{
	if (len > LINE_MAX_BYTES) {
		s += len - LINE_MAX_BYTES;
		len = LINE_MAX_BYTES;
	}
	if (f->line.len + len > LINE_MAX_BYTES) {
		size_t drop = f->line.len + len - LINE_MAX_BYTES;

		memmove(f->line.s, f->line.s + drop, f->line.len - drop);
		buf_truncate(&f->line, f->line.len - drop);
	}
	buf_add(&f->line, s, len);
}

void finding_feed(struct finding *f, const char *s, size_t len)
{
	const char *last = memrchr(s, '\n', len);

	if (last && f->line.len > 0) {
		const char *first = memchr(s, '\n', len);
		size_t n = (size_t)(first + 1 - s);

		keep_line(f, s, n);
		feed_lines(f, f->line.s, f->line.len);
		buf_clear(&f->line);
		s += n;
		len -= n;
	}
	if (last && last >= s) {
		size_t n = (size_t)(last + 1 - s);

		feed_lines(f, s, n);
		s += n;
		len -= n;
	}
	keep_line(f, s, len);
}

/* "FILE:LINE" */
static void tell_place(const char *s, size_t len, struct buf *file, unsigned *line)
{
	size_t digits = len;
	unsigned long n = 0;

	while (digits > 0 && s[digits - 1] >= '0' && s[digits - 1] <= '9')
		digits--;
	if (digits == len || len - digits > 9 || digits < 2 || s[digits - 1] != ':' ||
	    memchr(s, '\0', len))
		return;
	for (size_t i = digits; i < len; i++)
		n = n * 10 + (unsigned long)(s[i] - '0');
	buf_add(file, s, digits - 1);
	*line = (unsigned)n;
}

/* Does the summary of a failure end before this line? */
static bool is_border(const char *s, size_t len)
{
	static const char *const words[] = { "Google Test trace:", "Stack trace:" };
	static const char mark[] = ": Failure";

	if (len >= sizeof mark - 1 &&
	    memcmp(s + len - (sizeof mark - 1), mark, sizeof mark - 1) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (len >= strlen(words[i]) && memcmp(s, words[i], strlen(words[i])) == 0)
			return true;
	}
	return false;
}

/* Lines become one: "Value of: f() Actual: false" would run together, so commas part them. */
static void add_line(struct buf *message, const char *s, size_t len)
{
	if (strcmp(message->s, "Failed") == 0)
		buf_clear(message); /* FAIL()'s own word, when it has others */
	if (message->len > 0 && message->s[message->len - 1] != ':')
		buf_addch(message, ',');
	if (message->len > 0)
		buf_addch(message, ' ');
	add_bounded(message, s, strnlen(s, len), TOLD_MAX_BYTES);
}

void finding_tell(const struct buf *text, struct buf *message, struct buf *file, unsigned *line)
{
	const char *s = text->s, *end = text->s + text->len;
	const char *nl = memchr(s, '\n', text->len);

	buf_clear(message);
	buf_clear(file);
	*line = 0;
	if (!nl)
		nl = end;
	/* both marks are as long: ": Failure" without its newline */
	if ((size_t)(nl - s) >= sizeof failure_mark - 2)
		tell_place(s, (size_t)(nl - s) - (sizeof failure_mark - 2), file, line);
	for (unsigned n = 0; nl < end && n < TOLD_MAX_LINES; n++) {
		s = nl + 1;
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			nl = end;
		size_t len = (size_t)(nl - s);

		while (len > 0 && strchr(" \t\r", s[len - 1]))
			len--;
		while (len > 0 && (*s == ' ' || *s == '\t')) {
			s++;
			len--;
		}
		if ((len == 0 && message->len > 0) || is_border(s, len) ||
		    message->len >= TOLD_MAX_BYTES)
			break;
		if (len > 0)
			add_line(message, s, len);
	}
}
