/* SPDX-License-Identifier: MIT
 *
 * GoogleTest: many cases per process.  A process is told the exact names; everything in the
 * environment that would change which tests run, or what is printed of them, is made neutral.
 */
#include "adapter/gtest.h"

#include <unistd.h>

#include "base/err.h"
#include "format/elf.h"
#include "sys/fs.h"
#include "sys/outfile.h"

/* Longer filters go through a file: one argument may have 131,071 bytes. */
enum { FILTER_ARG_MAX_BYTES = 100 * 1000 };

/*
 * GoogleTest's own text, that no other program has a reason to carry: ours neither, so it is put
 * together here.  Static programs have it even when stripped; those with a shared libgtest need
 * the library.
 */
static bool has_marks(struct elf_file *f)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s (%s)", "auxiliary test code", "environments or event listeners");
	bool has = elf_file_has_bytes(f, text.s, text.len) &&
		   elf_file_has_bytes(f, "gtest_list_tests", strlen("gtest_list_tests"));

	buf_release(&text);
	return has;
}

static bool gtest_probe(const struct candidate *c)
{
	struct elf_file *f = (struct elf_file *)c->elf; /* asking reads on in the file */

	if (!f || elf_file_kind(f) != ELF_KIND_PROGRAM)
		return false;
	if (elf_file_needs(f, "libgtest.so") || elf_file_needs(f, "libgtest_main.so") ||
	    elf_file_needs(f, "libgtestd.so"))
		return true;
	/* part of a shared library of another name (libgmock, a project's own) */
	return elf_file_has_symbol_prefix(f, "_ZN7testing14InitGoogleTestE",
					  ELF_SYMBOL_UNDEFINED) ||
	       has_marks(f);
}

const char *gtest_own_flag(const struct target *t, const char *name)
{
	size_t len = strlen(name);
	const char *value = NULL;

	for (size_t i = 1; i < t->nargv; i++) {
		const char *arg = t->argv[i];

		if (strncmp(arg, "--gtest_", 8) == 0)
			arg += 8;
		else if (strncmp(arg, "-gtest_", 7) == 0)
			arg += 7;
		else
			continue;
		if (strncmp(arg, name, len) == 0 && (arg[len] == '=' || arg[len] == '\0'))
			value = arg[len] == '=' ? arg + len + 1 : "1";
	}
	return value;
}

static bool begins_disabled(const char *s)
{
	static const char word[] = "DISABLED_";

	return strncmp(s, word, sizeof word - 1) == 0 || strstr(s, "/DISABLED_") != NULL;
}

bool gtest_is_disabled(const char *suite, const char *name)
{
	return begins_disabled(suite) || begins_disabled(name);
}

const char *gtest_neutral(const char *var)
{
	static const struct {
		const char *name, *value;
	} vars[] = {
		{ "GTEST_ALSO_RUN_DISABLED_TESTS", "0" },
		{ "GTEST_BREAK_ON_FAILURE", "0" },
		{ "GTEST_BRIEF", "0" },
		{ "GTEST_COLOR", "no" },
		{ "GTEST_FAIL_FAST", "0" },
		{ "GTEST_FILTER", "*" },
		{ "GTEST_LIST_TESTS", "0" },
		{ "GTEST_OUTPUT", "" },
		{ "GTEST_PRINT_TIME", "1" },
		{ "GTEST_REPEAT", "1" },
		{ "GTEST_SHARD_INDEX", "0" },
		{ "GTEST_SHARD_STATUS_FILE", "" },
		{ "GTEST_SHUFFLE", "0" },
		{ "GTEST_STREAM_RESULT_TO", "" },
		{ "GTEST_THROW_ON_FAILURE", "0" },
		{ "GTEST_TOTAL_SHARDS", "1" },
		{ "TESTBRIDGE_TEST_ONLY", "*" },
		{ "TESTBRIDGE_TEST_RUNNER_FAIL_FAST", "0" },
		{ "XML_OUTPUT_FILE", "" },
	};
	size_t len = strcspn(var, "=");

	for (size_t i = 0; i < ARRAY_SIZE(vars); i++) {
		if (strlen(vars[i].name) == len && strncmp(vars[i].name, var, len) == 0)
			return vars[i].value;
	}
	return NULL;
}

/* --- the process -------------------------------------------------------------------------- */

