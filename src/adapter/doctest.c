/* SPDX-License-Identifier: MIT
 *
 * doctest: many test cases to a process, which prints `--dt-reporters=xml`.  Subcases run inside of
 * their test case.
 *
 *   <TestSuite name="suite">
 *     <TestCase name="fails" filename="d.cc" line="9">
 *       <Expression success="false" type="CHECK" filename="d.cc" line="9">
 *         <Original> f() == 3 </Original> <Expanded> 2 == 3 </Expanded> <Info> why </Info>
 *       </Expression>
 *       <OverallResultsAsserts successes="0" failures="1" test_case_success="false" duration="9e-05"/>
 *     </TestCase>
 *
 * Names are not unique, but the order is: the selector is the test's number among those that are
 * not skipped.  Options have "--dt-" before them, which programs cannot turn off.
 */
#include "adapter/doctest.h"

#include <unistd.h>

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_listing.h"
#include "adapter/adapter_xmlrun.h"
#include "base/err.h"
#include "base/map.h"
#include "base/parse.h"
#include "format/elf.h"
#include "format/xml.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { LIST_MAX_BYTES = 1 << 28, NAMES_MAX_BYTES = 100 * 1000 };

/* The prefix of doctest's options, and one of them, put together so that they are not in us: who is
 * linked with this file is no doctest program. */
#define LIST_FORMAT "%s-list-test-cases"

static bool has_marks(struct elf_file *f)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, LIST_FORMAT, "dt");
	bool has = elf_file_has_bytes(f, text.s, text.len);

	buf_release(&text);
	return has;
}

static bool doctest_probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	if (!f || elf_file_kind(f) != ELF_KIND_PROGRAM)
		return false;
	return elf_file_has_symbol_prefix(f, "_ZN7doctest7Context", ELF_SYMBOL_UNDEFINED) ||
	       has_marks(f);
}

/* As doctest takes an option: by its long and short name, with one dash or two, with its prefix or not. */
#define OPTION(name, use)                                                                          \
	{ "-" name, use == ARG_FILTER, use }, { "--" name, use == ARG_FILTER, use },               \
		{ "-dt-" name, use == ARG_FILTER, use },                                           \
	{                                                                                          \
		"--dt-" name, use == ARG_FILTER, use                                               \
	}
#define OPTIONS(name, short_name, use) OPTION(name, use), OPTION(short_name, use)

/* Tests are numbered behind the filters, so that these stay when a test runs. */
static const struct arg_row arg_rows[] = {
	OPTIONS("source-file", "sf", ARG_FILTER),
	OPTIONS("source-file-exclude", "sfe", ARG_FILTER),
	OPTIONS("test-suite", "ts", ARG_FILTER),
	OPTIONS("test-suite-exclude", "tse", ARG_FILTER),
	OPTIONS("test-case", "tc", ARG_FILTER),
	OPTIONS("test-case-exclude", "tce", ARG_FILTER),
	OPTIONS("subcase", "sc", ARG_KEPT),
	OPTIONS("subcase-exclude", "sce", ARG_KEPT),
	OPTIONS("subcase-filter-levels", "scfl", ARG_KEPT),
	OPTIONS("order-by", "ob", ARG_OURS),
	OPTIONS("rand-seed", "rs", ARG_KEPT),
	OPTIONS("case-sensitive", "cs", ARG_KEPT),
	OPTIONS("no-throw", "nt", ARG_KEPT),
	OPTIONS("no-breaks", "nb", ARG_KEPT),
	OPTIONS("no-colors", "nc", ARG_KEPT),
	{ NULL, false, ARG_KEPT },
};

static const struct own_args own_args = { .rows = arg_rows };

/* --- listing ------------------------------------------------------------------------------ */

struct listing {
	const struct target *target;
	uint32_t target_index;
	struct tests *tests;
	unsigned nrun; /* that are not skipped */
	bool is_list;
};

static char *copy_attr(struct arena *mem, const struct xml_element *e, const char *name)
{
	for (size_t i = 0; i < e->nattrs; i++) {
		if (strcmp(e->attrs[i].name, name) == 0)
			return arena_memdup(mem, e->attrs[i].value, e->attrs[i].len);
	}
	return NULL;
}

