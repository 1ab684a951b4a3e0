/* SPDX-License-Identifier: MIT
 *
 * A record in memory and in a run: struct merge_head, key, body, and bytes up to a multiple of 8.
 * In memory, keys are sorted eight bytes at a time as big-endian numbers: names of tests begin
 * alike, and comparing whole keys would read the same beginnings again and again.
 */
#include "stage/merge_sort.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"

enum { STREAM_BYTES = 256 * 1024, WINDOW_BYTES = 128 * 1024 };

struct entry {
	uint64_t word; /* of the key at the depth at hand */
	const struct merge_head *head;
};

struct run {
	uint64_t at, end; /* in the scratch file */
};

struct merge_sort {
	const char *scratch;
	size_t chunk_bytes, fan_in;
	char *chunk;
	size_t nchunk, cap_chunk;
	size_t *offsets; /* of records in the chunk */
	size_t nrecords, cap_offsets;
	FILE *file; /* runs, one after the other; NULL: none was needed */
	uint64_t file_bytes;
	struct run *runs;
	size_t nruns, cap_runs;
};

/* One run while runs are merged. */
struct reader {
	struct run left; /* what is not yet in the window */
	char *window;
	size_t have, cap;
	size_t i; /* record at hand */
	struct merge_record record;
};

struct merge_sort *merge_sort_new(const char *scratch, size_t chunk_bytes, size_t fan_in)
{
	struct merge_sort *m = xcalloc(1, sizeof *m);

	m->scratch = scratch;
	m->chunk_bytes = chunk_bytes;
	m->fan_in = fan_in;
	return m;
}

void merge_sort_free(struct merge_sort *m)
{
	if (!m)
		return;
	if (m->file)
		fclose(m->file); /* scratch */
	free(m->chunk);
	free(m->offsets);
	free(m->runs);
	free(m);
}

FILE *merge_scratch_open(const char *dir, struct err *reterr)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) { /* a file system without O_TMPFILE */
		struct buf path = BUF_INIT;

		buf_addf(&path, "%s/merge-XXXXXX", dir);
		fd = mkostemp(path.s, O_CLOEXEC);
		if (fd >= 0)
			unlink(path.s);
		buf_release(&path);
	}
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!f) {
		err_sys(reterr, dir, "cannot make a scratch file");
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	setvbuf(f, NULL, _IOFBF, STREAM_BYTES); /* only faster */
	return f;
}

