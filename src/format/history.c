/* SPDX-License-Identifier: MIT
 *
 * The only file that knows SQLite.
 *
 * A small run must not wait for a disk: a commit goes to the write-ahead log without fsync (its
 * frames have checksums, so a log that a power failure cut is read up to there), and the log is
 * carried over to the file only every CHECKPOINT_PAGES.  Closing would do that each time, so it is
 * switched off.
 */
#include "format/history.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

enum { BUSY_MS = 5000, CHECKPOINT_PAGES = 100, MOVES_MAX = 1000, MANY_ROWS = 1000 };

/* How a piece of work at the file ends. */
enum work_end {
	WORK_DONE,
	WORK_FAILED, /* *reterr says why */
	WORK_DAMAGED /* the file is no history, or not any more; so does *reterr */
};

struct work {
	sqlite3 *db;
	const char *path;
	struct err *reterr;
};

static enum work_end fail(const struct work *w)
{
	int code = w->db ? sqlite3_errcode(w->db) : SQLITE_NOMEM;

	err_set(w->reterr, ERR_SYSTEM, w->path, 0, "%s",
		w->db ? sqlite3_errmsg(w->db) : "out of memory");
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? WORK_DAMAGED : WORK_FAILED;
}

static enum work_end sql(const struct work *w, const char *text)
{
	return sqlite3_exec(w->db, text, NULL, NULL, NULL) == SQLITE_OK ? WORK_DONE : fail(w);
}

static enum work_end pragma(const struct work *w, const char *text, int64_t *ret)
{
	sqlite3_stmt *s = NULL;
	enum work_end end = WORK_DONE;

