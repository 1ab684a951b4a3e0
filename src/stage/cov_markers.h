/* SPDX-License-Identifier: MIT
 *
 * What do the sources themselves leave out?  Markers, in comments as a rule, in the words of lcov
 * and gcovr; LCOV_, GCOV_ and GCOVR_ mean the same:
 *   _EXCL_LINE                       this line is no code
 *   _EXCL_START ... _EXCL_STOP       nor are these: with the line of START, without that of STOP
 *   _EXCL_BR_LINE, _EXCL_BR_START ... _EXCL_BR_STOP
 *                                    lines without branches
 *   _EXCL_EXCEPTION_BR_LINE, _EXCL_EXCEPTION_BR_START ... _EXCL_EXCEPTION_BR_STOP
 *                                    the same
 *   _EXCL_FUNCTION                   the function that starts here, or that this line is in
 *   _UNREACHABLE_LINE, _UNREACHABLE_START ... _UNREACHABLE_STOP
 *                                    as _EXCL_, of lines that did not run; one that did stays, with a
 *                                    warning
 * A function whose first line is left out is left out.  A START without a STOP of the same prefix
 * leaves out nothing: forgetting one hides no file.  That, a STOP without a START, a START within,
 * and _EXCL_FUNCTION where no function is are warnings (cov_warn()), with the line; so is what is
 * known and not heeded, gcovr's _EXCL_BR_SOURCE, _EXCL_BR_DESTINATION and _EXCL_BR_WITHOUT_HIT.
 */
#ifndef GW_STAGE_COV_MARKERS_H
#define GW_STAGE_COV_MARKERS_H

struct cov;
struct cov_file;

struct cov_markers_options {
	const char *rootdir; /* absolute: relative names are below it */
	const char *const
		*roots; /* absolute: of files with absolute names only those below are read */
	size_t nroots;
};

/* Read every source of the model once.  One that is not there, no regular file, or to be had only
 * through a symbolic link below its root has no markers. */
void cov_markers_apply(const struct cov_markers_options *o, struct cov *cov);

/* The markers of one source, of which this is the text. */
void cov_markers_apply_text(const char *text, size_t len, struct cov *cov, struct cov_file *f);

#endif
