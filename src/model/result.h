/* SPDX-License-Identifier: MIT
 *
 * What happened to one test, once.  A lane writes one to its journal for each test that ended;
 * the output itself stays in the lane's output file and is named here by offset.
 */
#ifndef GW_MODEL_RESULT_H
#define GW_MODEL_RESULT_H

#include "model/outcome.h"

/* A part of a lane's output file. */
struct span {
	uint64_t offset_bytes;
	uint64_t size_bytes;
};

/* One point inside a test that could not be listed before it ran: a TAP point. */
struct subresult {
	const char *name;
	enum outcome outcome;
	const char *message; /* "" if none */
	const char *file;    /* NULL if unknown */
	unsigned line;
	uint64_t time_us; /* TIME_UNKNOWN if not measured */
};

/* What a framework measures one by one: what comes before the test's own code, that, what comes behind it. */
enum phase { PHASE_SETUP, PHASE_CALL, PHASE_TEARDOWN, PHASE_MAX };
struct phases {
	bool are_known;
	uint64_t time_us[PHASE_MAX]; /* TIME_UNKNOWN: it did not come to it */
};

struct result {
	uint32_t test; /* index into struct tests */
	uint32_t lane;
	unsigned attempt; /* 1-based */
	enum outcome outcome;
	uint64_t start_us;   /* since the run began */
	uint64_t time_us;    /* wall time; TIME_UNKNOWN if it never started */
	const char *message; /* one line for the summary; "" if passed */
	const char *detail; /* the framework's full text (assertions); "" where the output has it */
	const char *file;   /* where it failed; NULL if unknown */
	unsigned line;
	int exit_code;       /* -1: did not exit, or it is not this test's process alone */
	int term_signal;     /* 0: not killed */
	uint64_t peak_bytes; /* of its process; TIME_UNKNOWN if shared with others or unknown */
	bool has_usage;      /* the next two are of its process, which was its alone */
	uint64_t user_us, system_us;
	const char *core;     /* file its process left when it died; NULL: none, or unknown */
	struct span out, err; /* stdout and stderr in the lane's output file */
	bool is_rerun;        /* failed, and is tried again: another attempt counts */
	bool is_leaky;        /* left a process behind that held its output */
	const struct subresult *subs;
	size_t nsubs;
	struct phases phases;
};

#endif
