/* SPDX-License-Identifier: MIT
 *
 * Reading a journal that may still grow (journal.c writes it).  Bytes are taken with pread() from
 * where the last poll ended; whole lines become events, the rest waits in `pending`.
 */
#include "format/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "format/tsv.h"

enum { CHUNK_BYTES = 64 * 1024 };

typedef int event_fn(void *ctx, const struct journal_event *ev, struct err *reterr);

static char *join(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", dir, name);
	return buf_detach(&path);
}

void journal_reader_init(struct journal_reader *r, const char *dir, uint32_t lane)
{
	*r = (struct journal_reader){
		.dir = xstrdup(dir),
		.path = join(dir, "journal.tsv"),
		.lane = lane,
		.fd = -1,
		.pending = BUF_INIT,
	};
}

void journal_reader_release(struct journal_reader *r)
{
	if (r->dir && r->fd >= 0)
		close(r->fd);
	free(r->dir);
	free(r->path);
	if (r->pending.s)
		buf_release(&r->pending);
	arena_release(&r->mem);
	free(r->subs);
	*r = (struct journal_reader){ .fd = -1, .pending = BUF_INIT };
}

static int read_outcome(const struct tsv_reader *t, size_t i, enum outcome *ret, struct err *reterr)
{
	if (!outcome_of_word(t->fields[i], ret))
		return tsv_fail(t, reterr, "field %zu is no outcome", i + 1);
	return 0;
}

static int read_u32(const struct tsv_reader *t, size_t i, uint32_t *ret, struct err *reterr)
{
	uint64_t n = 0;

	if (tsv_uint(t, i, UINT32_MAX, &n, reterr) < 0)
		return -1;
	*ret = (uint32_t)n;
	return 0;
}

/* "-" is -1. */
static int read_int(const struct tsv_reader *t, size_t i, int *ret, struct err *reterr)
{
	uint64_t n = 0;

	if (strcmp(t->fields[i], "-") == 0) {
		*ret = -1;
		return 0;
	}
	if (tsv_uint(t, i, INT_MAX, &n, reterr) < 0)
		return -1;
	*ret = (int)n;
	return 0;
}

static int read_span(const struct tsv_reader *t, size_t i, struct span *ret, struct err *reterr)
{
	if (tsv_uint(t, i, INT64_MAX, &ret->offset_bytes, reterr) < 0)
		return -1;
	return tsv_uint(t, i + 1, INT64_MAX, &ret->size_bytes, reterr);
}

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

static int read_subresult(struct journal_reader *r, const struct tsv_reader *t, struct err *reterr)
{
	struct subresult s = { 0 };
	uint32_t line = 0;

	if (tsv_expect(t, 7, reterr) < 0 || read_outcome(t, 1, &s.outcome, reterr) < 0 ||
	    tsv_uint(t, 3, UINT64_MAX, &s.time_us, reterr) < 0 || read_u32(t, 5, &line, reterr) < 0)
		return -1;
	s.name = arena_strdup(&r->mem, t->fields[2]);
	s.file = arena_strdup(&r->mem, or_null(t->fields[4]));
	s.line = line;
	s.message = arena_strdup(&r->mem, t->fields[6]);
	GROW(r->subs, r->nsubs, r->cap_subs);
	r->subs[r->nsubs++] = s;
	return 0;
}

static int read_phases(struct journal_reader *r, const struct tsv_reader *t, struct err *reterr)
{
	if (tsv_expect(t, 1 + PHASE_MAX, reterr) < 0)
		return -1;
	for (size_t i = 0; i < PHASE_MAX; i++) {
		if (tsv_uint(t, 1 + i, UINT64_MAX, &r->phases.time_us[i], reterr) < 0)
			return -1;
	}
	r->phases.are_known = true;
	return 0;
}

static int read_begin(const struct tsv_reader *t, struct result *ret, struct err *reterr)
{
	if (tsv_expect(t, 4, reterr) < 0 || read_u32(t, 1, &ret->test, reterr) < 0 ||
	    read_u32(t, 2, &ret->attempt, reterr) < 0 ||
	    tsv_uint(t, 3, UINT64_MAX, &ret->start_us, reterr) < 0)
		return -1;
	return 0;
}

static int read_usage(const struct tsv_reader *t, struct result *ret, struct err *reterr)
{
	if (tsv_uint(t, 18, UINT64_MAX, &ret->user_us, reterr) < 0 ||
	    tsv_uint(t, 19, UINT64_MAX, &ret->system_us, reterr) < 0)
		return -1;
	ret->has_usage = ret->user_us != TIME_UNKNOWN && ret->system_us != TIME_UNKNOWN;
	ret->core = or_null(t->fields[20]);
	return 0;
}

static int read_end(struct journal_reader *r, const struct tsv_reader *t, struct result *ret,
		    struct err *reterr)
{
	enum { OLD_FIELDS = 18, FIELDS = 21 };
	bool is_old = t->nfields == OLD_FIELDS;

