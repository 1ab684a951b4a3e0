/* SPDX-License-Identifier: MIT
 *
 * A struct json_value is a json_t.  Nothing is kept beside jansson's tree: the place of a value is
 * searched for only when a message needs it.  Only objects and arrays are searched for, since
 * jansson has a single true, false and null.
 */
#include "format/json.h"

#include <jansson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/parse.h"

enum { MAX_TEXT_BYTES = 1 << 30 };

struct json_doc {
	json_t *root;
	char *path;
};

static const json_t *real(const struct json_value *v)
{
	return (const json_t *)v;
}

static const struct json_value *ours(const json_t *v)
{
	return (const struct json_value *)v;
}

int json_read_mem(const char *s, size_t len, const char *path, struct json_doc **ret,
		  struct err *reterr)
{
	json_error_t e;

	if (len > MAX_TEXT_BYTES)
		return err_set(reterr, ERR_LIMIT, path, 0, "more than %d MiB of JSON",
			       MAX_TEXT_BYTES >> 20);
	json_t *root = json_loadb(s, len, JSON_DECODE_ANY, &e);

	if (root == NULL)
		return err_set(reterr, ERR_SYNTAX, path, e.line > 0 ? (unsigned)e.line : 1,
			       "not JSON: %s", e.text);
	struct json_doc *doc = xcalloc(1, sizeof *doc);

	doc->root = root;
	doc->path = xstrdup(path);
	*ret = doc;
	return 0;
}

void json_doc_free(struct json_doc *doc)
{
	if (doc == NULL)
		return;
	json_decref(doc->root);
	free(doc->path);
	free(doc);
}

const struct json_value *json_root(const struct json_doc *doc)
{
	return ours(doc->root);
}

enum json_kind json_kind(const struct json_value *v)
{
	switch (json_typeof(real(v))) {
	case JSON_OBJECT:
		return JSON_KIND_OBJECT;
	case JSON_ARRAY:
		return JSON_KIND_ARRAY;
	case JSON_STRING:
		return JSON_KIND_STRING;
	case JSON_INTEGER:
	case JSON_REAL:
		return JSON_KIND_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_KIND_BOOL;
	case JSON_NULL:
		break;
	}
	return JSON_KIND_NULL;
}

const char *json_kind_word(enum json_kind t)
{
	static const char *const words[] = { "object", "array",   "string",
					     "number", "boolean", "null" };

	return words[t];
}

size_t json_length(const struct json_value *v)
{
	return json_is_array(real(v)) ? json_array_size(real(v)) : json_object_size(real(v));
}

const struct json_value *json_at(const struct json_value *v, size_t i)
{
	return ours(json_array_get(real(v), i));
}

const struct json_value *json_get(const struct json_value *v, const char *key)
{
	return ours(json_object_get(real(v), key));
}

static void *member(void *it, struct json_member *ret)
{
	if (it != NULL) {
		ret->key = json_object_iter_key(it);
		ret->value = ours(json_object_iter_value(it));
	}
	return it;
}

void *json_first(const struct json_value *object, struct json_member *ret)
{
	/* jansson takes objects to be iterated without const, and does not change them */
	return member(json_object_iter((json_t *)(uintptr_t)object), ret);
}

void *json_next(const struct json_value *object, void *it, struct json_member *ret)
{
	return member(json_object_iter_next((json_t *)(uintptr_t)object, it), ret);
}

const char *json_text(const struct json_value *v)
{
	return json_string_value(real(v));
}

bool json_bool(const struct json_value *v, bool *ret)
{
	if (!json_is_boolean(real(v)))
		return false;
	*ret = json_is_true(real(v));
	return true;
}

bool json_uint(const struct json_value *v, uint64_t max, uint64_t *ret)
{
	json_int_t n = json_integer_value(real(v));

	if (!json_is_integer(real(v)) || n < 0 || (uint64_t)n > max)
		return false;
	*ret = (uint64_t)n;
	return true;
}

bool json_seconds(const struct json_value *v, uint64_t *ret_us)
{
	static const uint64_t max_s = 1000000000000;
	uint64_t s = 0;

	if (json_uint(v, max_s, &s)) {
		*ret_us = s * 1000000;
		return true;
	}
	double d = json_real_value(real(v));

	if (!json_is_real(real(v)) || !(d >= 0) || d > (double)max_s)
		return false;
	*ret_us = (uint64_t)(d * 1e6 + 0.5);
	return true;
}

static int add_bytes(const char *s, size_t len, void *out)
{
	buf_add(out, s, len);
	return 0;
}

