/* SPDX-License-Identifier: MIT
 *
 * An object on its way from notes and counters to lines: what format/gcov_*.c share, and nobody else.
 *
 * Both files are u32 words, little end first, and records of tag, length and data.  Lengths of
 * records and strings count bytes from gcc 12 on, which aligns nothing, and words before.
 */
#ifndef GW_FORMAT_GCOV_OBJECT_H
#define GW_FORMAT_GCOV_OBJECT_H

#include "base/map.h"
#include "format/gcov.h"

struct cov_file;
struct cov_line;

/* --- bytes -------------------------------------------------------------------------------------- */

struct gcov_in {
	const unsigned char *at, *end;
};

static inline uint32_t gcov_word_at(const unsigned char *s)
{
	return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

/* False, nothing changed: there is no whole word. */
static inline bool gcov_word(struct gcov_in *in, uint32_t *ret)
{
	if (in->end - in->at < 4)
		return false;
	*ret = gcov_word_at(in->at);
	in->at += 4;
	return true;
}

/* A string of the file, NUL-terminated there; "" where its length is 0.  False: it is none. */
bool gcov_string(struct gcov_in *in, unsigned unit, const char **ret, size_t *ret_len);

/* The next record as *ret, *in behind it.  1; 0: there is none any more; -1: it is not whole. */
int gcov_record(struct gcov_in *in, unsigned unit, uint32_t *tag, struct gcov_in *ret);

/* 'B22*' is 12, '408*' 4; 0: no version. */
unsigned gcov_major(uint32_t version);

enum {
	GCOV_TAG_FUNCTION = 0x01000000,
	GCOV_TAG_BLOCKS = 0x01410000,
	GCOV_TAG_ARCS = 0x01430000,
	GCOV_TAG_LINES = 0x01450000,
	GCOV_TAG_COUNTERS = 0x01a10000,

	GCOV_BYTES_SINCE = 12 /* gcc's version */
};

/* --- the graph of a function ---------------------------------------------------------------------- */

enum { GCOV_ENTRY = 0, GCOV_EXIT = 1 };

enum {
	GCOV_ARC_ON_TREE = 1, /* not counted: follows from the others */
	GCOV_ARC_FAKE = 2,    /* a call that may not return */
	GCOV_ARC_FALLTHROUGH = 4,
	GCOV_ARC_THROW = 8 /* ours: only an exception takes it */
};

struct gcov_arc {
	uint32_t from, to, flags;
	uint32_t next_in; /* the next one into `to`; NO_INDEX */
	uint64_t count;   /* sums go around, as signed ones would: threads that race leave such */
	uint64_t rest;    /* while cycles are counted */
};

struct gcov_block {
	uint32_t first, narcs; /* out of it, by destination */
	uint32_t first_in;     /* NO_INDEX: none */
	uint32_t nreal;        /* arcs out of it that are not fake */
	uint32_t nopen,
		open;     /* arcs whose count is not known yet: how many, and their indices XORed */
	uint64_t balance; /* what came in less what went out, of the arcs that are known */
	uint64_t count;
	bool is_reached; /* not by exceptions alone */
	uint32_t mark;   /* the line that is counted right now */
	uint32_t cursor; /* while cycles are counted: the next arc to try */
};

/* Grows, and is used again by the next function. */
struct gcov_graph {
	struct gcov_block *blocks;
	size_t nblocks, cap_blocks;
	struct gcov_arc *arcs;
	size_t narcs, cap_arcs;
	struct gcov_in lines; /* the records behind the arcs */
	bool keeps_order;     /* arcs stay as they are in the file */
	uint32_t *stack;
	size_t nstack, cap_stack;
};

void gcov_graph_release(struct gcov_graph *g);
/* Read a function's records, and give its counted arcs their counts, in the order of the file; NULL:
 * all 0.  False: they are damaged, or there are more or less counters than arcs. */
bool gcov_graph_read(struct gcov_graph *g, struct gcov_in body, unsigned major,
		     const uint64_t *counts, size_t ncounts);
/* The counts of all arcs and blocks.  False: they do not follow from each other. */
bool gcov_graph_solve(struct gcov_graph *g);
/* How often the line ran that these blocks make up: what comes in from elsewhere, and the rounds that
 * do not leave it.  *budget: steps that may be taken; 0: there were not enough. */
uint64_t gcov_graph_line(struct gcov_graph *g, const uint32_t *blocks, size_t n, uint32_t mark,
			 uint64_t *budget);

/* --- lines ----------------------------------------------------------------------------------------- */

/* A line of a source in this object. */
struct gcov_slot {
	struct cov_line *line; /* NULL: not seen yet */
	uint64_t plain;        /* sum of the counts of all blocks with the line in it */
	uint64_t owned;        /* what counts where blocks end on the line */
	uint32_t narms;        /* branches so far */
	uint32_t first, last;  /* the blocks of the function at hand: indices into gcov.pairs */
	uint32_t stamp;        /* of the function at hand */
	bool is_owner;
};

/* The slots of a source's lines, in pages of gcov.slots. */
struct gcov_table {
	uint32_t *pages; /* NO_INDEX: none */
	size_t npages;
	uint32_t *used; /* indices into pages of those that are there */
	size_t nused, cap_used;
};

/* Indices that grow. */
struct gcov_list {
	uint32_t *items;
	size_t n, cap;
};

struct gcov_source {
	const char *name;
	size_t len;
	struct cov_file *file; /* NULL: it is left out */
	struct gcov_table table;
};

/* A slot, and which line of which source it is. */
struct gcov_seen {
	uint32_t slot, source, number;
};

struct gcov_pair {
	uint32_t block, next; /* NO_INDEX: the last one */
};

struct gcov_function {
	uint32_t ident, lineno_checksum, cfg_checksum;
	const char *name, *source; /* in the notes */
	size_t name_len, source_len;
	uint32_t start_line, end_line; /* end 0: unknown */
	bool is_artificial;
	bool is_twin; /* another one starts on the same line: an instance of the same template */
	bool is_measured; /* ncounts is known */
	uint32_t source_index;
	struct gcov_in body;
	size_t first_count; /* in gcov.counts; NO_COUNTS: all 0 */
	size_t ncounts;
};

#define GCOV_NO_COUNTS SIZE_MAX

struct gcov {
	const char *path; /* of the notes */
	size_t nbytes;
	const char *cwd;
	uint32_t version, stamp, checksum;
	unsigned major, unit;
	bool is_clang;
	bool tells_idle; /* blocks that never ran are of interest */

	struct gcov_function *functions;
	size_t nfunctions, cap_functions;
	uint32_t *by_ident; /* sorted indices; made when it is needed */
	size_t nby_ident, cap_by_ident;
	uint64_t *counts;
	size_t ncounts, cap_counts;
	bool has_overflown;

	/* while it is folded */
	struct gcov_graph graph;
	struct gcov_source *sources;
	size_t nsources, cap_sources;
	struct map source_names;
	struct gcov_table twin; /* of the function at hand, which has its lines for itself */
	struct gcov_slot *slots;
	size_t npages, cap_slots;
	struct gcov_list spare;                        /* pages */
	struct gcov_list touched, twin_touched, owned; /* slots */
	struct gcov_pair *pairs;
	size_t npairs, cap_pairs;
	struct gcov_list blocks; /* of a line */
	struct gcov_seen *seen;  /* of the tally at hand */
	size_t nseen, cap_seen;
	struct gcov_list
		owners; /* slots that own blocks in some function, while tallies are solved */
	uint32_t stamp_of_function;
	uint32_t mark;
	uint64_t budget;
	bool has_negative;
};

/* The function of that ident, looked for from *next on first, which is moved behind it; NULL. */
struct gcov_function *gcov_find_function(struct gcov *g, uint32_t ident, size_t *next);
/* Its arcs that are counted. */
size_t gcov_count_arcs(const struct gcov *g, struct gcov_function *f);

#endif
