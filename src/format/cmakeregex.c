/* SPDX-License-Identifier: MIT
 *
 * A pattern is compiled to a small program of single steps (as Thompson did); the set of places
 * where the program can be is a state, and what a byte makes of a state is remembered.
 */
#include "format/cmakeregex.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"

enum {
	MAX_GROUPS = 9,   /* CMake counts the whole match as the tenth */
	MAX_STATES = 512, /* then the automaton forgets them all and begins again */
	SET_WORDS = 256 / 64,
	NOWHERE = UINT32_MAX
};

enum op { OP_SET, OP_SPLIT, OP_JUMP, OP_BEGIN, OP_END, OP_MATCH };

struct step {
	enum op op;
	uint32_t next, other; /* NOWHERE until it is known; other: of a split */
	uint64_t set[SET_WORDS];
};

struct state {
	uint32_t *steps; /* sorted: OP_SET, OP_END and OP_MATCH only */
	size_t nsteps;
	bool is_match;
	uint16_t next[256]; /* index + 1; 0: not known yet */
};

struct cmake_regex {
	struct step *steps;
	size_t nsteps, cap_steps;
	uint32_t start;
	/* the automaton */
	struct state *states; /* MAX_STATES; all from nstates on are zeroed */
	size_t nstates;
	struct map by_steps; /* their bytes to their index */
	size_t now;
	bool has_matched, has_bytes;
	/* scratch of closure() */
	uint32_t *stack, *list;
	size_t nlist;
	unsigned char *seen;
};

/* --- compiling ---------------------------------------------------------------------------- */

/* A piece of program: where it begins, and its open ends (index * 2 + which), chained through the
 * very fields that are open. */
struct piece {
	uint32_t start;
	uint32_t open;
	bool has_width; /* matches one byte at least: CMake wants that of what is repeated */
};

struct parser {
	struct cmake_regex *r;
	const char *pattern, *at;
	unsigned ngroups;
	struct err *reterr;
};

static int refuse(struct parser *p, const char *why)
{
	return err_set(p->reterr, ERR_SYNTAX, NULL, 0, "bad regular expression '%s': %s",
		       p->pattern, why);
}

static uint32_t add_step(struct cmake_regex *r, enum op op)
{
	GROW(r->steps, r->nsteps, r->cap_steps);
	r->steps[r->nsteps] = (struct step){ .op = op, .next = NOWHERE, .other = NOWHERE };
	return (uint32_t)r->nsteps++;
}

static uint32_t *end_field(struct cmake_regex *r, uint32_t end)
{
	struct step *s = &r->steps[end / 2];

	return end % 2 ? &s->other : &s->next;
}

static void close_ends(struct cmake_regex *r, uint32_t end, uint32_t target)
{
	while (end != NOWHERE) {
		uint32_t *field = end_field(r, end);

		end = *field;
		*field = target;
	}
}

static uint32_t join_ends(struct cmake_regex *r, uint32_t a, uint32_t b)
{
	uint32_t last = a;

	if (a == NOWHERE)
		return b;
	while (*end_field(r, last) != NOWHERE)
		last = *end_field(r, last);
	*end_field(r, last) = b;
	return a;
}

static void set_add(uint64_t *set, unsigned byte)
{
	set[byte / 64] |= (uint64_t)1 << byte % 64;
}

static bool set_has(const uint64_t *set, unsigned byte)
{
	return set[byte / 64] >> byte % 64 & 1;
}

/* Behind "[".  A '-' that is first or last is itself; elsewhere it goes on from the byte before. */
static int parse_set(struct parser *p, uint64_t *set)
{
	bool is_negated = *p->at == '^';

	p->at += is_negated;
	if (*p->at == ']' || *p->at == '-')
		set_add(set, (unsigned char)*p->at++);
	for (; *p->at && *p->at != ']'; p->at++) {
		if (*p->at != '-' || p->at[1] == ']' || !p->at[1]) {
			set_add(set, (unsigned char)*p->at);
			continue;
		}
		unsigned from = (unsigned char)p->at[-1];
		unsigned to = (unsigned char)*++p->at;

		if (from > to)
			return refuse(p, "invalid range in []");
		for (unsigned c = from; c <= to; c++)
			set_add(set, c);
	}
	if (*p->at != ']')
		return refuse(p, "unmatched []");
	p->at++;
	for (size_t i = 0; is_negated && i < SET_WORDS; i++)
		set[i] = ~set[i];
	return 0;
}

static int parse_choice(struct parser *p, bool is_group, struct piece *ret);

