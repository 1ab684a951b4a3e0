/* SPDX-License-Identifier: MIT
 *
 * A tracefile is lines of TAG:VALUE; a record goes from SF: to end_of_record.  Tags come in any
 * order, so a record is noted down first and added to the model at its end.
 *
 *   TN:test                       ignored: figures of all tests are one
 *   SF:path                       begins a record
 *   VER:id                        which version of the source this is
 *   FN:start[,end],name           FNDA:count,name               lcov 1, llvm-cov, coverage.py
 *   FNL:index,start[,end]         FNA:index,count,name          lcov 2.2 and later
 *   BRDA:line,[e|f][U]block,branch,taken|-
 *     e: only an exception takes it; U: marked as unreachable.  `branch` may be any text, with
 *     commas: a hash of it becomes its number, so that it is the same one in every input.
 *   DA:line,count[,checksum]
 *   MCDC:..., FNF, FNH, BRF, BRH, LF, LH, MCF, MCH      not needed
 *
 * Branches of a line without DA are of code that was excluded: they do not count.
 */
#include "format/lcov.h"

#include "base/alloc.h"
#include "base/err.h"
#include "format/lcov_record.h"
#include "model/cov.h"

static int read_line_number(const struct lcov_record *r, const char **s, const char *end,
			    uint32_t *ret)
{
	const char *p = *s;
	uint32_t n = 0;

	if (p == end || *p < '0' || *p > '9')
		return lcov_record_bad(r, "a line number is missing");
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint32_t)(*p - '0');
		if (n > COV_LINE_MAX)
			return err_set(r->reterr, ERR_LIMIT, r->in.path, r->number,
				       "a line number above the limit of %d", COV_LINE_MAX);
	}
	*s = p;
	*ret = n;
	return 0;
}

static int read_count(struct lcov_record *r, const char **s, const char *end, uint64_t *ret)
{
	struct cov_count n;

	if (!cov_count_parse(s, end, &n))
		return lcov_record_bad(r, "a count is missing");
	*ret = cov_input_count(&r->in, &n);
	return 0;
}

static int read_comma(const struct lcov_record *r, const char **s, const char *end)
{
	if (*s == end || **s != ',')
		return lcov_record_bad(r, "a comma is missing");
	(*s)++;
	return 0;
}

static inline void note_line(struct lcov_record *r, const struct lcov_line *l)
{
	GROW(r->lines, r->nlines, r->cap_lines);
	if (r->nlines > 0 && r->lines[r->nlines - 1].number > l->number)
		r->has_unsorted_lines = true;
	r->lines[r->nlines++] = *l;
}

static int on_da(struct lcov_record *r, const char *s, const char *end)
{
	struct lcov_line l = { 0 };

	if (read_line_number(r, &s, end, &l.number) < 0 || read_comma(r, &s, end) < 0 ||
	    read_count(r, &s, end, &l.hits) < 0)
		return -1;
	if (s < end) {
		if (read_comma(r, &s, end) < 0)
			return -1;
		l.sum = (struct lcov_text){ s, (size_t)(end - s) };
	}
	if (l.number > 0) /* 0: what gcov attributes to no line */
		note_line(r, &l);
	return 0;
}

static uint32_t number_of_text(const char *s, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint32_t)(s[i] - '0'), &n))
			return 0x80000000u | (uint32_t)hash_bytes(s, len);
	}
	return n;
}

static inline void note_branch(struct lcov_record *r, const struct lcov_branch *b)
{
	GROW(r->branches, r->nbranches, r->cap_branches);
	if (r->nbranches > 0 && r->branches[r->nbranches - 1].line > b->line)
		r->has_unsorted_branches = true;
	r->branches[r->nbranches++] = *b;
}

static int on_brda(struct lcov_record *r, const char *s, const char *end)
{
	struct lcov_branch b = { 0 };
	const char *last = memrchr(s, ',', (size_t)(end - s));
	bool is_throw = false;
	bool is_unreachable = false;

	if (read_line_number(r, &s, end, &b.line) < 0 || read_comma(r, &s, end) < 0)
		return -1;
	const char *comma = memchr(s, ',', (size_t)(end - s));

	if (!comma || comma >= last || comma == s)
		return lcov_record_bad(r, "BRDA needs a line, a block, a branch and a count");
	if (*s == 'e' || *s == 'f')
		is_throw = *s++ == 'e';
	if (*s == 'U')
		is_unreachable = *s++ == 'U';
	b.block = number_of_text(s, (size_t)(comma - s));
	b.index = number_of_text(comma + 1, (size_t)(last - comma - 1));
	last++;
	if (last < end && *last == '-' && last + 1 == end)
		last++;
	else if (read_count(r, &last, end, &b.taken) < 0)
		return -1;
	if (last != end)
		return lcov_record_bad(r, "BRDA goes on behind its count");
	if ((!is_throw || r->in.o->keeps_throws) && (!is_unreachable || b.taken > 0) && b.line > 0)
		note_branch(r, &b);
	return 0;
}

