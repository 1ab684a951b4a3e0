/* SPDX-License-Identifier: MIT
 *
 * durations.tsv: how long tests take, as text, to be committed or handed from machine to machine.
 * docs/formats/durations.md shows it.
 *
 *   durations <TAB> 1
 *   p <TAB> target <TAB> what one more process of it costs, in microseconds
 *   t <TAB> id <TAB> microseconds
 *
 * Written sorted, with two digits that count, so that writing it again changes few lines.  Read in
 * any order; of two lines for one test the larger time counts, so that files may be joined line by
 * line.
 */
#ifndef GW_FORMAT_DURATIONS_H
#define GW_FORMAT_DURATIONS_H

#include "model/history.h"

struct buf;
struct err;

/* Add what the file says to *ret.  On failure *ret has what stood before the bad line. */
int durations_read(const char *path, struct history *ret, struct err *reterr);
int durations_read_mem(const char *path, const void *s, size_t len, struct history *ret,
		       struct err *reterr);

/* Append the whole file; h gets sorted.  Tests without a time are left out. */
void durations_write(struct history *h, struct buf *out);

#endif
