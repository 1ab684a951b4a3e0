/* SPDX-License-Identifier: MIT
 *
 * A map from byte strings to numbers, for looking up ids by the hundred thousand.  Keys are
 * borrowed: they must live as long as the map.  A zeroed map is a valid empty one.
 */
#ifndef GW_BASE_MAP_H
#define GW_BASE_MAP_H

struct map_slot;

struct map {
	struct map_slot *slots;
	size_t nslots; /* a power of two, or 0 */
	size_t nkeys;
};

void map_release(struct map *m);

/* Put a key; true if it was new.  An old key keeps its old value. */
bool map_put(struct map *m, const char *key, size_t len, size_t value);
/* Put a key or change its value. */
void map_set(struct map *m, const char *key, size_t len, size_t value);
/* True and *ret, or false with *ret untouched. */
bool map_get(const struct map *m, const char *key, size_t len, size_t *ret);

/* The hash behind it (64 bit FNV-1a, then mixed): stable, so it may be written to files. */
uint64_t hash_bytes(const void *s, size_t len);
/* Go on hashing: hash_more(hash_more(HASH_BEGIN, a, n), b, m). */
#define HASH_BEGIN 0xcbf29ce484222325u
uint64_t hash_more(uint64_t state, const void *s, size_t len);

#endif
