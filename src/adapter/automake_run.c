/* SPDX-License-Identifier: MIT
 *
 * A driver says "PASS: tests/a.sh" or, of each TAP point, "FAIL: tests/t.tap 2 - name # why" on
 * stdout, keeps the program's output in the .log, and its verdict in the .trs:
 *
 *   :test-result: PASS              once for each point
 *   :global-test-result: FAIL
 *   :recheck: yes                   is it to be run by `make recheck`?
 *   :copy-in-global-log: yes
 *
 * Before it starts a verdict is written here that has recheck run the test again: whoever is killed then,
 * driver, make or we, it stays.  Where the driver was killed the log may be missing as well, and is
 * written, too.
 */
#include "adapter/automake.h"

#include "adapter/adapter.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "sys/fs.h"
#include "sys/outfile.h"
#include "sys/proc.h"

enum { TRS_MAX_BYTES = 64 << 20, LOG_MAX_BYTES = 64 << 20, LINE_MAX_BYTES = 65536 };

struct reader {
	const struct case_sink *sink;
	const struct test *test;
	const char *workdir;
	struct arena mem;
	struct buf line;
	struct subresult *subs;
	size_t nsubs, cap_subs;
	struct buf said; /* of the whole test: "Bail out! no disk" */
};

static const char unended[] = ":test-result: ERROR\n"
			      ":global-test-result: ERROR\n"
			      ":recheck: yes\n"
			      ":copy-in-global-log: yes\n"
			      ":gangway: not ended\n"; /* nobody else looks at this */
static const char log_text[] = "ended before its time by gangway\n";

static const struct {
	const char *word;
	enum outcome outcome;
} words[] = {
	{ "PASS", OUTCOME_PASS },   { "FAIL", OUTCOME_FAIL },   { "SKIP", OUTCOME_SKIP },
	{ "XFAIL", OUTCOME_XFAIL }, { "XPASS", OUTCOME_XPASS }, { "ERROR", OUTCOME_ERROR },
};

static bool outcome_of(const char *s, size_t len, enum outcome *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i].word) == len && strncmp(words[i].word, s, len) == 0) {
			*ret = words[i].outcome;
			return true;
		}
	}
	return false;
}

/* --- the driver's lines --------------------------------------------------------------------- */

static void take_line(struct reader *r, const char *line)
{
	size_t word = strcspn(line, ":"), name = strlen(r->test->name);
	enum outcome outcome = OUTCOME_PASS;

	if (strncmp(line + word, ": ", 2) != 0 || !outcome_of(line, word, &outcome))
		return;
	const char *rest = line + word + 2;

	if (strncmp(rest, r->test->name, name) != 0 || rest[name] != ' ')
		return; /* of the whole test, which the .trs tells better */
	const char *text = rest + name + 1;
	const char *why = strstr(text, " # ");

	if (strncmp(text, "- ", 2) == 0) {
		buf_addf(&r->said, "%s%s", r->said.len > 0 ? "; " : "", text + 2);
		return;
	}
	GROW(r->subs, r->nsubs, r->cap_subs);
	r->subs[r->nsubs++] = (struct subresult){
		.name = why ? arena_memdup(&r->mem, text, (size_t)(why - text))
			    : arena_strdup(&r->mem, text),
		.outcome = outcome,
		.message = why ? arena_strdup(&r->mem, why + 3) : "",
		.time_us = TIME_UNKNOWN,
	};
}

/* --- the files ------------------------------------------------------------------------------ */

static const char *file_of(struct reader *r, const char *end)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s%s", r->test->selector, end);
	const char *path = fs_absolute(&r->mem, r->workdir, name.s);

	buf_release(&name);
	return path;
}

bool automake_read_verdict(const char *trs, enum outcome *ret)
{
	static const char *const keys[] = { ":test-result:", ":global-test-result:" };
	bool is_known = false;

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		for (const char *line = trs; line; line = strchr(line, '\n')) {
			line += *line == '\n';
			const char *s = line + strspn(line, " \t");

			if (strncmp(s, keys[k], strlen(keys[k])) != 0)
				continue;
			s += strlen(keys[k]);
			s += strspn(s, " \t");
			is_known = outcome_of(s, strcspn(s, " \t\r\n"), ret) || is_known;
		}
	}
	return is_known;
}

/* "(exit status: 3)" at the end of the log, which automake's own driver writes. */
static void add_status(const struct buf *log, struct buf *why)
{
	static const char text[] = "(exit status: ";
	const char *found = NULL;

	for (const char *s = strstr(log->s, text); s; s = strstr(s + 1, text))
		found = s + sizeof text - 1;
	if (found && log->s + log->len - found < 8)
		buf_addf(why, "exit status %.*s", (int)strspn(found, "0123456789"), found);
}