static void add_test(struct listing *l, const struct xml_element *e)
{
	struct arena *mem = &l->tests->mem;
	struct test t = test_blank(l->target_index);
	const char *name = copy_attr(mem, e, "name"), *suite = copy_attr(mem, e, "testsuite");
	const char *line = copy_attr(mem, e, "line"), *skipped = copy_attr(mem, e, "skipped");
	char number[16] = "";
	uint64_t value = 0;

	t.name = name ? name : "";
	t.suite = suite ? suite : "";
	t.id = test_make_id(mem, l->target->name, t.suite, *t.name ? t.name : "(no name)");
	t.file = copy_attr(mem, e, "filename");
	if (line && parse_uint(line, UINT32_MAX, &value))
		t.line = (unsigned)value;
	if (skipped && strcmp(skipped, "true") == 0)
		t.skip_reason = "skipped by its decorator (skip)";
	else
		snprintf(number, sizeof number, "%u", ++l->nrun);
	t.selector = arena_strdup(mem, number);
	tests_add(l->tests, &t);
}

static int on_begin(void *ctx, const struct xml_element *e, struct err *reterr)
{
	struct listing *l = ctx;

	(void)reterr;
	if (strcmp(e->name, "doctest") == 0)
		l->is_list = true;
	else if (l->is_list && strcmp(e->name, "TestCase") == 0)
		add_test(l, e);
	return 0;
}

int doctest_list_read(const char *s, size_t len, const char *path, const struct target *t,
		      uint32_t target_index, struct tests *ret, struct err *reterr)
{
	static const struct xml_limits limits = { 16, 64, 1 << 20 };
	struct listing l = { .target = t, .target_index = target_index, .tests = ret };
	const struct xml_sink sink = { .ctx = &l, .begin = on_begin };
	size_t nbefore = ret->ntests;
	struct xml *x = xml_new(path, &sink, &limits);
	int status = x && xml_feed(x, s, len, reterr) == 0 ? xml_finish(x, reterr) : -1;

	if (status == 0 && !l.is_list)
		status = err_set(reterr, ERR_SYNTAX, path, 0, "it has no <doctest>");
	if (status < 0)
		ret->ntests = nbefore;
	xml_free(x);
	return status;
}

static int doctest_list(const struct target *t, uint32_t target_index,
			const struct list_context *ctx, struct tests *ret, struct err *reterr)
{
	struct arena mem = { 0 };
	struct proc_end end = { 0 };
	struct listing_answer answer = { BUF_INIT, BUF_INIT, &end };
	struct buf text = BUF_INIT, out = BUF_INIT, question = BUF_INIT;
	struct err why = { 0 };
	const char *path = fs_join(&mem, ctx->scratch, "doctest-list.xml");
	int status = -1;

	buf_addf(&out, "--dt-out=%s", path);
	buf_addf(&question, "--" LIST_FORMAT, "dt");
	const char *const args[] = {
		question.s, "--dt-reporters=xml", "--dt-no-skip=true", "--dt-order-by=file", out.s,
		NULL
	};
	const struct question q = { .own = &own_args, .args = args };

	(void)unlink(path); /* another program's listing; most often there is none */
	if (listing_ask(t, ctx, &q, &answer, reterr) < 0)
		goto out;
	if (end.is_timeout || end.term_signal || fs_read(path, LIST_MAX_BYTES, &text, &why) < 0)
		status = listing_missing(t, ctx, &answer, reterr);
	else if (doctest_list_read(text.s, text.len, path, t, target_index, ret, &why) < 0)
		status = listing_unreadable(t, &why, reterr);
	else
		status = 0;
	(void)unlink(path);
out:
	listing_answer_release(&answer);
	buf_release(&text);
	buf_release(&out);
	buf_release(&question);
	arena_release(&mem);
	return status;
}

/* --- the process -------------------------------------------------------------------------- */

static uint64_t number_of(const struct test *t)
{
	uint64_t number = 0;

	return parse_uint(t->selector, UINT32_MAX, &number) ? number : 0;
}

