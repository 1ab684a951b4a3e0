/* SPDX-License-Identifier: MIT
 *
 * Elements of a JUnit file to test cases, in one pass.  What an element means depends on the one
 * around it:
 *   testsuites > testsuite* (nested: names are joined) > testcase
 *   testcase > failure error skipped system-out system-err properties/property
 *              flakyFailure flakyError rerunFailure rerunError (> stackTrace system-out system-err)
 * and Check's own XML, whose root is named like JUnit's:
 *   testsuites > suite > title, test > fn id iteration duration description message
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "format/gz.h"
#include "format/junit_draft.h"
#include "format/xml.h"

enum { READ_BYTES = 64 * 1024, MAX_TAG_BYTES = 64 * 1024 * 1024, MAX_NOTES = 8 };

/* What a .gz file may inflate to. */
#define MAX_INFLATED_BYTES ((uint64_t)4 << 30)

enum kind {
	KIND_UNKNOWN, /* left out with everything in it */
	KIND_TOP,     /* the file */
	KIND_ROOT,
	KIND_SUITE,
	KIND_CASE,
	KIND_VERDICT,
	KIND_SUITE_VERDICT, /* a failure of no case */
	KIND_PROPERTIES,
	KIND_PROPERTY,
	KIND_RERUN,
	KIND_TEXT,
	KIND_CHECK_SUITE,
	KIND_CHECK_TEST
};

struct level {
	enum kind kind;
	struct buf *into;    /* where its text goes; NULL: nowhere */
	size_t suite_length; /* of the suite's name around it */
};

struct reading {
	const char *path;
	const struct junit_sink *sink;
	struct xml_sink xml_sink;
	struct xml *xml;
	struct junit_meson meson;
	struct level levels[JUNIT_MAX_DEPTH + 1];
	size_t depth; /* levels[depth] is the element we are in; [0] is the file */
	struct buf suite;
	bool is_pytest_root;      /* <testsuites> as pytest writes it, or none */
	bool counts_lines_from_0; /* pytest does */
	struct junit_draft draft;
	size_t case_bytes;
	const char *notes[MAX_NOTES]; /* warned of: once a file */
	size_t nnotes;
};

/* Which element is what, in which; what to do when it begins. */
struct rule {
	const char *name;
	int (*begin)(struct reading *r, const struct rule *rule, const struct xml_element *e,
		     struct err *reterr); /* NULL: nothing */
	size_t into; /* offset of the buffer for its text: in struct reading, or draft_rerun */
	enum kind parent, kind;
	enum junit_element verdict;
};

static int add_text(struct reading *r, struct buf *into, const char *s, size_t len,
		    struct err *reterr)
{
	r->case_bytes += len;
	if (r->case_bytes > JUNIT_MAX_CASE_BYTES)
		return err_set(reterr, ERR_LIMIT, r->path, xml_line(r->xml),
			       "more than %d MiB of text in one test case",
			       JUNIT_MAX_CASE_BYTES >> 20);
	buf_add(into, s, len);
	return 0;
}

/* An attribute's value in the place of what was there; NULL: nothing there. */
static int set_text(struct reading *r, struct buf *into, const struct xml_attr *a,
		    struct err *reterr)
{
	buf_clear(into);
	return a ? add_text(r, into, a->value, a->len, reterr) : 0;
}

static const struct xml_attr *find_attr(const struct xml_element *e, const char *name)
{
	for (size_t i = 0; i < e->nattrs; i++) {
		if (strcmp(e->attrs[i].name, name) == 0)
			return &e->attrs[i];
	}
	return NULL;
}

static bool attr_begins(const struct xml_attr *a, const char *text)
{
	return a && a->len >= strlen(text) && memcmp(a->value, text, strlen(text)) == 0;
}

static bool attr_is(const struct xml_attr *a, const char *text)
{
	return attr_begins(a, text) && a->len == strlen(text);
}

static void clear_case(struct reading *r)
{
	junit_draft_clear(&r->draft);
	r->case_bytes = 0;
}

