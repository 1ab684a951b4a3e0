/* SPDX-License-Identifier: MIT */
#include "format/llvmjson.h"

#include "unit/covfmt.h"

#define HEAD     "{\"data\":[{\"files\":["
#define END      "],\"totals\":{}}],\"type\":\"llvm.coverage.json.export\",\"version\":\"2.0.1\"}"
#define SEGMENTS "{\"branches\":[],\"expansions\":[],\"filename\":\"/a.c\",\"segments\":["

static const struct {
	const char *name, *text, *want;
} dialects[] = {
	{ "a function of four lines",
	  HEAD SEGMENTS "[2,1,5,true,true,false],[5,2,0,false,false,false]]}" END,
	  "/a.c: 2=5 3=5 4=5 5=5" },
	{ "two regions that begin on a line: the greater one",
	  HEAD SEGMENTS "[1,1,2,true,true,false],[2,3,9,true,true,false],[2,8,4,true,true,false],"
			"[3,1,2,true,false,false],[4,1,0,false,false,false]]}" END,
	  "/a.c: 1=2 2=9 3=4 4=2" },
	{ "a region that ends leaves what reached into the line",
	  HEAD SEGMENTS "[1,1,2,true,true,false],[2,3,0,true,true,false],[2,8,2,true,false,false],"
			"[3,1,0,false,false,false]]}" END,
	  "/a.c: 1=2 2=2 3=2" },
	{ "a region that is passed over",
	  HEAD SEGMENTS "[1,1,1,true,true,false],[2,1,0,false,true,false],[4,1,1,true,false,false],"
			"[5,1,0,false,false,false]]}" END,
	  "/a.c: 1=1 5=1" },
	{ "a gap counts for nothing",
	  HEAD SEGMENTS "[1,1,3,true,true,false],[2,1,9,true,true,true],[2,5,3,true,false,false],"
			"[3,1,0,false,false,false]]}" END,
	  "/a.c: 1=3 2=3 3=3" },
	{ "branches, those of a macro where it is used, instances as one",
	  HEAD
	  "{\"branches\":[[1,9,1,12,5,0,0,0,4],[1,2,1,4,3,2,0,0,4],[1,2,1,4,1,1,0,0,4]],"
	  "\"expansions\":[{\"branches\":[[9,1,9,5,7,8,1,0,4]],\"filenames\":[\"/a.c\",\"/m.h\"],"
	  "\"source_region\":[1,5,1,8,5,0,1,1],\"target_regions\":[]}],\"filename\":\"/a.c\","
	  "\"segments\":[[1,1,5,true,true,false],[1,20,0,false,false,false]],\"summary\":{}}" END,
	  "/a.c: 1=5(4 3 7 8 5 0)" },
	{ "functions, static ones too",
	  "{\"data\":[{\"files\":[],\"functions\":[{\"branches\":[],\"count\":3,\"filenames\":[\"/"
	  "s/a.c\"],"
	  "\"name\":\"a.c:f\",\"regions\":[[4,1,9,2,3,0,0,0],[5,1,6,2,1,0,0,0]]},{\"count\":0,"
	  "\"filenames\":[\"/s/m.h\",\"/s/"
	  "a.c\"],\"name\":\"g:h\",\"regions\":[[1,1,2,2,0,1,0,0]]}]}],"
	  "\"type\":\"llvm.coverage.json.export\",\"version\":\"3.0.1\"}",
	  "/s/a.c: g:h@1-2=0 f@4-9=3" },
	{ "nothing", HEAD END, "" },
};

START_TEST(every_shape_is_read)
{
	setup();
	ck_assert_msg(take(llvmjson_read, "l.json", dialects[_i].text) == 0, "%s: %u: %s",
		      dialects[_i].name, e.line, e.msg);
	ck_assert_str_eq(digest(), dialects[_i].want);
	teardown();
}
END_TEST

static const struct {
	const char *text;
	enum err_code code;
	const char *msg;
} damages[] = {
	{ "", ERR_SYNTAX, "expected an object" },
	{ "{}", ERR_SYNTAX, "'type'" },
	{ HEAD "], \"type\":\"x\"}", ERR_SYNTAX, "" },
	{ "{\"data\":[],\"type\":\"llvm.coverage.json.export\",\"version\":\"4.0\"}",
	  ERR_UNSUPPORTED, "version '4.0'" },
	{ HEAD "{\"filename\":\"/a.c\",\"summary\":{}}" END, ERR_UNSUPPORTED, "summary" },
	{ HEAD "{\"segments\":[]}" END, ERR_SYNTAX, "'filename' is missing" },
	{ HEAD SEGMENTS "[2,1]]}" END, ERR_SYNTAX, "missing" },
	{ HEAD SEGMENTS "[2,1,1,true,true,false],[1,1,1,true,true,false]]}" END, ERR_SYNTAX,
	  "no order" },
	{ HEAD SEGMENTS "[0,1,1,true,true,false]]}" END, ERR_SYNTAX, "no order" },
	{ HEAD SEGMENTS "[16777216,1,1,true,true,false]]}" END, ERR_LIMIT, "limit of 16777215" },
	{ HEAD SEGMENTS "[1,1,1,true,true,false],[16777215,1,1,true,true,false]]}" END, ERR_LIMIT,
	  "too many lines" },
	{ HEAD "{\"filename\":\"/a.c\",\"branches\":[[1]]}" END, ERR_SYNTAX, "missing" },
	{ HEAD "{\"filename\":\"/a.c\",\"segments\":[", ERR_SYNTAX, "cut" },
};

START_TEST(a_damage_is_named)
{
	setup();
	ck_assert_int_eq(take(llvmjson_read, "l.json", damages[_i].text), -1);
	ck_assert_int_eq(e.code, damages[_i].code);
	ck_assert_uint_eq(e.line, 1);
	ck_assert_msg(strstr(e.msg, damages[_i].msg), "'%s' lacks '%s'", e.msg, damages[_i].msg);
	teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("llvmjson");
	TCase *tc = tcase_create("llvmjson");

	tcase_add_loop_test(tc, every_shape_is_read, 0, ARRAY_SIZE(dialects));
	tcase_add_loop_test(tc, a_damage_is_named, 0, ARRAY_SIZE(damages));
	suite_add_tcase(s, tc);
	return unit_main(s);
}
