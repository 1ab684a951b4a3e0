/* SPDX-License-Identifier: MIT
 *
 * proc_run() would wait for, and kill, every descendant of ours, the processes to be looked at among
 * them: gdb is started and waited for here, and only gdb.
 */
#include "sys/proc_stacks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/proc.h"
#include "sys/proc_kill.h"

enum { MAX_PROCESSES = 32, LOOK_MS = 50 };

/* Our environment, but that gdb is not to ask servers for symbols. */
static char **make_environment(void)
{
	static const char urls[] = "DEBUGINFOD_URLS=";
	size_t n = 0;
	size_t kept = 0;

	while (environ[n])
		n++;
	char **ret = xcalloc(n + 1, sizeof *ret);

	for (size_t i = 0; i < n; i++) {
		if (strncmp(environ[i], urls, strlen(urls)) != 0)
			ret[kept++] = environ[i];
	}
	return ret;
}

static int set_up(posix_spawn_file_actions_t *fa, posix_spawnattr_t *attr, int out)
{
	static const int defaults[] = { SIGINT,  SIGTERM, SIGQUIT, SIGHUP,
					SIGPIPE, SIGTSTP, SIGUSR1, SIGXFSZ };
	sigset_t none;
	sigset_t set;

	sigemptyset(&none);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		sigaddset(&set, defaults[i]);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(attr, 0);
	posix_spawnattr_setsigdefault(attr, &set);
	posix_spawnattr_setsigmask(attr, &none);
	int e = posix_spawn_file_actions_addopen(fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (e == 0)
		e = posix_spawn_file_actions_adddup2(fa, out, STDOUT_FILENO);
	return e ? e : posix_spawn_file_actions_adddup2(fa, out, STDERR_FILENO);
}

/* 0, or an errno. */
static int start_gdb(const char *gdb, pid_t of, int out, pid_t *ret)
{
	char number[16];
	const char *const argv[] = { gdb,
				     "-nx",
				     "-batch",
				     "-ex",
				     "set pagination off",
				     "-p",
				     number,
				     "-ex",
				     "thread apply all bt",
				     NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;

	snprintf(number, sizeof number, "%ld", (long)of);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	char **envp = make_environment();
	int e = set_up(&fa, &attr, out);

	if (e == 0)
		e = posix_spawnp(ret, gdb, &fa, &attr, (char *const *)argv, envp);
	free(envp);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return e;
}

struct dump {
	const struct proc_stacks_options *o;
	struct buf *out;
	size_t end_bytes; /* out may become so long */
	uint64_t until_us;
};

static bool is_stopped(const struct dump *d)
{
	return d->o->stop && d->o->stop(d->o->stop_ctx) != 0;
}

/* What gdb says, until it has said all or a limit is reached: then NULL is not returned, but why. */
static const char *read_all(const struct dump *d, int fd)
{
	char chunk[4096];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (proc_now_us() >= d->until_us)
			return "[gdb took too long]\n";
		if (is_stopped(d))
			return "[interrupted]\n";
		if (poll(&p, 1, LOOK_MS) <= 0)
			continue;
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		size_t room = d->end_bytes > d->out->len ? d->end_bytes - d->out->len : 0;

		buf_add(d->out, chunk, (size_t)n < room ? (size_t)n : room);
		if ((size_t)n > room)
			return "\n[gdb says more than is kept]\n";
	}
}

static void dump_one(const struct dump *d, pid_t pid)
{
	int ends[2];
	pid_t gdb = 0;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		buf_addf(d->out, "[no pipe for gdb: %s]\n", strerror(errno));
		return;
	}
	int e = start_gdb(d->o->gdb, pid, ends[1], &gdb);

	close(ends[1]);
	if (e != 0) {
		buf_addf(d->out, "[cannot start '%s': %s]\n", d->o->gdb, strerror(e));
	} else {
		const char *why = read_all(d, ends[0]);

		if (why)
			buf_addstr(d->out, why);
		/* it has closed its output, or is to end; what it held goes on without it */
		kill(-gdb, SIGKILL);
		while (waitpid(gdb, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
}

/* Its name; false if it has ended. */
static bool read_name(pid_t pid, char name[64])
{
	char path[64];
	char state = 0;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	FILE *f = fopen(path, "re");
	int n = f ? fscanf(f, "%*d (%63[^)]) %c", name, &state) : 0;

	if (f)
		fclose(f); /* only read from */
	return n == 2 && state != 'Z' && state != 'X';
}

void proc_stacks(int first, const struct proc_stacks_options *o, struct buf *out)
{
	const struct dump d = { o, out, out->len + o->size_bytes, proc_now_us() + o->time_us };
	pid_t pids[MAX_PROCESSES];
	size_t n = proc_list_descendants(first, pids, MAX_PROCESSES);

	for (size_t i = 0; i < n; i++) {
		char name[64] = "";

		if (!read_name(pids[i], name))
			continue;
		buf_addf(out, "--- stacks of process %ld (%s) ---\n", (long)pids[i], name);
		dump_one(&d, pids[i]);
		if (proc_now_us() >= d.until_us || out->len >= d.end_bytes || is_stopped(&d))
			break;
	}
}
