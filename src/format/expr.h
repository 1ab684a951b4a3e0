/* SPDX-License-Identifier: MIT
 *
 * The little language of -k and -m, as pytest has it:
 *
 *   expression: expr? END                     nothing at all is false
 *   expr:       and_expr ("or" and_expr)*
 *   and_expr:   not_expr ("and" not_expr)*
 *   not_expr:   "not" not_expr | "(" expr ")" | word
 *   word:       letters, digits, _ : + - . [ ] \ / and everything beyond ASCII
 */
#ifndef GW_FORMAT_EXPR_H
#define GW_FORMAT_EXPR_H

#include "base/arena.h"

struct err;
struct expr;

/* Nested parentheses and chained "not"s; bytes of one expression. */
enum { EXPR_MAX_DEPTH = 200, EXPR_MAX_BYTES = 1024 * 1024 };

/*
 * *ret lives in mem.  `option` names the expression in messages ("-k").  A mistake is ERR_USAGE;
 * its message has three lines: what is wrong at which column, the expression, a caret below it.
 */
int expr_parse(const char *option, const char *text, struct arena *mem, struct expr **ret,
	       struct err *reterr);

/* Is it true, if `matches` says of each word whether it is? */
bool expr_eval(const struct expr *e, bool (*matches)(void *ctx, const char *word), void *ctx);

#endif
