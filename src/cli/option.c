/* SPDX-License-Identifier: MIT */
#include "cli/option.h"

#include <limits.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "base/quote.h"

/* What every step of one option_parse() needs. */
struct parser {
	const struct option_row *rows;
	const struct option_args *args;
	size_t next; /* word */
	char *values;
	struct arena *mem;
	struct err *reterr;
};

const struct option_row *option_first(const struct option_row *rows)
{
	while (rows && rows->kind == OPTION_END)
		rows = rows->more;
	return rows;
}

const struct option_row *option_next(const struct option_row *row)
{
	return option_first(row + 1);
}

static const struct option_row *find_long(const struct option_row *rows, const char *s, size_t len)
{
	for (const struct option_row *r = option_first(rows); r; r = option_next(r)) {
		if (r->name && strlen(r->name) == len && memcmp(r->name, s, len) == 0)
			return r;
		if (r->other && strlen(r->other) == len && memcmp(r->other, s, len) == 0)
			return r;
	}
	return NULL;
}

static const struct option_row *find_short(const struct option_row *rows, char letter)
{
	for (const struct option_row *r = option_first(rows); r; r = option_next(r)) {
		if (r->letter == letter)
			return r;
	}
	return NULL;
}

static bool takes_value(const struct option_row *r)
{
	switch (r->kind) {
	case OPTION_END:
	case OPTION_FLAG:
	case OPTION_UP:
	case OPTION_DOWN:
	case OPTION_ALIAS:
	case OPTION_OPTIONAL:
	case OPTION_OPTIONALS:
		return false;
	case OPTION_STRING:
	case OPTION_STRINGS:
	case OPTION_UINT:
	case OPTION_DURATION:
	case OPTION_SIZE:
	case OPTION_ENUM:
	case OPTION_LANES:
		return true;
	}
	return false;
}

static int usage(const struct parser *p, const char *text)
{
	return err_set(p->reterr, ERR_USAGE, p->args->origin, p->args->line, "%s", text);
}

/* "'--name'", or "'-x'" where there is no long name. */
static void add_row_name(const struct option_row *r, struct buf *out)
{
	if (r->name)
		buf_addf(out, "'--%s'", r->name);
	else
		buf_addf(out, "'-%c'", r->letter);
}

static void add_words(const struct option_row *r, const char *between, struct buf *out)
{
	const char *gap = "";

	for (const struct option_word *w = r->words; w->word; w++) {
		if (w->is_silent)
			continue;
		buf_addf(out, "%s%s", gap, w->word);
		gap = between;
	}
}

static void add_accepted(const struct option_row *r, struct buf *out)
{
	switch (r->kind) {
	case OPTION_UINT:
		buf_addstr(out, "a whole number");
		break;
	case OPTION_DURATION:
		buf_addstr(out, "seconds, or a time like 500ms, 1.5s, 2m, 1h");
		break;
	case OPTION_SIZE:
		buf_addstr(out, "a size like 4096, 64K, 1M, 1G");
		break;
	case OPTION_LANES:
		buf_addf(out, "auto, logical or a number from 0 to %d", LANES_MAX);
		break;
	case OPTION_ENUM:
		add_words(r, ", ", out);
		break;
	case OPTION_END:
	case OPTION_FLAG:
	case OPTION_UP:
	case OPTION_DOWN:
	case OPTION_STRING:
	case OPTION_STRINGS:
	case OPTION_OPTIONAL:
	case OPTION_OPTIONALS:
	case OPTION_ALIAS:
		buf_addstr(out, r->metavar ? r->metavar : "no value");
		break;
	}
}

static int bad_value(const struct parser *p, const struct option_row *r, const char *value)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "'%s' is no value for ", value);
	add_row_name(r, &text);
	buf_addstr(&text, "; accepted: ");
	add_accepted(r, &text);
	usage(p, text.s);
	buf_release(&text);
	return -1;
}

