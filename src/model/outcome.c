/* SPDX-License-Identifier: MIT */
#include "model/outcome.h"

static const struct {
	const char *word;
	char letter;
	bool is_bad;
} rows[OUTCOME_MAX] = {
#define X(id, word, letter, is_bad) [OUTCOME_##id] = { word, letter, is_bad },
	OUTCOME_MAP(X)
#undef X
};

const char *outcome_word(enum outcome o)
{
	return rows[o].word;
}

char outcome_letter(enum outcome o)
{
	return rows[o].letter;
}

bool outcome_is_bad(enum outcome o)
{
	return rows[o].is_bad;
}

bool outcome_of_word(const char *word, enum outcome *ret)
{
	for (size_t i = 0; i < OUTCOME_MAX; i++) {
		if (strcmp(rows[i].word, word) == 0) {
			*ret = (enum outcome)i;
			return true;
		}
	}
	return false;
}
