/* SPDX-License-Identifier: MIT
 *
 * What most readers need: who of the batch waits, runs and has ended, with the last end held back
 * until the process is gone (what goes wrong behind it is that test's); and lines of a stream that
 * comes in pieces.
 */
#ifndef GW_ADAPTER_ADAPTER_CASES_H
#define GW_ADAPTER_ADAPTER_CASES_H

#include "adapter/adapter.h"
#include "base/arena.h"
#include "base/map.h"

struct cases {
	const struct batch *batch;
	const struct case_sink *sink;
	unsigned char *states;
	struct map names; /* selector -> index */
	size_t current;   /* begun and not ended, or SIZE_MAX */
	size_t nsaid;
	bool is_held;     /* the last one's verdict is known */
	struct arena mem; /* of the held verdict */
	struct result held;
	size_t held_index;
	size_t nbad;
	struct buf early; /* printed before the first test */
};

void cases_init(struct cases *c, const struct batch *b, const struct case_sink *sink);
void cases_release(struct cases *c);

/* The test with this selector that has not ended, or SIZE_MAX. */
size_t cases_find(struct cases *c, const char *selector, size_t len);

/* Is i waiting for its turn? */
bool cases_is_waiting(const struct cases *c, size_t i);

/* Test i runs now; nothing if it has begun. */
void cases_begin(struct cases *c, size_t i);

/* The running test waits again, and what it printed is to be told once more when it begins. */
void cases_pause(struct cases *c);

/* Test i has this verdict; nothing if it has one.  *r is copied where it must be held. */
void cases_end(struct cases *c, size_t i, const struct result *r);

/* A verdict of no more than this; message "" or NULL: none. */
void cases_judge(struct cases *c, size_t i, enum outcome outcome, const char *message);

/* A good verdict that is held becomes an error, for this reason; "": there is none.  `why` is to live
 * until cases_finish(). */
void cases_doubt(struct cases *c, const char *why);

/* What the running test, or where none runs the next one, printed. */
void cases_output(struct cases *c, int stream, const char *s, size_t len);

/* The process is gone: say what was held.  A good verdict turns into an error where the process
 * ended badly and no test of it did; one that hung behind it is left to execute. */
void cases_finish(struct cases *c, const struct proc_end *end);

/* Add a bare result's fields at their "nothing said" values. */
struct result cases_blank(enum outcome outcome);

/* --- lines ----------------------------------------------------------------------------------- */

enum { LINES_MAX_BYTES = 65536 };

/* A longer line comes in parts, of which only the last has is_whole. */
struct lines {
	struct buf part;
	bool is_inside; /* a part of this line was given away */
};

#define LINES_INIT                                                                                 \
	{                                                                                          \
		.part = BUF_INIT                                                                   \
	}

struct line {
	const char *s; /* with its newline, if it has one */
	size_t len;
	size_t text_len; /* without newline and CR */
	bool is_first;   /* it begins at the beginning of a line */
};

void lines_feed(struct lines *l, const char *s, size_t len,
		void (*each)(void *ctx, const struct line *line), void *ctx);
/* What is left is a last line. */
void lines_finish(struct lines *l, void (*each)(void *ctx, const struct line *line), void *ctx);
void lines_release(struct lines *l);
/* All lines of a text. */
void lines_read(const char *s, size_t len, void (*each)(void *ctx, const struct line *line),
		void *ctx);

/* Does the line begin so?  Behind it, or NULL. */
const char *line_after(const struct line *l, const char *what);

#endif
