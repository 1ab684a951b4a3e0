/* SPDX-License-Identifier: MIT
 *
 *   file:     "gangway-contexts 1\n", sections
 *   section:  size of head, head, size of body, body
 *   head:     length of path, path, version, stamp, number of functions; and for each ident, lineno
 *             checksum, cfg checksum, number of counters
 *   body:     entries: index of the function in the head, its counters, number of tests, tests
 *
 * Numbers are LEB128: seven bits a byte, low ones first, the top bit says that more follow.  Most
 * counters are 0 or small.
 */
#include "format/covctx.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "format/gcda_sum.h"

static const char magic[] = "gangway-contexts ";
static const char version_1[] = "1\n";

/* --- writing ------------------------------------------------------------------------------------- */

struct entry {
	const char *key; /* function and counters, as in the file */
	size_t len;
	uint32_t *tests;
	size_t n, cap;
};

struct section {
	const char *head;
	size_t len;
	struct map keys; /* index into entries */
	struct entry *entries;
	size_t n, cap;
};

struct covctx_log {
	struct arena mem;
	struct map heads; /* index into sections */
	struct section *sections;
	size_t n, cap;
	struct buf scratch;
};

static void put(struct buf *out, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_addch(out, (char)(n | 0x80));
	buf_addch(out, (char)n);
}

struct covctx_log *covctx_log_new(void)
{
	struct covctx_log *log = xcalloc(1, sizeof *log);

	log->scratch = (struct buf)BUF_INIT;
	return log;
}

void covctx_log_free(struct covctx_log *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < log->n; i++) {
		struct section *s = &log->sections[i];

		for (size_t k = 0; k < s->n; k++)
			free(s->entries[k].tests);
		free(s->entries);
		map_release(&s->keys);
	}
	free(log->sections);
	map_release(&log->heads);
	buf_release(&log->scratch);
	arena_release(&log->mem);
	free(log);
}

static void put_head(struct buf *out, const char *path, const struct gcda_sum *counts)
{
	uint32_t version = 0, stamp = 0;
	struct gcda_function f;
	size_t n = 0;

	gcda_sum_build(counts, &version, &stamp);
	put(out, strlen(path));
	buf_addstr(out, path);
	put(out, version);
	put(out, stamp);
	for (size_t at = 0; gcda_sum_next(counts, &at, &f);)
		n++;
	put(out, n);
	for (size_t at = 0; gcda_sum_next(counts, &at, &f);) {
		put(out, f.ident);
		put(out, f.lineno_checksum);
		put(out, f.cfg_checksum);
		put(out, f.ncounters);
	}
}

static struct section *section_of(struct covctx_log *log, const struct buf *head)
{
	size_t i = log->n;

	if (!map_get(&log->heads, head->s, head->len, &i)) {
		const char *kept = arena_memdup(&log->mem, head->s, head->len);

		GROW(log->sections, log->n, log->cap);
		log->sections[log->n++] = (struct section){ .head = kept, .len = head->len };
		map_put(&log->heads, kept, head->len, i);
	}
	return &log->sections[i];
}

static void add_entry(struct covctx_log *log, struct section *s, const struct buf *key,
		      uint32_t test)
{
	size_t i = s->n;

	if (!map_get(&s->keys, key->s, key->len, &i)) {
		const char *kept = arena_memdup(&log->mem, key->s, key->len);

		GROW(s->entries, s->n, s->cap);
		s->entries[s->n++] = (struct entry){ .key = kept, .len = key->len };
		map_put(&s->keys, kept, key->len, i);
	}
	struct entry *e = &s->entries[i];

	if (e->n > 0 && e->tests[e->n - 1] == test)
		return; /* tried again */
	GROW(e->tests, e->n, e->cap);
	e->tests[e->n++] = test;
}

static bool is_idle(const struct gcda_function *f)
{
	bool is = true;

	for (uint32_t i = 0; f->counters && i < f->ncounters && is; i++)
		is = f->counters[i] == 0;
	return is;
}

void covctx_log_add(struct covctx_log *log, const char *path, uint32_t test,
		    const struct gcda_sum *counts)
{
	struct buf *b = &log->scratch;
	struct gcda_function f;

	buf_clear(b);
	put_head(b, path, counts);
	struct section *s = section_of(log, b);
	size_t index = 0;

	for (size_t at = 0; gcda_sum_next(counts, &at, &f); index++) {
		if (is_idle(&f))
			continue;
		buf_clear(b);
		put(b, index);
		for (uint32_t i = 0; i < f.ncounters; i++)
			put(b, f.counters[i]);
		add_entry(log, s, b, test);
	}
}

static void put_body(const struct section *s, struct buf *body)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *e = &s->entries[i];

		buf_add(body, e->key, e->len);
		put(body, e->n);
		for (size_t k = 0; k < e->n; k++)
			put(body, e->tests[k]);
	}
}

void covctx_log_write(const struct covctx_log *log, struct buf *out)
{
	struct buf body = BUF_INIT;
	bool is_begun = false;

	for (size_t i = 0; i < log->n; i++) {
		const struct section *s = &log->sections[i];

		if (s->n == 0)
			continue;
		if (!is_begun) {
			buf_addstr(out, magic);
			buf_addstr(out, version_1);
		}
		is_begun = true;
		buf_clear(&body);
		put_body(s, &body);
		put(out, s->len);
		buf_add(out, s->head, s->len);
		put(out, body.len);
		buf_add(out, body.s, body.len);
	}
	buf_release(&body);
}

