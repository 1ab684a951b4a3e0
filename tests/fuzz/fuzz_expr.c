/* SPDX-License-Identifier: MIT
 *
 * Exercises format/expr.c.  Properties: what is refused says why, in three lines; what is accepted
 * and its negation are never both true.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool matches(void *ctx, const char *word)
{
	(void)ctx;
	assert(*word);
	return *word & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;
	struct buf negated = BUF_INIT;
	struct expr *x = NULL;
	struct expr *y = NULL;
	struct err e = { 0 };

	buf_add(&text, data, size);
	if (expr_parse("-k", text.s, &mem, &x, &e) < 0) {
		const char *second = strchr(e.msg, '\n');

		assert(!x && e.code == ERR_USAGE);
		assert(second && strchr(second + 1, '\n') && strchr(second, '^'));
	} else {
		bool value = expr_eval(x, matches, NULL);

		/* nothing at all has no negation; one level may be too many */
		buf_addf(&negated, "not (%s)", text.s);
		if (expr_parse("-k", negated.s, &mem, &y, &e) == 0)
			assert(expr_eval(y, matches, NULL) != value);
		else
			assert(!value || strstr(e.msg, "nested too deeply"));
	}
	buf_release(&negated);
	buf_release(&text);
	arena_release(&mem);
	return 0;
}
