/* SPDX-License-Identifier: MIT
 *
 * Rust's own test harness (libtest), as `cargo test --no-run` builds its programs.  One thread, and
 * nothing captured, so a test's output stands between its name and its verdict:
 *
 *   running 3 tests
 *   test m::fails ... x
 *   FAILED                         or "ok", "ignored", "ignored, why"
 *   test sp - should panic ... ok
 *
 *   failures:
 *   ---- sp_not stdout ----
 *   note: test did not panic as expected at t.rs:6:28
 *   ...
 *   test result: FAILED. 3 passed; 3 failed; 2 ignored; 0 measured; 2 filtered out; ...
 *
 * A panic says on stderr "thread 'fails' (123) panicked at t.rs:2:37:" and below it why.  Tests may
 * print such lines, too: the last verdict before the next name is believed, and the counts of the
 * result must be ours.
 */
#include "adapter/rust.h"

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_cases.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/elf.h"
#include "sys/proc.h"

enum { MAX_BATCH = 1024, MESSAGE_MAX_BYTES = 600, EXIT_FAILED = 101 };

/* The words are put together here, or gangway itself would hold them. */
static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */
	struct buf threads = BUF_INIT;

	if (!f || elf_file_kind(f) != ELF_KIND_PROGRAM)
		return false;
	buf_addf(&threads, "RUST_TEST_%s", "THREADS");
	bool is_rust = elf_file_has_bytes(f, threads.s, threads.len) &&
		       elf_file_has_bytes(f, "include-ignored", strlen("include-ignored"));

	buf_release(&threads);
	return is_rust;
}

/* An option that is given twice is an error.  --exact is none of these: then a word names one test. */
static const struct arg_row arg_rows[] = {
	{ "--skip", true, ARG_CHOICE },
	{ "--ignored", false, ARG_FILTER },
	{ "--include-ignored", false, ARG_KEPT },
	{ "--test", false, ARG_KEPT },
	{ "--test-threads", true, ARG_OURS },
	{ "--nocapture", false, ARG_OURS },
	{ "--no-capture", false, ARG_OURS },
	{ "--color", true, ARG_OURS },
	{ NULL, false, ARG_KEPT },
};

static const struct own_args own_args = { .rows = arg_rows, .are_words_choices = true };

/* --- listing --------------------------------------------------------------------------------- */

/* "m::inner::name: test": suite "m::inner", name "name". */
static bool list_line(const struct line *line, struct arena *mem, struct test *t)
{
	static const char suffix[] = ": test";
	size_t len = line->text_len, colons;

	if (!line->is_first || len < sizeof suffix || memchr(line->s, '\0', len) ||
	    memcmp(line->s + len - (sizeof suffix - 1), suffix, sizeof suffix - 1) != 0)
		return false;
	len -= sizeof suffix - 1;
	t->selector = arena_memdup(mem, line->s, len);
	for (colons = len; colons >= 2; colons--) {
		if (memcmp(line->s + colons - 2, "::", 2) == 0)
			break;
	}
	t->suite = colons >= 2 ? arena_memdup(mem, line->s, colons - 2) : "";
	t->name = arena_memdup(mem, line->s + (colons >= 2 ? colons : 0),
			       len - (colons >= 2 ? colons : 0));
	return true;
}

int rust_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		   struct tests *ret, struct err *reterr)
{
	(void)reterr; /* no tests at all is a list */
	ask_read_lines(s, len, t, target_index, ret, list_line);
	return 0;
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	static const char *const args[] = { "--list", "--format", "terse", NULL };
	const struct question q = { .own = &own_args, .args = args, .may_be_empty = true };

	return ask_list(t, target_index, ctx, &q, rust_list_read, ret, reterr);
}

