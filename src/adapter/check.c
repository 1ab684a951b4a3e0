/* SPDX-License-Identifier: MIT
 *
 * libcheck programs.  With gangway's guest in them (src/guest) a process runs what tests it is
 * given.  As they are, Check selects no finer than a TCase (CK_RUN_SUITE and CK_RUN_CASE), so a
 * process runs one TCase, and tests in it that nobody asked for run too and are not reported.  Verdicts come from Check's XML, written through the report pipe test by test.
 */
#include "adapter/check.h"

#include "base/err.h"
#include "base/parse.h"
#include "base/quote.h"
#include "format/elf.h"

enum { REPORT_FD = 7, MAX_FIELD_BYTES = 1 << 20 };

/* --- recognising ------------------------------------------------------------------------ */

/* Does a stripped program hold libcheck?  The mark is put together here, or gangway itself would
 * hold it. */
static bool has_marks(struct elf_file *f)
{
	struct buf stylesheet = BUF_INIT;
	struct buf variable = BUF_INIT;

	buf_addf(&stylesheet, "%s_unittest.%s", "check", "xslt");
	buf_addf(&variable, "CK_%s_%s", "INCLUDE", "TAGS");
	bool ret = elf_file_has_bytes(f, stylesheet.s, stylesheet.len) &&
		   elf_file_has_bytes(f, variable.s, variable.len + 1);

	buf_release(&stylesheet);
	buf_release(&variable);
	return ret;
}

static bool probe(const struct candidate *c)
{
	/* questions fill a cache in the file: the const of the candidate is about its fields */
	struct elf_file *f = (struct elf_file *)c->elf;

	if (f == NULL || elf_file_kind(f) != ELF_KIND_PROGRAM)
		return false;
	return check_guest_is_in(f) ||
	       elf_file_has_symbol_prefix(f, "srunner_run", ELF_SYMBOL_ANY) || has_marks(f);
}

/* --- selectors -------------------------------------------------------------------------- */

static const char *const ways[] = {
	[CHECK_BY_TCASE] = "tcase", [CHECK_BY_GUEST] = "guest", [CHECK_BY_PRELOAD] = "preload"
};

void check_selector_format(const struct check_selector *s, struct buf *out)
{
	const char *const names[] = { s->suite, s->tcase, s->name };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		quote_tsv(out, names[i], strlen(names[i]));
		buf_addch(out, '\t');
	}
	buf_addf(out, "%llu\t%llu\t%llu\t%s\t%s", (unsigned long long)s->iteration,
		 (unsigned long long)s->occurrence, (unsigned long long)s->ordinal,
		 s->wants_log ? "log" : "xml", ways[s->way]);
}

bool check_selector_parse(const char *selector, struct arena *mem, struct check_selector *ret)
{
	char *rest = arena_strdup(mem, selector);
	char *fields[8];

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		fields[i] = strsep(&rest, "\t");
		if (fields[i] == NULL || (i < 3 && quote_tsv_undo(fields[i]) < 0))
			return false;
	}
	for (ret->way = CHECK_BY_TCASE; strcmp(ways[ret->way], fields[7]) != 0; ret->way++) {
		if (ret->way == CHECK_BY_PRELOAD)
			return false;
	}
	ret->suite = fields[0];
	ret->tcase = fields[1];
	ret->name = fields[2];
	ret->wants_log = strcmp(fields[6], "log") == 0;
	return rest == NULL && parse_uint(fields[3], UINT64_MAX, &ret->iteration) &&
	       parse_uint(fields[4], UINT64_MAX, &ret->occurrence) &&
	       parse_uint(fields[5], UINT64_MAX, &ret->ordinal);
}

/* The selector's field `i` and what is behind it. */
static const char *field_of(const char *selector, size_t i)
{
	for (; selector && i > 0; i--) {
		selector = strchr(selector, '\t');
		selector = selector ? selector + 1 : NULL;
	}
	return selector ? selector : "";
}

/* A process runs a whole TCase: the same suite and the same TCase. */
static bool must_join(const struct test *a, const struct test *b)
{
	const char *end = field_of(a->selector, 2);

	return strcmp(field_of(a->selector, 7), ways[CHECK_BY_TCASE]) == 0 &&
	       strncmp(a->selector, b->selector, (size_t)(end - a->selector)) == 0;
}

