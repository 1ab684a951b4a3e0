/* SPDX-License-Identifier: MIT
 *
 * A file is u32 words, little end first: "gcda", version, stamp, from gcc 12 on a checksum; records
 * of tag, length and data; a zero.  A length counts bytes from gcc 12 on and words before.
 *
 *   01000000  function: ident, lineno checksum, cfg checksum; length 0: one that the linker left out
 *   01a10000  its arcs' counters, 64 bits each, low word first; a length below 0: so many, all zero
 *   a1000000  the object: how many runs, and their largest counters, added up
 *   a3000000  clang's instead, behind the functions: 0, 0, how many runs; and the end is two zeroes
 *
 * Functions of two files of an object come in the same order, so that each is found behind the last
 * one.
 */
#include "format/gcda_sum.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/gcov_object.h"

enum {
	MAGIC = 0x67636461, /* "gcda", as a number */
	FUNCTION_WORDS = 3,
	SUMMARY_WORDS = 2,
	PROGRAM_WORDS = 3,
};

static const uint32_t TAG_OBJECT = 0xa1000000;
static const uint32_t TAG_PROGRAM = 0xa3000000;

struct function {
	uint32_t words[FUNCTION_WORDS];
	bool is_left_out; /* no words, no counters */
	bool has_counters;
	uint32_t ncounters;
	uint64_t *counters; /* NULL: all zero */
};

struct gcda_sum {
	bool is_begun;
	uint32_t head[4];
	size_t nhead;
	uint32_t unit;    /* bytes that a length counts in: 1 or 4 */
	bool has_summary; /* of the object */
	bool has_program; /* clang's */
	uint32_t runs, sum_max;
	struct function *functions;
	size_t n, cap;
};

struct gcda_sum *gcda_sum_new(void)
{
	return xcalloc(1, sizeof(struct gcda_sum));
}

static void drop_functions(struct gcda_sum *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->functions[i].counters);
	free(s->functions);
}

void gcda_sum_free(struct gcda_sum *s)
{
	if (!s)
		return;
	drop_functions(s);
	free(s);
}

/* --- reading ------------------------------------------------------------------------------ */

struct input {
	const char *path;
	const unsigned char *at, *end;
	struct err *reterr;
};

static int torn(const struct input *in)
{
	return err_set(in->reterr, ERR_SYNTAX, in->path, 0,
		       "the counter file was not written to its end");
}

static int other(const struct input *in, const char *why)
{
	return err_set(in->reterr, ERR_UNSUPPORTED, in->path, 0, "%s", why);
}

static int take_word(struct input *in, uint32_t *ret)
{
	if (in->end - in->at < 4)
		return torn(in);
	*ret = gcov_word_at(in->at);
	in->at += 4;
	return 0;
}

static int take_head(struct input *in, struct gcda_sum *s)
{
	if (take_word(in, &s->head[0]) < 0 || take_word(in, &s->head[1]) < 0 ||
	    take_word(in, &s->head[2]) < 0)
		return -1;
	unsigned version = gcov_major(s->head[1]);

	if (s->head[0] != MAGIC || version == 0)
		return other(in, "this is no counter file that is known here");
	s->unit = version >= GCOV_BYTES_SINCE ? 1 : 4;
	s->nhead = version >= GCOV_BYTES_SINCE ? 4 : 3;
	return s->nhead == 4 ? take_word(in, &s->head[3]) : 0;
}

static int take_function(struct input *in, struct gcda_sum *s, uint32_t length)
{
	struct function f = { .is_left_out = length == 0 };

	if (length != 0 && length * s->unit != FUNCTION_WORDS * 4)
		return other(in, "a function's record is not as it is known here");
	for (size_t i = 0; i < FUNCTION_WORDS && length != 0; i++) {
		if (take_word(in, &f.words[i]) < 0)
			return -1;
	}
	GROW(s->functions, s->n, s->cap);
	s->functions[s->n++] = f;
	return 0;
}

static int take_counters(struct input *in, struct gcda_sum *s, uint32_t length)
{
	struct function *f = s->n > 0 ? &s->functions[s->n - 1] : NULL;
	bool is_zero = (int32_t)length < 0;
	uint64_t size = (uint64_t)(is_zero ? -(int64_t)(int32_t)length : length) * s->unit;

	if (!f || f->is_left_out || f->has_counters || size % 8 != 0)
		return other(in, "counters are not as they are known here");
	f->has_counters = true;
	f->ncounters = (uint32_t)(size / 8);
	if (is_zero)
		return 0;
	if ((uint64_t)(in->end - in->at) < size)
		return torn(in);
	f->counters = xcalloc(f->ncounters, sizeof *f->counters);
	for (uint32_t i = 0; i < f->ncounters; i++, in->at += 8)
		f->counters[i] = gcov_word_at(in->at) | (uint64_t)gcov_word_at(in->at + 4) << 32;
	return 0;
}

static int take_summary(struct input *in, struct gcda_sum *s, uint32_t length)
{
	if (s->has_summary || s->n > 0 || length * s->unit != SUMMARY_WORDS * 4)
		return other(in, "the object's record is not as it is known here");
	s->has_summary = true;
	return take_word(in, &s->runs) < 0 ? -1 : take_word(in, &s->sum_max);
}

static int take_program(struct input *in, struct gcda_sum *s, uint32_t length)
{
	uint32_t zero[2] = { 0 };

	if (s->has_program || s->has_summary || length * s->unit != PROGRAM_WORDS * 4)
		return other(in, "the program's record is not as it is known here");
	s->has_program = true;
	if (take_word(in, &zero[0]) < 0 || take_word(in, &zero[1]) < 0)
		return -1;
	return take_word(in, &s->runs);
}