static int begin_root(struct reading *r, const struct rule *rule, const struct xml_element *e,
		      struct err *reterr)
{
	const struct xml_attr *name = find_attr(e, "name");

	(void)rule, (void)reterr;
	r->is_pytest_root = !name || attr_is(name, "pytest tests");
	return 0;
}

/* Nested suites become one level: "outer/inner", or "inner" where it repeats its outer's name. */
static int begin_suite(struct reading *r, const struct rule *rule, const struct xml_element *e,
		       struct err *reterr)
{
	const struct xml_attr *name = find_attr(e, "name");

	(void)rule;
	r->levels[r->depth].suite_length = r->suite.len;
	r->counts_lines_from_0 = r->is_pytest_root && attr_is(name, "pytest");
	if (!name || name->len == 0)
		return 0;
	if (r->suite.len > 0 && attr_begins(name, r->suite.s))
		buf_clear(&r->suite);
	else if (r->suite.len > 0)
		buf_addch(&r->suite, '/');
	r->case_bytes = r->suite.len;
	return add_text(r, &r->suite, name->value, name->len, reterr);
}

static int begin_case(struct reading *r, const struct rule *rule, const struct xml_element *e,
		      struct err *reterr)
{
	struct junit_draft *d = &r->draft;
	const struct {
		const char *name;
		struct buf *into;
	} wanted[] = {
		{ "classname", &d->classname }, { "name", &d->name },
		{ "time", &d->time },           { "file", &d->file },
		{ "line", &d->line },           { "status", &d->said.status },
		{ "result", &d->said.result },  { "class", &d->classname },
	};

	(void)rule;
	clear_case(r);
	for (size_t i = 0; i < e->nattrs; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(wanted) && strcmp(e->attrs[i].name, wanted[k].name) != 0)
			k++;
		if (k < ARRAY_SIZE(wanted) && set_text(r, wanted[k].into, &e->attrs[i], reterr) < 0)
			return -1;
	}
	return 0;
}

/* failure, error, skipped: the strongest counts, texts of several are joined. */
static int begin_verdict(struct reading *r, const struct rule *rule, const struct xml_element *e,
			 struct err *reterr)
{
	struct junit_said *s = &r->draft.said;
	const struct xml_attr *message = find_attr(e, "message");
	bool is_skip = rule->verdict == JUNIT_SAID_SKIPPED;

	if (is_skip && attr_begins(message, "TEST_CASE tagged with !"))
		s->may_fail = true;
	if (is_skip && s->element > JUNIT_SAID_SKIPPED)
		return 0;
	if (rule->verdict > s->element) {
		if (s->element == JUNIT_SAID_SKIPPED)
			buf_clear(&s->text);
		buf_clear(&s->message);
		buf_clear(&s->type);
		s->element = rule->verdict;
	}
	if (s->text.len > 0)
		buf_addch(&s->text, '\n');
	r->levels[r->depth].into = &s->text;
	if (s->message.len == 0 && set_text(r, &s->message, message, reterr) < 0)
		return -1;
	return s->type.len == 0 ? set_text(r, &s->type, find_attr(e, "type"), reterr) : 0;
}

/* A verdict on the whole suite becomes a case, so that it is not lost. */
static int begin_suite_verdict(struct reading *r, const struct rule *rule,
			       const struct xml_element *e, struct err *reterr)
{
	clear_case(r);
	buf_addstr(&r->draft.name, "(the whole suite)");
	return begin_verdict(r, rule, e, reterr);
}

static int begin_property(struct reading *r, const struct rule *rule, const struct xml_element *e,
			  struct err *reterr)
{
	const struct xml_attr *value = find_attr(e, "value");

	(void)rule;
	if (attr_is(find_attr(e, "name"), "outcome") && attr_is(value, "xpassed")) {
		r->draft.said.is_xpass = true;
		return 0;
	}
	struct draft_property *p = junit_draft_property(&r->draft);