static int read_at(int fd, char *to, size_t len, uint64_t at, struct err *reterr)
{
	while (len > 0) {
		ssize_t n = pread(fd, to, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(reterr, NULL, "cannot read scratch file");
		if (n == 0)
			return err_set(reterr, ERR_INTERNAL, NULL, 0, "scratch file is too short");
		to += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int merge_copy_bytes(int fd, uint64_t offset_bytes, uint64_t len, FILE *out, struct err *reterr)
{
	char bytes[64 * 1024];

	while (len > 0) {
		size_t n = len < sizeof bytes ? (size_t)len : sizeof bytes;

		if (read_at(fd, bytes, n, offset_bytes, reterr) < 0)
			return -1;
		fwrite(bytes, 1, n, out); /* errors stick to the stream */
		offset_bytes += n;
		len -= n;
	}
	return 0;
}

int merge_record_copy(const struct merge_record *r, FILE *out, struct err *reterr)
{
	uint64_t rest = r->head.body_bytes - r->body_here;

	fwrite(r->body, 1, r->body_here, out); /* errors stick to the stream */
	return rest > 0 ? merge_copy_bytes(r->fd, r->rest_at, rest, out, reterr) : 0;
}

static size_t padded(uint64_t bytes)
{
	return (size_t)((bytes + 7) & ~(uint64_t)7);
}

static size_t record_bytes(const struct merge_head *h)
{
	return padded(sizeof *h + h->key_bytes + h->body_bytes);
}

static const char *key_of(const struct merge_head *h)
{
	return (const char *)(h + 1);
}

static uint64_t word_at(const struct merge_head *h, size_t depth)
{
	unsigned char bytes[8] = { 0 };
	uint64_t word = 0;

	if (depth < h->key_bytes) {
		size_t n = h->key_bytes - depth;

		memcpy(bytes, key_of(h) + depth, n < 8 ? n : 8);
	}
	for (size_t i = 0; i < 8; i++)
		word = word << 8 | bytes[i]; /* one bswap, to the compiler */
	return word;
}

static void insertion_sort(struct entry *e, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct entry x = e[i];
		size_t k = i;

		for (; k > 0 && e[k - 1].word > x.word; k--)
			e[k] = e[k - 1];
		e[k] = x;
	}
}

/* By words, a byte at a time from the lowest that differs: no comparison, each pass one copy. */
static void radix_sort(struct entry *e, struct entry *spare, size_t n, uint64_t differing)
{
	struct entry *from = e;
	struct entry *to = spare;

	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t at[257] = { 0 };

		if (!(differing >> shift & 0xff))
			continue;
		for (size_t i = 0; i < n; i++)
			at[(from[i].word >> shift & 0xff) + 1]++;
		for (size_t i = 1; i < 257; i++)
			at[i] += at[i - 1];
		for (size_t i = 0; i < n; i++)
			to[at[from[i].word >> shift & 0xff]++] = from[i];
		struct entry *swap = from;

		from = to;
		to = swap;
	}
	if (from != e)
		memcpy(e, from, n * sizeof *e);
}

/* Load the words at this depth; the bits in which any differ.  *ret: they are in order already. */
static uint64_t load_words(struct entry *e, size_t n, size_t depth, bool *ret)
{
	uint64_t differing = 0;
	bool is_sorted = true;

	for (size_t i = 0; i < n; i++) {
		e[i].word = word_at(e[i].head, depth);
		if (i > 0) {
			is_sorted = is_sorted && e[i - 1].word <= e[i].word;
			differing |= e[0].word ^ e[i].word;
		}
	}
	*ret = is_sorted;
	return differing;
}

/* Keys are alike in their first `depth` bytes.  Recursion only where they part. */
static void sort_entries(struct entry *e, struct entry *spare, size_t n, size_t depth)
{
	enum { FEW = 64 };
	bool is_sorted = true;

	while (n > 1) {
		uint64_t differing = load_words(e, n, depth, &is_sorted);

		depth += 8;
		if (differing == 0 && depth >= e[0].head->key_bytes)
			return; /* the same key twice: not from merge */
		if (differing == 0)
			continue;
		if (!is_sorted && n < FEW)
			insertion_sort(e, n);
		else if (!is_sorted)
			radix_sort(e, spare, n, differing);
		for (size_t i = 0, k = 0; i < n; i = k) {
			while (k < n && e[k].word == e[i].word)
				k++;
			sort_entries(e + i, spare, k - i, depth);
		}
		return;
	}
}

static struct entry *sorted_chunk(struct merge_sort *m)
{
	struct entry *e = xcalloc(m->nrecords + 1, sizeof *e);
	struct entry *spare = xcalloc(m->nrecords + 1, sizeof *spare);

	for (size_t i = 0; i < m->nrecords; i++)
		e[i].head = (const struct merge_head *)(const void *)(m->chunk + m->offsets[i]);
	sort_entries(e, spare, m->nrecords, 0);
	free(spare);
	return e;
}

static struct merge_record record_in_memory(const struct merge_head *h)
{
	return (struct merge_record){ .head = *h,
				      .key = key_of(h),
				      .body = key_of(h) + h->key_bytes,
				      .body_here = (size_t)h->body_bytes,
				      .fd = -1 };
}

static int begin_run(struct merge_sort *m, struct err *reterr)
{
	if (!m->file && !(m->file = merge_scratch_open(m->scratch, reterr)))
		return -1;
	GROW(m->runs, m->nruns, m->cap_runs);
	m->runs[m->nruns].at = m->file_bytes;
	return 0;
}

static int end_run(struct merge_sort *m, struct err *reterr)
{
	m->runs[m->nruns++].end = m->file_bytes;
	if (fflush(m->file) != 0 || ferror(m->file))
		return err_sys(reterr, m->scratch, "cannot write scratch file");
	return 0;
}

/* Write the chunk at hand as a run; empty the chunk. */
static int flush_chunk(struct merge_sort *m, struct err *reterr)
{
	if (begin_run(m, reterr) < 0)
		return -1;
	struct entry *e = sorted_chunk(m);

	for (size_t i = 0; i < m->nrecords; i++) {
		size_t n = record_bytes(e[i].head);

		fwrite(e[i].head, 1, n, m->file); /* end_run() looks at errors */
		m->file_bytes += n;
	}
	free(e);
	m->nrecords = 0;
	m->nchunk = 0;
	if (m->cap_chunk > m->chunk_bytes) { /* one record was larger than a chunk */
		free(m->chunk);
		m->chunk = NULL;
		m->cap_chunk = 0;
	}
	return end_run(m, reterr);
}

static void reserve_chunk(struct merge_sort *m, size_t need)
{
	if (m->chunk && need <= m->cap_chunk)
		return;
	size_t cap = m->cap_chunk ? m->cap_chunk * 2 : 64 * 1024;

	/* doubling leaves the unused part untouched: it costs no memory until it is written */
	if (cap > m->chunk_bytes)
		cap = m->chunk_bytes;
	if (cap < need)
		cap = need;
	m->chunk = xrealloc(m->chunk, cap, 1);
	m->cap_chunk = cap;
}

int merge_sort_add(struct merge_sort *m, const struct merge_record *r, struct err *reterr)
{
	size_t n = record_bytes(&r->head);

	if (m->nrecords > 0 && m->nchunk + n > m->chunk_bytes && flush_chunk(m, reterr) < 0)
		return -1;
	reserve_chunk(m, m->nchunk + n);
	char *to = m->chunk + m->nchunk;
	size_t used = sizeof r->head + r->head.key_bytes + (size_t)r->head.body_bytes;

	memcpy(to, &r->head, sizeof r->head);
	memcpy(to + sizeof r->head, r->key, r->head.key_bytes);
	memcpy(to + sizeof r->head + r->head.key_bytes, r->body, (size_t)r->head.body_bytes);
	memset(to + used, 0, n - used);
	GROW(m->offsets, m->nrecords, m->cap_offsets);
	m->offsets[m->nrecords++] = m->nchunk;
	m->nchunk += n;
	return 0;
}

/* Have `need` bytes from r->i on in the window, more if there is room. */
static int fill_window(struct reader *r, int fd, size_t need, struct err *reterr)
{
	if (r->have - r->i >= need)
		return 0;
	if (r->i > 0 && r->have > r->i)
		memmove(r->window, r->window + r->i, r->have - r->i);
	r->have -= r->i;
	r->i = 0;
	if (need > r->cap) {
		r->cap = need > WINDOW_BYTES ? need : WINDOW_BYTES;
		r->window = xrealloc(r->window, r->cap, 1);
	}
	size_t n = r->cap - r->have;

	if (n > r->left.end - r->left.at)
		n = (size_t)(r->left.end - r->left.at);
	if (read_at(fd, r->window + r->have, n, r->left.at, reterr) < 0)
		return -1;
	r->left.at += n;
	r->have += n;
	if (r->have < need)
		return err_set(reterr, ERR_INTERNAL, NULL, 0, "scratch file ends in a record");
	return 0;
}

/* Go behind the record at hand, which may reach past the window. */
static void skip_record(struct reader *r)
{
	size_t n = record_bytes(&r->record.head);
	size_t here = r->have - r->i;

	if (n <= here) {
		r->i += n;
	} else {
		r->left.at += n - here;
		r->have = r->i = 0;
	}
}

/* Load the next record's head and key, and what the window has of its body.  1, 0 at the end, -1 */
static int next_record(struct reader *r, int fd, struct err *reterr)
{
	struct merge_head *h = &r->record.head;

	if (r->i == r->have && r->left.at == r->left.end)
		return 0;
	if (fill_window(r, fd, sizeof *h, reterr) < 0)
		return -1;
	memcpy(h, r->window + r->i, sizeof *h);
	if (fill_window(r, fd, sizeof *h + h->key_bytes, reterr) < 0)
		return -1;
	size_t before = sizeof *h + h->key_bytes;
	size_t here = r->have - r->i - before;

	r->record.key = r->window + r->i + sizeof *h;
	r->record.body = r->window + r->i + before;
	r->record.body_here = here < h->body_bytes ? here : (size_t)h->body_bytes;
	r->record.fd = fd;
	r->record.rest_at = r->left.at; /* if anything is missing, the window ends in the body */
	return 1;
}

static bool is_before(const struct reader *a, const struct reader *b)
{
	size_t n = a->record.head.key_bytes;
	size_t m = b->record.head.key_bytes;
	int diff = memcmp(a->record.key, b->record.key, n < m ? n : m);

	return diff < 0 || (diff == 0 && n < m);
}

static void sift_down(struct reader **heap, size_t n, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t k = 2 * i + 1; k < n && k <= 2 * i + 2; k++) {
			if (is_before(heap[k], heap[least]))
				least = k;
		}
		if (least == i)
			return;
		struct reader *r = heap[i];

		heap[i] = heap[least];
		heap[least] = r;
		i = least;
	}
}

