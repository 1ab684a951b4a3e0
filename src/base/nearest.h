/* SPDX-License-Identifier: MIT
 *
 * "Did you mean …?": the candidate with the fewest bytes inserted, removed or changed.
 * Words longer than NEAREST_MAX_BYTES (after their common beginning and end) get no suggestion.
 */
#ifndef GW_BASE_NEAREST_H
#define GW_BASE_NEAREST_H

enum { NEAREST_MAX_BYTES = 120, NEAREST_MAX_EDITS = 8 };

/* Edits from a to b, or limit + 1 if there are more than `limit`. */
unsigned nearest_distance(const char *a, const char *b, unsigned limit);

struct nearest {
	const char *word; /* borrowed */
	const char *best; /* borrowed; NULL: nothing is near enough (a third of the word) */
	unsigned limit;   /* a candidate must have at most so many edits */
};

struct nearest nearest_begin(const char *word);
/* Of two equally near the first one stays. */
void nearest_try(struct nearest *n, const char *candidate);

#endif
