/* SPDX-License-Identifier: MIT
 *
 * Boost.Test: many test cases to a process, whose log is XML on stderr.  It has no verdicts: a test
 * case fails if more assertions failed than it expects, or if it was left by an exception or a
 * critical check.
 *
 *   <TestLog><TestSuite name="module"><TestSuite name="su" file="b.cpp" line="19">
 *     <TestCase name="bad" file="b.cpp" line="21">
 *       <Error file="b.cpp" line="21"><![CDATA[check 1 == 2 has failed]]></Error>
 *       <TestingTime>120</TestingTime></TestCase>
 *     <TestCase name="dep" skipped="yes" reason="dependency test case &quot;bad&quot; has failed"/>
 *
 * (there are no blanks and newlines between tags.)  What a test depends on runs with it, and is not
 * believed where it was not asked for.
 */
#include "adapter/boost.h"

#include <unistd.h>

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_xmlrun.h"
#include "base/parse.h"
#include "format/elf.h"

/* Boost.Test's own text, put together so that it is not in us. */
static bool has_marks(struct elf_file *f)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "BOOST_TEST_%s", "CATCH_SYSTEM_ERRORS");
	bool has = elf_file_has_bytes(f, text.s, text.len);

	buf_release(&text);
	return has;
}

static bool boost_probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	if (!f || elf_file_kind(f) != ELF_KIND_PROGRAM)
		return false;
	return elf_file_needs(f, "libboost_unit_test_framework") || has_marks(f);
}

bool boost_is_variable(const char *var)
{
	return strncmp(var, "BOOST_TEST_", 11) == 0;
}

/* --run_test is none of these: the list of tests does not heed it. */
static const struct arg_row arg_rows[] = {
	{ "--random", false, ARG_OURS },
	{ "--detect_memory_leaks", false, ARG_KEPT },
	{ "--detect_fp_exceptions", false, ARG_KEPT },
	{ "--use_alt_stack", false, ARG_KEPT },
	{ NULL, false, ARG_KEPT },
};

const struct own_args boost_args = { .rows = arg_rows, .has_rest = true };

/* --- the process -------------------------------------------------------------------------- */

/* Letters of a filter become a wildcard, with all that follows: '*' counts only at the ends. */
static void add_filter(struct buf *out, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/"), plain = strcspn(path, "/,:*!@+");

		buf_add(out, path, plain);
		if (plain < len)
			buf_addch(out, '*');
		path += len;
		if (*path)
			buf_addch(out, *path++);
	}
}

/* Is anything left out, or put in, by a variable? */
static bool has_variables(const struct target *t)
{
	bool has = false;

	for (size_t i = 0; environ[i] && !has; i++)
		has = boost_is_variable(environ[i]);
	for (size_t i = 0; i < t->nenv && !has; i++)
		has = boost_is_variable(t->env[i]);
	return has;
}

static int boost_command(const struct batch *b, struct command *ret, struct err *reterr)
{
	static const char *const own[] = { "--report_level=no", "--color_output=no",
					   "--catch_system_errors=no", "--random=0",
					   "--show_progress=no" };
	const struct target *t = b->target;
	struct buf text = BUF_INIT;

	bool is_all = xmlrun_is_everything(b) && !has_variables(t);

	(void)reterr;
	args_begin(ret, &boost_args, t, ARRAY_SIZE(own) + b->ntests + 3);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		command_arg(ret, "%s", own[i]);
	/* stderr has no buffer: no crash takes a line with it.  (A second log on stdout, which would flush what
	 * tests print at their end, garbles the first.) */
	command_arg(ret, "--logger=XML,test_suite,stderr");
	for (size_t i = 0; i < b->ntests && !is_all; i++) {
		buf_clear(&text);
		add_filter(&text, b->tests[i]->selector);
		command_arg(ret, "--run_test=%s", text.s);
	}
	args_finish(ret, &boost_args, t);
	buf_release(&text);
	ret->is_merged = b->ntests > 1;
	return 0;
}

/* --- reading ------------------------------------------------------------------------------ */

static const struct xmlmix_word words[] = {
	{ "TestLog", false },   { "TestSuite", false },  { "TestCase", false }, { "Error", true },
	{ "FatalError", true }, { "Exception", true },   { "Message", true },   { "Info", true },
	{ "Warning", true },    { "TestingTime", true }, { NULL, false },
};

static bool has_selector(const struct test *t, const void *what)
{
	return strcmp(t->selector, what) == 0;
}

static bool is_below(const struct test *t, const void *what)
{
	return strncmp(t->selector, what, strlen(what)) == 0;
}

/* r->where is the path of the suites that are open: "/" for the whole program, then "/su/". */
static void leave_suite(struct reader *r)
{
	size_t len = r->where.len > 0 ? r->where.len - 1 : 0;

	while (len > 0 && r->where.s[len - 1] != '/')
		len--;
	buf_truncate(&r->where, len);
}

/* Its tests are not spoken of. */
static void skip_suite(struct reader *r, const char *name, const char *reason)
{
	struct buf path = BUF_INIT;
	size_t i = 0;

	buf_addf(&path, "%s%s%s", r->where.len > 0 ? r->where.s + 1 : "", name,
		 r->where.len > 0 ? "/" : "");
	if (r->where.len == 0)
		buf_clear(&path); /* the whole program */
	while ((i = xmlrun_find(r, is_below, path.s)) != SIZE_MAX)
		xmlrun_skip(r, i, reason);
	buf_release(&path);
}

