/* SPDX-License-Identifier: MIT
 *
 * Byte 0 is the door, byte 1 + K is place K; locks need no bytes that are there.
 */
#include "sys/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"

enum { DOOR_BYTE = 0, PLACES_BYTE = 1 };

struct gate {
	int fd;
};

struct gate *gate_open(const char *path, struct err *reterr)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0) {
		err_sys(reterr, path, "cannot write");
		return NULL;
	}
	struct gate *g = xcalloc(1, sizeof *g);

	g->fd = fd;
	return g;
}

void gate_close(struct gate *g)
{
	if (!g)
		return;
	close(g->fd);
	free(g);
}

static int lock(const struct gate *g, int how, short type, size_t byte, size_t n)
{
	struct flock l = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)byte,
		.l_len = (off_t)n,
	};

	return fcntl(g->fd, how, &l);
}

int gate_enter(struct gate *g, struct err *reterr)
{
	if (lock(g, F_OFD_SETLKW, F_WRLCK, DOOR_BYTE, 1) == 0)
		return 0;
	if (errno == EINTR)
		return err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted while waiting");
	return err_sys(reterr, NULL, "cannot lock the file of slots and locks");
}

void gate_leave(struct gate *g)
{
	lock(g, F_OFD_SETLK, F_UNLCK, DOOR_BYTE, 1); /* giving a lock back cannot fail */
}

bool gate_take(struct gate *g, size_t place, size_t n)
{
	return lock(g, F_OFD_SETLK, F_WRLCK, PLACES_BYTE + place, n) == 0;
}

void gate_give(struct gate *g, size_t place, size_t n)
{
	lock(g, F_OFD_SETLK, F_UNLCK, PLACES_BYTE + place, n);
}

size_t gate_find(const struct gate *g, size_t place, size_t n, size_t *ret_n)
{
	size_t end = place + n;

	*ret_n = 0;
	while (place < end) {
		struct flock l = {
			.l_type = F_WRLCK,
			.l_whence = SEEK_SET,
			.l_start = (off_t)(PLACES_BYTE + place),
			.l_len = (off_t)(end - place),
		};

		/* the kernel tells of the first lock that is in the way */
		if (fcntl(g->fd, F_OFD_GETLK, &l) < 0 || l.l_type == F_UNLCK) {
			*ret_n = end - place;
			return place;
		}
		size_t busy = (size_t)l.l_start - PLACES_BYTE;

		if (busy > place) {
			*ret_n = busy - place;
			return place;
		}
		place = l.l_len == 0 ? end : busy + (size_t)l.l_len;
	}
	return end;
}