void json_add_text(const struct json_value *v, struct buf *out)
{
	if (json_is_string(real(v))) {
		buf_add(out, json_string_value(real(v)), json_string_length(real(v)));
		return;
	}
	/* 15 digits: 0.1 stays 0.1 */
	(void)json_dump_callback(real(v), add_bytes, out,
				 JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
}

/* Depth first; the path to `wanted` is in *out when it is found, else *out is as before. */
static bool find(const json_t *from, const json_t *wanted, struct buf *out)
{
	size_t len = out->len;

	if (from == wanted)
		return true;
	for (size_t i = 0; i < json_array_size(from); i++) {
		buf_addf(out, "[%zu]", i);
		if (find(json_array_get(from, i), wanted, out))
			return true;
		buf_truncate(out, len);
	}
	struct json_member m;

	for (void *it = json_first(ours(from), &m); it; it = json_next(ours(from), it, &m)) {
		buf_addf(out, "%s%s", len > 0 ? "." : "", m.key);
		if (find(real(m.value), wanted, out))
			return true;
		buf_truncate(out, len);
	}
	return false;
}

void json_describe(const struct json_doc *doc, const struct json_value *v, struct buf *out)
{
	struct buf path = BUF_INIT;

	if (real(v) != doc->root && find(doc->root, real(v), &path))
		buf_add(out, path.s, path.len);
	else
		buf_addstr(out, "the document");
	buf_release(&path);
}

static void describe_member(const struct json_doc *doc, const struct json_value *object,
			    const char *key, struct buf *out)
{
	if (real(object) != doc->root) {
		json_describe(doc, object, out);
		buf_addch(out, '.');
	}
	buf_addstr(out, key);
}

/* "expected string in tests[3].name, found number"; v NULL: found nothing.  Returns -1. */
static int unexpected(const struct json_doc *doc, const char *where, enum json_kind kind,
		      const struct json_value *v, struct err *reterr)
{
	return err_set(reterr, ERR_SYNTAX, doc->path, 0, "expected %s in %s, found %s",
		       json_kind_word(kind), where, v ? json_kind_word(json_kind(v)) : "nothing");
}

int json_want(const struct json_doc *doc, const struct json_value *object, const char *key,
	      enum json_kind kind, const struct json_value **ret, struct err *reterr)
{
	const struct json_value *v = json_get(object, key);
	struct buf where = BUF_INIT;

	if (v != NULL && json_kind(v) == kind) {
		*ret = v;
		return 0;
	}
	describe_member(doc, object, key, &where);
	unexpected(doc, where.s, kind, v, reterr);
	buf_release(&where);
	return -1;
}

int json_want_at(const struct json_doc *doc, const struct json_value *array, size_t i,
		 enum json_kind kind, const struct json_value **ret, struct err *reterr)
{
	const struct json_value *v = json_at(array, i);
	struct buf where = BUF_INIT;

	if (v != NULL && json_kind(v) == kind) {
		*ret = v;
		return 0;
	}
	if (real(array) != doc->root)
		json_describe(doc, array, &where);
	buf_addf(&where, "[%zu]", i);
	unexpected(doc, where.s, kind, v, reterr);
	buf_release(&where);
	return -1;
}

int json_want_root(const struct json_doc *doc, enum json_kind kind, const struct json_value **ret,
		   struct err *reterr)
{
	if (json_kind(json_root(doc)) != kind)
		return unexpected(doc, "the document", kind, json_root(doc), reterr);
	*ret = json_root(doc);
	return 0;
}

int json_want_string(const struct json_doc *doc, const struct json_value *object, const char *key,
		     const char **ret, struct err *reterr)
{
	const struct json_value *v = NULL;

	if (json_want(doc, object, key, JSON_KIND_STRING, &v, reterr) < 0)
		return -1;
	*ret = json_text(v);
	return 0;
}

int json_want_uint(const struct json_doc *doc, const struct json_value *object, const char *key,
		   uint64_t *ret, struct err *reterr)
{
	const struct json_value *v = NULL;
	struct buf where = BUF_INIT;

	if (json_want(doc, object, key, JSON_KIND_NUMBER, &v, reterr) < 0)
		return -1;
	if (json_uint(v, INT64_MAX, ret))
		return 0;
	describe_member(doc, object, key, &where);
	err_set(reterr, ERR_SYNTAX, doc->path, 0, "expected a whole number, at least 0, in %s",
		where.s);
	buf_release(&where);
	return -1;
}