	if (tsv_expect(t, is_old ? OLD_FIELDS : FIELDS, reterr) < 0 ||
	    read_u32(t, 1, &ret->test, reterr) < 0 || read_u32(t, 2, &ret->attempt, reterr) < 0 ||
	    read_outcome(t, 3, &ret->outcome, reterr) < 0 ||
	    tsv_uint(t, 4, UINT64_MAX, &ret->start_us, reterr) < 0 ||
	    tsv_uint(t, 5, UINT64_MAX, &ret->time_us, reterr) < 0 ||
	    read_u32(t, 9, &ret->line, reterr) < 0 ||
	    read_int(t, 10, &ret->exit_code, reterr) < 0 ||
	    read_int(t, 11, &ret->term_signal, reterr) < 0 ||
	    tsv_uint(t, 12, UINT64_MAX, &ret->peak_bytes, reterr) < 0 ||
	    read_span(t, 13, &ret->out, reterr) < 0 || read_span(t, 15, &ret->err, reterr) < 0 ||
	    tsv_bool(t, 17, &ret->is_leaky, reterr) < 0)
		return -1;
	if (!is_old && read_usage(t, ret, reterr) < 0)
		return -1;
	ret->message = t->fields[6];
	ret->detail = t->fields[7];
	ret->file = or_null(t->fields[8]);
	ret->subs = r->subs;
	ret->nsubs = r->nsubs;
	ret->phases = r->phases;
	return 0;
}

/* The two lines at the top. */
static int read_head(struct journal_reader *r, const struct tsv_reader *t, struct err *reterr)
{
	uint32_t lane = 0;

	if (tsv_expect(t, 2, reterr) < 0)
		return -1;
	if (r->lineno == 1) {
		if (strcmp(t->fields[0], "journal") != 0 || strcmp(t->fields[1], "1") != 0)
			return tsv_fail(t, reterr,
					"not a journal: the first line must be "
					"'journal 1'");
		return 0;
	}
	if (strcmp(t->fields[0], "l") != 0)
		return tsv_fail(t, reterr, "the second line must name the lane");
	if (read_u32(t, 1, &lane, reterr) < 0)
		return -1;
	if (r->lane == NO_INDEX)
		r->lane = lane;
	if (lane != r->lane)
		return tsv_fail(t, reterr, "the journal of lane %u where that of %u belongs", lane,
				r->lane);
	return 0;
}

/* One record: 1 an event, 0 none yet, -1 damaged. */
static int read_record(struct journal_reader *r, const struct tsv_reader *t,
		       struct journal_event *ev, struct err *reterr)
{
	const char *kind = t->fields[0];
	int ret = -1;

	if (r->lineno <= 2)
		return read_head(r, t, reterr);
	if (r->is_closed)
		return tsv_fail(t, reterr, "a record after the end of the lane");
	if (strcmp(kind, "s") == 0)
		return read_subresult(r, t, reterr);
	if (strcmp(kind, "p") == 0)
		return read_phases(r, t, reterr);
	bool is_end = strcmp(kind, "e") == 0 || strcmp(kind, "r") == 0;

	if ((r->nsubs > 0 || r->phases.are_known) && !is_end)
		return tsv_fail(t, reterr, "an 'e' record must follow 's' and 'p' records");
	if (strcmp(kind, "b") == 0) {
		ev->kind = JOURNAL_BEGIN;
		ret = read_begin(t, &ev->result, reterr);
	} else if (is_end) {
		ev->kind = JOURNAL_END;
		ev->result.is_rerun = kind[0] == 'r';
		ret = read_end(r, t, &ev->result, reterr);
	} else if (strcmp(kind, "u") == 0 || strcmp(kind, "d") == 0) {
		ev->kind = kind[0] == 'u' ? JOURNAL_UNIT : JOURNAL_UNIT_DONE;
		if (tsv_expect(t, 2, reterr) == 0)
			ret = read_u32(t, 1, &ev->unit, reterr);
	} else if (strcmp(kind, "z") == 0) {
		ev->kind = JOURNAL_CLOSE;
		ret = tsv_expect(t, 1, reterr);
		r->is_closed = ret == 0;
	} else {
		return tsv_fail(t, reterr, "an unknown kind of record");
	}
	return ret < 0 ? -1 : 1;
}

static int take_line(struct journal_reader *r, char *line, size_t len, event_fn *on_event,
		     void *ctx, struct err *reterr)
{
	struct tsv_reader t = { .path = r->path, .lineno = ++r->lineno };
	struct journal_event ev = { 0 };

	if (r->nsubs == 0 && !r->phases.are_known)
		r->subs_at = r->taken_bytes;
	r->taken_bytes += len + 1;
	ev.where.offset_bytes = r->subs_at;
	ev.where.size_bytes = r->taken_bytes - r->subs_at;
	ev.result.lane = r->lane;
	ev.result.message = "";
	ev.result.detail = "";
	if (tsv_split(&t, line, len, reterr) < 0)
		return -1;
	int got = read_record(r, &t, &ev, reterr);

	if (got <= 0)
		return got;
	int ret = on_event(ctx, &ev, reterr);

	r->phases.are_known = false;
	if (r->nsubs > 0) {
		r->nsubs = 0;
		arena_release(&r->mem);
	}
	return ret;
}

