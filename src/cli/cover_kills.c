/* SPDX-License-Identifier: MIT */
#include "cli/cover_kills.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/quote.h"
#include "cli/finish.h"
#include "format/covnote.h"
#include "model/test.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { MOST_SHOWN = 20, PROGRAM_MAX_BYTES = 1 << 30 };

void cover_warn(struct cover_warnings *w, const char *path, const char *text)
{
	struct buf line = BUF_INIT;

	if (path) {
		quote_display(&line, path, strlen(path));
		buf_addstr(&line, ": ");
	}
	quote_display(&line, text, strlen(text));
	char *kept = arena_memdup(&w->mem, line.s, line.len);

	if (map_put(&w->seen, kept, line.len, 1)) {
		GROW(w->lines, w->n, w->cap);
		w->lines[w->n++] = kept;
	}
	buf_release(&line);
}

void cover_warnings_release(struct cover_warnings *w)
{
	map_release(&w->seen);
	free(w->lines);
	arena_release(&w->mem);
	*w = (struct cover_warnings){ 0 };
}

void cover_warnings_show(const struct cover_warnings *w, bool wants_all, struct buf *out)
{
	size_t n = wants_all || w->n <= MOST_SHOWN ? w->n : MOST_SHOWN;

	for (size_t i = 0; i < n; i++)
		buf_addf(out, "warning: %s\n", w->lines[i]);
	if (n < w->n)
		buf_addf(out, "[%zu warnings more; -v shows all]\n", w->n - n);
}

struct kills {
	const struct run_view *view;
	struct cover_warnings *warnings;
	signed char
		*counts; /* of each target: is its program built to be counted?  0: not looked */
};

/* Of a program that we cannot read, or a script that starts others, we do not know. */
static bool is_counted(struct kills *k, uint32_t target)
{
	const char *program = k->view->tests->targets[target].program;
	struct buf text = BUF_INIT;

	if (k->counts[target] == 0) {
		bool is_plain = *program && fs_read(program, PROGRAM_MAX_BYTES, &text, NULL) == 0 &&
				text.len > 4 && memcmp(text.s, "\177ELF", 4) == 0 &&
				!memmem(text.s, text.len, ".gcda", 5) &&
				!memmem(text.s, text.len, "__llvm_prf", 10);

		k->counts[target] = is_plain ? -1 : 1;
	}
	buf_release(&text);
	return k->counts[target] > 0;
}

static void on_note(void *ctx, const struct covnote *note)
{
	struct kills *k = ctx;
	const struct tests *t = k->view->tests;
	struct buf text = BUF_INIT;

	if (note->path) {
		cover_warn(k->warnings, note->path,
			   "these counters were not written to their end, for the process was "
			   "killed or there was no room: left out");
	} else if (note->test < t->ntests && is_counted(k, t->tests[note->test].target)) {
		buf_addf(&text, "coverage of '%s' is missing: killed by %s before it could write",
			 t->tests[note->test].id, proc_signal_name((int)note->signal));
		cover_warn(k->warnings, NULL, text.s);
	}
	buf_release(&text);
}

void cover_kills(const struct run_view *v, struct cover_warnings *w)
{
	struct kills k = { .view = v, .warnings = w };

	k.counts = xcalloc(v->tests->ntargets + 1, sizeof *k.counts);
	for (size_t i = 0; i < v->nlanedirs; i++) {
		struct arena mem = { 0 };
		struct err e = { 0 };
		const char *path = fs_join(&mem, v->lanedirs[i], "cov/notes.tsv");

		if (covnote_read(path, on_note, &k, &e) < 0)
			cover_warn(w, path, e.msg);
		arena_release(&mem);
	}
	free(k.counts);
}
