/* SPDX-License-Identifier: MIT
 *
 *   {"format_version": "1", "gcc_version": "12.2.0", "current_working_directory": "/b",
 *    "data_file": "a.gcda", "files": [
 *     {"file": "a.c",
 *      "functions": [{"name": "f", "start_line": 1, "end_line": 3, "execution_count": 5, ...}],
 *      "lines": [{"line_number": 2, "count": 5, "unexecuted_block": false, "function_name": "f",
 *                 "branches": [{"count": 5, "throw": false, "fallthrough": true}]}]}]}
 *
 * Members come in any order (gcc 9 wrote them by hash).  A line that is part of several functions
 * (templates, inlines) has a record for each: their counts are added, and their branches, the first
 * to the first, the second to the second.
 */
#include "format/gcovjson.h"

#include "base/alloc.h"
#include "base/err.h"
#include "format/cov_read.h"
#include "format/jscan.h"
#include "model/cov.h"

struct reading {
	struct cov_input in;
	struct jscan j;
	char *cwd; /* NULL: the document does not say */
	uint64_t *taken;
	size_t ntaken, cap_taken; /* of the line at hand */
};

static uint64_t read_count(struct reading *r)
{
	struct cov_count n = jscan_count(&r->j);

	return cov_input_count(&r->in, &n);
}

static uint32_t read_line_number(struct reading *r)
{
	return (uint32_t)jscan_uint(&r->j, COV_LINE_MAX);
}

static void read_branch(struct reading *r)
{
	struct jscan *j = &r->j;
	struct jscan_text key;
	uint64_t taken = 0;
	bool is_throw = false;

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "count"))
			taken = read_count(r);
		else if (jscan_is(&key, "throw"))
			is_throw = jscan_bool(j);
		else
			jscan_skip(j);
	}
	if (j->has_failed || (is_throw && !r->in.o->keeps_throws))
		return;
	GROW(r->taken, r->ntaken, r->cap_taken);
	r->taken[r->ntaken++] = taken;
}

static void add_line(struct reading *r, struct cov_file *f, uint32_t number, uint64_t hits,
		     bool has_idle_block)
{
	if (!cov_input_reach(&r->in, f, number)) {
		jscan_fail_limit(&r->j, "too many far line numbers for a file of this size");
		return;
	}
	struct cov_line *l = cov_line(f, number);

	cov_add(&l->hits, hits);
	l->has_idle_block = l->has_idle_block || has_idle_block;
	for (size_t i = 0; i < r->ntaken; i++)
		cov_add(&cov_branch(l, 0, (uint32_t)i)->taken, r->taken[i]);
}

static void read_line(struct reading *r, struct cov_file *f)
{
	struct jscan *j = &r->j;
	struct jscan_text key;
	uint32_t number = 0;
	uint64_t hits = 0;
	bool has_idle_block = false;

	r->ntaken = 0;
	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "line_number")) {
			number = read_line_number(r);
		} else if (jscan_is(&key, "count")) {
			hits = read_count(r);
		} else if (jscan_is(&key, "unexecuted_block")) {
			has_idle_block = jscan_bool(j);
		} else if (jscan_is(&key, "branches")) {
			jscan_enter(j, '[');
			while (jscan_item(j))
				read_branch(r);
		} else {
			jscan_skip(j);
		}
	}
	if (!j->has_failed && f && number > 0)
		add_line(r, f, number, hits, has_idle_block);
}

static void read_function(struct reading *r, struct cov_file *f)
{
	struct jscan *j = &r->j;
	struct jscan_text key;
	struct jscan_text name = { "", 0 };
	uint32_t start = 0;
	uint32_t end = 0;
	uint64_t hits = 0;

	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "name"))
			name = jscan_string(j);
		else if (jscan_is(&key, "start_line"))
			start = read_line_number(r);
		else if (jscan_is(&key, "end_line"))
			end = read_line_number(r);
		else if (jscan_is(&key, "execution_count"))
			hits = read_count(r);
		else
			jscan_skip(j);
	}
	if (j->has_failed || !f || name.len == 0)
		return;
	struct cov_function *g = cov_function(r->in.c, f, name.s, name.len, start);

	cov_add(&g->hits, hits);
	if (end > g->end_line)
		g->end_line = end;
}

static void read_file(struct reading *r)
{
	struct jscan *j = &r->j;
	struct cov_file *f = NULL;
	struct jscan_text name;
	struct jscan_text key;

	if (!jscan_find(j, "file", &name) || name.len == 0) {
		jscan_fail(j, "'file' is missing");
		return;
	}
	f = cov_input_file(&r->in, r->cwd, name.s, name.len, COV_BLOCKS);
	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		bool is_lines = jscan_is(&key, "lines");

		if (!is_lines && !jscan_is(&key, "functions")) {
			jscan_skip(j);
			continue;
		}
		jscan_enter(j, '[');
		while (jscan_item(j)) {
			if (is_lines)
				read_line(r, f);
			else
				read_function(r, f);
		}
	}
}

/* Look over the whole document first: what is damaged adds nothing. */
static void survey(struct reading *r)
{
	struct jscan *j = &r->j;
	struct jscan_text key;
	bool has_version = false;

	free(r->cwd);
	r->cwd = NULL;
	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (jscan_is(&key, "current_working_directory")) {
			struct jscan_text cwd = jscan_string(j);

			free(r->cwd);
			r->cwd = xmemdup(cwd.s, cwd.len);
		} else if (jscan_is(&key, "format_version")) {
			struct jscan_text version = jscan_string(j);

			has_version = true;
			if (!jscan_is(&version, "1") && !jscan_is(&version, "2"))
				jscan_fail_unsupported(
					j,
					"version '%.*s' of gcov's JSON, this program "
					"reads 1 and 2",
					(int)(version.len < 20 ? version.len : 20), version.s);
		} else {
			jscan_skip(j);
		}
	}
	if (!has_version)
		jscan_fail(j, "'format_version' is missing: not gcov's JSON");
}

static void read_document(struct reading *r)
{
	struct jscan *j = &r->j;
	struct jscan_text key;
	const char *begin = j->at;

	survey(r);
	if (j->has_failed)
		return;
	j->at = begin;
	jscan_enter(j, '{');
	while (jscan_key(j, &key)) {
		if (!jscan_is(&key, "files")) {
			jscan_skip(j);
			continue;
		}
		jscan_enter(j, '[');
		while (jscan_item(j))
			read_file(r);
	}
}

int gcovjson_read(const char *path, const char *s, size_t len, const struct cov_read_options *o,
		  struct cov *c, struct err *reterr)
{
	struct reading r = { 0 };

	cov_input_init(&r.in, path, len, o, c);
	jscan_init(&r.j, path, s, len, reterr);
	if (!jscan_more(&r.j))
		jscan_fail(&r.j, "empty file");
	while (jscan_more(&r.j))
		read_document(&r);
	jscan_release(&r.j);
	free(r.cwd);
	free(r.taken);
	return r.j.has_failed ? -1 : 0;
}
