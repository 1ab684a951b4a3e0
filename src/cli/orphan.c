/* SPDX-License-Identifier: MIT */
#include "cli/orphan.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/parse.h"
#include "cli/signals.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const char owner_name[] = "GANGWAY_OWNER_PID";

enum { LOOK_US = 20 * 1000 };

/* Set once by orphan_watch().  A dead owner that nobody reaps still has its number, so the lock
 * that it holds is looked at too, where the file system has locks. */
static pid_t owner; /* 0: not watched */
static const char *held_dir;
static uint64_t looked_us;
static bool is_orphan;

void orphan_own(void)
{
	char number[24];

	snprintf(number, sizeof number, "%d", (int)getpid());
	setenv(owner_name, number, 1);
}

void orphan_disown(void)
{
	unsetenv(owner_name);
}

void orphan_watch(const char *rundir)
{
	const char *value = getenv(owner_name);
	uint64_t n = 0;

	if (value && parse_uint(value, INT32_MAX, &n) && n > 1) {
		owner = (pid_t)n;
		held_dir = fs_is_held(rundir) ? rundir : NULL;
	}
	unsetenv(owner_name); /* a test that runs gangway is no concern of ours */
}

/* It is asked at every turn of every test; a lock costs a little to look at. */
static void look(void)
{
	uint64_t now_us = proc_now_us();

	if (owner == 0 || is_orphan || now_us < looked_us + LOOK_US)
		return;
	looked_us = now_us;
	is_orphan = (kill(owner, 0) < 0 && errno == ESRCH) || (held_dir && !fs_is_held(held_dir));
}

int orphan_or_signal(void *unused)
{
	int sig = signals_wanted(unused);

	look();
	return sig == 0 && is_orphan ? SIGTERM : sig;
}
