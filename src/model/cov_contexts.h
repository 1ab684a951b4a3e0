/* SPDX-License-Identifier: MIT
 *
 * Which tests ran a line.  A context is a test by its id; each line has a set of them.
 *
 * A set is a number, 0 the empty one, and equal sets of one model are equal numbers: the lines of a
 * function have mostly the same, and in ten thousand tests it is large.  A set is a tree with 64
 * contexts in each leaf, of which equal branches are there once; so to join two takes time and
 * memory only where they differ.  A model without contexts has none of this.
 */
#ifndef GW_MODEL_COV_CONTEXTS_H
#define GW_MODEL_COV_CONTEXTS_H

struct cov;
struct cov_contexts;
struct cov_file;
struct cov_sets;

/* The number of the context of this name, made where there is none: 0, 1, 2… */
uint32_t cov_context(struct cov *c, const char *name, size_t len);
uint32_t cov_ncontexts(const struct cov *c);
const char *cov_context_name(const struct cov *c, uint32_t context);

/* The set of these, in any order, also repeated. */
uint32_t cov_set(struct cov *c, const uint32_t *contexts, size_t n);
/* All that are in one of the two. */
uint32_t cov_set_join(struct cov *c, uint32_t a, uint32_t b);
/* Put the contexts of a set, ascending, into ret, which has room for all that there are.  How many. */
size_t cov_set_list(const struct cov *c, uint32_t set, uint32_t *ret);
/* Every set's number is below. */
uint32_t cov_sets_end(const struct cov *c);

/* The line was run by these too; it need not be code yet. */
void cov_add_contexts(struct cov *c, struct cov_file *f, uint32_t number, uint32_t set);
uint32_t cov_contexts_of(const struct cov_file *f, uint32_t number);

/* For model/cov.c. */
void cov_contexts_free(struct cov_contexts *all);          /* NULL is fine */
void cov_sets_free(struct cov_sets *sets);                 /* of a file; NULL is fine */
void cov_sets_erase(struct cov_sets *sets, uint32_t line); /* NULL is fine */
/* The files of `from` are in `into` already. */
void cov_contexts_merge(struct cov *into, const struct cov *from);

#endif