/* --- running --------------------------------------------------------------------------------- */

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	(void)reterr;
	args_begin(ret, &own_args, b->target, b->ntests + 8);
	command_arg(ret, "--exact");
	command_arg(ret, "--test-threads=1");
	command_arg(ret, "--nocapture");
	command_arg(ret, "--color=never");
	command_arg(ret, "--");
	for (size_t i = 0; i < b->ntests; i++)
		command_arg(ret, "%s", b->tests[i]->selector);
	if (ask_getenv(b->target, NULL, "RUST_TEST_SHUFFLE"))
		command_env(ret, "RUST_TEST_SHUFFLE", "0");
	ret->is_merged =
		true; /* a panic speaks on stderr, between the test's name and its verdict */
	return 0;
}

/* --- reading --------------------------------------------------------------------------------- */

struct counts {
	uint64_t npassed, nfailed, nignored;
};

struct reader {
	struct cases cases;
	struct buf pending;
	bool has_verdict; /* of the test that runs; a later one counts */
	enum outcome outcome;
	/* the last line ended so, behind text without a newline: a verdict if nothing else is */
	bool has_tail;
	enum outcome tail;
	struct buf message, file;
	unsigned line;
	bool is_panic_open; /* the line below it is the message */
	struct counts counts, told;
	bool has_result;
	struct buf riddle;
};

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	cases_init(&r->cases, b, sink);
	r->pending = r->message = r->file = r->riddle = (struct buf)BUF_INIT;
	return r;
}

static void close_test(struct reader *r)
{
	struct result result = cases_blank(r->outcome);
	size_t i = r->cases.current;

	if (i == SIZE_MAX || r->cases.is_held || !r->has_verdict)
		return;
	r->counts.npassed += r->outcome == OUTCOME_PASS;
	r->counts.nfailed += r->outcome == OUTCOME_FAIL;
	r->counts.nignored += r->outcome == OUTCOME_SKIP;
	if (r->outcome == OUTCOME_FAIL && r->message.len == 0)
		buf_addstr(&r->message, "failed");
	result.message = r->outcome == OUTCOME_PASS ? "" : r->message.s;
	if (r->outcome == OUTCOME_FAIL && r->file.len > 0) {
		result.file = r->file.s;
		result.line = r->line;
	}
	cases_end(&r->cases, i, &result);
	r->has_verdict = false;
}

/* "thread 'm::fails' (123) panicked at t.rs:2:37:" or, before 1.73, "... panicked at 'why', t.rs:2:37" */
static void take_panic(struct reader *r, const char *s, size_t len)
{
	static const char mark[] = " panicked at ";
	const char *hit = memmem(s, len, mark, sizeof mark - 1);
	char *text, *parts[2] = { NULL, NULL };
	uint64_t n = 0;

	if (!hit || r->file.len > 0)
		return;
	hit += sizeof mark - 1;
	text = xmemdup(hit, (size_t)(s + len - hit));
	char *place = strrchr(text, ' ') && *text == '\'' ? strrchr(text, ' ') + 1 : text;
	size_t place_len = strlen(place);

	if (place > text + 3) {
		buf_add(&r->message, text + 1, (size_t)(place - text) - 4);
	} else if (place_len > 0 && place[place_len - 1] == ':') {
		place[--place_len] = '\0';
		r->is_panic_open = true;
	}
	for (size_t i = 0; i < 2; i++) {
		parts[i] = strrchr(place, ':');
		if (parts[i])
			*parts[i]++ = '\0';
	}
	if (parts[1] && parse_uint(parts[1], UINT32_MAX, &n)) {
		buf_addstr(&r->file, place);
		r->line = (unsigned)n;
	}
	free(text);
}

static void take_text(struct reader *r, const char *s, size_t len)
{
	if (r->is_panic_open) {
		r->is_panic_open = false;
		buf_add(&r->message, s,
			strnlen(s, len < MESSAGE_MAX_BYTES ? len : MESSAGE_MAX_BYTES));
	} else if (r->cases.current != SIZE_MAX && !r->cases.is_held) {
		take_panic(r, s, len);
	}
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(s, word, len) == 0;
}

