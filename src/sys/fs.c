/* SPDX-License-Identifier: MIT */
#include "sys/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"

enum { MAX_DEPTH = 4096 };

int fs_read(const char *path, size_t limit_bytes, struct buf *ret, struct err *reterr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t start = ret->len;
	struct stat st;
	int status = 0;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(reterr, ERR_MISSING, path, 0, "no such file");
	if (fd < 0)
		return err_sys(reterr, path, "cannot open");
	if (fstat(fd, &st) == 0 && st.st_size > 0 && (uint64_t)st.st_size <= limit_bytes)
		buf_reserve(ret, (size_t)st.st_size + 1); /* and the read that finds the end */
	for (;;) {
		if (ret->cap - ret->len < 2)
			buf_reserve(ret, 65536);
		ssize_t n = read(fd, ret->s + ret->len, ret->cap - ret->len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			status = err_sys(reterr, path, "cannot read");
		if (n <= 0)
			break;
		ret->len += (size_t)n;
		ret->s[ret->len] = '\0';
		if (ret->len - start > limit_bytes) {
			status = err_set(reterr, ERR_LIMIT, path, 0,
					 "larger than the limit of %zu bytes", limit_bytes);
			break;
		}
	}
	close(fd); /* only read from */
	if (status < 0)
		buf_truncate(ret, start);
	return status;
}

int fs_read_part(const char *path, uint64_t offset, size_t size, struct buf *ret,
		 struct err *reterr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t start = ret->len;
	ssize_t n = 1;

	if (fd < 0)
		return err_sys(reterr, path, "cannot open");
	buf_reserve(ret, size);
	while (ret->len - start < size && n != 0) {
		n = pread(fd, ret->s + ret->len, size - (ret->len - start), (off_t)offset);
		if (n < 0 && errno != EINTR)
			break;
		ret->len += n > 0 ? (size_t)n : 0;
		offset += n > 0 ? (uint64_t)n : 0;
	}
	int status = n < 0 ? err_sys(reterr, path, "cannot read") : 0;

	if (status == 0 && ret->len - start < size)
		status = err_set(reterr, ERR_SYNTAX, path, 0, "the file was cut");
	if (status < 0)
		ret->len = start;
	if (ret->cap > 0)
		ret->s[ret->len] = '\0';
	close(fd); /* only read from */
	return status;
}

int fs_open_below(const char *root, const char *path)
{
	/* O_NONBLOCK: not to wait for who writes into a pipe */
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *copy = xstrdup(path);
	struct stat st;

	for (char *part = copy; fd >= 0 && part;) {
		char *slash = strchr(part, '/');
		int next = -1;

		if (slash)
			*slash = '\0';
		if (*part && strcmp(part, "..") != 0)
			next = openat(fd, part,
				      slash ? O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
					    : flags);
		close(fd);
		fd = next;
		part = slash ? slash + 1 : NULL;
	}
	free(copy);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int make_one(const char *path, struct err *reterr)
{
	if (mkdir(path, 0777) == 0 || (errno == EEXIST && fs_is_dir(path)))
		return 0;
	return err_sys(reterr, path, "cannot make folder");
}

int fs_mkdirs(const char *path, struct err *reterr)
{
	if (mkdir(path, 0777) == 0 || (errno == EEXIST && fs_is_dir(path)))
		return 0;
	char *copy = xstrdup(path);
	int status = 0;

	for (char *p = copy + 1; status == 0 && (p = strchr(p, '/')); p++) {
		*p = '\0';
		status = make_one(copy, reterr);
		*p = '/';
	}
	free(copy);
	return status < 0 ? -1 : make_one(path, reterr);
}

/* One folder on the way down. */
struct level {
	DIR *dir;
	char *name; /* in its parent */
};

static DIR *open_dir_at(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0)
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

/* Remove a name; -1 with EISDIR where it is a folder that must be emptied first. */
static int unlink_at(DIR *in, const char *name)
{
	int fd = dirfd(in);

	if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EACCES && fchmod(fd, 0700) == 0 && unlinkat(fd, name, 0) == 0)
		return 0;
	if ((errno == EISDIR || errno == EPERM) && unlinkat(fd, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST)
		errno = EISDIR;
	return -1;
}

/* Depth first, with a list instead of recursion: a test may leave any depth behind. */
static int empty_tree(struct level *levels, size_t depth, const char *path, struct err *reterr)
{
	while (depth > 0) {
		struct level *top = &levels[depth - 1];
		struct dirent *e = readdir(top->dir);

		if (!e) {
			closedir(top->dir);
			depth--;
			if (depth > 0 &&
			    unlinkat(dirfd(levels[depth - 1].dir), top->name, AT_REMOVEDIR) < 0)
				err_sys(reterr, path, "cannot remove '%s'", top->name);
			free(top->name);
			if (depth > 0)
				rewinddir(levels[depth - 1].dir);
			continue;
		}
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlink_at(top->dir, e->d_name) == 0)
			continue;
		DIR *dir = errno == EISDIR && depth < MAX_DEPTH
				   ? open_dir_at(dirfd(top->dir), e->d_name)
				   : NULL;

		if (!dir) {
			err_sys(reterr, path, "cannot remove '%s'", e->d_name);
			while (depth > 0) {
				closedir(levels[--depth].dir);
				free(levels[depth].name);
			}
			return -1;
		}
		levels[depth++] = (struct level){ dir, xstrdup(e->d_name) };
	}
	return 0;
}

int fs_remove_tree(const char *path, struct err *reterr)
{
	if (unlink(path) == 0 || errno == ENOENT || rmdir(path) == 0)
		return 0;
	DIR *dir = open_dir_at(AT_FDCWD, path);

	if (!dir)
		return err_sys(reterr, path, "cannot remove");
	struct level *levels = xcalloc(MAX_DEPTH, sizeof *levels);

	levels[0] = (struct level){ dir, NULL };
	int status = empty_tree(levels, 1, path, reterr);

	free(levels);
	if (status == 0 && rmdir(path) < 0)
		return err_sys(reterr, path, "cannot remove");
	return status;
}

void fs_hold_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	int status = -1;

	/* who looks whether it is held locks it for a moment */
	for (int i = 0; i < 100 && fd >= 0 && status < 0; i++) {
		status = flock(fd, LOCK_SH | LOCK_NB);
		if (status < 0 && errno != EWOULDBLOCK)
			break;
		if (status < 0)
			usleep(1000);
	}
	/* stays open: the kernel lets go when the process ends, however it does */
	if (fd >= 0 && status < 0)
		close(fd);
}

