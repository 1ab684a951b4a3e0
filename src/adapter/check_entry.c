/* SPDX-License-Identifier: MIT
 *
 * How ctest runs one TCase of a Check program: by the variables that Check looks at itself.
 */
#include "adapter/check.h"
#include "base/buf.h"
#include "base/err.h"

static const char *variable(struct arena *mem, const char *name, const char *value)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s=%s", name, value);
	const char *kept = arena_memdup(mem, text.s, text.len);

	buf_release(&text);
	return kept;
}

int check_entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		struct arena *mem, struct entry *ret, struct err *reterr)
{
	struct check_selector s = { 0 };

	(void)all, (void)style;
	if (!check_selector_parse(t->selector, mem, &s))
		return err_set(reterr, ERR_SYNTAX, NULL, 0,
			       "'%s' has a selector that is none of Check's: '%s'", t->id,
			       t->selector);
	*ret = (struct entry){ .name = t->suite, .plain_name = t->suite, .nenv = 2 };
	ret->env = arena_alloc(mem, ret->nenv, sizeof *ret->env);
	ret->env[0] = variable(mem, "CK_RUN_SUITE", s.suite);
	ret->env[1] = variable(mem, "CK_RUN_CASE", s.tcase);
	return 0;
}