/* "12,name" or "12,15,name"; a name may have commas itself. */
static int on_fn(struct lcov_record *r, const char *s, const char *end)
{
	struct lcov_function f = { 0 };

	if (read_line_number(r, &s, end, &f.start) < 0 || read_comma(r, &s, end) < 0)
		return -1;
	const char *p = s;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if (p > s && p < end && *p == ',') {
		if (read_line_number(r, &s, end, &f.end) < 0)
			return -1;
		s++;
	}
	if (s == end)
		return lcov_record_bad(r, "a function without a name");
	f.name = (struct lcov_text){ s, (size_t)(end - s) };
	GROW(r->functions, r->nfunctions, r->cap_functions);
	r->functions[r->nfunctions++] = f;
	return 0;
}

static int on_fnda(struct lcov_record *r, const char *s, const char *end)
{
	struct lcov_alias a = { 0 };

	if (read_count(r, &s, end, &a.hits) < 0 || read_comma(r, &s, end) < 0)
		return -1;
	a.name = (struct lcov_text){ s, (size_t)(end - s) };
	GROW(r->counts, r->ncounts, r->cap_counts);
	r->counts[r->ncounts++] = a;
	return 0;
}

static int on_fnl(struct lcov_record *r, const char *s, const char *end)
{
	struct lcov_leader l = { 0 };

	if (read_count(r, &s, end, &l.index) < 0 || read_comma(r, &s, end) < 0 ||
	    read_line_number(r, &s, end, &l.start) < 0)
		return -1;
	if (s < end && (read_comma(r, &s, end) < 0 || read_line_number(r, &s, end, &l.end) < 0))
		return -1;
	if (s != end)
		return lcov_record_bad(r, "FNL goes on behind its lines");
	GROW(r->leaders, r->nleaders, r->cap_leaders);
	r->leaders[r->nleaders++] = l;
	return 0;
}

static int on_fna(struct lcov_record *r, const char *s, const char *end)
{
	struct lcov_alias a = { 0 };

	if (read_count(r, &s, end, &a.index) < 0 || read_comma(r, &s, end) < 0 ||
	    read_count(r, &s, end, &a.hits) < 0 || read_comma(r, &s, end) < 0)
		return -1;
	if (s == end)
		return lcov_record_bad(r, "a function without a name");
	a.name = (struct lcov_text){ s, (size_t)(end - s) };
	GROW(r->aliases, r->naliases, r->cap_aliases);
	r->aliases[r->naliases++] = a;
	return 0;
}

static int begin_record(struct lcov_record *r, const char *s, const char *end)
{
	if (r->in_record)
		return lcov_record_bad(r, "SF in a record that has no end_of_record");
	if (s == end)
		return lcov_record_bad(r, "SF without a path");
	r->path = (struct lcov_text){ s, (size_t)(end - s) };
	r->in_record = true;
	return 0;
}

static int on_version(struct lcov_record *r, const char *s, const char *end)
{
	r->version = (struct lcov_text){ s, (size_t)(end - s) };
	return 0;
}

static int ignore(struct lcov_record *r, const char *s, const char *end)
{
	(void)r, (void)s, (void)end;
	return 0;
}

/* In the order of their number in real files. */
static const struct tag {
	const char *name;
	size_t len;
	int (*take)(struct lcov_record *r, const char *s, const char *end);
	bool anywhere; /* outside of records too */
} tags[] = {
	{ "DA", 2, on_da, false },       { "BRDA", 4, on_brda, false },
	{ "FN", 2, on_fn, false },       { "FNDA", 4, on_fnda, false },
	{ "SF", 2, begin_record, true }, { "TN", 2, ignore, true },
	{ "FNA", 3, on_fna, false },     { "FNL", 3, on_fnl, false },
	{ "LF", 2, ignore, true },       { "LH", 2, ignore, true },
	{ "FNF", 3, ignore, true },      { "FNH", 3, ignore, true },
	{ "BRF", 3, ignore, true },      { "BRH", 3, ignore, true },
	{ "VER", 3, on_version, false }, { "MCDC", 4, ignore, true },
	{ "MCF", 3, ignore, true },      { "MCH", 3, ignore, true },
};

