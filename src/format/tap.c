/* SPDX-License-Identifier: MIT */
#include "format/tap.h"

#include <ctype.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/parse.h"

struct tap {
	struct arena mem;
	struct buf line; /* not yet ended */
	bool is_overlong;
	struct subresult *points;
	size_t npoints, cap_points;
	size_t nseen; /* points, kept or not */
	size_t nfailed, nskipped;
	bool has_plan, has_two_plans, has_version;
	uint64_t plan;
	const char *skip_all; /* reason, "" if none given; NULL: not said */
	const char *bail_out; /* likewise */
	bool is_in_yaml;
	struct buf detail;  /* of the last point, while it is the last */
	struct buf nested;  /* failures of the subtest that runs */
	struct buf message; /* of the end */
	struct buf all_details;
};

struct text {
	const char *s;
	size_t len;
};

static struct text skip_blanks(struct text t)
{
	while (t.len > 0 && (*t.s == ' ' || *t.s == '\t')) {
		t.s++;
		t.len--;
	}
	return t;
}

static struct text behind(struct text t, size_t n)
{
	return (struct text){ t.s + n, t.len - n };
}

static bool begins_with(struct text t, const char *word)
{
	size_t n = strlen(word);

	return t.len >= n && strncasecmp(t.s, word, n) == 0;
}

/* Digits at the front; how many, 0 if none or too large a number. */
static size_t take_number(struct text t, uint64_t *ret)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < t.len && t.s[n] >= '0' && t.s[n] <= '9'; n++) {
		if (n > 17)
			return 0;
		value = value * 10 + (uint64_t)(t.s[n] - '0');
	}
	if (n > 0)
		*ret = value;
	return n;
}

/* "ok" or "not ok" as a word, at the front: its length. */
static size_t take_verdict(struct text t, bool *is_ok)
{
	size_t n = t.len >= 4 && memcmp(t.s, "not ", 4) == 0 ? 4 : 0;

	if (t.len < n + 2 || memcmp(t.s + n, "ok", 2) != 0)
		return 0;
	if (t.len > n + 2 && t.s[n + 2] != ' ' && t.s[n + 2] != '\t')
		return 0;
	*is_ok = n == 0;
	return n + 2;
}

/* "1..N" and nothing but blanks or a comment behind it. */
static bool take_plan(struct text t, uint64_t *n, struct text *comment)
{
	if (t.len < 4 || memcmp(t.s, "1..", 3) != 0)
		return false;
	struct text rest = behind(t, 3);
	size_t ndigits = take_number(rest, n);

	rest = skip_blanks(behind(rest, ndigits));
	if (ndigits == 0 || (rest.len > 0 && *rest.s != '#'))
		return false;
	*comment = rest.len > 0 ? skip_blanks(behind(rest, 1)) : rest;
	return true;
}

bool tap_looks_like(const char *line, size_t len)
{
	struct text t = { line, len };
	struct text comment;
	bool is_ok = false;
	uint64_t n = 0;

	while (t.len > 0 && (t.s[t.len - 1] == '\n' || t.s[t.len - 1] == '\r'))
		t.len--;
	if (t.len >= 12 && memcmp(t.s, "TAP version ", 12) == 0)
		return true;
	if (take_plan(t, &n, &comment))
		return true;
	size_t word = take_verdict(t, &is_ok);

	if (word == 0)
		return false;
	t = skip_blanks(behind(t, word));
	size_t ndigits = take_number(t, &n);

	/* "ok" alone is what many programs say; the first point has a number, and it is 1 */
	return ndigits > 0 && n == 1 && (t.len == ndigits || t.s[ndigits] == ' ');
}

struct tap *tap_new(void)
{
	static const struct buf empty = BUF_INIT;
	struct tap *t = xcalloc(1, sizeof *t);

	t->line = t->detail = t->nested = t->message = t->all_details = empty;
	return t;
}

void tap_free(struct tap *t)
{
	if (!t)
		return;
	arena_release(&t->mem);
	free(t->points);
	buf_release(&t->line);
	buf_release(&t->detail);
	buf_release(&t->nested);
	buf_release(&t->message);
	buf_release(&t->all_details);
	free(t);
}

/* --- points ------------------------------------------------------------------------------- */

enum directive { DIRECTIVE_NONE, DIRECTIVE_SKIP, DIRECTIVE_TODO };

/* Behind a '#': which directive, and where its reason begins. */
static enum directive take_directive(struct text t, struct text *reason)
{
	static const struct {
		const char *word;
		enum directive directive;
	} words[] = {
		{ "skipped", DIRECTIVE_SKIP },
		{ "skip", DIRECTIVE_SKIP },
		{ "todo", DIRECTIVE_TODO },
	};

