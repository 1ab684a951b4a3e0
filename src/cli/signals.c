/* SPDX-License-Identifier: MIT */
#include "cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "sys/proc.h"

static volatile sig_atomic_t first_signal;
static volatile sig_atomic_t nsignals;
static volatile sig_atomic_t is_stop_wanted;
static volatile sig_atomic_t nasked;
static void (*on_stop)(void *ctx, bool is_over, uint64_t time_us);
static void *on_stop_ctx;
static void (*on_quit)(void);

static void on_signal(int sig)
{
	if (nsignals == 0)
		first_signal = sig;
	nsignals++;
	if (nsignals >= 3) {
		if (on_quit)
			on_quit();
		_exit(2);
	}
}

/* Where a child runs, it and its house are to stop first: at the next turn. */
static void on_tstp(int sig)
{
	int kept = errno;

	(void)sig;
	if (proc_is_running())
		is_stop_wanted = 1;
	else
		raise(SIGSTOP);
	errno = kept;
}

static void on_usr1(int sig)
{
	(void)sig;
	nasked++;
}

static void on_wake(void *ctx, uint64_t time_us)
{
	(void)ctx;
	if (on_stop)
		on_stop(on_stop_ctx, true, time_us);
}

static void attend(void)
{
	if (!is_stop_wanted)
		return;
	is_stop_wanted = 0;
	if (on_stop)
		on_stop(on_stop_ctx, false, 0);
	proc_suspend(on_wake, NULL);
}

static void catch_signal(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	/* no SA_RESTART: whoever waits is to notice */
	sigaction(sig, &action, NULL);
}

void signals_catch(bool is_in_charge)
{
	static const struct proc_manners manners = { signals_wanted, attend };

	catch_signal(SIGINT, on_signal);
	catch_signal(SIGTERM, on_signal);
	catch_signal(SIGHUP, on_signal);
	/* a reader of ours that went away, a file that is as long as may be: errors of write(), not
	 * our death */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	catch_signal(SIGUSR1, is_in_charge ? on_usr1 : SIG_IGN);
	if (is_in_charge)
		catch_signal(SIGTSTP, on_tstp);
	proc_behave(&manners);
}

int signals_wanted(void *unused)
{
	(void)unused;
	if (nsignals == 0)
		return 0;
	return nsignals > 1 ? SIGKILL : first_signal;
}

unsigned signals_asked(void)
{
	return (unsigned)nasked;
}

void signals_ask(void)
{
	nasked++;
}

void signals_on_stop(void (*fn)(void *ctx, bool is_over, uint64_t time_us), void *ctx)
{
	on_stop = fn;
	on_stop_ctx = ctx;
}

void signals_on_quit(void (*fn)(void))
{
	on_quit = fn;
}
