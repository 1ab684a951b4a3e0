/* SPDX-License-Identifier: MIT
 *
 * The first page: a row for each folder and file, folders before what is in them.  A folder that
 * holds nothing but one other folder is one row with it.
 */
#include "base/alloc.h"
#include "base/version.h"
#include "format/covhtml.h"
#include "format/covhtml_parts.h"

/* A folder that the file at hand is in. */
struct folder {
	size_t len; /* of its path, with the slash */
	size_t end; /* the file behind its last one */
};

struct walk {
	struct cov_out *o;
	const struct covhtml *h;
	struct folder *folders; /* outermost first */
	size_t depth, cap;
};

static const char *path_of(const struct walk *w, size_t i)
{
	return w->h->cov->files[i]->path;
}

/* The file behind the last one that begins with the first `len` bytes of the i-th: paths are sorted,
 * so these stand together. */
static size_t end_of(const struct walk *w, size_t i, size_t len, size_t end)
{
	const char *path = path_of(w, i);
	size_t last = i;

	/* steps that double, then halves */
	for (size_t step = 1; last + step < end; step *= 2) {
		if (strncmp(path_of(w, last + step), path, len) != 0) {
			end = last + step;
			break;
		}
		last += step;
	}
	while (last + 1 < end) {
		size_t mid = last + (end - last) / 2;

		if (strncmp(path_of(w, mid), path, len) == 0)
			last = mid;
		else
			end = mid;
	}
	return end;
}

/* How much of two paths is folders of both. */
static size_t shared_len(const char *a, const char *b)
{
	size_t len = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++) {
		if (a[i] == '/')
			len = i + 1;
	}
	return len;
}

static void put_row_class(const struct walk *w, const char *kind)
{
	enum { DEPTH_MAX = 15 }; /* of which the style sheet has a step for each */
	size_t depth = w->depth < DEPTH_MAX ? w->depth : DEPTH_MAX;

	cov_put(w->o, "<tr class=\"");
	buf_addstr(&w->o->text, kind);
	cov_put_uint(w->o, depth);
	cov_put(w->o, "\"><th scope=row>");
}

static void put_folder(const struct walk *w, size_t i, size_t begin, const struct folder *f)
{
	struct cov_totals sum = { 0 };

	for (size_t k = i; k < f->end; k++)
		cov_totals_add(&sum, &w->h->totals[k]);
	put_row_class(w, "dir d");
	covhtml_put_text(w->o, path_of(w, i) + begin, f->len - begin);
	covhtml_put_cells(w->o, w->h, &sum);
	cov_put(w->o, "\n");
	cov_out_flow(w->o);
}

static void put_file(struct walk *w, size_t i)
{
	const char *path = path_of(w, i);
	size_t begin = 0;

	while (w->depth > 0 && w->folders[w->depth - 1].end <= i)
		w->depth--;
	for (;;) {
		const struct folder *in = w->depth > 0 ? &w->folders[w->depth - 1] : NULL;

		begin = in ? in->len : 0;
		const char *slash = strchr(path + begin, '/');

		if (!slash)
			break;
		size_t end =
			end_of(w, i, (size_t)(slash + 1 - path), in ? in->end : w->h->cov->nfiles);
		const struct folder f = {
			.len = shared_len(path, path_of(w, end - 1)),
			.end = end,
		};

		put_folder(w, i, begin, &f);
		GROW(w->folders, w->depth, w->cap);
		w->folders[w->depth++] = f;
	}
	put_row_class(w, "d");
	cov_put(w->o, "<a href=");
	buf_addstr(&w->o->text, w->h->names[i]);
	cov_put(w->o, ">");
	covhtml_put_str(w->o, path[begin] ? path + begin : "(no name)");
	cov_put(w->o, "</a>");
	covhtml_put_cells(w->o, w->h, &w->h->totals[i]);
	cov_put(w->o, "\n");
	cov_out_flow(w->o);
}

static void put_table(struct cov_out *o, const struct covhtml *h)
{
	struct walk w = { .o = o, .h = h };

	cov_put(o, "<table class=files>\n<thead><tr><th rowspan=2 class=sort>Name"
		   "<th colspan=3>Lines<th colspan=3>Functions");
	if (h->has_branches)
		cov_put(o, "<th colspan=3>Branches");
	cov_put(o, "\n<tr>");
	for (int i = 0; i < (h->has_branches ? 3 : 2); i++)
		cov_put(o, "<th class=sort>Covered<th class=sort>Missed<th class=sort>All");
	cov_put(o, "\n</thead>\n<tbody>\n");
	for (size_t i = 0; i < h->cov->nfiles; i++)
		put_file(&w, i);
	cov_put(o, "</tbody>\n</table>\n");
	free(w.folders);
}

static void put_time(struct cov_out *o, uint64_t s)
{
	time_t when = (time_t)s;
	struct tm tm = { 0 };
	char text[64] = "";

	/* a year that no calendar has is not told */
	if (gmtime_r(&when, &tm) && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm) > 0)
		buf_addf(&o->text, ", %s UTC", text);
}

/* The name of the rootdir's folder. */
static const char *project_of(const struct covhtml *h)
{
	const char *root = h->options->rootdir ? h->options->rootdir : ".";
	const char *slash = strrchr(root, '/');

	return slash && slash[1] ? slash + 1 : root;
}

int covhtml_write_index(const struct covhtml *h, FILE *out)
{
	struct cov_out o = COV_OUT_INIT(out);
	const char *project = project_of(h);

	cov_put(&o, COVHTML_MARK);
	covhtml_put_head(&o, project, strlen(project), ": coverage");
	cov_put(&o, "<body id=index>\n<header>\n<h1>Coverage of ");
	covhtml_put_str(&o, project);
	cov_put(&o, "</h1>\n");
	covhtml_put_summary(&o, h, &h->sum);
	cov_put(&o, "</header>\n<main>\n");
	if (h->cov->nfiles == 0)
		cov_put(&o, "<p class=note>Nothing was counted.</p>\n");
	else
		put_table(&o, h);
	cov_put(&o, "</main>\n<footer>Written by gangway ");
	covhtml_put_str(&o, h->options->version ? h->options->version : GANGWAY_VERSION);
	put_time(&o, h->options->timestamp_s);
	cov_put(&o, "</footer>\n</body>\n</html>\n");
	return cov_out_end(&o);
}
