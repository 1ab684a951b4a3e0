/* SPDX-License-Identifier: MIT
 *
 * Reading JSON as it comes, without a tree of it in memory: for documents of many megabytes whose
 * shape is known.  json.h is the comfortable way for small ones.
 *
 * Documents may follow each other.  The first error sticks: from then on every call says "no", so a reader looks at has_failed only
 * where it matters.
 *   jscan_enter(&j, '{');
 *   while (jscan_key(&j, &key)) {
 *       if (jscan_is(&key, "count")) n = jscan_uint(&j, UINT64_MAX);
 *       else jscan_skip(&j);
 *   }
 */
#ifndef GW_FORMAT_JSCAN_H
#define GW_FORMAT_JSCAN_H

#include "base/arena.h"

struct cov_count;
struct err;

enum { JSCAN_MAX_DEPTH = 64 };

/* Not NUL-terminated, without NULs; lives as long as the scanner and its text. */
struct jscan_text {
	const char *s;
	size_t len;
};

struct jscan {
	const char *path;
	const char *begin, *at, *end;
	struct arena mem; /* strings that were written with escapes */
	struct err *reterr;
	unsigned depth;
	bool is_first; /* nothing of the innermost array or object was read yet */
	bool has_failed;
};

/* `path` names the text in messages. */
void jscan_init(struct jscan *j, const char *path, const char *s, size_t len, struct err *reterr);
void jscan_release(struct jscan *j);

/* Is there more than blanks? */
bool jscan_more(struct jscan *j);
/* What the value at hand begins with: { [ " t f n - or a digit; 0 at the end or after an error. */
char jscan_peek(struct jscan *j);

/* Into an object or array: '{' or '['. */
bool jscan_enter(struct jscan *j, char bracket);
/* The next member's key, the next element: false at the end, which is then behind us. */
bool jscan_key(struct jscan *j, struct jscan_text *key);
bool jscan_item(struct jscan *j);

/* The value at hand; after an error "", 0, false. */
struct jscan_text jscan_string(struct jscan *j);
uint64_t jscan_uint(struct jscan *j, uint64_t max); /* more than max is ERR_LIMIT */
struct cov_count jscan_count(struct jscan *j);
bool jscan_bool(struct jscan *j);
void jscan_skip(struct jscan *j);

/* A member of the object at hand that is a string, wherever it stands in it; the object is then still
 * to be entered.  False: there is none. */
bool jscan_find(struct jscan *j, const char *name, struct jscan_text *ret);

/* The document is over: anything but blanks is an error. */
void jscan_end(struct jscan *j);

bool jscan_is(const struct jscan_text *t, const char *s);

/* The reader's own complaint, at the place at hand. */
void jscan_fail(struct jscan *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
void jscan_fail_limit(struct jscan *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
void jscan_fail_unsupported(struct jscan *j, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
