/* SPDX-License-Identifier: MIT */
#include "format/gcov.h"

#include "base/alloc.h"
#include "model/cov_contexts.h"
#include "unit/covfmt.h"

/* --- notes and counters, written by hand ------------------------------------------------------- */

static const uint32_t gcc_12 = 0x4232322a;   /* "B22*" */
static const uint32_t gcc_11 = 0x4231332a;   /* "B13*" */
static const uint32_t clang_14 = 0x3430382a; /* "408*" */

enum { TREE = 1, FAKE = 2, FALL = 4, STAMP = 99 };

static struct buf notes, data;
static uint32_t version;
static size_t function_ends; /* where a record's length is to be patched */

static bool is_12(void)
{
	return version == gcc_12;
}

static void put(struct buf *b, uint32_t word)
{
	const unsigned char bytes[] = { word & 0xff, word >> 8 & 0xff, word >> 16 & 0xff,
					word >> 24 };

	buf_add(b, bytes, 4);
}

static void put_text(const char *s)
{
	size_t len = strlen(s) + 1;
	size_t padded = is_12() ? len : (len + 3) / 4 * 4;

	put(&notes, (uint32_t)(len == 1 ? 0 : is_12() ? len : padded / 4));
	buf_add(&notes, s, len == 1 ? 0 : len);
	for (; len > 1 && len < padded; len++)
		buf_addch(&notes, '\0');
}

static void open_record(uint32_t tag)
{
	put(&notes, tag);
	put(&notes, 0);
	function_ends = notes.len;
}

static void close_record(void)
{
	uint32_t size = (uint32_t)(notes.len - function_ends) / (is_12() ? 1 : 4);

	for (int i = 0; i < 4; i++)
		notes.s[function_ends - 4 + (size_t)i] = (char)(size >> 8 * i & 0xff);
}

static void begin(uint32_t of)
{
	version = of;
	buf_clear(&notes);
	buf_clear(&data);
	put(&notes, 0x67636e6f);
	put(&notes, version);
	put(&notes, STAMP);
	if (is_12())
		put(&notes, 7);
	if (version != clang_14) {
		put_text("/b");
		put(&notes, 1);
	}
	put(&data, 0x67636461);
	put(&data, version);
	put(&data, STAMP);
	if (is_12())
		put(&data, 8);
}

struct begun {
	uint32_t ident;
	const char *name, *source;
	uint32_t start, end;
	bool is_artificial;
	uint32_t nblocks;
};

static void put_function(const struct begun *f)
{
	open_record(0x01000000);
	put(&notes, f->ident);
	put(&notes, 11);
	put(&notes, 12);
	put_text(f->name);
	if (version != clang_14)
		put(&notes, f->is_artificial);
	put_text(f->source);
	put(&notes, f->start);
	if (version != clang_14) {
		put(&notes, 5);
		put(&notes, f->end);
		put(&notes, 1);
	}
	close_record();
	open_record(0x01410000);
	if (version != clang_14)
		put(&notes, f->nblocks);
	for (uint32_t i = 0; i < f->nblocks && version == clang_14; i++)
		put(&notes, 0);
	close_record();
}

/* to and flags, ended by to 0 */
static void put_arcs(uint32_t from, const uint32_t *arcs)
{
	open_record(0x01430000);
	put(&notes, from);
	for (; *arcs; arcs += 2) {
		put(&notes, arcs[0]);
		put(&notes, arcs[1]);
	}
	close_record();
}
#define ARCS(from, ...) put_arcs((from), (const uint32_t[]){ __VA_ARGS__, 0 })

static void put_lines(uint32_t block, const char *source, const uint32_t *lines)
{
	open_record(0x01450000);
	put(&notes, block);
	put(&notes, 0);
	put_text(source);
	for (; *lines; lines++)
		put(&notes, *lines);
	put(&notes, 0);
	put(&notes, 0);
	close_record();
}
#define LINES(block, source, ...) put_lines((block), (source), (const uint32_t[]){ __VA_ARGS__, 0 })

