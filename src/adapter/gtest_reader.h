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

#endif
