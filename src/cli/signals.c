/* SPDX-License-Identifier: MIT */
#include "cli/signals.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t first_signal;
static volatile sig_atomic_t nsignals;

static void on_signal(int sig)
{
	if (nsignals == 0)
		first_signal = sig;
	nsignals++;
	if (nsignals >= 3)
		_exit(2);
}

void signals_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	/* no SA_RESTART: whoever waits is to notice */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* a reader of ours that went away is an error of write(), not our death */
	signal(SIGPIPE, SIG_IGN);
}

int signals_wanted(void *unused)
{
	(void)unused;
	if (nsignals == 0)
		return 0;
	return nsignals > 1 ? SIGKILL : first_signal;
}