static void put_counts(uint32_t ident, uint32_t n, const uint64_t *counts)
{
	uint32_t unit = is_12() ? 1 : 4;

	put(&data, 0x01000000);
	put(&data, 12 / unit);
	put(&data, ident);
	put(&data, 11);
	put(&data, 12);
	put(&data, 0x01a10000);
	put(&data, counts ? 8 * n / unit : (uint32_t) - (int32_t)(8 * n / unit));
	for (uint32_t i = 0; i < n && counts; i++) {
		put(&data, (uint32_t)counts[i]);
		put(&data, (uint32_t)(counts[i] >> 32));
	}
}
#define COUNTS(ident, ...)                                                                         \
	put_counts((ident), sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8,                         \
		   (const uint64_t[]){ __VA_ARGS__ })

/*
 * Lines 1 to 4 of `name`: if (x) a; else b;
 *   entry -> 2 (line 1, 2) -> 3 (line 3) or 4 (line 4) -> 5 (line 4) -> exit
 * Counted are how often 3 and 4 were gone to.
 */
static void put_choice(uint32_t ident, const char *name, uint32_t first)
{
	put_function(&(struct begun){ ident, name, "a.c", first, first + 3, false, 6 });
	ARCS(0, 2, TREE | FALL);
	ARCS(2, 4, 0, 3, FALL); /* not by where they go */
	ARCS(3, 5, TREE);
	ARCS(4, 5, TREE | FALL);
	ARCS(5, 1, TREE);
	LINES(2, "a.c", first, first + 1);
	LINES(3, "a.c", first + 2);
	LINES(4, "a.c", first + 3);
	LINES(5, "a.c", first + 3);
}

/* --- reading them ---------------------------------------------------------------------------------- */

static struct gcov *g;
static enum gcov_data state;

static void start(void)
{
	setup();
	notes = (struct buf)BUF_INIT;
	data = (struct buf)BUF_INIT;
	g = gcov_new();
}

static void stop(void)
{
	gcov_free(g);
	buf_release(&notes);
	buf_release(&data);
	teardown();
}

static int take_notes(void)
{
	return gcov_read_notes(g, "/b/a.gcno", notes.s, notes.len, &e);
}

static int take_data(void)
{
	put(&data, 0);
	int status = gcov_add_counts(g, "/b/a.gcda", data.s, data.len, &state, &e);

	buf_truncate(&data, is_12() ? 16 : 12);
	return status;
}

static int fold(void)
{
	return gcov_fold(g, &how, &cov, &e);
}

START_TEST(what_was_not_counted_follows)
{
	begin(_i == 0 ? gcc_12 : gcc_11);
	put_choice(1, "f", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 4); /* to 4 and to 3, in the order of the file */
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	/* branches come by where they go; the last block owns no line */
	ck_assert_str_eq(digest(), "a.c: 1=7 2=7(4 3) 3=4 4=3 f@1-4=7");
	ck_assert_str_eq(warnings.s, "");
}
END_TEST

START_TEST(counters_of_any_number_of_files_are_added)
{
	begin(gcc_12);
	put_choice(1, "f", 1);
	put_choice(2, "g", 11);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 4);
	put_counts(2, 2, NULL);
	ck_assert_int_eq(take_data(), 0);
	COUNTS(2, 0, 1); /* one that the linker took alone; and another order */
	COUNTS(1, 1, 0);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=8 2=8(4 4) 3=4 4=4 11=1 12=1(1 0) 13=1 14=0idle "
				   "f@1-4=8 g@11-14=1");
}
END_TEST

