/* A hash table with chains, and a ring through all entries from the newest use to the oldest. */
#include "lru.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	char *key, *value;
	size_t bucket;
	struct entry *chain;         /* next in the bucket */
	struct entry *newer, *older; /* the ring */
};

struct lru {
	size_t capacity, nbuckets;
	struct entry **buckets;
	struct entry ring; /* ring.older is the newest entry, ring.newer the oldest */
	struct lru_stats stats;
};

static size_t bucket_of(const struct lru *c, const char *key)
{
	size_t h = 5381;

	for (; *key; key++)
		h = h * 33 + (unsigned char)*key;
	return h % c->nbuckets;
}

static struct entry *find(const struct lru *c, const char *key)
{
	struct entry *e = c->buckets[bucket_of(c, key)];

	while (e && strcmp(e->key, key) != 0)
		e = e->chain;
	return e;
}

static void ring_leave(struct entry *e)
{
	e->newer->older = e->older;
	e->older->newer = e->newer;
}

static void ring_front(struct lru *c, struct entry *e)
{
	e->newer = &c->ring;
	e->older = c->ring.older;
	e->older->newer = e;
	c->ring.older = e;
}

static void forget(struct lru *c, struct entry *e)
{
	struct entry **at = &c->buckets[e->bucket];

	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	ring_leave(e);
	free(e->key);
	free(e->value);
	free(e);
	c->stats.entries--;
}

struct lru *lru_new(size_t capacity)
{
	struct lru *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->capacity = capacity;
	c->nbuckets = capacity + capacity / 2 + 1;
	c->buckets = calloc(c->nbuckets, sizeof(struct entry *));
	if (!c->buckets) {
		free(c);
		return NULL;
	}
	c->ring.newer = c->ring.older = &c->ring;
	return c;
}

void lru_free(struct lru *c)
{
	if (!c)
		return;
	while (c->ring.older != &c->ring)
		forget(c, c->ring.older);
	free(c->buckets);
	free(c);
}

static int add(struct lru *c, const char *key, char *value)
{
	struct entry *e = calloc(1, sizeof *e);

	if (!e || !(e->key = strdup(key))) {
		free(e);
		return -1;
	}
	if (c->stats.entries == c->capacity) {
		forget(c, c->ring.newer);
		c->stats.evictions++;
	}
	e->value = value;
	e->bucket = bucket_of(c, key);
	e->chain = c->buckets[e->bucket];
	c->buckets[e->bucket] = e;
	ring_front(c, e);
	c->stats.entries++;
	return 0;
}

int lru_put(struct lru *c, const char *key, const char *value)
{
	struct entry *e = find(c, key);
	char *copy;

	if (c->capacity == 0)
		return 0;
	copy = strdup(value);
	if (!copy)
		return -1;
	if (e) {
		free(e->value);
		e->value = copy;
		ring_leave(e);
		ring_front(c, e);
		return 0;
	}
	if (add(c, key, copy) < 0) {
		free(copy);
		return -1;
	}
	return 0;
}

const char *lru_get(struct lru *c, const char *key)
{
	struct entry *e = find(c, key);

	if (!e) {
		c->stats.misses++;
		return NULL;
	}
	c->stats.hits++;
	ring_leave(e);
	ring_front(c, e);
	return e->value;
}

int lru_drop(struct lru *c, const char *key)
{
	struct entry *e = find(c, key);

	if (!e)
		return 0;
	forget(c, e);
	return 1;
}

struct lru_stats lru_stats(const struct lru *c)
{
	return c->stats;
}
