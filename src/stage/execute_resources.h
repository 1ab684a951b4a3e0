/* SPDX-License-Identifier: MIT
 *
 * A lane takes units and what they need: the rules of execute_pick.h over the claims of the run and
 * the places that the kernel keeps.
 */
#ifndef GW_STAGE_EXECUTE_RESOURCES_H
#define GW_STAGE_EXECUTE_RESOURCES_H

#include "stage/execute_pick.h"

struct err;
struct gate;
struct lane;

struct resources {
	struct lane *lane;
	struct gate *gate; /* NULL: no unit needs anything */
	struct pick pick;
	unsigned nap_us; /* until the next look */
};

/* The lane has its claims.  On failure there is nothing to close. */
int resources_open(struct resources *r, struct lane *lane, const struct plan *p,
		   struct err *reterr);
void resources_close(struct resources *r);

/* Take the next unit with all it needs.  *ret is NO_INDEX where no unit is free, where all that are
 * wait for others (*is_more: look again after a nap), or where the run is stopped. */
int resources_next(struct resources *r, size_t *ret, bool *is_more, struct err *reterr);
/* The longer, the more often it was in vain. */
void resources_nap(struct resources *r);
/* The same for a unit that is ours already; *ret is false if the run was stopped before. */
int resources_take(struct resources *r, size_t unit, bool *ret, struct err *reterr);
/* The unit is over. */
void resources_give(struct resources *r);

#endif
