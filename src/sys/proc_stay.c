/* SPDX-License-Identifier: MIT */
#include "sys/proc_stay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/proc.h"
#include "sys/proc_kill.h"

enum { LOOK_MS = 20, CHUNK_BYTES = 4096 };

void proc_stay_tell(struct proc_stay *s, char byte)
{
	if (s->pid == 0 || s->feed < 0)
		return;
	(void)!write(s->feed, &byte, 1); /* it fails where it is gone */
	close(s->feed);
	s->feed = -1;
}

/* false: nothing more will come. */
static bool read_output(const struct proc_stay *s, size_t limit_bytes, struct buf *output)
{
	char chunk[CHUNK_BYTES];
	ssize_t n = read(s->output, chunk, sizeof chunk);

	if (n > 0)
		buf_add(output, chunk, (size_t)n);
	if (output->len > limit_bytes) {
		memmove(output->s, output->s + output->len - limit_bytes, limit_bytes);
		buf_truncate(output, limit_bytes);
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void kill_all(const struct proc_stay *s)
{
	proc_kill_house(s->pid);
	kill(s->pid, SIGKILL);
}

static bool await(struct proc_stay *s, uint64_t until_us, size_t limit_bytes, struct buf *output,
		  int *status)
{
	bool is_open = true;

	while (proc_is_kept(s->pid)) {
		struct pollfd p = { .fd = is_open ? s->output : -1, .events = POLLIN };
		pid_t pid = waitpid(s->pid, status, WNOHANG);

		if (pid == s->pid)
			return true;
		if (pid < 0 && errno != EINTR)
			return false;
		if (proc_now_us() >= until_us || proc_stop_asked() == SIGKILL)
			kill_all(s);
		if (poll(&p, 1, LOOK_MS) > 0)
			is_open = read_output(s, limit_bytes, output);
	}
	return false; /* somebody else saw it end */
}

bool proc_stay_end(struct proc_stay *s, uint64_t timeout_us, size_t limit_bytes, struct buf *output,
		   struct proc_end *ret)
{
	int status = 0;

	if (s->pid == 0)
		return false;
	uint64_t until_us = timeout_us == TIME_UNKNOWN ? TIME_UNKNOWN : proc_now_us() + timeout_us;
	bool is_known = await(s, until_us, limit_bytes, output, &status);
	struct pollfd rest = { .fd = s->output, .events = POLLIN };

	while (poll(&rest, 1, 0) > 0 && read_output(s, limit_bytes, output))
		;
	close(s->output);
	proc_let_go(s->pid);
	/* what it left is our child now, and nobody's */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (waitpid(-1, NULL, WNOHANG) == 0)
		proc_kill_house(0);
	*ret = (struct proc_end){ .pid = s->pid,
				  .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
				  .term_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
				  .is_timeout = proc_now_us() >= until_us };
	*s = (struct proc_stay){ 0 };
	return is_known;
}
