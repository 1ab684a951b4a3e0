/* SPDX-License-Identifier: MIT
 *
 * From what Check reports to the verdicts of the batch.  Reports name tests by suite, TCase, name
 * and iteration; of equal ones the order tells which is which.  Check says when a test ends, never
 * when one begins: the next one of ours is taken to run.
 *
 * What tests print goes to one stdout for all.  Check writes a test's end before it starts the
 * next one, and output is read before the report: what a test printed therefore came since the
 * last bytes of the report, or, if we were slow, in the window before that.  A test that passed
 * gets the first, one that failed both, with what a neighbour printed at the time.
 */
#include "adapter/check.h"
#include "base/alloc.h"
#include "base/map.h"
#include "format/checkxml.h"
#include "sys/proc.h"

enum { WINDOW_BYTES = 1 << 16 };

/* A test of the batch. */
struct wanted {
	size_t index; /* in the batch */
	struct check_selector selector;
	size_t twin;  /* the next of the same names; n: none */
	size_t nseen; /* of the first twin: how many of these names were reported */
	bool is_ended;
};

/* A fixture that runs once for its TCase, and failed. */
struct broken {
	const char *tcase, *text, *file;
	unsigned line;
};

/* What was printed between two looks at the report; the last WINDOW_BYTES at least. */
struct window {
	struct buf streams[2];
};

struct reader {
	const struct batch *batch;
	const struct case_sink *sink;
	struct checkxml *xml;
	struct checklog *log;     /* in place of xml */
	struct checklog *printed; /* beside log: stdout, where failed fixtures are shown */
	bool is_exact;            /* the program runs what it was asked for and nothing else */
	bool is_whole;            /* the program is one test: what it reports are its points */
	struct wanted *wanted;    /* in the order in which the program runs them */
	size_t n, nended;
	struct map names; /* -> first twin */
	struct arena mem;
	size_t running;   /* n: none */
	uint64_t mark_us; /* when the last test ended */
	size_t ncases, nbad;
	size_t nchunk; /* cases in the bytes at hand */
	struct window now, before;
	bool is_flowing; /* so much that it is given at once */
	bool is_held;    /* the last test passed: said when the program has ended well, too */
	uint64_t held_us;
	struct subresult *subs;
	size_t nsubs, cap_subs;
	struct broken *broken;
	size_t nbroken, cap_broken;
};

/* --- names ------------------------------------------------------------------------------ */

/* As Check's XML has them: nothing but printable ASCII. */
static void add_clean(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s >= 0x20 && *s < 0x7f)
			buf_addch(out, *s);
	}
	buf_addch(out, '\n');
}

static void make_key(struct buf *out, const char *suite, const char *tcase, const char *name,
		     uint64_t iteration)
{
	buf_clear(out);
	add_clean(out, suite);
	add_clean(out, tcase);
	add_clean(out, name);
	buf_addf(out, "%llu", (unsigned long long)iteration);
}

static int by_ordinal(const void *a, const void *b)
{
	uint64_t x = ((const struct wanted *)a)->selector.ordinal;
	uint64_t y = ((const struct wanted *)b)->selector.ordinal;

	return (x > y) - (x < y);
}

static void index_names(struct reader *r)
{
	struct buf key = BUF_INIT;

	/* from the back: the first twin is the one in the map */
	for (size_t i = r->n; i-- > 0;) {
		struct wanted *w = &r->wanted[i];
		size_t twin = r->n;

		make_key(&key, w->selector.suite, w->selector.tcase, w->selector.name,
			 w->selector.iteration);
		map_get(&r->names, key.s, key.len, &twin);
		w->twin = twin;
		map_set(&r->names, arena_memdup(&r->mem, key.s, key.len), key.len, i);
	}
	buf_release(&key);
}

/* Which of ours is it?  r->n: none, it only shares the TCase. */
static size_t find_wanted(struct reader *r, const struct check_case *c)
{
	struct buf key = BUF_INIT;
	size_t i = r->n;

	make_key(&key, c->suite, c->tcase, c->name, c->iteration);
	map_get(&r->names, key.s, key.len, &i);
	buf_release(&key);
	if (i == r->n)
		return i;
	size_t nth = r->wanted[i].nseen++;

	if (r->is_exact) {
		for (; nth > 0 && i < r->n; nth--)
			i = r->wanted[i].twin;
		return i;
	}
	while (i < r->n && r->wanted[i].selector.occurrence != nth)
		i = r->wanted[i].twin;
	return i;
}

/* --- saying ----------------------------------------------------------------------------- */

