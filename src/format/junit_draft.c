/* SPDX-License-Identifier: MIT */
#include "format/junit_draft.h"

#include "base/alloc.h"
#include "base/parse.h"

enum { NBUFS = 8 };

static void bufs_of(struct junit_draft *d, struct buf *ret[NBUFS])
{
	struct buf *const all[NBUFS] = { &d->classname, &d->name,      &d->file, &d->line,
					 &d->time,      &d->iteration, &d->out,  &d->err };

	memcpy(ret, all, sizeof all);
}

void junit_draft_init(struct junit_draft *d)
{
	struct buf *all[NBUFS];

	*d = (struct junit_draft){ 0 };
	bufs_of(d, all);
	for (size_t i = 0; i < NBUFS; i++)
		*all[i] = (struct buf)BUF_INIT;
	junit_said_init(&d->said);
}

static void rerun_release(struct draft_rerun *r)
{
	buf_release(&r->message);
	buf_release(&r->type);
	buf_release(&r->text);
	buf_release(&r->out);
	buf_release(&r->err);
}

void junit_draft_release(struct junit_draft *d)
{
	struct buf *all[NBUFS];

	bufs_of(d, all);
	for (size_t i = 0; i < NBUFS; i++)
		buf_release(all[i]);
	for (size_t i = 0; i < d->made_props; i++) {
		buf_release(&d->props[i].name);
		buf_release(&d->props[i].value);
	}
	for (size_t i = 0; i < d->made_reruns; i++)
		rerun_release(&d->reruns[i]);
	free(d->props);
	free(d->reruns);
	free(d->prop_views);
	free(d->rerun_views);
	junit_said_release(&d->said);
}

/* One large output must not stay for all the small ones after it. */
static void clear_or_shrink(struct buf *b)
{
	enum { KEPT_BYTES = 1024 * 1024 };

	if (b->cap > KEPT_BYTES)
		buf_release(b);
	else
		buf_clear(b);
}

void junit_draft_clear(struct junit_draft *d)
{
	struct buf *all[NBUFS];

	bufs_of(d, all);
	for (size_t i = 0; i < NBUFS; i++)
		clear_or_shrink(all[i]);
	clear_or_shrink(&d->said.text);
	junit_said_clear(&d->said);
	d->nprops = 0;
	d->nreruns = 0;
}

struct draft_property *junit_draft_property(struct junit_draft *d)
{
	GROW(d->props, d->nprops, d->cap_props);
	struct draft_property *p = &d->props[d->nprops];

	if (d->nprops++ == d->made_props) {
		*p = (struct draft_property){ BUF_INIT, BUF_INIT };
		d->made_props++;
	}
	buf_clear(&p->name);
	buf_clear(&p->value);
	return p;
}

struct draft_rerun *junit_draft_rerun(struct junit_draft *d)
{
	GROW(d->reruns, d->nreruns, d->cap_reruns);
	struct draft_rerun *r = &d->reruns[d->nreruns];

	if (d->nreruns++ == d->made_reruns)
		d->made_reruns++;
	else
		rerun_release(r);
	*r = (struct draft_rerun){ BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	return r;
}

void junit_trim(struct buf *b)
{
	while (b->len > 0 && strchr(" \t\r\n", b->s[b->len - 1]))
		buf_truncate(b, b->len - 1);
}

static struct text text_of(const struct buf *b)
{
	return (struct text){ b->s, b->len };
}

static void view_lists(struct junit_draft *d, struct junit_case *ret)
{
	for (size_t i = 0; i < d->nprops; i++) {
		GROW(d->prop_views, i, d->cap_prop_views);
		d->prop_views[i] =
			(struct junit_property){ d->props[i].name.s, d->props[i].value.s };
	}
	for (size_t i = 0; i < d->nreruns; i++) {
		struct draft_rerun *r = &d->reruns[i];

		junit_trim(&r->text);
		GROW(d->rerun_views, i, d->cap_rerun_views);
		d->rerun_views[i] = (struct junit_rerun){ .message = r->message.s,
							  .type = r->type.s,
							  .text = text_of(&r->text),
							  .out = text_of(&r->out),
							  .err = text_of(&r->err) };
	}
	ret->props = d->prop_views;
	ret->nprops = d->nprops;
	ret->reruns = d->rerun_views;
	ret->nreruns = d->nreruns;
}

void junit_draft_view(struct junit_draft *d, struct junit_case *ret)
{
	uint64_t line = 0;

	if (d->line.len > 0)
		parse_uint(d->line.s, INT32_MAX, &line); /* else it stays 0: unknown */
	*ret = (struct junit_case){
		.suite = "",
		.classname = d->classname.s,
		.name = d->name.s,
		.file = d->file.len > 0 ? d->file.s : NULL,
		.line = (unsigned)line,
		.time_us = TIME_UNKNOWN,
		.message = d->said.message.s,
		.type = d->said.type.s,
		.text = text_of(&d->said.text),
		.out = text_of(&d->out),
		.err = text_of(&d->err),
	};
	parse_seconds(d->time.s, &ret->time_us); /* else it stays unknown */
	view_lists(d, ret);
}

void junit_draft_settle_check(struct junit_draft *d)
{
	struct junit_said *s = &d->said;
	char *colon = strrchr(d->file.s, ':');

	if (colon) {
		buf_clear(&d->line);
		buf_addstr(&d->line, colon + 1);
		buf_truncate(&d->file, (size_t)(colon - d->file.s));
	}
	if (d->iteration.len > 0 && strcmp(d->iteration.s, "0") != 0)
		buf_addf(&d->name, "[%s]", d->iteration.s);
	if (s->element == JUNIT_SAID_NOTHING)
		buf_clear(&s->text); /* "Passed" */
	buf_clear(&s->message);
	buf_add(&s->message, s->text.s, strcspn(s->text.s, "\n"));
}
