/* SPDX-License-Identifier: MIT
 *
 * What stands at the beginning of GoogleTest's lines, and the times that they tell.
 */
#include "adapter/gtest_reader.h"

enum mark reader_mark(const char *s)
{
	static const struct {
		const char *text;
		enum mark mark;
	} marks[] = {
		{ "[ RUN      ] ", MARK_RUN },    { "[       OK ] ", MARK_OK },
		{ "[  FAILED  ] ", MARK_FAILED }, { "[  SKIPPED ] ", MARK_SKIPPED },
		{ "[----------] ", MARK_SUITE },  { "[==========] ", MARK_TOTAL },
	};

	if (s[11] != ']')
		return MARK_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (memcmp(s, marks[i].text, MARK_BYTES) == 0)
			return marks[i].mark;
	}
	return MARK_NONE;
}

bool reader_may_mark(const char *s, size_t len)
{
	return len < 2 || s[1] == ' ' || s[1] == '-' || s[1] == '=';
}

bool reader_read_ms(const char *s, const char *end, uint64_t *ret)
{
	uint64_t ms = 0;
	const char *p = end - strlen(" ms)");

	if ((size_t)(end - s) < strlen(" (0 ms)") || memcmp(p, " ms)", 4) != 0)
		return false;
	for (uint64_t scale = 1; p > s && p[-1] >= '0' && p[-1] <= '9' && scale < 1000000000000;
	     p--, scale *= 10)
		ms += (uint64_t)(p[-1] - '0') * scale;
	if (p - s < 2 || p[-1] != '(' || p[-2] != ' ')
		return false;
	*ret = ms;
	return true;
}

size_t reader_count_ends(const struct reader *r, const char *s, size_t len)
{
	const char *end = s + len;
	size_t n = 0;

	while (!r->is_over && end - s >= MARK_BYTES && (s = memchr(s, '[', (size_t)(end - s))) &&
	       end - s >= MARK_BYTES) {
		enum mark mark = reader_mark(s++);

		n += mark == MARK_OK || mark == MARK_FAILED || mark == MARK_SKIPPED;
	}
	return n;
}

uint64_t reader_take_time(struct reader *r, bool has_ms, uint64_t ms)
{
	uint64_t left = r->now_us > r->begin_us ? r->now_us - r->begin_us : 0;
	uint64_t us = left / (r->nends > 0 ? r->nends : 1);

	if (has_ms && us < ms * 1000)
		us = ms * 1000;
	if (has_ms && us > ms * 1000 + 999)
		us = ms * 1000 + 999;
	r->begin_us += us;
	r->nends -= r->nends > 0;
	return us;
}
