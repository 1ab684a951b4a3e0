/* SPDX-License-Identifier: MIT
 *
 * Exercises format/checkxml.c and format/checklog.c.  Property: how the bytes are cut into pieces
 * makes no difference to what is said.
 */
#include <assert.h>

#include "base/buf.h"
#include "format/checkxml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_suite(void *ctx, const char *name)
{
	buf_addf(ctx, "suite %s\n", name);
}

static void on_ended(void *ctx, const struct check_case *c)
{
	buf_addf(ctx, "%s|%s|%s|%llu|%d|%s:%u|%llu|%s\n", c->suite, c->tcase, c->name,
		 (unsigned long long)c->iteration, (int)c->verdict, c->file, c->line,
		 (unsigned long long)c->time_us, c->message);
}

static void read_xml(const char *s, size_t len, size_t step, struct buf *said)
{
	const struct check_hooks hooks = { said, on_suite, on_ended };
	struct checkxml *x = checkxml_new(&hooks);

	for (size_t at = 0; at < len; at += step)
		checkxml_read(x, s + at, len - at < step ? len - at : step);
	assert(checkxml_ended(x) <= checkxml_begun(x));
	checkxml_free(x);
}

static void read_log(const char *s, size_t len, size_t step, struct buf *said)
{
	const struct check_hooks hooks = { said, on_suite, on_ended };
	struct checklog *l = checklog_new(&hooks);

	for (size_t at = 0; at < len; at += step)
		checklog_read(l, s + at, len - at < step ? len - at : step);
	checklog_end(l);
	assert(checklog_ended(l) <= checklog_begun(l));
	checklog_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT;
	const char *s = (const char *)data;

	read_xml(s, size, size + 1, &whole);
	read_xml(s, size, 3, &pieces);
	read_log(s, size, size + 1, &whole);
	read_log(s, size, 3, &pieces);
	assert(whole.len == pieces.len && memcmp(whole.s, pieces.s, whole.len) == 0);
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