/* 4096, 64K, 1M, 1G */
static bool parse_size(const char *s, uint64_t *ret)
{
	static const char suffixes[] = "KMG";
	char digits[24];
	size_t n = strlen(s);
	const char *suffix = n > 0 ? strchr(suffixes, s[n - 1]) : NULL;
	uint64_t scale = suffix ? (uint64_t)1 << (10 * (suffix - suffixes + 1)) : 1;

	n -= suffix != NULL;
	if (n == 0 || n >= sizeof digits)
		return false;
	memcpy(digits, s, n);
	digits[n] = '\0';
	uint64_t value = 0;

	if (!parse_uint(digits, INT64_MAX / scale, &value))
		return false;
	*ret = value * scale;
	return true;
}

static bool parse_lanes(const char *s, unsigned *ret)
{
	uint64_t n = 0;

	if (strcmp(s, "auto") == 0)
		n = LANES_AUTO;
	else if (strcmp(s, "logical") == 0)
		n = LANES_LOGICAL;
	else if (!parse_uint(s, LANES_MAX, &n))
		return false;
	*ret = (unsigned)n;
	return true;
}

static bool parse_word(const struct option_row *r, const char *s, unsigned *ret)
{
	for (const struct option_word *w = r->words; w->word; w++) {
		if (strcmp(w->word, s) == 0) {
			*ret = w->value;
			return true;
		}
	}
	return false;
}

static int apply(struct parser *p, const struct option_row *r, const char *value);

static int apply_alias(struct parser *p, const struct option_row *r)
{
	const char *name = r->alias_of + 2; /* behind "--" */
	size_t len = strcspn(name, "=");
	const struct option_row *to = find_long(p->rows, name, len);

	if (!to || to->kind == OPTION_ALIAS)
		return err_set(p->reterr, ERR_INTERNAL, NULL, 0, "no option '%s'", r->alias_of);
	return apply(p, to, name[len] ? name + len + 1 : "");
}

/* Give one option its value. */
static int apply(struct parser *p, const struct option_row *r, const char *value)
{
	void *at = p->values + r->offset;
	uint64_t n = 0;
	bool ok = true;

	switch (r->kind) {
	case OPTION_END:
		break;
	case OPTION_FLAG:
		*(bool *)at = true;
		break;
	case OPTION_UP:
		++*(int *)at;
		break;
	case OPTION_DOWN:
		--*(int *)at;
		break;
	case OPTION_STRING:
	case OPTION_OPTIONAL:
		*(const char **)at = arena_strdup(p->mem, value);
		break;
	case OPTION_STRINGS:
	case OPTION_OPTIONALS:
		option_strings_add(at, p->mem, value);
		break;
	case OPTION_UINT:
		ok = parse_uint(value, INT_MAX, &n);
		if (ok)
			*(unsigned *)at = (unsigned)n;
		break;
	case OPTION_DURATION:
		ok = parse_duration(value, at);
		break;
	case OPTION_SIZE:
		ok = parse_size(value, at);
		break;
	case OPTION_ENUM:
		ok = parse_word(r, value, at);
		break;
	case OPTION_LANES:
		ok = parse_lanes(value, at);
		break;
	case OPTION_ALIAS:
		return apply_alias(p, r);
	}
	return ok ? 0 : bad_value(p, r, value);
}

void option_strings_add(struct option_strings *list, struct arena *mem, const char *s)
{
	/* full at every power of two */
	if ((list->n & (list->n - 1)) == 0) {
		const char **bigger = arena_alloc(mem, list->n ? list->n * 2 : 1, sizeof *bigger);

		if (list->n > 0)
			memcpy(bigger, list->items, list->n * sizeof *bigger);
		list->items = bigger;
	}
	list->items[list->n++] = arena_strdup(mem, s);
}

