/* SPDX-License-Identifier: MIT
 *
 * posix_spawn, so that the cost of a start does not grow with our own size; a pidfd, so that the
 * end of the child and its bytes are waited for in one poll().  In the good case a child costs
 * two pipes, a pidfd and one waitpid() more than the bare minimum: that waitpid() says ECHILD
 * when no descendant was left behind.
 */
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"
#include "sys/proc_kill.h"

enum {
	NSTREAMS = 3,
	READ_BYTES = 65536,
	/* a descendant that ends by itself this soon after the child is not a leak */
	LEAK_CHANCE_US = 100 * 1000,
	/*
	 * A child that writes line by line pays for waking us with each line.  Where lines come
	 * this close together they are left to gather in the pipe for a moment, unless there is so
	 * much that they would fill it.
	 */
	CHATTY_GAP_US = 1000,
	CHATTY_BYTES = 16384,
	GATHER_US = 1000,
};

struct child {
	const struct proc_spec *spec;
	const struct proc_hooks *hooks;
	struct proc_end *end;
	pid_t pid;
	int pidfd;
	int pipes[NSTREAMS]; /* read ends; -1: closed */
	char *bytes;         /* two buffers: of the stream at hand, and of the report */
	bool has_exited;
	uint64_t kill_us; /* when SIGKILL follows; TIME_UNKNOWN: nobody was asked to go yet */
	int sent;         /* last signal passed on */
	uint64_t read_us; /* when bytes came last */
	bool is_gathering;
};

static struct proc_manners manners;
static volatile sig_atomic_t nrunning;
static uint64_t suspended_us; /* in sum */

void proc_behave(const struct proc_manners *m)
{
	manners = *m;
}

int proc_stop_asked(void)
{
	return manners.stop ? manners.stop(NULL) : 0;
}

bool proc_is_running(void)
{
	return nrunning > 0;
}

uint64_t proc_suspended_us(void)
{
	return suspended_us;
}

uint64_t proc_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void proc_become_reaper(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* --- starting --------------------------------------------------------------------------- */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd); /* pipes and pidfds: nothing can fail to be written */
	*fd = -1;
}

/* A pipe whose ends do not collide with 0, 1, 2 or the number the child wants. */
static int make_pipe(int ends[2], int avoid)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		if (ends[i] > STDERR_FILENO && ends[i] != avoid)
			continue;
		int moved = fcntl(ends[i], F_DUPFD_CLOEXEC, (avoid > 2 ? avoid : 2) + 1);

		if (moved < 0)
			return -1;
		close(ends[i]);
		ends[i] = moved;
	}
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static int set_attributes(posix_spawnattr_t *attr)
{
	static const int defaults[] = { SIGINT,  SIGTERM, SIGQUIT, SIGHUP,  SIGPIPE, SIGCHLD,
					SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGXFSZ };
	sigset_t none;
	sigset_t set;
	int e = posix_spawnattr_init(attr);

	sigemptyset(&none);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		sigaddset(&set, defaults[i]);
	if (e == 0)
		e = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
							   POSIX_SPAWN_SETSIGMASK);
	if (e == 0)
		e = posix_spawnattr_setpgroup(attr, 0);
	if (e == 0)
		e = posix_spawnattr_setsigdefault(attr, &set);
	return e ? e : posix_spawnattr_setsigmask(attr, &none);
}