static int drain_heap(struct reader **heap, size_t n, int fd,
		      int (*on_record)(void *ctx, const struct merge_record *r, struct err *reterr),
		      void *ctx, struct err *reterr)
{
	while (n > 0) {
		if (on_record(ctx, &heap[0]->record, reterr) < 0)
			return -1;
		skip_record(heap[0]);
		int got = next_record(heap[0], fd, reterr);

		if (got < 0)
			return -1;
		if (got == 0)
			heap[0] = heap[--n];
		sift_down(heap, n, 0);
	}
	return 0;
}

static int merge_runs(struct merge_sort *m, const struct run *runs, size_t nruns,
		      int (*on_record)(void *ctx, const struct merge_record *r, struct err *reterr),
		      void *ctx, struct err *reterr)
{
	struct reader *readers = xcalloc(nruns, sizeof *readers);
	struct reader **heap = xcalloc(nruns, sizeof(void *));
	size_t n = 0;
	int fd = fileno(m->file);
	int status = 0;

	for (size_t i = 0; status == 0 && i < nruns; i++) {
		readers[i].left = runs[i];
		int got = next_record(&readers[i], fd, reterr);

		if (got > 0)
			heap[n++] = &readers[i];
		status = got < 0 ? -1 : 0;
	}
	for (size_t i = n / 2; status == 0 && i-- > 0;)
		sift_down(heap, n, i);
	if (status == 0)
		status = drain_heap(heap, n, fd, on_record, ctx, reterr);
	for (size_t i = 0; i < nruns; i++)
		free(readers[i].window);
	free(readers);
	free(heap);
	return status;
}