/* A step without a group: anything that is one byte, '^' or '$'. */
static int parse_single(struct parser *p, struct piece *ret)
{
	uint64_t set[SET_WORDS] = { 0 };
	enum op op = OP_SET;
	char c = *p->at++;

	if (c == '^')
		op = OP_BEGIN;
	else if (c == '$')
		op = OP_END;
	else if (c == '.')
		memset(set, 0xff, sizeof set);
	else if (c == '[' && parse_set(p, set) < 0)
		return -1;
	else if (c == '*' || c == '+' || c == '?')
		return refuse(p, "?+* follows nothing");
	else if (c == '\\' && !*p->at)
		return refuse(p, "trailing backslash");
	else if (c != '[')
		set_add(set, (unsigned char)(c == '\\' ? *p->at++ : c));
	uint32_t step = add_step(p->r, op);

	memcpy(p->r->steps[step].set, set, sizeof set);
	*ret = (struct piece){ step, step * 2, op == OP_SET };
	return 0;
}

static int parse_atom(struct parser *p, struct piece *ret)
{
	if (*p->at != '(')
		return parse_single(p, ret);
	p->at++;
	if (p->ngroups++ >= MAX_GROUPS)
		return refuse(p, "too many parentheses");
	return parse_choice(p, true, ret);
}

static bool is_repeat(char c)
{
	return c == '*' || c == '+' || c == '?';
}

static int parse_repeat(struct parser *p, struct piece *ret)
{
	struct piece atom = { 0 };

	if (parse_atom(p, &atom) < 0)
		return -1;
	char c = *p->at;

	if (!is_repeat(c)) {
		*ret = atom;
		return 0;
	}
	if (!atom.has_width && c != '?')
		return refuse(p, "*+ operand could be empty");
	if (is_repeat(*++p->at))
		return refuse(p, "nested *?+");
	uint32_t split = add_step(p->r, OP_SPLIT);

	p->r->steps[split].next = atom.start;
	if (c != '?')
		close_ends(p->r, atom.open, split);
	ret->start = c == '+' ? atom.start : split;
	ret->open = c == '?' ? join_ends(p->r, split * 2 + 1, atom.open) : split * 2 + 1;
	ret->has_width = c == '+';
	return 0;
}

static int parse_sequence(struct parser *p, struct piece *ret)
{
	uint32_t nothing = add_step(p->r, OP_JUMP);
	struct piece all = { nothing, nothing * 2, false };

	while (*p->at && *p->at != '|' && *p->at != ')') {
		struct piece one = { 0 };

		if (parse_repeat(p, &one) < 0)
			return -1;
		close_ends(p->r, all.open, one.start);
		all.open = one.open;
		all.has_width |= one.has_width;
	}
	*ret = all;
	return 0;
}

static int parse_choice(struct parser *p, bool is_group, struct piece *ret)
{
	struct piece all = { 0 };

	if (parse_sequence(p, &all) < 0)
		return -1;
	while (*p->at == '|') {
		struct piece one = { 0 };

		p->at++;
		if (parse_sequence(p, &one) < 0)
			return -1;
		uint32_t split = add_step(p->r, OP_SPLIT);

		p->r->steps[split].next = all.start;
		p->r->steps[split].other = one.start;
		/* the shorter chain first: many branches stay linear */
		all = (struct piece){ split, join_ends(p->r, one.open, all.open),
				      all.has_width && one.has_width };
	}
	if (is_group ? *p->at != ')' : *p->at != '\0')
		return refuse(p, "unmatched parentheses");
	p->at += is_group;
	*ret = all;
	return 0;
}

/* --- running ------------------------------------------------------------------------------ */

/* Add a step and all that is reached from it without a byte to r->list. */
static void closure(struct cmake_regex *r, uint32_t from, bool is_begin, bool is_end)
{
	size_t n = 0;

	r->stack[n++] = from;
	while (n > 0) {
		uint32_t i = r->stack[--n];
		const struct step *s = &r->steps[i];

		if (r->seen[i])
			continue;
		r->seen[i] = 1;
		if (s->op == OP_SPLIT)
			r->stack[n++] = s->other;
		if (s->op == OP_SPLIT || s->op == OP_JUMP || (s->op == OP_BEGIN && is_begin) ||
		    (s->op == OP_END && is_end))
			r->stack[n++] = s->next;
		if (s->op == OP_SET || s->op == OP_END || s->op == OP_MATCH)
			r->list[r->nlist++] = i;
	}
}

static void list_begin(struct cmake_regex *r)
{
	r->nlist = 0;
	memset(r->seen, 0, r->nsteps);
}