	r->case_bytes += sizeof *p;
	if (!value) /* some write it as text */
		r->levels[r->depth].into = &p->value;
	if (set_text(r, &p->name, find_attr(e, "name"), reterr) < 0)
		return -1;
	return set_text(r, &p->value, value, reterr);
}

static int begin_rerun(struct reading *r, const struct rule *rule, const struct xml_element *e,
		       struct err *reterr)
{
	struct draft_rerun *t = junit_draft_rerun(&r->draft);

	(void)rule;
	r->case_bytes += sizeof *t;
	r->levels[r->depth].into = &t->text; /* before Surefire 2.22 there was no stackTrace */
	if (set_text(r, &t->message, find_attr(e, "message"), reterr) < 0)
		return -1;
	return set_text(r, &t->type, find_attr(e, "type"), reterr);
}

static int begin_rerun_text(struct reading *r, const struct rule *rule, const struct xml_element *e,
			    struct err *reterr)
{
	struct draft_rerun *t = &r->draft.reruns[r->draft.nreruns - 1];

	(void)e, (void)reterr;
	r->levels[r->depth].into = (struct buf *)(void *)((char *)t + rule->into);
	buf_clear(r->levels[r->depth].into); /* blanks between the elements */
	return 0;
}

/* Texts of several elements of a name go into one, a line apart. */
static int begin_text(struct reading *r, const struct rule *rule, const struct xml_element *e,
		      struct err *reterr)
{
	struct buf *into = (struct buf *)(void *)((char *)r + rule->into);

	(void)e, (void)reterr;
	if (into->len > 0 && into->s[into->len - 1] != '\n')
		buf_addch(into, '\n');
	r->levels[r->depth].into = into;
	return 0;
}

static int begin_check_suite(struct reading *r, const struct rule *rule,
			     const struct xml_element *e, struct err *reterr)
{
	(void)rule, (void)e, (void)reterr;
	buf_clear(&r->suite);
	return 0;
}

static int begin_check_test(struct reading *r, const struct rule *rule, const struct xml_element *e,
			    struct err *reterr)
{
	const struct xml_attr *result = find_attr(e, "result");
	struct junit_said *s = &r->draft.said;

	(void)rule, (void)reterr;
	clear_case(r);
	s->is_check = true;
	if (attr_is(result, "failure"))
		s->element = JUNIT_SAID_FAILURE;
	else if (!attr_is(result, "success"))
		s->element = JUNIT_SAID_ERROR;
	return 0;
}

#define ELEMENT(parent, name, kind, begin)                                                         \
	{                                                                                          \
		name, begin, 0, KIND_##parent, KIND_##kind, 0                                      \
	}
#define VERDICT(name, said)                                                                        \
	{                                                                                          \
		name, begin_verdict, 0, KIND_CASE, KIND_VERDICT, JUNIT_SAID_##said                 \
	}
#define SUITE_VERDICT(name, said)                                                                  \
	{                                                                                          \
		name, begin_suite_verdict, 0, KIND_SUITE, KIND_SUITE_VERDICT, JUNIT_SAID_##said    \
	}
#define RERUN_TEXT(name, field)                                                                    \
	{                                                                                          \
		name, begin_rerun_text, offsetof(struct draft_rerun, field), KIND_RERUN,           \
			KIND_TEXT, 0                                                               \
	}
#define TEXT(parent, name, field)                                                                  \
	{                                                                                          \
		name, begin_text, offsetof(struct reading, field), KIND_##parent, KIND_TEXT, 0     \
	}

