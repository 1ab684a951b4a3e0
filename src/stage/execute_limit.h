/* SPDX-License-Identifier: MIT
 *
 * How long a test may take.
 */
#ifndef GW_STAGE_EXECUTE_LIMIT_H
#define GW_STAGE_EXECUTE_LIMIT_H

struct buf;
struct run;
struct test;

/*
 * The test's own limit, or the run's; TIME_UNKNOWN: none.  Where its framework stops tests by itself
 * (is_timeless), the run's is only a long-stop: some time behind the framework's.
 */
uint64_t limit_us(const struct run *run, const struct test *t, bool is_timeless);

/* What stops a test whose framework cannot: the shorter of its own limit, or the run's, and the
 * framework's. */
uint64_t limit_alone_us(const struct run *run, const struct test *t);

/* Which limit a test was stopped for: its own, of so long, or that of the whole run. */
void limit_say(uint64_t limit, bool is_session, struct buf *out);

#endif
