/* SPDX-License-Identifier: MIT
 *
 * A worker is the grandchild of a job engine, which is a child of the gangway that began the run.
 * Where that gangway is killed with SIGKILL, nobody tells the worker: it looks.  Without its
 * engine a worker goes on.
 */
#ifndef GW_CLI_ORPHAN_H
#define GW_CLI_ORPHAN_H

/* Before the engine starts: workers below belong to this process.  orphan_disown() after it. */
void orphan_own(void);
void orphan_disown(void);

/*
 * In a worker, early.  One that no gangway started (by hand, by a graph) is never an orphan.
 * rundir: what its gangway holds (fs_hold_dir) for as long as it lives, and must outlive us.
 */
void orphan_watch(const char *rundir);
/* As signals_wanted(), and SIGTERM for an orphan. */
int orphan_or_signal(void *unused);

#endif
