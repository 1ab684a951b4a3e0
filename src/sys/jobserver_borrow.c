/* SPDX-License-Identifier: MIT */
#include "sys/jobserver_borrow.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "sys/jobserver.h"
#include "sys/jobserver_wire.h"

enum { LOOK_MS = 50 };

struct borrower {
	int fd; /* to the lender; -1: none */
	struct jobserver *jobserver;
	struct lend_answer has;
	unsigned wanted; /* the last wish that was met: we may have got less */
	uint32_t nwishes;
};

static int connect_to(const char *address)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	size_t n = strlen(address);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || n >= sizeof name.sun_path)
		return -1;
	memcpy(name.sun_path + 1, address, n);
	n += offsetof(struct sockaddr_un, sun_path) + 1;
	if (connect(fd, (struct sockaddr *)&name, (socklen_t)n) == 0)
		return fd;
	close(fd);
	return -1;
}

struct borrower *borrower_open(const char *address, struct jobserver *jobserver, struct err *reterr)
{
	struct borrower *b = xcalloc(1, sizeof *b);

	b->jobserver = jobserver;
	b->fd = address ? connect_to(address) : -1;
	if (b->fd >= 0 || !address)
		return b;
	err_sys(reterr, NULL, "cannot ask gangway for job slots");
	free(b);
	return NULL;
}

/* The lender is dead, and what it lent us is ours to give back. */
static void give_back(struct borrower *b)
{
	for (uint32_t i = 0; i < b->has.nslots && b->jobserver; i++) {
		if (b->has.slots[i] == LEND_IMPLICIT)
			continue;
		jobserver_inherit(b->jobserver, b->has.slots[i]);
		jobserver_give(b->jobserver, b->has.slots[i]);
	}
	b->has.nslots = 0;
}

void borrower_close(struct borrower *b)
{
	if (!b)
		return;
	borrower_have(b, 0, NULL, NULL);
	if (b->fd >= 0)
		close(b->fd);
	free(b);
}

static bool ask(struct borrower *b, unsigned nslots)
{
	const struct lend_wish wish = { .number = ++b->nwishes, .nslots = nslots };

	return send(b->fd, &wish, sizeof wish, MSG_NOSIGNAL) == (ssize_t)sizeof wish;
}

static bool is_stopped(int (*stop)(void *ctx), void *ctx)
{
	return stop && stop(ctx) != 0;
}

/* 1: the answer is there; 0: not yet; -1: the lender is gone. */
static int read_answer(struct borrower *b)
{
	struct pollfd p = { .fd = b->fd, .events = POLLIN };
	struct lend_answer answer;

	if (poll(&p, 1, LOOK_MS) <= 0)
		return 0;
	ssize_t n = recv(b->fd, &answer, sizeof answer, 0);

	if (n < (ssize_t)offsetof(struct lend_answer, slots) || answer.nslots > LEND_MAX)
		return n < 0 && errno == EINTR ? 0 : -1;
	if (answer.number != b->nwishes)
		return 0;
	b->has = answer;
	return 1;
}

static bool have_lent(struct borrower *b, unsigned nslots, int (*stop)(void *ctx), void *ctx)
{
	uint32_t had = b->has.nslots;
	int state = nslots <= had;

	b->wanted = nslots;
	if (!ask(b, nslots))
		state = -1;
	else if (nslots < had)
		b->has.nslots = nslots; /* the last ones went back with the wish itself */
	while (state == 0 && !is_stopped(stop, ctx))
		state = read_answer(b);
	if (state > 0)
		return true;
	b->wanted = 0;
	if (state < 0 || !ask(b, 0))
		give_back(b);
	b->has.nslots = 0;
	return nslots == 0;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* From the jobserver itself; the implicit slot is always there. */
static bool have_own(struct borrower *b, unsigned nslots, int (*stop)(void *ctx), void *ctx)
{
	struct pollfd p = { .fd = jobserver_fd(b->jobserver), .events = POLLIN };
	uint64_t until_us = now_us() + LEND_PATIENCE_US;
	unsigned nbytes = nslots > LEND_MAX ? LEND_MAX : nslots > 0 ? nslots - 1 : 0;

	while (b->has.nslots > nbytes)
		jobserver_give(b->jobserver, b->has.slots[--b->has.nslots]);
	while (b->has.nslots < nbytes && now_us() < until_us) {
		int byte = jobserver_take(b->jobserver);

		if (byte >= 0)
			b->has.slots[b->has.nslots++] = (uint16_t)byte;
		else
			poll(&p, 1, LOOK_MS);
		if (is_stopped(stop, ctx))
			return have_own(b, 0, NULL, NULL) && false;
	}
	return true;
}

bool borrower_have(struct borrower *b, unsigned nslots, int (*stop)(void *ctx), void *ctx)
{
	if (b->fd < 0)
		return have_own(b, nslots, stop, ctx);
	return nslots == b->wanted || have_lent(b, nslots, stop, ctx);
}
