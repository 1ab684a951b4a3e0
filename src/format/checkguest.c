/* SPDX-License-Identifier: MIT */
#include "format/checkguest.h"

#include <limits.h>

#include "base/err.h"
#include "base/parse.h"
#include "base/quote.h"

enum { MAX_FIELDS = 8 };

struct reading {
	const struct checkguest_hooks *hooks;
	char *fields[MAX_FIELDS];
	size_t nfields;
	unsigned line;
	bool has_head, has_runner, has_tcase;
	size_t nran;
	struct err *reterr;
};

static int fail(const struct reading *r, const char *what)
{
	return err_set(r->reterr, ERR_SYNTAX, "the list of its tests", r->line, "%s", what);
}

/* Decimal, perhaps negative. */
static bool read_int(const char *s, int *ret)
{
	bool is_negative = *s == '-';
	uint64_t n = 0;

	if (!parse_uint(s + is_negative, (uint64_t)INT_MAX + is_negative, &n))
		return false;
	*ret = is_negative ? (int)-(int64_t)n : (int)n;
	return true;
}

static int on_head(struct reading *r)
{
	uint64_t version = 0;

	if (r->nfields != 3 || !parse_uint(r->fields[1], UINT32_MAX, &version))
		return fail(r, "a damaged first line");
	if (version != CHECKGUEST_PROTOCOL)
		return err_set(r->reterr, ERR_UNSUPPORTED, NULL, 0,
			       "its guest speaks protocol %u, not %d", (unsigned)version,
			       CHECKGUEST_PROTOCOL);
	r->has_head = true;
	return 0;
}

static int on_runner(struct reading *r)
{
	if (r->nfields != 3)
		return fail(r, "a damaged runner");
	r->has_runner = true;
	r->has_tcase = false;
	r->hooks->runner(r->hooks->ctx, strcmp(r->fields[2], "1") == 0);
	return 0;
}

static int on_tcase(struct reading *r)
{
	if (r->nfields != 6 || !r->has_runner)
		return fail(r, "a damaged TCase");
	const struct checkguest_tcase c = {
		.suite = r->fields[1],
		.name = r->fields[2],
		.timeout = r->fields[3],
		.has_unchecked = strchr(r->fields[4], 'u') != NULL,
		.has_checked = strchr(r->fields[4], 'c') != NULL,
		.tags = r->fields[5],
	};

	r->has_tcase = true;
	r->hooks->tcase(r->hooks->ctx, &c);
	return 0;
}

static int on_test(struct reading *r)
{
	struct checkguest_test t = { 0 };
	int line = 0;

	if (r->nfields != 8 || !r->has_tcase || !read_int(r->fields[3], &line) ||
	    !read_int(r->fields[4], &t.signal) || !read_int(r->fields[5], &t.exit_code) ||
	    !read_int(r->fields[6], &t.start) || !read_int(r->fields[7], &t.end))
		return fail(r, "a damaged test");
	t.name = r->fields[1];
	t.file = *r->fields[2] ? r->fields[2] : NULL;
	t.line = line > 0 ? (unsigned)line : 0;
	r->hooks->test(r->hooks->ctx, &t);
	return 0;
}

static int on_ran(struct reading *r)
{
	if (!r->has_runner)
		return fail(r, "an end without a runner");
	r->has_runner = r->has_tcase = false;
	r->nran++;
	r->hooks->ran(r->hooks->ctx);
	return 0;
}

static int on_refused(struct reading *r)
{
	if (r->nfields != 2)
		return fail(r, "a damaged refusal");
	return err_set(r->reterr, ERR_UNSUPPORTED, NULL, 0, "%s", r->fields[1]);
}

static int on_line(struct reading *r)
{
	static const struct {
		const char *word;
		int (*read)(struct reading *r);
	} lines[] = {
		{ "runner", on_runner }, { "tcase", on_tcase },     { "test", on_test },
		{ "ran", on_ran },       { "refused", on_refused },
	};

	if (!r->has_head)
		return strcmp(r->fields[0], "check") == 0     ? on_head(r)
		       : strcmp(r->fields[0], "refused") == 0 ? on_refused(r)
							      : fail(r, "it does not begin as one");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (strcmp(lines[i].word, r->fields[0]) == 0)
			return lines[i].read(r);
	}
	return fail(r, "an unknown line");
}

/* False: more fields than any line has, or a bad escape. */
static bool split(struct reading *r, char *line)
{
	r->nfields = 0;
	while (line) {
		char *field = strsep(&line, "\t");

		if (r->nfields == MAX_FIELDS || quote_tsv_undo(field) < 0)
			return false;
		r->fields[r->nfields++] = field;
	}
	return true;
}

int checkguest_read(char *s, size_t len, const struct checkguest_hooks *hooks, size_t *ret_nran,
		    struct err *reterr)
{
	struct reading r = { .hooks = hooks, .reterr = reterr };

	if (memchr(s, '\0', len))
		return fail(&r, "a NUL in it");
	s[len] = '\0';
	for (char *end; (end = strchr(s, '\n')); s = end + 1) {
		*end = '\0';
		r.line++;
		if (!split(&r, s))
			return fail(&r, "a damaged line");
		if (on_line(&r) < 0)
			return -1;
	}
	*ret_nran = r.nran;
	return 0;
}