static int set_actions(posix_spawn_file_actions_t *fa, const struct proc_spec *spec,
		       const int writes[NSTREAMS])
{
	int e = posix_spawn_file_actions_init(fa);

	if (e == 0)
		e = posix_spawn_file_actions_addopen(fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(fa, writes[0], STDOUT_FILENO);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(fa, spec->is_merged ? writes[0] : writes[1],
						     STDERR_FILENO);
	if (e == 0 && spec->report_fd > 2)
		e = posix_spawn_file_actions_adddup2(fa, writes[2], spec->report_fd);
	if (e == 0 && spec->input_fd > 2)
		e = posix_spawn_file_actions_adddup2(fa, spec->input, spec->input_fd);
	if (e == 0 && spec->workdir)
		e = posix_spawn_file_actions_addchdir_np(fa, spec->workdir);
	return e;
}

/* A script without "#!" is the shell's, as execvp() has it. */
static int spawn_script(struct child *c, const posix_spawn_file_actions_t *fa,
			const posix_spawnattr_t *attr, char *const *envp)
{
	size_t n = 0;

	while (c->spec->argv[n])
		n++;
	const char **argv = xcalloc(n + 2, sizeof *argv);

	argv[0] = "/bin/sh";
	memcpy(argv + 1, c->spec->argv, n * sizeof *argv);
	int e = posix_spawn(&c->pid, argv[0], fa, attr, (char *const *)argv, envp);

	free(argv);
	return e;
}

static int start_failed(const struct proc_spec *spec, int e, struct err *reterr)
{
	if (spec->workdir && access(spec->workdir, X_OK) < 0)
		return err_set(reterr, ERR_MISSING, NULL, 0, "cannot start '%s' in folder '%s': %s",
			       spec->argv[0], spec->workdir, strerror(errno));
	return err_set(reterr,
		       e == ENOENT || e == EACCES || e == ENOTDIR ? ERR_MISSING : ERR_SYSTEM, NULL,
		       0, "cannot start '%s': %s", spec->argv[0], strerror(e));
}

static int spawn(struct child *c, const int writes[NSTREAMS], struct err *reterr)
{
	const struct proc_spec *spec = c->spec;
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	char *const *argv = (char *const *)spec->argv;
	char *const *envp = spec->envp ? (char *const *)spec->envp : environ;
	int e = set_attributes(&attr);

	if (e == 0)
		e = set_actions(&fa, spec, writes);
	if (e != 0)
		return start_failed(spec, e, reterr);
	if (spec->start && (c->pid = spec->start(spec->start_ctx, writes)) > 0)
		setpgid(c->pid, c->pid); /* it does so itself, if it comes first */
	else if (strchr(spec->argv[0], '/'))
		e = posix_spawn(&c->pid, spec->argv[0], &fa, &attr, argv, envp);
	else
		e = posix_spawnp(&c->pid, spec->argv[0], &fa, &attr, argv, envp);
	if (e == ENOEXEC)
		e = spawn_script(c, &fa, &attr, envp);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return e ? start_failed(spec, e, reterr) : 0;
}

static int start(struct child *c, struct err *reterr)
{
	int writes[NSTREAMS] = { -1, -1, -1 };
	int status = 0;

	for (int i = 0; i < NSTREAMS && status == 0; i++) {
		int ends[2] = { -1, -1 };

		if ((i == 1 && c->spec->is_merged) || (i == 2 && c->spec->report_fd <= 2))
			continue;
		if (make_pipe(ends, c->spec->report_fd) < 0)
			status = err_sys(reterr, NULL, "cannot make a pipe for '%s'",
					 c->spec->argv[0]);
		c->pipes[i] = ends[0];
		writes[i] = ends[1];
	}
	if (status == 0)
		status = spawn(c, writes, reterr);
	for (int i = 0; i < NSTREAMS; i++)
		close_fd(&writes[i]);
	if (status < 0)
		return -1;
	c->pidfd = pidfd_open(c->pid, 0);
	return 0;
}

/* --- killing ---------------------------------------------------------------------------- */

void proc_suspend(void (*on_wake)(void *ctx, uint64_t time_us), void *ctx)
{
	uint64_t began_us = proc_now_us();

	proc_signal_descendants(SIGSTOP);
	raise(SIGSTOP);
	uint64_t time_us = proc_now_us() - began_us;

	suspended_us += time_us;
	if (on_wake)
		on_wake(ctx, time_us);
	proc_signal_descendants(SIGCONT);
}

static void ask_to_go(struct child *c, int sig, uint64_t now)
{
	if (sig == SIGKILL || c->sent == SIGKILL) {
		c->sent = SIGKILL;
		proc_kill_house(c->has_exited ? 0 : c->pid);
		return;
	}
	c->sent = sig;
	kill(-c->pid, sig);
	kill(-c->pid, SIGCONT); /* a stopped process hears nothing else */
	c->kill_us = now + c->spec->grace_us;
}

/* --- reading ---------------------------------------------------------------------------- */

/* At most one buffer, so that no stream starves another. */
static void read_stream(struct child *c, int stream)
{
	ssize_t n = read(c->pipes[stream], c->bytes, READ_BYTES);

	if (n > 0) {
		uint64_t now = proc_now_us();

		c->is_gathering = now - c->read_us < CHATTY_GAP_US + GATHER_US && n < CHATTY_BYTES;
		c->read_us = now;
	}
	if (n > 0 && c->hooks->bytes)
		c->hooks->bytes(c->hooks->ctx, stream, c->bytes, (size_t)n, c->read_us);
	else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&c->pipes[stream]);
}