static void read_suite(struct reader *r, const struct xmlmix_tag *tag)
{
	const char *name = xmlmix_attr(tag, "name"), *reason = xmlmix_attr(tag, "reason");

	if (tag->is_end)
		leave_suite(r);
	else if (!tag->is_empty)
		buf_addf(&r->where, "%s/", r->where.len > 0 && name ? name : "");
	else if (name && reason && strcmp(reason, "disabled") != 0)
		skip_suite(r, name, reason);
}

static void read_case(struct reader *r, const struct xmlmix_tag *tag)
{
	const char *name = xmlmix_attr(tag, "name"), *reason = xmlmix_attr(tag, "reason");
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s%s", r->where.len > 0 ? r->where.s + 1 : "", name ? name : "");
	bool is_skip = tag->is_empty && reason && strcmp(reason, "disabled") != 0;
	size_t i = tag->is_empty && !is_skip ? SIZE_MAX : xmlrun_find(r, has_selector, path.s);

	if (!tag->is_empty)
		xmlrun_begin(r, i);
	else if (i != SIZE_MAX)
		xmlrun_skip(r, i, reason);
	buf_release(&path);
}

/* An exception is somewhere behind the last place that was passed. */
static void read_failure(struct reader *r, const struct xmlmix_tag *tag)
{
	struct buf text = BUF_INIT, frame = BUF_INIT, file = BUF_INIT, line = BUF_INIT;

	xmlmix_text(tag->body, tag->body_len, NULL, &text);
	if (xmlmix_text(tag->body, tag->body_len, "Frame", &frame) && frame.len > 0)
		buf_addf(&text, "\n  %s", frame.s);
	bool is_known =
		xmlmix_is(tag, "Exception") &&
		xmlmix_inner_attr(tag->body, tag->body_len, "LastCheckpoint", "file", &file) &&
		xmlmix_inner_attr(tag->body, tag->body_len, "LastCheckpoint", "line", &line);

	xmlrun_failure(r, is_known ? file.s : xmlmix_attr(tag, "file"),
		       is_known ? line.s : xmlmix_attr(tag, "line"), &text);
	if (!xmlmix_is(tag, "Error"))
		r->outcome = OUTCOME_FAIL;
	buf_release(&text);
	buf_release(&frame);
	buf_release(&file);
	buf_release(&line);
}

static void boost_tag(struct reader *r, const struct xmlmix_tag *tag)
{
	if (xmlmix_is(tag, "TestSuite")) {
		read_suite(r, tag);
	} else if (xmlmix_is(tag, "TestCase")) {
		read_case(r, tag);
	} else if (!r->is_inside || !tag->body) {
		;
	} else if (xmlmix_is(tag, "TestingTime")) {
		struct buf text = BUF_INIT;

		xmlmix_text(tag->body, tag->body_len, NULL, &text);
		if (!parse_uint(text.s, UINT64_MAX - 1, &r->time_us))
			r->time_us = TIME_UNKNOWN;
		buf_release(&text);
	} else if (xmlmix_is(tag, "Error") || xmlmix_is(tag, "FatalError") ||
		   xmlmix_is(tag, "Exception")) {
		read_failure(r, tag);
	}
}

static void boost_judge(struct reader *r)
{
	const struct test *t = r->current != SIZE_MAX ? r->batch->tests[r->current] : NULL;
	uint64_t expected = 0;

	for (size_t i = 0; t && i < t->nprops; i++) {
		if (strcmp(t->props[i].key, BOOST_EXPECTED) == 0)
			(void)parse_uint(t->props[i].value, UINT32_MAX, &expected);
	}
	if (r->nfailures > expected)
		r->outcome = OUTCOME_FAIL;
}

static const struct xmlrun_dialect dialect = {
	.words = words,
	.stream = 1,
	.root = { "TestLog" },
	.tag = boost_tag,
	.judge = boost_judge,
};

static struct reader *boost_reader_new(const struct batch *b, const struct case_sink *sink)
{
	return xmlrun_new(&dialect, b, sink);
}

/* --- for others --------------------------------------------------------------------------- */

static int boost_entry(const struct test *t, const struct tests *all,
		       const struct entry_style *style, struct arena *mem, struct entry *ret,
		       struct err *reterr)
{
	struct buf text = BUF_INIT;

	(void)all, (void)style, (void)reterr;
	*ret = (struct entry){ .name = t->selector,
			       .plain_name = t->selector,
			       .is_disabled = t->skip_reason != NULL };
	add_filter(&text, t->selector);
	entry_arg(ret, mem, "--run_test=%s", text.s);
	buf_release(&text);
	return 0;
}

const struct adapter adapter_boost = {
	.name = "boost",
	.probe = boost_probe,
	.list = boost_list,
	.runs_to_list = true,
	/* an argument each */
	.max_batch = 512,
	.own_args = &boost_args,
	.entry = boost_entry,
	.command = boost_command,
	.reader_new = boost_reader_new,
	.read = xmlrun_read,
	.finish = xmlrun_finish,
};
