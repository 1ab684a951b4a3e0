/* SPDX-License-Identifier: MIT
 *
 * `--gtest_output=json:FILE`, written when RUN_ALL_TESTS() ends, and only then: the way to the
 * verdicts of programs that replaced GoogleTest's printer or closed their stdout.
 *
 *   {"testsuites": [{"name": "S", "testsuite": [
 *     {"name": "N", "status": "RUN", "result": "COMPLETED", "time": "0.001s",
 *      "failures": [{"failure": "g.cc:4\nmessage", "type": ""}]}]}]}
 */
#include "adapter/gtest.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/json.h"
#include "sys/fs.h"

static bool is_text(const struct json_value *object, const char *key, const char *want)
{
	const struct json_value *v = json_get(object, key);

	return v && json_text(v) && strcmp(json_text(v), want) == 0;
}

/* "0.001s" */
static uint64_t read_time(struct arena *mem, const struct json_value *v)
{
	const char *s = v ? json_text(v) : NULL;
	size_t len = s ? strlen(s) : 0;
	uint64_t us = 0;

	if (len == 0 || s[len - 1] != 's' || !parse_seconds(arena_memdup(mem, s, len - 1), &us))
		return TIME_UNKNOWN;
	return us;
}

/* False if it did not run. */
static bool read_case(struct arena *mem, const struct json_value *v, const char *suite,
		      struct gtest_reported *ret)
{
	const struct json_value *name = json_get(v, "name"), *failures = json_get(v, "failures");
	const struct json_value *first = failures ? json_at(failures, 0) : NULL;
	const struct json_value *text = first ? json_get(first, "failure") : NULL;

	if (!name || !json_text(name) || !is_text(v, "status", "RUN"))
		return false;
	*ret = (struct gtest_reported){ .suite = suite,
					.name = gtest_text(mem, json_text(name)),
					.outcome = OUTCOME_PASS,
					.text = "",
					.time_us = read_time(mem, json_get(v, "time")) };
	if (text && json_text(text))
		ret->text = gtest_text(mem, json_text(text));
	if (first)
		ret->outcome = OUTCOME_FAIL;
	else if (is_text(v, "result", "SKIPPED"))
		ret->outcome = OUTCOME_SKIP;
	return true;
}

/* Both walks over the suites in one: first to count, then with room. */
static size_t walk(const struct json_value *suites, struct arena *mem, struct gtest_reported *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < json_length(suites); i++) {
		const struct json_value *suite = json_at(suites, i);
		const struct json_value *name = json_get(suite, "name");
		const struct json_value *cases = json_get(suite, "testsuite");

		if (!name || !json_text(name) || !cases)
			continue;
		if (!ret) {
			n += json_length(cases);
			continue;
		}
		const char *suite_name = gtest_text(mem, json_text(name));

		for (size_t k = 0; k < json_length(cases); k++)
			n += read_case(mem, json_at(cases, k), suite_name, &ret[n]);
	}
	return n;
}

int gtest_report_read(const char *path, struct arena *mem, struct gtest_reported **ret,
		      size_t *ret_n, struct err *reterr)
{
	const struct json_value *root = NULL, *suites = NULL;
	struct json_doc *doc = NULL;
	struct buf text = BUF_INIT;
	int status = -1;

	if (fs_read(path, GTEST_JSON_MAX_BYTES, &text, reterr) == 0 &&
	    json_read_mem(text.s, text.len, path, &doc, reterr) == 0 &&
	    json_want_root(doc, JSON_KIND_OBJECT, &root, reterr) == 0 &&
	    json_want(doc, root, "testsuites", JSON_KIND_ARRAY, &suites, reterr) == 0) {
		*ret = arena_alloc(mem, walk(suites, mem, NULL), sizeof **ret);
		*ret_n = walk(suites, mem, *ret);
		status = 0;
	}
	json_doc_free(doc);
	buf_release(&text);
	return status;
}
