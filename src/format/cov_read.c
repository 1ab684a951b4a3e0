/* SPDX-License-Identifier: MIT */
#include "format/cov_read.h"

#include "base/alloc.h"
#include "model/cov.h"

enum {
	FREE_BUDGET = 1 << 20,
	/* Lines that a file may skip for the price of one: the model keeps a pointer for a page. */
	REACH = 128,
	NEAR = 1 << 16,  /* this far for nothing */
	MAX_DIGITS = 19, /* that surely fit into 64 bits */
	MAX_EXPONENT = 1000,
};

struct cov_version {
	uint64_t hash;
	const char *origin;
};

void cov_versions_release(struct cov_versions *v)
{
	free(v->sums);
	map_release(&v->lines);
	map_release(&v->quarrels);
	arena_release(&v->mem);
	*v = (struct cov_versions){ 0 };
}

/* The model's is only lent. */
static const char *keep_origin(struct cov_versions *v, const char *origin)
{
	if (origin && (!v->origin || strcmp(v->origin, origin) != 0))
		v->origin = arena_strdup(&v->mem, origin);
	return origin ? v->origin : NULL;
}

void cov_versions_note(struct cov_versions *v, const struct cov *c, const struct cov_file *f,
		       uint32_t line, const char *sum, size_t len)
{
	const uint64_t key[2] = { (uintptr_t)f, line };
	const uint64_t hash = hash_bytes(sum, len);
	size_t i = 0;

	if (!map_get(&v->lines, (const char *)key, sizeof key, &i)) {
		GROW(v->sums, v->nsums, v->cap_sums);
		v->sums[v->nsums] = (struct cov_version){ hash, keep_origin(v, c->origin) };
		map_put(&v->lines, arena_memdup(&v->mem, key, sizeof key), sizeof key, v->nsums);
		v->nsums++;
		return;
	}
	if (v->sums[i].hash == hash || !map_put(&v->quarrels, f->path, strlen(f->path), 0))
		return;
	const char *before = v->sums[i].origin ? v->sums[i].origin : "one input";
	const char *now = c->origin ? c->origin : "another";

	if (line > 0)
		cov_warn(c, f->path,
			 "line %u is not the same in %s and in %s: these are of different versions "
			 "of the source",
			 line, before, now);
	else
		cov_warn(c, f->path, "%s and %s are of different versions of the source", before,
			 now);
}

void cov_input_init(struct cov_input *in, const char *path, size_t len,
		    const struct cov_read_options *o, struct cov *c)
{
	*in = (struct cov_input){ .path = path, .o = o, .c = c, .budget = FREE_BUDGET + len };
}

struct cov_file *cov_input_file(struct cov_input *in, const char *cwd, const char *name, size_t len,
				unsigned kind)
{
	struct cov_file *f = NULL;

	if (!in->o->map_path)
		return cov_file(in->c, name, len, kind);
	char *whole = xmemdup(name, len);
	const char *mapped = in->o->map_path(in->o->ctx, cwd, whole);

	if (mapped)
		f = cov_file(in->c, mapped, strlen(mapped), kind);
	free(whole);
	return f;
}

bool cov_input_spend(struct cov_input *in, uint64_t n)
{
	if (n > in->budget)
		return false;
	in->budget -= n;
	return true;
}

bool cov_input_reach(struct cov_input *in, const struct cov_file *f, uint32_t number)
{
	if (number <= f->max_line || number - f->max_line <= NEAR)
		return true;
	return cov_input_spend(in, (number - f->max_line) / REACH);
}

static bool is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/* Digits and what follows them, as value = digits * 10^exponent. */
struct decimal {
	uint64_t digits;
	int ndigits;
	int exponent;
};

static const char *read_digits(const char *p, const char *end, bool is_fraction, struct decimal *d)
{
	for (; is_digit(p, end); p++) {
		if (d->ndigits < MAX_DIGITS) {
			d->digits = d->digits * 10 + (unsigned)(*p - '0');
			d->ndigits += d->digits > 0;
			d->exponent -= is_fraction;
		} else if (!is_fraction && d->exponent < MAX_EXPONENT) {
			d->exponent++;
		}
		if (d->exponent < -MAX_EXPONENT)
			d->exponent = -MAX_EXPONENT;
	}
	return p;
}

static const char *read_exponent(const char *p, const char *end, struct decimal *d)
{
	const char *q = p;
	bool is_negative = false;
	int n = 0;

	if (q == end || (*q != 'e' && *q != 'E'))
		return p;
	q++;
	if (q < end && (*q == '-' || *q == '+'))
		is_negative = *q++ == '-';
	if (!is_digit(q, end))
		return p;
	for (; is_digit(q, end); q++)
		n = n < MAX_EXPONENT ? n * 10 + (*q - '0') : n;
	d->exponent += is_negative ? -n : n;
	return q;
}

/* Digits and no more: nearly every count there is.  NULL: it is of another sort. */
static const char *read_plain(const char *p, const char *end, struct cov_count *ret)
{
	uint64_t n = 0;

	for (; is_digit(p, end); p++) {
		ret->is_large = ret->is_large || __builtin_mul_overflow(n, 10u, &n) ||
				__builtin_add_overflow(n, (unsigned)(*p - '0'), &n);
	}
	if (p < end && (*p == '.' || *p == 'e' || *p == 'E')) {
		ret->is_large = false;
		return NULL;
	}
	ret->value = ret->is_large ? UINT64_MAX : n;
	return p;
}

static void settle(const struct decimal *d, struct cov_count *n)
{
	n->value = d->digits;
	for (int i = 0; i < d->exponent && n->value > 0 && !n->is_large; i++)
		n->is_large = __builtin_mul_overflow(n->value, 10u, &n->value);
	for (int i = 0; i > d->exponent && n->value > 0; i--)
		n->value /= 10;
	if (n->is_large)
		n->value = UINT64_MAX;
}

bool cov_count_parse(const char **s, const char *end, struct cov_count *ret)
{
	struct cov_count n = { 0 };
	struct decimal d = { 0 };
	const char *p = *s;

	if (p < end && *p == '-') {
		n.is_negative = true;
		p++;
	}
	if (!is_digit(p, end))
		return false;
	const char *after = read_plain(p, end, &n);

	if (!after) {
		after = read_digits(p, end, false, &d);
		if (after < end && *after == '.')
			after = read_digits(after + 1, end, true, &d);
		after = read_exponent(after, end, &d);
		settle(&d, &n);
	}
	*s = after;
	*ret = n;
	return true;
}

uint64_t cov_input_count(struct cov_input *in, const struct cov_count *n)
{
	if (n->is_negative && n->value > 0) {
		if (!in->has_negative)
			cov_warn(in->c, in->path,
				 "counts below 0 are taken as 0: threads raced on the counters, "
				 "which "
				 "-fprofile-update=atomic prevents");
		in->has_negative = true;
		return 0;
	}
	if (n->is_large) {
		if (!in->has_large)
			cov_warn(in->c, in->path, "counts beyond 64 bits are taken as the largest");
		in->has_large = true;
	}
	return n->value;
}