START_TEST(an_object_that_never_ran_counts_with_zero)
{
	begin(gcc_12);
	put_choice(1, "f", 1);
	ck_assert_int_eq(take_notes(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=0idle 2=0(0 0)idle 3=0idle 4=0idle f@1-4=0");
}
END_TEST

START_TEST(instances_of_a_template_are_added_branch_by_branch)
{
	begin(gcc_12);
	put_choice(1, "f<int>", 1);
	put_choice(2, "f<long>", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 4);
	COUNTS(2, 0, 5);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=12 2=12(9 3) 3=9 4=3idle f<int>@1-4=7 f<long>@1-4=5");
}
END_TEST

/* Two functions on a line that are no instances of one template. */
START_TEST(other_functions_on_a_line_have_branches_of_their_own)
{
	begin(gcc_12);
	put_choice(1, "f", 1);
	put_function(&(struct begun){ 2, "g", "b.c", 9, 9, false, 5 });
	ARCS(0, 2, TREE | FALL);
	ARCS(2, 3, 0, 4, 0);
	ARCS(3, 1, TREE);
	ARCS(4, 1, TREE);
	LINES(2, "a.c", 2);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 4);
	COUNTS(2, 1, 1);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=7 2=9(4 3 1 1) 3=4 4=3 f@1-4=7; b.c: g@9-9=2");
}
END_TEST

/* for (…) for (…) ; on one line: entry -> 2 -> 3 (outer test) -> 4 (inner test) -> 4, 3; 3 -> 5 */
START_TEST(rounds_within_a_line_count)
{
	begin(gcc_12);
	put_function(&(struct begun){ 1, "f", "a.c", 1, 1, false, 7 });
	ARCS(0, 2, TREE | FALL);
	ARCS(2, 3, 0);
	ARCS(3, 4, TREE, 5, TREE);
	ARCS(4, 4, 0, 3, 0);
	ARCS(5, 1, TREE);
	LINES(2, "a.c", 1);
	LINES(3, "a.c", 1);
	LINES(4, "a.c", 1);
	LINES(5, "a.c", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 1, 20, 10); /* once; 20 rounds within, 10 outside */
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=31(10 1 10 20) f@1-1=1");
}
END_TEST

/* A call that throws: 2 calls, 3 is what follows, 4 catches, and it may not return. */
static void put_call(void)
{
	begin(gcc_12);
	put_function(&(struct begun){ 1, "f", "a.c", 1, 3, false, 6 });
	ARCS(0, 2, FALL);
	ARCS(2, 3, FALL, 4, 0, 1, TREE | FAKE);
	ARCS(3, 5, TREE);
	ARCS(4, 5, TREE);
	ARCS(5, 1, TREE);
	LINES(2, "a.c", 1);
	LINES(3, "a.c", 2);
	LINES(4, "a.c", 3);
	ck_assert_int_eq(take_notes(), 0);
}

START_TEST(ways_of_exceptions_are_branches_only_where_they_are_wanted)
{
	how.keeps_throws = _i == 1;
	put_call();
	COUNTS(1, 2, 2, 0);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	/* line 3 is no idle one: only an exception comes there */
	ck_assert_str_eq(digest(),
			 _i == 1 ? "a.c: 1=2(2 0) 2=2 3=0 f@1-3=2" : "a.c: 1=2(2) 2=2 3=0 f@1-3=2");
}
END_TEST

START_TEST(what_the_compiler_made_up_is_left_out)
{
	begin(gcc_12);
	put_function(&(struct begun){ 1, "_GLOBAL__sub_I_f", "a.c", 1, 1, true, 3 });
	ARCS(0, 2, TREE);
	ARCS(2, 1, 0);
	LINES(2, "a.c", 1);
	put_choice(2, "f", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 9);
	COUNTS(2, 0, 1);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=1 2=1(1 0) 3=1 4=0idle f@1-4=1");
}
END_TEST

/* clang's lines own their blocks all, branches belong to a block's last line. */
START_TEST(clang_has_rules_of_its_own)
{
	begin(clang_14);
	put_choice(1, "f", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 4);
	put(&data, 0xa3000000); /* how its files end */
	put(&data, 3);
	put(&data, 0);
	put(&data, 0);
	put(&data, 1);
	put(&data, 0);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=7 2=7(3 4) 3=4 4=7 f@1-0=7");
}
END_TEST

static const char *drop_b(void *ctx, const char *cwd, const char *name)
{
	static char path[64];

	(void)ctx;
	snprintf(path, sizeof path, "%s/%s", cwd, name);
	return strcmp(name, "b.c") == 0 ? NULL : path;
}

START_TEST(sources_get_their_names_and_may_be_left_out)
{
	how.map_path = drop_b;
	begin(gcc_12);
	put_function(&(struct begun){ 1, "f", "b.c", 1, 1, false, 3 });
	ARCS(0, 2, TREE);
	ARCS(2, 1, 0);
	LINES(2, "b.c", 1);
	LINES(2, "a.c", 5); /* a macro or an inlined function */
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 9);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "/b/a.c: 5=9");
}
END_TEST