/* May each test be named, with nothing beside it selected? */
static bool has_good_names(const struct batch *b)
{
	struct map seen = { 0 };
	bool is_good = b->all != NULL;

	for (size_t i = 0; is_good && i < b->all->ntests; i++) {
		const struct test *t = &b->all->tests[i];
		size_t n = 0;

		if (t->target != b->tests[0]->target)
			continue;
		(void)map_get(&seen, t->name, strlen(t->name), &n);
		map_set(&seen, t->name, strlen(t->name), n + 1);
	}
	for (size_t i = 0; is_good && i < b->ntests; i++) {
		const char *name = b->tests[i]->name;
		size_t n = 0;

		is_good = *name && !name[strcspn(name, ",\\\"*?")] &&
			  map_get(&seen, name, strlen(name), &n) && n == 1;
	}
	map_release(&seen);
	return is_good;
}

/* Tests one behind the other by numbers, others by their names; where these will not do, the process
 * runs only the first few, and what is left is run by the next. */
static void add_choice(const struct batch *b, struct command *c)
{
	uint64_t first = number_of(b->tests[0]);
	struct buf names = BUF_INIT;
	size_t n = 1;

	while (n < b->ntests && number_of(b->tests[n]) == first + n)
		n++;
	buf_addstr(&names, "--dt-test-case=");
	for (size_t i = 0; i < b->ntests; i++)
		buf_addf(&names, "%s%s", i > 0 ? "," : "", b->tests[i]->name);
	/* names of the entry's own and these would be one filter */
	bool has_filters = args_choose(&own_args, b->target);

	if (n < b->ntests && names.len <= NAMES_MAX_BYTES && !has_filters && has_good_names(b)) {
		command_arg(c, "--dt-case-sensitive=true");
		command_arg(c, "%s", names.s);
	} else {
		command_arg(c, "--dt-first=%llu", (unsigned long long)first);
		command_arg(c, "--dt-last=%llu", (unsigned long long)(first + n - 1));
	}
	buf_release(&names);
}

static int doctest_command(const struct batch *b, struct command *ret, struct err *reterr)
{
	static const char *const own[] = { "--dt-reporters=xml", "--dt-duration=true",
					   "--dt-order-by=file", "--dt-no-colors=true" };

	(void)reterr;
	args_begin(ret, &own_args, b->target, ARRAY_SIZE(own) + 4);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		command_arg(ret, "%s", own[i]);
	add_choice(b, ret);
	if (b->wants_report)
		command_arg(ret, "--dt-out=%s", xmlrun_report(b, &ret->mem));
	ret->is_merged = b->ntests > 1;
	return 0;
}

/* --- reading ------------------------------------------------------------------------------ */

static const struct xmlmix_word words[] = {
	{ "?xml", false },
	{ "doctest", false },
	{ "Options", false },
	{ "TestSuite", false },
	{ "TestCase", false },
	{ "SubCase", false },
	{ "OverallResultsAsserts", false },
	{ "OverallResultsTestCases", false },
	{ "Expression", true },
	{ "Message", true },
	{ "Exception", true },
	{ NULL, false },
};

static bool is_true(const char *value)
{
	return value && strcmp(value, "true") == 0;
}

static bool is_called(const struct test *t, const void *what)
{
	const struct xmlmix_tag *tag = what;
	const char *name = xmlmix_attr(tag, "name");

	return xmlrun_is(t, name ? name : "", xmlmix_attr(tag, "filename"),
			 xmlmix_attr(tag, "line"));
}

static void read_expression(struct reader *r, const struct xmlmix_tag *tag)
{
	const char *type = xmlmix_attr(tag, "type");
	struct buf text = BUF_INIT, original = BUF_INIT, part = BUF_INIT;

	xmlmix_text(tag->body, tag->body_len, "Original", &original);
	buf_addf(&text, "%s( %s )", type ? type : "", original.s);
	if (xmlmix_text(tag->body, tag->body_len, "Expanded", &part) &&
	    strcmp(part.s, original.s) != 0)
		buf_addf(&text, ": %s", part.s);
	if (xmlmix_text(tag->body, tag->body_len, "Exception", &part))
		buf_addf(&text, ": threw %s", part.s);
	if (xmlmix_text(tag->body, tag->body_len, "Info", &part))
		buf_addf(&text, "\n  %s", part.s);
	xmlrun_failure(r, xmlmix_attr(tag, "filename"), xmlmix_attr(tag, "line"), &text);
	buf_release(&text);
	buf_release(&original);
	buf_release(&part);
}

