/* SPDX-License-Identifier: MIT */
#include "stage/schedule.h"

#include "base/buf.h"
#include "base/err.h"
#include "model/test.h"
#include "model/waits.h"
#include "unit/unit.h"

static struct tests t;
static struct plan p;
static struct schedule_options o;
static struct buf text;
static struct err e;

static void begin(void)
{
	t = (struct tests){ 0 };
	p = (struct plan){ 0 };
	o = (struct schedule_options){ .nlanes = 2, .lanes_reason = "asked for" };
	text = (struct buf)BUF_INIT;
	e = (struct err){ 0 };
}

static void finish(void)
{
	tests_release(&t);
	plan_release(&p);
	buf_release(&text);
}

static uint32_t add_target(const char *name)
{
	const struct target target = { .name = name, .adapter = "gtest", .program = "" };

	return tests_add_target(&t, &target);
}

/* The returned pointer is good until the next one. */
static struct test *add(uint32_t target, const char *id)
{
	struct test test = test_blank(target);

	test.id = id;
	uint32_t i = tests_add(&t, &test);

	return &t.tests[i];
}

/* Tests "a", "b", … of one target. */
static void add_letters(size_t n)
{
	static char ids[26][2];
	uint32_t target = add_target("bin");

	for (size_t i = 0; i < n; i++) {
		ids[i][0] = (char)('a' + i);
		add(target, ids[i]);
	}
}

static const char **list(const char *word)
{
	const char **items = arena_alloc(&t.mem, 2, sizeof *items);

	items[0] = word;
	return items;
}

static void set_after(size_t i, const char *id)
{
	t.tests[i].after = list(id);
	t.tests[i].nafter = 1;
}

static void set_lock(size_t i, const char *lock)
{
	t.tests[i].locks = list(lock);
	t.tests[i].nlocks = 1;
}

static void schedule(enum dist dist)
{
	o.dist = dist;
	ck_assert_msg(schedule_run(&o, &t, &p, &e) == 0, "%s", e.msg);
	for (size_t i = 0; i < p.nunits; i++) {
		char name[32];

		snprintf(name, sizeof name, "u%zu", i + 1);
		ck_assert_str_eq(p.units[i].name, name);
		ck_assert(p.units[i].ntests > 0 && p.units[i].reason && *p.units[i].reason);
		ck_assert_uint_ge(p.units[i].slots, 1);
	}
}

/* The plan in one line: "abc d! e@1" (! exclusive, @ home). */
static const char *shown(void)
{
	buf_clear(&text);
	for (size_t i = 0; i < p.nunits; i++) {
		const struct unit *u = &p.units[i];

		if (i > 0)
			buf_addch(&text, ' ');
		for (size_t k = 0; k < u->ntests; k++)
			buf_addstr(&text, t.tests[u->tests[k]].id);
		if (u->is_exclusive)
			buf_addch(&text, '!');
		if (u->home != NO_INDEX)
			buf_addf(&text, "@%u", u->home);
	}
	return text.s;
}

/* Times of "a", "b", …, in milliseconds; 0: unknown. */
static uint64_t times_ms[26];

static uint64_t expected(void *ctx, const char *id)
{
	(void)ctx;
	uint64_t ms = times_ms[id[0] - 'a'];

	return ms ? ms * 1000 : TIME_UNKNOWN;
}

static void set_times(const uint64_t *ms, size_t n)
{
	memcpy(times_ms, ms, n * sizeof *ms);
	o.expected = expected;
}

START_TEST(load_cuts_a_target_into_chunks_of_about_the_same_time)
{
	static const uint64_t ms[] = { 30, 30, 30, 30, 200, 5, 5, 5, 5, 5 };

	add_letters(10);
	set_times(ms, 10);
	schedule(DIST_LOAD);
	/* three quarters of a lane's share of what is left: 129 ms of 345; no less than 20 ms */
	ck_assert_str_eq(shown(), "e abcd fghi j");
	ck_assert(p.units[0].cost_us == 200000 && p.units[2].cost_us == 20000);
	ck_assert_str_eq(p.units[2].reason, "4 of 10 tests of bin");
}
END_TEST