START_TEST(counts_below_zero_are_zero_with_a_warning)
{
	begin(gcc_12);
	put_function(&(struct begun){ 1, "f", "a.c", 1, 3, false, 6 });
	ARCS(0, 2, FALL);
	ARCS(2, 3, 0, 4, TREE);
	ARCS(3, 5, TREE);
	ARCS(4, 5, TREE);
	ARCS(5, 1, TREE);
	LINES(2, "a.c", 1);
	LINES(4, "a.c", 3);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 5); /* 3 came, 5 went on */
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), "a.c: 1=3(5 0) 3=0 f@1-3=3");
	ck_assert_ptr_nonnull(strstr(warnings.s, "/b/a.gcno: counts below 0"));
}
END_TEST

START_TEST(sums_stop_where_they_would_go_around)
{
	begin(gcc_12);
	put_choice(1, "f", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, INT64_MAX, 0);
	ck_assert_int_eq(take_data(), 0);
	COUNTS(1, 5, 0);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_int_eq(fold(), 0);
	ck_assert_uint_eq(cov_line_at(cov.files[0], 1)->hits, INT64_MAX);
	ck_assert_ptr_nonnull(strstr(warnings.s, "counts above 9223372036854775807"));
}
END_TEST

/* --- what does not fit ------------------------------------------------------------------------------ */

static void ck_nothing_was_added(void)
{
	ck_assert_int_eq(fold(), 0);
	ck_assert_uint_eq(cov_line_at(cov.files[0], 1)->hits, 0);
}

START_TEST(counters_that_were_cut_add_nothing)
{
	begin(gcc_12);
	put_choice(1, "f", 1);
	put_choice(2, "g", 11);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 4);
	COUNTS(2, 3, 4);
	put(&data, 0);
	for (size_t len = 0; len < data.len; len++) {
		ck_assert_int_eq(gcov_add_counts(g, "/b/a.gcda", data.s, len, &state, &e), -1);
		ck_assert_int_eq(state, GCOV_DATA_TORN);
		ck_assert_str_eq(e.path, "/b/a.gcda");
	}
	ck_nothing_was_added();
}
END_TEST

START_TEST(counters_of_another_build_add_nothing)
{
	static const struct {
		size_t word;
		uint32_t value;
	} changes[] = {
		{ 1, 0x4233312a },            /* version */
		{ 2, STAMP + 1 },  { 7, 13 }, /* the checksum of the lines of f */
		{ 8, 14 },                    /* and of its graph */
		{ 10, 24 },                   /* three counters */
	};

	begin(gcc_12);
	put_choice(1, "f", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 3, 4);
	put(&data, 0);
	put(&data, 0);
	put(&data, 0);
	for (int i = 0; i < 4; i++)
		data.s[changes[_i].word * 4 + (size_t)i] =
			(char)(changes[_i].value >> 8 * i & 0xff);
	ck_assert_int_eq(
		gcov_add_counts(g, "/b/a.gcda", data.s, data.len - (_i == 4 ? 0 : 8), &state, &e),
		-1);
	ck_assert_int_eq(state, GCOV_DATA_STALE);
	ck_nothing_was_added();
}
END_TEST

START_TEST(unknown_versions_are_left_to_others)
{
	static const uint32_t versions_of[] = { 0x4235312a, 0x3430322a, 0x2a2a2a2a, 0 };

	begin(versions_of[_i]);
	ck_assert_int_eq(take_notes(), -1);
	ck_assert_int_eq(e.code, ERR_UNSUPPORTED);
}
END_TEST