static void read_block(struct reader *r, const struct xmlmix_tag *tag)
{
	const char *type = xmlmix_attr(tag, "type");
	struct buf text = BUF_INIT;

	if (xmlmix_is(tag, "Exception")) {
		r->is_fatal = r->is_fatal || is_true(xmlmix_attr(tag, "crash"));
		xmlmix_text(tag->body, tag->body_len, NULL, &text);
		xmlrun_failure(r, NULL, NULL, &text);
	} else if (xmlmix_is(tag, "Message") && type && strcmp(type, "WARNING") != 0) {
		xmlmix_text(tag->body, tag->body_len, "Text", &text);
		xmlrun_failure(r, xmlmix_attr(tag, "filename"), xmlmix_attr(tag, "line"), &text);
	} else if (xmlmix_is(tag, "Expression") && type && strncmp(type, "WARN", 4) != 0 &&
		   !is_true(xmlmix_attr(tag, "success"))) {
		read_expression(r, tag);
	}
	buf_release(&text);
}

/* Why doctest calls it failed although no assertion says so, or despite of those that do. */
static void explain(struct reader *r, const struct xmlmix_tag *tag)
{
	const char *expected = xmlmix_attr(tag, "expected_failures");
	struct buf text = BUF_INIT;

	if (expected)
		buf_addf(&text, "%s failures instead of the expected %s",
			 xmlmix_attr(tag, "failures"), expected);
	else if (r->where.len > 0)
		buf_add(&text, r->where.s, r->where.len);
	if (text.len > 0) {
		buf_clear(&r->message);
		xmlrun_say(r, text.s);
	} else if (r->nfailures == 0) {
		xmlrun_say(r, "took longer than its time limit, or failed without an assertion");
	}
	buf_release(&text);
}

static void doctest_tag(struct reader *r, const struct xmlmix_tag *tag)
{
	if (xmlmix_is(tag, "TestCase") && !tag->is_empty) {
		xmlrun_begin(r, xmlrun_find(r, is_called, tag));
		buf_clear(&r->where);
		if (is_true(xmlmix_attr(tag, "should_fail")))
			buf_addstr(&r->where, "was to fail (should_fail) and did not");
	} else if (!r->is_inside || tag->is_end) {
		; /* a test that was not asked for, a total, the end of a suite */
	} else if (xmlmix_is(tag, "OverallResultsAsserts")) {
		r->time_us = xmlrun_time(xmlmix_attr(tag, "duration"));
		r->outcome = is_true(xmlmix_attr(tag, "test_case_success")) ? OUTCOME_PASS
									    : OUTCOME_FAIL;
		if (outcome_is_bad(r->outcome))
			explain(r, tag);
	} else if (tag->body) {
		read_block(r, tag);
	}
}

static void doctest_judge(struct reader *r)
{
	(void)r;
}

static const struct xmlrun_dialect dialect = {
	.words = words,
	.indent = 2,
	.root = { "doctest" },
	.last_words = "OverallResultsAsserts",
	.tag = doctest_tag,
	.judge = doctest_judge,
};

static struct reader *doctest_reader_new(const struct batch *b, const struct case_sink *sink)
{
	return xmlrun_new(&dialect, b, sink);
}

/* --- for others --------------------------------------------------------------------------- */

static int doctest_entry(const struct test *t, const struct tests *all,
			 const struct entry_style *style, struct arena *mem, struct entry *ret,
			 struct err *reterr)
{
	unsigned long long number = number_of(t);

	(void)all, (void)style, (void)reterr;
	*ret = (struct entry){ .name = *t->name ? t->name : "(no name)",
			       .is_disabled = t->skip_reason != NULL };
	ret->plain_name = ret->name;
	/* a skipped one has no number; ctest does not start it */
	entry_arg(ret, mem, "--dt-first=%llu", number);
	entry_arg(ret, mem, "--dt-last=%llu", number);
	return 0;
}

const struct adapter adapter_doctest = {
	.name = "doctest",
	.probe = doctest_probe,
	.list = doctest_list,
	.runs_to_list = true,
	/* each name is compared with each test of the program */
	.max_batch = 1024,
	.own_args = &own_args,
	.entry = doctest_entry,
	.command = doctest_command,
	.reader_new = doctest_reader_new,
	.read = xmlrun_read,
	.finish = xmlrun_finish,
};
