/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_xmlrun.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/parse.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { STATE_WAITING, STATE_BEGUN, STATE_SAID };
enum { DETAIL_MAX_BYTES = 1 << 20, EARLY_MAX_BYTES = 1 << 24, REPORT_MAX_BYTES = 1 << 29 };

/* --- saying ------------------------------------------------------------------------------- */

static void forget(struct reader *r)
{
	r->outcome = OUTCOME_PASS;
	r->time_us = TIME_UNKNOWN;
	r->line = 0;
	r->nfailures = 0;
	r->is_fatal = r->is_skipped = r->has_last_words = r->is_held = false;
	buf_clear(&r->message);
	buf_clear(&r->detail);
	buf_clear(&r->file);
}

static void say(struct reader *r, int term_signal)
{
	const struct result said = { .outcome = r->outcome,
				     .message = r->message.s,
				     .detail = r->detail.s,
				     .file = r->file.len > 0 ? r->file.s : NULL,
				     .line = r->line,
				     .exit_code = -1,
				     .term_signal = term_signal,
				     .time_us = r->time_us };

	if (r->current != SIZE_MAX && r->is_held) {
		r->states[r->current] = STATE_SAID;
		r->nsaid++;
		r->sink->end(r->sink->ctx, r->current, &said);
	}
	r->current = SIZE_MAX;
	r->is_held = false;
}

/* One whose end nobody told runs again when another begins. */
static void set_aside(struct reader *r)
{
	if (!r->is_inside || r->is_held || r->current == SIZE_MAX)
		return;
	r->states[r->current] = STATE_WAITING;
	r->current = SIZE_MAX;
	r->sink->begin(r->sink->ctx, SIZE_MAX);
}

void xmlrun_begin(struct reader *r, size_t i)
{
	set_aside(r);
	say(r, 0);
	forget(r);
	r->is_inside = true;
	r->current = i;
	if (i == SIZE_MAX)
		return;
	r->states[i] = STATE_BEGUN;
	r->next = i + 1;
	r->sink->begin(r->sink->ctx, i);
	xmlrun_output(r, 0, r->early.s, r->early.len);
	buf_clear(&r->early);
}

static void end_case(struct reader *r)
{
	r->is_inside = false;
	r->dialect->judge(r);
	if (!outcome_is_bad(r->outcome)) {
		r->line = 0;
		buf_clear(&r->file);
	}
	/* one line is the message itself */
	if (r->nfailures == 1 && strchr(r->detail.s, '\n') == r->detail.s + r->detail.len - 1)
		buf_clear(&r->detail);
	if (r->outcome == OUTCOME_PASS)
		buf_clear(&r->message);
	r->nbad += outcome_is_bad(r->outcome);
	r->is_held = true;
}

void xmlrun_skip(struct reader *r, size_t i, const char *reason)
{
	xmlrun_begin(r, i);
	r->is_inside = false;
	r->outcome = OUTCOME_SKIP;
	r->time_us = 0;
	buf_addstr(&r->message, reason);
	r->is_held = true;
}

void xmlrun_say(struct reader *r, const char *text)
{
	if (r->message.len == 0)
		buf_addstr(&r->message, text);
}

static void add_detail(struct reader *r, const char *s, size_t len)
{
	if (r->detail.len + len <= DETAIL_MAX_BYTES)
		buf_add(&r->detail, s, len);
}

void xmlrun_failure(struct reader *r, const char *file, const char *line, const struct buf *text)
{
	uint64_t number = 0;

	if (r->nfailures++ == 0) {
		buf_clear(&r->message);
		buf_add(&r->message, text->s, strcspn(text->s, "\n"));
		buf_clear(&r->file);
		buf_addstr(&r->file, file ? file : "");
		r->line = line && parse_uint(line, UINT32_MAX, &number) ? (unsigned)number : 0;
	}
	if (file && *file) {
		add_detail(r, file, strlen(file));
		add_detail(r, ":", 1);
		add_detail(r, line ? line : "", line ? strlen(line) : 0);
		add_detail(r, ": ", 2);
	}
	add_detail(r, text->s, text->len);
	add_detail(r, "\n", 1);
}