	*ret = 0;
	if (sqlite3_prepare_v2(w->db, text, -1, &s, NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW)
		end = fail(w);
	else
		*ret = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return end;
}

/* --- open ----------------------------------------------------------------------------------- */

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS test(id TEXT PRIMARY KEY NOT NULL, mean_us INTEGER,"
	" nruns INTEGER NOT NULL, nflakes INTEGER NOT NULL, peak_bytes INTEGER,"
	" seen_s INTEGER NOT NULL, outcomes TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS target(name TEXT PRIMARY KEY NOT NULL,"
	" start_us INTEGER NOT NULL) WITHOUT ROWID;";

/* A new file beside its place, in WAL mode, closed.  Nothing is in it that a power failure could
 * cost. */
static enum work_end make_file(struct work *w)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	struct buf text = BUF_INIT;

	buf_addf(&text,
		 "PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL; BEGIN IMMEDIATE; %s"
		 "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
		 tables, (int)HISTORY_APPLICATION, (int)HISTORY_VERSION);
	enum work_end end = sqlite3_open_v2(w->path, &w->db, flags, NULL) == SQLITE_OK
				    ? sql(w, text.s)
				    : fail(w);

	buf_release(&text);
	if (sqlite3_close(w->db) != SQLITE_OK && end == WORK_DONE)
		end = fail(w);
	w->db = NULL;
	return end;
}

/* One at a time makes files or moves them aside; where the file system has no locks, hope. */
static int lock_folder(const char *path)
{
	struct buf folder = BUF_INIT;
	const char *slash = strrchr(path, '/');

	buf_add(&folder, path, slash ? (size_t)(slash - path) + 1 : 0);
	int fd = open(slash ? folder.s : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	buf_release(&folder);
	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

static void unlock_folder(int fd)
{
	if (fd >= 0)
		close(fd); /* and with it the lock goes */
}

static void remove_parts(const char *path)
{
	static const char *const parts[] = { "-wal", "-shm" };
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		buf_clear(&name);
		buf_addf(&name, "%s%s", path, parts[i]);
		unlink(name.s); /* mostly there is none */
	}
	buf_release(&name);
}

/* The file appears whole.  The log of one that somebody removed must not be taken for its own. */
static enum work_end create_file(const char *path, struct err *reterr)
{
	struct buf name = BUF_INIT;
	enum work_end end = WORK_DONE;
	int lock = lock_folder(path);

	buf_addf(&name, "%s.new-%ld", path, (long)getpid());
	struct work w = { .path = name.s, .reterr = reterr };

	if (access(path, F_OK) != 0) {
		end = make_file(&w);
		remove_parts(path);
		if (end == WORK_DONE && rename(name.s, path) != 0) {
			err_sys(reterr, path, "cannot make");
			end = WORK_FAILED;
		}
		if (end != WORK_DONE) {
			unlink(name.s);
			remove_parts(name.s);
			end = WORK_FAILED;
		}
	}
	unlock_folder(lock);
	buf_release(&name);
	return end;
}

static enum work_end check_form(const struct work *w)
{
	int64_t application = 0;
	int64_t version = 0;
	enum work_end end = pragma(w, "PRAGMA application_id", &application);

	if (end == WORK_DONE)
		end = pragma(w, "PRAGMA user_version", &version);
	if (end != WORK_DONE)
		return end;
	if (application != HISTORY_APPLICATION || version < 1) {
		err_set(w->reterr, ERR_SYNTAX, w->path, 0, "not a history of gangway");
		return WORK_DAMAGED;
	}
	if (version > HISTORY_VERSION) {
		err_set(w->reterr, ERR_UNSUPPORTED, w->path, 0,
			"history of version %lld, this program reads %d", (long long)version,
			(int)HISTORY_VERSION);
		return WORK_FAILED;
	}
	return WORK_DONE;
}

static enum work_end open_file(struct work *w)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;

	if (sqlite3_open_v2(w->path, &w->db, flags, NULL) != SQLITE_OK)
		return fail(w);
	sqlite3_busy_timeout(w->db, BUSY_MS);
	sqlite3_db_config(w->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_wal_autocheckpoint(w->db, CHECKPOINT_PAGES);
	enum work_end end = check_form(w);

	return end == WORK_DONE ? sql(w, "PRAGMA synchronous=NORMAL") : end;
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* The file with its log and index, to a name that is free. */
static int move_parts(const struct history_file *f, const struct err *why, struct err *reterr)
{
	static const char *const parts[] = { "-wal", "-shm", "" };
	struct buf to = BUF_INIT;
	struct buf from = BUF_INIT;
	int status = 0;

	for (int i = 1; i < MOVES_MAX; i++) {
		buf_clear(&to);
		buf_addf(&to, "%s.damaged-%d", f->path, i);
		if (access(to.s, F_OK) != 0)
			break;
	}
	size_t len = to.len;

	for (size_t i = 0; i < ARRAY_SIZE(parts) && status == 0; i++) {
		buf_truncate(&to, len);
		buf_addstr(&to, parts[i]);
		buf_clear(&from);
		buf_addf(&from, "%s%s", f->path, parts[i]);
		/* of the log and the index there may be none */
		if (rename(from.s, to.s) != 0 && errno != ENOENT)
			status = err_sys(reterr, from.s, "cannot move aside");
	}
	if (status == 0 && f->warning)
		buf_addf(f->warning, "%s: %s; moved to %s", f->path, why->msg, to.s);
	buf_release(&to);
	buf_release(&from);
	return status;
}

/* Unless another run did so meanwhile. */
static int move_aside(const struct history_file *f, uint64_t inode, const struct err *why,
		      struct err *reterr)
{
	int lock = lock_folder(f->path);
	int status = inode_of(f->path) == inode ? move_parts(f, why, reterr) : 0;

	unlock_folder(lock);
	return status;
}

/* Open, do the work, close; once more with a new file where the old one is damaged. */
static int at_file(const struct history_file *f, enum work_end (*call)(struct work *w, void *ctx),
		   void *ctx, struct err *reterr)
{
	struct err why = { 0 };
	enum work_end end = WORK_DAMAGED;

	for (int tries = 0; tries < 2 && end == WORK_DAMAGED; tries++) {
		struct work w = { .path = f->path, .reterr = &why };
		uint64_t inode = inode_of(f->path);

		end = inode ? WORK_DONE : create_file(f->path, &why);
		if (end == WORK_DONE)
			end = open_file(&w);
		if (end == WORK_DONE)
			end = call(&w, ctx);
		sqlite3_close(w.db); /* what was not committed is rolled back */
		if (end == WORK_DAMAGED && inode && move_aside(f, inode, &why, reterr) < 0)
			return -1;
	}
	if (end == WORK_DONE)
		return 0;
	if (reterr)
		*reterr = why;
	return -1;
}

/* --- rows ----------------------------------------------------------------------------------- */

static uint64_t column_uint(sqlite3_stmt *s, int i)
{
	int64_t n = sqlite3_column_int64(s, i);

	if (sqlite3_column_type(s, i) == SQLITE_NULL || n < 0)
		return TIME_UNKNOWN;
	return (uint64_t)n;
}

/* A count or a date, where unknown means none. */
static uint64_t column_count(sqlite3_stmt *s, int i)
{
	uint64_t n = column_uint(s, i);

	return n == TIME_UNKNOWN ? 0 : n;
}

static const char *column_text(sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);

	return text ? text : "";
}

static void bind_uint(sqlite3_stmt *s, int i, uint64_t n)
{
	if (n > INT64_MAX)
		sqlite3_bind_null(s, i);
	else
		sqlite3_bind_int64(s, i, (int64_t)n);
}

/* The text must live until the statement is reset. */
static void bind_text(sqlite3_stmt *s, int i, const char *text)
{
	sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
}

#define TEST_COLUMNS "id, mean_us, nruns, nflakes, peak_bytes, seen_s, outcomes"

/* The id points into the row. */
static struct history_test read_test(sqlite3_stmt *s)
{
	struct history_test t = history_blank(column_text(s, 0));

	t.mean_us = column_uint(s, 1);
	t.nruns = column_count(s, 2);
	t.nflakes = column_count(s, 3);
	t.peak_bytes = column_uint(s, 4);
	t.seen_s = column_count(s, 5);
	snprintf(t.outcomes, sizeof t.outcomes, "%s", column_text(s, 6));
	return t;
}

static enum work_end prepare(const struct work *w, const char *text, sqlite3_stmt **ret)
{
	return sqlite3_prepare_v2(w->db, text, -1, ret, NULL) == SQLITE_OK ? WORK_DONE : fail(w);
}

/* --- load ----------------------------------------------------------------------------------- */

struct loading {
	const char *const *ids;
	size_t n;
	struct history *ret;
};

static enum work_end load_all(const struct work *w, struct history *ret)
{
	sqlite3_stmt *s = NULL;
	enum work_end end = prepare(w, "SELECT " TEST_COLUMNS " FROM test", &s);
	int step = SQLITE_DONE;

	while (end == WORK_DONE && (step = sqlite3_step(s)) == SQLITE_ROW) {
		const struct history_test t = read_test(s);

		history_add_test(ret, &t);
	}
	if (end == WORK_DONE && step != SQLITE_DONE)
		end = fail(w);
	sqlite3_finalize(s);
	return end;
}

static enum work_end find_test(const struct work *w, sqlite3_stmt *find, struct history_test *t,
			       bool *is_there)
{
	const char *id = t->id;

	bind_text(find, 1, id);
	int step = sqlite3_step(find);

	*is_there = step == SQLITE_ROW;
	if (*is_there)
		*t = read_test(find);
	t->id = id;
	enum work_end end = *is_there || step == SQLITE_DONE ? WORK_DONE : fail(w);

	sqlite3_reset(find); /* says again what step said */
	return end;
}

static const char find_text[] = "SELECT " TEST_COLUMNS " FROM test WHERE id=?";

static enum work_end load_some(const struct work *w, const struct loading *l)
{
	sqlite3_stmt *find = NULL;
	enum work_end end = prepare(w, find_text, &find);

	for (size_t i = 0; i < l->n && end == WORK_DONE; i++) {
		struct history_test t = history_blank(l->ids[i]);
		bool is_there = false;

		end = find_test(w, find, &t, &is_there);
		if (is_there)
			history_add_test(l->ret, &t);
	}
	sqlite3_finalize(find);
	return end;
}

static enum work_end load(struct work *w, void *ctx)
{
	const struct loading *l = ctx;
	sqlite3_stmt *s = NULL;
	int step = SQLITE_DONE;
	/* a reader must see one state of the file */
	enum work_end end = sql(w, "BEGIN");

	if (end == WORK_DONE)
		end = l->ids ? load_some(w, l) : load_all(w, l->ret);
	if (end == WORK_DONE)
		end = prepare(w, "SELECT name, start_us FROM target", &s);
	while (end == WORK_DONE && (step = sqlite3_step(s)) == SQLITE_ROW)
		history_add_target(l->ret, column_text(s, 0), column_uint(s, 1));
	if (end == WORK_DONE && step != SQLITE_DONE)
		end = fail(w);
	sqlite3_finalize(s);
	return end;
}

int history_load(const struct history_file *f, const char *const *ids, size_t n,
		 struct history *ret, struct err *reterr)
{
	struct loading l = { ids, n, ret };

	if (access(f->path, F_OK) != 0)
		return 0;
	return at_file(f, load, &l, reterr);
}

/* --- save ----------------------------------------------------------------------------------- */

static enum work_end put_test(const struct work *w, sqlite3_stmt *put, const struct history_test *t)
{
	bind_text(put, 1, t->id);
	bind_uint(put, 2, t->mean_us);
	bind_uint(put, 3, t->nruns);
	bind_uint(put, 4, t->nflakes);
	bind_uint(put, 5, t->peak_bytes);
	bind_uint(put, 6, t->seen_s);
	bind_text(put, 7, t->outcomes);
	enum work_end end = sqlite3_step(put) == SQLITE_DONE ? WORK_DONE : fail(w);

	sqlite3_reset(put); /* says again what step said */
	return end;
}

/* Both statements that a change of many tests needs. */
struct changing {
	sqlite3_stmt *find, *put;
};

static enum work_end begin_change(const struct work *w, struct changing *ret)
{
	enum work_end end = sql(w, "BEGIN IMMEDIATE");

	*ret = (struct changing){ 0 };
	if (end == WORK_DONE)
		end = prepare(w, find_text, &ret->find);
	if (end == WORK_DONE)
		end = prepare(w,
			      "INSERT OR REPLACE INTO test(" TEST_COLUMNS
			      ") VALUES(?, ?, ?, ?, ?, ?, ?)",
			      &ret->put);
	return end;
}

static enum work_end end_change(const struct work *w, struct changing *c, size_t nrows,
				enum work_end end)
{
	sqlite3_finalize(c->find);
	sqlite3_finalize(c->put);
	/* a long log would have to be read by the next run, which may be short */
	if (nrows > MANY_ROWS)
		sqlite3_db_config(w->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return end == WORK_DONE ? sql(w, "COMMIT") : end;
}

static enum work_end put_target(const struct work *w, const struct history_target *t)
{
	sqlite3_stmt *s = NULL;
	enum work_end end = prepare(
		w, "INSERT INTO target VALUES(?1, ?2) ON CONFLICT DO UPDATE SET start_us=?2", &s);

	if (end == WORK_DONE) {
		bind_text(s, 1, t->name);
		bind_uint(s, 2, t->start_us);
		if (sqlite3_step(s) != SQLITE_DONE)
			end = fail(w);
	}
	sqlite3_finalize(s);
	return end;
}

static enum work_end save(struct work *w, void *ctx)
{
	const struct history_run *run = ctx;
	struct changing c = { 0 };
	enum work_end end = begin_change(w, &c);

	for (size_t i = 0; i < run->nseen && end == WORK_DONE; i++) {
		const struct history_seen *seen = &run->seen[i];
		struct history_test t = history_blank(seen->id);
		bool is_there = false;

		if (seen->outcome == OUTCOME_NOTRUN)
			continue;
		/* what another run wrote meanwhile counts */
		end = find_test(w, c.find, &t, &is_there);
		history_observe(&t, seen, run->now_s);
		if (end == WORK_DONE)
			end = put_test(w, c.put, &t);
	}
	for (size_t i = 0; i < run->ntargets && end == WORK_DONE; i++)
		end = put_target(w, &run->targets[i]);
	return end_change(w, &c, run->nseen, end);
}

int history_save(const struct history_file *f, const struct history_run *run, struct err *reterr)
{
	return at_file(f, save, (void *)run, reterr);
}

static enum work_end import(struct work *w, void *ctx)
{
	const struct history *h = ctx;
	struct changing c = { 0 };
	enum work_end end = begin_change(w, &c);

	for (size_t i = 0; i < h->ntests && end == WORK_DONE; i++) {
		struct history_test t = history_blank(h->tests[i].id);
		bool is_there = false;

		end = find_test(w, c.find, &t, &is_there);
		t.mean_us = h->tests[i].mean_us;
		if (end == WORK_DONE)
			end = put_test(w, c.put, &t);
	}
	for (size_t i = 0; i < h->ntargets && end == WORK_DONE; i++)
		end = put_target(w, &h->targets[i]);
	return end_change(w, &c, h->ntests, end);
}

int history_import(const struct history_file *f, const struct history *h, struct err *reterr)
{
	return at_file(f, import, (void *)h, reterr);
}
