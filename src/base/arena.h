/* SPDX-License-Identifier: MIT
 *
 * Memory that dies together.  One arena per noun that crosses a stage: struct tests and struct
 * plan each own one, and everything they point to lives in it.  A zeroed arena is a valid empty
 * one.
 */
#ifndef GW_BASE_ARENA_H
#define GW_BASE_ARENA_H

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used; /* bytes used in the head block */
};

/* n * size zeroed bytes (product checked), aligned for any type.  Never NULL. */
void *arena_alloc(struct arena *a, size_t n, size_t size);

/* Copies; NULL stays NULL. */
char *arena_strdup(struct arena *a, const char *s);
/* A copy of len bytes with a NUL behind them. */
char *arena_memdup(struct arena *a, const void *s, size_t len);
/* A copy of an array of n strings, each copied too; the copy ends in a NULL. */
const char **arena_strings(struct arena *a, const char *const *strings, size_t n);

/* Free everything at once; the arena is empty and usable again. */
void arena_release(struct arena *a);

#endif
