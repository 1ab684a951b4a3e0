/* SPDX-License-Identifier: MIT
 *
 * What a session knows of earlier runs: .gangway/history.db, and the file of --durations-file.
 * The first is an aid and never fails a run; the second was asked for and does.
 */
#ifndef GW_CLI_REMEMBER_H
#define GW_CLI_REMEMBER_H

struct buf;
struct arena;
struct err;
struct plan;
struct report;
struct session;
struct tests;

/* The database's path, in mem; NULL where none is to be used. */
const char *remember_path(const struct session *s, struct arena *mem);

int remember_read_durations(struct session *s, struct err *reterr);
/* Read what is known of the session's tests, once.  Not for a graph file, which is to be the same
 * wherever and whenever it is written. */
void remember_read(struct session *s);
/* What a run of these tests was like. */
void remember_write(const struct session *s, const struct tests *t, const struct report *r);

/* For schedule and select; ctx is the session. */
uint64_t remember_expected(void *ctx, const char *id);
uint64_t remember_start(void *ctx, const char *target);
bool remember_failed(void *ctx, const char *id);
/* The same from the durations file alone. */
uint64_t remember_expected_everywhere(void *ctx, const char *id);
uint64_t remember_start_everywhere(void *ctx, const char *target);
/* TIME_UNKNOWN */
uint64_t remember_peak_bytes(const struct session *s, const char *id);

/* "0.120 s expected, last outcomes ..F", or "" where nothing is known. */
void remember_describe(const struct session *s, const char *id, struct buf *out);

/* Lines for the report's header: what --lf or --ff found (as pytest says it), the shard, and with
 * -v where the number of workers comes from. */
void remember_notes(const struct session *s, const struct plan *p, struct buf *out);

#endif
