/* SPDX-License-Identifier: MIT */
#include "stage/cov_markers.h"

#include "base/buf.h"
#include "model/cov.h"
#include "sys/fs_source.h"

enum kind { KIND_EXCLUDED, KIND_BRANCHES, KIND_EXCEPTIONS, KIND_UNREACHABLE, KIND_MAX };

enum action { ACTION_LINE, ACTION_START, ACTION_STOP, ACTION_FUNCTION, ACTION_UNHEEDED };

static const char *const prefixes[] = { "LCOV", "GCOV", "GCOVR" };

static const struct word {
	const char *text;
	enum kind kind;
	enum action action;
} words[] = {
	{ "_EXCL_LINE", KIND_EXCLUDED, ACTION_LINE },
	{ "_EXCL_START", KIND_EXCLUDED, ACTION_START },
	{ "_EXCL_STOP", KIND_EXCLUDED, ACTION_STOP },
	{ "_EXCL_FUNCTION", KIND_EXCLUDED, ACTION_FUNCTION },
	{ "_EXCL_BR_LINE", KIND_BRANCHES, ACTION_LINE },
	{ "_EXCL_BR_START", KIND_BRANCHES, ACTION_START },
	{ "_EXCL_BR_STOP", KIND_BRANCHES, ACTION_STOP },
	{ "_EXCL_BR_SOURCE", KIND_BRANCHES, ACTION_UNHEEDED },
	{ "_EXCL_BR_DESTINATION", KIND_BRANCHES, ACTION_UNHEEDED },
	{ "_EXCL_BR_WITHOUT_HIT", KIND_BRANCHES, ACTION_UNHEEDED },
	{ "_EXCL_EXCEPTION_BR_LINE", KIND_EXCEPTIONS, ACTION_LINE },
	{ "_EXCL_EXCEPTION_BR_START", KIND_EXCEPTIONS, ACTION_START },
	{ "_EXCL_EXCEPTION_BR_STOP", KIND_EXCEPTIONS, ACTION_STOP },
	{ "_UNREACHABLE_LINE", KIND_UNREACHABLE, ACTION_LINE },
	{ "_UNREACHABLE_START", KIND_UNREACHABLE, ACTION_START },
	{ "_UNREACHABLE_STOP", KIND_UNREACHABLE, ACTION_STOP },
};

struct scan {
	const char *text;
	size_t len;
	size_t counted; /* newlines before are in `line` */
	uint32_t line;  /* 1-based, of `counted` */
	/* where a region of the kind began, for each prefix; 0: none is open */
	uint32_t begins[ARRAY_SIZE(prefixes)][KIND_MAX];
	struct cov *cov;
	struct cov_file *f;
};

static void warn_at(const struct scan *s, uint32_t line, const char *what, const char *word,
		    const char *why)
{
	cov_warn(s->cov, s->f->path, "line %u: %s%s %s", line, what, word, why);
}

/* --- what a marker does --------------------------------------------------------------------- */

static void leave_out_branches(struct scan *s, uint32_t first, uint32_t last)
{
	for (uint32_t n = cov_next(s->f, first); n && n <= last; n = cov_next(s->f, n + 1))
		cov_erase_branches(cov_line(s->f, n));
}

static void leave_out(struct scan *s, uint32_t first, uint32_t last)
{
	for (uint32_t n = cov_next(s->f, first); n && n <= last; n = cov_next(s->f, n + 1))
		cov_erase(s->f, n);
	cov_erase_functions(s->f, first, last);
}

/* What did not run; a function that did is told by its lines. */
static void leave_out_idle(struct scan *s, uint32_t first, uint32_t last)
{
	for (uint32_t n = cov_next(s->f, first); n && n <= last; n = cov_next(s->f, n + 1)) {
		if (cov_line_at(s->f, n)->hits > 0) {
			cov_warn(s->cov, s->f->path,
				 "line %u: it ran, and is marked as unreachable", n);
			continue;
		}
		cov_erase(s->f, n);
		cov_erase_functions(s->f, n, n);
	}
}

static void apply(struct scan *s, enum kind kind, uint32_t first, uint32_t last)
{
	switch (kind) {
	case KIND_EXCLUDED:
		leave_out(s, first, last);
		break;
	case KIND_BRANCHES:
	case KIND_EXCEPTIONS:
		leave_out_branches(s, first, last);
		break;
	case KIND_UNREACHABLE:
		leave_out_idle(s, first, last);
		break;
	case KIND_MAX:
		break;
	}
}

