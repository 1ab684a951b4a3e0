/* SPDX-License-Identifier: MIT
 *
 * v3 writes XML into a file; what main() prints is not in it:
 *
 *   <MatchingTests>
 *     <TestCase>
 *       <Name>plain ok</Name> <ClassName/> <Tags>[fast][unit]</Tags>
 *       <SourceInfo> <File>c.cc</File> <Line>5</Line> </SourceInfo>
 *
 * v2 leaves that file empty and prints text, folded to 80 columns, of which only the tags are
 * wanted.  A second call has the names, one a line, and places:
 *
 *   Matching test cases:                    plain ok	@c.cc:5
 *     plain ok                              "#quoted only then"	@c.cc:9
 *       c.cc:5
 *       (NO DESCRIPTION)
 *         [fast][unit]
 *
 * Hidden tests ([.]) are asked for by name, unless an entry's own arguments choose tests: Catch2 leaves
 * them out, we say why.
 */
#include <unistd.h>

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_listing.h"
#include "adapter/catch2.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/xml.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { LIST_MAX_BYTES = 1 << 28, MAX_TAGS = 256 };

/* NULL where the target's own arguments choose. */
static const char *everything(const struct target *t)
{
	return args_choose(&catch2_args, t) ? NULL : "*,[.]";
}

/* --- a test ------------------------------------------------------------------------------- */

/* "[fast][unit]" becomes marks, but for those that only say that it is hidden, if nobody chose it. */
static void set_tags(struct tests *ret, struct test *t, const char *tags, bool is_chosen)
{
	const char *marks[MAX_TAGS];
	size_t n = 0;

	for (const char *s = strchr(tags, '['); s && n < MAX_TAGS; s = strchr(s, '[')) {
		const char *close = strchr(++s, ']');

		if (!close)
			break;
		const char *tag = arena_memdup(&ret->mem, s, (size_t)(close - s));

		if (strcmp(tag, ".") != 0 && strcmp(tag, "!hide") != 0)
			marks[n++] = tag;
		else if (!is_chosen)
			t->skip_reason = "hidden by its tag [.]";
		s = close;
	}
	test_set_marks(ret, t, marks, n);
}

static char *trimmed(struct arena *mem, const char *s, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", s[len - 1]))
		len--;
	while (len > 0 && strchr(" \t\r\n", s[0])) {
		s++;
		len--;
	}
	return arena_memdup(mem, s, len);
}

/* What the listing said of one test. */
struct listed {
	const char *name, *file, *tags;
	uint64_t line;
};

static void add_test(struct tests *ret, const struct target *target, uint32_t target_index,
		     const struct listed *l)
{
	struct test t = test_blank(target_index);

	t.name = t.selector = l->name;
	t.id = test_make_id(&ret->mem, target->name, "", t.name);
	t.file = l->file && *l->file ? l->file : NULL;
	t.line = (unsigned)l->line;
	set_tags(ret, &t, l->tags ? l->tags : "", args_choose(&catch2_args, target));
	tests_add(ret, &t);
}

/* --- v3 ----------------------------------------------------------------------------------- */

struct xml_listing {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	struct buf text;
	struct listed test;
	bool is_list; /* <MatchingTests> was seen */
};

static int on_begin(void *ctx, const struct xml_element *e, struct err *reterr)
{
	struct xml_listing *l = ctx;

	(void)reterr;
	buf_clear(&l->text);
	if (strcmp(e->name, "TestCase") == 0)
		l->test = (struct listed){ 0 };
	else if (strcmp(e->name, "MatchingTests") == 0)
		l->is_list = true;
	return 0;
}

static int on_text(void *ctx, const char *s, size_t len, struct err *reterr)
{
	struct xml_listing *l = ctx;

	(void)reterr;
	buf_add(&l->text, s, len);
	return 0;
}

static int on_end(void *ctx, const char *name, struct err *reterr)
{
	struct xml_listing *l = ctx;
	struct arena *mem = &l->tests->mem;

	if (strcmp(name, "Name") == 0)
		l->test.name = trimmed(mem, l->text.s, l->text.len);
	else if (strcmp(name, "Tags") == 0)
		l->test.tags = arena_strdup(mem, l->text.s);
	else if (strcmp(name, "File") == 0)
		l->test.file = arena_strdup(mem, l->text.s);
	else if (strcmp(name, "Line") == 0 && !parse_uint(l->text.s, UINT32_MAX, &l->test.line))
		return err_set(reterr, ERR_SYNTAX, NULL, 0, "bad line number '%s'", l->text.s);
	if (strcmp(name, "TestCase") != 0 || !l->is_list)
		return 0;
	if (!l->test.name)
		return err_set(reterr, ERR_SYNTAX, NULL, 0, "a test has no name");
	add_test(l->tests, l->target, l->target_index, &l->test);
	return 0;
}

int catch2_list_read_xml(const char *s, size_t len, const char *path, const struct target *t,
			 uint32_t target_index, struct tests *ret, struct err *reterr)
{
	static const struct xml_limits limits = { 16, 64, 1 << 20 };
	struct xml_listing l = {
		.target = t, .target_index = target_index, .tests = ret, .text = BUF_INIT
	};
	const struct xml_sink sink = { &l, on_begin, on_text, on_end, NULL };
	size_t nbefore = ret->ntests;
	struct xml *x = xml_new(path, &sink, &limits);
	int status = x && xml_feed(x, s, len, reterr) == 0 ? xml_finish(x, reterr) : -1;

	if (status == 0 && !l.is_list)
		status = err_set(reterr, ERR_SYNTAX, path, 0, "it has no <MatchingTests>");
	if (status < 0)
		ret->ntests = nbefore;
	xml_free(x);
	buf_release(&l.text);
	return status;
}

