/* SPDX-License-Identifier: MIT
 *
 * Open addressing with linear probing, at most two thirds full.
 */
#include "base/map.h"

#include "base/alloc.h"

struct map_slot {
	const char *key; /* NULL: free */
	size_t len;
	uint64_t hash;
	size_t value;
};

uint64_t hash_more(uint64_t state, const void *s, size_t len)
{
	const unsigned char *p = s;

	for (size_t i = 0; i < len; i++)
		state = (state ^ p[i]) * 0x100000001b3u;
	return state;
}

uint64_t hash_bytes(const void *s, size_t len)
{
	uint64_t h = hash_more(HASH_BEGIN, s, len);

	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}

void map_release(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}

static struct map_slot *find(const struct map *m, const char *key, size_t len, uint64_t hash)
{
	size_t i = hash & (m->nslots - 1);

	for (;; i = (i + 1) & (m->nslots - 1)) {
		struct map_slot *s = &m->slots[i];

		if (!s->key || (s->hash == hash && s->len == len && !memcmp(s->key, key, len)))
			return s;
	}
}

static void grow(struct map *m)
{
	struct map bigger = { .nslots = m->nslots ? m->nslots * 2 : 64, .nkeys = m->nkeys };

	bigger.slots = xcalloc(bigger.nslots, sizeof *bigger.slots);
	for (size_t i = 0; i < m->nslots; i++) {
		const struct map_slot *s = &m->slots[i];

		if (s->key)
			*find(&bigger, s->key, s->len, s->hash) = *s;
	}
	free(m->slots);
	*m = bigger;
}

/* The slot of a key, taken for it if it was new. */
static struct map_slot *take(struct map *m, const char *key, size_t len, bool *is_new)
{
	if ((m->nkeys + 1) * 3 > m->nslots * 2)
		grow(m);
	uint64_t hash = hash_bytes(key, len);
	struct map_slot *s = find(m, key, len, hash);

	*is_new = !s->key;
	if (*is_new) {
		*s = (struct map_slot){ .key = key, .len = len, .hash = hash };
		m->nkeys++;
	}
	return s;
}

bool map_put(struct map *m, const char *key, size_t len, size_t value)
{
	bool is_new = false;
	struct map_slot *s = take(m, key, len, &is_new);

	if (is_new)
		s->value = value;
	return is_new;
}

void map_set(struct map *m, const char *key, size_t len, size_t value)
{
	bool is_new = false;

	take(m, key, len, &is_new)->value = value;
}

bool map_get(const struct map *m, const char *key, size_t len, size_t *ret)
{
	if (m->nkeys == 0)
		return false;
	const struct map_slot *s = find(m, key, len, hash_bytes(key, len));

	if (!s->key)
		return false;
	*ret = s->value;
	return true;
}
