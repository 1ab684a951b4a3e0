/* SPDX-License-Identifier: MIT
 *
 * Which tests ran a line, in gangway's own JSON: what format/covjson*.c share, and nobody else.
 */
#ifndef GW_FORMAT_COVJSON_CONTEXTS_H
#define GW_FORMAT_COVJSON_CONTEXTS_H

struct cov;
struct cov_file;
struct cov_input;
struct cov_out;
struct jscan;

/* --- writing --- */

/* Sets and contexts of a model as the document numbers them.  A zeroed one has none. */
struct covjson_sets {
	const struct cov *c;
	uint32_t *numbers; /* of the model's sets; NO_INDEX: not in use; NULL: none are */
	uint32_t *order;   /* the model's sets by these numbers */
	uint32_t norder;
	uint32_t *ranks; /* of the model's contexts, among those in use */
};

/* Number what the sorted model has; release it with covjson_sets_release(). */
void covjson_sets_number(struct covjson_sets *s, const struct cov *c);
void covjson_sets_release(struct covjson_sets *s);
/* The members "contexts" and "context_sets"; nothing where there are none.  put_string writes a name. */
void covjson_sets_put(const struct covjson_sets *s, struct cov_out *o,
		      void (*put_string)(struct cov_out *o, const char *s));
/* The number of a line's set; NO_INDEX: it has none. */
uint32_t covjson_sets_of(const struct covjson_sets *s, const struct cov_file *f, uint32_t line);

/* --- reading --- */

/* Numbers of a document as the model has them.  A zeroed one has none. */
struct covjson_told {
	uint32_t *contexts;
	size_t ncontexts, cap_contexts;
	uint32_t *sets;
	size_t nsets, cap_sets;
	uint32_t *members; /* of a set */
	size_t cap_members;
};

/* The values of the two members. */
void covjson_read_contexts(struct covjson_told *t, struct jscan *j, struct cov *c);
void covjson_read_sets(struct covjson_told *t, struct jscan *j, struct cov_input *in);
/* The set of a line. */
uint32_t covjson_read_set(const struct covjson_told *t, struct jscan *j);
void covjson_told_release(struct covjson_told *t);

#endif
