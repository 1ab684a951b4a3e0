/* SPDX-License-Identifier: MIT
 *
 * Unity (ThrowTheSwitch): small C programs, mostly generated, that say of each test
 *
 *   t.c:6:test_bad:FAIL: Expected 1 Was 2       the message may have colons
 *   t.c:3:test_ok:PASS
 *   t.c:9:test_later:IGNORE: why
 *
 *   -----------------------
 *   4 Tests 1 Failures 1 Ignored
 *   FAIL
 *
 * and can neither list nor select: the program is one test, these are its points.  Believed are the
 * last counts: where they are not those of the points, the output lies or was cut.
 */
#include "adapter/adapter_cases.h"
#include "base/alloc.h"
#include "base/parse.h"
#include "format/elf.h"
#include "sys/proc.h"

enum { POINTS_MAX = 100000, MESSAGE_MAX_BYTES = 600 };

struct reader {
	const struct case_sink *sink;
	struct lines lines;
	struct arena mem;
	struct subresult *points;
	size_t npoints, cap;
	uint64_t counts[3]; /* of outcome PASS, FAIL, SKIP: what the points are */
	uint64_t told[3];   /* tests, failures, ignored */
	bool has_total;
};

/* The words are put together here, or gangway itself would hold them. */
static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */
	static const char *const words[] = { "Tests", "Failures", "Ignored" };
	bool has_all = f && elf_file_kind(f) == ELF_KIND_PROGRAM;

	for (size_t i = 0; i < ARRAY_SIZE(words) && has_all; i++) {
		struct buf text = BUF_INIT;

		/* a string of its own: " Failures " with its NUL */
		buf_addf(&text, " %s ", words[i]);
		has_all = elf_file_has_bytes(f, text.s, text.len + 1);
		buf_release(&text);
	}
	return has_all;
}

/* --- reading --------------------------------------------------------------------------------- */

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	(void)b;
	r->sink = sink;
	r->lines = (struct lines)LINES_INIT;
	return r;
}

static bool is_number(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n > 0 && n == len && n < 10;
}

static void add_point(struct reader *r, const struct subresult *point)
{
	r->counts[point->outcome]++;
	if (r->npoints == POINTS_MAX)
		return;
	GROW(r->points, r->npoints, r->cap);
	r->points[r->npoints++] = *point;
}

/* "FILE:LINE:TEST:PASS", the first of these words behind a number and a name. */
static bool take_point(struct reader *r, char *s)
{
	static const struct {
		const char *word;
		enum outcome outcome;
	} words[] = { { ":PASS", OUTCOME_PASS },
		      { ":FAIL", OUTCOME_FAIL },
		      { ":IGNORE", OUTCOME_SKIP } };

	for (char *colon = strchr(s, ':'); colon; colon = strchr(colon + 1, ':')) {
		char *end = strchr(colon + 1, ':'), *word = end ? strchr(end + 1, ':') : NULL;
		uint64_t line = 0;

		if (!word || colon == s || !is_number(colon + 1, (size_t)(end - colon - 1)))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			size_t len = strlen(words[i].word);
			const char *rest = word + len;

			if (strncmp(word, words[i].word, len) != 0 || word == end + 1 ||
			    (*rest && *rest != ':' && *rest != ' '))
				continue;
			rest += strspn(rest, ": ");
			*colon = *end = *word = '\0';
			(void)parse_uint(colon + 1, UINT32_MAX, &line);
			const struct subresult point = {
				.name = arena_strdup(&r->mem, end + 1),
				.outcome = words[i].outcome,
				.message = arena_memdup(&r->mem, rest,
							strnlen(rest, MESSAGE_MAX_BYTES)),
				.file = arena_strdup(&r->mem, s),
				.line = (unsigned)line,
				.time_us = TIME_UNKNOWN,
			};

			add_point(r, &point);
			return true;
		}
	}
	return false;
}

