/* SPDX-License-Identifier: MIT
 *
 * Installed tests: key files called *.test, as gnome-desktop-testing-runner reads them.
 */
#ifndef GW_ADAPTER_INSTALLED_H
#define GW_ADAPTER_INSTALLED_H

#include "base/arena.h"

struct err;

/* The keys of the group [Test], their escapes resolved; NULL: not there. */
struct installed_keys {
	const char *type, *exec, *output;
	const char *environment; /* "A=1;B=2;" */
};

/* `path` names the bytes in messages.  Without a group [Test] all are NULL. */
int installed_read(const char *s, size_t len, const char *path, struct arena *mem,
		   struct installed_keys *ret, struct err *reterr);

#endif