static bool is_failed(void *ctx, const char *id)
{
	return strchr(ctx, id[0]) != NULL;
}

static void set_failed(const char *letters)
{
	o.failed = is_failed;
	o.expected_ctx = (void *)letters;
}

static uint64_t start_of_half_a_chunk(void *ctx, const char *target)
{
	(void)ctx;
	ck_assert_str_eq(target, "bin");
	return 75000;
}

START_TEST(what_failed_last_time_comes_before_what_is_longer)
{
	static const uint64_t ms[] = { 30, 30, 30, 30, 200, 5, 5, 5, 5, 5 };

	add_letters(10);
	set_times(ms, 10);
	set_failed("j");
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "j e abcd fghi");
	ck_assert_str_eq(p.units[0].reason, "1 of 10 tests of bin, failed last time");
	ck_assert_str_eq(p.units[1].reason, "1 of 10 tests of bin");
}
END_TEST

START_TEST(chunks_are_no_shorter_than_two_starts)
{
	static const uint64_t ms[] = { 30, 30, 30, 30, 30, 30, 30, 30, 30, 30 };

	add_letters(10);
	set_times(ms, 10);
	o.start = start_of_half_a_chunk;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "abcde fghij");
}
END_TEST

START_TEST(known_chunks_get_smaller)
{
	static uint64_t ms[26];
	uint64_t before = UINT64_MAX;

	for (size_t i = 0; i < 26; i++)
		ms[i] = 20;
	add_letters(26);
	set_times(ms, 26);
	schedule(DIST_LOAD);
	for (size_t i = 0; i < p.nunits; i++) {
		ck_assert_uint_le(p.units[i].cost_us, before);
		before = p.units[i].cost_us;
	}
	/* 520 ms: the first is three quarters of a lane's 260, the last a single test */
	ck_assert_uint_eq(p.units[0].cost_us, 180000);
	ck_assert_uint_eq(before, 20000);
}
END_TEST

START_TEST(in_order_what_failed_comes_first_only_when_asked)
{
	add_letters(5);
	set_failed("bd");
	schedule(DIST_NO);
	ck_assert_str_eq(shown(), "abcde");
	plan_release(&p);
	o.is_failed_first = true;
	schedule(DIST_NO);
	ck_assert_str_eq(shown(), "bdace");
	plan_release(&p);
	set_after(3, "a"); /* d waits for a */
	schedule(DIST_NO);
	ck_assert_str_eq(shown(), "abcde");
}
END_TEST

START_TEST(short_tests_share_a_chunk_and_lanes_without_work_are_not_made)
{
	static const uint64_t ms[] = { 1, 1, 1, 1, 1, 1, 1, 1 };

	add_letters(8);
	set_times(ms, 8);
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "abcdefgh");
	ck_assert_str_eq(p.units[0].reason, "all 8 tests of bin");
	ck_assert_uint_eq(p.nlanes, 1);
	ck_assert_str_eq(p.lanes_reason, "one for each unit");
}
END_TEST

START_TEST(tests_of_unknown_time_are_cut_by_number)
{
	add_letters(20);
	schedule(DIST_LOAD);
	ck_assert_uint_eq(p.nunits, 7); /* 8 chunks wanted, 3 tests each */
	ck_assert_uint_eq(p.units[0].ntests, 3);
	ck_assert(p.units[0].cost_us == TIME_UNKNOWN);
	ck_assert_uint_eq(p.nlanes, 2);
	ck_assert_str_eq(p.lanes_reason, "asked for");
}
END_TEST