/*
 * What the report says of a test comes behind what the test printed before: the report is read
 * first, then the pipes of output to their bottom (a pipe holds no more than a buffer), and is
 * handed on last.
 */
static void read_report(struct child *c)
{
	char *report = c->bytes + READ_BYTES;
	ssize_t n = read(c->pipes[2], report, READ_BYTES);
	bool is_over = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);

	for (int i = 0; i < 2; i++) {
		if (c->pipes[i] >= 0)
			read_stream(c, i);
	}
	if (n > 0 && c->hooks->bytes)
		c->hooks->bytes(c->hooks->ctx, 2, report, (size_t)n, proc_now_us());
	if (is_over)
		close_fd(&c->pipes[2]);
}

/* What is in the pipes now, without waiting; bounded, for whoever holds them may go on writing. */
static void drain(struct child *c)
{
	enum { MOST_READS = 64 };

	for (int i = 0; i < NSTREAMS; i++) {
		struct pollfd p = { .fd = c->pipes[i], .events = POLLIN };

		for (int k = 0; k < MOST_READS && p.fd >= 0 && poll(&p, 1, 0) > 0; k++) {
			read_stream(c, i);
			p.fd = c->pipes[i];
		}
	}
}

static bool has_open_pipe(const struct child *c)
{
	return c->pipes[0] >= 0 || c->pipes[1] >= 0 || c->pipes[2] >= 0;
}

/* The kernel counts the size of a process in batches of pages. */
static uint64_t peak_of(const struct rusage *child)
{
	enum { BLUR_KIB = 256 };
	struct rusage own;

	getrusage(RUSAGE_SELF, &own);
	return child->ru_maxrss > own.ru_maxrss + BLUR_KIB ? (uint64_t)child->ru_maxrss * 1024
							   : TIME_UNKNOWN;
}

static void reap(struct child *c)
{
	struct proc_end *end = c->end;
	struct rusage ru;
	int status = 0;
	pid_t pid = 0;

	do
		pid = wait4(c->pid, &status, 0, &ru);
	while (pid < 0 && errno == EINTR);
	c->has_exited = true;
	end->end_us = proc_now_us();
	end->pid = c->pid;
	end->exit_code = pid == c->pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	end->term_signal = pid == c->pid && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	end->has_core = end->term_signal && WCOREDUMP(status);
	end->user_us = (uint64_t)ru.ru_utime.tv_sec * 1000000 + (uint64_t)ru.ru_utime.tv_usec;
	end->system_us = (uint64_t)ru.ru_stime.tv_sec * 1000000 + (uint64_t)ru.ru_stime.tv_usec;
	end->peak_bytes = peak_of(&ru);
	close_fd(&c->pidfd);
}

