/* SPDX-License-Identifier: MIT */
#include "format/xml.h"

#include "base/buf.h"
#include "base/err.h"
#include "unit/unit.h"

static struct buf seen = BUF_INIT; /* "<a k=v>text</a>" as the callbacks tell it */
static struct buf warned = BUF_INIT;
static struct err e;
static const char *stop_at; /* an element whose begin is refused */

static int on_begin(void *ctx, const struct xml_element *el, struct err *reterr)
{
	(void)ctx;
	if (stop_at && strcmp(stop_at, el->name) == 0)
		return err_set(reterr, ERR_SYNTAX, "t.xml", el->line, "stopped");
	buf_addf(&seen, "<%s", el->name);
	for (size_t i = 0; i < el->nattrs; i++)
		buf_addf(&seen, " %s=%.*s", el->attrs[i].name, (int)el->attrs[i].len,
			 el->attrs[i].value);
	buf_addch(&seen, '>');
	return 0;
}

static int on_text(void *ctx, const char *s, size_t len, struct err *reterr)
{
	(void)ctx, (void)reterr;
	buf_add(&seen, s, len);
	return 0;
}

static int on_end(void *ctx, const char *name, struct err *reterr)
{
	(void)ctx, (void)reterr;
	buf_addf(&seen, "</%s>", name);
	return 0;
}

static void on_warning(void *ctx, uint64_t offset_bytes, const char *text)
{
	(void)ctx;
	buf_addf(&warned, "%llu: %s\n", (unsigned long long)offset_bytes, text);
}

static const struct xml_sink sink = { NULL, on_begin, on_text, on_end, on_warning };
static const struct xml_limits limits = { 8, 10, 1000 };

/* In pieces of `step` bytes. */
static int read_in_steps(const char *s, size_t len, size_t step)
{
	struct xml *x = xml_new("t.xml", &sink, &limits);
	int status = 0;

	buf_clear(&seen);
	buf_clear(&warned);
	e = (struct err){ 0 };
	for (size_t i = 0; status == 0 && i < len; i += step)
		status = xml_feed(x, s + i, len - i < step ? len - i : step, &e);
	if (status == 0)
		status = xml_finish(x, &e);
	xml_free(x);
	return status;
}

static int read_text(const char *s)
{
	return read_in_steps(s, strlen(s), strlen(s) + 1);
}

