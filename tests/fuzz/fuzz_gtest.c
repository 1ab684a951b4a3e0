/* SPDX-License-Identifier: MIT
 *
 * adapter/gtest_read.c, gtest_end.c, gtest_finding.c on what a process prints, gtest_list.c on what
 * it writes.  The first byte says where the bytes are cut and how the process ended.  Properties:
 * no test begins or ends twice, at most one runs, and the cut makes no difference.
 */
#include <assert.h>

#include "adapter/gtest.h"
#include "base/err.h"
#include "sys/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NTESTS = 4 };

struct seen {
	size_t running;
	bool has_begun[NTESTS], has_ended[NTESTS];
	enum outcome outcomes[NTESTS];
	uint64_t nbytes; /* printed by tests */
};

static void on_begin(void *ctx, size_t i)
{
	struct seen *s = ctx;

	assert(i < NTESTS && s->running == SIZE_MAX && !s->has_begun[i] && !s->has_ended[i]);
	s->has_begun[i] = true;
	s->running = i;
}

static void on_output(void *ctx, size_t i, int stream, const char *bytes, size_t len)
{
	struct seen *s = ctx;

	assert(i == SIZE_MAX || i == s->running);
	assert(stream == 0 && bytes && len > 0);
	if (i != SIZE_MAX)
		s->nbytes += len;
}

static void on_end(void *ctx, size_t i, const struct result *r)
{
	struct seen *s = ctx;

	assert(i < NTESTS && !s->has_ended[i]);
	assert(s->running == SIZE_MAX || s->running == i);
	assert(r->message && r->detail && (r->file == NULL || r->file[0]));
	s->has_ended[i] = true;
	s->outcomes[i] = r->outcome;
	s->running = SIZE_MAX;
}

static struct seen run(const char *s, size_t len, size_t cut, const struct proc_end *end)
{
	static const struct test tests[NTESTS] = {
		{ .suite = "S", .name = "a", .selector = "S.a" },
		{ .suite = "S", .name = "ab", .selector = "S.ab" },
		{ .suite = "T/0", .name = "a/0", .selector = "T/0.a/0" },
		{ .suite = "[", .name = "] ", .selector = "[.] " },
	};
	static const struct test *const list[NTESTS] = { &tests[0], &tests[1], &tests[2],
							 &tests[3] };
	const struct batch b = { .tests = list, .ntests = NTESTS, .scratch = "/nonexistent" };
	struct seen seen = { .running = SIZE_MAX };
	const struct case_sink sink = { &seen, on_begin, on_output, on_end, NULL, NULL };
	struct reader *r = adapter_gtest.reader_new(&b, &sink);

	for (size_t at = 0; at < len; at += cut)
		adapter_gtest.read(r, 0, s + at, len - at < cut ? len - at : cut);
	adapter_gtest.finish(r, end);
	return seen;
}

static void check_stream(const char *s, size_t len, unsigned how)
{
	struct proc_end end = { .exit_code = (int)(how >> 4 & 3) };

	if (how & 0x80)
		end = (struct proc_end){ .exit_code = -1, .term_signal = 11 };
	struct seen whole = run(s, len, len + 1, &end);
	struct seen cut = run(s, len, 1 + (how & 15), &end);

	for (size_t i = 0; i < NTESTS; i++) {
		assert(whole.has_begun[i] == cut.has_begun[i]);
		assert(whole.has_ended[i] == cut.has_ended[i]);
		assert(whole.outcomes[i] == cut.outcomes[i]);
	}
	assert(whole.running == cut.running && whole.nbytes == cut.nbytes);
}

static void check_listing(const char *s, size_t len)
{
	const char *argv[] = { "program" };
	const struct target t = { .name = "t", .argv = argv, .nargv = 1 };
	struct tests tests = { 0 };
	struct err e = { 0 };

	if (gtest_list_read(s, len, "fuzz.json", &t, 0, &tests, &e) < 0)
		assert(e.msg[0] && tests.ntests == 0);
	for (size_t i = 0; i < tests.ntests; i++)
		assert(strchr(tests.tests[i].selector, '.'));
	tests_release(&tests);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == '{')
		check_listing((const char *)data, size);
	else
		check_stream((const char *)data + 1, size - 1, data[0]);
	return 0;
}