/* How long poll() may wait: until the nearest of the limits. */
static int wait_ms(struct child *c, uint64_t deadline, uint64_t now)
{
	uint64_t until = c->kill_us;

	if (c->sent == 0 && deadline < until)
		until = deadline;
	if (c->hooks->tick && now + c->hooks->tick_us < until)
		until = now + c->hooks->tick_us;
	if (c->hooks->stop && now + 100000 < until)
		until = now + 100000; /* a stop asked for elsewhere is seen soon */
	if (c->pidfd < 0 && now + 5000 < until)
		until = now + 5000;
	if (until == TIME_UNKNOWN)
		return -1;
	return until <= now
		       ? 0
		       : (int)((until - now) / 1000 + 1 < 60000 ? (until - now) / 1000 + 1 : 60000);
}

/* Ask the hooks, and act on what they say. */
static uint64_t obey(struct child *c, uint64_t now)
{
	const struct proc_hooks *h = c->hooks;

	if (manners.attend)
		manners.attend();
	uint64_t deadline = h->deadline ? h->deadline(h->ctx) : TIME_UNKNOWN;
	int sig = h->stop ? h->stop(h->ctx) : 0;

	if (h->tick)
		h->tick(h->ctx);
	if (c->spec->kills_orphans && !c->has_exited)
		proc_kill_orphans(c->pid);
	if (sig != 0 && sig != c->sent && c->sent != SIGKILL) {
		c->end->is_stopped = true;
		ask_to_go(c, sig, now);
	} else if (c->sent == 0 && now >= deadline) {
		c->end->is_timeout = true;
		if (h->overrun && !c->has_exited)
			h->overrun(h->ctx, c->pid);
		ask_to_go(c, SIGTERM, proc_now_us());
	} else if (c->kill_us != TIME_UNKNOWN && now >= c->kill_us) {
		c->kill_us = TIME_UNKNOWN;
		ask_to_go(c, SIGKILL, now);
	}
	return deadline;
}

/* Let bytes gather: only the end of the child is waited for, and for a moment. */
static void gather(struct child *c)
{
	struct pollfd end = { .fd = c->pidfd, .events = POLLIN };
	const struct timespec moment = { .tv_nsec = GATHER_US * 1000L };

	if (c->is_gathering && c->pidfd >= 0 && c->spec->report_fd <= 2)
		ppoll(&end, 1, &moment, NULL); /* whatever it says, the turn goes on */
	c->is_gathering = false;
}

static struct pollfd watched_of(const struct child *c)
{
	return (struct pollfd){ .fd = c->hooks->watched ? c->hooks->watched_fd : -1,
				.events = POLLIN };
}

/* One turn: wait for bytes, for the end, or for a limit. */
static void turn(struct child *c)
{
	struct pollfd fds[NSTREAMS + 2];

	gather(c);
	uint64_t now = proc_now_us();
	uint64_t deadline = obey(c, now);

	for (int i = 0; i < NSTREAMS; i++)
		fds[i] = (struct pollfd){ .fd = c->pipes[i], .events = POLLIN };
	fds[NSTREAMS] = (struct pollfd){ .fd = c->pidfd, .events = POLLIN };
	fds[NSTREAMS + 1] = watched_of(c);
	if (poll(fds, NSTREAMS + 2, wait_ms(c, deadline, now)) < 0)
		return; /* a signal: the hooks know of it */
	if (fds[NSTREAMS + 1].revents)
		c->hooks->watched(c->hooks->ctx);
	if (fds[2].revents)
		read_report(c);
	for (int i = 0; i < 2; i++) {
		if (fds[i].revents && !fds[2].revents)
			read_stream(c, i);
	}
	siginfo_t info = { 0 };

	if (fds[NSTREAMS].revents ||
	    (c->pidfd < 0 && waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	     info.si_pid == c->pid))
		reap(c);
}

