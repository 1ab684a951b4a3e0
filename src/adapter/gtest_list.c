/* SPDX-License-Identifier: MIT
 *
 * `--gtest_list_tests --gtest_output=json:FILE`: stdout has what main() prints too, the file has
 * only the tests, and their source lines.  No test and no environment runs; main() does.
 *
 *   {"tests": 14, "name": "AllTests", "testsuites": [
 *     {"name": "Ty\/0", "tests": 1, "testsuite": [
 *       {"name": "Size", "type_param": "int", "file": "g.cc", "line": 14}]}]}
 */
#include <unistd.h>

#include "adapter/adapter_ask.h"
#include "adapter/adapter_listing.h"
#include "adapter/gtest.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/utf8.h"
#include "format/json.h"
#include "sys/fs.h"
#include "sys/proc.h"

/* --- the file ----------------------------------------------------------------------------- */

char *gtest_text(struct arena *mem, const char *s)
{
	struct buf bytes = BUF_INIT;
	size_t len = strlen(s);
	bool is_bytes = true, has_high = false;

	for (size_t i = 0, n = 0; i < len && is_bytes; i += n) {
		int32_t c = utf8_next(s + i, len - i, &n);

		is_bytes = c >= 0 && c < 0x100;
		has_high = has_high || c >= 0x80;
		buf_addch(&bytes, (char)c);
	}
	/* bytes that are UTF-8 were UTF-8; others were what they are */
	for (size_t i = 0, n = 0; i < bytes.len && is_bytes && has_high; i += n)
		is_bytes = utf8_next(bytes.s + i, bytes.len - i, &n) >= 0;
	char *text = is_bytes && has_high ? arena_memdup(mem, bytes.s, bytes.len)
					  : arena_memdup(mem, s, len);

	buf_release(&bytes);
	return text;
}

struct listing {
	const struct json_doc *doc;
	const struct target *target;
	uint32_t target_index;
	bool runs_disabled;
	struct tests *tests;
	const char *file; /* of the test before: most often the same */
};

static const char *shared_file(struct listing *l, const char *file)
{
	const char *text = gtest_text(&l->tests->mem, file);

	if (!l->file || strcmp(l->file, text) != 0)
		l->file = text;
	return l->file;
}

/* The parameters are kept as they were written; the name has only their number. */
static void add_params(struct listing *l, const struct json_value *v, struct test *t)
{
	static const char *const keys[] = { "type_param", "value_param" }; /* sorted */
	struct property props[ARRAY_SIZE(keys)];
	struct arena *mem = &l->tests->mem;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct json_value *param = json_get(v, keys[i]);

		if (param && json_text(param))
			props[n++] =
				(struct property){ keys[i], gtest_text(mem, json_text(param)) };
	}
	if (n == 0)
		return;
	struct property *copy = arena_alloc(mem, n, sizeof *copy);

	memcpy(copy, props, n * sizeof *copy);
	t->props = copy;
	t->nprops = n;
}

static int list_test(struct listing *l, const char *suite, const struct json_value *v,
		     struct err *reterr)
{
	struct arena *mem = &l->tests->mem;
	struct test t = test_blank(l->target_index);
	struct buf selector = BUF_INIT;
	const char *name = NULL;
	uint64_t line = 0;

	if (json_want_string(l->doc, v, "name", &name, reterr) < 0)
		return -1;
	const struct json_value *file = json_get(v, "file"), *at = json_get(v, "line");

	t.suite = suite;
	t.name = gtest_text(mem, name);
	t.id = test_make_id(mem, l->target->name, t.suite, t.name);
	buf_addf(&selector, "%s.%s", t.suite, t.name);
	t.selector = arena_memdup(mem, selector.s, selector.len);
	buf_release(&selector);
	if (file && json_text(file) && json_text(file)[0])
		t.file = shared_file(l, json_text(file));
	if (at && json_uint(at, UINT32_MAX, &line))
		t.line = (unsigned)line;
	if (gtest_is_disabled(t.suite, t.name) && !l->runs_disabled)
		t.skip_reason = "disabled by its name (DISABLED_)";
	add_params(l, v, &t);
	tests_add(l->tests, &t);
	return 0;
}

