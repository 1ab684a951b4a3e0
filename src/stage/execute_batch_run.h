/* SPDX-License-Identifier: MIT
 *
 * Inside a batch: what its files (execute_batch.c, execute_blame.c, execute_feed.c) share.
 */
#ifndef GW_STAGE_EXECUTE_BATCH_RUN_H
#define GW_STAGE_EXECUTE_BATCH_RUN_H

#include "base/err.h"
#include "stage/execute_batch.h"
#include "stage/execute_capture.h"

struct adapter;
struct batch;
struct command;
struct proc_end;
struct proc_spec;
struct reader;
struct result;

enum { STATE_WAITING, STATE_RUNNING, STATE_ENDED };

/* Which time limit was over first? */
enum overrun { OVERRUN_NONE, OVERRUN_TEST, OVERRUN_SESSION };

struct batch_run {
	struct lane *lane;
	const struct adapter *adapter;
	const struct target *target;
	const struct test **tests; /* of this process */
	uint32_t *indices;         /* of the same in struct tests */
	unsigned char *states;
	size_t n;
	size_t running; /* index, or n */
	size_t nended;
	bool has_begun_any;
	bool is_over; /* --maxfail was reached: what the process begins from now on does not count */
	uint64_t begin_us; /* of the running test, or of the process */
	uint64_t mark_us;  /* last begin or end: where the time limit counts from */
	uint64_t now_us;   /* of the bytes at hand */
	uint64_t begin_pause_us, mark_pause_us; /* what claims_paused_us() was at begin and mark */
	bool is_timeless;                       /* as struct command has it */
	uint64_t new_limit_us; /* of the running test; TIME_UNKNOWN: none was set */
	enum overrun overrun;  /* of this process */
	struct capture out, err;
	struct capture stray; /* printed while no test ran */
	struct reader *reader;
	const struct proc_end *end; /* NULL while the process lives */
	bool was_killed_early;      /* a process of this batch */
	struct batch *batch;        /* what the process and its reader know of it */
	struct err failure;         /* first error of the journal */
};

/* A result of test i of which nothing is known yet. */
struct result batch_blank_result(const struct batch_run *b, size_t i);
/* Everything about test i is known: write it down.  Nothing where that was done. */
void batch_finish_test(struct batch_run *b, size_t i, struct result *r);
/* How long the test that began last has run, without the time in which the run was stopped. */
uint64_t batch_time_until(const struct batch_run *b, uint64_t now_us);
/* The time limit of the test that runs, or of the first that has not ended. */
uint64_t batch_time_limit(const struct batch_run *b);

/* The process could not be started: that is the result of all that wait. */
void batch_blame_all(struct batch_run *b, const struct err *why);
/* The process is gone, and its reader: who is to blame for what has no end?  `is_last`: another process
 * would not tell more. */
void batch_blame_rest(struct batch_run *b, const struct proc_end *end, bool has_ended_any,
		      bool is_last, bool is_trusted);

/*
 * A process that takes further tests while it runs (command.feed_fd).  It lives for as long as units of its
 * target are free: so a lane starts it once, and what its tests share is set up once.
 */
struct feed {
	int ends[2]; /* ours, the process's; -1: none */
};

/* For a process that takes none, too. */
int feed_open(struct feed *f, const struct command *c, struct proc_spec *spec, struct err *reterr);
/* Its coming to its tests (imports, configuration) is not the first test's time: that has a limit of its own. */
void feed_begin(struct batch_run *b, const struct feed *f);
void feed_close(struct feed *f);
/* case_sink.more, of a struct batch_run. */
bool feed_more(void *ctx);

#endif