/* A tag that nobody here knows may be of a later lcov. */
static int on_odd_line(struct lcov_record *r, const char *s, const char *end)
{
	const char *p = s;

	while (p < end && ((*p >= 'A' && *p <= 'Z') || (p > s && *p >= '0' && *p <= '9')))
		p++;
	if (p == s || p == end || *p != ':')
		return lcov_record_bad(r, "not a line of an lcov tracefile");
	if (!r->has_odd_tag)
		cov_warn(r->in.c, r->in.path, "line %u: '%.*s' is unknown and left out", r->number,
			 (int)(p - s < 20 ? p - s : 20), s);
	r->has_odd_tag = true;
	return 0;
}

static int take_line(struct lcov_record *r, const char *s, const char *end)
{
	static const char end_of_record[] = "end_of_record";
	const char *colon = NULL;

	while (end > s && end[-1] == '\r')
		end--;
	if (s == end || *s == '#')
		return 0;
	for (const char *p = s; p < end && p - s <= 4; p++) {
		if (*p == ':') {
			colon = p;
			break;
		}
	}
	for (size_t i = 0; colon && i < ARRAY_SIZE(tags); i++) {
		const struct tag *t = &tags[i];

		if ((size_t)(colon - s) != t->len || memcmp(s, t->name, t->len) != 0)
			continue;
		if (!r->in_record && !t->anywhere)
			return lcov_record_bad(r, "outside of a record: SF is missing");
		return t->take(r, colon + 1, end);
	}
	if ((size_t)(end - s) == sizeof end_of_record - 1 &&
	    memcmp(s, end_of_record, sizeof end_of_record - 1) == 0)
		return lcov_record_end(r);
	return on_odd_line(r, s, end);
}

/*
 * Nearly all lines of a tracefile are DA:12,5 and BRDA:12,0,1,5 or BRDA:12,0,1,- and so small that they
 * need not be looked at twice.
 */
enum { PLAIN_BYTES = 64 }; /* no plain line is longer */

/* Up to `max` digits; behind them, or NULL. */
static inline const char *plain_number(const char *p, unsigned max, uint64_t *ret)
{
	const char *begin = p;
	uint64_t n = 0;

	for (unsigned digit; (digit = (unsigned char)*p - (unsigned)'0') < 10; p++) {
		n = n * 10 + digit;
		if (p - begin == max)
			return NULL;
	}
	*ret = n;
	return p == begin ? NULL : p;
}

static inline const char *plain_line(struct lcov_record *r, const char *p)
{
	struct lcov_line l = { 0 };
	uint64_t number = 0;

	p = plain_number(p, 8, &number);
	if (!p || *p != ',' || number == 0 || number > COV_LINE_MAX)
		return NULL;
	p = plain_number(p + 1, 18, &l.hits);
	if (!p || *p != '\n')
		return NULL;
	l.number = (uint32_t)number;
	note_line(r, &l);
	return p + 1;
}

static inline const char *plain_branch(struct lcov_record *r, const char *p)
{
	struct lcov_branch b = { 0 };
	uint64_t numbers[3]; /* line, block, index */

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		p = plain_number(p, i == 0 ? 8 : 9, &numbers[i]);
		if (!p || *p++ != ',')
			return NULL;
	}
	if (*p == '-')
		p++;
	else
		p = plain_number(p, 18, &b.taken);
	if (!p || *p != '\n' || numbers[0] == 0 || numbers[0] > COV_LINE_MAX)
		return NULL;
	b.line = (uint32_t)numbers[0];
	b.block = (uint32_t)numbers[1];
	b.index = (uint32_t)numbers[2];
	note_branch(r, &b);
	return p + 1;
}

/* Where the next line begins that is not so. */
static const char *take_plain_lines(struct lcov_record *r, const char *s, const char *end)
{
	const char *next = s;

	for (; next && r->in_record && end - s >= PLAIN_BYTES; s = next ? next : s) {
		if (memcmp(s, "DA:", 3) == 0)
			next = plain_line(r, s + 3);
		else if (memcmp(s, "BRDA:", 5) == 0)
			next = plain_branch(r, s + 5);
		else
			next = NULL;
		r->number += next != NULL;
	}
	return s;
}

static int take_lines(struct lcov_record *r, const char *s, size_t len)
{
	const char *end = s + len;

	while ((s = take_plain_lines(r, s, end)) < end) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));

		if (!eol)
			eol = end;
		r->number++;
		if (memchr(s, '\0', (size_t)(eol - s)))
			return lcov_record_bad(r, "a NUL byte");
		if (take_line(r, s, eol) < 0)
			return -1;
		s = eol < end ? eol + 1 : end;
	}
	if (r->in_record)
		return lcov_record_bad(r, "the file is cut: its last record has no end_of_record");
	return 0;
}

int lcov_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
	      struct cov *c, struct err *reterr)
{
	struct lcov_record r = { .reterr = reterr };

	cov_input_init(&r.in, path, len, o, c);
	int status = take_lines(&r, s, len);

	lcov_record_release(&r);
	return status;
}