/* The child is gone, and its descendants do without it: wait until they have done, or are to. */
static void linger(struct child *c)
{
	const struct proc_hooks *h = c->hooks;
	struct pollfd fds[3] = { { .events = POLLIN }, { .events = POLLIN }, watched_of(c) };

	while (h->is_wanted && h->is_wanted(h->ctx) && c->sent == 0) {
		int sig = h->stop ? h->stop(h->ctx) : 0;

		if (manners.attend)
			manners.attend();
		if (h->tick)
			h->tick(h->ctx);
		if (sig != 0) {
			c->end->is_stopped = true;
			c->sent = sig;
			proc_signal_descendants(sig);
			c->kill_us = sig == SIGKILL ? 0 : proc_now_us() + c->spec->grace_us;
		}
		for (int i = 0; i < 2; i++)
			fds[i].fd = c->pipes[i];
		poll(fds, 3, 20);
		if (h->watched)
			h->watched(h->ctx);
		drain(c);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	/* asked to go: they have their grace */
	while (c->sent != 0 && c->sent != SIGKILL && proc_now_us() < c->kill_us) {
		if (waitpid(-1, NULL, WNOHANG) < 0 || (h->stop && h->stop(h->ctx) == SIGKILL))
			break;
		poll(fds, 2, 20);
		drain(c);
	}
}

/* The child is gone; is anybody of its house still there?  They get a short chance, then SIGKILL.
 */
static void sweep(struct child *c)
{
	uint64_t until = proc_now_us() + LEAK_CHANCE_US;

	drain(c);
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid > 0) {
			proc_let_go(pid);
			continue;
		}
		if ((pid < 0 && errno == ECHILD) || (pid == 0 && !proc_has_others()))
			break; /* nobody: the pipes, if still open, are held by no descendant */
		uint64_t now = proc_now_us();

		if (now >= until || c->sent != 0) {
			c->end->is_leaky = c->end->is_leaky || c->sent == 0;
			proc_kill_house(c->has_exited ? 0 : c->pid);
			until = now + LEAK_CHANCE_US;
		}
		struct pollfd fds[2] = { { .fd = c->pipes[0], .events = POLLIN },
					 { .fd = c->pipes[1], .events = POLLIN } };

		poll(fds, 2, has_open_pipe(c) ? 2 : 1);
		drain(c);
	}
	drain(c);
}

/* It goes on without us. */
static void leave(struct child *c)
{
	proc_keep(c->pid);
	c->end->is_staying = true;
	c->end->pid = c->pid;
	c->end->output = c->pipes[0];
	c->pipes[0] = -1;
	close_fd(&c->pidfd);
}

static bool is_enough(const struct child *c)
{
	return c->hooks->is_enough && c->hooks->is_enough(c->hooks->ctx) && !c->has_exited &&
	       c->sent == 0;
}

int proc_run(const struct proc_spec *spec, const struct proc_hooks *hooks, struct proc_end *ret,
	     struct err *reterr)
{
	struct child c = { .spec = spec,
			   .hooks = hooks,
			   .end = ret,
			   .pidfd = -1,
			   .pipes = { -1, -1, -1 },
			   .kill_us = TIME_UNKNOWN };
	int status = -1;

	*ret = (struct proc_end){ .exit_code = -1, .start_us = proc_now_us() };
	if (start(&c, reterr) == 0) {
		c.bytes = xrealloc(NULL, 2, READ_BYTES);
		nrunning++;
		while (!c.has_exited && !is_enough(&c))
			turn(&c);
		if (c.has_exited)
			linger(&c);
		nrunning--;
		if (c.has_exited)
			sweep(&c);
		else
			leave(&c);
		free(c.bytes);
		status = 0;
	}
	for (int i = 0; i < NSTREAMS; i++)
		close_fd(&c.pipes[i]);
	return status;
}
