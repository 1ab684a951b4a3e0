/* SPDX-License-Identifier: MIT
 *
 * QtTest: each private slot of a class is a test, or each row of its data.  The XML log, written
 * through the report pipe function by function, is
 *
 *   <TestFunction name="each">
 *   <Message type="skip" file="t.cpp" line="7">
 *       <Description><![CDATA[no net]]></Description>
 *   </Message>
 *   <Incident type="fail" file="t.cpp" line="11">
 *       <DataTag><![CDATA[two]]></DataTag>
 *       <Description><![CDATA['n != 2' returned FALSE. ()]]></Description>
 *   </Incident>
 *   </TestFunction>
 *
 * One function or row at a time is asked for, in order, so the log has a TestFunction for each.
 */
#include "adapter/qt.h"

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_cases.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/parse.h"
#include "format/elf.h"
#include "sys/proc.h"

enum { MAX_BATCH = 512, TEXT_MAX_BYTES = 4096, PART_MAX_BYTES = 1 << 20 };

static bool probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	return f && elf_file_kind(f) == ELF_KIND_PROGRAM &&
	       (elf_file_needs(f, "libQt5Test.so") || elf_file_needs(f, "libQt6Test.so"));
}

/* A function's name is none of these: the list of tests does not heed it. */
static const struct arg_row arg_rows[] = {
	{ "-eventdelay", true, ARG_KEPT },
	{ "-keydelay", true, ARG_KEPT },
	{ "-mousedelay", true, ARG_KEPT },
	{ "-maxwarnings", true, ARG_KEPT },
	{ "-nocrashhandler", false, ARG_OURS },
	{ "-platform", true, ARG_KEPT },
	{ NULL, false, ARG_KEPT },
};

static const struct own_args own_args = { .rows = arg_rows };

/* --- listing --------------------------------------------------------------------------------- */

struct listing {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	struct map seen, selectors;
	const char *class; /* NULL: none yet */
	bool has_classes;  /* more than one */
};

static bool is_identifier(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') ||
			   (s[n] >= '0' && s[n] <= '9') || s[n] == '_' || (s[n] & 0x80)))
		n++;
	return n > 0 && n == len;
}

static void list_test(struct listing *l, const char *function, const char *row)
{
	struct arena *mem = &l->tests->mem;
	struct test t = test_blank(l->target_index);
	struct buf name = BUF_INIT;
	/* "fn::row" would be read as a class and its function */
	bool is_chosen_by_function = row && *row == ':';

	buf_addf(&name, "%s%s%s", function, row && !is_chosen_by_function ? ":" : "",
		 row && !is_chosen_by_function ? row : "");
	t.selector = arena_memdup(mem, name.s, name.len);
	buf_release(&name);
	/* rows of one name run together */
	if (!map_put(&l->selectors, t.selector, strlen(t.selector), 0))
		return;
	t.suite = l->class;
	t.name = t.selector;
	ask_add_test(l->tests, l->target, &t, &l->seen);
}

/* "Class function row with blanks"; a global row stands behind " __global__ ". */
static void list_line(void *ctx, const struct line *line)
{
	static const char global[] = " __global__ ";
	struct listing *l = ctx;
	char *text = xmemdup(line->s, line->text_len), *rest = text;
	char *class = strsep(&rest, " "), *function = rest ? strsep(&rest, " ") : NULL;
	char *cut = rest ? strstr(rest, global) : NULL;

	if (cut)
		*cut = '\0';
	if (line->is_first && function && is_identifier(class, strlen(class)) &&
	    is_identifier(function, strlen(function))) {
		l->has_classes = l->has_classes || (l->class && strcmp(l->class, class) != 0);
		if (!l->class)
			l->class = arena_strdup(&l->tests->mem, class);
		list_test(l, function, rest);
	}
	free(text);
}

int qt_list_read(const char *s, size_t len, const struct target *t, uint32_t target_index,
		 struct tests *ret, struct err *reterr)
{
	struct listing l = { .target = t, .target_index = target_index, .tests = ret };
	size_t nbefore = ret->ntests;

