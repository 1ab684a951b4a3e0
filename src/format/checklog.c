/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/parse.h"
#include "format/checkxml.h"

struct checklog {
	struct check_hooks hooks;
	struct buf line;
	struct buf suite;
	/* the test whose text may go on */
	bool has_case;
	struct buf head; /* its line, cut into strings; the fields below point into it */
	struct check_case at;
	struct buf message;
	size_t nbegun, nended;
};

struct checklog *checklog_new(const struct check_hooks *hooks)
{
	struct checklog *l = xcalloc(1, sizeof *l);
	const struct buf empty = BUF_INIT;

	l->hooks = *hooks;
	l->line = l->suite = l->head = l->message = empty;
	return l;
}

void checklog_free(struct checklog *l)
{
	if (l == NULL)
		return;
	buf_release(&l->line);
	buf_release(&l->suite);
	buf_release(&l->head);
	buf_release(&l->message);
	free(l);
}

size_t checklog_begun(const struct checklog *l)
{
	return l->nbegun;
}

size_t checklog_ended(const struct checklog *l)
{
	return l->nended;
}

/* The test at hand has all its text. */
static void flush(struct checklog *l)
{
	if (!l->has_case)
		return;
	l->has_case = false;
	l->at.suite = l->suite.s;
	l->at.message = l->message.s;
	l->hooks.ended(l->hooks.ctx, &l->at);
}

static bool is_identifier(const char *s)
{
	for (const char *c = s; *c; c++) {
		if (!(*c == '_' || (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
		      (*c >= 'A' && *c <= 'Z') || (unsigned char)*c >= 0x80))
			return false;
	}
	return *s != '\0';
}

/* ":LINE:V:" somewhere in s; *ret_line and *ret_verdict as it says. */
static char *find_verdict(char *s, uint64_t *ret_line, char *ret_verdict)
{
	for (char *at = strchr(s, ':'); at; at = strchr(at + 1, ':')) {
		char *digits = at + 1;
		size_t n = strspn(digits, "0123456789");
		char *after = digits + n;

		if (n == 0 || n > 9 || after[0] != ':' || after[1] == '\0' ||
		    !strchr("PFES", after[1]) || after[2] != ':')
			continue;
		*after = '\0';
		if (!parse_uint(digits, UINT32_MAX, ret_line))
			return NULL;
		*at = '\0';
		*ret_verdict = after[1];
		return after + 3;
	}
	return NULL;
}

/* "TCASE:TEST:N: text": a TCase may hold colons, the others may not.  The text, or NULL. */
static char *find_names(char *s, struct check_case *ret)
{
	for (char *end = strstr(s, ": "); end; end = strstr(end + 1, ": ")) {
		*end = '\0';
		char *number = strrchr(s, ':');
		char *name = NULL;

		if (number && parse_uint(number + 1, UINT32_MAX, &ret->iteration)) {
			*number = '\0';
			name = strrchr(s, ':');
			if (name && is_identifier(name + 1)) {
				*name = '\0';
				ret->tcase = s;
				ret->name = name + 1;
				return end + 2;
			}
			*number = ':';
		}
		*end = ':';
	}
	return NULL;
}

/* "FILE:LINE:V:TCASE:TEST:N: TEXT".  True with l->at and l->message set. */
static bool begin_case(struct checklog *l)
{
	static const char after_point[] = "(after this point) ";
	struct buf copy = BUF_INIT;
	struct check_case c = { .time_us = TIME_UNKNOWN };
	uint64_t line = 0;
	char verdict = 0;

	buf_add(&copy, l->line.s, l->line.len);
	char *names = find_verdict(copy.s, &line, &verdict);
	char *text = names ? find_names(names, &c) : NULL;

	if (!text) {
		buf_release(&copy);
		return false;
	}
	flush(l);
	if (strncmp(text, after_point, sizeof after_point - 1) == 0)
		text += sizeof after_point - 1;
	c.file = copy.s;
	c.line = (unsigned)line;
	c.is_setup = verdict == 'S';
	c.verdict = verdict == 'P' ? CHECK_PASSED : verdict == 'E' ? CHECK_ERROR : CHECK_FAILED;
	buf_clear(&l->message);
	buf_addstr(&l->message, text);
	buf_release(&l->head);
	l->head = copy;
	l->at = c;
	l->has_case = true;
	return true;
}

static void on_line(struct checklog *l)
{
	static const char running[] = "Running suite ";
	static const char results[] = "Results for all suites run:";

	if (strncmp(l->line.s, running, sizeof running - 1) == 0) {
		flush(l);
		buf_clear(&l->suite);
		buf_addstr(&l->suite, l->line.s + sizeof running - 1);
		l->nbegun += l->nbegun == l->nended;
		l->hooks.suite(l->hooks.ctx, l->suite.s);
	} else if (strcmp(l->line.s, results) == 0) {
		flush(l);
		l->nended += l->nended < l->nbegun;
	} else if (!begin_case(l) && l->has_case &&
		   l->message.len + l->line.len < CHECKXML_TEXT_BYTES) {
		buf_addch(&l->message, '\n');
		buf_add(&l->message, l->line.s, l->line.len);
	}
}

void checklog_read(struct checklog *l, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n') {
			on_line(l);
			buf_clear(&l->line);
		} else if (s[i] != '\0' && l->line.len < CHECKXML_TEXT_BYTES) {
			buf_addch(&l->line, s[i]);
		}
	}
}

void checklog_end(struct checklog *l)
{
	if (l->line.len > 0)
		on_line(l);
	buf_clear(&l->line);
	flush(l);
}
