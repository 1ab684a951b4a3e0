/* SPDX-License-Identifier: MIT
 *
 * Of what changed since a revision of git, what did the tests run?  Of the model only those lines
 * stay that `git diff REV` shows as added or changed in the working tree as it is now, and functions
 * that have such a line between their first and their last.
 *
 * A file that git does not track and does not ignore is new, so all of it changed: left out, it
 * would look covered.  So is a file under a new name (renames are not followed).  Submodules are
 * not looked into.
 */
#ifndef GW_STAGE_COV_DIFF_H
#define GW_STAGE_COV_DIFF_H

struct cov;
struct err;

/* `rev` is one commit (a branch, a tag, HEAD~3), no range.  rootdir: absolute, in a working tree of
 * git; relative names of the model are below it.  ERR_USAGE: no such revision; ERR_MISSING: no git,
 * no working tree; the model is as it was then. */
int cov_diff_check(const char *rev, const char *rootdir, struct err *reterr); /* before long work */
int cov_diff_apply(const char *rev, const char *rootdir, struct cov *cov, struct err *reterr);

#endif
