/* SPDX-License-Identifier: MIT
 *
 * Parsed by descent, with a limit, into postfix steps; so evaluation needs no recursion, and a
 * chain of a thousand "or"s no depth.
 */
#include "format/expr.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/quote.h"
#include "base/utf8.h"

enum step_kind { STEP_WORD, STEP_NOT, STEP_AND, STEP_OR, STEP_FALSE };

struct step {
	enum step_kind kind;
	const char *word;
};

struct expr {
	struct step *steps;
	size_t nsteps;
};

/* What waits for its right side at one depth is at most one "or" and one "and". */
enum { STACK_SIZE = 2 * (EXPR_MAX_DEPTH + 1) + 1 };

/* token, as messages name it */
#define TOKEN_MAP(X)                                                                               \
	X(LPAREN, "left parenthesis")                                                              \
	X(RPAREN, "right parenthesis")                                                             \
	X(OR, "or")                                                                                \
	X(AND, "and")                                                                              \
	X(NOT, "not")                                                                              \
	X(WORD, "identifier")                                                                      \
	X(END, "end of input")                                                                     \
	X(BAD, "unexpected character")

enum token {
#define X(id, text) TOKEN_##id,
	TOKEN_MAP(X)
#undef X
};

static const char *const token_names[] = {
#define X(id, text) [TOKEN_##id] = (text),
	TOKEN_MAP(X)
#undef X
};

struct parser {
	const char *option;
	const char *text;
	size_t len;
	size_t pos; /* behind the current token */
	enum token token;
	size_t at; /* where it begins */
	unsigned depth;
	struct step *steps;
	size_t nsteps, cap_steps;
	struct arena *mem;
	struct err *reterr;
};

/* --- messages --- */

/* Columns that the first `len` bytes take on a terminal: code points, and four for "\x1B". */
static size_t columns_of(const char *s, size_t len)
{
	struct buf shown = BUF_INIT;
	size_t columns = 0;

	quote_display(&shown, s, len);
	for (size_t i = 0, n = 0; i < shown.len; i += n, columns++)
		utf8_next(shown.s + i, shown.len - i, &n);
	buf_release(&shown);
	return columns;
}

/* A beginning of a code point at or before `at`. */
static size_t whole_char(const char *s, size_t at)
{
	while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* Fail at byte `at`, whose column the message names; a long expression is shown in part. */
static int fail_at(const struct parser *p, size_t at, const char *what)
{
	enum { BEFORE = 160, AFTER = 60 };
	struct buf shown = BUF_INIT;
	size_t begin = at > BEFORE ? whole_char(p->text, at - BEFORE) : 0;
	size_t end = p->len - at > AFTER ? whole_char(p->text, at + AFTER) : p->len;
	size_t indent = columns_of(p->text + begin, at - begin);

	if (begin > 0) {
		buf_addstr(&shown, "...");
		indent += 3;
	}
	quote_display(&shown, p->text + begin, end - begin);
	if (end < p->len)
		buf_addstr(&shown, "...");
	err_set(p->reterr, ERR_USAGE, NULL, 0,
		"wrong expression passed to '%s': at column %zu: %s\n  %s\n  %*s^", p->option,
		columns_of(p->text, at) + 1, what, shown.s, (int)indent, "");
	buf_release(&shown);
	return -1;
}

static int fail_expected(const struct parser *p, const char *expected)
{
	struct buf what = BUF_INIT;

	if (p->token == TOKEN_BAD) {
		size_t n = 0;

		utf8_next(p->text + p->at, p->len - p->at, &n);
		buf_addstr(&what, "unexpected character \"");
		quote_display(&what, p->text + p->at, n);
		buf_addch(&what, '"');
	} else {
		buf_addf(&what, "expected %s; got %s", expected, token_names[p->token]);
	}
	fail_at(p, p->at, what.s);
	buf_release(&what);
	return -1;
}

/* --- words --- */

/* How many bytes of a word stand at s; 0: none. */
static size_t word_char(const char *s, size_t len)
{
	unsigned char c = (unsigned char)*s;
	size_t n = 0;

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("_:+-.[]\\/", c)))
		return 1;
	return c >= 0x80 && utf8_next(s, len, &n) >= 0xa0 ? n : 0;
}

static enum token word_token(const char *s, size_t len)
{
	if (len == 2 && memcmp(s, "or", 2) == 0)
		return TOKEN_OR;
	if (len == 3 && memcmp(s, "and", 3) == 0)
		return TOKEN_AND;
	if (len == 3 && memcmp(s, "not", 3) == 0)
		return TOKEN_NOT;
	return TOKEN_WORD;
}

