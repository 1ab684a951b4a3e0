/* SPDX-License-Identifier: MIT
 *
 * To be linked into a test program that is built with --coverage: a program that is told to end
 * (its time is over, the run stops) or that crashes writes its counters before it goes, which it
 * otherwise does not.
 *
 *   cc --coverage -o my_test my_test.o … PREFIX/lib/gangway/gangway-cov.o
 *
 * It does nothing but under `gangway --cov`, which names in GANGWAY_COV_DUMPED a file that is made
 * once the counters are written.  A program's own handlers stay.  What the counters are written
 * with is not made for signal handlers: where that hangs, the signal does its work after all.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE_S = 2 };

void __gcov_dump(void); /* of gcc's libgcov, and of clang's */

static const char *mark;
static volatile sig_atomic_t dying_of;

/* As the signal would have done it without us. */
static void die(void)
{
	sigset_t set;
	int sig = (int)dying_of;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	_exit(128 + sig);
}

static void on_alarm(int sig)
{
	(void)sig;
	die();
}

static void on_end(int sig)
{
	if (dying_of != 0)
		die(); /* the way out crashed */
	dying_of = sig;
	signal(SIGALRM, on_alarm);
	alarm(PATIENCE_S);
	__gcov_dump();
	alarm(0);
	int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd >= 0)
		close(fd);
	die();
}

__attribute__((constructor)) static void gangway_cov_begin(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE };

	mark = getenv("GANGWAY_COV_DUMPED");
	for (size_t i = 0; mark && i < sizeof signals / sizeof *signals; i++) {
		struct sigaction old;
		struct sigaction action = { .sa_handler = on_end, .sa_flags = SA_NODEFER };

		/* a sanitizer's or the program's own handler has its reasons */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
	}
}