static const struct {
	const char *xml, *seen;
	const char *warning; /* part of what is warned of; NULL: nothing */
} good[] = {
	{ "<a/>", "<a></a>", NULL },
	{ "\xef\xbb\xbf<?xml version=\"1.0\"?><a>x</a>\n", "<a>x</a>", NULL },
	{ "<a k='1' l=\"&lt;&amp;&#65;&#x42;&quot;'\">&gt;&amp;&apos;</a>",
	  "<a k=1 l=<&AB\"'>>&'</a>", NULL },
	{ "<a k='&amp;#38;'/>", "<a k=&#38;></a>", NULL },
	{ "<n:a xmlns:n='u' n:k='1'/>", "<a k=1></a>", NULL },
	{ "<a><!-- <b> ]]> & -- \x01 --><?pi <c>?>x</a>", "<a>x</a>", NULL },
	{ "<!DOCTYPE a SYSTEM \"x>y.dtd\"><a/>", "<a></a>", NULL },
	{ "<a><![CDATA[<&>]] ]>]]></a>", "<a><&>]] ]></a>", NULL },
	{ "<a><![CDATA[x]]]]><![CDATA[>]]></a>", "<a>x]]></a>", NULL },
	{ "<a><![CDATA[x]]]]>></a>", "<a>x]]></a>", NULL },
	{ "<a>]] ]></a>", "<a>]] ]></a>", NULL },
	{ "<a>\xc3\xa9\xf0\x9f\x98\x80</a>", "<a>\xc3\xa9\xf0\x9f\x98\x80</a>", NULL },
	{ "<?xml version='1.0' encoding='ISO-8859-1'?><a k='\xe9'>\xe9</a>",
	  "<a k=\xc3\xa9>\xc3\xa9</a>", NULL },
	/* mended */
	{ "<a>x\x1b[31my</a>", "<a>x\\x1B[31my</a>", "4: control byte, written as \\xNN (0x1B)" },
	{ "<a k='\x01'/>", "<a k=\\x01></a>", "6: control byte" },
	{ "<a>\xff\xc3</a>", "<a>\xef\xbf\xbd\xef\xbf\xbd</a>", "3: byte that is not UTF-8" },
	{ "<a>\xff\xc3</a>", "<a>\xef\xbf\xbd\xef\xbf\xbd</a>",
	  "4: byte that is not UTF-8, "
	  "replaced by U+FFFD: 2 times" },
	{ "<a>\xed\xa0\x80</a>", "<a>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</a>", "not UTF-8" },
	{ "<a>\xef\xbf\xbe</a>", "<a>\xef\xbf\xbd</a>",
	  "cannot carry, replaced by U+FFFD (0xFFFE)" },
	{ "<a>&#27;&#xFFFF;</a>", "<a>\\x1B\xef\xbf\xbd</a>", "3: reference to a character" },
	{ "<a>x]]>y</a>", "<a>x]]>y</a>", "4: ']]>' in text" },
	{ "<a>1 & 2 &nbsp; &#x; &</a>", "<a>1 & 2 &nbsp; &#x; &</a>", "5: '&'" },
	{ "<a k='&nbsp;'/>", "<a k=&nbsp;></a>", "6: '&'" },
	{ "<a k='G <1>'>1 < 2 <</a>", "<a k=G <1>>1 < 2 <</a>", "8: '<'" },
	{ "<a>x</a>\n<?xml version='1.0'?>\n<b/>", "<a>x</a><b></b>", "another document" },
	{ "Running main()\n<a/>", "<a></a>", "text outside of the document" },
	{ "<?xml version='1.0' encoding='x-mac'?><a>\xc3\xa9</a>", "<a>\xc3\xa9</a>",
	  "unknown encoding" },
};

START_TEST(what_frameworks_write_is_read_and_what_was_mended_is_said)
{
	ck_assert_msg(read_text(good[_i].xml) == 0, "%s", e.msg);
	ck_assert_str_eq(seen.s, good[_i].seen);
	if (good[_i].warning)
		ck_assert_msg(strstr(warned.s, good[_i].warning), "'%s' lacks '%s'", warned.s,
			      good[_i].warning);
	else
		ck_assert_str_eq(warned.s, "");
}
END_TEST

START_TEST(where_the_bytes_are_cut_into_pieces_changes_nothing)
{
	struct buf want = BUF_INIT;
	struct buf want_warned = BUF_INIT;
	const char *xml = good[_i].xml;
	size_t n = strlen(xml);

	ck_assert_int_eq(read_text(xml), 0);
	buf_addstr(&want, seen.s);
	/* what is outside of the document is placed by the parser, and only nearly */
	if (!strstr(warned.s, "document"))
		buf_addstr(&want_warned, warned.s);
	for (size_t step = 1; step < n; step++) {
		ck_assert_int_eq(read_in_steps(xml, n, step), 0);
		ck_assert_str_eq(seen.s, want.s);
		if (want_warned.len > 0)
			ck_assert_str_eq(warned.s, want_warned.s);
	}
	buf_release(&want);
	buf_release(&want_warned);
}
END_TEST

