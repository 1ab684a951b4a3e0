/* SPDX-License-Identifier: MIT */
#include "stage/cov_diff.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/quote.h"
#include "format/unidiff.h"
#include "model/cov.h"
#include "sys/fs.h"
#include "sys/proc.h"

struct range {
	uint32_t first, last;
};

struct changed {
	struct range *ranges; /* ascending */
	size_t n, cap;
	bool is_whole; /* all of it is new */
};

struct diff {
	struct arena mem;
	const char *top;  /* of the working tree, without symbolic links */
	const char *root; /* the rootdir, likewise */
	struct map known; /* name in the report: index into files */
	struct changed *files;
	size_t n, cap;
	struct changed *now; /* that the lines are of */
};

/* --- what git says -------------------------------------------------------------------------- */

/* What of git's own words says why; "" where there are none. */
static void add_reason(const struct buf *said, struct buf *out)
{
	size_t len = strcspn(said->s, "\n");

	if (len == 0)
		return;
	buf_addstr(out, ": ");
	quote_display(out, said->s, len);
}

/* Its settings are the user's: what would change a diff is overruled. */
static int git(const char *dir, const char *const *words, struct buf *out, const char *what,
	       struct err *reterr)
{
	enum { OUTPUT_MAX_BYTES = 1 << 30, WORDS_MAX = 24 };
	static const char *const settings[] = { "git",
						"--no-pager",
						"--no-optional-locks",
						"--literal-pathspecs",
						"-c",
						"core.quotePath=false",
						"-c",
						"diff.relative=false" };
	const char *argv[WORDS_MAX + 1] = { 0 };
	size_t n = 0;

	for (; n < ARRAY_SIZE(settings); n++)
		argv[n] = settings[n];
	for (; *words && n < WORDS_MAX; words++)
		argv[n++] = *words;
	const struct proc_spec spec = { .argv = argv, .workdir = dir, .grace_us = 1000000 };
	struct buf said = BUF_INIT, why = BUF_INIT;
	struct proc_end end = { 0 };
	int status = proc_capture(&spec, TIME_UNKNOWN, OUTPUT_MAX_BYTES, out, &said, &end, reterr);

	if (status == 0 && end.exit_code != 0) {
		add_reason(&said, &why);
		status = err_set(reterr, ERR_MISSING, dir, 0, "'--cov-diff': %s%s", what, why.s);
	}
	buf_release(&said);
	buf_release(&why);
	return status;
}

static void cut_newline(struct buf *b)
{
	if (b->len > 0 && b->s[b->len - 1] == '\n')
		buf_truncate(b, b->len - 1);
}

static const char *real_path(struct arena *mem, const char *path)
{
	char *real = realpath(path, NULL);
	const char *ret = arena_strdup(mem, real ? real : path);

	free(real);
	return ret;
}

static int find_tree(struct diff *d, const char *rootdir, struct err *reterr)
{
	static const char *const words[] = { "rev-parse", "--show-toplevel", NULL };
	struct buf out = BUF_INIT;
	int status = git(rootdir, words, &out, "this is no working tree of git", reterr);

	cut_newline(&out);
	if (status == 0 && out.s[0] != '/')
		status = err_set(reterr, ERR_MISSING, rootdir, 0,
				 "'--cov-diff': this is no working tree of git");
	d->root = real_path(&d->mem, rootdir);
	d->top = real_path(&d->mem, out.s);
	buf_release(&out);
	return status;
}

/* The commit's own name, which is no option and no range, whatever `rev` is. */
static int find_commit(const struct diff *d, const char *rev, struct buf *out, struct err *reterr)
{
	struct buf wanted = BUF_INIT;
	struct err e = { 0 };
	int status = 0;

	buf_addf(&wanted, "%s^{commit}", rev);
	const char *const words[] = {
		"rev-parse", "--verify", "--quiet", "--end-of-options", wanted.s, NULL,
	};

	if (*rev && *rev != '-')
		status = git(d->top, words, out, "", &e);
	cut_newline(out);
	if (status < 0 && e.code != ERR_MISSING) {
		if (reterr)
			*reterr = e;
	} else if (status < 0 || out->len == 0 || strspn(out->s, "0123456789abcdef") != out->len) {
		struct buf shown = BUF_INIT;

		quote_display(&shown, rev, strlen(rev));
		status = err_set(reterr, ERR_USAGE, NULL, 0,
				 "'%s' is no value for '--cov-diff'; accepted: a commit that git "
				 "knows in '%s' (a shallow clone has few)",
				 shown.s, d->top);
		buf_release(&shown);
	}
	buf_release(&wanted);
	return status;
}

/* --- what changed --------------------------------------------------------------------------- */

/* The file of that name below the top of the tree. */
static struct changed *changed_file(struct diff *d, const char *path)
{
	const char *whole = fs_join(&d->mem, d->top, path);
	size_t len = strlen(d->root);
	bool is_below = strncmp(whole, d->root, len) == 0 && whole[len] == '/';
	const char *name = is_below ? whole + len + 1 : whole;
	size_t i = d->n;

	if (!map_get(&d->known, name, strlen(name), &i)) {
		GROW(d->files, d->n, d->cap);
		d->files[d->n++] = (struct changed){ 0 };
		map_put(&d->known, name, strlen(name), i);
	}
	return &d->files[i];
}

static void on_file(void *ctx, const char *path, size_t len)
{
	struct diff *d = ctx;

	(void)len; /* it has no NUL in it */
	d->now = changed_file(d, path);
}

