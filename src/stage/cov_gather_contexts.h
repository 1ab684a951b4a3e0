/* SPDX-License-Identifier: MIT
 *
 * Which tests ran a line?  What each test counted in an object, out of the context logs of all lanes and
 * of processes that no lane came to add up (format/covlane.h).  Only one section of a log is in memory
 * at a time.
 */
#ifndef GW_STAGE_COV_GATHER_CONTEXTS_H
#define GW_STAGE_COV_GATHER_CONTEXTS_H

struct cov;
struct cov_gather_contexts;
struct cov_gather_options;
struct cov_object;
struct gcov_tallies;

/* Looks through the logs; one that is damaged is warned of.  Both must outlive it. */
struct cov_gather_contexts *cov_gather_contexts_new(const struct cov_gather_options *o,
						    struct cov *into);
void cov_gather_contexts_free(struct cov_gather_contexts *g); /* NULL is fine */

/* For format/gcov.h; lent until the next object. */
const struct gcov_tallies *cov_gather_contexts_of(struct cov_gather_contexts *g,
						  const struct cov_object *files);

#endif
