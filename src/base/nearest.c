/* SPDX-License-Identifier: MIT
 *
 * Two rows of the usual table, left as soon as a whole row is past the limit.
 */
#include "base/nearest.h"

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* One row of the table; the least number in it. */
static unsigned next_row(unsigned *row, char c, const char *b, size_t nb)
{
	unsigned diagonal = row[0];
	unsigned least = ++row[0];

	for (size_t j = 1; j <= nb; j++) {
		unsigned up = row[j];

		row[j] = min3(up + 1, row[j - 1] + 1, diagonal + (b[j - 1] != c));
		diagonal = up;
		least = row[j] < least ? row[j] : least;
	}
	return least;
}

unsigned nearest_distance(const char *a, const char *b, unsigned limit)
{
	unsigned row[NEAREST_MAX_BYTES + 1];

	while (*a && *a == *b) {
		a++;
		b++;
	}
	size_t na = strlen(a);
	size_t nb = strlen(b);

	while (na > 0 && nb > 0 && a[na - 1] == b[nb - 1]) {
		na--;
		nb--;
	}
	if ((na > nb ? na - nb : nb - na) > limit || na > NEAREST_MAX_BYTES ||
	    nb > NEAREST_MAX_BYTES)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; i < na; i++) {
		if (next_row(row, a[i], b, nb) > limit)
			return limit + 1;
	}
	return row[nb] > limit ? limit + 1 : row[nb];
}

struct nearest nearest_begin(const char *word)
{
	size_t limit = strlen(word) / 3 + 1;

	return (struct nearest){
		.word = word,
		.limit = limit > NEAREST_MAX_EDITS ? NEAREST_MAX_EDITS : (unsigned)limit,
	};
}

void nearest_try(struct nearest *n, const char *candidate)
{
	unsigned limit = n->best ? n->limit - 1 : n->limit;

	if (n->best && n->limit == 0)
		return;
	unsigned distance = nearest_distance(n->word, candidate, limit);

	if (distance > limit)
		return;
	n->best = candidate;
	n->limit = distance;
}