static int compare_steps(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void forget_states(struct cmake_regex *r)
{
	for (size_t i = 0; i < r->nstates; i++) {
		free(r->states[i].steps);
		r->states[i] = (struct state){ 0 };
	}
	r->nstates = 0;
	map_release(&r->by_steps);
}

/* The state that r->list is; made if it is new, which may cost all others their place. */
static size_t find_state(struct cmake_regex *r)
{
	size_t bytes = r->nlist * sizeof *r->list;
	size_t i = 0;

	if (r->nlist > 1)
		qsort(r->list, r->nlist, sizeof *r->list, compare_steps);
	if (map_get(&r->by_steps, (const char *)r->list, bytes, &i))
		return i;
	if (r->nstates == MAX_STATES)
		forget_states(r);
	struct state *s = &r->states[r->nstates];

	s->steps = (uint32_t *)(void *)xmemdup(r->list, bytes);
	s->nsteps = r->nlist;
	for (size_t k = 0; k < s->nsteps; k++)
		s->is_match |= r->steps[s->steps[k]].op == OP_MATCH;
	map_put(&r->by_steps, (const char *)s->steps, bytes, r->nstates);
	return r->nstates++;
}

static void begin_text(struct cmake_regex *r)
{
	list_begin(r);
	closure(r, r->start, true, false);
	r->now = find_state(r);
	r->has_matched = r->states[r->now].is_match;
	r->has_bytes = false;
}

/* What this byte makes of the present state, where that is not known yet. */
static size_t find_next(struct cmake_regex *r, unsigned char byte)
{
	struct state *s = &r->states[r->now];
	size_t nbefore = r->nstates;

	list_begin(r);
	for (size_t i = 0; i < s->nsteps; i++) {
		const struct step *step = &r->steps[s->steps[i]];

		if (step->op == OP_SET && set_has(step->set, byte))
			closure(r, step->next, false, false);
	}
	closure(r, r->start, false, false); /* a match may begin anywhere */
	size_t next = find_state(r);

	if (r->nstates >= nbefore) /* s is still there */
		s->next[byte] = (uint16_t)(next + 1);
	return next;
}

void cmake_regex_feed(struct cmake_regex *r, const char *s, size_t len)
{
	r->has_bytes |= len > 0;
	for (size_t i = 0; i < len && !r->has_matched; i++) {
		unsigned char byte = (unsigned char)s[i];
		uint16_t next = r->states[r->now].next[byte];

		r->now = next ? next - 1u : find_next(r, byte);
		r->has_matched = r->states[r->now].is_match;
	}
}

bool cmake_regex_peek(struct cmake_regex *r)
{
	bool has_matched = r->has_matched;

	if (!has_matched) {
		const struct state *s = &r->states[r->now];

		list_begin(r);
		for (size_t i = 0; i < s->nsteps; i++)
			closure(r, s->steps[i], !r->has_bytes, true);
		for (size_t i = 0; i < r->nlist; i++)
			has_matched |= r->steps[r->list[i]].op == OP_MATCH;
	}
	return has_matched;
}

bool cmake_regex_end(struct cmake_regex *r)
{
	bool has_matched = cmake_regex_peek(r);

	begin_text(r);
	return has_matched;
}

int cmake_regex_new(const char *pattern, struct cmake_regex **ret, struct err *reterr)
{
	struct piece all = { 0 };

	if (strlen(pattern) > CMAKE_REGEX_MAX_BYTES)
		return err_set(reterr, ERR_LIMIT, NULL, 0,
			       "regular expression of more than %d bytes", CMAKE_REGEX_MAX_BYTES);
	struct cmake_regex *r = xcalloc(1, sizeof *r);
	struct parser p = { .r = r, .pattern = pattern, .at = pattern, .reterr = reterr };

	if (parse_choice(&p, false, &all) < 0) {
		cmake_regex_free(r);
		return -1;
	}
	close_ends(r, all.open, add_step(r, OP_MATCH));
	r->start = all.start;
	r->states = xcalloc(MAX_STATES, sizeof *r->states);
	r->stack = xcalloc(2 * r->nsteps + 2, sizeof *r->stack);
	r->list = xcalloc(r->nsteps + 1, sizeof *r->list);
	r->seen = xcalloc(r->nsteps, 1);
	begin_text(r);
	*ret = r;
	return 0;
}

void cmake_regex_free(struct cmake_regex *r)
{
	if (!r)
		return;
	forget_states(r);
	free(r->states);
	free(r->steps);
	free(r->stack);
	free(r->list);
	free(r->seen);
	free(r);
}
