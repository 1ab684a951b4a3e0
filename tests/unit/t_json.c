/* SPDX-License-Identifier: MIT
 *
 * format/json: values, and messages that say where.
 */
#include "format/json.h"

#include "base/buf.h"
#include "base/err.h"
#include "unit.h"

static const char sample[] =
	"{\"version\": 1, \"tests\": [\n"
	" {\"name\": \"a \\u00e9\", \"cost\": 12.5, \"on\": true, \"x\": null},\n"
	" {\"name\": 7, \"n\": -1, \"props\": [{\"k\": [1, \"two\", 0.1]}]}\n"
	"]}";

static struct json_doc *doc;
static struct err e;
static const struct json_value *tests;

static void setup(void)
{
	ck_assert_int_eq(json_read_mem(sample, strlen(sample), "t.json", &doc, &e), 0);
	ck_assert_int_eq(json_want(doc, json_root(doc), "tests", JSON_KIND_ARRAY, &tests, &e), 0);
}

static void teardown(void)
{
	json_doc_free(doc);
}

START_TEST(values_are_read)
{
	const struct json_value *first = json_at(tests, 0);
	uint64_t n = 0;
	bool b = false;

	ck_assert_uint_eq(json_length(tests), 2);
	ck_assert_str_eq(json_text(json_get(first, "name")), "a \xc3\xa9");
	ck_assert(json_seconds(json_get(first, "cost"), &n));
	ck_assert_uint_eq(n, 12500000);
	ck_assert(json_bool(json_get(first, "on"), &b) && b);
	ck_assert_int_eq(json_kind(json_get(first, "x")), JSON_KIND_NULL);
	ck_assert_int_eq(json_want_uint(doc, json_root(doc), "version", &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_ptr_null(json_at(tests, 2));
	ck_assert_ptr_null(json_get(tests, "name"));
	ck_assert_ptr_null(json_text(tests));
}
END_TEST

START_TEST(members_come_in_the_order_of_the_text)
{
	struct json_member m;
	struct buf keys = BUF_INIT;
	const struct json_value *first = json_at(tests, 0);

	for (void *it = json_first(first, &m); it; it = json_next(first, it, &m))
		buf_addf(&keys, "%s,", m.key);
	ck_assert_str_eq(keys.s, "name,cost,on,x,");
	buf_release(&keys);
}
END_TEST

START_TEST(any_value_has_a_text)
{
	struct buf b = BUF_INIT;

	json_add_text(json_get(json_at(tests, 0), "on"), &b);
	json_add_text(json_get(json_at(tests, 0), "name"), &b);
	json_add_text(json_get(json_at(tests, 1), "props"), &b);
	ck_assert_str_eq(b.s, "truea \xc3\xa9[{\"k\":[1,\"two\",0.1]}]");
	buf_release(&b);
}
END_TEST

START_TEST(a_wrong_kind_is_an_error_with_its_place)
{
	const char *s = NULL;
	const struct json_value *v = NULL, *second = json_at(tests, 1), *k = NULL;
	uint64_t n = 0;

	ck_assert_int_eq(json_want_string(doc, second, "name", &s, &e), -1);
	ck_assert_str_eq(e.msg, "expected string in tests[1].name, found number");
	ck_assert_str_eq(e.path, "t.json");
	ck_assert_int_eq(json_want_string(doc, json_root(doc), "kind", &s, &e), -1);
	ck_assert_str_eq(e.msg, "expected string in kind, found nothing");
	k = json_get(json_at(json_get(second, "props"), 0), "k");
	ck_assert_int_eq(json_want_at(doc, k, 1, JSON_KIND_OBJECT, &v, &e), -1);
	ck_assert_str_eq(e.msg, "expected object in tests[1].props[0].k[1], found string");
	ck_assert_int_eq(json_want_at(doc, k, 3, JSON_KIND_STRING, &v, &e), -1);
	ck_assert_str_eq(e.msg, "expected string in tests[1].props[0].k[3], found nothing");
	ck_assert_int_eq(json_want_uint(doc, second, "n", &n, &e), -1);
	ck_assert_str_eq(e.msg, "expected a whole number, at least 0, in tests[1].n");
	ck_assert_int_eq(json_want_root(doc, JSON_KIND_ARRAY, &v, &e), -1);
	ck_assert_str_eq(e.msg, "expected array in the document, found object");
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
} bad[] = {
	{ "", 1 },       { "{\"a\": 1,}", 1 }, { "{\n\"a\": 1\n\"b\"", 3 },
	{ "[1] x", 1 },  { "\"\\u0000\"", 1 }, { "[\"\xff\xfe\"]", 1 },
	{ "[1,\n2", 2 },
};

START_TEST(bad_text_is_refused_with_its_line)
{
	struct json_doc *d = NULL;

	ck_assert_int_eq(json_read_mem(bad[_i].text, strlen(bad[_i].text), "b.json", &d, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYNTAX);
	ck_assert_uint_eq(e.line, bad[_i].line);
	ck_assert_ptr_null(d);
}
END_TEST

START_TEST(endless_nesting_is_refused)
{
	struct json_doc *d = NULL;
	struct buf b = BUF_INIT;

	for (int i = 0; i < 100000; i++)
		buf_addch(&b, '[');
	ck_assert_int_eq(json_read_mem(b.s, b.len, "b.json", &d, &e), -1);
	buf_release(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("json");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, values_are_read);
	tcase_add_test(t, members_come_in_the_order_of_the_text);
	tcase_add_test(t, any_value_has_a_text);
	tcase_add_test(t, a_wrong_kind_is_an_error_with_its_place);
	tcase_add_loop_test(t, bad_text_is_refused_with_its_line, 0, ARRAY_SIZE(bad));
	tcase_add_test(t, endless_nesting_is_refused);
	suite_add_tcase(s, t);
	return unit_main(s);
}
