/* SPDX-License-Identifier: MIT
 *
 * ctest's resource specification: what a machine has that tests share.
 */
#ifndef GW_FORMAT_RESOURCE_SPEC_H
#define GW_FORMAT_RESOURCE_SPEC_H

struct err;
struct tests;

/* Read the file and add its resources to the tests.  Refused as by ctest: another version, names
 * that are not made of a-z, 0-9 and _, slots below 0. */
int resource_spec_read(const char *path, struct tests *ret, struct err *reterr);
int resource_spec_read_mem(const char *path, const char *s, size_t len, struct tests *ret,
			   struct err *reterr);

#endif