static void begin_next(struct reader *r)
{
	size_t from = r->running < r->n ? r->running : 0;

	if (r->running < r->n && !r->wanted[r->running].is_ended)
		return;
	r->running = r->n;
	for (size_t k = 0; k < r->n; k++) {
		size_t i = (from + k) % r->n;

		if (r->wanted[i].is_ended)
			continue;
		r->running = i;
		r->sink->begin(r->sink->ctx, r->wanted[i].index);
		return;
	}
}

static void give_window(struct reader *r, const struct window *from)
{
	for (int stream = 0; stream < 2 && r->running < r->n; stream++) {
		const struct buf *b = &from->streams[stream];

		if (b->len > 0)
			r->sink->output(r->sink->ctx, r->wanted[r->running].index, stream, b->s,
					b->len);
	}
}

/* What may be of the running test, which is about to end. */
static void give_output(struct reader *r, bool is_bad)
{
	if (r->is_flowing)
		return;
	if (r->nchunk == 0 && (is_bad || r->nended == 0))
		give_window(r, &r->before);
	if (r->nchunk == 0 || is_bad)
		give_window(r, &r->now);
}

static void end_test(struct reader *r, size_t i, const struct result *result)
{
	struct wanted *w = &r->wanted[i];

	w->is_ended = true;
	r->nended++;
	r->sink->end(r->sink->ctx, w->index, result);
}

static void add_point(struct reader *r, const struct check_case *c, const struct result *result)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s%s%s%s%s", c->suite, *c->suite ? "::" : "", c->tcase,
		 *c->tcase ? "::" : "", c->name);
	if (c->iteration > 0)
		buf_addf(&name, "[%llu]", (unsigned long long)c->iteration);
	GROW(r->subs, r->nsubs, r->cap_subs);
	r->subs[r->nsubs++] = (struct subresult){
		.name = arena_strdup(&r->mem, name.s),
		.outcome = result->outcome,
		.message = arena_strdup(&r->mem, result->message),
		.file = arena_strdup(&r->mem, *c->file ? c->file : NULL),
		.line = c->line,
		.time_us = result->time_us,
	};
	buf_release(&name);
}

/* A fixture that runs once for its TCase is no test: keep what it said. */
static void on_printed(void *ctx, const struct check_case *c)
{
	struct reader *r = ctx;
	struct buf text = BUF_INIT;

	if (!c->is_setup || strncmp(c->name, "unchecked_", 10) != 0)
		return;
	const char *end = strstr(c->message, "\nRunning suite(s):"); /* of the next SRunner */

	buf_addf(&text, "S:%s:%s: ", c->tcase, c->name);
	buf_add(&text, c->message, end ? (size_t)(end - c->message) : strlen(c->message));
	GROW(r->broken, r->nbroken, r->cap_broken);
	r->broken[r->nbroken++] = (struct broken){ .tcase = arena_strdup(&r->mem, c->tcase),
						   .text = arena_strdup(&r->mem, text.s),
						   .file = arena_strdup(&r->mem, c->file),
						   .line = c->line };
	buf_release(&text);
}

static void on_case(void *ctx, const struct check_case *c)
{
	struct reader *r = ctx;
	struct buf text = BUF_INIT;
	struct result result = check_judge(c, &text);
	bool is_bad = c->verdict != CHECK_PASSED;
	uint64_t now = proc_now_us();
	size_t i = r->is_whole ? r->n : find_wanted(r, c);

	if (result.time_us == TIME_UNKNOWN)
		result.time_us = now - r->mark_us;
	r->mark_us = now;
	r->ncases++;
	r->nbad += is_bad;
	if (r->is_whole) {
		add_point(r, c, &result);
	} else if (i < r->n && !r->wanted[i].is_ended) {
		if (r->running != i) {
			r->running = i;
			r->sink->begin(r->sink->ctx, r->wanted[i].index);
		}
		give_output(r, is_bad);
		if (!is_bad && r->nended + 1 == r->n) {
			r->is_held = true;
			r->held_us = result.time_us;
		} else {
			end_test(r, i, &result);
			begin_next(r);
		}
	}
	r->nchunk++;
	buf_release(&text);
}

static void on_suite(void *ctx, const char *name)
{
	struct reader *r = ctx;

	(void)name;
	if (r->ncases == 0)
		r->mark_us = proc_now_us();
	if (r->nended < r->n && !r->is_held)
		begin_next(r);
}

static void on_printed_suite(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
}

/* --- the adapter's doorways ------------------------------------------------------------- */

