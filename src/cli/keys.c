/* SPDX-License-Identifier: MIT */
#include "cli/keys.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t is_on;

void keys_begin(void)
{
	struct termios now;

	if (is_on || isatty(STDIN_FILENO) != 1 || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &before) < 0)
		return;
	now = before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	is_on = tcsetattr(STDIN_FILENO, TCSANOW, &now) == 0;
}

void keys_end(void)
{
	if (is_on)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	is_on = 0;
}

int keys_next(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char key = 0;

	/* in the background a read would stop us */
	if (!is_on || tcgetpgrp(STDIN_FILENO) != getpgrp() || poll(&p, 1, 0) <= 0 ||
	    !(p.revents & POLLIN))
		return 0;
	return read(STDIN_FILENO, &key, 1) == 1 ? key : 0;
}