START_TEST(an_unknown_time_is_the_mean_of_the_target)
{
	static const uint64_t ms[] = { 100, 300, 0, 0 };

	add_letters(3);
	add(add_target("other"), "d");
	set_times(ms, 4);
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "b c d a"); /* d: the mean of all, 200 ms, but not known */
	ck_assert(p.units[1].cost_us == 200000);
	ck_assert(p.units[2].cost_us == TIME_UNKNOWN);
}
END_TEST

START_TEST(what_the_project_says_counts_until_a_run_has_measured)
{
	static const uint64_t ms[] = { 0, 0, 400 };

	add_letters(3);
	t.tests[1].cost_us = 900000;
	t.tests[2].cost_us = 5000000;
	t.tests[0].cost_us = UINT64_MAX - 1; /* a slip of the pen must not overflow */
	set_times(ms, 3);
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "a bc");
	ck_assert(p.units[1].cost_us == 900000 + 400000);
}
END_TEST

START_TEST(tests_that_never_start_cost_nothing)
{
	static const uint64_t ms[] = { 50, 50, 50 };

	add_letters(3);
	t.tests[1].skip_reason = "not here";
	t.tests[2].error = "not built";
	set_times(ms, 3);
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "abc");
	ck_assert(p.units[0].cost_us == 50000);
}
END_TEST

START_TEST(what_was_left_out_is_in_no_unit)
{
	add_letters(4);
	t.tests[0].left_out = t.tests[2].left_out = "not wanted";
	set_after(1, "a"); /* which does not run, so nobody waits for it */
	for (int dist = DIST_LOAD; dist <= DIST_NO; dist++) {
		schedule((enum dist)dist);
		ck_assert_ptr_null(strpbrk(shown(), "ac"));
		ck_assert_ptr_nonnull(strchr(shown(), 'b'));
		ck_assert_ptr_nonnull(strchr(shown(), 'd'));
		plan_release(&p);
	}
	t.tests[1].left_out = t.tests[3].left_out = "nor these";
	schedule(DIST_LOAD);
	ck_assert_uint_eq(p.nunits, 0);
	ck_assert_uint_eq(p.nlanes, 1);
}
END_TEST

START_TEST(loadgroup_keeps_groups_together_across_targets)
{
	add_letters(4);
	uint32_t other = add_target("other");

	t.tests[1].group = "database";
	add(other, "e")->group = "database";
	add(other, "f")->group = "port";
	schedule(DIST_LOADGROUP);
	ck_assert_str_eq(shown(), "be a c d f");
	ck_assert_str_eq(p.units[0].reason, "group 'database'");
	ck_assert_str_eq(p.units[4].reason, "group 'port'");
	plan_release(&p);
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "a b c d e f"); /* where groups mean nothing */
}
END_TEST

START_TEST(loadscope_keeps_suites_together)
{
	static const char *const suites[] = { "A", "A", "B", "A", "", "" };

	add_letters(6);
	for (size_t i = 0; i < 6; i++)
		t.tests[i].suite = suites[i];
	add(add_target("other"), "g")->suite = "A"; /* another A */
	schedule(DIST_LOADSCOPE);
	ck_assert_str_eq(shown(), "abd ef c g");
	ck_assert_str_eq(p.units[0].reason, "suite 'A' of bin");
	ck_assert_str_eq(p.units[1].reason, "tests of bin");
}
END_TEST

START_TEST(loadfile_keeps_source_files_together)
{
	static const char *const files[] = {
		"/s/x.c", "/s/y.c", "main.c", "main.c", NULL, "/s/x.c"
	};

	add_letters(6);
	for (size_t i = 0; i < 6; i++)
		t.tests[i].file = files[i];
	uint32_t other = add_target("other");

	add(other, "g")->file = "main.c"; /* a file of the same name */
	add(other, "h")->file = "/s/x.c"; /* the same file */
	schedule(DIST_LOADFILE);
	ck_assert_str_eq(shown(), "afh cd b e g");
	ck_assert_str_eq(p.units[0].reason, "file '/s/x.c'");
	ck_assert_str_eq(p.units[3].reason, "tests of bin");
}
END_TEST

