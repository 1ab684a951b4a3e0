/* SPDX-License-Identifier: MIT
 *
 * What gangway.ini says of tests, said of the tests that exist.
 */
#ifndef GW_STAGE_CONFIGURE_H
#define GW_STAGE_CONFIGURE_H

struct config;
struct err;
struct tests;

/*
 * Apply every rule to every test whose id it fits (a glob of the whole id, or an id and what is
 * below it), in the order of the file: marks and locks are added, the rest is set, later rules
 * win.  `protocol` changes the target's adapter, of whole programs only.  Comes between collect
 * and select.  The strings are copied into t->mem.
 */
int configure_run(const struct config *c, struct tests *t, struct err *reterr);

#endif
