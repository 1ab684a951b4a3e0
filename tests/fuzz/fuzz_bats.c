/* SPDX-License-Identifier: MIT
 *
 * Exercises adapter/bats.c and bats_read.c: the bytes are a Bats file, and then what bats prints of
 * it.  Properties: a test has an id, a place and sorted marks; the reader names no test that there
 * is not, and begins none twice.
 */
#include <assert.h>

#include "adapter/bats.h"
#include "sys/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NTESTS = 3 };

static void on_begin(void *ctx, size_t i)
{
	(void)ctx;
	assert(i < NTESTS);
}

static void on_output(void *ctx, size_t i, int stream, const char *s, size_t len)
{
	(void)ctx;
	(void)stream;
	assert(i < NTESTS || i == SIZE_MAX);
	assert(len == 0 || s);
}

static void on_end(void *ctx, size_t i, const struct result *r)
{
	(void)ctx;
	assert(i < NTESTS && r->message && r->detail && r->outcome < OUTCOME_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct target target = { .name = "a.bats", .program = "/a.bats" };
	const struct case_sink sink = { .begin = on_begin, .output = on_output, .end = on_end };
	struct test some[NTESTS] = { { .line = 3 }, { .line = 1 }, { .line = 2 } };
	const struct test *tests[NTESTS] = { &some[0], &some[1], &some[2] };
	const struct batch batch = { .target = &target, .tests = tests, .ntests = NTESTS };
	const struct proc_end end = { .exit_code = 0 };
	struct tests found = { 0 };

	bats_read_file((const char *)data, size, &target, 0, &found);
	for (size_t i = 0; i < found.ntests; i++)
		assert(found.tests[i].id[0] && found.tests[i].line > 0 && found.tests[i].selector);
	tests_release(&found);
	struct reader *r = bats_reader_new(&batch, &sink);

	bats_read(r, 0, (const char *)data, size);
	bats_finish(r, &end);
	return 0;
}
