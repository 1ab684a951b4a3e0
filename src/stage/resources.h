/* SPDX-License-Identifier: MIT
 *
 * Which tests need more of the machine's resources than it has: they are errors, and never start.
 */
#ifndef GW_STAGE_RESOURCES_H
#define GW_STAGE_RESOURCES_H

struct tests;

/* For where a specification was given; else nobody looks at what tests need. */
void resources_check(struct tests *t);

#endif