	lines_read(s, len, list_line, &l);
	map_release(&l.seen);
	map_release(&l.selectors);
	if (ret->ntests > nbefore && !l.has_classes)
		return 0;
	ret->ntests = nbefore;
	/* the objects would each be told of the functions of the others, and refuse */
	return err_set(reterr, ERR_UNSUPPORTED, NULL, 0, "'%s' %s", t->argv[0],
		       l.has_classes ? "has several test objects" : "names no test function");
}

static int list(const struct target *t, uint32_t target_index, const struct list_context *ctx,
		struct tests *ret, struct err *reterr)
{
	static const char *const args[] = { "-datatags", NULL };
	const struct question q = { .own = &own_args, .args = args, .may_be_empty = true };

	return ask_list(t, target_index, ctx, &q, qt_list_read, ret, reterr);
}

/* --- running --------------------------------------------------------------------------------- */

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	(void)reterr;
	args_begin(ret, &own_args, b->target, b->ntests + 4);
	command_arg(ret, "-o");
	command_arg(ret, "/dev/fd/%d,xml", ASK_REPORT_FD);
	command_arg(ret, "-nocrashhandler");
	for (size_t i = 0; i < b->ntests; i++)
		command_arg(ret, "%s", b->tests[i]->selector);
	ret->report_fd = ASK_REPORT_FD;
	ret->is_merged = b->ntests > 1;
	return 0;
}

/* --- reading --------------------------------------------------------------------------------- */

/* Of an Incident or a Message. */
struct event {
	char type[16];
	bool is_row; /* the text that comes is the row's name */
	struct buf file, description;
	unsigned line;
};

struct reader {
	struct cases cases;
	struct buf pending;
	struct buf function; /* "" outside of any */
	size_t next;         /* the test that this function is expected to be */
	bool is_inside;      /* of a TestFunction of a test of ours */
	struct event event;
	/* the verdict of the function so far */
	bool has_verdict;
	enum outcome outcome;
	struct buf message, file, fixture, skip;
	unsigned line;
};

static struct reader *reader_new(const struct batch *b, const struct case_sink *sink)
{
	struct reader *r = xcalloc(1, sizeof *r);

	cases_init(&r->cases, b, sink);
	r->pending = r->function = r->message = r->file = r->fixture = r->skip =
		(struct buf)BUF_INIT;
	r->event.file = r->event.description = (struct buf)BUF_INIT;
	return r;
}

/* A verdict says more than the one before it if it is worse. */
static int weight(enum outcome o)
{
	return o == OUTCOME_FAIL ? 4 : o == OUTCOME_SKIP ? 3 : o == OUTCOME_XFAIL ? 2 : 1;
}

static void judge(struct reader *r, enum outcome outcome)
{
	if (r->has_verdict && weight(outcome) <= weight(r->outcome))
		return;
	r->has_verdict = true;
	r->outcome = outcome;
	buf_clear(&r->message);
	buf_clear(&r->file);
	buf_addstr(&r->message, r->event.description.s);
	buf_addstr(&r->file, r->event.file.s);
	r->line = r->event.line;
}

static bool is_fixture(const char *name)
{
	return strcmp(name, "initTestCase") == 0 || strcmp(name, "cleanupTestCase") == 0;
}

static void end_event(struct reader *r)
{
	static const struct {
		const char *type;
		enum outcome outcome;
	} types[] = { { "pass", OUTCOME_PASS },   { "fail", OUTCOME_FAIL },
		      { "xfail", OUTCOME_XFAIL }, { "xpass", OUTCOME_FAIL },
		      { "skip", OUTCOME_SKIP },   { "bpass", OUTCOME_PASS },
		      { "bfail", OUTCOME_SKIP },  { "bxpass", OUTCOME_SKIP },
		      { "bxfail", OUTCOME_SKIP } };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].type, r->event.type) != 0)
			continue;
		judge(r, types[i].outcome);
		/* a message beside a function of its own, and what is before its first */
		if (types[i].outcome == OUTCOME_FAIL && is_fixture(r->function.s) &&
		    r->fixture.len == 0)
			buf_addf(&r->fixture, "%s() failed: %s", r->function.s,
				 r->event.description.s);
		if (types[i].outcome == OUTCOME_SKIP && strcmp(r->function.s, "initTestCase") == 0)
			buf_add(&r->skip, r->event.description.s, r->event.description.len);
	}
	r->event.type[0] = '\0';
}