int journal_feed(struct journal_reader *r, const char *s, size_t len, event_fn *on_event, void *ctx,
		 struct err *reterr)
{
	size_t scanned = r->pending.len; /* no newline before this */
	size_t done = 0;

	buf_add(&r->pending, s, len);
	for (;;) {
		char *line = r->pending.s + done;
		char *end = memchr(r->pending.s + scanned, '\n', r->pending.len - scanned);

		if (!end)
			break;
		done = scanned = (size_t)(end + 1 - r->pending.s);
		if (take_line(r, line, (size_t)(end - line), on_event, ctx, reterr) < 0)
			return -1;
	}
	memmove(r->pending.s, r->pending.s + done, r->pending.len - done);
	buf_truncate(&r->pending, r->pending.len - done);
	if (r->pending.len > TSV_MAX_LINE_BYTES)
		return err_set(reterr, ERR_LIMIT, r->path, r->lineno + 1,
			       "a line of more than %d bytes", TSV_MAX_LINE_BYTES);
	return 0;
}

/* How far to read now: a lane that writes without end cannot hold a poll for ever. */
static int size_now(const struct journal_reader *r, uint64_t *ret, struct err *reterr)
{
	struct stat st;

	if (fstat(r->fd, &st) < 0)
		return err_sys(reterr, r->path, "cannot look at");
	if ((uint64_t)st.st_size < r->offset_bytes)
		return err_set(reterr, ERR_SYNTAX, r->path, r->lineno + 1,
			       "the journal became shorter while it was read");
	*ret = (uint64_t)st.st_size;
	return 0;
}

/* 1: open; 0: not there yet. */
static int open_journal(struct journal_reader *r, struct err *reterr)
{
	if (r->fd < 0)
		r->fd = open(r->path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 && errno == ENOENT)
		return 0;
	return r->fd < 0 ? err_sys(reterr, r->path, "cannot open") : 1;
}

int journal_poll(struct journal_reader *r, event_fn *on_event, void *ctx, struct err *reterr)
{
	char chunk[CHUNK_BYTES];
	uint64_t size = 0;
	int is_open = open_journal(r, reterr);

	if (is_open <= 0)
		return is_open;
	if (size_now(r, &size, reterr) < 0)
		return -1;
	while (r->offset_bytes < size) {
		ssize_t n = pread(r->fd, chunk, sizeof chunk, (off_t)r->offset_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(reterr, r->path, "cannot read");
		if (n == 0)
			break; /* became shorter just now: the next poll says so */
		r->offset_bytes += (uint64_t)n;
		if (journal_feed(r, chunk, (size_t)n, on_event, ctx, reterr) < 0)
			return -1;
	}
	return 0;
}

/* Exactly the span, appended; `ret` may be half longer on failure. */
static int read_bytes(int fd, const char *path, struct span s, struct buf *ret, struct err *reterr)
{
	char chunk[CHUNK_BYTES];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(reterr, path, "cannot look at");
	if (s.offset_bytes > (uint64_t)st.st_size ||
	    s.size_bytes > (uint64_t)st.st_size - s.offset_bytes)
		return err_set(reterr, ERR_SYNTAX, path, 0,
			       "the file ends before the output of "
			       "a test does");
	while (s.size_bytes > 0) {
		size_t want = s.size_bytes < sizeof chunk ? (size_t)s.size_bytes : sizeof chunk;
		ssize_t n = pread(fd, chunk, want, (off_t)s.offset_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(reterr, path, "cannot read");
		if (n == 0)
			return err_set(reterr, ERR_SYNTAX, path, 0, "the file became shorter");
		buf_add(ret, chunk, (size_t)n);
		s.offset_bytes += (uint64_t)n;
		s.size_bytes -= (uint64_t)n;
	}
	return 0;
}

int journal_read_output(const struct journal_reader *r, struct span s, struct buf *ret,
			struct err *reterr)
{
	size_t before = ret->len;
	int done = 0;

	if (s.size_bytes == 0)
		return 0;
	char *path = join(r->dir, "output");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		done = err_sys(reterr, path, "cannot open");
	else
		done = read_bytes(fd, path, s, ret, reterr);
	if (fd >= 0)
		close(fd);
	if (done < 0)
		buf_truncate(ret, before);
	free(path);
	return done;
}

int journal_read_again(const struct journal_reader *r, struct span where, event_fn *on_event,
		       void *ctx, struct err *reterr)
{
	enum { HEAD_LINES = 2 };
	struct journal_reader again;
	struct buf lines = BUF_INIT;
	int done = 0;
	int fd = open(r->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(reterr, r->path, "cannot open");
	journal_reader_init(&again, r->dir, r->lane);
	again.lineno = HEAD_LINES;
	done = read_bytes(fd, r->path, where, &lines, reterr);
	if (done == 0)
		done = journal_feed(&again, lines.s, lines.len, on_event, ctx, reterr);
	close(fd);
	journal_reader_release(&again);
	buf_release(&lines);
	return done;
}

void journal_reader_pause(struct journal_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}
