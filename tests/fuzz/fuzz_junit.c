/* SPDX-License-Identifier: MIT
 *
 * Exercises format/xml*.c and format/junit*.c, both ways.  Properties: a refusal says why; what was
 * read and is written again reads as the same cases, without a word of warning.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/junit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct buf xml;    /* every case, written */
	struct buf digest; /* every case, in short */
	bool writes;
};

static void add_text(struct buf *out, const char *s, size_t len)
{
	buf_addf(out, "%zu:", len);
	buf_add(out, s, len);
}

static int on_case(void *ctx, const struct junit_case *c, struct err *reterr)
{
	struct seen *seen = ctx;

	(void)reterr;
	if (seen->writes)
		junit_put_case(&seen->xml, c, JUNIT_FILES);
	add_text(&seen->digest, c->classname, strlen(c->classname));
	add_text(&seen->digest, c->name, strlen(c->name));
	add_text(&seen->digest, c->text.s, c->outcome == OUTCOME_PASS ? 0 : c->text.len);
	add_text(&seen->digest, c->out.s, c->out.len);
	add_text(&seen->digest, c->err.s, c->err.len);
	buf_addf(&seen->digest, "%d %zu %zu %d\n", (int)c->outcome, c->nprops, c->nreruns,
		 c->time_us == TIME_UNKNOWN);
	return 0;
}

static void on_warning(void *ctx, const char *path, uint64_t offset_bytes, const char *text)
{
	struct seen *seen = ctx;

	(void)path, (void)offset_bytes;
	assert(text[0]);
	assert(seen->writes); /* nothing to mend in what we write */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen first = { BUF_INIT, BUF_INIT, true };
	struct seen second = { BUF_INIT, BUF_INIT, false };
	const struct junit_sink sinks[] = { { &first, on_case, on_warning },
					    { &second, on_case, on_warning } };
	struct junit_totals none = { 0 };
	struct err e = { 0 };

	junit_put_head(&first.xml, "fuzz", &none);
	junit_put_suite_begin(&first.xml, "s", &none, NULL, 0);
	if (junit_read_mem("fuzz.xml", data, size, &sinks[0], &e) < 0)
		assert(e.msg[0]);
	junit_put_suite_end(&first.xml);
	junit_put_tail(&first.xml);
	if (junit_read_mem("again.xml", first.xml.s, first.xml.len, &sinks[1], &e) < 0)
		assert(!"our own file is refused");
	assert(first.digest.len == second.digest.len);
	assert(memcmp(first.digest.s, second.digest.s, first.digest.len) == 0);
	buf_release(&first.xml);
	buf_release(&first.digest);
	buf_release(&second.xml);
	buf_release(&second.digest);
	return 0;
}
