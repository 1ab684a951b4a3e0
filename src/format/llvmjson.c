/* SPDX-License-Identifier: MIT
 *
 *   {"type": "llvm.coverage.json.export", "version": "2.0.1", "data": [{
 *     "files": [{"filename": "/a.c",
 *       "segments": [[line, column, count, has_count, is_region_entry, is_gap]...],
 *       "branches": [[line, column, end_line, end_column, true_count, false_count, ...]...],
 *       "expansions": [{"source_region": [line, column, ...], "branches": [...], ...}...]}...],
 *     "functions": [{"name": "f", "count": 5, "filenames": ["/a.c"],
 *       "regions": [[line, column, end_line, end_column, count, file, ...]...]}...]}]}
 *
 * A segment holds from where it stands to the next one.  A line's count is the greatest of the
 * segment that reaches into it and of the regions that begin on it; it is no code where a region
 * without a count begins the line, or nothing that counts touches it.
 */
#include "format/llvmjson.h"

#include "base/alloc.h"
#include "base/err.h"
#include "format/cov_read.h"
#include "format/jscan.h"
#include "model/cov.h"

struct segment {
	uint32_t line;
	uint64_t count;
	bool has_count, is_entry, is_gap;
};

/* Where a branch stands: line and column, of a macro's where that is used, and then its two ends by
 * themselves. */
enum { LINE, COLUMN, ENDS, PLACE_PARTS = ENDS + 4 };

struct place {
	uint32_t at[PLACE_PARTS];
};

struct pair {
	struct place place;
	uint64_t taken[2]; /* true, false */
};

struct reading {
	struct cov_input in;
	struct jscan j;
	struct cov_file *file;
	/* of the line at hand */
	uint32_t line;
	struct segment wrapped; /* reaches into it; line 0: none */
	struct segment last;
	unsigned nregions; /* that begin on it */
	uint64_t greatest; /* count of these */
	bool begins_skipped;
	bool has_segments; /* some file had */
	bool has_files;
	/* of the file */
	struct pair *pairs;
	size_t npairs, cap_pairs;
};

static uint64_t read_count(struct reading *r)
{
	struct cov_count n = jscan_count(&r->j);

	return cov_input_count(&r->in, &n);
}

/* The next element, a line or column. */
static uint32_t next_place(struct reading *r, uint32_t max)
{
	if (!jscan_item(&r->j)) {
		jscan_fail(&r->j, "an element is missing");
		return 0;
	}
	return (uint32_t)jscan_uint(&r->j, max);
}

static uint64_t next_count(struct reading *r)
{
	if (!jscan_item(&r->j)) {
		jscan_fail(&r->j, "an element is missing");
		return 0;
	}
	return read_count(r);
}

static void skip_items(struct jscan *j)
{
	while (jscan_item(j))
		jscan_skip(j);
}

static void put_line(struct reading *r, uint32_t number, uint64_t count)
{
	if (!r->file || number == 0)
		return;
	if (!cov_input_spend(&r->in, 1) || !cov_input_reach(&r->in, r->file, number)) {
		jscan_fail_limit(&r->j, "too many lines for a file of this size");
		return;
	}
	cov_add(&cov_line(r->file, number)->hits, count);
}

static void end_line(struct reading *r)
{
	bool is_wrapped = r->wrapped.line > 0;
	bool is_mapped =
		!r->begins_skipped && ((is_wrapped && r->wrapped.has_count) || r->nregions > 0);
	uint64_t count = is_wrapped ? r->wrapped.count : 0;

	if (r->nregions > 0 && r->greatest > count)
		count = r->greatest;
	if (is_mapped && r->line > 0)
		put_line(r, r->line, count);
	r->wrapped = r->last;
	r->nregions = 0;
	r->greatest = 0;
	r->begins_skipped = false;
}

static void begin_line(struct reading *r, uint32_t line)
{
	end_line(r);
	/* the lines between have no segments of their own */
	if (r->wrapped.line > 0 && r->wrapped.has_count) {
		for (uint32_t n = r->line + 1; n < line && !r->j.has_failed; n++)
			put_line(r, n, r->wrapped.count);
	}
	r->line = line;
}

static void read_segment(struct reading *r)
{
	struct jscan *j = &r->j;
	struct segment s = { 0 };

	jscan_enter(j, '[');
	s.line = next_place(r, COV_LINE_MAX);
	next_place(r, UINT32_MAX);
	s.count = next_count(r);
	s.has_count = jscan_item(j) && jscan_bool(j);
	s.is_entry = jscan_item(j) && jscan_bool(j);
	s.is_gap = jscan_item(j) && jscan_bool(j);
	skip_items(j);
	if (j->has_failed)
		return;
	if (s.line == 0 || s.line < r->line) {
		jscan_fail(j, "segments in no order");
		return;
	}
	bool is_first = s.line > r->line;

	if (is_first)
		begin_line(r, s.line);
	if (is_first && !s.has_count && s.is_entry)
		r->begins_skipped = true;
	if (!s.is_gap && s.has_count && s.is_entry) {
		r->nregions++;
		r->greatest = s.count > r->greatest ? s.count : r->greatest;
	}
	r->last = s;
}

