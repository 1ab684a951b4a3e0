/* SPDX-License-Identifier: MIT
 *
 * A program that has come to its tests and forks for each batch of them (src/guest/
 * gangway-check-serve.c has the messages).  What it forks is our child, as we are a subreaper
 * (proc_become_reaper()).  proc_run() lets the server itself live; it ends with us, or when it is
 * stopped.
 */
#ifndef GW_SYS_PROC_FORKSERVER_H
#define GW_SYS_PROC_FORKSERVER_H

#include <sys/types.h>

/* The number at which the program finds its end of the socket. */
enum { FORKSERVER_FD = 6 };

struct forkserver;

struct forkserver_spec {
	const char *const *argv; /* NULL at the end */
	const char *const *envp; /* whole, NULL at the end; names FORKSERVER_FD to the program */
	const char *workdir;     /* NULL: ours */
	uint64_t timeout_us;     /* to be ready in; TIME_UNKNOWN: none */
	bool (*stop)(void *ctx); /* give up; asked now and then */
	void *stop_ctx;
};

/* NULL: it could not be started, or ended before it was ready. */
struct forkserver *forkserver_start(const struct forkserver_spec *spec);

/*
 * A new process with these as 1, 2 and `report_fd` (three must be given), and `vars`, NULL at the end,
 * in its environment.  0: it could not be made, and the server is of no more use.
 */
pid_t forkserver_fork(struct forkserver *f, const int fds[3], int report_fd,
		      const char *const *vars);

/* NULL is fine. */
void forkserver_stop(struct forkserver *f);

#endif
