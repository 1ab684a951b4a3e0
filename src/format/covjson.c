/* SPDX-License-Identifier: MIT */
#include "format/covjson.h"

#include "base/err.h"
#include "format/cov_read.h"
#include "format/covjson_contexts.h"
#include "format/jscan.h"
#include "model/cov.h"
#include "model/cov_contexts.h"

struct reading {
	struct cov_input in;
	struct jscan j;
	struct covjson_told told;
};

/* An element that must be there. */
static bool want_item(struct jscan *j, const char *what)
{
	if (jscan_item(j))
		return true;
	jscan_fail(j, "%s is missing", what);
	return false;
}

/* Behind the last element that we know of: a later minor version may add more. */
static void skip_items(struct jscan *j)
{
	while (jscan_item(j))
		jscan_skip(j);
}

static uint64_t read_count(struct reading *r)
{
	struct cov_count n = jscan_count(&r->j);

	return cov_input_count(&r->in, &n);
}

static unsigned read_kinds(struct jscan *j)
{
	unsigned kinds = 0;

	jscan_enter(j, '[');
	while (jscan_item(j)) {
		struct jscan_text word = jscan_string(j);

		if (jscan_is(&word, "blocks"))
			kinds |= COV_BLOCKS;
		else if (jscan_is(&word, "regions"))
			kinds |= COV_REGIONS;
		else if (jscan_is(&word, "statements"))
			kinds |= COV_STATEMENTS;
		else
			kinds |= COV_FOREIGN;
	}
	return kinds;
}

/* [name, start, end, hits] */
static void read_function(struct reading *r, struct cov_file *f)
{
	struct jscan *j = &r->j;
	struct jscan_text name = { "", 0 };
	uint32_t start = 0;
	uint32_t end = 0;
	uint64_t hits = 0;

	jscan_enter(j, '[');
	if (want_item(j, "the name of a function"))
		name = jscan_string(j);
	if (want_item(j, "the first line of a function"))
		start = (uint32_t)jscan_uint(j, COV_LINE_MAX);
	if (want_item(j, "the last line of a function"))
		end = (uint32_t)jscan_uint(j, COV_LINE_MAX);
	if (want_item(j, "the count of a function"))
		hits = read_count(r);
	skip_items(j);
	if (j->has_failed || !f)
		return;
	struct cov_function *g = cov_function(r->in.c, f, name.s, name.len, start);

	cov_add(&g->hits, hits);
	if (end > g->end_line)
		g->end_line = end;
}

/* [taken, taken...] or [[block, index, taken]...] */
static void read_branches(struct reading *r, struct cov_line *l)
{
	struct jscan *j = &r->j;
	uint32_t next = 0;

	jscan_enter(j, '[');
	while (jscan_item(j)) {
		uint32_t block = 0;
		uint32_t index = next++;
		bool is_long = jscan_peek(j) == '[';

		if (is_long) {
			jscan_enter(j, '[');
			if (want_item(j, "the block of a branch"))
				block = (uint32_t)jscan_uint(j, UINT32_MAX);
			if (want_item(j, "the index of a branch"))
				index = (uint32_t)jscan_uint(j, UINT32_MAX);
			want_item(j, "the count of a branch");
		}
		uint64_t taken = read_count(r);

		if (is_long)
			skip_items(j);
		if (!j->has_failed && l)
			cov_add(&cov_branch(l, block, index)->taken, taken);
	}
}

/* [number, hits, idle, branches, set]; the last three may be missing */
static void read_line(struct reading *r, struct cov_file *f)
{
	struct jscan *j = &r->j;
	struct cov_line *l = NULL;
	uint32_t number = 0;
	uint64_t hits = 0;

	jscan_enter(j, '[');
	if (want_item(j, "the number of a line"))
		number = (uint32_t)jscan_uint(j, COV_LINE_MAX);
	if (want_item(j, "the count of a line"))
		hits = read_count(r);
	if (number == 0)
		jscan_fail(j, "a line 0");
	if (f && !cov_input_reach(&r->in, f, number))
		jscan_fail_limit(j, "too many far line numbers for a file of this size");
	if (f && !j->has_failed) {
		l = cov_line(f, number);
		cov_add(&l->hits, hits);
	}
	if (!jscan_item(j))
		return;
	if (jscan_uint(j, 1) == 1 && l)
		l->has_idle_block = true;
	if (!jscan_item(j))
		return;
	read_branches(r, l);
	if (!jscan_item(j))
		return;
	uint32_t set = covjson_read_set(&r->told, j);

	if (l)
		cov_add_contexts(r->in.c, f, number, set);
	skip_items(j);
}

static void read_file(struct reading *r)
{
	struct jscan *j = &r->j;
	struct cov_file *f = NULL;
	struct jscan_text key;
	bool has_path = false;

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "path")) {
			struct jscan_text path = jscan_string(j);

			if (!j->has_failed)
				f = cov_input_file(&r->in, NULL, path.s, path.len, 0);
			has_path = true;
		} else if (!has_path) {
			jscan_fail(j, "a file must begin with its path");
		} else if (jscan_is(&key, "kinds")) {
			unsigned kinds = read_kinds(j);

			if (f)
				f->kinds |= kinds;
		} else if (jscan_is(&key, "functions")) {
			jscan_enter(j, '[');
			while (jscan_item(j))
				read_function(r, f);
		} else if (jscan_is(&key, "lines")) {
			jscan_enter(j, '[');
			while (jscan_item(j))
				read_line(r, f);
		} else {
			jscan_skip(j);
		}
	}
}

static void read_document(struct reading *r)
{
	struct jscan *j = &r->j;
	struct jscan_text key;
	bool has_version = false;

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "gangway_coverage")) {
			uint64_t version = jscan_uint(j, UINT64_MAX);

			if (version != COVJSON_VERSION)
				jscan_fail_unsupported(
					j,
					"version %llu of gangway's coverage, this program reads %d",
					(unsigned long long)version, COVJSON_VERSION);
			has_version = true;
		} else if (!has_version) {
			jscan_fail(j, "'gangway_coverage' must come first");
		} else if (jscan_is(&key, "contexts")) {
			covjson_read_contexts(&r->told, j, r->in.c);
		} else if (jscan_is(&key, "context_sets")) {
			covjson_read_sets(&r->told, j, &r->in);
		} else if (jscan_is(&key, "files")) {
			jscan_enter(j, '[');
			while (jscan_item(j))
				read_file(r);
		} else {
			jscan_skip(j);
		}
	}
	if (!has_version)
		jscan_fail(j, "'gangway_coverage' is missing");
	jscan_end(j);
}

int covjson_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		 struct cov *c, struct err *reterr)
{
	struct reading r = { 0 };

	cov_input_init(&r.in, path, len, o, c);
	jscan_init(&r.j, path, s, len, reterr);
	read_document(&r);
	jscan_release(&r.j);
	covjson_told_release(&r.told);
	return r.j.has_failed ? -1 : 0;
}