struct reader *check_reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);
	const struct check_hooks hooks = { r, on_suite, on_case };
	const struct check_hooks printed = { r, on_printed_suite, on_printed };
	const struct window empty = { { BUF_INIT, BUF_INIT } };

	r->batch = b;
	r->sink = sink;
	r->now = r->before = empty;
	r->mark_us = proc_now_us();
	r->is_whole = b->ntests == 1 && b->tests[0]->selector[0] == '\0';
	if (check_wants_log(b)) {
		r->log = checklog_new(&hooks);
		r->printed = checklog_new(&printed);
	} else {
		r->xml = checkxml_new(&hooks);
	}
	r->wanted = xcalloc(b->ntests, sizeof *r->wanted);
	for (size_t i = 0; i < b->ntests; i++) {
		r->wanted[r->n].index = i;
		if (r->is_whole ||
		    check_selector_parse(b->tests[i]->selector, &r->mem, &r->wanted[r->n].selector))
			r->n++;
	}
	r->running = r->n;
	r->is_exact = r->n > 0 && r->wanted[0].selector.way != CHECK_BY_TCASE;
	if (!r->is_whole) {
		qsort(r->wanted, r->n, sizeof *r->wanted, by_ordinal);
		index_names(r);
	}
	return r;
}

static void slide_window(struct reader *r)
{
	struct window spare = r->before;

	r->before = r->now;
	r->now = spare;
	buf_clear(&r->now.streams[0]);
	buf_clear(&r->now.streams[1]);
	r->is_flowing = false;
}

static void on_output(struct reader *r, int stream, const char *s, size_t len)
{
	struct buf *b = &r->now.streams[stream];
	size_t index = r->running < r->n ? r->wanted[r->running].index : SIZE_MAX;

	if (!r->is_flowing && index != SIZE_MAX && (r->is_whole || b->len + len > WINDOW_BYTES)) {
		give_window(r, &r->now);
		r->is_flowing = true;
	}
	if (r->is_flowing || index == SIZE_MAX)
		r->sink->output(r->sink->ctx, index, stream, s, len);
	if (b->len + len > 2 * WINDOW_BYTES)
		buf_clear(b);
	if (!r->is_whole)
		buf_add(b, s, len < WINDOW_BYTES ? len : WINDOW_BYTES);
}

void check_read(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream == 2) {
		r->nchunk = 0;
		if (r->xml)
			checkxml_read(r->xml, s, len);
		else
			checklog_read(r->log, s, len);
		slide_window(r);
		return;
	}
	if (stream == 0 && r->printed)
		checklog_read(r->printed, s, len);
	if (r->is_whole)
		begin_next(r);
	on_output(r, stream, s, len);
}

/* --- after the process ------------------------------------------------------------------ */

static size_t nbegun(const struct reader *r)
{
	return r->xml ? checkxml_begun(r->xml) : checklog_begun(r->log);
}

/* Did it end inside of a report? */
static bool is_cut(const struct reader *r)
{
	return nbegun(r) > (r->xml ? checkxml_ended(r->xml) : checklog_ended(r->log));
}

/* What the way the process ended says of the test it ended in. */
static struct result charge(const struct proc_end *end, const char *where, struct buf *text)
{
	struct result r = check_blank(OUTCOME_ERROR, "");

	r.exit_code = end->exit_code;
	r.term_signal = end->term_signal;
	if (end->is_timeout) {
		uint64_t ms = (end->end_us - end->start_us) / 1000;

		r.outcome = OUTCOME_TIMEOUT;
		buf_addf(text, "timed out: the program was killed after %llu.%03u s",
			 (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
	} else if (end->term_signal) {
		r.outcome = OUTCOME_CRASH;
		proc_end_describe(end, text);
		buf_addf(text, "%s", where);
	} else {
		buf_addf(text, "the program exited with status %d%s", end->exit_code, where);
	}
	r.message = text->s;
	return r;
}

/* The program was gone before its report was whole: one test is charged.  Those after it are run
 * again where they can be run without it. */
static void charge_cut(struct reader *r, const struct proc_end *end)
{
	struct buf text = BUF_INIT, rest = BUF_INIT;
	struct result result = charge(end, " in the middle of the test", &text);

	begin_next(r);
	if (r->running == r->n) {
		buf_release(&text);
		return;
	}
	r->nchunk = 0;
	give_output(r, true);
	buf_addf(&rest, "not run: '%s' ended the program",
		 r->batch->tests[r->wanted[r->running].index]->name);
	end_test(r, r->running, &result);
	for (size_t i = 0; i < r->n && !r->is_exact; i++) {
		if (r->wanted[i].is_ended)
			continue;
		result = check_blank(OUTCOME_ERROR, rest.s);
		end_test(r, i, &result);
	}
	buf_release(&text);
	buf_release(&rest);
}

static const struct broken *find_broken(const struct reader *r, const char *tcase)
{
	for (size_t i = 0; i < r->nbroken; i++) {
		if (strcmp(r->broken[i].tcase, tcase) == 0)
			return &r->broken[i];
	}
	return NULL;
}

/* The report is whole and does not have them. */
static void charge_missing(struct reader *r, const struct proc_end *end)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < r->n; i++) {
		const struct broken *why = find_broken(r, r->wanted[i].selector.tcase);
		struct result result = check_blank(OUTCOME_ERROR, "");

		if (r->wanted[i].is_ended)
			continue;
		buf_clear(&text);
		if (why) {
			buf_add(&text, why->text, strcspn(why->text, "\n"));
			result.detail = why->text;
			result.file = why->file;
			result.line = why->line;
		} else {
			buf_addstr(&text, "the program did not report this test: ");
			proc_end_describe(end, &text);
		}
		result.message = text.s;
		end_test(r, i, &result);
	}
	buf_release(&text);
}

