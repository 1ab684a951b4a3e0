/* SPDX-License-Identifier: MIT
 *
 * Reading JSON that other programs write.  The only code that knows jansson.
 *
 * Whole documents only: a value, blanks, the end.  Strings are UTF-8 and hold no NUL.  Limits: 1
 * GiB of text, 2048 levels deep (jansson's own).  Values are borrowed from their document.  A key
 * that is there twice counts as its last value.
 */
#ifndef GW_FORMAT_JSON_H
#define GW_FORMAT_JSON_H

struct err;
struct json_doc;
struct json_value;

/* Parse; `path` names the text in messages.  -1: ERR_SYNTAX or ERR_LIMIT with path and line. */
int json_read_mem(const char *s, size_t len, const char *path, struct json_doc **ret,
		  struct err *reterr);
/* NULL is fine. */
void json_doc_free(struct json_doc *doc);
const struct json_value *json_root(const struct json_doc *doc);

enum json_kind {
	JSON_KIND_OBJECT,
	JSON_KIND_ARRAY,
	JSON_KIND_STRING,
	JSON_KIND_NUMBER,
	JSON_KIND_BOOL,
	JSON_KIND_NULL
};
enum json_kind json_kind(const struct json_value *v);
/* "object", "string", …: for messages. */
const char *json_kind_word(enum json_kind t);

/* Elements of an array, members of an object, else 0. */
size_t json_length(const struct json_value *v);
/* Element i of an array; NULL if v is no array or shorter.  Constant time. */
const struct json_value *json_at(const struct json_value *v, size_t i);
/* A member; NULL if v is no object or has none of this name. */
const struct json_value *json_get(const struct json_value *v, const char *key);

/*
 * Members in the order of the text:
 *   for (void *it = json_first(v, &m); it; it = json_next(v, it, &m)) ... m.key, m.value ...
 */
struct json_member {
	const char *key;
	const struct json_value *value;
};
void *json_first(const struct json_value *object, struct json_member *ret);
void *json_next(const struct json_value *object, void *it, struct json_member *ret);

/* The value as ..., or NULL / false with *ret untouched where it is something else. */
const char *json_text(const struct json_value *v);
bool json_bool(const struct json_value *v, bool *ret);
bool json_uint(const struct json_value *v, uint64_t max, uint64_t *ret);
/* A number of seconds, whole or not, in microseconds; below 0 or above 10^12 s is no such number.
 */
bool json_seconds(const struct json_value *v, uint64_t *ret_us);
/* Any scalar as text: a string as it is, 12, 0.5, true, null; for properties kept as they were
 * written.  Objects and arrays are appended as compact JSON. */
struct buf;
void json_add_text(const struct json_value *v, struct buf *out);

/*
 * The same for what must be there: 0 with *ret, or -1 with "expected string in tests[3].name,
 * found number" in *reterr.  `object` must be a value of `doc`.
 */
int json_want_string(const struct json_doc *doc, const struct json_value *object, const char *key,
		     const char **ret, struct err *reterr);
int json_want_uint(const struct json_doc *doc, const struct json_value *object, const char *key,
		   uint64_t *ret, struct err *reterr);
/* An object or array: *ret is its value. */
int json_want(const struct json_doc *doc, const struct json_value *object, const char *key,
	      enum json_kind kind, const struct json_value **ret, struct err *reterr);
/* Each element of an array that must hold only one type: is element i of it? */
int json_want_at(const struct json_doc *doc, const struct json_value *array, size_t i,
		 enum json_kind kind, const struct json_value **ret, struct err *reterr);
/* The root, which must be of this type. */
int json_want_root(const struct json_doc *doc, enum json_kind kind, const struct json_value **ret,
		   struct err *reterr);

/* Where a value stands: "tests[3].properties[0]"; "the document" for the root.  Linear in the
 * document: for messages only. */
void json_describe(const struct json_doc *doc, const struct json_value *v, struct buf *out);

#endif
