/* SPDX-License-Identifier: MIT
 *
 * What the adapters of Catch2, doctest and Boost.Test share: reading a program that prints its
 * report as XML to stdout, as it goes, between what the tests print (format/xmlmix.h says why
 * there: such a report goes through the stdio buffer of the tests, so the order is right).
 *
 * A test's end is held until the next one begins or the process is gone: until then it answers for
 * what goes wrong.  Where nothing of the report could be read from stdout although the program was
 * content, it runs again and the report goes to a file (batch.wants_report).
 */
#ifndef GW_ADAPTER_ADAPTER_XMLRUN_H
#define GW_ADAPTER_ADAPTER_XMLRUN_H

#include "adapter/adapter.h"
#include "base/buf.h"
#include "format/xmlmix.h"

/* The report's file in a batch's scratch folder. */
#define XMLRUN_REPORT "report.xml"

/* What is special about a framework. */
struct xmlrun_dialect {
	const struct xmlmix_word *words;
	unsigned indent;
	int stream;          /* where the report comes: 0 stdout, 1 stderr */
	const char *root[2]; /* the outermost elements, of each version */
	const char
		*last_words; /* inside of a test, what comes before </TestCase>; NULL: anything */
	/* Every tag that is believed, but for the ends of root and test. */
	void (*tag)(struct reader *r, const struct xmlmix_tag *tag);
	/* The test's own element ends: r->outcome is to be its verdict. */
	void (*judge)(struct reader *r);
	int content_code; /* another exit status beside 0 that says nothing failed */
};

struct reader {
	const struct batch *batch;
	const struct case_sink *sink;
	const struct xmlrun_dialect *dialect;
	struct xmlmix *mix;
	unsigned char *states;
	size_t current; /* begun and not said, or SIZE_MAX: none of ours */
	size_t next;    /* where the next test is expected */
	size_t nsaid;
	size_t nbad; /* tests that failed, ours or not */
	bool has_root, is_over;
	bool is_inside;      /* a test's element is open */
	bool has_last_words; /* of it */
	bool is_held;        /* current has ended */

	/* of the test that runs or is held */
	enum outcome outcome;
	uint64_t time_us;
	struct buf message, detail, file;
	unsigned line;
	size_t nfailures;
	bool is_fatal;    /* the framework saw it die */
	bool is_skipped;  /* the test said so */
	struct buf early; /* of a process of one test, whose report comes in the other stream */
	struct buf where; /* for the dialect */
};

struct reader *xmlrun_new(const struct xmlrun_dialect *dialect, const struct batch *b,
			  const struct case_sink *sink);
void xmlrun_read(struct reader *r, int stream, const char *s, size_t len);
bool xmlrun_finish(struct reader *r, const struct proc_end *end);

/* --- for dialects --- */

/* Is this the test of `file` and `line`?  Blanks around a name do not count; NULL is nobody's. */
bool xmlrun_is(const struct test *t, const char *name, const char *file, const char *line);
/* The waiting test for which `is` says so, SIZE_MAX: none. */
size_t xmlrun_find(struct reader *r, bool (*is)(const struct test *t, const void *what),
		   const void *what);
void xmlrun_begin(struct reader *r, size_t i);
/* A test that did not run: skipped, for this reason. */
void xmlrun_skip(struct reader *r, size_t i, const char *reason);
/* An assertion that failed: the first one's first line of `text` is the message. */
void xmlrun_failure(struct reader *r, const char *file, const char *line, const struct buf *text);
/* A sentence where there is no message yet. */
void xmlrun_say(struct reader *r, const char *text);
/* Text of the running test that came inside the report. */
void xmlrun_output(struct reader *r, int stream, const char *s, size_t len);
/* "1.5e-05", in microseconds. */
uint64_t xmlrun_time(const char *seconds);
/* Are the batch's tests all that its program runs when it is not told what? */
bool xmlrun_is_everything(const struct batch *b);
/* Report file of this batch, and nothing of an earlier process in it. */
const char *xmlrun_report(const struct batch *b, struct arena *mem);

#endif
