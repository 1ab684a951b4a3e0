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
 * Rounds: 0 where nobody watches over the lanes (a graph run by hand), 1 in a run of gangway's own,
 * more where lanes were started again.  A new round may begin only while no lane works: what is
 * taken and not done is free again.  A resumed run is told apart: it counts failures anew, may go
 * on after a stop, and what was in flight before its base nobody is charged with.
 */
enum round_kind { ROUND_FIRST, ROUND_RESTART, ROUND_RESUME };
uint32_t claims_new_round(struct claims *c, enum round_kind kind);
uint32_t claims_round(const struct claims *c);
/* The first round of this start of gangway. */
uint32_t claims_base(const struct claims *c);
/* Gangway saw the end of its last round: it was not killed before. */
void claims_end(struct claims *c);
bool claims_has_ended(const struct claims *c);

/*
 * A lane begins, and is alive for as long as the claims are open in its process, as the kernel
 * knows (a byte-range lock).  ERR_USAGE if it lives already.  In round 0 what it had in an earlier
 * life (the same graph run again after an interrupt) is free again, done or not: it starts a new
 * journal; and the first lane to join while no other works clears the stop flag and the count of
 * failures.
 */
int claims_join(struct claims *c, uint32_t lane, struct err *reterr);
bool claims_is_alive(const struct claims *c, uint32_t lane);
/* Does any lane work? */
bool claims_has_members(const struct claims *c);

enum claim_state { CLAIM_FREE, CLAIM_TAKEN, CLAIM_DONE };

/* Take a free unit for this lane; false if somebody was faster. */
bool claims_take(struct claims *c, size_t unit, uint32_t lane);
/* Take a unit that a dead lane had taken and not done; false if it is none, or another was faster. */
bool claims_adopt(struct claims *c, size_t unit, uint32_t lane);
/* The lane's unit is over; others who wait for it may want to know how. */
void claims_done(struct claims *c, size_t unit, bool has_failed);
bool claims_has_failed(const struct claims *c, size_t unit);
/* Free or done again, whoever had it: only while no lane works. */
void claims_reset(struct claims *c, size_t unit, bool is_done);
/* Units that are not done. */
size_t claims_left(const struct claims *c);
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
enum stop_reason { STOP_NO, STOP_MAXFAIL, STOP_INTERRUPT, STOP_TIME };
void claims_stop(struct claims *c, enum stop_reason reason);
enum stop_reason claims_stopped(const struct claims *c);

/* The run was stopped (SIGTSTP) for so long; the sum of it all, which no time limit counts. */
void claims_add_pause(struct claims *c, uint64_t time_us);
uint64_t claims_paused_us(const struct claims *c);
/* When the whole run is to be over (--session-timeout), on proc_now_us()'s clock and moved by every
 * pause after it was set; TIME_UNKNOWN: never.  Setting is for who begins a round. */
void claims_set_until(struct claims *c, uint64_t until_us);
uint64_t claims_until_us(const struct claims *c);
/* Lanes are asked to tell what they run now: the number of times so far. */
uint32_t claims_ask(struct claims *c);
uint32_t claims_asked(const struct claims *c);

#endif