/* A line, or what stands behind a test's name: is it a verdict? */
static bool take_verdict(struct reader *r, const char *s, size_t len)
{
	bool is_ignored = len >= 7 && memcmp(s, "ignored", 7) == 0;

	if (r->cases.current == SIZE_MAX || r->cases.is_held)
		return false;
	if (is_word(s, len, "ok"))
		r->outcome = OUTCOME_PASS;
	else if (is_word(s, len, "FAILED"))
		r->outcome = OUTCOME_FAIL;
	else if (is_ignored && (len == 7 || s[7] == ','))
		r->outcome = OUTCOME_SKIP;
	else
		return false;
	if (is_ignored) {
		buf_clear(&r->message);
		if (len > 9)
			buf_add(&r->message, s + 9, strnlen(s + 9, len - 9));
		else
			buf_addstr(&r->message, "ignored");
	}
	r->has_verdict = true;
	return true;
}

static void look_at_tail(struct reader *r, const char *s, size_t len)
{
	bool is_ok = len > 2 && memcmp(s + len - 2, "ok", 2) == 0;
	bool is_failed = len > 6 && memcmp(s + len - 6, "FAILED", 6) == 0;

	r->has_tail = is_ok || is_failed;
	r->tail = is_ok ? OUTCOME_PASS : OUTCOME_FAIL;
}

/* Something follows that only comes behind a verdict. */
static void take_tail(struct reader *r)
{
	if (!r->has_verdict && r->has_tail && r->cases.current != SIZE_MAX && !r->cases.is_held) {
		r->outcome = r->tail;
		r->has_verdict = true;
	}
	r->has_tail = false;
}

static uint64_t count_before(const char *s, size_t len, const char *word)
{
	const char *hit = memmem(s, len, word, strlen(word)), *digit = hit;
	uint64_t n = 0, scale = 1;

	while (digit && digit > s && digit[-1] >= '0' && digit[-1] <= '9' && scale < 1000000000) {
		n += scale * (uint64_t)(*--digit - '0');
		scale *= 10;
	}
	return n;
}

/* It ends nothing: a test may have printed it, and then goes on. */
static void take_result(struct reader *r, const char *s, size_t len)
{
	r->told =
		(struct counts){ count_before(s, len, " passed;"), count_before(s, len, " failed;"),
				 count_before(s, len, " ignored;") };
	r->has_result = true;
}

static void compare_counts(struct reader *r)
{
	const struct counts *told = &r->told, *seen = &r->counts;

	if (!r->has_result)
		buf_addstr(&r->riddle, "the program ended without a test result");
	else if (told->npassed != seen->npassed || told->nfailed != seen->nfailed ||
		 told->nignored != seen->nignored)
		buf_addf(&r->riddle,
			 "the program counts %llu passed and %llu failed, its output "
			 "shows %llu and %llu",
			 (unsigned long long)told->npassed, (unsigned long long)told->nfailed,
			 (unsigned long long)seen->npassed, (unsigned long long)seen->nfailed);
}

static const char *begins(const char *s, const char *end, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(end - s) >= len && memcmp(s, what, len) == 0 ? s + len : NULL;
}

/* "test NAME ... " or "test NAME - should panic ... " of a test that waits: behind it, or NULL. */
static const char *take_name(struct reader *r, const char *s, const char *end)
{
	static const char dots[] = " ... ", panic[] = " - should panic";
	const char *name = begins(s, end, "test ");
	const char *after = name ? memmem(name, (size_t)(end - name), dots, sizeof dots - 1) : NULL;
	size_t len = after ? (size_t)(after - name) : 0, i;

	if (!after || (r->cases.current != SIZE_MAX && !r->has_verdict && !r->has_tail))
		return NULL;
	if (len >= sizeof panic && memcmp(after - (sizeof panic - 1), panic, sizeof panic - 1) == 0)
		len -= sizeof panic - 1;
	i = cases_find(&r->cases, name, len);
	if (i == SIZE_MAX || !cases_is_waiting(&r->cases, i))
		return NULL;
	take_tail(r);
	close_test(r);
	cases_begin(&r->cases, i);
	buf_clear(&r->message);
	buf_clear(&r->file);
	r->line = 0;
	r->is_panic_open = false;
	return after + sizeof dots - 1;
}

