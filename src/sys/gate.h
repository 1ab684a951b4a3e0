/* SPDX-License-Identifier: MIT
 *
 * Places that processes share: each is held by one of them at most, and a process that dies gives
 * back what it had, because the kernel keeps count (byte-range locks on a file).  Beside them a
 * door, through which one at a time looks for places.
 */
#ifndef GW_SYS_GATE_H
#define GW_SYS_GATE_H

struct err;
struct gate;

/* The file is made if it is not there; nothing is ever written to it. */
struct gate *gate_open(const char *path, struct err *reterr);
/* NULL is fine.  What is still held is free again. */
void gate_close(struct gate *g);

/* Wait for the door, in the order of coming; ERR_INTERRUPTED if a signal came first. */
int gate_enter(struct gate *g, struct err *reterr);
void gate_leave(struct gate *g);

/* Take n places in a row; false if another process has one of them.  Never waits.  Those of our own
 * are taken again. */
bool gate_take(struct gate *g, size_t place, size_t n);
void gate_give(struct gate *g, size_t place, size_t n);
/* The first of these places that no other process has, and in *ret_n how many such follow with it;
 * place + n if there is none. */
size_t gate_find(const struct gate *g, size_t place, size_t n, size_t *ret_n);

#endif
