/* SPDX-License-Identifier: MIT
 *
 * {"version": {"major": 1, "minor": 0},
 *  "local": [{"gpus": [{"id": "0", "slots": 4}, {"id": "1"}], "cards": [{"id": "card0"}]}]}
 *
 * "local" has one element, or none; slots are 1 where nothing is said.
 */
#include "format/resource_spec.h"

#include "base/buf.h"
#include "base/err.h"
#include "format/json.h"
#include "model/test.h"
#include "sys/fs.h"

enum { SPEC_MAX_BYTES = 16 << 20 };

struct spec_reader {
	const struct json_doc *doc;
	const char *path;
	struct tests *tests;
};

static bool is_name(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static int fail_at(const struct spec_reader *r, const struct json_value *v, const char *what,
		   struct err *reterr)
{
	struct buf where = BUF_INIT;

	json_describe(r->doc, v, &where);
	err_set(reterr, ERR_SYNTAX, r->path, 0, "%s: %s", where.s, what);
	buf_release(&where);
	return -1;
}

static int read_resource(const struct spec_reader *r, const char *type, const struct json_value *v,
			 struct err *reterr)
{
	struct resource resource = { .type = type, .slots = 1 };
	const struct json_value *slots = json_get(v, "slots");

	if (json_want_string(r->doc, v, "id", &resource.id, reterr) < 0)
		return -1;
	if (!is_name(resource.id))
		return fail_at(r, v, "an id is made of a-z, 0-9 and _", reterr);
	if (slots && !json_uint(slots, RESOURCE_SLOTS_MAX, &resource.slots))
		return fail_at(r, v, "'slots' is a number from 0 to 1000000", reterr);
	tests_add_resource(r->tests, &resource);
	return 0;
}

static int read_type(const struct spec_reader *r, const struct json_value *socket,
		     const struct json_member *m, struct err *reterr)
{
	const struct json_value *list = NULL, *v = NULL;

	/* ctest takes no notice of what cannot be a type */
	if (!is_name(m->key) || (m->key[0] >= '0' && m->key[0] <= '9'))
		return 0;
	if (json_want(r->doc, socket, m->key, JSON_KIND_ARRAY, &list, reterr) < 0)
		return -1;
	for (size_t i = 0; i < json_length(list); i++) {
		if (json_want_at(r->doc, list, i, JSON_KIND_OBJECT, &v, reterr) < 0 ||
		    read_resource(r, m->key, v, reterr) < 0)
			return -1;
	}
	return 0;
}

static int check_version(const struct spec_reader *r, const struct json_value *root,
			 struct err *reterr)
{
	const struct json_value *version = NULL;
	uint64_t major = 0, minor = 0;

	if (json_want(r->doc, root, "version", JSON_KIND_OBJECT, &version, reterr) < 0 ||
	    json_want_uint(r->doc, version, "major", &major, reterr) < 0 ||
	    json_want_uint(r->doc, version, "minor", &minor, reterr) < 0)
		return -1;
	if (major != 1 || minor != 0)
		return fail_at(r, version, "only version 1.0 is known", reterr);
	return 0;
}

static int read_root(const struct spec_reader *r, struct err *reterr)
{
	const struct json_value *root = NULL, *local = NULL, *socket = NULL;
	struct json_member m = { 0 };

	if (json_want_root(r->doc, JSON_KIND_OBJECT, &root, reterr) < 0 ||
	    check_version(r, root, reterr) < 0 ||
	    json_want(r->doc, root, "local", JSON_KIND_ARRAY, &local, reterr) < 0)
		return -1;
	if (json_length(local) > 1)
		return fail_at(r, local, "more than one element", reterr);
	if (json_length(local) == 0)
		return 0;
	if (json_want_at(r->doc, local, 0, JSON_KIND_OBJECT, &socket, reterr) < 0)
		return -1;
	for (void *it = json_first(socket, &m); it; it = json_next(socket, it, &m)) {
		if (read_type(r, socket, &m, reterr) < 0)
			return -1;
	}
	return 0;
}

int resource_spec_read_mem(const char *path, const char *s, size_t len, struct tests *ret,
			   struct err *reterr)
{
	struct spec_reader r = { .path = path, .tests = ret };
	struct json_doc *doc = NULL;

	if (json_read_mem(s, len, path, &doc, reterr) < 0)
		return -1;
	r.doc = doc;
	int status = read_root(&r, reterr);

	json_doc_free(doc);
	return status;
}

int resource_spec_read(const char *path, struct tests *ret, struct err *reterr)
{
	struct buf text = BUF_INIT;
	int status = fs_read(path, SPEC_MAX_BYTES, &text, reterr);

	if (status == 0)
		status = resource_spec_read_mem(path, text.s, text.len, ret, reterr);
	buf_release(&text);
	return status;
}