void xmlrun_output(struct reader *r, int stream, const char *s, size_t len)
{
	if (len > 0)
		r->sink->output(r->sink->ctx, r->current, stream, s, len);
}

/* --- which test? -------------------------------------------------------------------------- */

static size_t trim(const char **s)
{
	while (**s == ' ')
		(*s)++;
	size_t len = strlen(*s);

	while (len > 0 && (*s)[len - 1] == ' ')
		len--;
	return len;
}

static bool is_same_trimmed(const char *a, const char *b)
{
	size_t na = trim(&a), nb = trim(&b);

	return na == nb && memcmp(a, b, na) == 0;
}

bool xmlrun_is(const struct test *t, const char *name, const char *file, const char *line)
{
	uint64_t number = 0;

	return name && (!file || !t->file || strcmp(file, t->file) == 0) &&
	       (!line || t->line == 0 ||
		(parse_uint(line, UINT32_MAX, &number) && number == t->line)) &&
	       is_same_trimmed(t->name, name);
}

size_t xmlrun_find(struct reader *r, bool (*is)(const struct test *t, const void *what),
		   const void *what)
{
	size_t n = r->batch->ntests;

	for (size_t k = 0; k < n; k++) {
		size_t i = (r->next + k) % n;

		if (r->states[i] == STATE_WAITING && is(r->batch->tests[i], what))
			return i;
	}
	return SIZE_MAX;
}

uint64_t xmlrun_time(const char *seconds)
{
	char *end = NULL;
	double time_us = seconds ? strtod(seconds, &end) * 1e6 : -1;

	if (!seconds || end == seconds || *end || !(time_us >= 0 && time_us < 1e15))
		return TIME_UNKNOWN;
	return (uint64_t)(time_us + 0.5);
}

/* --- the stream --------------------------------------------------------------------------- */

static bool is_root(const struct reader *r, const struct xmlmix_tag *tag)
{
	const struct xmlrun_dialect *d = r->dialect;

	return xmlmix_is(tag, d->root[0]) || (d->root[1] && xmlmix_is(tag, d->root[1]));
}

static bool is_case(const struct xmlmix_tag *tag)
{
	return xmlmix_is(tag, "TestCase");
}

static bool knows(void *ctx, const struct xmlmix_tag *tag)
{
	const struct reader *r = ctx;
	const char *last = r->dialect->last_words;

	if (tag->name[0] == '?')
		return !r->has_root;
	if (is_root(r, tag))
		return tag->is_end ? r->has_root && !r->is_over && !r->is_inside : !r->has_root;
	if (!r->has_root || r->is_over)
		return false;
	if (!is_case(tag))
		return true;
	if (!tag->is_end)
		return !r->is_inside && (xmlmix_attr(tag, "name") || xmlmix_attr(tag, "filename"));
	return r->is_inside && (!last || r->has_last_words);
}

static void on_tag(void *ctx, const struct xmlmix_tag *tag)
{
	struct reader *r = ctx;

	if (tag->name[0] == '?')
		return;
	if (is_root(r, tag)) {
		r->has_root = true;
		r->is_over = tag->is_end;
	} else if (is_case(tag) && tag->is_end) {
		end_case(r);
	} else {
		r->dialect->tag(r, tag);
		r->has_last_words = r->has_last_words || (r->is_inside && r->dialect->last_words &&
							  xmlmix_is(tag, r->dialect->last_words));
	}
}

static void on_output(void *ctx, const char *s, size_t len)
{
	const struct reader *r = ctx;

	xmlrun_output(ctx, r->batch->ntests > 1 ? 0 : r->dialect->stream, s, len);
}

void xmlrun_read(struct reader *r, int stream, const char *s, size_t len)
{
	int from = r->batch->ntests > 1 ? 0 : r->dialect->stream; /* merged */

	if (stream == from && !(r->batch->wants_report && r->dialect->stream == 0))
		xmlmix_feed(r->mix, s, len);
	else if (stream == 0 && from == 1 && r->states[0] == STATE_WAITING &&
		 r->early.len + len <= EARLY_MAX_BYTES)
		buf_add(&r->early, s, len);
	else if (stream < 2)
		xmlrun_output(r, stream, s, len);
}

