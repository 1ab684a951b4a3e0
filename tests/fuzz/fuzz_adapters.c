/* SPDX-License-Identifier: MIT
 *
 * The readers of several adapters, and what reads their lists: the first byte chooses one, the
 * second says where the bytes are cut and how the process ended.  Properties: no test begins or ends
 * twice, at most one runs, a verdict that is bad has a message, and the cut makes no difference.
 */
#include <assert.h>

#include "adapter/adapter_guest.h"
#include "adapter/criterion.h"
#include "adapter/glib.h"
#include "adapter/go.h"
#include "adapter/qt.h"
#include "adapter/rust.h"
#include "base/err.h"
#include "sys/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NTESTS = 3 };

struct seen {
	size_t running;
	bool has_begun[NTESTS], has_ended[NTESTS];
	enum outcome outcomes[NTESTS];
	size_t nsubs[NTESTS];
	uint64_t nbytes; /* printed by tests */
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
	assert(i < NTESTS && !s->has_begun[i] && !s->has_ended[i]);
	assert(s->running == SIZE_MAX);
	s->has_begun[i] = true;
	s->running = i;
}

static void on_output(void *ctx, size_t i, int stream, const char *bytes, size_t len)
{
	struct seen *s = ctx;

	assert(i == SIZE_MAX || s->has_begun[i]);
	assert(stream >= 0 && stream < 2 && bytes && len > 0);
	if (i != SIZE_MAX)
		s->nbytes += len;
}

static void on_end(void *ctx, size_t i, const struct result *r)
{
	struct seen *s = ctx;

	assert(i < NTESTS && s->has_begun[i] && !s->has_ended[i]);
	assert(r->message && r->detail && (r->file == NULL || r->file[0]));
	for (size_t k = 0; k < r->nsubs; k++)
		assert(r->subs[k].name && r->subs[k].message);
	s->has_ended[i] = true;
	s->outcomes[i] = r->outcome;
	s->nsubs[i] = r->nsubs;
	if (s->running == i)
		s->running = SIZE_MAX;
}

struct kind {
	const struct adapter *adapter;
	int stream;
	const char *selectors[NTESTS];
	int (*list)(const char *s, size_t len, const struct target *t, uint32_t target_index,
		    struct tests *ret, struct err *reterr);
};

static const struct kind kinds[] = {
	{ &adapter_cmocka, 0, { "0\tS\ta", "1\tS\tb", "2\tS\tc" }, guest_list_read },
	{ &adapter_glib, 2, { "/a/one", "/a/two", "/b" }, glib_list_read },
	{ &adapter_criterion, 0, { "s/a", "s/b", "t/a" }, criterion_list_read },
	{ &adapter_rust, 0, { "a", "b", "m::c" }, rust_list_read },
	{ &adapter_unity, 0, { "", "", "" }, NULL },
	{ &adapter_go, 0, { "TestA", "TestAb", "FuzzB" }, go_list_read },
	{ &adapter_qt, 2, { "one", "each:a", "each" }, qt_list_read },
	{ &adapter_meson_tap, 0, { "", "", "" }, NULL },
	{ &adapter_meson_rust, 0, { "", "", "" }, NULL },
	{ &adapter_cunit, 0, { "0\tS\ta", "1\tS\tb", "2\tS\tc" }, guest_list_read },
};

static struct seen run(const struct kind *kind, const char *s, size_t len, size_t cut,
		       const struct proc_end *end)
{
	const struct target target = { .name = "t" };
	struct test tests[NTESTS] = { 0 };
	const struct test *list[NTESTS];
	struct seen seen = { .running = SIZE_MAX };
	const struct case_sink sink = { &seen, on_begin, on_output, on_end, NULL, NULL };

	for (size_t i = 0; i < NTESTS; i++) {
		tests[i].selector = tests[i].name = kind->selectors[i];
		tests[i].suite = "";
		list[i] = &tests[i];
	}
	const struct batch b = { .target = &target,
				 .tests = list,
				 .ntests = kind->adapter->max_batch == 1 ? 1 : NTESTS,
				 .scratch = "/nonexistent" };
	struct reader *r = kind->adapter->reader_new(&b, &sink);

	if (kind->adapter->max_batch == 1)
		on_begin(&seen, 0);
	for (size_t at = 0; at < len; at += cut)
		kind->adapter->read(r, kind->stream, s + at, len - at < cut ? len - at : cut);
	kind->adapter->finish(r, end);
	return seen;
}

static void check_list(const struct kind *kind, const char *s, size_t len)
{
	const char *argv[] = { "program" };
	const struct target t = { .name = "t", .argv = argv, .nargv = 1 };
	struct tests tests = { 0 };
	struct err e = { 0 };

	if (kind->list(s, len, &t, 0, &tests, &e) < 0)
		assert(e.msg[0] && tests.ntests == 0);
	for (size_t i = 0; i < tests.ntests; i++)
		assert(tests.tests[i].id && tests.tests[i].selector);
	tests_release(&tests);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proc_end end = { 0 };

	if (size < 2)
		return 0;
	const struct kind *kind = &kinds[(data[0] & 15) % ARRAY_SIZE(kinds)];
	const char *s = (const char *)data + 2;
	unsigned how = data[1];

	end.exit_code = (int)(how >> 4 & 3);
	if (how & 0x80)
		end = (struct proc_end){ .exit_code = -1, .term_signal = 11 };
	struct seen whole = run(kind, s, size - 2, size, &end);
	struct seen cut = run(kind, s, size - 2, 1 + (how & 15), &end);

	for (size_t i = 0; i < NTESTS; i++) {
		assert(whole.has_begun[i] == cut.has_begun[i]);
		assert(whole.has_ended[i] == cut.has_ended[i]);
		assert(whole.outcomes[i] == cut.outcomes[i] && whole.nsubs[i] == cut.nsubs[i]);
	}
	assert(whole.nbytes == cut.nbytes);
	if (kind->list)
		check_list(kind, s, size - 2);
	return 0;
}
