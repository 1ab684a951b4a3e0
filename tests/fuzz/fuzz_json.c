/* SPDX-License-Identifier: MIT
 *
 * format/json.c.  Property: what was read can be written and read again with as many members; every
 * refusal has a message and a line.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc = NULL, *again = NULL;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e = { 0 };

	if (json_read_mem((const char *)data, size, "fuzz.json", &doc, &e) < 0) {
		assert(e.msg[0] && e.line > 0);
		return 0;
	}
	if (json_length(json_root(doc)) > 0) { /* an object or array: its text is JSON */
		json_add_text(json_root(doc), &a);
		assert(json_read_mem(a.s, a.len, "again.json", &again, &e) == 0);
		json_add_text(json_root(again), &b);
		assert(json_length(json_root(again)) == json_length(json_root(doc)));
		json_doc_free(again);
	}
	if (json_kind(json_root(doc)) == JSON_KIND_OBJECT) {
		const char *s = NULL;

		if (json_want_string(doc, json_root(doc), "name", &s, &e) < 0)
			assert(strstr(e.msg, "name"));
	}
	buf_release(&a);
	buf_release(&b);
	json_doc_free(doc);
	return 0;
}