/* The usual ones first. */
static const struct rule rules[] = {
	ELEMENT(SUITE, "testcase", CASE, begin_case),
	VERDICT("failure", FAILURE),
	TEXT(CASE, "system-out", draft.out),
	TEXT(CASE, "system-err", draft.err),
	VERDICT("skipped", SKIPPED),
	VERDICT("error", ERROR),
	ELEMENT(CASE, "properties", PROPERTIES, NULL),
	ELEMENT(PROPERTIES, "property", PROPERTY, begin_property),
	ELEMENT(CASE, "flakyFailure", RERUN, begin_rerun),
	ELEMENT(CASE, "flakyError", RERUN, begin_rerun),
	ELEMENT(CASE, "rerunFailure", RERUN, begin_rerun),
	ELEMENT(CASE, "rerunError", RERUN, begin_rerun),
	RERUN_TEXT("stackTrace", text),
	RERUN_TEXT("system-out", out),
	RERUN_TEXT("system-err", err),
	SUITE_VERDICT("failure", FAILURE),
	SUITE_VERDICT("error", ERROR),
	ELEMENT(SUITE, "testsuite", SUITE, begin_suite),
	ELEMENT(ROOT, "testsuite", SUITE, begin_suite),
	ELEMENT(ROOT, "testcase", CASE, begin_case),
	ELEMENT(TOP, "testsuites", ROOT, begin_root),
	ELEMENT(TOP, "testsuite", SUITE, begin_suite),
	/* Check */
	ELEMENT(ROOT, "suite", CHECK_SUITE, begin_check_suite),
	TEXT(CHECK_SUITE, "title", suite),
	ELEMENT(CHECK_SUITE, "test", CHECK_TEST, begin_check_test),
	TEXT(CHECK_TEST, "fn", draft.file),
	TEXT(CHECK_TEST, "id", draft.name),
	TEXT(CHECK_TEST, "iteration", draft.iteration),
	TEXT(CHECK_TEST, "duration", draft.time),
	TEXT(CHECK_TEST, "description", draft.classname),
	TEXT(CHECK_TEST, "message", draft.said.text),
};

static int on_begin(void *ctx, const struct xml_element *e, struct err *reterr)
{
	struct reading *r = ctx;
	enum kind parent = r->levels[r->depth].kind;
	const struct rule *rule = NULL;

	for (size_t i = 0; !rule && i < ARRAY_SIZE(rules); i++) {
		if (rules[i].parent == parent && strcmp(rules[i].name, e->name) == 0)
			rule = &rules[i];
	}
	if (parent == KIND_TOP && !rule)
		return err_set(reterr, ERR_UNSUPPORTED, r->path, e->line,
			       "no JUnit file: its root is <%.100s>", e->name);
	r->levels[++r->depth] = (struct level){ .kind = rule ? rule->kind : KIND_UNKNOWN };
	return rule && rule->begin ? rule->begin(r, rule, e, reterr) : 0;
}

static int on_text(void *ctx, const char *s, size_t len, struct err *reterr)
{
	struct reading *r = ctx;
	struct buf *into = r->levels[r->depth].into;

	return into ? add_text(r, into, s, len, reterr) : 0;
}

static void on_warning(void *ctx, uint64_t offset_bytes, const char *text)
{
	struct reading *r = ctx;

	if (r->sink->on_warning)
		r->sink->on_warning(r->sink->ctx, r->path, offset_bytes, text);
}

/* A verdict was undone: say so for the first case of its kind. */
static void warn_once(struct reading *r, const char *note)
{
	enum { SHOWN_BYTES = 200 };
	const struct buf *name = &r->draft.name;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < r->nnotes; i++) {
		if (r->notes[i] == note)
			return;
	}
	if (r->nnotes < MAX_NOTES)
		r->notes[r->nnotes++] = note;
	buf_addf(&text, "line %u: '", xml_line(r->xml));
	buf_add(&text, name->s, name->len < SHOWN_BYTES ? name->len : SHOWN_BYTES);
	buf_addf(&text, "': %s", note);
	on_warning(r, xml_offset(r->xml), text.s);
	buf_release(&text);
}