static void add_env(struct command *c, const char *name, size_t len, const char *value)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < c->nenv; i++) {
		if (strncmp(c->env[i], name, len) == 0 && c->env[i][len] == '=')
			return;
	}
	buf_add(&b, name, len);
	buf_addf(&b, "=%s", value);
	c->env[c->nenv++] = arena_memdup(&c->mem, b.s, b.len);
	buf_release(&b);
}

/*
 * What would change the run is set back, where it is set at all: tests see no more of us than they
 * must.  An XML_OUTPUT_FILE counts only where GTEST_OUTPUT is not set.
 */
static void neutralise(const struct target *t, struct command *c)
{
	size_t n = 0;

	while (environ[n])
		n++;
	c->env = arena_alloc(&c->mem, n + t->nenv + t->nenv_mods + 2, sizeof *c->env);
	for (size_t i = 0; i < n + t->nenv + t->nenv_mods; i++) {
		const char *var = i < n             ? environ[i]
				  : i < n + t->nenv ? t->env[i - n]
						    : t->env_mods[i - n - t->nenv];
		const char *value = gtest_neutral(var);

		if (value && strncmp(var, "XML_OUTPUT_FILE=", 16) == 0)
			add_env(c, "GTEST_OUTPUT", 12, "");
		else if (value)
			add_env(c, var, strcspn(var, "="), value);
	}
}

static bool asks_for_disabled(const struct batch *b)
{
	for (size_t i = 0; i < b->ntests; i++) {
		if (gtest_is_disabled(b->tests[i]->suite, b->tests[i]->name))
			return true;
	}
	return false;
}

static void add_arg(struct command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add_arg(struct command *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addvf(&b, fmt, ap);
	va_end(ap);
	c->argv[c->nargv++] = arena_memdup(&c->mem, b.s, b.len);
	buf_release(&b);
}

static int add_filter_arg(const struct batch *b, struct command *c, struct err *reterr)
{
	struct buf filter = BUF_INIT;
	int ret = 0;

	buf_addstr(&filter, "--gtest_filter=");
	gtest_add_filter(&filter, b, asks_for_disabled(b));
	if (filter.len <= FILTER_ARG_MAX_BYTES) {
		add_arg(c, "%s", filter.s);
	} else {
		const char *path = fs_join(&c->mem, b->scratch, GTEST_FLAGS);

		ret = outfile_write(path, filter.s, filter.len, reterr);
		add_arg(c, "--gtest_flagfile=%s", path);
	}
	buf_release(&filter);
	return ret;
}

/*
 * Only flags that every GoogleTest since 1.8 has: an unknown one makes it print its help and exit
 * 0.  Ours come last, and the last one counts.
 */
static int gtest_command(const struct batch *b, struct command *ret, struct err *reterr)
{
	const struct target *t = b->target;
	const char *premature = fs_join(&ret->mem, b->scratch, GTEST_PREMATURE);

	ret->argv = arena_alloc(&ret->mem, t->nargv + 8, sizeof *ret->argv);
	for (size_t i = 0; i < t->nargv; i++)
		ret->argv[ret->nargv++] = t->argv[i];
	if (add_filter_arg(b, ret, reterr) < 0)
		return -1;
	add_arg(ret, "--gtest_color=no");
	if (asks_for_disabled(b))
		add_arg(ret, "--gtest_also_run_disabled_tests");
	if (gtest_own_flag(t, "brief"))
		add_arg(ret, "--gtest_brief=0");
	if (b->wants_report) {
		ret->report_path = fs_join(&ret->mem, b->scratch, GTEST_REPORT);
		(void)unlink(ret->report_path); /* an earlier process's; most often there is none */
		add_arg(ret, "--gtest_output=json:%s", ret->report_path);
	}
	neutralise(t, ret);
	(void)unlink(premature);
	add_env(ret, "TEST_PREMATURE_EXIT_FILE", 24, premature);
	ret->is_merged = b->ntests > 1;
	return 0;
}

const struct adapter adapter_gtest = {
	.name = "gtest",
	.probe = gtest_probe,
	.list = gtest_list,
	.runs_to_list = true,
	/* a process with a filter by name costs the square of their number: gtest_filter.c */
	.max_batch = 8192,
	.entry = gtest_entry,
	.command = gtest_command,
	.reader_new = gtest_reader_new,
	.read = gtest_read,
	.finish = gtest_finish,
};
