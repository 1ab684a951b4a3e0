/* SPDX-License-Identifier: MIT
 *
 * What the reader of GoogleTest's output knows while the bytes come in (gtest_read.c), and is
 * judged by when the process is gone (gtest_end.c).
 */
#ifndef GW_ADAPTER_GTEST_READER_H
#define GW_ADAPTER_GTEST_READER_H

#include "adapter/gtest.h"
#include "base/map.h"

enum {
	MARK_BYTES = 13,         /* "[ RUN      ] " */
	EARLY_MAX_BYTES = 65536, /* kept of what is printed where no test runs */
};

enum { TEST_WAITING, TEST_BEGUN, TEST_SAID };

/* What the end line said, and what was found out since. */
struct verdict {
	enum outcome outcome;
	int term_signal;
	uint64_t time_us;
	struct buf message, file;
	unsigned line;
};

struct reader {
	const struct batch *batch;
	const struct case_sink *sink;
	unsigned char *states;
	size_t name_max;
	struct map names; /* made when a test comes out of order */
	size_t next;      /* where the next test is expected */
	size_t nbegun, nbad;
	size_t current; /* begun and its end not said, or SIZE_MAX */
	bool is_held;   /* its end line was read */
	struct verdict verdict;
	uint64_t begin_us, now_us;
	size_t nends; /* end lines that were read at once, and not yet taken */

	struct finding finding; /* in what was printed since the last mark that was believed */
	struct buf pending;     /* stdout that may become a mark */
	struct buf early[2];
	struct buf after; /* behind the total */
	bool drops_newline;

	bool has_header;      /* "Running N tests" was read */
	uint64_t nasked;      /* N */
	bool has_environment; /* the line before its SetUp was read */
	bool is_over;         /* the total was read */
	struct buf suite;     /* its name */
	bool is_in_set_up;    /* its first test has not begun */
	bool is_torn_down;    /* the line before the environment\'s TearDown was read */
	struct buf environment_failure, suite_failure; /* of their SetUp; "" */
	struct buf suite_skip;                         /* why it wants none of its tests */
};

/* Its last word on test i. */
void reader_say(struct reader *r, size_t i, const struct verdict *v, const char *detail);
/* The held test's good verdict turns into an error; a bad one stays what it is. */
void reader_charge(struct reader *r, const char *why, const struct buf *text);
/* What failed around the test whose end was read. */
void reader_judge(struct reader *r, bool is_suite_over);
/* Bytes that are no mark. */
void reader_output(struct reader *r, int stream, const char *s, size_t len);
/* What was printed before test i (or, with SIZE_MAX, nobody) is its output. */
void reader_flush_early(struct reader *r, size_t i);
void reader_free(struct reader *r);

/* Does [s, end) begin with `what`? */
bool text_begins(const char *s, const char *end, const char *what);

/* --- marks (gtest_mark.c) --- */

enum mark { MARK_NONE, MARK_RUN, MARK_OK, MARK_FAILED, MARK_SKIPPED, MARK_SUITE, MARK_TOTAL };

/* Of the MARK_BYTES at s. */
enum mark reader_mark(const char *s);
/* Could these few bytes be the beginning of a mark? */
bool reader_may_mark(const char *s, size_t len);
/* " (12 ms)" behind the name, or the line's end where times are not printed. */
bool reader_read_ms(const char *s, const char *end, uint64_t *ret);
/* How many tests end in these bytes, at most. */
size_t reader_count_ends(const struct reader *r, const char *s, size_t len);
/*
 * How long the test took that ends at now_us.  Our clock sees microseconds, but late when we were
 * busy, and several ends at once when tests are quick: these share what passed since the last end.
 * GoogleTest's sees whole milliseconds, cut.  The truth is in both.
 */
uint64_t reader_take_time(struct reader *r, bool has_ms, uint64_t ms);

#endif
