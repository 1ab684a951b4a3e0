/* SPDX-License-Identifier: MIT
 *
 * Writing a journal (journal_read.c reads it; the grammar is in journal.h).  Sample:
 *
 *   journal	1
 *   l	0
 *   u	3
 *   b	17	1	152000
 *   s	failed	2 - is closed	-	t/basic.t	12	not closed
 *   e	17	1	failed	152000	8431	1 of 2 failed		t/basic.t	12	1	…
 *   d	3
 *   z
 *
 * A record is put together in memory and written by one write() to a file opened with O_APPEND: a
 * lane that is killed leaves whole lines and at most one torn one at the end.  Output goes through
 * a buffer that is written out before the e line which refers to it.
 */
#include "format/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "format/tsv.h"

enum { OUTPUT_BUFFER_BYTES = 64 * 1024, HELD_BYTES_MAX = 64 * 1024 };

struct journal {
	char *journal_path, *output_path;
	int journal_fd, output_fd;
	uint64_t output_bytes; /* all that was given, written or not */
	bool is_holding;
	struct buf lines;  /* not yet written; empty between calls unless holding */
	struct buf output; /* not yet written */
};

static int write_all(int fd, const char *path, struct buf *b, struct err *reterr)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->s + done, b->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(reterr, path, "cannot write");
		done += (size_t)n;
	}
	buf_clear(b);
	return 0;
}

static int write_output(struct journal *j, struct err *reterr)
{
	return write_all(j->output_fd, j->output_path, &j->output, reterr);
}

/* The lines are never ahead of the output they refer to. */
static int write_lines(struct journal *j, struct err *reterr)
{
	if (write_output(j, reterr) < 0)
		return -1;
	return write_all(j->journal_fd, j->journal_path, &j->lines, reterr);
}

static int line_end(struct journal *j, struct err *reterr)
{
	tsv_end(&j->lines);
	if (j->is_holding && j->lines.len < HELD_BYTES_MAX)
		return 0;
	return write_lines(j, reterr);
}

static char *join(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", dir, name);
	return buf_detach(&path);
}

static int create_file(const char *path, struct err *reterr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);

	return fd < 0 ? err_sys(reterr, path, "cannot make") : fd;
}

struct journal *journal_create(const char *dir, uint32_t lane, struct err *reterr)
{
	struct journal *j = xcalloc(1, sizeof *j);

	*j = (struct journal){
		.journal_path = join(dir, "journal.tsv"),
		.output_path = join(dir, "output"),
		.journal_fd = -1,
		.output_fd = -1,
		.lines = BUF_INIT,
		.output = BUF_INIT,
	};
	j->output_fd = create_file(j->output_path, reterr);
	if (j->output_fd >= 0)
		j->journal_fd = create_file(j->journal_path, reterr);
	if (j->journal_fd < 0)
		goto fail;
	tsv_head(&j->lines, "journal", 1);
	tsv_field(&j->lines, "l");
	tsv_field_uint(&j->lines, lane);
	if (line_end(j, reterr) < 0)
		goto fail;
	return j;
fail:
	journal_abandon(j);
	return NULL;
}

static int write_unit(struct journal *j, const char *kind, uint32_t unit, struct err *reterr)
{
	tsv_field(&j->lines, kind);
	tsv_field_uint(&j->lines, unit);
	return line_end(j, reterr);
}

int journal_unit(struct journal *j, uint32_t unit, struct err *reterr)
{
	return write_unit(j, "u", unit, reterr);
}

int journal_unit_done(struct journal *j, uint32_t unit, struct err *reterr)
{
	return write_unit(j, "d", unit, reterr);
}

int journal_begin(struct journal *j, uint32_t test, unsigned attempt, uint64_t start_us,
		  struct err *reterr)
{
	tsv_field(&j->lines, "b");
	tsv_field_uint(&j->lines, test);
	tsv_field_uint(&j->lines, attempt);
	tsv_field_uint(&j->lines, start_us);
	return line_end(j, reterr);
}

