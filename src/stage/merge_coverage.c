/* SPDX-License-Identifier: MIT */
#include "stage/merge_coverage.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/cov_read.h"
#include "format/covsniff.h"
#include "format/gz.h"
#include "model/cov.h"
#include "stage/merge_inputs.h"

enum {
	READ_BYTES = 256 * 1024,
	/* What was written by a tool shrinks 20 to 100 times; only a bomb shrinks further, and a small
	 * one does no harm. */
	BOMB_BYTES = 16 * 1024 * 1024,
	BOMB_RATIO = 120,
};

/* One file on its way into memory. */
struct loading {
	const char *path;
	struct buf bytes; /* inflated */
	uint64_t nraw;    /* as they are in the file */
	bool is_gzip;
	bool is_known; /* format is */
	enum cov_format format;
};

/* Look at it as soon as there is enough of it: no more is read of what is something else. */
static int recognise(struct loading *l, struct err *reterr)
{
	l->is_known = true;
	l->format = cov_sniff(l->bytes.s, l->bytes.len);
	if (l->format == COV_FORMAT_UNKNOWN || l->format == COV_FORMAT_GZIP ||
	    l->format == COV_FORMAT_GCOV)
		return cov_read(l->format, l->path, NULL, 0, NULL, NULL, reterr);
	return 0;
}

/* So many bytes more are behind the text. */
static int note_growth(struct loading *l, size_t len, struct err *reterr)
{
	if (len > MERGE_COVERAGE_MAX_BYTES - l->bytes.len)
		return err_set(reterr, ERR_LIMIT, l->path, 0, "larger than the limit of %llu bytes",
			       (unsigned long long)MERGE_COVERAGE_MAX_BYTES);
	l->bytes.len += len;
	l->bytes.s[l->bytes.len] = '\0';
	if (l->is_gzip && l->bytes.len > BOMB_BYTES && l->bytes.len / BOMB_RATIO > l->nraw)
		return err_set(reterr, ERR_LIMIT, l->path, 0,
			       "inflates to more than %d times its size", BOMB_RATIO);
	if (!l->is_known && l->bytes.len >= COV_SNIFF_BYTES)
		return recognise(l, reterr);
	return 0;
}

static int keep(void *ctx, const char *s, size_t len, struct err *reterr)
{
	struct loading *l = ctx;

	buf_reserve(&l->bytes, len);
	memcpy(l->bytes.s + l->bytes.len, s, len);
	return note_growth(l, len, reterr);
}