static void explain(struct reader *r, const struct buf *log, struct result *ret, struct buf *why)
{
	size_t nbad = 0;
	const struct subresult *first = NULL;

	if (ret->outcome == OUTCOME_PASS)
		return;
	for (size_t i = 0; i < r->nsubs; i++) {
		bool is_bad =
			outcome_is_bad(r->subs[i].outcome) || r->subs[i].outcome == OUTCOME_XPASS;

		nbad += is_bad;
		if (!first && (is_bad || (ret->outcome == OUTCOME_SKIP && *r->subs[i].message)))
			first = &r->subs[i];
	}
	if (ret->outcome == OUTCOME_XPASS) {
		buf_addstr(why, "passed although XFAIL_TESTS says that it fails");
		ret->outcome = OUTCOME_FAIL;
	} else if (nbad > 0) {
		buf_addf(why, "%zu of %zu points failed: %s%s%s", nbad, r->nsubs, first->name,
			 *first->message ? ", " : "", first->message);
	} else if (first && r->said.len == 0) {
		buf_addstr(why, first->message);
	} else if (r->said.len == 0) {
		add_status(log, why);
	}
	buf_addf(why, "%s%s", why->len > 0 && r->said.len > 0 ? "; " : "", r->said.s);
	if (ret->outcome == OUTCOME_XFAIL)
		buf_addstr(why, why->len > 0 ? " (XFAIL_TESTS)" : "XFAIL_TESTS");
}

/* Until the driver says better; what cannot be written only makes `make recheck` leave it out. */
static void write_unended(struct reader *r)
{
	(void)outfile_write(file_of(r, ".trs"), unended, strlen(unended), NULL);
}

static void judge(struct reader *r, const struct proc_end *end)
{
	struct result result = {
		.time_us = TIME_UNKNOWN, .detail = "", .exit_code = -1, .is_leaky = end->is_leaky
	};
	struct buf trs = BUF_INIT, log = BUF_INIT, why = BUF_INIT;
	bool has_log = fs_read(file_of(r, ".log"), LOG_MAX_BYTES, &log, NULL) == 0;
	bool has_verdict = fs_read(file_of(r, ".trs"), TRS_MAX_BYTES, &trs, NULL) == 0 &&
			   strcmp(trs.s, unended) != 0 &&
			   automake_read_verdict(trs.s, &result.outcome);
	bool has_exited = end->exit_code >= 0 && !end->is_timeout && !end->is_stopped;

	if (has_log)
		r->sink->output(r->sink->ctx, 0, 0, log.s, log.len);
	if (has_exited) {
		result.subs = r->subs;
		result.nsubs = r->nsubs;
		if (has_verdict) {
			explain(r, &log, &result, &why);
		} else {
			result.outcome = OUTCOME_ERROR;
			buf_addf(&why, "make wrote no verdict to %s.trs: ", r->test->selector);
			proc_end_describe(end, &why);
		}
		result.message = why.s;
		r->sink->end(r->sink->ctx, 0, &result);
	}
	if (!has_exited || !has_verdict) {
		if (!has_log)
			(void)outfile_write(file_of(r, ".log"), log_text, strlen(log_text), NULL);
		write_unended(r);
	}
	buf_release(&trs);
	buf_release(&log);
	buf_release(&why);
}

/* --- the row -------------------------------------------------------------------------------- */

static bool probe(const struct candidate *c)
{
	(void)c;
	return false; /* a folder's Makefile says so */
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	(void)t;
	(void)target_index;
	(void)ctx;
	(void)ret;
	return err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "only a folder of automake's lists these");
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	(void)reterr;
	ret->argv = arena_strings(&ret->mem, b->target->argv, b->target->nargv);
	ret->nargv = b->target->nargv;
	return 0;
}

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	static const struct buf empty = BUF_INIT;
	struct reader *r = xcalloc(1, sizeof *r);

	r->sink = sink;
	r->test = b->tests[0];
	r->workdir = b->target->workdir;
	r->line = empty;
	r->said = empty;
	write_unended(r);
	return r;
}

/* What the driver says is shown only where it is no verdict: the log has all else. */
static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream != 0) {
		r->sink->output(r->sink->ctx, 0, stream, s, len);
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

static bool finish(struct reader *r, const struct proc_end *end)
{
	judge(r, end);
	buf_release(&r->line);
	buf_release(&r->said);
	free(r->subs);
	arena_release(&r->mem);
	free(r);
	return true;
}

const struct adapter adapter_automake = {
	.name = "automake",
	.probe = probe,
	.list = list,
	.is_by_make = true,
	.max_batch = 1,
	.command = command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
