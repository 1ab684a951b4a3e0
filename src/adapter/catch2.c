/* SPDX-License-Identifier: MIT
 *
 * Catch2 v2 and v3: many test cases to a process, which prints `-r xml`.  Sections and generators
 * run inside of their test case.
 *
 *   <TestCase name="sections" tags="[fast]" filename="c.cc" line="19">
 *     <Section name="b" filename="c.cc" line="19">
 *       <Expression success="false" type="CHECK" filename="c.cc" line="19">
 *         <Original> f() == 3 </Original> <Expanded> 2 == 3 </Expanded>
 *       </Expression>
 *     </Section>
 *     <OverallResult success="false" durationInSeconds="0.0001"> <StdErr> ... </StdErr>
 *     </OverallResult>
 *   </TestCase>
 */
#include "adapter/catch2.h"

#include "adapter/adapter_args.h"
#include "adapter/adapter_ask.h"
#include "adapter/adapter_xmlrun.h"
#include "base/err.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/outfile.h"

/* The text of Catch2's own help, put together so that it is not in us. */
static bool has_marks(struct elf_file *f)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "report name and version according to %s standard", "libidentify");
	bool has = elf_file_has_bytes(f, text.s, text.len);

	buf_release(&text);
	return has;
}

static bool catch2_probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	if (!f || elf_file_kind(f) != ELF_KIND_PROGRAM)
		return false;
	return elf_file_needs(f, "libCatch2") ||
	       elf_file_has_symbol_prefix(f, "_ZN5Catch7Session", ELF_SYMBOL_UNDEFINED) ||
	       has_marks(f);
}

/* v2's and v3's.  An option that is given twice is an error. */
static const struct arg_row arg_rows[] = {
	{ "--order", true, ARG_OURS },
	{ "--rng-seed", true, ARG_KEPT },
	{ "-f", true, ARG_CHOICE },
	{ "--input-file", true, ARG_CHOICE },
	{ "-c", true, ARG_KEPT },
	{ "--section", true, ARG_KEPT },
	{ "-e", false, ARG_KEPT },
	{ "--nothrow", false, ARG_KEPT },
	{ "-w", true, ARG_KEPT },
	{ "--warn", true, ARG_KEPT },
	{ "-#", false, ARG_KEPT },
	{ "--filenames-as-tags", false, ARG_KEPT },
	{ "--skip-benchmarks", false, ARG_KEPT },
	{ "--benchmark-samples", true, ARG_KEPT },
	{ "--benchmark-resamples", true, ARG_KEPT },
	{ "--benchmark-confidence-interval", true, ARG_KEPT },
	{ "--benchmark-no-analysis", false, ARG_KEPT },
	{ "--benchmark-warmup-time", true, ARG_KEPT },
	{ "--allow-running-no-tests", false, ARG_KEPT },
	{ NULL, false, ARG_KEPT },
};

const struct own_args catch2_args = {
	.rows = arg_rows,
	.are_words_choices = true,
	.patterns = "[],*~",
};

/* --- the process -------------------------------------------------------------------------- */

void catch2_add_spec(struct buf *out, const char *name)
{
	buf_addch(out, '"');
	for (; *name; name++) {
		if (strchr(",[]\"\\", *name))
			buf_addch(out, '\\');
		buf_addch(out, *name);
	}
	buf_addch(out, '"');
}

static int add_specs(const struct batch *b, struct command *c, struct err *reterr)
{
	struct buf text = BUF_INIT;
	int status = 0;

	for (size_t i = 0; i < b->ntests; i++) {
		catch2_add_spec(&text, b->tests[i]->selector);
		if (b->ntests > 1)
			buf_addch(&text, '\n');
	}
	if (b->ntests == 1) {
		command_arg(c, "%s", text.s);
	} else {
		const char *path = fs_join(&c->mem, b->scratch, "catch2.tests");

		status = outfile_write(path, text.s, text.len, reterr);
		command_arg(c, "-f");
		command_arg(c, "%s", path);
	}
	buf_release(&text);
	return status;
}

static int catch2_command(const struct batch *b, struct command *ret, struct err *reterr)
{
	static const char *const own[] = { "-r", "xml", "-d", "yes", "--order", "decl" };
	const struct target *t = b->target;

	args_begin(ret, &catch2_args, t, ARRAY_SIZE(own) + 6);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		command_arg(ret, "%s", own[i]);
	if (b->wants_report) {
		command_arg(ret, "-o");
		command_arg(ret, "%s", xmlrun_report(b, &ret->mem));
	}
	ret->is_merged = b->ntests > 1;
	bool is_all = xmlrun_is_everything(b) && !args_choose(&catch2_args, t);

	return is_all ? 0 : add_specs(b, ret, reterr);
}

/* --- reading ------------------------------------------------------------------------------ */

static const struct xmlmix_word words[] = {
	{ "?xml", false },
	{ "Catch", false },
	{ "Catch2TestRun", false },
	{ "Group", false },
	{ "TestCase", false },
	{ "Section", false },
	{ "OverallResults", false },
	{ "OverallResultsCases", false },
	{ "OverallResult", false },
	{ "Expression", true },
	{ "Failure", true },
	{ "Exception", true },
	{ "FatalErrorCondition", true },
	{ "Skip", true },
	{ "Info", true },
	{ "Warning", true },
	{ "StdOut", true },
	{ "StdErr", true },
	{ "BenchmarkResults", true },
	{ "Randomness", false },
	{ NULL, false },
};

static bool is_called(const struct test *t, const void *what)
{
	const struct xmlmix_tag *tag = what;

	return xmlrun_is(t, xmlmix_attr(tag, "name"), xmlmix_attr(tag, "filename"),
			 xmlmix_attr(tag, "line"));
}

