/* SPDX-License-Identifier: MIT
 *
 * Every test several times.
 */
#ifndef GW_STAGE_REPEAT_H
#define GW_STAGE_REPEAT_H

struct err;
struct tests;

enum { REPEAT_MAX = 10000, REPEATED_TESTS_MAX = 10 * 1000 * 1000 };

/*
 * Of each test that is selected and starts there are n from now on, with " [1/n]" and so on behind
 * the id (test.repeated is the id without that).  Each repetition has targets of its own, so that no process and no
 * chunk has a test twice.  What sets up and cleans up for others stays one; tests that wait for a
 * repeated one wait for all of it.  *ret_added: how many tests more.
 */
int repeat_run(unsigned n, struct tests *t, size_t *ret_added, struct err *reterr);

#endif
