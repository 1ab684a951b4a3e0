/* SPDX-License-Identifier: MIT
 *
 * The parts of the GoogleTest adapter: selecting (gtest_filter.c), listing (gtest_list.c), the
 * reader of its output (gtest_read.c, with gtest_finding.c for the texts of failures), and of its
 * own report (gtest_report.c).  docs/formats/gtest.md says what GoogleTest prints.
 */
#ifndef GW_ADAPTER_GTEST_H
#define GW_ADAPTER_GTEST_H

#include "adapter/adapter.h"

/* Files in a batch's scratch folder. */
#define GTEST_REPORT    "gtest.json"
#define GTEST_FLAGS     "gtest.flags"
#define GTEST_PREMATURE "gtest.running" /* there from RUN_ALL_TESTS() on until it returns */

enum { GTEST_JSON_MAX_BYTES = 1 << 29 };

/* "--gtest_NAME" or "--gtest_NAME=..." among the target's own arguments: the last one's value ("1"
 * where none was written), or NULL. */
const char *gtest_own_flag(const struct target *t, const char *name);

/* What GoogleTest itself leaves out: DISABLED_ at the beginning of a name or of a part of it. */
bool gtest_is_disabled(const char *suite, const char *name);

/* The neutral value of an environment variable that would change what runs or what is printed;
 * NULL: GoogleTest does not care about it, or it may be as it is. */
const char *gtest_neutral(const char *var);

/* --- selecting ---------------------------------------------------------------------------- */

/* The patterns that select the batch's tests, and no other of the program. */
void gtest_add_filter(struct buf *out, const struct batch *b, bool has_disabled);

/* --- listing ------------------------------------------------------------------------------ */

int gtest_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr);
/* The listing file; path is for messages.  On failure *ret has no new tests. */
int gtest_list_read(const char *s, size_t len, const char *path, const struct target *t,
		    uint32_t target_index, struct tests *ret, struct err *reterr);
/* JSON text of GoogleTest as bytes: it writes each byte of UTF-8 as a character of its own. */
char *gtest_text(struct arena *mem, const char *s);

/* --- entries for others (gtest_entry.c) ---------------------------------------------------- */

/* As gtest_discover_tests() of CMake starts and calls it, but for a value that has a name of its
 * own: that one stays, without the value. */
int gtest_entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		struct arena *mem, struct entry *ret, struct err *reterr);

/* --- the text of failures ------------------------------------------------------------------ */

/* Looks for the first "FILE:LINE: Failure" and the first "FILE:LINE: Skipped" in a text that comes
 * in pieces. */
struct finding {
	struct buf line;    /* the last line so far, without its end; cut from the left */
	struct buf failure; /* from that line on, the beginning of what follows */
	struct buf skip;
};

#define FINDING_INIT                                                                               \
	{                                                                                          \
		.line = BUF_INIT, .failure = BUF_INIT, .skip = BUF_INIT                            \
	}

void finding_clear(struct finding *f);
void finding_release(struct finding *f);
void finding_feed(struct finding *f, const char *s, size_t len);
/* One line of a failure's or skip's text into *message; its place into *file ("": unknown) and
 * *line. */
void finding_tell(const struct buf *text, struct buf *message, struct buf *file, unsigned *line);

/* --- reading ------------------------------------------------------------------------------ */

struct reader *gtest_reader_new(const struct batch *b, const struct case_sink *sink);
void gtest_read(struct reader *r, int stream, const char *s, size_t len);
bool gtest_finish(struct reader *r, const struct proc_end *end);

/* One test of the report file. */
struct gtest_reported {
	const char *suite, *name;
	enum outcome outcome; /* PASS, FAIL or SKIP */
	const char *text;     /* "FILE:LINE\nmessage" of its first failure; "" */
	uint64_t time_us;
};

/* Every test that the report says has run; in mem.  -1: there is no whole report. */
int gtest_report_read(const char *path, struct arena *mem, struct gtest_reported **ret,
		      size_t *ret_n, struct err *reterr);

#endif