/* One line, the end of the last one perhaps missing. */
static void take_line(struct reader *r, const char *s, size_t len)
{
	const char *end = s + len, *rest;
	size_t text_len = len > 0 && end[-1] == '\n' ? len - 1 : len;

	if ((rest = take_name(r, s, end))) {
		s = rest;
		len = (size_t)(end - s);
		text_len = len > 0 && end[-1] == '\n' ? len - 1 : len;
	} else if (r->cases.current == SIZE_MAX && (text_len == 0 || begins(s, end, "running "))) {
		return;
	} else if ((r->has_verdict || r->has_tail) && text_len == 0) {
		return;
	} else if (r->has_tail && begins(s, end, "failures:")) {
		take_tail(r);
		return;
	} else if ((rest = begins(s, end, "test result: "))) {
		take_tail(r);
		if (r->has_verdict || r->cases.current == SIZE_MAX) {
			take_result(r, rest, (size_t)(end - rest));
			return;
		}
	}
	r->has_tail = false;
	if (text_len < len && take_verdict(r, s, text_len))
		return;
	look_at_tail(r, s, text_len);
	take_text(r, s, text_len);
	cases_output(&r->cases, 0, s, len);
}

/* Whole lines, and the name of a test as soon as it is there. */
static size_t scan(struct reader *r, const char *s, size_t len, bool is_end)
{
	size_t done = 0;

	while (done < len) {
		const char *nl = memchr(s + done, '\n', len - done);
		size_t n = nl ? (size_t)(nl + 1 - s) - done : len - done;
		const char *rest;

		if (!nl && !is_end) {
			rest = take_name(r, s + done, s + len);
			if (rest)
				done = (size_t)(rest - s);
			else if (n <= LINES_MAX_BYTES)
				break;
		}
		n = nl ? n : len - done;
		if (!nl && !is_end && n <= LINES_MAX_BYTES)
			break;
		take_line(r, s + done, n);
		done += n;
	}
	return done;
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream != 0) {
		cases_output(&r->cases, stream, s, len);
		return;
	}
	buf_add(&r->pending, s, len);
	size_t done = scan(r, r->pending.s, r->pending.len, false);

	memmove(r->pending.s, r->pending.s + done, r->pending.len - done);
	buf_truncate(&r->pending, r->pending.len - done);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	scan(r, r->pending.s, r->pending.len, true);
	if (end->exit_code == 0 || end->exit_code == EXIT_FAILED) {
		close_test(r);
		compare_counts(r);
	}
	if (!end->is_timeout && !end->is_stopped)
		cases_doubt(&r->cases, r->riddle.s);
	cases_finish(&r->cases, end);
	cases_release(&r->cases);
	buf_release(&r->pending);
	buf_release(&r->message);
	buf_release(&r->file);
	buf_release(&r->riddle);
	free(r);
	return true;
}

/* --- for others -------------------------------------------------------------------------------- */

/* (a ';' would make a list of the expression) */
static int entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		 struct arena *mem, struct entry *ret, struct err *reterr)
{
	(void)all, (void)style, (void)reterr;
	*ret = (struct entry){ .name = t->selector,
			       .plain_name = t->selector,
			       .skip_regex = "test result: ok\\. 0 passed. 0 failed. 1 ignored" };
	entry_arg(ret, mem, "--exact");
	entry_arg(ret, mem, "%s", t->selector);
	return 0;
}

const struct adapter adapter_rust = {
	.name = "rust",
	.probe = probe,
	.list = list,
	.runs_to_list = true,
	.own_args = &own_args,
	.max_batch = MAX_BATCH,
	.entry = entry,
	.command = command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