static int unknown(const struct parser *p, const char *word, size_t len)
{
	char *given = arena_memdup(p->mem, word, len);
	struct nearest near = nearest_begin(given + strspn(given, "-"));
	struct buf text = BUF_INIT;

	buf_addstr(&text, "unknown option '");
	quote_display(&text, given, len);
	buf_addch(&text, '\'');
	if (strncmp(given, "--", 2) == 0) {
		for (const struct option_row *r = option_first(p->rows); r; r = option_next(r)) {
			if (r->name)
				nearest_try(&near, r->name);
			if (r->other)
				nearest_try(&near, r->other);
		}
	}
	if (near.best)
		buf_addf(&text, "; did you mean '--%s'?", near.best);
	usage(p, text.s);
	buf_release(&text);
	return -1;
}

/* The next word as the value of option r. */
static int apply_next(struct parser *p, const struct option_row *r)
{
	struct buf text = BUF_INIT;

	if (p->next < p->args->nwords)
		return apply(p, r, p->args->words[p->next++]);
	add_row_name(r, &text);
	buf_addstr(&text, " needs a value: ");
	add_accepted(r, &text);
	usage(p, text.s);
	buf_release(&text);
	return -1;
}

static int parse_long(struct parser *p, const char *word)
{
	size_t len = strcspn(word + 2, "=");
	const char *value = word[2 + len] ? word + 2 + len + 1 : NULL;
	const struct option_row *r = find_long(p->rows, word + 2, len);

	if (!r)
		return unknown(p, word, len + 2);
	if (takes_value(r))
		return value ? apply(p, r, value) : apply_next(p, r);
	if (value && r->kind != OPTION_OPTIONAL && r->kind != OPTION_OPTIONALS) {
		struct buf text = BUF_INIT;

		add_row_name(r, &text);
		buf_addstr(&text, " takes no value");
		usage(p, text.s);
		buf_release(&text);
		return -1;
	}
	return apply(p, r, value ? value : "");
}

static int parse_short(struct parser *p, const char *word)
{
	for (const char *s = word + 1; *s; s++) {
		const struct option_row *r = find_short(p->rows, *s);

		if (!r) {
			char name[3] = { '-', *s, '\0' };

			return unknown(p, s == word + 1 ? word : name,
				       s == word + 1 ? strlen(word) : 2);
		}
		if (takes_value(r) && s[1])
			return apply(p, r, s + 1 + (s[1] == '='));
		if (takes_value(r))
			return apply_next(p, r);
		if (apply(p, r, "") < 0)
			return -1;
	}
	return 0;
}

int option_parse(const struct option_row *rows, const struct option_args *args, void *values,
		 struct arena *mem, struct option_strings *rest, struct err *reterr)
{
	struct parser p = {
		.rows = rows, .args = args, .values = values, .mem = mem, .reterr = reterr
	};
	bool is_over = false; /* "--" was there */
	int ret = 0;

	while (ret == 0 && p.next < args->nwords) {
		const char *word = args->words[p.next++];

		if (is_over || word[0] != '-' || !word[1])
			option_strings_add(rest, mem, word);
		else if (strcmp(word, "--") == 0)
			is_over = true;
		else if (word[1] == '-')
			ret = parse_long(&p, word);
		else
			ret = parse_short(&p, word);
	}
	return ret;
}

int option_defaults(const struct option_row *rows, void *values, struct arena *mem,
		    struct err *reterr)
{
	static const struct option_args nowhere = { 0 };
	struct parser p = {
		.rows = rows, .args = &nowhere, .values = values, .mem = mem, .reterr = reterr
	};

	for (const struct option_row *r = option_first(rows); r; r = option_next(r)) {
		char *at = p.values + r->offset;

		if (r->default_text && apply(&p, r, r->default_text) < 0)
			return -1;
		if (!r->default_text && r->kind == OPTION_UINT)
			*(unsigned *)(void *)at = UINT_MAX;
		if (!r->default_text && r->kind == OPTION_DURATION)
			*(uint64_t *)(void *)at = TIME_UNKNOWN;
	}
	return 0;
}
