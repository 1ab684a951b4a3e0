/* SPDX-License-Identifier: MIT
 *
 * What programs say of their tests with gangway.h is said of the tests.
 */
#ifndef GW_STAGE_COLLECT_MARKS_H
#define GW_STAGE_COLLECT_MARKS_H

struct tests;

/* Of all tests, from their targets' files; no program is started. */
void collect_marks(struct tests *t);

#endif
