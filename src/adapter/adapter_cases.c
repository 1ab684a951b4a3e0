/* SPDX-License-Identifier: MIT */
#include "adapter/adapter_cases.h"

#include "base/alloc.h"
#include "sys/proc.h"

enum { CASE_WAITING, CASE_BEGUN, CASE_ENDED };

enum { EARLY_MAX_BYTES = 65536 };

void cases_init(struct cases *c, const struct batch *b, const struct case_sink *sink)
{
	*c = (struct cases){ .batch = b,
			     .sink = sink,
			     .states = xcalloc(b->ntests + 1, 1),
			     .current = SIZE_MAX,
			     .early = BUF_INIT };
	for (size_t i = 0; i < b->ntests; i++)
		map_put(&c->names, b->tests[i]->selector, strlen(b->tests[i]->selector), i);
}

void cases_release(struct cases *c)
{
	free(c->states);
	map_release(&c->names);
	arena_release(&c->mem);
	buf_release(&c->early);
}

size_t cases_find(struct cases *c, const char *selector, size_t len)
{
	size_t i = SIZE_MAX;

	if (!map_get(&c->names, selector, len, &i) || c->states[i] == CASE_ENDED)
		return SIZE_MAX;
	return i;
}

bool cases_is_waiting(const struct cases *c, size_t i)
{
	return i < c->batch->ntests && c->states[i] == CASE_WAITING;
}

struct result cases_blank(enum outcome outcome)
{
	return (struct result){ .outcome = outcome,
				.time_us = TIME_UNKNOWN,
				.message = "",
				.detail = "",
				.exit_code = -1 };
}

static void say_held(struct cases *c)
{
	if (!c->is_held)
		return;
	c->is_held = false;
	c->current = SIZE_MAX;
	c->nbad += outcome_is_bad(c->held.outcome);
	c->sink->end(c->sink->ctx, c->held_index, &c->held);
	arena_release(&c->mem);
}

void cases_pause(struct cases *c)
{
	if (c->current == SIZE_MAX || c->states[c->current] != CASE_BEGUN)
		return;
	c->states[c->current] = CASE_WAITING;
	c->current = SIZE_MAX;
	c->sink->begin(c->sink->ctx, SIZE_MAX);
}

void cases_begin(struct cases *c, size_t i)
{
	if (!cases_is_waiting(c, i))
		return;
	say_held(c);
	cases_pause(c); /* one whose end nobody told runs again */
	c->states[i] = CASE_BEGUN;
	c->current = i;
	c->sink->begin(c->sink->ctx, i);
	if (c->early.len > 0)
		c->sink->output(c->sink->ctx, i, 0, c->early.s, c->early.len);
	buf_clear(&c->early);
}

static void hold(struct cases *c, size_t i, const struct result *r)
{
	struct subresult *subs = arena_alloc(&c->mem, r->nsubs + 1, sizeof *subs);

	c->held = *r;
	c->held.message = arena_strdup(&c->mem, r->message ? r->message : "");
	c->held.detail = arena_strdup(&c->mem, r->detail ? r->detail : "");
	c->held.file = arena_strdup(&c->mem, r->file);
	for (size_t k = 0; k < r->nsubs; k++) {
		subs[k] = r->subs[k];
		subs[k].name = arena_strdup(&c->mem, r->subs[k].name);
		subs[k].message = arena_strdup(&c->mem, r->subs[k].message);
		subs[k].file = arena_strdup(&c->mem, r->subs[k].file);
	}
	c->held.subs = subs;
	c->held_index = i;
	c->is_held = true;
}

void cases_end(struct cases *c, size_t i, const struct result *r)
{
	if (i >= c->batch->ntests || c->states[i] == CASE_ENDED)
		return;
	cases_begin(c, i);
	c->states[i] = CASE_ENDED;
	c->nsaid++;
	hold(c, i, r);
	if (c->nsaid < c->batch->ntests)
		say_held(c);
}

void cases_judge(struct cases *c, size_t i, enum outcome outcome, const char *message)
{
	struct result r = cases_blank(outcome);

	r.message = message ? message : "";
	cases_end(c, i, &r);
}

void cases_doubt(struct cases *c, const char *why)
{
	if (!*why || !c->is_held || outcome_is_bad(c->held.outcome))
		return;
	c->held.outcome = OUTCOME_ERROR;
	c->held.message = why;
}

void cases_output(struct cases *c, int stream, const char *s, size_t len)
{
	size_t room = c->early.len < EARLY_MAX_BYTES ? EARLY_MAX_BYTES - c->early.len : 0;

	if (len == 0)
		return;
	if (c->current != SIZE_MAX)
		c->sink->output(c->sink->ctx, c->current, stream, s, len);
	else
		buf_add(&c->early, s, len < room ? len : room);
}

void cases_finish(struct cases *c, const struct proc_end *end)
{
	struct buf why = BUF_INIT;
	bool is_bad_end = end->term_signal || end->exit_code > 0;

	/* it hung behind its last test */
	if (end->is_timeout)
		c->is_held = false;
	if (c->is_held && is_bad_end && !end->is_stopped && c->nbad == 0 &&
	    !outcome_is_bad(c->held.outcome)) {
		proc_end_describe(end, &why);
		buf_addstr(&why, " although every test passed");
		c->held.outcome = end->term_signal ? OUTCOME_CRASH : OUTCOME_ERROR;
		c->held.term_signal = end->term_signal;
		c->held.message = arena_memdup(&c->mem, why.s, why.len);
	}
	if (c->early.len > 0)
		c->sink->output(c->sink->ctx, SIZE_MAX, 0, c->early.s, c->early.len);
	say_held(c);
	buf_release(&why);
}

/* --- lines ----------------------------------------------------------------------------------- */

static void give(struct lines *l, const char *s, size_t len,
		 void (*each)(void *ctx, const struct line *line), void *ctx)
{
	struct line line = { .s = s, .len = len, .text_len = len, .is_first = !l->is_inside };
	bool has_newline = len > 0 && s[len - 1] == '\n';

	if (has_newline)
		line.text_len--;
	if (has_newline && line.text_len > 0 && s[line.text_len - 1] == '\r')
		line.text_len--;
	l->is_inside = !has_newline;
	each(ctx, &line);
}

void lines_feed(struct lines *l, const char *s, size_t len,
		void (*each)(void *ctx, const struct line *line), void *ctx)
{
	const char *end = s + len;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((nl ? nl + 1 : end) - s);

		if (nl && l->part.len == 0) {
			give(l, s, n, each, ctx);
		} else {
			buf_add(&l->part, s, n);
			if (nl || l->part.len > LINES_MAX_BYTES) {
				give(l, l->part.s, l->part.len, each, ctx);
				buf_clear(&l->part);
			}
		}
		s += n;
	}
}

void lines_finish(struct lines *l, void (*each)(void *ctx, const struct line *line), void *ctx)
{
	if (l->part.len > 0)
		give(l, l->part.s, l->part.len, each, ctx);
	buf_clear(&l->part);
	l->is_inside = false;
}

void lines_release(struct lines *l)
{
	buf_release(&l->part);
}

void lines_read(const char *s, size_t len, void (*each)(void *ctx, const struct line *line),
		void *ctx)
{
	struct lines l = LINES_INIT;

	lines_feed(&l, s, len, each, ctx);
	lines_finish(&l, each, ctx);
	lines_release(&l);
}

const char *line_after(const struct line *l, const char *what)
{
	size_t len = strlen(what);

	if (!l->is_first || l->text_len < len || memcmp(l->s, what, len) != 0)
		return NULL;
	return l->s + len;
}
