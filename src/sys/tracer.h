/* SPDX-License-Identifier: MIT
 *
 * Run a program under ptrace() and look on while it calls chosen functions: what they were given,
 * what they returned, or let them return at once without running.  For listing tests that a
 * program only tells itself.  The program leads a process group of its own, has /dev/null as
 * stdin, and is killed with its descendants when the tracing ends.  Its children are not followed:
 * one that reaches a breakpoint dies of SIGTRAP.  Linux on x86-64; elsewhere ERR_UNSUPPORTED.
 */
#ifndef GW_SYS_TRACER_H
#define GW_SYS_TRACER_H

struct buf;
struct err;
struct tracer;

struct tracer_spec {
	const char *const *argv; /* NULL at the end; argv[0] is a path */
	const char *const *envp; /* whole environment, NULL at the end; NULL: ours */
	const char *workdir;     /* NULL: ours */
	uint64_t entry;      /* the entry point as the file has it, to find where it was loaded */
	uint64_t timeout_us; /* TIME_UNKNOWN: none */
	size_t output_limit_bytes; /* kept of stdout and stderr together; the rest is dropped */
	int (*stop)(void);         /* not 0: end it, as if it were late; NULL: never */
};

struct tracer_hooks {
	void *ctx;
	/*
	 * The program and its libraries are in memory, nothing of it has run: the time to set
	 * breakpoints.  Called again if the program executes itself anew.  -1 ends the run.
	 */
	int (*start)(void *ctx, struct tracer *t, struct err *reterr);
	/* The function with breakpoint `id` is called. */
	void (*hit)(void *ctx, struct tracer *t, unsigned id);
	/* A call for which tracer_watch_return() was asked has returned `value`. */
	void (*returned)(void *ctx, struct tracer *t, unsigned id, uint64_t token, uint64_t value);
};

struct tracer_end {
	int exit_code;    /* -1: killed by a signal */
	int term_signal;  /* 0: exited */
	bool is_timeout;  /* we killed it because its time was over */
	bool is_replaced; /* we killed it because it executed another program */
};

/*
 * Run to the end.  -1 if it could not be started (ERR_MISSING), may not be traced
 * (ERR_UNSUPPORTED), or `start` said so.  What it printed is added to *output (may be NULL).
 */
int tracer_run(const struct tracer_spec *spec, const struct tracer_hooks *hooks, struct buf *output,
	       struct tracer_end *ret, struct err *reterr);

/* --- inside hooks ----------------------------------------------------------------------- */

/* What must be added to an address of the program's file. */
uint64_t tracer_bias(const struct tracer *t);
/* The same for the first loaded library whose file name begins so, and its path. */
bool tracer_library(const struct tracer *t, const char *prefix, struct buf *path, uint64_t *ret);

int tracer_break(struct tracer *t, uint64_t address, unsigned id, struct err *reterr);

/* Integer or pointer argument i (0 to 5) of the call that was hit. */
uint64_t tracer_arg(const struct tracer *t, unsigned i);
/* Its first floating-point argument. */
double tracer_arg_double(const struct tracer *t);

/* Memory of the program; false if any of it is not there. */
bool tracer_read(const struct tracer *t, uint64_t address, void *ret, size_t len);
/* Append a string, at most `limit` bytes of it; false if it cannot be read or is longer. */
bool tracer_read_string(const struct tracer *t, uint64_t address, size_t limit, struct buf *ret);

/* The call that was hit returns `value` without running. */
void tracer_return(struct tracer *t, uint64_t value);
/* Say what the call that was hit returns. */
void tracer_watch_return(struct tracer *t, uint64_t token);

#endif