START_TEST(tests_with_the_same_lock_share_a_unit)
{
	add_letters(6);
	set_lock(0, "db");
	set_lock(4, "db");
	set_lock(2, "only one has it");
	o.joins_locks = true;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "ae b c d f");
	ck_assert_str_eq(p.units[0].reason, "lock 'db'");
	t.tests[4].group = "g";
	t.tests[5].group = "g";
	plan_release(&p);
	schedule(DIST_LOADGROUP);
	ck_assert_str_eq(shown(), "aef b c d");
	ck_assert_str_eq(p.units[0].reason, "group 'g', lock 'db'");
}
END_TEST

/* Units that never run at once begin as one of their common length would. */
START_TEST(locks_kept_at_run_time_join_the_tests_of_one_target_alone)
{
	static const uint64_t ms[] = { 40, 50, 90, 40, 40, 10, 40, 5 };

	add_letters(6);
	add(add_target("other"), "g");
	add(2, "h")->target = 1;
	set_times(ms, 8);
	set_lock(0, "db");
	set_lock(4, "db");
	set_lock(6, "db");
	set_lock(2, "only one has it");
	o.nlanes = 8;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "ae g c b d f h");
	ck_assert_str_eq(p.units[0].reason, "2 of 6 tests of bin, lock 'db'");
	ck_assert_uint_eq(p.nlanes, 6);
	ck_assert_uint_eq(p.nslots, 8);
	ck_assert_str_eq(p.lanes_reason, "no more units can run at once");
	plan_release(&p);
	tests_set_limit(&t, "db", 2); /* which two units of a target may use */
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "c a e g b d f h");
	plan_release(&p);
	tests_set_limit(&t, "db", 3);
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "c b a d e g f h");
}
END_TEST

START_TEST(tests_come_after_what_they_wait_for)
{
	static const uint64_t ms[] = { 90, 90, 90, 90, 90, 90 };

	add_letters(6);
	set_times(ms, 6);
	set_after(0, "d");
	set_after(3, "f");
	set_after(2, "nobody");
	o.joins_after = true;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "fda b c e");
	ck_assert_str_eq(p.units[0].reason, "after each other");
	plan_release(&p);
	o.joins_after = false;
	schedule(DIST_NO);
	ck_assert_str_eq(shown(), "bcefda");
	plan_release(&p);
	o.nlanes = 1;
	schedule(DIST_EACH);
	ck_assert_str_eq(shown(), "bcefda@0");
}
END_TEST

/* The longest chain first; what waits for the same is cut like anything else. */
START_TEST(units_wait_for_units)
{
	static const uint64_t ms[] = { 90, 90, 90, 90, 90, 100 };

	add_letters(6);
	set_times(ms, 6);
	set_after(0, "d");
	set_after(1, "d");
	set_after(3, "e");
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "e d f a b c");
	ck_assert_str_eq(p.units[1].reason, "1 of 6 tests of bin, after u1");
	ck_assert_str_eq(p.units[3].reason, "1 of 6 tests of bin, after u2");
	ck_assert_str_eq(p.units[5].reason, "1 of 6 tests of bin");
	struct waits w = waits_of_plan(&p, &t);

	ck_assert_uint_eq(w.starts[p.nunits], 3);
	ck_assert_uint_eq(w.starts[1], 0);
	ck_assert_uint_eq(w.numbers[0], 0);
	ck_assert_uint_eq(w.numbers[w.starts[3]], 1);
	waits_release(&w);
}
END_TEST