static int take_end(struct input *in, const struct gcda_sum *s)
{
	uint32_t zero = 0;

	if (s->has_program && take_word(in, &zero) < 0)
		return -1;
	return in->at == in->end && zero == 0 ? 0 : torn(in);
}

static int take_all(struct input *in, struct gcda_sum *s)
{
	uint32_t tag = 0, length = 0;
	int status = take_head(in, s);

	while (status == 0) {
		if (take_word(in, &tag) < 0)
			return -1;
		if (tag == 0)
			return take_end(in, s);
		if (take_word(in, &length) < 0)
			return -1;
		if (tag == GCOV_TAG_FUNCTION)
			status = take_function(in, s, length);
		else if (tag == GCOV_TAG_COUNTERS)
			status = take_counters(in, s, length);
		else if (tag == TAG_OBJECT)
			status = take_summary(in, s, length);
		else if (tag == TAG_PROGRAM)
			status = take_program(in, s, length);
		else
			status = other(in, "it has counters that are not added");
	}
	return status;
}

/* --- adding -------------------------------------------------------------------------------- */

static bool is_same(const struct function *a, const struct function *b)
{
	return a->is_left_out == b->is_left_out && a->has_counters == b->has_counters &&
	       a->ncounters == b->ncounters && memcmp(a->words, b->words, sizeof a->words) == 0;
}

static bool is_like(const struct gcda_sum *a, const struct gcda_sum *b)
{
	bool is = a->n == b->n && a->has_summary == b->has_summary &&
		  a->has_program == b->has_program && memcmp(a->head, b->head, sizeof a->head) == 0;

	for (size_t i = 0; i < a->n && is; i++)
		is = is_same(&a->functions[i], &b->functions[i]);
	return is;
}

/* Counters stay signed when threads raced on them: sums go around as libgcov's do. */
static void add_function(struct function *to, struct function *from)
{
	if (!from->counters)
		return;
	if (!to->counters) {
		to->counters = from->counters;
		from->counters = NULL;
		return;
	}
	for (uint32_t i = 0; i < to->ncounters; i++)
		to->counters[i] += from->counters[i];
}

int gcda_sum_add(struct gcda_sum *s, const char *path, const void *data, size_t len,
		 struct err *reterr)
{
	struct input in = { .path = path, .at = data, .reterr = reterr };
	struct gcda_sum one = { 0 };

	in.end = in.at + len;
	int status = take_all(&in, &one);

	if (status == 0 && s->is_begun && !is_like(s, &one))
		status = other(&in, "it is of another build of the object");
	if (status == 0 && !s->is_begun) {
		*s = one;
		s->is_begun = true;
		return 0;
	}
	if (status == 0) {
		s->runs += one.runs;
		s->sum_max += one.sum_max;
		for (size_t i = 0; i < one.n; i++)
			add_function(&s->functions[i], &one.functions[i]);
	}
	drop_functions(&one);
	return status;
}

/* --- looking ------------------------------------------------------------------------------- */

void gcda_sum_build(const struct gcda_sum *s, uint32_t *version, uint32_t *stamp)
{
	*version = s->head[1];
	*stamp = s->head[2];
}

bool gcda_sum_next(const struct gcda_sum *s, size_t *at, struct gcda_function *ret)
{
	while (*at < s->n && !s->functions[*at].has_counters)
		++*at;
	if (*at == s->n)
		return false;
	const struct function *f = &s->functions[(*at)++];

	*ret = (struct gcda_function){
		.ident = f->words[0],
		.lineno_checksum = f->words[1],
		.cfg_checksum = f->words[2],
		.ncounters = f->ncounters,
		.counters = f->counters,
	};
	return true;
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_word(struct buf *out, uint32_t word)
{
	const unsigned char bytes[4] = { word & 0xff, word >> 8 & 0xff, word >> 16 & 0xff,
					 word >> 24 };

	buf_add(out, bytes, sizeof bytes);
}

static void put_function(const struct gcda_sum *s, const struct function *f, struct buf *out)
{
	uint32_t size = f->ncounters * 8 / s->unit;
	bool is_zero = true;

	put_word(out, GCOV_TAG_FUNCTION);
	put_word(out, f->is_left_out ? 0 : FUNCTION_WORDS * 4 / s->unit);
	for (size_t i = 0; i < FUNCTION_WORDS && !f->is_left_out; i++)
		put_word(out, f->words[i]);
	if (!f->has_counters)
		return;
	for (uint32_t i = 0; f->counters && i < f->ncounters && is_zero; i++)
		is_zero = f->counters[i] == 0;
	put_word(out, GCOV_TAG_COUNTERS);
	put_word(out, is_zero && f->ncounters > 0 ? 0U - size : size);
	for (uint32_t i = 0; !is_zero && i < f->ncounters; i++) {
		put_word(out, (uint32_t)f->counters[i]);
		put_word(out, (uint32_t)(f->counters[i] >> 32));
	}
}

void gcda_sum_write(const struct gcda_sum *s, struct buf *out)
{
	if (!s->is_begun)
		return;
	for (size_t i = 0; i < s->nhead; i++)
		put_word(out, s->head[i]);
	if (s->has_summary) {
		put_word(out, TAG_OBJECT);
		put_word(out, SUMMARY_WORDS * 4 / s->unit);
		put_word(out, s->runs);
		put_word(out, s->sum_max);
	}
	for (size_t i = 0; i < s->n; i++)
		put_function(s, &s->functions[i], out);
	if (s->has_program) {
		put_word(out, TAG_PROGRAM);
		put_word(out, PROGRAM_WORDS * 4 / s->unit);
		put_word(out, 0);
		put_word(out, 0);
		put_word(out, s->runs);
		put_word(out, 0);
	}
	put_word(out, 0);
}
