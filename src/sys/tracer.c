/* SPDX-License-Identifier: MIT
 *
 * A breakpoint is an int3 over the first byte of an instruction.  To go on from one, the byte is
 * put back for a single step; a call that is to return at once needs no step.  Stops are told by
 * SIGCHLD, which a signalfd brings into the same poll() as the program's output.
 */
#include "sys/tracer.h"

#include "base/err.h"

#ifdef __x86_64__

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/tracer_proc.h"

enum { INT3 = 0xcc, NO_ID = UINT32_MAX, MAX_DESCENDANTS = 1024, PAGE_BYTES = 4096 };

struct breakpoint {
	uint64_t address;
	unsigned id;     /* NO_ID: only returns (or the entry point) are waited for here */
	size_t nreturns; /* calls that will return here */
	long saved;      /* the word without the int3 */
};

/* A call on its way.  Recursion gives several at one address: the stack tells them apart. */
struct pending {
	uint64_t address, sp, token;
	unsigned id;
};

struct tracer {
	const struct tracer_spec *spec;
	const struct tracer_hooks *hooks;
	struct tracer_end *end;
	pid_t pid;
	uint64_t bias, entry;
	dev_t dev; /* of the program's file, to know it again after an exec */
	ino_t ino;
	struct user_regs_struct regs; /* at the stop */
	struct breakpoint *breaks;
	size_t nbreaks, cap_breaks;
	struct pending *pendings;
	size_t npendings, cap_pendings;
	unsigned hit;     /* id of the call being looked at */
	bool is_returned; /* the hook made it return */
	int queued;       /* a signal that came in the middle of a step */
	int output;       /* read end of the program's stdout and stderr; -1: closed */
	struct buf *kept;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* A number as ptrace() wants to have it: an address in the program, a signal, a word. */
static void *as_pointer(uint64_t value)
{
	return (void *)(uintptr_t)value; /* NOLINT(performance-no-int-to-ptr): never ours */
}

/* --- memory ----------------------------------------------------------------------------- */

bool tracer_read(const struct tracer *t, uint64_t address, void *ret, size_t len)
{
	struct iovec local = { .iov_base = ret, .iov_len = len };
	struct iovec remote = { .iov_base = as_pointer(address), .iov_len = len };

	return process_vm_readv(t->pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

bool tracer_read_string(const struct tracer *t, uint64_t address, size_t limit, struct buf *ret)
{
	char part[PAGE_BYTES];
	size_t begin = ret->len;

	while (ret->len - begin <= limit) {
		size_t n = PAGE_BYTES - address % PAGE_BYTES; /* never into an unmapped page */

		if (!tracer_read(t, address, part, n))
			break;
		size_t len = strnlen(part, n);

		buf_add(ret, part, len);
		if (len < n && ret->len - begin <= limit)
			return true;
		if (len < n)
			break;
		address += n;
	}
	buf_truncate(ret, begin);
	return false;
}

static bool peek(const struct tracer *t, uint64_t address, long *ret)
{
	errno = 0;
	*ret = ptrace(PTRACE_PEEKTEXT, t->pid, as_pointer(address), NULL);
	return errno == 0;
}

static bool poke(const struct tracer *t, uint64_t address, long word)
{
	return ptrace(PTRACE_POKETEXT, t->pid, as_pointer(address), as_pointer((uint64_t)word)) ==
	       0;
}

/* --- breakpoints ------------------------------------------------------------------------ */

static struct breakpoint *find_break(const struct tracer *t, uint64_t address)
{
	for (size_t i = 0; i < t->nbreaks; i++) {
		if (t->breaks[i].address == address)
			return &t->breaks[i];
	}
	return NULL;
}

/* Only the byte: words of neighbouring breakpoints overlap. */
static bool set_byte(const struct tracer *t, uint64_t address, uint8_t byte)
{
	long word = 0;

	return peek(t, address, &word) &&
	       poke(t, address, (long)(((unsigned long)word & ~0xfful) | byte));
}

static struct breakpoint *add_break(struct tracer *t, uint64_t address)
{
	struct breakpoint *b = find_break(t, address);
	long saved = 0;

	if (b)
		return b;
	if (!peek(t, address, &saved) || !set_byte(t, address, INT3))
		return NULL;
	GROW(t->breaks, t->nbreaks, t->cap_breaks);
	b = &t->breaks[t->nbreaks++];
	*b = (struct breakpoint){ .address = address, .id = NO_ID, .saved = saved };
	return b;
}

static void remove_break(struct tracer *t, struct breakpoint *b)
{
	set_byte(t, b->address, (uint8_t)b->saved);
	*b = t->breaks[--t->nbreaks];
}

int tracer_break(struct tracer *t, uint64_t address, unsigned id, struct err *reterr)
{
	struct breakpoint *b = add_break(t, address);

	if (!b)
		return err_sys(reterr, t->spec->argv[0], "cannot set a breakpoint");
	b->id = id;
	return 0;
}

uint64_t tracer_arg(const struct tracer *t, unsigned i)
{
	const uint64_t args[] = { t->regs.rdi, t->regs.rsi, t->regs.rdx,
				  t->regs.rcx, t->regs.r8,  t->regs.r9 };

	return i < ARRAY_SIZE(args) ? args[i] : 0;
}

double tracer_arg_double(const struct tracer *t)
{
	struct user_fpregs_struct fp;
	double value = 0;

	if (ptrace(PTRACE_GETFPREGS, t->pid, NULL, &fp) == 0)
		memcpy(&value, fp.xmm_space, sizeof value);
	return value;
}

void tracer_return(struct tracer *t, uint64_t value)
{
	uint64_t to = 0;

	if (!tracer_read(t, t->regs.rsp, &to, sizeof to))
		return;
	t->regs.rax = value;
	t->regs.rip = to;
	t->regs.rsp += sizeof to;
	t->is_returned = true;
}

void tracer_watch_return(struct tracer *t, uint64_t token)
{
	struct pending p = { .sp = t->regs.rsp + sizeof(uint64_t), .token = token, .id = t->hit };

	if (!tracer_read(t, t->regs.rsp, &p.address, sizeof p.address))
		return;
	struct breakpoint *b = add_break(t, p.address);

	if (!b)
		return;
	/* an earlier call from here that never returned (longjmp) gives way */
	for (size_t i = 0; i < t->npendings; i++) {
		if (t->pendings[i].address == p.address && t->pendings[i].sp == p.sp) {
			t->pendings[i] = p;
			return;
		}
	}
	b->nreturns++;
	GROW(t->pendings, t->npendings, t->cap_pendings);
	t->pendings[t->npendings++] = p;
}

uint64_t tracer_bias(const struct tracer *t)
{
	return t->bias;
}

bool tracer_library(const struct tracer *t, const char *prefix, struct buf *path, uint64_t *ret)
{
	return tracer_proc_library(t->pid, prefix, path, ret);
}

/* --- starting --------------------------------------------------------------------------- */

/* What the child tells if it cannot begin. */
struct trouble {
	bool is_trace; /* ptrace() said no */
	int error;
};

/* In the child, between fork and exec. */
static _Noreturn void become_program(const struct tracer_spec *spec, int output, int tell,
				     const sigset_t *mask)
{
	struct trouble trouble = { 0 };
	int null = open("/dev/null", O_RDONLY);

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	setpgid(0, 0);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
	    dup2(output, STDERR_FILENO) >= 0 && (!spec->workdir || chdir(spec->workdir) == 0)) {
		trouble.is_trace = ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0;
		sigprocmask(SIG_SETMASK, mask, NULL);
		if (!trouble.is_trace)
			execve(spec->argv[0], (char *const *)spec->argv,
			       spec->envp ? (char *const *)spec->envp : environ);
	}
	trouble.error = errno;
	if (write(tell, &trouble, sizeof trouble) < 0)
		_exit(126);
	_exit(127);
}

static int start_failed(const struct tracer_spec *spec, const struct trouble *why,
			struct err *reterr)
{
	return err_set(reterr, why->is_trace ? ERR_UNSUPPORTED : ERR_MISSING, NULL, 0,
		       "cannot %s '%s': %s", why->is_trace ? "trace" : "start", spec->argv[0],
		       strerror(why->error));
}

/* The child stops itself behind its exec. */
static int wait_for_exec(struct tracer *t, int told, struct err *reterr)
{
	struct trouble why = { 0 };
	int status = 0;
	ssize_t n = read(told, &why, sizeof why);

	if (n == (ssize_t)sizeof why) {
		waitpid(t->pid, &status, 0);
		t->pid = 0;
		return start_failed(t->spec, &why, reterr);
	}
	if (waitpid(t->pid, &status, __WALL) == t->pid && WIFSTOPPED(status) &&
	    ptrace(PTRACE_SETOPTIONS, t->pid, NULL,
		   as_pointer(PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)) == 0)
		return 0;
	why = (struct trouble){ .is_trace = true, .error = errno };
	return start_failed(t->spec, &why, reterr);
}

static int start(struct tracer *t, const sigset_t *mask, struct err *reterr)
{
	int out[2] = { -1, -1 };
	int tell[2] = { -1, -1 };
	int ret = -1;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(tell, O_CLOEXEC) < 0 ||
	    fcntl(out[0], F_SETFL, O_NONBLOCK) < 0 || (t->pid = fork()) < 0) {
		t->pid = 0;
		err_sys(reterr, NULL, "cannot start '%s'", t->spec->argv[0]);
	} else if (t->pid == 0) {
		become_program(t->spec, out[1], tell[1], mask);
	} else {
		close(tell[1]);
		tell[1] = -1;
		ret = wait_for_exec(t, tell[0], reterr);
		t->output = out[0];
		out[0] = -1;
	}
	for (size_t i = 0; i < 2; i++) {
		if (out[i] >= 0)
			close(out[i]);
		if (tell[i] >= 0)
			close(tell[i]);
	}
	return ret;
}

/* Behind an exec: is it our program, and where is its first instruction? */
static bool find_entry(struct tracer *t)
{
	char name[64];
	struct stat st;

	snprintf(name, sizeof name, "/proc/%ld/exe", (long)t->pid);
	if (stat(name, &st) < 0)
		return false;
	if (t->ino == 0) {
		t->dev = st.st_dev;
		t->ino = st.st_ino;
	}
	if (st.st_dev != t->dev || st.st_ino != t->ino)
		return false;
	t->entry = tracer_proc_auxv(t->pid, AT_ENTRY);
	t->bias = t->entry - t->spec->entry;
	t->nbreaks = t->npendings = 0; /* the old memory is gone */
	return t->entry != 0 && add_break(t, t->entry) != NULL;
}

/* --- stops ------------------------------------------------------------------------------ */

/* Run the instruction below a breakpoint.  True if the program ended there, with its status. */
static bool step_over(struct tracer *t, const struct breakpoint *b, int *status)
{
	uint64_t address = b->address;

	set_byte(t, address, (uint8_t)b->saved);
	for (;;) {
		if (ptrace(PTRACE_SINGLESTEP, t->pid, NULL, NULL) < 0 ||
		    waitpid(t->pid, status, __WALL) != t->pid)
			return false;
		if (!WIFSTOPPED(*status))
			return true;
		if (WSTOPSIG(*status) == SIGTRAP)
			break;
		t->queued = WSTOPSIG(*status);
		if (t->queued == SIGSEGV || t->queued == SIGBUS || t->queued == SIGILL ||
		    t->queued == SIGFPE)
			break; /* the instruction itself: it would only fault again */
	}
	set_byte(t, address, INT3);
	return false;
}

static void tell_returns(struct tracer *t, struct breakpoint *b)
{
	for (size_t i = 0; i < t->npendings; i++) {
		struct pending p = t->pendings[i];

		if (p.address != b->address || p.sp != t->regs.rsp)
			continue;
		t->pendings[i] = t->pendings[--t->npendings];
		b->nreturns--;
		t->hooks->returned(t->hooks->ctx, t, p.id, p.token, t->regs.rax);
		return;
	}
}

/* The program stands behind the int3 of a breakpoint of ours.  As step_over(). */
static bool at_break(struct tracer *t, uint64_t address, int *status)
{
	struct breakpoint *b = find_break(t, address);

	t->regs.rip = address;
	t->is_returned = false;
	if (b->nreturns > 0) {
		tell_returns(t, b);
		b = find_break(t, address); /* hooks may set breakpoints: the array moves */
	}
	if (b->id != NO_ID) {
		t->hit = b->id;
		t->hooks->hit(t->hooks->ctx, t, b->id);
		b = find_break(t, address);
	}
	ptrace(PTRACE_SETREGS, t->pid, NULL, &t->regs);
	if (t->is_returned)
		return false;
	if (b->id == NO_ID && b->nreturns == 0) {
		remove_break(t, b);
		return false;
	}
	return step_over(t, b, status);
}

/* Also those that fled from its process group. */
static void kill_descendants(const struct tracer *t)
{
	pid_t list[MAX_DESCENDANTS];
	size_t n = tracer_proc_descendants(t->pid, list, MAX_DESCENDANTS);

	for (size_t i = 0; i < n; i++)
		kill(list[i], SIGKILL);
}

/* The program stopped.  Where it ends meanwhile, *ret_over and *status say so. */
static int on_stop(struct tracer *t, int *status, bool *ret_over, struct err *reterr)
{
	int sig = WSTOPSIG(*status);

	if (*status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
		kill_descendants(t); /* it still has its children: soon they are nobody's */
		sig = 0;
	} else if (*status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
		t->end->is_replaced = !find_entry(t);
		if (t->end->is_replaced)
			kill(t->pid, SIGKILL);
		sig = 0;
	} else if (sig == SIGTRAP && ptrace(PTRACE_GETREGS, t->pid, NULL, &t->regs) == 0 &&
		   find_break(t, t->regs.rip - 1)) {
		uint64_t address = t->regs.rip - 1;

		sig = 0;
		if (address == t->entry && t->hooks->start(t->hooks->ctx, t, reterr) < 0)
			return -1;
		if (at_break(t, address, status)) {
			*ret_over = true;
			return 0;
		}
	}
	if (sig == 0) {
		sig = t->queued;
		t->queued = 0;
	}
	/* fails only where the program was killed meanwhile: the next wait says so */
	ptrace(PTRACE_CONT, t->pid, NULL, as_pointer((uint64_t)sig));
	return 0;
}

static void read_output(struct tracer *t)
{
	char part[PAGE_BYTES];
	ssize_t n = read(t->output, part, sizeof part);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(t->output);
		t->output = -1;
	}
	if (n <= 0 || !t->kept || t->kept->len >= t->spec->output_limit_bytes)
		return;
	size_t room = t->spec->output_limit_bytes - t->kept->len;

