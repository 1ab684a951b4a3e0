/* SPDX-License-Identifier: MIT
 *
 * The shape that every reader of JUnit agrees on: one level of <testsuite>, right counters, times
 * with three decimals, one of failure, error and skipped, text without a byte that XML cannot
 * carry. What a verdict is beyond these three stands in `type`: timeout, crash, lost, notrun,
 * pytest.xfail; junit_read() takes it from there.
 */
#include "base/buf.h"
#include "base/quote.h"
#include "format/junit.h"

enum verdict { VERDICT_NONE, VERDICT_SKIPPED, VERDICT_FAILURE, VERDICT_ERROR };

static const struct {
	enum verdict verdict;
	const char *type; /* always written, for the reader to know it by; NULL: the case's own */
	const char *default_type;
} shapes[OUTCOME_MAX] = {
	[OUTCOME_FAIL] = { VERDICT_FAILURE, NULL, "failure" },
	[OUTCOME_SKIP] = { VERDICT_SKIPPED, NULL, "" },
	[OUTCOME_XFAIL] = { VERDICT_SKIPPED, "pytest.xfail", NULL },
	[OUTCOME_TIMEOUT] = { VERDICT_FAILURE, "timeout", NULL },
	[OUTCOME_CRASH] = { VERDICT_FAILURE, "crash", NULL },
	[OUTCOME_ERROR] = { VERDICT_ERROR, NULL, "error" },
	[OUTCOME_LOST] = { VERDICT_ERROR, "lost", NULL },
	[OUTCOME_NOTRUN] = { VERDICT_SKIPPED, "notrun", NULL },
};

static const char *const verdict_names[] = {
	[VERDICT_SKIPPED] = "skipped",
	[VERDICT_FAILURE] = "failure",
	[VERDICT_ERROR] = "error",
};

void junit_count(struct junit_totals *t, const struct junit_case *c)
{
	enum verdict v = shapes[c->outcome].verdict;

	t->tests++;
	t->failures += v == VERDICT_FAILURE;
	t->errors += v == VERDICT_ERROR;
	t->skipped += v == VERDICT_SKIPPED;
	if (c->time_us != TIME_UNKNOWN)
		t->time_us += c->time_us;
}

/* `before` is ` name="`: one piece, since there are millions of these. */
static void put_attr(struct buf *out, const char *before, const char *value)
{
	buf_addstr(out, before);
	quote_xml_attr(out, value, strlen(value));
	buf_addch(out, '"');
}

static void put_count(struct buf *out, const char *name, uint64_t n)
{
	buf_addf(out, " %s=\"%llu\"", name, (unsigned long long)n);
}

/* Milliseconds, rounded; without printf, since every case has one. */
static void put_time(struct buf *out, uint64_t us)
{
	uint64_t ms = us / 1000 + (us % 1000 >= 500);
	char digits[32];
	size_t i = sizeof digits;

	digits[--i] = '"';
	for (int place = 0; place < 4 || ms > 0; place++) {
		if (place == 3)
			digits[--i] = '.';
		digits[--i] = (char)('0' + ms % 10);
		ms /= 10;
	}
	buf_addstr(out, " time=\"");
	buf_add(out, digits + i, sizeof digits - i);
}

static void put_text_element(struct buf *out, const char *name, struct text text)
{
	if (text.len == 0)
		return;
	buf_addf(out, "      <%s>", name);
	quote_xml_text(out, text.s, text.len);
	buf_addf(out, "</%s>\n", name);
}

static void put_properties(struct buf *out, const char *indent, const struct junit_property *props,
			   size_t nprops)
{
	if (nprops == 0)
		return;
	buf_addf(out, "%s<properties>\n", indent);
	for (size_t i = 0; i < nprops; i++) {
		buf_addf(out, "%s  <property", indent);
		put_attr(out, " name=\"", props[i].name);
		put_attr(out, " value=\"", props[i].value);
		buf_addstr(out, "/>\n");
	}
	buf_addf(out, "%s</properties>\n", indent);
}

void junit_put_head(struct buf *out, const char *name, const struct junit_totals *t)
{
	buf_addstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put_attr(out, " name=\"", name);
	put_count(out, "tests", t->tests);
	put_count(out, "failures", t->failures);
	put_count(out, "errors", t->errors);
	put_time(out, t->time_us);
	buf_addstr(out, ">\n");
}