static bool is_selector_of(const char *selector, const char *function)
{
	size_t len = strlen(function);

	return strncmp(selector, function, len) == 0 &&
	       (selector[len] == '\0' || selector[len] == ':');
}

/* The functions come in the order that they were asked for; others are fixtures. */
static void begin_function(struct reader *r, const char *name)
{
	const struct batch *b = r->cases.batch;

	buf_clear(&r->function);
	buf_addstr(&r->function, name);
	r->has_verdict = false;
	r->is_inside = !is_fixture(name) && r->next < b->ntests &&
		       is_selector_of(b->tests[r->next]->selector, name);
	if (r->is_inside)
		cases_begin(&r->cases, r->next);
}

static void end_function(struct reader *r)
{
	struct result result = cases_blank(r->outcome);

	if (r->is_inside && r->has_verdict) {
		result.message = r->outcome == OUTCOME_PASS ? "" : r->message.s;
		result.file = r->outcome != OUTCOME_PASS && r->file.len > 0 ? r->file.s : NULL;
		result.line = r->line;
		cases_end(&r->cases, r->next, &result);
	}
	r->next += r->is_inside;
	r->is_inside = false;
	buf_clear(&r->function);
}

/* The value of an attribute, its references undone, into *out. */
static void attribute(const char *tag, size_t len, const char *name, struct buf *out)
{
	struct buf key = BUF_INIT;

	buf_clear(out);
	buf_addf(&key, " %s=\"", name);
	const char *s = memmem(tag, len, key.s, key.len), *end = tag + len;

	for (s = s ? s + key.len : end; s < end && *s != '"' && out->len < TEXT_MAX_BYTES; s++) {
		static const struct {
			const char *text;
			char c;
		} refs[] = { { "&lt;", '<' },
			     { "&gt;", '>' },
			     { "&amp;", '&' },
			     { "&quot;", '"' },
			     { "&#x002D;", '-' } };
		size_t k = 0;

		while (k < ARRAY_SIZE(refs) && ((size_t)(end - s) < strlen(refs[k].text) ||
						memcmp(s, refs[k].text, strlen(refs[k].text)) != 0))
			k++;
		buf_addch(out, k < ARRAY_SIZE(refs) ? refs[k].c : *s);
		s += k < ARRAY_SIZE(refs) ? strlen(refs[k].text) - 1 : 0;
	}
	buf_truncate(out, strlen(out->s));
	buf_release(&key);
}

static bool is_tag(const char *s, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len > n && memcmp(s, name, n) == 0 && (s[n] == ' ' || s[n] == '>' || s[n] == '/');
}

static void begin_event(struct reader *r, const char *s, size_t len)
{
	struct event *e = &r->event;
	struct buf text = BUF_INIT;
	uint64_t line = 0;

	attribute(s, len, "type", &text);
	snprintf(e->type, sizeof e->type, "%s", text.s);
	attribute(s, len, "line", &text);
	e->line = parse_uint(text.s, UINT32_MAX, &line) ? (unsigned)line : 0;
	attribute(s, len, "file", &e->file);
	if (e->line == 0)
		buf_clear(&e->file);
	buf_clear(&e->description);
	if (s[len - 2] == '/')
		end_event(r);
	buf_release(&text);
}

/* A tag, "<" to ">". */
static void take_tag(struct reader *r, const char *s, size_t len)
{
	struct buf name = BUF_INIT;

	if (is_tag(s, len, "<TestFunction")) {
		attribute(s, len, "name", &name);
		begin_function(r, name.s);
	} else if (is_tag(s, len, "</TestFunction")) {
		end_function(r);
	} else if (is_tag(s, len, "<Incident") || is_tag(s, len, "<Message")) {
		begin_event(r, s, len);
	} else if (is_tag(s, len, "</Incident") || is_tag(s, len, "</Message")) {
		end_event(r);
	} else if (is_tag(s, len, "<DataTag") || is_tag(s, len, "</DataTag")) {
		r->event.is_row = s[1] != '/';
	}
	buf_release(&name);
}

