/* SPDX-License-Identifier: MIT
 *
 * The job slots of a build that we are a part of, as GNU make shares them (ninja since 1.13 and
 * cargo do the same): every process has one slot, the implicit one, by having been started; each
 * further slot is a byte that is read from a pipe and written back when the job is over, the same
 * byte.  Nobody notices a client that dies with bytes in its hands, so whoever can die is lent them
 * (jobserver_lend.h) by one who sees it.
 */
#ifndef GW_SYS_JOBSERVER_H
#define GW_SYS_JOBSERVER_H

struct err;
struct jobserver;

enum jobserver_form {
	JOBSERVER_NONE, /* nothing is shared */
	JOBSERVER_PIPE, /* two numbers of open files (make up to 4.3, and --jobserver-style=pipe) */
	JOBSERVER_FIFO, /* the path of a named pipe (make 4.4) */
	JOBSERVER_SHUT  /* there is one, and not for us: negative numbers */
};

/* What MAKEFLAGS says. */
struct jobserver_flags {
	bool is_dry;    /* -n, -t or -q: nothing is to run */
	unsigned njobs; /* of -jN; 0: not said, or no limit */
	enum jobserver_form form;
	int read_fd, write_fd; /* of a pipe */
	const char *path;      /* of a fifo; in mem */
};

/* NULL says nothing.  Bounds: numbers up to INT_MAX; what does not read as it should is left out.
 * Behind "--" stand variables, which are nobody's options. */
struct arena;
struct jobserver_flags jobserver_flags(const char *makeflags, struct arena *mem);

/*
 * Open what the flags name, which must not be JOBSERVER_NONE.  ERR_UNSUPPORTED where it is not
 * there: make closes its pipe for recipes without '+' and leaves the numbers in MAKEFLAGS.  Flags
 * of make's own open files are never changed: ours are others, of the same pipe.
 */
struct jobserver *jobserver_open(const struct jobserver_flags *flags, struct err *reterr);
/* Give everything back.  NULL is fine. */
void jobserver_close(struct jobserver *j);

/* Readable where a slot may be had. */
int jobserver_fd(const struct jobserver *j);

/* Take a slot, without waiting; its byte, or -1 where there is none now.  Ours until it is given
 * back by jobserver_give() or jobserver_give_all(). */
int jobserver_take(struct jobserver *j);
/* Give back one that has this byte, which must be among those we have. */
void jobserver_give(struct jobserver *j, int byte);
/* All; also in a signal handler, as the last thing the process does. */
void jobserver_give_all(struct jobserver *j);

/* One more that we have, from whoever took it and has gone. */
void jobserver_inherit(struct jobserver *j, int byte);

#endif
