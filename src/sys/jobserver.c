/* SPDX-License-Identifier: MIT */
#include "sys/jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"

enum { SLOTS_MAX = 8192 };

/* The bytes stand in a fixed array: a signal handler may have to give them back. */
struct jobserver {
	int read_fd, write_fd; /* ours alone */
	unsigned char bytes[SLOTS_MAX];
	size_t n;
};

/* --- MAKEFLAGS ------------------------------------------------------------------------------ */

/* The next word, its backslashes taken away; false at the end. */
static bool next_word(const char **s, struct buf *word)
{
	while (**s == ' ')
		(*s)++;
	if (!**s)
		return false;
	buf_clear(word);
	for (; **s && **s != ' '; (*s)++) {
		if (**s == '\\' && (*s)[1])
			(*s)++;
		buf_addch(word, **s);
	}
	return true;
}

/* "3,4"; negative numbers: there is one, and not for us. */
static bool read_numbers(char *text, struct jobserver_flags *ret)
{
	char *comma = strchr(text, ',');
	uint64_t r = 0;
	uint64_t w = 0;

	if (!comma)
		return false;
	*comma = '\0';
	if (text[0] == '-' || comma[1] == '-') {
		ret->form = JOBSERVER_SHUT;
		return true;
	}
	if (!parse_uint(text, INT_MAX, &r) || !parse_uint(comma + 1, INT_MAX, &w))
		return false;
	ret->form = JOBSERVER_PIPE;
	ret->read_fd = (int)r;
	ret->write_fd = (int)w;
	return true;
}

static void read_auth(char *text, struct jobserver_flags *ret, struct arena *mem)
{
	static const char fifo[] = "fifo:";

	if (strncmp(text, fifo, sizeof fifo - 1) != 0) {
		read_numbers(text, ret);
	} else if (text[sizeof fifo - 1]) {
		ret->form = JOBSERVER_FIFO;
		ret->path = arena_strdup(mem, text + sizeof fifo - 1);
	}
}

static void read_word(struct buf *word, bool is_first, struct jobserver_flags *ret,
		      struct arena *mem)
{
	static const char *const names[] = { "--jobserver-auth=", "--jobserver-fds=" };
	uint64_t n = 0;

	/* single letters stand together, without a dash, before everything else */
	if (is_first && word->s[0] != '-' && !strchr(word->s, '='))
		ret->is_dry = strpbrk(word->s, "ntq") != NULL;
	if (strncmp(word->s, "-j", 2) == 0)
		ret->njobs = parse_uint(word->s + 2, INT_MAX, &n) ? (unsigned)n : 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncmp(word->s, names[i], strlen(names[i])) == 0)
			read_auth(word->s + strlen(names[i]), ret, mem);
	}
}

struct jobserver_flags jobserver_flags(const char *makeflags, struct arena *mem)
{
	struct jobserver_flags f = { 0 };
	const char *s = makeflags ? makeflags : "";
	struct buf word = BUF_INIT;
	bool is_first = s[0] != ' ';

	while (next_word(&s, &word) && strcmp(word.s, "--") != 0) {
		read_word(&word, is_first, &f, mem);
		is_first = false;
	}
	buf_release(&word);
	return f;
}

/* --- the pipe ------------------------------------------------------------------------------- */

/* An open file of our own on the pipe that fd is an end of. */
static int reopen(int fd, int how)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, how | O_NONBLOCK | O_CLOEXEC);
}

/* The numbers may be other files' by now. */
static bool is_pipe(const struct jobserver_flags *f)
{
	struct stat r;
	struct stat w;

	return fstat(f->read_fd, &r) == 0 && fstat(f->write_fd, &w) == 0 && S_ISFIFO(r.st_mode) &&
	       S_ISFIFO(w.st_mode) && r.st_ino == w.st_ino && r.st_dev == w.st_dev;
}

static int open_ends(struct jobserver *j, const struct jobserver_flags *f, struct err *reterr)
{
	struct stat st;

	if (f->form == JOBSERVER_PIPE && is_pipe(f)) {
		j->read_fd = reopen(f->read_fd, O_RDONLY);
		j->write_fd = reopen(f->write_fd, O_WRONLY);
	} else if (f->form == JOBSERVER_FIFO && stat(f->path, &st) == 0 && S_ISFIFO(st.st_mode)) {
		j->read_fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		j->write_fd = open(f->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	}
	if (j->read_fd >= 0 && j->write_fd >= 0)
		return 0;
	return err_set(reterr, ERR_UNSUPPORTED, NULL, 0,
		       "make's job slots cannot be had here: begin the recipe's line with '+'");
}

struct jobserver *jobserver_open(const struct jobserver_flags *flags, struct err *reterr)
{
	struct jobserver *j = xcalloc(1, sizeof *j);

	j->read_fd = j->write_fd = -1;
	if (open_ends(j, flags, reterr) == 0)
		return j;
	jobserver_close(j);
	return NULL;
}

void jobserver_close(struct jobserver *j)
{
	if (!j)
		return;
	jobserver_give_all(j);
	if (j->read_fd >= 0)
		close(j->read_fd);
	if (j->write_fd >= 0)
		close(j->write_fd);
	free(j);
}

int jobserver_fd(const struct jobserver *j)
{
	return j->read_fd;
}

/* A handler of signals that gives everything back must see each byte either here or there. */
static sigset_t hold_signals(void)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	return before;
}

static void put(const struct jobserver *j, unsigned char byte)
{
	struct pollfd p = { .fd = j->write_fd, .events = POLLOUT };

	while (write(j->write_fd, &byte, 1) < 0) {
		if (errno == EAGAIN)
			poll(&p, 1, -1); /* it held the byte before, so there will be room */
		else if (errno != EINTR)
			return; /* nobody is left who would read it */
	}
}

int jobserver_take(struct jobserver *j)
{
	sigset_t before = hold_signals();
	int byte = -1;

	if (j->n < SLOTS_MAX && read(j->read_fd, &j->bytes[j->n], 1) == 1)
		byte = j->bytes[j->n++];
	sigprocmask(SIG_SETMASK, &before, NULL);
	return byte;
}

void jobserver_give(struct jobserver *j, int byte)
{
	const unsigned char *at = memchr(j->bytes, byte, j->n);
	sigset_t before = hold_signals();

	if (at) {
		put(j, (unsigned char)byte);
		j->bytes[at - j->bytes] = j->bytes[--j->n];
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void jobserver_give_all(struct jobserver *j)
{
	while (j->n > 0)
		put(j, j->bytes[--j->n]);
}

void jobserver_inherit(struct jobserver *j, int byte)
{
	if (j->n < SLOTS_MAX)
		j->bytes[j->n++] = (unsigned char)byte;
}