START_TEST(groups_that_would_wait_in_a_circle_are_one_unit)
{
	add_letters(6);
	t.tests[0].group = t.tests[2].group = "g";
	set_after(1, "a");
	schedule(DIST_LOADGROUP);
	ck_assert_str_eq(shown(), "ac b d e f");
	ck_assert_str_eq(p.units[0].reason, "group 'g'");
	ck_assert_str_eq(p.units[1].reason, "1 of 6 tests of bin, after u1");
	plan_release(&p);
	set_after(2, "b");
	set_after(4, "c"); /* behind the circle, not in it */
	schedule(DIST_LOADGROUP);
	ck_assert_str_eq(shown(), "abc d e f");
	ck_assert_str_eq(p.units[0].reason, "group 'g', after each other");
}
END_TEST

START_TEST(a_circle_is_an_error_that_names_it)
{
	static const enum dist dists[] = { DIST_LOAD, DIST_LOADFILE, DIST_EACH, DIST_NO };

	add_letters(6);
	set_after(5, "b");
	set_after(1, "d");
	set_after(3, "c");
	set_after(2, "b");
	o.dist = dists[_i];
	ck_assert_int_eq(schedule_run(&o, &t, &p, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(e.msg, "tests wait for each other in a circle: 'b' after 'd' after 'c' "
				"after itself");
	ck_assert_ptr_null(p.units);
	set_after(1, "b");
	ck_assert_int_eq(schedule_run(&o, &t, &p, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "'b' after itself"));
}
END_TEST

START_TEST(exclusive_tests_have_their_own_units_at_the_end)
{
	static const uint64_t ms[] = { 90, 900, 90, 90, 100, 90 };

	add_letters(6);
	set_times(ms, 6);
	t.tests[1].is_exclusive = t.tests[4].is_exclusive = true;
	set_lock(0, "db");
	set_lock(1, "db"); /* needs none */
	schedule(DIST_LOADFILE);
	ck_assert_str_eq(shown(), "acdf b! e!");
	ck_assert_str_eq(p.units[1].reason, "runs alone");
	ck_assert_uint_eq(p.nlanes, 1);
	plan_release(&p);
	set_after(5, "e");
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "a c d f b! e!");
	plan_release(&p);
	o.joins_after = true;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "a c d b! ef!");
}
END_TEST

START_TEST(what_no_process_can_run_alone_stays_with_its_neighbours)
{
	static const char *const selectors[] = {
		"S\tone\t1\t0\t0\t0\txml\ttcase", "S\tone\t2\t0\t0\t0\txml\ttcase",
		"S\tone\t3\t0\t0\t0\txml\ttcase", "S\ttwo\t1\t0\t0\t0\txml\ttcase",
		"S\ttwo\t2\t0\t0\t0\txml\ttcase", "S\ttwo\t3\t0\t0\t0\txml\ttcase"
	};

	add_letters(6);
	t.targets[0].adapter = "check";
	for (size_t i = 0; i < 6; i++)
		t.tests[i].selector = selectors[i];
	o.nlanes = 4;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "abc def");
	plan_release(&p);
	t.tests[1].group = "g";
	add(add_target("other"), "g")->group = "g";
	schedule(DIST_LOADGROUP);
	ck_assert_str_eq(shown(), "abcg def");
	plan_release(&p);
	set_lock(0, "db");
	set_lock(4, "db");
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "abc def g");
	ck_assert_str_eq(p.units[1].reason, "lock 'db'");
	plan_release(&p);
	o.joins_locks = true;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "abcdef g");
	plan_release(&p);
	o.joins_locks = false;
	t.tests[5].is_exclusive = true;
	t.tests[0].nlocks = 0;
	o.nlanes = 1;
	schedule(DIST_EACH);
	ck_assert_str_eq(shown(), "abcg@0 def@0");
}
END_TEST

START_TEST(tests_of_several_slots_have_chunks_of_their_own)
{
	add_letters(6);
	t.tests[2].slots = t.tests[3].slots = 4;
	o.nlanes = 1;
	schedule(DIST_LOAD);
	ck_assert_str_eq(shown(), "ab cd ef");
	ck_assert_uint_eq(p.units[1].slots, 4);
}
END_TEST