static int list_suite(struct listing *l, const struct json_value *suite, struct err *reterr)
{
	const struct json_value *cases = NULL, *v = NULL;
	const char *name = NULL;

	if (json_want_string(l->doc, suite, "name", &name, reterr) < 0 ||
	    json_want(l->doc, suite, "testsuite", JSON_KIND_ARRAY, &cases, reterr) < 0)
		return -1;
	name = gtest_text(&l->tests->mem, name);
	for (size_t i = 0; i < json_length(cases); i++) {
		if (json_want_at(l->doc, cases, i, JSON_KIND_OBJECT, &v, reterr) < 0 ||
		    list_test(l, name, v, reterr) < 0)
			return -1;
	}
	return 0;
}

int gtest_list_read(const char *s, size_t len, const char *path, const struct target *t,
		    uint32_t target_index, struct tests *ret, struct err *reterr)
{
	const struct json_value *root = NULL, *suites = NULL, *suite = NULL;
	struct json_doc *doc = NULL;
	size_t nbefore = ret->ntests;
	const char *also = gtest_own_flag(t, "also_run_disabled_tests");
	int status = -1;

	if (json_read_mem(s, len, path, &doc, reterr) < 0)
		return -1;
	struct listing l = { .doc = doc,
			     .target = t,
			     .target_index = target_index,
			     .runs_disabled = also && strchr("0fF", also[0]) == NULL,
			     .tests = ret };

	if (json_want_root(doc, JSON_KIND_OBJECT, &root, reterr) < 0 ||
	    json_want(doc, root, "testsuites", JSON_KIND_ARRAY, &suites, reterr) < 0)
		goto out;
	for (size_t i = 0; i < json_length(suites); i++) {
		if (json_want_at(doc, suites, i, JSON_KIND_OBJECT, &suite, reterr) < 0 ||
		    list_suite(&l, suite, reterr) < 0)
			goto out;
	}
	status = 0;
out:
	if (status < 0)
		ret->ntests = nbefore;
	json_doc_free(doc);
	return status;
}

/* --- the program -------------------------------------------------------------------------- */

static bool is_neutralised(const char *var)
{
	return gtest_neutral(var) != NULL;
}

int gtest_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
	       struct tests *ret, struct err *reterr)
{
	struct arena mem = { 0 };
	struct proc_end end = { 0 };
	struct listing_answer answer = { BUF_INIT, BUF_INIT, &end };
	struct buf text = BUF_INIT, output = BUF_INIT;
	struct err why = { 0 };
	const char *path = fs_join(&mem, ctx->scratch, "gtest-list.json");
	int status = -1;

	buf_addf(&output, "--gtest_output=json:%s", path);
	const char *const args[] = { "--gtest_list_tests", output.s, NULL };
	const struct question q = { .args = args, .is_left_out = is_neutralised };

	(void)unlink(path); /* another program's listing; most often there is none */
	if (listing_ask(t, ctx, &q, &answer, reterr) < 0)
		goto out;
	/*
	 * The exit status alone says nothing: a sanitizer that finds a leak makes it 23 after a
	 * whole listing.  The file does.
	 */
	if (end.is_timeout || fs_read(path, GTEST_JSON_MAX_BYTES, &text, &why) < 0)
		status = listing_missing(t, ctx, &answer, reterr);
	else if (gtest_list_read(text.s, text.len, path, t, target_index, ret, &why) < 0)
		status = listing_unreadable(t, &why, reterr);
	else
		status = 0;
	(void)unlink(path);
out:
	listing_answer_release(&answer);
	buf_release(&text);
	buf_release(&output);
	arena_release(&mem);
	return status;
}
