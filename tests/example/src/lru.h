/* A bounded cache of strings that forgets what was used least recently. */
#ifndef LARDER_LRU_H
#define LARDER_LRU_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lru;

/* At most `capacity` entries; 0 keeps nothing.  NULL if there is no memory. */
struct lru *lru_new(size_t capacity);
void lru_free(struct lru *c);

/* Remember value under key (both are copied), in place of an older value.  0, or -1 if there is no
 * memory: the cache is then as it was. */
int lru_put(struct lru *c, const char *key, const char *value);

/* The value, which counts as a use, or NULL.  It lives until the next lru_put() or lru_drop(). */
const char *lru_get(struct lru *c, const char *key);

/* Forget a key; whether there was one. */
int lru_drop(struct lru *c, const char *key);

struct lru_stats {
	size_t entries, hits, misses, evictions;
};
struct lru_stats lru_stats(const struct lru *c);

#ifdef __cplusplus
}
#endif

#endif
