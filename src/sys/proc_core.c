/* SPDX-License-Identifier: MIT
 *
 * core(5): a pattern that begins with '|' hands the core to a program; else it is a path, relative
 * to the folder the process was in.
 */
#include "sys/proc_core.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

enum { COMM_BYTES = 15, PATTERN_BYTES = 256 };

static void add_program(const char *program, size_t most, struct buf *out)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;

	buf_add(out, name, strnlen(name, most));
}

static bool add_host(struct buf *out)
{
	char name[256];

	if (gethostname(name, sizeof name) < 0)
		return false;
	buf_add(out, name, strnlen(name, sizeof name));
	return true;
}

/* What %c stands for; false if it cannot be told from here. */
static bool add_one(char c, const struct proc_core *core, struct buf *out)
{
	switch (c) {
	case '%':
		buf_addch(out, '%');
		return true;
	case 'p': /* threads other than the first have numbers of their own for i and I */
		buf_addf(out, "%d", core->pid);
		return true;
	case 'u':
		buf_addf(out, "%u", (unsigned)getuid());
		return true;
	case 'g':
		buf_addf(out, "%u", (unsigned)getgid());
		return true;
	case 's':
		buf_addf(out, "%d", core->term_signal);
		return true;
	case 'e': /* the thread's name, the program's unless it was changed */
		add_program(core->program, COMM_BYTES, out);
		return true;
	case 'f':
		add_program(core->program, SIZE_MAX, out);
		return true;
	case 'h':
		return add_host(out);
	default:
		return false;
	}
}

bool proc_core_expand(const char *pattern, bool has_pid, const struct proc_core *c, struct buf *out)
{
	size_t before = out->len;
	bool is_known = *pattern != '|' && *pattern != '\0';
	bool names_pid = false;

	for (const char *s = pattern; *s && is_known; s++) {
		if (*s != '%') {
			buf_addch(out, *s);
			continue;
		}
		if (s[1] == '\0')
			break; /* the kernel drops it */
		names_pid = names_pid || s[1] == 'p';
		is_known = add_one(*++s, c, out);
	}
	if (is_known && has_pid && !names_pid)
		buf_addf(out, ".%d", c->pid);
	if (!is_known)
		buf_truncate(out, before);
	return is_known;
}

/* The first line of a small file; "" where it cannot be read. */
static void read_line(const char *path, char ret[PATTERN_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ret, PATTERN_BYTES - 1);

	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

const char *proc_core_path(struct arena *mem, const struct proc_core *c)
{
	char pattern[PATTERN_BYTES];
	char uses_pid[PATTERN_BYTES];
	struct buf name = BUF_INIT;
	struct buf path = BUF_INIT;
	const char *ret = NULL;

	read_line("/proc/sys/kernel/core_pattern", pattern);
	read_line("/proc/sys/kernel/core_uses_pid", uses_pid);
	if (proc_core_expand(pattern, uses_pid[0] == '1', c, &name)) {
		if (name.s[0] != '/' && c->workdir)
			buf_addf(&path, "%s/", c->workdir);
		buf_add(&path, name.s, name.len);
		if (access(path.s, F_OK) == 0)
			ret = arena_memdup(mem, path.s, path.len);
	}
	buf_release(&name);
	buf_release(&path);
	return ret;
}