static void on_lines(void *ctx, uint32_t first, uint32_t last)
{
	struct changed *c = ((struct diff *)ctx)->now;

	GROW(c->ranges, c->n, c->cap);
	c->ranges[c->n++] = (struct range){ first, last };
}

static int read_diff(struct diff *d, const char *commit, struct err *reterr)
{
	const char *const words[] = {
		"diff",
		"--unified=0",
		"--no-color",
		"--no-ext-diff",
		"--no-textconv",
		"--no-renames",
		"--src-prefix=a/",
		"--dst-prefix=b/",
		"--submodule=short",
		commit,
		"--",
		NULL,
	};
	const struct unidiff_hooks hooks = { .ctx = d, .file = on_file, .lines = on_lines };
	struct buf out = BUF_INIT;
	int status = git(d->top, words, &out, "git cannot tell what changed", reterr);

	if (status == 0)
		status = unidiff_read("git diff", out.s, out.len, &hooks, reterr);
	buf_release(&out);
	return status;
}

static int read_untracked(struct diff *d, struct err *reterr)
{
	static const char *const words[] = {
		"ls-files", "--others", "--exclude-standard", "-z", NULL,
	};
	struct buf out = BUF_INIT;
	int status = git(d->top, words, &out, "git cannot tell what is new", reterr);

	for (size_t at = 0; status == 0 && at < out.len; at += strlen(out.s + at) + 1)
		changed_file(d, out.s + at)->is_whole = true;
	buf_release(&out);
	return status;
}

/* --- what stays ----------------------------------------------------------------------------- */

static const struct changed *find_changed(const struct diff *d, const char *path)
{
	struct arena mem = { 0 };
	const char *name = *path == '/' ? real_path(&mem, path) : path;
	size_t len = strlen(d->root);
	size_t i = 0;

	if (*name == '/' && strncmp(name, d->root, len) == 0 && name[len] == '/')
		name += len + 1;
	bool is = map_get(&d->known, name, strlen(name), &i);

	arena_release(&mem);
	return is ? &d->files[i] : NULL;
}

/* Is a line from first to last among the changed ones? */
static bool touches(const struct changed *c, uint32_t first, uint32_t last)
{
	size_t low = 0;
	size_t high = c->n;

	while (low < high) { /* the first range that does not end before */
		size_t mid = low + (high - low) / 2;

		if (c->ranges[mid].last < first)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->n && c->ranges[low].first <= last;
}

/* Of the functions from `i` on that begin on one line, the last line; *ret_next: behind them. */
static uint32_t end_of(const struct cov_file *f, size_t i, size_t *ret_next)
{
	uint32_t start = f->functions[i].start_line;
	uint32_t end = 0;

	for (; i < f->nfunctions && f->functions[i].start_line == start; i++) {
		if (f->functions[i].end_line > end)
			end = f->functions[i].end_line;
	}
	*ret_next = i;
	if (end > 0)
		return end;
	/* nobody knows: that before the next one */
	return i < f->nfunctions ? f->functions[i].start_line - 1 : f->max_line;
}

/* Those in a row go at once: each going costs a look at all. */
static void keep_functions(const struct changed *c, struct cov_file *f)
{
	struct range *gone = xcalloc(f->nfunctions + 1, sizeof *gone);
	size_t n = 0;
	bool is_row = false;

	for (size_t i = 0, next = 0; i < f->nfunctions; i = next) {
		uint32_t start = f->functions[i].start_line;
		uint32_t end = end_of(f, i, &next);

		if (touches(c, start, end)) {
			is_row = false;
			continue;
		}
		if (!is_row)
			gone[n++].first = start;
		gone[n - 1].last = start;
		is_row = true;
	}
	while (n-- > 0)
		cov_erase_functions(f, gone[n].first, gone[n].last);
	free(gone);
}

static void keep_changed(const struct changed *c, struct cov_file *f)
{
	if (c->is_whole)
		return;
	keep_functions(c, f);
	for (uint32_t n = cov_next(f, 1); n; n = cov_next(f, n + 1)) {
		if (!touches(c, n, n))
			cov_erase(f, n);
	}
}

static bool is_left(void *ctx, const struct cov_file *f)
{
	return find_changed(ctx, f->path) && cov_next(f, 1) > 0;
}

int cov_diff_check(const char *rev, const char *rootdir, struct err *reterr)
{
	struct diff d = { 0 };
	struct buf commit = BUF_INIT;
	int status = find_tree(&d, rootdir, reterr);

	if (status == 0)
		status = find_commit(&d, rev, &commit, reterr);
	buf_release(&commit);
	arena_release(&d.mem);
	return status;
}

int cov_diff_apply(const char *rev, const char *rootdir, struct cov *cov, struct err *reterr)
{
	struct diff d = { 0 };
	struct buf commit = BUF_INIT;
	int status = find_tree(&d, rootdir, reterr);

	if (status == 0)
		status = find_commit(&d, rev, &commit, reterr);
	if (status == 0)
		status = read_diff(&d, commit.s, reterr);
	if (status == 0)
		status = read_untracked(&d, reterr);
	if (status == 0) {
		cov_sort(cov); /* functions by line */
		for (size_t i = 0; i < cov->nfiles; i++) {
			const struct changed *c = find_changed(&d, cov->files[i]->path);

			if (c)
				keep_changed(c, cov->files[i]);
		}
		cov_drop(cov, is_left, &d);
	}
	for (size_t i = 0; i < d.n; i++)
		free(d.files[i].ranges);
	free(d.files);
	map_release(&d.known);
	buf_release(&commit);
	arena_release(&d.mem);
	return status;
}
