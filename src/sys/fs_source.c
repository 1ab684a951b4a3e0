/* SPDX-License-Identifier: MIT */
#include "sys/fs_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/fs.h"

static int open_source(const struct source_roots *o, const char *path)
{
	int fd = -1;

	if (*path != '/')
		return fs_open_below(o->rootdir, path);
	for (size_t i = 0; i < o->nroots && fd < 0; i++) {
		size_t len = strlen(o->roots[i]);

		if (len == 0)
			continue;
		while (len > 0 && o->roots[i][len - 1] == '/')
			len--;
		if (strncmp(path, o->roots[i], len) != 0)
			continue;
		if (path[len] == '/')
			fd = fs_open_below(o->roots[i], path + len + 1);
		else if (path[len] == '\0') /* the root is the file: the user named it */
			fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	return fd;
}

static bool read_all(int fd, size_t size, struct buf *ret)
{
	size_t start = ret->len;

	while (ret->len - start <= SOURCE_MAX_BYTES) {
		buf_reserve(ret, size + 1);
		ssize_t n = read(fd, ret->s + ret->len, ret->cap - ret->len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret->s[ret->len] = '\0';
			if (n < 0)
				buf_truncate(ret, start);
			return n == 0;
		}
		ret->len += (size_t)n;
		size = 4096; /* the rest is its end, or what was added meanwhile */
	}
	buf_truncate(ret, start);
	return false;
}

bool source_read(const struct source_roots *roots, const char *path, struct buf *ret,
		 uint64_t *ret_changed_us)
{
	int fd = open_source(roots, path);
	struct stat st;

	if (fd < 0)
		return false;
	bool is_read = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0 &&
		       st.st_size <= SOURCE_MAX_BYTES && read_all(fd, (size_t)st.st_size, ret);

	if (is_read && ret_changed_us)
		*ret_changed_us =
			(uint64_t)st.st_mtim.tv_sec * 1000000 + (uint64_t)st.st_mtim.tv_nsec / 1000;
	close(fd); /* only read from */
	return is_read;
}
