/* SPDX-License-Identifier: MIT */
#include "cli/orphan.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/parse.h"
#include "cli/signals.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const char owner_name[] = "GANGWAY_OWNER_PID";

/* Set once by orphan_watch(); 0: not watched. */
static pid_t owner, parent, grandparent;

/* 0 where it cannot be known. */
static pid_t parent_of(pid_t pid)
{
	char path[48];
	struct buf text = BUF_INIT;
	uint64_t n = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	/* PID (NAME) STATE PARENT ..., and a name may hold anything, ')' too */
	if (fs_read(path, 4096, &text, NULL) == 0) {
		char *end = strrchr(text.s, ')');

		if (end && strlen(end) > 4) {
			end += 4;
			end[strcspn(end, " ")] = '\0';
			if (!parse_uint(end, INT32_MAX, &n))
				n = 0;
		}
	}
	buf_release(&text);
	return (pid_t)n;
}

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

void orphan_watch(void)
{
	const char *value = getenv(owner_name);
	uint64_t n = 0;

	if (value && parse_uint(value, INT32_MAX, &n) && n > 1) {
		owner = (pid_t)n;
		parent = getppid();
		grandparent = parent_of(parent);
	}
	unsetenv(owner_name); /* a test that runs gangway is no concern of ours */
}

/* Asked several times a test, and three system calls each: looked at so often is enough. */
enum { LOOK_EVERY_US = 20000 };

static bool is_orphan(void)
{
	static uint64_t next_look_us;
	static bool is_known;
	uint64_t now = proc_now_us();

	if (owner == 0 || is_known || now < next_look_us)
		return is_known;
	next_look_us = now + LOOK_EVERY_US;
	is_known = (kill(owner, 0) < 0 && errno == ESRCH) || getppid() != parent ||
		   parent_of(parent) != grandparent;
	return is_known;
}

int orphan_or_signal(void *unused)
{
	int sig = signals_wanted(unused);

	return sig == 0 && is_orphan() ? SIGTERM : sig;
}