/* Beside that, any two that are told in the same way and report in the same way. */
static bool may_join(const struct test *a, const struct test *b)
{
	const char *report = field_of(a->selector, 6);

	return must_join(a, b) || (*report && strcmp(report, field_of(b->selector, 6)) == 0 &&
				   strcmp(field_of(report, 1), ways[CHECK_BY_TCASE]) != 0);
}

/* Without a fork nobody outlives a signal, an exit or a loop without an end. */
static bool may_try(const struct test *t)
{
	static const char *const needs[] = { "check_exit", "check_signal", "check_timeout" };

	for (size_t i = 0; i < t->nprops; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(needs); k++) {
			if (strcmp(t->props[i].key, needs[k]) == 0)
				return false;
		}
	}
	return *t->selector && !must_join(t, t) && t->timeout_us == TIME_UNKNOWN;
}

/* --- starting --------------------------------------------------------------------------- */

bool check_wants_log(const struct batch *b)
{
	struct arena mem = { 0 };
	struct check_selector s = { 0 };
	bool ret = b->wants_report;

	if (!ret && check_selector_parse(b->tests[0]->selector, &mem, &s))
		ret = s.wants_log;
	arena_release(&mem);
	return ret;
}

void check_add_env(struct command *c, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s=%s", name, value);
	c->env[c->nenv++] = arena_strdup(&c->mem, b.s);
	buf_release(&b);
}

/* In one process Check cannot stop a test. */
static bool may_fork(const struct target *t)
{
	static const char name[] = "CK_FORK=";
	const char *mode = getenv("CK_FORK");

	for (size_t i = 0; i < t->nenv; i++) {
		if (strncmp(t->env[i], name, strlen(name)) == 0)
			mode = t->env[i] + strlen(name);
	}
	return !mode || strcmp(mode, "no") != 0;
}

static int command(const struct batch *b, struct command *ret, struct err *reterr)
{
	enum { MAX_ENV = 12 };
	const struct target *t = b->target;
	const char *selector = b->tests[0]->selector;
	struct check_selector s = { 0 };
	bool wants_log = check_wants_log(b);
	char report[32];

	snprintf(report, sizeof report, "/dev/fd/%d", REPORT_FD);
	ret->argv = arena_strings(&ret->mem, t->argv, t->nargv);
	ret->nargv = t->nargv;
	ret->env = arena_alloc(&ret->mem, MAX_ENV, sizeof *ret->env);
	if (*selector && !check_selector_parse(selector, &ret->mem, &s))
		return err_set(reterr, ERR_SYNTAX, NULL, 0,
			       "'%s' has a selector that is none of Check's: '%s'", b->tests[0]->id,
			       selector);
	if (*selector && s.way != CHECK_BY_TCASE) {
		if (check_guest_run(b, s.way, ret, reterr) < 0)
			return -1;
	} else if (*selector) {
		check_add_env(ret, "CK_RUN_SUITE", s.suite);
		check_add_env(ret, "CK_RUN_CASE", s.tcase);
	}
	check_add_env(ret, wants_log ? "CK_LOG_FILE_NAME" : "CK_XML_LOG_FILE_NAME", report);
	/* only what is printed shows a failed unchecked fixture */
	check_add_env(ret, "CK_VERBOSITY", wants_log ? "normal" : "silent");
	ret->report_fd = REPORT_FD;
	if (b->is_trial)
		check_add_env(ret, "CK_FORK", "no");
	ret->is_timeless = !b->is_trial && may_fork(t);
	return 0;
}

const struct adapter adapter_check = {
	.name = "check",
	.probe = probe,
	.list = check_list,
	.runs_to_list = true,
	.max_batch = SIZE_MAX,
	.entry = check_entry,
	.may_join = may_join,
	.must_join = must_join,
	.may_try = may_try,
	.serve = check_guest_serve,
	.command = command,
	.reader_new = check_reader_new,
	.read = check_read,
	.finish = check_finish,
};
