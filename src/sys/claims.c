/* SPDX-License-Identifier: MIT
 *
 * claims: one page-mapped file, host byte order, never moved between machines.
 *   header  magic, identity, nunits, failures, stop, round, base, asked, has_ended,
 *           paused, until
 *   words   one u32 a unit: 0 free, lane + 1 taken, the same with the top bit: done, and with
 *           the one below that: a test of it failed
 * A file of another plan is replaced by rename, so that a lane that still maps the old one goes
 * on undisturbed.  Byte 0 is what shared and exclusive units lock, byte 1 what every lane that
 * works holds, byte 16 + K what lane K holds while it lives; a lock needs no byte that is there.
 */
#include "sys/claims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"

static const uint64_t MAGIC = 0x34736d69616c6367; /* "gclaims4" */
#define DONE_BIT   0x80000000u
#define FAILED_BIT 0x40000000u
#define LANE_MASK  (~(DONE_BIT | FAILED_BIT))

struct header {
	uint64_t magic;
	uint64_t identity;
	uint64_t nunits;
	_Atomic uint32_t failures;
	_Atomic uint32_t stop;
	_Atomic uint32_t round, base;
	_Atomic uint32_t asked;
	_Atomic uint32_t has_ended;
	_Atomic uint64_t paused_us;
	_Atomic uint64_t until_us; /* without the pauses; 0: never */
};

struct claims {
	int fd;
	size_t size_bytes;
	struct header *header;
	_Atomic uint32_t *words;
};

static size_t file_size(size_t nunits)
{
	return sizeof(struct header) + nunits * sizeof(uint32_t);
}

/* Is the open file what we want? */
static bool is_ours(int fd, size_t nunits, uint64_t identity)
{
	struct header h;
	struct stat st;

	return fstat(fd, &st) == 0 && (size_t)st.st_size == file_size(nunits) &&
	       pread(fd, &h, sizeof h, 0) == (ssize_t)sizeof h && h.magic == MAGIC &&
	       h.identity == identity && h.nunits == nunits;
}

/* A fresh file under a name of its own, put in place by rename(); the caller holds the lock. */
static int make_file(const char *path, size_t nunits, uint64_t identity, struct err *reterr)
{
	const struct header h = { .magic = MAGIC, .identity = identity, .nunits = nunits };
	struct buf temp = BUF_INIT;

	buf_addf(&temp, "%s.tmp-%ld", path, (long)getpid());
	int fd = open(temp.s, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0 || posix_fallocate(fd, 0, (off_t)file_size(nunits)) != 0 ||
	    pwrite(fd, &h, sizeof h, 0) != (ssize_t)sizeof h || rename(temp.s, path) < 0) {
		err_sys(reterr, path, "cannot write");
		if (fd >= 0)
			close(fd);
		unlink(temp.s);
		fd = -1;
	}
	buf_release(&temp);
	return fd;
}

/* Open or make, one lane at a time: the lock is on a file beside it that is never replaced. */
static int open_file(const char *path, size_t nunits, uint64_t identity, struct err *reterr)
{
	struct buf lock_path = BUF_INIT;

	buf_addf(&lock_path, "%s.lock", path);
	int lock = open(lock_path.s, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	buf_release(&lock_path);
	if (lock < 0)
		return err_sys(reterr, path, "cannot write");
	while (flock(lock, LOCK_EX) < 0 && errno == EINTR)
		;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0 && !is_ours(fd, nunits, identity)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		fd = make_file(path, nunits, identity, reterr);
	close(lock); /* releases it */
	return fd;
}

struct claims *claims_open(const char *path, size_t nunits, uint64_t identity, struct err *reterr)
{
	int fd = open_file(path, nunits, identity, reterr);

	if (fd < 0)
		return NULL;
	size_t size = file_size(nunits);
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED) {
		err_sys(reterr, path, "cannot map");
		close(fd);
		return NULL;
	}
	struct claims *c = xcalloc(1, sizeof *c);

	c->fd = fd;
	c->size_bytes = size;
	c->header = map;
	c->words = (_Atomic uint32_t *)((char *)map + sizeof *c->header);
	return c;
}