	t = skip_blanks(t);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i].word);

		if (!begins_with(t, words[i].word))
			continue;
		if (t.len > n && (isalnum((unsigned char)t.s[n]) || t.s[n] == '_'))
			continue;
		t = behind(t, n);
		while (t.len > 0 && (*t.s == ':' || *t.s == ' ' || *t.s == '\t'))
			t = behind(t, 1);
		*reason = t;
		return words[i].directive;
	}
	return DIRECTIVE_NONE;
}

/* The description without its escapes into *name; what is behind it, if that is a directive. */
static enum directive split_description(struct text t, struct buf *name, struct text *reason)
{
	*reason = (struct text){ "", 0 };
	for (size_t i = 0; i < t.len; i++) {
		if (t.s[i] == '\\' && i + 1 < t.len && (t.s[i + 1] == '#' || t.s[i + 1] == '\\')) {
			buf_addch(name, t.s[++i]);
			continue;
		}
		if (t.s[i] == '#' && (i == 0 || t.s[i - 1] == ' ' || t.s[i - 1] == '\t')) {
			enum directive d = take_directive(behind(t, i + 1), reason);

			if (d != DIRECTIVE_NONE)
				return d;
		}
		buf_addch(name, t.s[i]);
	}
	return DIRECTIVE_NONE;
}

static void trim_end(struct buf *b)
{
	while (b->len > 0 && isspace((unsigned char)b->s[b->len - 1]))
		buf_truncate(b, b->len - 1);
}

static enum outcome point_outcome(bool is_ok, enum directive d)
{
	if (d == DIRECTIVE_TODO)
		return is_ok ? OUTCOME_XPASS : OUTCOME_XFAIL;
	if (!is_ok)
		return OUTCOME_FAIL;
	return d == DIRECTIVE_SKIP ? OUTCOME_SKIP : OUTCOME_PASS;
}

static struct subresult *last_point(struct tap *t)
{
	return t->npoints > 0 && t->npoints == t->nseen ? &t->points[t->npoints - 1] : NULL;
}

/* What was said about the last point is complete. */
static void end_point(struct tap *t)
{
	struct subresult *p = last_point(t);

	t->is_in_yaml = false;
	trim_end(&t->detail);
	if (p && p->outcome == OUTCOME_FAIL && t->detail.len > 0) {
		p->message = arena_memdup(&t->mem, t->detail.s, t->detail.len);
		if (t->all_details.len < TAP_MAX_DETAIL_BYTES)
			buf_addf(&t->all_details, "%s%s: %s", t->all_details.len > 0 ? "\n" : "",
				 p->name, p->message);
	}
	buf_clear(&t->detail);
}

static void add_point(struct tap *t, bool is_ok, struct text rest)
{
	struct buf name = BUF_INIT;
	struct text reason;
	uint64_t number = 0;

	end_point(t);
	rest = skip_blanks(rest);
	size_t ndigits = take_number(rest, &number);

	if (ndigits == rest.len || rest.s[ndigits] == ' ' || rest.s[ndigits] == '\t')
		rest = skip_blanks(behind(rest, ndigits));
	if (rest.len >= 2 && rest.s[0] == '-' && (rest.s[1] == ' ' || rest.s[1] == '\t'))
		rest = skip_blanks(behind(rest, 2));
	enum directive d = split_description(rest, &name, &reason);

	trim_end(&name);
	t->nseen++;
	t->nfailed += point_outcome(is_ok, d) == OUTCOME_FAIL;
	t->nskipped += point_outcome(is_ok, d) == OUTCOME_SKIP;
	if (name.len == 0)
		buf_addf(&name, "point %zu", t->nseen);
	if (t->npoints < TAP_MAX_POINTS) {
		GROW(t->points, t->npoints, t->cap_points);
		t->points[t->npoints++] = (struct subresult){
			.name = arena_memdup(&t->mem, name.s, name.len),
			.outcome = point_outcome(is_ok, d),
			.message = arena_memdup(&t->mem, reason.s, reason.len),
			.time_us = TIME_UNKNOWN,
		};
	}
	if (!is_ok && t->nested.len > 0)
		buf_add(&t->detail, t->nested.s, t->nested.len);
	buf_clear(&t->nested);
	buf_release(&name);
}

static void add_detail(struct buf *to, struct text text)
{
	if (to->len + text.len + 1 > TAP_MAX_DETAIL_BYTES)
		return;
	buf_add(to, text.s, text.len);
	buf_addch(to, '\n');
}

