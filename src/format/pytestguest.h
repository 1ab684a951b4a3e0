/* SPDX-License-Identifier: MIT
 *
 * What gangway's part of pytest tells (src/guest/gangway_pytest.py has the format): a list of tests, or
 * how they go.  The bytes come from a process in which foreign tests run.
 */
#ifndef GW_FORMAT_PYTESTGUEST_H
#define GW_FORMAT_PYTESTGUEST_H

#include "base/buf.h"
#include "model/result.h"

struct err;

/* Strings live until the hook returns. */
struct pytestguest_test {
	const char *id;    /* of pytest: relative to its rootdir */
	unsigned line;     /* 0: unknown */
	const char *suite; /* "tests.test_a.TestB" */
	const char *name;
	const char *group; /* "": none */
	const char *const *marks;
	size_t nmarks;
	bool is_deselected;
};

struct pytestguest_hooks {
	void *ctx;
	void (*root)(void *ctx, const char *dir);
	void (*basetemp)(void *ctx, const char *dir);
	void (*controller)(void *ctx, const char *name);
	void (*addopt)(void *ctx, const char *word);
	void (*test)(void *ctx, const struct pytestguest_test *t);
	/* Files of which no test is known. */
	void (*skip)(void *ctx, const char *id, const char *reason);
	void (*error)(void *ctx, const char *id, const char *text);
	void (*goes_on)(void *ctx); /* the tests of other files are to run nevertheless */
};

/* Read the whole list.  -1: ERR_SYNTAX with its line; some hooks may have been called. */
int pytestguest_list(const char *s, size_t len, const struct pytestguest_hooks *hooks,
		     struct err *reterr);

enum pytestguest_kind {
	PYTESTGUEST_BEGIN,
	PYTESTGUEST_OUTPUT,  /* stream, text */
	PYTESTGUEST_SUBTEST, /* outcome, name, message */
	PYTESTGUEST_PHASES,  /* phases */
	PYTESTGUEST_END,     /* outcome, time_us, file, line, message, detail */
	PYTESTGUEST_WANT     /* has no test */
};

struct pytestguest_event {
	enum pytestguest_kind kind;
	size_t test; /* below the limit given */
	enum outcome outcome;
	uint64_t time_us;
	struct phases phases;
	int stream;       /* 0, 1 */
	const char *text; /* len bytes, and a NUL behind them */
	size_t len;
	const char *file; /* NULL: unknown */
	unsigned line;
	const char *name, *message, *detail; /* never NULL */
};

enum { PYTESTGUEST_MAX_LINE_BYTES = 256 * 1024 * 1024 };

/* Lines as they come in.  Begins zeroed but for BUF_INIT; freed by buf_release(&rest). */
struct pytestguest_stream {
	struct buf rest;
	bool is_lost; /* a line was too long: nothing more is read */
};

/*
 * Say each record in these bytes and what was left of those before.  `limit` is asked for anew for each
 * record: how many tests there are by then.  A line that is no record is passed over: a test that
 * writes to a descriptor that is not its own spoils itself alone.
 */
void pytestguest_feed(struct pytestguest_stream *p, const char *s, size_t len,
		      void (*event)(void *ctx, const struct pytestguest_event *e), void *ctx,
		      const size_t *limit);

#endif
