/* SPDX-License-Identifier: MIT
 *
 * JUnit XML, in every dialect that test tools write, and out in two.  Reading is a stream: one
 * callback a test case, memory for one test case.  docs/formats/junit.md lists the dialects, their
 * quirks, and what we make of each.
 */
#ifndef GW_FORMAT_JUNIT_H
#define GW_FORMAT_JUNIT_H

#include "model/outcome.h"

struct err;

/* Bytes that may hold anything; not NUL-terminated. */
struct text {
	const char *s;
	size_t len;
};

struct junit_property {
	const char *name;
	const char *value;
};

/* One failed attempt before the one that counts: <flakyFailure>, <rerunFailure>. */
struct junit_rerun {
	const char *message;
	const char *type;
	struct text text, out, err;
};

struct junit_case {
	const char *suite;     /* "" if the file has none */
	const char *classname; /* "" if absent */
	const char *name;
	const char *file; /* NULL if absent */
	unsigned line;    /* 1-based; 0 unknown */
	uint64_t time_us; /* TIME_UNKNOWN if absent or negative */
	enum outcome outcome;
	const char *message; /* of the failure, error or skip; "" if none */
	const char *type;    /* of the failure or error; "" if none */
	struct text text;    /* inside the failure or error */
	struct text out, err;
	const struct junit_property *props;
	size_t nprops;
	const struct junit_rerun *reruns;
	size_t nreruns;
};

struct junit_sink {
	void *ctx;
	int (*on_case)(void *ctx, const struct junit_case *c, struct err *reterr);
	/* Something was mended: bytes cleaned, a verdict undone (each kind once a file, bytes
	 * counted at its end).  path, byte offset, text.  May be NULL.  A disabled test that a
	 * framework shows as passed is no news: it is just skipped. */
	void (*on_warning)(void *ctx, const char *path, uint64_t offset_bytes, const char *text);
};

/*
 * Read one file ("-" is stdin; a name ending in .gz is inflated).  Limits: depth 64, 1,000
 * attributes a tag, JUNIT_MAX_CASE_BYTES of text a case, no entity or DTD is followed.
 * A file that ends too early gives every whole case in it, then ERR_SYNTAX with path and line.
 * XML that is something else (a coverage report) is ERR_UNSUPPORTED.
 * The strings of a case live until its callback returns.
 */
enum { JUNIT_MAX_DEPTH = 64, JUNIT_MAX_ATTRS = 1000, JUNIT_MAX_CASE_BYTES = 256 * 1024 * 1024 };
int junit_read(const char *path, const struct junit_sink *sink, struct err *reterr);
int junit_read_mem(const char *name, const void *s, size_t len, const struct junit_sink *sink,
		   struct err *reterr);

enum junit_family {
	JUNIT_STRICT, /* xunit2: validates against Jenkins' schema */
	JUNIT_FILES   /* xunit1: the same with file= and line= on each test case (GitLab, GitHub) */
};

/*
 * Writing one lane's file: cases in the order they come, one level of suites, counters right.
 * Cases of a suite need not come together; the writer sorts out nothing, the merger does.
 */
struct junit_totals {
	uint64_t tests, failures, errors, skipped;
	uint64_t time_us;
};
void junit_count(struct junit_totals *t, const struct junit_case *c);
/* Pieces, each appended to out. */
struct buf;
void junit_put_head(struct buf *out, const char *name, const struct junit_totals *t);
void junit_put_suite_begin(struct buf *out, const char *suite, const struct junit_totals *t,
			   const struct junit_property *props, size_t nprops);
void junit_put_case(struct buf *out, const struct junit_case *c, enum junit_family family);
/* The same in two parts: what names it, and the rest.  Only the merger needs this: it makes the
 * name unique when the rest has long been written. */
void junit_put_case_name(struct buf *out, const char *classname, const char *name);
void junit_put_case_rest(struct buf *out, const struct junit_case *c, enum junit_family family);
void junit_put_suite_end(struct buf *out);
void junit_put_tail(struct buf *out);

#endif
