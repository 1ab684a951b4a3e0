/* SPDX-License-Identifier: MIT
 *
 * Which lines, branches and functions ran, and how often: the one model that every coverage format
 * is read into and written from.
 *
 * Counts only ever grow, by sums that stop at UINT64_MAX, so neither the order nor the grouping of
 * what is added matters: a parallel run has the same figures as a serial one.
 */
#ifndef GW_MODEL_COV_H
#define GW_MODEL_COV_H

#include "base/arena.h"
#include "base/map.h"

/* A line number beyond is no source's: what reads formats refuses it. */
enum { COV_LINE_MAX = (1 << 24) - 1 };

/* Where the figures of a file come from.  Regions (LLVM's source-based coverage) count other lines
 * than blocks do (gcov): a file with both is worth a warning. */
enum cov_kind {
	COV_BLOCKS = 1 << 0,     /* gcc and clang --coverage */
	COV_REGIONS = 1 << 1,    /* clang -fcoverage-mapping */
	COV_STATEMENTS = 1 << 2, /* coverage.py */
	COV_FOREIGN = 1 << 3,    /* tracefiles and XML of unknown origin */
};

/* One way out of a line.  Template instances and inlined copies of a line are folded: the i-th
 * branch of one is the i-th branch of all. */
struct cov_branch {
	uint64_t taken;
	uint32_t block; /* 0 but in tracefiles that number blocks */
	uint32_t index; /* within the block */
};

struct cov_line {
	uint64_t hits;
	struct cov_branch *branches; /* sorted by block, index */
	uint32_t nbranches;
	bool is_code;        /* false: a hole, the rest is zeroes */
	bool has_idle_block; /* some basic block on the line never ran */
};

struct cov_function {
	const char *name; /* as the linker knows it */
	uint32_t start_line;
	uint32_t end_line; /* 0: unknown */
	uint64_t hits;
};

struct cov_contexts;
struct cov_page; /* a row of lines */
struct cov_sets;

struct cov_file {
	const char *path;
	const char *origin; /* the first input that told of it; NULL: unknown */
	unsigned kinds;     /* of enum cov_kind */
	uint32_t max_line;  /* of code; 0: none */
	bool has_quarrel;   /* a function of it is on two lines, which was said */
	struct cov_page **pages;
	size_t npages;
	struct cov_function *functions;
	size_t nfunctions, cap_functions;
	struct map places; /* line and name: index into functions */
	struct map names;  /* name: index of its first */
	struct cov_sets
		*sets; /* which tests ran a line (model/cov_contexts.h); NULL: none is known */
};

/* A zeroed cov is empty. */
struct cov {
	struct arena mem; /* names and paths */
	struct cov_file **files;
	size_t nfiles, cap_files;
	struct map paths;              /* index into files */
	struct cov_contexts *contexts; /* model/cov_contexts.h; NULL: none */
	const char *origin; /* of what is read now; readers set it, cov_file() notes it */
	/* Something does not fit together; NULL: nobody listens. */
	void (*on_warning)(void *ctx, const char *path, const char *text);
	void *ctx;
};

void cov_release(struct cov *c);

/* Say on_warning(path, "..."). */
void cov_warn(const struct cov *c, const char *path, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The file of that name, made where there is none.  It stays where it is until cov_release() or
 * cov_drop(). */
struct cov_file *cov_file(struct cov *c, const char *path, size_t len, unsigned kind);
/* NULL where there is none. */
struct cov_file *cov_find(const struct cov *c, const char *path, size_t len);
/* Leave out what `keep` says false of; the order stays. */
void cov_drop(struct cov *c, bool (*keep)(void *ctx, const struct cov_file *f), void *ctx);

/* The line, which is code from now on; 1 <= number <= COV_LINE_MAX. */
struct cov_line *cov_line(struct cov_file *f, uint32_t number);
/* NULL where it is no code. */
const struct cov_line *cov_line_at(const struct cov_file *f, uint32_t number);
/* The least number >= `from` of a line of code, 0 where there is none:
 *   for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) ... cov_line_at(f, n) ... */
uint32_t cov_next(const struct cov_file *f, uint32_t from);
/* It is no code after all (exclusion markers). */
void cov_erase(struct cov_file *f, uint32_t number);

void cov_add(uint64_t *count, uint64_t more); /* stops at UINT64_MAX */
/* The branch, made where there is none; valid until the next one of this line is made. */
struct cov_branch *cov_branch(struct cov_line *l, uint32_t block, uint32_t index);
/* Drop its branches. */
void cov_erase_branches(struct cov_line *l);

/* The function that starts there, made where there is none; valid until the next one is made.  The
 * same name on another line is another function; of that the model warns once for each file. */
struct cov_function *cov_function(struct cov *c, struct cov_file *f, const char *name, size_t len,
				  uint32_t start_line);
/* Leave out functions that start from line `first` to `last`. */
void cov_erase_functions(struct cov_file *f, uint32_t first, uint32_t last);

/* Add all of `from`; `into` keeps its own copies. */
void cov_merge(struct cov *into, const struct cov *from);

/* Files by path, functions by line and name: before anything is written. */
void cov_sort(struct cov *c);

struct cov_totals {
	uint64_t lines, lines_hit;
	uint64_t branches, branches_hit;
	uint64_t partial; /* lines that ran and have branches of both sorts, taken and not */
	uint64_t functions, functions_hit;
};

struct cov_totals cov_totals(const struct cov_file *f);
/* *sum += more */
void cov_totals_add(struct cov_totals *sum, const struct cov_totals *more);

#endif