int journal_output(struct journal *j, const char *s, size_t len, struct span *ret,
		   struct err *reterr)
{
	struct span at = { .offset_bytes = j->output_bytes, .size_bytes = len };

	buf_add(&j->output, s, len);
	if (j->output.len >= OUTPUT_BUFFER_BYTES && write_output(j, reterr) < 0)
		return -1;
	j->output_bytes += len;
	*ret = at;
	return 0;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* -1 is no number: "-". */
static void put_int(struct buf *out, int n)
{
	tsv_field_uint(out, n < 0 ? TIME_UNKNOWN : (uint64_t)n);
}

static void put_span(struct buf *out, struct span s)
{
	tsv_field_uint(out, s.offset_bytes);
	tsv_field_uint(out, s.size_bytes);
}

static void put_subresult(struct buf *out, const struct subresult *s)
{
	tsv_field(out, "s");
	tsv_field(out, outcome_word(s->outcome));
	tsv_field(out, or_empty(s->name));
	tsv_field_uint(out, s->time_us);
	tsv_field(out, or_empty(s->file));
	tsv_field_uint(out, s->line);
	tsv_field(out, or_empty(s->message));
	tsv_end(out);
}

static void put_phases(struct buf *out, const uint64_t *phase_us)
{
	tsv_field(out, "p");
	for (size_t i = 0; i < PHASE_MAX; i++)
		tsv_field_uint(out, phase_us[i]);
	tsv_end(out);
}

int journal_end(struct journal *j, const struct result *r, struct err *reterr)
{
	struct buf *out = &j->lines;

	for (size_t i = 0; i < r->nsubs; i++)
		put_subresult(out, &r->subs[i]);
	if (r->phases.are_known)
		put_phases(out, r->phases.time_us);
	tsv_field(out, r->is_rerun ? "r" : "e");
	tsv_field_uint(out, r->test);
	tsv_field_uint(out, r->attempt);
	tsv_field(out, outcome_word(r->outcome));
	tsv_field_uint(out, r->start_us);
	tsv_field_uint(out, r->time_us);
	tsv_field(out, or_empty(r->message));
	tsv_field(out, or_empty(r->detail));
	tsv_field(out, or_empty(r->file));
	tsv_field_uint(out, r->line);
	put_int(out, r->exit_code);
	tsv_field_uint(out, (unsigned)r->term_signal);
	tsv_field_uint(out, r->peak_bytes);
	put_span(out, r->out);
	put_span(out, r->err);
	tsv_field_uint(out, r->is_leaky);
	tsv_field_uint(out, r->has_usage ? r->user_us : TIME_UNKNOWN);
	tsv_field_uint(out, r->has_usage ? r->system_us : TIME_UNKNOWN);
	tsv_field(out, or_empty(r->core));
	return line_end(j, reterr);
}

void journal_hold(struct journal *j)
{
	j->is_holding = true;
}

int journal_sync(struct journal *j, struct err *reterr)
{
	j->is_holding = false;
	return write_lines(j, reterr);
}

static int close_fd(int *fd, const char *path, struct err *reterr)
{
	int closed = *fd < 0 ? 0 : close(*fd);

	*fd = -1;
	return closed < 0 ? err_sys(reterr, path, "cannot close") : 0;
}

int journal_close(struct journal *j, struct err *reterr)
{
	int ret = -1;

	j->is_holding = false;
	tsv_field(&j->lines, "z");
	if (line_end(j, reterr) == 0 && close_fd(&j->journal_fd, j->journal_path, reterr) == 0 &&
	    close_fd(&j->output_fd, j->output_path, reterr) == 0)
		ret = 0;
	journal_abandon(j);
	return ret;
}

void journal_abandon(struct journal *j)
{
	if (!j)
		return;
	/* what matters was written, or its failure was told */
	(void)close_fd(&j->journal_fd, j->journal_path, NULL);
	(void)close_fd(&j->output_fd, j->output_path, NULL);
	free(j->journal_path);
	free(j->output_path);
	buf_release(&j->lines);
	buf_release(&j->output);
	free(j);
}