/* Every test is known; the last one, which passed, waited for the end of the program. */
static void say_held(struct reader *r, const struct proc_end *end)
{
	struct buf text = BUF_INIT;
	bool is_bad = end->is_timeout || end->term_signal || (end->exit_code != 0 && r->nbad == 0);
	struct result result = check_blank(OUTCOME_PASS, "");

	if (is_bad && !end->is_stopped)
		result = charge(end, " although every test passed", &text);
	result.time_us = r->held_us;
	if (!r->is_flowing)
		give_window(r, &r->now);
	for (size_t i = 0; i < r->n; i++) {
		if (!r->wanted[i].is_ended)
			end_test(r, i, &result);
	}
	buf_release(&text);
}

static bool finish_tests(struct reader *r, const struct proc_end *end)
{
	if (r->is_held) {
		say_held(r, end);
		return true;
	}
	if (end->is_stopped || r->nended == r->n)
		return true;
	if (is_cut(r)) {
		charge_cut(r, end);
		return true;
	}
	if (end->is_timeout || end->term_signal)
		return true; /* outside of any test: execute says it */
	if (r->xml && !r->batch->wants_report)
		return false; /* ask once more, for the log and what is printed */
	charge_missing(r, end);
	return true;
}

static bool finish_whole(struct reader *r, const struct proc_end *end)
{
	struct buf text = BUF_INIT;
	struct result result = check_blank(OUTCOME_PASS, "");

	if (end->is_stopped)
		return true;
	for (size_t i = 0; i < r->nbroken; i++) {
		struct check_case c = { .suite = "",
					.tcase = "",
					.name = "unchecked fixture",
					.file = r->broken[i].file,
					.line = r->broken[i].line };
		struct result of = check_blank(OUTCOME_ERROR, r->broken[i].text);

		add_point(r, &c, &of);
		r->nbad++;
	}
	bool is_unclear = !end->is_timeout && !end->term_signal && !is_cut(r) &&
			  (nbegun(r) == 0 || (end->exit_code != 0 && r->nbad == 0));

	if (is_unclear && r->xml && !r->batch->wants_report) {
		buf_release(&text);
		return false;
	}
	if (end->is_timeout || end->term_signal || is_cut(r)) {
		result = charge(end,
				is_cut(r)                       ? " in the middle of a test"
				: r->ncases > 0 && r->nbad == 0 ? " although every test passed"
								: "",
				&text);
	} else if (nbegun(r) == 0) {
		result = charge(end, " without a report of Check's", &text);
	} else if (r->nbad > 0) {
		buf_addf(&text, "%zu of %zu tests failed", r->nbad, r->nsubs);
		result = check_blank(OUTCOME_FAIL, text.s);
	} else if (end->exit_code != 0) {
		result = charge(end, " although every test passed", &text);
	}
	result.exit_code = end->exit_code;
	result.term_signal = end->term_signal;
	result.time_us = end->end_us - end->start_us;
	result.subs = r->subs;
	result.nsubs = r->nsubs;
	r->sink->end(r->sink->ctx, 0, &result);
	buf_release(&text);
	return true;
}

static void free_reader(struct reader *r)
{
	checkxml_free(r->xml);
	checklog_free(r->log);
	checklog_free(r->printed);
	for (size_t i = 0; i < 2; i++) {
		buf_release(&r->now.streams[i]);
		buf_release(&r->before.streams[i]);
	}
	map_release(&r->names);
	arena_release(&r->mem);
	free(r->wanted);
	free(r->subs);
	free(r->broken);
	free(r);
}

bool check_finish(struct reader *r, const struct proc_end *end)
{
	if (r->log) {
		checklog_end(r->log);
		checklog_end(r->printed);
	}
	bool is_trusted = r->is_whole ? finish_whole(r, end) : finish_tests(r, end);

	free_reader(r);
	return is_trusted;
}