/* "CHECK( f() == 3 ): 2 == 3", and why it is worse than that. */
static void read_expression(struct reader *r, const struct xmlmix_tag *tag)
{
	static const char *const worse[] = { "Exception", "FatalErrorCondition" };
	const char *type = xmlmix_attr(tag, "type");
	struct buf text = BUF_INIT, original = BUF_INIT, part = BUF_INIT;

	xmlmix_text(tag->body, tag->body_len, "Original", &original);
	if (type && *type)
		buf_addf(&text, "%s( %s )", type, original.s);
	xmlmix_text(tag->body, tag->body_len, "Expanded", &part);
	if (type && *type && part.len > 0 && strcmp(part.s, original.s) != 0)
		buf_addf(&text, ": %s", part.s);
	for (size_t i = 0; i < ARRAY_SIZE(worse); i++) {
		if (!xmlmix_text(tag->body, tag->body_len, worse[i], &part))
			continue;
		r->is_fatal = r->is_fatal || i == 1;
		buf_addf(&text, "%s%s", text.len > 0 ? ": " : "", part.s);
	}
	buf_add(&text, r->where.s, r->where.len);
	xmlrun_failure(r, xmlmix_attr(tag, "filename"), xmlmix_attr(tag, "line"), &text);
	buf_clear(&r->where);
	buf_release(&text);
	buf_release(&original);
	buf_release(&part);
}

static void read_block(struct reader *r, const struct xmlmix_tag *tag)
{
	struct buf text = BUF_INIT;

	xmlmix_text(tag->body, tag->body_len, NULL, &text);
	if (xmlmix_is(tag, "StdOut") || xmlmix_is(tag, "StdErr")) {
		buf_addch(&text, '\n');
		xmlrun_output(r, xmlmix_is(tag, "StdErr"), text.s, text.len);
	} else if (xmlmix_is(tag, "Info") || xmlmix_is(tag, "Warning")) {
		/* said before the assertion that it belongs to */
		if (r->where.len < 1 << 16)
			buf_addf(&r->where, "\n  %s", text.s);
	} else if (xmlmix_is(tag, "Skip")) {
		xmlrun_say(r, text.s);
		buf_clear(&r->where);
	} else if (!xmlmix_is(tag, "BenchmarkResults")) {
		r->is_fatal = r->is_fatal || xmlmix_is(tag, "FatalErrorCondition");
		buf_add(&text, r->where.s, r->where.len);
		xmlrun_failure(r, xmlmix_attr(tag, "filename"), xmlmix_attr(tag, "line"), &text);
		buf_clear(&r->where);
	}
	buf_release(&text);
}

static void catch2_tag(struct reader *r, const struct xmlmix_tag *tag)
{
	if (xmlmix_is(tag, "TestCase")) {
		xmlrun_begin(r, xmlrun_find(r, is_called, tag));
		buf_clear(&r->where);
	} else if (!r->is_inside || tag->is_end) {
		; /* a total, the end of a section */
	} else if (xmlmix_is(tag, "OverallResult")) {
		const char *success = xmlmix_attr(tag, "success");
		const char *skips = xmlmix_attr(tag, "skips");

		r->time_us = xmlrun_time(xmlmix_attr(tag, "durationInSeconds"));
		r->is_skipped = skips && strcmp(skips, "0") != 0;
		r->outcome = !success || strcmp(success, "true") != 0 ? OUTCOME_FAIL
			     : r->is_skipped                          ? OUTCOME_SKIP
								      : OUTCOME_PASS;
	} else if (xmlmix_is(tag, "Expression")) {
		const char *success = xmlmix_attr(tag, "success");

		if (success && strcmp(success, "false") == 0 && tag->body)
			read_expression(r, tag);
	} else if (tag->body) {
		read_block(r, tag);
	}
}

static void catch2_judge(struct reader *r)
{
	if (outcome_is_bad(r->outcome) && r->nfailures == 0) {
		buf_clear(&r->message);
		xmlrun_say(r, "was to fail ([!shouldfail]) and did not, or had no assertion");
	}
}

static const struct xmlrun_dialect dialect = {
	.words = words,
	.indent = 2,
	.root = { "Catch", "Catch2TestRun" },
	.last_words = "OverallResult",
	.tag = catch2_tag,
	.judge = catch2_judge,
	.content_code = 4, /* v3: all were skipped */
};

static struct reader *catch2_reader_new(const struct batch *b, const struct case_sink *sink)
{
	return xmlrun_new(&dialect, b, sink);
}

/* --- for others --------------------------------------------------------------------------- */

/* ctest sees a skip only by what is printed: of one test, all of it was skipped. */
static int catch2_entry(const struct test *t, const struct tests *all,
			const struct entry_style *style, struct arena *mem, struct entry *ret,
			struct err *reterr)
{
	struct buf spec = BUF_INIT;

	(void)all, (void)style, (void)reterr;
	*ret = (struct entry){ .name = t->name,
			       .plain_name = t->name,
			       .skip_regex = "test cases: 1 [|] 1 skipped",
			       .is_disabled = t->skip_reason != NULL };
	catch2_add_spec(&spec, t->selector);
	entry_arg(ret, mem, "%s", spec.s);
	buf_release(&spec);
	return 0;
}

const struct adapter adapter_catch2 = {
	.name = "catch2",
	.probe = catch2_probe,
	.list = catch2_list,
	.runs_to_list = true,
	/* each name is compared with each test of the program */
	.max_batch = 1024,
	.own_args = &catch2_args,
	.entry = catch2_entry,
	.command = catch2_command,
	.reader_new = catch2_reader_new,
	.read = xmlrun_read,
	.finish = xmlrun_finish,
};