/* The last line of a function whose end nobody knows: that before the next function. */
static uint32_t end_of(const struct cov_file *f, const struct cov_function *fn)
{
	uint32_t end = f->max_line;

	if (fn->end_line > 0)
		return fn->end_line;
	for (size_t i = 0; i < f->nfunctions; i++) {
		uint32_t start = f->functions[i].start_line;

		if (start > fn->start_line && start <= end)
			end = start - 1;
	}
	return end;
}

/* The innermost function that has the line: the one that begins last. */
static void leave_out_function(struct scan *s, uint32_t line, const char *prefix)
{
	uint32_t first = 0;
	uint32_t last = 0;

	for (size_t i = 0; i < s->f->nfunctions; i++) {
		const struct cov_function *fn = &s->f->functions[i];
		uint32_t end = end_of(s->f, fn);

		if (fn->start_line > line || end < line || fn->start_line < first)
			continue;
		if (fn->start_line > first || end > last)
			last = end;
		first = fn->start_line;
	}
	if (first == 0)
		warn_at(s, line, prefix, "_EXCL_FUNCTION", "is in no function");
	else
		leave_out(s, first, last);
}

static void heed(struct scan *s, size_t prefix, const struct word *w)
{
	uint32_t *begin = &s->begins[prefix][w->kind];
	const char *name = prefixes[prefix];

	switch (w->action) {
	case ACTION_LINE:
		apply(s, w->kind, s->line, s->line);
		break;
	case ACTION_START:
		if (*begin > 0)
			warn_at(s, s->line, name, w->text, "within one that has no STOP yet");
		else
			*begin = s->line;
		break;
	case ACTION_STOP:
		if (*begin == 0)
			warn_at(s, s->line, name, w->text, "without a START");
		else if (s->line > *begin)
			apply(s, w->kind, *begin, s->line - 1);
		*begin = 0;
		break;
	case ACTION_FUNCTION:
		leave_out_function(s, s->line, name);
		break;
	case ACTION_UNHEEDED:
		warn_at(s, s->line, name, w->text, "is not heeded");
		break;
	}
}

/* --- finding them --------------------------------------------------------------------------- */

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* Which prefix ends at `at`?  ARRAY_SIZE(prefixes): none. */
static size_t prefix_before(const struct scan *s, size_t at)
{
	size_t i = 0;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		if (len <= at && memcmp(s->text + at - len, prefixes[i], len) == 0 &&
		    (len == at || !is_word_byte(s->text[at - len - 1])))
			break;
	}
	return i;
}

static const struct word *word_at(const struct scan *s, size_t at)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i].text);

		if (len <= s->len - at && memcmp(s->text + at, words[i].text, len) == 0 &&
		    (len == s->len - at || !is_word_byte(s->text[at + len])))
			return &words[i];
	}
	return NULL;
}

static void count_lines(struct scan *s, size_t until)
{
	const char *p = s->text + s->counted;
	const char *end = s->text + until;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		s->line++;
		p++;
	}
	s->counted = until;
}

/* All that begin with `start`, which no other kind's words do. */
static void scan_for(struct scan *s, const char *start)
{
	size_t len = strlen(start);
	const char *end = s->text + s->len;

	s->counted = 0;
	s->line = 1;
	for (const char *p = s->text; (p = memmem(p, (size_t)(end - p), start, len)); p += len) {
		size_t at = (size_t)(p - s->text);
		size_t prefix = prefix_before(s, at);
		const struct word *w = word_at(s, at);

		if (prefix == ARRAY_SIZE(prefixes) || !w)
			continue;
		count_lines(s, at);
		if (s->line > COV_LINE_MAX)
			break; /* no line of the model's */
		heed(s, prefix, w);
	}
}

static const char *start_word(enum kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].kind == kind && words[i].action == ACTION_START)
			return words[i].text;
	}
	return "";
}

void cov_markers_apply_text(const char *text, size_t len, struct cov *cov, struct cov_file *f)
{
	struct scan s = { .text = text, .len = len, .cov = cov, .f = f };

	scan_for(&s, "_EXCL_");
	scan_for(&s, "_UNREACHABLE_");
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		for (unsigned k = 0; k < KIND_MAX; k++) {
			if (s.begins[i][k] > 0)
				warn_at(&s, s.begins[i][k], prefixes[i], start_word(k),
					"without a STOP: it leaves out nothing");
		}
	}
}

/* --- sources -------------------------------------------------------------------------------- */

void cov_markers_apply(const struct cov_markers_options *o, struct cov *cov)
{
	const struct source_roots roots = { o->rootdir, o->roots, o->nroots };
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < cov->nfiles; i++) {
		struct cov_file *f = cov->files[i];

		buf_clear(&text);
		if (f->max_line > 0 && source_read(&roots, f->path, &text, NULL))
			cov_markers_apply_text(text.s, text.len, cov, f);
	}
	buf_release(&text);
}
