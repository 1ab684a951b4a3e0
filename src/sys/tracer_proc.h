/* SPDX-License-Identifier: MIT
 *
 * What /proc says of a process.
 */
#ifndef GW_SYS_TRACER_PROC_H
#define GW_SYS_TRACER_PROC_H

#include <sys/types.h>

struct buf;

/* The first mapped file whose name (behind the last slash) begins so: its path and where it
 * begins. */
bool tracer_proc_library(pid_t pid, const char *prefix, struct buf *path, uint64_t *ret);

/* An entry of its auxiliary vector, 0 if there is none. */
uint64_t tracer_proc_auxv(pid_t pid, uint64_t type);

/* Its descendants, at most `max` of them; their number. */
size_t tracer_proc_descendants(pid_t pid, pid_t *list, size_t max);

#endif
