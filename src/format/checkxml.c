/* SPDX-License-Identifier: MIT */
#include "format/checkxml.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/parse.h"
#include "base/utf8.h"

enum { TAG_BYTES = 4096, ENTITY_BYTES = 12 };

enum field {
	FIELD_TITLE,
	FIELD_PATH,
	FIELD_FN,
	FIELD_ID,
	FIELD_ITERATION,
	FIELD_DURATION,
	FIELD_DESCRIPTION,
	FIELD_MESSAGE,
	FIELD_MAX
};

static const char *const field_names[FIELD_MAX] = { "title",       "path",      "fn",
						    "id",          "iteration", "duration",
						    "description", "message" };

struct checkxml {
	struct check_hooks hooks;
	struct buf tag;  /* between < and > */
	struct buf text; /* of the element at hand, entities undone */
	struct buf entity;
	bool is_tag, is_entity, is_test;
	enum check_verdict verdict;
	struct buf fields[FIELD_MAX];
	size_t nbegun, nended;
	size_t depth; /* documents that are open: deeper ones are of programs that a test runs */
};

struct checkxml *checkxml_new(const struct check_hooks *hooks)
{
	struct checkxml *x = xcalloc(1, sizeof *x);
	const struct buf empty = BUF_INIT;

	x->hooks = *hooks;
	x->tag = x->text = x->entity = empty;
	for (size_t i = 0; i < FIELD_MAX; i++)
		x->fields[i] = empty;
	return x;
}

void checkxml_free(struct checkxml *x)
{
	if (x == NULL)
		return;
	buf_release(&x->tag);
	buf_release(&x->text);
	buf_release(&x->entity);
	for (size_t i = 0; i < FIELD_MAX; i++)
		buf_release(&x->fields[i]);
	free(x);
}

size_t checkxml_begun(const struct checkxml *x)
{
	return x->nbegun;
}

size_t checkxml_ended(const struct checkxml *x)
{
	return x->nended;
}

/* --- text ------------------------------------------------------------------------------- */

static void add_text(struct checkxml *x, const char *s, size_t len)
{
	size_t room = CHECKXML_TEXT_BYTES - x->text.len;

	buf_add(&x->text, s, len < room ? len : room);
}

static uint32_t hex(const char *s)
{
	uint32_t value = 0;

	for (; *s; s++) {
		const char *at = strchr("0123456789abcdef", *s | 0x20);

		if (!at || value > 0x10ffff)
			return 0;
		value = value << 4 | (uint32_t)(at - "0123456789abcdef");
	}
	return value;
}

/* "lt", "#xA", "#10": what Check writes; anything else stays as it was. */
static void add_entity(struct checkxml *x)
{
	static const struct {
		const char *name, *text;
	} known[] = {
		{ "lt", "<" }, { "gt", ">" }, { "amp", "&" }, { "quot", "\"" }, { "apos", "'" }
	};
	const char *name = x->entity.s;
	uint64_t code = 0;

	x->is_entity = false;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(name, known[i].name) == 0) {
			add_text(x, known[i].text, 1);
			return;
		}
	}
	if (name[0] == '#' && name[1] == 'x')
		code = hex(name + 2);
	else if (name[0] == '#' && !parse_uint(name + 1, 0x10ffff, &code))
		code = 0;
	if (code > 0 && code <= 0x10ffff) {
		struct buf one = BUF_INIT;

		utf8_add(&one, (uint32_t)code);
		add_text(x, one.s, one.len);
		buf_release(&one);
	} else {
		add_text(x, "&", 1);
		add_text(x, name, x->entity.len);
		add_text(x, ";", 1);
	}
}

/* --- elements --------------------------------------------------------------------------- */

static void begin_test(struct checkxml *x)
{
	const char *result = strstr(x->tag.s, "result=\"");

	x->is_test = true;
	for (size_t i = FIELD_PATH; i < FIELD_MAX; i++)
		buf_clear(&x->fields[i]);
	x->verdict = CHECK_ERROR;
	if (result && strncmp(result + 8, "success\"", 8) == 0)
		x->verdict = CHECK_PASSED;
	else if (result && strncmp(result + 8, "failure\"", 8) == 0)
		x->verdict = CHECK_FAILED;
}

