/* SPDX-License-Identifier: MIT
 *
 * notes.tsv in a lane's COV folder: what went wrong with its counters while tests ran.
 *
 *   cov-notes TAB 1
 *   k  test, signal            the test ran in a process that was killed before it could write
 *   t  path                    the counter file of the object with this path was torn by a kill;
 *                              it was set aside
 *
 * Lines are appended with one write() each; a last one without its newline does not count.
 */
#ifndef GW_FORMAT_COVNOTE_H
#define GW_FORMAT_COVNOTE_H

struct err;

struct covnote {
	uint32_t test;    /* NO_INDEX: it is of a torn file */
	unsigned signal;  /* that killed its process */
	const char *path; /* of the torn file, without the lane's folder; NULL */
};

int covnote_add(const char *path, const struct covnote *notes, size_t n, struct err *reterr);

/* A missing file has no notes.  Strings live until `on_note` returns. */
int covnote_read(const char *path, void (*on_note)(void *ctx, const struct covnote *note),
		 void *ctx, struct err *reterr);

#endif