bool fs_is_held(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool is_held = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	close(fd);
	return is_held;
}

size_t fs_open_files_max(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (size_t)limit.rlim_cur : 0;
}

bool fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool fs_identity(const char *path, uint64_t *state)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	const uint64_t what[] = { st.st_dev,
				  st.st_ino,
				  (uint64_t)st.st_size,
				  (uint64_t)st.st_mtim.tv_sec,
				  (uint64_t)st.st_mtim.tv_nsec,
				  (uint64_t)st.st_ctim.tv_sec,
				  (uint64_t)st.st_ctim.tv_nsec };

	*state = hash_more(*state, what, sizeof what);
	return true;
}

/* Eight bytes at a step: programs with debug symbols are large. */
static uint64_t hash_words(uint64_t state, const char *s, size_t len)
{
	uint64_t word = 0;

	for (; len >= sizeof word; s += sizeof word, len -= sizeof word) {
		memcpy(&word, s, sizeof word);
		state = (state ^ word) * 0x9e3779b97f4a7c15u;
		state ^= state >> 32;
	}
	return hash_more(state, s, len);
}

bool fs_content_identity(const char *path, uint64_t *state)
{
	enum { CHUNK_BYTES = 1 << 16 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *chunk = fd < 0 ? NULL : xcalloc(1, CHUNK_BYTES);
	uint64_t h = *state, total = 0;
	ssize_t n = -1;

	while (chunk && (n = read(fd, chunk, CHUNK_BYTES)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		h = n > 0 ? hash_words(h, chunk, (size_t)n) : h;
		total += n > 0 ? (uint64_t)n : 0;
	}
	free(chunk);
	if (fd >= 0)
		close(fd); /* only read from */
	if (n != 0)
		return false;
	*state = hash_more(h, &total, sizeof total);
	return true;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

uint64_t fs_changed_us(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return TIME_UNKNOWN;
	return (uint64_t)st.st_mtim.tv_sec * 1000000 + (uint64_t)st.st_mtim.tv_nsec / 1000;
}

bool fs_is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

bool fs_is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *fs_absolute(struct arena *mem, const char *base, const char *path)
{
	struct buf b = BUF_INIT;
	const char *parts[] = { path[0] == '/' ? "" : base, path };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		for (const char *p = parts[i]; *p;) {
			size_t n = strcspn(p, "/");

			if (n == 2 && p[0] == '.' && p[1] == '.') {
				while (b.len > 0 && b.s[b.len - 1] != '/')
					buf_truncate(&b, b.len - 1);
				buf_truncate(&b, b.len > 0 ? b.len - 1 : 0);
			} else if (n > 0 && !(n == 1 && p[0] == '.')) {
				buf_addch(&b, '/');
				buf_add(&b, p, n);
			}
			p += n + (p[n] == '/');
		}
	}
	if (b.len == 0)
		buf_addch(&b, '/');
	char *ret = arena_memdup(mem, b.s, b.len);

	buf_release(&b);
	return ret;
}

char *fs_relative(struct arena *mem, const char *base, const char *path)
{
	struct buf b = BUF_INIT;
	size_t common = 0; /* behind the last shared component */
	size_t i = 0;

	while (base[i] && base[i] == path[i]) {
		i++;
		if (base[i] == '/' && path[i] == '/')
			common = i;
	}
	if ((!base[i] || base[i] == '/') && (!path[i] || path[i] == '/'))
		common = i;
	if (strcmp(base, "/") == 0)
		common = 0;
	for (const char *p = base + common; *p; p++) {
		if (*p == '/' && p[1])
			buf_addstr(&b, b.len > 0 ? "/.." : "..");
	}
	const char *rest = path + common + (path[common] == '/');

	if (*rest && b.len > 0)
		buf_addch(&b, '/');
	buf_addstr(&b, rest);
	char *ret = b.len > 0 ? arena_memdup(mem, b.s, b.len) : arena_strdup(mem, ".");

	buf_release(&b);
	return ret;
}

bool fs_is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	return len > 0 && strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0' || folder[len - 1] == '/');
}

char *fs_join(struct arena *mem, const char *dir, const char *name)
{
	char *path = arena_alloc(mem, strlen(dir) + strlen(name) + 2, 1);
	char *end = stpcpy(path, dir);

	if (end > path && end[-1] != '/')
		*end++ = '/';
	stpcpy(end, name);
	return path;
}

const char *fs_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *fs_cwd(struct arena *mem)
{
	char *cwd = getcwd(NULL, 0);
	char *ret = arena_strdup(mem, cwd ? cwd : "/");

	free(cwd);
	return ret;
}

char *fs_find_program(struct arena *mem, const char *name)
{
	const char *path = getenv("PATH");
	struct buf b = BUF_INIT;
	char *ret = NULL;

	if (strchr(name, '/'))
		return fs_is_program(name) ? fs_absolute(mem, fs_cwd(mem), name) : NULL;
	for (const char *p = path ? path : "/usr/bin:/bin"; !ret; p++) {
		size_t n = strcspn(p, ":");

		buf_clear(&b);
		buf_add(&b, n > 0 ? p : ".", n > 0 ? n : 1);
		buf_addf(&b, "/%s", name);
		if (fs_is_program(b.s))
			ret = fs_absolute(mem, fs_cwd(mem), b.s);
		p += n;
		if (!*p)
			break;
	}
	buf_release(&b);
	return ret;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int fs_list(const char *path, struct arena *mem, const char ***ret, size_t *ret_n,
	    struct err *reterr)
{
	DIR *dir = opendir(path);
	const char **names = NULL;
	size_t n = 0;
	size_t cap = 0;
	struct dirent *e = NULL;

	if (!dir)
		return err_sys(reterr, path, "cannot read folder");
	errno = 0;
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		GROW(names, n, cap);
		names[n++] = arena_strdup(mem, e->d_name);
	}
	int status = errno ? err_sys(reterr, path, "cannot read folder") : 0;

	closedir(dir);
	if (status == 0) {
		const char **list = arena_alloc(mem, n + 1, sizeof *list);

		if (n > 0)
			memcpy(list, names, n * sizeof *list);
		qsort(list, n, sizeof *list, compare_names);
		*ret = list;
		*ret_n = n;
	}
	free(names);
	return status;
}

char *fs_make_temp_dir(struct arena *mem, struct err *reterr)
{
	const char *base = getenv("TMPDIR");
	char *path = fs_join(mem, base && *base ? base : "/tmp", "gangway-XXXXXX");

	if (!mkdtemp(path)) {
		err_sys(reterr, path, "cannot make a temporary folder");
		return NULL;
	}
	return path;
}