/* The text of "<Description>" or "<DataTag>", of which several sections may follow each other. */
static void take_text(struct reader *r, const char *s, size_t len)
{
	struct buf *b = &r->event.description;
	size_t room = b->len < TEXT_MAX_BYTES ? TEXT_MAX_BYTES - b->len : 0;
	size_t n = strnlen(s, len < room ? len : room);

	if (r->event.type[0] && !r->event.is_row)
		buf_add(b, s, n);
}

/* Tags and sections that are whole; how many bytes they are. */
static size_t scan(struct reader *r, const char *s, size_t len)
{
	static const char open[] = "<![CDATA[", close[] = "]]>";
	size_t done = 0;

	while (done < len) {
		const char *at = memchr(s + done, '<', len - done), *end;
		size_t left = at ? (size_t)(s + len - at) : 0;

		if (!at)
			return len;
		done = (size_t)(at - s);
		if (left < sizeof open - 1 && memcmp(at, open, left) == 0)
			break;
		bool is_text = left >= sizeof open - 1 && memcmp(at, open, sizeof open - 1) == 0;

		end = is_text ? memmem(at, left, close, sizeof close - 1) : memchr(at, '>', left);
		if (!end && left < PART_MAX_BYTES)
			break;
		if (!end)
			return len;
		if (is_text)
			take_text(r, at + sizeof open - 1, (size_t)(end - (at + sizeof open - 1)));
		else
			take_tag(r, at, (size_t)(end + 1 - at));
		done = (size_t)(end - s) + (is_text ? sizeof close - 1 : 1);
	}
	return done;
}

static void read_bytes(struct reader *r, int stream, const char *s, size_t len)
{
	if (stream != 2) {
		cases_output(&r->cases, stream, s, len);
		return;
	}
	buf_add(&r->pending, s, len);
	size_t done = scan(r, r->pending.s, r->pending.len);

	memmove(r->pending.s, r->pending.s + done, r->pending.len - done);
	buf_truncate(&r->pending, r->pending.len - done);
}

/* initTestCase() failed or skipped, so that nothing ran; or cleanupTestCase(), behind the last test. */
static void settle_fixture(struct reader *r)
{
	bool is_bad = r->fixture.len > 0;

	for (size_t i = 0; i < r->cases.batch->ntests && (is_bad || r->skip.len > 0); i++)
		cases_judge(&r->cases, i, is_bad ? OUTCOME_ERROR : OUTCOME_SKIP,
			    is_bad ? r->fixture.s : r->skip.s);
	cases_doubt(&r->cases, r->fixture.s);
}

static bool finish(struct reader *r, const struct proc_end *end)
{
	if (end->exit_code >= 0 && !end->is_timeout && !end->is_stopped)
		settle_fixture(r);
	cases_finish(&r->cases, end);
	cases_release(&r->cases);
	buf_release(&r->pending);
	buf_release(&r->function);
	buf_release(&r->message);
	buf_release(&r->file);
	buf_release(&r->fixture);
	buf_release(&r->skip);
	buf_release(&r->event.file);
	buf_release(&r->event.description);
	free(r);
	return true;
}

/* --- for others -------------------------------------------------------------------------------- */

/* The totals tell a skip from one beside a failure, in a function whose rows run together. */
static int entry(const struct test *t, const struct tests *all, const struct entry_style *style,
		 struct arena *mem, struct entry *ret, struct err *reterr)
{
	struct buf name = BUF_INIT;

	(void)all, (void)style, (void)reterr;
	buf_addf(&name, "%s::%s", t->suite, t->name);
	*ret = (struct entry){ .name = arena_memdup(mem, name.s, name.len),
			       .skip_regex =
				       "Totals: [0-9]+ passed, 0 failed, [1-9][0-9]* skipped" };
	ret->plain_name = ret->name;
	entry_arg(ret, mem, "%s", t->selector);
	buf_release(&name);
	return 0;
}

const struct adapter adapter_qt = {
	.name = "qttest",
	.probe = probe,
	.list = list,
	.runs_to_list = true,
	.own_args = &own_args,
	.max_batch = MAX_BATCH,
	.entry = entry,
	.command = command,
	.reader_new = reader_new,
	.read = read_bytes,
	.finish = finish,
};