static const struct {
	const char *xml;
	size_t len; /* 0: strlen */
	enum err_code code;
	unsigned line;
	const char *msg;
} bad[] = {
	{ "", 0, ERR_SYNTAX, 1, "the file is empty" },
	{ "hello\nworld", 0, ERR_SYNTAX, 2, "no XML" },
	{ "<a>\n<b>\n", 0, ERR_SYNTAX, 3, "cut: it ends inside <b> of line 2" },
	{ "<a>\n<b k='", 0, ERR_SYNTAX, 2, "ends inside <a> of line 1" },
	{ "<a><![CDATA[x", 0, ERR_SYNTAX, 1, "ends inside <a>" },
	{ "<a/><!-- ", 0, ERR_SYNTAX, 1, "cut" },
	{ "<a>\n\n</b>", 0, ERR_SYNTAX, 3, "mismatch" },
	{ "<a>\n<b k='1' k='2'/></a>", 0, ERR_SYNTAX, 2, "Attribute k redefined" },
	{ "<!DOCTYPE a [\n<!ENTITY x 'y'>]><a>&x;</a>", 0, ERR_SYNTAX, 1, "entities are refused" },
	{ "<a><a><a><a><a><a><a><a>\n<a>", 0, ERR_LIMIT, 2, "more than 8 deep" },
	{ "<a>\n<b a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k=''/></a>", 0, ERR_LIMIT, 2,
	  "more attributes" },
	{ "\xff\xfe<\0a\0", 6, ERR_UNSUPPORTED, 1, "UTF-16" },
	{ "\x1f\x8b\x08\0\0\0\0\0\0\0", 10, ERR_UNSUPPORTED, 1, "compressed" },
};

START_TEST(a_damaged_file_is_refused_with_its_line)
{
	size_t len = bad[_i].len ? bad[_i].len : strlen(bad[_i].xml);

	for (size_t step = 1; step <= len + 1; step++) {
		ck_assert_int_eq(read_in_steps(bad[_i].xml, len, step), -1);
		ck_assert_int_eq(e.code, bad[_i].code);
		ck_assert_str_eq(e.path, "t.xml");
		ck_assert_uint_eq(e.line, bad[_i].line);
		ck_assert_msg(strstr(e.msg, bad[_i].msg), "'%s' lacks '%s'", e.msg, bad[_i].msg);
	}
}
END_TEST

START_TEST(what_came_before_the_damage_was_handed_on)
{
	ck_assert_int_eq(read_text("<a><b>x</b><c>y</d></a>"), -1);
	ck_assert_str_eq(seen.s, "<a><b>x</b><c>y");
}
END_TEST

START_TEST(a_tag_is_bounded)
{
	struct buf xml = BUF_INIT;

	buf_addstr(&xml, "<a k='");
	for (int i = 0; i < 2000; i++)
		buf_addstr(&xml, i % 2 ? "&" : "x");
	buf_addstr(&xml, "'/>");
	ck_assert_int_eq(read_text(xml.s), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	buf_release(&xml);
}
END_TEST

START_TEST(a_text_may_have_any_length)
{
	enum { BYTES = 12 * 1024 * 1024 };
	struct buf xml = BUF_INIT;

	buf_addstr(&xml, "<a>");
	buf_reserve(&xml, BYTES);
	while (xml.len < BYTES)
		buf_addstr(&xml, "0123456789 012345678901234567890123456789 < 0123456789\n");
	buf_addstr(&xml, "</a>");
	ck_assert_int_eq(read_in_steps(xml.s, xml.len, 65536), 0);
	ck_assert_uint_eq(seen.len, xml.len);
	buf_release(&xml);
}
END_TEST

START_TEST(a_callback_can_stop_the_reading)
{
	stop_at = "c";
	ck_assert_int_eq(read_text("<a><b/>\n<c/><d/></a>"), -1);
	stop_at = NULL;
	ck_assert_str_eq(e.msg, "stopped");
	ck_assert_uint_eq(e.line, 2);
	ck_assert_str_eq(seen.s, "<a><b></b>\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("xml");
	TCase *t = tcase_create("xml");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, what_frameworks_write_is_read_and_what_was_mended_is_said, 0,
			    ARRAY_SIZE(good));
	tcase_add_loop_test(t, where_the_bytes_are_cut_into_pieces_changes_nothing, 0,
			    ARRAY_SIZE(good));
	tcase_add_loop_test(t, a_damaged_file_is_refused_with_its_line, 0, ARRAY_SIZE(bad));
	tcase_add_test(t, what_came_before_the_damage_was_handed_on);
	tcase_add_test(t, a_tag_is_bounded);
	tcase_add_test(t, a_text_may_have_any_length);
	tcase_add_test(t, a_callback_can_stop_the_reading);
	return unit_main(s);
}
