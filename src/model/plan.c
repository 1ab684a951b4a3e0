/* SPDX-License-Identifier: MIT */
#include "model/plan.h"

static const char *const words[] = {
#define X(id, word) [DIST_##id] = (word),
	DIST_MAP(X)
#undef X
};

const char *dist_word(enum dist d)
{
	return words[d];
}

bool dist_of_word(const char *word, enum dist *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i], word) == 0) {
			*ret = (enum dist)i;
			return true;
		}
	}
	return false;
}

void plan_release(struct plan *p)
{
	arena_release(&p->mem);
	free(p->units);
	*p = (struct plan){ 0 };
}