/* --- v2 ----------------------------------------------------------------------------------- */

/* The line at *s without its newline; *s is behind it.  false: there is none. */
static bool next_line(const char **s, const char *end, const char **line, size_t *len)
{
	if (*s >= end)
		return false;
	const char *nl = memchr(*s, '\n', (size_t)(end - *s));

	*line = *s;
	*len = (size_t)((nl ? nl : end) - *s);
	*s = nl ? nl + 1 : end;
	return true;
}

/* NAME TAB @FILE:LINE; anything else is what main() printed. */
static bool read_name(struct arena *mem, const char *line, size_t len, struct listed *ret)
{
	const char *tab = memrchr(line, '\t', len);
	const char *colon = memrchr(line, ':', len);

	if (!tab || !colon || colon < tab + 2 || tab[1] != '@' ||
	    !parse_uint(arena_memdup(mem, colon + 1, (size_t)(line + len - colon - 1)), UINT32_MAX,
			&ret->line))
		return false;
	size_t n = (size_t)(tab - line);
	bool is_quoted = n > 2 && line[0] == '"' && line[1] == '#' && line[n - 1] == '"';

	ret->name = trimmed(mem, line + is_quoted, n - 2 * is_quoted);
	ret->file = arena_memdup(mem, tab + 2, (size_t)(colon - tab - 2));
	return true;
}

/* The tags of the next test behind *s, joined where they were folded; false: no test comes. */
static bool next_tags(const char **s, const char *end, struct buf *ret)
{
	static const char mark[] = "    (NO DESCRIPTION)", indent[] = "      ";
	const char *line = NULL, *at = NULL;
	size_t len = 0;

	buf_clear(ret);
	do {
		if (!next_line(s, end, &line, &len))
			return false;
	} while (len != strlen(mark) || memcmp(line, mark, len) != 0);
	for (at = *s; next_line(&at, end, &line, &len); *s = at) {
		if (len <= strlen(indent) || memcmp(line, indent, strlen(indent)) != 0)
			break;
		if (ret->len > 0 && ret->s[ret->len - 1] != ']')
			buf_addch(ret, ' ');
		buf_add(ret, line + strlen(indent), len - strlen(indent));
	}
	return true;
}

int catch2_list_read_text(const struct buf *names, const struct buf *tags, const struct target *t,
			  uint32_t target_index, struct tests *ret, struct err *reterr)
{
	const char *s = names->s, *end = names->s + names->len;
	const char *at = tags->s, *tags_end = tags->s + tags->len, *line = NULL;
	struct buf text = BUF_INIT;
	size_t nbefore = ret->ntests, len = 0;
	bool has_tags = true;

	while (has_tags && next_line(&s, end, &line, &len)) {
		struct listed l = { 0 };

		if (!read_name(&ret->mem, line, len, &l))
			continue;
		has_tags = next_tags(&at, tags_end, &text);
		l.tags = text.s;
		if (has_tags)
			add_test(ret, t, target_index, &l);
	}
	if (!has_tags || next_tags(&at, tags_end, &text)) {
		ret->ntests = nbefore;
		err_set(reterr, ERR_SYNTAX, NULL, 0,
			"--list-tests and --list-test-names-only have not the same tests");
		buf_release(&text);
		return -1;
	}
	buf_release(&text);
	return 0;
}

/* --- the program -------------------------------------------------------------------------- */

/* v2 has answered with its tags in *tags; now the names. */
static int list_v2(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		   const struct buf *tags, struct tests *ret, struct err *reterr)
{
	const char *const args[] = { "--list-test-names-only", "-v", "high", everything(t), NULL };
	const struct question q = { .own = &catch2_args, .args = args };
	struct proc_end end = { 0 };
	struct listing_answer answer = { BUF_INIT, BUF_INIT, &end };
	struct err why = { 0 };
	int status = listing_ask(t, ctx, &q, &answer, reterr);

	/* its exit status is the number of its tests */
	if (status == 0 && (end.is_timeout || end.term_signal))
		status = listing_missing(t, ctx, &answer, reterr);
	else if (status == 0 &&
		 catch2_list_read_text(&answer.out, tags, t, target_index, ret, &why) < 0)
		status = listing_unreadable(t, &why, reterr);
	listing_answer_release(&answer);
	return status;
}

int catch2_list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	struct arena mem = { 0 };
	struct proc_end end = { 0 };
	struct listing_answer answer = { BUF_INIT, BUF_INIT, &end };
	struct buf text = BUF_INIT;
	struct err why = { 0 };
	const char *path = fs_join(&mem, ctx->scratch, "catch2-list.xml");
	const char *const args[] = { "--list-tests", "-v", "high", "-r",          "xml", "--order",
				     "decl",         "-o", path,   everything(t), NULL };
	const struct question q = { .own = &catch2_args, .args = args };
	int status = -1;

	(void)unlink(path); /* another program's listing; most often there is none */
	if (listing_ask(t, ctx, &q, &answer, reterr) < 0)
		goto out;
	if (end.is_timeout || end.term_signal || fs_read(path, LIST_MAX_BYTES, &text, &why) < 0)
		status = listing_missing(t, ctx, &answer, reterr);
	else if (text.len == 0)
		status = list_v2(t, target_index, ctx, &answer.out, ret, reterr);
	else if (catch2_list_read_xml(text.s, text.len, path, t, target_index, ret, &why) < 0)
		status = listing_unreadable(t, &why, reterr);
	else
		status = 0;
	(void)unlink(path);
out:
	listing_answer_release(&answer);
	buf_release(&text);
	arena_release(&mem);
	return status;
}