static int end_case(struct reading *r, struct err *reterr)
{
	struct junit_draft *d = &r->draft;
	const char *note = NULL;
	struct junit_case c;

	if (d->said.is_check)
		junit_draft_settle_check(d);
	enum outcome outcome = junit_judge(&d->said, &d->name, &r->meson, &note);

	if (note)
		warn_once(r, note);
	if (outcome == OUTCOME_SKIP && d->said.message.len == 0) {
		junit_trim(&d->said.text);
		buf_add(&d->said.message, d->said.text.s, d->said.text.len);
	}
	if (outcome == OUTCOME_PASS || outcome == OUTCOME_XPASS)
		buf_clear(&d->said.text);
	if (d->name.len == 0) /* GoogleTest, of what failed outside of every test */
		buf_addstr(&d->name, "(no name)");
	junit_draft_view(d, &c);
	c.suite = r->suite.s;
	c.outcome = outcome;
	if (d->line.len > 0)
		c.line += r->counts_lines_from_0;
	return r->sink->on_case(r->sink->ctx, &c, reterr);
}

static int on_end(void *ctx, const char *name, struct err *reterr)
{
	struct reading *r = ctx;
	const struct level *l = &r->levels[r->depth--];

	(void)name;
	if (l->kind == KIND_SUITE)
		/* an inner name that repeats its outer's stands in its place: the cut fits both */
		buf_truncate(&r->suite, l->suite_length);
	if (l->kind == KIND_CASE || l->kind == KIND_SUITE_VERDICT || l->kind == KIND_CHECK_TEST)
		return end_case(r, reterr);
	return 0;
}

static void reading_init(struct reading *r, const char *path, const struct junit_sink *sink)
{
	const struct xml_limits limits = { JUNIT_MAX_DEPTH, JUNIT_MAX_ATTRS, MAX_TAG_BYTES };

	*r = (struct reading){ .path = path, .sink = sink, .suite = BUF_INIT };
	r->is_pytest_root = true;
	r->levels[0].kind = KIND_TOP;
	junit_draft_init(&r->draft);
	r->xml_sink = (struct xml_sink){ r, on_begin, on_text, on_end, on_warning };
	r->xml = xml_new(path, &r->xml_sink, &limits);
}

static void reading_release(struct reading *r)
{
	buf_release(&r->suite);
	junit_draft_release(&r->draft);
	junit_meson_release(&r->meson);
	xml_free(r->xml);
}

int junit_read_mem(const char *name, const void *s, size_t len, const struct junit_sink *sink,
		   struct err *reterr)
{
	struct reading r;

	reading_init(&r, name, sink);
	int status = xml_feed(r.xml, s, len, reterr);

	if (status == 0)
		status = xml_finish(r.xml, reterr);
	reading_release(&r);
	return status;
}

static int on_inflated(void *ctx, const char *s, size_t len, struct err *reterr)
{
	struct reading *r = ctx;

	return xml_feed(r->xml, s, len, reterr);
}

static int read_stream(struct reading *r, int fd, struct gz *gz, struct err *reterr)
{
	char *bytes = xcalloc(READ_BYTES, 1);
	int status = 0;

	while (status == 0) {
		ssize_t n = read(fd, bytes, READ_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			status = err_sys(reterr, r->path, "cannot read");
		if (n <= 0)
			break;
		status = gz ? gz_feed(gz, bytes, (size_t)n, reterr)
			    : xml_feed(r->xml, bytes, (size_t)n, reterr);
	}
	free(bytes);
	if (status == 0 && gz)
		status = gz_finish(gz, reterr);
	return status == 0 ? xml_finish(r->xml, reterr) : -1;
}

int junit_read(const char *path, const struct junit_sink *sink, struct err *reterr)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct reading r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(reterr, ERR_MISSING, path, 0, "no such file");
	if (fd < 0)
		return err_sys(reterr, path, "cannot open");
	reading_init(&r, path, sink);
	junit_meson_read(path, &r.meson);
	const struct gz_sink inflated = { &r, on_inflated };
	struct gz *gz = gz_is_name(path) ? gz_new(path, &inflated, MAX_INFLATED_BYTES) : NULL;
	int status = read_stream(&r, fd, gz, reterr);

	gz_free(gz);
	reading_release(&r);
	if (!is_stdin)
		close(fd); /* only read from */
	return status;
}
