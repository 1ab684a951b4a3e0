/* SPDX-License-Identifier: MIT
 *
 * format/pytestguest.c.  Property: a list is said or refused with its place; a stream says only tests that
 * there are, and the same in one piece as byte by byte.
 */
#include <assert.h>

#include "base/err.h"
#include "format/pytestguest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NTESTS = 3 };

static void on_text(void *ctx, const char *s)
{
	(void)ctx;
	assert(s);
}

static void on_texts(void *ctx, const char *a, const char *b)
{
	(void)ctx;
	assert(a && b);
}

static void on_test(void *ctx, const struct pytestguest_test *t)
{
	size_t *n = ctx;

	assert(t->id && t->suite && t->name && t->group);
	for (size_t i = 0; i < t->nmarks; i++)
		assert(t->marks[i]);
	++*n;
}

static void on_nothing(void *ctx)
{
	(void)ctx;
}

static void on_event(void *ctx, const struct pytestguest_event *e)
{
	struct buf *said = ctx;

	assert(e->test < NTESTS && e->name && e->message && e->detail && e->outcome < OUTCOME_MAX);
	buf_addf(said, "%d %zu %s %s %s %s\n", (int)e->kind, e->test, outcome_word(e->outcome),
		 e->name, e->message, e->detail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pytestguest_stream one = { .rest = BUF_INIT }, many = { .rest = BUF_INIT };
	struct buf said = BUF_INIT, again = BUF_INIT;
	const size_t limit = NTESTS;
	struct err e = { 0 };
	size_t ntests = 0;
	const struct pytestguest_hooks hooks = {
		.ctx = &ntests,
		.root = on_text,
		.basetemp = on_text,
		.controller = on_text,
		.addopt = on_text,
		.test = on_test,
		.skip = on_texts,
		.error = on_texts,
		.goes_on = on_nothing,
	};

	if (pytestguest_list((const char *)data, size, &hooks, &e) < 0)
		assert(e.code == ERR_SYNTAX && e.line > 0 && e.msg[0]);
	pytestguest_feed(&one, (const char *)data, size, on_event, &said, &limit);
	for (size_t i = 0; i < size; i++)
		pytestguest_feed(&many, (const char *)data + i, 1, on_event, &again, &limit);
	assert(said.len == again.len && memcmp(said.s, again.s, said.len) == 0);
	buf_release(&one.rest);
	buf_release(&many.rest);
	buf_release(&said);
	buf_release(&again);
	return 0;
}