void junit_put_suite_begin(struct buf *out, const char *suite, const struct junit_totals *t,
			   const struct junit_property *props, size_t nprops)
{
	buf_addstr(out, "  <testsuite");
	put_attr(out, " name=\"", suite);
	put_count(out, "tests", t->tests);
	put_count(out, "failures", t->failures);
	put_count(out, "errors", t->errors);
	put_count(out, "skipped", t->skipped);
	put_time(out, t->time_us);
	buf_addstr(out, ">\n");
	put_properties(out, "    ", props, nprops);
}

void junit_put_suite_end(struct buf *out)
{
	buf_addstr(out, "  </testsuite>\n");
}

void junit_put_tail(struct buf *out)
{
	buf_addstr(out, "</testsuites>\n");
}

static void put_verdict(struct buf *out, const struct junit_case *c)
{
	enum verdict v = shapes[c->outcome].verdict;
	const char *type = shapes[c->outcome].type;

	if (v == VERDICT_NONE)
		return;
	if (!type)
		type = *c->type ? c->type : shapes[c->outcome].default_type;
	buf_addf(out, "      <%s", verdict_names[v]);
	put_attr(out, " message=\"", c->message);
	if (*type)
		put_attr(out, " type=\"", type);
	if (c->text.len == 0) {
		buf_addstr(out, "/>\n");
		return;
	}
	buf_addch(out, '>');
	quote_xml_text(out, c->text.s, c->text.len);
	buf_addf(out, "</%s>\n", verdict_names[v]);
}

/* An attempt that failed, of a test that passed in the end (flaky) or did not. */
static void put_rerun(struct buf *out, const struct junit_rerun *r, bool is_flaky)
{
	const char *name = is_flaky ? "flakyFailure" : "rerunFailure";

	buf_addf(out, "      <%s", name);
	put_attr(out, " message=\"", r->message);
	put_attr(out, " type=\"", *r->type ? r->type : "failure");
	buf_addstr(out, ">\n");
	put_text_element(out, "stackTrace", r->text);
	put_text_element(out, "system-out", r->out);
	put_text_element(out, "system-err", r->err);
	buf_addf(out, "      </%s>\n", name);
}

static void put_case_properties(struct buf *out, const struct junit_case *c)
{
	/* a pass although announced to fail has no element of its own anywhere */
	static const struct junit_property xpass = { "outcome", "xpassed" };

	if (c->outcome != OUTCOME_XPASS) {
		put_properties(out, "      ", c->props, c->nprops);
		return;
	}
	struct buf both = BUF_INIT;

	buf_add(&both, c->props, c->nprops * sizeof *c->props);
	buf_add(&both, &xpass, sizeof xpass);
	put_properties(out, "      ", (const struct junit_property *)(const void *)both.s,
		       c->nprops + 1);
	buf_release(&both);
}

void junit_put_case_name(struct buf *out, const char *classname, const char *name)
{
	put_attr(out, "    <testcase classname=\"", classname);
	put_attr(out, " name=\"", name);
}

void junit_put_case_rest(struct buf *out, const struct junit_case *c, enum junit_family family)
{
	if (c->time_us != TIME_UNKNOWN)
		put_time(out, c->time_us);
	if (family == JUNIT_FILES && c->file) {
		put_attr(out, " file=\"", c->file);
		if (c->line > 0)
			put_count(out, "line", c->line);
	}
	buf_addstr(out, ">\n");
	size_t empty = out->len;

	if (family == JUNIT_FILES)
		put_case_properties(out, c);
	put_verdict(out, c);
	for (size_t i = 0; i < c->nreruns; i++)
		put_rerun(out, &c->reruns[i], !outcome_is_bad(c->outcome));
	put_text_element(out, "system-out", c->out);
	put_text_element(out, "system-err", c->err);
	if (out->len == empty) {
		buf_truncate(out, empty - 2);
		buf_addstr(out, "/>\n");
	} else {
		buf_addstr(out, "    </testcase>\n");
	}
}

void junit_put_case(struct buf *out, const struct junit_case *c, enum junit_family family)
{
	junit_put_case_name(out, c->classname, c->name);
	junit_put_case_rest(out, c, family);
}
