/* SPDX-License-Identifier: MIT
 *
 * What bats gives to its formatters, with --timing:
 *
 *   1..3
 *   suite /p/a.bats
 *   begin 1 a name
 *   ok 1 a name in 12ms # skip why
 *   begin 2 b
 *   not ok 2 b in 8ms
 *   # (in test file a.bats, line 7)
 *   #   `false' failed
 *   # what it printed
 *   not ok 3 teardown_file failed       a number too many, or, before any "begin", setup_file's
 *
 * Tests come in the order of the file and are counted, so names need not be compared.  A test ends for us
 * when the next begins, for what went wrong stands behind it.
 */
#include "adapter/bats.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/parse.h"
#include "sys/proc.h"

enum { LINE_MAX_BYTES = 65536, DETAIL_MAX_BYTES = 65536 };

struct reader {
	const struct case_sink *sink;
	size_t *order; /* of the batch's tests, as they stand in the file */
	size_t ntests;
	struct buf line, name;
	size_t current;       /* counts in the file's order; SIZE_MAX: none */
	struct result result; /* of the current one, once has_result */
	bool has_result;
	bool has_begun;
	bool is_all; /* setup_file failed: the verdict is everybody's */
	struct buf message, detail;
	struct arena mem;
};

struct reader *bats_reader_new(const struct batch *b, const struct case_sink *sink)
{
	static const struct buf empty = BUF_INIT;
	struct reader *r = xcalloc(1, sizeof *r);

	r->sink = sink;
	r->ntests = b->ntests;
	r->order = xcalloc(b->ntests + 1, sizeof *r->order);
	for (size_t i = 0; i < b->ntests; i++) {
		size_t k = i;

		for (; k > 0 && b->tests[r->order[k - 1]]->line > b->tests[i]->line; k--)
			r->order[k] = r->order[k - 1];
		r->order[k] = i;
	}
	r->line = r->name = r->message = r->detail = empty;
	r->current = SIZE_MAX;
	return r;
}

static void end_one(struct reader *r, size_t i)
{
	r->result.message = r->message.s;
	r->result.detail = r->detail.s;
	r->sink->end(r->sink->ctx, r->order[i], &r->result);
}

static void end_current(struct reader *r)
{
	if (r->has_result && r->is_all) {
		for (size_t i = 0; i < r->ntests; i++)
			end_one(r, i);
	} else if (r->has_result && r->current < r->ntests) {
		end_one(r, r->current);
	}
	r->has_result = false;
	r->current = SIZE_MAX;
	buf_clear(&r->message);
	buf_clear(&r->detail);
}

/* The number behind a word, and what follows it and a blank; NULL: it is another line. */
static const char *take_number(const char *s, const char *word, uint64_t *ret)
{
	size_t len = strlen(word), n = 0;
	char digits[24];

	if (strncmp(s, word, len) != 0)
		return NULL;
	n = strspn(s + len, "0123456789");
	if (n == 0 || n >= sizeof digits)
		return NULL;
	memcpy(digits, s + len, n);
	digits[n] = '\0';
	if (!parse_uint(digits, UINT32_MAX, ret))
		return NULL;
	s += len + n;
	return *s == ' ' ? s + 1 : s;
}

/* " in 12ms # skip why" */
static void read_rest(struct reader *r, const char *rest)
{
	static const char in[] = " in ", skip[] = " # skip";
	uint64_t ms = 0;

	if (strncmp(rest, in, strlen(in)) == 0) {
		const char *behind = take_number(rest, in, &ms);

		if (behind && strncmp(behind, "ms", 2) == 0) {
			r->result.time_us = ms * 1000;
			rest = behind + 2;
		}
	}
	if (strncmp(rest, skip, strlen(skip)) == 0) {
		rest += strlen(skip);
		r->result.outcome = OUTCOME_SKIP;
		buf_addstr(&r->message, *rest == ' ' ? rest + 1 : rest);
	} else if (strncmp(rest, " # ", 3) == 0 && r->result.outcome == OUTCOME_FAIL) {
		buf_addstr(&r->message, rest + 3); /* "timeout after 1 s" */
	}
}

