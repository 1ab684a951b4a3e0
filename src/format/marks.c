/* SPDX-License-Identifier: MIT */
#include "format/marks.h"

#include "base/buf.h"
#include "base/parse.h"
#include "format/elf.h"

struct reading {
	void (*each)(void *ctx, const struct mark *m);
	void *ctx;
	size_t n;
};

/* The string at `at`, if it ends within len bytes; *at moves behind it. */
static const char *take_string(const char *desc, size_t len, size_t *at)
{
	const char *s = desc + *at;
	const char *end = *at < len ? memchr(s, '\0', len - *at) : NULL;

	if (!end)
		return NULL;
	*at = (size_t)(end - desc) + 1;
	return s;
}

static bool read_mark(const struct elf_note *note, struct mark *ret)
{
	struct mark m = { .kind = (enum mark_kind)note->type, .text = "" };
	bool is_number = m.kind == MARK_TIMEOUT || m.kind == MARK_SLOTS;
	uint32_t halves[2];
	size_t at = 0;

	if (note->type < MARK_MARK || note->type > MARK_SLOTS)
		return false;
	if (is_number) {
		if (note->len < sizeof halves)
			return false;
		memcpy(halves, note->desc, sizeof halves);
		m.number = (uint64_t)halves[1] << 32 | halves[0];
		at = sizeof halves;
	}
	m.test = take_string(note->desc, note->len, &at);
	if (m.test && !is_number)
		m.text = take_string(note->desc, note->len, &at);
	if (!m.test || !*m.test || !m.text || (!is_number && !*m.text))
		return false;
	*ret = m;
	return true;
}

static bool on_note(void *ctx, const struct elf_note *note)
{
	struct reading *r = ctx;
	struct mark m;

	if (read_mark(note, &m))
		r->each(r->ctx, &m);
	return ++r->n < MARKS_MAX;
}

void marks_read(struct elf_file *f, void (*each)(void *ctx, const struct mark *m), void *ctx)
{
	struct reading r = { each, ctx, 0 };

	elf_file_notes(f, ".note.gangway.marks", on_note, &r);
}

/* Without "[2]", "#2" or "[2]#3" behind it. */
static size_t plain_len(const char *name)
{
	size_t len = strcspn(name, "[#");

	return len > 0 ? len : strlen(name);
}

/* A name has no blanks, but whoever formats the source may put some around a '/'. */
static const char *without_blanks(const char *test, struct buf *mem)
{
	if (!strpbrk(test, " \t\n"))
		return test;
	for (; *test; test++) {
		if (!strchr(" \t\n", *test))
			buf_addch(mem, *test);
	}
	return mem->s;
}

bool mark_fits(const struct mark *m, const char *suite, const char *name)
{
	struct buf text = BUF_INIT;
	struct buf mem = BUF_INIT;
	const char *pattern = without_blanks(m->test, &mem);
	bool ret = strcmp(pattern, "*") == 0 || parse_glob(pattern, name);

	if (!ret) {
		buf_add(&text, name, plain_len(name));
		ret = parse_glob(pattern, text.s);
	}
	if (!ret) {
		buf_clear(&text);
		buf_addf(&text, "%s.%s", suite, name);
		ret = parse_glob(pattern, text.s);
	}
	buf_release(&text);
	buf_release(&mem);
	return ret;
}