START_TEST(worksteal_gives_neighbours_the_same_home)
{
	add_letters(16);
	schedule(DIST_WORKSTEAL);
	ck_assert_str_eq(shown(), "ab@0 cd@0 ef@0 gh@0 ij@1 kl@1 mn@1 op@1");
	plan_release(&p);
	t.tests[15].is_exclusive = true;
	schedule(DIST_WORKSTEAL);
	ck_assert_str_eq(shown(), "ab@0 cd@0 ef@0 gh@0 ij@1 kl@1 mn@1 o@1 p!");
}
END_TEST

START_TEST(each_gives_every_lane_everything)
{
	add_letters(4);
	schedule(DIST_EACH);
	ck_assert_str_eq(shown(), "abcd@0 abcd@1");
	plan_release(&p);
	t.tests[1].is_exclusive = true;
	set_lock(2, "db"); /* it would run beside itself */
	schedule(DIST_EACH);
	ck_assert_str_eq(shown(), "ad@0 ad@1 bc!@0 bc!@1");
}
END_TEST

START_TEST(no_keeps_the_order_on_one_lane)
{
	static const uint64_t ms[] = { 1, 5, 2, 9 };

	add_letters(4);
	set_times(ms, 4);
	t.tests[1].is_exclusive = true;
	o.nlanes = 4;
	schedule(DIST_NO);
	ck_assert_uint_eq(p.nunits, 1);
	ck_assert_uint_eq(p.nlanes, 1);
	ck_assert_uint_eq(p.units[0].ntests, 4);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(p.units[0].tests[i], i);
}
END_TEST

/* A large project, with some of everything. */
static void add_many(size_t n)
{
	static const char *const words[] = { "A", "B", "C", "", "E", "F", "G" };
	uint32_t target = 0;
	uint32_t seed = 1;

	for (size_t i = 0; i < n; i++) {
		char id[32];
		int len = snprintf(id, sizeof id, "t%zu", i);

		seed = seed * 1664525 + 1013904223;
		if (i % 300 == 0)
			target = add_target("bin");
		struct test *test = add(target, arena_memdup(&t.mem, id, (size_t)len));

		test->suite = words[i / 20 % 7];
		test->file = i % 5 ? words[i / 50 % 7] : NULL;
		test->group = i % 50 ? NULL : words[seed >> 29 < 7 ? seed >> 29 : 0];
		test->cost_us = i % 3 ? (uint64_t)(seed >> 12) : TIME_UNKNOWN;
		test->slots = 1 + (seed >> 30);
		test->is_exclusive = i % 1000 == 7;
		if (i % 40 == 1)
			set_lock(i, words[seed >> 29 < 7 ? seed >> 29 : 0]);
		if (i % 4 == 1)
			set_after(i, t.tests[i - 1].id);
	}
}

/* Units can run one after the other, each after those it waits for. */
static void check_waits(void)
{
	struct waits w = waits_of_plan(&p, &t);
	bool *is_over = calloc(p.nunits + 1, 1);
	size_t nover = 0;

	for (size_t before = 1; w.numbers && before != nover;) {
		before = nover;
		for (size_t u = 0; u < p.nunits; u++) {
			bool waits = is_over[u];

			for (size_t i = w.starts[u]; i < w.starts[u + 1]; i++)
				waits = waits || !is_over[w.numbers[i]];
			is_over[u] = is_over[u] || !waits;
			nover += !waits;
		}
	}
	ck_assert_uint_eq(nover, w.numbers ? p.nunits : 0);
	free(is_over);
	waits_release(&w);
}