/* "dir" and "file.c:12" to "dir/file.c" and 12. */
static void join_place(struct checkxml *x, struct buf *file, struct check_case *c)
{
	const char *path = x->fields[FIELD_PATH].s;
	const char *fn = x->fields[FIELD_FN].s;
	const char *colon = strrchr(fn, ':');
	uint64_t line = 0;

	if (colon && parse_uint(colon + 1, UINT32_MAX, &line))
		c->line = (unsigned)line;
	if (*path && strcmp(path, ".") != 0)
		buf_addf(file, "%s/", path);
	buf_add(file, fn, colon ? (size_t)(colon - fn) : strlen(fn));
	c->file = file->s;
}

static void end_test(struct checkxml *x)
{
	struct buf file = BUF_INIT;
	struct check_case c = {
		.suite = x->fields[FIELD_TITLE].s,
		.tcase = x->fields[FIELD_DESCRIPTION].s,
		.name = x->fields[FIELD_ID].s,
		.verdict = x->verdict,
		.time_us = TIME_UNKNOWN,
		.message = x->fields[FIELD_MESSAGE].s,
	};

	x->is_test = false;
	join_place(x, &file, &c);
	const char *iteration = x->fields[FIELD_ITERATION].s;
	bool is_negative = *iteration == '-';

	if (parse_uint(iteration + is_negative, INT32_MAX, &c.iteration) && is_negative)
		c.iteration = (uint32_t)(0U - c.iteration);
	if (!parse_seconds(x->fields[FIELD_DURATION].s, &c.time_us))
		c.time_us = TIME_UNKNOWN;
	x->hooks.ended(x->hooks.ctx, &c);
	buf_release(&file);
}

static void keep_field(struct checkxml *x, const char *name)
{
	for (size_t i = 0; i < FIELD_MAX; i++) {
		if (strcmp(name, field_names[i]) != 0 || (i != FIELD_TITLE && !x->is_test))
			continue;
		struct buf swapped = x->fields[i];

		x->fields[i] = x->text;
		x->text = swapped;
		if (i == FIELD_TITLE)
			x->hooks.suite(x->hooks.ctx, x->fields[FIELD_TITLE].s);
	}
}

static bool is_begin_of(const char *tag, const char *name)
{
	size_t len = strlen(name);

	return strncmp(tag, name, len) == 0 && (tag[len] == '\0' || tag[len] == ' ');
}

static void on_tag(struct checkxml *x)
{
	const char *tag = x->tag.s;

	if (is_begin_of(tag, "testsuites")) {
		x->is_test = false;
		x->nbegun += x->depth++ == 0;
	} else if (strcmp(tag, "/testsuites") == 0 && x->depth > 0) {
		x->nended += --x->depth == 0;
	} else if (x->depth > 1) {
		; /* inherited our pipe */
	} else if (is_begin_of(tag, "test")) {
		begin_test(x);
	} else if (strcmp(tag, "/test") == 0 && x->is_test) {
		end_test(x);
	} else if (tag[0] == '/') {
		keep_field(x, tag + 1);
	}
	buf_clear(&x->text);
}

static void on_byte(struct checkxml *x, char c)
{
	if (x->is_tag && c == '>') {
		x->is_tag = false;
		on_tag(x);
	} else if (c == '<') { /* never inside anything: what was open there was cut off */
		x->is_tag = true;
		x->is_entity = false;
		buf_clear(&x->tag);
	} else if (x->is_tag) {
		if (x->tag.len < TAG_BYTES)
			buf_addch(&x->tag, c);
	} else if (x->is_entity && c == ';') {
		add_entity(x);
	} else if (c == '&') {
		x->is_entity = true;
		buf_clear(&x->entity);
	} else if (x->is_entity && x->entity.len < ENTITY_BYTES) {
		buf_addch(&x->entity, c);
	} else if (!x->is_entity) {
		add_text(x, &c, 1);
	}
}

void checkxml_read(struct checkxml *x, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		on_byte(x, s[i]);
}