/* Append to the run that is being written. */
static int write_record(void *ctx, const struct merge_record *r, struct err *reterr)
{
	static const char zeroes[8];
	struct merge_sort *m = ctx;
	size_t n = record_bytes(&r->head);
	size_t used = sizeof r->head + r->head.key_bytes + (size_t)r->head.body_bytes;

	fwrite(&r->head, 1, sizeof r->head, m->file);
	fwrite(r->key, 1, r->head.key_bytes, m->file);
	if (merge_record_copy(r, m->file, reterr) < 0)
		return -1;
	fwrite(zeroes, 1, n - used, m->file);
	m->file_bytes += n;
	return 0;
}

/* Until no more runs are left than can be merged at once. */
static int reduce_runs(struct merge_sort *m, struct err *reterr)
{
	while (m->nruns > m->fan_in) {
		struct run *old = m->runs;
		size_t nold = m->nruns;
		int status = 0;

		m->runs = NULL;
		m->nruns = m->cap_runs = 0;
		for (size_t i = 0; status == 0 && i < nold; i += m->fan_in) {
			size_t n = nold - i < m->fan_in ? nold - i : m->fan_in;

			status = begin_run(m, reterr);
			if (status == 0)
				status = merge_runs(m, old + i, n, write_record, m, reterr);
			if (status == 0)
				status = end_run(m, reterr);
		}
		free(old);
		if (status < 0)
			return -1;
	}
	return 0;
}

int merge_sort_each(struct merge_sort *m,
		    int (*on_record)(void *ctx, const struct merge_record *r, struct err *reterr),
		    void *ctx, struct err *reterr)
{
	int status = 0;

	if (m->nruns == 0) {
		struct entry *e = sorted_chunk(m);

		for (size_t i = 0; status == 0 && i < m->nrecords; i++) {
			const struct merge_record r = record_in_memory(e[i].head);

			status = on_record(ctx, &r, reterr);
		}
		free(e);
		return status;
	}
	if (m->nrecords > 0 && flush_chunk(m, reterr) < 0)
		return -1;
	free(m->chunk); /* the readers' windows come in its place */
	m->chunk = NULL;
	m->cap_chunk = 0;
	if (reduce_runs(m, reterr) < 0)
		return -1;
	return merge_runs(m, m->runs, m->nruns, on_record, ctx, reterr);
}
