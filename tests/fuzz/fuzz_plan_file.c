/* SPDX-License-Identifier: MIT
 *
 * Exercises format/plan_file.c by way of format/tsv.c.  Property: an accepted plan only names tests
 * that are there, in units that are not empty, and can be hashed; a refused one says where.
 */
#include <assert.h>

#include "base/err.h"
#include "format/files.h"
#include "model/plan.h"
#include "model/test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct target target = {
		.name = "t", .adapter = "gtest", .program = "/t", .workdir = "/"
	};
	static struct test list[] = {
		{ .id = "a", .selector = "" },
		{ .id = "b", .selector = "" },
		{ .id = "", .selector = "" },
	};
	struct tests t = {
		.targets = &target, .ntargets = 1, .tests = list, .ntests = ARRAY_SIZE(list)
	};
	struct memory in = { "fuzz.tsv", data, size };
	struct plan p = { 0 };
	struct err e = { 0 };

	if (plan_read_mem(&in, &t, &p, &e) < 0) {
		assert(e.msg[0] && e.line > 0 && !p.units && !p.mem.head);
		return 0;
	}
	assert(p.nlanes > 0 && p.lanes_reason);
	for (size_t i = 0; i < p.nunits; i++) {
		const struct unit *u = &p.units[i];

		assert(u->name && u->reason && u->ntests > 0);
		assert(u->home == NO_INDEX || u->home < p.nlanes);
		for (size_t k = 0; k < u->ntests; k++)
			assert(u->tests[k] < t.ntests);
	}
	plan_release(&p);
	return 0;
}
