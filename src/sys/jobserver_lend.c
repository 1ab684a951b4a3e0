/* SPDX-License-Identifier: MIT
 *
 * Whoever asked first is served first: slots are gathered for it alone until it has all it wants.
 * So one that wants many is not overtaken for ever by those that want one.
 */
#include "sys/jobserver_lend.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "sys/jobserver.h"
#include "sys/jobserver_wire.h"

struct slots {
	uint16_t *items;
	size_t n, cap;
};

struct client {
	int fd;
	struct slots has;
	struct lend_wish wish;
	bool is_waiting;
	uint64_t asked;    /* who asked before whom */
	uint64_t since_us; /* when */
};

struct lender {
	struct jobserver *jobserver;
	unsigned nslots;
	int epoll_fd, listen_fd;
	bool hears_jobserver; /* it is among what epoll looks at */
	char address[16];
	struct client *clients;
	size_t nclients, cap_clients;
	struct slots pool; /* with nobody */
	uint64_t nasked;
};

static void push(struct slots *s, unsigned slot)
{
	GROW(s->items, s->n, s->cap);
	s->items[s->n++] = (uint16_t)slot;
}

static void move_last(struct slots *from, struct slots *to)
{
	push(to, from->items[--from->n]);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int watch(const struct lender *l, int how, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(l->epoll_fd, how, fd, &event);
}

/* A name that the kernel chooses, in no folder: nothing is left of it when we are gone. */
static int listen_somewhere(struct lender *l)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t len = sizeof name;

	l->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->listen_fd < 0 ||
	    bind(l->listen_fd, (struct sockaddr *)&name, sizeof name.sun_family) < 0 ||
	    listen(l->listen_fd, SOMAXCONN) < 0 ||
	    getsockname(l->listen_fd, (struct sockaddr *)&name, &len) < 0)
		return -1;
	size_t n = len - offsetof(struct sockaddr_un, sun_path) - 1; /* without the NUL before it */

	if (n >= sizeof l->address)
		return -1;
	memcpy(l->address, name.sun_path + 1, n);
	return 0;
}

struct lender *lender_open(const struct lender_options *o, struct err *reterr)
{
	struct lender *l = xcalloc(1, sizeof *l);

	l->jobserver = o->jobserver;
	l->nslots = o->nslots;
	l->listen_fd = -1;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	push(&l->pool, LEND_IMPLICIT);
	if (l->epoll_fd >= 0 && listen_somewhere(l) == 0 &&
	    watch(l, EPOLL_CTL_ADD, l->listen_fd) == 0)
		return l;
	err_sys(reterr, NULL, "cannot lend job slots to the workers");
	lender_close(l);
	return NULL;
}

/* What is no byte of the jobserver's stays with us. */
static void give_back_pool(struct lender *l)
{
	size_t nkept = 0;

	for (size_t i = 0; i < l->pool.n; i++) {
		if (l->pool.items[i] == LEND_IMPLICIT)
			l->pool.items[nkept++] = LEND_IMPLICIT;
		else
			jobserver_give(l->jobserver, l->pool.items[i]);
	}
	l->pool.n = nkept;
}

static void drop(struct lender *l, size_t i)
{
	struct client *c = &l->clients[i];

	while (c->has.n > 0)
		move_last(&c->has, &l->pool);
	free(c->has.items);
	close(c->fd);
	*c = l->clients[--l->nclients];
}

void lender_close(struct lender *l)
{
	if (!l)
		return;
	while (l->nclients > 0)
		drop(l, l->nclients - 1);
	give_back_pool(l);
	if (l->listen_fd >= 0)
		close(l->listen_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	free(l->clients);
	free(l->pool.items);
	free(l);
}

const char *lender_address(const struct lender *l)
{
	return l->address;
}

int lender_fd(const struct lender *l)
{
	return l->epoll_fd;
}

/* --- who asks ------------------------------------------------------------------------------- */

/* Anybody of this machine may know the name; only ours are let in. */
static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

static void let_in(struct lender *l)
{
	for (;;) {
		int fd = accept4(l->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return;
		if (!is_ours(fd) || watch(l, EPOLL_CTL_ADD, fd) < 0) {
			close(fd);
			continue;
		}
		GROW(l->clients, l->nclients, l->cap_clients);
		l->clients[l->nclients++] = (struct client){ .fd = fd };
	}
}

static void answer(const struct client *c)
{
	struct lend_answer a = { .number = c->wish.number, .nslots = (uint32_t)c->has.n };
	size_t size = c->has.n * sizeof *a.slots;

	if (size > 0)
		memcpy(a.slots, c->has.items, size);
	/* one that went away meanwhile is heard of at once */
	send(c->fd, &a, offsetof(struct lend_answer, slots) + size, MSG_NOSIGNAL);
}

/* False: it is gone. */
static bool hear(struct lender *l, struct client *c)
{
	for (;;) {
		struct lend_wish wish;
		ssize_t n = recv(c->fd, &wish, sizeof wish, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n != (ssize_t)sizeof wish)
			return false;
		if (wish.nslots > LEND_MAX)
			wish.nslots = LEND_MAX;
		if (l->nslots > 0 && wish.nslots > l->nslots)
			wish.nslots = l->nslots;
		c->wish = wish;
		c->is_waiting = wish.nslots > c->has.n;
		c->asked = l->nasked++;
		c->since_us = now_us();
		while (c->has.n > wish.nslots)
			move_last(&c->has, &l->pool);
		if (!c->is_waiting)
			answer(c);
	}
}

/* --- who gets ------------------------------------------------------------------------------- */

static struct client *first_waiting(struct lender *l)
{
	struct client *first = NULL;

	for (size_t i = 0; i < l->nclients; i++) {
		struct client *c = &l->clients[i];

		if (c->is_waiting && (!first || c->asked < first->asked))
			first = c;
	}
	return first;
}

static bool gather(struct lender *l, const struct client *c)
{
	while (c->has.n + l->pool.n < c->wish.nslots) {
		int byte = jobserver_take(l->jobserver);

		if (byte < 0)
			break;
		push(&l->pool, (unsigned)byte);
	}
	size_t n = c->has.n + l->pool.n;

	return n >= c->wish.nslots || (n > 0 && now_us() - c->since_us > LEND_PATIENCE_US);
}

static void grant(struct lender *l, struct client *c)
{
	while (l->pool.n > 0 && c->has.n < c->wish.nslots)
		move_last(&l->pool, &c->has);
	c->is_waiting = false;
	answer(c);
}

/* New slots matter only where somebody waits for them. */
static void hear_jobserver(struct lender *l, bool is_wanted)
{
	if (is_wanted != l->hears_jobserver &&
	    watch(l, is_wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, jobserver_fd(l->jobserver)) == 0)
		l->hears_jobserver = is_wanted;
}

void lender_serve(struct lender *l)
{
	struct client *first = NULL;

	let_in(l);
	for (size_t i = l->nclients; i-- > 0;) {
		if (!hear(l, &l->clients[i]))
			drop(l, i);
	}
	while ((first = first_waiting(l)) != NULL && gather(l, first))
		grant(l, first);
	if (!first)
		give_back_pool(l);
	hear_jobserver(l, first != NULL);
}