/* --- what is said of a point ---------------------------------------------------------------- */

static const char *keep(struct tap *t, struct text text)
{
	return arena_memdup(&t->mem, text.s, text.len);
}

/* "Failed at FILE line 12." as Perl's Test::More has it, also on a line of its own. */
static void take_place(struct tap *t, struct text text)
{
	struct subresult *p = last_point(t);
	uint64_t line = 0;
	const char *at = NULL;

	for (size_t i = 0; i + 3 < text.len && !at; i++) {
		if (memcmp(text.s + i, "at ", 3) == 0 && (i == 0 || text.s[i - 1] == ' '))
			at = text.s + i + 3;
	}
	if (!p || p->file || !at)
		return;
	struct text file = { at, (size_t)(text.s + text.len - at) };

	for (size_t i = 0; i + 6 < file.len; i++) {
		if (memcmp(file.s + i, " line ", 6) != 0 ||
		    take_number(behind(file, i + 6), &line) == 0 || line > UINT32_MAX)
			continue;
		p->file = keep(t, (struct text){ file.s, i });
		p->line = (unsigned)line;
		return;
	}
}

static struct text unquote(struct text t)
{
	if (t.len >= 2 && (*t.s == '"' || *t.s == '\'') && t.s[t.len - 1] == *t.s)
		return (struct text){ t.s + 1, t.len - 2 };
	return t;
}

/* One line of a YAML block: the few keys that producers agree on. */
static void yaml_line(struct tap *t, struct text text)
{
	struct subresult *p = last_point(t);
	struct text key = skip_blanks(text);
	const char *colon = memchr(key.s, ':', key.len);
	uint64_t n = 0;

	add_detail(&t->detail, key);
	if (!p || !colon)
		return;
	struct text value = behind(key, (size_t)(colon - key.s) + 1);

	key.len = (size_t)(colon - key.s);
	value = unquote(skip_blanks(value));
	if (value.len == 0)
		return;
	if (key.len == 4 && memcmp(key.s, "file", 4) == 0) {
		p->file = keep(t, value);
	} else if (key.len == 4 && memcmp(key.s, "line", 4) == 0) {
		if (take_number(value, &n) == value.len && n <= UINT32_MAX)
			p->line = (unsigned)n;
	} else if (key.len == 11 && memcmp(key.s, "duration_ms", 11) == 0) {
		/* thousandths of a millisecond are microseconds */
		if (parse_seconds(keep(t, value), &n) && n != TIME_UNKNOWN)
			p->time_us = n / 1000;
	}
}

static void comment_line(struct tap *t, struct text text)
{
	struct subresult *p = last_point(t);

	if (!p || p->outcome != OUTCOME_FAIL)
		return;
	text = behind(text, 1);
	if (text.len > 0 && *text.s == ' ')
		text = behind(text, 1);
	add_detail(&t->detail, text);
	take_place(t, text);
}

static void indented_line(struct tap *t, struct text text)
{
	struct text inner = skip_blanks(text);
	bool is_ok = true;

	if (take_verdict(inner, &is_ok) > 0 && !is_ok)
		add_detail(&t->nested, inner);
	else if (inner.len > 0 && *inner.s == '#' && t->nested.len > 0)
		add_detail(&t->nested, inner);
}

/* --- lines ---------------------------------------------------------------------------------- */

static void plan_line(struct tap *t, uint64_t n, struct text comment)
{
	struct text reason = { "", 0 };

	end_point(t);
	if (t->has_plan) {
		t->has_two_plans = true;
		return;
	}
	t->has_plan = true;
	t->plan = n;
	if (n == 0) {
		take_directive(comment, &reason);
		t->skip_all = keep(t, reason.len > 0 ? reason : comment);
	}
}

static void take_line(struct tap *t, struct text text)
{
	struct text comment;
	bool is_ok = false;
	uint64_t n = 0;
	size_t word = 0;

	while (text.len > 0 && text.s[text.len - 1] == '\r')
		text.len--;
	if (t->bail_out)
		return;
	if (t->is_in_yaml && text.len > 0 && (*text.s == ' ' || *text.s == '\t')) {
		if (begins_with(skip_blanks(text), "..."))
			t->is_in_yaml = false;
		else
			yaml_line(t, text);
		return;
	}
	t->is_in_yaml = false; /* a block that is left without its end */
	if (text.len == 0)
		return;
	if (*text.s == ' ' || *text.s == '\t') {
		struct text inner = skip_blanks(text);

		if (begins_with(inner, "---") && inner.s - text.s < 4 && t->nseen > 0)
			t->is_in_yaml = true;
		else
			indented_line(t, text);
	} else if ((word = take_verdict(text, &is_ok)) > 0) {
		add_point(t, is_ok, behind(text, word));
	} else if (take_plan(text, &n, &comment)) {
		plan_line(t, n, comment);
	} else if (*text.s == '#') {
		comment_line(t, text);
	} else if (begins_with(text, "bail out!")) {
		t->bail_out = keep(t, skip_blanks(behind(text, 9)));
	} else if (begins_with(text, "tap version ")) {
		t->has_version = true;
	}
}

