/* SPDX-License-Identifier: MIT
 *
 * A lane's diary: begin and end of every test, appended with one write() each, so that what is in
 * the file is true whenever the lane dies.  Beside it lies `output`, the bytes the tests printed.
 *
 *   journal TAB 1
 *   l  lane                                   always the second line
 *   u  unit                                   the lane took this unit
 *   b  test, attempt, start_us                the test runs now
 *   s  outcome, name, time_us, file, line, message           a subresult of the next e line
 *   p  setup_us, call_us, teardown_us         phases of the next e line, where they were measured
 *   e  test, attempt, outcome, start_us, time_us, message, detail, file, line, exit_code,
 *      term_signal, peak_bytes, out offset, out size, err offset, err size, is_leaky,
 *      user_us, system_us, core                  (the last three not in older journals)
 *   r                                         as e: it failed and is tried again
 *   d  unit                                   the unit is over
 *   z                                         the lane is over: it lacks nothing
 */
#ifndef GW_FORMAT_JOURNAL_H
#define GW_FORMAT_JOURNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/result.h"

struct err;

struct journal; /* writer */

/* Make DIR/journal.tsv and DIR/output anew; the folder must exist.  NULL on failure. */
struct journal *journal_create(const char *dir, uint32_t lane, struct err *reterr);
int journal_unit(struct journal *j, uint32_t unit, struct err *reterr);
int journal_begin(struct journal *j, uint32_t test, unsigned attempt, uint64_t start_us,
		  struct err *reterr);
/* Append bytes to the output file; *ret is where they went.  They are on disk no later than the
 * next e line. */
int journal_output(struct journal *j, const char *s, size_t len, struct span *ret,
		   struct err *reterr);
int journal_end(struct journal *j, const struct result *r, struct err *reterr);
int journal_unit_done(struct journal *j, uint32_t unit, struct err *reterr);
/*
 * Between hold and sync, lines are kept back and go out in one write() (or when they are many):
 * for a reader that finds the ends of hundreds of quick tests in bytes it already has.  Do not
 * wait for a test while holding.
 */
void journal_hold(struct journal *j);
int journal_sync(struct journal *j, struct err *reterr);
int journal_close(struct journal *j, struct err *reterr); /* writes z; frees j even on failure */
void journal_abandon(struct journal *j);                  /* frees j; NULL is fine */

/*
 * Reading, also while the lane still writes: journal_poll() calls back for every whole line that
 * is new and keeps its place.  Strings of the event live until the next call.
 */
enum journal_event_kind {
	JOURNAL_UNIT,
	JOURNAL_BEGIN,
	JOURNAL_END,
	JOURNAL_UNIT_DONE,
	JOURNAL_CLOSE
};

struct journal_event {
	enum journal_event_kind kind;
	uint32_t unit;        /* UNIT, UNIT_DONE */
	struct result result; /* BEGIN: test, attempt, start_us; END: all */
	struct span where;    /* its lines in the journal, for journal_read_again() */
};

struct journal_reader {
	char *dir;
	char *path;    /* of the journal, for messages */
	uint32_t lane; /* NO_INDEX: whose it is stands in the journal, and then here */
	int fd;        /* -1: not there yet */
	uint64_t offset_bytes;
	uint64_t taken_bytes; /* of whole lines */
	uint64_t subs_at;     /* where the subresults at hand begin */
	unsigned lineno;
	bool is_closed;     /* z was read */
	struct buf pending; /* a last line without its newline */
	struct arena mem;   /* of the subresults at hand */
	struct subresult *subs;
	size_t nsubs, cap_subs;
	struct phases phases; /* of the result at hand */
};

void journal_reader_init(struct journal_reader *r, const char *dir, uint32_t lane);
/*
 * A missing journal is no event, not an error.  A line that does not read is ERR_SYNTAX with path
 * and line, and so is a journal that became shorter; a last line without its newline waits for the
 * rest.  One call reads no further than the file's size at its beginning.  What on_event returns
 * below 0 ends the call.  After a failure the reader is only good to be released.  Indices are not
 * checked against tests or plan: the reader does not know them.
 */
int journal_poll(struct journal_reader *r,
		 int (*on_event)(void *ctx, const struct journal_event *ev, struct err *reterr),
		 void *ctx, struct err *reterr);
/* The same for bytes in memory: all of them at once, and what is left after the last newline is
 * kept for the next call. */
int journal_feed(struct journal_reader *r, const char *s, size_t len,
		 int (*on_event)(void *ctx, const struct journal_event *ev, struct err *reterr),
		 void *ctx, struct err *reterr);
/* The events of lines that were read before (journal_event.where), from the file once more: so that
 * a reader of many results need not keep them all. */
int journal_read_again(const struct journal_reader *r, struct span where,
		       int (*on_event)(void *ctx, const struct journal_event *ev,
				       struct err *reterr),
		       void *ctx, struct err *reterr);
/* Give the open file back until the next poll: for readers of very many journals. */
void journal_reader_pause(struct journal_reader *r);
/* Append the bytes of a span to *ret.  A span past the end of the file is ERR_SYNTAX. */
int journal_read_output(const struct journal_reader *r, struct span s, struct buf *ret,
			struct err *reterr);
void journal_reader_release(struct journal_reader *r);

#endif
