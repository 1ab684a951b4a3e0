/* SPDX-License-Identifier: MIT
 *
 * What is said of how a process ended.
 */
#include "sys/proc.h"

#include <signal.h>

#include "base/alloc.h"
#include "base/buf.h"

const char *proc_signal_name(int sig)
{
	static const char *const names[] = {
		[SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT",
		[SIGILL] = "SIGILL",   [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT",
		[SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",   [SIGKILL] = "SIGKILL",
		[SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
		[SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM",
		[SIGXCPU] = "SIGXCPU", [SIGXFSZ] = "SIGXFSZ", [SIGSYS] = "SIGSYS",
	};

	if (sig > 0 && (size_t)sig < ARRAY_SIZE(names) && names[sig])
		return names[sig];
	return "an unusual signal";
}

void proc_end_describe(const struct proc_end *e, struct buf *out)
{
	if (e->term_signal)
		buf_addf(out, "killed by %s%s", proc_signal_name(e->term_signal),
			 e->has_core ? " (core dumped)" : "");
	else
		buf_addf(out, "exit status %d", e->exit_code);
}