void tap_read(struct tap *t, const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((nl ? nl : end) - s);

		if (nl && t->line.len == 0) {
			size_t seen = n < TAP_MAX_LINE_BYTES ? n : TAP_MAX_LINE_BYTES;

			take_line(t, (struct text){ s, seen });
		} else {
			size_t room = TAP_MAX_LINE_BYTES - t->line.len;

			buf_add(&t->line, s, n < room ? n : room);
			if (nl) {
				take_line(t, (struct text){ t->line.s, t->line.len });
				buf_clear(&t->line);
			}
		}
		s = nl ? nl + 1 : end;
	}
}

/* --- the verdict ---------------------------------------------------------------------------- */

static void say_failures(struct tap *t, struct result *ret)
{
	for (size_t i = 0; i < t->npoints; i++) {
		const struct subresult *p = &t->points[i];

		if (p->outcome != OUTCOME_FAIL)
			continue;
		buf_addf(&t->message, "%zu of %zu points failed: %s", t->nfailed, t->nseen,
			 p->name);
		ret->file = p->file;
		ret->line = p->line;
		return;
	}
	buf_addf(&t->message, "%zu of %zu points failed", t->nfailed, t->nseen);
}

/* What is wrong with the whole although no point failed; false if nothing is. */
static bool say_trouble(struct tap *t, const struct tap_exit *how)
{
	bool may_lack_plan = how->may_lack_plan && !t->has_version && t->nseen > 0;

	if (t->has_two_plans)
		buf_addstr(&t->message, "two plans");
	else if (t->has_plan && t->nseen < t->plan)
		buf_addf(&t->message, "%llu points planned, %zu came", (unsigned long long)t->plan,
			 t->nseen);
	else if (t->has_plan && t->nseen > t->plan)
		buf_addf(&t->message, "%llu points planned, but %zu came",
			 (unsigned long long)t->plan, t->nseen);
	else if (!t->has_plan && !may_lack_plan)
		buf_addf(&t->message, "no plan (1..N) and %zu points", t->nseen);
	if (how->exit_code != 0 && !(t->skip_all && how->exit_code == 77))
		buf_addf(&t->message, "%sexit status %d%s", t->message.len > 0 ? "; " : "",
			 how->exit_code, t->message.len == 0 ? " although no point failed" : "");
	return t->message.len > 0;
}

static const char *first_skip_reason(const struct tap *t)
{
	for (size_t i = 0; i < t->npoints; i++) {
		if (t->points[i].message[0])
			return t->points[i].message;
	}
	return "all points skipped";
}

void tap_end(struct tap *t, const struct tap_exit *how, struct result *ret)
{
	if (t->line.len > 0)
		take_line(t, (struct text){ t->line.s, t->line.len });
	buf_clear(&t->line);
	end_point(t);
	ret->subs = t->points;
	ret->nsubs = t->npoints;
	ret->detail = t->all_details.s;
	if (t->bail_out) {
		ret->outcome = OUTCOME_ERROR;
		buf_addf(&t->message, "bail out! %s", t->bail_out);
		trim_end(&t->message);
	} else if (how->signal) {
		ret->outcome = OUTCOME_CRASH;
		buf_addf(&t->message, "killed by %s behind %zu points", how->signal, t->nseen);
	} else if (t->nfailed > 0) {
		ret->outcome = OUTCOME_FAIL;
		say_failures(t, ret);
	} else if (how->may_be_empty && how->exit_code == 0 && !t->has_plan && t->nseen == 0) {
		ret->outcome = OUTCOME_SKIP;
		buf_addstr(&t->message, "no points");
	} else if (say_trouble(t, how)) {
		ret->outcome = OUTCOME_FAIL;
	} else if (t->skip_all || (t->nseen > 0 && t->nskipped == t->nseen)) {
		ret->outcome = OUTCOME_SKIP;
		buf_addstr(&t->message, !t->skip_all   ? first_skip_reason(t)
					: *t->skip_all ? t->skip_all
						       : "no points planned");
	} else {
		ret->outcome = OUTCOME_PASS;
	}
	ret->message = t->message.s;
}
