/* SPDX-License-Identifier: MIT
 *
 * adapter/xmlrun.c and format/xmlmix.c, as Catch2, doctest and Boost.Test use them, on what a process
 * prints; catch2_list.c, doctest.c and boost_list.c on what it lists.  The first byte says which
 * framework, where the bytes are cut and how the process ended.  Properties: no test begins or ends twice,
 * at most one runs, and the cut makes no difference.
 */
#include <assert.h>

#include "adapter/boost.h"
#include "adapter/catch2.h"
#include "adapter/doctest.h"
#include "base/err.h"
#include "sys/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NTESTS = 4 };

struct seen {
	size_t running;
	bool has_begun[NTESTS], has_ended[NTESTS];
	enum outcome outcomes[NTESTS];
	uint64_t nbytes; /* printed */
};

static void on_begin(void *ctx, size_t i)
{
	struct seen *s = ctx;

	if (i == SIZE_MAX) {
		assert(s->running != SIZE_MAX);
		s->has_begun[s->running] = false;
		s->running = SIZE_MAX;
		return;
	}
	assert(i < NTESTS && s->running == SIZE_MAX && !s->has_begun[i] && !s->has_ended[i]);
	s->has_begun[i] = true;
	s->running = i;
}

static void on_output(void *ctx, size_t i, int stream, const char *bytes, size_t len)
{
	struct seen *s = ctx;

	assert(i == SIZE_MAX || i == s->running);
	assert((stream == 0 || stream == 1) && bytes && len > 0);
	s->nbytes += len;
}

static void on_end(void *ctx, size_t i, const struct result *r)
{
	struct seen *s = ctx;

	assert(i < NTESTS && s->running == i && !s->has_ended[i]);
	assert(r->message && r->detail && (r->file == NULL || r->file[0]));
	s->has_ended[i] = true;
	s->outcomes[i] = r->outcome;
	s->running = SIZE_MAX;
}

static struct seen run(const struct adapter *a, const char *s, size_t len, size_t cut,
		       const struct proc_end *end)
{
	static const struct property expects = { BOOST_EXPECTED, "1" };
	static const struct test tests[NTESTS] = {
		{ .suite = "", .name = "a", .selector = "a", .file = "t.cc", .line = 1 },
		{ .suite = "", .name = "b <", .selector = "b <", .file = "t.cc", .line = 2 },
		{ .suite = "su", .name = "c", .selector = "su/c", .props = &expects, .nprops = 1 },
		{ .suite = "", .name = "", .selector = "d" },
	};
	static const struct test *const list[NTESTS] = { &tests[0], &tests[1], &tests[2],
							 &tests[3] };
	const struct batch b = { .tests = list, .ntests = NTESTS, .scratch = "/nonexistent" };
	struct seen seen = { .running = SIZE_MAX };
	const struct case_sink sink = { &seen, on_begin, on_output, on_end, NULL, NULL };
	struct reader *r = a->reader_new(&b, &sink);

	for (size_t at = 0; at < len; at += cut)
		a->read(r, 0, s + at, len - at < cut ? len - at : cut);
	a->finish(r, end);
	return seen;
}

static void check_stream(const struct adapter *a, const char *s, size_t len, unsigned how)
{
	struct proc_end end = { .exit_code = (int)(how >> 2 & 1) };

	if (how & 0x80)
		end = (struct proc_end){ .exit_code = -1, .term_signal = 11 };
	struct seen whole = run(a, s, len, len + 1, &end);
	struct seen cut = run(a, s, len, 1 + (how >> 3 & 15), &end);

	for (size_t i = 0; i < NTESTS; i++) {
		assert(whole.has_begun[i] == cut.has_begun[i]);
		assert(whole.has_ended[i] == cut.has_ended[i]);
		assert(whole.outcomes[i] == cut.outcomes[i]);
	}
	assert(whole.running == cut.running && whole.nbytes == cut.nbytes);
}

static void check_listings(const char *s, size_t len)
{
	const struct target t = { .name = "t" };
	struct buf text = BUF_INIT;

	buf_add(&text, s, len);
	for (int i = 0; i < 4; i++) {
		struct tests tests = { 0 };
		struct err e = { 0 };
		int status = i == 0   ? catch2_list_read_xml(s, len, "fuzz", &t, 0, &tests, &e)
			     : i == 1 ? catch2_list_read_text(&text, &text, &t, 0, &tests, &e)
			     : i == 2 ? doctest_list_read(s, len, "fuzz", &t, 0, &tests, &e)
				      : boost_list_read(s, len, &t, 0, &tests, &e);

		if (status < 0)
			assert(e.msg[0] && tests.ntests == 0);
		for (size_t k = 0; k < tests.ntests; k++)
			assert(tests.tests[k].name && tests.tests[k].id && tests.tests[k].selector);
		tests_release(&tests);
	}
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct adapter *const rows[] = { &adapter_catch2, &adapter_doctest,
						      &adapter_boost };

	if (size == 0)
		return 0;
	const char *s = (const char *)data + 1;

	if ((data[0] & 3) == 3)
		check_listings(s, size - 1);
	else
		check_stream(rows[data[0] & 3], s, size - 1, data[0]);
	return 0;
}