void claims_close(struct claims *c)
{
	if (!c)
		return;
	munmap(c->header, c->size_bytes);
	close(c->fd); /* everything is in the mapping */
	free(c);
}

bool claims_take(struct claims *c, size_t unit, uint32_t lane)
{
	uint32_t is_free = 0;

	return atomic_compare_exchange_strong(&c->words[unit], &is_free, lane + 1);
}

void claims_done(struct claims *c, size_t unit, bool has_failed)
{
	atomic_fetch_or(&c->words[unit], has_failed ? DONE_BIT | FAILED_BIT : DONE_BIT);
}

bool claims_has_failed(const struct claims *c, size_t unit)
{
	return atomic_load(&c->words[unit]) & FAILED_BIT;
}

enum claim_state claims_state(const struct claims *c, size_t unit, uint32_t *ret_lane)
{
	uint32_t word = atomic_load(&c->words[unit]);

	if (word == 0)
		return CLAIM_FREE;
	if (ret_lane)
		*ret_lane = (word & LANE_MASK) - 1;
	return word & DONE_BIT ? CLAIM_DONE : CLAIM_TAKEN;
}

enum { EXCLUSION_BYTE = 0, MEMBERS_BYTE = 1, LANES_BYTE = 16 };

static struct flock lock_of(short type, off_t byte)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
}

static int lock_byte(struct claims *c, short type, int byte, struct err *reterr)
{
	struct flock l = lock_of(type, byte);

	if (fcntl(c->fd, F_OFD_SETLKW, &l) == 0)
		return 0;
	if (errno == EINTR)
		return err_set(reterr, ERR_INTERRUPTED, NULL, 0, "interrupted while waiting");
	return err_sys(reterr, NULL, "cannot lock the claims file");
}

int claims_enter(struct claims *c, bool is_exclusive, struct err *reterr)
{
	return lock_byte(c, is_exclusive ? F_WRLCK : F_RDLCK, EXCLUSION_BYTE, reterr);
}

void claims_leave(struct claims *c)
{
	lock_byte(c, F_UNLCK, EXCLUSION_BYTE, NULL); /* giving a lock back cannot fail */
}

/* Does somebody else hold the byte? */
static bool is_locked(const struct claims *c, off_t byte)
{
	struct flock l = lock_of(F_WRLCK, byte);

	return fcntl(c->fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}

bool claims_is_alive(const struct claims *c, uint32_t lane)
{
	return is_locked(c, LANES_BYTE + (off_t)lane);
}

bool claims_has_members(const struct claims *c)
{
	return is_locked(c, MEMBERS_BYTE);
}

/* A lane that was killed while it started a test may seem to live for a moment: its child holds
 * what it had until exec(). */
static int become_lane(struct claims *c, uint32_t lane, struct err *reterr)
{
	enum { TRIES = 200, NAP_US = 10000 };
	struct flock l = lock_of(F_WRLCK, LANES_BYTE + (off_t)lane);

	for (int i = 0; i < TRIES; i++) {
		if (fcntl(c->fd, F_OFD_SETLK, &l) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES)
			return err_sys(reterr, NULL, "cannot lock the claims file");
		usleep(NAP_US);
	}
	return err_set(reterr, ERR_USAGE, NULL, 0, "worker gw%u of this run is at work already",
		       (unsigned)lane);
}

/* A graph by hand: the lane's earlier life counts for nothing. */
static void begin_again(struct claims *c, uint32_t lane)
{
	struct flock alone = lock_of(F_WRLCK, MEMBERS_BYTE);

	if (fcntl(c->fd, F_OFD_SETLK, &alone) == 0) {
		atomic_store(&c->header->stop, STOP_NO);
		atomic_store(&c->header->failures, 0);
	}
	for (size_t i = 0; i < c->header->nunits; i++) {
		uint32_t word = atomic_load(&c->words[i]);

		if ((word & LANE_MASK) == lane + 1)
			atomic_compare_exchange_strong(&c->words[i], &word, 0);
	}
}

int claims_join(struct claims *c, uint32_t lane, struct err *reterr)
{
	if (become_lane(c, lane, reterr) < 0)
		return -1;
	if (claims_round(c) == 0)
		begin_again(c, lane);
	return lock_byte(c, F_RDLCK, MEMBERS_BYTE, reterr);
}

bool claims_adopt(struct claims *c, size_t unit, uint32_t lane)
{
	uint32_t word = atomic_load(&c->words[unit]);

	if (word == 0 || (word & DONE_BIT) || word == lane + 1 || claims_is_alive(c, word - 1))
		return false;
	return atomic_compare_exchange_strong(&c->words[unit], &word, lane + 1);
}

void claims_reset(struct claims *c, size_t unit, bool is_done)
{
	atomic_store(&c->words[unit], is_done ? DONE_BIT | 1 : 0);
}

size_t claims_left(const struct claims *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->header->nunits; i++)
		n += !(atomic_load(&c->words[i]) & DONE_BIT);
	return n;
}