	buf_add(t->kept, part, (size_t)n < room ? (size_t)n : room);
}

/* Wait for a stop, for output, or for the end of the time. */
static void wait_for_news(struct tracer *t, int signals, uint64_t deadline)
{
	struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
				{ .fd = t->output, .events = POLLIN } };
	uint64_t now = now_us();
	int wait_ms = 1000;

	if (deadline != TIME_UNKNOWN && deadline < now + 1000000)
		wait_ms = deadline <= now ? 0 : (int)((deadline - now) / 1000 + 1);
	if (poll(fds, ARRAY_SIZE(fds), wait_ms) <= 0)
		return;
	if (fds[0].revents) {
		struct signalfd_siginfo info;

		if (read(signals, &info, sizeof info) < 0)
			return; /* somebody else took it: waitpid() knows */
	}
	if (fds[1].revents)
		read_output(t);
}

/* Until the program is gone: *ret is how. */
static int look_on(struct tracer *t, int signals, int *ret, struct err *reterr)
{
	uint64_t limit = t->spec->timeout_us;
	uint64_t deadline = limit == TIME_UNKNOWN ? TIME_UNKNOWN : now_us() + limit;
	int status = 0;

	/* it stands behind its exec */
	if (!find_entry(t))
		return err_sys(reterr, NULL, "cannot trace '%s'", t->spec->argv[0]);
	ptrace(PTRACE_CONT, t->pid, NULL, NULL);
	for (;;) {
		pid_t pid = waitpid(t->pid, &status, __WALL | WNOHANG);

		if (pid < 0 && errno != EINTR)
			return err_sys(reterr, NULL, "cannot wait for '%s'", t->spec->argv[0]);
		if (pid == t->pid && !WIFSTOPPED(status))
			break;
		if (pid == t->pid) {
			bool is_over = false;

			if (on_stop(t, &status, &is_over, reterr) < 0)
				return -1;
			if (is_over)
				break;
		} else {
			wait_for_news(t, signals, deadline);
		}
		bool is_unwanted = t->spec->stop && t->spec->stop() != 0;

		if ((is_unwanted || now_us() >= deadline) && !t->end->is_timeout) {
			t->end->is_timeout = true;
			kill(t->pid, SIGKILL);
		}
	}
	*ret = status;
	return 0;
}