START_TEST(notes_that_were_cut_are_damaged_or_have_less_functions)
{
	begin(_i == 0 ? gcc_12 : _i == 1 ? gcc_11 : clang_14);
	put_choice(1, "f", 1);
	put_choice(2, "g", 11);
	size_t whole = notes.len;

	for (size_t len = 0; len < whole; len++) {
		char *copy = xmemdup(notes.s, len); /* a sanitizer sees its end */

		if (gcov_read_notes(g, "/b/a.gcno", copy, len, &e) < 0) {
			ck_assert_int_eq(e.code, ERR_SYNTAX);
			ck_assert_str_eq(e.path, "/b/a.gcno");
		} else if (fold() < 0) {
			ck_assert_int_eq(e.code, ERR_SYNTAX);
		}
		free(copy);
	}
}
END_TEST

START_TEST(a_damaged_function_costs_the_others_nothing)
{
	begin(gcc_12);
	put_function(&(struct begun){ 1, "f", "a.c", 1, 1, false, 3 });
	ARCS(0, 2, TREE);
	ARCS(2, 7, 0); /* there is no such block */
	LINES(2, "a.c", 1);
	put_choice(2, "g", 11);
	ck_assert_int_eq(take_notes(), 0);
	ck_assert_int_eq(fold(), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_str_eq(digest(), "a.c: 11=0idle 12=0(0 0)idle 13=0idle 14=0idle g@11-14=0");
}
END_TEST

/* --- which tests ran a line ------------------------------------------------------------------------- */

struct row {
	uint32_t ident;
	uint64_t counts[2];
	const char *context;
	uint32_t off; /* what is wrong with its build */
};

struct rows {
	const struct row *items;
	size_t n, next;
};

static bool next_row(void *ctx, struct gcov_tally *ret)
{
	struct rows *rows = ctx;

	if (rows->next == rows->n)
		return false;
	const struct row *row = &rows->items[rows->next++];
	uint32_t context = cov_context(&cov, row->context, strlen(row->context));

	*ret = (struct gcov_tally){
		.version = version,
		.stamp = STAMP + row->off,
		.ident = row->ident,
		.lineno_checksum = 11,
		.cfg_checksum = 12,
		.counts = row->counts,
		.ncounts = 2,
		.set = cov_set(&cov, &context, 1),
	};
	return true;
}

/* "1=ab 2=a": the contexts of each line of a.c */
static const char *fold_rows(const struct row *items, size_t n)
{
	static struct buf out = BUF_INIT;
	struct rows rows = { items, n, 0 };
	const struct gcov_tallies tallies = { next_row, &rows };

	ck_assert_int_eq(gcov_fold_contexts(g, &how, &tallies, &cov, &e), 0);
	const struct cov_file *f = cov_find(&cov, "a.c", 3);

	buf_clear(&out);
	for (uint32_t k = cov_next(f, 1); k; k = cov_next(f, k + 1)) {
		uint32_t members[8];
		size_t nmembers = cov_set_list(&cov, cov_contexts_of(f, k), members);

		buf_addf(&out, "%s%u=", out.len ? " " : "", k);
		for (size_t i = 0; i < nmembers; i++)
			buf_addstr(&out, cov_context_name(&cov, members[i]));
	}
	return out.s;
}

START_TEST(each_tally_tells_which_lines_it_ran_and_the_figures_stay)
{
	static const struct row rows[] = {
		{ 1, { 1, 0 }, "a", 0 }, { 1, { 0, 1 }, "b", 0 }, { 2, { 3, 0 }, "a", 0 },
		{ 2, { 1, 1 }, "x", 1 }, { 3, { 1, 1 }, "x", 0 },
	};

	begin(_i == 0 ? gcc_12 : clang_14);
	put_choice(1, "f", 1);
	put_choice(2, "g", 11);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 1, 1);
	COUNTS(2, 3, 0);
	ck_assert_int_eq(take_data(), 0);
	/* clang's last block owns its line, gcc's does not */
	ck_assert_str_eq(fold_rows(rows, 5), _i == 0 ? "1=ab 2=ab 3=b 4=a 11=a 12=a 13= 14=a"
						     : "1=ab 2=ab 3=b 4=ab 11=a 12=a 13= 14=a");
	char *with = strdup(digest());

	/* the next object finds everything as it was */
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 1, 1);
	COUNTS(2, 3, 0);
	ck_assert_int_eq(take_data(), 0);
	cov_release(&cov);
	ck_assert_int_eq(fold(), 0);
	ck_assert_str_eq(digest(), with);
	free(with);
}
END_TEST