uint32_t claims_new_round(struct claims *c, enum round_kind kind)
{
	uint32_t round = kind == ROUND_FIRST ? 1 : claims_round(c) + 1;

	if (kind != ROUND_FIRST && round == 1)
		round = 2; /* what ran before was a graph by hand, whose folders are the first's */
	for (size_t i = 0; i < c->header->nunits; i++) {
		if (!(atomic_load(&c->words[i]) & DONE_BIT))
			claims_reset(c, i, false);
	}
	atomic_store(&c->header->round, round);
	atomic_store(&c->header->has_ended, 0);
	if (kind == ROUND_RESTART)
		return round;
	atomic_store(&c->header->base, round);
	atomic_store(&c->header->stop, STOP_NO);
	atomic_store(&c->header->failures, 0);
	return round;
}

void claims_end(struct claims *c)
{
	atomic_store(&c->header->has_ended, 1);
}

bool claims_has_ended(const struct claims *c)
{
	return atomic_load(&c->header->has_ended) != 0;
}

uint32_t claims_round(const struct claims *c)
{
	return atomic_load(&c->header->round);
}

uint32_t claims_base(const struct claims *c)
{
	return atomic_load(&c->header->base);
}

unsigned claims_add_failure(struct claims *c)
{
	return atomic_fetch_add(&c->header->failures, 1) + 1;
}

unsigned claims_failures(const struct claims *c)
{
	return atomic_load(&c->header->failures);
}

void claims_stop(struct claims *c, enum stop_reason reason)
{
	uint32_t none = STOP_NO;

	atomic_compare_exchange_strong(&c->header->stop, &none, (uint32_t)reason);
}

enum stop_reason claims_stopped(const struct claims *c)
{
	return (enum stop_reason)atomic_load(&c->header->stop);
}

void claims_add_pause(struct claims *c, uint64_t time_us)
{
	atomic_fetch_add(&c->header->paused_us, time_us);
}

uint64_t claims_paused_us(const struct claims *c)
{
	return atomic_load(&c->header->paused_us);
}

void claims_set_until(struct claims *c, uint64_t until_us)
{
	uint64_t paused_us = claims_paused_us(c);

	if (until_us == TIME_UNKNOWN)
		until_us = 0;
	else
		until_us = until_us > paused_us ? until_us - paused_us : 1;
	atomic_store(&c->header->until_us, until_us);
}

uint64_t claims_until_us(const struct claims *c)
{
	uint64_t until_us = atomic_load(&c->header->until_us);

	return until_us == 0 ? TIME_UNKNOWN : until_us + claims_paused_us(c);
}

uint32_t claims_ask(struct claims *c)
{
	return atomic_fetch_add(&c->header->asked, 1) + 1;
}

uint32_t claims_asked(const struct claims *c)
{
	return atomic_load(&c->header->asked);
}
