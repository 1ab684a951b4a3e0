/* SPDX-License-Identifier: MIT
 *
 * A program whose start is dear stays where it calls srunner_run*() first, and forks for each batch
 * of tests.  The child goes on from there as if it had been started for them; it is the child of
 * the lane, which is a subreaper, for the process between the server and it ends at once.
 *
 * Messages on the socket (SOCK_SEQPACKET): from us "ready" when we are; from the lane, with three
 * descriptors, which are to be 1, 2 and the number given, NUL-terminated strings: that number, then
 * NAME=VALUE for the environment, GANGWAY_CHECK among them; from us the number of the child's process,
 * 0 if there is none.  The server ends with the lane, or when the socket is closed.
 */
#include "gangway-check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NFDS = 3, MAX_REQUEST_BYTES = 64 * 1024 };

struct request {
	char text[MAX_REQUEST_BYTES];
	size_t len;
	int fds[NFDS];
};

/* A fork takes one thread along. */
static int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n - 2; /* "." and ".." */
}

/* False: the lane is gone. */
static int receive(int fd, struct request *r)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(NFDS * sizeof(int))];
	} control;
	struct iovec text = { r->text, sizeof r->text - 1 };
	struct msghdr m = { .msg_iov = &text,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof control };
	ssize_t n = 0;

	do
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(NFDS * sizeof(int)) ||
	    (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 0;
	memcpy(r->fds, CMSG_DATA(c), sizeof r->fds);
	r->len = (size_t)n;
	r->text[n] = '\0';
	return 1;
}

/* Whoever preloaded us has done so. */
static int is_of_loader(const char *var)
{
	static const char *const names[] = { "LD_PRELOAD=", "GANGWAY_CHECK_" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strncmp(var, names[i], strlen(names[i])) == 0)
			return 1;
	}
	return 0;
}

/* In the child: what an exec would have done. */
static void become(struct request *r)
{
	const char *end = r->text + r->len;
	const int to[NFDS] = { 1, 2, (int)strtol(r->text, NULL, 10) };

	setpgid(0, 0);
	for (int i = 0; i < NFDS; i++) { /* out of the way of where they go */
		int moved = fcntl(r->fds[i], F_DUPFD_CLOEXEC, to[NFDS - 1] + 1);

		if (moved < 0)
			_exit(GUEST_EXIT);
		close(r->fds[i]);
		r->fds[i] = moved;
	}
	for (int i = 0; i < NFDS; i++) {
		if (dup2(r->fds[i], to[i]) < 0)
			_exit(GUEST_EXIT);
		close(r->fds[i]);
	}
	for (char *s = r->text + strlen(r->text) + 1; s < end; s += strlen(s) + 1) {
		if (!is_of_loader(s))
			putenv(s); /* the text stays */
	}
	guest_begin();
}

/*
 * The child's number; 0 in the child; -1: none could be made.  The process between is of vfork(): it
 * copies no memory, and what it writes to `child` is ours to read, for we go on when it has ended.
 */
static pid_t fork_away(void)
{
	volatile pid_t child = -1;
	pid_t between = vfork();

	if (between == 0) {
		child = fork();
		if (child != 0)
			_exit(0);
		return 0;
	}
	/* behind this the child is the lane's */
	while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR)
		;
	return child;
}

void guest_serve(int fd)
{
	static struct request r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fflush(NULL); /* or every child would say it again */
	if (count_threads() > 1)
		guest_refuse("the program has threads: it cannot be forked");
	if (send(fd, "ready", 5, MSG_NOSIGNAL) != 5)
		_exit(0);
	while (receive(fd, &r)) {
		pid_t child = fork_away();
		int32_t answer = child > 0 ? child : 0;

		if (child == 0) {
			close(fd);
			become(&r);
			return;
		}
		for (int i = 0; i < NFDS; i++)
			close(r.fds[i]);
		if (send(fd, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer)
			break;
	}
	_exit(0); /* nothing that main() prepared for its end is meant for us */
}