/* Line 2 has a block of f for itself; g's block begins there and owns line 9. */
START_TEST(a_line_that_another_function_owns_was_not_run_by_who_only_passes)
{
	static const struct row rows[] = { { 1, { 1, 0 }, "a", 0 }, { 2, { 1, 0 }, "b", 0 } };

	begin(gcc_12);
	put_choice(1, "f", 1);
	put_function(&(struct begun){ 2, "g", "a.c", 9, 9, false, 5 });
	ARCS(0, 2, TREE | FALL);
	ARCS(2, 3, 0, 4, 0);
	ARCS(3, 1, TREE);
	ARCS(4, 1, TREE);
	LINES(2, "a.c", 2, 9);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 1, 0);
	COUNTS(2, 1, 0);
	ck_assert_int_eq(take_data(), 0);
	/* as with b alone: 2=0 */
	ck_assert_str_eq(fold_rows(rows, 2), "1=a 2=a 3= 4=a 9=b");
}
END_TEST

START_TEST(instances_of_a_template_each_have_their_lines)
{
	static const struct row rows[] = { { 1, { 1, 0 }, "a", 0 }, { 2, { 0, 1 }, "b", 0 } };

	begin(gcc_12);
	put_choice(1, "f<int>", 1);
	put_choice(2, "f<long>", 1);
	ck_assert_int_eq(take_notes(), 0);
	COUNTS(1, 1, 0);
	COUNTS(2, 0, 1);
	ck_assert_int_eq(take_data(), 0);
	ck_assert_str_eq(fold_rows(rows, 2), "1=ab 2=ab 3=b 4=a");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gcov");
	TCase *tc = tcase_create("gcov");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_loop_test(tc, what_was_not_counted_follows, 0, 2);
	tcase_add_test(tc, counters_of_any_number_of_files_are_added);
	tcase_add_test(tc, an_object_that_never_ran_counts_with_zero);
	tcase_add_test(tc, instances_of_a_template_are_added_branch_by_branch);
	tcase_add_test(tc, other_functions_on_a_line_have_branches_of_their_own);
	tcase_add_test(tc, rounds_within_a_line_count);
	tcase_add_loop_test(tc, ways_of_exceptions_are_branches_only_where_they_are_wanted, 0, 2);
	tcase_add_test(tc, what_the_compiler_made_up_is_left_out);
	tcase_add_test(tc, clang_has_rules_of_its_own);
	tcase_add_test(tc, sources_get_their_names_and_may_be_left_out);
	tcase_add_test(tc, counts_below_zero_are_zero_with_a_warning);
	tcase_add_test(tc, sums_stop_where_they_would_go_around);
	tcase_add_test(tc, counters_that_were_cut_add_nothing);
	tcase_add_loop_test(tc, counters_of_another_build_add_nothing, 0, 5);
	tcase_add_loop_test(tc, unknown_versions_are_left_to_others, 0, 4);
	tcase_add_loop_test(tc, notes_that_were_cut_are_damaged_or_have_less_functions, 0, 3);
	tcase_add_test(tc, a_damaged_function_costs_the_others_nothing);
	tcase_add_loop_test(tc, each_tally_tells_which_lines_it_ran_and_the_figures_stay, 0, 2);
	tcase_add_test(tc, a_line_that_another_function_owns_was_not_run_by_who_only_passes);
	tcase_add_test(tc, instances_of_a_template_each_have_their_lines);
	suite_add_tcase(s, tc);
	return unit_main(s);
}
