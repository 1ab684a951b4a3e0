/* SPDX-License-Identifier: MIT
 *
 * Our own text files: tab-separated records, one a line, the first field says what the record is.
 * The first line is "NAME<TAB>VERSION".  Bytes < 0x20, DEL and '\' in a field are written \xNN, so
 * that every field can hold every byte string without NUL, and `cut -f` still works.
 */
#ifndef GW_FORMAT_TSV_H
#define GW_FORMAT_TSV_H

#include "base/buf.h"

struct err;

enum { TSV_MAX_FIELDS = 64, TSV_MAX_LINE_BYTES = 64 * 1024 * 1024 };

struct tsv_reader {
	const char *path; /* for messages; borrowed */
	FILE *in;
	char *line; /* the fields point into it, until the next record */
	size_t cap;
	char *chunk; /* read and not yet taken: chunk[at..end) */
	size_t at, end;
	unsigned lineno;
	char *fields[TSV_MAX_FIELDS];
	size_t nfields;
};

/* Open and check the first line; an unknown name or version is ERR_SYNTAX naming both.  A missing
 * file is ERR_MISSING.  On failure there is nothing to close. */
int tsv_open(struct tsv_reader *r, const char *path, const char *name, unsigned version,
	     struct err *reterr);
/* The same for bytes in memory, which must outlive the reader; `path` is for messages. */
int tsv_open_mem(struct tsv_reader *r, const char *path, const void *s, size_t len,
		 const char *name, unsigned version, struct err *reterr);
/* 1: a record is in fields; 0: the end; -1: error.  A last line without newline is an error. */
int tsv_next(struct tsv_reader *r, struct err *reterr);
/* Fail with this line's place unless the record has exactly n fields. */
int tsv_expect(const struct tsv_reader *r, size_t n, struct err *reterr);
/*
 * Take one line that lies elsewhere (a journal's), without its newline, apart: its fields are in r
 * as after tsv_next().  The line is changed; line[len] must be writable.
 */
int tsv_split(struct tsv_reader *r, char *line, size_t len, struct err *reterr);
/* Fail with ERR_SYNTAX and this line's place. */
int tsv_fail(const struct tsv_reader *r, struct err *reterr, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* A number in field i, at most max.  "-" is TIME_UNKNOWN, and only good where max is UINT64_MAX. */
int tsv_uint(const struct tsv_reader *r, size_t i, uint64_t max, uint64_t *ret, struct err *reterr);
/* 0 or 1 in field i. */
int tsv_bool(const struct tsv_reader *r, size_t i, bool *ret, struct err *reterr);
void tsv_close(struct tsv_reader *r);

/* Write: fields between tabs, then the newline. */
void tsv_head(struct buf *out, const char *name, unsigned version);
void tsv_field(struct buf *out, const char *s); /* with a tab before it unless first in the line */
void tsv_field_uint(struct buf *out, uint64_t n); /* TIME_UNKNOWN as "-" */
void tsv_end(struct buf *out);

/*
 * Files that are written whole end in the record "end", so that one that was cut between two lines
 * is noticed.  tsv_flush() hands what was built to a stream and empties the buf, unless it is too
 * little to be worth a call; with is_last, always.
 */
void tsv_put_end(struct buf *out);
void tsv_flush(struct buf *out, FILE *to, bool is_last);
/* tsv_next() for such files: 0 only behind "end", and nothing may follow it. */
int tsv_next_of_whole(struct tsv_reader *r, struct err *reterr);

#endif
