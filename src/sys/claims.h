/* SPDX-License-Identifier: MIT
 *
 * Who runs which unit: a small file that all lanes of a run map into memory.  Every unit has one
 * word; a claim is one compare-and-swap, so that it survives the death of any lane.  The file also
 * carries the stop flag and the count of failures for --maxfail.
 */
#ifndef GW_SYS_CLAIMS_H
#define GW_SYS_CLAIMS_H

struct claims;
struct err;

/*
 * Map `path`, made new (all units free) if it is not there; several lanes may do this at once.
 * An existing file for another number of units or another identity (of the run they are of) is made
 * new as well.
 */
struct claims *claims_open(const char *path, size_t nunits, uint64_t identity, struct err *reterr);
/* Unmap; NULL is fine.  Claims stay. */
void claims_close(struct claims *c);

/*
 * A lane begins.  What it had in an earlier life (the same graph run again after an interrupt) is
 * free again, done or not: it starts a new journal.  The first lane to join while no other works
 * clears the stop flag and the count of failures.
 */
int claims_join(struct claims *c, uint32_t lane, struct err *reterr);

enum claim_state { CLAIM_FREE, CLAIM_TAKEN, CLAIM_DONE };

/* Take a free unit for this lane; false if somebody was faster. */
bool claims_take(struct claims *c, size_t unit, uint32_t lane);
/* The lane's unit is over. */
void claims_done(struct claims *c, size_t unit);
enum claim_state claims_state(const struct claims *c, size_t unit, uint32_t *ret_lane);

/*
 * Exclusive units (RUN_SERIAL) run while nothing else does.  enter_shared() before an ordinary
 * unit waits while an exclusive one is running or waiting; enter_exclusive() waits until all others
 * left.  Kept by the kernel (byte-range locks on the file), so that a killed lane leaves.
 */
int claims_enter(struct claims *c, bool is_exclusive, struct err *reterr);
void claims_leave(struct claims *c);

/* Count a failure; the new total. */
unsigned claims_add_failure(struct claims *c);
unsigned claims_failures(const struct claims *c);
/* Nothing new may start.  The first reason given stays. */
enum stop_reason { STOP_NO, STOP_MAXFAIL, STOP_INTERRUPT };
void claims_stop(struct claims *c, enum stop_reason reason);
enum stop_reason claims_stopped(const struct claims *c);

#endif