/* Every test is in the plan once (each: once a lane), and not before what it waits for. */
static void check_whole(void)
{
	unsigned *seen = calloc(t.ntests, sizeof *seen);
	size_t *unit_of = calloc(t.ntests, sizeof *unit_of);

	for (size_t i = 0; i < p.nunits; i++) {
		for (size_t k = 0; k < p.units[i].ntests; k++) {
			uint32_t test = p.units[i].tests[k];
			const struct test *it = &t.tests[test];

			seen[test]++;
			unit_of[test] = i;
			if (it->nafter == 1 && o.joins_after &&
			    (seen[test - 1] != seen[test] || unit_of[test - 1] != i))
				ck_abort_msg("%s runs before %s", it->id, it->after[0]);
		}
	}
	for (size_t i = 0; i < t.ntests; i++) {
		if (seen[i] != (p.dist == DIST_EACH ? p.nlanes : 1))
			ck_abort_msg("%s is there %u times", t.tests[i].id, seen[i]);
	}
	free(seen);
	free(unit_of);
}

START_TEST(every_test_of_a_large_project_runs_once)
{
	o.nlanes = 7;
	add_many(5000);
	schedule((enum dist)_i);
	check_whole();
	check_waits();
	for (size_t i = 1; i < p.nunits; i++)
		ck_assert(p.units[i].is_exclusive >= p.units[i - 1].is_exclusive);
	plan_release(&p);
	o.joins_after = true;
	schedule((enum dist)_i);
	check_whole();
}
END_TEST

/* Work that grows with the square would be stopped by Check's time limit. */
START_TEST(a_hundred_thousand_tests_are_no_work)
{
	o.nlanes = 64;
	add_many(100000);
	schedule((enum dist)_i);
	ck_assert_uint_gt(p.nunits, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule");
	TCase *tc = tcase_create("schedule");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, load_cuts_a_target_into_chunks_of_about_the_same_time);
	tcase_add_test(tc, short_tests_share_a_chunk_and_lanes_without_work_are_not_made);
	tcase_add_test(tc, tests_of_unknown_time_are_cut_by_number);
	tcase_add_test(tc, an_unknown_time_is_the_mean_of_the_target);
	tcase_add_test(tc, what_the_project_says_counts_until_a_run_has_measured);
	tcase_add_test(tc, tests_that_never_start_cost_nothing);
	tcase_add_test(tc, what_was_left_out_is_in_no_unit);
	tcase_add_test(tc, loadgroup_keeps_groups_together_across_targets);
	tcase_add_test(tc, loadscope_keeps_suites_together);
	tcase_add_test(tc, loadfile_keeps_source_files_together);
	tcase_add_test(tc, tests_with_the_same_lock_share_a_unit);
	tcase_add_test(tc, locks_kept_at_run_time_join_the_tests_of_one_target_alone);
	tcase_add_test(tc, tests_come_after_what_they_wait_for);
	tcase_add_test(tc, units_wait_for_units);
	tcase_add_test(tc, groups_that_would_wait_in_a_circle_are_one_unit);
	tcase_add_loop_test(tc, a_circle_is_an_error_that_names_it, 0, 4);
	tcase_add_test(tc, exclusive_tests_have_their_own_units_at_the_end);
	tcase_add_test(tc, what_no_process_can_run_alone_stays_with_its_neighbours);
	tcase_add_test(tc, tests_of_several_slots_have_chunks_of_their_own);
	tcase_add_test(tc, what_failed_last_time_comes_before_what_is_longer);
	tcase_add_test(tc, chunks_are_no_shorter_than_two_starts);
	tcase_add_test(tc, known_chunks_get_smaller);
	tcase_add_test(tc, in_order_what_failed_comes_first_only_when_asked);
	tcase_add_test(tc, worksteal_gives_neighbours_the_same_home);
	tcase_add_test(tc, each_gives_every_lane_everything);
	tcase_add_test(tc, no_keeps_the_order_on_one_lane);
	tcase_add_loop_test(tc, every_test_of_a_large_project_runs_once, DIST_LOAD, DIST_NO + 1);
	tcase_add_loop_test(tc, a_hundred_thousand_tests_are_no_work, DIST_LOAD, DIST_NO + 1);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