static void next(struct parser *p)
{
	while (p->pos < p->len && (p->text[p->pos] == ' ' || p->text[p->pos] == '\t'))
		p->pos++;
	p->at = p->pos;
	if (p->pos == p->len) {
		p->token = TOKEN_END;
		return;
	}
	if (p->text[p->pos] == '(' || p->text[p->pos] == ')') {
		p->token = p->text[p->pos++] == '(' ? TOKEN_LPAREN : TOKEN_RPAREN;
		return;
	}
	for (size_t n = 1; n > 0 && p->pos < p->len; p->pos += n)
		n = word_char(p->text + p->pos, p->len - p->pos);
	p->token = p->pos == p->at ? TOKEN_BAD : word_token(p->text + p->at, p->pos - p->at);
}

/* --- grammar --- */

static void add_step(struct parser *p, enum step_kind kind, const char *word)
{
	GROW(p->steps, p->nsteps, p->cap_steps);
	p->steps[p->nsteps++] = (struct step){ .kind = kind, .word = word };
}

static int parse_expr(struct parser *p);

/* One deeper; the current token is taken. */
static int enter(struct parser *p)
{
	if (p->depth == EXPR_MAX_DEPTH)
		return fail_at(p, p->at, "nested too deeply");
	p->depth++;
	next(p);
	return 0;
}

static int parse_not(struct parser *p)
{
	if (p->token == TOKEN_NOT) {
		if (enter(p) < 0 || parse_not(p) < 0)
			return -1;
		p->depth--;
		add_step(p, STEP_NOT, NULL);
		return 0;
	}
	if (p->token == TOKEN_LPAREN) {
		if (enter(p) < 0 || parse_expr(p) < 0)
			return -1;
		p->depth--;
		if (p->token != TOKEN_RPAREN)
			return fail_expected(p, "right parenthesis");
		next(p);
		return 0;
	}
	if (p->token != TOKEN_WORD)
		return fail_expected(p, "not OR left parenthesis OR identifier");
	add_step(p, STEP_WORD, arena_memdup(p->mem, p->text + p->at, p->pos - p->at));
	next(p);
	return 0;
}

static int parse_and(struct parser *p)
{
	if (parse_not(p) < 0)
		return -1;
	while (p->token == TOKEN_AND) {
		next(p);
		if (parse_not(p) < 0)
			return -1;
		add_step(p, STEP_AND, NULL);
	}
	return 0;
}

static int parse_expr(struct parser *p)
{
	if (parse_and(p) < 0)
		return -1;
	while (p->token == TOKEN_OR) {
		next(p);
		if (parse_and(p) < 0)
			return -1;
		add_step(p, STEP_OR, NULL);
	}
	return 0;
}

static int parse_whole(struct parser *p)
{
	next(p);
	if (p->token == TOKEN_END) {
		add_step(p, STEP_FALSE, NULL);
		return 0;
	}
	if (parse_expr(p) < 0)
		return -1;
	return p->token == TOKEN_END ? 0 : fail_expected(p, "end of input");
}

int expr_parse(const char *option, const char *text, struct arena *mem, struct expr **ret,
	       struct err *reterr)
{
	struct parser p = {
		.option = option, .text = text, .len = strlen(text), .mem = mem, .reterr = reterr
	};
	struct expr *e = NULL;

	if (p.len > EXPR_MAX_BYTES)
		return err_set(reterr, ERR_LIMIT, NULL, 0,
			       "the expression passed to '%s' has %zu bytes, %d are allowed",
			       option, p.len, EXPR_MAX_BYTES);
	int status = parse_whole(&p);

	if (status == 0) {
		e = arena_alloc(mem, 1, sizeof *e);
		e->steps = arena_alloc(mem, p.nsteps, sizeof *e->steps);
		memcpy(e->steps, p.steps, p.nsteps * sizeof *e->steps);
		e->nsteps = p.nsteps;
		*ret = e;
	}
	free(p.steps);
	return status;
}

bool expr_eval(const struct expr *e, bool (*matches)(void *ctx, const char *word), void *ctx)
{
	bool stack[STACK_SIZE] = { false };
	size_t n = 0;

	for (size_t i = 0; i < e->nsteps; i++) {
		const struct step *s = &e->steps[i];

		switch (s->kind) {
		case STEP_WORD:
			stack[n++] = matches(ctx, s->word);
			break;
		case STEP_FALSE:
			stack[n++] = false;
			break;
		case STEP_NOT:
			stack[n - 1] = !stack[n - 1];
			break;
		case STEP_AND:
			n--;
			stack[n - 1] = stack[n - 1] && stack[n];
			break;
		case STEP_OR:
			n--;
			stack[n - 1] = stack[n - 1] || stack[n];
			break;
		}
	}
	return stack[0];
}