/* --- the end ---------------------------------------------------------------------------- */

/* What is left of its group and, if it is still there, the program. */
static void kill_all(struct tracer *t, bool is_there)
{
	int status = 0;

	if (is_there)
		kill_descendants(t);
	kill(-t->pid, SIGKILL);
	if (!is_there)
		return;
	kill(t->pid, SIGKILL);
	while (waitpid(t->pid, &status, __WALL) == t->pid && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, t->pid, NULL, NULL);
}

int tracer_run(const struct tracer_spec *spec, const struct tracer_hooks *hooks, struct buf *output,
	       struct tracer_end *ret, struct err *reterr)
{
	struct tracer t = {
		.spec = spec, .hooks = hooks, .end = ret, .kept = output, .output = -1
	};
	sigset_t child, old;
	int status = 0;

	*ret = (struct tracer_end){ .exit_code = -1 };
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old);
	int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	int result = start(&t, &old, reterr);
	bool is_there = result < 0 && t.pid != 0;

	if (result == 0) {
		result = look_on(&t, signals, &status, reterr);
		is_there = result < 0;
	}
	if (t.pid != 0)
		kill_all(&t, is_there);
	if (t.output >= 0) {
		read_output(&t);
		if (t.output >= 0)
			close(t.output);
	}
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (result == 0 && WIFEXITED(status))
		ret->exit_code = WEXITSTATUS(status);
	else if (result == 0)
		ret->term_signal = WTERMSIG(status);
	free(t.breaks);
	free(t.pendings);
	return result;
}

#endif