/* "4 Tests 1 Failures 1 Ignored" */
static void take_total(struct reader *r, char *s)
{
	static const char *const words[] = { "Tests", "Failures", "Ignored" };
	uint64_t told[3] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char *number = strsep(&s, " "), *word = s ? strsep(&s, " ") : NULL;

		if (!word || strcmp(word, words[i]) != 0 ||
		    !parse_uint(number, UINT32_MAX, &told[i]))
			return;
	}
	memcpy(r->told, told, sizeof told);
	r->has_total = true;
}

static void take_line(void *ctx, const struct line *line)
{
	struct reader *r = ctx;

	if (!line->is_first)
		return;
	char *text = xmemdup(line->s, line->text_len);

	if (!take_point(r, text))
		take_total(r, text);
	free(text);
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	r->sink->output(r->sink->ctx, 0, stream, s, len);
	if (stream == 0)
		lines_feed(&r->lines, s, len, take_line, r);
}

static const struct subresult *first_of(const struct reader *r, enum outcome outcome)
{
	for (size_t i = 0; i < r->npoints; i++) {
		if (r->points[i].outcome == outcome)
			return &r->points[i];
	}
	return NULL;
}

static void judge(const struct reader *r, const struct proc_end *end, struct result *ret,
		  struct buf *why)
{
	const struct subresult *failed = first_of(r, OUTCOME_FAIL),
			       *skipped = first_of(r, OUTCOME_SKIP);
	uint64_t n = r->counts[OUTCOME_PASS] + r->counts[OUTCOME_FAIL] + r->counts[OUTCOME_SKIP];

	ret->outcome = OUTCOME_ERROR;
	if (end->term_signal) {
		ret->outcome = OUTCOME_CRASH;
		proc_end_describe(end, why);
		buf_addf(why, " after %llu tests", (unsigned long long)n);
	} else if (failed && (!r->has_total || r->told[1] > 0)) {
		ret->outcome = OUTCOME_FAIL;
		buf_addf(why, "%llu of %llu tests failed: %s%s%s",
			 (unsigned long long)r->counts[OUTCOME_FAIL], (unsigned long long)n,
			 failed->name, *failed->message ? ": " : "", failed->message);
		ret->file = failed->file;
		ret->line = failed->line;
	} else if (!r->has_total) {
		buf_addf(why, "the program ended without Unity's total, with exit status %d",
			 end->exit_code);
	} else if (r->told[0] != n || r->told[1] != 0 || r->told[2] != r->counts[OUTCOME_SKIP]) {
		buf_addf(
			why,
			"Unity counts %llu tests and %llu failures, its output shows %llu and %llu",
			(unsigned long long)r->told[0], (unsigned long long)r->told[1],
			(unsigned long long)n, (unsigned long long)r->counts[OUTCOME_FAIL]);
	} else if (end->exit_code != 0) {
		proc_end_describe(end, why);
		buf_addstr(why, " although no test failed");
	} else if (skipped && r->counts[OUTCOME_PASS] == 0) {
		ret->outcome = OUTCOME_SKIP;
		buf_addstr(why, *skipped->message ? skipped->message : "ignored");
	} else {
		ret->outcome = OUTCOME_PASS;
	}
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	struct result result = { .time_us = TIME_UNKNOWN,
				 .exit_code = end->exit_code,
				 .term_signal = end->term_signal,
				 .is_leaky = end->is_leaky,
				 .detail = "" };
	bool has_ended = end->exit_code >= 0 || end->term_signal != 0;
	struct buf why = BUF_INIT;

	lines_finish(&r->lines, take_line, r);
	/* time-outs and starts that failed are execute's to judge */
	if (has_ended && !end->is_timeout && !end->is_stopped) {
		judge(r, end, &result, &why);
		result.message = why.s;
		result.subs = r->points;
		result.nsubs = r->npoints;
		r->sink->end(r->sink->ctx, 0, &result);
	}
	buf_release(&why);
	lines_release(&r->lines);
	arena_release(&r->mem);
	free(r->points);
	free(r);
	return true;
}

const struct adapter adapter_unity = {
	.name = "unity",
	.probe = probe,
	.list = adapter_whole_list,
	.max_batch = 1,
	.command = adapter_whole_command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