static void read_segments(struct reading *r)
{
	r->line = 0;
	r->wrapped = r->last = (struct segment){ 0 };
	jscan_enter(&r->j, '[');
	while (jscan_item(&r->j))
		read_segment(r);
	if (!r->j.has_failed)
		end_line(r);
}

static void read_branches(struct reading *r)
{
	struct jscan *j = &r->j;

	jscan_enter(j, '[');
	while (jscan_item(j)) {
		struct pair p = { 0 };

		jscan_enter(j, '[');
		for (size_t i = 0; i < PLACE_PARTS - ENDS; i++)
			p.place.at[ENDS + i] = next_place(r, i % 2 ? UINT32_MAX : COV_LINE_MAX);
		p.place.at[LINE] = p.place.at[ENDS];
		p.place.at[COLUMN] = p.place.at[ENDS + 1];
		p.taken[0] = next_count(r);
		p.taken[1] = next_count(r);
		skip_items(j);
		if (j->has_failed)
			return;
		GROW(r->pairs, r->npairs, r->cap_pairs);
		r->pairs[r->npairs++] = p;
	}
}

static void read_site(struct reading *r, uint32_t site[2])
{
	jscan_enter(&r->j, '[');
	site[0] = next_place(r, COV_LINE_MAX);
	site[1] = next_place(r, UINT32_MAX);
	skip_items(&r->j);
}

static void read_expansion(struct reading *r)
{
	struct jscan *j = &r->j;
	struct jscan_text key;
	size_t first = r->npairs;
	uint32_t site[2] = { 0, 0 };

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "source_region"))
			read_site(r, site);
		else if (jscan_is(&key, "branches"))
			read_branches(r);
		else
			jscan_skip(j);
	}
	for (size_t i = first; i < r->npairs; i++) {
		r->pairs[i].place.at[LINE] = site[0];
		r->pairs[i].place.at[COLUMN] = site[1];
	}
	if (site[0] == 0)
		r->npairs = first;
}

static int by_place(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	for (size_t i = 0; i < PLACE_PARTS; i++) {
		if (x->place.at[i] != y->place.at[i])
			return x->place.at[i] < y->place.at[i] ? -1 : 1;
	}
	return 0;
}

/* Instances of a template have a pair each at the same place: these are one. */
static void add_branches(struct reading *r)
{
	uint32_t index = 0;

	if (!r->file || r->npairs == 0)
		return;
	qsort(r->pairs, r->npairs, sizeof *r->pairs, by_place);
	for (size_t i = 0; i < r->npairs; i++) {
		const struct pair *p = &r->pairs[i];
		uint32_t line = p->place.at[LINE];

		if (i > 0 && line != p[-1].place.at[LINE])
			index = 0;
		else if (i > 0 && by_place(p, p - 1) != 0)
			index += 2;
		if (!cov_line_at(r->file, line))
			continue; /* no code */
		struct cov_line *l = cov_line(r->file, line);

		for (uint32_t k = 0; k < 2; k++)
			cov_add(&cov_branch(l, 0, index + k)->taken, p->taken[k]);
	}
}

static void read_file(struct reading *r)
{
	struct jscan *j = &r->j;
	struct jscan_text name;
	struct jscan_text key;

	if (!jscan_find(j, "filename", &name) || name.len == 0) {
		jscan_fail(j, "'filename' is missing");
		return;
	}
	r->file = cov_input_file(&r->in, NULL, name.s, name.len, COV_REGIONS);
	r->npairs = 0;
	r->has_files = true;
	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "segments")) {
			read_segments(r);
			r->has_segments = true;
		} else if (jscan_is(&key, "branches")) {
			read_branches(r);
		} else if (jscan_is(&key, "expansions")) {
			jscan_enter(j, '[');
			while (jscan_item(j))
				read_expansion(r);
		} else {
			jscan_skip(j);
		}
	}
	if (!j->has_failed)
		add_branches(r);
}

/* Where a function stands: its first region. */
struct region {
	uint32_t line, end_line;
	uint32_t file;
};

static struct region read_first_region(struct reading *r)
{
	struct jscan *j = &r->j;
	struct region ret = { 0 };
	bool is_first = true;

