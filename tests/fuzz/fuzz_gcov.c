/* SPDX-License-Identifier: MIT
 *
 * Exercises format/gcov_notes.c, gcov_counts.c, gcov_graph.c, gcov_fold.c.  The input is how long the
 * notes are (two bytes, low one first), the notes, and the counters.  Property: counters that are
 * refused change nothing, and what comes out can be written.
 */
#include "format/gcov.h"

#include "format/covjson.h"
#include "fuzz_cov.h"

/* The figures of the notes with the counters added `times` times, as text. */
static void figures(const uint8_t *data, size_t nnotes, size_t size, unsigned times, char **text,
		    size_t *len, bool *is_taken)
{
	const struct cov_read_options o = { .keeps_throws = size % 2 };
	struct cov cov = { .on_warning = fuzz_cov_warning };
	struct gcov *g = gcov_new();
	enum gcov_data state;
	struct err e = { 0 };

	*is_taken = false;
	if (gcov_read_notes(g, "fuzz.gcno", data, nnotes, &e) < 0) {
		assert(e.msg[0]);
	} else {
		for (unsigned i = 0; i < times; i++) {
			*is_taken = gcov_add_counts(g, "fuzz.gcda", data + nnotes, size - nnotes,
						    &state, &e) == 0;
			assert(*is_taken == (state == GCOV_DATA_WHOLE));
		}
		if (gcov_fold(g, &o, &cov, &e) < 0)
			assert(e.msg[0]);
	}
	fuzz_cov_write(&cov, covjson_write, text, len);
	cov_release(&cov);
	gcov_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *a = NULL, *b = NULL;
	size_t na = 0, nb = 0;
	bool is_taken = false;

	if (size < 2)
		return 0;
	size_t nnotes = (size_t)(data[0] | data[1] << 8);

	data += 2;
	size -= 2;
	nnotes = nnotes < size ? nnotes : size;
	figures(data, nnotes, size, 0, &a, &na, &is_taken);
	figures(data, nnotes, size, 2, &b, &nb, &is_taken);
	assert(is_taken || (na == nb && memcmp(a, b, na) == 0));
	free(a);
	free(b);
	return 0;
}