static void take_verdict(struct reader *r, uint64_t number, const char *text, enum outcome o)
{
	bool is_own = r->current < r->ntests && number == r->current + 1 && !r->has_result;

	if (!is_own && o == OUTCOME_PASS)
		return;
	if (!is_own) { /* setup_file's or teardown_file's */
		if (!r->has_begun)
			r->is_all = true;
		r->result = (struct result){ .time_us = r->has_result ? r->result.time_us
								      : TIME_UNKNOWN };
		o = OUTCOME_ERROR;
		buf_clear(&r->message);
		buf_addstr(&r->message, text);
	} else {
		r->result = (struct result){ .time_us = TIME_UNKNOWN };
	}
	r->result.exit_code = -1;
	r->result.outcome = o;
	r->has_result = true;
	if (is_own && strncmp(text, r->name.s, r->name.len) == 0)
		read_rest(r, text + r->name.len);
}

/* "(in test file a.bats, line 7)", "`false' failed", and what was printed. */
static void take_comment(struct reader *r, const char *text)
{
	static const char in[] = "in test file ", at[] = ", line ";
	const char *file = strstr(text, in);
	const char *line = file ? strstr(file, at) : NULL;
	uint64_t n = 0;

	if (r->detail.len + strlen(text) < DETAIL_MAX_BYTES)
		buf_addf(&r->detail, "%s\n", text);
	if (line && !r->result.file && take_number(line, at, &n)) {
		file += strlen(in);
		r->result.file = arena_memdup(&r->mem, file, (size_t)(line - file));
		r->result.line = (unsigned)n;
	} else if (r->message.len == 0 && strncmp(text, "  ", 2) == 0) {
		buf_addstr(&r->message, text + 2);
	}
}

static void take_line(struct reader *r, const char *line)
{
	uint64_t n = 0;
	const char *text = NULL;

	if ((text = take_number(line, "begin ", &n)) && n > 0 && n <= r->ntests) {
		end_current(r);
		r->has_begun = true;
		r->current = (size_t)n - 1;
		buf_clear(&r->name);
		buf_addstr(&r->name, text);
		r->sink->begin(r->sink->ctx, r->order[r->current]);
	} else if ((text = take_number(line, "ok ", &n))) {
		take_verdict(r, n, text, OUTCOME_PASS);
	} else if ((text = take_number(line, "not ok ", &n))) {
		take_verdict(r, n, text, OUTCOME_FAIL);
	} else if (strncmp(line, "# bats warning: Executed", 24) == 0) {
		return; /* what was not run is ours to say */
	} else if (line[0] == '#' && r->has_result && outcome_is_bad(r->result.outcome)) {
		take_comment(r, line + 1 + (line[1] == ' '));
	} else if (strncmp(line, "1..", 3) != 0 && strncmp(line, "suite ", 6) != 0) {
		size_t i = r->current < r->ntests ? r->order[r->current] : SIZE_MAX;

		r->sink->output(r->sink->ctx, i, 0, line, strlen(line));
		r->sink->output(r->sink->ctx, i, 0, "\n", 1);
	}
}

void bats_read(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream != 0) {
		size_t i = r->current < r->ntests ? r->order[r->current] : SIZE_MAX;

		r->sink->output(r->sink->ctx, i, stream, s, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n') {
			take_line(r, r->line.s);
			buf_clear(&r->line);
		} else if (r->line.len < LINE_MAX_BYTES) {
			buf_addch(&r->line, s[i]);
		}
	}
}

bool bats_finish(struct reader *r, const struct proc_end *end)
{
	(void)end; /* a test without a verdict is execute's to judge */
	if (r->line.len > 0)
		take_line(r, r->line.s);
	end_current(r);
	buf_release(&r->line);
	buf_release(&r->name);
	buf_release(&r->message);
	buf_release(&r->detail);
	free(r->order);
	arena_release(&r->mem);
	free(r);
	return true;
}