/* --- reading ------------------------------------------------------------------------------------- */

struct input {
	const unsigned char *at, *end;
};

static bool take(struct input *in, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
		unsigned char byte = *in->at++;
		uint64_t bits = byte & 0x7f;

		if (shift == 63 && bits > 1)
			return false;
		n |= bits << shift;
		if (byte < 0x80) {
			*ret = n;
			return n <= max;
		}
	}
	return false;
}

static bool take_u32(struct input *in, uint32_t *ret)
{
	uint64_t n = 0;
	bool is = take(in, UINT32_MAX, &n);

	*ret = (uint32_t)n;
	return is;
}

/* So many bytes as *ret. */
static bool take_part(struct input *in, struct input *ret)
{
	uint64_t size = 0;

	if (!take(in, SIZE_MAX, &size) || (uint64_t)(in->end - in->at) < size)
		return false;
	*ret = (struct input){ in->at, in->at + size };
	in->at += size;
	return true;
}

static int damaged(const char *file, struct err *reterr)
{
	return err_set(reterr, ERR_SYNTAX, file, 0,
		       "what single tests counted is damaged here: some of it is not known");
}

int covctx_places(const char *file, const void *data, size_t len,
		  void (*on_place)(void *ctx, const struct covctx_place *place), void *ctx,
		  struct err *reterr)
{
	const size_t nmagic = strlen(magic), nhead = nmagic + strlen(version_1);
	const unsigned char *begin = data;
	struct input in = { begin, begin + len };
	struct input head, body, path;

	if (len < nhead || memcmp(data, magic, nmagic) != 0)
		return damaged(file, reterr);
	if (memcmp(begin + nmagic, version_1, strlen(version_1)) != 0)
		return err_set(reterr, ERR_UNSUPPORTED, file, 0,
			       "what single tests counted is of a version that is not known here");
	in.at += nhead;
	while (in.at < in.end) {
		struct covctx_place place = { .offset = (size_t)(in.at - begin) };

		if (!take_part(&in, &head) || !take_part(&in, &body) || !take_part(&head, &path))
			return damaged(file, reterr);
		place.path = (const char *)path.at;
		place.path_len = (size_t)(path.end - path.at);
		place.size = (size_t)(in.at - begin) - place.offset;
		on_place(ctx, &place);
	}
	return 0;
}

static bool take_functions(struct covctx_section *s, struct input *in)
{
	enum { LEAST_BYTES = 4 }; /* of a function */
	uint64_t n = 0;

	if (!take(in, (uint64_t)(in->end - in->at) / LEAST_BYTES, &n))
		return false;
	s->functions = xrealloc(s->functions, n + 1, sizeof *s->functions);
	for (s->nfunctions = 0; s->nfunctions < n; s->nfunctions++) {
		struct covctx_function *f = &s->functions[s->nfunctions];

		if (!take_u32(in, &f->ident) || !take_u32(in, &f->lineno_checksum) ||
		    !take_u32(in, &f->cfg_checksum) || !take_u32(in, &f->ncounts))
			return false;
	}
	return true;
}

int covctx_section_open(struct covctx_section *s, const char *file, const void *data, size_t len,
			struct err *reterr)
{
	struct input in = { data, (const unsigned char *)data + len };
	struct input head, body, path;

	s->file = file;
	s->nfunctions = 0;
	s->at = s->end = NULL;
	if (!take_part(&in, &head) || !take_part(&in, &body) || !take_part(&head, &path) ||
	    !take_u32(&head, &s->version) || !take_u32(&head, &s->stamp) ||
	    !take_functions(s, &head))
		return damaged(file, reterr);
	s->at = body.at;
	s->end = body.end;
	return 0;
}

static bool take_counts(struct covctx_section *s, struct input *in, size_t n)
{
	if (n > (size_t)(in->end - in->at))
		return false;
	if (n > s->cap_counts) {
		s->cap_counts = n + n / 2;
		s->counts = xrealloc(s->counts, s->cap_counts, sizeof *s->counts);
	}
	for (size_t i = 0; i < n; i++) {
		if (!take(in, UINT64_MAX, &s->counts[i]))
			return false;
	}
	return true;
}

static bool take_tests(struct covctx_section *s, struct input *in, size_t *ret)
{
	uint64_t n = 0;

	if (!take(in, (uint64_t)(in->end - in->at), &n))
		return false;
	if (n > s->cap_tests) {
		s->cap_tests = n + n / 2;
		s->tests = xrealloc(s->tests, s->cap_tests, sizeof *s->tests);
	}
	for (size_t i = 0; i < n; i++) {
		if (!take_u32(in, &s->tests[i]))
			return false;
	}
	*ret = n;
	return true;
}

int covctx_section_next(struct covctx_section *s, struct covctx_entry *ret, struct err *reterr)
{
	struct input in = { s->at, s->end };
	uint64_t index = 0;

	if (s->at == s->end)
		return 0;
	if (!take(&in, UINT32_MAX, &index) || index >= s->nfunctions ||
	    !take_counts(s, &in, s->functions[index].ncounts) || !take_tests(s, &in, &ret->ntests))
		return damaged(s->file, reterr);
	ret->function = &s->functions[index];
	ret->counts = s->counts;
	ret->tests = s->tests;
	s->at = in.at;
	return 1;
}

void covctx_section_release(struct covctx_section *s)
{
	free(s->functions);
	free(s->counts);
	free(s->tests);
	*s = (struct covctx_section){ 0 };
}
