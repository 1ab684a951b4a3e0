/* SPDX-License-Identifier: MIT
 *
 * One child process, from start to the last of its descendants.  The child leads a process group
 * of its own, has /dev/null as stdin, and its output comes through pipes as it is written.
 * The caller should be a child subreaper (proc_become_reaper()), so that nothing survives.
 */
#ifndef GW_SYS_PROC_H
#define GW_SYS_PROC_H

#include <sys/types.h>

struct err;

struct proc_spec {
	const char *const
		*argv; /* NULL at the end; argv[0] with a '/' is taken as it is, else PATH */
	const char *const *envp; /* whole environment, NULL at the end; NULL: ours */
	const char *workdir;     /* NULL: ours */
	bool is_merged;          /* stderr goes into stdout's pipe: their order is kept */
	int report_fd; /* > 2: number at which the child finds the write end of a third pipe; 0:
			      none */
	int input,
		input_fd; /* input_fd > 2: number at which the child finds `input`, which is above it */
	uint64_t grace_us; /* between SIGTERM and SIGKILL */
	/* Who starts it in place of argv, if anybody can: a child of ours with these as 1, 2 and
	 * report_fd, its number; 0: argv is started after all.  NULL: nobody. */
	pid_t (*start)(void *ctx, const int fds[3]);
	void *start_ctx;
	/* Who becomes our child while this one runs is an orphan of its house, left by a process in
	 * between that was killed: it is killed too, at the next tick. */
	bool kills_orphans;
};

struct proc_hooks {
	void *ctx;
	/* Bytes came.  stream: 0 stdout, 1 stderr, 2 report pipe. */
	void (*bytes)(void *ctx, int stream, const char *s, size_t len, uint64_t now_us);
	/* When must it be over?  Absolute on proc_now_us()'s clock; TIME_UNKNOWN: never.  Asked
	 * again after every event, so it may move (the test in flight changes).  NULL: never. */
	uint64_t (*deadline)(void *ctx);
	/* Its deadline has passed, and it is not yet asked to go: a last look at it; NULL. */
	void (*overrun)(void *ctx, int pid);
	/* A signal to pass on to the group (SIGINT, SIGTERM), or 0.  SIGKILL ends it at once.
	 * Asked at every turn; NULL: none. */
	int (*stop)(void *ctx);
	/* Called at least every tick_us while the child runs; NULL: never. */
	void (*tick)(void *ctx);
	uint64_t tick_us;
	/* Called while the child runs whenever this file can be read; NULL: never. */
	void (*watched)(void *ctx);
	int watched_fd;
	/* Has the child told all that is wanted of it?  Then it is left alone (proc_end.is_staying,
	 * sys/proc_stay.h).  Asked after every event; NULL: its end is wanted. */
	bool (*is_enough)(void *ctx);
	/* The child itself is gone: are its descendants to go on?  They are waited for as long as
	 * this says so; NULL: they have a short chance to end, and are killed. */
	bool (*is_wanted)(void *ctx);
};

struct proc_end {
	int pid;         /* it had */
	int exit_code;   /* -1: killed by a signal */
	int term_signal; /* 0: exited */
	bool is_timeout; /* we killed it because its deadline passed */
	bool is_stopped; /* we killed it because hooks.stop said so */
	bool is_leaky;   /* a descendant outlived it and was killed */
	bool has_core;
	bool is_staying;           /* it has not ended: hooks.is_enough said so */
	int output;                /* then: read end of its stdout, the caller's to close */
	uint64_t start_us, end_us; /* proc_now_us() */
	uint64_t user_us, system_us;
	/* TIME_UNKNOWN where it is not above our own: a child begins with its parent's high-water
	 * mark. */
	uint64_t peak_bytes;
};

/*
 * Run to the end.  -1 if it could not be started (ERR_MISSING: no such program, ERR_SYSTEM), with
 * the program in the message.  Every other end is 0 and in *ret.
 */
int proc_run(const struct proc_spec *spec, const struct proc_hooks *hooks, struct proc_end *ret,
	     struct err *reterr);

/*
 * Run and keep what it printed, for listings and tools: at most `limit_bytes` of each stream are
 * kept (more is ERR_LIMIT).  out, err may be NULL.
 */
struct buf;
int proc_capture(const struct proc_spec *spec, uint64_t timeout_us, size_t limit_bytes,
		 struct buf *out, struct buf *err, struct proc_end *ret, struct err *reterr);

/*
 * What every child of this process heeds beside its own hooks, once it is set: `stop` as in the
 * hooks, for those of proc_capture(), which then fail with ERR_INTERRUPTED; `attend` is called at
 * every turn, where the process may suspend itself (proc_suspend()).
 */
struct proc_manners {
	int (*stop)(void *ctx); /* ctx: NULL */
	void (*attend)(void);
};
void proc_behave(const struct proc_manners *manners);
/* The signal that `stop` of the manners asks for, 0 if they are not set. */
int proc_stop_asked(void);
/* Does a child run that attends? */
bool proc_is_running(void);

/* Stop all descendants, then ourselves, until SIGCONT comes; then let them go on.  `on_wake` is
 * called between our own waking and theirs with the time that went by, which no limit of
 * proc_capture() counts. */
void proc_suspend(void (*on_wake)(void *ctx, uint64_t time_us), void *ctx);

uint64_t proc_suspended_us(void); /* all such times */

/* Orphans of our children become our children. */
void proc_become_reaper(void);

/* Monotonic clock. */
uint64_t proc_now_us(void);

/* "SIGSEGV"; "signal 77" for a number without a name.  Points to static storage. */
const char *proc_signal_name(int sig);

/* "exit status 3", "killed by SIGSEGV", for messages. */
void proc_end_describe(const struct proc_end *e, struct buf *out);

#endif
