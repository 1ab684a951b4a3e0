/* SPDX-License-Identifier: MIT */
#include "sys/tracer_proc.h"

#include "base/buf.h"

static FILE *open_of(pid_t pid, const char *what)
{
	char name[64];

	snprintf(name, sizeof name, "/proc/%ld/%s", (long)pid, what);
	return fopen(name, "re");
}

static void close_read(FILE *f)
{
	if (f)
		(void)fclose(f); /* only read from */
}

bool tracer_proc_library(pid_t pid, const char *prefix, struct buf *path, uint64_t *ret)
{
	char *line = NULL;
	size_t cap = 0;
	bool is_found = false;
	FILE *f = open_of(pid, "maps");

	while (f && !is_found && getline(&line, &cap, f) > 0) {
		unsigned long long start = 0, offset = 0;
		int at = 0;

		line[strcspn(line, "\n")] = '\0';
		/* start-end perms offset device inode path */
		if (sscanf(line, "%llx-%*x %*s %llx %*s %*s %n", &start, &offset, &at) < 2 ||
		    at == 0 || offset != 0)
			continue;
		const char *slash = strrchr(line + at, '/');

		if (slash && strncmp(slash + 1, prefix, strlen(prefix)) == 0) {
			buf_addstr(path, line + at);
			*ret = start;
			is_found = true;
		}
	}
	free(line);
	close_read(f);
	return is_found;
}

uint64_t tracer_proc_auxv(pid_t pid, uint64_t type)
{
	uint64_t pair[2];
	uint64_t value = 0;
	FILE *f = open_of(pid, "auxv");

	while (f && value == 0 && fread(pair, sizeof pair, 1, f) == 1) {
		if (pair[0] == type)
			value = pair[1];
	}
	close_read(f);
	return value;
}

size_t tracer_proc_descendants(pid_t pid, pid_t *list, size_t max)
{
	size_t n = 0;

	/* the children of pid, then those of each one found */
	for (size_t i = 0; i <= n; i++) {
		char what[40];
		long child = 0;
		pid_t parent = i == 0 ? pid : list[i - 1];

		snprintf(what, sizeof what, "task/%ld/children", (long)parent);
		FILE *f = open_of(parent, what);

		while (f && n < max && fscanf(f, "%ld", &child) == 1)
			list[n++] = (pid_t)child;
		close_read(f);
	}
	return n;
}
