/* SPDX-License-Identifier: MIT */
#include "sys/proc_forkserver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/proc.h"
#include "sys/proc_kill.h"

enum { NFDS = 3, LOOK_MS = 50, ANSWER_MS = 10000, MAX_REQUEST_BYTES = 60 * 1024 };

struct forkserver {
	pid_t pid;
	int fd;
};

static int spawn(struct forkserver *f, const struct forkserver_spec *spec, int theirs)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none;
	sigset_t all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawn_file_actions_init(&fa);
	/* what main() prints before its tests is printed once, to nobody */
	int e = posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	for (int fd = STDOUT_FILENO; e == 0 && fd <= STDERR_FILENO; fd++)
		e = posix_spawn_file_actions_addopen(&fa, fd, "/dev/null", O_WRONLY, 0);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(&fa, theirs, FORKSERVER_FD);
	if (e == 0 && spec->workdir)
		e = posix_spawn_file_actions_addchdir_np(&fa, spec->workdir);
	if (e == 0)
		e = posix_spawn(&f->pid, spec->argv[0], &fa, &attr, (char *const *)spec->argv,
				(char *const *)spec->envp);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return e == 0 ? 0 : -1;
}

/* A message within the time; false: none came. */
static bool receive(const struct forkserver *f, void *ret, size_t len, int timeout_ms)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	ssize_t n = -1;
	int ready = 0;

	do
		ready = poll(&p, 1, timeout_ms);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		n = recv(f->fd, ret, len, 0);
	return n == (ssize_t)len;
}

static bool is_ready(const struct forkserver *f, const struct forkserver_spec *spec)
{
	uint64_t began_us = proc_now_us();
	char word[5] = "";

	for (;;) {
		struct pollfd p = { .fd = f->fd, .events = POLLIN };

		if (poll(&p, 1, LOOK_MS) > 0)
			return receive(f, word, sizeof word, 0) && memcmp(word, "ready", 5) == 0;
		if ((spec->stop && spec->stop(spec->stop_ctx)) ||
		    proc_now_us() - began_us > spec->timeout_us)
			return false;
	}
}

struct forkserver *forkserver_start(const struct forkserver_spec *spec)
{
	struct forkserver *f = xcalloc(1, sizeof *f);
	int ends[2];

	f->fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		free(f);
		return NULL;
	}
	f->fd = ends[0];
	/* a descriptor that has the number already would keep its close-on-exec */
	int theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, FORKSERVER_FD + 1);

	close(ends[1]);
	int status = theirs >= 0 ? spawn(f, spec, theirs) : -1;

	if (theirs >= 0)
		close(theirs);
	if (status == 0)
		proc_keep(f->pid);
	if (status == 0 && is_ready(f, spec))
		return f;
	forkserver_stop(f);
	return NULL;
}

static bool ask(const struct forkserver *f, const struct buf *text, const int fds[NFDS])
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(NFDS * sizeof(int))];
	} control = { .bytes = "" };
	struct iovec v = { text->s, text->len };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(NFDS * sizeof(int));
	memcpy(CMSG_DATA(c), fds, NFDS * sizeof(int));
	return sendmsg(f->fd, &m, MSG_NOSIGNAL) == (ssize_t)text->len;
}

pid_t forkserver_fork(struct forkserver *f, const int fds[NFDS], int report_fd,
		      const char *const *vars)
{
	struct buf text = BUF_INIT;
	int32_t answer = 0;

	buf_addf(&text, "%d", report_fd);
	buf_addch(&text, '\0');
	for (; *vars; vars++)
		buf_add(&text, *vars, strlen(*vars) + 1);
	bool is_made = text.len <= MAX_REQUEST_BYTES && ask(f, &text, fds) &&
		       receive(f, &answer, sizeof answer, ANSWER_MS) && answer > 0;

	buf_release(&text);
	return is_made ? answer : 0;
}

void forkserver_stop(struct forkserver *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	if (proc_is_kept(f->pid)) { /* else it has ended by itself, and was seen to */
		proc_kill_house(f->pid);
		kill(f->pid, SIGKILL);
		while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
			;
		proc_let_go(f->pid);
	}
	free(f);
}
