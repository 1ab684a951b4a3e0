/* SPDX-License-Identifier: MIT
 *
 * Signals to whole houses of processes: a process and all that descend from it, whatever group or
 * session they fled to.
 */
#ifndef GW_SYS_PROC_KILL_H
#define GW_SYS_PROC_KILL_H

#include <sys/types.h>

/* A child of ours that is to outlive what proc_run() runs, until it is let go; at most KEPT_MAX. */
enum { KEPT_MAX = 8 };
void proc_keep(pid_t pid);
void proc_let_go(pid_t pid);
bool proc_is_kept(pid_t pid);
/* Have we a child beside those? */
bool proc_has_others(void);

/* To all of our descendants, parents first. */
void proc_signal_descendants(int sig);
/* All of our descendants, parents first, but `first` and then its own before all others; how many
 * are in ret, at most max. */
size_t proc_list_descendants(pid_t first, pid_t *ret, size_t max);
/* SIGKILL to the group that `leader` leads and to every descendant of it; 0: to every descendant of
 * ours, but for who is kept. */
void proc_kill_house(pid_t leader);
/* SIGKILL to our children but the one and who is kept, with their houses; not to those that are this
 * program too: a worker whose parent was killed goes on. */
void proc_kill_orphans(pid_t but);

#endif
