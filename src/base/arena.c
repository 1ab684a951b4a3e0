/* SPDX-License-Identifier: MIT
 *
 * A list of blocks that only grow; a request larger than a block gets one of its own, put behind
 * the head so that the head's free rest is not wasted.
 */
#include "base/arena.h"

#include <stdalign.h>

#include "base/alloc.h"

struct arena_block {
	struct arena_block *next;
	size_t size; /* of bytes[] */
	alignas(max_align_t) char bytes[];
};

enum { BLOCK_SIZE = 64 * 1024 - sizeof(struct arena_block) };

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = xcalloc(1, sizeof *b + size);

	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
	size_t want = 0;

	if (__builtin_mul_overflow(n, size, &want) || want > SIZE_MAX / 2)
		want = SIZE_MAX / 2; /* cannot be had: xcalloc ends the process */
	want = (want + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (a->head && a->head->size - a->used >= want) {
		void *p = a->head->bytes + a->used;

		a->used += want;
		return p;
	}
	if (a->head && want > BLOCK_SIZE / 4) {
		struct arena_block *big = block_new(want);

		big->next = a->head->next;
		a->head->next = big;
		return big->bytes;
	}
	struct arena_block *b = block_new(want > BLOCK_SIZE ? want : BLOCK_SIZE);

	b->next = a->head;
	a->head = b;
	a->used = want;
	return b->bytes;
}

char *arena_memdup(struct arena *a, const void *s, size_t len)
{
	char *p = arena_alloc(a, len + 1, 1);

	if (len > 0)
		memcpy(p, s, len);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_memdup(a, s, strlen(s)) : NULL;
}

const char **arena_strings(struct arena *a, const char *const *strings, size_t n)
{
	const char **copy = arena_alloc(a, n + 1, sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(a, strings[i]);
	return copy;
}

void arena_release(struct arena *a)
{
	while (a->head) {
		struct arena_block *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	a->used = 0;
}
