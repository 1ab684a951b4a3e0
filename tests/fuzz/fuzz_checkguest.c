/* SPDX-License-Identifier: MIT
 *
 * format/checkguest.c.  Property: tests are said of a TCase that was said before, every runner that
 * counts has ended, and a refusal has its reason.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/checkguest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t nrunners, nran;
	bool has_tcase;
};

static void on_runner(void *ctx, bool has_xml)
{
	struct seen *s = ctx;

	(void)has_xml;
	s->nrunners++;
	s->has_tcase = false;
}

static void on_tcase(void *ctx, const struct checkguest_tcase *c)
{
	struct seen *s = ctx;

	assert(s->nrunners > 0 && c->suite && c->name && c->tags && c->timeout);
	s->has_tcase = true;
}

static void on_test(void *ctx, const struct checkguest_test *t)
{
	const struct seen *s = ctx;

	assert(s->has_tcase && t->name && (!t->file || *t->file));
}

static void on_ran(void *ctx)
{
	struct seen *s = ctx;

	s->nran++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	struct seen seen = { 0 };
	const struct checkguest_hooks hooks = { &seen, on_runner, on_tcase, on_test, on_ran };
	struct err e = { 0 };
	size_t nran = 0;

	buf_add(&text, data, size);
	if (checkguest_read(text.s, text.len, &hooks, &nran, &e) < 0)
		assert(e.code == ERR_SYNTAX || e.code == ERR_UNSUPPORTED);
	else
		assert(nran == seen.nran && nran <= seen.nrunners);
	buf_release(&text);
	return 0;
}
