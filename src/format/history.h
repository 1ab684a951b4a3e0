/* SPDX-License-Identifier: MIT
 *
 * The history on disk: .gangway/history.db, an SQLite file in WAL mode, which several runs may
 * read and write at once.  It is an aid: whoever calls goes on without it where it cannot be read
 * or written, and a file that is damaged or not ours is moved aside (FILE.damaged-N) with a
 * warning.
 *
 *   table test     id, mean_us, nruns, nflakes, peak_bytes, seen_s, outcomes
 *   table target   name, start_us
 *
 * application_id tells our files, user_version their form; NULL is TIME_UNKNOWN.  To change the
 * form: raise HISTORY_VERSION and bring old files up to date where the tables are made.
 */
#ifndef GW_FORMAT_HISTORY_H
#define GW_FORMAT_HISTORY_H

#include "model/history.h"

struct buf;
struct err;

enum { HISTORY_VERSION = 1, HISTORY_APPLICATION = 0x47574859 /* "GWHY" */ };

/* What to do at the file. */
struct history_file {
	const char *path;
	struct buf *warning; /* a line is appended where a file was moved aside */
};

/*
 * Add what is known of these tests to *ret, or of all that it knows (ids NULL), and every target.
 * Without a file nothing is known, and none is made.
 */
int history_load(const struct history_file *f, const char *const *ids, size_t n,
		 struct history *ret, struct err *reterr);

/* What a run saw; its tests and the starts of its targets. */
struct history_run {
	const struct history_seen *seen;
	size_t nseen;
	const struct history_target *targets;
	size_t ntargets;
	uint64_t now_s;
};

/* Bring the file up to date in one transaction; it is made if need be, its folder must exist. */
int history_save(const struct history_file *f, const struct history_run *run, struct err *reterr);

/* Put the means of *h in the place of those in the file, which else stays as it is. */
int history_import(const struct history_file *f, const struct history *h, struct err *reterr);

#endif