static ssize_t read_some(int fd, char *bytes, size_t len)
{
	ssize_t n = 0;

	do {
		n = read(fd, bytes, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* The rest of a file that is not compressed, straight to where it stays. */
static int load_plain(struct loading *l, int fd, struct err *reterr)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > (off_t)l->bytes.len &&
	    (uint64_t)st.st_size <= MERGE_COVERAGE_MAX_BYTES)
		buf_reserve(&l->bytes, (size_t)st.st_size - l->bytes.len + READ_BYTES);
	for (;;) {
		buf_reserve(&l->bytes, READ_BYTES);
		ssize_t n = read_some(fd, l->bytes.s + l->bytes.len, READ_BYTES);

		if (n < 0)
			return err_sys(reterr, l->path, "cannot read");
		if (n == 0)
			return 0;
		if (note_growth(l, (size_t)n, reterr) < 0)
			return -1;
	}
}

static int load_gzip(struct loading *l, int fd, char *bytes, size_t len, struct err *reterr)
{
	const struct gz_sink sink = { l, keep };
	struct gz *gz = gz_new(l->path, &sink, MERGE_COVERAGE_MAX_BYTES);
	ssize_t n = (ssize_t)len;
	int status = 0;

	while (status == 0 && n > 0) {
		l->nraw += (uint64_t)n;
		status = gz_feed(gz, bytes, (size_t)n, reterr);
		n = status == 0 ? read_some(fd, bytes, READ_BYTES) : 0;
		if (n < 0)
			status = err_sys(reterr, l->path, "cannot read");
	}
	if (status == 0)
		status = gz_finish(gz, reterr);
	gz_free(gz);
	return status;
}

static int load_stream(struct loading *l, int fd, struct err *reterr)
{
	char *bytes = xcalloc(READ_BYTES, 1);
	ssize_t n = read_some(fd, bytes, READ_BYTES);
	int status = 0;

	if (n < 0)
		status = err_sys(reterr, l->path, "cannot read");
	l->is_gzip = n > 0 && cov_sniff(bytes, (size_t)n) == COV_FORMAT_GZIP;
	if (l->is_gzip)
		status = load_gzip(l, fd, bytes, (size_t)n, reterr);
	else if (n > 0)
		status = keep(l, bytes, (size_t)n, reterr);
	if (status == 0 && n > 0 && !l->is_gzip)
		status = load_plain(l, fd, reterr);
	if (status == 0 && !l->is_known)
		status = recognise(l, reterr);
	if (status < 0 && !l->is_known && l->bytes.len > 0) {
		l->is_known = true; /* what came before the damage tells whether that matters */
		l->format = cov_sniff(l->bytes.s, l->bytes.len);
	}
	free(bytes);
	return status;
}

static int load(struct loading *l, struct err *reterr)
{
	bool is_stdin = strcmp(l->path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(l->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(reterr, ERR_MISSING, l->path, 0, "no such file");
	if (fd < 0)
		return err_sys(reterr, l->path, "cannot open");
	int status = load_stream(l, fd, reterr);

	if (!is_stdin)
		close(fd); /* only read from */
	return status;
}

struct merging {
	const struct merge_coverage_options *o;
	struct cov *c;
	struct err *reterr;
	bool has_damage;
	size_t nread;
	struct buf bytes;      /* of one input after the other */
	const char **counters; /* paths of .gcno and .gcda in folders */
	size_t ncounters, cap_counters;
};

static void note_damage(struct merging *m, const struct err *e)
{
	if (m->reterr && !m->has_damage)
		*m->reterr = *e;
	else if (e->line > 0) /* all are named, one is the result */
		cov_warn(m->c, e->path, "line %u: %s", e->line, e->msg);
	else
		cov_warn(m->c, e->path, "%s", e->msg);
	m->has_damage = true;
}

static void read_input(struct merging *m, const struct merge_input *f)
{
	struct loading l = { .path = f->path, .bytes = m->bytes };
	struct err e = { 0 };
	int status = load(&l, &e);

	if (status == 0) {
		m->c->origin = f->path;
		status = cov_read(l.format, f->path, l.bytes.s, l.bytes.len, m->o->read, m->c, &e);
		m->nread++;
	}
	bool is_other = status < 0 && f->is_found && l.is_known;

	if (is_other && l.format == COV_FORMAT_GCOV) {
		GROW(m->counters, m->ncounters, m->cap_counters);
		m->counters[m->ncounters++] = f->path;
	} else if (is_other && l.format == COV_FORMAT_UNKNOWN) {
		; /* what else a folder has */
	} else if (is_other && e.code == ERR_UNSUPPORTED) {
		cov_warn(m->c, f->path, "%s", e.msg);
	} else if (status < 0) {
		note_damage(m, &e);
	}
	buf_clear(&l.bytes);
	m->bytes = l.bytes;
}

static bool has_counters(const struct merging *m, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	for (size_t i = 0; i < m->ncounters; i++) {
		if (strncmp(m->counters[i], dir, len) == 0 &&
		    (m->counters[i][len] == '/' || dir[len - 1] == '/'))
			return true;
	}
	return false;
}

static void gather_counters(struct merging *m, const char *const *paths, size_t npaths)
{
	for (size_t i = 0; i < npaths; i++) {
		struct err e = { 0 };

		if (!has_counters(m, paths[i]))
			continue;
		if (!m->o->gather) {
			cov_warn(m->c, paths[i],
				 "counters of programs (.gcda, .gcno) in this folder are not read: "
				 "gangway --cov does, where they are made");
			continue;
		}
		m->c->origin = paths[i];
		m->nread++;
		if (m->o->gather(m->o->gather_ctx, paths[i], m->c, &e) < 0)
			note_damage(m, &e);
	}
}

static bool is_any_name(const char *name)
{
	(void)name;
	return true;
}

int merge_coverage(const struct merge_coverage_options *o, const char *const *paths, size_t npaths,
		   struct cov *c, struct err *reterr)
{
	static const struct merge_inputs_kind kind = { is_any_name, "an empty folder" };
	struct merge_inputs in = { 0 };
	struct merging m = { .o = o, .c = c, .reterr = reterr, .bytes = BUF_INIT };
	uint64_t done = 0;

	m.has_damage =
		merge_inputs_find(&in, &kind, paths, npaths, o->out ? o->out : "-", reterr) < 0;
	for (size_t i = 0; i < in.nfiles; i++) {
		read_input(&m, &in.files[i]);
		done += in.files[i].size_bytes;
		if (o->progress)
			o->progress(o->ctx, done, in.total_bytes);
	}
	gather_counters(&m, paths, npaths);
	if (m.nread == 0 && !m.has_damage) {
		m.has_damage = true;
		err_set(reterr, ERR_MISSING, npaths > 0 ? paths[0] : NULL, 0,
			"no coverage in this folder");
	}
	c->origin = NULL; /* it is of *in.mem */
	free(m.counters);
	buf_release(&m.bytes);
	merge_inputs_release(&in);
	return m.has_damage ? -1 : 0;
}