/* --- the end ------------------------------------------------------------------------------ */

static void charge(struct reader *r, const struct proc_end *end, const char *what)
{
	r->outcome = end->term_signal ? OUTCOME_CRASH : OUTCOME_ERROR;
	buf_clear(&r->message);
	proc_end_describe(end, &r->message);
	buf_addstr(&r->message, what);
}

/* The last test's end was read, then the process ended: was all well in between? */
static void settle_held(struct reader *r, const struct proc_end *end)
{
	bool is_bad = outcome_is_bad(r->outcome);

	if (end->is_stopped || end->is_timeout)
		r->is_held = !r->is_fatal; /* what it died of is our signal */
	else if (end->term_signal && r->is_fatal)
		charge(r, end, "");
	else if (is_bad)
		; /* the run is red as it is */
	else if (end->term_signal)
		charge(r, end, " after the test had ended");
	else if (!r->is_over)
		charge(r, end, " after the test, before the end of the run");
	else if (end->exit_code != 0 && end->exit_code != r->dialect->content_code && r->nbad == 0)
		charge(r, end, " although every test passed");
	say(r, end->term_signal && r->outcome == OUTCOME_CRASH ? end->term_signal : 0);
}

static bool has_unsaid(const struct reader *r)
{
	for (size_t i = 0; i < r->batch->ntests; i++) {
		if (r->states[i] != STATE_SAID)
			return true;
	}
	return false;
}

static void read_report(struct reader *r)
{
	struct arena mem = { 0 };
	struct buf text = BUF_INIT;

	if (fs_read(fs_join(&mem, r->batch->scratch, XMLRUN_REPORT), REPORT_MAX_BYTES, &text,
		    NULL) == 0)
		xmlmix_feed(r->mix, text.s, text.len);
	buf_release(&text);
	arena_release(&mem);
}

static void reader_free(struct reader *r)
{
	xmlmix_free(r->mix);
	buf_release(&r->message);
	buf_release(&r->detail);
	buf_release(&r->file);
	buf_release(&r->early);
	buf_release(&r->where);
	free(r->states);
	free(r);
}

bool xmlrun_finish(struct reader *r, const struct proc_end *end)
{
	bool is_peaceful = !end->term_signal && !end->is_timeout && !end->is_stopped;

	if (r->batch->wants_report)
		read_report(r);
	xmlmix_finish(r->mix);
	xmlrun_output(r, 0, r->early.s, r->early.len);
	if (r->is_held)
		settle_held(r, end);
	/* some said, none in flight: what is left is for the next process */
	bool is_trusted = !is_peaceful || !has_unsaid(r) || (r->has_root && !r->is_over) ||
			  (r->nsaid > 0 && r->current == SIZE_MAX);

	reader_free(r);
	return is_trusted;
}

bool xmlrun_is_everything(const struct batch *b)
{
	size_t n = 0;

	for (size_t i = 0; b->all && i < b->all->ntests; i++) {
		const struct test *t = &b->all->tests[i];

		n += t->target == b->tests[0]->target && !t->skip_reason;
	}
	return n == b->ntests;
}

const char *xmlrun_report(const struct batch *b, struct arena *mem)
{
	const char *path = fs_join(mem, b->scratch, XMLRUN_REPORT);

	(void)unlink(path); /* an earlier process's; most often there is none */
	return path;
}

struct reader *xmlrun_new(const struct xmlrun_dialect *dialect, const struct batch *b,
			  const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);
	const struct xmlmix_hooks hooks = { r, knows, on_tag, on_output };

	*r = (struct reader){
		.batch = b,
		.sink = sink,
		.dialect = dialect,
		.mix = xmlmix_new(dialect->words, dialect->indent, &hooks),
		.states = xcalloc(b->ntests, 1),
		.current = SIZE_MAX,
		.message = BUF_INIT,
		.detail = BUF_INIT,
		.file = BUF_INIT,
		.early = BUF_INIT,
		.where = BUF_INIT,
	};
	forget(r);
	return r;
}
