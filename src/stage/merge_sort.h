/* SPDX-License-Identifier: MIT
 *
 * Sorting more records than memory holds: a chunk at a time is sorted in memory and written to a
 * scratch file as a run; at the end the runs are merged, a bounded number at a time.  What fits in
 * one chunk never touches the disk.  A part of merge.
 *
 * Memory: MERGE_CHUNK_BYTES, or the largest record if that is more.  Scratch files have no name, so
 * that nothing is left behind whatever happens.
 */
#ifndef GW_STAGE_MERGE_SORT_H
#define GW_STAGE_MERGE_SORT_H

struct err;
struct merge_sort;

/* What is kept of a record beside its key and body; written to scratch as it stands in memory. */
struct merge_head {
	uint64_t body_bytes;
	uint64_t time_us;
	uint32_t key_bytes;
	uint32_t prefix_bytes; /* of the key: what makes a name */
	uint32_t number;       /* that the name carries already: 1 for none */
	uint32_t file;
	uint8_t outcome;
	uint8_t rank; /* 0: a verdict, 1: skipped, 2: not run */
};

/* One record: the body's first part in memory, the rest in a file. */
struct merge_record {
	struct merge_head head;
	const char *key;
	const char *body;
	size_t body_here; /* bytes at `body` */
	int fd;           /* of the rest; -1: everything is here */
	uint64_t rest_at;
};

enum { MERGE_CHUNK_BYTES = 32 * 1024 * 1024, MERGE_FAN_IN = 64 };

/* `scratch` is a folder; it outlives the sorter.  Limits below the usual ones are for tests. */
struct merge_sort *merge_sort_new(const char *scratch, size_t chunk_bytes, size_t fan_in);
/* Copies key and body (both whole in memory). */
int merge_sort_add(struct merge_sort *m, const struct merge_record *r, struct err *reterr);
/* Every record in the order of its key's bytes; no key is the beginning of another.  Once. */
int merge_sort_each(struct merge_sort *m,
		    int (*on_record)(void *ctx, const struct merge_record *r, struct err *reterr),
		    void *ctx, struct err *reterr);
void merge_sort_free(struct merge_sort *m); /* NULL is fine */

/* Append a record's body to a stream.  Errors of writing stick to the stream. */
int merge_record_copy(const struct merge_record *r, FILE *out, struct err *reterr);

/* A file without a name in this folder, to write and to read.  NULL on failure. */
FILE *merge_scratch_open(const char *dir, struct err *reterr);
/* Append len bytes at an offset of a file to a stream. */
int merge_copy_bytes(int fd, uint64_t offset_bytes, uint64_t len, FILE *out, struct err *reterr);

#endif