	jscan_enter(j, '[');
	while (jscan_item(j)) {
		if (!is_first) {
			jscan_skip(j);
			continue;
		}
		is_first = false;
		jscan_enter(j, '[');
		ret.line = next_place(r, COV_LINE_MAX);
		next_place(r, UINT32_MAX);
		ret.end_line = next_place(r, COV_LINE_MAX);
		next_place(r, UINT32_MAX);
		next_count(r);
		ret.file = next_place(r, UINT32_MAX);
		skip_items(j);
	}
	return ret;
}

/* "a.c:f" is how a static f of /src/a.c is named; ';' in place of ':' from LLVM 18 on. */
static struct jscan_text bare_name(struct jscan_text name, const struct jscan_text *file)
{
	for (size_t i = name.len; i > 0; i--) {
		if (name.s[i - 1] != ':' && name.s[i - 1] != ';')
			continue;
		size_t n = i - 1;

		if (n > 0 && n <= file->len && i < name.len &&
		    memcmp(file->s + file->len - n, name.s, n) == 0)
			return (struct jscan_text){ name.s + i, name.len - i };
	}
	return name;
}

static void read_function(struct reading *r)
{
	enum { FILES = 16 }; /* that one function is spread over; macros come from others */
	struct jscan *j = &r->j;
	struct jscan_text key;
	struct jscan_text name = { "", 0 };
	struct jscan_text files[FILES];
	size_t nfiles = 0;
	struct region where = { 0 };
	uint64_t hits = 0;

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "name")) {
			name = jscan_string(j);
		} else if (jscan_is(&key, "count")) {
			hits = read_count(r);
		} else if (jscan_is(&key, "regions")) {
			where = read_first_region(r);
		} else if (jscan_is(&key, "filenames")) {
			jscan_enter(j, '[');
			while (jscan_item(j)) {
				struct jscan_text file = jscan_string(j);

				if (nfiles < FILES)
					files[nfiles++] = file;
			}
		} else {
			jscan_skip(j);
		}
	}
	if (j->has_failed || name.len == 0 || where.line == 0 || where.file >= nfiles)
		return;
	const struct jscan_text *file = &files[where.file];
	struct cov_file *f = cov_input_file(&r->in, NULL, file->s, file->len, COV_REGIONS);

	if (!f)
		return;
	name = bare_name(name, file);
	struct cov_function *g = cov_function(r->in.c, f, name.s, name.len, where.line);

	cov_add(&g->hits, hits);
	if (where.end_line > g->end_line)
		g->end_line = where.end_line;
}

static void read_data(struct reading *r)
{
	struct jscan *j = &r->j;
	struct jscan_text key;

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		bool is_files = jscan_is(&key, "files");

		if (!is_files && !jscan_is(&key, "functions")) {
			jscan_skip(j);
			continue;
		}
		jscan_enter(j, '[');
		while (jscan_item(j)) {
			if (is_files)
				read_file(r);
			else
				read_function(r);
		}
	}
}

/* Look over the whole document first: what is damaged adds nothing. */
static void survey(struct jscan *j)
{
	struct jscan_text key;
	bool has_type = false;

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "type")) {
			struct jscan_text type = jscan_string(j);

			has_type = jscan_is(&type, "llvm.coverage.json.export");
		} else if (jscan_is(&key, "version")) {
			struct jscan_text version = jscan_string(j);

			if (version.len < 2 || version.s[0] < '2' || version.s[0] > '3' ||
			    version.s[1] != '.')
				jscan_fail_unsupported(
					j,
					"version '%.*s' of llvm-cov's JSON, this program reads 2 "
					"and 3",
					(int)(version.len < 20 ? version.len : 20), version.s);
		} else {
			jscan_skip(j);
		}
	}
	jscan_end(j);
	if (!has_type)
		jscan_fail(j, "'type' is not llvm.coverage.json.export");
}

int llvmjson_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		  struct cov *c, struct err *reterr)
{
	struct reading r = { 0 };
	struct jscan_text key;

	cov_input_init(&r.in, path, len, o, c);
	jscan_init(&r.j, path, s, len, reterr);
	survey(&r.j);
	if (!r.j.has_failed) {
		r.j.at = s;
		jscan_enter(&r.j, '{');
		while (jscan_key(&r.j, &key)) {
			if (!jscan_is(&key, "data")) {
				jscan_skip(&r.j);
				continue;
			}
			jscan_enter(&r.j, '[');
			while (jscan_item(&r.j))
				read_data(&r);
		}
	}
	if (r.has_files && !r.has_segments)
		jscan_fail_unsupported(
			&r.j, "a summary only: llvm-cov export without -summary-only has lines");
	jscan_release(&r.j);
	free(r.pairs);
	return r.j.has_failed ? -1 : 0;
}
