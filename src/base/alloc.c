/* SPDX-License-Identifier: MIT
 *
 * The one place outside cli/ that may end the process.
 */
#include "base/alloc.h"

#include <unistd.h>

static void out_of_memory(void)
{
	static const char msg[] = "gangway: out of memory\n";
	ssize_t n = write(STDERR_FILENO, msg, sizeof msg - 1);

	(void)n; /* nothing is left to do about it */
	_exit(3);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n ? n : 1, size ? size : 1);

	if (!q)
		out_of_memory();
	return q;
}

char *xmemdup(const void *s, size_t len)
{
	char *p = xrealloc(NULL, len + 1, 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *xstrdup(const char *s)
{
	return xmemdup(s, strlen(s));
}
